"""Training speed beside quality: one thing varied at a time, and rivals on equal terms."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import measure, rivals
from benchmarks.models import MODELS
from benchmarks.plan import Options, Row, Step
from benchmarks.texts import Text

DIMENSIONS = (100, 200, 300)
VOCABULARIES = (1_000, 10_000, 100_000, 1_000_000)
SENTENCE_LENGTHS = (5, 20, 100, 1_000, 10_000)
WINDOWS = (2, 5, 10, 15)
NEGATIVES = (5, 10, 20)
EPOCHS = 3

# Rough thousand words per CPU second at 100 dimensions, for the guesses of the plan only.
PACE = {
    "ours": {"sg-ns": 1800, "cbow-ns": 1300, "sg-hs": 450, "cbow-hs": 800},
    "gensim": {"sg-ns": 150, "cbow-ns": 500, "sg-hs": 170, "cbow-hs": 500},
    "fasttext": {"sg-ns": 65, "cbow-ns": 180, "sg-hs": 75, "cbow-hs": 250},
}
OTHERS = {"sg-ns": 80, "cbow-ns": 150, "sg-hs": 80, "cbow-hs": 150}
PER_PROCESS = 1.5


def train(
    text: Text,
    trainer: str,
    model: str,
    *,
    environment: Mapping[str, str] | None = None,
    **parameters: Any,
) -> Row | None:
    """Train in a process of its own and judge the vectors; None if the trainer lacks the model."""
    with tempfile.TemporaryDirectory() as directory:
        job = rivals.Job(
            **{
                "text": str(text.path.resolve()),
                "output": str(Path(directory) / "vectors.bin"),
                "min_count": text.min_count,
                "epochs": EPOCHS,
                **MODELS[model],
                **parameters,
            }
        )
        answer = measure.child({"trainer": trainer, "job": asdict(job)}, environment)
        if "not_offered" in answer:
            return None
        scores = text.score(Path(job.output))
    words = answer["words"] or text.n_tokens * answer["epochs"]
    return {
        "part": "training",
        "trainer": rivals.find(trainer).label,
        "model": model,
        "text": text.name,
        "tokens": text.n_tokens,
        "vocabulary": text.recipe.n_words if text.recipe else None,
        "sentence_length": text.recipe.sentence_length if text.recipe else None,
        **{
            name: getattr(job, name)
            for name in ("vector_size", "window", "negative", "epochs", "workers", "seed")
        },
        "words_per_second": words / answer["seconds"],
        "words_per_cpu_second": words / answer["cpu_seconds"],
        # Of all epochs, whatever the times cover.
        "train_seconds": answer["seconds"] * job.epochs / answer["epochs"],
        "load_seconds": answer["load_seconds"],
        "peak_rss_mib": answer["peak_rss_mib"],
        "quality": scores,
        "remarks": answer["remarks"],
        "details": answer["details"],
    }


def guess(trainer: str, model: str, n_tokens: int, **parameters: Any) -> float:
    """Guess the seconds of `train`."""
    pace = 1e5 * PACE.get(trainer, OTHERS)[model] / float(parameters.get("vector_size", 100))
    pace *= 5 / float(parameters.get("window", 5)) * 5 / float(parameters.get("negative", 5))
    passes = int(parameters.get("epochs", EPOCHS)) + (trainer not in ("ours", "gensim"))
    return PER_PROCESS + n_tokens * passes / pace / int(parameters.get("workers", 1))


def step(
    sweep: str,
    make: Callable[[], Text],
    n_tokens: int,
    trainer: str,
    model: str,
    **parameters: Any,
) -> Step:
    """Plan one training; the text is generated when its turn comes."""

    def measured() -> list[Row]:
        row = train(make(), trainer, model, **parameters)
        return [] if row is None else [{**row, "sweep": sweep}]

    shown = " ".join(f"{name}={value}" for name, value in parameters.items())
    return Step(
        f"{sweep}: {rivals.find(trainer).label} {model} {shown}",
        guess(trainer, model, n_tokens, **parameters),
        measured,
    )


def steps(options: Options) -> Iterator[Step]:
    """Our own training: dimensions, workers, vocabularies, sentences, windows, noise words."""
    n, m = options.tokens, options.usual_tokens
    usual = options.usual

    for model in MODELS:
        for dim in DIMENSIONS:
            for seed in options.sweep_seeds:
                yield step("dimension", usual, m, "ours", model, vector_size=dim, seed=seed)
    for model in MODELS:
        for workers in options.workers:
            for seed in options.sweep_seeds:
                yield step("workers", usual, m, "ours", model, workers=workers, seed=seed)

    for n_words in VOCABULARIES:
        # Enough text for the words to come up, and the largest only where there is time for it.
        n_tokens = max(n, 3 * n_words)
        if n_words > n:
            continue
        make = partial(options.generated, n_words, n_tokens=n_tokens)
        largest = n_words == max(VOCABULARIES)
        one = {"epochs": 1} if largest and not options.full else {}
        for seed in options.sweep_seeds:
            for model in ("sg-ns",) if largest and not options.full else ("sg-ns", "cbow-ns"):
                yield step("vocabulary", make, n_tokens, "ours", model, seed=seed, **one)
            if options.full and largest:
                yield step(
                    "vocabulary", make, n_tokens, "ours", "sg-ns", seed=seed, vector_size=300
                )

    def lines_of(length: int) -> Callable[[], Text]:
        return partial(options.generated, sentence_length=length)

    for length in SENTENCE_LENGTHS:
        for seed in options.sweep_seeds:
            yield step("sentence_length", lines_of(length), n, "ours", "sg-ns", seed=seed)
    for window in WINDOWS:
        for seed in options.sweep_seeds:
            yield step("window", options.generated, n, "ours", "sg-ns", window=window, seed=seed)
    for negative in NEGATIVES:
        for seed in options.sweep_seeds:
            yield step(
                "negative", options.generated, n, "ours", "sg-ns", negative=negative, seed=seed
            )


def rival_steps(options: Options) -> Iterator[Step]:
    """Everybody who is there on the same text, with all workers, every seed."""
    for name in rivals.NAMES:
        if rivals.find(name).version() is None:
            continue
        for model in MODELS:
            fast = name in ("ours", "gensim")
            # The others have fixed seeds, and would take half of ten minutes.
            if MODELS[model]["hs"] and not (fast or options.full):
                continue
            for seed in options.seeds if fast or options.full else options.seeds[:1]:
                yield step(
                    "rivals", options.usual, options.usual_tokens, name, model,
                    workers=max(options.workers), seed=seed, epochs=5 if options.full else EPOCHS,
                )  # fmt: skip
