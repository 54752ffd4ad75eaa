"""The ways to read a spelling as two words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

Readings: TypeAlias = "dict[str, dict[tuple[str, str], float]]"
"""Phrases that can be read in several ways: those that score well, and their scores."""


def readings(spelled: str, delimiter: str, connectors: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the ways to read a spelling as two words with connector words between them.

    Parameters
    ----------
    spelled : str
        A word or a phrase.
    delimiter : str
        What joins words.
    connectors : frozenset of str
        The connector words.

    Yields
    ------
    tuple of (str, str)
        First and last word: of "a_b_c" (a, b_c) and (a_b, c), and (a, c) if b is a connector.
    """
    for cut in range(len(spelled) - len(delimiter) + 1):
        first = spelled[:cut]
        if not spelled.startswith(delimiter, cut) or first in connectors:
            continue
        starts = [cut + len(delimiter)]
        seen = set(starts)
        while starts:
            start = starts.pop()
            last = spelled[start:]
            if last not in connectors:
                yield first, last
            for connector in connectors:
                end = start + len(connector)
                after = end + len(delimiter)
                if (
                    after not in seen
                    and spelled.startswith(connector, start)
                    and spelled.startswith(delimiter, end)
                ):
                    seen.add(after)
                    starts.append(after)
