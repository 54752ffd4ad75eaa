"""Parquet, Arrow files and Arrow data in memory: a column of texts, or of lists of tokens.

Only this module needs pyarrow, the extra `fastw2v[arrow]`. Lists never become Python objects: the
readers get the buffers that Arrow has.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from fastw2v.corpus import _scan
from fastw2v.corpus.inputs import Input, Raw
from fastw2v.corpus.reading import Reading
from fastw2v.corpus.segments import IntList, TokenList
from fastw2v.errors import CorpusError, FastW2VError

DEFAULT_FIELD = "text"

_ROWS = 1 << 14
_MAGIC = {b"PAR1": "parquet", b"ARROW1": "file", b"\xff\xff\xff\xff": "stream"}


def format_of(head: bytes) -> str | None:
    """Return "parquet", "file" or "stream" (Arrow IPC) if a file begins so, else None."""
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)


def is_arrow(value: object) -> bool:
    """Tell whether an object can give Arrow data."""
    return (
        hasattr(value, "__arrow_c_stream__")
        or hasattr(value, "__arrow_c_array__")
        or _is_dataset(value)
    )


def is_table(value: object) -> bool:
    """Tell whether Arrow data have columns: iterating over them gives columns, or their names."""
    return any(hasattr(value, name) for name in ("columns", "column_names", "schema"))


def exports(value: Any) -> bool:
    """Tell whether an object with the Arrow protocol does give Arrow data when it is asked."""
    try:
        if hasattr(value, "__arrow_c_stream__"):
            value.__arrow_c_stream__()
        else:
            value.__arrow_c_array__()
    except Exception:  # whatever an author's method does
        return False
    return True


def _is_dataset(value: object) -> bool:
    """Tell whether an object is a data set of the `datasets` library, without importing it."""
    return hasattr(value, "with_format") and hasattr(value, "column_names")


def is_installed() -> bool:
    """Tell whether pyarrow is there."""
    return importlib.util.find_spec("pyarrow") is not None


def _pyarrow(name: str, module: str = "pyarrow") -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise CorpusError(
            f"{name} is Arrow or Parquet data, which need pyarrow: install fastw2v[arrow]"
        ) from error


class Column:
    """One column of texts or lists, batch by batch.

    Parameters
    ----------
    name : str
        What to call the data.
    reading : Reading
        Options.

    Attributes
    ----------
    n_read : int
        About how many bytes of what is stored were read.
    """

    def __init__(self, name: str, reading: Reading) -> None:
        self._name = name
        self._reading = reading
        self._pa = _pyarrow(name)
        self._batches: Iterator[Any] = iter(())
        self._type: Any = None
        self._size = self._n_rows = self._rows_done = 0

    @property
    def n_read(self) -> int:
        """About how many bytes of what is stored were read."""
        return self._size * self._rows_done // self._n_rows if self._n_rows else 0

    def close(self) -> None:
        """Let go of the data."""
        self._batches = iter(())

    @classmethod
    def from_file(cls, item: Input, kind: str, raw: Raw, reading: Reading) -> Column:
        """Open a Parquet or Arrow file."""
        column = cls(item.name, reading)
        pa = column._pa
        source: Any = item.path
        if item.path is None:
            source = io.BytesIO(raw.read())
        column._size = item.size or 0
        try:
            if kind == "parquet":
                parquet = _pyarrow(item.name, "pyarrow.parquet").ParquetFile(source)
                field = column._choose(parquet.schema_arrow)
                column._n_rows = parquet.metadata.num_rows
                batches = parquet.iter_batches(_ROWS, columns=[field])
                column._use(batch.column(0) for batch in batches)
                return column
            if item.path is not None:
                # Not mapped: a file that is cut short under a mapping ends the process.
                source = pa.OSFile(str(item.path))
            ipc = _pyarrow(item.name, "pyarrow.ipc")
            open_it = ipc.open_file if kind == "file" else ipc.open_stream
            schema = open_it(source).schema
            field = column._choose(schema)
            options = ipc.IpcReadOptions(included_fields=[schema.get_field_index(field)])
            source.seek(0)
            opened = open_it(source, options=options)
            batches = opened
            if kind == "file":
                batches = (opened.get_batch(i) for i in range(opened.num_record_batches))
            column._use(batch.column(0) for batch in batches)
        except Exception as error:
            raise column._damaged(error) from error
        return column

    @classmethod
    def from_object(cls, value: Any, name: str, reading: Reading) -> Column:
        """Read an object with the Arrow protocol, or a data set of the `datasets` library."""
        column = cls(name, reading)
        try:
            column._open(value)
        except Exception as error:  # of pyarrow, and of the library that the object is from
            if isinstance(error, MemoryError) or _is_ours(error):
                raise
            hint = "; give the column alone, and not the table" if is_table(value) else ""
            raise CorpusError(
                f"{name}: pyarrow cannot take it for a column of texts, of lists of words or of "
                f"lists of whole numbers: {type(error).__name__}: {error}{hint}"
            ) from error
        return column

    def _open(self, value: Any) -> None:
        """Find the column of an object."""
        pa = self._pa
        if _is_dataset(value) and not hasattr(value, "__arrow_c_stream__"):
            tables = value.with_format("arrow").iter(batch_size=_ROWS)
            self._use_tables(tables)
        elif isinstance(value, (pa.Array, pa.ChunkedArray)):
            self._use(iter(value.chunks if isinstance(value, pa.ChunkedArray) else [value]))
        elif hasattr(value, "__arrow_c_stream__"):
            try:
                reader = pa.RecordBatchReader.from_stream(value)
            except (pa.ArrowInvalid, TypeError):
                self._use(iter(pa.chunked_array(value).chunks))  # a column, not a table
            else:
                field = self._choose(reader.schema)
                self._use(batch.column(batch.schema.names.index(field)) for batch in reader)
        else:
            array = pa.array(value)
            if pa.types.is_struct(array.type):
                batch = pa.RecordBatch.from_struct_array(array)
                field = self._choose(batch.schema)
                array = batch.column(batch.schema.names.index(field))
            self._use(iter([array]))

    def _use_tables(self, tables: Iterator[Any]) -> None:
        def columns() -> Iterator[Any]:
            field = None
            for table in tables:
                field = field or self._choose(table.schema)
                yield from table.column(field).chunks

        self._use(columns())

    def _choose(self, schema: Any) -> str:
        """Choose the column, by name or because there is no other."""
        names = list(schema.names)
        types = [schema.field(place).type for place in range(len(names))]
        listed = ", ".join(f"{name!r} ({kind})" for name, kind in zip(names, types, strict=True))
        field = self._reading.field
        if field is None and DEFAULT_FIELD in names:
            field = DEFAULT_FIELD
        if field is None:
            fit = [n for n, kind in zip(names, types, strict=True) if self._kind_of(kind)]
            if len(fit) != 1:
                raise CorpusError(
                    f"{self._name}: name the column to read by field=; there are {listed}"
                )
            field = str(fit[0])
        if names.count(field) != 1:
            if field in names:
                raise CorpusError(f"{self._name} has {names.count(field)} columns {field!r}")
            raise CorpusError(f"{self._name} has no column {field!r}, only {listed}")
        return field

    def _kind_of(self, kind: Any) -> type | None:
        """Return what a column of a type holds: texts (str), lists of words (list) or int."""
        types = self._pa.types
        if types.is_dictionary(kind):
            kind = kind.value_type
        if _is_text(types, kind):
            return str
        if not (types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)):
            return None
        value = kind.value_type
        if types.is_dictionary(value):
            value = value.value_type
        return list if _is_text(types, value) else int if types.is_integer(value) else None

    def _use(self, batches: Iterator[Any]) -> None:
        first = next(batches, None)
        if first is None:
            self._type = self._pa.string()
            return
        self._type = first.type
        if self.kind() is None:
            raise CorpusError(
                f"{self._name}: the column must hold texts, lists of words or lists of whole "
                f"numbers, it has {self._type}"
            )

        def all_batches() -> Iterator[Any]:
            yield first
            yield from batches

        self._batches = all_batches()

    def kind(self) -> type | None:
        """Return what the column holds: texts (str), lists of words (list) or int."""
        return self._kind_of(self._type)

    def _damaged(self, error: Exception) -> Exception:
        """Return what to raise for what pyarrow raised; an error of the system as it is."""
        if _is_ours(error):
            return error
        return CorpusError(f"{self._name}: the Arrow or Parquet data are damaged: {error}")

    def _arrays(self) -> Iterator[Any]:
        """Yield the batches, looked through: what they say of themselves need not be true."""
        try:
            for array in self._batches:
                array.validate()
                array = _as_bytes(self._pa, array)
                array.validate(full=True)
                # Some rows at a time, as they are copied; but a dictionary is looked up at once.
                step = len(array) if "dictionary" in str(array.type) else _ROWS
                for start in range(0, len(array), max(step, 1)):
                    yield array.slice(start, step)
                self._rows_done += len(array)
            self._n_rows = self._rows_done = 1
        except Exception as error:
            raise self._damaged(error) from error

    def texts(self) -> Iterator[bytes]:
        """Yield some documents at a time, each with its end; null is none."""
        end = self._reading.document_end
        for array in self._arrays():
            data, offsets = _buffers(_plain(self._pa, array).drop_null())
            yield _scan.spread(data, offsets, end)

    def lists(self) -> Iterator[TokenList | IntList]:
        """Yield the sentences of a batch at a time; null is none."""
        for array in self._arrays():
            values, rows = _rows(self._pa, array)
            if values.null_count:
                raise CorpusError(f"{self._name}: there is a null among the tokens of a list")
            if self.kind() is int:
                yield IntList(int64(values.to_numpy(zero_copy_only=False), self._name), rows)
            else:
                data, offsets = _buffers(values)
                yield TokenList(data, offsets, rows)


def _is_ours(error: Exception) -> bool:
    """Tell whether an error says all that there is to say: ours, or one of the system."""
    return isinstance(error, FastW2VError) or (isinstance(error, OSError) and bool(error.errno))


def _as_bytes(pa: Any, array: Any) -> Any:
    """Return an array with bytes in place of text: what to do if it is not UTF-8, others decide."""
    kind = _bytes_of(pa, array.type)
    return array if kind == array.type else array.view(kind)


def _bytes_of(pa: Any, kind: Any) -> Any:
    """Return the type of the same layout with bytes for text; dictionaries stay as they are."""
    types = pa.types
    if types.is_list(kind):
        return pa.list_(_bytes_of(pa, kind.value_type))
    if types.is_large_list(kind):
        return pa.large_list(_bytes_of(pa, kind.value_type))
    if types.is_fixed_size_list(kind):
        return pa.list_(_bytes_of(pa, kind.value_type), kind.list_size)
    for text, plain in (
        ("string", "binary"),
        ("large_string", "large_binary"),
        ("string_view", "binary_view"),
    ):
        if hasattr(pa, text) and kind == getattr(pa, text)():
            return getattr(pa, plain)()
    return kind


def _plain(pa: Any, array: Any) -> Any:
    """Return texts as large_binary, and numbers as they are, from whatever they are stored in.

    Most functions of pyarrow lack string views, and dictionaries of them.
    """
    if pa.types.is_dictionary(array.type):
        return _plain(pa, array.dictionary).take(array.indices)
    if pa.types.is_integer(array.type):
        return array
    return _as_bytes(pa, array).cast(pa.large_binary())


def _rows(pa: Any, array: Any) -> tuple[Any, npt.NDArray[np.int64]]:
    """Return the values of all lists but null ones, plain, and where each list of them begins."""
    if pa.types.is_dictionary(array.type):  # categories of pandas that are tuples
        array = array.dictionary.take(array.indices)
    if hasattr(array.type, "list_size"):
        rows = (array.offset + np.arange(len(array) + 1)) * array.type.list_size
    else:
        rows = array.offsets.to_numpy().astype(np.int64)
    values = _plain(pa, array.values[rows[0] : rows[-1]])
    rows -= rows[0]
    if array.null_count:
        valid = array.is_valid().to_numpy(zero_copy_only=False)
        starts, lengths = rows[:-1][valid], np.diff(rows)[valid]
        rows = np.concatenate([[0], np.cumsum(lengths)])
        values = values.take(np.repeat(starts - rows[:-1], lengths) + np.arange(rows[-1]))
    return values, rows


def _buffers(array: Any) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the bytes of a large_binary array without nulls, and where each item begins."""
    _, offset_buffer, data_buffer = array.buffers()
    offsets = np.zeros(1, dtype=np.int64)
    if len(array):
        whole = np.frombuffer(offset_buffer, dtype=np.int64)
        offsets = whole[array.offset : array.offset + len(array) + 1]
    begin, end = int(offsets[0]), int(offsets[-1])
    data = np.zeros(end - begin + _scan.SLACK, dtype=np.uint8)
    if end > begin:
        data[: end - begin] = np.frombuffer(data_buffer, dtype=np.uint8)[begin:end]
    return data, offsets - begin


def int64(values: npt.NDArray[Any], name: str) -> npt.NDArray[np.int64]:
    """Return whole numbers with 64 bits; CorpusError if one needs more."""
    if values.dtype == np.uint64 and len(values) and values.max() > np.iinfo(np.int64).max:
        raise CorpusError(f"{name}: the number {values.max()} needs more than 63 bits")
    return values.astype(np.int64)


def _is_text(types: Any, kind: Any) -> bool:
    names = ("string", "large_string", "string_view", "binary", "large_binary", "binary_view")
    return any(getattr(types, f"is_{name}")(kind) for name in names if hasattr(types, f"is_{name}"))
