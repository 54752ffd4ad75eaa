import random

import numpy as np
import pytest

from fastw2v.corpus import scan_sentences
from fastw2v.errors import EmptyVocabularyError
from fastw2v.vocab import RULE_DEFAULT, RULE_DISCARD, RULE_KEEP, Vocabulary

COUNTS = {"b": 3, "a": 5, "d": 1, "c": 3, "e": 3, "f": 5}


def scan_of(counts):
    """A corpus with these counts, whose words are first seen in this order."""
    words = [word for word, count in counts.items() for _ in range(count)]
    return scan_sentences([words])


def both(counts, **filters):
    """The same vocabulary from a table of counts and from a scan."""
    direct = Vocabulary.from_counts(counts, **filters)
    scanned = Vocabulary.from_scan(scan_of(counts), **filters)
    assert direct.keys == scanned.keys
    assert direct.counts.tolist() == scanned.counts.tolist()
    assert direct.effective_min_count == scanned.effective_min_count
    assert (direct.n_raw, direct.n_raw_tokens) == (scanned.n_raw, scanned.n_raw_tokens)
    return direct


def test_order_is_by_count_then_the_last_seen_first():
    vocabulary = both(COUNTS, min_count=1)
    assert vocabulary.keys == ["f", "a", "e", "c", "b", "d"]
    assert vocabulary.counts.tolist() == [5, 5, 3, 3, 3, 1]
    assert vocabulary.counts.dtype == np.int64
    assert vocabulary.index == {key: i for i, key in enumerate(vocabulary.keys)}
    assert len(vocabulary) == 6
    assert "a" in vocabulary
    assert "z" not in vocabulary


def test_unsorted_keeps_the_order_of_first_sight():
    assert both(COUNTS, min_count=3, sorted_vocab=False).keys == ["b", "a", "c", "e", "f"]


def test_ties_at_random():
    rng = random.Random(3)
    counts = {f"w{i}": rng.randrange(1, 6) for i in range(500)}
    last_first = list(counts)[::-1]
    assert both(counts, min_count=1).keys == sorted(last_first, key=lambda word: -counts[word])


def test_ledger():
    vocabulary = both(COUNTS, min_count=3)
    assert vocabulary.effective_min_count == 3
    assert (vocabulary.n_raw, vocabulary.n_raw_tokens) == (6, 20)
    assert (len(vocabulary), vocabulary.n_kept_tokens) == (5, 19)


@pytest.mark.parametrize(
    ("limit", "min_count", "keys", "effective"),
    [
        (1, 1, "f", 5),  # a ties with f, which comes first as it was seen last
        (2, 1, "fa", 4),
        (3, 1, "fae", 3),  # b, c, e tie
        (4, 1, "faec", 3),
        (5, 1, "faecb", 2),
        (6, 1, "faecbd", 1),
        (100, 0, "faecbd", 1),
        (5, 4, "fa", 4),
        (2, 5, "fa", 5),
    ],
)
def test_max_final_vocab(limit, min_count, keys, effective):
    vocabulary = both(COUNTS, min_count=min_count, max_final_vocab=limit)
    assert vocabulary.keys == list(keys)
    assert vocabulary.effective_min_count == effective


def test_trim_rule():
    calls = {}

    def rule(word, count, min_count):
        calls[word] = (count, min_count)
        return {"d": RULE_KEEP, "a": RULE_DISCARD}.get(word, RULE_DEFAULT)

    vocabulary = both(COUNTS, min_count=4, trim_rule=rule)
    assert vocabulary.keys == ["f", "d"]
    assert calls == {word: (count, 4) for word, count in COUNTS.items()}
    assert all(type(count) is int for count, _ in calls.values())


def test_max_final_vocab_is_exact_whatever_the_ties():
    rng = random.Random(4)
    counts = {f"w{i}": min(rng.randrange(1, 9), 5) for i in range(300)}
    last_first = list(counts)[::-1]
    ranked = sorted(last_first, key=lambda word: -counts[word])
    for limit in (1, 2, 50, 150, 299, 300, 301):
        for min_count in (1, 3):
            enough = [word for word in ranked if counts[word] >= min_count]
            vocabulary = both(counts, min_count=min_count, max_final_vocab=limit)
            assert vocabulary.keys == enough[:limit]
            first_seen = [word for word in counts if word in vocabulary]
            in_order = both(counts, min_count=min_count, max_final_vocab=limit, sorted_vocab=False)
            assert in_order.keys == first_seen


def test_words_that_a_rule_keeps_come_before_frequent_ones():
    def rule(word, count, min_count):
        return {"d": RULE_KEEP, "c": RULE_KEEP, "a": RULE_DISCARD}.get(word, RULE_DEFAULT)

    for limit, keys in ((1, "c"), (2, "cd"), (3, "fcd"), (4, "fecd"), (9, "fecbd")):
        vocabulary = both(COUNTS, min_count=2, max_final_vocab=limit, trim_rule=rule)
        assert vocabulary.keys == list(keys)


def test_trim_rule_sees_min_count():
    seen = set()
    both(COUNTS, min_count=2, max_final_vocab=3, trim_rule=lambda w, c, m: seen.add(m) or 0)
    assert seen == {2}


def test_trim_rule_that_answers_something_else_leaves_it_to_the_count():
    assert both(COUNTS, min_count=5, trim_rule=lambda *_: None).keys == ["f", "a"]


def test_empty_vocabulary_says_why():
    start = "you must first build vocabulary before training the model"
    with pytest.raises(EmptyVocabularyError) as caught:
        both(COUNTS, min_count=6)
    message = str(caught.value)
    assert message.startswith(start)
    assert "20 tokens (6 distinct words) were read" in message
    assert "min_count=6" in message
    with pytest.raises(EmptyVocabularyError, match=f"{start}.*0 tokens .*min_count=5"):
        both({})
    with pytest.raises(EmptyVocabularyError, match=f"{start}.*trim_rule.*min_count=2"):
        both(COUNTS, min_count=2, trim_rule=lambda *_: RULE_DISCARD)
    assert issubclass(EmptyVocabularyError, RuntimeError)


def test_counts_of_many_kinds():
    vocabulary = Vocabulary.from_counts({"a": np.int64(7), 3: 6, ("x", 1): 8, "none": 0})
    assert vocabulary.keys == [("x", 1), "a", 3]
    assert Vocabulary.from_counts({"none": 0}, min_count=0).keys == ["none"]
    big = Vocabulary.from_counts({"a": 2**40, "b": 2**41})
    assert big.keys == ["b", "a"]
    assert big.n_raw_tokens == 3 * 2**40


@pytest.mark.parametrize(
    ("counts", "filters", "error", "message"),
    [
        ({"a": 1.5}, {}, TypeError, "the count of 'a' must be an integer, got 1.5"),
        ({"a": -1}, {}, ValueError, "the count of 'a' must be 0 or more, got -1"),
        ({"a": 9}, {"min_count": -1}, ValueError, "min_count must be 0 or more, got -1"),
        ({"a": 9}, {"max_final_vocab": 0}, ValueError, "max_final_vocab must be None or 1 or more"),
    ],
)
def test_bad_values(counts, filters, error, message):
    with pytest.raises(error, match=message):
        Vocabulary.from_counts(counts, **filters)


def test_made_by_hand():
    vocabulary = Vocabulary(["a", "b"], [3, 2])
    assert vocabulary.counts.dtype == np.int64
    assert (vocabulary.n_raw, vocabulary.n_raw_tokens, vocabulary.n_kept_tokens) == (2, 5, 5)
    with pytest.raises(ValueError, match="'a' is in the vocabulary twice"):
        Vocabulary(["a", "b", "a"], [1, 1, 1])
    with pytest.raises(ValueError, match="one count per word: 2 words"):
        Vocabulary(["a", "b"], [1, 1, 1])


def test_counts_that_64_bits_cannot_sum_up(tmp_path):
    large = 2**62
    counts = {"a": large, "b": large - 1}
    assert Vocabulary.from_counts(counts, min_count=1).n_kept_tokens == 2**63 - 1
    message = r"sum up to 9,223,372,036,854,775,808, .*2\*\*63 - 1"
    with pytest.raises(ValueError, match=message):
        Vocabulary.from_counts({**counts, "c": 1}, min_count=1)
    with pytest.raises(ValueError, match=message):
        Vocabulary(["a", "b"], [large, large])
    with pytest.raises(ValueError, match=message):
        Vocabulary(["a", "b"], [large, large - 2]).enlarged({"b": 1, "x": 1}, min_count=1)
    with pytest.raises(ValueError, match=r"count of 'a' must be less than 2\*\*63, got 92"):
        Vocabulary.from_counts({"a": 2**63})
    path = tmp_path / "vocab"
    path.write_text("".join(f"w{i} {10**18 - 1}\n" for i in range(10)))
    with pytest.raises(ValueError, match="sum up to 9,999,999,999,999,999,990"):
        Vocabulary.load(path)
