"""A corpus of any kind, read in any way: the same ids in memory, from the text, and from a file."""

from __future__ import annotations

import gzip
import io
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import CorpusError, Word2Vec
from fastw2v.corpus import Reading, stream
from fastw2v.prepare import Choice, Corpus, count, prepare
from tests.test_word2vec import corpus

CHOICE = Choice(min_count=2)
TEXT = "\n".join(
    " ".join(sentence) + (". The End 7" if number % 3 else "\n") + " Café" * (number % 5 == 0)
    for number, sentence in enumerate(corpus(60))
)
TOTALS = ("n_ids", "longest", "n_bytes", "n_lines", "n_sentences", "n_corpus", "n_invalid", "n_oov")
READINGS = [
    Reading(),
    Reading("words"),
    Reading("text8", sentence_split=7),
    Reading(lowercase=True, sentence_split="punctuation"),
    Reading(sentence_split="paragraph", errors="replace"),
    Reading(sentence_split=5),
    Reading(sentence_split=1000),
    Reading(errors="skip"),
    Reading(str.split, lowercase=True),
]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several blocks of text in every file."""
    monkeypatch.setattr(stream.EncodedBlocks.__init__, "__kwdefaults__", {"block_size": 500})


def ids_of(source: Any) -> list[int]:
    reader = source.open()
    values: list[int] = reader.view(0, source.n_ids).tolist()
    reader.finish()
    reader.close()
    return values


def compare(given: Corpus, *, cache: Path | None = None, workers: int = 2, **more: Any) -> None:
    """Compare all ways to prepare a corpus."""
    plain = prepare(given, CHOICE, workers=workers, memory="ram", **more)
    ways: list[dict[str, Any]] = [{"memory": "bounded"}]
    if cache is not None:
        places = [{"cache_dir": cache / memory, "memory": memory} for memory in ("ram", "bounded")]
        ways += [place for place in places for _ in range(2)]
    for way in ways:
        found = prepare(given, CHOICE, workers=workers, **way, **more)
        for _ in range(2):
            assert ids_of(found.source) == ids_of(plain.source), way
        assert list(found.vocabulary.keys) == list(plain.vocabulary.keys)
        assert found.vocabulary.counts.tolist() == plain.vocabulary.counts.tolist()
        for name in TOTALS:
            assert getattr(found.source, name) == getattr(plain.source, name), (way, name)


@pytest.mark.parametrize("bad", [False, True])
@pytest.mark.parametrize("reading", READINGS)
def test_every_reading(tmp_path: Path, reading: Reading, bad: bool) -> None:
    if bad and reading.errors == "strict":
        pytest.skip("strict reading refuses it")
    data = TEXT.encode()
    if bad:
        data = data.replace("Café".encode(), b"Caf\xe9")
    (tmp_path / "1").write_bytes(data)
    (tmp_path / "2.gz").write_bytes(gzip.compress(data[: len(data) // 3]))
    given = Corpus([tmp_path / "1", tmp_path / "2.gz"], reading=reading)
    cache = None if callable(reading.tokenizer) else tmp_path / "cache"
    for workers in (1, 3):
        compare(given, cache=cache, workers=workers)
    known = count(given, CHOICE, workers=1)
    for name in ("more", "less"):
        words = list(known.keys)
        other = type(known)(words[1:], known.counts[1:]) if name == "less" else known
        compare(given, cache=cache and cache / name, vocabulary=other)


def arrow_file(path: Path, table: Any) -> Path:
    import pyarrow.parquet

    pyarrow.parquet.write_table(table, path)
    return path


def files() -> dict[str, Callable[[Path], Path]]:
    rng = np.random.default_rng(2)
    walks = rng.integers(-20, 20, (50, 6)).tolist()

    def lines(values: list[Any]) -> bytes:
        return b"".join(json.dumps({"text": value}).encode() + b"\n" for value in values)

    def put(name: str, data: bytes) -> Callable[[Path], Path]:
        def write(folder: Path) -> Path:
            (folder / name).write_bytes(data)
            return folder / name

        return write

    return {
        "xz": put("text.xz", lzma.compress(TEXT.encode())),
        "texts in JSON": put("texts.jsonl", lines(TEXT.split("\n\n"))),
        "words in JSON": put("words.jsonl.gz", gzip.compress(lines(corpus(60)))),
        "numbers in JSON": put("walks.jsonl", lines(walks)),
    }


@pytest.mark.parametrize("name", files())
def test_every_kind_of_file(tmp_path: Path, name: str) -> None:
    path = files()[name](tmp_path)
    compare(Corpus([path]), cache=tmp_path / "cache")
    keys = prepare(Corpus([path]), CHOICE, workers=1, cache_dir=tmp_path / "cache").vocabulary.keys
    assert {type(key) for key in keys} == {int if name == "numbers in JSON" else str}


def test_parquet(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    (tmp_path / "folder").mkdir()
    arrow_file(tmp_path / "folder" / "a.parquet", pa.table({"text": corpus(40)}))
    arrow_file(tmp_path / "folder" / "b.parquet", pa.table({"text": corpus(60)}))
    compare(Corpus([tmp_path / "folder"]), cache=tmp_path / "cache")
    compare(Corpus(None, pa.table({"text": TEXT.split("\n\n")}), Reading("words")))


def test_python_objects() -> None:
    rng = np.random.default_rng(3)
    walks = rng.integers(0, 30, (80, 7))
    compare(Corpus(None, walks))
    compare(Corpus(None, (np.array([0, 3, 3, 560]), walks.reshape(-1))))
    compare(Corpus(None, corpus(60)))
    compare(Corpus(None, TEXT.split("\n"), Reading("words")))
    compare(Corpus(None, TEXT.split("\n"), Reading(str.split)))


def test_what_cannot_be_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(b"a b c\n")

    monkeypatch.setattr("sys.stdin", Stdin)
    options = {"min_count": 1, "vector_size": 4, "workers": 1}
    for where in ({"memory": "bounded"}, {"cache_dir": tmp_path}):
        with pytest.raises(ValueError, match=r"standard input: memory='bounded' .* read the text"):
            Word2Vec(corpus_file="-", **where, **options)
        with pytest.raises(ValueError, match="an open file"):
            Word2Vec(corpus_file=io.BytesIO(b"a b c\n"), **where, **options)
    assert list(Word2Vec(corpus_file="-", **options).wv.key_to_index) == ["c", "b", "a"]
    with pytest.raises(ValueError, match="list_iterator can be read only once"):
        Word2Vec(iter([["a", "b"]]), memory="bounded", **options)
    with pytest.raises(ValueError, match="cache_dir and a function as tokenizer"):
        path = tmp_path / "text"
        path.write_text("a b\n")
        Word2Vec(corpus_file=path, cache_dir=tmp_path, tokenizer=str.split, **options)


def test_the_cache_knows_how_the_text_was_read(tmp_path: Path) -> None:
    path, cache = tmp_path / "text", tmp_path / "cache"
    path.write_text(TEXT, encoding="utf-8")
    readings = [reading for reading in READINGS if not callable(reading.tokenizer)]
    for _ in range(2):
        for reading in readings:
            prepare(Corpus([path], reading=reading), CHOICE, workers=1, cache_dir=cache)
    assert len(list(cache.iterdir())) == len(readings)


def test_words_that_are_no_text_are_named_in_later_epochs(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"a b\n" * 500 + b"caf\xe9\n" + b"a b\n" * 500)
    vocabulary = count(Corpus(None, [["a", "b"]]), Choice(min_count=1), workers=1)
    for reading in (Reading(lowercase=True), Reading(sentence_split=3)):
        given = Corpus([path], reading=reading)
        for where in ({"memory": "bounded"}, {"memory": "ram"}):
            with pytest.raises(CorpusError, match=r"text, line 501: the word b'caf\\xe9'"):
                prepare(given, CHOICE, vocabulary=vocabulary, workers=2, **where)


def test_words_and_numbers_are_not_mixed(tmp_path: Path) -> None:
    paths = [tmp_path / "words.jsonl", tmp_path / "numbers.jsonl"]
    paths[0].write_text('{"text": ["a", "b"]}\n')
    paths[1].write_text('{"text": [1, 2]}\n')
    vocabulary = count(Corpus(None, [["a", "b"]]), Choice(min_count=1), workers=1)
    for where in ({"memory": "bounded"}, {"memory": "ram"}):
        with pytest.raises(CorpusError, match=r"numbers\.jsonl holds whole numbers"):
            prepare(Corpus(paths), CHOICE, vocabulary=vocabulary, workers=1, **where)


@pytest.mark.parametrize("tokenizer", ["words", str.split])
def test_hooks_get_sentences_of_tokens(tokenizer: Any) -> None:
    seen: list[Any] = []

    class Watched(Word2Vec):
        def _do_train_job(self, sentences: Any, alpha: float, inits: Any) -> tuple[int, int]:
            seen.extend(sentences)
            return super()._do_train_job(sentences, alpha, inits)

    Watched(
        ["One two three", "two three"], min_count=1, vector_size=4, workers=1, epochs=1,
        tokenizer=tokenizer, lowercase=True,
    )  # fmt: skip
    assert seen == [["one", "two", "three"], ["two", "three"]]


def test_a_saved_model_reads_as_before(tmp_path: Path) -> None:
    texts = ["One two", "two ONE"]
    model = Word2Vec(texts, min_count=1, vector_size=4, tokenizer="words")  # type: ignore[arg-type]
    model.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    assert loaded.reading == Reading("words")
    assert loaded.train(["ONE two"], total_words=2, epochs=1)[1] == 2
    assert loaded.ledger.oov == 0
