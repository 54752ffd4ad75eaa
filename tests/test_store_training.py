"""The same training wherever the encoded corpus is: in memory, in a token file, or in the text."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import CorpusError, Word2Vec, feed, prepare
from fastw2v.corpus import stream
from fastw2v.corpus.source import Source
from fastw2v.prepare import placement
from tests.test_word2vec import MODELS, corpus, write

PARAMETERS: dict[str, Any] = {
    "vector_size": 8, "min_count": 45, "workers": 1, "epochs": 2, "sample": 0.01, "window": 7,
}  # fmt: skip


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several windows an epoch, several blocks of text, and halos that have to be enlarged."""
    monkeypatch.setattr(feed, "WINDOW_CHUNKS", 3)
    monkeypatch.setattr(feed, "BLOCK_CHUNKS", 2)
    monkeypatch.setattr(feed, "FIRST_HALO", 1)
    monkeypatch.setattr(stream.EncodedBlocks.__init__, "__kwdefaults__", {"block_size": 1000})


def texts() -> dict[str, list[list[str]]]:
    """Short sentences; one that is the whole text; and long runs of words that are subsampled."""
    short = corpus(500)
    flat = [word for sentence in short for word in sentence]
    rng = np.random.default_rng(1)
    dull = [
        word
        for i in range(60)
        for word in ["the"] * int(rng.integers(50, 200)) + [f"w{i % 7}"] * int(rng.integers(1, 4))
    ]
    return {"short": short, "one": [flat], "dull": [dull, *short[:20]]}


def bits(model: Word2Vec) -> bytes:
    matrices = [model.wv.vectors]
    matrices += [model.syn1neg] if model.negative else []
    matrices += [model.syn1] if model.hs else []
    return b"".join(matrix.tobytes() for matrix in matrices)


def variants(path: Path, cache: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "text, encoded again in every epoch", {"memory": "bounded"}
    yield "a new token file, through memory", {"cache_dir": cache, "memory": "ram"}
    yield "the same token file", {"cache_dir": cache, "memory": "ram"}
    yield "a new token file, never in memory", {"cache_dir": cache / "b", "memory": "bounded"}
    yield "the other token file", {"cache_dir": cache / "b"}


@pytest.mark.parametrize("text", ["short", "one", "dull"])
@pytest.mark.parametrize("model", MODELS[::2])
def test_the_vectors_are_the_same_bits(tmp_path: Path, model: dict[str, int], text: str) -> None:
    path = write(tmp_path / "text", texts()[text])
    parameters = {**PARAMETERS, **model}
    plain = Word2Vec(corpus_file=path, memory="ram", **parameters)
    assert plain.ledger.subsampled > 0
    assert plain.ledger.oov or text == "dull"
    for name, where in variants(path, tmp_path / "cache"):
        other = Word2Vec(corpus_file=path, **where, **parameters)
        assert other.wv.index_to_key == plain.wv.index_to_key, name
        assert (other.wv.expandos["count"] == plain.wv.expandos["count"]).all()
        assert bits(other) == bits(plain), name
        assert other.ledger == plain.ledger, name
        assert other.corpus_count == plain.corpus_count
    lists = Word2Vec(texts()[text], memory="bounded", **parameters)
    assert bits(lists) == bits(plain)


@pytest.mark.parametrize("text", ["short", "dull"])
def test_a_shuffled_corpus_is_the_same_everywhere_and_in_another_order(
    tmp_path: Path, text: str
) -> None:
    path = write(tmp_path / "text", texts()[text])
    plain = Word2Vec(corpus_file=path, **PARAMETERS)
    shuffled = Word2Vec(corpus_file=path, shuffle=1, **PARAMETERS)
    again = Word2Vec(corpus_file=path, shuffle=1, cache_dir=tmp_path / "cache", **PARAMETERS)
    other = Word2Vec(corpus_file=path, shuffle=1, **{**PARAMETERS, "seed": 2})
    assert bits(shuffled) == bits(again)
    assert bits(shuffled) not in (bits(plain), bits(other))
    assert shuffled.ledger == plain.ledger, "every token is trained, with the same draws"
    with pytest.raises(ValueError, match="shuffle needs the encoded corpus in memory or in a cac"):
        Word2Vec(corpus_file=path, shuffle=1, memory="bounded", **PARAMETERS)


class Watched:
    """A source that writes down what is read of it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.views: list[tuple[int, int]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def open(self) -> Any:
        return self

    def view(self, begin: int, end: int) -> Any:
        self.views.append((begin, end))
        return self._source.open().view(begin, end)

    def finish(self) -> None: ...

    def close(self) -> None: ...


@pytest.mark.parametrize("shuffle", [0, 1])
def test_windows_are_small_and_cover_the_corpus(
    monkeypatch: pytest.MonkeyPatch, shuffle: int
) -> None:
    watched: list[Watched] = []
    real = prepare.prepare

    def watch(*arguments: Any, **keywords: Any) -> prepare.Prepared:
        vocabulary, source = real(*arguments, **keywords)
        watched.append(Watched(source))
        return prepare.Prepared(vocabulary, watched[-1])  # type: ignore[arg-type]

    monkeypatch.setattr(prepare, "prepare", watch)
    model = Word2Vec(corpus(500), shuffle=shuffle, **{**PARAMETERS, "epochs": 1, "workers": 3})
    n_ids = watched[0].n_ids
    chunk = feed.chunk_tokens(n_ids)
    assert n_ids > 4 * 3 * chunk
    seen = np.zeros(n_ids, bool)
    for begin, end in watched[0].views:
        assert end - begin <= 3 * chunk + 200
        seen[begin:end] = True
    assert seen.all()
    in_order = all(
        a[0] <= b[0] for a, b in zip(watched[0].views, watched[0].views[1:], strict=False)
    )
    assert in_order == (not shuffle)
    assert model.ledger.subsampled + model.ledger.trained == n_ids


def test_no_thread_and_no_file_is_left(tmp_path: Path) -> None:
    path = write(tmp_path / "text", corpus(500))
    for where in ({"memory": "bounded"}, {"cache_dir": tmp_path / "cache"}):
        Word2Vec(corpus_file=path, **where, **{**PARAMETERS, "workers": 2})
        assert not [t for t in threading.enumerate() if t.name.startswith("fastw2v")]
    names = [p.name for p in (tmp_path / "cache").iterdir()]
    assert len(names) == 1
    assert names[0].endswith(".tokens")


def test_an_iterator_cannot_be_read_in_every_epoch() -> None:
    with pytest.raises(ValueError, match="list_iterator can be read only once"):
        Word2Vec(iter(corpus()), memory="bounded", **PARAMETERS)


@pytest.mark.parametrize("change", ["longer", "shorter", "gone", "other"])
def test_a_text_that_changes_between_two_passes_is_noticed(tmp_path: Path, change: str) -> None:
    path = write(tmp_path / "text", corpus(500))
    text = path.read_bytes()

    class Meddler:
        def on_epoch_end(self, model: Word2Vec) -> None:
            if change == "gone":
                path.unlink()
            else:
                new = {"longer": text + b"w1 w2\n", "shorter": text[:-200], "other": text[::-1]}
                path.write_bytes(new[change])

    message = "the file is gone" if change == "gone" else "has changed since it was counted"
    with pytest.raises(CorpusError, match=message) as caught:
        Word2Vec(corpus_file=path, memory="bounded", callbacks=[Meddler()], **PARAMETERS)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("extra", [["w1", "w2"], []])
def test_sentences_that_change_between_two_passes_are_noticed(extra: list[str]) -> None:
    sentences = corpus(500)

    class Meddler:
        def on_epoch_end(self, model: Word2Vec) -> None:
            if extra:
                sentences.append(extra)
            else:
                del sentences[-50:]

    with pytest.raises(CorpusError, match="the corpus has changed since it was counted"):
        Word2Vec(sentences, memory="bounded", callbacks=[Meddler()], **PARAMETERS)


@pytest.mark.parametrize("n_left", [0, 499])
def test_sentences_that_are_fewer_the_second_time(n_left: int) -> None:
    class Once:
        n_passes = 0

        def __iter__(self) -> Iterator[list[str]]:
            self.n_passes += 1
            return iter(corpus(500) if self.n_passes == 1 else corpus(500)[:n_left])

    with pytest.raises(CorpusError, match=r"the corpus has changed since it was counted: it had"):
        Word2Vec(Once(), memory="bounded", **PARAMETERS)


def test_memory_is_bounded_by_itself_where_there_is_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "text", corpus(500))
    size = path.stat().st_size
    choice = prepare.Choice(min_count=1)
    for available, bounded in ((3 * size, False), (size, True), (None, False)):
        monkeypatch.setattr(placement.system_memory, "available", lambda a=available: a)
        prepared = prepare.prepare(prepare.Corpus([path], None), choice, workers=1)
        assert isinstance(prepared.source, stream.Stream) == bounded
        assert prepared.source.random_access == (not bounded)


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for where in ({"memory": "bounded"}, {"cache_dir": tmp_path}):
        with pytest.raises(ValueError, match="a pipe or a device cannot"):
            Word2Vec(corpus_file=pipe, **where, **PARAMETERS)


def test_unknown_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="memory must be one of 'auto', 'ram', 'bounded', got 3"):
        Word2Vec(memory=3)  # type: ignore[arg-type]


def test_building_and_training_apart(tmp_path: Path) -> None:
    path = write(tmp_path / "text", corpus(500))
    whole = Word2Vec(corpus_file=path, **PARAMETERS)
    for where in ({}, {"memory": "bounded"}, {"cache_dir": tmp_path / "cache"}):
        model = Word2Vec(**where, **PARAMETERS)
        model.build_vocab(corpus_file=path)
        assert (model.corpus_count, model.corpus_total_words) == (
            whole.corpus_count,
            whole.corpus_total_words,
        )
        model.train(corpus_file=path, total_words=model.corpus_total_words, epochs=model.epochs)
        assert bits(model) == bits(whole)
