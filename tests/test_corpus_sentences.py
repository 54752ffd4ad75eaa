"""Sentences from Python, against collections.Counter and a plain dictionary."""

import collections
import logging
import os
import random
from pathlib import Path

import numpy as np
import pytest

from fastw2v import Phrases, Word2Vec, save_as_line_sentence
from fastw2v.corpus import encode_sentences, scan_files, scan_sentences, segments
from fastw2v.vocab import Vocabulary

END = -(2**31)


def encode(sentences, **filters):
    scan = scan_sentences(sentences)
    vocabulary = Vocabulary.from_scan(scan, **filters)
    return vocabulary, scan.encode(vocabulary)


def words_of(vocabulary, store):
    """The store as lists of words."""
    sentences, sentence = [], []
    for value in store.ids.tolist():
        sentence.append(vocabulary.keys[value & 0x7FFFFFFF])
        if value < 0:
            sentences.append(sentence)
            sentence = []
    assert not sentence
    return sentences


@pytest.mark.parametrize("segment_tokens", [1, 3, 2 << 20])
def test_random_sentences(monkeypatch, segment_tokens):
    monkeypatch.setattr(segments, "SEGMENT_TOKENS", segment_tokens)
    rng = random.Random(segment_tokens)
    keys = [*"abcdefg", "ä", 1, 2, 3, (1, 2), ("x",), 2.5, b"a", 1.5, frozenset({1})]
    for min_count in (1, 2, 5, 8):
        weights = range(1, len(keys) + 1)
        sentences = [rng.choices(keys, weights, k=rng.randrange(6)) for _ in range(40)]
        counter = collections.Counter(word for line in sentences for word in line)
        kept = {word for word, count in counter.items() if count >= min_count}
        expected = [[word for word in line if word in kept] for line in sentences]
        expected = [line for line in expected if line]

        vocabulary, store = encode(sentences, min_count=min_count)
        again = encode_sentences(sentences, vocabulary)
        assert again.ids.tolist() == store.ids.tolist()
        for result in (store, again):
            assert words_of(vocabulary, result) == expected
            assert result.longest == max(map(len, expected))
            assert result.n_sentences == 40
            assert result.n_corpus == counter.total()
            assert result.n_oov == counter.total() - sum(map(len, expected))
            assert result.n_bytes == 0


@pytest.mark.parametrize("segment_tokens", [3, 2 << 20])
def test_words_of_every_length_and_kind(monkeypatch, segment_tokens):
    """Short words of ASCII go past the dictionary, and must not come to be others."""
    monkeypatch.setattr(segments, "SEGMENT_TOKENS", segment_tokens)
    rng = random.Random(0)
    words = ["", "\0", "\0\0", "a\0", "ä", "äb", "a" * 15 + "ä", 3, b"a", ("a",)]
    words += ["x" * n for n in range(1, 20)] + ["x" * n + "y" for n in range(1, 20)]
    words += [f"{number:x}" for number in range(9000)]

    class Str(str):
        pass

    words += [Str("a"), Str("new")]
    sentences = [rng.choices(words, k=rng.randrange(100)) for _ in range(1000)]
    sentences = [
        [rng.choice([word, word[:1] + word[1:]]) if type(word) is str else word for word in s]
        for s in sentences
    ]
    counter = collections.Counter(word for line in sentences for word in line)
    scan = scan_sentences(sentences)
    assert scan.keys(range(len(scan.counts))) == list(counter)
    assert scan.counts.tolist() == list(counter.values())
    vocabulary = Vocabulary.from_scan(scan, min_count=3)
    expected = [[word for word in line if word in vocabulary] for line in sentences]
    for store in (scan.encode(vocabulary), encode_sentences(sentences, vocabulary)):
        assert words_of(vocabulary, store) == [line for line in expected if line]


def test_a_list_that_changes_while_it_is_read():
    class Evil:
        def __hash__(self):
            tokens[2:] = ["other", "words"]
            return 1

    tokens = ["a", Evil(), "b", "c", "d"]
    scan = scan_sentences([tokens])
    assert scan.keys(range(len(scan.counts)))[2:] == ["other", "words"]
    assert scan.n_tokens == 4


def test_kinds_of_sentences():
    corpus = [
        ["a", "b"],
        ("a", "c"),
        (word for word in "ab"),
        np.array(["a", "b"]),
        np.array(["a", "b"], dtype=object),
        {"a": 1, "b": 2},
        [],
        iter([]),
    ]
    vocabulary, store = encode(iter(corpus), min_count=1)
    assert vocabulary.keys == ["a", "b", "c"]
    assert vocabulary.counts.tolist() == [6, 5, 1]
    assert store.n_sentences == 8
    assert words_of(vocabulary, store)[1] == ["a", "c"]


def test_numpy_integers_are_integers():
    walks = np.array([[3, 1, 3], [1, 3, 2]])
    vocabulary = encode(walks, min_count=1)[0]
    assert vocabulary.keys == [3, 1, 2]
    assert {type(key) for key in vocabulary.keys} == {int}
    mixed = [[np.int64(3), 3, np.int32(1)], [1.0, np.int64(7)]]
    assert encode_sentences(mixed, vocabulary).ids.tolist() == [0, 0, 1 + END, 1 + END]
    assert scan_sentences(mixed).counts.tolist() == [2, 2, 1]


def test_many_distinct_words():
    vocabulary, store = encode([range(5000), range(4999, -1, -1)], min_count=2)
    assert vocabulary.keys == list(range(4999, -1, -1))
    assert (store.ids & 0x7FFFFFFF).tolist() == [*range(4999, -1, -1), *range(5000)]


def test_long_sentence_is_not_cut():
    store = encode([["a"] * 200_000, ["a"]])[1]
    assert store.longest == 200_000
    assert np.flatnonzero(store.ids < 0).tolist() == [199_999, 200_000]


def test_first_spelling_is_kept():
    """Equal keys are one word, and it looks as it did when it came first."""
    scan = scan_sentences([[1, True, 1.0]])
    assert [type(key) for key in scan.keys([0])] == [int]
    assert scan.counts.tolist() == [3]


def test_vocabulary_of_another_corpus():
    scan = scan_sentences([["a", "new", "b"], ["new"]])
    vocabulary = Vocabulary(["b", "gone", "a"], [1, 1, 1])
    store = scan.encode(vocabulary)
    assert store.ids.tolist() == [2, END]
    assert (store.n_corpus, store.n_oov, store.n_sentences) == (4, 2, 2)


def test_plain_strings_are_warned_of(caplog):
    with caplog.at_level(logging.WARNING, logger="fastw2v"):
        scan = scan_sentences(["ab", "ba"])
    assert [record.getMessage() for record in caplog.records] == [
        "Each 'sentences' item should be a list of words (usually unicode strings). "
        "First item here is instead plain <class 'str'>."
    ]
    assert scan.keys([0, 1]) == ["a", "b"]
    assert scan.counts.tolist() == [2, 2]


READERS = {
    "Word2Vec": lambda given: Word2Vec(given, min_count=1),
    "fit": lambda given: Word2Vec(min_count=1).fit(given),
    "build_vocab": lambda given: Word2Vec(min_count=1).build_vocab(given),
    "scan_vocab": lambda given: Word2Vec(min_count=1).scan_vocab(given),
    "train": lambda given: MODEL.train(given, total_examples=1, epochs=1),
    "score": lambda given: MODEL.score(given),
    "Phrases": lambda given: Phrases(given),
    "add_vocab": lambda given: Phrases().add_vocab(given),
    "find_phrases": lambda given: Phrases([["a"]]).find_phrases(given),
    "frozen": lambda given: Phrases([["a"]]).freeze().find_phrases(given),
    "save_as_line_sentence": lambda given: save_as_line_sentence(given, os.devnull),
}
MODEL = Word2Vec([["a", "b"]], min_count=1, hs=1, negative=0)


@pytest.mark.parametrize("name", READERS)
def test_a_text_is_no_corpus_anywhere(name, caplog):
    for given in ("some text", "nosuch.txt", Path("nosuch.txt"), b"text"):
        with pytest.raises(TypeError, match="would be letters") as caught:
            READERS[name](given)
        assert ("(no such file)" in str(caught.value)) == ("nosuch" in str(given))
    with caplog.at_level(logging.WARNING, logger="fastw2v"):
        READERS[name](["ab", "ba"])
    assert caplog.text.count("is instead plain <class 'str'>") == 1


def test_a_sentence_that_is_a_string_is_warned_of(caplog):
    phrases = Phrases([["a", "b"]])
    assert phrases["ab"] == ["a", "b"]
    assert list(phrases.analyze_sentence("ab")) == [("a", None), ("b", None)]
    assert caplog.text.count("is instead plain <class 'str'>") == 2


@pytest.mark.parametrize("read", [scan_sentences, lambda s: encode_sentences(s, VOCABULARY)])
def test_errors_say_where(read):
    with pytest.raises(TypeError, match="sentences must be an iterable of sentences, got int"):
        read(5)
    with pytest.raises(TypeError, match="sentence 2 must be an iterable of tokens, got int"):
        read([["a"], 5])
    with pytest.raises(TypeError, match="sentence 1 must be an iterable of tokens, got float"):
        read([np.array(1.0)])
    with pytest.raises(TypeError, match=r"token 3 of sentence 2 cannot be a word: unhashable"):
        read([["a"], ["b", "c", ["d"]]])


@pytest.mark.parametrize("error", [TypeError("mine"), ValueError("mine"), KeyboardInterrupt()])
def test_errors_of_the_iterable_arrive_unchanged(error):
    def corpus(inside):
        yield ["a"]
        if inside:
            yield tokens()
        raise error

    def tokens():
        yield "b"
        raise error

    for inside in (False, True):
        for read in (scan_sentences, lambda s: encode_sentences(s, VOCABULARY)):
            with pytest.raises(type(error)) as caught:
                read(corpus(inside))
            assert caught.value is error
            assert caught.value.__cause__ is None


VOCABULARY = Vocabulary(["a", "b", "c"], [1, 1, 1])


def test_progress():
    calls = []
    scan_sentences([["a"]] * 50, progress=lambda done, total: calls.append((done, total)))
    assert calls[0] == (1, 50)
    assert calls[-1] == (50, 50)
    calls.clear()
    encode_sentences(
        iter([["a"]] * 7), VOCABULARY, progress=lambda done, total: calls.append((done, total))
    )
    assert calls[-1] == (7, None)


# max_vocab_size ------------------------------------------------------------------------------


def capped_counts(sentences, max_vocab_size, rule=None):
    """The rule in plain Python: a dictionary that forgets."""
    counts, min_reduce = {}, 1
    for sentence in sentences:
        for word in sentence:
            counts[word] = counts.get(word, 0) + 1
        if len(counts) > max_vocab_size:
            for word, count in list(counts.items()):
                verdict = rule(word, count, min_reduce) if rule else 0
                if verdict == 1 or (verdict != 2 and count < min_reduce):
                    del counts[word]
            min_reduce += 1
    return counts


def test_cap_by_hand():
    # After sentence 1 (5 words > 2): min_reduce is 1, nothing is that rare. After sentence 2:
    # min_reduce is 2, so b, c, d, e go, and f. After sentence 3 there are two words: no pruning.
    scan = scan_sentences([["a", "b", "c", "d", "e"], ["a", "f"], ["b"]], max_vocab_size=2)
    assert scan.keys(range(len(scan.counts))) == ["a", "b"]
    assert scan.counts.tolist() == [2, 1]
    assert scan.n_tokens == 8
    # All of b is trained on: what was forgotten is its count.
    vocabulary = Vocabulary.from_scan(scan, min_count=1)
    assert scan.encode(vocabulary).ids.tolist() == [0, 1 + END, END, 1 + END]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("block_size", [3, 1 << 20])
@pytest.mark.parametrize("with_rule", [False, True])
def test_cap_on_random_sentences(tmp_path, seed, block_size, with_rule):
    rng = random.Random(seed)
    words = [f"w{i}" for i in range(40)]
    weights = [1 / (i + 1) for i in range(40)]
    sentences = [rng.choices(words, weights, k=rng.randrange(1, 12)) for _ in range(100)]

    def rule(word, count, min_count):
        assert isinstance(word, str)
        return 2 if word == "w39" else 1 if word == "w0" and count < 9 else 0

    chosen = rule if with_rule else None
    cap = rng.choice([1, 5, 10, 20])
    expected = capped_counts(sentences, cap, chosen)
    path = tmp_path / "corpus.txt"
    path.write_text("\n\n".join(map(" ".join, sentences)))
    scans = [
        scan_sentences(sentences, max_vocab_size=cap, trim_rule=chosen),
        scan_files([path], workers=2, max_vocab_size=cap, trim_rule=chosen, block_size=block_size),
    ]
    for scan in scans:
        assert scan.keys(range(len(scan.counts))) == list(expected)
        assert scan.counts.tolist() == list(expected.values())
        assert scan.n_tokens == sum(map(len, sentences))
        assert scan.n_sentences == 100
        if expected:
            vocabulary = Vocabulary.from_scan(scan, min_count=1)
            n_kept = sum(word in expected for line in sentences for word in line)
            assert len(scan.encode(vocabulary).ids) == n_kept


def test_cap_out_of_range():
    with pytest.raises(ValueError, match="max_vocab_size must be None or 1 or more, got 0"):
        scan_sentences([["a"]], max_vocab_size=0)
