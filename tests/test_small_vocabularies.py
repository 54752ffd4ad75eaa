"""Graph walks: few words, known communities, against gensim's per-pair training.

Noise that a block shares overshoots where the whole vocabulary is seen again and again; the rule
in fastw2v.config turns it off there. Mean cosines inside and across communities must be within
10 % of gensim's.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from fastw2v import Word2Vec, config
from tests import reference as ref

PARAMETERS: dict[str, Any] = {
    "vector_size": 100, "window": 5, "min_count": 1, "sample": 0, "workers": 1, "epochs": 5,
}  # fmt: skip


def partition_walks(
    n_groups: int, group_size: int, n_walks: int, length: int
) -> tuple[list[list[str]], np.ndarray]:
    """Walks on a random graph: from every node 12 edges into its group and 2 to any node."""
    rng = np.random.default_rng(1)
    n = n_groups * group_size
    group = np.arange(n) // group_size
    inside = group[:, None] * group_size + rng.integers(0, group_size, (n, 12))
    edges = np.concatenate([inside, rng.integers(0, n, (n, 2))], axis=1)
    walks = np.empty((n * n_walks, length), dtype=np.int64)
    walks[:, 0] = rng.permutation(np.repeat(np.arange(n), n_walks))
    for step in range(1, length):
        walks[:, step] = edges[walks[:, step - 1], rng.integers(0, 14, len(walks))]
    return [[str(node) for node in walk] for walk in walks.tolist()], group


def cosines(model: Any, labels: np.ndarray) -> np.ndarray:
    nodes = sorted(model.wv.index_to_key, key=int)
    vectors = np.array([model.wv[node] for node in nodes], dtype=np.float64)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = labels[[int(node) for node in nodes]]
    total, n = (unit.sum(axis=0) ** 2).sum(), len(unit)
    sizes = np.bincount(labels)
    within = sum((unit[labels == group].sum(axis=0) ** 2).sum() for group in range(len(sizes)))
    pairs_inside = (sizes * (sizes - 1)).sum()
    inside = (within - n) / pairs_inside  # every node has cosine 1 with itself
    return np.array([inside, (total - within) / (n * (n - 1) - pairs_inside)])


GRAPHS = {
    "karate club, 34 nodes": lambda: ref.karate_walks(10, 80, 1),
    "5 x 40 nodes": lambda: partition_walks(5, 40, 10, 40),
    "20 x 50 nodes": lambda: partition_walks(20, 50, 4, 40),
    "50 x 100 nodes": lambda: partition_walks(50, 100, 1, 40),
}


def train_gensim(word2vec: Any, walks: list[list[str]], sg: int) -> Any:
    """Per-pair training by gensim from our initial vectors.

    In small batches, because gensim holds the learning rate within one.
    """
    start = Word2Vec(**PARAMETERS, sg=sg, seed=1)
    start.build_vocab(walks)
    model = word2vec(**PARAMETERS, sg=sg, seed=1, batch_words=500)
    model.build_vocab(walks)
    model.wv.vectors[:] = start.wv[model.wv.index_to_key]
    model.train(walks, total_examples=len(walks), epochs=PARAMETERS["epochs"])
    return model


@pytest.mark.slow
@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("sg", [1, 0])
def test_communities_separate_as_with_per_pair_noise(name: str, sg: int) -> None:
    gensim = pytest.importorskip("gensim.models")
    walks, labels = GRAPHS[name]()
    labels = np.asarray(labels)
    theirs = cosines(train_gensim(gensim.Word2Vec, walks, sg), labels)
    ours = cosines(Word2Vec(walks, **PARAMETERS, sg=sg, seed=1), labels)
    assert ours == pytest.approx(theirs, rel=0.1)


def test_the_rule_goes_by_the_size_of_the_vocabulary() -> None:
    rule = partial(config.noise_sharing, n_tokens=10**9)
    assert rule(34, sg=1, negative=5).block_size == 0
    assert rule(2_000, sg=1, negative=5).block_size == 0
    assert rule(2_001, sg=1, negative=5) == (8, 16, 4)
    assert rule(70_000, sg=1, negative=5) == (24, 16, 2)
    assert rule(5_000, sg=0, negative=5).block_size == 0
    assert rule(5_001, sg=0, negative=5) == (4, 16, 4)
    assert rule(20_001, sg=0, negative=5) == (8, 16, 4)
    assert rule(70_000, sg=0, negative=5) == (24, 16, 4)
    assert rule(2_000, sg=0, negative=0).block_size == 0
    assert rule(70_000, sg=0, negative=0).block_size == 24
    assert rule(34, sg=1, negative=5, block_size=1, noise_rows=5) == (1, 5, 1)
    assert rule(70_000, sg=0, negative=5, block_size=12) == (12, 16, 1)
    assert rule(70_000, sg=0, negative=5, noise_rows=8) == (24, 8, 4)
    assert rule(70_000, sg=0, negative=5, block_size=12, noise_blocks=2) == (12, 16, 2)


def test_more_negatives_take_more_noise_rows() -> None:
    # 16 for every five, as far as whole sixteens can tell.
    for negative, rows in ((1, 16), (5, 16), (7, 16), (8, 32), (10, 32), (15, 48), (20, 64)):
        for sg in (0, 1):
            assert config.noise_sharing(70_000, 10**9, sg, negative).noise_rows == rows
    assert config.noise_sharing(70_000, 10**9, 1, 20, noise_rows=16).noise_rows == 16
    assert config.noise_sharing(70_000, 10**9, 1, 10**6).noise_rows == 4096


def test_blocks_share_noise_if_words_are_drawn_often_all_the_same() -> None:
    # 24 tokens draw 16 words, so 15 million draw 100 times 100,000. Two blocks want 10 draws each.
    for n_tokens, shared in (
        (0, 1), (2_999_999, 1), (3_000_000, 2), (44_999_999, 2), (45_000_000, 3), (60_000_000, 4),
        (10**12, 4),
    ):  # fmt: skip
        sharing = config.noise_sharing(100_000, n_tokens, sg=0, negative=5)
        assert sharing == (24, 16, shared)
    assert config.noise_sharing(100_000, 0, sg=0, negative=5, noise_blocks=3).noise_blocks == 3
