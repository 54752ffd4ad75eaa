"""The commands, run: what goes wrong is one line on standard error, and an exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from fastw2v._version import __version__
from fastw2v.cli import INTERRUPTED, check, demo, info, phrases, train, vocab
from fastw2v.cli.console import Terminated, printing, unwinding, warning
from fastw2v.cli.layout import fitted, width
from fastw2v.cli.usage import Command, Parser, UsageError, complaint, spelled
from fastw2v.errors import FastW2VError, NotEnoughMemoryError, ThreadError

BROKEN_PIPE = 141
TOP_LEVEL = ("-h", "--help", "--version")
"""Options that need no command."""


def run(argv: Sequence[str] | None) -> int:
    """Run the command line; see `fastw2v.cli.main`."""
    parser = Parser(
        prog="fastw2v",
        description="Train word2vec vectors on CPUs, fast and reproducibly.",
        epilog="`python -m fastw2v.compat SCRIPT` runs a program that uses gensim on fastw2v.",
    )
    parser.add_argument("--version", action="version", version=f"fastw2v {__version__}")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=Command
    )
    for command in (train, check, vocab, phrases, info, demo):
        command.add_parser(commands)
    given = list(sys.argv[1:] if argv is None else argv)
    with printing() as out, unwinding():
        if given and given[0].startswith("-") and given[0] not in TOP_LEVEL:
            parser.error(f"a command comes first: fastw2v train INPUT -o OUTPUT; got {given[0]}")
        arguments = parser.parse_args(given)
        with warning(quiet=getattr(arguments, "quiet", False)):
            code, said = _outcome(arguments)
        out.flush()
        if not code and out.error and not isinstance(out.error, BrokenPipeError):
            code, said = 1, f"the report could not be printed: {out.error.strerror}"
        if said:
            line = f"fastw2v {arguments.command}: {said}"
            print(fitted(line, width(sys.stderr)), file=sys.stderr)
        return code


def _outcome(arguments: argparse.Namespace) -> tuple[int, str]:
    """Run a command; return its exit code and what went wrong, in one line."""
    try:
        return arguments.run(arguments), ""
    except UsageError as error:
        return 2, str(error)
    except Terminated as error:
        return 128 + error.number, "terminated, no file was written"
    except KeyboardInterrupt:
        return INTERRUPTED, "interrupted, no file was written"
    except BrokenPipeError:  # who reads the output has enough of it
        return BROKEN_PIPE, ""
    except OSError as error:
        return 1, f"{error.filename}: {error.strerror}" if error.filename else str(error)
    except MemoryError as error:
        if isinstance(error, NotEnoughMemoryError):
            return 1, error.text(
                [spelled(way) for way in error.ways if hasattr(arguments, way.name)]
            )
        return 1, str(error) or "there is not enough memory"
    except ThreadError as error:
        return 1, str(error).replace("fewer workers", "fewer --workers")
    except (FastW2VError, ValueError) as error:
        return 1, complaint(error)
