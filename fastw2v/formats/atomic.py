"""Replace a file as a whole: a reader finds the old content or the new, never a part.

The new content goes to a temporary file in the same directory, is flushed to the disk, and then
takes the name of the old file in one step. A process that is killed in between leaves the old
file as it was, and at most a hidden `.NAME.XXXXXXXX.tmp` beside it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TypeAlias

StrPath: TypeAlias = "str | os.PathLike[str]"

_COPY_BLOCK = 1 << 20
_NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
# These names mean a stream that is already open, even where it leads to a regular file.
_OPEN_STREAM = re.compile(r"/dev/(stdout|stderr|fd/\d+)|/proc/self/fd/\d+")


@contextlib.contextmanager
def atomic_write(path: StrPath, *, append: bool = False) -> Iterator[BinaryIO]:
    """Open a binary file that replaces `path` when the block ends without an exception.

    A new file gets the permissions that `open` would give it; a file that is replaced keeps its
    own, and its owner where the system allows. A symbolic link stays, its target is replaced.
    Devices, pipes and open streams (`/dev/stdout`) cannot be replaced and are written directly.

    Parameters
    ----------
    path : path-like
        File to create or to replace.
    append : bool
        Start with a copy of the present content.

    Yields
    ------
    BinaryIO
        Buffered file; the caller writes to it and does not close it.

    Raises
    ------
    OSError
        As `open` would: no such directory, no permission, a directory, no space. Nothing has
        changed then. The same holds for any exception that leaves the block.
    """
    if _is_stream(path):
        # Appending, so that output redirected to a file is added to and not cut off.
        with Path(path).open("ab") as stream:
            yield stream
        return

    target = Path(path).resolve()
    old = _present(target)
    temporary = target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}.tmp")
    try:
        with naming(target), temporary.open("xb") as file:
            if old is not None:
                _inherit(file.fileno(), old)
            if old is not None and append:
                with target.open("rb") as source:
                    shutil.copyfileobj(source, file, _COPY_BLOCK)
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_directory(target.parent)


@contextlib.contextmanager
def naming(path: StrPath) -> Iterator[None]:
    """Name a file in the errors that only writing raises, and that name none."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno in _NO_ROOM:
            error.filename = os.fspath(path)
        raise


def _is_stream(path: StrPath) -> bool:
    if _OPEN_STREAM.fullmatch(os.fspath(path)):
        return True
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _present(target: Path) -> os.stat_result | None:
    """Return the status of the file to replace, or None; refuse what `open` would refuse.

    Renaming needs a writable directory only, so a protected file must be looked at.
    """
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "no such directory", str(target.parent))
    try:
        old = target.stat()
    except FileNotFoundError:
        return None
    for refused, number in (
        (stat.S_ISDIR(old.st_mode), errno.EISDIR),
        (not os.access(target, os.W_OK), errno.EACCES),
    ):
        if refused:
            raise OSError(number, os.strerror(number), str(target))
    return old


def _inherit(descriptor: int, old: os.stat_result) -> None:
    if not hasattr(os, "fchmod"):
        return
    with contextlib.suppress(PermissionError):
        os.fchown(descriptor, old.st_uid, old.st_gid)
    # After fchown, which clears the set-id bits.
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def _sync_directory(directory: Path) -> None:
    """Make the renaming itself durable, where directories can be opened."""
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
