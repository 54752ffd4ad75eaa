"""fastText without subwords, by its Python bindings.

They train and read the text in one call, so reading is taken out by a second, shorter call.
"""

from __future__ import annotations

import contextlib
import ctypes
import time
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.measure import peak_rss_mib
from benchmarks.rivals import Job, NotOfferedError, Result
from benchmarks.rivals.executable import other_epochs

label = "fastText"
M_MMAP_THRESHOLD, LARGE = -3, 1 << 16  # the first from glibc's malloc.h


def version() -> str | None:
    """Version of the bindings, None if they are not installed."""
    try:
        return metadata.version("fasttext")
    except metadata.PackageNotFoundError:
        return None


def arguments(job: Job) -> dict[str, Any]:
    """Return the keyword arguments of `fasttext.train_unsupervised`."""
    return {
        "input": job.text,
        "model": "skipgram" if job.sg else "cbow",
        "loss": "hs" if job.hs else "ns",
        "neg": job.negative,
        "dim": job.vector_size,
        "ws": job.window,
        "lr": job.alpha,
        "t": job.sample,
        "minCount": job.min_count,
        "epoch": job.epochs,
        "thread": job.workers,
        "minn": 0,
        "maxn": 0,
        "bucket": 0,
        "verbose": 0,
    }


def take_fresh_memory() -> None:
    """Have large blocks of memory come zeroed from the system, where the C library is glibc's.

    fastText 0.9.3 reads memory that it has not written, and stops with "Encountered NaN" if
    something else was there before.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE)


def train(job: Job) -> Result:
    """Train twice, with all epochs and with one; save the vectors of the first."""
    if job.hs and job.negative:
        raise NotOfferedError("one loss at a time")
    take_fresh_memory()
    import fasttext

    def timed(job: Job) -> tuple[Any, float, float]:
        began, cpu_began = time.perf_counter(), time.process_time()
        model = fasttext.train_unsupervised(**arguments(job))
        return model, time.perf_counter() - began, time.process_time() - cpu_began

    model, seconds, cpu_seconds = timed(job)
    save(model, Path(job.output))
    peak = peak_rss_mib()
    epochs = job.epochs
    if not job.once and job.epochs > 1:
        del model
        _, short, cpu_short = timed(replace(job, epochs=1))
        epochs, seconds, cpu_seconds = other_epochs(job, (seconds, cpu_seconds), (short, cpu_short))
    remarks = ["its seed is fixed", *([] if job.hs else ["noise exponent 0.5, not 0.75"])]
    return Result(epochs, seconds, cpu_seconds, remarks=remarks, peak_rss_mib=peak)


def save(model: Any, path: Path) -> None:
    """Write the vectors of the words in word2vec's binary format; they come by frequency."""
    words = model.get_words()
    with path.open("wb") as file:
        file.write(f"{len(words)} {model.get_dimension()}\n".encode())
        for word in words:
            file.write(word.encode() + b" " + model.get_word_vector(word).tobytes() + b"\n")
