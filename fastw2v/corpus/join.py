"""Pieces of ids to one array, on all cores."""

from __future__ import annotations

import threading

import numpy as np

from fastw2v import crew, memory
from fastw2v.corpus import _scan
from fastw2v.corpus.segments import Ids, Piece


def join(pieces: list[Piece], workers: int = 1) -> tuple[Ids, int]:
    """Join pieces of ids, in corpus order.

    Parameters
    ----------
    pieces : list of Piece
        It is emptied on the way, so that each segment goes back to the system once it has been
        copied: the peak is one array and a few segments, not two arrays.
    workers : int
        Number of threads.

    Returns
    -------
    ids : ndarray of int32
        All ids; the last one of every sentence, and the very last one, has the sign bit set.
    longest : int
        Ids in the longest sentence.
    """
    ids: Ids = memory.zeros((sum(len(piece.ids) for piece in pieces),), np.int32)
    starts: list[int] = []
    ends: list[int] = []  # ids that a later piece says are the last of their sentences
    n = 0
    for piece in pieces:
        if piece.leading_end and n:
            ends.append(n - 1)
        starts.append(n)
        n += len(piece.ids)
    lock = threading.Lock()
    pieces.reverse()
    starts.reverse()

    def body(_rank: int, stop: crew.Flag) -> None:
        while not stop.is_set():
            with lock:
                if not pieces:
                    return
                piece, start = pieces.pop(), starts.pop()
            ids[start : start + len(piece.ids)] = piece.ids

    crew.run(body, workers)
    if n:
        ids[ends] |= _scan.END
        ids[n - 1] |= _scan.END
    return ids, _longest(ids, workers)


def _longest(ids: Ids, workers: int) -> int:
    """Measure parts that begin with a sentence."""
    cuts = [0]
    for rank in range(1, workers):
        at = len(ids) * rank // workers
        # The end of the sentence that is cut here; a long one costs one worker its part.
        while at < len(ids):
            found = np.flatnonzero(ids[at : at + 65536] < 0)
            if len(found):
                at += int(found[0]) + 1
                break
            at += 65536
        cuts.append(max(min(at, len(ids)), cuts[-1]))
    cuts.append(len(ids))
    longest = [0] * workers

    def body(rank: int, _stop: crew.Flag) -> None:
        longest[rank] = _scan.longest(ids[cuts[rank] : cuts[rank + 1]])

    crew.run(body, workers)
    return max(longest)
