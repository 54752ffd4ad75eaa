"""`fastw2v phrases INPUT... -o OUTPUT`: write a text with its phrases joined."""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from pathlib import Path
from typing import Any

from fastw2v.cli.layout import number_of, row, tell
from fastw2v.cli.output import check_output, check_text_name, output_path, reporting
from fastw2v.cli.parameters import spellings
from fastw2v.cli.reading import INPUTS, add_reading, reading_of
from fastw2v.cli.usage import UsageError, examples
from fastw2v.corpus.inputs import resolve
from fastw2v.corpus.plain import PlainText
from fastw2v.errors import Way
from fastw2v.formats.atomic import atomic_write, is_stream, temporary
from fastw2v.memory import enough_for
from fastw2v.phrases import ENGLISH_CONNECTOR_WORDS, Phrases, rewrite
from fastw2v.progress import Display


def add_parser(commands: Any) -> None:
    """Add the command to the `commands` of an argument parser."""
    parser = commands.add_parser(
        "phrases",
        help="join the phrases of a text, as word2phrase does",
        description="Find pairs of words that occur together more often than by chance, and write "
        "the text with these joined: new_york. The text is read twice for each pass; with a "
        "second pass phrases grow to up to four words. A line of the input is a line of the "
        "output, or every sentence is one if something else ends sentences; words have one space "
        "between them.",
        epilog=examples(
            "fastw2v phrases wiki.txt -o wiki-phrases.txt",
            "fastw2v phrases wiki.txt -o wiki-phrases.txt --passes 2 --threshold 10 5",
            "fastw2v phrases wiki.txt -o - -q --scoring npmi --connector_words english | head",
        ),
    )
    parser.add_argument(
        "input", nargs="+", metavar="INPUT", help=INPUTS.removesuffix("; - for standard input")
    )
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=output_path,
        metavar="PATH",
        help="where to write the text; - for standard output",
    )
    _add_scoring(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    add_reading(parser)
    parser.set_defaults(run=run)


def _add_scoring(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        *spellings("min_count"),
        type=float,
        metavar="FLOAT",
        default=5.0,
        help="leave out pairs that occur less often, and discount the others by this (default: 5)",
    )
    parser.add_argument(
        "--threshold",
        type=float,
        nargs="+",
        default=None,
        metavar="FLOAT",
        help="score from which on a pair is a phrase: one number, or one for each pass "
        "(default: 10, for npmi 0.5)",
    )
    parser.add_argument(
        "--scoring",
        choices=("default", "npmi"),
        default="default",
        help="default: (ab - min_count) / (a * b) * number of distinct words and pairs; npmi: "
        "normalised pointwise mutual information, in [-1, 1]",
    )
    parser.add_argument(
        "--passes", type=int, default=1, metavar="INT", help="number of passes (default: 1)"
    )
    parser.add_argument(
        "--delimiter", default="_", metavar="NAME", help="what joins the words (default: _)"
    )
    parser.add_argument(
        *spellings("connector_words"),
        metavar="NAME",
        default="",
        help="words that may stand within a phrase but not at its ends, separated by commas, or "
        "'english' for " + " ".join(sorted(ENGLISH_CONNECTOR_WORDS)),
    )
    parser.add_argument(
        *spellings("max_vocab_size"),
        type=int,
        metavar="INT",
        default=40_000_000,
        help="forget rare pairs when there are more words and pairs (default: 40000000)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Rewrite the text; returns the exit code."""
    output: Path = arguments.output
    check_text_name(output)
    inputs = resolve(arguments.input)
    check_output(output, inputs)
    for item in inputs:
        if not item.is_file:
            raise UsageError(f"{item.name} is not a file, and the text is read more than once")
    source = PlainText(inputs, reading_of(arguments))
    fewer = Way("max_vocab_size", "a smaller {}")
    with (
        reporting(output),
        contextlib.ExitStack() as files,
        enough_for("to join the phrases", fewer),
    ):
        join(source, output, models(arguments), files, quiet=arguments.quiet)
    return 0


def join(
    source: PlainText,
    output: Path,
    plans: list[Phrases],
    files: contextlib.ExitStack,
    *,
    quiet: bool,
) -> None:
    """Count and join, once for each of the empty models; between two passes the text is a file."""
    for number, phrases in enumerate(plans, 1):
        title = f"pass {number}/{len(plans)}"
        prefix = f"{title}: " if len(plans) > 1 else ""
        with Display(f"{prefix}counting", "B") as display:
            phrases.add_vocab(source, progress=None if quiet else display.show)
        frozen = phrases.freeze()
        distinct = number_of(
            phrases.vocab_size, "distinct word or pair", "distinct words and pairs"
        )
        if not quiet:
            tell(
                row(
                    title,
                    f"{number_of(phrases.corpus_word_count, 'word')}, "
                    f"{number_of(len(frozen.phrasegrams), 'phrase')}, {distinct}",
                )
            )
        with Display(f"{prefix}joining", "B") as display:
            progress = None if quiet else display.show
            if number == len(plans):
                with atomic_write(output) as file:
                    joined = rewrite(frozen, source, file, progress=progress)
            else:
                place = Path(tempfile.gettempdir()) / "stdout" if is_stream(output) else output
                file, path = files.enter_context(temporary(place))
                joined = rewrite(frozen, source, file, progress=progress)
                file.flush()
                source = PlainText(resolve([path]), as_text=True)
        if not quiet:
            tell(
                row(
                    "",
                    f"{number_of(joined.n_lines, 'line')}, two words joined "
                    f"{number_of(joined.n_phrases, 'time')}, "
                    f"{number_of(joined.n_words, 'word')} left",
                )
            )
    if not quiet:
        tell(row("saved", str(output)))


def models(arguments: argparse.Namespace) -> list[Phrases]:
    """Return an empty model for each pass, so that all arguments are checked first."""
    if arguments.passes < 1:
        raise UsageError(f"--passes must be 1 or more, got {arguments.passes}")
    thresholds = arguments.threshold or [10.0 if arguments.scoring == "default" else 0.5]
    if len(thresholds) not in (1, arguments.passes):
        raise UsageError(
            f"--threshold takes one number or one for each of the {arguments.passes} passes, "
            f"got {len(thresholds)}"
        )
    if len(thresholds) == 1:
        thresholds *= arguments.passes
    if not arguments.delimiter or arguments.delimiter.split() != [arguments.delimiter]:
        raise UsageError(
            f"--delimiter must be one or more characters without white space, "
            f"got {arguments.delimiter!r}"
        )
    words: frozenset[str] = frozenset(arguments.connector_words.split(",")) - {""}
    if words == {"english"}:
        words = ENGLISH_CONNECTOR_WORDS
    try:
        return [
            Phrases(
                min_count=arguments.min_count,
                threshold=threshold,
                max_vocab_size=arguments.max_vocab_size,
                delimiter=arguments.delimiter,
                scoring=arguments.scoring,
                connector_words=words,
            )
            for threshold in thresholds
        ]
    except (TypeError, ValueError) as error:  # the message begins with the name of the option
        raise UsageError(f"--{error}") from None
