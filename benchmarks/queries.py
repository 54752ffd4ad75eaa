"""Queries, evaluation and files of KeyedVectors, beside gensim where it is installed.

    python -m benchmarks.queries                    # 100,000 random vectors of 100 and 300 values
    python -m benchmarks.queries --vectors wiki.bin --analogies questions-words.txt

Prints milliseconds of CPU time, the best of several runs; files are read from the page cache. Set
OPENBLAS_NUM_THREADS=1 to compare one core with one core.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fastw2v import KeyedVectors
from fastw2v.cli.usage import Parser

try:
    from gensim.models import KeyedVectors as Gensim
except ImportError:
    Gensim = None


def best(function: Callable[[], object], repeat: int) -> float:
    """Milliseconds of CPU time of one call: the best of `repeat` series of about 50 ms."""
    start = time.perf_counter()
    function()
    calls = max(1, round(0.05 / max(time.perf_counter() - start, 1e-9)))
    times = []
    for _ in range(repeat):
        begin = time.process_time()
        for _ in range(calls):
            function()
        times.append((time.process_time() - begin) / calls)
    return 1000 * min(times)


def report(
    name: str, ours: Callable[[], object], theirs: Callable[[], object] | None, repeat: int
) -> None:
    mine = best(ours, repeat)
    line = f"  {name:<34}{mine:>12.3f}"
    if theirs is not None:
        other = best(theirs, repeat)
        line += f"{other:>12.3f}{other / mine:>9.1f}x"
    print(line, flush=True)


def queries(kv: KeyedVectors, gensim: Any, repeat: int) -> None:
    keys = kv.index_to_key
    words = keys[100:612]
    one, two, three = keys[7:10]

    def both(name: str, ask: Callable[[Any], object]) -> None:
        report(name, lambda: ask(kv), (lambda: ask(gensim)) if gensim else None, repeat)

    both("most_similar(word)", lambda t: t.most_similar(one))
    both("most_similar(3 words)", lambda t: t.most_similar([one, two], [three]))
    both("most_similar(word, topn=None)", lambda t: t.most_similar(one, topn=None))
    report(
        "512 x most_similar, in one batch",
        lambda: kv.most_similar_batch(words),
        (lambda: [gensim.most_similar(word) for word in words]) if gensim else None,
        min(repeat, 2),
    )
    both("similarity", lambda t: t.similarity(one, two))
    both("distances", lambda t: t.distances(one))
    both("rank", lambda t: t.rank(one, two))
    both("doesnt_match(10 words)", lambda t: t.doesnt_match(words[:10]))


def files(kv: KeyedVectors, gensim: bool, repeat: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        binary, text, own = (Path(directory) / name for name in ("v.bin", "v.txt", "v.fw2v"))
        kv.save_word2vec_format(binary, binary=True)
        kv.save_word2vec_format(text)
        kv.save(own)
        cases: list[tuple[str, Path, dict[str, Any]]] = [
            ("binary", binary, {"binary": True}),
            ("text", text, {}),
        ]
        for name, path, options in cases:
            theirs = partial(Gensim.load_word2vec_format, str(path), **options) if gensim else None
            ours = partial(KeyedVectors.load_word2vec_format, path, **options)
            report(f"load {name}, {path.stat().st_size / 1e6:.0f} MB", ours, theirs, repeat)
        report("save own format", partial(kv.save, own), None, repeat)
        report("load own format", lambda: KeyedVectors.load(own), None, repeat)
        report("load own format, mapped", lambda: KeyedVectors.load(own, mmap="r"), None, repeat)


def main() -> None:
    parser = Parser(
        prog="python -m benchmarks.queries",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("--vectors", help="binary word2vec file; random vectors without it")
    parser.add_argument("--analogies", help="file of analogy questions to evaluate")
    parser.add_argument("--words", type=int, default=100_000)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    tables = []
    if options.vectors:
        tables.append(KeyedVectors.load_word2vec_format(options.vectors, binary=True))
    else:
        for size in options.sizes:
            random = np.random.default_rng(1).standard_normal((options.words, size))
            keys = [f"word{i}" for i in range(options.words)]
            tables.append(KeyedVectors.from_arrays(keys, random.astype(np.float32)))
    for kv in tables:
        print(f"{kv}\n  {'milliseconds of CPU time':<34}{'fastw2v':>12}{'gensim':>12}")
        gensim = None
        if Gensim is not None:
            gensim = Gensim(kv.vector_size)
            gensim.add_vectors(kv.index_to_key, np.ascontiguousarray(kv.vectors))
            gensim.fill_norms()
        queries(kv, gensim, options.repeat)
        if options.analogies:
            theirs = partial(gensim.evaluate_word_analogies, options.analogies) if gensim else None
            ours = partial(kv.evaluate_word_analogies, options.analogies)
            report("evaluate_word_analogies", ours, theirs, 1)
        files(kv, gensim is not None, options.repeat)


if __name__ == "__main__":
    main()
