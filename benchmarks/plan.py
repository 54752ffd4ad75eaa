"""What is to be measured, and the running of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import corpora
from benchmarks.measure import MeasurementError
from benchmarks.models import MODELS
from benchmarks.texts import Text

Row = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One measurement: a line of progress, a guess of its seconds, and rows when it is done."""

    name: str
    estimate: float
    run: Callable[[], list[Row]]


@dataclass
class Options:
    """What the user asked for.

    Attributes
    ----------
    output : Path
        Directory for everything that is written.
    full : bool
        All seeds and sizes, instead of what fits into ten minutes.
    tokens : int
        Length of a usual generated text; others are in proportion.
    seeds : list of int
        Seeds of the trainers.
    workers : list of int
        Numbers of workers to compare.
    models : list of str
        Which of `MODELS` to train.
    text, evaluation : Path or None
        A real text and what its vectors are judged by.
    """

    output: Path
    full: bool = False
    tokens: int = 1_000_000
    seeds: list[int] = field(default_factory=lambda: [1])
    workers: list[int] = field(default_factory=lambda: [1])
    models: list[str] = field(default_factory=lambda: list(MODELS))
    text: Path | None = None
    evaluation: Path | None = None

    @property
    def sweep_seeds(self) -> list[int]:
        """Seeds of the sweeps: one is enough to see a curve."""
        return self.seeds if self.full else self.seeds[:1]

    @property
    def usual_tokens(self) -> int:
        """Length of the usual text, about."""
        if self.full and self.text is not None:
            return self.text.stat().st_size // 6
        return self.tokens

    def generated(self, n_words: int | None = None, **shape: Any) -> Text:
        """Generate a text of the usual length, of another vocabulary or shape if asked."""
        n_words = n_words or max(min(50_000, self.tokens // 20), 60)
        n_tokens = shape.pop("n_tokens", self.tokens)
        recipe = corpora.Recipe(n_words=n_words, n_tokens=n_tokens, **shape)
        path, n_tokens = corpora.generate(recipe, self.output / "corpora")
        return Text("generated", path, n_tokens, recipe)

    def usual(self, times: int = 1) -> Text:
        """Return a sample of the user's text if there is one that can be judged, else generate.

        It is of the usual length, or so many times as long, as far as the text goes.
        """
        if self.text is None or self.evaluation is None:
            return self.generated(n_tokens=times * self.tokens)
        n_tokens = 10**12 if self.full else times * self.tokens
        path, n_tokens = corpora.sample(self.text, n_tokens, self.output / "corpora")
        return Text(self.text.name, path, n_tokens, evaluation=self.evaluation)


def run(steps: Iterable[Step], report: Callable[[str], None] = print) -> list[Row]:
    """Run all steps, saying what is run and about how long the rest will take.

    A step that fails is reported and leaves a row with its error, so that the others still run.
    """
    plan = list(steps)
    expected = sum(step.estimate for step in plan)
    report(f"{len(plan)} measurements, about {duration(expected)}")
    rows: list[Row] = []
    began = time.perf_counter()
    done = 0.0
    for number, step in enumerate(plan, 1):
        spent = time.perf_counter() - began
        # Guesses are for an ordinary machine; what is done says how this one compares.
        pace = spent / done if done > 20 else 1.0
        left = duration((expected - done) * pace)
        report(f"[{number:3}/{len(plan)}] {step.name}, about {left} to go")
        try:
            rows += step.run()
        except MeasurementError as error:
            report(f"    failed: {error}")
            rows.append({"part": "failed", "name": step.name, "error": str(error)})
        done += step.estimate
    report(f"done in {duration(time.perf_counter() - began)}")
    return rows


def duration(seconds: float) -> str:
    """Write seconds as people do."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
