"""A text with what its vectors are judged by."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import corpora, quality

# Topics are judged on words that occurred this often, among so many of the most frequent words.
# The very first are everywhere, whatever the topic.
ENOUGH, AMONG, FIRST, SAMPLED = 50, 10_000, 20, 500


@dataclass(frozen=True)
class Text:
    """A text to train on.

    Attributes
    ----------
    name : str
        What tables call it.
    path : Path
    n_tokens : int
    recipe : Recipe or None
        How it was generated.
    evaluation : Path or None
        Directory with `questions-words.txt` and similarity sets `EN-*.txt`, for a real text.
    """

    name: str
    path: Path
    n_tokens: int
    recipe: corpora.Recipe | None = None
    evaluation: Path | None = None

    @property
    def min_count(self) -> int:
        """A generated text keeps all of its words, a real one those that occur five times."""
        return 1 if self.recipe else 5

    def score(self, vectors: Path) -> dict[str, float]:
        """Quality of a file of vectors trained on the text, by the name of the measure."""
        if self.recipe is not None:
            wanted = {corpora.word(n) for n in range(min(self.recipe.n_words, AMONG))}
            return self._score_topics(self.recipe, *quality.read_vectors(vectors, wanted))
        if self.evaluation is None:
            return {}
        words, matrix = quality.read_vectors(vectors)
        # Not every program writes its words by frequency.
        found = occurrences(self.path)
        order = sorted(range(len(words)), key=lambda row: -found.get(words[row], 0))
        words, matrix = [words[row] for row in order], matrix[order]
        scores = {}
        questions = self.evaluation / "questions-words.txt"
        if questions.exists():
            scores["analogy"] = quality.analogy(words, matrix, questions).total
        for pairs in sorted(self.evaluation.glob("EN-*.txt")):
            name = "-".join(pairs.stem.split("-")[1:3])
            scores[name] = quality.similarity(words, matrix, pairs)
        return scores

    def _score_topics(
        self, recipe: corpora.Recipe, words: list[str], matrix: np.ndarray
    ) -> dict[str, float]:
        row_of = {word: row for row, word in enumerate(words)}
        among = min(recipe.n_words, AMONG)
        rows = [row_of[corpora.word(number)] for number in range(among)]
        expected = corpora.probabilities(recipe)[:among] * recipe.n_tokens
        frequent = np.flatnonzero(expected >= ENOUGH)
        frequent = frequent[frequent >= min(FIRST, len(frequent) // 2)]
        step = max(len(frequent) // SAMPLED, 1)
        share = quality.topic_neighbours(
            quality.unit_rows(matrix[rows]), corpora.topics(recipe)[:among], frequent[::step]
        )
        return {"same topic": share}


@functools.lru_cache(maxsize=4)
def occurrences(path: Path) -> dict[str, int]:
    """Count the words of a text, once."""
    return corpora.counts(path)
