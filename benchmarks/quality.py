"""Score word vectors on analogy questions and word-similarity sets.

    python -m benchmarks.quality VECTORS --analogies FILE --similarities FILE...

The rules are the ones the field's tables use: analogies by 3CosAdd (Mikolov et al. 2013) over
the 30,000 most frequent words, case folded, the three question words never an answer, questions
with an unknown word skipped; similarities by Spearman's rank correlation over the known pairs.
Both are printed times 100. Generated texts are scored by how many of a word's nearest neighbours
share its topic, in percent.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BATCH = 512


class Analogy(NamedTuple):
    """Correct answers in percent: all questions, the semantic ones, the syntactic ones."""

    total: float
    semantic: float
    syntactic: float
    n_answered: int


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows scaled to length one; zero rows stay zero.  (n_words, dim) -> (n_words, dim)."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (vectors / np.maximum(norms, 1e-12)).astype(np.float32, copy=False)
    return unit


def analogy(
    words: Sequence[str], vectors: NDArray[np.float32], questions: Path, restrict: int = 30_000
) -> Analogy:
    """Answer `a : b = c : ?` questions by 3CosAdd among the first `restrict` words.

    `words` come in order of frequency; `questions` is in the format of word2vec's
    `questions-words.txt` (sections open with `: name`, the syntactic ones with `: gram`).
    """
    unit = unit_rows(vectors[:restrict])
    index: dict[str, int] = {}
    for row, word in enumerate(words[:restrict]):
        index.setdefault(word.lower(), row)
    rows: list[list[int]] = []
    syntactic: list[bool] = []
    in_grammar = False
    for line in questions.read_text(encoding="utf-8").splitlines():
        if line.startswith(":"):
            in_grammar = line[1:].strip().startswith("gram")
            continue
        ids = [index.get(word, -1) for word in line.lower().split()]
        if len(ids) == 4 and min(ids) >= 0:
            rows.append(ids)
            syntactic.append(in_grammar)
    if not rows:
        return Analogy(0.0, 0.0, 0.0, 0)
    table = np.array(rows)
    right = np.zeros(len(table), dtype=bool)
    for start in range(0, len(table), BATCH):
        a, b, c, d = table[start : start + BATCH].T
        scores = (unit[b] - unit[a] + unit[c]) @ unit.T
        at = np.arange(len(a))
        for given in (a, b, c):
            scores[at, given] = -np.inf
        right[start : start + BATCH] = scores.argmax(axis=1) == d
    is_syntactic = np.array(syntactic)

    def percent(mask: NDArray[np.bool_]) -> float:
        return 100.0 * float(right[mask].mean()) if mask.any() else 0.0

    everything = np.ones(len(right), dtype=bool)
    return Analogy(percent(everything), percent(~is_syntactic), percent(is_syntactic), len(right))


def similarity(words: Sequence[str], vectors: NDArray[np.float32], pairs: Path) -> float:
    """Spearman correlation (times 100) of cosines with the human scores of `pairs`."""
    index: dict[str, int] = {}
    for row, word in enumerate(words):
        index.setdefault(word.lower(), row)
    unit = unit_rows(vectors)
    gold: list[float] = []
    ours: list[float] = []
    for line in pairs.read_text(encoding="utf-8").splitlines():
        fields = line.lower().split()
        if len(fields) != 3 or fields[0] not in index or fields[1] not in index:
            continue
        gold.append(float(fields[2]))
        ours.append(float(unit[index[fields[0]]] @ unit[index[fields[1]]]))
    return 100.0 * float(np.corrcoef(ranks(gold), ranks(ours))[0, 1])


def ranks(values: Sequence[float]) -> NDArray[np.float64]:
    """Average ranks: tied values share the mean of their places."""
    _, group, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2.0)[group]


def topic_neighbours(
    unit: NDArray[np.float32], topics: NDArray[np.int64], sample: NDArray[np.int64], n: int = 10
) -> float:
    """Share of the `n` nearest words that have the topic of the word they are near to, in percent.

    Parameters
    ----------
    unit : ndarray of float32, shape (n_words, dim)
        Rows of length one.
    topics : ndarray of int, shape (n_words,)
        Topic of each row.
    sample : ndarray of int
        Rows whose neighbours are looked at.
    n : int
        Neighbours of a word; never more than its topic has besides it.
    """
    sizes = np.bincount(topics)
    shares = []
    for start in range(0, len(sample), BATCH):
        rows = sample[start : start + BATCH]
        scores = unit[rows] @ unit.T
        scores[np.arange(len(rows)), rows] = -np.inf
        most = min(n, len(unit) - 1)
        nearest = np.argpartition(-scores, most - 1, axis=1)[:, :most]
        order = np.argsort(-np.take_along_axis(scores, nearest, axis=1), axis=1)
        nearest = np.take_along_axis(nearest, order, axis=1)
        same = topics[nearest] == topics[rows][:, None]
        for row, hits in zip(rows, same, strict=True):
            wanted = min(most, int(sizes[topics[row]]) - 1)
            if wanted:
                shares.append(float(hits[:wanted].mean()))
    return 100.0 * float(np.mean(shares)) if shares else 0.0


def read_word2vec_binary(
    path: Path, wanted: Collection[str] | None = None
) -> tuple[list[str], NDArray[np.float32]]:
    """Words and vectors of a word2vec binary file, read without the package under test.

    Only those of the words that are `wanted`, if any are named: a large file is read faster.
    """
    content = path.read_bytes()
    at = content.index(b"\n") + 1
    n_words, dim = map(int, content[:at].split())
    words: list[str] = []
    rows: list[NDArray[np.float32]] = []
    for _ in range(n_words):
        end = content.index(b" ", at)
        word = content[at:end].lstrip(b"\n").decode("utf-8", errors="replace")
        if wanted is None or word in wanted:
            words.append(word)
            rows.append(np.frombuffer(content, dtype="<f4", count=dim, offset=end + 1))
        at = end + 1 + 4 * dim
    return words, np.array(rows, dtype=np.float32).reshape(len(words), dim)


def read_vectors(
    path: Path, wanted: Collection[str] | None = None
) -> tuple[list[str], NDArray[np.float32]]:
    """Words and vectors of word2vec's binary format, or of text lines without a header (koan's)."""
    with path.open("rb") as file:
        header = file.readline().split()
    if len(header) == 2 and all(field.isdigit() for field in header):
        return read_word2vec_binary(path, wanted)
    words: list[str] = []
    rows: list[NDArray[np.float32]] = []
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            found, *values = line.split(" ")
            words.append(found)
            rows.append(np.array(values, dtype=np.float32))
    return words, np.array(rows)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Score a word2vec binary file.")
    parser.add_argument("vectors", type=Path)
    parser.add_argument("--analogies", type=Path)
    parser.add_argument("--similarities", type=Path, nargs="*", default=[])
    args = parser.parse_args(argv)
    words, vectors = read_word2vec_binary(args.vectors)
    if args.analogies:
        score = analogy(words, vectors, args.analogies)
        print(
            f"analogy {score.total:.1f} (sem {score.semantic:.1f} / syn {score.syntactic:.1f}, "
            f"{score.n_answered} questions)"
        )
    for path in args.similarities:
        print(f"{path.stem} {similarity(words, vectors, path):.1f}")


if __name__ == "__main__":
    main()
