"""Files to read: a path or an open file, compressed or not."""

from __future__ import annotations

import contextlib
import io
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeAlias, cast

from fastw2v.errors import FormatError, TruncatedFileError
from fastw2v.formats import kinds
from fastw2v.formats.atomic import StrPath
from fastw2v.paths import expanded, is_path


class Input(NamedTuple):
    """An open file.

    Attributes
    ----------
    file : BufferedReader
        At its beginning, or where the user's file stood; unpacked.
    name : str
        For messages.
    size : int or None
        Bytes that can be read; None where only reading tells (compressed files, pipes).
    """

    file: io.BufferedReader
    name: str
    size: int | None

    def head(self) -> bytes:
        """Return the first bytes, `kinds.HEAD` or what there is, without reading past them."""
        return self.file.peek(kinds.HEAD)[: kinds.HEAD]

    def again(self, source: Source) -> Source:
        """Return what it was opened from if that is a path that can be opened again, else itself.

        A path can be mapped, and is read without a copy.
        """
        return source if self.size is not None and isinstance(source, (str, os.PathLike)) else self


Source: TypeAlias = "StrPath | BinaryIO | Input"


def name_of(source: Source) -> str:
    """Return what to call a file in messages."""
    if isinstance(source, Input):
        return source.name
    if is_path(source, "rb"):
        return os.fspath(cast("StrPath", source))
    return str(getattr(source, "name", None) or f"the {type(source).__name__}")


@contextlib.contextmanager
def open_input(source: Source) -> Iterator[Input]:
    """Open a file for reading, unpacking gzip, bzip2 and xz whatever its name.

    Parameters
    ----------
    source : path-like, binary file or Input
        An open file is not closed; an `Input` is handed on.

    Yields
    ------
    Input

    Raises
    ------
    TypeError
        If an open file gives text.
    TruncatedFileError
        If a compressed file ends too early.
    FormatError
        If a compressed file is damaged.
    """
    if isinstance(source, Input):
        yield source
        return
    name = name_of(source)
    with contextlib.ExitStack() as stack:
        if isinstance(source, (str, os.PathLike)):
            file: Any = stack.enter_context(expanded(source).open("rb", kinds.HEAD))
        else:
            file = io.BufferedReader(_Borrowed(source), kinds.HEAD)
        plain = Input(file, name, _size(file))
        opener = _unpacker(plain)
        if opener is None:
            yield plain
            return
        import lzma
        import zlib

        try:
            # Going back would start at the beginning of a file that the user may have read from.
            unpacked = _Borrowed(opener(file), seekable=False)
            yield Input(io.BufferedReader(unpacked, kinds.HEAD), name, None)
        except FormatError:
            raise
        except EOFError as error:
            raise TruncatedFileError(f"{name}: the compressed file ends too early") from error
        except (OSError, zlib.error, lzma.LZMAError) as error:
            # Errors of the system have a number; those of the decompressors have none.
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise FormatError(f"{name}: the compressed file is damaged: {error}") from error


def _unpacker(plain: Input) -> Callable[[Any], Any] | None:
    """Return what unpacks a file: by its first bytes, or by its name where those are damaged."""
    kind = kinds.kind_of(plain.head())
    if kind is None:
        by_name = {".gz": kinds.GZIP, ".bz2": kinds.BZIP2, ".xz": kinds.XZ}
        kind = by_name.get(Path(plain.name).suffix.lower())
    if kind is kinds.GZIP:
        import gzip

        return lambda file: gzip.GzipFile(fileobj=file, mode="rb")
    if kind is kinds.BZIP2:
        import bz2

        return bz2.BZ2File
    if kind is kinds.XZ:
        import lzma

        return lzma.LZMAFile
    return None


def _size(file: io.BufferedReader) -> int | None:
    try:
        status = os.fstat(file.fileno())
    except (OSError, AttributeError):
        pass  # no file of the system
    else:
        if not stat.S_ISREG(status.st_mode):
            return None
    if not file.seekable():
        return None
    start = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(start)
    return end - start


class _Borrowed(io.RawIOBase):
    """A file of the user's, which is not closed with this."""

    def __init__(self, file: BinaryIO, *, seekable: bool = True) -> None:
        self._file = file
        self._seekable = seekable and bool(getattr(file, "seekable", bool)())

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._seekable

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def fileno(self) -> int:
        return self._file.fileno()

    def readinto(self, buffer: Any, /) -> int:
        data = self._file.read(len(buffer))
        if not isinstance(data, bytes):
            raise TypeError(f"{self._file!r} gives text: open it in binary mode, 'rb'")
        buffer[: len(data)] = data
        return len(data)
