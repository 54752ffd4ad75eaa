"""PAR-Word2Vec: attraction per window, repulsion per block of 24 words."""

from __future__ import annotations

from benchmarks.rivals import Job, NotOfferedError, Result, executable

label = "PAR-Word2Vec"
NAME = "par_word2vec"
BLOCK = 24  # as its authors set it


def version() -> str | None:
    """Name and hash of the program, None if its path is not given."""
    return executable.version(NAME)


def command(program: str, job: Job) -> list[str]:
    """Return the command line."""
    return [*executable.mikolov_flags(program, job), "-batch-size", str(BLOCK)]


def train(job: Job) -> Result:
    """Run the program."""
    if not job.sg or job.hs:
        raise NotOfferedError("skip-gram with negative sampling only")
    fewer = 100 - 100 * (2 * job.window - 1) / 2 / (job.window + 1)
    return executable.train(
        NAME, job, command, ["its seed is fixed", f"draws {fewer:.0f} % fewer noise words"]
    )
