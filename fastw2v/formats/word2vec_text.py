"""The text format of word2vec.c, one word and its values a line, and the file of word counts.

The header is `n d`; GloVe's files have none. Values are written with nine significant digits
(`%.9g`), which name every float32 exactly; the shortest exact digits would be a little shorter,
but some of them lie so close to the middle between two floats that a reader which parses to
double first, as most do, can round to the wrong one.
"""

from __future__ import annotations

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
    create_output,
    decode_key,
    encode_keys,
    read_header,
    write_table,
)
from fastw2v.formats._vecfile import read_text
from fastw2v.formats.atomic import StrPath
from fastw2v.formats.handles import Input, Source, open_input
from fastw2v.formats.kinds import NUMBER
from fastw2v.formats.vocabulary import count_of

# A double printed in full by "%lf" has up to 309 digits, but no sane value needs even 64 bytes.
_MAX_VALUE_BYTES = 64
_MAX_LINE = 64 << 20
_BLOCK = 1 << 20
_VALUES = 1 << 17


def check_keys(keys: Sequence[object], prefix: str = "") -> list[str]:
    """Return keys as they are written; FormatError, see `_table.encode_keys`, if one cannot be."""
    return encode_keys(keys, prefix=prefix, format_name="word2vec text format")


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
    """Write vectors in the text format; reading them gives the same bits.

    Parameters
    ----------
    path : path-like
        File to replace as a whole; a name in .gz, .bz2 or .xz is compressed.
    keys : sequence
        One key a row, written as `str(key)`.
    vectors : (n, d) array
        Floating point of any width.
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
    digits = 9 if vectors.dtype.itemsize <= 4 else 17
    line = "%s" + f" %.{digits}g" * vectors.shape[-1] + "\n"

    def encode(words: Sequence[str], vectors: Matrix) -> bytes:
        rows = zip(words, vectors.tolist(), strict=True)
        return "".join([line % (word, *row) for word, row in rows]).encode("utf-8")

    write_table(path, words, vectors, encode, order=order, header=count, append=append)


def read(
    source: Source,
    *,
    no_header: bool = False,
    limit: int | None = None,
    encoding: str = "utf8",
    unicode_errors: str = "strict",
    dtype: npt.DTypeLike = np.float32,
) -> Table:
    """Read a text file of word2vec.c, gensim, fastText, GloVe (`no_header`), or `write`.

    The last d fields of a line are the values. What stands before them is the word: it may be
    empty, or have spaces within if no number follows these, as a few words of GloVe's files.

    Parameters
    ----------
    source : path-like, binary file or Input
        File to read; gzip, bzip2 and xz are unpacked.
    no_header : bool
        The file begins with the first vector, whose length is that of all.
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
        If a line is no word with d numbers; the message names the file and the line.

    Warns
    -----
    UserWarning
        For repeated words, for more lines than promised, and for a last line that may be cut.
    """
    check_limit(limit)
    with open_input(source) as opened:
        path, size = opened.name, opened.size
        n_header, dim, n_wanted, longest, capacity = None, None, limit, _MAX_LINE, 0
        if not no_header:
            n_header, dim = read_header(opened)
            n_wanted = n_header if limit is None else min(limit, n_header)
            # The shortest row: an empty word, a space and a digit for each value, a newline.
            check_size(path, size, n_header, dim, n_wanted * (1 + 2 * dim) - 1, n_wanted)
            longest = min(MAX_KEY_BYTES + _MAX_VALUE_BYTES * dim, _MAX_LINE)
            capacity = 0 if size is None else n_wanted

        lines = _Lines(opened)
        line_number = 0 if no_header else 1
        # Where the next row is, for messages.
        next_row, next_line = 0, line_number + 1

        def place(row: int) -> str:
            return f"line {next_line + row - next_row}"

        rows = TableReader(path, dim, dtype, capacity, encoding, unicode_errors, place)
        last = b"\n"
        while n_wanted is None or len(rows) < n_wanted:
            next_row, next_line = len(rows), line_number + 1
            if dim is not None:
                n_most = None if n_wanted is None else n_wanted - len(rows)
                n_read = lines.read_rows(rows, dim, n_most)
                line_number += n_read
                if n_read:
                    last = b"\n"
                    continue
            line = lines.read_line(longest)
            if not line:
                break
            line_number += 1
            if line.isspace():
                continue
            word, vector = _parse(line, dim, dtype, longest, f"{path}, line {line_number}")
            dim = len(vector)
            rows.add(word, vector)
            last = line
        n_read = len(rows)

        _check_end(path, dim, n_header, n_wanted, n_read)
        if not last.endswith((b" ", b"\n")):
            # Many files that people write end like this, so it is no error; but 0.5 might be the
            # beginning of 0.512.
            warnings.warn(
                f"{path}, line {line_number}: the file does not end with a newline; if it was cut, "
                f"{last.split()[-1].decode('ascii')} is only the beginning of a number",
                UserWarning,
                stacklevel=2,
            )
        if n_read == n_header and lines.rest(_MAX_VALUE_BYTES).strip():
            warnings.warn(
                f"{path}: there is more behind the {n_header} vectors that the header promises",
                UserWarning,
                stacklevel=2,
            )
    return rows.table()


def _check_end(
    path: str, dim: int | None, n_header: int | None, n_wanted: int | None, n_read: int
) -> None:
    """Raise TruncatedFileError if a file holds less than it should."""
    if dim is None:
        raise TruncatedFileError(
            f"{path}: there is no vector; without a header their size is unknown"
        )
    if n_header is not None and n_wanted is not None and n_read < n_wanted:
        raise TruncatedFileError(
            f"{path}: the header promises {n_header} vectors, but the file ends after {n_read}; "
            f"limit={n_read} reads them"
        )


class _Lines:
    """Reads rows with the compiled code where that can, and hands out single lines."""

    def __init__(self, source: Input) -> None:
        self._file = source.file
        self._data = b""
        self._pos = 0
        self._ended = False
        self._unusual = False
        self._words = bytearray()

    def read_rows(self, rows: TableReader, dim: int, n_most: int | None) -> int:
        """Read the usual rows that come next, at most so many, and return their number.

        0 means that the next line has to be looked at by itself.
        """
        if self._unusual:
            self._unusual = False
            return 0
        # The shortest row: a word of one byte, a space and a digit for each value, a newline.
        n_possible = (len(self._data) - self._pos) // (2 + 2 * dim)
        if n_possible == 0 or self._data.find(b"\n", self._pos) < 0:
            self._fill()
            n_possible = (len(self._data) - self._pos) // (2 + 2 * dim)
        n_rows = min(n_possible, max(_VALUES // dim, 1))
        n_rows = n_rows if n_most is None else min(n_rows, n_most)
        if len(self._words) < len(self._data):
            self._words = bytearray(len(self._data))
        values = np.empty((n_rows, dim))
        n_read, pos, n_words, self._unusual = read_text(
            self._data, self._pos, USUAL_KEY_BYTES, self._words, values
        )
        try:
            with np.errstate(over="raise"):
                rows.room(n_read, dim)[...] = values[:n_read]
        except FloatingPointError:
            # One of these is too large; line by line it will be named.
            return 0
        if n_read:
            self._pos = pos
            rows.add_words(bytes(memoryview(self._words)[:n_words]))
        self._unusual = self._unusual and n_read > 0
        return n_read

    def read_line(self, longest: int) -> bytes:
        """Read a line with its newline, but not more than `longest` bytes; nothing at the end."""
        end = self._data.find(b"\n", self._pos)
        while end < 0 and len(self._data) - self._pos < longest and not self._ended:
            self._fill()
            end = self._data.find(b"\n", self._pos)
        stop = len(self._data) if end < 0 else end + 1
        line = self._data[self._pos : min(stop, self._pos + longest)]
        self._pos += len(line)
        return line

    def rest(self, n_bytes: int) -> bytes:
        """Return what comes next, about so much."""
        return self._data[self._pos :][:n_bytes] + self._file.read(n_bytes)

    def _fill(self) -> None:
        more = self._file.read(_BLOCK)
        self._ended = not more
        self._data = self._data[self._pos :] + more
        self._pos = 0


def _parse(
    line: bytes, dim: int | None, dtype: npt.DTypeLike, longest: int, where: str
) -> tuple[bytes, Matrix]:
    """Split a line into its word and its vector of `dim` values, or say what is wrong with it."""
    if line.startswith(b" "):
        word, texts = b"", line.split()
    elif dim is None:
        word, *texts = line.split()
    else:
        word, *texts = line.rsplit(None, dim)
        if len(texts) < dim or NUMBER.fullmatch(word.split()[-1]):
            # Not a word with spaces, but too many numbers.
            word, *texts = line.split()
    complete = line.endswith(b"\n")
    if len(word) > MAX_KEY_BYTES or (not complete and len(line) == longest):
        raise FormatError(
            f"{where}: a word may take {MAX_KEY_BYTES} bytes and this line {longest}; the file is "
            "damaged, or no text file"
        )
    if dim is not None and len(texts) < dim and not complete:
        raise TruncatedFileError(f"{where}: the file ends in the vector of {_shown(word)}")
    if not texts or (dim is not None and len(texts) != dim):
        hint = "; a binary file needs binary=True" if b"\0" in line else ""
        raise FormatError(
            f"{where}: {len(texts)} values follow the word {_shown(word)}, not "
            f"{dim or 'at least 1'}{hint}"
        )
    try:
        # float() would take 1_0 for 10.
        values = None if any(b"_" in text for text in texts) else list(map(float, texts))
    except ValueError:
        values = None
    if values is None:
        bad = next(text for text in texts if not NUMBER.fullmatch(text))
        raise FormatError(f"{where}: {bad[:60]!r} in the vector of {_shown(word)} is not a number")
    try:
        with np.errstate(over="raise"):
            return word, np.array(values, dtype)
    except FloatingPointError as error:
        raise FormatError(
            f"{where}: a value of {_shown(word)} is too large for {np.dtype(dtype)}; "
            "datatype=numpy.float64 reads it"
        ) from error


def _shown(word: bytes) -> str:
    return repr(word[:60].decode("utf-8", "replace"))


def read_counts(
    source: Source, *, encoding: str = "utf8", unicode_errors: str = "strict"
) -> dict[str, int]:
    """Read a file of word counts, as `-save-vocab` of word2vec.c and gensim's `fvocab` write.

    Parameters
    ----------
    source : path-like, binary file or Input
        File with one word and its count a line.
    encoding, unicode_errors : str
        How to decode the words, as in `bytes.decode`.

    Returns
    -------
    dict
        Count of each word.

    Raises
    ------
    FormatError
        If a line is anything else; the message names the file and the line.
    """
    counts: dict[str, int] = {}
    with open_input(source) as opened:
        path = opened.name
        line_number = 0
        while line := opened.file.readline(MAX_KEY_BYTES + _MAX_VALUE_BYTES):
            line_number += 1
            fields = line.split()
            if not fields:
                continue
            if line.startswith(b" "):
                fields.insert(0, b"")
            count = count_of(fields[-1])
            if len(fields) != 2 or count is None:
                raise FormatError(
                    f"{path}, line {line_number}: expected a word and its count, got {line[:60]!r}"
                )
            word = decode_key(fields[0], encoding, unicode_errors, f"{path}, line {line_number}")
            counts[word] = count
    return counts


def write_counts(
    path: StrPath,
    keys: Sequence[object],
    counts: Sequence[object],
    *,
    prefix: str = "",
    append: bool = False,
) -> None:
    """Write one key and its count a line, in the order given.

    Parameters
    ----------
    path : path-like
        File to replace as a whole; a name in .gz, .bz2 or .xz is compressed.
    keys, counts : sequence
        Of the same length.
    prefix : str
        Text before every key.
    append : bool
        Write behind the present content.

    Raises
    ------
    FormatError
        If a key or a count cannot be held. Nothing has been written then.
    """
    lines = check_counts(keys, counts, prefix)
    with create_output(path, append=append) as file:
        for line in lines:
            file.write(line.encode())


def check_counts(keys: Sequence[object], counts: Sequence[object], prefix: str = "") -> list[str]:
    """Return the lines of a file of counts; FormatError if a key or a count cannot be held."""
    lines = []
    words = encode_keys(keys, prefix=prefix, format_name="word count file")
    for word, count in zip(words, counts, strict=True):
        # 3.0 as 3, which is what other programs read.
        whole = count_of(str(count).encode())
        if whole is None:
            raise FormatError(
                f"cannot write word count file: the count of {word!r} must be a whole number, 0 or "
                f"more, not {count!r}"
            )
        lines.append(f"{word} {whole}\n")
    return lines
