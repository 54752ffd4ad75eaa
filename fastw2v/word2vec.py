"""`Word2Vec`: the model, with gensim's parameter names, order and defaults."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import asdict
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from fastw2v import config
from fastw2v.corpus import (
    Reading,
    Scan,
    TokenStore,
    encode_files,
    encode_objects,
    scan_files,
    scan_objects,
)
from fastw2v.corpus.inputs import AnyInput, Input, is_file_object
from fastw2v.corpus.reading import Tokenizer
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.ledger import Ledger
from fastw2v.trainer import Observer, Report, Settings, Trainer
from fastw2v.vocab import TrimRule, Vocabulary
from fastw2v.weights import Weights

Sentences: TypeAlias = Iterable[Iterable[Hashable]]
Paths: TypeAlias = "AnyInput | Sequence[AnyInput]"
ScanProgress: TypeAlias = "Callable[[int, int | None], None]"

logger = logging.getLogger("fastw2v")

NO_VOCABULARY = "you must first build vocabulary before training the model"


class Word2Vec:
    """Word vectors by skip-gram or CBOW, with negative sampling, hierarchical softmax or both.

    With a corpus the constructor counts its words and trains; without one it stores the
    parameters, for `build_vocab` and `train`. The corpus is read once, whatever the number of
    epochs.

    Parameters
    ----------
    sentences : iterable of iterables of hashable tokens, array or Arrow data, optional
        The corpus as Python objects; see `fastw2v.corpus.scan_objects`.
    corpus_file : path, open file or sequence of these, optional
        The corpus as files, directories, globs or "-": text, by default a sentence per line and
        tokens split at white space, JSON lines, Parquet or Arrow, compressed or not; see
        docs/corpus.md.
    vector_size, alpha, window, min_count, max_vocab_size, sample, seed, workers, min_alpha, sg, \
hs, negative, ns_exponent, cbow_mean, epochs, sorted_vocab, max_final_vocab, shrink_windows
        Hyper-parameters under gensim's names; `fastw2v.config.PARAMETERS` documents each with its
        range, `fastw2v train --help` prints them.
    hashfxn, batch_words
        Accepted for compatibility, without effect: no word is hashed by Python, and the corpus is
        not cut in batches.
    null_word
        Must be 0: there is no null word.
    trim_rule : callable, optional
        Called as trim_rule(word, count, min_count); returns 0 to let `min_count` decide, 1 to
        discard, 2 to keep the word.
    compute_loss : bool
        Keep the mean loss of every epoch in `loss_history`.
    callbacks : iterable
        Objects with any of `on_train_begin`, `on_epoch_begin`, `on_epoch_end`, `on_train_end`,
        called with the model.
    comment : str, optional
        Stored.
    cbow_gradient, block_size, noise_rows
        Parameters that gensim does not have; see `fastw2v.config.PARAMETERS`.
    tokenizer, lowercase, sentence_split, errors, field
        How a corpus is read; see `fastw2v.corpus.Reading`, which holds them as `reading`.

    Attributes
    ----------
    wv : KeyedVectors
        The vectors: a view of W, no copy.
    syn1neg, syn1 : ndarray of float32, shape (n_words, vector_size)
        W' of negative sampling, W' of hierarchical softmax, where trained.
    ledger : Ledger
        What became of every word in the last training call.
    loss_history : list of float
        Mean negative log-likelihood of a positive pair and its negatives, per epoch of the last
        training call, if `compute_loss`.

    Raises
    ------
    ValueError
        Naming the parameter that is out of range, or a corpus that cannot be read.
    TypeError
        If both kinds of corpus are given, or something that cannot be iterated.
    EmptyVocabularyError
        If no word is frequent enough.
    DivergenceError
        If a vector became NaN or Inf.

    Source: Mikolov, Chen, Corrado, Dean 2013; Mikolov, Sutskever, Chen, Corrado, Dean 2013. How
    the updates are arranged: csrc/kernels_tmpl.h.
    """

    wv: KeyedVectors

    def __init__(
        self,
        sentences: Sentences | None = None,
        corpus_file: Paths | None = None,
        vector_size: int = 100,
        alpha: float = 0.025,
        window: int = 5,
        min_count: int = 5,
        max_vocab_size: int | None = None,
        sample: float = 1e-3,
        seed: int | None = 1,
        workers: int = 3,
        min_alpha: float = 0.0001,
        sg: int = 0,
        hs: int = 0,
        negative: int = 5,
        ns_exponent: float = 0.75,
        cbow_mean: int = 1,
        hashfxn: Callable[[str], int] = hash,
        epochs: int = 5,
        null_word: int = 0,
        trim_rule: TrimRule | None = None,
        sorted_vocab: int = 1,
        batch_words: int = 10000,
        compute_loss: bool = False,
        callbacks: Iterable[Any] = (),
        comment: str | None = None,
        max_final_vocab: int | None = None,
        shrink_windows: int = True,
        *,
        cbow_gradient: str = config.CLASSIC,
        block_size: int | None = None,
        noise_rows: int | None = None,
        tokenizer: str | Tokenizer | None = None,
        lowercase: bool = False,
        sentence_split: str | int = "line",
        errors: str = "strict",
        field: str | None = None,
    ) -> None:
        values = locals()
        for name, value in config.check({name: values[name] for name in config.PARAMETERS}).items():
            setattr(self, name, value)
        if null_word:
            raise ValueError(f"null_word must be 0, got {null_word!r}: there is no null word")
        self.reading = Reading(tokenizer, lowercase, sentence_split, errors, field)
        self.layer1_size: int = self.vector_size
        self.effective_min_count: int = self.min_count
        self.hashfxn = hashfxn
        self.null_word = null_word
        self.batch_words = batch_words
        self.compute_loss = bool(compute_loss)
        self.comment = comment
        self.corpus_count = 0
        self.corpus_total_words = 0
        self.train_count = 0
        self.total_train_time = 0.0
        self.min_alpha_yet_reached: float = self.alpha
        self.running_training_loss = 0.0
        self.loss_history: list[float] = []
        self.ledger = Ledger()
        self.report = Report()
        self.wv = KeyedVectors(self.vector_size)
        self._vocabulary: Vocabulary | None = None
        self._weights: Weights | None = None
        # Without a seed every model draws its own, and keeps it.
        self._seed: int = secrets.randbits(64) if self.seed is None else self.seed

        if self.hs and self.negative:
            logger.warning(
                "Both hierarchical softmax and negative sampling are on: each pair is trained "
                "twice. Set negative=0 or hs=0 if that is not intended."
            )
        if sentences is not None or corpus_file is not None:
            self.fit(sentences, corpus_file, trim_rule=trim_rule, callbacks=callbacks)

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

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<vocab={len(self.wv)}, vector_size={self.vector_size}, "
            f"alpha={self.alpha}>"
        )

    @property
    def syn1neg(self) -> NDArray[np.float32]:
        """W' of negative sampling, (n_words, vector_size)."""
        return self._output("w_ns", "negative sampling (negative > 0)")

    @property
    def syn1(self) -> NDArray[np.float32]:
        """W' of hierarchical softmax, (n_words, vector_size); the last row is a spare."""
        return self._output("w_hs", "hierarchical softmax (hs=1)")

    def _output(self, name: str, objective: str) -> NDArray[np.float32]:
        matrix = getattr(self._weights, name, None)
        if matrix is None:
            raise AttributeError(f"this model has no output vectors of {objective}")
        view: NDArray[np.float32] = matrix[:, : self.vector_size]
        return view

    def fit(
        self,
        corpus_iterable: Sentences | None = None,
        corpus_file: Paths | None = None,
        *,
        trim_rule: TrimRule | None = None,
        callbacks: Iterable[Any] = (),
        observe: Observer | None = None,
        progress: ScanProgress | None = None,
    ) -> tuple[int, int]:
        """Build the vocabulary from a corpus and train on it, reading it once.

        Parameters
        ----------
        corpus_iterable, corpus_file, trim_rule, progress
            As for `build_vocab`.
        callbacks, observe
            As for `train`.

        Returns
        -------
        trained, corpus : int
            As `train`.

        Raises
        ------
        TypeError, ValueError, EmptyVocabularyError, DivergenceError
            As for the constructor.
        """
        scan = self._scan(corpus_iterable, corpus_file, trim_rule, progress)
        assert self._vocabulary is not None
        store = scan.encode(self._vocabulary, workers=config.n_threads(self.workers))
        return self._fit(
            store, self.epochs, self.alpha, self.min_alpha, self.compute_loss, callbacks, observe
        )

    def build_vocab(
        self,
        corpus_iterable: Sentences | None = None,
        corpus_file: Paths | None = None,
        *,
        trim_rule: TrimRule | None = None,
        progress: ScanProgress | None = None,
    ) -> None:
        """Count the words of a corpus, choose the vocabulary and set up the weights.

        Parameters
        ----------
        corpus_iterable, corpus_file
            The corpus, as for the constructor; one pass is made.
        trim_rule : callable, optional
            As for the constructor.
        progress : callable, optional
            Called as progress(done, total): bytes of files, or sentences.

        Raises
        ------
        TypeError, ValueError, EmptyVocabularyError
            As for the constructor.
        """
        self._scan(corpus_iterable, corpus_file, trim_rule, progress)

    def train(
        self,
        corpus_iterable: Sentences | None = None,
        corpus_file: Paths | None = None,
        total_examples: int | None = None,
        total_words: int | None = None,
        epochs: int | None = None,
        start_alpha: float | None = None,
        end_alpha: float | None = None,
        word_count: int = 0,
        queue_factor: int = 2,
        report_delay: float = 1.0,
        compute_loss: bool | None = None,
        callbacks: Iterable[Any] = (),
        *,
        observe: Observer | None = None,
        progress: ScanProgress | None = None,
    ) -> tuple[int, int]:
        """Train on a corpus with the vocabulary that was built.

        Parameters
        ----------
        corpus_iterable, corpus_file
            The corpus, as for `build_vocab`; read once and encoded, words that are not in the
            vocabulary left out.
        epochs : int, optional
            Passes over it; default: the model's.
        start_alpha, end_alpha : float, optional
            Learning rates; default: the model's `alpha` and `min_alpha`.
        compute_loss : bool, optional
            Default: the model's.
        callbacks : iterable
            As for the constructor.
        total_examples, total_words, word_count, queue_factor, report_delay
            Accepted for compatibility, without effect: the corpus is counted when it is read.
        observe : callable, optional
            Called with a `fastw2v.trainer.Progress` about ten times a second.
        progress : callable, optional
            Called while the corpus is read, as for `build_vocab`.

        Returns
        -------
        trained, corpus : int
            Words trained (after subsampling) and words read, summed over the epochs.

        Raises
        ------
        RuntimeError
            If there is no vocabulary yet.
        DivergenceError
            If a vector became NaN or Inf.
        """
        if self._vocabulary is None:
            raise RuntimeError(NO_VOCABULARY)
        paths = _one_corpus(corpus_iterable, corpus_file)
        if paths is not None:
            store = encode_files(
                paths,
                self._vocabulary,
                workers=config.n_threads(self.workers),
                progress=progress,
                reading=self.reading,
            )
        else:
            assert corpus_iterable is not None
            store = encode_objects(
                corpus_iterable,
                self._vocabulary,
                workers=config.n_threads(self.workers),
                progress=progress,
                reading=self.reading,
            )
        checked = config.check(
            {
                "epochs": self.epochs if epochs is None else epochs,
                "alpha": self.alpha if start_alpha is None else start_alpha,
                "min_alpha": self.min_alpha if end_alpha is None else end_alpha,
            }
        )
        loss = self.compute_loss if compute_loss is None else compute_loss
        return self._fit(
            store,
            checked["epochs"],
            checked["alpha"],
            checked["min_alpha"],
            loss,
            callbacks,
            observe,
        )

    def get_latest_training_loss(self) -> float:
        """Sum of the loss over all pairs and epochs of the last training call, as in gensim.

        `loss_history` has the mean per pair and epoch, which can be compared between runs.
        """
        return self.running_training_loss

    def _scan(
        self,
        corpus_iterable: Sentences | None,
        corpus_file: Paths | None,
        trim_rule: TrimRule | None,
        progress: ScanProgress | None = None,
    ) -> Scan:
        paths = _one_corpus(corpus_iterable, corpus_file)
        if paths is not None:
            scan = scan_files(
                paths,
                workers=config.n_threads(self.workers),
                max_vocab_size=self.max_vocab_size,
                trim_rule=trim_rule,
                progress=progress,
                reading=self.reading,
            )
        else:
            assert corpus_iterable is not None
            scan = scan_objects(
                corpus_iterable,
                workers=config.n_threads(self.workers),
                max_vocab_size=self.max_vocab_size,
                trim_rule=trim_rule,
                progress=progress,
                reading=self.reading,
            )
        vocabulary = Vocabulary.from_scan(
            scan,
            min_count=self.min_count,
            max_final_vocab=self.max_final_vocab,
            sorted_vocab=bool(self.sorted_vocab),
            trim_rule=trim_rule,
        )
        self._adopt(vocabulary)
        self.corpus_count = scan.n_sentences
        self.corpus_total_words = scan.n_tokens
        logger.info(
            "%s words of %s read, %s of %s distinct words kept (min_count=%s)",
            f"{vocabulary.n_kept_tokens:,}",
            f"{scan.n_tokens:,}",
            f"{len(vocabulary):,}",
            f"{vocabulary.n_raw:,}",
            vocabulary.effective_min_count,
        )
        return scan

    def _adopt(self, vocabulary: Vocabulary) -> None:
        """Take over a vocabulary and start new weights for it."""
        self._vocabulary = vocabulary
        self.effective_min_count = vocabulary.effective_min_count
        self._weights = Weights(
            len(vocabulary),
            self.vector_size,
            negative=self.negative > 0,
            hs=bool(self.hs),
            seed=self._seed,
        )
        self.wv = KeyedVectors.from_arrays(
            vocabulary.keys, self._weights.vectors, vocabulary.counts
        )

    def _fit(
        self,
        store: TokenStore,
        epochs: int,
        alpha: float,
        min_alpha: float,
        compute_loss: bool,
        callbacks: Iterable[Any],
        observe: Observer | None = None,
    ) -> tuple[int, int]:
        assert self._vocabulary is not None and self._weights is not None
        names = Settings.__dataclass_fields__
        checked = config.check({n: getattr(self, n) for n in names if n in config.PARAMETERS})
        checked.update(epochs=epochs, alpha=alpha, min_alpha=min_alpha)
        settings = Settings(**checked, compute_loss=compute_loss)
        self._weights.adopt(self.wv.vectors)
        self.wv.vectors = self._weights.vectors
        trainer = Trainer(
            self._weights,
            self._vocabulary.counts,
            store,
            settings,
            seed=self._seed,
            stream=self.train_count,
        )
        self.report = trainer.report
        hooks = list(callbacks)
        logger.info("training with %s", asdict(settings))
        try:
            _call(hooks, "on_train_begin", self)
            trainer.run(
                observe,
                on_epoch_begin=lambda: _call(hooks, "on_epoch_begin", self),
                on_epoch_end=lambda: self._after_epoch(trainer.report, hooks),
            )
        finally:
            self._take_over(trainer.report)
            self.train_count += 1
            self.total_train_time += trainer.report.seconds
        _call(hooks, "on_train_end", self)
        return self.ledger.trained, self.ledger.corpus

    def _after_epoch(self, report: Report, hooks: Sequence[Any]) -> None:
        self._take_over(report)
        logger.info(
            "epoch %d: %s words trained, %.0f words/s",
            report.ledger.epochs,
            f"{report.ledger.trained:,}",
            report.ledger.corpus / max(report.seconds, 1e-9),
        )
        _call(hooks, "on_epoch_end", self)

    def _take_over(self, report: Report) -> None:
        self.ledger = report.ledger
        self.loss_history = list(report.losses)
        self.running_training_loss = report.total_loss
        self.min_alpha_yet_reached = report.alpha


def _one_corpus(corpus_iterable: object, corpus_file: Paths | None) -> list[AnyInput] | None:
    """Check that there is one corpus; its inputs if it is in files."""
    if (corpus_iterable is None) == (corpus_file is None):
        given = "none" if corpus_file is None else "both"
        raise TypeError(
            "one corpus is needed, Python sentences or corpus_file; " + given + " was given"
        )
    if corpus_file is None:
        return None
    if isinstance(corpus_file, (str, os.PathLike, Input)) or is_file_object(corpus_file):
        return [cast(AnyInput, corpus_file)]
    return list(cast("Sequence[AnyInput]", corpus_file))


def _call(hooks: Iterable[Any], name: str, model: Word2Vec) -> None:
    for hook in hooks:
        method = getattr(hook, name, None)
        if method is not None:
            method(model)
