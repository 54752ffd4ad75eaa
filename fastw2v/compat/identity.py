"""What our classes and loggers say that they are while gensim's names give them.

Programs choose by `"gensim" in str(type(wv))`, and read or silence `logging.getLogger("gensim")`.
"""

from __future__ import annotations

import logging
from typing import Any

from fastw2v.compat import legacy, served

LOGGERS = {
    "fastw2v": "gensim.models.word2vec",
    "fastw2v.keyedvectors": "gensim.models.keyedvectors",
    "fastw2v.lifecycle": "gensim.utils",
    "fastw2v.phrases": "gensim.models.phrases",
}
"""Our loggers, and those whose messages theirs are like."""

_WORD2VEC, _VECTORS = "gensim.models.word2vec", "gensim.models.keyedvectors"
_CLASSES: dict[type, str] = {
    served.Word2Vec: _WORD2VEC,
    legacy.Word2Vec: _WORD2VEC,
    served.KeyedVectors: _VECTORS,
    legacy.KeyedVectors: _VECTORS,
}


class _Redirection(logging.Filter):
    """Passes the records of one logger off as another's, which becomes its parent."""

    def __init__(self, name: str, target: str) -> None:
        super().__init__()
        self._logger = logging.getLogger(name)
        self._target = logging.getLogger(target)
        self._parent = self._logger.parent
        self._logger.addFilter(self)
        self._connect(self._target)

    def filter(self, record: logging.LogRecord) -> Any:
        """Do what the other logger would do with a record of its own."""
        record.name = self._target.name
        return not self._target.disabled and self._target.filter(record)

    def undo(self) -> None:
        """Make the logger itself again."""
        self._logger.removeFilter(self)
        self._connect(self._parent)

    def _connect(self, parent: logging.Logger | None) -> None:
        self._logger.parent = parent
        # Loggers remember which levels are in use until one of them is set.
        self._logger.setLevel(self._logger.level)


_redirections: list[_Redirection] = []


def assume() -> None:
    """Let classes and loggers be gensim's, until `resign`."""
    resign()
    for cls, module in _CLASSES.items():
        cls.__module__ = module
    _redirections.extend(_Redirection(*names) for names in LOGGERS.items())


def resign() -> None:
    """Undo `assume`; without one, do nothing."""
    for cls in _CLASSES:
        cls.__module__ = served.home_of(cls)
    while _redirections:
        _redirections.pop().undo()
