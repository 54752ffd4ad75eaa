"""Progress for people: a bar on a terminal, a plain line now and then in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from tqdm import tqdm

if TYPE_CHECKING:
    from fastw2v.trainer import Progress

LINE_SECONDS = 10.0
BAR = 10
"""Columns of a bar at least: where there is no room, notes are left out, the last one first, and
at last the speed."""
_WITHOUT_SPEED = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}]"


class _Bar(tqdm):  # type: ignore[type-arg]
    """A bar with notes, as many as leave room for it."""

    notes: Sequence[str] = ()

    @property
    def format_dict(self) -> dict[str, Any]:
        """What is shown."""
        values = dict(super().format_dict)
        columns = values["ncols"]
        for n in range(len(self.notes), -1, -1):
            values["postfix"] = ", ".join(self.notes[:n])
            rest = self.format_meter(**{**values, "ncols": 0})
            if not columns or len(rest) + 2 + BAR <= columns:
                return values
        return {**values, "bar_format": _WITHOUT_SPEED}


class Display:
    """Shows how far a phase of known or unknown length has come.

    Parameters
    ----------
    title : str
        What is being done, one word or two.
    unit : str
        What is counted: "word", "B" (bytes, shown in binary multiples), "sentence".
    stream : text stream
        Where to write, standard error by default; a bar if it is a terminal, else a line every ten
        seconds.
    """

    def __init__(self, title: str, unit: str, stream: TextIO | None = None) -> None:
        self._title = title
        self._unit = unit
        self._stream = sys.stderr if stream is None else stream
        self._bar: Any = None
        self._began = self._last_line = time.perf_counter()

    def __enter__(self) -> Display:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()

    def show(self, done: int, total: int | None, *notes: str) -> None:
        """Show that `done` units of `total` (None: not known) are done, and `notes` beside it."""
        if self._stream is None or getattr(self._stream, "closed", False):
            return  # as in a program without a terminal
        if self._stream.isatty():
            self._show_bar(done, total, notes)
            return
        now = time.perf_counter()
        if now - self._last_line >= LINE_SECONDS:
            self._last_line = now
            self._show_line(done, total, notes, now - self._began)

    def training(self, progress: Progress) -> None:
        """Show a trainer's progress: words per second, learning rate, loss, time left."""
        notes = [f"epoch {progress.epoch + 1}/{progress.epochs}", f"alpha {progress.alpha:.5f}"]
        if progress.loss is not None:
            notes.insert(0, f"loss {progress.loss:.4f}")
        self.show(progress.words, progress.total_words, *notes)

    def _show_bar(self, done: int, total: int | None, notes: Sequence[str]) -> None:
        if self._bar is None:
            self._bar = _Bar(
                desc=self._title,
                total=total,
                unit=self._unit,
                unit_scale=True,
                unit_divisor=1024 if self._unit == "B" else 1000,
                file=self._stream,
                dynamic_ncols=True,
                smoothing=0.1,
            )
        bar = self._bar
        bar.notes = notes
        bar.update(done - bar.n)

    def _show_line(
        self, done: int, total: int | None, notes: Sequence[str], seconds: float
    ) -> None:
        rate = done / seconds
        unit = "bytes" if self._unit == "B" else self._unit + "s"
        line = f"{self._title}: {done:,} {unit}, {rate:,.0f}/s"
        if total:
            left = (total - done) / rate if rate else 0.0
            line += f", {100.0 * done / total:.0f} %, {left:,.0f} s left"
        print(", ".join([line, *notes]), file=self._stream, flush=True)
