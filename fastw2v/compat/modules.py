"""How a module of gensim gives our names to others and keeps its own.

Gensim's code finds its classes by their names in its modules (`super(Word2Vec, self)`, and pickle,
which looks a class up to see whether it is the one that it saves). Were `gensim.models.word2vec`'s
`Word2Vec` replaced, its FastText and Doc2Vec could neither be saved nor loaded. So the modules keep
their dictionaries, which is what their own code reads; what changes is the class of the module
objects, for a class with a data descriptor for each name. Descriptors come before the dictionary
when an attribute is read, by `module.name` and by `from module import name`.
"""

from __future__ import annotations

import sys
from types import FrameType, ModuleType
from typing import Any

from fastw2v.compat.names import INSIDERS


class Name:
    """A name of a module: ours to the world, gensim's own to gensim."""

    def __init__(self, name: str, ours: Any, theirs: Any) -> None:
        self.name = name
        self.ours = ours
        self.theirs = theirs
        self.value = ours

    def __get__(self, module: Any, owner: Any = None) -> Any:
        if module is None:
            return self
        if is_insider(sys._getframe(1)):
            try:
                return vars(module)[self.name]
            except KeyError:
                raise AttributeError(
                    f"module {module.__name__!r} has no attribute {self.name!r}"
                ) from None
        return self.value

    def __set__(self, module: Any, value: Any) -> None:
        """Take what a program puts in place of ours; gensim's own, put back, means ours again."""
        self.value = self.ours if value is self.theirs else value

    def __delete__(self, module: Any) -> None:
        self.value = self.ours


def is_insider(frame: FrameType) -> bool:
    """Tell whether code is gensim's or ours.

    Parameters
    ----------
    frame : frame
        The frame of the caller. Code in C, such as pickle's, has none; then that of its caller.

    Returns
    -------
    bool
    """
    name = frame.f_globals.get("__name__")
    return isinstance(name, str) and name.partition(".")[0] in INSIDERS


def dress(module: ModuleType, ours: dict[str, Any]) -> None:
    """Let a module give our names.

    Parameters
    ----------
    module : module
        A module of gensim.
    ours : dict of str to object
        What to give. A name need not be in the module.
    """
    names = {name: Name(name, value, vars(module).get(name)) for name, value in ours.items()}
    before = type(module)
    module.__class__ = type(before.__name__, (before,), {**names, "_dressed": before})


def undress(module: ModuleType) -> None:
    """Undo `dress`. What a program has put in place of one of the names stays.

    Parameters
    ----------
    module : module
        A module that was dressed.
    """
    dressed = type(module)
    module.__class__ = vars(dressed)["_dressed"]
    for name in vars(dressed).values():
        if isinstance(name, Name) and name.value is not name.ours:
            setattr(module, name.name, name.value)
