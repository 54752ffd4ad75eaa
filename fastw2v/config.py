"""Every hyper-parameter once: its name, default, allowed values and what it means.

`Word2Vec` checks its arguments against this table and the command line is made from it. Names
and defaults are gensim's where gensim has the parameter.
"""

from __future__ import annotations

import math
import numbers
import os
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

CLASSIC, CORRECTED = "classic", "corrected"

LARGEST = 2**31 - 1
"""Whole numbers are 32-bit integers to the kernels."""

# As many as are processed together, for every five negatives, or each row would be pushed too hard;
# more and fewer are measured in benchmarks/log.md.
NOISE_ROWS, FOR_NEGATIVES = 16, 5
MOST_NOISE_ROWS = 4096

# (largest vocabulary, block_size, most noise_blocks) by architecture: where words are few, noise
# that many of them share overshoots. Measured in benchmarks/log.md, "Small vocabularies".
BLOCKS = {
    "skip-gram": ((2_000, 0, 1), (20_000, 8, 4), (2**31, 24, 2)),
    "CBOW": ((5_000, 0, 1), (20_000, 4, 4), (30_000, 8, 4), (2**31, 24, 4)),
    "CBOW without noise": ((2_000, 0, 1), (2**31, 24, 1)),
}
# Two blocks share noise if each word is still drawn so many times in all, on average; and more do.
DRAWS_FOR_TWO, DRAWS_FOR_MORE = 10, 100


@dataclass(frozen=True)
class Parameter:
    """One hyper-parameter.

    Attributes
    ----------
    name : str
        gensim's name, also the attribute of the model and the flag of the command line.
    default : object
        Value if nothing is given.
    convert : callable
        Turns what was given into the stored type; raises TypeError or ValueError if it cannot.
    allows : callable
        Whether a converted value is in range.
    allowed : str
        The range in words, for error messages.
    help : str
        What it does, with its unit.
    """

    name: str
    default: Any
    convert: Callable[[Any], Any]
    allows: Callable[[Any], bool]
    allowed: str
    help: str

    def check(self, value: Any) -> Any:
        """Return the stored form of `value`; ValueError names parameter, value and range."""
        try:
            stored = self.convert(value)
            if self.allows(stored):
                return stored
        except (TypeError, ValueError, OverflowError):
            pass
        raise ValueError(f"{self.name} must be {self.allowed}, got {value!r}")


def _integer(value: Any) -> int:
    if isinstance(value, (bool, numbers.Integral)):
        return int(value)
    number = float(value)
    if not number.is_integer():
        raise ValueError
    return int(number)


def _number_or_off(value: Any) -> float:
    return 0.0 if value is None else float(value)


def _optional(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else convert(value)


def _at_least(low: int) -> Callable[[Any], bool]:
    return lambda value: low <= value <= LARGEST


def _none_or_at_least(low: int) -> Callable[[Any], bool]:
    return lambda value: value is None or low <= value <= LARGEST


def _switch(name: str, default: int, help_text: str) -> Parameter:
    return Parameter(name, default, _integer, lambda value: value in (0, 1), "0 or 1", help_text)


PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter
    for parameter in (
        Parameter(
            "vector_size",
            100,
            _integer,
            lambda v: 1 <= v <= 2**20,
            "a whole number from 1 to 1048576",
            "dimensions of the vectors",
        ),
        Parameter(
            "alpha",
            0.025,
            float,
            lambda v: 0 < v < math.inf,
            "a positive number",
            "learning rate at the beginning; it suits skip-gram at 0.025, CBOW at 0.05",
        ),
        Parameter(
            "window",
            5,
            _integer,
            _at_least(1),
            f"a whole number from 1 to {LARGEST}",
            "largest distance between a word and its context, in words",
        ),
        Parameter(
            "min_count",
            5,
            _integer,
            _at_least(0),
            f"a whole number from 0 to {LARGEST}",
            "words that occur less often are left out",
        ),
        Parameter(
            "max_vocab_size",
            None,
            _optional(_integer),
            _none_or_at_least(1),
            f"None or a whole number from 1 to {LARGEST}",
            "prune rare words while counting whenever there are more distinct words than this",
        ),
        Parameter(
            "sample",
            1e-3,
            _number_or_off,
            lambda v: 0 <= v < math.inf,
            "a number, at least 0",
            "threshold of frequent-word subsampling, as a share of all words; 0 is off; 1 or "
            "more is a count of words",
        ),
        Parameter(
            "seed",
            1,
            _optional(_integer),
            lambda v: v is None or 0 <= v < 2**64,
            "None or a whole number from 0 to 2**64 - 1",
            "seed of all random draws; the same seed and one worker give the same bits",
        ),
        Parameter(
            "workers",
            3,
            _integer,
            lambda v: v == -1 or 1 <= v <= 4096,
            "a whole number from 1 to 4096, or -1 for all cores",
            "training threads",
        ),
        Parameter(
            "min_alpha",
            1e-4,
            float,
            lambda v: 0 <= v < math.inf,
            "a number, at least 0",
            "learning rate at the end; it falls linearly from alpha",
        ),
        _switch("sg", 0, "1: skip-gram, 0: CBOW"),
        _switch("hs", 0, "1: train by hierarchical softmax"),
        Parameter(
            "negative",
            5,
            _integer,
            lambda v: 0 <= v <= 10_000,
            "a whole number from 0 to 10000",
            "noise words per positive pair (skip-gram) or per word (CBOW); 0 is off",
        ),
        Parameter(
            "ns_exponent",
            0.75,
            float,
            math.isfinite,
            "a finite number",
            "noise words are drawn in proportion to count ** ns_exponent",
        ),
        _switch("cbow_mean", 1, "1: CBOW averages the context vectors, 0: it adds them"),
        Parameter(
            "epochs",
            5,
            _integer,
            _at_least(1),
            f"a whole number from 1 to {LARGEST}",
            "passes over the corpus",
        ),
        _switch("sorted_vocab", 1, "1: words by descending count, 0: in the order of the text"),
        Parameter(
            "max_final_vocab",
            None,
            _optional(_integer),
            _none_or_at_least(1),
            f"None or a whole number from 1 to {LARGEST}",
            "raise min_count until at most so many words are left",
        ),
        _switch(
            "shuffle",
            0,
            "1: take the text in blocks of 262,144 words from anywhere, another order every epoch; "
            "0: go through it, at random within 16.8 million words",
        ),
        _switch("shrink_windows", 1, "1: each word draws its window from 1 to window, 0: fixed"),
        Parameter(
            "cbow_gradient",
            CLASSIC,
            str,
            lambda v: v in (CLASSIC, CORRECTED),
            "'classic' or 'corrected'",
            "what a context vector gets in CBOW: classic, as word2vec.c, or the corrected gradient "
            "of the mean, for which alpha should be larger (0.15)",
        ),
        Parameter(
            "block_size",
            None,
            _optional(_integer),
            lambda v: v is None or 0 <= v <= 1024,
            "None or a whole number from 0 to 1024",
            "consecutive words that share noise words; 0: each pair draws its own and updates are "
            "sequential; 1: one set per word (default by the size of the vocabulary: skip-gram 0 "
            "up to 2,000 words, 8 up to 20,000, then 24; CBOW 0 up to 5,000, 4 up to 20,000, 8 up "
            "to 30,000, then 24; by hierarchical softmax alone 0 up to 2,000, then 24)",
        ),
        Parameter(
            "noise_rows",
            None,
            _optional(_integer),
            lambda v: v is None or 1 <= v <= MOST_NOISE_ROWS,
            f"None or a whole number from 1 to {MOST_NOISE_ROWS}",
            "noise words that a block shares, weighted to count as `negative` each (default 16 for "
            "every five of `negative`)",
        ),
        Parameter(
            "noise_blocks",
            None,
            _optional(_integer),
            lambda v: v is None or 1 <= v <= 1024,
            "None or a whole number from 1 to 1024",
            "blocks in a row that share the same noise words (default: 4, in skip-gram of more "
            "than 20,000 words 2; fewer where the text is short for its vocabulary, 1 if "
            "block_size is given)",
        ),
    )
}


def check(values: Mapping[str, Any]) -> dict[str, Any]:
    """Check parameters by name.

    Parameters
    ----------
    values : mapping of str to object
        Names of `PARAMETERS` and what was given for them.

    Returns
    -------
    dict
        The values in their stored types.

    Raises
    ------
    ValueError
        Naming the first parameter that is out of range, its value and the range; or if neither
        `hs` nor `negative` is on.
    """
    checked = {name: PARAMETERS[name].check(value) for name, value in values.items()}
    if not checked.get("hs", 1) and not checked.get("negative", 1):
        raise ValueError(
            "You must set either 'hs' or 'negative' to be positive for proper training: "
            "hs=0 and negative=0 leave nothing to train"
        )
    return checked


def documentation() -> str:
    """Return what a docstring says of the parameters: range, default and meaning of each."""
    lines: list[str] = []
    for parameter in PARAMETERS.values():
        lines.append(f"{parameter.name} : {parameter.allowed}, default {parameter.default!r}")
        text = parameter.help[0].upper() + parameter.help[1:] + "."
        lines += textwrap.wrap(text, 92, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines)


def n_threads(workers: int) -> int:
    """Threads for a checked `workers`: -1 means every core that the process may use."""
    if workers != -1:
        return workers
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class NoiseSharing(NamedTuple):
    """Which words share noise: the three parameters of these names."""

    block_size: int
    noise_rows: int
    noise_blocks: int


def noise_sharing(
    n_words: int,
    n_tokens: int,
    sg: int,
    negative: int,
    block_size: int | None = None,
    noise_rows: int | None = None,
    noise_blocks: int | None = None,
) -> NoiseSharing:
    """Fill in the defaults of `block_size`, `noise_rows` and `noise_blocks`.

    Parameters
    ----------
    n_words : int
        Size of the vocabulary.
    n_tokens : int
        Length of the corpus times epochs.
    sg : int
        1 for skip-gram, 0 for CBOW.
    negative : int
        Noise words per positive pair; 0 is none.
    block_size, noise_rows, noise_blocks : int, optional
        What was asked for.

    Returns
    -------
    NoiseSharing
    """
    steps = BLOCKS["skip-gram" if sg else "CBOW" if negative else "CBOW without noise"]
    size, most = next((size, most) for largest, size, most in steps if n_words <= largest)
    rows = noise_rows
    if rows is None:
        rows = min(NOISE_ROWS * max(round(negative / FOR_NEGATIVES), 1), MOST_NOISE_ROWS)
    if block_size is not None:
        size, most = block_size, 1
    if noise_blocks is None:
        draws = n_tokens * rows // (max(size, 1) * n_words)  # of a word, if each block has its own
        shared = max(1, min(2, draws // DRAWS_FOR_TWO), draws // DRAWS_FOR_MORE)
        noise_blocks = min(most, shared)
    return NoiseSharing(size, rows, noise_blocks)
