"""Curves of a run: throughput over dimension, workers and vocabulary; quality over time."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.models import TITLES

Row = Mapping[str, Any]
CURVES = {
    "dimension": ("vector_size", "dimensions", "words_per_cpu_second", "linear"),
    "workers": ("workers", "workers", "words_per_second", "linear"),
    "vocabulary": ("vocabulary", "words in the vocabulary", "words_per_cpu_second", "log"),
}
WORDS = {
    "words_per_cpu_second": "thousand corpus words per CPU second",
    "words_per_second": "thousand corpus words per second",
}


def draw(results: Mapping[str, Any], directory: Path) -> list[Path]:
    """Draw what there are rows for, a PNG file each.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    import matplotlib

    matplotlib.use("Agg")
    rows = [row for row in results["rows"] if row["part"] == "training" and row["quality"]]
    note = f"{results['machine']['processor']}, {results['machine']['isa']}"
    drawn = []
    for name, (key, label, value, scale) in CURVES.items():
        found = [row for row in rows if row["sweep"] == name]
        if found:
            path = directory / f"{name}.png"
            draw_curves(found, key, label, value, scale, note, path)
            drawn.append(path)
    found = [row for row in rows if row["sweep"] == "rivals"]
    if found:
        path = directory / "quality.png"
        draw_quality(found, note, path)
        drawn.append(path)
    return drawn


def medians(rows: Iterable[Row], key: str, value: str) -> tuple[list[float], list[float]]:
    """The points of a curve: medians over the seeds."""
    points: dict[float, list[float]] = {}
    for row in rows:
        points.setdefault(row[key], []).append(row[value])
    at = sorted(points)
    return at, [statistics.median(points[x]) for x in at]


def draw_curves(
    rows: list[Row], key: str, label: str, value: str, scale: str, note: str, path: Path
) -> None:
    """One curve per model, from zero up."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4), layout="constrained")
    for model, title in TITLES.items():
        at, rates = medians(
            [row for row in rows if row["model"] == model
             and (key == "vector_size" or row["vector_size"] == 100)],
            key, value,
        )  # fmt: skip
        if at:
            axes.plot(at, [rate / 1000 for rate in rates], marker="o", label=title)
    axes.set(xlabel=label, ylabel=WORDS[value], xscale=scale, title=note)
    axes.set_ylim(bottom=0)
    if scale == "linear":  # no half workers
        axes.set_xticks(sorted({row[key] for row in rows}))
    axes.title.set_fontsize("small")
    axes.legend()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def draw_quality(rows: list[Row], note: str, path: Path) -> None:
    """One panel per model, one point per trainer and seed: up is better, left is faster.

    Time is logarithmic, so as many times as fast is as far to the left anywhere.
    """
    from matplotlib import pyplot
    from matplotlib.ticker import LogLocator, NullFormatter

    measure = next(iter(rows[0]["quality"]))
    present = [model for model in TITLES if any(row["model"] == model for row in rows)]
    trainers = list(dict.fromkeys(row["trainer"] for row in rows))
    figure, panels = pyplot.subplots(
        1, len(present), figsize=(3 * len(present) + 2, 3.5), layout="constrained", squeeze=False
    )
    for model, axes in zip(present, panels[0], strict=True):
        for number, trainer in enumerate(trainers):
            found = [row for row in rows if (row["model"], row["trainer"]) == (model, trainer)]
            axes.scatter(
                [row["train_seconds"] for row in found],
                [row["quality"][measure] for row in found],
                color=f"C{number}",
                label=trainer,
            )
        axes.set(xlabel="seconds of training", title=TITLES[model])
        shown = [row for row in rows if row["model"] == model]
        seconds = [row["train_seconds"] for row in shown]
        axes.set(xscale="log", xlim=(min(seconds) / 1.5, 1.5 * max(seconds)))
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_ylim(0, 1.1 * max(row["quality"][measure] for row in shown) or 1)
    panels[0][0].set_ylabel(measure)
    figure.legend(*panels[0][0].get_legend_handles_labels(), loc="outside right center")
    figure.suptitle(note, fontsize="small")
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
