"""Corpora in files, beside gensim's where that is installed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from pathlib import Path
from typing import Any

import pytest

from fastw2v import (
    BrownCorpus,
    CorpusError,
    LineSentence,
    PathLineSentences,
    Text8Corpus,
    Word2Vec,
    save_as_line_sentence,
)
from fastw2v.sentences import open_text

TEXT = "a b\u00a0c\x1cd\r\n\n  \ne\u2028f\x00g h\nlast line"
LINES = [["a", "b", "c", "d"], ["e", "f\x00g", "h"], ["last", "line"]]


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text"
    path.write_bytes(TEXT.encode())
    return path


def cut(sentences: list[list[str]], n: int) -> list[list[str]]:
    return [s[i : i + n] for s in sentences for i in range(0, len(s), n)]


def test_lines_are_sentences(text: Path) -> None:
    assert list(LineSentence(text)) == LINES
    assert list(LineSentence(str(text), max_sentence_length=None)) == LINES
    for n in (1, 2, 3):
        assert list(LineSentence(text, max_sentence_length=n)) == cut(LINES, n)
    assert list(LineSentence(text, limit=3)) == LINES[:1]
    assert list(LineSentence(text, limit=0)) == []
    twice = LineSentence(text)
    assert list(twice) == list(twice)


def test_file_objects_are_rewound(text: Path) -> None:
    with text.open("rb") as raw, text.open(encoding="utf-8", newline="\n") as decoded:
        for source in (raw, decoded, io.BytesIO(TEXT.encode()), io.StringIO(TEXT)):
            sentences = LineSentence(source)
            assert list(sentences) == list(sentences) == LINES


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_the_content_tells_what_is_compressed(tmp_path: Path, pack: Any) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(pack(TEXT.encode()))
    assert list(LineSentence(path)) == LINES
    assert list(PathLineSentences(tmp_path)) == LINES
    assert list(Text8Corpus(path)) == [[word for line in LINES for word in line]]
    with open_text(path) as file:
        assert file.read() == TEXT.encode()
    path.write_bytes(pack(TEXT.encode() * 999)[:-9])
    for corpus in (LineSentence(path), Text8Corpus(path)):
        with pytest.raises(
            CorpusError, match=r"text\.txt: the compressed data are damaged or end too early, after"
        ):
            list(corpus)


@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_a_byte_order_mark_is_no_part_of_a_word(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "text"
    path.write_bytes((mark + "one two\n\ufeffthree").encode())
    assert list(LineSentence(path)) == [["one", "two"], ["\ufeffthree"]]
    assert list(Text8Corpus(path)) == [["one", "two", "\ufeffthree"]]


def test_a_directory_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b", "a", ".c", "B"):
        (tmp_path / name).write_text(f"{name} 1\n{name} 2\n")
    (tmp_path / "aa").mkdir()
    corpus = PathLineSentences(tmp_path)
    assert [Path(f).name for f in corpus.input_files] == [".c", "B", "a", "b"]
    assert list(corpus) == [[n, str(i)] for n in (".c", "B", "a", "b") for i in (1, 2)]
    assert list(PathLineSentences(str(tmp_path), limit=1))[1:3] == [["B", "1"], ["a", "1"]]
    assert list(PathLineSentences(tmp_path / "a")) == [["a", "1"], ["a", "2"]]
    with pytest.raises(ValueError, match="input is neither a file nor a path"):
        PathLineSentences(tmp_path / "nothing")


@pytest.mark.parametrize("n", [1, 3, 7, 10_000])
@pytest.mark.parametrize("size", [0, 1, 9, 50_000])
def test_text8_is_cut_in_equal_pieces(tmp_path: Path, n: int, size: int) -> None:
    words = [f"{'é' * (i % 7)}w{i}" for i in range(size)]
    path = tmp_path / "text8"
    path.write_text(" ".join(words[:9]) + "\n " + "\t".join(words[9:]), encoding="utf-8")
    if n == 1 and size == 50_000:
        n = 999
    assert list(Text8Corpus(path, max_sentence_length=n)) == cut([words], n)


def test_text8_may_hold_words_longer_than_a_buffer(tmp_path: Path) -> None:
    words = ["x" * 200_000, "y", "z" * 70_000]
    (tmp_path / "t").write_text(" ".join(words))
    assert list(Text8Corpus(tmp_path / "t")) == [words]


def test_brown(tmp_path: Path) -> None:
    (tmp_path / "cb").write_text("So/rb\n")
    (tmp_path / "ca").write_text(
        "The/at Dog/nn-tl ,/, ran/vbd 1/cd ./.\n\nfoo/ bar x/y/z\n``/`` B/np\n"
    )
    expected = [["the/at", "dog/nn", "ran/vb", "1/cd"], ["b/np"], ["so/rb"]]
    assert list(BrownCorpus(tmp_path)) == expected
    gensim = pytest.importorskip("gensim.models.word2vec")
    assert sorted(gensim.BrownCorpus(str(tmp_path))) == sorted(expected)


def test_gensim_reads_the_same(tmp_path: Path, text: Path) -> None:
    gensim = pytest.importorskip("gensim.models.word2vec")
    for settings in ({}, {"max_sentence_length": 2}):
        assert list(LineSentence(text, **settings)) == list(
            gensim.LineSentence(str(text), **settings)
        )
        assert list(Text8Corpus(text, **settings)) == list(
            gensim.Text8Corpus(str(text), **settings)
        )
        assert list(PathLineSentences(tmp_path, **settings)) == list(
            gensim.PathLineSentences(str(tmp_path), **settings)
        )
    for limit in range(6):
        assert list(LineSentence(text, limit=limit)) == list(
            gensim.LineSentence(str(text), limit=limit)
        )


def test_text_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"fine\nna\xefve\n")
    with pytest.raises(CorpusError, match=r"text, line 2: b'\\xefve\\n' is not UTF-8 .* iconv"):
        list(LineSentence(path))
    with pytest.raises(CorpusError, match=r"text, after 0 bytes: b'\\xefve\\n' is not UTF-8"):
        list(Text8Corpus(path))
    with pytest.raises(CorpusError, match="line 2"):
        list(LineSentence(io.BytesIO(path.read_bytes())))


def test_mistakes_are_named(tmp_path: Path, text: Path) -> None:
    with pytest.raises(TypeError, match=r"source must be a path or a file object .* got list"):
        LineSentence(["a b"])
    with pytest.raises(ValueError, match="limit must be None or 0 or more, got -1"):
        LineSentence(text, limit=-1)
    for kind in (LineSentence, PathLineSentences, Text8Corpus):
        with pytest.raises(ValueError, match=r"max_sentence_length must be .*1 or more, got 0"):
            kind(text, max_sentence_length=0)
    with pytest.raises(FileNotFoundError, match="nothing"):
        list(LineSentence(tmp_path / "nothing"))


def test_saved_sentences_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "out"
    sentences = [["one", "zwö"], ["日本"], ["f\x00g"]]
    save_as_line_sentence(iter(sentences), path)
    assert list(LineSentence(path)) == sentences
    for token in ("a b", "", "x\u00a0", "\n"):
        with pytest.raises(ValueError, match=r"sentence 2: the token .* would not be read back"):
            save_as_line_sentence([["a"], ["b", token]], path)
    assert list(LineSentence(path)) == sentences


def test_word2vec_trains_on_them(tmp_path: Path) -> None:
    sentences = [[f"w{(i * j) % 17}" for j in range(9)] for i in range(60)]
    path = tmp_path / "text"
    save_as_line_sentence(sentences, path)
    settings: dict[str, Any] = {"vector_size": 8, "min_count": 1, "workers": 1, "seed": 3}
    expected = Word2Vec(sentences, **settings).wv.vectors
    for corpus in (LineSentence(path), PathLineSentences(tmp_path), LineSentence(str(path))):
        assert (Word2Vec(corpus, **settings).wv.vectors == expected).all()
    model = Word2Vec(**settings)
    model.build_vocab(corpus_iterable=LineSentence(path))
    model.train(corpus_iterable=LineSentence(path), total_examples=60, epochs=5)
    assert (model.wv.vectors == expected).all()
