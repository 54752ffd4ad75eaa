"""The job behind `fastw2v train` and `fastw2v demo`: read, train, save, and tell about it."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastw2v import config
from fastw2v.cli.output import rescue
from fastw2v.corpus.inputs import AnyInput
from fastw2v.corpus.reading import PLAIN, Reading
from fastw2v.errors import FormatError
from fastw2v.formats import word2vec_binary, word2vec_text
from fastw2v.isa import chosen_isa
from fastw2v.prepare import AUTO
from fastw2v.progress import Display
from fastw2v.word2vec import Word2Vec

# getrusage counts kilobytes, but bytes on macOS.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def train_and_save(
    inputs: Sequence[AnyInput],
    output: Path,
    *,
    binary: bool,
    compute_loss: bool,
    quiet: bool,
    reading: Reading = PLAIN,
    cache_dir: Path | None = None,
    memory: str = AUTO,
    vocabulary: Path | None = None,
    **parameters: Any,
) -> Word2Vec:
    """Train on text files, save the vectors, show progress and a summary.

    Parameters
    ----------
    inputs : sequence of path or Input
        The corpus.
    output : Path
        File of vectors.
    binary : bool
        word2vec's binary format, or its text format.
    compute_loss : bool
        Whether to compute and print the loss of every epoch.
    quiet : bool
        Print nothing.
    reading : Reading
        How to read it.
    cache_dir, memory, vocabulary
        As for `Word2Vec`.
    **parameters
        Hyper-parameters, checked.

    Returns
    -------
    Word2Vec
        The trained model.

    Raises
    ------
    RescuedError
        If the vectors could not be saved there, but somewhere else.
    """

    class Announcement:
        """Says what is going to be trained, once the corpus is counted."""

        def on_train_begin(self, model: Word2Vec) -> None:
            counting.close()
            # Before an hour is spent: words that the output cannot hold.
            (word2vec_binary if binary else word2vec_text).check_keys(model.wv.index_to_key)
            if not quiet:
                print(plan(model), flush=True)

    began = time.perf_counter()
    model = Word2Vec(
        compute_loss=compute_loss,
        cache_dir=cache_dir,
        memory=memory,
        **vars(reading),
        **parameters,
    )
    with Display("reading", "B") as counting, Display("training", "word") as training:
        model.fit(
            corpus_file=inputs,
            callbacks=[Announcement()],
            progress=None if quiet else counting.show,
            observe=None if quiet else training.training,
            vocabulary=vocabulary,
        )
    rescued = None
    try:
        model.wv.save_word2vec_format(output, binary=binary)
    except BrokenPipeError:
        raise
    except (OSError, FormatError) as error:
        rescued = rescue(model.wv, output, error)
    if not quiet:
        print(summary(model, time.perf_counter() - began), flush=True)
    if rescued:
        raise rescued
    if not quiet:
        kind = "binary" if binary else "text"
        print(row("saved", f"{output}, word2vec {kind} format"), flush=True)
    return model


def row(name: str, text: str) -> str:
    """One line of a report."""
    return f"{name:<18} {text}"


def number_of(n: int, noun: str) -> str:
    """Spell a number of things: "1 epoch", "2 epochs"."""
    return f"{n:,} {noun}" + "s" * (n != 1)


def plan(model: Word2Vec) -> str:
    """Say what is going to be trained, and how."""
    kept = int(model.wv.expandos["count"].sum())
    objectives = [number_of(model.negative, "negative")] * bool(model.negative)
    objectives += ["hierarchical softmax"] * bool(model.hs)
    return "\n".join(
        (
            row("corpus", f"{model.corpus_total_words:,} words, {model.corpus_count:,} sentences"),
            row(
                "vocabulary",
                f"{len(model.wv):,} words that occur {model.effective_min_count} times or more, "
                f"{kept:,} of the corpus",
            ),
            row(
                "model",
                f"{'skip-gram' if model.sg else 'CBOW'}, {' and '.join(objectives)}, "
                f"{model.vector_size} dimensions, window {model.window}",
            ),
            row(
                "training",
                f"{number_of(model.epochs, 'epoch')}, "
                f"{number_of(config.n_threads(model.workers), 'worker')}, {chosen_isa()}",
            ),
        )
    )


def summary(model: Word2Vec, seconds: float) -> str:
    """Say what became of every word, how fast, and in how much memory."""
    report = model.report
    words = model.ledger.corpus
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT / 2**20
    losses = [
        row(f"loss, epoch {epoch}", f"{loss:.4f} per positive pair")
        for epoch, loss in enumerate(model.loss_history, 1)
    ]
    return "\n".join(
        (
            str(model.ledger),
            *losses,
            row(
                "speed",
                f"{words / max(report.seconds, 1e-9):,.0f} corpus words/s, "
                f"{words / max(report.cpu_seconds, 1e-9):,.0f} per CPU second",
            ),
            row("time", f"{report.seconds:.1f} s of training, {seconds:.1f} s altogether"),
            row("memory", f"{peak:,.0f} MiB at most"),
        )
    )
