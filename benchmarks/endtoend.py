"""From a text file to saved vectors: the whole process, as a user would run it."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import measure, rivals
from benchmarks.models import MODELS
from benchmarks.plan import Options, Row, Step
from benchmarks.training import EPOCHS, guess

MODEL = "sg-ns"


def steps(options: Options) -> Iterator[Step]:
    """Each trainer that is there, with all workers."""
    if MODEL not in options.models:
        return
    for name in rivals.NAMES:
        if rivals.find(name).version() is None:
            continue
        for seed in options.seeds if options.full else options.seeds[:1]:
            yield Step(
                f"end to end: {rivals.find(name).label} seed={seed}",
                guess(name, MODEL, options.usual_tokens, workers=max(options.workers)),
                partial(whole, options, name, seed),
            )


def whole(options: Options, name: str, seed: int) -> list[Row]:
    """Time one process from its start to its end; fastw2v runs from its command line."""
    text = options.usual()
    with tempfile.TemporaryDirectory() as directory:
        output = Path(directory) / "vectors.bin"
        parameters: dict[str, Any] = {
            **MODELS[MODEL],
            "min_count": text.min_count,
            "epochs": 5 if options.full else EPOCHS,
            "workers": max(options.workers),
            "seed": seed,
        }
        source = str(text.path.resolve())
        job = rivals.Job(text=source, output=str(output), once=True, **parameters)
        given = json.dumps({"trainer": name, "job": asdict(job)})
        command = [sys.executable, "-m", "benchmarks.child"]
        if name == "ours":
            flags = [item for key, value in parameters.items() for item in (f"--{key}", str(value))]
            command = [sys.executable, "-m", "fastw2v", "train", source, "-o", str(output), *flags]
        answer = measure.child({"command": command, "given": given})
        size = output.stat().st_size
        scores = text.score(output)
    # A program is a child of the process that was started for it.
    inner = {} if name == "ours" else json.loads(answer["output"].splitlines()[-1])
    if "not_offered" in inner:
        return []
    return [
        {
            "part": "endtoend",
            "trainer": rivals.find(name).label,
            "model": MODEL,
            "text": text.name,
            "tokens": text.n_tokens,
            "epochs": parameters["epochs"],
            "workers": parameters["workers"],
            "seed": seed,
            "seconds": answer["seconds"],
            "cpu_seconds": answer["cpu_seconds"],
            "peak_rss_mib": inner.get("peak_rss_mib", answer["peak_rss_mib"]),
            "output_bytes": size,
            "quality": scores,
            "remarks": inner.get("remarks", []),
        }
    ]
