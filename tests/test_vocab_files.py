"""Vocabulary files: what is written, what is read, and what the C program's format allows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fastw2v import CorpusError, EmptyVocabularyError, FormatError, Word2Vec
from fastw2v.corpus import scan_sentences
from fastw2v.formats import vocabulary as vocabulary_file
from fastw2v.vocab import RULE_KEEP, Vocabulary
from tests.test_word2vec import SMALL, corpus, write

SENTENCES = [["b", "a", "b"], ["naïve", "a", "b", "日本"], ["a\u00a0c"]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "words.vocab"


def vocabulary(**filters: Any) -> Vocabulary:
    return Vocabulary.from_scan(scan_sentences(SENTENCES), **{"min_count": 1, **filters})


def same(a: Vocabulary, b: Vocabulary) -> bool:
    return all(
        getattr(a, name) == getattr(b, name)
        for name in ("keys", "index", "effective_min_count", "n_raw", "n_raw_tokens", "n_sentences")
    ) and (a.counts == b.counts).all()  # fmt: skip


def test_the_file_is_word2vecs(path: Path) -> None:
    vocabulary().save(path)
    assert path.read_text(encoding="utf-8") == "</s> 3\nb 3\na 2\na\u00a0c 1\n日本 1\nnaïve 1\n"
    assert same(Vocabulary.load(path, min_count=1), vocabulary())


def test_a_file_of_all_words_serves_every_choice(path: Path) -> None:
    vocabulary().save(path)
    for filters in (
        {"min_count": 2}, {"max_final_vocab": 3}, {"min_count": 2, "max_final_vocab": 1},
        {"trim_rule": lambda word, *_: RULE_KEEP if word == "日本" else 0, "min_count": 3},
    ):  # fmt: skip
        filters = {"min_count": 1, **filters}
        assert same(Vocabulary.load(path, **filters), vocabulary(**filters))
    with pytest.raises(EmptyVocabularyError, match="none occurs min_count=9 times"):
        Vocabulary.load(path, min_count=9)


def test_totals_survive_where_words_were_left_out(path: Path) -> None:
    chosen = vocabulary(min_count=2)
    chosen.save(path, totals=True)
    assert path.read_text(encoding="utf-8").splitlines()[:2] == [
        "#fastw2v tokens=8 words=5 min_count=2",
        "</s> 3",
    ]
    assert same(Vocabulary.load(path), chosen)
    chosen.save(path)
    assert Vocabulary.load(path).n_raw_tokens == 5, "without them, the sum of what is there"


@pytest.mark.parametrize(
    ("content", "keys", "n_sentences"),
    [
        (b"a 2\nb 1\n", "ab", 0),
        (b"</s> 7\na 2\nb 1", "ab", 7),
        (b"</s> 0\r\na 2\r\n\r\nb\t1\r\n", "ab", 0),
        (b"\xef\xbb\xbfa 2\nb 1\n", "ab", 0),
        (b"a 1\nb 2\n", "ba", 0),
        (b"a 2\n</s> 2\nb 2", ["a", "</s>", "b"], 0),
        (b"</s> 0\n</s> 5\n", ["</s>"], 0),
        (b"# 5\n#fastw2v 4\n", ["#", "#fastw2v"], 0),
    ],
)
def test_files_of_other_programs(path: Path, content: bytes, keys: Any, n_sentences: int) -> None:
    path.write_bytes(content)
    found = Vocabulary.load(path)
    assert found.keys == list(keys)
    assert found.n_sentences == n_sentences


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a 1\nb\n", "line 2: must be a word and its count, got 'b'"),
        (b"a 1\n\nb 2 3\n", "line 3: must be a word and its count, got 'b 2 3'"),
        (b"a -1\n", "line 1: must be a word and its count, got 'a -1'"),
        (b"a 1.5\n", "line 1: must be"),
        (b"a 1_0\n", "line 1: must be"),
        ("a ²\n".encode(), "line 1: must be"),
        (b"a 99999999999999999999\n", "line 1: the count must have 18 digits or fewer"),
        (b"a 1\nb 1\na 2\n", "line 3: the word 'a' comes twice"),
        (b"a 1\n\xff\xfe 1\n", r"line 2: the word '\\\\xff\\\\xfe' is not UTF-8"),
        (b"x" * 1000, r"line 1: must be a word and its count, got 'x{80}'\.\.\."),
        (b"a 1\n#fastw2v tokens=8 words=5 min_count=2\n", "line 2: must be"),
    ],
)
def test_damaged_files_name_the_line(path: Path, content: bytes, message: str) -> None:
    path.write_bytes(content)
    with pytest.raises(FormatError, match=rf"words\.vocab, {message}"):
        Vocabulary.load(path)


def test_empty_files(path: Path) -> None:
    for content in (b"", b"\n\n", b"</s> 3\n"):
        path.write_bytes(content)
        with pytest.raises(EmptyVocabularyError, match=f"{path.name}: .* 0 tokens"):
            Vocabulary.load(path)
    path.write_text(f"a {10**18 - 1}\n" + "".join(f"w{i} {10**18 - 1}\n" for i in range(9)))
    with pytest.raises(FormatError, match=f"{path.name}: the counts of the words sum up to"):
        Vocabulary.load(path)
    with pytest.raises(FileNotFoundError):
        Vocabulary.load(path.with_name("none"))


@pytest.mark.parametrize("word", ["a b", "", "a\n", "\t", " a", 7, ("a", "b"), "\ud800"])
def test_words_that_no_line_can_hold_are_refused(path: Path, word: Any) -> None:
    path.write_text("old", encoding="ascii")
    with pytest.raises(FormatError, match="a vocabulary file cannot hold the word"):
        Vocabulary([word], [1]).save(path)
    assert path.read_text(encoding="ascii") == "old"
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_more_words_than_a_batch(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary_file, "_BATCH", 7)
    many = Vocabulary([f"w{i}" for i in range(50)], range(50, 0, -1))
    many.save(path)
    assert same(Vocabulary.load(path, min_count=1), many)


def test_training_with_a_file_is_training_without(tmp_path: Path, path: Path) -> None:
    sentences = corpus()
    text = write(tmp_path / "text", sentences)
    parameters = {**SMALL, "min_count": 4}
    counted = Word2Vec(corpus_file=text, **parameters)
    Vocabulary.from_scan(scan_sentences(sentences), min_count=1).save(path)
    for corpus_of in ({"corpus_file": text}, {"sentences": sentences}):
        for given in (path, Vocabulary.load(path, min_count=4)):
            model = Word2Vec(**corpus_of, vocabulary=given, **parameters)
            assert model.wv.index_to_key == counted.wv.index_to_key
            assert model.wv.vectors.tobytes() == counted.wv.vectors.tobytes()
            assert model.ledger.oov == counted.ledger.oov
    model = Word2Vec(vocabulary=path, **parameters)
    model.train(sentences, total_examples=model.corpus_count, epochs=model.epochs)
    assert model.wv.vectors.tobytes() == counted.wv.vectors.tobytes()


def test_the_words_of_one_corpus_train_on_another(path: Path) -> None:
    Vocabulary(["w1", "w2", "elsewhere"], [500, 400, 300]).save(path)
    model = Word2Vec(corpus(), vocabulary=path, **SMALL)
    assert model.wv.index_to_key == ["w1", "w2", "elsewhere"]
    assert model.wv.get_vecattr("w1", "count") == 500
    assert model.ledger.corpus == 2 * sum(map(len, corpus()))
    assert 0 < model.ledger.oov < model.ledger.corpus


def test_a_corpus_of_other_words_is_refused(path: Path) -> None:
    """It would leave the vectors as they began."""
    Vocabulary(["elsewhere", "too"], [300, 200]).save(path)
    with pytest.raises(CorpusError, match=r"none of the [\d,]+ words .* the vocabulary of 2"):
        Word2Vec(corpus(), vocabulary=path, **SMALL)


@pytest.mark.parametrize("count", [-1, 10**18])
def test_save_refuses_counts_that_load_would(path: Path, count: int) -> None:
    with pytest.raises(FormatError, match=f"cannot hold the count {count} of 'a'"):
        Vocabulary(["a"], [count]).save(path)
    assert not path.exists()
