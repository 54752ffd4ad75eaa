"""pWord2Vec (HogBatch): the contexts of a window share their noise words."""

from __future__ import annotations

from benchmarks.rivals import Job, NotOfferedError, Result, executable

label = "pWord2Vec"
NAME = "pword2vec"


def version() -> str | None:
    """Name and hash of the program, None if its path is not given."""
    return executable.version(NAME)


def command(program: str, job: Job) -> list[str]:
    """Return the command line; a batch is a whole window, as its authors set it."""
    return [*executable.mikolov_flags(program, job), "-batch-size", str(2 * job.window + 1)]


def train(job: Job) -> Result:
    """Run the program."""
    if not job.sg or job.hs:
        raise NotOfferedError("skip-gram with negative sampling only")
    return executable.train(NAME, job, command, ["its seed is fixed"])
