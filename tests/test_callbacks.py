"""The base class of callbacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from fastw2v import CallbackAny2Vec, Word2Vec
from tests.test_word2vec import corpus


def test_methods_are_called_in_turn() -> None:
    class Log(CallbackAny2Vec):
        def __init__(self) -> None:
            self.calls: list[str] = []

        def on_train_begin(self, model: Word2Vec) -> None:
            self.calls.append(f"begin {model.epochs}")

        def on_epoch_end(self, model: Word2Vec) -> None:
            self.calls.append("epoch")

    log = Log()
    Word2Vec(corpus(50), min_count=1, epochs=2, vector_size=4, callbacks=[log, CallbackAny2Vec()])
    assert log.calls == ["begin 2", "epoch", "epoch"]


def test_gensim_has_the_same_methods() -> None:
    gensim = pytest.importorskip("gensim.models.callbacks")
    for kind in (gensim.CallbackAny2Vec, CallbackAny2Vec):
        assert sorted(n for n in vars(kind) if n.startswith("on_")) == [
            "on_epoch_begin",
            "on_epoch_end",
            "on_train_begin",
            "on_train_end",
        ]


class At:
    """Calls a function at the beginning of training, or around the n-th epoch, from 1."""

    def __init__(self, when: str, action: Callable[[Any], object], epoch: int = 1) -> None:
        self._action = action
        self._left = epoch
        setattr(self, when, self._call)

    def _call(self, model: Word2Vec) -> None:
        self._left -= 1
        if self._left == 0:
            self._action(model)


class ByJobs(Word2Vec):
    """Trained batch by batch, through the hook that subclasses override."""

    def _do_train_job(self, *arguments: Any) -> tuple[int, int]:
        return super()._do_train_job(*arguments)


OPTIONS: dict[str, Any] = {"min_count": 2, "vector_size": 12, "epochs": 4, "workers": 1}


def trained(kind: type[Word2Vec] = Word2Vec, hooks: Sequence[Any] = (), **changes: Any) -> Word2Vec:
    return kind(corpus(), callbacks=hooks, **{**OPTIONS, **changes})


def set_to(**values: Any) -> Callable[[Any], None]:
    return lambda model: vars(model).update(values)


@pytest.mark.parametrize("when", ["on_train_begin", "on_epoch_begin"])
@pytest.mark.parametrize("kind", [Word2Vec, ByJobs])
@pytest.mark.parametrize(
    "values",
    [{"alpha": 0.1}, {"min_alpha": 0.02}, {"window": 1}, {"negative": 9}, {"sg": 1},
     {"cbow_mean": 0}, {"block_size": 3}, {"shrink_windows": 0}, {"sample": 0.01},
     {"ns_exponent": 0.1}],
)  # fmt: skip
def test_what_is_set_before_the_first_epoch_counts_from_there(
    when: str, kind: type[Word2Vec], values: dict[str, Any]
) -> None:
    expected = trained(kind, **values)
    model = trained(kind, [At(when, set_to(**values))])
    assert model.wv.vectors.tobytes() == expected.wv.vectors.tobytes()
    assert model.wv.vectors.tobytes() != trained(kind).wv.vectors.tobytes()
    assert all(getattr(model, name) == value for name, value in values.items())


@pytest.mark.parametrize("kind", [Word2Vec, ByJobs])
@pytest.mark.parametrize("when", ["on_epoch_begin", "on_epoch_end"])
def test_what_is_set_later_counts_from_the_next_epoch_on(kind: type[Word2Vec], when: str) -> None:
    """Learning rates of next to nothing, and rows that are held, keep vectors where they are."""
    epoch = 2 if when == "on_epoch_end" else 3
    for action in (
        set_to(alpha=1e-30, min_alpha=1e-30),
        lambda model: setattr(model.wv, "vectors_lockf", np.zeros(1, np.float32)),
    ):
        seen = np.zeros((80, 12), np.float32)

        def look(model: Word2Vec, seen: Any = seen) -> None:
            seen[:] = model.wv.vectors

        model = trained(kind, [At(when, action, epoch), At(when, look, epoch)])
        np.testing.assert_allclose(model.wv.vectors, seen, atol=1e-20)
        assert trained(kind).wv.vectors.tobytes() != model.wv.vectors.tobytes()


@pytest.mark.parametrize("kind", [Word2Vec, ByJobs])
def test_noise_that_a_callback_sets_is_drawn(kind: type[Word2Vec]) -> None:
    given = np.arange(1, 81)  # for each of 80 words

    def train(hooks: Sequence[Any] = ()) -> bytes:
        model = kind(**OPTIONS)
        model.build_vocab(corpus())
        if not hooks:
            model.cum_table = given
        model.train(corpus(), total_examples=300, epochs=4, callbacks=hooks)
        return model.wv.vectors.tobytes()

    set_it = At("on_epoch_begin", lambda model: setattr(model, "cum_table", given))
    assert train([set_it]) == train() != trained(kind).wv.vectors.tobytes()
    unset = At("on_epoch_begin", lambda model: model.make_cum_table())
    assert train([unset]) == trained(kind).wv.vectors.tobytes()


def test_rates_of_a_call_are_shown_to_callbacks_and_stay_its_own() -> None:
    seen: list[float] = []
    model = Word2Vec(**OPTIONS)
    model.build_vocab(corpus())
    call: dict[str, Any] = {"total_examples": 300, "epochs": 2, "start_alpha": 0.05}
    model.train(corpus(), **call, callbacks=[At("on_epoch_begin", lambda m: seen.append(m.alpha))])
    assert (seen, model.alpha) == ([0.05], 0.025)
    model.train(corpus(), **call, callbacks=[At("on_epoch_begin", set_to(alpha=0.07))])
    assert model.alpha == 0.07


def test_output_vectors_that_a_callback_sets_are_trained() -> None:
    def spoil(model: Word2Vec) -> None:
        model.syn1neg = np.full_like(model.syn1neg, 0.5)

    def spoil_in_place(model: Word2Vec) -> None:
        model.syn1neg[:] = 0.5

    one, other = (trained(hooks=[At("on_epoch_end", f, 2)]) for f in (spoil, spoil_in_place))
    assert one.wv.vectors.tobytes() == other.wv.vectors.tobytes() != trained().wv.vectors.tobytes()
    assert one.syn1neg.tobytes() == other.syn1neg.tobytes()


@pytest.mark.parametrize("kind", [Word2Vec, ByJobs])
def test_the_loss_may_be_counted_from_any_epoch_on(kind: type[Word2Vec]) -> None:
    """How people get the loss of an epoch from gensim."""

    class Reset(CallbackAny2Vec):
        def __init__(self) -> None:
            self.losses: list[float] = []

        def on_epoch_end(self, model: Word2Vec) -> None:
            self.losses.append(model.get_latest_training_loss())
            model.running_training_loss = 0.0

    reset = Reset()
    model = trained(kind, [reset], compute_loss=True)
    total = trained(kind, compute_loss=True).get_latest_training_loss()
    assert len(reset.losses) == 4 and model.running_training_loss == 0.0
    assert sum(reset.losses) == pytest.approx(total)
    assert max(reset.losses) < 0.5 * total
    model = trained(kind, [At("on_epoch_begin", set_to(compute_loss=True), 3)])
    assert len(model.loss_history) == 2 and model.get_latest_training_loss() > 0


@pytest.mark.parametrize("kind", [Word2Vec, ByJobs])
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"alpha": -1}, "alpha must be a positive number, got -1"),
        ({"window": 0}, "window must be .*, got 0"),
        ({"hs": 1}, "hs cannot be switched on or off while a model is trained, it was 0 and is 1"),
        ({"negative": 0, "hs": 1}, "hs cannot be switched"),
    ],
)
def test_what_cannot_be_changed_between_epochs_is_named(
    kind: type[Word2Vec], values: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        trained(kind, [At("on_epoch_end", set_to(**values))])


def test_words_cannot_be_changed_between_epochs() -> None:
    def add(model: Word2Vec) -> None:
        model.build_vocab([["new"] * 9, *corpus()], update=True)

    with pytest.raises(ValueError, match="the words cannot be changed while a model is trained"):
        trained(hooks=[At("on_epoch_end", add)])


def test_workers_may_change_between_epochs() -> None:
    model = trained(hooks=[At("on_epoch_end", set_to(workers=3))], batch_words=10)
    assert model.ledger.corpus == trained().ledger.corpus
