"""Run programs that were written for gensim on fastw2v, without changing them.

>>> import fastw2v.compat
>>> with fastw2v.compat.installed():                                         # doctest: +SKIP
...     from gensim.models import Word2Vec

docs/drop-in.md is the guide. Where gensim is installed, `install` makes its names stand for ours,
and `uninstall` undoes it; where it is not, `install_stub` answers `import gensim`. `python -m
fastw2v.compat script.py` runs a script so.

    names         which names of gensim are which of ours
    served        Word2Vec and KeyedVectors as gensim's names give them
    legacy        the same with the names of gensim 3
    modules       how the modules of gensim give our names to others and keep their own
    rebinding     what other modules have imported already
    pickling      gensim's own objects in pickles while our names are installed
    loading       files of classes that only gensim has
    identity      what our classes and loggers say that they are meanwhile
    installation  install, uninstall, installed
    stub          gensim where there is none
    testing       gensim.test.utils of the stub
    deferred      what the stub lacks, failing when it is used
    running       scripts and modules, as python runs them
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastw2v.compat.installation import install, installed, uninstall
    from fastw2v.compat.stub import install_stub

__all__ = ["install", "install_stub", "installed", "uninstall"]


def __dir__() -> list[str]:
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])


def __getattr__(name: str) -> Any:
    # At first use, so that `python -m fastw2v.compat` can put sys.path in order before.
    if name in __all__:
        room = "stub" if name == "install_stub" else "installation"
        return getattr(importlib.import_module(f"fastw2v.compat.{room}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
