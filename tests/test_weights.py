"""Where the rows of W and W' are: plain arrays to everybody, spread only while an epoch runs."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import DivergenceError, Word2Vec
from fastw2v.weights import Weights
from tests.test_word2vec import corpus

BOTH: dict[str, Any] = {"min_count": 1, "workers": 2, "epochs": 3, "hs": 1, "negative": 5}


def matrices(model: Word2Vec) -> list[np.ndarray]:
    return [model.wv.vectors, model.syn1neg, model.syn1]


def assert_plain(arrays: list[np.ndarray]) -> None:
    for array in arrays:
        assert array.dtype == np.float32
        assert array.flags.c_contiguous and array.flags.writeable and array.flags.aligned
        assert np.shares_memory(array.ravel(), array)


class Keeping:
    """Keeps the arrays of every moment at which user code runs."""

    def __init__(self, fails: bool = False) -> None:
        self.kept: list[list[np.ndarray]] = []
        self._fails = fails

    def _keep(self, model: Word2Vec) -> None:
        self.kept.append(matrices(model))
        assert_plain(self.kept[-1])
        if self._fails and len(self.kept) == 4:
            raise ZeroDivisionError

    on_train_begin = on_epoch_begin = on_epoch_end = on_train_end = _keep


class ByJobs(Word2Vec):
    """Trained batch by batch."""

    def _do_train_job(self, *arguments: Any) -> tuple[int, int]:
        return super()._do_train_job(*arguments)


@pytest.mark.parametrize("dim", [1, 15, 16, 17, 100])
@pytest.mark.parametrize("n_words", [1, 2, 37, 9000])
def test_rows_come_back_from_where_they_are_spread(dim: int, n_words: int) -> None:
    weights = Weights(n_words, dim, negative=True, hs=True, seed=3)
    before = [weights.vectors.copy(), *(np.zeros((n_words, dim)) for _ in range(2))]
    assert weights.vectors.flags.c_contiguous
    packed = weights.vectors
    for _ in range(2):
        weights.spread()
        assert weights.w_in[:, dim:].any() == False  # noqa: E712
        np.testing.assert_array_equal(weights.w_in[:, :dim], before[0])
        np.testing.assert_array_equal(weights.vectors, before[0])
        assert weights.w_in.ctypes.data % 64 == 0 and weights.w_in.strides[0] % 64 == 0
        weights.w_in[:, :dim] += 1
        assert weights.w_ns is not None
        weights.w_ns[:, :dim] += 2
        before = [before[0] + 1, before[1] + 2, before[2]]
        weights.pack()
        for found, name, expected in zip(
            (weights.vectors, weights.part("w_ns"), weights.part("w_hs")),
            "abc",
            before,
            strict=True,
        ):
            assert found is not None and found.flags.c_contiguous, name
            np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(packed, before[0])


@pytest.mark.parametrize("kind", [Word2Vec, ByJobs])
@pytest.mark.parametrize("dim", [16, 17, 100])
def test_arrays_are_plain_and_alive_whenever_user_code_runs(kind: Any, dim: int) -> None:
    """As in gensim, an array that was taken at any time shows what training makes of it."""
    keeping = Keeping()
    model = kind(vector_size=dim, **BOTH)
    model.build_vocab(corpus())
    kept = [matrices(model)]
    model.train(corpus(), total_examples=300, epochs=3, callbacks=[keeping])
    kept += [*keeping.kept, matrices(model)]
    assert len(kept) == 10
    for arrays in kept:
        assert_plain(arrays)
        for array, now in zip(arrays, matrices(model), strict=True):
            assert array.ctypes.data == now.ctypes.data
            np.testing.assert_array_equal(array, now)
    assert np.abs(model.syn1neg).max() > 0
    model.train(corpus(), total_examples=300, epochs=1)  # without callbacks
    np.testing.assert_array_equal(kept[0][0], model.wv.vectors)
    assert_plain(matrices(model))


@pytest.mark.parametrize("kind", [Word2Vec, ByJobs])
def test_arrays_are_plain_after_an_exception(kind: Any) -> None:
    keeping = Keeping(fails=True)
    model = kind(vector_size=20, **BOTH)
    model.build_vocab(corpus())
    kept = matrices(model)
    with pytest.raises(ZeroDivisionError):
        model.train(corpus(), total_examples=300, epochs=3, callbacks=[keeping])
    with pytest.raises(ValueError, match="alpha"):
        model.train(corpus(), total_examples=300, epochs=1, start_alpha=-1)

    def failing() -> Iterator[list[str]]:
        yield from corpus()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        model.train(failing(), total_examples=300, epochs=1)
    assert_plain(matrices(model))
    np.testing.assert_array_equal(kept[0], model.wv.vectors)
    model.wv.vectors[0, 0] = np.nan
    with pytest.raises(DivergenceError):
        model.train(corpus(), total_examples=300, epochs=3, start_alpha=0.025)
    assert_plain(matrices(model))
    assert kept[0].ctypes.data == model.wv.vectors.ctypes.data


def test_arrays_are_plain_on_all_ways_to_a_model(tmp_path: Path) -> None:
    model = Word2Vec(corpus(), vector_size=20, **BOTH)
    model.save(tmp_path / "model")
    models = [
        model,
        Word2Vec.load(tmp_path / "model"),
        Word2Vec.load(tmp_path / "model", mmap="c"),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model, protocol=5)),
    ]
    for other in models:
        assert_plain(matrices(other))
        np.testing.assert_array_equal(other.wv.vectors, model.wv.vectors)
    for other in models[1:]:
        other.build_vocab([["new"] * 3, *corpus()], update=True)
        assert_plain(matrices(other))
        other.train(corpus(), total_examples=300, epochs=1)
        assert_plain(matrices(other))
    buffers: list[pickle.PickleBuffer] = []
    pickle.dumps(model.wv.vectors, protocol=5, buffer_callback=buffers.append)
    assert len(buffers) == 1, "out of band, which no copy is"


def test_a_batch_outside_of_train_leaves_the_matrix_where_it_is() -> None:
    model = Word2Vec(vector_size=20, min_count=1)
    model.build_vocab(corpus())
    kept = model.wv.vectors
    before = kept.copy()
    threads = [
        threading.Thread(target=model._do_train_job, args=(corpus()[:50], 0.025, None))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert model.wv.vectors.ctypes.data == kept.ctypes.data
    assert_plain([model.wv.vectors, model.syn1neg])
    np.testing.assert_array_equal(kept, model.wv.vectors)
    assert not np.array_equal(before, kept) and np.isfinite(kept).all()


def test_vectors_that_are_exchanged_meanwhile_stay() -> None:
    """By another thread, while an epoch runs; they are trained in the next one."""
    model = Word2Vec(vector_size=20, min_count=1, workers=1)
    model.build_vocab(corpus())
    given = np.full(model.wv.vectors.shape, 0.125, np.float32)

    def exchange(_progress: object) -> None:
        if model.wv.vectors is not given:
            model.wv.vectors = given

    model.train(corpus(), total_examples=300, epochs=1, observe=exchange)
    assert model.wv.vectors is given
    model.train(corpus(), total_examples=300, epochs=1, start_alpha=1e-9, end_alpha=1e-9)
    np.testing.assert_allclose(model.wv.vectors, given, atol=1e-6)


def test_the_same_bits_with_and_without_callbacks() -> None:
    plain = Word2Vec(corpus(), vector_size=20, workers=1, min_count=1)
    watched = Word2Vec(corpus(), vector_size=20, workers=1, min_count=1, callbacks=[Looking()])
    assert plain.wv.vectors.tobytes() == watched.wv.vectors.tobytes()


class Looking:
    def on_epoch_end(self, model: Word2Vec) -> None:
        assert model.wv.most_similar("w1")
