"""The base class of training callbacks, under gensim's name."""

from __future__ import annotations

from typing import Any


class CallbackAny2Vec:
    """Override any of the four methods, and pass an instance in `callbacks`.

    Training waits for the method to return, and ends with the exception that it raises. Any
    object with one of the methods will do; this class is for code that inherits from gensim's.
    """

    def on_train_begin(self, model: Any) -> None:
        """Called before the first epoch.

        Parameters
        ----------
        model : Word2Vec
            The model in training.
        """

    def on_epoch_begin(self, model: Any) -> None:
        """Called before every epoch, with the model in training."""

    def on_epoch_end(self, model: Any) -> None:
        """Called after every epoch, with the model in training."""

    def on_train_end(self, model: Any) -> None:
        """Called after the last epoch, with the trained model."""
