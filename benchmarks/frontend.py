"""Before the first word is trained: reading text, importing the package, a tiny job."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from benchmarks import corpora, measure
from benchmarks.plan import Options, Row, Step
from benchmarks.rivals import find
from benchmarks.texts import Text

REPEATS = 5

# A tiny job: walks on a graph of 34 nodes, twice in one process.
TINY = """
import json, sys, time
walks = json.load(sys.stdin)
began = time.perf_counter()
from {package} import Word2Vec
imported = time.perf_counter()
model = Word2Vec(walks, vector_size=100, min_count=1, epochs=5, sg=1, seed=1, **{parameters})
first = time.perf_counter()
Word2Vec(walks, vector_size=100, min_count=1, epochs=5, sg=1, seed=1, **{parameters})
second = time.perf_counter()
import numpy as np
unit = model.wv[[str(node) for node in range(34)]]
unit = unit / np.linalg.norm(unit, axis=1, keepdims=True)
cosines, half = unit @ unit.T, np.arange(34) // 17
same = (half[:, None] == half) & ~np.eye(34, dtype=bool)
print(json.dumps([
    imported - began, first - imported, second - first, float(cosines[same].mean()),
    float(cosines[half[:, None] != half].mean()),
]))
"""


def steps(options: Options) -> Iterator[Step]:
    """Reading at one worker and at all; imports; the tiny job of fastw2v and gensim."""
    for workers in sorted({1, max(options.workers)}):
        texts: list[Callable[[], Text]] = [options.usual] if options.text else []
        texts.append(partial(options.generated, n_tokens=2 * options.tokens))
        for text in texts:
            yield Step(
                f"reading with {workers} workers",
                options.tokens / 2e6,
                partial(reading, text, workers),
            )
    yield Step("imports", 3.0 * REPEATS, imports)
    yield Step("tiny job", 8.0 * REPEATS, tiny_jobs)


def timed(work: Callable[[], Any], repeats: int = REPEATS) -> tuple[list[float], Any]:
    """Seconds of each repeat, and the last outcome."""
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        outcome = work()
        seconds.append(time.perf_counter() - began)
    return seconds, outcome


def spread(values: list[float]) -> dict[str, float]:
    """Median, least and most."""
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def reading(make: Callable[[], Text], workers: int) -> list[Row]:
    """Count and encode a text in one pass, renumber, encode by a known vocabulary.

    The file is in the page cache after the first repeat: this is tokenising, not a disk.
    """
    from fastw2v.corpus import encode_files, scan_files
    from fastw2v.vocab import Vocabulary

    text = make()
    paths = [text.path]
    n_bytes = text.path.stat().st_size
    count, scan = timed(lambda: scan_files(paths, workers=workers))
    vocabulary = Vocabulary.from_scan(scan, min_count=text.min_count)
    # A scan gives its ids away once, so each repeat needs one of its own.
    renumber = [
        timed(lambda scan=scan: scan.encode(vocabulary, workers=workers), 1)[0][0]  # type: ignore[misc]
        for scan in [scan, *(scan_files(paths, workers=workers) for _ in range(REPEATS - 1))]
    ]
    encode, _ = timed(lambda: encode_files(paths, vocabulary, workers=workers))
    rows = []
    for stage, seconds in (
        ("tokenise and count", count),
        ("renumber", renumber),
        ("tokenise and count and renumber", [a + b for a, b in zip(count, renumber, strict=True)]),
        ("tokenise and encode", encode),
    ):
        rows.append(
            {
                "part": "reading",
                "stage": stage,
                "text": text.name,
                "workers": workers,
                "bytes": n_bytes,
                "tokens": text.n_tokens,
                "vocabulary": len(vocabulary),
                "mb_per_second": spread([n_bytes / 1e6 / value for value in seconds]),
                "tokens_per_second": spread([text.n_tokens / value for value in seconds]),
            }
        )
    return rows


def imports() -> list[Row]:
    """Seconds of a fresh interpreter that imports a module, less those of one that does not."""
    modules = {"nothing": "pass", "numpy": "import numpy", "fastw2v": "import fastw2v"}
    if find("gensim").version() is not None:
        modules["gensim.models"] = "from gensim.models import Word2Vec"
    seconds: dict[str, list[float]] = {name: [] for name in modules}
    for _ in range(REPEATS):  # in turn, so that a slow moment hits all of them
        for name, statement in modules.items():
            seconds[name].append(measure.run([sys.executable, "-c", statement]).seconds)
    return [
        {"part": "imports", "module": name, "seconds": spread(values)}
        for name, values in seconds.items()
    ]


def tiny_jobs() -> list[Row]:
    """Walks on a 34-node graph: the whole process, and the calls alone."""
    walks = json.dumps(corpora.small_graph_walks())
    jobs: list[tuple[str, str, dict[str, Any]]] = []
    for package, label in (("fastw2v", "fastw2v"), ("gensim.models", "gensim")):
        if label == "gensim" and find("gensim").version() is None:
            continue
        jobs += [(package, label, {"workers": 1}), (package, label, {})]
    found: dict[int, list[list[float]]] = {number: [] for number in range(len(jobs))}
    for _ in range(REPEATS):
        for number, (package, _label, parameters) in enumerate(jobs):
            program = TINY.format(package=package, parameters=parameters)
            usage = measure.run([sys.executable, "-c", program], given=walks)
            found[number].append([usage.seconds, *json.loads(usage.output.splitlines()[-1])])
    rows = []
    for number, (_package, label, parameters) in enumerate(jobs):
        process, imported, first, second, inside, across = map(
            list, zip(*found[number], strict=True)
        )
        rows.append(
            {
                "part": "tiny",
                "trainer": label,
                "workers": parameters.get("workers", "default"),
                # As if the second call had not been made.
                "process_seconds": spread([a - b for a, b in zip(process, second, strict=True)]),
                "import_seconds": spread(imported),
                "first_call_seconds": spread(first),
                "second_call_seconds": spread(second),
                "quality": {"inside": inside[-1], "across": across[-1]},
            }
        )
    return rows
