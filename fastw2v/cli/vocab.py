"""`fastw2v vocab INPUT... -o FILE`: count the words of a corpus."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from fastw2v import config
from fastw2v.cli.job import chosen
from fastw2v.cli.layout import number_of, row, tell
from fastw2v.cli.output import check_output, check_text_name, output_path, reporting
from fastw2v.cli.parameters import DEFAULTS, add_parameter
from fastw2v.cli.reading import INPUTS, add_reading, reading_of
from fastw2v.cli.usage import examples
from fastw2v.corpus.inputs import resolve
from fastw2v.prepare import Choice, Corpus, count
from fastw2v.progress import Display
from fastw2v.vocab import Vocabulary

PARAMETERS = {"min_count": 1, "max_vocab_size": None, "max_final_vocab": None}


def add_parser(commands: Any) -> None:
    """Add the command to the `commands` of an argument parser."""
    parser = commands.add_parser(
        "vocab",
        help="count words and write a vocabulary file",
        description="Count the words of a corpus and write them by descending count, a line "
        "'word count' for each, as word2vec.c does. `fastw2v train --vocab FILE` trains with it, "
        "on the same text or on another one.",
        epilog=examples(
            "fastw2v vocab wiki.txt -o words.txt --min_count 5",
            "fastw2v vocab 'dump/*.gz' -o words.txt --tokenizer words --max_final_vocab 100000",
            "fastw2v vocab wiki.txt -o - -q | head",
        ),
    )
    parser.add_argument("input", nargs="+", metavar="INPUT", help=INPUTS)
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=output_path,
        metavar="PATH",
        help="vocabulary file to write; - for standard output",
    )
    for name, default in PARAMETERS.items():
        add_parameter(parser, name, default)
    add_parameter(parser, "workers", *DEFAULTS["workers"])
    parser.add_argument(
        "--totals",
        action="store_true",
        help="begin with a line that gives the totals of the corpus; fastw2v reads it, other "
        "programs do not. Without it the totals are the sums of a file of all words",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    add_reading(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Count and write; returns the exit code."""
    output: Path = arguments.output
    check_text_name(output)
    inputs = resolve(arguments.input)
    check_output(output, inputs)
    reading = reading_of(arguments)
    began = time.perf_counter()
    choice = Choice(
        min_count=arguments.min_count,
        max_vocab_size=arguments.max_vocab_size,
        max_final_vocab=arguments.max_final_vocab,
    )
    with Display("counting", "B") as display:
        vocabulary = count(
            Corpus(inputs, reading=reading),
            choice,
            workers=config.n_threads(arguments.workers),
            progress=None if arguments.quiet else display.show,
        )
    vocabulary.save(output, totals=arguments.totals)
    if not arguments.quiet:
        with reporting(output):
            tell(summary(vocabulary, time.perf_counter() - began))
            tell(row("saved", str(output)))
    return 0


def summary(vocabulary: Vocabulary, seconds: float) -> str:
    """Say what was counted and what is left."""
    n_tokens = vocabulary.n_raw_tokens
    share = 100.0 * vocabulary.n_kept_tokens / n_tokens
    return "\n".join(
        (
            row(
                "corpus",
                f"{number_of(n_tokens, 'word')}, {number_of(vocabulary.n_sentences, 'sentence')}",
            ),
            row("distinct words", f"{vocabulary.n_raw:,}"),
            row(
                "vocabulary",
                f"{chosen(len(vocabulary), vocabulary.effective_min_count)}, {share:.2f} % of the "
                "corpus",
            ),
            row("time", f"{seconds:.1f} s, {n_tokens / max(seconds, 1e-9):,.0f} words/s"),
        )
    )
