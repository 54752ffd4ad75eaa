"""Where the rows of W and W' are: plain arrays to everybody, spread only while an epoch runs."""

from __future__ import annotations

import copy
import io
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import DivergenceError, KeyedVectors, Word2Vec
from fastw2v.crew import PATIENCE
from fastw2v.keyedvectors import steady
from fastw2v.keyedvectors.steady import still
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
        assert len(model.wv["w1"])


def test_questions_of_other_threads_are_answered_right_all_the_time() -> None:
    """While epochs begin and end as fast as they can, with steps too small to change a bit."""
    model = Word2Vec(vector_size=20, min_count=1, workers=2, negative=1, sample=0)
    sentences = [[f"w{i}", f"w{i + 1}"] for i in range(0, 8000, 2)]
    model.build_vocab(sentences)
    wv = model.wv
    wv.vectors[:] = np.random.default_rng(0).normal(size=wv.vectors.shape)
    key = wv.index_to_key[-1]
    questions = [
        lambda: wv[key].tolist(),
        lambda: wv.get_vector(key, norm=True).tolist(),
        lambda: wv[[key, "w1"]].tolist(),
        lambda: wv[iter([key, "w1"])].tolist(),
        lambda: float(wv.similarity(key, "w1")),
        lambda: wv.distances(key, ["w1", "w2"]).tolist(),
        lambda: wv.most_similar(key, topn=3),
        lambda: wv.most_similar_cosmul(key, topn=3),
        lambda: wv.most_similar_batch([key, "w1"], topn=3),
        lambda: wv.get_mean_vector([key, "w1"]).tolist(),
        lambda: wv.rank_by_centrality([key, "w1", "w2"]),
        lambda: float(wv.norms.sum()),
        lambda: wv.get_normed_vectors()[-1].tolist(),
        lambda: wv.closer_than(key, wv.most_similar(key, topn=3)[-1][0]),
    ]
    expected = [ask() for ask in questions]
    ended, wrong, asked = threading.Event(), [], [0]

    def ask() -> None:
        while not ended.is_set():
            for number, question in enumerate(questions):
                asked[0] += 1
                if question() != expected[number]:
                    wrong.append(number)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        call: dict[str, Any] = {"total_examples": 4000, "start_alpha": 1e-38, "end_alpha": 1e-38}
        model.train(sentences, epochs=40, **call, callbacks=[Looking()])
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert wv._moves >= 160
    assert asked[0] > 100
    assert wrong == []


@pytest.mark.parametrize("seed", [0, 7, 2**64 - 1])
def test_rows_begin_with_draws_that_depend_on_seed_and_place_alone(seed: int) -> None:
    """SplitMix64 by position, in Python's whole numbers."""
    whole = 2**64 - 1

    def mix(z: int) -> int:
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & whole
        z = (z ^ z >> 27) * 0x94D049BB133111EB & whole
        return z ^ z >> 31

    def at(key: int, counter: int) -> int:
        return mix(key + (counter + 1) * 0x9E3779B97F4A7C15 & whole)

    key = mix(at(seed, whole) ^ 0xD1B54A32D192ED03)
    draws = np.array([at(key, i) >> 40 for i in range(40 * 7)], np.float32)
    expected = ((draws / np.float32(2**23) - 1) / np.float32(7)).reshape(40, 7)
    weights = Weights(25, 7, negative=True, hs=False, seed=seed)
    np.testing.assert_array_equal(weights.vectors, expected[:25])
    np.testing.assert_array_equal(weights.grown(40, seed).vectors, expected)
    assert abs(expected.mean()) < 0.02 and abs(expected.std() * 7 * 3**0.5 - 1) < 0.1


def later(wv: KeyedVectors) -> None:
    """Wait until rows have been moved, for as long as that takes unless it has to wait itself."""
    before, until = wv._moves, time.monotonic() + 0.2
    while wv._moves <= before + 1 and time.monotonic() < until:
        time.sleep(0.001)


def held(model: Word2Vec, vectors: np.ndarray) -> np.ndarray:
    """Return an array as it is when rows have been moved."""
    later(model.wv)
    return vectors


class Slow(io.BytesIO):
    """A file; before the first write to it rows are moved, unless that has to wait."""

    def __init__(self, wv: KeyedVectors) -> None:
        super().__init__()
        self._wv = wv

    def write(self, data: Any) -> int:
        if not self.tell():
            later(self._wv)
        return super().write(data)


def through_pipe(model: Word2Vec, path: Path, binary: bool) -> np.ndarray:
    """Have the vectors written to a pipe that is read as slowly."""
    os.mkfifo(path)
    copied = Slow(model.wv)

    def read() -> None:
        with path.open("rb") as pipe:
            while block := pipe.read(1 << 16):
                copied.write(block)

    reader = threading.Thread(target=read)
    reader.start()
    model.wv.save_word2vec_format(path, binary=binary)
    reader.join()
    copied.seek(0)
    return KeyedVectors.load_word2vec_format(copied, binary=binary).vectors


def through_file(model: Word2Vec, owner: Any) -> np.ndarray:
    file = Slow(model.wv)
    owner.save(file)
    file.seek(0)
    return KeyedVectors.load(file).vectors


WRITERS: dict[str, Callable[[Word2Vec, Path], np.ndarray]] = {
    "save": lambda model, _: through_file(model, model),
    "wv.save": lambda model, _: through_file(model, model.wv),
    "text": lambda model, path: through_pipe(model, path, binary=False),
    "binary": lambda model, path: through_pipe(model, path, binary=True),
    "asarray": lambda model, _: held(model, np.asarray(model.wv)),
    "array": lambda model, _: held(model, np.array(model.wv)),
    "pickle": lambda model, _: held(model, model.wv.__getstate__()["vectors"]),
    "deepcopy": lambda model, _: held(model, copy.deepcopy(model.wv).vectors),
    "model": lambda model, _: pickle.loads(pickle.dumps(model)).wv.vectors,
}


@pytest.mark.parametrize("how", WRITERS)
def test_what_another_thread_writes_during_epochs_is_right(how: str, tmp_path: Path) -> None:
    """The steps are too small to change a bit; each row says which one it is."""
    model = Word2Vec(vector_size=20, min_count=1, workers=1, negative=1, sample=0)
    sentences = [[f"w{i}", f"w{i + 1}"] for i in range(0, 8000, 2)]
    model.build_vocab(sentences)
    model.wv.vectors[:] = np.arange(1, 8001)[:, None]
    expected = model.wv.vectors.copy()
    written: list[np.ndarray] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            written.extend(WRITERS[how](model, tmp_path / f"pipe{n}") for n in range(3))
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work)

    class Until:
        def on_epoch_begin(self, _model: Word2Vec) -> None:
            if thread.ident is None:
                thread.start()

        def on_epoch_end(self, _model: Word2Vec) -> None:
            if not thread.is_alive():
                raise StopIteration

    call: dict[str, Any] = {"total_examples": 4000, "start_alpha": 1e-38, "end_alpha": 1e-38}
    with pytest.raises(StopIteration):
        model.train(sentences, epochs=100_000, **call, callbacks=[Until()])
    thread.join()
    assert not failures
    assert len(written) == 3
    for vectors in written:
        np.testing.assert_array_equal(vectors, expected)


def test_a_copy_made_during_an_epoch_is_no_table_in_training() -> None:
    model = Word2Vec(vector_size=20, min_count=1, workers=1)
    model.build_vocab(corpus())
    copies: list[KeyedVectors] = []

    def take(_progress: object) -> None:
        copies.extend([pickle.loads(pickle.dumps(model.wv)), copy.copy(model.wv)])

    model.train(corpus(), total_examples=300, epochs=1, observe=take)
    assert copies
    assert all(c._moves == 0 and c._training_thread is None for c in copies)


def test_a_forked_process_waits_for_no_reader_of_its_parent() -> None:
    model = Word2Vec(vector_size=20, min_count=1, workers=1)
    model.build_vocab(corpus())
    with still(model.wv):
        child = os.fork()
        if child == 0:
            os._exit(len(steady._readers))
    assert os.waitpid(child, 0)[1] == 0


def test_rows_are_moved_to_the_end_whatever_ctrl_c_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the second one, which threads that train would not hold back."""
    main = threading.get_ident()
    begun = threading.Event()

    def slowly(self: Weights, spread: Any = Weights.spread) -> None:
        begun.set()
        time.sleep(PATIENCE + 0.5)
        spread(self)

    def interrupt() -> None:
        begun.wait()
        for delay in (0.05, PATIENCE + 0.1):
            time.sleep(delay)
            signal.pthread_kill(main, signal.SIGINT)

    model = Word2Vec(vector_size=20, min_count=1, workers=1)
    model.build_vocab(corpus())
    before = model.wv.vectors.copy()
    monkeypatch.setattr(Weights, "spread", slowly)
    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        model.train(corpus(), total_examples=300, epochs=1)
    assert not [t for t in threading.enumerate() if t.name.startswith("fastw2v")]
    thread.join()
    assert_plain([model.wv.vectors])
    np.testing.assert_array_equal(model.wv.vectors, before)


def test_a_vector_that_was_taken_during_an_epoch_stays_what_it_was() -> None:
    model = Word2Vec(vector_size=20, min_count=1, workers=1)
    model.build_vocab(corpus())
    taken: list[np.ndarray] = []
    copies: list[np.ndarray] = []

    def take(_progress: object) -> None:
        taken.append(model.wv["w1"])
        copies.append(taken[-1].copy())

    model.train(corpus(), total_examples=300, epochs=20, observe=take)
    assert taken
    np.testing.assert_array_equal(taken, copies)
