"""Small training runs whose every ingredient is known: for the tests of the kernels."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v import memory
from fastw2v._core import LANES, Session
from fastw2v._probe import Sampler
from fastw2v.huffman import huffman_tree
from fastw2v.noise import alias_table
from fastw2v.sigmoid import tables
from fastw2v.subsampling import ALWAYS, keep_thresholds

END = -(2**31)
PRIME = 251  # a period that no vector length or block divides: swapped pieces show


def awkward(shape: tuple[int, int], scale: float = 1.0) -> NDArray[np.float32]:
    """Values in +-scale with a prime period, (rows, dim)."""
    values = (np.arange(shape[0] * shape[1]) * 97 % PRIME - PRIME // 2) / (PRIME / 2)
    return (values.reshape(shape) * scale).astype(np.float32)


def padded(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """An aligned copy with rows of 16 n floats, the rest zero."""
    matrix = memory.zeros((len(rows), -(-rows.shape[1] // LANES) * LANES), np.float32)
    matrix[:, : rows.shape[1]] = rows
    return matrix


def encode(sentences: Sequence[Sequence[int]]) -> NDArray[np.int32]:
    """Ids of all sentences, the last one of each with the END bit."""
    tokens = np.array([t for sentence in sentences for t in sentence], dtype=np.int64)
    ends = np.cumsum([len(sentence) for sentence in sentences]) - 1
    tokens[ends] += END
    return tokens.astype(np.int32)


def random_sentences(n_words: int, n: int, longest: int, seed: int) -> list[list[int]]:
    """Sentences of 1 to `longest` words; low ids are the frequent ones."""
    rng = np.random.default_rng(seed)
    return [
        (rng.random(rng.integers(1, longest + 1)) ** 2 * n_words).astype(int).tolist()
        for _ in range(n)
    ]


@dataclass
class Run:
    """A training run; the defaults are a small skip-gram with everything on."""

    sentences: list[list[int]]
    n_words: int
    dim: int = 20
    architecture: int = 0
    objective: int = 0
    window: int = 3
    shrink_windows: bool = True
    sample: float = 0.0
    n_negatives: int = 5
    block_size: int = 8
    noise_rows: int = 20
    noise_blocks: int = 1
    n_own_words: int = 0
    own_word_pause: int = 4
    n_own_nodes: int = 0
    own_node_pause: int = 16
    cbow_mean: bool = True
    cbow_corrected: bool = False
    lr: tuple[float, float] = (0.05, 0.05)
    scale: float = 0.5
    loss: bool = False
    seed: int = 7
    chunk_tokens: int = 1 << 16
    counts: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = encode(self.sentences)
        self.counts = np.maximum(np.bincount(self.tokens & 0x7FFFFFFF, minlength=self.n_words), 1)
        self.tree = huffman_tree(self.counts)
        self.noise = alias_table(self.counts, 0.75)
        self.keep = keep_thresholds(self.counts, self.sample)

    def start(self) -> list[NDArray[np.float32]]:
        """W, W' of negative sampling and W' of the tree before training."""
        shape = (self.n_words, self.dim)
        return [
            padded(awkward(shape, self.scale)),
            padded(awkward(shape, self.scale * 0.8)[::-1].copy()),
            padded(awkward(shape, self.scale * 0.6)),
        ]

    def session(self, isa: str, workers: int = 1) -> tuple[Session, list[NDArray[np.float32]]]:
        """The session, and the matrices that it trains."""
        w_in, w_ns, w_hs = matrices = self.start()
        sigmoid, softplus = tables()
        session = Session(
            isa=isa,
            architecture=self.architecture,
            objective=self.objective,
            compute_loss=self.loss,
            n_tokens=len(self.tokens),
            w_in=w_in,
            w_ns=w_ns,
            w_hs=w_hs,
            sigmoid=sigmoid,
            softplus=softplus,
            noise=self.noise,
            path_off=self.tree.offsets,
            path=self.tree.steps(),
            max_path=self.tree.longest,
            n_own_words=self.n_own_words,
            own_word_pause=self.own_word_pause,
            n_own_nodes=self.n_own_nodes,
            own_node_pause=self.own_node_pause,
            keep=self.keep,
            n_sampled=int((self.keep != ALWAYS).sum()) and self.n_words,
            dim=self.dim,
            window=self.window,
            reach=self.window,
            shrink_windows=self.shrink_windows,
            n_negatives=self.n_negatives,
            block_size=self.block_size,
            noise_rows=self.noise_rows,
            noise_blocks=self.noise_blocks,
            cbow_mean=self.cbow_mean,
            cbow_corrected=self.cbow_corrected,
            n_workers=workers,
            chunk_tokens=self.chunk_tokens,
        )
        return session, matrices

    def begin_epoch(self, session: Session, epoch: int = 0) -> None:
        """Begin an epoch, with the whole corpus in one window."""
        n_chunks = -(-len(self.tokens) // self.chunk_tokens)
        session.begin_epoch(self.seed, 0, epoch, *self.lr)
        order = session.window_order(0, n_chunks)
        session.load(0, 0, order, np.zeros(n_chunks, np.int32), [(0, self.tokens)])

    def train_for(self, isa: str, seconds: float) -> tuple[int, int]:
        """Train the first chunk for so long: how many tokens were seen, and how many trained."""
        session, _ = self.session(isa)
        session.begin_epoch(self.seed, 0, 0, *self.lr)
        session.load(0, 0, np.zeros(1, np.int64), np.zeros(1, np.int32), [(0, self.tokens)])
        timer = threading.Timer(seconds, session.stop)
        timer.start()
        session.work(0, 0)
        timer.join()
        return session.done(), session.tallies()[0]

    def train(
        self, isa: str, workers: int = 1, epochs: int = 1
    ) -> tuple[list[Any], tuple[Any, ...]]:
        """Train with the kernels of `isa`: the three matrices and the tallies of the last epoch."""
        session, matrices = self.session(isa, workers)
        for epoch in range(epochs):
            self.begin_epoch(session, epoch)
            for worker in range(workers):
                session.work(worker, 0)
            assert session.done() == len(self.tokens)
        return matrices, session.tallies()

    def sampler(self, epoch: int = 0) -> Sampler:
        """The draws that the run makes."""
        return Sampler(
            keep=self.keep,
            window=self.window,
            shrink_windows=self.shrink_windows,
            noise=self.noise,
            seed=self.seed,
            epoch=epoch,
        )
