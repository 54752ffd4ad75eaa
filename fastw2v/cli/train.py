"""`fastw2v train INPUT... -o OUTPUT`: from text files to a file of vectors."""

from __future__ import annotations

import argparse
from typing import Any

from fastw2v.cli.job import train_and_save
from fastw2v.cli.output import AUTO as BY_NAME
from fastw2v.cli.output import FORMATS, check_output, format_of, output_path, path_of, reporting
from fastw2v.cli.parameters import add_hyper_parameters, hyper_parameters
from fastw2v.cli.reading import INPUTS, add_reading, reading_of
from fastw2v.cli.usage import UsageError, examples
from fastw2v.corpus.inputs import Input, resolve
from fastw2v.isa import chosen_isa
from fastw2v.prepare import AUTO, MEMORY


def add_parser(commands: Any) -> None:
    """Add the command to the `commands` of an argument parser."""
    parser = commands.add_parser(
        "train",
        help="train vectors on a corpus",
        description="Train word vectors on a corpus: by default text with a sentence per line, "
        "words split at white space. Prints what became of every word, and writes the vectors.",
        epilog=examples(
            "fastw2v train wiki.txt -o wiki.bin --sg 1",
            "fastw2v train 'dump/**/*.gz' -o wiki.vec --tokenizer words --vector_size 300",
            "fastw2v train reviews.jsonl -o reviews.fw2v --field text --lowercase",
        ),
    )
    parser.add_argument("input", nargs="+", metavar="INPUT", help=INPUTS)
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=output_path,
        metavar="PATH",
        help="file to write. Its name chooses the format: .txt and .vec are word2vec's text; .bin, "
        ".w2v and names without an ending word2vec's binary; .fw2v is fastw2v's own, which keeps "
        "the whole model to train on. Text and binary are compressed if .gz, .bz2 or .xz follows; "
        "- is standard output (binary)",
    )
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="print errors only, no warnings either"
    )
    add_options(parser)
    parser.set_defaults(run=run)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what `fastw2v check` takes as well, so that one line does for both."""
    parser.add_argument(
        "--format",
        choices=(BY_NAME, *FORMATS),
        default=BY_NAME,
        help="format of the output, whatever its name (default: auto, by its name)",
    )
    parser.add_argument(
        "--compute_loss",
        "--compute-loss",
        action="store_true",
        help="compute the mean loss of every epoch",
    )
    parser.add_argument(
        "--cache",
        type=path_of,
        metavar="PATH",
        help="keep the encoded corpus in this directory and use it again when inputs and options "
        "are the same",
    )
    parser.add_argument(
        "--memory",
        choices=MEMORY,
        default=AUTO,
        help="ram: the whole corpus, encoded; bounded: 128 MiB of it at a time, from --cache or "
        "from the text, which is then read in every epoch; auto: bounded if ram would not do "
        "(default: auto)",
    )
    parser.add_argument(
        "--vocab",
        type=path_of,
        metavar="PATH",
        help="take words and counts from a vocabulary file instead of counting (fastw2v vocab)",
    )
    add_reading(parser)
    add_hyper_parameters(parser)


def check_paths(arguments: argparse.Namespace) -> tuple[str, list[Input]]:
    """Return the format of the output, and the inputs; UsageError if it cannot be written."""
    kind = format_of(arguments.output, arguments.format)
    inputs = resolve(arguments.input)
    check_output(arguments.output, [*inputs, arguments.vocab])
    return kind, inputs


def run(arguments: argparse.Namespace) -> int:
    """Train and save; returns the exit code."""
    kind, inputs = check_paths(arguments)
    reading = reading_of(arguments)
    parameters = hyper_parameters(arguments)
    try:
        chosen_isa()
    except ValueError as error:
        raise UsageError(str(error)) from None
    with reporting(arguments.output):
        train_and_save(
            inputs,
            arguments.output,
            kind=kind,
            compute_loss=arguments.compute_loss,
            quiet=arguments.quiet,
            cache_dir=arguments.cache,
            memory=arguments.memory,
            vocabulary=arguments.vocab,
            reading=reading,
            **parameters,
        )
    return 0
