"""gensim from a file, its fastest way: no Python object per word, no interpreter lock."""

from __future__ import annotations

import time
from importlib import metadata

from benchmarks.rivals import Job, Result, keyword_arguments

label = "gensim"


def version() -> str | None:
    """Version of the package, None if it is not installed."""
    try:
        return metadata.version("gensim")
    except metadata.PackageNotFoundError:
        return None


def train(job: Job) -> Result:
    """Count, train, save."""
    from gensim.models import Word2Vec

    model = Word2Vec(**keyword_arguments(job))
    began = time.perf_counter()
    model.build_vocab(corpus_file=job.text)
    load_seconds = time.perf_counter() - began
    began, cpu_began = time.perf_counter(), time.process_time()
    _, words = model.train(
        corpus_file=job.text,
        total_words=model.corpus_total_words,
        total_examples=model.corpus_count,
        epochs=job.epochs,
    )
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
    model.wv.save_word2vec_format(job.output, binary=True)
    return Result(
        epochs=job.epochs,
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        load_seconds=load_seconds,
        remarks=remarks(job),
        words=words,
    )


def remarks(job: Job) -> list[str]:
    """Say what differs.

    Every worker of a file lowers the learning rate by its own share of the words only, so that
    with N of them it falls an N-th of the way in an epoch; and their parts of the file overlap.
    """
    found = ["skips saturated pairs"]
    if job.workers > 1:
        found.append(f"learning rate falls 1/{job.workers} as far in an epoch")
    return found
