"""Measure fastw2v and its rivals: JSON, tables and plots from one run.

    python -m benchmarks                       what fits into ten minutes on two cores
    python -m benchmarks --full                every seed, size and vocabulary
    python -m benchmarks --only rivals --text wiki.txt --evaluation DIRECTORY
    python -m benchmarks --rival koan=PATH     a program of your own build, beside the others

Without a text of yours, texts are generated. Everything is written to `--output`: results.json,
report.md, plots, and the generated texts, which later runs find there.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import endtoend, frontend, kernels, machine, report, rivals, training
from benchmarks.models import MODELS
from benchmarks.plan import Options, Step, run
from benchmarks.rivals import executable
from fastw2v.cli.usage import Parser

PARTS: dict[str, Callable[[Options], Iterator[Step]]] = {
    "kernels": kernels.steps,
    "training": training.steps,
    "frontend": frontend.steps,
    "endtoend": endtoend.steps,
    "rivals": training.rival_steps,
}
TOKENS, FULL_TOKENS = 1_000_000, 10_000_000


def main(argv: Sequence[str] | None = None) -> None:
    """Measure what the command line asks for, and write it down."""
    arguments = parse(argv)
    for rival in arguments.rival:
        label, _, path = rival.partition("=")
        os.environ[executable.variable(rivals.by_label(label))] = path
    options = Options(
        output=arguments.output,
        full=arguments.full,
        tokens=arguments.tokens or (FULL_TOKENS if arguments.full else TOKENS),
        seeds=arguments.seeds or ([1, 2, 3] if arguments.full else [1, 2]),
        workers=arguments.workers or powers_of_two(len(machine.cores())),
        models=arguments.models,
        text=arguments.text,
        evaluation=arguments.evaluation,
    )
    options.output.mkdir(parents=True, exist_ok=True)
    print("measuring what this machine can do", flush=True)
    began = time.perf_counter()
    results: dict[str, Any] = {
        "command": machine.command_line(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": {**machine.describe(), **machine.limits()},
        "rivals": versions(),
        "options": {
            "full": options.full,
            "tokens": options.tokens,
            "seeds": options.seeds,
            "workers": options.workers,
            "models": options.models,
            "text": options.text.name if options.text else None,
        },
    }
    steps = [step for part in PARTS if part in arguments.only for step in PARTS[part](options)]
    results["rows"] = run(steps, lambda line: print(line, flush=True))
    results["minutes"] = round((time.perf_counter() - began) / 60, 1)
    path = options.output / "results.json"
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    report.write(results, options.output)
    print(f"written to {options.output}: results.json, report.md and plots")


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read and check the command line."""
    parser = Parser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--full", action="store_true", help="everything, with several seeds")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=PARTS,
        default=list(PARTS),
        metavar="PART",
        help=f"parts to measure: {', '.join(PARTS)}",
    )
    parser.add_argument("--text", type=Path, metavar="FILE", help="a real text, a line a sentence")
    parser.add_argument(
        "--evaluation",
        type=Path,
        metavar="DIRECTORY",
        help="questions-words.txt and EN-*.txt, to judge its vectors by",
    )
    parser.add_argument("--output", type=Path, default=Path("build/bench"), metavar="DIRECTORY")
    parser.add_argument(
        "--tokens",
        type=int,
        metavar="N",
        help=f"tokens of a usual text (default {TOKENS:,}; {FULL_TOKENS:,} if "
        "--full, and all of --text)",
    )
    parser.add_argument(
        "--seeds",
        type=int,
        nargs="+",
        metavar="N",
        help="seeds of the trainers (default 1 2; 1 2 3 if --full)",
    )
    parser.add_argument(
        "--workers",
        type=int,
        nargs="+",
        metavar="N",
        help="numbers of workers to compare (default 1, 2, 4 ... all cores)",
    )
    parser.add_argument(
        "--models",
        nargs="+",
        choices=MODELS,
        default=list(MODELS),
        metavar="MODEL",
        help=f"models to train: {', '.join(MODELS)}",
    )
    parser.add_argument(
        "--rival",
        action="append",
        default=[],
        metavar="LABEL=PATH",
        help="measure this program too: word2vec.c, pWord2Vec, pSGNScc, "
        "PAR-Word2Vec, koan, word2vec++; or set FASTW2V_BENCH_WORD2VEC_C ...",
    )
    arguments = parser.parse_args(argv)
    if (arguments.text is None) != (arguments.evaluation is None):
        parser.error("--text and --evaluation go together: no speed without its quality")
    for path in (arguments.text, arguments.evaluation):
        if path is not None and not path.exists():
            parser.error(f"there is no {path}")
    if arguments.tokens is not None and arguments.tokens < 1200:
        parser.error(f"--tokens must be at least 1200, got {arguments.tokens}")
    for rival in arguments.rival:
        label, _, path = rival.partition("=")
        try:
            rivals.by_label(label)
        except ValueError as error:
            parser.error(f"--rival {rival}: {error}")
        if not os.access(path, os.X_OK) or not Path(path).is_file():
            parser.error(f"--rival {rival}: {path or 'nothing'} is not a program")
    return arguments


def powers_of_two(most: int) -> list[int]:
    """1, 2, 4 ... and `most`."""
    counts = [1]
    while 2 * counts[-1] < most:
        counts.append(2 * counts[-1])
    return sorted({*counts, most})


def versions() -> dict[str, str]:
    """Versions of the rivals that are there."""
    found = {}
    for name in rivals.NAMES:
        version = rivals.find(name).version()
        if version is not None:
            found[rivals.find(name).label] = version
    return found


if __name__ == "__main__":
    main()
