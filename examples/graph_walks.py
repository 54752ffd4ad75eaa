"""Node vectors from random walks, as DeepWalk does: walks are sentences, nodes are words.

    python examples/graph_walks.py

Two groups of 50 nodes, dense inside and sparse between, are walked at random; skip-gram on the
walks puts the nodes of a group close together.
"""

from __future__ import annotations

import numpy as np

from fastw2v import Word2Vec

GROUP, WALKS, LENGTH = 50, 10, 40


def walks(seed: int = 1) -> list[list[int]]:
    """Uniform random walks on a graph of two groups; a step crosses over one time in twenty."""
    rng = np.random.default_rng(seed)
    found = []
    for start in np.tile(np.arange(2 * GROUP), WALKS):
        walk = [int(start)]
        for _ in range(LENGTH - 1):
            group = walk[-1] // GROUP ^ int(rng.random() < 0.05)
            walk.append(group * GROUP + int(rng.integers(GROUP)))
        found.append(walk)
    return found


def main() -> None:
    model = Word2Vec(walks(), vector_size=64, window=5, min_count=1, sample=0, sg=1, workers=1)
    vectors = model.wv[list(range(2 * GROUP))]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = unit @ unit.T
    inside = (cosines[:GROUP, :GROUP].mean() + cosines[GROUP:, GROUP:].mean()) / 2
    print(f"mean cosine inside a group {inside:.2f}, across {cosines[:GROUP, GROUP:].mean():.2f}")
    near = ", ".join(str(node) for node, _ in model.wv.most_similar(0, topn=8))
    print(f"nearest to node 0: {near}")


if __name__ == "__main__":
    main()
