"""Report the progress of reading, not too often."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from fastw2v.progress import Display

Progress: TypeAlias = "Callable[[int, int | None], None] | bool"
"""Called as progress(done, total); total is None where it is not known. True shows a bar."""

PERIOD = 0.1
"""Seconds between two reports."""


def function_or_bar(name: str, given: object, takes: str) -> Callable[..., Any] | bool:
    """Return a function as it is, True for a bar and False for nothing.

    Raises
    ------
    TypeError
        If the parameter `name` is none of these; `takes` says what the function is called with.
    """
    if callable(given):
        return given
    if given in (None, False, True):
        return bool(given)
    raise TypeError(
        f"{name} must be True, False, None or a function that takes {takes}, got {given!r}"
    )


class Reporter:
    """Calls a progress function at most once per `PERIOD`, and at the end.

    Parameters
    ----------
    progress : callable or bool, optional
        The function; True shows a bar on a terminal and lines in a log, False nothing.
    total : int, optional
        Of how much.
    unit : str
        What is counted, for `fastw2v.progress.Display`.

    Raises
    ------
    TypeError
        If `progress` is none of these.
    """

    def __init__(self, progress: Progress | None, total: int | None, unit: str = "B") -> None:
        self._display: Display | None = None
        self._progress: Callable[[int, int | None], None] | None = None
        self._total = total
        self._due = 0.0
        shown = function_or_bar("progress", progress, "(done, total)")
        if callable(shown):
            self._progress = shown
        elif shown:
            from fastw2v.progress import Display  # loads tqdm

            self._display = Display("reading", unit)
            self._progress = self._display.show

    def __enter__(self) -> Reporter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._display is not None:
            self._display.close()

    def report(self, done: int) -> None:
        """Say how much is done, unless that was said a moment ago."""
        if self._progress is not None and time.monotonic() >= self._due:
            self._progress(done, self._total)
            self._due = time.monotonic() + PERIOD

    def finish(self, done: int) -> None:
        """Say how much was done in the end."""
        if self._progress is not None:
            self._progress(done, self._total)
