"""Compressed files, known by their first bytes, and read by the fastest library there is.

gzip: isal, else the standard library. Zstandard: the standard library from Python 3.14 on, else
backports.zstd, else zstandard. bzip2 and xz: the standard library. The extra `fastw2v[fast]`
installs what is missing. Every format may have several members (frames), one after the other.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import zlib
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Protocol

from fastw2v.crew import Channel, ClosedError, Crew
from fastw2v.errors import CorpusError

CHUNK = 1 << 20
"""Bytes of text that are decompressed at a time."""

HEAD = 6
"""Bytes that tell the format."""

_ZSTD_MODULES = ("compression.zstd", "backports.zstd", "zstandard")


class Stream(Protocol):
    """What a text is read from."""

    def readinto(self, buffer: memoryview, /) -> int:
        """Read some bytes; 0 at the end."""

    def close(self) -> None:
        """Close it."""


def format_of(head: bytes) -> str | None:
    """Return "gzip", "bzip2", "xz" or "zstd" if a file begins so, else None."""
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"BZh"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    # A frame, or one of the frames that a reader skips.
    if head[:4] == b"\x28\xb5\x2f\xfd" or (head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5):
        return "zstd"
    return None


def damages() -> tuple[type[Exception], ...]:
    """Return what the libraries raise at damaged data, beside OSError."""
    import gzip
    import lzma

    found: list[type[Exception]] = [EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile]
    for name, kind in (("isal.isal_zlib", "error"), *((n, "ZstdError") for n in _ZSTD_MODULES)):
        module = _module(name)
        if module is not None and hasattr(module, kind):
            found.append(getattr(module, kind))
    return tuple(found)


def damage(error: Exception, name: str, where: str) -> CorpusError | None:
    """Return what to raise for an exception while reading; None if it is about something else."""
    # The libraries also raise OSError, without a number; with one it is the system's.
    if isinstance(error, damages()) or (isinstance(error, OSError) and error.errno is None):
        return CorpusError(
            f"{name}: the compressed data are damaged or end too early, after {where}: {error}"
        )
    return None


def decompressed(raw: io.RawIOBase, name: str, kind: str) -> io.BufferedIOBase:
    """Return what is in a compressed file.

    Parameters
    ----------
    raw : RawIOBase
        The file, at its beginning.
    name : str
        What to call it.
    kind : str
        What `format_of` returned.

    Raises
    ------
    CorpusError
        If no library can read it.
    """
    file: Any = io.BufferedReader(raw, CHUNK)
    if kind == "bzip2":
        import bz2

        return io.BufferedReader(_Members(file, bz2.BZ2Decompressor), CHUNK)
    if kind == "xz":
        import lzma

        return io.BufferedReader(_Members(file, lzma.LZMADecompressor), CHUNK)
    if kind == "gzip":
        import gzip

        fast = _module("isal.igzip")
        opened = (gzip.GzipFile if fast is None else fast.IGzipFile)(fileobj=file, mode="rb")
        assert isinstance(opened, io.BufferedIOBase)
        return opened
    for module_name in _ZSTD_MODULES:
        module = _module(module_name)
        if module is None:
            continue
        if module_name == "zstandard":
            return io.BufferedReader(_Frames(file, module), CHUNK)
        frames: io.BufferedIOBase = module.ZstdFile(file)
        return frames
    raise CorpusError(
        f"{name} is compressed with Zstandard, and this Python has no library for it: "
        f"install fastw2v[fast], or decompress it first, for example: zstd -dc FILE | fastw2v ... -"
    )


def _module(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


class _Members(io.RawIOBase):
    """bzip2 and xz by their decompressors: what does not decompress is an error.

    The files of the standard library take whatever follows a member and begins like none for its
    end, and so lose all that comes after a damaged header, or after the padding of xz.
    """

    def __init__(self, file: io.BufferedReader, new: Callable[[], Any]) -> None:
        self._file = file
        self._new = new
        self._member: Any = None
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            data = self._rest
            if not data and (self._member is None or self._member.needs_input):
                data = self._file.read1(CHUNK >> 4)
                if not data and self._member is None:
                    return 0
                if not data:
                    raise EOFError("the file ends in the middle of a member")
            if self._member is None:
                data = data.lstrip(b"\0")  # the padding after a member
                if not data:
                    self._rest = b""
                    continue
                self._member = self._new()
            out: bytes = self._member.decompress(data, len(buffer))
            self._rest = b""
            if self._member.eof:
                self._rest = self._member.unused_data
                self._member = None
            if out:
                buffer[: len(out)] = out
                return len(out)


class _Frames(io.RawIOBase):
    """Zstandard by the `zstandard` library, whose own reader takes a cut file for a whole one."""

    def __init__(self, file: io.BufferedReader, module: ModuleType) -> None:
        self._file = file
        self._new: Callable[[], Any] = module.ZstdDecompressor().decompressobj
        self._frame: Any = None
        self._rest = b""
        self._out = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._out:
            data = self._rest or self._file.read1(CHUNK >> 4)
            self._rest = b""
            if not data:
                if self._frame is not None:
                    raise EOFError("Compressed file ended before the end-of-stream marker")
                return 0
            if self._frame is None:
                self._frame = self._new()
            self._out = self._frame.decompress(data)
            if self._frame.eof:
                self._rest = self._frame.unused_data
                self._frame = None
        n = min(len(buffer), len(self._out))
        buffer[:n] = self._out[:n]
        self._out = self._out[n:]
        return n


class ReadAhead:
    """Reads a stream in a thread of its own, so that decompressing and counting go on together.

    Parameters
    ----------
    stream : BufferedIOBase
        What to read; it is closed with this object.
    """

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream
        self._chunks: Channel[bytes | BaseException] = Channel(4)
        self._chunk = memoryview(b"")
        self._ended = False
        self._crew = Crew([self._run], self._chunks.close, "fastw2v-read")
        self._crew.start()

    def _run(self) -> None:
        with contextlib.suppress(ClosedError):
            while True:
                for chunk in self._read():
                    self._chunks.put(chunk)
                    if not chunk or isinstance(chunk, BaseException):
                        return

    def _read(self) -> Iterator[bytes | BaseException]:
        """Yield a chunk, or what there is of it, and what went wrong after that."""
        parts: list[bytes] = []
        size = 0
        try:
            while size < CHUNK and not self._chunks.is_closed:
                parts.append(self._stream.read1(CHUNK - size))
                size += len(parts[-1])
                if not parts[-1]:
                    break
        except BaseException as error:
            if size:
                yield b"".join(parts)
            yield error
        else:
            yield b"".join(parts)

    def readinto(self, buffer: memoryview) -> int:
        """Read some bytes; 0 at the end."""
        while not self._chunk and not self._ended:
            chunk = self._chunks.get()
            if isinstance(chunk, BaseException):
                self._ended = True
                raise chunk
            self._ended = not chunk
            self._chunk = memoryview(chunk)
        n = min(len(buffer), len(self._chunk))
        buffer[:n] = self._chunk[:n]
        self._chunk = self._chunk[n:]
        return n

    def close(self) -> None:
        """End the thread and close the stream."""
        self._crew.close()
        self._stream.close()
