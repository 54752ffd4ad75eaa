"""The binary format of word2vec.c: a header line, then words with their raw float32 values.

The header is `n d` and a newline. A row is the word in UTF-8, one space, and d little-endian
float32; word2vec.c (its function TrainModel) ends it with a newline, which is what `write` does,
and gensim does not. `read` takes both.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fastw2v.errors import FormatError, TruncatedFileError
from fastw2v.formats._table import (
    MAX_KEY_BYTES,
    USUAL_KEY_BYTES,
    Matrix,
    Table,
    TableReader,
    check_limit,
    check_size,
    encode_keys,
    read_header,
    write_table,
)
from fastw2v.formats._vecfile import read_binary
from fastw2v.formats.atomic import StrPath
from fastw2v.formats.handles import Input, Source, open_input

# Bytes that are read at once: few enough to be still in the cache when they are copied.
_BLOCK = 1 << 18


def check_keys(keys: Sequence[object], prefix: str = "") -> list[str]:
    """Return keys as they are written; FormatError, see `_table.encode_keys`, if one cannot be."""
    return encode_keys(keys, prefix=prefix, format_name="word2vec binary format")


def write(
    path: StrPath,
    keys: Sequence[object],
    vectors: Matrix,
    *,
    order: npt.NDArray[np.intp] | None = None,
    total: int | None = None,
    header: bool = True,
    prefix: str = "",
    append: bool = False,
) -> None:
    """Write vectors in the binary format.

    Parameters
    ----------
    path : path-like
        File to replace as a whole; a name in .gz, .bz2 or .xz is compressed.
    keys : sequence
        One key a row, written as `str(key)`.
    vectors : (n, d) array
        Written as float32, which is exact for float32 and float16.
    order : (n,) int array, optional
        Rows in the order to write them.
    total : int, optional
        Number of vectors to put in the header, for a file that is appended to later; n by default.
    header : bool
        Write the header line.
    prefix : str
        Text before every key.
    append : bool
        Write behind the present content.

    Raises
    ------
    FormatError
        If a key cannot be held: see `_table.encode_keys`. Nothing has been written then.
    """
    words = check_keys(keys, prefix)
    count = (len(words) if total is None else total) if header else None
    write_table(path, words, vectors, _encode, order=order, header=count, append=append)


def _encode(words: Sequence[str], vectors: Matrix) -> bytes:
    n_bytes = 4 * vectors.shape[1]
    try:
        with np.errstate(over="raise"):
            values = vectors.astype("<f4").tobytes()
    except FloatingPointError as error:
        raise FormatError(
            "word2vec's binary format holds float32, and the vectors have larger values: write "
            "text (binary=False) or use KeyedVectors.save"
        ) from error
    return b"".join(
        b"%b %b\n" % (word.encode("utf-8"), values[row * n_bytes : (row + 1) * n_bytes])
        for row, word in enumerate(words)
    )


def read(
    source: Source,
    *,
    limit: int | None = None,
    encoding: str = "utf8",
    unicode_errors: str = "strict",
    dtype: npt.DTypeLike = np.float32,
) -> Table:
    """Read a binary file of word2vec.c, gensim, or `write`.

    Parameters
    ----------
    source : path-like, binary file or Input
        File to read; gzip, bzip2 and xz are unpacked.
    limit : int, optional
        Read only that many vectors, from the beginning.
    encoding, unicode_errors : str
        How to decode the words, as in `bytes.decode`.
    dtype : dtype-like
        Type of the matrix.

    Returns
    -------
    Table
        The words and their vectors, (n, d); of a word that comes twice, the first.

    Raises
    ------
    TruncatedFileError
        If the file holds less than its header promises.
    FormatError
        If the file is damaged in another way.

    Warns
    -----
    UserWarning
        For repeated words, and for bytes behind the last vector.
    """
    check_limit(limit)
    with open_input(source) as opened:
        path = opened.name
        n_header, dim = read_header(opened)
        n_wanted = n_header if limit is None else min(limit, n_header)
        # The shortest row: an empty word, a space, the values.
        check_size(path, opened.size, n_header, dim, n_wanted * (1 + 4 * dim), n_wanted)
        capacity = 0 if opened.size is None else n_wanted
        rows = TableReader(
            path, dim, dtype, capacity, encoding, unicode_errors, lambda row: f"vector {row + 1}"
        )
        usual = 1 + USUAL_KEY_BYTES + 1 + 4 * dim
        bytes_left = _Bytes(opened, max(usual, _BLOCK))
        words = bytearray()
        direct = np.dtype(dtype) == np.float32 and sys.byteorder == "little"
        while len(rows) < n_wanted:
            bytes_left.need(usual)
            data, start = bytes_left.data, bytes_left.start
            if len(words) < len(data):
                words = bytearray(len(data))
            # As many rows as there can be in what is left of the block.
            n_most = min(n_wanted - len(rows), (len(data) - start) // (1 + 4 * dim))
            room = rows.room(n_most, dim)
            values = room if direct else np.empty((n_most, dim), np.float32)
            n_read, start, n_words, _ = read_binary(data, start, USUAL_KEY_BYTES, words, values)
            if not direct:
                try:
                    with np.errstate(over="raise"):
                        room[:n_read] = _native(values[:n_read])
                except FloatingPointError as error:
                    raise FormatError(
                        f"{path}: values after vector {len(rows)} are too large for "
                        f"{np.dtype(dtype)}; datatype=numpy.float32 reads them"
                    ) from error
            rows.add_words(bytes(memoryview(words)[:n_words]))
            bytes_left.start = start
            if not n_read:
                word, row = _unusual(path, bytes_left, dim, len(rows), n_header)
                rows.add(word, _native(np.frombuffer(row, np.float32)))

        behind = bytes_left.rest().strip(b"\r\n") if n_wanted == n_header else b""
        if behind:
            warnings.warn(
                f"{path}: there is more behind the {n_header} vectors that the header promises",
                UserWarning,
                stacklevel=2,
            )
    return rows.table()


class _Bytes:
    """A file block by block: what was read and not used yet is data[start:]."""

    def __init__(self, source: Input, block: int) -> None:
        self._file = source.file
        self._block = block
        self.data = b""
        self.start = 0
        self.ended = False

    def need(self, n_bytes: int) -> bool:
        """Have so many bytes at hand; False if the file ends before."""
        if len(self.data) - self.start < n_bytes and not self.ended:
            blocks = [self.data[self.start :]]
            n_missing = max(n_bytes - len(blocks[0]), self._block)
            # Without taking memory for what is not there.
            while n_missing > 0 and (block := self._file.read(min(n_missing, _BLOCK))):
                blocks.append(block)
                n_missing -= len(block)
            self.ended = n_missing > 0
            self.data, self.start = b"".join(blocks), 0
        return len(self.data) - self.start >= n_bytes

    def rest(self) -> bytes:
        """Return the beginning of what is left."""
        return self.data[self.start :] + self._file.read(_BLOCK)


def _native(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return values if sys.byteorder == "little" else values.byteswap()


def _unusual(path: str, source: _Bytes, dim: int, row: int, n_header: int) -> tuple[bytes, bytes]:
    """Read a row with a word that is empty or long; say what is wrong if it is no row."""
    n_looked = 0
    while (space := source.data.find(b" ", source.start + n_looked)) < 0:
        n_looked = len(source.data) - source.start
        if n_looked > MAX_KEY_BYTES or not source.need(n_looked + 1):
            break
    n_word = space - source.start
    if n_word > MAX_KEY_BYTES or (space < 0 and n_looked > MAX_KEY_BYTES):
        raise FormatError(
            f"{path}: the word of vector {row + 1} is longer than {MAX_KEY_BYTES} bytes; "
            "the file is damaged, or no binary word2vec file"
        )
    n_row = n_word + 1 + 4 * dim
    if space < 0 or not source.need(n_row):
        raise TruncatedFileError(
            f"{path}: the file ends in vector {row + 1} of the {n_header} that its header promises"
            + (f"; limit={row} reads those before it" if row else "")
        )
    start = source.start
    word = source.data[start : start + n_word].lstrip(b"\n")
    if b"\n" in word:
        raise FormatError(
            f"{path}: vector {row + 1} has the impossible word {word[:60]!r}; the file is "
            "damaged, or a text file (binary=False)"
        )
    source.start = start + n_row
    return word, source.data[start + n_word + 1 : start + n_row]
