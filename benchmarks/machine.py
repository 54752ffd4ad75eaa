"""The machine: what it is, and what it can do at most.

Peaks are measured, not looked up: how fast multiply-adds that wait for nothing can be done, and
how fast memory of the size of each cache, and beyond them all, can be read. A kernel's rate means
something as a share of these.
"""

from __future__ import annotations

import functools
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fastw2v import __version__, _probe, memory
from fastw2v._core import LANES, instruction_sets
from fastw2v.isa import chosen_isa

ROOT = Path(__file__).parent.parent
CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
ROUNDS, SECONDS = 5, 0.02
BEYOND_CACHES, MOST_BYTES = 4, 1 << 29


def describe() -> dict[str, Any]:
    """Name the machine, the compiler and the code, for the head of every report."""
    return {
        "processor": processor(),
        "architecture": platform.machine(),
        "cores": len(cores()),
        "memory_gib": round(memory_bytes() / 2**30, 1),
        "caches_kib": {name: size >> 10 for name, size in caches().items()},
        "huge_pages": memory.huge_pages(),
        "system": platform.system() + " " + platform.release(),
        "compiler": compiler(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "fastw2v": __version__,
        "commit": commit(),
        "isa": chosen_isa(),
        "usable_isas": usable(),
    }


def limits() -> dict[str, Any]:
    """Measured peaks: GFLOP/s of each instruction set, read GB/s of each level of memory."""
    return {
        "fma_gflops": {isa: round(peak_gflops(isa), 2) for isa in usable()},
        "read_gbs": {level: round(rate, 2) for level, rate in read_gbs(chosen_isa()).items()},
    }


def usable() -> list[str]:
    """Instruction sets that this machine runs, the fastest first."""
    return [name for name, runs in instruction_sets().items() if runs]


def cores() -> list[int]:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def memory_bytes() -> int:
    """Physical memory; 0 if the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return 0


def processor() -> str:
    """Name of the processor, as its maker gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    facts = {
        key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)
    }
    name = facts.get("model name") or platform.processor() or "unknown"
    numbers = [facts.get(key) for key in ("cpu family", "model", "stepping")]
    if all(numbers):
        name += " (family {}, model {}, stepping {})".format(*numbers)
    return name


def caches() -> dict[str, int]:
    """Bytes of each level of data cache that a core sees, smallest first."""
    found = {}
    for index in sorted(CACHES.glob("index*")):
        kind = (index / "type").read_text(encoding="ascii").strip()
        if kind != "Instruction":
            size = (index / "size").read_text(encoding="ascii").strip()
            level = (index / "level").read_text(encoding="ascii").strip()
            found[f"L{level}"] = int(size.rstrip("KM")) << (20 if size.endswith("M") else 10)
    return found or {"L1": 32 << 10, "L2": 1 << 20, "L3": 32 << 20}


def level_of(n_bytes: int) -> str:
    """Smallest level of memory that holds so many bytes."""
    return next((level for level, size in caches().items() if n_bytes <= size), "DRAM")


def compiler() -> str:
    """First line of what the compiler says about itself: the one that builds extensions here."""
    name = os.environ.get("CC") or (sysconfig.get_config_var("CC") or "cc").split()[0]
    program = shutil.which(name) or shutil.which("cc")
    return first_line([program, "--version"]) if program else "unknown"


def commit() -> str:
    """Commit of the working tree, with a plus if it was changed."""
    name = first_line(["git", "-C", str(ROOT), "rev-parse", "--short=10", "HEAD"])
    changed = first_line(["git", "-C", str(ROOT), "status", "--porcelain", "-uno"])
    return name + ("+" if changed not in ("", "unknown") else "")


def first_line(command: list[str]) -> str:
    """First line that a command prints; "unknown" if it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.partition("\n")[0].strip()


def best_rate(work: Callable[[int], int]) -> float:
    """Highest rate of `work`, which takes a number of repeats and returns what it did.

    Processor time, the best of several windows of some milliseconds: a shared machine only ever
    takes away.
    """
    repeats = 1
    while True:
        began = time.process_time()
        work(repeats)
        if time.process_time() - began > SECONDS:
            break
        repeats *= 4
    best = 0.0
    for _ in range(ROUNDS):
        began = time.process_time()
        done = work(repeats)
        best = max(best, done / (time.process_time() - began))
    return best


@functools.cache
def peak_gflops(isa: str) -> float:
    """Multiply-adds (two operations each) per nanosecond and core, out of registers."""
    return best_rate(lambda repeats: _probe.fma(isa, 1000 * repeats)) / 1e9


@functools.cache
def read_gbs(isa: str) -> dict[str, float]:
    """Bytes per nanosecond that one core reads from each level of memory."""
    sizes = {level: size // 2 for level, size in caches().items()}
    sizes["DRAM"] = min(BEYOND_CACHES * max(caches().values()), MOST_BYTES)
    rates = {}
    for level, size in sizes.items():
        values = memory.zeros((size // 4 // LANES * LANES,), np.float32)
        values[:] = 1.0  # memory that was never written is one page of zeros
        rates[level] = best_rate(lambda n, values=values: _probe.read(isa, values, n)) / 1e9  # type: ignore[misc]
    return rates


def command_line() -> str:
    """Return the command that was given, as one would type it."""
    return " ".join(["python", "-m", "benchmarks", *sys.argv[1:]])
