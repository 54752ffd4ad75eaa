"""Train one model per seed on a text and print quality beside speed, as JSON lines.

    python -m benchmarks.train TEXT --evaluation DIRECTORY --model sg-ns --seeds 1 2 3

Every run is a process of its own, so that its peak memory is its own. DIRECTORY holds
`questions-words.txt` and similarity sets, `EN-*.txt` (word, word, score). `--rival gensim` trains
another program with the same parameters instead. `--set block_size=0` changes a parameter; those
that only fastw2v or gensim have are given to no other program.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from benchmarks import rivals, training
from benchmarks.models import MODELS
from benchmarks.texts import Text, occurrences
from fastw2v.cli.usage import Parser

# A variant rather than a model: the corrected gradient wants a larger step.
VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "cbow-ns-corrected": ("cbow-ns", {"alpha": 0.15, "cbow_gradient": "corrected"}),
}


def parameters(pairs: Sequence[str]) -> dict[str, Any]:
    """Parse NAME=VALUE pairs; what is no field of a `Job` goes to its `extra`."""
    known = {field.name for field in fields(rivals.Job)}
    found: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        try:
            value = json.loads(text)
        except json.JSONDecodeError:
            value = text
        (found if name in known else extra)[name] = value
    return {**found, **({"extra": extra} if extra else {})}


def main(argv: Sequence[str] | None = None) -> None:
    parser = Parser(
        prog="python -m benchmarks.train", description="Quality beside speed, a JSON line per seed."
    )
    parser.add_argument("text", type=Path)
    parser.add_argument("--evaluation", type=Path, required=True)
    parser.add_argument("--model", choices=[*MODELS, *VARIANTS], default="sg-ns")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rival", choices=rivals.NAMES, default="ours")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args(argv)
    model, changed = VARIANTS.get(arguments.model, (arguments.model, {}))
    given = parameters([*(f"{name}={value}" for name, value in changed.items()), *arguments.set])
    if given.get("extra") and arguments.rival not in ("ours", "gensim"):
        parser.error(f"{arguments.rival} has no {', '.join(given['extra'])}")
    for path in (arguments.text, arguments.evaluation):
        if not path.exists():
            parser.error(f"{path}: no such file or directory")
    n_tokens = sum(occurrences(arguments.text).values())
    text = Text(arguments.text.name, arguments.text, n_tokens, evaluation=arguments.evaluation)
    for seed in arguments.seeds:
        row = training.train(
            text,
            arguments.rival,
            model,
            **{"epochs": 5, "workers": arguments.workers, "seed": seed, **given},
        )
        if row is None:
            parser.error(f"{arguments.rival} has no {arguments.model}")
        print(json.dumps({**row, "model": arguments.model}), flush=True)


if __name__ == "__main__":
    main()
