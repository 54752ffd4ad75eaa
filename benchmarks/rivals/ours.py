"""fastw2v itself, through its public API."""

from __future__ import annotations

import time
from dataclasses import asdict

from benchmarks.rivals import Job, Result, keyword_arguments

label = "fastw2v"


def version() -> str | None:
    """Version of the package."""
    import fastw2v

    return fastw2v.__version__


def train(job: Job) -> Result:
    """Read the text once, train, save."""
    from fastw2v import Word2Vec
    from fastw2v.isa import chosen_isa

    model = Word2Vec(**keyword_arguments(job))
    began = time.perf_counter()
    model.fit(corpus_file=job.text)
    seconds = time.perf_counter() - began
    report = model.report
    model.wv.save_word2vec_format(job.output, binary=True)
    return Result(
        epochs=job.epochs,
        seconds=report.seconds,
        cpu_seconds=report.cpu_seconds,
        load_seconds=seconds - report.seconds,
        details={"isa": chosen_isa(), "ledger": asdict(report.ledger)},
    )
