"""Arguments that make no sense: one line says which, and what would be right."""

from __future__ import annotations

import argparse
from typing import NoReturn


class UsageError(Exception):
    """Wrong arguments; the message says which and what would be right."""


class Parser(argparse.ArgumentParser):
    """A parser whose error is one line, not preceded by all the options that there are."""

    def error(self, message: str) -> NoReturn:
        """Print the message and leave with code 2."""
        self.exit(2, f"{self.prog}: {message} (`{self.prog} --help` lists all options)\n")
