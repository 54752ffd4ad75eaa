"""Epochs: hand the corpus to the workers, watch them, add up what they did."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fastw2v import _core, config
from fastw2v._core import Session
from fastw2v.corpus.source import Source
from fastw2v.crew import Crew
from fastw2v.errors import DivergenceError
from fastw2v.feed import Feed, chunk_tokens
from fastw2v.huffman import Tree, huffman_tree
from fastw2v.isa import chosen_isa
from fastw2v.ledger import Ledger
from fastw2v.noise import alias_table
from fastw2v.sigmoid import tables as shared_tables
from fastw2v.subsampling import ALWAYS, keep_thresholds
from fastw2v.weights import Weights

SKIP_GRAM, CBOW = 0, 1
NEGATIVE_SAMPLING, HIERARCHICAL_SOFTMAX, BOTH = 0, 1, 2

# With locked rows: these are put back after every chunk.
LOCKED_CHUNK = 32

# The most frequent words, and the nodes near the root of the Huffman tree, of which each of several
# workers holds copies. Sized for one core's cache; these are the rows that several would write at
# the same time. One word is merged per WORD_PAUSE occurrences of such words, one node per
# NODE_PAUSE paths (of about nine such nodes each), counted over all workers, so that none trains
# long on stale rows. Rows used less than LEAST_USES times an epoch have no copies: in a small text
# a worker would use little but its own copy.
OWN_WORDS, OWN_NODES = 512, 1024
WORD_PAUSE = {SKIP_GRAM: 64, CBOW: 32}
NODE_PAUSE = 28
LEAST_USES = 1024


@dataclass(frozen=True)
class Settings:
    """The hyper-parameters of one training call; meanings and ranges in fastw2v.config."""

    sg: int
    hs: int
    negative: int
    ns_exponent: float
    window: int
    shrink_windows: int
    sample: float
    cbow_mean: int
    cbow_gradient: str
    block_size: int | None
    noise_rows: int | None
    noise_blocks: int | None
    alpha: float
    min_alpha: float
    epochs: int
    workers: int
    compute_loss: bool
    shuffle: int = 0


@dataclass(frozen=True)
class Progress:
    """Where training stands.

    Attributes
    ----------
    epoch, epochs : int
        The current epoch, from 0, and how many there are.
    words, total_words : int
        Corpus words of all epochs: done, and to do.
    alpha : float
        Learning rate at this point.
    seconds : float
        Wall-clock seconds since training began.
    loss : float or None
        Mean loss of the last complete epoch, if it is computed.
    """

    epoch: int
    epochs: int
    words: int
    total_words: int
    alpha: float
    seconds: float
    loss: float | None


@dataclass
class Report:
    """What a training call did.

    Attributes
    ----------
    ledger : Ledger
        Words by their fate.
    epochs : list of Ledger
        The same for every epoch that was begun.
    losses : list of float
        Mean negative log-likelihood of a positive pair with its negatives, per epoch.
    total_loss : float, or None
        Its sum over all pairs and epochs, None if it was not computed.
    seconds, cpu_seconds : float
        Wall clock, and processor time of the whole process.
    alpha : float
        Learning rate reached.
    """

    ledger: Ledger = field(default_factory=Ledger)
    epochs: list[Ledger] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    total_loss: float | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    alpha: float = 0.0

    def __str__(self) -> str:
        """One line an epoch, one for all of them, and the time they took."""
        fates = ["corpus", "trained", "subsampled", "oov"]
        fates += ["invalid"] if self.ledger.invalid else []
        names = [*map(str, range(1, len(self.epochs) + 1)), "all"]
        rows = [["epoch", *fates]]
        for name, ledger in zip(names, [*self.epochs, self.ledger], strict=True):
            rows.append([name, *(f"{getattr(ledger, fate):,}" for fate in fates)])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in rows
        ]
        if self.losses and len(self.losses) == len(self.epochs):  # a callback may turn it on late
            for number, cell in enumerate(["loss", *(f"{loss:.4f}" for loss in self.losses)]):
                lines[number] += f"  {cell:>7}"
        times = f"{self.seconds:.2f} s, {self.cpu_seconds:.2f} s of processor time"
        return "\n".join([*lines, f"{times}; alpha {self.alpha:g} at the end"])


Observer = Callable[[Progress], None]
Hook = Callable[[], None]


def nothing() -> None:
    """Do nothing: the default hook."""


@dataclass(frozen=True)
class Tables:
    """What is looked up while training, and does not depend on the text.

    Attributes
    ----------
    noise : ndarray of uint32, shape (n_words, 2), or None
        Alias table of the noise, if there is negative sampling.
    tree : Tree or None
        Huffman tree, if there is hierarchical softmax.
    path : ndarray of int32, or None
        The tree's `steps`.
    keep : ndarray of uint32, shape (n_words,)
        Thresholds of subsampling.
    n_sampled : int
        Words from this id on are always kept.
    n_own_words, n_own_nodes : int
        How many of the first words, and of the last nodes of the tree, are used so often that
        several workers hold copies of their rows.
    counts : ndarray of int64, shape (n_words,)
        What they were made from;
    sample, ns_exponent : float
        with these settings;
    noise_weights : ndarray of float64, shape (n_words,), or None
        and with these instead of those that follow from the counts.
    """

    noise: NDArray[np.uint32] | None
    tree: Tree | None
    path: NDArray[np.int32] | None
    keep: NDArray[np.uint32]
    n_sampled: int
    n_own_words: int
    n_own_nodes: int
    counts: NDArray[np.int64]
    sample: float
    ns_exponent: float
    noise_weights: NDArray[np.float64] | None

    @classmethod
    def of(
        cls,
        weights: Weights,
        counts: NDArray[np.int64],
        settings: Settings,
        noise_weights: NDArray[np.float64] | None = None,
    ) -> Tables:
        """Make them from the counts; `noise_weights` replace those that follow from the counts."""
        sampled = weights.w_ns is not None and settings.negative > 0
        tree = huffman_tree(counts) if settings.hs else None
        keep, n_sampled = _subsampling(counts, settings.sample)
        return cls(
            noise=_noise(counts, settings, noise_weights) if sampled else None,
            tree=tree,
            path=tree.steps() if tree else None,
            keep=keep,
            n_sampled=n_sampled,
            n_own_words=_leading(counts[:OWN_WORDS] >= LEAST_USES),
            n_own_nodes=_leading(tree.uses(counts, OWN_NODES)[::-1] >= LEAST_USES) if tree else 0,
            counts=counts,
            sample=settings.sample,
            ns_exponent=settings.ns_exponent,
            noise_weights=noise_weights,
        )

    def changed(self, settings: Settings, noise_weights: NDArray[np.float64] | None) -> Tables:
        """Return the tables for other settings, or these if they still hold."""
        tables = self
        if settings.sample != self.sample:
            keep, n_sampled = _subsampling(self.counts, settings.sample)
            tables = replace(tables, keep=keep, n_sampled=n_sampled, sample=settings.sample)
        if self.noise is not None and not (
            settings.ns_exponent == self.ns_exponent and _equal(noise_weights, self.noise_weights)
        ):
            tables = replace(
                tables,
                noise=_noise(self.counts, settings, noise_weights),
                ns_exponent=settings.ns_exponent,
                noise_weights=noise_weights,
            )
        return tables


def _noise(
    counts: NDArray[np.int64], settings: Settings, weights: NDArray[np.float64] | None
) -> NDArray[np.uint32]:
    if weights is None:
        return alias_table(counts, settings.ns_exponent)
    return _core.alias_table(weights)


def _subsampling(counts: NDArray[np.int64], sample: float) -> tuple[NDArray[np.uint32], int]:
    """Return `Tables.keep` and `Tables.n_sampled`."""
    keep = keep_thresholds(counts, sample)
    sampled = np.flatnonzero(keep != ALWAYS)
    return keep, int(sampled[-1]) + 1 if len(sampled) else 0


def check_objectives(before: Settings, after: Settings) -> None:
    """Raise ValueError if an objective is on in one of the two only."""
    for name in ("hs", "negative"):
        if bool(getattr(before, name)) != bool(getattr(after, name)):
            raise ValueError(
                f"{name} cannot be switched on or off while a model is trained, it was "
                f"{getattr(before, name)} and is {getattr(after, name)}; set it between two calls "
                "to train"
            )


def _equal(one: NDArray[np.generic] | None, other: NDArray[np.generic] | None) -> bool:
    return one is other if one is None or other is None else np.array_equal(one, other)


def _leading(flags: NDArray[np.bool_]) -> int:
    """How many there are before the first that is not set."""
    return int(np.argmin(np.append(flags, False)))


def open_session(
    weights: Weights,
    tables: Tables,
    source: Source,
    settings: Settings,
    *,
    n_workers: int,
    chunk: int | None = None,
    lockf: NDArray[np.float32] | None = None,
    anchor: NDArray[np.float32] | None = None,
) -> Session:
    """Bring everything to where the kernels find it.

    Parameters
    ----------
    weights, tables, source, settings
        As for `Trainer`.
    n_workers : int
        Threads that will call `Session.work`.
    chunk : int, optional
        Tokens that a worker claims at once; default: `feed.chunk_tokens`.
    lockf, anchor : ndarray, optional
        See `Trainer`; and a copy of W that the rows are put back to.
    """
    architecture = SKIP_GRAM if settings.sg else CBOW
    tree = tables.tree
    n_words = len(tables.keep)
    sigmoid, softplus = shared_tables()
    sharing = config.noise_sharing(
        n_words,
        source.n_ids * settings.epochs,
        settings.sg,
        settings.negative,
        settings.block_size,
        settings.noise_rows,
        settings.noise_blocks,
    )
    if tables.noise is not None:
        objective = BOTH if settings.hs else NEGATIVE_SAMPLING
    else:
        objective = HIERARCHICAL_SOFTMAX
    # Rows that are put back after every chunk must be where all workers see them.
    several = n_workers > 1 and lockf is None
    return Session(
        isa=chosen_isa(),
        architecture=architecture,
        objective=objective,
        compute_loss=settings.compute_loss,
        n_tokens=source.n_ids,
        w_in=weights.w_in,
        w_ns=weights.w_ns if tables.noise is not None else None,
        w_hs=weights.w_hs if settings.hs else None,
        sigmoid=sigmoid,
        softplus=softplus,
        noise=tables.noise,
        path_off=tree.offsets if tree else None,
        path=tables.path,
        max_path=tree.longest if tree else 0,
        n_own_words=tables.n_own_words if several else 0,
        own_word_pause=max(1, WORD_PAUSE[architecture] // n_workers),
        n_own_nodes=tables.n_own_nodes if n_workers > 1 else 0,
        own_node_pause=max(1, NODE_PAUSE // n_workers),
        keep=tables.keep,
        n_sampled=tables.n_sampled,
        dim=weights.dim,
        window=settings.window,
        reach=min(settings.window, max(source.longest, 1)),
        shrink_windows=bool(settings.shrink_windows),
        n_negatives=settings.negative,
        **sharing._asdict(),
        cbow_mean=bool(settings.cbow_mean),
        cbow_corrected=settings.cbow_gradient == config.CORRECTED,
        n_workers=n_workers,
        chunk_tokens=chunk or chunk_tokens(source.n_ids),
        lockf=lockf,
        anchor=anchor,
    )


class Trainer:
    """One training call on one encoded corpus.

    Parameters
    ----------
    weights : Weights
        W and W', trained in place. Their rows are spread when an epoch begins; to pack them is left
        to the caller.
    counts : ndarray of int64, shape (n_words,)
        Occurrences of each word, for subsampling, noise and tree.
    source : Source
        The encoded corpus.
    settings : Settings
        Checked hyper-parameters.
    seed, stream : int
        Random draws are a function of both and the epoch; `stream` numbers the training calls.
    noise_weights : ndarray of float64, shape (n_words,), optional
        Draw noise by these, and not by the counts.
    lockf : ndarray of float32, shape (n_words,), optional
        Share of its way that each row of W may go: 0 holds it, to the bit, 1 lets it go. Chunks
        are short then, because a row is put back when the chunk that moved it ends.
    """

    def __init__(
        self,
        weights: Weights,
        counts: NDArray[np.int64],
        source: Source,
        settings: Settings,
        *,
        seed: int,
        stream: int,
        noise_weights: NDArray[np.float64] | None = None,
        lockf: NDArray[np.float32] | None = None,
    ) -> None:
        self._source = source
        self._seed = seed
        self._stream = stream
        self._tables = Tables.of(weights, counts, settings, noise_weights)
        self.report = Report(alpha=settings.alpha)
        self._set_up(weights, settings, lockf)

    def _set_up(
        self, weights: Weights, settings: Settings, lockf: NDArray[np.float32] | None
    ) -> None:
        """Open a session for these settings."""
        self._weights = weights
        self._matrices = weights.w_in, weights.w_ns, weights.w_hs
        self._settings = settings
        self._lockf = None if lockf is None else lockf.copy()
        self._n_workers = config.n_threads(settings.workers)
        self._anchor = np.empty_like(weights.w_in) if lockf is not None else None
        chunk = chunk_tokens(self._source.n_ids) if lockf is None else LOCKED_CHUNK
        self._session = open_session(
            weights,
            self._tables,
            self._source,
            settings,
            n_workers=self._n_workers,
            chunk=chunk,
            lockf=self._lockf,
            anchor=self._anchor,
        )
        self._feed = Feed(
            self._session,
            self._source,
            self._n_workers,
            chunk=chunk,
            shuffle=bool(settings.shuffle),
        )

    def change(
        self,
        weights: Weights,
        settings: Settings,
        *,
        noise_weights: NDArray[np.float64] | None = None,
        lockf: NDArray[np.float32] | None = None,
    ) -> None:
        """Train the epochs to come with what may have changed; called between two epochs.

        Parameters
        ----------
        weights, settings, noise_weights, lockf
            As for the constructor. The number of epochs stays as it is.

        Raises
        ------
        ValueError
            If an objective is switched on or off, or there are more or fewer words.
        """
        check_objectives(self._settings, settings)
        if weights.shape != self._weights.shape:
            raise ValueError(
                f"the words cannot be changed while a model is trained: there were "
                f"{self._weights.shape[0]:,}, and now there are {weights.shape[0]:,}"
            )
        settings = replace(settings, epochs=self._settings.epochs)
        self._settings = replace(self._settings, alpha=settings.alpha, min_alpha=settings.min_alpha)
        matrices = weights.w_in, weights.w_ns, weights.w_hs
        tables, self._tables = self._tables, self._tables.changed(settings, noise_weights)
        if (
            settings != self._settings
            or tables is not self._tables
            or any(a is not b for a, b in zip(matrices, self._matrices, strict=True))
            or not _equal(lockf, self._lockf)
        ):
            self._set_up(weights, settings, lockf)

    def run(
        self,
        observe: Observer | None = None,
        on_epoch_begin: Hook = nothing,
        on_epoch_end: Hook = nothing,
    ) -> Report:
        """Train all epochs.

        Parameters
        ----------
        observe : callable, optional
            Called with a `Progress` about ten times a second, from this thread.
        on_epoch_begin, on_epoch_end : callable
            Called around each epoch while no worker runs; `self.report` is up to date.

        Returns
        -------
        Report

        Raises
        ------
        DivergenceError
            If a row became NaN or Inf.
        KeyboardInterrupt
            After all workers have stopped; the weights are as far as they got.
        """
        began, cpu_began = time.perf_counter(), time.process_time()
        for epoch in range(self._settings.epochs):
            on_epoch_begin()
            try:
                self._run_epoch(epoch, observe, began)
            finally:
                self._add_up(epoch)
                self.report.seconds = time.perf_counter() - began
                self.report.cpu_seconds = time.process_time() - cpu_began
            on_epoch_end()
        self.report.alpha = self._settings.min_alpha
        if observe:
            observe(self._progress(self._settings.epochs - 1, self._source.n_ids, began))
        return self.report

    def _alpha(self, epochs_done: float) -> float:
        share = epochs_done / self._settings.epochs
        return self._settings.alpha + (self._settings.min_alpha - self._settings.alpha) * share

    def _run_epoch(self, epoch: int, observe: Observer | None, began: float) -> None:
        self._weights.spread()
        if self._anchor is not None:
            self._anchor[:] = self._weights.w_in
        self._session.begin_epoch(
            self._seed, self._stream, epoch, self._alpha(epoch), self._alpha(epoch + 1)
        )
        self._feed.begin_epoch()

        def work(index: int) -> None:
            for slot in self._feed.slots():
                self._session.work(index, slot)
                if self._session.stopped():
                    self._feed.stop()

        def tick() -> None:
            if observe:
                observe(self._progress(epoch, self._session.done(), began))

        bodies: list[Callable[[], None]] = [self._feed.load_windows]
        bodies += [functools.partial(work, index) for index in range(self._n_workers)]
        try:
            with Crew(bodies, self._stop) as crew:
                crew.wait(tick)
        finally:
            self._feed.end_epoch()
        if not self._session.tallies()[3] or not self._weights.finite():
            alpha = self._progress(epoch, self._session.done(), began).alpha
            raise DivergenceError(
                f"training diverged in epoch {epoch + 1} of {self._settings.epochs} at learning "
                f"rate {alpha:g}: a vector holds NaN or Inf. Try a smaller alpha (0.025 suits "
                "skip-gram, 0.05 CBOW), and check that the vectors were finite before training."
            )

    def _stop(self) -> None:
        self._session.stop()
        self._feed.stop()

    def _progress(self, epoch: int, tokens_done: int, began: float) -> Progress:
        share = tokens_done / max(self._source.n_ids, 1)
        n_corpus = self._source.n_corpus
        return Progress(
            epoch=epoch,
            epochs=self._settings.epochs,
            words=epoch * n_corpus + int(share * n_corpus),
            total_words=self._settings.epochs * n_corpus,
            alpha=self._alpha(epoch + share),
            seconds=time.perf_counter() - began,
            loss=self.report.losses[-1] if self.report.losses else None,
        )

    def _add_up(self, epoch: int) -> None:
        trained, pairs, loss, _ = self._session.tallies()
        seen = self._session.done()
        self.report.epochs.append(self._epoch_ledger(seen, trained))
        self.report.ledger += self.report.epochs[-1]
        self.report.alpha = self._alpha(epoch + seen / max(self._source.n_ids, 1))
        if self._settings.compute_loss:
            self.report.total_loss = (self.report.total_loss or 0.0) + loss
            self.report.losses.append(loss / pairs if pairs else 0.0)

    def _epoch_ledger(self, seen: int, trained: int) -> Ledger:
        """Fates of an epoch in which workers saw `seen` tokens of the vocabulary."""
        source = self._source

        def share(count: int) -> int:
            return count if seen == source.n_ids else count * seen // source.n_ids

        invalid, oov = share(source.n_invalid), share(source.n_oov)
        return Ledger(
            corpus=invalid + oov + seen,
            oov=oov,
            subsampled=seen - trained,
            trained=trained,
            epochs=1,
            invalid=invalid,
            bytes=share(source.n_bytes),
            lines=share(source.n_lines),
            sentences=share(source.n_sentences),
        )
