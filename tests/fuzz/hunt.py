"""Reads spoilt files of every format: python -m tests.fuzz.hunt SECONDS

A file must be read, or refused by an error of the package that names it. Anything else is a
finding, and so is memory or time beyond a limit, or the end of the process that reads. It is
printed as a recipe, a line for tests/fuzz/files.jsonl, which `tests/test_fuzz_files.py` repeats.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import logging
import os
import random
import selectors
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tests.fuzz.formats import Format

KNOWN = Path(__file__).with_name("files.jsonl")
MEMORY = 256 << 20
"""Bytes of address space that reading a file of some kilobytes may take."""
PATIENCE = 60
"""Seconds after which a file is taken for one that is never read to its end."""


class Recipe(NamedTuple):
    """A format, the steps that spoil a file of it and, once that is known, what must come of it."""

    format: str
    steps: list[Any]
    expected: str = ""


class Outcome(NamedTuple):
    """What came of a file: "read", "refused" or what went wrong, and the memory that it took."""

    recipe: Recipe
    what: str
    n_bytes: int = 0

    @property
    def good(self) -> bool:
        return self.what in ("read", "refused")


def invented(seed: int, names: Iterable[str] | None = None) -> Iterator[Recipe]:
    """Yield new recipes, format by format, without an end."""
    from tests.fuzz.formats import FORMATS
    from tests.fuzz.recipes import invent

    rng = random.Random(seed)
    parts = {name: FORMATS[name].parts() for name in names or FORMATS}
    while True:
        for name in parts:
            yield Recipe(name, invent(parts[name], rng))


def known() -> list[Recipe]:
    """Return the recipes of files that once were read wrongly."""
    lines = KNOWN.read_text(encoding="utf-8").splitlines() if KNOWN.exists() else []
    return [Recipe(*json.loads(line)) for line in lines]


def tried(recipes: Iterable[Recipe], formats: str = "tests.fuzz.formats") -> Iterator[Outcome]:
    """Have a process read the file of each recipe, another one after one that died of it.

    The formats are those in the dictionary FORMATS of a module.
    """
    reader = None
    try:
        for recipe in recipes:
            reader = reader or _Reader(formats)
            outcome = reader.read(recipe)
            if outcome is None:
                outcome = Outcome(recipe, reader.killed())
                reader = None
            yield outcome
    finally:
        if reader is not None:
            reader.killed()


class _Reader:
    """A process that reads files."""

    def __init__(self, formats: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.hunt", "--reader", formats],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            # Arenas of threads take address space that nobody uses.
            env={
                **os.environ,
                "MALLOC_ARENA_MAX": "1",
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
            },
        )
        assert self._process.stdin and self._process.stdout
        self._in, self._out = self._process.stdin, self._process.stdout
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ)
        self._late = False

    def read(self, recipe: Recipe) -> Outcome | None:
        """Return what came of a file; None if the process has died of it, or does not answer."""
        with contextlib.suppress(BrokenPipeError):
            self._in.write(json.dumps(recipe) + "\n")
            self._in.flush()
        self._late = not self._selector.select(PATIENCE)
        line = "" if self._late else self._out.readline()
        return Outcome(recipe, *json.loads(line)) if line else None

    def killed(self) -> str:
        """End the process and say how it ended."""
        with contextlib.suppress(BrokenPipeError):
            self._in.close()
        if self._late:
            self._process.kill()
        self._selector.close()
        status = self._process.wait()
        self._out.close()
        return "not read to its end" if self._late else f"the process ended with status {status}"


def _serve(formats: dict[str, Format]) -> None:
    """Read the recipes of standard input, and write what comes of their files."""
    from tests.fuzz.recipes import spoil

    warnings.simplefilter("ignore")
    logging.disable()
    parts = {}
    with tempfile.TemporaryDirectory() as directory:
        for line in sys.stdin:
            recipe = Recipe(*json.loads(line))
            kind = formats[recipe.format]
            if recipe.format not in parts:
                parts[recipe.format] = kind.parts()
                # Whatever is imported or built only once is not counted.
                path = Path(directory, "whole" + kind.ending)
                path.write_bytes(spoil(parts[recipe.format], []))
                assert _outcome(kind, path) == "read", recipe.format
            path = Path(directory, "spoilt" + kind.ending)
            path.write_bytes(spoil(parts[recipe.format], recipe.steps))
            with _limited() as n_bytes:
                what = _outcome(kind, path)
            print(json.dumps([what, n_bytes[0]]), flush=True)


def _outcome(kind: Format, path: Path) -> str:
    from fastw2v.errors import CorpusError, DivergenceError, FastW2VError

    try:
        content = kind.read(path)
    except FastW2VError as error:
        return "refused" if path.name in str(error) else f"no file is named: {error!r:.200}"
    except Exception as error:
        return f"reading: {error!r:.200}"
    try:
        kind.use(content)
    except (DivergenceError, CorpusError):
        pass  # vectors may be anything, and so may a model's options for reading a corpus
    except Exception as error:
        return f"using: {error!r:.200}"
    return "read"


@contextlib.contextmanager
def _limited() -> Iterator[list[int]]:
    """Limit the address space where the system can, and note how much memory was taken."""
    taken = [0]
    status = Path("/proc/self/status")
    if not status.exists():
        yield taken
        return
    import resource

    Path("/proc/self/clear_refs").write_text("5")
    before = _entry(status, "VmRSS")
    unlimited = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_entry(status, "VmSize") + MEMORY, unlimited[1]))
    try:
        yield taken
    finally:
        resource.setrlimit(resource.RLIMIT_AS, unlimited)
        taken[0] = max(_entry(status, "VmHWM") - before, 0)


def _entry(status: Path, name: str) -> int:
    line = next(line for line in status.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) << 10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=60)
    parser.add_argument("--seed", type=int, default=None, help="repeat a hunt")
    parser.add_argument("--count", type=int, default=None, help="inputs instead of seconds")
    parser.add_argument("--known", action="store_true", help="repeat the findings of before")
    parser.add_argument("--format", action="append", help="one of the formats, by default all")
    parser.add_argument("--reader", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.reader:
        _serve(importlib.import_module(options.reader).FORMATS)
        return 0
    seed = random.randrange(1 << 32) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    end = time.monotonic() + options.seconds
    recipes = known() if options.known else invented(seed, options.format)
    outcomes: Counter[str] = Counter()
    found: Counter[str] = Counter()
    largest = Outcome(Recipe("", []), "read")
    for outcome in tried(recipes):
        if outcome.recipe.expected and outcome.good and outcome.what != outcome.recipe.expected:
            outcome = outcome._replace(what=f"{outcome.what}, not {outcome.recipe.expected}")
        kind = outcome.what.split("(")[0]
        outcomes[kind] += 1
        largest = max(largest, outcome, key=lambda one: one.n_bytes)
        if not outcome.good:
            found[f"{outcome.recipe.format}: {outcome.what:.50}"] += 1
            if found[f"{outcome.recipe.format}: {outcome.what:.50}"] == 1:
                print(json.dumps(outcome.recipe), "#", outcome.what, flush=True)
        n = sum(outcomes.values())
        if n == options.count or (options.count is None and time.monotonic() > end):
            break
    print(f"{sum(outcomes.values())} files")
    for kind, count in outcomes.most_common():
        print(f"{count:8} {kind}")
    print(f"most memory: {largest.n_bytes >> 20} MiB, for {json.dumps(largest.recipe)}")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
