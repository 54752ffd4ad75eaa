"""word2vec++ (`w2v_trainer`); it splits words at punctuation unless told otherwise."""

from __future__ import annotations

from benchmarks.rivals import Job, NotOfferedError, Result, executable

label = "word2vec++"
NAME = "word2vec_pp"


def version() -> str | None:
    """Name and hash of the program, None if its path is not given."""
    return executable.version(NAME)


def command(program: str, job: Job) -> list[str]:
    """Return the command line; its vectors come in no order."""
    return [
        program,
        "-f", job.text,
        "-o", job.output,
        "-s", str(job.vector_size),
        "-w", str(job.window),
        "-l", f"{job.sample:g}",
        "-n", str(job.negative),
        "-t", str(job.workers),
        "-i", str(job.epochs),
        "-m", str(job.min_count),
        "-a", f"{job.alpha:g}",
        "-d", " \t\n",
        "-e", "\n",
        *(["-g"] if job.sg else []),
        *(["-h"] if job.hs else []),
    ]  # fmt: skip


def train(job: Job) -> Result:
    """Run the program."""
    if job.hs and job.negative:
        raise NotOfferedError("one objective at a time")
    remarks = ["seeded by the clock"]
    if not job.hs:
        remarks.append("approximate noise distribution")
    return executable.train(NAME, job, command, remarks)
