"""~ is the home directory wherever a path is taken, as in gensim."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastw2v import (
    BrownCorpus,
    KeyedVectors,
    LineSentence,
    PathLineSentences,
    Phrases,
    Text8Corpus,
    Vocabulary,
    Word2Vec,
    save_as_line_sentence,
)
from fastw2v.cli import main
from fastw2v.paths import expanded
from tests.test_word2vec import corpus, write

OPTIONS: dict[str, Any] = {"min_count": 2, "vector_size": 4, "workers": 1, "epochs": 1}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "texts").mkdir()
    write(tmp_path / "texts" / "text.txt", corpus())
    monkeypatch.chdir(tmp_path / "texts")
    return tmp_path


@pytest.fixture
def model() -> Word2Vec:
    return Word2Vec(corpus(), **OPTIONS)


def test_only_a_leading_tilde_is_replaced(home: Path) -> None:
    assert expanded("~/a") == home / "a"
    for path in ("a/~", "./~", "~no_such_user/a", "a~"):
        assert expanded(path) == Path(path)


@pytest.mark.parametrize(
    "read",
    [
        lambda: Word2Vec(corpus_file="~/texts/text.txt", **OPTIONS),
        lambda: Word2Vec(corpus_file="~/texts", **OPTIONS),
        lambda: Word2Vec(corpus_file="~/*/*.txt", **OPTIONS),
        lambda: Word2Vec(LineSentence("~/texts/text.txt"), **OPTIONS),
        lambda: Word2Vec(PathLineSentences("~/texts"), **OPTIONS),
        lambda: Word2Vec(PathLineSentences("~/texts/text.txt"), **OPTIONS),
        lambda: Word2Vec(Text8Corpus("~/texts/text.txt"), **OPTIONS),
        lambda: Word2Vec(corpus_file="~/texts/text.txt", cache_dir="~/cache", **OPTIONS),
        lambda: list(BrownCorpus("~/texts")) or True,
        lambda: Phrases(LineSentence("~/texts/text.txt"), min_count=1).vocab,
    ],
)
def test_corpora(home: Path, read: Callable[[], Any]) -> None:
    assert read()
    assert sorted(path.name for path in home.iterdir()) in (["texts"], ["cache", "texts"])


def test_files_of_vectors_and_models(home: Path, model: Word2Vec) -> None:
    model.save("~/model")
    assert Word2Vec.load("~/model").wv.index_to_key == model.wv.index_to_key
    assert len(Word2Vec.load("~/model", mmap="r").wv) == len(model.wv)
    model.wv.save("~/kv")
    assert len(KeyedVectors.load("~/kv")) == len(model.wv)
    for binary in (False, True):
        model.wv.save_word2vec_format("~/vectors", fvocab="~/counts", binary=binary)
        found = KeyedVectors.load_word2vec_format("~/vectors", fvocab="~/counts", binary=binary)
        assert len(found) == len(model.wv)
    model.wv.save_word2vec_format("~/vectors", binary=False)
    model.wv.intersect_word2vec_format("~/vectors")
    vocabulary = Vocabulary.from_counts({"a": 3, "b": 2}, min_count=1)
    vocabulary.save("~/vocabulary")
    assert Vocabulary.load("~/vocabulary").keys == ["a", "b"]
    phrases = Phrases(corpus(), min_count=1)
    phrases.save("~/phrases")
    assert Phrases.load("~/phrases").corpus_word_count == phrases.corpus_word_count
    save_as_line_sentence(corpus(), "~/lines")
    (home / "pairs").write_text("w1\tw2\t3\nw3\tw4\t1\nw5\tw6\t2\n", encoding="utf-8")
    (home / "questions").write_text(": section\nw1 w2 w3 w4\n", encoding="utf-8")
    assert model.wv.evaluate_word_pairs("~/pairs")[2] == 0.0
    assert model.wv.evaluate_word_analogies("~/questions")[1][0]["section"] == "section"
    assert len(KeyedVectors(2, 3, mapfile_path="~/mapped").vectors) == 3
    assert sorted(path.name for path in home.iterdir()) == [
        "counts", "kv", "lines", "mapped", "model", "pairs", "phrases", "questions", "texts",
        "vectors", "vocabulary",
    ]  # fmt: skip


def test_the_command_line(home: Path) -> None:
    """A shell leaves `--output=~/x` as it is."""
    options = ["--epochs=1", "--vector_size=4", "--workers=1", "-q"]
    assert main(["vocab", "~/texts/text.txt", "--output=~/vocabulary", "-q"]) == 0
    vocabulary = ["--vocab=~/vocabulary", "--cache=~/cache"]
    assert main(["train", "~/texts", "--output=~/out.bin", *vocabulary, *options]) == 0
    assert main(["train", "~/texts", "--output=~/vocabulary", *vocabulary, *options]) == 2
    assert main(["phrases", "~/texts/text.txt", "--output=~/joined.txt", "-q"]) == 0
    assert main(["check", "~/texts/text.txt", "--no-timing"]) == 0
    assert sorted(path.name for path in home.iterdir()) == [
        "cache", "joined.txt", "out.bin", "texts", "vocabulary",
    ]  # fmt: skip


READS: dict[str, Callable[[Any], object]] = {
    "vectors": KeyedVectors.load,
    "model": Word2Vec.load,
    "word2vec": KeyedVectors.load_word2vec_format,
    "counts": lambda path: KeyedVectors.load_word2vec_format("any", fvocab=path),
    "vocabulary": Vocabulary.load,
    "phrases": Phrases.load,
    "pairs": KeyedVectors(2).evaluate_word_pairs,
    "sentences": lambda path: list(Text8Corpus(path)),
    "directory": PathLineSentences,
}
WRITES: dict[str, Callable[[Any], object]] = {
    "vectors": KeyedVectors(2).save,
    "model": Word2Vec().save,
    "word2vec": KeyedVectors(2).save_word2vec_format,
    "vocabulary": Vocabulary(["a"], [1]).save,
    "phrases": Phrases().save,
    "sentences": lambda path: save_as_line_sentence([["a"]], path),
    "map": lambda path: KeyedVectors(2, 3, mapfile_path=path),
}


@pytest.mark.parametrize("use", [*READS.values(), *WRITES.values()])
def test_what_is_no_path_is_refused_by_name(use: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError, match=r"path.* got bytes b'x\.fw2v'; os\.fsdecode"):
        use(b"x.fw2v")
    with pytest.raises(TypeError, match=r"PathLike.* int( 3)?$"):
        use(3)
    with pytest.raises(FileNotFoundError, match="the path is empty"):
        use("")


@pytest.mark.parametrize("use", [n for n in WRITES if n not in ("map",)])
def test_a_path_that_ends_in_a_slash_is_a_directory(tmp_path: Path, use: str) -> None:
    with pytest.raises(IsADirectoryError):
        WRITES[use](f"{tmp_path}/new/")
    assert not list(tmp_path.iterdir())


def test_files_of_text_are_not_written_to(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w", encoding="utf-8") as file:
        for name in ("vectors", "model", "phrases"):
            with pytest.raises(TypeError, match="binary mode, 'wb'"):
                WRITES[name](file)
        with pytest.raises(TypeError, match=r"a path must be a str .* got TextIOWrapper"):
            KeyedVectors(2).save_word2vec_format(file)  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", ["gz", "GZ", "Bz2", "XZ"])
@pytest.mark.parametrize("binary", [False, True])
def test_endings_for_compression_may_be_capitals(
    tmp_path: Path, model: Word2Vec, suffix: str, binary: bool
) -> None:
    path = tmp_path / f"file.{suffix}"
    model.wv.save_word2vec_format(path, tmp_path / f"counts.{suffix}", binary=binary)
    for made in tmp_path.iterdir():
        assert made.read_bytes()[:2] in (b"\x1f\x8b", b"BZ", b"\xfd7")
    loaded = KeyedVectors.load_word2vec_format(path, tmp_path / f"counts.{suffix}", binary=binary)
    assert loaded.index_to_key == model.wv.index_to_key
    write(tmp_path / "text.JSONL", [['{"text":', '"a', 'b"}']])
    assert len(Word2Vec(corpus_file=tmp_path / "text.JSONL", min_count=1).wv) == 2


@pytest.mark.parametrize("command", ["train", "vocab", "phrases"])
def test_outputs_that_are_no_files(
    home: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    for output, message in (("", "the path is empty"), ("new/", "new/ is a directory")):
        with pytest.raises(SystemExit) as left:
            main([command, "text.txt", f"--output={output}"])
        assert left.value.code == 2
        said = capsys.readouterr().err
        assert f"--output: {message}" in said
        assert said.count("\n") == 1
