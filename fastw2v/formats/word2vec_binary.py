"""The binary format of word2vec.c: a header line, then words with their raw float32 values.

The header is `n d` and a newline. A row is the word in UTF-8, one space, and d little-endian
float32; word2vec.c (its function TrainModel) ends it with a newline, which is what `write` does,
and gensim does not. `read` takes both.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import BinaryIO, NoReturn

import numpy as np
import numpy.typing as npt

from fastw2v.errors import FormatError, TruncatedFileError
from fastw2v.formats._table import (
    MAX_KEY_BYTES,
    Matrix,
    Table,
    TableReader,
    check_limit,
    check_size,
    encode_keys,
    open_input,
    read_header,
    write_table,
)
from fastw2v.formats._vecfile import read_binary
from fastw2v.formats.atomic import StrPath

# Bytes that are read at once: few enough to be still in the cache when they are copied.
_BLOCK = 1 << 18


def check_keys(keys: Sequence[object], prefix: str = "") -> list[str]:
    """Return keys as they are written; FormatError, see `_table.encode_keys`, if one cannot be."""
    return encode_keys(
        keys, prefix=prefix, format_name="word2vec binary format", unicode_space=False
    )


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
    values = vectors.astype("<f4").tobytes()
    return b"".join(
        b"%b %b\n" % (word.encode("utf-8"), values[row * n_bytes : (row + 1) * n_bytes])
        for row, word in enumerate(words)
    )


def read(
    path: StrPath,
    *,
    limit: int | None = None,
    encoding: str = "utf8",
    unicode_errors: str = "strict",
    dtype: npt.DTypeLike = np.float32,
) -> Table:
    """Read a binary file of word2vec.c, gensim, or `write`.

    Parameters
    ----------
    path : path-like
        File to read; .gz, .bz2 and .xz are unpacked.
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
    with open_input(path) as (file, size):
        n_header, dim = read_header(file, path)
        n_wanted = n_header if limit is None else min(limit, n_header)
        # The shortest row: a word of one byte, a space, the values.
        check_size(path, size, n_header, dim, n_wanted * (2 + 4 * dim), n_wanted)
        capacity = 0 if size is None else n_wanted
        rows = TableReader(
            path, dim, dtype, capacity, encoding, unicode_errors, lambda row: f"vector {row + 1}"
        )
        longest = 1 + MAX_KEY_BYTES + 1 + 4 * dim
        n_block = max(longest, _BLOCK)
        words = bytearray()
        direct = np.dtype(dtype) == np.float32 and sys.byteorder == "little"
        data, start, ended = b"", 0, False
        while len(rows) < n_wanted:
            if len(data) - start < longest and not ended:
                more = _read(file, n_block)
                ended = len(more) < n_block
                data, start = data[start:] + more, 0
                if len(words) < len(data):
                    words = bytearray(len(data))
            # As many rows as there can be in what is left of the block.
            n_most = min(n_wanted - len(rows), (len(data) - start) // (2 + 4 * dim))
            room = rows.room(n_most, dim)
            values = room if direct else np.empty((n_most, dim), np.float32)
            n_read, start, n_words, unusual = read_binary(data, start, MAX_KEY_BYTES, words, values)
            if not direct:
                if sys.byteorder != "little":
                    values.byteswap(inplace=True)
                room[:n_read] = values[:n_read]
            rows.add_words(bytes(memoryview(words)[:n_words]))
            if unusual or (not n_read and (ended or len(data) - start >= longest)):
                _explain(path, data, start, dim, len(rows), n_header)

        if n_wanted == n_header and (data[start:] or _read(file, 2)) not in (b"", b"\n"):
            warnings.warn(
                f"{path}: there is more behind the {n_header} vectors that the header promises",
                UserWarning,
                stacklevel=2,
            )
    return rows.table()


def _explain(path: StrPath, data: bytes, start: int, dim: int, row: int, n_header: int) -> NoReturn:
    """Say why there is no row at `start`."""
    space = data.find(b" ", start, start + 1 + MAX_KEY_BYTES + 1)
    if space < 0 and len(data) - start > 1 + MAX_KEY_BYTES:
        raise FormatError(
            f"{path}: the word of vector {row + 1} is longer than {MAX_KEY_BYTES} bytes; "
            "the file is damaged, or no binary word2vec file"
        )
    if space < 0 or space + 1 + 4 * dim > len(data):
        raise TruncatedFileError(
            f"{path}: the file ends in vector {row + 1} of the {n_header} that its header "
            f"promises; limit={row} reads those before it"
        )
    word = data[start:space].lstrip(b"\n")
    raise FormatError(
        f"{path}: vector {row + 1} has the impossible word {word[:60]!r}; the file is "
        "damaged, or a text file (binary=False)"
    )


def _read(file: BinaryIO, n_bytes: int) -> bytes:
    """Read `n_bytes`, or all that is left, without taking memory for what is not there."""
    blocks = []
    while n_bytes > 0 and (block := file.read(min(n_bytes, _BLOCK))):
        blocks.append(block)
        n_bytes -= len(block)
    return b"".join(blocks)
