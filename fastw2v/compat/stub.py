"""gensim where there is none: `import gensim` gives modules that hold our names.

gensim has no wheels for new versions of Python, so there is nothing to install over there. The
modules here have what `fastw2v.compat.names` lists. To ask for anything else of gensim's is an
error that names it.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import re
import sys
import threading
from collections.abc import Iterable, Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from fastw2v.compat import deferred, identity
from fastw2v.compat.names import GENSIM_VERSION, Table, stub_table

ORIGIN = "fastw2v.compat's stand-in for gensim"


def absent(name: str) -> str:
    """Say that something is not there.

    Parameters
    ----------
    name : str
        Its full name.

    Returns
    -------
    str
    """
    return (
        f"{name} is not there: gensim is not installed, and {ORIGIN} has Word2Vec, KeyedVectors, "
        f"Phrases and what goes with them"
    )


class _Module(ModuleType):
    """A module of the stand-in."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not vars(self).get("_deferring"):
            raise AttributeError(absent(f"{self.__name__}.{name}"))
        return deferred.stand_in(f"{self.__name__}.{name}")


class _Metadata(importlib.metadata.Distribution):
    """What importlib.metadata says of gensim."""

    def read_text(self, filename: str) -> str | None:
        """Return a file of the metadata."""
        if filename != "METADATA":
            return None
        return (
            f"Metadata-Version: 2.1\nName: gensim\nVersion: {GENSIM_VERSION}\nSummary: {ORIGIN}\n"
        )

    def locate_file(self, path: Any) -> Any:
        """Fail: there are no files."""
        raise FileNotFoundError(os.fspath(path))


class _Finder(Loader):
    """Finds the modules; sits in `sys.meta_path`."""

    def __init__(self, names: Table, *, legacy: bool, defer: bool) -> None:
        self.names = names
        self.legacy = legacy
        self.defer = defer

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: Any = None
    ) -> ModuleSpec | None:
        """Find a module of gensim; import calls it."""
        if fullname.partition(".")[0] != "gensim":
            return None
        if fullname not in self.names and not self.defer:
            # Not `name=fullname`: `from gensim.models import FastText` looks for a module of that
            # name in the end, and would drop an error about it for one that says less.
            raise ModuleNotFoundError(absent(fullname))
        # All are packages, so that a name that a module lacks is looked for here.
        return ModuleSpec(fullname, self, origin=ORIGIN, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Make an empty module; import calls it."""
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Fill a module, and import those in it; import calls it."""
        name = module.__name__
        module.__file__ = f"<{ORIGIN}>"
        vars(module).update(self.names.get(name, {}), _deferring=self.defer)
        for inner in self.names:
            if inner.rpartition(".")[0] == name:
                importlib.import_module(inner)

    def find_distributions(self, context: Any = None) -> Iterable[importlib.metadata.Distribution]:
        """Answer importlib.metadata, which some clients ask for gensim's version."""
        name = getattr(context, "name", None)
        if name is None or re.sub(r"[-_.]+", "-", name).lower() == "gensim":
            yield _Metadata()


_lock = threading.RLock()
_current: _Finder | None = None
_hidden: dict[str, ModuleType] = {}


def install_stub(*, legacy: bool = False, force: bool = False, defer: bool = False) -> None:
    """Answer `import gensim` in this process, until `uninstall`.

    `gensim.__version__` and `importlib.metadata.version("gensim")` are those of the gensim whose
    interface it has. Doing it twice is doing it once.

    Parameters
    ----------
    legacy : bool
        Give the classes the names of gensim 3, as `install` does.
    force : bool
        Do it although gensim is installed, and hide that one.
    defer : bool
        Let programs import anything else of gensim's, too; it raises NotImplementedError when it is
        called. Some import all of gensim and use a little.

    Raises
    ------
    RuntimeError
        If gensim is installed, unless forced; `install` is for that case.
    """
    global _current
    with _lock:
        if _current is not None:
            if (_current.legacy, _current.defer) == (legacy, defer):
                return
            remove()
        if not force and (place := _real_gensim()) is not None:
            raise RuntimeError(
                f"gensim is installed ({place}): fastw2v.compat.install() makes its names ours; "
                f"install_stub(force=True) would hide it"
            )
        _hidden.update(_loaded())
        for name in _hidden:
            del sys.modules[name]
        _current = _Finder(stub_table(legacy=legacy), legacy=legacy, defer=defer)
        sys.meta_path.insert(0, _current)
        identity.assume()


def is_installed() -> bool:
    """Tell whether the stand-in is what `import gensim` gives."""
    return _current is not None


def remove() -> None:
    """Undo `install_stub`; a gensim that was hidden is back."""
    global _current
    with _lock:
        if _current is None:
            return
        identity.resign()
        sys.meta_path.remove(_current)
        for name in _loaded():
            del sys.modules[name]
        sys.modules.update(_hidden)
        _hidden.clear()
        _current = None


def _loaded() -> dict[str, ModuleType]:
    return {n: m for n, m in sys.modules.items() if n.partition(".")[0] == "gensim"}


def _real_gensim() -> str | None:
    """Where gensim is; None if it is not installed."""
    try:
        spec = importlib.util.find_spec("gensim")
    except (ImportError, ValueError):
        return None
    return None if spec is None else str(spec.origin)
