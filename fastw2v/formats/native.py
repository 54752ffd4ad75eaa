"""fastw2v's own format of vectors and models: named arrays in a safetensors container.

docs/file-format.md describes it. Arrays: "vectors" first, so that it can be mapped; the keys as
`Texts` under the name "keys"; each attribute under "attribute." and its name, as numbers, as texts
or as arrays of different lengths. A model has further matrices, and its parameters as JSON in the
metadata.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from fastw2v.errors import FormatError
from fastw2v.formats import safetensors, schema
from fastw2v.formats._table import warn_not_finite
from fastw2v.formats.atomic import StrPath
from fastw2v.formats.handles import Source, name_of

Array = npt.NDArray[Any]

FORMAT = "fastw2v.keyedvectors"
MODEL_FORMAT = "fastw2v.word2vec"
VERSION = 1

_NEWLINE = ord("\n")
_STR, _INT, _BYTES, _NONE = 0, 1, 2, 255
_ATTRIBUTE = "attribute."
_NUMBERS, _TEXTS, _ARRAYS = "numbers", "texts", "arrays"
_KIND = schema.one_of(_NUMBERS, _TEXTS, _ARRAYS)


class Table(NamedTuple):
    """The content of a file: row i of `vectors` and of each attribute belongs to `keys[i]`.

    `lockf` is the array of gensim's per-word factors of the learning rate, where there is one.
    A model has `matrices` by name and `model`, what `schema.as_json` returned of its parameters;
    that is None for vectors alone. `rows` has the row of each key, if somebody knows it.
    """

    keys: list[Any]
    vectors: Array
    attributes: dict[str, Array]
    lockf: Array | None = None
    matrices: dict[str, Array] = {}  # noqa: RUF012, never written to
    model: dict[str, Any] | None = None
    rows: dict[Any, int] | None = None


_MATRICES = ("syn1neg", "syn1", "cum_table")


def write(path_or_file: StrPath | BinaryIO, table: Table) -> None:
    """Write a table; the file is replaced as a whole.

    Parameters
    ----------
    path_or_file : path-like or binary file
        Where to write.
    table : Table
        Keys are str, int, bytes, or None for rows without one; attributes are numbers of any
        shape, or objects: str and None, or arrays of numbers.

    Raises
    ------
    FormatError
        If a key or an attribute is anything else. Nothing has been written then.
    """
    arrays: dict[str, Array] = {"vectors": table.vectors, **table.matrices}
    arrays.update(_texts("keys", table.keys))
    kinds = {}
    for name, values in table.attributes.items():
        prefix = f"{_ATTRIBUTE}{name}"
        if values.dtype.kind in "biuf":
            kinds[name] = _NUMBERS
            parts = {prefix: values}
        elif any(isinstance(value, (np.ndarray, list, tuple)) for value in values):
            kinds[name] = _ARRAYS
            parts = _ragged(prefix, values)
        else:
            kinds[name] = _TEXTS
            parts = _texts(prefix, values.tolist())
        if not isinstance(name, str) or not arrays.keys().isdisjoint(parts):
            raise FormatError(
                f"cannot save the attribute {name!r}: its name must be a str, and not that of "
                "another one followed by .offsets, .bytes, .kinds or .values"
            )
        arrays.update(parts)
    if table.lockf is not None:
        arrays["vectors_lockf"] = table.lockf
    metadata = {"format": FORMAT, "version": str(VERSION), "attributes": json.dumps(kinds)}
    if table.model is not None:
        metadata["format"] = MODEL_FORMAT
        metadata["model"] = json.dumps(table.model)
    safetensors.write(path_or_file, arrays, metadata)


def read(source: Source, *, mmap_mode: str | None = None, verify: bool | None = None) -> Table:
    """Read a table.

    Parameters
    ----------
    source : path-like, binary file or Input
        File that `write` made.
    mmap_mode, verify
        As for `safetensors.read`. Only the vectors stay mapped.

    Raises
    ------
    FormatError
        If the file is damaged, holds something else, or comes from a newer version.
    """
    path = name_of(source)
    arrays, metadata = safetensors.read(
        source, mmap_mode=mmap_mode, verify=verify, need_checksums=True
    )
    if metadata.get("format") not in (FORMAT, MODEL_FORMAT):
        raise FormatError(f"{path}: holds {metadata.get('format')!r}, not {FORMAT!r}")
    if metadata.get("version") != str(VERSION):
        raise FormatError(
            f"{path}: has version {metadata.get('version')!r} of the format; this is {VERSION}"
        )
    reader = _Reader(path, arrays)
    vectors = reader.take("vectors", "f", (None, None))
    if not vectors.shape[1]:
        raise FormatError(f"{path}: the vectors are {vectors.dtype} of shape {vectors.shape}")
    keys = reader.texts("keys", len(vectors))
    if mmap_mode is None:
        warn_not_finite(path, keys, vectors)
    what = f"{path}: the list of attributes"
    kinds = schema.parse(metadata.get("attributes", "{}"), what)
    schema.check(kinds, {}, what)
    schema.check(kinds, dict.fromkeys(kinds, _KIND), what)
    attributes: dict[str, Array] = {}
    for name, kind in kinds.items():
        prefix = _ATTRIBUTE + name
        if kind == _NUMBERS:
            shape = arrays[prefix].shape if prefix in arrays else ()
            values = np.array(reader.take(prefix, "b i u f", (len(vectors), *shape[1:])))
        else:
            values = np.empty(len(vectors), object)
            if kind == _TEXTS:
                values[:] = reader.texts(prefix, len(vectors))
            else:
                for row, part in enumerate(reader.ragged(prefix, len(vectors))):
                    values[row] = part
        attributes[name] = values
    lockf = None
    if "vectors_lockf" in arrays:
        lockf = np.array(arrays["vectors_lockf"])
    if metadata["format"] == FORMAT:
        return Table(keys, vectors, attributes, lockf)
    what = f"{path}: the parameters of the model"
    model = schema.parse(metadata.get("model", ""), what)
    schema.check(model, {}, what)
    matrices = {name: arrays[name] for name in _MATRICES if name in arrays}
    return Table(keys, vectors, attributes, lockf, matrices, model)


def _texts(name: str, values: Sequence[Any]) -> dict[str, Array]:
    """Return the arrays that hold a list of str, int, bytes and None."""
    return _lines(name, values) or _pieces(name, values)


def _lines(name: str, values: Sequence[Any]) -> dict[str, Array] | None:
    """Return what `_pieces` does, if all are str in one line, many times faster."""
    try:
        lines = np.frombuffer("\n".join([*values, ""]).encode(), np.uint8)
    except (TypeError, UnicodeEncodeError):
        return None
    is_end = lines == _NEWLINE
    ends = np.flatnonzero(is_end)
    if len(ends) != len(values):
        return None
    offsets = np.zeros(len(ends) + 1, np.int64)
    np.subtract(ends, np.arange(len(ends)), out=offsets[1:])
    return {f"{name}.offsets": offsets, f"{name}.bytes": lines[~is_end]}


def _pieces(name: str, values: Sequence[Any]) -> dict[str, Array]:
    """Return the arrays that hold a list of str, int, bytes and None."""
    pieces, kinds = [], bytearray()
    for row, value in enumerate(values):
        if isinstance(value, str):
            # Lone surrogates, which no other program reads, come back as they were.
            pieces.append(value.encode("utf-8", "surrogatepass"))
            kinds.append(_STR)
        elif value is None:
            pieces.append(b"")
            kinds.append(_NONE)
        elif isinstance(value, (int, np.integer)) and not isinstance(value, bool):
            pieces.append(b"%d" % int(value))
            kinds.append(_INT)
        elif isinstance(value, bytes):
            pieces.append(value)
            kinds.append(_BYTES)
        else:
            raise FormatError(
                f"cannot save {value!r} of row {row} in {name!r}: only str, int and bytes can be"
            )
    ends = np.cumsum([0, *map(len, pieces)], dtype=np.int64)
    arrays: dict[str, Array] = {
        f"{name}.offsets": ends,
        f"{name}.bytes": np.frombuffer(b"".join(pieces), np.uint8),
    }
    if any(kinds):
        arrays[f"{name}.kinds"] = np.frombuffer(bytes(kinds), np.uint8)
    return arrays


def _ragged(name: str, values: Array) -> dict[str, Array]:
    """Return the arrays that hold a list of arrays of numbers of one type."""
    parts = [np.asarray([] if value is None else value) for value in values]
    types = {part.dtype for part in parts if part.size}
    if len(types) > 1 or any(part.ndim != 1 or part.dtype.kind not in "biuf" for part in parts):
        raise FormatError(f"cannot save {name!r}: its arrays are not of one type and dimension")
    flat: Array = np.concatenate([part.astype(next(iter(types), np.float64)) for part in parts])
    ends = np.cumsum([0, *map(len, parts)], dtype=np.int64)
    return {f"{name}.offsets": ends, f"{name}.values": flat}


class _Reader:
    """Takes the arrays of a file apart, and says what is wrong with them."""

    def __init__(self, path: StrPath, arrays: dict[str, Array]) -> None:
        self._path = path
        self._arrays = arrays

    def take(self, name: str, types: str, shape: tuple[int | None, ...]) -> Array:
        return schema.array(self._arrays, name, types, shape, str(self._path))

    def _ends(self, name: str, n: int, n_values: int) -> Array:
        ends = self.take(f"{name}.offsets", "i", (n + 1,))
        if ends[0] != 0 or ends[-1] != n_values or bool((ends[1:] < ends[:-1]).any()):
            raise FormatError(f"{self._path}: the offsets of {name!r} do not fit its values")
        return ends

    def texts(self, name: str, n: int) -> list[Any]:
        array = self.take(f"{name}.bytes", "u1", (None,))
        data = array.tobytes()
        offsets = self._ends(name, n, len(data))
        if f"{name}.kinds" in self._arrays:
            kinds = self.take(f"{name}.kinds", "u1", (n,))
        else:
            if b"\n" not in data:
                # A newline behind each, and Python splits them many times faster than one by one.
                lines = np.full(len(data) + n, _NEWLINE, np.uint8)
                is_text = np.ones(len(lines), bool)
                is_text[offsets[1:] + np.arange(n)] = False
                lines[is_text] = array
                with contextlib.suppress(UnicodeDecodeError):
                    return lines.tobytes().decode().split("\n")[:-1]
            kinds = np.zeros(n, np.uint8)
        ends = offsets.tolist()
        try:
            return [
                _value(data[a:b], kind)
                for (a, b), kind in zip(pairwise(ends), kinds.tolist(), strict=True)
            ]
        except ValueError as error:
            raise FormatError(f"{self._path}: {name!r} is damaged: {error}") from error

    def ragged(self, name: str, n: int) -> list[Array]:
        values = self.take(f"{name}.values", "b i u f", (None,))
        return [
            np.array(values[a:b]) for a, b in pairwise(self._ends(name, n, len(values)).tolist())
        ]


def _value(data: bytes, kind: int) -> Any:
    if kind == _STR:
        return data.decode("utf-8", "surrogatepass")
    if kind == _INT:
        return int(data)
    if kind == _BYTES:
        return data
    if kind == _NONE:
        return None
    raise ValueError(f"unknown kind {kind}")
