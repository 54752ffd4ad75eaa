"""Run `bench_kernels.py` under pytest-benchmark and take over its figures."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import measure
from benchmarks.plan import Options, Row, Step

FILE = Path(__file__).parent / "bench_kernels.py"


def steps(options: Options) -> Iterator[Step]:
    """One step: pytest has the loop."""
    yield Step("kernels", 90.0, lambda: run(quick=not options.full))


def run(quick: bool, select: str = "", file: Path = FILE) -> list[Row]:
    """Rows of all kernels, or of those that the pytest expression `select` names.

    A kernel that fails leaves a row with its error, as a step does.
    """
    failed: list[Row] = []
    with tempfile.TemporaryDirectory() as directory:
        found = Path(directory) / "kernels.json"
        command = [
            sys.executable, "-m", "pytest", str(file), "--benchmark-only", "-q", "-rf",
            "-p", "no:cacheprovider",
            "--benchmark-timer=time.process_time",
            f"--benchmark-max-time={0.05 if quick else 0.5}",
            "--benchmark-min-rounds=5",
            f"--benchmark-json={found}",
            *(["-k", select] if select else []),
        ]  # fmt: skip
        try:
            measure.run(command, environment={"COLUMNS": "200"})  # pytest cuts its lines
        except measure.MeasurementError as error:
            for line in str(error).splitlines():
                if line.startswith("FAILED "):
                    name, _, reason = line.partition("::")[2].partition(" - ")
                    failed.append({"part": "failed", "name": name, "error": reason or "failed"})
            if not failed or not found.exists():
                raise
        report = json.loads(found.read_text(encoding="utf-8"))
    return failed + [
        {
            "part": "kernels",
            "median_seconds": bench["stats"]["median"],
            "least_seconds": bench["stats"]["min"],
            **bench["extra_info"],
        }
        for bench in report["benchmarks"]
        if bench["extra_info"]  # the last thing that a kernel's benchmark notes
    ]
