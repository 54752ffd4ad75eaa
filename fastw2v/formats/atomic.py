"""Replace a file as a whole: a reader finds the old content or the new, never a part.

The new content goes to a temporary file in the same directory, is flushed to the disk, and then
takes the name of the old file in one step. A process that is killed in between leaves the old
file as it was, and at most a hidden `.NAME.XXXXXXXX.tmp` beside it, which the next one that writes
NAME removes. As long as a process lives it holds a lock on its temporary, so those of others are
told from those of the dead; that is certain within a machine only, so a name also says on which it
was made, and those of other machines are removed when nothing was written to them for a week.
"""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import re
import stat
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TypeAlias

from fastw2v.paths import expanded

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

StrPath: TypeAlias = "str | os.PathLike[str]"

_COPY_BLOCK = 1 << 20
_NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
# These names mean a stream that is already open, even where it leads to a regular file.
_OPEN_STREAM = re.compile(r"/dev/(stdout|stderr|fd/\d+)|/proc/self/fd/\d+")
_WEEK = 7 * 86_400
_MACHINE = f"{zlib.crc32(platform.node().encode()) & 0xFFFF:04x}"

PRIVATE, PUBLIC = 0o600, 0o666
"""Permissions of a new file: its owner's alone, or all that the umask leaves."""


@contextlib.contextmanager
def atomic_write(
    path: StrPath, *, append: bool = False, private: bool = False
) -> Iterator[BinaryIO]:
    """Open a binary file that replaces `path` when the block ends without an exception.

    A new file gets the permissions that `open` would give it; a file that is replaced keeps its
    own, and its owner where the system allows. Until then no other user may read it. A symbolic
    link stays, its target is replaced. Devices, pipes and open streams (`/dev/stdout`) cannot be
    replaced and are written directly.

    Parameters
    ----------
    path : path-like
        File to create or to replace.
    append : bool
        Start with a copy of the present content.
    private : bool
        A new file is its owner's alone.

    Yields
    ------
    BinaryIO
        Buffered file, which can be read, too; the caller writes to it and does not close it.

    Raises
    ------
    OSError
        As `open` would: no such directory, no permission, a directory, no space. Nothing has
        changed then. The same holds for any exception that leaves the block.
    """
    if is_stream(path):
        # Appending, so that output redirected to a file is added to and not cut off.
        with naming(path), expanded(path).open("ab") as stream:
            yield stream
        return

    target, old = _replaceable(path)
    with temporary(target, PRIVATE if private or old is not None else PUBLIC) as (file, name):
        if old is not None and append:
            import shutil  # loads two libraries for compression

            with target.open("rb") as source:
                shutil.copyfileobj(source, file, _COPY_BLOCK)
        yield file
        file.flush()
        os.fsync(file.fileno())
        if old is not None:
            _inherit(file.fileno(), old)
        if fcntl is None:
            file.close()  # Windows renames no file that is open
        name.replace(target)
    _sync_directory(target.parent)


def check_target(path: StrPath) -> None:
    """Raise what `atomic_write` would, before anything is computed for the file.

    Parameters
    ----------
    path : path-like
        File that will be created or replaced.

    Raises
    ------
    OSError
        Naming the path: no such directory, no permission, a directory, a socket, a loop of links.
    """
    if not is_stream(path):
        with temporary(_replaceable(path)[0]):
            return
    if stat.S_ISSOCK(expanded(path).stat().st_mode):
        raise OSError(errno.ENXIO, "this is a socket", os.fspath(path))
    if not os.access(expanded(path), os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), os.fspath(path))


@contextlib.contextmanager
def temporary(target: Path, mode: int = PRIVATE) -> Iterator[tuple[BinaryIO, Path]]:
    """Open a new hidden file beside `target`, which is removed when the block ends.

    Parameters
    ----------
    target : Path
        The file that it is for. Temporaries that killed processes left of it are removed first.
    mode : int
        Permissions.

    Yields
    ------
    file, path : BinaryIO, Path
        To write and to read; a file that was renamed stays.
    """
    _sweep(target)
    with naming(target):
        file, path = _create(target, mode)
        try:
            with file:
                yield file, path
        finally:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def naming(path: StrPath) -> Iterator[None]:
    """Name a file in the errors that only writing raises, and that name none."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno in _NO_ROOM:
            error.filename = os.fspath(path)
        raise


def is_stream(path: StrPath) -> bool:
    """Tell whether a path is written to as it is: a device, a pipe, an open stream."""
    place = expanded(path)
    if _OPEN_STREAM.fullmatch(os.fspath(path)):
        return True
    try:
        mode = place.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _replaceable(path: StrPath) -> tuple[Path, os.stat_result | None]:
    """Return the file that a path leads to and its status, or None; refuse what `open` would.

    Renaming needs a writable directory only, so a protected file must be looked at.
    """
    if os.fspath(path).endswith(os.sep):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    target = Path(os.path.realpath(expanded(path)))
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "no such directory", str(target.parent))
    try:
        old = target.stat()
    except FileNotFoundError:
        return target, None
    for refused, number in (
        (stat.S_ISDIR(old.st_mode), errno.EISDIR),
        (not os.access(target, os.W_OK), errno.EACCES),
    ):
        if refused:
            raise OSError(number, os.strerror(number), str(target))
    return target, old


def _create(target: Path, mode: int) -> tuple[BinaryIO, Path]:
    """Create and lock a temporary."""

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, mode)

    while True:
        path = target.with_name(f"{_prefix(target)}{_MACHINE}{os.urandom(2).hex()}.tmp")
        try:
            file = open(path, "x+b", opener=opener)  # noqa: SIM115
        except FileExistsError:
            continue
        if fcntl is None:
            return file, path
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
        # Between the two lines above it may have been taken for one of a dead process.
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file, path
        file.close()


def _sweep(target: Path) -> None:
    """Remove the temporaries of a file that no living process has locked."""
    if fcntl is None:
        return
    name = re.compile(re.escape(_prefix(target)) + r"([0-9a-f]{4})[0-9a-f]{4}\.tmp")
    with contextlib.suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            found = name.fullmatch(entry.name)
            if found is None or not entry.is_file(follow_symlinks=False):
                continue
            with contextlib.suppress(OSError), open(entry, "r+b") as file:  # noqa: PTH123
                age = time.time() - os.fstat(file.fileno()).st_mtime
                if found[1] == _MACHINE or age > _WEEK:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    Path(entry).unlink()


def _prefix(target: Path) -> str:
    return f".{target.name[:40]}."


def _inherit(descriptor: int, old: os.stat_result) -> None:
    """Give a file the owner and the permissions of an old one, or less where that is refused."""
    if not hasattr(os, "fchmod"):
        return
    mode = stat.S_IMODE(old.st_mode)
    for owner in (old.st_uid, -1):
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, owner, old.st_gid)
            break
    else:  # what the old group might do is not for another one
        mode &= ~0o070 | (mode & 0o007) << 3
    # After fchown, which clears the set-id bits.
    os.fchmod(descriptor, mode)


def _sync_directory(directory: Path) -> None:
    """Make the renaming itself durable, where directories can be opened."""
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
