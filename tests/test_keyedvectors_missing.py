"""Keys that are not there, tables that are iterated or taken for arrays."""

from __future__ import annotations

import pickle
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fastw2v import KeyedVectors
from fastw2v.keyedvectors import missing

WORDS = ["the", "king", "queen", "Paris", "new_york", "café", "7", "8"]


@pytest.fixture
def kv() -> KeyedVectors:
    return KeyedVectors.from_arrays(WORDS, np.eye(8, 8, dtype=np.float32))


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("King", "'king'"),
        ("paris", "'Paris'"),
        (" king ", "'king'"),
        ("kng", "'king'"),
        ("kinng", "'king'"),
        ("ikng", "'king'"),
        ("kink", "'king'"),
        ("KINK", "'king'"),
        ("qeen", "'queen'"),
        ("new york", "'new_york'"),
        ("cafe\N{COMBINING ACUTE ACCENT}", "'café'"),
        ("cafe", "'café'"),
        (9, ""),
        (70, ""),
        (np.int64(8), "'8'"),
        (b"king", "'king'"),
        ("9", ""),
        ("zebra", ""),
        ("", ""),
        ("x" * 100_000, ""),
    ],
)  # fmt: skip
def test_keys_that_are_spelled_nearly_so_are_named(kv: KeyedVectors, key: Any, near: str) -> None:
    for ask, ending in (
        (kv.get_vector, ""),
        (kv.get_index, ""),
        (kv.__getitem__, ""),
        (lambda k: kv.distances(k), ""),
        (lambda k: kv[["king", k]], ""),
        (kv.most_similar, " in vocabulary"),
        (lambda k: kv.most_similar_batch([[k]]), " in vocabulary"),
        (lambda k: kv.get_mean_vector([k], ignore_missing=False), " in vocabulary"),
    ):
        with pytest.raises(KeyError) as caught:
            ask(key)
        text = f"Key '{key}' not present{ending}"
        assert caught.value.args == (text,)
        assert str(caught.value) == repr(text) + (f": similar keys are {near}" if near else "")


def test_the_texts_begin_with_gensims() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = pytest.importorskip("gensim.models.keyedvectors")
    tables = [cls(2) for cls in (KeyedVectors, module.KeyedVectors)]
    questions: list[Callable[[Any], Any]] = [
        lambda t: t["Kings"],
        lambda t: t.get_index("Kings"),
        lambda t: t.similarity("king", "Kings"),
        lambda t: t.most_similar("Kings"),
        lambda t: t.most_similar(["king"], ["Kings"]),
        lambda t: t.most_similar(5),
        lambda t: t.get_mean_vector(["Kings"], ignore_missing=False),
        lambda t: t.most_similar_cosmul("Kings"),
        lambda t: t.closer_than("king", "Kings"),
    ]
    for table in tables:
        table.add_vectors(["king", "kings"], np.eye(2, dtype=np.float32))
    for question in questions:
        errors = []
        for table in tables:
            with warnings.catch_warnings(), pytest.raises(KeyError) as caught:
                warnings.simplefilter("ignore")
                question(table)
            errors.append(caught.value)
        assert errors[0].args == errors[1].args
        assert str(errors[0]).startswith(str(errors[1]))


def test_nothing_is_looked_for_until_the_error_is_printed(
    kv: KeyedVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    real = missing.near
    monkeypatch.setattr(missing, "near", lambda *a: calls.append(a) or real(*a))
    for _ in range(3):
        try:
            kv["kng"]
        except KeyError as error:
            kept = error
    assert kv.get_index("kng", 3) == 3 and "kng" not in kv
    assert not calls
    assert "similar keys are 'king'" in "".join(traceback.format_exception(kept))
    assert calls
    # An error that travels to another process does not take the table along.
    copy = pickle.loads(pickle.dumps(kept))
    assert isinstance(copy, KeyError) and copy.args == kept.args and str(copy) == str(kept)
    assert len(pickle.dumps(kept)) < 400


def test_whole_numbers_and_their_names() -> None:
    kv = KeyedVectors.from_arrays([10, 20], np.eye(2, dtype=np.float32))
    with pytest.raises(KeyError, match="similar keys are 20"):
        kv["20"]


def test_iterating_gives_the_keys(kv: KeyedVectors) -> None:
    assert list(kv) == WORDS and all(key in kv for key in kv)
    assert {key: kv[key] for key in kv}.keys() == kv.key_to_index.keys()
    assert list(KeyedVectors(3)) == []
    reserved = KeyedVectors(2, count=3)
    reserved.add_vector("a", [1, 2])
    assert list(reserved) == ["a"]
    numbers = KeyedVectors.from_arrays([3, 1], np.eye(2, dtype=np.float32))
    assert list(numbers) == [3, 1] and list(reversed(list(numbers))) == [1, 3]


def test_arrays_are_the_vectors(kv: KeyedVectors) -> None:
    assert np.asarray(kv) is kv.vectors
    assert np.shares_memory(np.asarray(kv), kv.vectors)
    assert not np.shares_memory(np.array(kv), kv.vectors)
    assert np.asarray(kv, np.float64).dtype == np.float64
    assert (np.asarray(kv) @ kv["king"]).shape == (8,)
    assert np.array([kv["king"], kv["queen"]]).shape == (2, 8)
    assert np.asarray(KeyedVectors(3)).shape == (0, 3)
