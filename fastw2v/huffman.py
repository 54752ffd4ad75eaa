"""The Huffman tree of hierarchical softmax."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastw2v import _core


class Tree(NamedTuple):
    """Paths from the root to each word's leaf, one after the other.

    Word i passes the inner nodes `path[offsets[i]:offsets[i + 1]]`, the root first, and takes the
    branch `code` of each. Inner nodes are rows of W', numbered 0 to n_words - 2 in the order in
    which they were made, so the root comes last.
    """

    offsets: NDArray[np.int64]
    path: NDArray[np.int32]
    code: NDArray[np.uint8]

    @property
    def longest(self) -> int:
        """Nodes on the longest path."""
        return int(np.diff(self.offsets).max(initial=0))

    def steps(self) -> NDArray[np.int32]:
        """Node and branch in one number, 2 * path + code, and LANES zeros behind the last path.

        So the kernels want them; see `path` in csrc/w2v.h.
        """
        out = np.zeros(len(self.path) + _core.LANES, dtype=np.int32)
        out[: len(self.path)] = 2 * self.path + self.code
        return out

    def uses(self, counts: NDArray[np.int64], n_last: int) -> NDArray[np.int64]:
        """Occurrences of all words below each of the last n nodes, the root last; shape (n,)."""
        n_last = min(n_last, max(len(counts) - 1, 0))
        total = np.zeros(n_last, dtype=np.int64)
        first = len(counts) - 1 - n_last
        # Down all paths at once: numbers fall, so a path that has left these nodes is done.
        at, end, weight = self.offsets[:-1], self.offsets[1:], counts
        while len(at):
            on = np.flatnonzero(at < end)
            on = on[self.path[at[on]] >= first]
            at, end, weight = at[on], end[on], weight[on]
            slot = self.path[at] - first
            total += np.bincount(slot, weights=weight, minlength=n_last).astype(np.int64)
            at = at + 1
        return total


def huffman_tree(counts: NDArray[np.int64]) -> Tree:
    """Build the tree whose paths are shortest on average, weighted by the counts.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_words,)
        Occurrences of each word, in any order.

    Returns
    -------
    Tree
        With one word the path is empty: there is nothing to decide.

    Source: Huffman 1952, in linear time over sorted counts (van Leeuwen 1976).
    """
    order = np.argsort(-counts, kind="stable")
    offsets, path, code = _core.huffman_tree(np.ascontiguousarray(counts[order], dtype=np.int64))
    if np.array_equal(order, np.arange(len(counts))):
        return Tree(offsets, path, code)
    lengths = np.empty(len(counts), dtype=np.int64)
    lengths[order] = np.diff(offsets)
    moved = np.concatenate(([0], np.cumsum(lengths)))
    rank = np.empty(len(counts), dtype=np.int64)
    rank[order] = np.arange(len(counts))
    source = np.repeat(offsets[rank] - moved[:-1], lengths) + np.arange(len(path))
    return Tree(moved, path[source], code[source])
