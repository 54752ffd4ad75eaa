"""The process that is measured: one request as JSON on stdin, one answer as JSON in the last line.

    {"trainer": "gensim", "job": {...}}         train by `benchmarks.rivals.gensim`
    {"command": [...], "given": "..."}          run a command

A command is run from here because this process is small: the peak memory that the system reports
of a child is at least that of the process that started it.
Nothing here imports more than the trainer needs.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from benchmarks import measure
from benchmarks.rivals import Job, NotOfferedError, find


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked."""
    if "command" in request:
        usage = measure.run(request["command"], given=request.get("given", ""))
        return usage._asdict()
    try:
        result = find(request["trainer"]).train(Job(**request["job"]))
    except NotOfferedError as error:
        return {"not_offered": str(error)}
    if result.peak_rss_mib is None:
        result.peak_rss_mib = measure.peak_rss_mib()
    return asdict(result)


def main() -> None:
    """Read, do, print; what went wrong with a program is said in its own words."""
    try:
        found = answer(json.load(sys.stdin))
    except measure.MeasurementError as error:
        sys.exit(str(error))
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    main()
