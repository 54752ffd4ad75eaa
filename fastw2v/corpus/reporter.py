"""Report the progress of reading, not too often."""

from __future__ import annotations

import time
from collections.abc import Callable

Progress = Callable[[int, int | None], None]
"""Called as progress(done, total); total is None where it is not known."""

PERIOD = 0.1
"""Seconds between two reports."""


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
