"""The model and its `wv`: what the user changes between calls, copies, and rows that are locked."""

from __future__ import annotations

import copy
import logging
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import KeyedVectors, Word2Vec
from tests.test_word2vec import corpus

SMALL: dict[str, Any] = {"vector_size": 16, "min_count": 1, "epochs": 2, "sample": 0}
MODELS = [
    {"sg": sg, "hs": hs, "negative": negative}
    for sg in (0, 1)
    for hs, negative in ((0, 5), (1, 0), (1, 5))
]


def built(**parameters: Any) -> Word2Vec:
    model = Word2Vec(**{**SMALL, **parameters})
    model.build_vocab(corpus())
    return model


def train(model: Word2Vec, epochs: int = 1) -> tuple[int, int]:
    return model.train(corpus(), total_examples=300, epochs=epochs)


@pytest.mark.parametrize("block_size", [0, 8])
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("model", MODELS)
def test_locked_rows_do_not_move_by_a_bit(
    model: dict[str, int], workers: int, block_size: int
) -> None:
    trained = built(**model, workers=workers, block_size=block_size, batch_words=1)
    factors = np.ones(len(trained.wv), np.float32)
    factors[::3] = 0
    trained.wv.vectors_lockf = factors
    before = trained.wv.vectors.copy()
    train(trained, epochs=2)
    moved = (trained.wv.vectors != before).any(axis=1)
    assert moved.tolist() == (factors == 1).tolist()


def test_one_factor_is_for_all_words_and_1_is_the_usual() -> None:
    usual, ones, one, zero = (built() for _ in range(4))
    ones.wv.vectors_lockf = np.ones(len(ones.wv), np.float32)
    one.wv.vectors_lockf = np.ones(1, np.float32)
    zero.wv.vectors_lockf = np.zeros(1, np.float32)
    start = zero.wv.vectors.copy()
    for model in (usual, ones, one, zero):
        train(model)
    assert usual.wv.vectors.tobytes() == ones.wv.vectors.tobytes() == one.wv.vectors.tobytes()
    assert zero.wv.vectors.tobytes() == start.tobytes()
    assert zero.syn1neg.any(), "W' learns"
    zero.wv.vectors_lockf = np.zeros(3, np.float32)
    with pytest.raises(ValueError, match="vectors_lockf must have one factor, or one for each of"):
        train(zero)
    zero.wv.vectors_lockf = np.full(1, np.nan, np.float32)
    with pytest.raises(ValueError, match="finite"):
        train(zero)


def test_what_a_half_locked_row_learns_is_half() -> None:
    """One pair a sentence: the row is put back before it is seen again."""
    sentences = [["a", "b"], *[[f"x{i}", f"y{i}"] for i in range(40)]]
    steps = []
    for factor in (1.0, 0.5, 0.25):
        model = Word2Vec(vector_size=8, min_count=1, sample=0, sg=1, workers=1, block_size=0)
        model.build_vocab(sentences)
        # W' differs from 0, so that the first step counts.
        model.syn1neg = np.random.default_rng(0).random((82, 8)) - 0.5
        model.wv.vectors_lockf = np.ones(82, np.float32)
        model.wv.vectors_lockf[:2] = factor, 0.999
        row = model.wv.get_index("a")
        model.wv.vectors_lockf[row] = factor
        start = model.wv.vectors[row].copy()
        model.train(sentences, total_examples=41, epochs=1)
        steps.append(model.wv.vectors[row] - start)
    assert np.abs(steps[0]).max() > 1e-3
    assert np.allclose(steps[1], 0.5 * steps[0], atol=1e-5)
    assert np.allclose(steps[2], 0.25 * steps[0], atol=1e-5)


def test_new_words_are_free_of_the_locks_of_others() -> None:
    model = built()
    n_words = len(model.wv)
    model.wv.vectors_lockf = np.zeros(n_words, np.float32)
    model.build_vocab([["new", "w0"]] * 9, update=True)
    assert model.wv.vectors_lockf.tolist() == [0.0] * n_words + [1.0]
    before = model.wv.vectors.copy()
    model.train([["new", "w0"]] * 9, total_examples=9, epochs=1)
    assert (model.wv.vectors != before).any(axis=1).tolist() == [False] * n_words + [True]


def test_wv_stays_the_same_object_and_shares_memory() -> None:
    model = Word2Vec(**SMALL)
    wv = model.wv
    model.build_vocab(corpus())
    vectors = wv.vectors
    train(model)
    assert model.wv is wv
    assert wv.vectors.base is vectors.base
    assert np.shares_memory(wv.vectors, vectors)
    wv.vectors[0] = 7
    assert model.predict_output_word(["w0"]) is not None
    model.build_vocab([["one", "more"]], update=True)
    assert model.wv is wv
    assert (wv.vectors[0] == 7).all()


def test_vectors_that_a_callback_sets_are_trained_on() -> None:
    class Shrink:
        def on_epoch_begin(self, model: Word2Vec) -> None:
            model.wv.vectors = np.zeros_like(model.wv.vectors)

    model = built(alpha=1e-6, min_alpha=1e-6)
    model.train(corpus(), total_examples=300, epochs=2, callbacks=[Shrink()])
    assert np.abs(model.wv.vectors).max() < 1e-3


def test_words_that_the_user_adds_are_trained() -> None:
    model = built()
    train(model)
    w_out = model.syn1neg.copy()
    model.wv.add_vectors(["new"], np.ones((1, 16), np.float32))
    model.train([["new", "w0", "w1"]] * 50, total_examples=50, epochs=1)
    assert (model.wv["new"] != 1).all()
    assert model.syn1neg.shape == model.wv.vectors.shape
    assert np.allclose(model.syn1neg[5:-1], w_out[5:], atol=0.2)
    assert model.syn1neg[-1].any()


def test_vectors_from_elsewhere_are_trained_on(caplog: pytest.LogCaptureFixture) -> None:
    source = built()
    wv = KeyedVectors.from_arrays(
        source.wv.index_to_key, source.wv.vectors.copy(), source.wv.expandos["count"]
    )
    model = Word2Vec(**SMALL)
    model.wv = wv
    assert train(model) == (sum(map(len, corpus())),) * 2
    assert model.wv is wv
    assert model.syn1neg.any()
    other = KeyedVectors.from_arrays(["x", "y"], np.ones((2, 16), np.float32), [1, 1])
    model.wv = other
    with caplog.at_level(logging.WARNING):
        model.train([["x", "y"]], total_examples=1, epochs=1)
    assert "are others than before" in caplog.text
    model.wv = KeyedVectors.from_arrays(["x"], np.ones((1, 16), np.float32))
    with pytest.raises(ValueError, match="attribute 'count'"):
        model.train([["x"]], total_examples=1, epochs=1)
    model.wv = KeyedVectors.from_arrays(["x"], np.ones((1, 3), np.float32), [1])
    with pytest.raises(ValueError, match=r"shape \(1, 16\)"):
        model.train([["x"]], total_examples=1, epochs=1)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("how", ["pickle", "deepcopy"])
def test_copies_train_on_alike(how: str, model: dict[str, int]) -> None:
    original = built(**model, workers=1, seed=None)
    train(original)
    twin = pickle.loads(pickle.dumps(original)) if how == "pickle" else copy.deepcopy(original)
    assert twin.wv.vectors.tobytes() == original.wv.vectors.tobytes()
    assert not np.shares_memory(twin.wv.vectors, original.wv.vectors)
    train(twin)
    train(original)
    assert twin.wv.vectors.tobytes() == original.wv.vectors.tobytes()
    if original.negative:
        assert twin.syn1neg.tobytes() == original.syn1neg.tobytes()
    if original.hs:
        assert twin.syn1.tobytes() == original.syn1.tobytes()
    assert np.shares_memory(twin.wv.vectors, twin._weights.w_in)
    assert str(twin) == str(original)


def test_empty_models_can_be_copied() -> None:
    assert len(pickle.loads(pickle.dumps(Word2Vec(**SMALL))).wv) == 0


def test_noise_by_a_table_of_the_users() -> None:
    model = built(workers=1, sg=1)
    usual = model.cum_table
    assert usual is not None and usual[-1] == 2**31 - 1
    with pytest.raises(ValueError, match="read-only"):
        usual[0] = 0
    # Only the last word is ever drawn.
    model.cum_table = np.r_[np.zeros(len(usual) - 1), 2**31 - 1]
    model.train([["w0"], ["w1"]] * 50 + [["w2", "w3"]] * 50, total_examples=150, epochs=1)
    moved = model.syn1neg.any(axis=1).nonzero()[0].tolist()
    pair = sorted(model.wv.get_index(word) for word in ("w2", "w3"))
    assert moved == sorted({*pair, len(usual) - 1})
    model.cum_table = usual[:-1]
    with pytest.raises(ValueError, match="cum_table must have a number for each of the"):
        train(model)
    model.make_cum_table()
    assert np.array_equal(model.cum_table, usual)
    train(model)


def test_output_vectors_can_be_set_and_dropped() -> None:
    model = built()
    given = np.random.default_rng(0).random(model.syn1neg.shape).astype(np.float32)
    model.syn1neg = given
    assert np.array_equal(model.syn1neg, given)
    with pytest.raises(ValueError, match="output vectors syn1neg must have the shape"):
        model.syn1neg = given[:-1]
    del model.syn1neg
    assert not hasattr(model, "syn1neg")
    with pytest.raises(RuntimeError, match="Parameters required for predicting"):
        model.predict_output_word(["w0"])
    train(model)
    assert model.syn1neg.any()


def test_small_corpora_do_not_depend_on_workers() -> None:
    one, many = (built(workers=workers, batch_words=10_000) for workers in (1, 4))
    assert train(one) == train(many)
    assert one.wv.vectors.tobytes() == many.wv.vectors.tobytes()


def test_tokens_of_every_kind_are_equal_where_python_says_so() -> None:
    sentences = [[np.str_("a"), "b", 1, np.int64(2)], ["a", np.str_("b"), np.int32(1), 2]] * 5
    model = Word2Vec(sentences, **SMALL)
    assert len(model.wv) == 4
    assert {model.wv.get_vecattr(key, "count") for key in ("a", "b", 1, 2)} == {10}
    assert np.array_equal(model.wv[np.int64(2)], model.wv[2])


def test_two_threads_cannot_train_one_model() -> None:
    model = built()

    class Again:
        def on_epoch_end(self, model: Word2Vec) -> None:
            train(model)

    with pytest.raises(RuntimeError, match="by the call that runs this callback"):
        model.train(corpus(), total_examples=300, epochs=1, callbacks=[Again()])
    train(model)


def test_events_are_noted() -> None:
    model = Word2Vec(corpus(), **SMALL)
    assert model.lifecycle_events is not None
    names = [event["event"] for event in model.lifecycle_events]
    assert names == ["created", *["prepare_vocab"] * 3, "build_vocab", "train", "train"]
    assert model.lifecycle_events[0]["params"] == "Word2Vec<vocab=0, vector_size=16, alpha=0.025>"
    model.lifecycle_events = None
    model.add_lifecycle_event("unheard")
    assert model.lifecycle_events is None


def test_helpers_of_old() -> None:
    model = built()
    with pytest.warns(DeprecationWarning):
        vector = model.seeded_vector("a", 50)
    assert vector.shape == (50,)
    assert np.abs(vector).max() <= 0.01
    with pytest.warns(DeprecationWarning):
        model.init_sims()
    assert model.random.randint(10) == Word2Vec(**SMALL).random.randint(10)
    assert model._get_next_alpha(0.5, 0) == pytest.approx(0.025 - 0.0249 / 4)


def test_output_vectors_set_to_none_begin_again() -> None:
    model = Word2Vec(corpus(), **SMALL)
    model.syn1neg = None  # type: ignore[assignment]
    assert not model.syn1neg.any()
    empty = Word2Vec(**SMALL)
    empty.syn1neg = None  # type: ignore[assignment]
    assert not hasattr(empty, "syn1neg")


def test_a_subclass_that_forgets_the_constructor_is_told(tmp_path: Path) -> None:
    class Mine(Word2Vec):
        def __init__(self) -> None:
            self.graph = 1

    model = Mine()
    for call in (
        lambda: model.save(tmp_path / "model"),
        lambda: model.build_vocab(corpus()),
        lambda: model.train(corpus(), total_examples=1, epochs=1),
        lambda: model.wv,
        lambda: model.syn1neg,
    ):
        with pytest.raises(AttributeError, match=r"Mine.__init__ must call super\(\).__init__\(\)"):
            call()
    assert not hasattr(model, "wv")
    with pytest.raises(AttributeError, match=r"no attribute 'other'$"):
        Word2Vec().other  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError, match="no output vectors of hierarchical softmax"):
        Word2Vec().syn1  # noqa: B018
