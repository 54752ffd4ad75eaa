"""What the word2vec formats share: the table that they hold, its checks, and opening files."""

from __future__ import annotations

import contextlib
import logging
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from fastw2v.errors import FormatError, TruncatedFileError
from fastw2v.formats.atomic import StrPath, atomic_write
from fastw2v.formats.handles import Input
from fastw2v.formats.kinds import BOM, HEADER, NUMBER
from fastw2v.paths import expanded

Matrix: TypeAlias = npt.NDArray[np.floating[Any]]

logger = logging.getLogger("fastw2v")

MAX_KEY_BYTES = 16 << 20
"""Longest word that is read or written: a damaged compressed file may be one endless word."""

USUAL_KEY_BYTES = 64 << 10
"""Words up to this are read by the compiled code, in blocks that hold at least one of them."""

ROWS_PER_BLOCK = 1024
"""Rows that are gathered, formatted and written at once."""

_MAX_HEADER = 256
_BEGUN_HEADER = re.compile(rb"\d{1,18}([ \t]+\d{0,18})?\s*")
_SHOWN = 100
_ASCII_SPACE = re.compile(r"[ \t\n\r\v\f]")


class Table(NamedTuple):
    """The content of a vector file: `vectors[i]`, a row of (n, d), belongs to `keys[i]`."""

    keys: list[str]
    vectors: Matrix


class UndecodableKeyError(FormatError, UnicodeDecodeError):
    """A word in a file is not valid in the encoding that was given."""


def encode_keys(keys: Sequence[object], *, prefix: str, format_name: str) -> list[str]:
    """Return the keys as the words to write, or say which one the format cannot hold.

    Parameters
    ----------
    keys : sequence
        Keys of the rows; each is written as `prefix` + `str(key)`, in UTF-8.
    prefix : str
        Text before every key.
    format_name : str
        Name of the format, for the messages.

    Raises
    ------
    FormatError
        For a row without a key, and a word that has white space of ASCII, is no valid Unicode, is
        longer than 16 MiB, or is the same as an earlier one (1 and "1").
    """
    words: list[str] = []
    rows: dict[str, int] = {}
    for row, key in enumerate(keys):
        word = prefix + str(key)
        reason = _refusal(key, word)
        if reason is None and rows.setdefault(word, row) != row:
            reason = f"is written like the key of row {rows[word]}, {keys[rows[word]]!r}"
        if reason is not None:
            shown = repr(key) if len(word) <= _SHOWN else f"{word[:_SHOWN]!r}..."
            raise FormatError(
                f"cannot write {format_name}: the key {shown} of row {row} {reason}; "
                "KeyedVectors.save can write such keys, as to an output that ends in .fw2v"
            )
        words.append(word)
    return words


def _refusal(key: object, word: str) -> str | None:
    if key is None:
        return "is not set"
    if isinstance(key, bytes):
        return "is bytes; decode it to str first"
    if _ASCII_SPACE.search(word):
        return "contains white space, which separates words there; replace it, as by '_'"
    try:
        n_bytes = len(word.encode("utf-8"))
    except UnicodeEncodeError:
        return "cannot be encoded in UTF-8"
    if n_bytes > MAX_KEY_BYTES:
        return f"takes {n_bytes} bytes; the limit is {MAX_KEY_BYTES}"
    return None


def write_table(
    path: StrPath,
    words: Sequence[str],
    vectors: Matrix,
    encode: Callable[[Sequence[str], Matrix], bytes],
    *,
    order: npt.NDArray[np.intp] | None,
    header: int | None,
    append: bool,
) -> None:
    """Write the header line and the rows, block by block, in the place of `path`.

    Parameters
    ----------
    path : path-like
        File to replace; a name in .gz, .bz2 or .xz is compressed.
    words : sequence of str
        Checked words, one a row.
    vectors : (n, d) array
        May be a view with any row pitch; only one block at a time is copied.
    encode : callable
        Turns the words and the rows of a block into bytes.
    order : (n,) int array, optional
        The rows to write, in this order; by default all, as they are.
    header : int, optional
        Number of vectors for the header line; None writes no header.
    append : bool
        Keep what the file holds and write behind it.

    Raises
    ------
    ValueError
        If the shapes disagree, or if a header would end up inside the file.
    """
    if vectors.ndim != 2 or len(words) != len(vectors):
        raise ValueError(f"{len(words)} keys do not fit vectors of shape {vectors.shape}")
    if append and header is not None and expanded(path).is_file() and expanded(path).stat().st_size:
        raise ValueError(
            f"append=True with write_header=True would put a header inside {path}; write the first "
            "part with total_vec=<vectors in all>, and append with write_header=False"
        )
    with create_output(path, append=append) as file:
        if header is not None:
            file.write(f"{header} {vectors.shape[1]}\n".encode("ascii"))
        for start in range(0, len(words), ROWS_PER_BLOCK):
            stop = min(start + ROWS_PER_BLOCK, len(words))
            if order is None:
                file.write(encode(words[start:stop], vectors[start:stop]))
            else:
                rows = order[start:stop]
                file.write(encode([words[row] for row in rows], vectors[rows]))


@contextlib.contextmanager
def create_output(path: StrPath, *, append: bool = False) -> Iterator[BinaryIO]:
    """Open a file for atomic writing, packed if its name ends in .gz, .bz2 or .xz."""
    with atomic_write(path, append=append) as plain:
        suffix = Path(path).suffix.lower()
        if suffix == ".gz":
            import gzip

            # No name and no time inside: the same vectors give the same bytes.
            with gzip.GzipFile("", "wb", 6, plain, mtime=0) as packed:
                yield cast("BinaryIO", packed)
        elif suffix == ".bz2":
            import bz2

            with bz2.BZ2File(plain, "wb") as bzip:
                yield cast("BinaryIO", bzip)
        elif suffix == ".xz":
            import lzma

            with lzma.LZMAFile(plain, "wb") as xz:
                yield cast("BinaryIO", xz)
        else:
            yield plain


def read_header(source: Input) -> tuple[int, int]:
    """Read the line `n d` that begins a word2vec file; a byte order mark is passed over.

    Returns
    -------
    n_vectors, dim : int
        As promised: nothing is known yet about the truth of it. `dim` is at least 1.

    Raises
    ------
    TruncatedFileError
        If the file is empty or ends inside the line.
    FormatError
        If the line is anything else.
    """
    path = source.name
    line = source.file.readline(_MAX_HEADER).removeprefix(BOM)
    match = HEADER.fullmatch(line)
    if not line:
        raise TruncatedFileError(f"{path}: the file is empty")
    if not line.endswith(b"\n") and _BEGUN_HEADER.fullmatch(line):
        raise TruncatedFileError(f"{path}: the file ends in its header line, {line!r}")
    if match is None:
        fields = line.split()
        has_values = len(fields) > 1 and NUMBER.fullmatch(fields[-1])
        hint = "; a text file without a header needs no_header=True" if has_values else ""
        raise FormatError(
            f"{path}: the first line must hold the number of vectors and their size, "
            f"not {line[:60]!r}{hint}"
        )
    n_vectors, dim = int(match[1]), int(match[2])
    if dim < 1:
        raise FormatError(f"{path}: the header {line.strip()!r} gives vectors of size {dim}")
    return n_vectors, dim


def check_size(
    path: str, size: int | None, n_vectors: int, dim: int, min_bytes: int, n_wanted: int
) -> None:
    """Refuse a header that promises more than the file can hold, before memory is taken for it.

    Parameters
    ----------
    path : str
        For the message.
    size : int or None
        Size of the file in bytes; None if unknown, which passes.
    n_vectors, dim : int
        The header.
    min_bytes : int
        Fewest bytes that `n_wanted` vectors of this size can take.
    n_wanted : int
        Vectors that will be read.

    Raises
    ------
    TruncatedFileError
        If `min_bytes` exceeds `size`.
    """
    if size is not None and min_bytes > size:
        raise TruncatedFileError(
            f"{path}: the header promises {n_vectors} vectors of size {dim}, but the file has only "
            f"{size} bytes and {n_wanted} such vectors take at least {min_bytes}"
        )


def check_limit(limit: int | None) -> None:
    """Raise ValueError unless `limit`, the number of vectors to read at most, is None or >= 1."""
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be None or at least 1, not {limit!r}")


def decode_key(word: bytes, encoding: str, errors: str, where: str) -> str:
    """Decode a word; UndecodableKeyError says `where` (file and place) it is not valid."""
    try:
        return word.decode(encoding, errors)
    except UnicodeDecodeError as error:
        raise UndecodableKeyError(
            error.encoding,
            error.object,
            error.start,
            error.end,
            f"{error.reason} (in {where}; see unicode_errors)",
        ) from error


class TableReader:
    """Collects words and vectors as a file yields them, block by block or one by one.

    Parameters
    ----------
    path : str
        File that is read, for the messages.
    dim : int, optional
        Values in a vector; None takes it from the first one.
    dtype : dtype-like
        Type of the matrix.
    capacity : int
        Rows to allocate at once; give 0 unless the size of the file vouches for more, and the
        matrix grows as the rows arrive.
    encoding, errors : str
        As in `bytes.decode`.
    where : callable
        Names the place of a row in the file, given its number from 0 on.
    """

    def __init__(
        self,
        path: str,
        dim: int | None,
        dtype: npt.DTypeLike,
        capacity: int,
        encoding: str,
        errors: str,
        where: Callable[[int], str],
    ) -> None:
        self._path = path
        self._vectors: Matrix = np.empty((capacity, dim or 0), dtype)
        self._keys: list[str] = []
        self._encoding = encoding
        self._errors = errors
        self._where = where

    def __len__(self) -> int:
        return len(self._keys)

    def room(self, n_rows: int, dim: int) -> Matrix:
        """Return `n_rows` rows behind those that are there, to be filled before `add_words`."""
        n_needed = len(self._keys) + n_rows
        if n_needed > len(self._vectors):
            # In place, so that old and new matrix need not both be in memory.
            self._vectors.resize((max(n_needed, 2 * len(self._vectors)), dim), refcheck=False)
        return self._vectors[len(self._keys) : n_needed]

    def add_words(self, words: bytes) -> None:
        """Take over rows that were filled; `words` has a newline behind the word of each."""
        if self._encoding.lower() in ("utf8", "utf-8"):
            # A newline never is a part of a character: all can be decoded at once.
            try:
                self._keys += words.decode("utf-8", self._errors).split("\n")[:-1]
                return
            except UnicodeDecodeError:
                pass
        for word in words.split(b"\n")[:-1]:
            place = f"{self._path}, {self._where(len(self._keys))}"
            self._keys.append(decode_key(word, self._encoding, self._errors, place))

    def add(self, word: bytes, vector: Matrix) -> None:
        """Append a row."""
        self.room(1, len(vector))[0] = vector
        self.add_words(word + b"\n")

    def table(self) -> Table:
        """Return what was collected, the first row of each word, and warn about the others."""
        keys, vectors = self._keys, self._vectors
        if len(vectors) != len(keys):
            vectors.resize((len(keys), vectors.shape[1]), refcheck=False)
        if len(set(keys)) != len(keys):
            rows: dict[str, int] = {}
            for row, key in enumerate(keys):
                rows.setdefault(key, row)
            kept = list(rows.values())
            repeated = next(key for row, key in enumerate(keys) if rows[key] != row)
            warnings.warn(
                f"{self._path}: skipped {len(keys) - len(kept)} vectors of words that came before, "
                f"first {repeated!r}",
                UserWarning,
                stacklevel=2,
            )
            keys, vectors = [keys[row] for row in kept], vectors[kept]
        warn_not_finite(self._path, keys, vectors)
        return Table(keys, vectors)


def warn_not_finite(path: str, keys: Sequence[object], vectors: Matrix) -> None:
    """Log how many vectors hold NaN or Inf, which one flipped bit can make, and the first word."""
    n_bad, first = 0, -1
    for start in range(0, len(vectors), ROWS_PER_BLOCK):
        block = vectors[start : start + ROWS_PER_BLOCK]
        with np.errstate(over="ignore", invalid="ignore"):
            # NaN and Inf spread through a sum, and only then every value is looked at.
            if np.isfinite(np.add.reduce(block, axis=None)):
                continue
        bad = np.flatnonzero(~np.isfinite(block).all(axis=1))
        if len(bad):
            first = start + int(bad[0]) if first < 0 else first
            n_bad += len(bad)
    if n_bad:
        logger.warning(
            "%s: %d of %d vectors hold NaN or Inf, first that of %r: similarities to them are NaN",
            path,
            n_bad,
            len(vectors),
            keys[first],
        )
