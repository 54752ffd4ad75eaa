"""Gensim's own objects in pickles while our names are installed.

pickle writes the name of a class after looking up that the name gives that class; while our names
are installed, `gensim.models.keyedvectors.KeyedVectors` gives ours. Gensim's `save` is not
affected, as gensim's code sees its own names. A program that pickles a Doc2Vec model by itself is:
these reducers write a name of ours instead, which finds gensim's class whatever is installed.
"""

from __future__ import annotations

import copyreg
import importlib
import sys
from collections.abc import Callable
from typing import Any

from fastw2v.compat.modules import is_insider

Reducer = Callable[[Any], Any]


def new(module: str, name: str) -> Any:
    """Make an empty object of one of gensim's own classes; pickles call it.

    Parameters
    ----------
    module, name : str
        Of the class.

    Returns
    -------
    object

    Raises
    ------
    ImportError
        If gensim is not installed.
    """
    cls = vars(importlib.import_module(module))[name]
    return cls.__new__(cls)


def register(classes: list[type]) -> dict[type, Any]:
    """Let pickle write objects of gensim's classes by `new`.

    Parameters
    ----------
    classes : list of type
        Gensim's own.

    Returns
    -------
    dict of type to (callable or None)
        The reducers that there were before, for `unregister`.
    """
    before = {cls: copyreg.dispatch_table.get(cls) for cls in classes}
    for cls in classes:
        copyreg.pickle(cls, _reduce)
    return before


def unregister(before: dict[type, Any]) -> None:
    """Undo `register`.

    Parameters
    ----------
    before : dict
        What it returned.
    """
    for cls, reducer in before.items():
        if reducer is None:
            copyreg.dispatch_table.pop(cls, None)
        else:
            copyreg.dispatch_table[cls] = reducer


def _reduce(instance: Any) -> Any:
    usual = instance.__reduce_ex__(4)
    if is_insider(sys._getframe(1)):
        return usual
    cls = type(instance)
    return new, (cls.__module__, cls.__qualname__), *usual[2:]
