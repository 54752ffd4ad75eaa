"""Token files: an encoded corpus with its vocabulary; docs/token-store.md describes them.

The container is that of `safetensors`. The ids come first, written as they are made, so nothing of
the size of the corpus is ever in memory; the header goes to the place that was kept for it when all
is known.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import weakref
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from fastw2v.errors import CorpusError, FormatError
from fastw2v.formats import safetensors, schema
from fastw2v.formats.atomic import StrPath, atomic_write

FORMAT = "fastw2v.tokens"
VERSION = 1

NUMBERS = (
    "longest",
    "n_bytes",
    "n_lines",
    "n_sentences",
    "n_corpus",
    "n_invalid",
    "n_oov",
    "n_raw",
    "n_raw_tokens",
    "min_count",
    "integers",
)
"""What a file says about its corpus: whole numbers by name."""

_IDS = np.dtype("<i4")
_LARGEST = 10**18
_BLOCK = 1 << 20
"""Ids that are read at a time."""

Ids = npt.NDArray[np.int32]


class Writer:
    """Writes the ids of a token file; made by `create`.

    Attributes
    ----------
    n_ids : int
        Ids written so far.
    complete : bool
        Whether `finish` was called.
    error : OSError or None
        Why the file could not be written.
    """

    def __init__(self, file: BinaryIO, path: StrPath, key: str) -> None:
        self._file = file
        self._path = path
        self._key = key
        self._checksum = 0
        self._descriptor = -1
        self.n_ids = 0
        self.complete = False
        self.error: OSError | None = None
        longest = dict.fromkeys(NUMBERS, _LARGEST)
        self._reserved = len(self._header(longest, (_LARGEST,) * 4, (0xFFFFFFFF,) * 4))
        self._write(bytes(self._reserved))

    def _write(self, data: bytes | memoryview) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            self.error = error
            raise

    def append(self, ids: Ids) -> None:
        """Write the next ids."""
        block = np.ascontiguousarray(ids, dtype=_IDS)
        if block.size:
            self._checksum = zlib.crc32(block.data.cast("B"), self._checksum)
            self._write(block.data)
            self.n_ids += len(block)

    def finish(
        self, words: Sequence[str], counts: npt.NDArray[np.int64], numbers: Mapping[str, int]
    ) -> None:
        """Write the vocabulary and the header.

        Parameters
        ----------
        words : sequence of str, length V
            By id.
        counts : ndarray of int64, shape (V,)
            Their occurrences.
        numbers : mapping of str to int
            One for each of `NUMBERS`.
        """
        spelt = [word.encode("utf-8") for word in words]
        offsets = np.zeros(len(spelt) + 1, dtype="<i8")
        np.cumsum([len(word) for word in spelt], out=offsets[1:])
        blocks = (counts.astype("<i8").tobytes(), offsets.tobytes(), b"".join(spelt))
        for block in blocks:
            self._write(block)
        header = self._header(
            numbers,
            (self.n_ids, len(words), len(offsets), len(blocks[2])),
            (self._checksum, *map(zlib.crc32, blocks)),
        )
        assert len(header) == self._reserved
        self._file.seek(0)
        self._write(header)
        self._descriptor = os.dup(self._file.fileno())
        self.complete = True

    def reopened(self) -> TokenFile:
        """Return what was written, which stays readable whatever becomes of the name.

        Raises
        ------
        FormatError
            If the file is not whole, because flushing it failed.
        """
        return TokenFile(self._path, self._descriptor)

    def _header(
        self, numbers: Mapping[str, int], lengths: Sequence[int], checksums: Sequence[int]
    ) -> bytes:
        types = {"ids": "<i4", "counts": "<i8", "words.offsets": "<i8", "words.bytes": "|u1"}
        arrays = {
            name: (np.dtype(kind), (length,))
            for (name, kind), length in zip(types.items(), lengths, strict=True)
        }
        metadata = {
            "format": FORMAT,
            "version": str(VERSION),
            "corpus": json.dumps({name: int(numbers[name]) for name in NUMBERS}),
            "key": self._key,
        }
        sums = dict(zip(types, checksums, strict=True))
        return safetensors.header(arrays, sums, metadata, n_bytes=getattr(self, "_reserved", 0))


@contextlib.contextmanager
def create(path: StrPath, key: str, *, private: bool = False) -> Iterator[Writer]:
    """Write a token file, which appears as a whole when the block ends.

    Parameters
    ----------
    path : path-like
        File to replace.
    key : str
        What the tokens depend on; readers compare it.
    private : bool
        A new file is its owner's alone.

    Yields
    ------
    Writer
        `finish` must be called on it.
    """
    with atomic_write(path, private=private) as file:
        writer = Writer(file, path, key)
        yield writer
        if not writer.complete:
            raise ValueError(f"{path}: the token file was not finished")


class TokenFile:
    """A token file that is open: a `fastw2v.corpus.source.Source`.

    What is open stays readable when another process replaces or deletes the file. Views are read
    and not mapped, since a file that is cut short under a mapping ends the process.

    Parameters
    ----------
    path : path-like
        File that `create` wrote.
    descriptor : int, optional
        The file, if it is open already; it is closed with this object.

    Attributes
    ----------
    key : str
        What the tokens depend on.
    words, counts
        The vocabulary, as for `Writer.finish`.
    numbers : dict
        One for each of `NUMBERS`; those of a `Source` are attributes too.

    Raises
    ------
    FormatError
        If the file is damaged, is something else, or comes from another version.
    """

    random_access = True
    longest: int
    n_bytes: int
    n_lines: int
    n_sentences: int
    n_corpus: int
    n_invalid: int
    n_oov: int

    def __init__(self, path: StrPath, descriptor: int | None = None) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()
        with contextlib.ExitStack() as stack:
            opened = self.path if descriptor is None else descriptor
            self._file = stack.enter_context(open(opened, "rb", buffering=0))  # noqa: PTH123
            self._file.seek(0)
            self._status = self._state()
            self._read()
            stack.pop_all()
        weakref.finalize(self, self._file.close)

    def _state(self) -> tuple[int, int, int]:
        """Return what changes when the file is written to."""
        status = os.fstat(self._file.fileno())
        return status.st_size, status.st_mtime_ns, status.st_ctime_ns

    def _read(self) -> None:
        layout = safetensors.read_layout(self._file, self.path)
        metadata = layout.metadata
        if metadata.get("format") != FORMAT:
            raise FormatError(f"{self.path}: holds {metadata.get('format')!r}, not {FORMAT!r}")
        if metadata.get("version") != str(VERSION):
            raise FormatError(
                f"{self.path}: has version {metadata.get('version')!r} of the format; this is "
                f"{VERSION}"
            )
        self._layout = layout
        self.key = metadata.get("key", "")
        what = f"{self.path}: the description of the corpus"
        self.numbers: dict[str, int] = schema.parse(metadata.get("corpus", ""), what)
        schema.check(self.numbers, dict.fromkeys(NUMBERS, schema.whole(0, _LARGEST)), what)
        for name in (
            "longest",
            "n_bytes",
            "n_lines",
            "n_sentences",
            "n_corpus",
            "n_invalid",
            "n_oov",
        ):
            setattr(self, name, self.numbers[name])
        ids = schema.array(layout.arrays, "ids", "i4", (None,), str(self.path))
        self._start, self.n_ids = ids.start, ids.shape[0]
        self.counts: npt.NDArray[np.int64] = self._array("counts", "i8")
        offsets = self._array("words.offsets", "i8", len(self.counts) + 1)
        text = self._array("words.bytes", "u1").tobytes()
        if offsets[0] != 0 or offsets[-1] != len(text) or bool((np.diff(offsets) < 0).any()):
            raise FormatError(f"{self.path}: the words do not fit their places")
        if bool((self.counts < 0).any()):
            raise FormatError(f"{self.path}: a word has a count below 0")
        try:
            self.words = [text[a:b].decode("utf-8") for a, b in pairwise(offsets.tolist())]
        except UnicodeDecodeError as error:
            raise FormatError(f"{self.path}: a word is not UTF-8") from error

    def _array(self, name: str, kind: str, length: int | None = None) -> npt.NDArray[Any]:
        """Read a small array and check it."""
        place = schema.array(self._layout.arrays, name, kind, (length,), str(self.path))
        block: npt.NDArray[np.uint8] = np.empty(place.dtype.itemsize * place.shape[0], np.uint8)
        self._read_at(place.start, block.data)
        self._compare(name, zlib.crc32(block.data))
        return block.view(place.dtype).astype(place.dtype.newbyteorder("="), copy=False)

    def _read_at(self, place: int, block: memoryview) -> None:
        """Fill a block from a place of the file."""
        with self._lock:
            self._file.seek(place)
            done = 0
            while done < len(block):
                n_read = self._file.readinto(block[done:])
                if not n_read:
                    raise FormatError(f"{self.path}: the file was cut short after it was opened")
                done += n_read

    def _compare(self, name: str, checksum: int) -> None:
        expected = self._layout.checksums[name]
        if f"{checksum:08x}" != expected:
            raise FormatError(
                f"{self.path}: the array {name!r} is damaged: its checksum is {checksum:08x}, "
                f"not {expected}"
            )

    def verify(self, look: Callable[[Ids], object] = lambda _: None) -> None:
        """Read all ids, compare their checksum and look whether each has a word.

        Parameters
        ----------
        look : callable
            Called with some ids at a time, in order, which it may not keep.

        Raises
        ------
        FormatError
            If the ids are damaged.
        """
        checksum, largest = 0, -1
        block: Ids = np.empty(_BLOCK, dtype=_IDS)
        for begin in range(0, self.n_ids, _BLOCK):
            part = block[: self.n_ids - begin]
            data = part.data.cast("B")
            self._read_at(self._start + begin * _IDS.itemsize, data)
            checksum = zlib.crc32(data, checksum)
            largest = max(largest, _largest(part))
            look(part)
        self._compare("ids", checksum)
        if largest >= len(self.words):
            raise FormatError(f"{self.path}: id {largest} has no word")

    def open(self) -> TokenFile:
        """Begin a pass: a file can be read from any place, by any number of readers."""
        return self

    def view(self, begin: int, end: int) -> Ids:
        """Read the ids from position `begin` to `end`.

        Raises
        ------
        CorpusError
            If the file has been written to since it was opened, and no longer holds what it did.
        """
        ids: Ids = np.empty(max(end - begin, 0), dtype=_IDS)
        try:
            for first in range(0, len(ids), _BLOCK):
                part = ids[first : first + _BLOCK]
                self._read_at(self._start + (begin + first) * _IDS.itemsize, part.data.cast("B"))
                if _largest(part) >= len(self.words):
                    raise FormatError(f"{self.path}: an id has no word")
            state = self._state()
            if state != self._status:
                self.verify()
                self._status = state
        except FormatError as error:
            raise CorpusError(
                f"the token file has been overwritten while it was trained on: {error}"
            ) from error
        return ids

    def finish(self) -> None:
        """Nothing can be left over."""

    def close(self) -> None:
        """A pass leaves the file open for the next one."""


def _largest(ids: Ids) -> int:
    """Return the largest id, without the marks of sentences' ends."""
    return int((ids & np.int32(0x7FFFFFFF)).max(initial=-1))
