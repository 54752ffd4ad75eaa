"""Progress in gensim's words, for programs that read its log."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from fastw2v.corpus.reporter import function_or_bar
from fastw2v.trainer import Observer, Progress

if TYPE_CHECKING:
    from fastw2v.progress import Display

logger = logging.getLogger("fastw2v")


class TrainingLog:
    """Writes gensim's log lines of a training call.

    Parameters
    ----------
    report_delay : float
        Seconds from one progress line to the next.
    total_examples, total_words : int, optional
        What the user expects to be in the corpus.
    observe : callable or bool, optional
        Called on with every `Progress`; True shows a bar on a terminal and lines in a log.
    progress : callable or bool, optional
        What shows how the corpus is read; if that is a bar, training has one unless `observe` says
        otherwise.

    Raises
    ------
    TypeError
        If one of the two is none of these.
    """

    def __init__(
        self,
        report_delay: float,
        total_examples: int | None,
        total_words: int | None,
        observe: Observer | bool | None = None,
        progress: object = None,
    ) -> None:
        self._delay = report_delay
        self._expected = (("example", total_examples), ("raw word", total_words))
        self._display: Display | None = None
        self._observe: Observer | None = None
        bar = function_or_bar("progress", progress, "(done, total)") is True
        shown = function_or_bar("observe", bar if observe is None else observe, "a Progress")
        if callable(shown):
            self._observe = shown
        elif shown:
            from fastw2v.progress import Display  # loads tqdm

            self._display = Display("training", "word")
            self._observe = self._display.training
        self._began = self._last = time.perf_counter()
        self._done = (0, 0, 0.0)  # corpus words, trained words, seconds: at the last epoch's end

    def __call__(self, progress: Progress) -> None:
        """Write a progress line if it is time."""
        if self._observe:
            self._observe(progress)
        now = time.perf_counter()
        if now - self._last >= self._delay:
            self._last = now
            share = progress.words * progress.epochs / max(progress.total_words, 1)
            logger.info(
                "EPOCH %i - PROGRESS: at %.2f%% examples, %.0f words/s",
                progress.epoch,
                100.0 * min(share - progress.epoch, 1.0),
                progress.words / max(progress.seconds, 1e-9),
            )

    def close(self) -> None:
        """Leave the bar, if there is one, as it stands."""
        if self._display is not None:
            self._display.close()

    def end_epoch(
        self, epoch: int, examples: int, corpus_words: int, trained_words: int, seconds: float
    ) -> None:
        """Sum an epoch up.

        Parameters
        ----------
        epoch : int
            Its number, from 0.
        examples : int
            Sentences in it.
        corpus_words, trained_words : int
            Words of all epochs so far.
        seconds : float
            Time of all epochs so far.
        """
        words, trained, took = self._done
        self._done = (corpus_words, trained_words, seconds)
        _sum_up(f"EPOCH {epoch}: ", corpus_words - words, trained_words - trained, seconds - took)
        found = (examples, corpus_words - words)
        for (what, expected), count in zip(self._expected, found, strict=True):
            if expected is not None and expected != count:
                logger.warning(
                    "EPOCH %i: supplied %s count (%i) did not equal expected count (%i)",
                    epoch,
                    what,
                    count,
                    expected,
                )

    def summary(self) -> str:
        """Return gensim's line about the whole call."""
        words, trained, seconds = self._done
        return _line(words, trained, seconds)


def _line(words: int, trained: int, seconds: float) -> str:
    return (
        f"training on {words} raw words ({trained} effective words) took {seconds:.1f}s, "
        f"{trained / max(seconds, 1e-9):.0f} effective words/s"
    )


def _sum_up(prefix: str, words: int, trained: int, seconds: float) -> None:
    logger.info("%s%s", prefix, _line(words, trained, seconds))
