"""The command line: check, vocab, phrases, train, info, demo.

Exit codes: 0 done; 1 the input or the machine is at fault (a missing file, an empty corpus); 2 the
arguments are; 130 interrupted. Errors are one line on standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from fastw2v._version import __version__
from fastw2v.cli import check, demo, info, phrases, train, vocab
from fastw2v.cli.usage import Parser, UsageError
from fastw2v.errors import FastW2VError

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; default: those of the process.

    Returns
    -------
    int
        The exit code.
    """
    parser = Parser(
        prog="fastw2v",
        description="Train word2vec vectors on CPUs, fast and reproducibly.",
        epilog="`python -m fastw2v.compat SCRIPT` runs a program that uses gensim on fastw2v.",
    )
    parser.add_argument("--version", action="version", version=f"fastw2v {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in (train, check, vocab, phrases, info, demo):
        command.add_parser(commands)
    arguments = parser.parse_args(argv)
    try:
        code: int = arguments.run(arguments)
        return code
    except UsageError as error:
        print(f"fastw2v {arguments.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"fastw2v {arguments.command}: interrupted, nothing was written", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        print(f"fastw2v {arguments.command}: {reason}", file=sys.stderr)
        return 1
    except (FastW2VError, MemoryError, ValueError) as error:
        print(f"fastw2v {arguments.command}: {error}", file=sys.stderr)
        return 1
