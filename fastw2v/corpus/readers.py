"""Read text files as blocks that hold whole words, from several threads."""

from __future__ import annotations

import codecs
import errno
import io
import os
import stat
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fastw2v import memory
from fastw2v.corpus import _scan

AnyPath = str | os.PathLike[str]

BLOCK_SIZE = 4 << 20
"""Bytes asked for at a time: few enough for the cache, enough to make a thread's turn worth it."""

_NEWLINE = ord("\n")


def check_paths(paths: Sequence[AnyPath]) -> list[Path]:
    """Check that every path can be read, before anything starts.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError
        Naming the path.
    TypeError
        If `paths` is a single path.
    """
    if isinstance(paths, (str, bytes, os.PathLike)):
        raise TypeError(f"paths must be a list of paths, got the single path {paths!r}")
    checked = [Path(path) for path in paths]
    for path in checked:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a directory, not a text file", str(path))
        path.stat()
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return checked


def total_size(paths: Iterable[Path]) -> int | None:
    """Return the size of all files in bytes, None where one is a pipe or a device."""
    total = 0
    for path in paths:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return None
        total += status.st_size
    return total


class Text:
    """A buffer for one block of text at a time.

    Attributes
    ----------
    bytes : ndarray of uint8
        The text is `bytes[:n]`; white space follows, as csrc/scan.h wants it.
    n : int
        Length of the text in bytes; its last byte is white space.
    number : int
        Place of the block in the corpus: 0, 1, 2, ...
    pos : int
        Position of the text's first byte in the corpus, all files one after the other.
    """

    def __init__(self) -> None:
        self.bytes: npt.NDArray[np.uint8] = np.empty(0, dtype=np.uint8)
        self.n = 0
        self.number = 0
        self.pos = 0

    def reserve(self, n_bytes: int, n_used: int) -> None:
        """Make room for a text of `n_bytes`, keeping the first `n_used`."""
        need = n_bytes + 1 + _scan.SLACK
        if need > len(self.bytes):
            larger = memory.zeros((max(need, 2 * len(self.bytes)),), np.uint8)
            larger[:n_used] = self.bytes[:n_used]
            self.bytes = larger


class BlockReader:
    """Hands out blocks of text that end where a word ends.

    A block ends with its last white space; what follows opens the next block. A newline is added
    to the end of every file, so that a file always ends a sentence. A byte order mark is skipped.

    Parameters
    ----------
    paths : sequence of Path
        Files or pipes, read one after the other, each opened once. Waiting for a pipe's next bytes
        cannot be interrupted.
    block_size : int
        Bytes per block, apart from what a cut moves to the next one. A word that is longer than
        this makes its block longer.
    """

    def __init__(self, paths: Sequence[Path], block_size: int = BLOCK_SIZE) -> None:
        if block_size < 1:
            raise ValueError(f"block_size must be 1 or more, got {block_size}")
        self.n_bytes = 0
        self._paths = iter(paths)
        self._block_size = block_size
        self._lock = threading.Lock()
        self._file: io.FileIO | io.BufferedIOBase | None = None
        self._carry = b""
        self._n_blocks = 0
        self._pos = 0

    def __enter__(self) -> BlockReader:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def next(self, text: Text) -> bool:
        """Read the next block into `text`; return False when there is none. Thread-safe."""
        with self._lock:
            file = self._file or self._open_next()
            if file is None:
                return False
            n = len(self._carry)
            text.reserve(n + self._block_size, 0)
            text.bytes[:n] = np.frombuffer(self._carry, dtype=np.uint8)
            searched = end = 0
            while not end:
                text.reserve(n + self._block_size, n)
                got = file.readinto(text.bytes.data[n : n + self._block_size])
                self.n_bytes += got
                n += got
                if not got:
                    text.bytes[n] = _NEWLINE
                    n += 1
                    end = n
                    file.close()
                    self._file = None
                else:
                    end = _scan.cut(text.bytes, searched, n)
                    searched = n
            self._carry = text.bytes[end:n].tobytes()
            text.n, text.number, text.pos = end, self._n_blocks, self._pos
            self._n_blocks += 1
            self._pos += end
        text.bytes[end : end + _scan.SLACK] = _NEWLINE
        return True

    def _open(self, path: Path) -> io.FileIO | io.BufferedIOBase:
        return io.FileIO(path)

    def _open_next(self) -> io.FileIO | io.BufferedIOBase | None:
        path = next(self._paths, None)
        if path is None:
            return None
        self._file = self._open(path)
        head = b""
        while len(head) < len(codecs.BOM_UTF8):
            more = self._file.read(len(codecs.BOM_UTF8) - len(head))
            if not more:
                break
            head += more
        self.n_bytes += len(head)
        self._carry = b"" if head == codecs.BOM_UTF8 else head
        return self._file


def locate(paths: Iterable[Path], word: bytes) -> tuple[Path, int] | None:
    """Find a word's first occurrence by reading the files again.

    Returns
    -------
    tuple of (Path, int) or None
        The file and the line, counted from 1; None if the files no longer hold the word.
    """
    text = Text()
    for path in paths:
        if not path.is_file():
            continue
        line = 1
        with BlockReader([path]) as reader:
            while reader.next(text):
                block = text.bytes[: text.n].tobytes()
                if word in block:
                    for offset, part in enumerate(block.split(b"\n")):
                        if word in part.split():
                            return path, line + offset
                line += block.count(b"\n")
    return None
