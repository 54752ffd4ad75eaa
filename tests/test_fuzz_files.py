"""Spoilt files of every format are read or refused, and cost no more than they are long."""

from __future__ import annotations

import itertools
import sys

from tests.fuzz.formats import FORMATS
from tests.fuzz.hunt import Outcome, Recipe, invented, known, tried

MOST = 64 << 20
"""Bytes that reading a few kilobytes may take, those of the libraries included."""
ROUNDS = 25


def outcomes_of(recipes: list[Recipe]) -> list[Outcome]:
    """Read the files, none of which may go wrong."""
    outcomes = list(tried(recipes))
    assert [outcome.recipe for outcome in outcomes] == recipes
    assert not [outcome for outcome in outcomes if not outcome.good or outcome.n_bytes > MOST]
    return outcomes


def test_files_that_were_once_read_wrongly() -> None:
    recipes = known()
    assert len(recipes) >= 50
    assert [o for o in outcomes_of(recipes) if o.what != o.recipe.expected] == []


def test_files_spoilt_at_random() -> None:
    outcomes = outcomes_of(list(itertools.islice(invented(seed=1), ROUNDS * len(FORMATS))))
    refused = {outcome.recipe.format for outcome in outcomes if outcome.what == "refused"}
    assert refused >= FORMATS.keys() - {"text", "sentences"}  # nearly all bytes are texts


def test_what_goes_wrong_is_noticed() -> None:
    recipes = [Recipe("faults", [["set", [0], value]]) for value in ("0", "1", "2", "3", "7", "-1")]
    found = [outcome.what for outcome in tried(recipes, formats="tests.fuzz.faults")]
    assert found[0].startswith("reading: KeyError")
    if sys.platform == "linux":
        assert found[1].startswith("reading: MemoryError")
    assert found[2].startswith("no file is named: FormatError")
    assert found[3] == "the process ended with status 3"
    assert found[4].startswith("using: FormatError")
    assert found[5] == "read"
