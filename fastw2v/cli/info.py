"""`fastw2v info`: what this build and this machine have."""

from __future__ import annotations

import argparse
import platform
from typing import Any

import numpy as np

from fastw2v import config
from fastw2v._core import instruction_sets
from fastw2v._version import ARITHMETIC, __version__
from fastw2v.cli.layout import row, tell
from fastw2v.cli.usage import UsageError, examples
from fastw2v.isa import VARIABLE, chosen_isa
from fastw2v.memory import huge_pages


def add_parser(commands: Any) -> None:
    """Add the command to the `commands` of an argument parser."""
    parser = commands.add_parser(
        "info",
        help="show version, instruction sets, cores and huge pages",
        description="Show the version, the instruction sets that are built in and usable, the "
        f"chosen one ({VARIABLE} forces one), cores and huge pages.",
        epilog=examples(
            "fastw2v info", f"{VARIABLE}=avx2 fastw2v info", "fastw2v info | grep chosen"
        ),
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the report; returns the exit code."""
    try:
        chosen = chosen_isa()
    except ValueError as error:
        raise UsageError(str(error)) from None
    built = instruction_sets()
    tell(
        "\n".join(
            (
                row("fastw2v", f"{__version__}, arithmetic {ARITHMETIC}"),
                row("python, numpy", f"{platform.python_version()}, {np.__version__}"),
                row("machine", f"{platform.machine()}, {platform.system()}"),
                row("instruction sets", f"built: {', '.join(built)}"),
                row("", f"usable: {', '.join(name for name, runs in built.items() if runs)}"),
                row("", f"chosen: {chosen}"),
                row("cores", f"{config.n_threads(-1)}"),
                row("huge pages", huge_pages()),
            )
        )
    )
    return 0
