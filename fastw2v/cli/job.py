"""The job behind `fastw2v train` and `fastw2v demo`: read, train, save, and tell about it."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastw2v import config
from fastw2v.cli.layout import number_of, row, tell
from fastw2v.cli.output import BINARY, MODEL, TEXT, rescue
from fastw2v.corpus.inputs import AnyInput
from fastw2v.corpus.reading import PLAIN, Reading
from fastw2v.errors import FormatError
from fastw2v.formats import word2vec_binary, word2vec_text
from fastw2v.isa import chosen_isa
from fastw2v.ledger import Ledger
from fastw2v.prepare import AUTO
from fastw2v.progress import Display
from fastw2v.word2vec import Word2Vec

# getrusage counts kilobytes, but bytes on macOS.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def train_and_save(
    inputs: Sequence[AnyInput],
    output: Path,
    *,
    kind: str,
    compute_loss: bool,
    quiet: bool,
    brief: bool = False,
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
    kind : str
        One of `output.FORMATS`.
    compute_loss : bool
        Whether to compute and print the loss of every epoch.
    quiet : bool
        Print nothing.
    brief : bool
        Print the loss of the first and the last epoch only.
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
            if kind != MODEL:
                (word2vec_text if kind == TEXT else word2vec_binary).check_keys(
                    model.wv.index_to_key
                )
            if not quiet:
                tell(plan(model))

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
        if kind == MODEL:
            model.save(output)
        else:
            model.wv.save_word2vec_format(output, binary=kind == BINARY)
    except BrokenPipeError:
        raise
    except (OSError, FormatError, MemoryError) as error:
        rescued = rescue(model if kind == MODEL else model.wv, output, error)
    if not quiet:
        tell(summary(model, time.perf_counter() - began, brief=brief))
    if rescued:
        raise rescued
    if not quiet:
        what = "the whole model" if kind == MODEL else f"word2vec {kind} format"
        tell(row("saved", f"{output}, {what}"))
    return model


def plan(model: Word2Vec) -> str:
    """Say what is going to be trained, and how."""
    kept = int(model.wv.expandos["count"].sum())
    objectives = [number_of(model.negative, "negative")] * bool(model.negative)
    objectives += ["hierarchical softmax"] * bool(model.hs)
    return "\n".join(
        (
            row(
                "corpus",
                f"{number_of(model.corpus_total_words, 'word')}, "
                f"{number_of(model.corpus_count, 'sentence')}",
            ),
            row(
                "vocabulary",
                f"{chosen(len(model.wv), model.effective_min_count)}, {kept:,} of the corpus",
            ),
            row(
                "model",
                f"{'skip-gram' if model.sg else 'CBOW'}, {' and '.join(objectives)}, "
                f"{model.vector_size} dimensions, window {model.window}",
            ),
            row(
                "training",
                f"{number_of(model.epochs, 'epoch')}, "
                f"{number_of(config.n_threads(model.workers), 'worker')}, alpha {model.alpha:g}, "
                f"{chosen_isa()}",
            ),
        )
    )


def chosen(n_words: int, min_count: int) -> str:
    """Say how many words a vocabulary has, and by which rule."""
    return f"{number_of(n_words, 'word')} that occur{'s' * (n_words == 1)} " + (
        f"{number_of(min_count, 'time')} or more"
    )


def summary(model: Word2Vec, seconds: float, *, brief: bool = False) -> str:
    """Say what became of every word, how fast, and in how much memory."""
    report = model.report
    words = model.ledger.corpus
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT / 2**20
    return "\n".join(
        (
            *fates(model.ledger, model.corpus_total_words),
            *losses(model.loss_history, brief=brief),
            row(
                "speed",
                f"{words / max(report.seconds, 1e-9):,.0f} corpus words/s, "
                f"{words / max(report.cpu_seconds, 1e-9):,.0f} per CPU second",
            ),
            row("time", f"{report.seconds:.1f} s of training, {seconds:.1f} s altogether"),
            row("memory", f"{peak:,.0f} MiB at most"),
        )
    )


def fates(ledger: Ledger, n_words: int) -> list[str]:
    """Say what became of the words of all epochs; `n_words` are read in each."""
    epochs = max(ledger.epochs, 1)
    each = [number_of(n_words, "word")]
    for name in ("sentence", "line", "byte"):
        if n := getattr(ledger, f"{name}s") // epochs:
            each.append(number_of(n, name))
    note = f"in {number_of(ledger.epochs, 'epoch')} of {', '.join(each)}"
    rows = [("words read", ledger.corpus, note)]
    for name, n in (
        ("invalid", ledger.invalid), ("out of vocabulary", ledger.oov),
        ("subsampled", ledger.subsampled), ("trained", ledger.trained),
    ):  # fmt: skip
        if n or name != "invalid":
            rows.append((name, n, f"{100.0 * n / max(ledger.corpus, 1):5.1f} %"))
    width = len(f"{ledger.corpus:,}")
    return [row(name, f"{n:>{width},}  {note}") for name, n, note in rows]


def losses(history: Sequence[float], *, brief: bool) -> list[str]:
    """Say how the loss fell."""
    if not history:
        return []
    if brief:
        first, last = history[0], history[-1]
        return [row("loss", f"{first:.4f} in epoch 1, {last:.4f} in epoch {len(history)}")]
    found = " ".join(f"{loss:.4f}" for loss in history)
    return [row("loss", f"{found} per positive pair, epoch by epoch")]
