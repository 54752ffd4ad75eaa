"""The container of fastw2v's own files: named arrays and metadata, in the safetensors layout.

    8 bytes   N, the length of the header, little-endian
    N bytes   the header, JSON: {"name": {"dtype", "shape", "data_offsets"}, ..., "__metadata__"},
              filled up with spaces so that the arrays begin at a multiple of 64
    the rest  the arrays, little-endian, row by row, one behind the other

The library of that name reads these files. Two entries of the metadata are ours: "crc32", a JSON
object with the checksum of each array, and "header_crc32", that of the header itself, computed with
eight zeros in its place. A file that lacks them is read without being checked.

Nothing in a file is trusted: every length is compared with the file before memory is taken, and
nothing is ever executed.

Source: github.com/huggingface/safetensors, README, "Format".
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import mmap
import os
import stat
import struct
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from fastw2v.errors import FormatError, TruncatedFileError
from fastw2v.formats import kinds, schema
from fastw2v.formats.atomic import StrPath, atomic_write
from fastw2v.formats.handles import Input, Source, name_of
from fastw2v.paths import expanded, is_path

try:
    # Three times as fast as zlib's.
    from isal.isal_zlib import crc32
except ImportError:
    from zlib import crc32

Array = npt.NDArray[Any]

ALIGNMENT = 64
"""The first array begins at a multiple of this many bytes; put the one to be mapped first."""

MAX_HEADER = 100_000_000
"""Longest header, in bytes, as the library has it."""

WANTED = "a file of fastw2v (KeyedVectors.load also reads word2vec's)"
"""What a file of another kind is not."""

_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BOOL": "|b1",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1",
}  # fmt: skip
_NAMES = {np.dtype(code): name for name, code in _TYPES.items()}
_METADATA = "__metadata__"
_CHECKSUMS = "crc32"
_HEADER_CHECKSUM = "header_crc32"
_NO_CHECKSUM = "0" * 8
_BLOCK = 1 << 20
_MOST_AXES = 8
_MODES = ("r", "c")


class Contents(NamedTuple):
    """What a file holds: arrays by name, in the order of the file, and texts by name."""

    arrays: dict[str, Array]
    metadata: dict[str, str]


def write(
    path_or_file: StrPath | BinaryIO, arrays: Mapping[str, Array], metadata: Mapping[str, str]
) -> None:
    """Write arrays and metadata, with checksums of the bytes that are written.

    So a file is whole even if the arrays change meanwhile, as those of a model in training do; an
    array is then not of one moment.

    Parameters
    ----------
    path_or_file : path-like or binary file
        File to replace as a whole, or an open one to write to. In what cannot go back, as a pipe,
        the checksums come before the arrays, which are copied for that.
    arrays : mapping of str to ndarray
        In the order in which they are to stand; any strides, integers, floats or booleans.
    metadata : mapping of str to str
        Texts to keep with them.

    Raises
    ------
    FormatError
        If an array is of a type that the format lacks, or the header becomes too long. Nothing has
        been written then.
    """
    shapes = {name: (array.dtype, array.shape) for name, array in arrays.items()}
    place = header(shapes, dict.fromkeys(arrays, 0), metadata)

    def write_to(file: BinaryIO) -> None:
        if not file.seekable() or "a" in str(getattr(file, "mode", "")):
            copies = {name: array.copy() for name, array in arrays.items()}
            file.write(header(shapes, {n: _pass(a) for n, a in copies.items()}, metadata))
            for array in copies.values():
                _pass(array, file.write)
            return
        begin = file.tell()
        file.write(place)
        checksums = {name: _pass(array, file.write) for name, array in arrays.items()}
        end = file.tell()
        file.seek(begin)
        file.write(header(shapes, checksums, metadata))
        file.seek(end)

    if is_path(path_or_file, "wb"):
        with atomic_write(cast("StrPath", path_or_file)) as file:
            write_to(file)
    else:
        write_to(cast("BinaryIO", path_or_file))


def header(
    arrays: Mapping[str, tuple[np.dtype[Any], tuple[int, ...]]],
    checksums: Mapping[str, int],
    metadata: Mapping[str, str],
    *,
    n_bytes: int = 0,
) -> bytes:
    """Return what stands before the arrays.

    Parameters
    ----------
    arrays : mapping of str to (dtype, shape)
        In the order in which they stand.
    checksums : mapping of str to int
        CRC-32 of each.
    metadata : mapping of str to str
        Texts to keep with them.
    n_bytes : int
        Make it at least so long, a multiple of `ALIGNMENT`: for a place that was reserved.

    Raises
    ------
    FormatError
        If an array is of a type that the format lacks, or the header becomes too long.
    """
    entries: dict[str, Any] = {}
    offset = 0
    for name, (dtype, shape) in arrays.items():
        kind = _NAMES.get(dtype.newbyteorder("<"))
        if kind is None or name == _METADATA or len(shape) > _MOST_AXES:
            raise FormatError(f"cannot write the array {name!r}, {dtype} of shape {shape}")
        end = offset + dtype.itemsize * math.prod(shape)
        entries[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [offset, end]}
        offset = end
    sums = {name: f"{checksum:08x}" for name, checksum in checksums.items()}
    own = {_CHECKSUMS: json.dumps(sums), _HEADER_CHECKSUM: _NO_CHECKSUM}
    text = json.dumps({_METADATA: {**metadata, **own}, **entries}, separators=(",", ":"))
    encoded = text.encode("utf-8")
    encoded += b" " * (max(n_bytes - 8 - len(encoded), 0))
    encoded += b" " * (-(8 + len(encoded)) % ALIGNMENT)
    if len(encoded) > MAX_HEADER:
        raise FormatError(f"the header takes {len(encoded)} bytes, the limit is {MAX_HEADER}")
    field = _checksum_field(_NO_CHECKSUM)
    encoded = encoded.replace(field, _checksum_field(f"{crc32(encoded):08x}"), 1)
    return struct.pack("<Q", len(encoded)) + encoded


def _checksum_field(value: str) -> bytes:
    return f'"{_HEADER_CHECKSUM}":"{value}"'.encode("ascii")


def _pass(array: Array, write: Callable[[memoryview], object] = lambda _: None) -> int:
    """Hand the bytes of an array to `write`, a megabyte at a time, and return their checksum."""
    rows = array.reshape(1) if array.ndim == 0 else array
    step = max(1, _BLOCK // max(rows[:1].nbytes, 1))
    checksum = 0
    for start in range(0, len(rows) if rows.size else 0, step):
        # A copy, because the array may change between the two uses of it.
        block = np.array(rows[start : start + step], array.dtype.newbyteorder("<"), order="C")
        data = block.data.cast("B")
        checksum = crc32(data, checksum)
        write(data)
    return checksum


def read(
    source: Source,
    *,
    mmap_mode: str | None = None,
    verify: bool | None = None,
    need_checksums: bool = False,
) -> Contents:
    """Read a file.

    Parameters
    ----------
    source : path-like, binary file or Input
        File to read; an open one from where it stands to its end. One that cannot be sought in is
        read into memory first.
    mmap_mode : "r", "c", optional
        Map the file and return views of it: read-only, or with changes that stay in memory. Only
        for a path.
    verify : bool, optional
        Compare the checksums of the arrays; by default those that are not mapped. That of the
        header is always compared.
    need_checksums : bool
        Refuse files without checksums, which other programs write.

    Returns
    -------
    Contents
        The arrays, new ones that can be written unless they are mapped, and the metadata without
        the checksums.

    Raises
    ------
    TruncatedFileError
        If the file is shorter than its header says.
    FormatError
        If anything else is wrong with it: the message says what and where.
    ValueError
        If the mode is unknown, or an open file is to be mapped.
    """
    if mmap_mode is not None and mmap_mode not in _MODES:
        raise ValueError(f"mmap must be None or one of {_MODES}, not {mmap_mode!r}")
    if verify is None:
        verify = mmap_mode is None
    path = name_of(source)
    with contextlib.ExitStack() as stack:
        if isinstance(source, (str, os.PathLike)):
            file: BinaryIO = stack.enter_context(expanded(source).open("rb"))
            size = _regular_size(file, path)
        elif mmap_mode is not None:
            raise ValueError(
                f"mmap={mmap_mode!r} needs the path of a file that is not compressed, not {path}"
            )
        else:
            file = source.file if isinstance(source, Input) else source
            if not file.seekable():
                file = io.BytesIO(file.read())
            place = file.tell()
            size = file.seek(0, os.SEEK_END) - place
            file.seek(place)
        start, entries, metadata = _read_header(file, path, size)
        checked_header = metadata.pop(_HEADER_CHECKSUM, None) is not None
        checksums = _checksums(metadata, path)
        if need_checksums and not (checked_header and checksums.keys() == entries.keys()):
            raise FormatError(f"{path}: the checksums are missing")
        arrays: dict[str, Array] = {}
        if mmap_mode is None:
            for name, (dtype, shape, _) in entries.items():
                arrays[name] = array = np.empty(shape, dtype)
                checksum = _read_into(file, array, path, name, verify and name in checksums)
                if verify and name in checksums:
                    _compare(checksum, checksums[name], f"{path}: the array {name!r}")
        else:
            whole = _mapped(file, path, mmap_mode, size)
            for name, (dtype, shape, begin) in entries.items():
                n_bytes = dtype.itemsize * int(np.prod(shape, dtype=object))
                part = whole[start + begin : start + begin + n_bytes].view(np.ndarray)
                arrays[name] = part.view(dtype).reshape(shape)
                if verify and name in checksums:
                    _compare(crc32(part.data), checksums[name], f"{path}: the array {name!r}")
    return Contents(arrays, metadata)


class Place(NamedTuple):
    """An array in a file: its type and shape, and where it begins, in bytes."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    start: int


class Layout(NamedTuple):
    """Where the arrays of a file are.

    Attributes
    ----------
    arrays : dict of str to Place
        Places are counted from the beginning of the file.
    checksums : dict
        CRC-32 of each array, as eight hexadecimal digits.
    metadata : dict
        The texts.
    """

    arrays: dict[str, Place]
    checksums: dict[str, str]
    metadata: dict[str, str]


def read_layout(file: BinaryIO, path: StrPath) -> Layout:
    """Read the header of an open file and compare it with the file's length.

    Raises
    ------
    FormatError
        As `read`; files without checksums are refused.
    """
    start, entries, metadata = _read_header(file, path, _regular_size(file, path))
    checked_header = metadata.pop(_HEADER_CHECKSUM, None) is not None
    checksums = _checksums(metadata, path)
    if not (checked_header and checksums.keys() == entries.keys()):
        raise FormatError(f"{path}: the checksums are missing")
    places = {name: Place(dtype, shape, start + at) for name, (dtype, shape, at) in entries.items()}
    return Layout(places, checksums, metadata)


def _regular_size(file: BinaryIO, path: StrPath) -> int:
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise FormatError(f"{path}: not a regular file")
    return status.st_size


def _mapped(file: BinaryIO, path: StrPath, mode: str, size: int) -> Array:
    """Map the file whose header was read, whatever has its name by now."""
    access = mmap.ACCESS_READ if mode == "r" else mmap.ACCESS_COPY
    try:
        mapping = mmap.mmap(file.fileno(), size, access=access)
    except ValueError as error:
        raise TruncatedFileError(f"{path}: the file was cut short while it was read") from error
    return np.frombuffer(mapping, np.uint8)


def _read_header(
    file: BinaryIO, path: StrPath, size: int
) -> tuple[int, dict[str, tuple[np.dtype[Any], tuple[int, ...], int]], dict[str, str]]:
    """Return where the arrays begin, each one's type, shape and place, and the metadata."""
    place = file.tell()
    head = file.read(kinds.HEAD)
    if head[8:9] != b"{":
        error = kinds.stranger(str(path), head, WANTED)
        raise error if len(head) > 8 else TruncatedFileError(str(error))
    n_header = struct.unpack("<Q", head[:8])[0]
    if n_header > MAX_HEADER:
        raise FormatError(f"{path} is not {WANTED}: its header would take {n_header} bytes")
    start = 8 + n_header
    if start > size:
        raise TruncatedFileError(
            f"{path}: the file ends in its header: {size} bytes, {start} promised"
        )
    file.seek(place + 8)
    header = file.read(n_header)
    entries = schema.parse(header, f"{path}: the header", unique=True)
    metadata = entries.pop(_METADATA, {})
    if not isinstance(metadata, dict) or any(not isinstance(v, str) for v in metadata.values()):
        raise FormatError(f"{path}: the metadata are not texts")
    expected = metadata.get(_HEADER_CHECKSUM)
    if expected is not None:
        blank = header.replace(_checksum_field(expected), _checksum_field(_NO_CHECKSUM), 1)
        _compare(crc32(blank), expected, f"{path}: the header")

    checked = {
        name: _entry(entry, f"{path}: the array {name!r}") for name, entry in entries.items()
    }
    offset = 0
    for name in sorted(checked, key=lambda name: checked[name][2:]):
        dtype, shape, begin, end = checked[name]
        if begin != offset or end < begin:
            raise FormatError(f"{path}: the array {name!r} is at {begin}, not at {offset}")
        n_bytes = dtype.itemsize
        for extent in shape:
            n_bytes *= extent
        if end - begin != n_bytes:
            raise FormatError(
                f"{path}: the array {name!r} takes {end - begin} bytes, its shape {n_bytes}"
            )
        offset = end
    if start + offset > size:
        raise TruncatedFileError(
            f"{path}: the file has {size} bytes, its header promises {start + offset}"
        )
    if start + offset < size:
        raise FormatError(f"{path}: there are {size - start - offset} bytes behind the last array")
    in_order = sorted(checked, key=lambda name: checked[name][2:])
    return start, {name: checked[name][:3] for name in in_order}, metadata


def _entry(entry: Any, where: str) -> tuple[np.dtype[Any], tuple[int, ...], int, int]:
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise FormatError(f"{where} lacks a type, a shape or a place")
    if not isinstance(entry["dtype"], str) or entry["dtype"] not in _TYPES:
        raise FormatError(f"{where} has the unknown type {entry['dtype']!r}")
    shape, offsets = entry["shape"], entry["data_offsets"]
    for numbers in (shape, offsets):
        if not isinstance(numbers, list) or any(
            type(n) is not int or not 0 <= n < 1 << 62 for n in numbers
        ):
            raise FormatError(f"{where} has an impossible shape or place: {numbers!r}")
    # Whatever the other extents of an array without elements, it takes no bytes; NumPy has a limit.
    endless = 0 in shape and math.prod(n or 1 for n in shape) >= 1 << 59
    if len(offsets) != 2 or len(shape) > _MOST_AXES or endless:
        raise FormatError(f"{where} has an impossible shape or place: {shape}, {offsets}")
    return np.dtype(_TYPES[entry["dtype"]]), tuple(shape), offsets[0], offsets[1]


def _checksums(metadata: dict[str, str], path: StrPath) -> dict[str, str]:
    """Take the checksums out of the metadata."""
    what = f"{path}: the checksums"
    checksums: dict[str, str] = schema.parse(metadata.pop(_CHECKSUMS, "{}"), what)
    schema.check(checksums, {}, what)
    return checksums


def _read_into(file: BinaryIO, array: Array, path: StrPath, name: str, checked: bool) -> int:
    """Fill an array and return its checksum, computed while the bytes are in the cache."""
    checksum = 0
    if not array.size:
        return checksum
    view = array.reshape(-1).data.cast("B")
    for start in range(0, len(view), _BLOCK):
        block = view[start : start + _BLOCK]
        done = 0
        while done < len(block):
            n_read = file.readinto(block[done:])  # type: ignore[attr-defined]
            if not n_read:
                raise TruncatedFileError(f"{path}: the file ends in the array {name!r}")
            done += n_read
        if checked:
            checksum = crc32(block, checksum)
    return checksum


def _compare(checksum: int, expected: object, what: str) -> None:
    if f"{checksum:08x}" != expected:
        raise FormatError(f"{what} is damaged: its checksum is {checksum:08x}, not {expected}")
