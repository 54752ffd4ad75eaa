"""Phrases against a plain Python counter, and side by side with gensim where it is installed."""

from __future__ import annotations

import contextlib
import copy
import doctest
import gzip
import importlib
import itertools
import logging
import math
import pickle
import random
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fastw2v.phrases
from fastw2v import (
    ENGLISH_CONNECTOR_WORDS,
    CorpusError,
    FormatError,
    FrozenPhrases,
    LineSentence,
    PathLineSentences,
    Phraser,
    Phrases,
    Text8Corpus,
    npmi_scorer,
    original_scorer,
)
from fastw2v.corpus.plain import PlainText
from fastw2v.formats import phrases as phrases_file
from fastw2v.phrases import readings
from fastw2v.phrases.scoring import name_of, scorer_of
from fastw2v.phrases.sentences import is_single

Corpus = list[list[str]]

TEXT = [
    ["new", "york", "is", "large"],
    ["in", "new", "york"],
    ["a", "large", "word"],
    ["state", "of", "the", "art"],
    ["the", "state", "of", "the", "art"],
]


def cheap_scorer(
    worda_count: int,
    wordb_count: int,
    bigram_count: int,
    len_vocab: int,
    min_count: float,
    corpus_word_count: int,
) -> float:
    return bigram_count + worda_count / 1000 - wordb_count / 1000 + len_vocab / 1e6


def draw(words: list[str], n: int, longest: int, seed: int) -> Corpus:
    """Sentences of random words, of which the first are the most frequent."""
    rng = random.Random(seed)
    weights = [1 / (rank + 1) for rank in range(len(words))]
    return [rng.choices(words, weights, k=rng.randint(0, longest)) for _ in range(n)]


def count(
    corpus: Corpus, delimiter: str = "_", connectors: frozenset[str] = frozenset()
) -> dict[str, int]:
    """Words and runs, by spelling, in the order in which they come."""
    counts: dict[str, int] = {}
    for sentence in corpus:
        run: list[str] = []
        for word in sentence:
            if word in connectors:
                if run:
                    run.append(word)
                continue
            counts[word] = counts.get(word, 0) + 1
            if run:
                spelled = delimiter.join([*run, word])
                counts[spelled] = counts.get(spelled, 0) + 1
            run = [word]
    return counts


WORDS = {
    "plain": [f"w{i}" for i in range(30)],
    "short": list("abcdefg"),
    "with delimiters": ["a", "b", "a_b", "b_c", "c", "_", "a_", "_b", "", "of", "of_a"],
    "beyond ascii": ["é", "日本", "日本語テキスト", "xxxxxxxxx", "\ud83d", "of", "new_york"],
}
PLANS = {
    "default": {},
    "connectors": {"connector_words": frozenset(["of", "b", "w1", "w3"])},
    "pruned": {"max_vocab_size": 12},
    "pruned with connectors": {"max_vocab_size": 30, "connector_words": frozenset(["a", "w0"])},
    "two characters": {"delimiter": "__"},
    "no delimiter": {"delimiter": ""},
}


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("delimiter", ["_", "__", "", "é", "a"])
def test_counts_are_those_of_a_plain_counter(words: str, delimiter: str) -> None:
    corpus = draw(WORDS[words], 60, 20, seed=1)
    for connectors in (frozenset[str](), frozenset(["of", "b", "w0"])):
        phrases = Phrases(corpus, delimiter=delimiter, connector_words=connectors)
        expected = count(corpus, delimiter, connectors)
        assert list(phrases.vocab.items()) == list(expected.items())
        assert phrases.corpus_word_count == sum(map(len, corpus))
        assert phrases.vocab_size == len(expected)


def test_sentences_may_be_longer_than_any_buffer() -> None:
    sentence = [f"w{i % 999}" for i in range(200_001)]
    connected = ["x", *["of"] * 150_000, "y", "x", *["of"] * 1_000, "y"]
    phrases = Phrases([sentence, connected], connector_words=["of"])
    assert phrases.vocab == count([sentence, connected], connectors=frozenset(["of"]))


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("scoring", ["default", "npmi", "own"])
def test_gensim_gives_the_same(plan: str, words: str, scoring: str) -> None:
    gensim = pytest.importorskip("gensim.models.phrases")
    own: Any = cheap_scorer if scoring == "own" else scoring
    for seed, min_count, threshold in ((0, 1, 0.3), (1, 2, 0.05), (2, 1.5, 0.9)):
        settings: dict[str, Any] = {
            "min_count": min_count, "threshold": threshold, "scoring": own, **PLANS[plan]
        }  # fmt: skip
        ours, theirs = Phrases(**settings), gensim.Phrases(**settings)
        for part in range(3):
            corpus = draw(WORDS[words], 25, 12, seed=10 * seed + part)
            ours.add_vocab(corpus)
            theirs.add_vocab(corpus)
            assert list(ours.vocab.items()) == list(theirs.vocab.items())
            assert ours.corpus_word_count == theirs.corpus_word_count
            assert ours.min_reduce == theirs.min_reduce
            assert str(ours) == str(theirs)
        # Gensim loses an empty token when it joins.
        some = [word for word in WORDS[words] if word]
        sentences = draw([*some, "unseen", "a_b_c"], 40, 30, seed=99)
        for sentence in sentences:
            expected = list(theirs.analyze_sentence(sentence))
            assert list(ours.analyze_sentence(sentence)) == expected
        assert list(ours[sentences]) == list(theirs[sentences])
        assert ours.find_phrases(sentences) == theirs.find_phrases(sentences)
        if words == "plain" and settings.get("delimiter", "_"):
            # Elsewhere gensim takes phrases apart in the wrong places.
            assert list(ours.export_phrases().items()) == list(theirs.export_phrases().items())
            frozen, their_frozen = ours.freeze(), theirs.freeze()
            assert frozen.phrasegrams == their_frozen.phrasegrams
            assert str(frozen) == str(their_frozen)
            assert list(frozen[sentences]) == list(their_frozen[sentences])


def test_gensims_scorers_give_the_same() -> None:
    gensim = pytest.importorskip("gensim.models.phrases")
    rng = random.Random(4)
    for _ in range(300):
        a, b = rng.randint(1, 10**6), rng.randint(1, 10**6)
        counts = (a, b, rng.randint(1, min(a, b)), rng.randint(1, 10**7), 5, 10**8)
        assert original_scorer(*counts) == gensim.original_scorer(*counts)
        assert npmi_scorer(*counts) == gensim.npmi_scorer(*counts)
    assert original_scorer(0, 1, 1, 1, 1, 1) == gensim.original_scorer(0, 1, 1, 1, 1, 1)
    assert gensim.ENGLISH_CONNECTOR_WORDS == ENGLISH_CONNECTOR_WORDS


def test_scores_by_hand() -> None:
    assert original_scorer(4, 5, 3, 100, 1, 0) == (3 - 1) / 20 * 100
    assert npmi_scorer(4, 5, 3, 0, 1, 100) == pytest.approx(
        math.log((3 / 100) / (4 / 100 * 5 / 100)) / -math.log(3 / 100)
    )
    assert npmi_scorer(4, 5, 3, 0, 4, 100) == -math.inf
    assert npmi_scorer(1, 1, 1, 1, 1, 1) == 1.0
    phrases = Phrases(TEXT, min_count=1, threshold=1)
    assert phrases.export_phrases()["new_york"] == (2 - 1) / (2 * 2) * len(phrases.vocab)
    # All of the corpus spells like one pair; gensim divides by zero here.
    whole = Phrases([["a", "b"]], min_count=1, threshold=0.5, scoring="npmi")
    whole.vocab = {"a": 1, "b": 1, "a_b": 2}
    assert list(whole.analyze_sentence(["a", "b"])) == [("a_b", 1.0)]


def test_phrases_of_phrases_survive_freezing() -> None:
    """Gensim takes new_york_city apart as new + city, and loses it."""
    text = [["new_york", "city"]] * 3 + [["new", "york_city"]] + [["x", "y", "z"]] * 9
    phrases = Phrases(text, min_count=1, threshold=1)
    assert phrases[["new_york", "city"]] == ["new_york_city"]
    frozen = phrases.freeze()
    assert frozen[["new_york", "city"]] == ["new_york_city"]
    ab, n = 4, len(phrases.vocab)
    assert frozen.phrasegrams["new_york_city"] == max((ab - 1) / 9 * n, (ab - 1) / 1 * n)


@pytest.mark.parametrize("scoring", ["default", "npmi", cheap_scorer])
@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("delimiter", ["_", ""])
def test_frozen_phrases_join_what_phrases_join(
    tmp_path: Path, scoring: Any, words: str, delimiter: str
) -> None:
    corpus = draw(WORDS[words], 200, 12, seed=3)
    connectors = frozenset(["w1", "w4", "b", "of"])
    phrases = Phrases(
        corpus,
        min_count=1,
        threshold=0.01,
        scoring=scoring,
        connector_words=connectors,
        delimiter=delimiter,
    )
    frozen = phrases.freeze()
    others = draw([*WORDS[words], "unseen", "a_b_c"], 200, 15, seed=4)
    joined = [list(phrases.analyze_sentence(s)) for s in others]
    assert any(score is not None for s in joined for _, score in s)
    if words == "plain" and delimiter and scoring != "npmi":
        assert any("_w1_" in token for s in joined for token, _ in s)
    assert [list(frozen.analyze_sentence(s)) for s in others] == joined
    assert list(frozen[others]) == [[token for token, _ in s] for s in joined]
    assert frozen.find_phrases(others) == phrases.find_phrases(others)
    # What C does is what Python does one candidate at a time.
    assert [list(phrases._analyze_slowly(s)) for s in others] == joined
    assert [list(frozen._analyze_slowly(s)) for s in others] == joined
    frozen.save(tmp_path / "model")
    for twin in (FrozenPhrases(frozen), FrozenPhrases.load(tmp_path / "model")):
        assert twin.phrasegrams == frozen.phrasegrams
        assert [list(twin.analyze_sentence(s)) for s in others] == joined


def test_a_changed_score_holds_for_every_reading() -> None:
    text = [["a_b", "c"]] * 5 + [["a", "b_c"]] + [["a", "x"], ["b_c", "x"]] * 9
    frozen = Phrases(text, min_count=1, threshold=1).freeze()
    assert frozen[["a_b", "c", "a", "b_c"]] == ["a_b_c", "a", "b_c"]
    frozen.phrasegrams["a_b_c"] = 9.0
    assert list(frozen.analyze_sentence(["a_b", "c", "a", "b_c"])) == [("a_b_c", 9.0)] * 2


def test_readings() -> None:
    of = frozenset(["of", "of_the"])
    assert set(readings("a_b", "_", of)) == {("a", "b")}
    assert set(readings("a_b_c", "_", of)) == {("a", "b_c"), ("a_b", "c")}
    assert set(readings("a_of_c", "_", of)) == {("a", "of_c"), ("a_of", "c"), ("a", "c")}
    assert ("a", "c") in set(readings("a_of_the_of_c", "_", of))
    assert set(readings("of_b", "_", of)) == set()
    assert set(readings("ab", "", frozenset())) == {("", "ab"), ("a", "b"), ("ab", "")}
    assert list(readings("ab", "_", of)) == []


def test_a_sentence_and_a_corpus_are_told_apart() -> None:
    phrases = Phrases(TEXT, min_count=1, threshold=1)
    sentence = ["in", "new", "york"]
    joined = ["in", "new_york"]
    for one in (sentence, tuple(sentence), iter(sentence), (w for w in sentence),
                np.array(sentence), np.array(sentence, dtype=object)):  # fmt: skip
        assert phrases[one] == joined
    for many in ([sentence, []], (iter(s) for s in [sentence, []]), iter([sentence, []])):
        assert list(phrases[many]) == [joined, []]
    for empty in ([], (), "", iter([])):
        assert phrases[empty] == []
    corpus = phrases[[sentence, sentence, []]]
    assert (len(corpus), corpus[0], list(corpus[1:])) == (3, joined, [joined, []])
    assert list(corpus) == list(corpus)
    trigrams = Phrases(phrases[TEXT], min_count=1, threshold=0.1)
    assert "new_york_is" in trigrams.vocab
    with pytest.raises(TypeError, match="must be iterable, got int"):
        phrases[5]
    with pytest.raises(TypeError, match="sentence 1 must be an iterable of tokens, got int"):
        list(phrases[[1, 2]])


def test_any_token_may_be_in_a_sentence_to_join() -> None:
    phrases = Phrases(TEXT, min_count=1, threshold=1)
    assert phrases[["new", "york", 5, None, "new", "", "york"]] == [
        "new_york", 5, None, "new", "", "york"
    ]  # fmt: skip
    long = ["new", "york", "x"] * 400
    assert phrases[long] == ["new_york", "x"] * 400
    assert phrases.freeze()[long] == ["new_york", "x"] * 400


def test_the_vocabulary_can_be_changed() -> None:
    phrases = Phrases(TEXT, min_count=1, threshold=1)
    assert isinstance(phrases.vocab, dict)
    assert phrases.vocab is phrases.vocab
    assert phrases[["new", "york"]] == ["new_york"]
    del phrases.vocab["new_york"]
    assert phrases[["new", "york"]] == ["new", "york"]
    phrases.vocab["new_york"] = 2
    assert phrases[["new", "york"]] == ["new_york"]
    assert "new_york" in phrases.export_phrases()
    phrases.add_vocab([["new", "york"]])
    assert phrases.vocab["new_york"] == 3
    phrases.vocab = {"p": 2, "q": 2, "p_q": 2}
    assert phrases.export_phrases() == {}
    phrases.threshold = 0.7
    assert phrases.export_phrases() == {"p_q": 0.75}
    frozen = phrases.freeze()
    frozen.phrasegrams["q_p"] = 3.0
    assert list(frozen.analyze_sentence(["q", "p", "q"])) == [("q_p", 3.0), ("q", None)]
    frozen.phrasegrams.pop("q_p")
    assert frozen[["q", "p", "q"]] == ["q", "p_q"]
    assert frozen.score_candidate("p", "q", []) == ("p_q", 0.75)
    assert frozen.score_candidate("q", "p", []) == (None, None)
    assert phrases.score_candidate("p", "q", []) == ("p_q", 0.75)
    assert phrases.score_candidate("p", "x", []) == (None, None)


def test_a_subclass_may_score() -> None:
    class Mine(Phrases):
        def score_candidate(
            self, word_a: str, word_b: str, in_between: list[str]
        ) -> tuple[str | None, float | None]:
            return (f"{word_a}+{word_b}", 1.0) if word_a == "x" else (None, None)

    mine = Mine(TEXT)
    assert mine[["a", "x", "b", "new", "york"]] == ["a", "x+b", "new", "york"]


class Others:
    """Sentences in an object that has nothing but `__iter__`."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus

    def __iter__(self) -> Iterator[list[str]]:
        return iter(self.corpus)


def test_any_iterable_is_a_corpus(tmp_path: Path) -> None:
    expected = count(TEXT)
    arrays = [np.array(s) for s in TEXT]
    generators = ((w for w in s) for s in TEXT)
    for corpus in (TEXT, tuple(map(tuple, TEXT)), Others(TEXT), arrays, generators, iter(TEXT)):
        phrases = Phrases(corpus)
        assert phrases.vocab == expected
        assert all(type(word) is str for word in phrases.vocab)
    assert Phrases([]).vocab == {}
    assert Phrases().vocab == {}
    assert Phrases(), "an empty model is no false one"


def write(path: Path, corpus: Corpus) -> Path:
    path.write_text("".join(" ".join(s) + "\n" for s in corpus), encoding="utf-8")
    return path


SPACES = "a b\u00a0c\x1cd\r\n\n \u3000 \n\u2003x\u2028 e f\ne\x85\nend\u3000\u3000"


def spaced(n: int) -> str:
    """A text with all kinds of white space, and lines of all lengths."""
    rng = random.Random(n)
    words = ["new", "york", "é", "日本", "a", "of", "xxxxxxxxxxxx", "\u00a0", "b\u2003", "\u3000c"]
    gaps = [" ", " ", " ", "\n", "\n\n", "\t", "  ", "\u00a0", "\u2028", "\x1d"]
    return "".join(rng.choice(words) + rng.choice(gaps) for _ in range(n))


@pytest.mark.parametrize("text", [SPACES, "", "\n", "x", "\ufeffx y\n", spaced(9), spaced(5_000)])
@pytest.mark.parametrize("length", [3, 10_000])
def test_files_are_counted_in_c_as_they_are_iterated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, length: int
) -> None:
    plain, packed = tmp_path / "b", tmp_path / "a.whatever"
    plain.write_bytes(text.encode())
    packed.write_bytes(gzip.compress(text.encode()))
    corpora: list[Callable[[], Any]] = [
        lambda: LineSentence(plain, length),
        lambda: LineSentence(str(packed), length),
        lambda: PathLineSentences(tmp_path, length),
        lambda: Text8Corpus(plain, length),
    ]
    for block_size in (1, 7, 4 << 20):
        monkeypatch.setattr(PlainText.open, "__defaults__", (block_size,))
        if block_size == 1 and len(text) > 1000:
            continue
        for make, connectors in itertools.product(corpora, ([], ["of", "b"])):
            for most in (40_000_000, 6):
                ours = Phrases(make(), connector_words=connectors, max_vocab_size=most)
                slow = Phrases(iter(make()), connector_words=connectors, max_vocab_size=most)
                assert list(ours.vocab.items()) == list(slow.vocab.items())
                assert ours.corpus_word_count == slow.corpus_word_count


def test_a_limit_and_file_objects_are_respected(tmp_path: Path) -> None:
    path = write(tmp_path / "t", TEXT)
    assert Phrases(LineSentence(path, limit=2)).vocab == count(TEXT[:2])
    with path.open("rb") as file:
        assert Phrases(LineSentence(file)).vocab == count(TEXT)


def test_files_and_lists_add_up(tmp_path: Path) -> None:
    path = write(tmp_path / "t", TEXT)
    phrases = Phrases(LineSentence(path))
    phrases.add_vocab([["new", "york"], ["brand", "new"]])
    phrases.add_vocab(Text8Corpus(path))
    expected = Phrases([*TEXT, ["new", "york"], ["brand", "new"], [w for s in TEXT for w in s]])
    assert phrases.vocab == expected.vocab
    assert phrases[["brand", "new", "york"]] == expected[["brand", "new", "york"]]


@pytest.mark.parametrize("kind", [LineSentence, PathLineSentences, Text8Corpus])
def test_bad_files_are_named(tmp_path: Path, kind: Any) -> None:
    path = tmp_path / "t"
    path.write_bytes(b"fine\nx \xff y\n")
    with pytest.raises(CorpusError, match=r"t, line 2: the word b'\\xff' is not UTF-8"):
        Phrases(kind(path))
    path.write_bytes(gzip.compress(b"a b c\n" * 9999)[:-20])
    with pytest.raises(CorpusError, match="t: the compressed data are damaged"):
        Phrases(kind(path))
    phrases = Phrases([["a", "b"]])
    with pytest.raises(CorpusError):
        phrases.add_vocab(kind(path))
    assert phrases.vocab == {"a": 1, "b": 1, "a_b": 1}


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"min_count": 0}, ValueError, "min_count should be at least 1"),
        ({"min_count": None}, TypeError, "min_count must be a number"),
        ({"threshold": 0}, ValueError, "threshold should be positive for default scoring"),
        ({"threshold": "1"}, TypeError, "threshold must be a number"),
        ({"threshold": math.nan}, TypeError, "threshold must be a number"),
        (
            {"threshold": 1.1, "scoring": "npmi"},
            ValueError,
            "threshold should be between -1 and 1 for npmi scoring",
        ),
        ({"max_vocab_size": 0}, ValueError, "max_vocab_size should be at least 1"),
        ({"progress_per": 0}, ValueError, "progress_per should be at least 1"),
        ({"scoring": "best"}, ValueError, "unknown scoring method string best specified"),
        ({"scoring": 5}, TypeError, "scoring must be 'default', 'npmi' or a function"),
        ({"scoring": lambda worda_count: 1.0}, ValueError, "missing expected parameters"),
        ({"delimiter": b"_"}, TypeError, "delimiter must be a str"),
        ({"sentences": 5}, TypeError, "sentences must be an iterable of sentences, got int"),
        ({"sentences": [["a"], 5]}, TypeError, "sentence 2 must be an iterable of tokens"),
        ({"sentences": [["a"], ["b", 5]]}, TypeError, "sentence 2: .* must be str, got int"),
        ({"sentences": [[b"a"]]}, TypeError, "sentence 1: .* must be str, got bytes"),
        ({"sentences": [[["a"]]]}, TypeError, "unhashable"),
    ],
)
def test_mistakes_are_named(settings: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Phrases(**settings)


def test_errors_of_the_corpus_pass_and_leave_the_counts() -> None:
    def broken() -> Iterator[list[str]]:
        yield ["a", "b"]
        raise TypeError("mine")

    phrases = Phrases([["x", "y"]])
    with pytest.raises(TypeError, match=r"^mine$"):
        phrases.add_vocab(broken())
    assert phrases.vocab == {"x": 1, "y": 1, "x_y": 1}
    assert phrases.corpus_word_count == 2


def test_plain_strings_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="fastw2v"):
        assert Phrases(["ab"]).vocab == {"a": 1, "b": 1, "a_b": 1}
    assert "First item here is instead plain <class 'str'>" in caplog.text


ROWS = [["new", "york", "is"], None, ["new", "york"], ["a"]]


def columns() -> list[Any]:
    """The sentences of `ROWS` as tables and columns of other libraries, in lists and in texts."""
    pa = pytest.importorskip("pyarrow")
    texts = [row and " ".join(row) for row in ROWS]
    found = [pa.array(ROWS), pa.chunked_array([ROWS]), pa.table({"text": ROWS}), pa.array(texts)]
    for name in ("pandas", "polars"):
        with contextlib.suppress(ImportError):
            library = importlib.import_module(name)
            found += [library.Series(ROWS), library.DataFrame({"text": ROWS})]
            found += [library.Series(texts), library.DataFrame({"text": texts})]
    return found


def test_columns_are_read_as_word2vec_reads_them() -> None:
    sentences = [row for row in ROWS if row]
    expected = Phrases(sentences, min_count=1, threshold=0.1)
    for corpus in columns():
        phrases = Phrases(corpus, min_count=1, threshold=0.1)
        assert phrases.vocab == expected.vocab
        assert phrases.find_phrases(corpus) == expected.find_phrases(sentences)
        single, _ = is_single(corpus)
        if not single:  # a column of texts is taken for a sentence there, as a list of them is
            for model in (phrases, phrases.freeze()):
                assert list(model[corpus]) == list(expected[sentences])


def test_sentences_may_be_arrays() -> None:
    pa = pytest.importorskip("pyarrow")
    phrases = Phrases([row for row in ROWS if row], min_count=1, threshold=0.1)
    for words, joined in ((["new", "york"], ["new_york"]), ([None, "new"], [None, "new"])):
        sentence = pa.array(words)
        assert phrases[sentence] == joined
        assert [token for token, _ in phrases.analyze_sentence(sentence)] == joined
    assert phrases[pa.array(ROWS)[0]] == ["new_york", "is"]
    assert list(phrases[[pa.array(["new", "york"])]]) == [["new_york"]]


def test_connector_words_may_be_a_column_and_are_no_single_string() -> None:
    class MapStyle:
        def __getitem__(self, index: int) -> str:
            return ("of", "the")[index % 2]

        def __len__(self) -> int:
            return 2

    given: list[Any] = [MapStyle(), np.array(["of", "the"])]
    with contextlib.suppress(ImportError):
        given.append(importlib.import_module("pyarrow").array(["of", "the"]))
    for words in given:
        connectors = Phrases(connector_words=words).connector_words
        assert connectors == {"of", "the"}
        assert {type(word) for word in connectors} == {str}
    for words in ("of", b"of", None, 3):
        with pytest.raises(TypeError, match=r"^connector_words must be an iterable of str, such"):
            Phrases(connector_words=words)  # type: ignore[arg-type]


def test_progress_is_reported(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    path = write(tmp_path / "t", TEXT)
    Phrases().add_vocab(LineSentence(path), progress=lambda *now: seen.append(now))
    size = path.stat().st_size
    assert seen[-1] == (size, size)
    Phrases().add_vocab(TEXT, progress=lambda *now: seen.append(now))
    assert seen[-1] == (len(TEXT), len(TEXT))


def models() -> list[Any]:
    words = draw(WORDS["beyond ascii"], 50, 9, seed=7)
    of = frozenset(["of"])
    return [
        Phrases(TEXT, min_count=1, threshold=1, connector_words=ENGLISH_CONNECTOR_WORDS),
        Phrases(words, min_count=1, threshold=0.01, delimiter="é", connector_words=of),
        Phrases(words, min_count=2, threshold=0.1, scoring="npmi", max_vocab_size=20),
        Phrases(TEXT, min_count=np.int64(1), threshold=np.float32(0.5), scoring=cheap_scorer),
        Phrases(min_count=1.5),
    ]


def same(one: Any, other: Any) -> bool:
    sentences = [*TEXT, *draw(WORDS["beyond ascii"], 20, 9, seed=8)]
    if isinstance(one, Phrases):
        names = ["vocab", "corpus_word_count", "min_reduce", "max_vocab_size", "progress_per"]
    else:
        names = ["phrasegrams"]
    names += ["min_count", "threshold", "delimiter", "connector_words", "scoring"]
    return all(getattr(one, name) == getattr(other, name) for name in names) and list(
        one[sentences]
    ) == list(other[sentences])


@pytest.mark.parametrize("i", range(5))
@pytest.mark.parametrize("frozen", [False, True])
def test_saving_and_pickling_keep_everything(tmp_path: Path, i: int, frozen: bool) -> None:
    model = models()[i]
    model = model.freeze() if frozen else model
    path = tmp_path / "model"
    model.save(path)
    loaded = type(model).load(path)
    assert type(loaded) is type(model)
    assert same(model, loaded)
    model.note = "mine"
    for twin in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert same(model, twin)
        assert twin.note == "mine"
    with path.open("wb") as file:
        model.save(file)
    with path.open("rb") as file:
        assert same(model, type(model).load(file))
    if not frozen:
        loaded.add_vocab(TEXT)
        model.add_vocab(TEXT)
        assert same(model, loaded)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scoring": 5}, "'scoring' must be 'default', 'npmi' or"),
        ({"scoring": [1, 2]}, "'scoring' must be 'default', 'npmi' or"),
        ({"scoring": ["nowhere", "f"]}, "is not there; import its module first"),
        ({"threshold": [1]}, r"'threshold' must be a number, not \[1\]"),
        ({"min_count": 10**400}, "'min_count' must be a number"),
        ({"connector_words": ["of", 3]}, "'connector_words' must be a list, each a text"),
        ({"delimiter": None}, "'delimiter' must be a text, not None"),
        ({"corpus_word_count": "x"}, "'corpus_word_count' must be a whole number"),
        ({"min_reduce": 0}, "'min_reduce' must be a whole number, 1 to"),
        ({"max_vocab_size": 0}, "max_vocab_size should be at least 1"),
        ({"threshold": -1}, "threshold should be positive"),
    ],
)
def test_what_a_header_cannot_say_is_refused(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    path = tmp_path / "model"
    Phrases(TEXT).save(path)
    header, arrays = phrases_file.read(path)
    own = {name: v for name, v in header.items() if name not in ("format", "version", "arrays")}
    phrases_file.write(path, {**own, **change}, arrays)
    with pytest.raises(FormatError, match=f"{path.name}: {message}|{path.name}: .*{message}"):
        Phrases.load(path)


def test_arrays_of_another_type_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model"
    for model in (Phrases(TEXT, min_count=1), Phrases(TEXT, min_count=1).freeze()):
        model.save(path)
        header, arrays = phrases_file.read(path)
        del header["arrays"]
        for name, values in arrays.items():
            kind = "f8" if values.dtype != np.float64 else "i8"
            phrases_file.write(path, header, {**arrays, name: values.astype(kind)})
            with pytest.raises(FormatError, match=f"{path.name}: the array '{name}' is "):
                type(model).load(path)
            phrases_file.write(path, header, {n: v for n, v in arrays.items() if n != name})
            with pytest.raises(FormatError, match=f"{path.name}: the array '{name}' is missing"):
                type(model).load(path)


@pytest.mark.parametrize("number", [math.inf, 1e300, 2**64])
def test_a_table_without_a_bound(number: float) -> None:
    phrases = Phrases(TEXT, min_count=1, threshold=0.1, max_vocab_size=number)  # type: ignore[arg-type]
    assert phrases.vocab == Phrases(TEXT).vocab
    with pytest.raises(ValueError, match="threshold must be a number that a float can hold"):
        Phrases(threshold=10**400)


def test_loading_refuses_what_it_cannot_know(tmp_path: Path) -> None:
    path = tmp_path / "model"
    Phrases(TEXT).save(path)
    with pytest.raises(FormatError, match="holds 'Phrases', not 'FrozenPhrases'"):
        FrozenPhrases.load(path)

    def local(
        worda_count: int, wordb_count: int, bigram_count: int, len_vocab: int,
        min_count: int, corpus_word_count: int,
    ) -> float:  # fmt: skip
        return 1.0

    Phrases(TEXT, scoring=local).save(path)
    with pytest.raises(ValueError, match="import its module first, or pass scoring= to load"):
        Phrases.load(path)
    assert Phrases.load(path, scoring=local).scoring is local
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(FormatError, match="looks like a pickle"):
        Phrases.load(path)


def test_no_damage_to_a_file_goes_unnoticed(tmp_path: Path) -> None:
    path = tmp_path / "model"
    model = Phrases(TEXT[:2], connector_words=["is"])
    model.save(path)
    good = path.read_bytes()
    for cut in range(len(good)):
        path.write_bytes(good[:cut])
        with pytest.raises(FormatError):
            Phrases.load(path)
    body = good.index(b"\n") + 1
    for place in range(body, len(good)):
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        with pytest.raises(FormatError, match="checksum"):
            Phrases.load(path)


def test_names_of_old() -> None:
    assert Phraser is FrozenPhrases
    with pytest.raises(TypeError, match="must be a Phrases or FrozenPhrases, got int"):
        FrozenPhrases(5)  # type: ignore[arg-type]


def test_the_example_of_the_module() -> None:
    assert doctest.testmod(fastw2v.phrases).failed == 0


def test_the_name_of_a_scoring_function_imports_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even through a module that imports when it is asked for a name."""
    lazy = types.ModuleType("lazy_for_phrases")
    asked: list[str] = []

    def ask(name: str) -> object:
        asked.append(name)
        return cheap_scorer

    vars(lazy).update(__getattr__=ask, Scorers=type("S", (), {"mine": staticmethod(cheap_scorer)}))
    monkeypatch.setitem(sys.modules, "lazy_for_phrases", lazy)
    assert scorer_of(name_of(cheap_scorer), None) is cheap_scorer
    assert scorer_of(["lazy_for_phrases", "Scorers.mine"], None) is cheap_scorer
    for missing in ("foo", "foo.bar", "Scorers.foo", "__getattr__.x"):
        with pytest.raises(ValueError, match=r"the scoring function .* is not there"):
            scorer_of(["lazy_for_phrases", missing], None)
    assert asked == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("min_count", float("nan"), "min_count must be a number"),
        ("threshold", None, "'threshold' must be a number"),
        ("threshold", -1, "threshold should be positive"),
        ("corpus_word_count", 1.5, "'corpus_word_count' must be a whole number"),
    ],
)
def test_save_refuses_what_load_would(tmp_path: Path, name: str, value: Any, message: str) -> None:
    model = Phrases([["a", "b"]] * 9)
    setattr(model, name, value)
    with pytest.raises(FormatError, match=f"cannot save: {message}"):
        model.save(tmp_path / "file")
    assert not list(tmp_path.iterdir())
