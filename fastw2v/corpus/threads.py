"""Run worker threads so that Ctrl-C always gets out, and report progress meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

Progress = Callable[[int, int | None], None]
"""Called as progress(done, total); total is None where it is not known."""

PERIOD = 0.1
"""Seconds between two reports, and the longest that a signal waits to be noticed."""


class Reporter:
    """Calls a progress function at most once per `PERIOD`, and at the end."""

    def __init__(self, progress: Progress | None, total: int | None) -> None:
        self._progress = progress
        self._total = total
        self._due = 0.0

    def report(self, done: int) -> None:
        """Say how much is done, unless that was said a moment ago."""
        if self._progress is not None and time.monotonic() >= self._due:
            self._progress(done, self._total)
            self._due = time.monotonic() + PERIOD

    def finish(self, done: int) -> None:
        """Say how much was done in the end."""
        if self._progress is not None:
            self._progress(done, self._total)


def check_workers(workers: int) -> None:
    """Raise ValueError unless `workers` is a number of threads."""
    if workers < 1:
        raise ValueError(f"workers must be 1 or more, got {workers}")


def run(
    body: Callable[[int, threading.Event], None],
    workers: int,
    tick: Callable[[], None] = lambda: None,
) -> None:
    """Run `body(rank, stop)` in threads and wait for all of them.

    Parameters
    ----------
    body : callable
        Gets its rank in 0 .. workers - 1 and an event; it returns soon after the event is set.
    workers : int
        Number of threads.
    tick : callable
        Called from the calling thread, about ten times a second.

    Raises
    ------
    BaseException
        The first exception of a thread, of `tick`, or KeyboardInterrupt. No thread is left running
        when it arrives.
    """
    stop = threading.Event()
    failures: list[BaseException] = []

    def guarded(rank: int) -> None:
        try:
            body(rank, stop)
        except BaseException as error:
            failures.append(error)
            stop.set()

    threads: list[threading.Thread] = []
    try:
        for rank in range(workers):
            thread = threading.Thread(target=guarded, args=(rank,), name=f"fastw2v-{rank}")
            thread.start()
            threads.append(thread)
        for thread in threads:
            while thread.is_alive():
                tick()
                thread.join(PERIOD)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]
