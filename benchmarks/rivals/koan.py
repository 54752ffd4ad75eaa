"""koan; its CBOW has the corrected gradient and the learning rate that goes with it."""

from __future__ import annotations

from benchmarks.rivals import Job, NotOfferedError, Result, executable

label = "koan"
NAME = "koan"
CBOW_ALPHA = 0.075  # what its authors recommend


def version() -> str | None:
    """Name and hash of the program, None if its path is not given."""
    return executable.version(NAME)


def command(program: str, job: Job) -> list[str]:
    """Return the command line; it writes text without a header."""
    return [
        program,
        "-f", job.text,
        "--embedding-path", job.output,
        "--dim", str(job.vector_size),
        "--context-size", str(job.window),
        "--negatives", str(job.negative),
        "--learning-rate", f"{job.alpha if job.sg else CBOW_ALPHA:g}",
        "--downsample-threshold", f"{job.sample:g}",
        "--min-count", str(job.min_count),
        "--epochs", str(job.epochs),
        "--threads", str(job.workers),
        "--cbow", "false" if job.sg else "true",
        "--no-progress",
    ]  # fmt: skip


def train(job: Job) -> Result:
    """Run the program."""
    if job.hs:
        raise NotOfferedError("negative sampling only")
    remarks = ["all threads draw the same noise words"]
    if not job.sg:
        remarks += ["corrected gradient", f"alpha {CBOW_ALPHA:g}"]
    return executable.train(NAME, job, command, remarks)
