"""Texts to train on: generated ones of any shape, and samples of a real one.

A generated text has what matters for speed, words that follow Zipf's law, and what matters for
quality, something to learn. Every word has a topic. A sentence has a topic too; a share of its
words comes from that topic, the rest from the whole vocabulary. Topics of sentences are drawn in
proportion to the mass of their words, so that the words of all sentences together follow Zipf's
law exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SYLLABLES = [consonant + vowel for consonant in "bcdfghjklmnpqrstvwxz" for vowel in "aeiou"]
LONGEST_LINE = 1000
AT_ONCE = 1 << 20

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Recipe:
    """What decides a generated text; equal recipes give equal texts.

    Attributes
    ----------
    n_words : int
        Size of the vocabulary; every word occurs.
    n_tokens : int
        Length. Words that did not come up are added in sentences of their own topic.
    sentence_length : int
        Tokens of a sentence.
    n_topics : int
        Word i (0 the most frequent) has topic i modulo `n_topics`.
    topic_share : float
        Part of a sentence's words that is drawn from its topic.
    exponent : float
        Word i has probability proportional to (i + 1) ** -exponent.
    seed : int
    """

    n_words: int
    n_tokens: int
    sentence_length: int = 20
    n_topics: int = 50
    topic_share: float = 0.3
    exponent: float = 1.0
    seed: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.n_topics <= self.n_words:
            raise ValueError(f"n_topics must be from 1 to n_words, got {self.n_topics}")

    @property
    def name(self) -> str:
        """File name."""
        return "-".join(f"{key.split('_')[-1]}{value}" for key, value in asdict(self).items())


def probabilities(recipe: Recipe) -> NDArray[np.float64]:
    """Probability of each word, (n_words,): Zipf's law."""
    weights = np.arange(1, recipe.n_words + 1, dtype=np.float64) ** -recipe.exponent
    total: NDArray[np.float64] = weights / weights.sum()
    return total


def topics(recipe: Recipe) -> Ids:
    """Topic of each word, (n_words,)."""
    return np.arange(recipe.n_words) % recipe.n_topics


def word(number: int) -> str:
    """Spell a word: its number in base 100, a syllable per digit."""
    spelled = SYLLABLES[number % 100]
    while number >= 100:
        number //= 100
        spelled = SYLLABLES[number % 100] + spelled
    return spelled


def sentences(recipe: Recipe) -> Iterator[Ids]:
    """Generate blocks of sentences, (n, sentence_length) word numbers each.

    The last block may be one shorter sentence. The sentences that add missing words come last.
    """
    rng = np.random.default_rng(recipe.seed)
    # All words, topic by topic: a topic is an interval of the cumulative distribution, and so is
    # the whole vocabulary.
    order = np.argsort(topics(recipe), kind="stable")
    cumulative = np.concatenate([[0.0], np.cumsum(probabilities(recipe)[order])])
    cumulative /= cumulative[-1]
    first = np.searchsorted(topics(recipe)[order], np.arange(recipe.n_topics + 1))
    bounds = cumulative[first]
    seen = np.zeros(recipe.n_words, dtype=bool)

    def draw(n: int, length: int) -> Ids:
        topic = np.searchsorted(bounds, rng.random(n), side="right") - 1
        on_topic = rng.random((n, length)) < recipe.topic_share
        low = np.where(on_topic, bounds[topic][:, None], 0.0)
        high = np.where(on_topic, bounds[topic + 1][:, None], 1.0)
        places = low + rng.random((n, length)) * (high - low)
        at = np.searchsorted(cumulative, places, side="right") - 1
        drawn: Ids = order[np.minimum(at, recipe.n_words - 1)]
        seen[drawn] = True
        return drawn

    length = recipe.sentence_length
    left = recipe.n_tokens
    while left >= length:
        n = min(left // length, max(AT_ONCE // length, 1))
        yield draw(n, length)
        left -= n * length
    if left:
        yield draw(1, left)
    missing = order[~seen[order]]
    for topic in range(recipe.n_topics):
        words = missing[missing % recipe.n_topics == topic]
        for start in range(0, len(words), length):
            yield words[None, start : start + length]


def generate(recipe: Recipe, directory: Path) -> tuple[Path, int]:
    """Write a text, a sentence per line, unless it is there already; its path and tokens."""
    path = directory / f"{recipe.name}.txt"
    size = path.with_suffix(".size")
    if path.exists() and size.exists():
        return path, int(size.read_text(encoding="ascii"))
    directory.mkdir(parents=True, exist_ok=True)
    spelled = [word(number) for number in range(recipe.n_words)]
    n_tokens = 0
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="ascii") as file:
        for block in sentences(recipe):
            n_tokens += block.size
            for sentence in block.tolist():
                file.write(" ".join([spelled[number] for number in sentence]) + "\n")
    unfinished.replace(path)
    size.write_text(f"{n_tokens}\n", encoding="ascii")
    return path, n_tokens


def sample(text: Path, n_tokens: int, directory: Path) -> tuple[Path, int]:
    """Copy the first tokens of a text, its lines cut to 1,000 tokens; its path and tokens.

    Blank lines are left out. Some rivals cut longer lines short or stumble over blank ones; like
    this everybody trains on the same.
    """
    state = text.stat()
    path = directory / f"{text.stem}-{state.st_size}-{state.st_mtime_ns}-{n_tokens}.txt"
    size = path.with_suffix(".size")
    if path.exists() and size.exists():
        return path, int(size.read_text(encoding="ascii"))
    directory.mkdir(parents=True, exist_ok=True)
    copied = 0
    unfinished = path.with_suffix(".part")
    with text.open("rb") as source, unfinished.open("wb") as file:
        for line in source:
            words = line.split()[: n_tokens - copied]
            copied += len(words)
            for start in range(0, len(words), LONGEST_LINE):
                file.write(b" ".join(words[start : start + LONGEST_LINE]) + b"\n")
            if copied >= n_tokens:
                break
    unfinished.replace(path)
    size.write_text(f"{copied}\n", encoding="ascii")
    return path, copied


def counts(text: Path) -> dict[str, int]:
    """Occurrences of the words of a text."""
    found: dict[str, int] = {}
    with text.open(encoding="utf-8") as file:
        for line in file:
            for token in line.split():
                found[token] = found.get(token, 0) + 1
    return found


# A 34-node graph, as small as the ones that word2vec is often run on: two rings of 17 nodes with
# chords inside and five edges between.
HALF = 17


def small_graph_walks(n_walks: int = 10, length: int = 80, seed: int = 1) -> list[list[str]]:
    """Walk from every node of the graph, `n_walks` times; nodes are words, "0" to "33"."""
    neighbours: list[set[int]] = [set() for _ in range(2 * HALF)]
    edges = [
        (side * HALF + node, side * HALF + (node + step) % HALF)
        for side in range(2)
        for node in range(HALF)
        for step in (1, 4)
    ]
    edges += [(node, HALF + node) for node in range(0, HALF, 4)]
    for a, b in edges:
        neighbours[a].add(b)
        neighbours[b].add(a)
    choices = [sorted(nodes) for nodes in neighbours]
    rng = np.random.default_rng(seed)
    walks = []
    for start in np.tile(np.arange(2 * HALF), n_walks):
        walk = [int(start)]
        for _ in range(length - 1):
            options = choices[walk[-1]]
            walk.append(options[int(rng.integers(len(options)))])
        walks.append([str(node) for node in walk])
    return walks
