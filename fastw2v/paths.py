"""Paths as people write them."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path


def expanded(path: str | os.PathLike[str]) -> Path:
    """Return a path with a leading ~ or ~user replaced by that home directory, if there is one.

    Raises
    ------
    TypeError
        If it is no path, or one of bytes.
    FileNotFoundError
        If it is empty, which `Path` takes for the current directory.
    """
    text = os.fspath(path) if isinstance(path, (str, os.PathLike)) else path
    if not isinstance(text, str):
        raise TypeError(f"a path must be a str or an os.PathLike of str, got {_shown(path)}")
    if not text:
        raise FileNotFoundError(errno.ENOENT, "the path is empty", text)
    return Path(os.path.expanduser(text))  # noqa: PTH111 (that of Path fails without such a user)


def is_path(value: object, mode: str) -> bool:
    """Tell a path from an open file.

    Parameters
    ----------
    value : object
        What was given for a file.
    mode : str
        How an open file must have been opened: "rb" or "wb".

    Raises
    ------
    TypeError
        If it is neither, or a file of text.
    """
    if isinstance(value, (str, os.PathLike)):
        return True
    if isinstance(value, io.TextIOBase):
        raise TypeError(f"{value!r} is a file of text: open it in binary mode, {mode!r}")
    if not hasattr(value, "read" if mode == "rb" else "write"):
        raise TypeError(
            f"a file must be a path (str or os.PathLike of str) or an open binary file, "
            f"got {_shown(value)}"
        )
    return False


def _shown(value: object) -> str:
    hint = "; os.fsdecode makes a str of it" if isinstance(value, bytes) else ""
    return f"{type(value).__name__} {value!r:.80}{hint}"
