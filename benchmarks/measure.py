"""Run something in a process of its own and say what it took.

The peak memory of a process cannot be reset, and processor time is kept per process: so every
measurement is a process.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent


class Usage(NamedTuple):
    """Wall clock and processor seconds, peak resident memory in MiB, and what was printed."""

    seconds: float
    cpu_seconds: float
    peak_rss_mib: float
    output: str


class MeasurementError(RuntimeError):
    """A measured process failed; the message ends with the end of what it printed."""


def run(
    command: Sequence[str],
    *,
    given: str = "",
    environment: Mapping[str, str] | None = None,
    directory: Path = ROOT,
) -> Usage:
    """Run a command in a directory, by default the root of the repository, until it ends.

    Raises
    ------
    MeasurementError
        If it cannot be started or returns anything but 0.
    """
    began = time.perf_counter()
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=single_threaded_libraries(environment),
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise MeasurementError(f"cannot start {command[0]}: {error}") from error
    assert process.stdin is not None and process.stdout is not None
    with process.stdin, process.stdout:
        process.stdin.write(given)
        process.stdin.close()
        output = process.stdout.read()
    # Unlike Popen.wait, this says what the one child took.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise MeasurementError(
            f"{' '.join(command)} returned {process.returncode}:\n{output[-2000:]}"
        )
    return Usage(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output)


def single_threaded_libraries(environment: Mapping[str, str] | None) -> dict[str, str]:
    """Environment in which BLAS starts no threads: workers are what is measured."""
    quiet = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return {**os.environ, **quiet, **(environment or {})}


def child(request: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Any:
    """Ask `benchmarks.child` in a new process; its answer, with the process's own figures."""
    usage = run(
        [sys.executable, "-m", "benchmarks.child"],
        given=json.dumps(request),
        environment=environment,
    )
    answer = json.loads(usage.output.splitlines()[-1])
    return {
        **answer,
        "process_seconds": usage.seconds,
        "process_cpu_seconds": usage.cpu_seconds,
    }


def peak_rss_mib() -> float:
    """Peak resident memory of this process in MiB.

    Linux carries the peak that `getrusage` reports over from the process that started this one;
    what /proc says is of this program alone.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
