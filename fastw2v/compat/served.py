"""`Word2Vec` and `KeyedVectors` as gensim's names give them.

They are fastw2v's, and in addition they know their like: `isinstance(x, KeyedVectors)` holds for
our vectors and for gensim's (those of a FastText model, say), as programs expect of that name. They
are pickled under their names here, so that a process that has not installed anything reads them.
"""

from __future__ import annotations

import sys
from abc import ABCMeta
from typing import Any

import fastw2v


def original(module: str, name: str) -> Any:
    """Return what gensim itself calls so, whatever is installed; None if it is not loaded."""
    loaded = sys.modules.get(module)
    return None if loaded is None else vars(loaded).get(name)


# ABCMeta, because a program may inherit from one of these classes and from an abstract one.
class KeyedVectors(fastw2v.KeyedVectors, metaclass=ABCMeta):
    """`fastw2v.KeyedVectors` under gensim's name."""

    @classmethod
    def __subclasshook__(cls, other: type) -> Any:
        if cls is not KeyedVectors:
            return NotImplemented
        theirs = original("gensim.models.keyedvectors", "KeyedVectors")
        return _is_one_of(other, fastw2v.KeyedVectors, theirs) or NotImplemented

    def __setstate__(self, state: Any) -> None:
        """Take over a pickled state; that of gensim's class turns into an object of gensim's."""
        # Gensim keeps norms in the object, here they are computed.
        if isinstance(state, dict) and "norms" in state:
            _become(self, original("gensim.models.keyedvectors", "KeyedVectors"), state)
        else:
            _restore(super(), self, state)


class Word2Vec(fastw2v.Word2Vec, metaclass=ABCMeta):
    """`fastw2v.Word2Vec` under gensim's name."""

    @classmethod
    def __subclasshook__(cls, other: type) -> Any:
        if cls is not Word2Vec:
            return NotImplemented
        theirs = original("gensim.models.word2vec", "Word2Vec")
        return _is_one_of(other, fastw2v.Word2Vec, theirs) or NotImplemented

    def __setstate__(self, state: Any) -> None:
        """Take over a pickled state; that of gensim's class turns into an object of gensim's."""
        vectors = state.get("wv") if isinstance(state, dict) else None
        if vectors is not None and not isinstance(vectors, fastw2v.KeyedVectors):
            _become(self, original("gensim.models.word2vec", "Word2Vec"), state)
        else:
            _restore(super(), self, state)


def _is_one_of(cls: type, *classes: Any) -> bool:
    return any(issubclass(cls, known) for known in classes if isinstance(known, type))


def _become(instance: Any, cls: Any, state: dict[str, Any]) -> None:
    if cls is None:
        raise ImportError("this pickle holds an object of gensim, which is not installed")
    instance.__class__ = cls
    vars(instance).update(state)


def _restore(parent: Any, instance: Any, state: Any) -> None:
    """Do what pickle does where a class has no `__setstate__`, unless a base class has one."""
    if hasattr(parent, "__setstate__"):
        parent.__setstate__(state)
    else:
        vars(instance).update(state)
