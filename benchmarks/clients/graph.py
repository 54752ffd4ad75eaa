"""A graph with known communities, and how far apart vectors keep them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
COMMUNITIES, SIZE = 8, 40
INSIDE, ACROSS = 0.18, 0.02
"""Probability of an edge between two nodes of one community, and of different ones."""
NEIGHBOURS = 10


class Separation(NamedTuple):
    """How far apart communities are.

    Attributes
    ----------
    gap : float
        Mean cosine of two nodes of one community, less that of two nodes of different ones.
    purity : float
        Share of the ten nearest nodes, by cosine, that are of a node's own community.
    """

    gap: float
    purity: float


def communities() -> npt.NDArray[np.int64]:
    """Return the community of each node."""
    return np.repeat(np.arange(COMMUNITIES), SIZE)


def write(path: Path, seed: int = 1) -> int:
    """Write a planted partition, an edge `a<TAB>b` per line, and return the number of edges.

    Every node has an edge: it is joined to the next one of its community.
    """
    random = np.random.default_rng(seed)
    of = communities()
    chance = np.where(of[:, None] == of[None, :], INSIDE, ACROSS)
    joined = np.triu(random.random(chance.shape) < chance, 1)
    ring = np.flatnonzero(of[:-1] == of[1:])
    joined[ring, ring + 1] = True
    edges = np.argwhere(joined)
    path.write_text("".join(f"{a}\t{b}\n" for a, b in edges.tolist()), encoding="ascii")
    return len(edges)


def separation(vectors: Floats) -> Separation:
    """Return how well vectors, one a node, tell the communities apart."""
    of = communities()
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = units @ units.T
    same = of[:, None] == of[None, :]
    np.fill_diagonal(same, False)
    different = of[:, None] != of[None, :]
    gap = cosines[same].mean() - cosines[different].mean()
    np.fill_diagonal(cosines, -np.inf)
    nearest = np.argsort(-cosines, axis=1)[:, :NEIGHBOURS]
    purity = (of[nearest] == of[:, None]).mean()
    return Separation(float(gap), float(purity))
