"""The options of the command line for reading a corpus; `fastw2v.corpus.Reading` has them."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import sys
from collections.abc import Hashable, Iterable
from pathlib import Path

from fastw2v.cli.parameters import spellings
from fastw2v.cli.usage import UsageError, in_flags
from fastw2v.corpus.reading import ERRORS, SPLITS, TOKENIZERS, Reading, Tokenizer
from fastw2v.errors import CorpusError

INPUTS = (
    "text, JSON lines, Parquet or Arrow, compressed (gzip, bzip2, xz, zstd) or not; a directory "
    "for all files below it; a glob in quotes; - for standard input"
)


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the options, in a group of their own."""
    group = parser.add_argument_group("reading")
    group.add_argument(
        "--tokenizer",
        metavar="NAME",
        help="what a word is: space (default; what stands between white space), words (runs of "
        "letters in lower case, 2 to 15 of them), text8 (runs of a-z in lower case, digits spelled "
        "out), or MODULE:FUNCTION, a Python function from a line to its tokens",
    )
    group.add_argument("--lowercase", action="store_true", help="turn text to lower case")
    group.add_argument(
        *spellings("sentence_split"),
        default="line",
        metavar="NAME",
        help="what ends a sentence: line (default), paragraph (a blank line), punctuation (a blank "
        "line, or a word that ends with . ! ? or the like), or a number of words",
    )
    group.add_argument(
        "--errors",
        choices=ERRORS,
        default="strict",
        help="what to do with bytes that are not UTF-8: stop (strict, default), put U+FFFD in "
        "their place (replace), leave out the words that have them (skip)",
    )
    group.add_argument(
        "--field",
        metavar="NAME",
        help="the column of Parquet and Arrow files, the key of JSON lines (default: text, or the "
        "only one there is)",
    )


def reading_of(arguments: argparse.Namespace) -> Reading:
    """Return the options that were given; UsageError if one makes no sense."""
    split: str | int = arguments.sentence_split
    if isinstance(split, str) and split not in SPLITS:
        try:
            split = int(split)
        except ValueError:
            raise UsageError(
                f"--sentence_split must be one of {', '.join(SPLITS)} or a number of words, "
                f"got {split!r}"
            ) from None
    tokenizer: str | Tokenizer | None = arguments.tokenizer
    if isinstance(tokenizer, str) and tokenizer not in TOKENIZERS:
        tokenizer = _function(tokenizer)
    try:
        return Reading(tokenizer, arguments.lowercase, split, arguments.errors, arguments.field)
    except ValueError as error:  # its message begins with the name of the option
        raise UsageError(in_flags(f"--{error}")) from None


def _function(text: str) -> Tokenizer:
    """Find MODULE:FUNCTION, in the current directory first, as a program that runs there would.

    What is imported later is not looked for there.
    """
    module_name, _, name = text.partition(":")
    if not module_name or not name:
        raise UsageError(
            f"--tokenizer must be one of {', '.join(TOKENIZERS)} or MODULE:FUNCTION, got {text!r}"
        )
    path = list(sys.path)
    with contextlib.suppress(FileNotFoundError):  # it was deleted
        sys.path.insert(0, str(Path.cwd()))
    try:
        function = getattr(importlib.import_module(module_name), name)
    except Exception as error:  # the module may raise anything
        raise UsageError(f"--tokenizer {text}: {type(error).__name__}: {error}") from error
    finally:
        sys.path[:] = path
    if not callable(function):
        raise UsageError(f"--tokenizer {text}: this is no function")

    def tokenizer(line: str) -> Iterable[Hashable]:
        try:
            tokens: Iterable[Hashable] = function(line)
            if not isinstance(tokens, Iterable) or isinstance(tokens, str):
                return tokens  # which is refused
            tokens = list(tokens)
            hash(tuple(tokens))
            return tokens
        except Exception as error:
            raise CorpusError(
                f"--tokenizer {text}: {type(error).__name__}: {error}, in the line {line[:60]!r}"
            ) from error

    return tokenizer
