"""Before the first word is trained: reading a corpus, importing the package, a tiny job."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import corpora, measure
from benchmarks.plan import Options, Row, Step
from benchmarks.rivals import find
from benchmarks.texts import Text

REPEATS = 5
# A usual text is read in a tenth of a second, in which several workers hardly begin.
TIMES_AS_LONG, FEW_REPEATS = 20, 3

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
        yield Step(
            f"reading with {workers} workers",
            TIMES_AS_LONG * options.tokens / 1e6,
            partial(reading, partial(options.usual, TIMES_AS_LONG), workers),
        )
        yield Step(
            f"reading objects with {workers} workers",
            options.usual_tokens / 1e6,
            partial(objects, options.usual, workers),
        )
        if options.full:
            yield Step(
                f"reading a gigabyte with {workers} workers",
                60.0,
                partial(large, options.usual, workers, options.output / "corpora"),
            )
    if find("gensim").version() is not None:
        yield Step(
            "gensim's vocabulary scan",
            options.usual_tokens / 1e6,
            partial(gensim_scan, options.usual),
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
    count, scan = timed(lambda: scan_files(paths, workers=workers), FEW_REPEATS)
    vocabulary = Vocabulary.from_scan(scan, min_count=text.min_count)
    # A scan gives its ids away once, so each repeat needs one of its own.
    renumber = [
        timed(lambda scan=scan: scan.encode(vocabulary, workers=workers), 1)[0][0]  # type: ignore[misc]
        for scan in [scan, *(scan_files(paths, workers=workers) for _ in range(FEW_REPEATS - 1))]
    ]
    encode, _ = timed(lambda: encode_files(paths, vocabulary, workers=workers), FEW_REPEATS)
    rows = []
    name = f"{text.name}, {text.n_tokens / 1e6:.1f} M tokens"
    for stage, seconds in (
        ("tokenise and count", count),
        ("renumber", renumber),
        ("tokenise and count and renumber", [a + b for a, b in zip(count, renumber, strict=True)]),
        ("tokenise and encode", encode),
    ):
        sizes = (n_bytes, text.n_tokens, len(vocabulary))
        rows.append(_row(name, stage, workers, sizes, seconds))
    return rows


def _row(
    text: str, stage: str, workers: int, sizes: tuple[int, int, int], seconds: list[float]
) -> Row:
    """One row of the table of readings; `sizes` are bytes, tokens and words."""
    n_bytes, n_tokens, n_words = sizes
    return {
        "part": "reading",
        "stage": stage,
        "text": text,
        "workers": workers,
        "bytes": n_bytes,
        "tokens": n_tokens,
        "vocabulary": n_words,
        "mb_per_second": spread([n_bytes / 1e6 / value for value in seconds]),
        "tokens_per_second": spread([n_tokens / value for value in seconds]),
    }


def objects(make: Callable[[], Text], workers: int) -> list[Row]:
    """Count and encode Python lists of str, and the same ids as an array of walks."""
    from fastw2v.corpus import encode_files, scan_files, scan_objects
    from fastw2v.vocab import Vocabulary

    text = make()
    with text.path.open(encoding="utf-8") as file:
        sentences = [line.split() for line in file]
    vocabulary = Vocabulary.from_scan(scan_files([text.path], workers=workers), min_count=1)
    ids = encode_files([text.path], vocabulary, workers=workers).ids & 0x7FFFFFFF
    length = 40
    walks = ids[: len(ids) // length * length].reshape(-1, length)

    def read(corpus: Any) -> None:
        scan = scan_objects(corpus, workers=workers)
        scan.encode(Vocabulary.from_scan(scan, min_count=1), workers=workers)

    rows = []
    for name, corpus, n_tokens, n_bytes in (
        ("Python lists", sentences, len(ids), text.path.stat().st_size),
        ("int32 array", walks, walks.size, walks.nbytes),
    ):
        seconds, _ = timed(partial(read, corpus))
        sizes = (n_bytes, n_tokens, len(vocabulary))
        rows.append(_row(f"{text.name} as {name}", "count and renumber", workers, sizes, seconds))
    return rows


def large(make: Callable[[], Text], workers: int, directory: Path) -> list[Row]:
    """Tokenise, count, choose and renumber a text of a gigabyte: another one, repeated."""
    from fastw2v.corpus import scan_files
    from fastw2v.vocab import Vocabulary

    text = make()
    size = text.path.stat().st_size
    times = max(round(1e9 / size), 1)
    path = directory / f"{text.path.stem}-{times}-times.txt"
    if not path.exists() or path.stat().st_size != size * times:
        content = text.path.read_bytes()
        with path.open("wb") as file:
            for _ in range(times):
                file.write(content)

    def read() -> int:
        scan = scan_files([path], workers=workers)
        vocabulary = Vocabulary.from_scan(scan, min_count=5)
        scan.encode(vocabulary, workers=workers)
        return len(vocabulary)

    seconds, n_words = timed(read, 3)
    sizes = (size * times, text.n_tokens * times, n_words)
    stage = "tokenise, count, choose words, renumber"
    return [_row(f"{text.name}, {times} times", stage, workers, sizes, seconds)]


def gensim_scan(make: Callable[[], Text]) -> list[Row]:
    """gensim's `scan_vocab` on a file, which does not encode anything yet."""
    from gensim.models import Word2Vec

    text = make()
    n_words = 0

    def read() -> None:
        nonlocal n_words
        model = Word2Vec(min_count=1)
        model.scan_vocab(corpus_file=str(text.path))
        n_words = len(model.raw_vocab)

    seconds, _ = timed(read, 3)
    sizes = (text.path.stat().st_size, text.n_tokens, n_words)
    return [_row(text.name, "gensim: scan_vocab", 1, sizes, seconds)]


def imports() -> list[Row]:
    """Seconds of a fresh interpreter that imports a module, with bytecode, as it is installed."""
    modules = {"nothing": "pass", "numpy": "import numpy", "fastw2v": "import fastw2v"}
    if find("gensim").version() is not None:
        modules["gensim.models"] = "from gensim.models import Word2Vec"
    seconds: dict[str, list[float]] = {name: [] for name in modules}
    with tempfile.TemporaryDirectory() as cache:
        # -E, because the environment may forbid to write bytecode.
        command = [sys.executable, "-E", "-X", f"pycache_prefix={cache}", "-c"]
        for statement in modules.values():
            measure.run([*command, statement])
        for _ in range(REPEATS):  # in turn, so that a slow moment hits all of them
            for name, statement in modules.items():
                seconds[name].append(measure.run([*command, statement]).seconds)
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
