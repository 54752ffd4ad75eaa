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
SWEPT = "sg-ns"  # the model by which shapes of texts are swept
EPOCHS = 3

# Rough thousand words per CPU second at 100 dimensions, for the guesses of the plan only.
PACE = {
    "ours": {"sg-ns": 3000, "cbow-ns": 2700, "sg-hs": 1200, "cbow-hs": 3000},
    "gensim": {"sg-ns": 150, "cbow-ns": 480, "sg-hs": 160, "cbow-hs": 470},
    "fasttext": {"sg-ns": 60, "cbow-ns": 360, "sg-hs": 75, "cbow-hs": 250},
    "word2vec_c": {"sg-ns": 90, "cbow-ns": 210, "sg-hs": 80, "cbow-hs": 150},
    "pword2vec": {"sg-ns": 240},
    "psgnscc": {"sg-ns": 500},
    "par_word2vec": {"sg-ns": 1500},
    "koan": {"sg-ns": 110, "cbow-ns": 880},
    "word2vec_pp": {"sg-ns": 300, "cbow-ns": 620, "sg-hs": 150, "cbow-hs": 300},
}
UNKNOWN = dict.fromkeys(MODELS, 100)
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
    known = PACE.get(trainer, UNKNOWN)
    if model not in known:  # the trainer lacks it
        return PER_PROCESS
    pace = 1e5 * known[model] / float(parameters.get("vector_size", 100))
    pace *= 5 / float(parameters.get("window", 5)) * 5 / float(parameters.get("negative", 5))
    passes = int(parameters.get("epochs", EPOCHS)) + (trainer not in ("ours", "gensim"))
    return PER_PROCESS + n_tokens * passes / pace / int(parameters.get("workers", 1))


def step(
    sweep: str,
    make: Callable[[], Text],
    n_tokens: int,
    trainer: str,
    model: str,
    *,
    at: str = "",
    **parameters: Any,
) -> Step:
    """Plan one training; the text, `at` says what is special about it, is made in its turn."""

    def measured() -> list[Row]:
        row = train(make(), trainer, model, **parameters)
        return [] if row is None else [{**row, "sweep": sweep}]

    shown = " ".join([*([at] if at else []), *(f"{k}={v}" for k, v in parameters.items())])
    return Step(
        f"{sweep}: {rivals.find(trainer).label} {model} {shown}",
        guess(trainer, model, n_tokens, **parameters),
        measured,
    )


def steps(options: Options) -> Iterator[Step]:
    """Our own training: dimensions, workers, vocabularies, sentences, windows, noise words."""
    yield from model_steps(options)
    yield from vocabulary_steps(options)
    if SWEPT in options.models:
        yield from shape_steps(options)


def model_steps(options: Options) -> Iterator[Step]:
    """Every model by its dimensions and by workers, on the usual text."""
    make, n_tokens = options.usual, options.usual_tokens
    for model in options.models:
        for dim in DIMENSIONS:
            for seed in options.sweep_seeds:
                yield step("dimension", make, n_tokens, "ours", model, vector_size=dim, seed=seed)
    for model in options.models:
        for workers in options.workers:
            for seed in options.sweep_seeds:
                yield step("workers", make, n_tokens, "ours", model, workers=workers, seed=seed)


def vocabulary_steps(options: Options) -> Iterator[Step]:
    """Generated texts of few and many words, by negative sampling."""
    for n_words in VOCABULARIES:
        if n_words > options.tokens:
            continue
        # Enough text for the words to come up.
        n_tokens = max(options.tokens, 3 * n_words)
        make, at = partial(options.generated, n_words, n_tokens=n_tokens), f"words={n_words}"
        for seed in options.sweep_seeds:
            for model in options.models:
                for shape in vocabulary_shapes(model, n_words, options.full):
                    yield step(
                        "vocabulary", make, n_tokens, "ours", model, at=at, seed=seed, **shape
                    )


def vocabulary_shapes(model: str, n_words: int, full: bool) -> list[dict[str, Any]]:
    """Parameters of the trainings of one model on so many words; the most words take time."""
    if model not in (SWEPT, "cbow-ns"):
        return []
    if n_words < max(VOCABULARIES):
        return [{}]
    if model != SWEPT:
        return [{}] if full else []
    return [{}, {"vector_size": 300}] if full else [{"epochs": 1}]


def shape_steps(options: Options) -> Iterator[Step]:
    """Generated texts of short and long sentences, and windows and noise words on the usual one."""
    n_tokens = options.tokens
    for seed in options.sweep_seeds:
        for length in SENTENCE_LENGTHS:
            make = partial(options.generated, sentence_length=length)
            at = f"length={length}"
            yield step("sentence_length", make, n_tokens, "ours", SWEPT, at=at, seed=seed)
        for name, values in (("window", WINDOWS), ("negative", NEGATIVES)):
            for value in values:
                shape: dict[str, Any] = {name: value}
                yield step(name, options.generated, n_tokens, "ours", SWEPT, seed=seed, **shape)


def rival_steps(options: Options) -> Iterator[Step]:
    """Everybody who is there on the same text, with all workers, every seed."""
    for name in rivals.NAMES:
        if rivals.find(name).version() is None:
            continue
        for model in options.models:
            fast = name in ("ours", "gensim")
            # The others have fixed seeds, and would take half of ten minutes.
            if MODELS[model]["hs"] and not (fast or options.full):
                continue
            for seed in options.seeds if fast or options.full else options.seeds[:1]:
                yield step(
                    "rivals", options.usual, options.usual_tokens, name, model,
                    workers=max(options.workers), seed=seed, epochs=5 if options.full else EPOCHS,
                )  # fmt: skip
