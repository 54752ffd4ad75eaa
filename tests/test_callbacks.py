"""The base class of callbacks."""

from __future__ import annotations

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
