"""Make gensim's names stand for ours, and undo it."""

from __future__ import annotations

import importlib
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from fastw2v.compat import identity, stub
from fastw2v.compat.modules import dress, undress
from fastw2v.compat.names import INSIDERS, table
from fastw2v.compat.pickling import register, unregister
from fastw2v.compat.rebinding import Binding, rebind


@dataclass
class _Installation:
    """What was done, in the order in which it was done."""

    legacy: bool
    dressed: list[ModuleType] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    reducers: dict[type, Any] = field(default_factory=dict)


_lock = threading.RLock()
_current: _Installation | None = None


def install(*, legacy: bool = False) -> None:
    """Make the names of gensim that we have stand for ours, until `uninstall`.

    `gensim.models.Word2Vec`, `KeyedVectors`, `Phrases`, the readers of corpora and what else
    `fastw2v.compat.names` lists are ours for every importer from now on; where a module
    has imported one already, the name in that module is replaced. Gensim's own code goes on with
    its own, so that its FastText, Doc2Vec and the rest work as before. Doing it twice is doing it
    once.

    Parameters
    ----------
    legacy : bool
        Give the classes the names of gensim 3, too: `size=`, `iter=`, `wv.vocab`, `index2word`,
        `model["word"]`, `model.most_similar`, `syn0` and so on.

    Raises
    ------
    ImportError
        If gensim is not installed. `install_stub` is for that case.

    Warns
    -----
    UserWarning
        Naming classes of the program that were made from gensim's before. They stay as they are:
        import their modules after `install`.
    """
    global _current
    with _lock:
        if stub.is_installed():
            stub.install_stub(legacy=legacy)
            return
        if _current is not None:
            if _current.legacy == legacy:
                return
            uninstall()
        try:
            importlib.import_module("gensim.models")
        except ImportError as error:
            raise ImportError(
                "gensim cannot be imported, so it has no names to replace; "
                "fastw2v.compat.install_stub() answers `import gensim` without it"
            ) from error
        _current = _install(_Installation(legacy))


def _install(done: _Installation) -> _Installation:
    replacements: dict[int, tuple[Any, Any]] = {}
    modules: dict[str, dict[str, Any]] = {}
    for name, ours in table(legacy=done.legacy).items():
        theirs = vars(importlib.import_module(name))
        replacements |= {id(theirs[n]): (theirs[n], ours[n]) for n in ours if n in theirs}
        modules[name] = {n: o for n, o in ours.items() if n in theirs or done.legacy}
    _warn_of_subclasses([theirs for theirs, _ in replacements.values()])
    # Gensim's other modules have imported the same classes, and programs import them from there.
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "gensim" and isinstance(module, ModuleType):
            names = modules.get(name, {})
            for attribute, value in list(vars(module).items()):
                if id(value) in replacements:
                    names.setdefault(attribute, replacements[id(value)][1])
            if names:
                dress(module, names)
                done.dressed.append(module)
    done.bindings = rebind(replacements)
    done.reducers = register([t for t, _ in replacements.values() if isinstance(t, type)])
    identity.assume()
    return done


def _warn_of_subclasses(replaced: list[Any]) -> None:
    classes: list[type] = []
    for parent in replaced:
        if isinstance(parent, type):
            classes += parent.__subclasses__()
    names = sorted(
        f"{cls.__module__}.{cls.__qualname__}"
        for cls in classes
        if cls.__module__.partition(".")[0] not in INSIDERS
    )
    if names:
        warnings.warn(
            f"made from gensim's classes before fastw2v.compat.install(), and so they stay: "
            f"{', '.join(names)}. Import their modules after it.",
            stacklevel=4,
        )


def uninstall() -> None:
    """Undo `install` or `install_stub`; without one, do nothing.

    Every name that was replaced is as it was. A module that was imported in between keeps what it
    imported, and objects that were made keep their classes.
    """
    global _current
    with _lock:
        stub.remove()
        if _current is None:
            return
        identity.resign()
        unregister(_current.reducers)
        for binding in reversed(_current.bindings):
            binding.undo()
        for module in reversed(_current.dressed):
            undress(module)
        _current = None


@contextmanager
def installed(*, legacy: bool = False) -> Iterator[None]:
    """Install for the time of a `with` block.

    Parameters
    ----------
    legacy : bool
        As for `install`.

    Raises
    ------
    ImportError
        If gensim is not installed.
    """
    before = _current
    stubbed = stub.is_installed()
    install(legacy=legacy)
    try:
        yield
    finally:
        if before is not None:
            install(legacy=before.legacy)
        elif not stubbed:
            uninstall()
