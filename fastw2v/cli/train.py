"""`fastw2v train INPUT... -o OUTPUT`: from text files to a file of vectors."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from fastw2v import config
from fastw2v.cli.job import train_and_save
from fastw2v.cli.output import check_output, output_path, reporting
from fastw2v.cli.reading import INPUTS, add_reading, reading_of
from fastw2v.cli.usage import UsageError
from fastw2v.corpus.inputs import resolve
from fastw2v.isa import chosen_isa
from fastw2v.prepare import AUTO, MEMORY

TEXT_SUFFIXES = (".txt", ".vec")


def add_parser(commands: Any) -> None:
    """Add the command to the `commands` of an argument parser."""
    parser = commands.add_parser(
        "train",
        help="train vectors on a corpus",
        description="Train word vectors on a corpus: by default text with a sentence per line, "
        "words split at white space. Prints what became of every word, and writes the vectors in "
        "word2vec's format.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("input", nargs="+", metavar="INPUT", help=INPUTS)
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=output_path,
        metavar="FILE",
        help="where to write the vectors: word2vec text if it ends in .txt or .vec, else binary; "
        "- for standard output",
    )
    parser.add_argument(
        "--format",
        choices=("auto", "binary", "text"),
        default="auto",
        help="format of the output (default: auto, by its name)",
    )
    parser.add_argument(
        "--compute_loss", action="store_true", help="compute the mean loss of every epoch"
    )
    parser.add_argument(
        "--cache",
        type=Path,
        metavar="DIR",
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
        type=Path,
        metavar="FILE",
        help="take words and counts from a vocabulary file instead of counting (fastw2v vocab)",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    add_reading(parser)
    add_hyper_parameters(parser)
    parser.set_defaults(run=run)


def add_hyper_parameters(parser: argparse.ArgumentParser) -> None:
    """Add a flag for every hyper-parameter; --vector-size is taken for --vector_size."""
    group = parser.add_argument_group("hyper-parameters (names and defaults are gensim's)")
    for parameter in config.PARAMETERS.values():
        group.add_argument(
            *dict.fromkeys((f"--{parameter.name}", f"--{parameter.name.replace('_', '-')}")),
            type=flag_type(parameter),
            default=parameter.default,
            metavar="X",
            dest=parameter.name,
            help=f"{parameter.help} (default: {parameter.default})".replace("%", "%%"),
        )


def flag_type(parameter: config.Parameter) -> Any:
    """Return the function that argparse calls with the text of a flag."""

    def convert(text: str) -> Any:
        try:
            return parameter.check(None if text.lower() == "none" else text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


def run(arguments: argparse.Namespace) -> int:
    """Train and save; returns the exit code."""
    text = arguments.format == "text" or (
        arguments.format == "auto" and arguments.output.suffix in TEXT_SUFFIXES
    )
    inputs = resolve(arguments.input)
    check_output(arguments.output, [*inputs, arguments.vocab])
    reading = reading_of(arguments)
    values = {name: getattr(arguments, name) for name in config.PARAMETERS}
    try:
        config.check(values)
        chosen_isa()
    except ValueError as error:
        raise UsageError(str(error)) from None
    with reporting(arguments.output):
        train_and_save(
            inputs,
            arguments.output,
            binary=not text,
            compute_loss=arguments.compute_loss,
            quiet=arguments.quiet,
            cache_dir=arguments.cache,
            memory=arguments.memory,
            vocabulary=arguments.vocab,
            reading=reading,
            **values,
        )
    return 0
