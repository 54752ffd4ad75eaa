"""Where ids wait between the scan and the token store: pieces of large segments, in blocks.

A worker fills its segments one after the other. The ids of one block of text are one piece, or
several where a segment ran full. Segments are large because the system hands out large pages, and
they are mappings of their own: one goes back to the system when its last piece is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fastw2v import memory

Ids = npt.NDArray[np.int32]

SEGMENT_TOKENS = 2 << 20
"""Ids in a segment: 8 MiB, four huge pages."""


@dataclass(slots=True)
class Piece:
    """Consecutive ids, the last one of each sentence marked with the sign bit.

    `leading_end` says that a sentence ended before the first id, so that the last id before this
    piece, wherever it is, has to be marked (csrc/scan.h tells why).
    """

    ids: Ids
    leading_end: bool


class Ledger(NamedTuple):
    """What one block of text held, and how its sentences join those of its neighbours.

    Attributes
    ----------
    n_tokens : int
        Words read.
    n_sentences : int
        Runs of words between newlines.
    has_newline : bool
        Whether a sentence ended anywhere in the block.
    joins : bool
        Whether words came before the first newline: they go on with the block before.
    open : bool
        Whether words came after the last newline: the block after goes on with them.
    n_lines : int
        Newlines.
    n_invalid : int
        Words read that were left out because they are not UTF-8; `n_tokens` has them.
    n_replaced : int
        Words with a character in place of bytes that are not UTF-8.
    """

    n_tokens: int
    n_sentences: int
    has_newline: bool
    joins: bool
    open: bool
    n_lines: int = 0
    n_invalid: int = 0
    n_replaced: int = 0


@dataclass(slots=True)
class TokenList:
    """Sentences that are lists of words already, as Arrow lays them out.

    Attributes
    ----------
    bytes : ndarray of uint8
        All words, and `_scan.SLACK` bytes more.
    offsets : ndarray of int64
        Word i is `bytes[offsets[i] : offsets[i + 1]]`.
    rows : ndarray of int64
        Sentence r is the words `rows[r]` to `rows[r + 1]`.
    """

    bytes: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]


@dataclass(slots=True)
class IntList:
    """Sentences that are lists of whole numbers.

    Attributes
    ----------
    values : ndarray of int64
        All numbers.
    rows : ndarray of int64
        Sentence r is `values[rows[r] : rows[r + 1]]`.
    """

    values: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]


class InvalidTextError(Exception):
    """Words are not UTF-8; `place` is that of a byte in a text, or of a word in a list."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


class Block(NamedTuple):
    """One block of text after the scan.

    Attributes
    ----------
    place : int
        Its place among the blocks of its input: 0, 1, 2, ...
    worker : int
        Who read it; ids of a counting scan are those of this worker's table.
    ledger : Ledger
        What it held.
    pieces : list of Piece
        Its ids.
    source : int
        Number of the input that it is from.
    """

    place: int
    worker: int
    ledger: Ledger
    pieces: list[Piece]
    source: int = 0


class Segments:
    """The memory that one worker writes its ids to, in segments of `n_tokens`.

    Their default is `SEGMENT_TOKENS`.
    """

    def __init__(self, n_tokens: int | None = None) -> None:
        self._n_tokens = SEGMENT_TOKENS if n_tokens is None else n_tokens
        self._free: Ids = np.empty(0, dtype=np.int32)
        self._pieces: list[Piece] = []

    def free(self) -> Ids:
        """Return the part of the current segment that is not used; never empty."""
        if len(self._free) == 0:
            self._free = memory.zeros((self._n_tokens,), np.int32)
        return self._free

    def take(self, n_ids: int, leading_end: bool) -> None:
        """Make a piece of the first `n_ids` free ids, which the caller has written."""
        if n_ids or leading_end:
            self._pieces.append(Piece(self._free[:n_ids], leading_end))
            self._free = self._free[n_ids:]

    def pieces(self) -> list[Piece]:
        """Hand over the pieces taken since the last call."""
        pieces, self._pieces = self._pieces, []
        return pieces


class Scratch(Segments):
    """For a scan that only counts: what it writes is overwritten by what comes next."""

    def free(self) -> Ids:
        """Return the whole segment, always the same one."""
        if len(self._free) == 0:
            self._free = memory.zeros((SEGMENT_TOKENS,), np.int32)
        return self._free

    def take(self, n_ids: int, leading_end: bool) -> None:
        """Forget them."""


@dataclass(frozen=True)
class Totals:
    """What a corpus held.

    Attributes
    ----------
    n_tokens, n_sentences, n_bytes, n_lines, n_invalid, n_replaced : int
        Tokens read, invalid ones included; sentences; bytes of text and its lines, 0 where it is
        no text; tokens left out because they are not UTF-8; tokens with a replacement in them.
    """

    n_tokens: int
    n_sentences: int
    n_bytes: int = 0
    n_lines: int = 0
    n_invalid: int = 0
    n_replaced: int = 0


def count_sentences(blocks: Sequence[Block], length: int = 0) -> int:
    """Add up the sentences of all blocks.

    Parameters
    ----------
    blocks : sequence of Block
        In corpus order.
    length : int
        Words of a sentence, where sentences have a fixed length; otherwise 0.

    Returns
    -------
    int
        A sentence that spans several blocks counts once.
    """
    if length:
        words: dict[int, int] = {}
        for block in blocks:
            ledger = block.ledger
            n_words = ledger.n_tokens - ledger.n_invalid
            words[block.source] = words.get(block.source, 0) + n_words
        return sum(-(-n // length) for n in words.values())
    n_sentences = 0
    open_before = False
    for block in blocks:
        ledger = block.ledger
        n_sentences += ledger.n_sentences - (open_before and ledger.joins)
        if ledger.n_tokens > ledger.n_invalid or ledger.has_newline:
            open_before = ledger.open
    return n_sentences


def totals(blocks: Sequence[Block], *, n_bytes: int, length: int = 0) -> Totals:
    """Add up the ledgers of all blocks, as for `count_sentences`."""
    ledgers = [block.ledger for block in blocks]
    return Totals(
        n_tokens=sum(ledger.n_tokens for ledger in ledgers),
        n_sentences=count_sentences(blocks, length),
        n_bytes=n_bytes,
        n_lines=sum(ledger.n_lines for ledger in ledgers),
        n_invalid=sum(ledger.n_invalid for ledger in ledgers),
        n_replaced=sum(ledger.n_replaced for ledger in ledgers),
    )
