"""How a report lies on the page: rows of a name and a text, no wider than the terminal."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Sequence
from typing import TextIO

LABEL = 18
"""Columns of the names on the left."""

NARROWEST = 40
"""Columns below which nothing is made narrower."""


def row(name: str, text: str) -> str:
    """One line of a report."""
    return f"{name:<{LABEL}} {text}"


def number_of(n: int, noun: str, plural: str = "") -> str:
    """Spell a number of things: "1 epoch", "2 epochs"."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def tell(text: str) -> None:
    """Print a report at once, fitted to the terminal if standard output is one."""
    print(fitted(text, width()), flush=True)


def width(stream: TextIO | None = None) -> int | None:
    """Columns of the terminal behind a stream, by default standard output; None if it is none."""
    stream = sys.stdout if stream is None else stream
    if not stream.isatty():
        return None
    columns = os.environ.get("COLUMNS", "")
    try:
        found = int(columns) if columns.isdecimal() else 0
        return max(found or os.get_terminal_size(stream.fileno()).columns, NARROWEST)
    except OSError:
        return None


def fitted(text: str, columns: int | None) -> str:
    """Break lines that are longer than `columns`, under the beginning of their second column."""
    if columns is None:
        return text
    return "\n".join(_broken(line, columns) for line in text.split("\n"))


def _broken(line: str, columns: int) -> str:
    if len(line) <= columns:
        return line
    label = re.match(r" *(?:\S+ )*\S+ {2,}| +", line)
    indent = label.end() if label and label.end() <= columns // 2 else 4
    return "\n".join(
        textwrap.wrap(
            line,
            columns,
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
        )
    )


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return lines whose columns are as wide as they must be, the first one of names."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        row(
            name,
            "  ".join(f"{text:>{width}}" for text, width in zip(cells, widths[1:], strict=True)),
        )
        for name, *cells in rows
    ]
