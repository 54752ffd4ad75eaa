"""word2vec.c, the original; its end-of-file flag must be reset between epochs."""

from __future__ import annotations

from benchmarks.rivals import Job, Result, executable

label = "word2vec.c"
NAME = "word2vec_c"


def version() -> str | None:
    """Name and hash of the program, None if its path is not given."""
    return executable.version(NAME)


def command(program: str, job: Job) -> list[str]:
    """Return the command line."""
    return [
        *executable.mikolov_flags(program, job),
        "-cbow", str(1 - job.sg),
        "-hs", str(job.hs),
    ]  # fmt: skip


def train(job: Job) -> Result:
    """Run the program."""
    return executable.train(NAME, job, command, ["its seed is fixed"])
