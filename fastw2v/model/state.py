"""The matrices of a model and its words, and how they stay in step with `wv`.

`wv` belongs to the user, who may write to its vectors, replace them, add words or exchange the
whole object between two calls. The rows that are trained are padded and aligned, and lie in
`Weights`; `wv.vectors` is a view of them. Before anything is trained `_live` looks at `wv` and
takes over what changed.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fastw2v import config
from fastw2v.corpus.reading import PLAIN, Reading
from fastw2v.crew import run
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.keyedvectors.similarity import floats
from fastw2v.keyedvectors.steady import move, still
from fastw2v.ledger import Ledger
from fastw2v.lifecycle import Lifecycle
from fastw2v.noise import cumulative_table
from fastw2v.subsampling import keep_probability
from fastw2v.trainer import Report
from fastw2v.vocab import Vocabulary
from fastw2v.weights import Matrix, Weights

logger = logging.getLogger("fastw2v")

NO_VOCABULARY = "you must first build vocabulary before training the model"
NO_VECTORS = "you must initialize vectors before training the model"
OUTPUTS = {"syn1neg": "w_ns", "syn1": "w_hs"}
_OBJECTIVES = {
    "syn1neg": "negative sampling (negative > 0)",
    "syn1": "hierarchical softmax (hs=1)",
}
# Never pickled: the first two are made again from `wv` and `_stored`.
_TRANSIENT = (
    "_weights", "_vocabulary", "_jobs", "_busy", "_loss_shown", "_loss_counted", "_loss_offset",
    "_shown", "_batches_lock", "_n_batches",
)  # fmt: skip


class State(Lifecycle):
    """Hyper-parameters, counters and matrices of a model; `Word2Vec` documents them."""

    wv: KeyedVectors
    vector_size: int
    alpha: float
    window: int
    min_count: int
    max_vocab_size: int | None
    sample: float
    seed: int | None
    workers: int
    min_alpha: float
    sg: int
    hs: int
    negative: int
    ns_exponent: float
    cbow_mean: int
    epochs: int
    sorted_vocab: int
    max_final_vocab: int | None
    shrink_windows: int
    cbow_gradient: str
    block_size: int | None
    noise_rows: int | None
    noise_blocks: int | None
    layer1_size: int
    effective_min_count: int
    hashfxn: Callable[[str], int]
    null_word: int = 0
    batch_words: int = 10_000
    compute_loss: bool = False
    comment: str | None = None
    corpus_count: int
    corpus_total_words: int
    raw_vocab: dict[Any, int] | None
    train_count: int
    total_train_time: float
    min_alpha_yet_reached: float
    running_training_loss: float
    loss_history: list[float]
    ledger: Ledger
    report: Report
    reading: Reading = PLAIN

    # Matrices of a model that was read from a file and not trained since, by gensim's names.
    _stored: dict[str, Matrix]
    _weights: Weights | None
    _shown: Matrix | None = None  # what `wv.vectors` is, unless the user has exchanged it
    _vocabulary: Vocabulary | None
    _cum_table: npt.NDArray[np.uint32] | None
    _noise_is_given: bool
    _drawn_seed: int | None
    _random: np.random.RandomState | None

    def _start(self) -> None:
        """Set what a model without words has."""
        self.layer1_size = self.vector_size
        self.effective_min_count = self.min_count
        self.raw_vocab = None
        self.corpus_count = 0
        self.corpus_total_words = 0
        self.train_count = 0
        self.total_train_time = 0.0
        self.min_alpha_yet_reached = self.alpha
        self.running_training_loss = 0.0
        self.loss_history = []
        self.ledger = Ledger()
        self.report = Report()
        self._stored = {}
        self._weights = None
        self._vocabulary = None
        self._cum_table = None
        self._noise_is_given = False
        self._drawn_seed = None
        self._random = None

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Say why an attribute is missing where a subclass has not called our constructor."""
            found = getattr(type(self), name, None)
            if isinstance(found, property):
                return found.fget(self)  # which raises again what it has raised
            why = ""
            if "_stored" not in vars(self):
                why = f": {type(self).__name__}.__init__ must call super().__init__() first"
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}{why}")

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<vocab={len(self.wv.index_to_key)}, "
            f"vector_size={self.vector_size}, alpha={self.alpha}>"
        )

    def __repr__(self) -> str:
        try:
            return str(self)
        except AttributeError:  # a constructor has failed
            return object.__repr__(self)

    def _count_loss_from_zero(self) -> None:
        self.running_training_loss = 0.0
        self._loss_shown = self._loss_counted = self._loss_offset = 0.0

    def _take_over(self, report: Report) -> None:
        """Note what training has done so far."""
        self.report = report
        self.ledger = report.ledger
        self.loss_history = list(report.losses)
        if self.running_training_loss != self._loss_shown:  # a callback counts from there
            self._loss_offset = self.running_training_loss - self._loss_counted
        self._loss_counted = report.total_loss or 0.0
        self.running_training_loss = self._loss_shown = self._loss_counted + self._loss_offset
        self.min_alpha_yet_reached = report.alpha

    # ---- random numbers

    @property
    def _seed(self) -> int:
        if self.seed is not None:
            return int(config.PARAMETERS["seed"].check(self.seed))
        if self._drawn_seed is None:
            # Without a seed every model draws its own, and keeps it.
            self._drawn_seed = int.from_bytes(os.urandom(8), "little")
        return self._drawn_seed

    @property
    def random(self) -> np.random.RandomState:
        """A generator made from the seed, for code that used gensim's; nothing here draws from it.

        The draws of training are functions of the seed and the position (docs/design.md).
        """
        if self._random is None:
            self._random = np.random.RandomState(self._seed % 2**32)
        return self._random

    @random.setter
    def random(self, value: np.random.RandomState) -> None:
        self._random = value

    # ---- matrices

    @property
    def syn1neg(self) -> Matrix:
        """W' of negative sampling, (n_words, vector_size)."""
        return self._output("syn1neg")

    @syn1neg.setter
    def syn1neg(self, values: npt.ArrayLike) -> None:
        self._set_output("syn1neg", values)

    @syn1neg.deleter
    def syn1neg(self) -> None:
        self._drop_output("syn1neg")

    @property
    def syn1(self) -> Matrix:
        """W' of hierarchical softmax, (n_words, vector_size); the last row is a spare."""
        return self._output("syn1")

    @syn1.setter
    def syn1(self, values: npt.ArrayLike) -> None:
        self._set_output("syn1", values)

    @syn1.deleter
    def syn1(self) -> None:
        self._drop_output("syn1")

    def _output(self, name: str) -> Matrix:
        if self._weights is not None:
            matrix = self._weights.part(OUTPUTS[name])
        else:
            matrix = self._stored.get(name)
        if matrix is None:
            raise AttributeError(f"this model has no output vectors of {_OBJECTIVES[name]}")
        return matrix

    def _set_output(self, name: str, values: npt.ArrayLike) -> None:
        matrix = None if values is None else floats(values, np.float32, name)
        if self._weights is not None:
            self._weights.put(OUTPUTS[name], matrix)
        elif matrix is None:
            self._stored.pop(name, None)
        else:
            self._stored[name] = matrix.copy()

    def _drop_output(self, name: str) -> None:
        self._output(name)
        self._stored.pop(name, None)
        if self._weights is not None:
            setattr(self._weights, OUTPUTS[name], None)

    def _live(self) -> tuple[Vocabulary, Weights]:
        """Return words and matrices as they are to be trained, in step with `wv`.

        Raises
        ------
        RuntimeError
            If there are no words, or no vectors.
        TypeError
            If `wv.vectors` is no array.
        ValueError
            If `wv` does not hold one vector and one count for each word.
        """
        wv = self.wv
        if not wv.key_to_index:
            raise RuntimeError(NO_VOCABULARY)
        if not len(wv._matrix()):
            raise RuntimeError(NO_VECTORS)
        vocabulary = self._known()
        weights = self._weights
        self._check_shape(len(vocabulary))
        if weights is None:
            vectors = floats(wv.vectors, np.float32, "wv.vectors")
            weights = Weights.of(vectors, self._stored.get("syn1neg"), self._stored.get("syn1"))
            self._stored = {}
        elif len(wv.vectors) == len(vocabulary) > len(weights.w_in):
            weights = weights.grown(len(vocabulary), self._seed)
        weights.adopt(floats(wv.vectors, np.float32, "wv.vectors"))
        if self.negative and weights.w_ns is None:
            weights.put("w_ns", None)
        if self.hs and weights.w_hs is None:
            weights.put("w_hs", None)
        wv.vectors = self._shown = weights.vectors
        self._weights = weights
        return vocabulary, weights

    def _check_shape(self, n_words: int) -> None:
        """Raise ValueError, which says what to do, unless `wv.vectors` has the model's shape."""
        shape, found = (n_words, self.vector_size), self.wv.vectors.shape
        if found == shape:
            return
        way = f"wv.index_to_key has {n_words} words: restrict both alike"
        if found[0] == n_words:
            way = (
                f"to train vectors of another size build a model with vector_size={found[1]}, and "
                "assign them to its wv.vectors after build_vocab"
            )
        raise ValueError(
            f"wv.vectors must have the shape {shape}, one row for each word, got {found}; {way}"
        )

    # ---- where the rows are

    def _spread(self) -> None:
        """Move the rows to where kernels find them; `wv.vectors` shows them there."""
        self._move_rows(spread=True)

    def _pack(self) -> None:
        """Move the rows back, if they are spread: `wv.vectors` is C-contiguous again."""
        self._move_rows(spread=False)

    def _move_rows(self, *, spread: bool) -> None:
        weights, wv = self._weights, self.wv
        if weights is None or weights.is_spread == spread:
            return

        def change() -> None:
            is_shown = wv.vectors is self._shown
            (weights.spread if spread else weights.pack)()
            if is_shown:  # and was not exchanged by the user
                wv.vectors = self._shown = weights.vectors

        # In a thread of its own, which no Ctrl-C interrupts half way.
        run(lambda _, stop: move(wv, change, stop.is_set), 1, patience=math.inf)

    @contextlib.contextmanager
    def _spread_for_now(self) -> Iterator[None]:
        """Have the rows spread while one of several threads trains a batch outside of `train`."""
        lock = vars(self).setdefault("_batches_lock", threading.Lock())
        with lock:
            self._n_batches = vars(self).get("_n_batches", 0) + 1
            self._spread()
        try:
            yield
        finally:
            with lock:
                self._n_batches -= 1
                if not self._n_batches:
                    self._pack()

    def _known(self) -> Vocabulary:
        """Return the words of `wv`, with its counts."""
        wv = self.wv
        counts = wv.expandos.get("count")
        if counts is None or len(counts) != len(wv.index_to_key):
            raise ValueError(
                "wv must have the attribute 'count' for each of its words, which training draws "
                "noise by: set it with wv.set_vecattr(word, 'count', n), or build the vocabulary"
            )
        known = self._vocabulary
        if known is None or known.index is not wv.key_to_index or known.counts is not counts:
            if known is not None and wv.index_to_key[: len(known)] != known.keys[: len(known)]:
                logger.warning("the words of wv are others than before: output vectors start at 0")
                self._weights = None
                self._stored = {}
            known = Vocabulary.adopt(wv.index_to_key, wv.key_to_index, counts)
            known.effective_min_count = self.effective_min_count
            self._vocabulary = known
            wv.expandos["count"] = known.counts
        return known

    def _set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Make the words those of `wv`, and compute what follows from their counts."""
        wv = self.wv
        self._vocabulary = vocabulary
        self.effective_min_count = vocabulary.effective_min_count
        wv.index_to_key, wv.key_to_index = vocabulary.keys, vocabulary.index
        wv.next_index = len(vocabulary)
        wv.expandos["count"] = vocabulary.counts
        keep = keep_probability(np.maximum(vocabulary.counts, 1), self.sample)
        wv.expandos["sample_int"] = (keep * (2**32 - 1)).astype(np.uint32)
        wv.allocate_vecattrs()
        self._cum_table = None
        self._noise_is_given = False

    # ---- what follows from the counts

    @property
    def cum_table(self) -> npt.NDArray[np.uint32] | None:
        """Cumulative noise distribution of negative sampling, (n_words,), out of 2**31 - 1.

        Read-only. Noise is not drawn from it but from an alias table; assign an array of your own
        and that is made from it.
        """
        if self._cum_table is None and self.negative and len(self.wv.index_to_key):
            self.make_cum_table()
        return self._cum_table

    @cum_table.setter
    def cum_table(self, values: npt.ArrayLike | None) -> None:
        self._cum_table = None if values is None else np.array(values, np.uint32)
        self._noise_is_given = values is not None

    def make_cum_table(self, domain: int = 2**31 - 1) -> None:
        """Compute `cum_table` from the counts; its last entry is `domain`."""
        counts = np.maximum(self._known().counts, 1)
        self._cum_table = cumulative_table(counts, self.ns_exponent, domain)
        self._cum_table.flags.writeable = False
        self._noise_is_given = False

    def _noise_weights(self) -> npt.NDArray[np.float64] | None:
        """Return the weights of the noise that the user has set; None for those of the counts."""
        if not self._noise_is_given:
            return None
        assert self._cum_table is not None
        steps = np.diff(self._cum_table.astype(np.float64), prepend=0.0)
        if len(steps) != len(self.wv.index_to_key) or steps.min() < 0 or not steps.any():
            raise ValueError(
                f"cum_table must have a number for each of the {len(self.wv.index_to_key)} words, "
                f"none smaller than the one before and not all 0"
            )
        weights: npt.NDArray[np.float64] = np.maximum(
            steps / steps.max(), np.finfo(np.float32).tiny
        )
        return weights

    def _lock_factors(self) -> npt.NDArray[np.float32] | None:
        """Return `wv.vectors_lockf` for each word; None if nothing is held back."""
        given = getattr(self.wv, "vectors_lockf", None)
        if given is None:
            return None
        factors = np.atleast_1d(np.asarray(given, np.float32))
        n_words = len(self.wv.index_to_key)
        if factors.shape not in ((1,), (n_words,)):
            raise ValueError(
                f"wv.vectors_lockf must have one factor, or one for each of the {n_words} words, "
                f"got the shape {factors.shape}"
            )
        if not np.isfinite(factors).all():
            raise ValueError("wv.vectors_lockf must be finite")
        if bool((factors == 1).all()):
            return None
        return np.ascontiguousarray(np.broadcast_to(factors, (n_words,)))

    # ---- pickling

    def __getstate__(self) -> dict[str, Any]:
        state = {name: value for name, value in dict(vars(self)).items() if name not in _TRANSIENT}
        with still(self.wv):
            state["_stored"] = {
                name: np.array(getattr(self, name)) for name in OUTPUTS if hasattr(self, name)
            }
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._weights = None
        self._vocabulary = None
        vectors = self.wv.vectors
        if isinstance(vectors, np.ndarray) and len(vectors) and "count" in self.wv.expandos:
            self._live()
