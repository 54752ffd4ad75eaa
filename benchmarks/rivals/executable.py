"""Rivals that are programs: built by the user, run from a path.

Their times are those of the process. Reading and saving are taken out by a second run of one
epoch: what is left is the time of the other epochs. Nothing that a program prints is believed;
some print kept words, some words per thread, some words per second of wall clock.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks import measure
from benchmarks.rivals import Job, Result

# A program that passes over its text again takes at least this many times as long.
LEAST_GROWTH = 1.3


def variable(name: str) -> str:
    """Environment variable that holds the path of a program."""
    return f"FASTW2V_BENCH_{name.upper()}"


def path(name: str) -> str | None:
    """Path of the program, None if the user gave none."""
    given = os.environ.get(variable(name))
    return str(Path(given).resolve()) if given else None


def version(name: str) -> str | None:
    """Tell builds apart: the name of the file and the beginning of its SHA-256."""
    program = path(name)
    if program is None:
        return None
    return f"{Path(program).name} {hashlib.sha256(Path(program).read_bytes()).hexdigest()[:8]}"


def train(
    name: str, job: Job, command: Callable[[str, Job], list[str]], remarks: list[str]
) -> Result:
    """Run the program with all epochs, and with one epoch to take out what is not training.

    Raises
    ------
    MeasurementError
        If the program fails, or trains no longer with all epochs than with one: word2vec.c as it
        was published never resets its end-of-file flag, so the thread that meets the end of the
        text trains one epoch only.
    """
    program = path(name)
    if program is None:
        raise measure.MeasurementError(f"set {variable(name)} to the path of the program")
    # Some leave files of their own where they run.
    directory = Path(job.output).parent
    whole = measure.run(command(program, job), directory=directory)
    if job.once or job.epochs == 1:
        return Result(
            job.epochs, whole.seconds, whole.cpu_seconds, None, remarks, {}, whole.peak_rss_mib
        )
    scratch = f"{job.output}.one"
    short = measure.run(
        command(program, replace(job, epochs=1, output=scratch)), directory=directory
    )
    Path(scratch).unlink(missing_ok=True)
    epochs, seconds, cpu_seconds = other_epochs(job, whole[:2], short[:2])
    return Result(
        epochs=epochs,
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        remarks=remarks,
        peak_rss_mib=whole.peak_rss_mib,
    )


def other_epochs(
    job: Job, whole: tuple[float, float], short: tuple[float, float]
) -> tuple[int, float, float]:
    """Epochs beyond the first, and their wall clock and processor seconds.

    Parameters
    ----------
    job : Job
    whole, short : tuple of float
        Wall clock and processor seconds of a run of all epochs, and of one of a single epoch.

    Raises
    ------
    MeasurementError
        If one hardly took longer than the other: then the text is too short to tell, or the
        program does not train all epochs.
    """
    if any(long < LEAST_GROWTH * brief for long, brief in zip(whole, short, strict=True)):
        raise measure.MeasurementError(
            f"{job.epochs} epochs took {whole[0]:.2f} s ({whole[1]:.2f} CPU s) and one took "
            f"{short[0]:.2f} s ({short[1]:.2f} CPU s): either the text is too short to tell or the "
            "program does not train them all (word2vec.c needs its end-of-file flag reset)"
        )
    return job.epochs - 1, whole[0] - short[0], whole[1] - short[1]


def mikolov_flags(program: str, job: Job) -> list[str]:
    """Flags that word2vec.c and the programs descended from it share."""
    return [
        program,
        "-train", job.text,
        "-output", job.output,
        "-size", str(job.vector_size),
        "-window", str(job.window),
        "-sample", f"{job.sample:g}",
        "-negative", str(job.negative),
        "-threads", str(job.workers),
        "-iter", str(job.epochs),
        "-min-count", str(job.min_count),
        "-alpha", f"{job.alpha:g}",
        "-binary", "1",
        "-debug", "0",
    ]  # fmt: skip
