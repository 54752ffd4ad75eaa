"""What a pair of words scores: the two formulas, or a function of the user's."""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable
from typing import Any, TypeAlias

from fastw2v.formats.schema import Kind

Scorer: TypeAlias = Callable[..., float]

ENGLISH_CONNECTOR_WORDS = frozenset(
    ("a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with",
     "without")
)  # fmt: skip
"""English articles, prepositions and conjunctions that may stand within a phrase."""

SCORER_PARAMETERS = (
    "worda_count",
    "wordb_count",
    "bigram_count",
    "len_vocab",
    "min_count",
    "corpus_word_count",
)
"""What a scoring function is called with, by name."""


def original_scorer(
    worda_count: float,
    wordb_count: float,
    bigram_count: float,
    len_vocab: float,
    min_count: float,
    corpus_word_count: float,
) -> float:
    """Score a pair by (ab - min_count) / (a * b) * len_vocab.

    Parameters
    ----------
    worda_count, wordb_count, bigram_count : int
        Occurrences a, b and ab of the two words and of the pair.
    len_vocab : int
        Distinct words and pairs counted. (word2phrase multiplies by the number of tokens instead,
        so its thresholds are on another scale.)
    min_count : int
        Discount, so that rare pairs score low.
    corpus_word_count : int
        Not used.

    Returns
    -------
    float
        Minus infinity if a word does not occur.
        Source: Mikolov, Sutskever, Chen, Corrado, Dean 2013, section 4.
    """
    expected = float(worda_count * wordb_count)
    if expected == 0:
        return -math.inf
    return (bigram_count - min_count) / expected * len_vocab


def npmi_scorer(
    worda_count: float,
    wordb_count: float,
    bigram_count: float,
    len_vocab: float,
    min_count: float,
    corpus_word_count: float,
) -> float:
    """Score a pair by its normalised pointwise mutual information, in [-1, 1].

    Parameters
    ----------
    worda_count, wordb_count, bigram_count : int
        Occurrences of the two words and of the pair.
    len_vocab : int
        Not used.
    min_count : int
        A pair that occurs less often scores minus infinity.
    corpus_word_count : int
        Tokens in the corpus.

    Returns
    -------
    float
        ln(p_ab / (p_a p_b)) / -ln p_ab, and 1 for a pair that is the whole corpus.
        Source: Bouma 2009, Normalized (pointwise) mutual information in collocation extraction.
    """
    if bigram_count < min_count:
        return -math.inf
    pa = worda_count / corpus_word_count
    pb = wordb_count / corpus_word_count
    pab = bigram_count / corpus_word_count
    return 1.0 if pab == 1.0 else math.log(pab / (pa * pb)) / -math.log(pab)


NAMED_SCORERS: dict[str, Scorer] = {"default": original_scorer, "npmi": npmi_scorer}
SCORER_NAMES = {scorer: name for name, scorer in NAMED_SCORERS.items()}

NAME = Kind(
    lambda v: (
        v in tuple(NAMED_SCORERS)
        or (type(v) is list and len(v) == 2 and all(n is None or type(n) is str for n in v))
    ),
    "'default', 'npmi' or [module, name of a function]",
)
"""What `name_of` returns."""


def check_scoring(scoring: str | Scorer) -> Scorer:
    """Return the function of a `scoring` parameter; TypeError or ValueError if it is none."""
    if isinstance(scoring, str):
        if scoring not in NAMED_SCORERS:
            raise ValueError(
                f"unknown scoring method string {scoring} specified; "
                f"there are {', '.join(NAMED_SCORERS)}"
            )
        return NAMED_SCORERS[scoring]
    if not callable(scoring):
        raise TypeError(f"scoring must be 'default', 'npmi' or a function, got {scoring!r}")
    names = inspect.signature(scoring).parameters
    missing = [name for name in SCORER_PARAMETERS if name not in names]
    if missing:
        raise ValueError(f"scoring function missing expected parameters {missing}")
    return scoring


def name_of(scoring: Scorer) -> str | list[str | None]:
    """Return how a file names a function: "default", "npmi", or [module, qualified name]."""
    if scoring in SCORER_NAMES:
        return SCORER_NAMES[scoring]
    return [getattr(scoring, "__module__", ""), getattr(scoring, "__qualname__", "")]


def scorer_of(name: str | list[str | None], given: Scorer | None) -> Scorer:
    """Return the scoring function of a file, `given` or the one that `name_of` named.

    No module is imported for it; ValueError if it is not there.
    """
    if given is not None:
        return check_scoring(given)
    if isinstance(name, str):
        return NAMED_SCORERS[name]
    if name[0] and name[1]:
        found: Any = sys.modules.get(name[0])
        for part in name[1].split("."):
            # What is there, and not what a module's __getattr__ would import.
            found = inspect.getattr_static(found, part, None)
            if isinstance(found, staticmethod):
                found = found.__func__
        if inspect.isfunction(found):
            return check_scoring(found)
    raise ValueError(
        f"the scoring function {name!r} is not there; import its module first, or pass "
        f"scoring= to load"
    )
