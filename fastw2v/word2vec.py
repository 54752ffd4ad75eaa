"""`Word2Vec`: the model, with gensim's parameter names, order and defaults."""

from __future__ import annotations

import contextlib
import inspect
import logging
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from fastw2v import config, prepare
from fastw2v.corpus import Reading, Scan, sentences_of
from fastw2v.corpus.inputs import Input
from fastw2v.corpus.reading import Tokenizer
from fastw2v.corpus.reporter import Progress as ScanProgress
from fastw2v.corpus.source import Source
from fastw2v.errors import CorpusError
from fastw2v.formats.atomic import StrPath
from fastw2v.iterables import finite
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.memory import enough_for, fewer_workers, smaller_model
from fastw2v.model import checks
from fastw2v.model.checks import Paths, one_corpus
from fastw2v.model.files import Files
from fastw2v.model.inference import Inference
from fastw2v.model.jobs import Hooks
from fastw2v.model.log import TrainingLog
from fastw2v.model.vocabulary import NULL_WORD, Words, raw_counts
from fastw2v.trainer import Observer, Settings, Trainer
from fastw2v.vocab import TrimRule, Vocabulary

Sentences: TypeAlias = Iterable[Iterable[Hashable]]

logger = logging.getLogger("fastw2v")

# Names of gensim's module that its clients import. The first is where gensim cuts sentences, which
# is done nowhere here; the second says that compiled code is in use.
MAX_WORDS_IN_BATCH = 10_000
FAST_VERSION = 1


class Word2Vec(Files, Inference, Hooks, Words):
    """Word vectors by skip-gram or CBOW, with negative sampling, hierarchical softmax or both.

    With a corpus the constructor counts its words and trains; without one it stores the
    parameters, for `build_vocab` and `train`. The corpus is read once, whatever the number of
    epochs, unless a subclass overrides `_do_train_job` (fastw2v/model/jobs.py).

    Parameters
    ----------
    sentences : iterable of iterables of hashable tokens, array or Arrow data, default None
        The corpus as Python objects; see `fastw2v.corpus.scan_objects`.
    corpus_file : path, open file or sequence of these, default None
        The corpus as files, directories, globs or "-": text, by default a sentence per line and
        tokens split at white space, JSON lines, Parquet or Arrow, compressed or not; see
        docs/corpus.md.
    {hyper-parameters}
    hashfxn : callable, default hash
        Stored; no word is hashed by it.
    batch_words : int, default 10000
        A corpus of at most so many words is trained by one worker, so that the result does not
        depend on `workers`. Subclasses that override `_do_train_job` get batches of this size.
    null_word : 0 or 1, default 0
        If 1, the word of one NUL character is added, with the count 1.
    trim_rule : callable, default None
        Called as trim_rule(word, count, min_count); returns 0 to let `min_count` decide, 1 to
        discard, 2 to keep the word.
    compute_loss : bool, default False
        Keep the mean loss of every epoch in `loss_history`.
    callbacks : iterable, default ()
        Objects with any of `on_train_begin`, `on_epoch_begin`, `on_epoch_end`, `on_train_end`,
        called with the model.
    comment : str, default None
        Stored.
    cache_dir : path-like, default None
        Keep the encoded corpus in this directory, and use it again when inputs and options are the
        same. For a corpus in files.
    memory : "auto", "ram" or "bounded", default 'auto'
        Where the encoded corpus is while it is trained on: in memory; a window of it at a time,
        from `cache_dir` or, without one, from the text in every epoch; or the second if the first
        would not fit. The vectors are the same. docs/token-store.md has more.
    vocabulary : Vocabulary or path-like, default None
        Words and counts to train, instead of counting those of the corpus; a vocabulary file is
        filtered by `min_count` and `max_final_vocab`.
    tokenizer : "space", "words", "text8" or callable, default None
        What a word is; this and the next four are held as `reading`, a `fastw2v.corpus.Reading`,
        which documents them in full. None is "space".
    lowercase : bool, default False
        Turn text to lower case.
    sentence_split : "line", "paragraph", "punctuation" or int, default 'line'
        What ends a sentence.
    errors : "strict", "replace" or "skip", default 'strict'
        What to do with bytes that are not UTF-8.
    field : str, default None
        The column of Parquet and Arrow data, the key of JSON lines; None finds it.
    progress : bool or callable, default None
        True shows bars on a terminal, lines in a log, while the corpus is read and trained on. Or
        a function as for `build_vocab`.

    Attributes
    ----------
    wv : KeyedVectors
        The vectors: a view of W, no copy. They may be written to or replaced between training
        calls. `wv.vectors_lockf`, one float or one for each word, says which share of its way a
        vector may go: with 0 it does not move by a bit. It is read when training begins.
    syn1neg, syn1 : ndarray of float32, shape (n_words, vector_size)
        W' of negative sampling, W' of hierarchical softmax, where trained. Views; assigning to
        them copies.
    corpus_count, corpus_total_words : int
        Sentences and words of the corpus that the vocabulary was built from.
    raw_vocab : dict, or None
        Counts of all its words, after `scan_vocab` or with `keep_raw_vocab`.
    effective_min_count : int
        `min_count`, or what `max_final_vocab` made of it.
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

    @checks.of_today
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
        noise_blocks: int | None = None,
        shuffle: int = False,
        cache_dir: StrPath | None = None,
        memory: str = prepare.AUTO,
        vocabulary: Vocabulary | StrPath | None = None,
        tokenizer: str | Tokenizer | None = None,
        lowercase: bool = False,
        sentence_split: str | int = "line",
        errors: str = "strict",
        field: str | None = None,
        progress: ScanProgress | None = None,
    ) -> None:
        values = locals()
        for name, value in config.check({name: values[name] for name in config.PARAMETERS}).items():
            setattr(self, name, value)
        self.reading = Reading(tokenizer, lowercase, sentence_split, errors, field)
        self.hashfxn = hashfxn
        self.null_word = int(null_word)
        self.batch_words = batch_words
        self.compute_loss = bool(compute_loss)
        self.comment = comment
        self.cache_dir = None if cache_dir is None else str(cache_dir)
        self.memory = prepare.check_memory(memory)
        self._start()
        if not hasattr(self, "wv"):
            self.wv = KeyedVectors(self.vector_size)
        self.add_lifecycle_event("created", params=str(self))

        hooks = list(finite(callbacks))
        if sentences is None and corpus_file is None:
            if vocabulary is not None:
                self._set_up(self._load_vocabulary(vocabulary, trim_rule))
            elif trim_rule is not None or hooks:
                logger.warning(
                    "there is no corpus to train on, so trim_rule and callbacks, which are not "
                    "kept, have no effect: give them to build_vocab and train"
                )
            return
        one_corpus(sentences, corpus_file, passes=self.epochs + 1)
        if not self._is_plain(corpus_file is not None):
            # Methods of a subclass need not know of it.
            shown: dict[str, Any] = {} if progress is None else {"progress": progress}
            if vocabulary is None:
                self.build_vocab(sentences, corpus_file, trim_rule=trim_rule, **shown)
            else:
                self._set_up(self._load_vocabulary(vocabulary, trim_rule))
            self.train(
                sentences,
                corpus_file,
                total_examples=self.corpus_count,
                total_words=self.corpus_total_words,
                epochs=self.epochs,
                start_alpha=self.alpha,
                end_alpha=self.min_alpha,
                compute_loss=self.compute_loss,
                callbacks=hooks,
                **shown,
            )
        else:
            self.fit(
                sentences,
                corpus_file,
                trim_rule=trim_rule,
                callbacks=hooks,
                progress=progress,
                vocabulary=vocabulary,
            )

    shuffle: int = 0
    cache_dir: str | None = None
    memory: str = prepare.AUTO

    def _is_plain(self, in_files: bool) -> bool:
        """Tell whether no subclass has its own idea of building and training."""
        own = type(self)
        return (
            own.build_vocab is Word2Vec.build_vocab
            and own.train is Word2Vec.train
            and not self._has_hooks(in_files)
        )

    def fit(
        self,
        corpus_iterable: Sentences | None = None,
        corpus_file: Paths | None = None,
        *,
        trim_rule: TrimRule | None = None,
        callbacks: Iterable[Any] = (),
        observe: Observer | bool | None = None,
        progress: ScanProgress | None = None,
        vocabulary: Vocabulary | StrPath | None = None,
    ) -> tuple[int, int]:
        """Build the vocabulary from a corpus and train on it, reading it once.

        Parameters
        ----------
        corpus_iterable, corpus_file, trim_rule, progress
            As for `build_vocab`.
        callbacks, observe
            As for `train`.
        vocabulary
            As for the constructor.

        Returns
        -------
        trained, corpus : int
            As `train`.

        Raises
        ------
        TypeError, ValueError, EmptyVocabularyError, DivergenceError
            As for the constructor.
        """
        inputs = one_corpus(corpus_iterable, corpus_file, passes=1)
        log = TrainingLog(1.0, None, None, observe, progress)
        given = None if vocabulary is None else self._load_vocabulary(vocabulary, trim_rule)
        if given is None:
            logger.info("collecting all words and their counts")
        chosen, source = self._prepare(inputs, corpus_iterable, trim_rule, given, progress)
        if given is None:
            logger.info(
                "collected %i word types from a corpus of %i raw words and %i sentences",
                chosen.n_raw,
                source.n_corpus,
                source.n_sentences,
            )
        elif source.n_corpus and not source.n_ids:
            raise CorpusError(
                f"none of the {source.n_corpus:,} words of the corpus is in the vocabulary of "
                f"{len(chosen):,}: are they spelled alike, in small letters or capitals?"
            )
        self.corpus_count = source.n_sentences
        self.corpus_total_words = source.n_corpus
        self.raw_vocab = {}
        self._build(chosen, chosen, update=False)
        if self.hs and self.negative:
            logger.warning(checks.BOTH_OBJECTIVES)
        return self._fit(
            source,
            self._settings(),
            callbacks,
            log,
        )

    def build_vocab(
        self,
        corpus_iterable: Sentences | None = None,
        corpus_file: Paths | None = None,
        update: bool = False,
        progress_per: int = 10_000,
        keep_raw_vocab: bool = False,
        trim_rule: TrimRule | None = None,
        *,
        progress: ScanProgress | None = None,
        min_count: int | None = None,
        sample: float | None = None,
    ) -> None:
        """Count the words of a corpus, choose the vocabulary and set up the weights.

        Parameters
        ----------
        corpus_iterable, corpus_file
            The corpus, as for the constructor; one pass is made, so a generator will do.
        update : bool
            Add the words of this corpus to those that the model has, which keep their vectors and
            their places. The new corpus alone decides which of its words are frequent enough; its
            counts are added to those of all words.
        progress_per
            Accepted for compatibility, without effect.
        keep_raw_vocab : bool
            Keep the counts of all words in `raw_vocab`.
        trim_rule : callable, optional
            As for the constructor.
        progress : callable or bool, optional
            Called as progress(done, total): bytes of files, or sentences. True shows a bar on a
            terminal, and a line every ten seconds in a log.
        min_count, sample : number, optional
            Replace the model's.

        Raises
        ------
        TypeError, ValueError
            As for the constructor. If no word is left, only `train` complains, as in gensim.
        RuntimeError
            To update, if there is no vocabulary yet.
        """
        given = config.check(
            {
                "min_count": min_count or self.min_count,
                "sample": sample or self.sample,
            }
        )
        self.min_count, self.sample = given["min_count"], given["sample"]
        scan = self._scan(corpus_iterable, corpus_file, trim_rule, progress, update=update)
        if keep_raw_vocab:
            self.raw_vocab = raw_counts(scan)

    def scan_vocab(
        self,
        corpus_iterable: Sentences | None = None,
        corpus_file: Paths | None = None,
        progress_per: int = 10_000,
        workers: int | None = None,
        trim_rule: TrimRule | None = None,
        *,
        progress: ScanProgress | None = None,
    ) -> tuple[int, int]:
        """Count the words of a corpus into `raw_vocab`, in first-seen order.

        Parameters
        ----------
        corpus_iterable, corpus_file, trim_rule, progress
            As for `build_vocab`.
        progress_per, workers
            Accepted for compatibility, without effect.

        Returns
        -------
        words, sentences : int
            What was read.

        Raises
        ------
        TypeError, ValueError
            As for `build_vocab`.
        """
        scan = self._count(corpus_iterable, corpus_file, trim_rule, progress)
        self.raw_vocab = raw_counts(scan)
        return scan.n_tokens, scan.n_sentences

    @checks.of_today
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
        observe: Observer | bool | None = None,
        progress: ScanProgress | None = None,
    ) -> tuple[int, int]:
        """Train on a corpus with the vocabulary that was built.

        Parameters
        ----------
        corpus_iterable, corpus_file
            The corpus, as for `build_vocab`; read once and encoded, words that are not in the
            vocabulary left out.
        total_examples, total_words : int
            Sentences or words that are expected. One of them must be given, `total_words` for
            files. They are compared with what was read, and decide nothing, unless a subclass
            overrides `_do_train_job`: the corpus is not counted beforehand then, and the learning
            rate falls by them.
        epochs : int
            Passes over it; the model's `epochs` from now on.
        start_alpha, end_alpha : float, optional
            Learning rates of this call; default: the model's `alpha` and `min_alpha`.
        report_delay : float
            Seconds from one progress line of the log to the next.
        compute_loss : bool, optional
            Default: the model's.
        callbacks : iterable
            As for the constructor.
        queue_factor : int
            Batches that wait for each worker, for subclasses that override `_do_train_job`.
        word_count
            Accepted for compatibility, without effect.
        observe : callable or bool, optional
            Called with a `fastw2v.trainer.Progress` about ten times a second. True shows a bar;
            so does `progress=True` if `observe` is not given.
        progress : callable or bool, optional
            Called while the corpus is read, as for `build_vocab`.

        Returns
        -------
        trained, corpus : int
            Words trained (after subsampling) and words read, summed over the epochs.

        Raises
        ------
        RuntimeError
            If there is no vocabulary yet, or the model is being trained.
        ValueError
            If no total or no number of epochs is given, or a parameter is out of range.
        TypeError
            If there is no corpus, or one that cannot be read as often.
        DivergenceError
            If a vector became NaN or Inf.
        """
        alpha = self.alpha if start_alpha is None else start_alpha
        checks.training_call(
            self,
            in_files=corpus_file is not None,
            total_examples=total_examples,
            total_words=total_words,
            epochs=epochs,
            alpha=alpha,
        )
        assert epochs is not None
        inputs = one_corpus(corpus_iterable, corpus_file, passes=epochs)
        checked = config.check(
            {
                "epochs": epochs,
                "alpha": alpha,
                "min_alpha": self.min_alpha if end_alpha is None else end_alpha,
            }
        )
        loss = self.compute_loss if compute_loss is None else bool(compute_loss)
        self.epochs = checked["epochs"]
        settings = self._settings(**checked, compute_loss=loss)
        log = TrainingLog(report_delay, total_examples, total_words, observe, progress)
        if self._has_hooks(inputs is not None):
            corpus: Iterable[Any] | Path
            if inputs is None:
                corpus = sentences_of(corpus_iterable, self.reading)
            else:
                corpus = checks.one_text_file(inputs, self.reading)
            return self._fit_jobs(
                corpus, settings, callbacks, log, total_examples, total_words, queue_factor
            )
        vocabulary, _ = self._live()
        _, source = self._prepare(inputs, corpus_iterable, None, vocabulary, progress)
        if not source.n_sentences:
            logger.warning(checks.EMPTY_CORPUS)
        checks.known_words(source.n_corpus - source.n_oov, source.n_corpus)
        return self._fit(source, settings, callbacks, log)

    def get_latest_training_loss(self) -> float:
        """Sum of the loss over all pairs and epochs of the last training call, as in gensim.

        `loss_history` has the mean per pair and epoch, which can be compared between runs.
        """
        return self.running_training_loss

    def _set_up(self, vocabulary: Vocabulary) -> None:
        """Take over a vocabulary that was made elsewhere, and set up the weights."""
        self.corpus_count = vocabulary.n_sentences
        self.corpus_total_words = vocabulary.n_raw_tokens
        self._build(vocabulary, vocabulary, update=False)

    def _load_vocabulary(
        self, vocabulary: Vocabulary | StrPath, trim_rule: TrimRule | None
    ) -> Vocabulary:
        """Read a vocabulary file and choose from it; a vocabulary is taken as it is."""
        if isinstance(vocabulary, Vocabulary):
            return vocabulary
        return Vocabulary.load(
            vocabulary,
            min_count=self.min_count,
            max_final_vocab=self.max_final_vocab,
            sorted_vocab=bool(self.sorted_vocab),
            trim_rule=trim_rule,
        )

    def _prepare(
        self,
        inputs: list[Input] | None,
        corpus: Sentences | None,
        trim_rule: TrimRule | None,
        vocabulary: Vocabulary | None,
        progress: ScanProgress | None,
    ) -> prepare.Prepared:
        """Encode a corpus, or find it encoded."""
        choice = prepare.Choice(
            self.min_count,
            self.max_vocab_size,
            self.max_final_vocab,
            bool(self.sorted_vocab),
            trim_rule,
            NULL_WORD if self.null_word else None,
        )
        return prepare.prepare(
            prepare.Corpus(inputs, corpus, self.reading),
            choice,
            vocabulary=vocabulary,
            workers=config.n_threads(self.workers),
            memory=self.memory,
            cache_dir=self.cache_dir,
            progress=progress,
        )

    def _count(
        self,
        corpus_iterable: Sentences | None,
        corpus_file: Paths | None,
        trim_rule: TrimRule | None,
        progress: ScanProgress | None = None,
    ) -> Scan:
        """Read a corpus and count its words."""
        inputs = one_corpus(corpus_iterable, corpus_file, passes=1)
        logger.info("collecting all words and their counts")
        workers = config.n_threads(self.workers)
        corpus = prepare.Corpus(inputs, corpus_iterable, self.reading)
        choice = prepare.Choice(max_vocab_size=self.max_vocab_size, trim_rule=trim_rule)
        scan = prepare.scan(corpus, choice, workers=workers, progress=progress)
        logger.info(
            "collected %i word types from a corpus of %i raw words and %i sentences",
            len(scan.counts),
            scan.n_tokens,
            scan.n_sentences,
        )
        return scan

    def _scan(
        self,
        corpus_iterable: Sentences | None,
        corpus_file: Paths | None,
        trim_rule: TrimRule | None,
        progress: ScanProgress | None = None,
        *,
        update: bool = False,
    ) -> Scan:
        """Read a corpus, choose the vocabulary and set up the weights."""
        if update:
            self._need_vocabulary()
        scan = self._count(corpus_iterable, corpus_file, trim_rule, progress)
        vocabulary, taken = self._choose(scan, update, trim_rule, self.min_count)
        prepare.warn_of_mistakes(scan, taken)
        self.corpus_count = scan.n_sentences
        self.corpus_total_words = scan.n_tokens
        self.raw_vocab = {}
        self._build(vocabulary, taken, update)
        return scan

    def _fit(
        self,
        source: Source,
        settings: Settings,
        callbacks: Iterable[Any],
        log: TrainingLog,
    ) -> tuple[int, int]:
        vocabulary, weights = self._live()

        def sized(settings: Settings) -> Settings:
            return replace(settings, workers=1) if source.n_corpus <= self.batch_words else settings

        settings = sized(settings)
        with enough_for("to train", *smaller_model(), *fewer_workers(settings.workers)):
            trainer = Trainer(
                weights,
                np.maximum(vocabulary.counts, 1),
                source,
                settings,
                seed=self._seed,
                stream=self.train_count,
                noise_weights=self._noise_weights(),
                lockf=self._lock_factors(),
            )
        hooks = list(finite(callbacks))

        def begin_epoch() -> None:
            _call(hooks, "on_epoch_begin", self)
            # What a callback has set: vectors, settings, factors.
            _, weights = self._live()
            trainer.change(
                weights,
                sized(self._settings()),
                noise_weights=self._noise_weights(),
                lockf=self._lock_factors(),
            )
            self._spread()

        def end_epoch() -> None:
            if hooks:
                self._pack()
            report = trainer.report
            self._take_over(report)
            ledger = report.ledger
            log.end_epoch(
                ledger.epochs - 1, source.n_sentences, ledger.corpus, ledger.trained, report.seconds
            )
            _call(hooks, "on_epoch_end", self)

        with self._training(settings, log):
            _call(hooks, "on_train_begin", self)
            try:
                with enough_for("to train", *smaller_model(), *fewer_workers(settings.workers)):
                    trainer.run(log, on_epoch_begin=begin_epoch, on_epoch_end=end_epoch)
            finally:
                self._pack()
                self._take_over(trainer.report)
                self.train_count += 1
                self.total_train_time += trainer.report.seconds
        _call(hooks, "on_train_end", self)
        return self.ledger.trained, self.ledger.corpus

    def _fit_jobs(
        self,
        corpus: Iterable[Any] | Path,
        settings: Settings,
        callbacks: Iterable[Any],
        log: TrainingLog,
        total_examples: int | None,
        total_words: int | None,
        queue_factor: int,
    ) -> tuple[int, int]:
        """Train through the methods that a subclass overrides."""
        hooks = list(finite(callbacks))
        with self._training(settings, log):
            _call(hooks, "on_train_begin", self)
            counts = self._train_jobs(
                settings,
                corpus,
                log,
                total_examples,
                total_words,
                queue_factor,
                (
                    lambda: _call(hooks, "on_epoch_begin", self),
                    lambda: _call(hooks, "on_epoch_end", self),
                ),
            )
        _call(hooks, "on_train_end", self)
        return counts

    @contextlib.contextmanager
    def _training(self, settings: Settings, log: TrainingLog) -> Iterator[None]:
        """Note a training call, and refuse another one on the same model meanwhile.

        Callbacks see the learning rates of the call in the model. They are its own again in the
        end, unless a callback has set others.
        """
        if vars(self).setdefault("_busy", threading.Lock()).acquire(blocking=False):
            of_call = {n: getattr(settings, n) for n in ("alpha", "min_alpha", "compute_loss")}
            before = {name: getattr(self, name) for name in of_call}
            vars(self).update(of_call)
            wv = self.wv
            wv._training_thread = threading.get_ident()
            self._count_loss_from_zero()
            try:
                logger.info("training with %s", asdict(settings))
                self.add_lifecycle_event(
                    "train",
                    msg=(
                        f"training model with {settings.workers} workers on "
                        f"{len(self.wv.index_to_key)} vocabulary and {self.layer1_size} features, "
                        f"using sg={settings.sg} hs={settings.hs} sample={settings.sample} "
                        f"negative={settings.negative} window={settings.window} "
                        f"shrink_windows={bool(settings.shrink_windows)}"
                    ),
                )
                yield
                self.add_lifecycle_event("train", msg=log.summary())
            finally:
                log.close()
                for name, value in before.items():
                    if getattr(self, name) == of_call[name]:
                        setattr(self, name, value)
                del wv._training_thread
                self._busy.release()
        else:
            is_ours = self.wv._training_thread == threading.get_ident()
            raise RuntimeError(
                "this model is being trained already, "
                + ("by the call that runs this callback" if is_ours else "by another thread")
                + ": train it again when that has returned"
            )

    _busy: threading.Lock


if Word2Vec.__doc__ is not None:  # as it is under python -OO
    # Since Python 3.13 the compiler removes the indentation.
    text = inspect.cleandoc(Word2Vec.__doc__)
    Word2Vec.__doc__ = text.replace("{hyper-parameters}", config.documentation())
    del text


def _call(hooks: Sequence[Any], name: str, model: Word2Vec) -> None:
    for hook in hooks:
        method = getattr(hook, name, None)
        if method is not None:
            method(model)
