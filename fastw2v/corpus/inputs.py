"""What a corpus is made of: files, directories, globs, standard input, open files."""

from __future__ import annotations

import contextlib
import errno
import fnmatch
import glob
import io
import os
import select
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from fastw2v.crew import PERIOD, Flag
from fastw2v.errors import CorpusError
from fastw2v.paths import expanded

AnyPath: TypeAlias = "str | os.PathLike[str]"
AnyInput: TypeAlias = "AnyPath | BinaryIO | Input"

STDIN = "-"
_DATASET_FILES = ("dataset_info.json", "dataset_dict.json")


@dataclass(frozen=True, eq=False)
class Input:
    """One file of a corpus.

    Attributes
    ----------
    name : str
        What to call it in messages.
    path : Path or None
        Where it is; None for an open file.
    file : binary file or None
        An open file, which is read from where it stands and not closed.
    data : object or None
        Or a function that opens a Python object: see `fastw2v.corpus.objects`.
    n_stored : int or None
        Bytes of that object, if they are known.
    """

    name: str
    path: Path | None = None
    file: Any = None
    data: Any = None
    n_stored: int | None = None

    def open(self, cancelled: Flag | None = None) -> Raw:
        """Open it for reading; who waits for a silent pipe gets CancelledError once that is set."""
        file = self.file if self.path is None else io.FileIO(self.path, opener=_open_at_once)
        return Raw(file, owned=self.path is not None, cancelled=cancelled)

    @property
    def size(self) -> int | None:
        """Bytes; None where they are not known beforehand."""
        if self.path is None and self.file is None:
            return self.n_stored
        try:
            status = os.fstat(self.file.fileno()) if self.path is None else self.path.stat()
        except (OSError, AttributeError):
            return None
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    @property
    def is_file(self) -> bool:
        """Whether it can be read again."""
        return self.path is not None and self.path.is_file()


class CancelledError(Exception):
    """The reading was cancelled while it waited for bytes."""


def _open_at_once(path: str, flags: int) -> int:
    """Open a file; do not wait for a pipe's writer."""
    if hasattr(os, "O_NONBLOCK") and stat.S_ISFIFO(Path(path).stat().st_mode):
        flags |= os.O_NONBLOCK
    return os.open(path, flags)


class Raw(io.RawIOBase):
    """A file as it is stored, of which the first bytes can be looked at.

    A pipe, terminal or socket may be silent for hours. Its bytes are waited for in small steps, by
    the system's `poll`, so that neither a cancelled reading nor the end of the process has to wait.

    Parameters
    ----------
    file : binary file
        What to read.
    owned : bool
        Whether to close it with this.
    cancelled : Flag, optional
        Ends the waiting.

    Attributes
    ----------
    n_read : int
        Bytes read so far.
    """

    def __init__(self, file: Any, owned: bool, cancelled: Flag | None = None) -> None:
        self._file = file
        self._owned = owned
        self._cancelled = cancelled
        self._descriptor = _silent(file)
        self._head = b"" if self._descriptor is None else _read_ahead(file, self._descriptor)
        self.n_read = 0

    def head(self, n: int) -> bytes:
        """Return the first `n` bytes, or what there is, which are read again afterwards."""
        while len(self._head) < n:
            more = bytearray(n - len(self._head))
            n_more = self._fill(memoryview(more))
            if not n_more:
                break
            self._head += more[:n_more]
        return self._head[:n]

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read some bytes; 0 at the end."""
        n = len(self._head)
        if n:
            n = min(n, len(buffer))
            buffer[:n] = self._head[:n]
            self._head = self._head[n:]
        else:
            n = self._fill(buffer)
        self.n_read += n
        return n

    def _fill(self, buffer: Any) -> int:
        """Read some bytes from the file itself."""
        if self._descriptor is not None:
            while True:
                self._wait(self._descriptor)
                with contextlib.suppress(BlockingIOError):
                    return os.readv(self._descriptor, [buffer])
        if hasattr(self._file, "readinto"):
            return self._file.readinto(buffer) or 0
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _wait(self, descriptor: int) -> None:
        """Wait until there is something to read, or the end."""
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        while not poll.poll(1000 * PERIOD):
            if self._cancelled is not None and self._cancelled.is_set():
                raise CancelledError

    def close(self) -> None:
        """Close the file, if it was opened here."""
        if self._owned and not self.closed:
            self._file.close()
        super().close()


def _silent(file: Any) -> int | None:
    """Return the descriptor of a file that may be silent; None for any other.

    Only of a plain file object, as anything else may change the bytes on their way.
    """
    raw = file.raw if type(file) is io.BufferedReader else file
    if type(raw) is not io.FileIO or not hasattr(select, "poll"):
        return None
    mode = os.fstat(raw.fileno()).st_mode
    return None if stat.S_ISREG(mode) or stat.S_ISBLK(mode) else raw.fileno()


def _read_ahead(file: Any, descriptor: int) -> bytes:
    """Return what a buffered file has read already, without waiting for more."""
    if type(file) is not io.BufferedReader:
        return b""
    blocking = os.get_blocking(descriptor)
    os.set_blocking(descriptor, False)
    try:
        return file.read1()
    finally:
        os.set_blocking(descriptor, blocking)


def resolve(given: Sequence[AnyInput]) -> list[Input]:
    """Find the files of a corpus, and check that they can be read, before anything starts.

    Parameters
    ----------
    given : sequence of path, binary file or Input
        "-" is standard input. A directory stands for all files below it, in the order of their
        names, but for those whose names begin with a dot; of a data set that the `datasets`
        library saved only the Arrow files. A path that does not exist and has one of * ? [ in it
        is a glob: ** is any number of directories, matches are in the order of their names. A
        directory that matches stands for its files, unless the pattern has **.

    Returns
    -------
    list of Input

    Raises
    ------
    FileNotFoundError, PermissionError
        Naming the path.
    CorpusError
        If an open file, or standard input, is given twice.
    TypeError
        If `given` is a single path, or something in it cannot be read.
    """
    if isinstance(given, (str, bytes, os.PathLike)):
        raise TypeError(f"paths must be a list of paths, got the single path {given!r}")
    found: list[Input] = []
    for item in given:
        if isinstance(item, Input):
            found.append(item)
        elif isinstance(item, (str, os.PathLike)):
            found += _resolve_path(os.fspath(item))
        elif hasattr(item, "read"):
            found.append(_open_file(item))
        else:
            raise TypeError(
                f"a corpus is paths or open binary files, got {type(item).__name__} ({item!r})"
            )
    opened: dict[int, Input] = {}
    for item in found:
        if item.file is not None and opened.setdefault(id(item.file), item) is not item:
            raise CorpusError(f"{item.name} can be read only once, and is given twice")
    return found


def is_file_object(value: object) -> bool:
    """Tell whether a value is an open file."""
    return hasattr(value, "read") and not isinstance(value, (str, bytes, os.PathLike))


def total_size(inputs: Iterable[Input]) -> int | None:
    """Return the size of all files in bytes, None where one has none."""
    total = 0
    for item in inputs:
        size = item.size
        if size is None:
            return None
        total += size
    return total


def _open_file(file: Any) -> Input:
    if isinstance(file, io.TextIOBase):
        buffer = getattr(file, "buffer", None)
        if buffer is None:
            raise TypeError(f"an open file must be a binary one, got {file!r}")
        file = buffer
    name = getattr(file, "name", None)
    return Input(name if isinstance(name, str) else f"<{type(file).__name__}>", None, file)


def _resolve_path(text: str) -> list[Input]:
    if text == STDIN:
        if sys.stdin is None:
            raise CorpusError("standard input is closed")
        return [Input("standard input", None, sys.stdin.buffer)]
    path = expanded(text)
    if path.is_dir():
        files = _corpus_of(path)
        if not files:
            raise FileNotFoundError(errno.ENOENT, "there is no file in this directory", text)
        return [_checked(file) for file in files]
    if not path.exists() and glob.has_magic(text):
        parts = path.parts[bool(path.anchor) :]
        files = []
        for match in _matches(Path(path.anchor), parts):
            if not _is_directory(match):
                files.append(match)
            elif "**" not in parts:  # which matches what is below, too
                files += _corpus_of(match, (_identity(match.parent),))
        if not files:
            raise FileNotFoundError(errno.ENOENT, "no file matches this pattern", text)
        return [_checked(file) for file in sorted(files, key=str)]
    return [_checked(path)]


def _checked(path: Path) -> Input:
    path.stat()
    if not os.access(path, os.R_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return Input(str(path), path)


def _corpus_of(directory: Path, above: tuple[tuple[int, int], ...] = ()) -> list[Path]:
    """Return the files below a directory; of a saved data set only those with its rows."""
    files = list(_below(directory, above))
    if any(path.name in _DATASET_FILES for path in files):
        files = [path for path in files if path.suffix == ".arrow"]
    return files


def _below(directory: Path, above: tuple[tuple[int, int], ...] = ()) -> Iterator[Path]:
    """Yield the files below a directory in the order of their paths.

    Links are followed, but not back to a directory that is being read. Names that begin with a dot
    are left out, and so are pipes, devices and sockets; a broken link is not, and will be missed.
    """
    above = (*above, _identity(directory))
    for name in _names(directory):
        path = directory / name
        if not _is_directory(path):
            if _is_readable(path):
                yield path
        elif _identity(path) not in above:
            yield from _below(path, above)


def _matches(
    directory: Path, parts: Sequence[str], above: tuple[tuple[int, int], ...] = ()
) -> Iterator[Path]:
    """Yield what matches the parts of a pattern, as `glob.glob` does.

    A directory that cannot be read is an error, where `glob` passes over it. Pipes, devices and
    sockets are left out.
    """
    part, *rest = parts
    if part == "**":
        yield from _matches(directory, rest or ["*"])
        above = (*above, _identity(directory))
        for name in _names(directory):
            path = directory / name
            if _is_directory(path) and _identity(path) not in above:
                yield from _matches(path, parts, above)
        return
    names = [part] if os.path.lexists(directory / part) else []
    if glob.has_magic(part):
        names = fnmatch.filter(_names(directory, hidden=part.startswith(".")), part)
    for name in names:
        path = directory / name
        if not rest and (_is_directory(path) or _is_readable(path)):
            yield path
        elif rest and _is_directory(path):
            yield from _matches(path, rest)


def _names(directory: Path, *, hidden: bool = False) -> list[str]:
    names = (path.name for path in directory.iterdir())
    return sorted(name for name in names if hidden or not name.startswith("."))


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _is_readable(path: Path) -> bool:
    """Tell whether a path is a file, or is not there, and will be missed."""
    return path.is_file() or not path.exists()


def _is_directory(path: Path) -> bool:
    """Tell whether a path leads to a directory, and raise what keeps that from being known."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return False
        raise
