"""Training batch by batch, for subclasses that change sentences on their way in.

`Word2Vec` reads a corpus once and trains ids. But a subclass may override gensim's hook
`_do_train_job(sentences, alpha, inits)`, to which gensim's worker threads hand batches of sentences
as they come from the corpus, and for instance make a random walk of each. For such a class the
corpus is read anew in every epoch, by this thread, and workers call the hook; the method that they
override trains the sentences it is given at once.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import logging
import os
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence, Sized
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from fastw2v import config
from fastw2v.corpus import encode_sentences
from fastw2v.crew import Channel, ClosedError, Crew
from fastw2v.errors import DivergenceError
from fastw2v.feed import load_whole
from fastw2v.iterables import items_of
from fastw2v.ledger import Ledger
from fastw2v.model.checks import EMPTY_CORPUS
from fastw2v.model.log import TrainingLog
from fastw2v.model.state import State
from fastw2v.paths import expanded
from fastw2v.trainer import Report, Settings, Tables, check_objectives, open_session

logger = logging.getLogger("fastw2v")

Batch = list[Any]
Memory = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]

_HOOKS = ("_do_train_job", "_raw_word_count")


class Jobs:
    """Trains one batch after the other, called from any number of threads.

    Attributes
    ----------
    read, oov, trained, pairs, loss : int, int, int, int, float
        Sums over all batches: words, those that are not in the vocabulary, those trained, positive
        pairs, negative log-likelihood.
    """

    def __init__(self, model: Hooks, settings: Settings) -> None:
        """Get ready for training with these settings; their learning rates are not used."""
        self._model = model
        self._settings = settings
        vocabulary, self._weights = model._live()
        self._vocabulary = vocabulary
        counts = np.maximum(vocabulary.counts, 1)
        self._tables = Tables.of(self._weights, counts, settings, model._noise_weights())
        self._lockf = model._lock_factors()
        self._anchor: npt.NDArray[np.float32] | None = None
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._is_stopped = False
        self.read = self.oov = self.trained = self.pairs = 0
        self.loss = 0.0

    def stop(self) -> None:
        """Train no further batch of this epoch."""
        self._is_stopped = True

    def begin_epoch(self) -> None:
        """Take over what was done to vectors and settings since the last batch; spread the rows.

        Raises
        ------
        ValueError
            If an objective was switched on or off, or a setting is out of range.
        """
        self._is_stopped = False
        _, self._weights = self._model._live()
        self._model._spread()
        settings = self._model._settings()
        check_objectives(self._settings, settings)
        self._settings = replace(settings, epochs=self._settings.epochs)
        self._tables = self._tables.changed(settings, self._model._noise_weights())
        self._lockf = self._model._lock_factors()
        self.anchor()

    def anchor(self) -> None:
        """Note where the rows of W are that may be held back; they are spread."""
        if self._lockf is None:
            self._anchor = None
        elif self._anchor is None:
            self._anchor = self._weights.w_in.copy()
        else:
            self._anchor[:] = self._weights.w_in

    def train(self, sentences: Iterable[Iterable[Hashable]], alpha: float) -> int:
        """Train sentences at one learning rate; returns the words trained.

        Raises
        ------
        DivergenceError
            If a vector became NaN or Inf.
        ClosedError
            After `stop`.
        """
        if self._is_stopped:
            raise ClosedError
        n_tokens = 1 << 16
        store = encode_sentences(sentences, self._vocabulary, segment_tokens=n_tokens)
        session = open_session(
            self._weights,
            self._tables,
            store,
            self._settings,
            n_workers=1,
            lockf=self._lockf,
            anchor=self._anchor,
        )
        # Every batch is an epoch of its own to the random draws.
        number = next(self._numbers)
        session.begin_epoch(self._model._seed, self._model.train_count, number, alpha, alpha)
        load_whole(session, store.ids)
        session.work(0, 0)
        trained, pairs, loss, finite = session.tallies()
        with self._lock:
            self.read += store.n_corpus
            self.oov += store.n_oov
            self.trained += trained
            self.pairs += pairs
            self.loss += loss
        if not finite:
            raise DivergenceError(
                f"training diverged at learning rate {alpha:g}: a vector holds NaN or Inf. Try a "
                "smaller alpha, and check that the vectors were finite before training."
            )
        return trained

    def ledger(self, epochs: int) -> Ledger:
        """Sum up what was trained so far, in so many epochs."""
        return Ledger(
            corpus=self.read,
            oov=self.oov,
            subsampled=self.read - self.oov - self.trained,
            trained=self.trained,
            epochs=epochs,
        )


class Hooks(State):
    """gensim's methods that subclasses override, and the training that calls them."""

    _jobs: Jobs | None

    def _settings(self, **changes: Any) -> Settings:
        names = Settings.__dataclass_fields__
        checked = config.check({n: getattr(self, n) for n in names if n in config.PARAMETERS})
        return Settings(**{**checked, "compute_loss": self.compute_loss, **changes})

    def _do_train_job(
        self, sentences: Iterable[Iterable[Hashable]], alpha: float, inits: object
    ) -> tuple[int, int]:
        """Train a batch of sentences at one learning rate.

        Subclasses override it to change the sentences, and call it with what they made of them.
        It is called from several threads at once.

        Parameters
        ----------
        sentences : iterable of iterables of hashable tokens
            The batch.
        alpha : float
            Learning rate.
        inits : object
            What `_get_thread_working_mem` returned for the thread; not used here.

        Returns
        -------
        trained, read : int
            Words trained, after subsampling, and words in the batch.
        """
        if not isinstance(sentences, Sequence):
            sentences = list(sentences)
        read = self._raw_word_count(cast("Batch", sentences))
        jobs = getattr(self, "_jobs", None)
        if jobs is not None:
            return jobs.train(sentences, alpha), read
        jobs = Jobs(self, self._settings())
        self.train_count += 1  # another stream of draws for the next call
        with self._spread_for_now():
            jobs.anchor()
            return jobs.train(sentences, alpha), read

    def _raw_word_count(self, job: Batch) -> int:
        """Count the words of a batch before anything is left out."""
        return sum(len(cast("Sized", sentence)) for sentence in job)

    def _get_thread_working_mem(self) -> Memory:
        """Return two rows of memory for a worker thread, which gensim's subclasses expect."""
        row = np.zeros(self.layer1_size, np.float32)
        return row, row.copy()

    def _get_next_alpha(self, epoch_progress: float, cur_epoch: int) -> float:
        """Return the learning rate at a share of an epoch, counted from 0."""
        start, end = self.alpha, self.min_alpha
        alpha = start - (start - end) * (cur_epoch + epoch_progress) / self.epochs
        alpha = max(end, alpha)
        self.min_alpha_yet_reached = alpha
        return alpha

    def _do_train_epoch(
        self,
        corpus_file: str | os.PathLike[str],
        thread_id: int,
        offset: int,
        cython_vocab: object,
        thread_private_mem: object,
        cur_epoch: int,
        total_examples: int | None = None,
        total_words: int | None = None,
        **kwargs: Any,
    ) -> tuple[int, int, int]:
        """Train one worker's share of a text file in one epoch.

        Subclasses may override it; it is called from each of `workers` threads then.

        Parameters
        ----------
        corpus_file : path-like
            Text, a sentence per line.
        thread_id, offset : int
            Which worker this is, and where its share begins, in bytes. The lines that begin there
            or later, and before the next worker's share, are its own.
        cur_epoch : int
            The epoch, from 0.
        cython_vocab, thread_private_mem, total_examples, total_words
            Accepted for compatibility, not used.

        Returns
        -------
        examples, trained, read : int
            Lines that are not empty, words trained, words read.
        """
        path = expanded(corpus_file)
        share = path.stat().st_size / config.n_threads(self.workers)
        end = int(share * (thread_id + 1))
        n_lines = n_trained = n_read = 0
        for batch, progress in _line_batches(path, offset, end, self.batch_words):
            alpha = self._get_next_alpha(progress, cur_epoch)
            trained, read = Hooks._do_train_job(self, batch, alpha, thread_private_mem)
            n_lines += len(batch)
            n_trained += trained
            n_read += read
        return n_lines, n_trained, n_read

    def _has_hooks(self, in_files: bool) -> bool:
        """Tell whether training goes through methods that a subclass overrides."""
        names = ("_do_train_epoch",) if in_files else _HOOKS
        return any(getattr(type(self), name) is not getattr(Hooks, name) for name in names)

    def _train_jobs(
        self,
        settings: Settings,
        corpus: Iterable[Any] | Path,
        log: TrainingLog,
        total_examples: int | None,
        total_words: int | None,
        queue_factor: int,
        hooks: Sequence[Callable[[], None]],
    ) -> tuple[int, int]:
        """Train through the methods that a subclass overrides; returns words trained and read."""
        self._jobs = Jobs(self, settings)
        n_trained = n_read = 0
        report = Report(alpha=settings.alpha)
        on_epoch_begin, on_epoch_end = hooks
        began, cpu_began = time.perf_counter(), time.process_time()

        def sum_up() -> None:
            assert self._jobs is not None
            ledger = self._jobs.ledger(n_done)
            if ledger.epochs > report.ledger.epochs:
                report.epochs.append(ledger - report.ledger)
            report.ledger = ledger
            report.total_loss = self._jobs.loss if report.losses else None
            report.seconds = time.perf_counter() - began
            report.cpu_seconds = time.process_time() - cpu_began
            report.alpha = self.min_alpha_yet_reached
            self._take_over(report)

        n_done = 0
        try:
            for epoch in range(settings.epochs):
                on_epoch_begin()
                self._jobs.begin_epoch()
                pairs, loss = self._jobs.pairs, self._jobs.loss
                tally = _Tally()
                if isinstance(corpus, Path):
                    self._share_file(corpus, epoch, tally, total_examples, total_words)
                else:
                    jobs = self._batches(corpus, epoch, total_examples, total_words, tally)
                    self._hand_out(jobs, tally, queue_factor)
                n_trained += tally.trained
                n_read += tally.read
                if self.compute_loss:
                    pairs = self._jobs.pairs - pairs
                    report.losses.append((self._jobs.loss - loss) / pairs if pairs else 0.0)
                n_done += 1
                self._pack()
                sum_up()
                log.end_epoch(epoch, tally.examples, n_read, n_trained, report.seconds)
                on_epoch_end()
        finally:
            self._pack()
            sum_up()
            self.total_train_time += report.seconds
            self._jobs = None
            self.train_count += 1
        return n_trained, n_read

    def _batches(
        self,
        corpus: Iterable[Any],
        epoch: int,
        total_examples: int | None,
        total_words: int | None,
        tally: _Tally,
    ) -> Iterator[tuple[Batch, float]]:
        """Yield batches of at most `batch_words` words, or one sentence, and learning rates."""
        batch: Batch = []
        n_batch = n_words = 0
        alpha = self._get_next_alpha(0.0, epoch)
        for sentence in items_of(corpus):
            length = self._raw_word_count([sentence])
            tally.examples += 1
            if batch and n_batch + length > self.batch_words:
                yield batch, alpha
                n_words += n_batch
                done, total = tally.examples - 1, total_examples
                if not total:
                    done, total = n_words, total_words
                alpha = self._get_next_alpha(min(done / max(total or 0, 1), 1.0), epoch)
                batch, n_batch = [], 0
            batch.append(sentence)
            n_batch += length
        if batch:
            yield batch, alpha
        else:
            logger.warning(EMPTY_CORPUS)

    def _hand_out(
        self, jobs: Iterator[tuple[Batch, float]], tally: _Tally, queue_factor: int
    ) -> None:
        """Let worker threads call the hook for every batch."""
        n_workers = config.n_threads(self.workers)
        waiting: Channel[tuple[Batch, float] | None] = Channel(max(queue_factor, 1) * n_workers)

        def work() -> None:
            inits = self._get_thread_working_mem()
            with contextlib.suppress(ClosedError):
                while job := waiting.get():
                    tally.add(*self._do_train_job(job[0], job[1], inits))

        with Crew([work] * n_workers, waiting.close) as crew, contextlib.suppress(ClosedError):
            for job in itertools.chain(jobs, [None] * n_workers):
                waiting.put(job)
            crew.wait()

    def _share_file(
        self,
        path: Path,
        epoch: int,
        tally: _Tally,
        total_examples: int | None,
        total_words: int | None,
    ) -> None:
        """Let worker threads call `_do_train_epoch` for their shares of a file."""
        n_workers = config.n_threads(self.workers)
        share = path.stat().st_size / n_workers

        def work(rank: int) -> None:
            examples, trained, read = self._do_train_epoch(
                str(path),
                rank,
                int(share * rank),
                None,
                self._get_thread_working_mem(),
                epoch,
                total_examples=total_examples,
                total_words=total_words,
            )
            tally.add(trained, read, examples)

        assert self._jobs is not None
        bodies = [functools.partial(work, rank) for rank in range(n_workers)]
        with Crew(bodies, self._jobs.stop) as crew:
            crew.wait()


class _Tally:
    """What the workers did in an epoch."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.examples = self.trained = self.read = 0

    def add(self, trained: int, read: int, examples: int = 0) -> None:
        with self._lock:
            self.trained += trained
            self.read += read
            self.examples += examples


def _line_batches(
    path: Path, begin: int, end: int, batch_words: int
) -> Iterator[tuple[list[list[str]], float]]:
    """Yield the lines that begin in [begin, end) as batches of words, and the share done."""
    with path.open("rb") as file:
        if begin:
            file.seek(begin - 1)
            file.readline()  # the rest of a line that another worker has
        batch: list[list[str]] = []
        n_words = 0
        start = place = file.tell()
        while place < end:
            line = file.readline()
            if not line:
                break
            place += len(line)
            words = [word.decode() for word in line.split()]
            if not words:
                continue
            if batch and n_words + len(words) > batch_words:
                yield batch, min((place - start) / max(end - start, 1), 1.0)
                batch, n_words = [], 0
            batch.append(words)
            n_words += len(words)
        if batch:
            yield batch, 1.0
