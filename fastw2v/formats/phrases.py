"""The file of a phrase model: a line of JSON, then raw arrays.

    {"format": "fastw2v phrases", "version": 1, ..., "arrays": [...], "crc32": ...}
    array 0, array 1, ...

The first line is JSON in ASCII, and ends with a newline. "arrays" lists [name, type, length] in the
order in which the arrays follow, one right after the other, little-endian; a type is "u1", "<i4",
"<i8" or "<f8". "crc32" is that of all arrays together. Nothing in a file is ever executed.

The other keys: "class", "Phrases" or "FrozenPhrases"; "scoring", "default", "npmi" or the module
and the name of a function; and the attributes of the model under their names.

The arrays of a Phrases: "words", the bytes of all words in UTF-8, word i being
words[word_offsets[i] : word_offsets[i + 1]]; "word_offsets"; "counts", one per entry; "runs", the
words, by number, that spell each entry when the delimiter joins them, those of entry i being
runs[run_offsets[i] : run_offsets[i + 1]]; "run_offsets". Those of a FrozenPhrases: "phrases" and
"phrase_offsets", in the same way, and "scores"; and of phrases that can be read as two words in
several ways those that count: "reading_of", which phrase, "firsts" and "first_offsets", "lasts" and
"last_offsets", the two words, and "reading_scores".
"""

from __future__ import annotations

import json
import os
import zlib
from typing import Any, BinaryIO, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from fastw2v.errors import FormatError, TruncatedFileError
from fastw2v.formats import schema
from fastw2v.formats.atomic import atomic_write
from fastw2v.formats.kinds import HEAD, PHRASES, PICKLE, kind_of
from fastw2v.paths import expanded, is_path

StrPath: TypeAlias = "str | os.PathLike[str]"
Arrays: TypeAlias = "dict[str, npt.NDArray[Any]]"

FORMAT = "fastw2v phrases"
VERSION = 1

_TYPES = ("u1", "<i4", "<i8", "<f8")
_MAX_HEADER = 64 << 20
_BLOCK = 1 << 20
_LENGTH = schema.whole(0, 1 << 48)
_ARRAYS = schema.list_of(
    schema.Kind(
        lambda v: (
            type(v) is list
            and len(v) == 3
            and schema.TEXT.fits(v[0])
            and v[1] in _TYPES
            and _LENGTH.fits(v[2])
        ),
        f"[name, one of {', '.join(_TYPES)}, length]",
    )
)


def write(target: StrPath | BinaryIO, header: dict[str, Any], arrays: Arrays) -> None:
    """Write a file, replacing an old one as a whole, or write to an open binary file.

    Parameters
    ----------
    target : path or binary file object
        Where to.
    header : dict
        What `schema.as_json` returned.
    arrays : dict of ndarray, each (n,)
        uint8, int32, int64 or float64.

    Raises
    ------
    OSError
        If the file cannot be written; an old one is as it was.
    """
    if is_path(target, "wb"):
        with atomic_write(cast("StrPath", target)) as file:
            _write(file, header, arrays)
    else:
        _write(cast("BinaryIO", target), header, arrays)


def _write(file: BinaryIO, header: dict[str, Any], arrays: Arrays) -> None:
    crc = 0
    listed = []
    raw = []
    for name, array in arrays.items():
        kind = next(t for t in _TYPES if np.dtype(t).newbyteorder("=") == array.dtype)
        data = np.ascontiguousarray(array, dtype=kind)
        crc = zlib.crc32(data.data, crc)
        listed.append([name, kind, len(data)])
        raw.append(data)
    head = {"format": FORMAT, "version": VERSION, **header, "arrays": listed, "crc32": crc}
    file.write(json.dumps(head).encode() + b"\n")
    for data in raw:
        file.write(data.data)


def read(source: StrPath | BinaryIO) -> tuple[dict[str, Any], Arrays]:
    """Read what `write` wrote.

    Parameters
    ----------
    source : path or binary file object
        Where from.

    Returns
    -------
    header : dict
        With the keys of this format as well. All others are yet to be checked.
    arrays : dict of ndarray
        Of the types that they were written with.

    Raises
    ------
    FormatError
        If it is another kind of file, from a later version, or damaged.
    TruncatedFileError
        If it ends early.
    OSError
        If it cannot be read.
    """
    if is_path(source, "rb"):
        with expanded(cast("StrPath", source)).open("rb") as file:
            return _read(file, os.fspath(cast("StrPath", source)))
    return _read(cast("BinaryIO", source), str(getattr(source, "name", "the file")))


def _read(file: BinaryIO, name: str) -> tuple[dict[str, Any], Arrays]:
    line = file.readline(_MAX_HEADER)
    damage = None
    try:
        header = schema.parse(line, "its first line")
    except FormatError as error:
        header, damage = None, error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        hint = ""
        other = kind_of(line[: HEAD - 1] + file.read(HEAD))
        if other is PHRASES and damage:
            raise FormatError(f"{name} is damaged: {damage}")
        if other is PICKLE:
            hint = (
                "; it looks like a pickle, perhaps of gensim: load it there, and give its vocab "
                "and corpus_word_count to a new Phrases"
            )
        elif other is not None:
            hint = f": this is {other.name}; {other.remedy}"
        elif not line:
            hint = ": the file is empty"
        else:
            hint = f": it starts with {line[:20]!r}"
        raise FormatError(f"{name} is no file of phrases written by fastw2v{hint}")
    if header.get("version") != VERSION:
        raise FormatError(
            f"{name} has version {header.get('version')!r} of the format, and this is a reader "
            f"of version {VERSION}"
        )
    arrays: Arrays = {}
    crc = 0
    schema.check(header, {"arrays": _ARRAYS}, name)
    for key, kind, n in header["arrays"]:
        n_bytes = n * np.dtype(kind).itemsize
        data = bytearray()
        # Little by little, because read() takes all the memory first.
        while len(data) < n_bytes and (block := file.read(min(n_bytes - len(data), _BLOCK))):
            data += block
        if len(data) != n_bytes:
            raise TruncatedFileError(
                f"{name} ends {n_bytes - len(data):,} bytes before the end of its array {key!r}"
            )
        crc = zlib.crc32(data, crc)
        array = np.frombuffer(data, dtype=kind)
        arrays[key] = array.astype(array.dtype.newbyteorder("="), copy=False)
    if crc != header.get("crc32"):
        raise FormatError(f"{name} is damaged: its checksum is wrong")
    return header, arrays
