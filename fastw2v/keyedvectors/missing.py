"""A key that is not present, and the keys that are spelled almost like it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

_MOST = 3
_SHORTEST, _LONGEST = 3, 50
_SAMPLE = 1000


class MissingKeyError(KeyError):
    """There is no such key. Where it is printed, similar keys are named.

    They are looked for only then: programs try keys by the million, and catch the error.
    """

    def __init__(self, text: str, key: Any = None, rows: Mapping[Any, int] | None = None) -> None:
        super().__init__(text)
        self._key, self._rows = key, rows or {}

    def __str__(self) -> str:
        found = near(self._key, self._rows)
        hint = f": similar keys are {', '.join(map(repr, found))}" if found else ""
        return super().__str__() + hint

    def __reduce__(self) -> Any:
        # Without the whole table: with the rows of the keys that it names.
        rows = {key: self._rows[key] for key in near(self._key, self._rows)}
        return type(self), (*self.args, self._key, rows)


def near(key: Any, rows: Mapping[Any, int]) -> list[Any]:
    """Return the keys that are most similar to one that is not present.

    Parameters
    ----------
    key : object
        What was looked for.
    rows : mapping of key to int
        The keys that there are, and their rows.

    Returns
    -------
    list
        At most three: keys that differ in type, case or spacing, or else in one character; of
        these the first in the table, where the frequent words are.
    """
    if not isinstance(key, str):
        text = key.decode("utf-8", "replace") if isinstance(key, bytes) else str(key)
        return [text] if text in rows else []
    if len(key) > _LONGEST:
        return []
    for candidates in (_variants(key), _one_edit(key, rows)):
        found = {candidate for candidate in candidates if candidate in rows}
        if found:
            return sorted(found, key=lambda name: rows[name])[:_MOST]
    return []


def _variants(key: str) -> Iterator[Any]:
    if key.isdecimal():
        yield int(key)
    for text in (key, key.strip(), "_".join(key.split()), key.replace("_", " ")):
        for form in ("NFC", "NFKC", "NFD"):
            word = unicodedata.normalize(form, text)
            yield from (word, word.lower(), word.upper(), word.capitalize(), word.title())


def _one_edit(key: str, rows: Mapping[Any, int]) -> Iterator[str]:
    """Yield what one character left out, put in, changed or exchanged with the next one makes."""
    if len(key) < _SHORTEST:
        return
    letters = {c for name in islice(rows, _SAMPLE) if isinstance(name, str) for c in name}
    for word in {key, key.lower()}:
        for i in range(len(word) + 1):
            before, after = word[:i], word[i:]
            yield before + after[1:]
            yield before + after[1:2] + after[:1] + after[2:]
            for letter in letters:
                yield before + letter + after
                yield before + letter + after[1:]
