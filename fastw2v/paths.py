"""Paths as people write them."""

from __future__ import annotations

import os
from pathlib import Path


def expanded(path: str | os.PathLike[str]) -> Path:
    """Return a path with a leading ~ or ~user replaced by that home directory, if there is one."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 (that of Path fails without such a user)
