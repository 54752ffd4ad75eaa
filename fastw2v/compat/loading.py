"""Files of classes that only gensim has, which gensim loads.

gensim's `Word2Vec.load` and `KeyedVectors.load` also load what its FastText and Doc2Vec saved. Such
files are pickles, and loading one runs what is in it, as it does in gensim. Which class a file
holds is told by the first name in it; nothing is run for that.
"""

from __future__ import annotations

import bz2
import gzip
import inspect
import os
import pickletools
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

_HEAD = 4096
_UNPACKERS: dict[bytes, Callable[[Any], Any]] = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open}


def original(module: str, name: str) -> Any:
    """Return what gensim itself calls so, whatever is installed; None if it is not loaded."""
    loaded = sys.modules.get(module)
    return None if loaded is None else vars(loaded).get(name)


class Load:
    """The method `load` of one of our classes under gensim's name.

    Parameters
    ----------
    ours : type
        The class that loads files of fastw2v.
    module : str
        Where gensim has its class of that name.
    """

    def __init__(self, ours: type, module: str) -> None:
        self._usual = inspect.getattr_static(ours, "load")
        self._module, self._name = module, ours.__name__
        self.__doc__ = ours.load.__doc__  # type: ignore[attr-defined]

    def __get__(self, instance: object, owner: type) -> Any:
        usual = self._usual.__get__(instance, owner)
        if instance is not None:
            return usual

        def load(fname: Any, *arguments: Any, **named: Any) -> Any:
            if is_only_gensims(fname):
                theirs = original(self._module, self._name)
                return theirs.load(os.fspath(fname), *arguments, **named)
            return usual(fname, *arguments, **named)

        load.__doc__ = self.__doc__
        return load


def is_only_gensims(fname: Any) -> bool:
    """Tell whether a file holds an object of gensim that has no counterpart here.

    Parameters
    ----------
    fname : path-like
        The file. One that cannot be read holds none.

    Returns
    -------
    bool
    """
    try:
        module, name = _first_name(os.fspath(fname))
    except (OSError, ValueError, TypeError, EOFError, IndexError, zlib.error):
        return False
    if module.partition(".")[0] != "gensim":
        return False
    cls = original(module, name)
    known = (
        original("gensim.models.word2vec", "Word2Vec"),
        original("gensim.models.keyedvectors", "KeyedVectors"),
    )
    return isinstance(cls, type) and cls not in known and issubclass(cls, known)


def _first_name(path: str) -> tuple[str, str]:
    """Return module and name of what a pickle makes first; ValueError if it is no pickle."""
    with Path(path).open("rb") as file:
        reader = _UNPACKERS.get(file.read(2), lambda raw: raw)
        file.seek(0)
        head = reader(file).read(_HEAD)
    texts: list[str] = []
    for opcode, argument, _ in pickletools.genops(head):
        if opcode.name == "GLOBAL":
            module, _, name = str(argument).partition(" ")
            return module, name
        if opcode.name == "STACK_GLOBAL":
            return texts[-2], texts[-1]
        if isinstance(argument, str):
            texts.append(argument)
        elif opcode.name not in ("PROTO", "FRAME", "MEMOIZE", "BINPUT"):
            break
    raise ValueError("no pickle of an object")
