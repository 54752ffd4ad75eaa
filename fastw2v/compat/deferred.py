"""What the stand-in for gensim lacks, for programs that import it and may not use it.

karateclub imports Doc2Vec for some of its models, and has others. A name of gensim's that is not
there becomes a class, which a program can hold, inherit from and ask `isinstance`; making an object
of it, or reading an attribute, raises NotImplementedError.
"""

from __future__ import annotations

from typing import Any, NoReturn


class _Deferred(type):
    """The class of such classes."""

    def __getattr__(cls, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        _fail(f"{cls.full_name}.{name}")

    full_name: str


def stand_in(name: str) -> type:
    """Make a class for something of gensim's that is not there.

    Parameters
    ----------
    name : str
        Its full name.

    Returns
    -------
    type
        A class that raises NotImplementedError when it is used.
    """

    def refuse(*_: Any, **__: Any) -> NoReturn:
        _fail(name)

    module, _, short = name.rpartition(".")
    body = {"__module__": module, "__new__": refuse, "full_name": name}
    return _Deferred(short, (), body)


def _fail(name: str) -> NoReturn:
    raise NotImplementedError(
        f"{name} was used: gensim is not installed, and fastw2v.compat's stand-in for it does not "
        f"have that"
    )
