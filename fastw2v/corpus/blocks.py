"""A block of a corpus, and the two kinds of sources that blocks come from."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fastw2v import memory
from fastw2v.corpus import _scan, decompress, mistakes
from fastw2v.corpus.decompress import Stream
from fastw2v.corpus.segments import IntList, TokenList
from fastw2v.errors import CorpusError

_BOMS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_BLANKS = b" \t\r\v\f"
_NEWLINE = 10


class Text:
    """A buffer for one block at a time.

    Attributes
    ----------
    bytes : ndarray of uint8
        The text is `bytes[:n]`; white space follows, as csrc/scan.h requires.
    n : int
        Length of the text in bytes; its last byte is white space.
    list : TokenList, IntList or None
        What the block holds if it is no text.
    number : int
        How many blocks were handed out before.
    source, place : int
        Which input it is from, and its place among the blocks of that: 0, 1, 2, ...
    pos : int
        A number that grows with the place in the corpus: by 1 for every byte of text, or token of
        a list.
    at_line_start : bool
        Whether only white space came since the last newline before the text.
    last : bool
        Whether a document ends with the text.
    line_shift : int
        Lines more than there are newlines in the text.
    """

    def __init__(self) -> None:
        self.bytes: npt.NDArray[np.uint8] = np.empty(0, dtype=np.uint8)
        self.n = 0
        self.list: TokenList | IntList | None = None
        self.number = 0
        self.pos = 0
        self.source = self.place = 0
        self.at_line_start = True
        self.last = False
        self.line_shift = 0

    def reserve(self, n_bytes: int, n_used: int) -> None:
        """Make room for a text of `n_bytes`, keeping the first `n_used`."""
        need = n_bytes + 1 + _scan.SLACK
        if need > len(self.bytes):
            larger = memory.zeros((max(need, 2 * len(self.bytes)),), np.uint8)
            larger[:n_used] = self.bytes[:n_used]
            self.bytes = larger


class Stored(Protocol):
    """What a source is read from, as it is stored."""

    @property
    def n_read(self) -> int:
        """Bytes read."""

    def close(self) -> None:
        """Close it."""


class Source(Protocol):
    """An input that is open."""

    n_text: int

    @property
    def n_read(self) -> int:
        """Bytes read of what is stored."""

    def next(self, text: Text) -> bool:
        """Read the next block; return False when there is none."""

    def close(self) -> None:
        """Close it."""


class TextSource:
    """Text from a stream, cut where a word ends; a newline is added to its end if it has one byte.

    A byte order mark at the beginning is skipped; a file that is no text is refused by its first
    bytes. Those of a document in a file (`is_file` is False) may be any.
    """

    def __init__(
        self,
        stream: Stream,
        stored: Stored,
        name: str,
        block_size: int,
        *,
        is_file: bool = True,
    ) -> None:
        self._stream = stream
        self._is_file = is_file
        self._head = b""
        self._stored = stored
        self._name = name
        self._block_size = block_size
        self._carry = b""
        self._ended = False
        self._is_empty = True
        self._at_line_start = True
        self._last_byte = _NEWLINE
        self.n_text = 0

    @property
    def n_read(self) -> int:
        """Bytes read of what is stored."""
        return self._stored.n_read

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()
        self._stored.close()

    def _fill(self, buffer: memoryview) -> int:
        if self._head:
            n = min(len(self._head), len(buffer))
            buffer[:n] = self._head[:n]
            self._head = self._head[n:]
            return n
        try:
            n = self._stream.readinto(buffer)
        except Exception as error:
            found = decompress.damage(error, self._name, f"{self.n_text:,} bytes of text")
            if found is None:
                raise
            raise found from error
        self.n_text += n
        return n

    def _begin(self) -> None:
        head = bytearray()
        while len(head) < mistakes.HEAD:
            part = bytearray(mistakes.HEAD - len(head))
            n = self._fill(memoryview(part))
            if not n:
                break
            head += part[:n]
        for mark, encoding in _BOMS.items():
            if head.startswith(mark):
                raise CorpusError(
                    f"{self._name} is {encoding}, and text must be UTF-8; re-encode it first, "
                    f"for example: iconv -f {encoding} -t UTF-8 FILE > NEW_FILE"
                )
        kind = mistakes.of_head(bytes(head)) if self._is_file else None
        if kind is not None:
            raise CorpusError(f"{self._name} is {kind}")
        self._head = bytes(head).removeprefix(codecs.BOM_UTF8)

    def next(self, text: Text) -> bool:
        """Read the next block; return False when there is none."""
        if self._ended:
            return False
        if self.n_text == 0:
            self._begin()
        carry = len(self._carry)
        text.reserve(carry + self._block_size, 0)
        text.bytes[:carry] = np.frombuffer(self._carry, dtype=np.uint8)
        n = carry
        searched = end = 0
        text.last = False
        text.line_shift = 0
        while not end:
            text.reserve(n + self._block_size, n)
            got = self._fill_up(text, n)
            n += got
            if not got:
                self._ended = text.last = True
                if n == 0 and self._is_empty:
                    return False
                # The added newline is no line; what came after the last newline is one.
                last_byte = text.bytes[n - 1] if n else self._last_byte
                text.line_shift = -1 + int(last_byte != _NEWLINE)
                text.bytes[n] = _NEWLINE
                n += 1
                end = n
            else:
                end = _scan.cut(text.bytes, searched, n)
                searched = n
        self._is_empty = False
        self._carry = text.bytes[end:n].tobytes()
        self._last_byte = text.bytes[end - 1]
        text.at_line_start = self._at_line_start
        self._at_line_start = _ends_blank(text.bytes[:end], self._at_line_start)
        text.n = end
        text.list = None
        return True

    def _fill_up(self, text: Text, n: int) -> int:
        """Read until there is a block, or the end."""
        got = 0
        while got < self._block_size:
            more = self._fill(text.bytes.data[n + got : n + self._block_size])
            if not more:
                break
            got += more
        return got


def _ends_blank(text: npt.NDArray[np.uint8], before: bool) -> bool:
    """Tell whether only white space comes after the last newline of a text."""
    size = 64
    while True:
        tail = text[-size:].tobytes().rstrip(_BLANKS)
        if tail:
            return tail.endswith(b"\n")
        if size >= len(text):
            return before
        size *= 16


class ListSource:
    """Lists of tokens from an iterator."""

    def __init__(self, lists: Iterator[TokenList | IntList], stored: Stored | None) -> None:
        self._lists = lists
        self._stored = stored
        self.n_text = 0

    @property
    def n_read(self) -> int:
        """Bytes read of what is stored."""
        return 0 if self._stored is None else self._stored.n_read

    def next(self, text: Text) -> bool:
        """Read the next list; return False when there is none."""
        text.list = next(self._lists, None)
        return text.list is not None

    def close(self) -> None:
        """Close the file."""
        if self._stored is not None:
            self._stored.close()
