"""JSON lines: a document a line, of which one key is read."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from fastw2v.corpus import _scan, decompress
from fastw2v.corpus.invalid import not_utf8
from fastw2v.corpus.reading import Reading
from fastw2v.corpus.segments import IntList, TokenList
from fastw2v.errors import CorpusError

SUFFIXES = (".jsonl", ".ndjson")
DEFAULT_FIELD = "text"

_LIST_TOKENS = 1 << 18
_TEXT_BYTES = 1 << 20


class Records:
    """The values of one key, line by line.

    Parameters
    ----------
    file : BufferedIOBase
        The lines.
    name : str
        What to call it.
    reading : Reading
        Options.
    """

    def __init__(self, file: io.BufferedIOBase, name: str, reading: Reading) -> None:
        self._file = file
        self._name = name
        self._reading = reading
        self._field = reading.field
        self._line = 0
        self._first: Any = None
        self._values = self._read()
        self._kind: type | None = None

    def kind(self) -> type:
        """Return what the records hold: str, list of str (list) or list of int (int)."""
        if self._kind is None:
            self._first = next(self._values, None)
            self._kind = self._kind_of(self._first)
        return self._kind

    def _read(self) -> Iterator[Any]:
        """Yield all values that are not null."""
        for line in self._lines():
            self._line += 1
            if self._line == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if not line.strip():
                continue
            value = self._value(line)
            if value is not None and value != []:
                yield value

    def _lines(self) -> Iterator[bytes]:
        try:
            yield from self._file
        except Exception as error:
            found = decompress.damage(error, self._name, f"line {self._line}")
            if found is None:
                raise
            raise found from error

    def _value(self, line: bytes) -> Any:
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            if self._reading.errors == "strict":
                bad = line[max(error.start - 20, 0) : error.end + 20]
                raise not_utf8(self._name, self._line, bad) from error
            text = line.decode(errors="surrogateescape")
        try:
            record = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self._error(f"this is not JSON: {error}") from error
        if not isinstance(record, dict):
            raise self._error(f"a JSON object is needed, this is a {type(record).__name__}")
        field = self._field or self._choose(record)
        if field not in record:
            raise self._error(f"there is no {field!r}, only {_listed(record)}")
        return record[field]

    def _choose(self, record: dict[str, Any]) -> str:
        if DEFAULT_FIELD in record:
            self._field = DEFAULT_FIELD
        else:
            fit = [key for key, value in record.items() if isinstance(value, (str, list))]
            if len(fit) != 1:
                raise self._error(f"name the key to read by field=; there are {_listed(record)}")
            self._field = fit[0]
        return self._field

    def _error(self, text: str) -> CorpusError:
        return CorpusError(f"{self._name}, line {self._line}: {text}")

    def _kind_of(self, value: Any) -> type:
        if value is None or isinstance(value, str):
            return str
        if isinstance(value, list):
            if all(isinstance(token, str) for token in value):
                return list
            if all(type(token) is int and -(1 << 63) <= token < 1 << 63 for token in value):
                return int
        raise self._error(
            f"{self._field!r} must be a text, a list of words or a list of whole numbers of "
            f"64 bits, this is {value!r:.60}"
        )

    def values(self) -> Iterator[Any]:
        """Yield all values, which are of one kind."""
        kind = self.kind()
        if self._first is not None:
            yield self._first
        for value in self._values:
            if self._kind_of(value) is not kind:
                raise self._error(
                    f"{self._field!r} is of another kind than in the lines before: {value!r:.60}"
                )
            yield value

    def texts(self) -> Iterator[bytes]:
        """Yield some documents at a time, each with its end."""
        end = self._reading.document_end
        texts: list[bytes] = []
        n_bytes = 0
        for value in self.values():
            text = spelled(value, self._reading, self._error)
            texts += (text, end)
            n_bytes += len(text)
            if n_bytes >= _TEXT_BYTES:
                yield b"".join(texts)
                texts.clear()
                n_bytes = 0
        yield b"".join(texts)

    def lists(self) -> Iterator[TokenList | IntList]:
        """Yield some sentences at a time."""
        tokens: list[Any] = []
        rows = [0]
        make = int_list if self.kind() is int else self._token_list
        for value in self.values():
            tokens += value
            rows.append(len(tokens))
            if len(tokens) >= _LIST_TOKENS:
                yield make(tokens, rows)
                tokens.clear()
                del rows[1:]
        yield make(tokens, rows)

    def _token_list(self, tokens: list[str], rows: list[int]) -> TokenList:
        words = [spelled(token, self._reading, self._error) for token in tokens]
        joined = b"".join(words) + bytes(_scan.SLACK)
        offsets = np.zeros(len(words) + 1, dtype=np.int64)
        np.cumsum([len(word) for word in words], out=offsets[1:])
        return TokenList(np.frombuffer(joined, dtype=np.uint8), offsets, np.array(rows))


def int_list(values: list[int], rows: list[int]) -> IntList:
    """Return numbers and the ends of their rows as arrays."""
    return IntList(np.array(values, dtype=np.int64), np.array(rows, dtype=np.int64))


def spelled(text: str, reading: Reading, error: Any) -> bytes:
    """Return the bytes of a text that may have surrogates in it, where bytes were no UTF-8."""
    try:
        return text.encode()
    except UnicodeEncodeError as found:
        if reading.errors == "strict":
            raise error(
                f"the character {text[found.start]!r} is half of one; choose errors='replace' or "
                "errors='skip' to read the rest"
            ) from found
    try:
        return text.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return text.encode(errors="surrogatepass")


def _listed(record: dict[str, Any]) -> str:
    return ", ".join(map(repr, record)) or "nothing"
