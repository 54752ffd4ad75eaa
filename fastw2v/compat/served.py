"""`Word2Vec` and `KeyedVectors` as gensim's names give them.

They are fastw2v's, and in addition they know their like: `isinstance(x, KeyedVectors)` holds for
our vectors and for gensim's (those of a FastText model, say), as programs expect of that name. They
are pickled under their names here, whatever `__module__` says meanwhile (`identity.py`), so that a
process that has not installed anything reads them.
"""

from __future__ import annotations

import copyreg
import importlib
from abc import ABCMeta
from typing import Any, ClassVar

import fastw2v
from fastw2v.compat.loading import Load, original


# ABCMeta, because a program may inherit from one of these classes and from an abstract one.
class Served(ABCMeta):
    """The class of such classes, by which pickle tells them from others."""


def home_of(cls: type) -> str:
    """Return the module here that a class is from; "" for a class of a program's own."""
    return str(vars(cls).get("HOME", ""))


def by_name(module: str, name: str) -> Any:
    """Return a class of ours; pickles call it."""
    return getattr(importlib.import_module(module), name)


def _reduce(cls: type) -> Any:
    home = home_of(cls)
    return (by_name, (home, cls.__name__)) if home else cls.__qualname__


copyreg.pickle(Served, _reduce)


class KeyedVectors(fastw2v.KeyedVectors, metaclass=Served):
    """`fastw2v.KeyedVectors` under gensim's name."""

    HOME: ClassVar[str] = __name__
    load: Any = Load(fastw2v.KeyedVectors, "gensim.models.keyedvectors")

    @classmethod
    def __subclasshook__(cls, other: type) -> Any:
        if cls is not KeyedVectors:
            return NotImplemented
        theirs = original("gensim.models.keyedvectors", "KeyedVectors")
        return _is_one_of(other, fastw2v.KeyedVectors, theirs) or NotImplemented

    def __setstate__(self, state: Any) -> None:
        """Take over a pickled state; that of gensim's class turns into an object of gensim's."""
        # Gensim's objects have norms, the pickles of ours do not.
        if type(self) is self.TABLE and isinstance(state, dict) and "norms" in state:
            _become(self, original("gensim.models.keyedvectors", "KeyedVectors"), state)
        else:
            _restore(super(), self, state)


KeyedVectors.TABLE = KeyedVectors


class Word2Vec(fastw2v.Word2Vec, metaclass=Served):
    """`fastw2v.Word2Vec` under gensim's name."""

    HOME: ClassVar[str] = __name__
    VECTORS: ClassVar[type[fastw2v.KeyedVectors]] = KeyedVectors
    load: Any = Load(fastw2v.Word2Vec, "gensim.models.word2vec")

    def __setattr__(self, name: str, value: Any) -> None:
        # Programs compare `type(model.wv)` with the class that gensim's name gives them.
        if name == "wv" and type(value) in (fastw2v.KeyedVectors, KeyedVectors):
            value.__class__ = self.VECTORS
        super().__setattr__(name, value)

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
