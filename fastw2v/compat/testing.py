"""gensim.test.utils of the stand-in: what tutorials import, a small corpus and temporary files.

The sentences are not gensim's. They have its twelve words, each at least twice.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

__all__ = ["common_texts", "datapath", "get_tmpfile", "temporary_file"]

common_texts = [
    ["user", "time", "computer", "response"],
    ["computer", "system", "interface", "human", "user"],
    ["survey", "human", "user"],
    ["eps", "system", "interface"],
    ["response", "time", "system", "eps", "computer"],
    ["graph", "trees", "minors"],
    ["trees", "survey", "graph"],
    ["minors", "graph"],
    ["trees", "time"],
]


def datapath(fname: str) -> NoReturn:
    """Raise FileNotFoundError: gensim's test files come with gensim.

    Parameters
    ----------
    fname : str
        Name of a file.
    """
    raise FileNotFoundError(
        f"{fname!r} is a test file of gensim's, which is not installed: fastw2v.compat's stand-in "
        f"has no test files; give the path of a file of your own"
    )


def get_tmpfile(suffix: str) -> str:
    """Return a path in a new temporary directory, which is not removed.

    Parameters
    ----------
    suffix : str
        Name of the file, which is not made.

    Returns
    -------
    str
    """
    return str(Path(tempfile.mkdtemp()) / suffix)


@contextmanager
def temporary_file(name: str = "") -> Iterator[str]:
    """Give a path in a temporary directory, which is removed after the `with` block.

    Parameters
    ----------
    name : str
        Name of the file, which is not made.

    Yields
    ------
    str
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        yield str(Path(directory) / name)
