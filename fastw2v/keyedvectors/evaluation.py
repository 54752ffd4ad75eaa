"""The two standard tests of word vectors: similarity of pairs, and analogies."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from fastw2v.formats._table import UndecodableKeyError
from fastw2v.formats.atomic import StrPath
from fastw2v.formats.handles import open_input
from fastw2v.keyedvectors import similarity

if TYPE_CHECKING:
    from fastw2v.keyedvectors.queries import Queries

Question: TypeAlias = "tuple[str, str, str, str]"
Section: TypeAlias = "dict[str, Any]"

logger = logging.getLogger("fastw2v.keyedvectors")

TOTAL = "Total accuracy"
_TOPN = 5
_BLOCK = 1024


class Correlation(NamedTuple):
    """A coefficient of correlation, and how likely one at least as large is without any."""

    statistic: float
    pvalue: float


def word_pairs(
    kv: Queries,
    pairs: StrPath,
    delimiter: str,
    encoding: str,
    restrict_vocab: int | None,
    case_insensitive: bool,
    dummy4unknown: bool,
) -> tuple[Correlation, Correlation, float]:
    """See `KeyedVectors.evaluate_word_pairs`."""
    rows = _known_rows(kv, restrict_vocab, case_insensitive)
    judged: list[float] = []
    asked: list[tuple[int, int] | None] = []
    n_unknown = 0
    for number, line in _lines(pairs, encoding):
        if not line or line.startswith("#"):
            continue
        try:
            a, b, judgement = (part.strip() for part in line.split(delimiter))
            value = float(judgement)
        except ValueError:
            logger.info("Skipping invalid line #%d in %s", number, pairs)
            continue
        pair = [rows.get(word.upper() if case_insensitive else word) for word in (a, b)]
        if pair[0] is None or pair[1] is None:
            n_unknown += 1
            if not dummy4unknown:
                logger.info("Skipping line #%d with OOV words: %s", number, line)
                continue
            logger.debug("Zero similarity for line #%d with OOV words: %s", number, line)
            asked.append(None)
        else:
            asked.append((pair[0], pair[1]))
        judged.append(value)
    if not judged:
        raise ValueError(
            f"No valid similarity judgements found in {pairs}: either invalid format or all are "
            f"out-of-vocabulary in {kv}"
        )
    found = np.array([0.0 if pair is None else _similarity(kv, pair) for pair in asked])
    truth = np.array(judged)
    pearson = _pearson(found, truth)
    spearman = _spearman(found, truth)
    n_pairs = len(judged) + (0 if dummy4unknown else n_unknown)
    oov_ratio = float(n_unknown) / n_pairs * 100
    logger.debug("Pearson against %s: %f with p-value %f", pairs, *pearson)
    logger.debug("Spearman against %s: %f with p-value %f", pairs, *spearman)
    logger.debug("Pairs with unknown words: %d", n_unknown)
    log_word_pairs(pearson, spearman, oov_ratio, pairs)
    return pearson, spearman, oov_ratio


def _similarity(kv: Queries, rows: tuple[int, int]) -> float:
    a, b = rows
    return float(kv.similarity(kv.index_to_key[a], kv.index_to_key[b]))


def log_word_pairs(
    pearson: tuple[float, float], spearman: tuple[float, float], oov: float, pairs: StrPath
) -> None:
    """Log the outcome of `word_pairs`."""
    logger.info("Pearson correlation coefficient against %s: %.4f", pairs, pearson[0])
    logger.info("Spearman rank-order correlation coefficient against %s: %.4f", pairs, spearman[0])
    logger.info("Pairs with unknown words ratio: %.1f%%", oov)


def word_analogies(
    kv: Queries,
    analogies: StrPath,
    restrict_vocab: int | None,
    case_insensitive: bool,
    dummy4unknown: bool,
    similarity_function: str,
) -> tuple[float, list[Section]]:
    """See `KeyedVectors.evaluate_word_analogies`."""
    rows = _known_rows(kv, restrict_vocab, case_insensitive)
    n_rows = len(kv) if not restrict_vocab else min(restrict_vocab, len(kv))
    logger.info("Evaluating word analogies for top %i words on %s", n_rows, analogies)
    questions, names, n_unknown = _questions(analogies, rows, case_insensitive, dummy4unknown)
    known = [i for i, (_, _, ids) in enumerate(questions) if ids is not None]
    answers = dict(
        zip(
            known,
            _answers(kv, [questions[i] for i in known], rows, n_rows, similarity_function),
            strict=True,
        )
    )
    sections: list[Section] = [{"section": n, "correct": [], "incorrect": []} for n in names]
    for i, (number, words, _) in enumerate(questions):
        right = answers.get(i, False)
        sections[number]["correct" if right else "incorrect"].append(words)
    total: Section = {
        "section": TOTAL,
        "correct": [words for section in sections for words in section["correct"]],
        "incorrect": [words for section in sections for words in section["incorrect"]],
    }
    for section in sections:
        log_accuracy(section)
    n_questions = len(questions) + (0 if dummy4unknown else n_unknown)
    logger.info("Quadruplets with out-of-vocabulary words: %.1f%%", 100.0 * n_unknown / n_questions)
    if not dummy4unknown:
        logger.info("These are left out; dummy4unknown=True counts them as wrong")
    score = log_accuracy(total)
    sections.append(total)
    return score or 0.0, sections


def log_accuracy(section: Section) -> float | None:
    """Log the share of right answers in a section and return it; None without questions."""
    correct, incorrect = len(section["correct"]), len(section["incorrect"])
    if correct + incorrect == 0:
        return None
    score = correct / (correct + incorrect)
    logger.info(
        "%s: %.1f%% (%i/%i)", section["section"], 100.0 * score, correct, correct + incorrect
    )
    return score


def _questions(
    path: StrPath, rows: dict[str, int], case_insensitive: bool, dummy4unknown: bool
) -> tuple[list[tuple[int, Question, list[int] | None]], list[str], int]:
    """Return each question's section, words and rows, the sections, and how many are unknown."""
    names: list[str] = []
    questions: list[tuple[int, Question, list[int] | None]] = []
    n_unknown = 0
    for number, line in _lines(path, "utf8"):
        if line.startswith(": "):
            names.append(line[2:].strip())
            continue
        if not names:
            raise ValueError(f"Missing section header before line #{number} in {path}")
        words = line.upper().split() if case_insensitive else line.split()
        if len(words) != 4:
            if line:
                logger.info("Skipping invalid line #%i in %s", number, path)
            continue
        a, b, c, d = words
        ids = [rows[word] for word in words if word in rows]
        if len(ids) == 4:
            questions.append((len(names) - 1, (a, b, c, d), ids))
            continue
        n_unknown += 1
        if dummy4unknown:
            logger.debug("Zero accuracy for line #%d with OOV words: %s", number, line)
            questions.append((len(names) - 1, (a, b, c, d), None))
        else:
            logger.debug("Skipping line #%d with OOV words: %s", number, line)
    return questions, names, n_unknown


def _answers(
    kv: Queries,
    questions: list[tuple[int, Question, list[int] | None]],
    rows: dict[str, int],
    n_rows: int,
    function: str,
) -> Iterator[bool]:
    """Tell for each question whether the best key that does not stand in it is the one wanted.

    Keys that differ from those of the question in case only count as these.
    """
    # The row that stands for each row: that of the first key that is written the same way.
    stands_for = np.full(n_rows, -1, np.int64)
    upper = any(key != key.upper() for key in kv.index_to_key[:n_rows] if isinstance(key, str))
    folded = upper and any(word not in kv.key_to_index for word in rows)
    for row, key in enumerate(kv.index_to_key[:n_rows]):
        word = key.upper() if folded and isinstance(key, str) else key
        stands_for[row] = rows.get(word, -1)
    for start in range(0, len(questions), _BLOCK):
        block = [ids for _, _, ids in questions[start : start + _BLOCK] if ids is not None]
        for ids, candidates in zip(block, _candidates(kv, block, n_rows, function), strict=True):
            alike = stands_for[candidates]
            free = alike[(alike >= 0) & ~np.isin(alike, ids[:3])]
            yield bool(len(free)) and int(free[0]) == ids[3]


def _candidates(
    kv: Queries, block: list[list[int]], n_rows: int, function: str
) -> list[npt.NDArray[np.int64]]:
    """Return the rows that answer each question, best first, a few of them."""
    keys = kv.index_to_key
    asked = [([keys[b], keys[c]], [keys[a]]) for a, b, c, _ in block]
    ours = function in ("most_similar", "most_similar_cosmul") and not (
        kv._has_own_means() or kv._overrides(kv.TABLE, function)
    )
    if ours and function == "most_similar":
        found = kv.most_similar_batch(
            [positive for positive, _ in asked],
            [negative for _, negative in asked],
            topn=_TOPN,
            restrict_vocab=n_rows,
        )
    elif ours:
        return _cosmul_candidates(kv, block, n_rows)
    else:
        ask = getattr(kv, function)
        found = [
            ask(positive=positive, negative=negative, topn=_TOPN, restrict_vocab=n_rows)
            for positive, negative in asked
        ]
    return [np.array([kv.key_to_index[key] for key, _ in best], np.int64) for best in found]


def _cosmul_candidates(
    kv: Queries, block: list[list[int]], n_rows: int
) -> list[npt.NDArray[np.int64]]:
    """Return the rows with the best products; the cosines of each word are computed once."""
    matrix = kv.vectors[:n_rows]
    used, places = np.unique([ids[:3] for ids in block], return_inverse=True)
    sides = {
        int(word): (1 + similarity.cosines(matrix, kv.vectors[row]).astype(np.float64)) / 2
        for word, row in enumerate(used.tolist())
    }
    best = []
    for ids, (a, b, c) in zip(block, places.reshape(-1, 3).tolist(), strict=True):
        scores = sides[b] * sides[c] / (sides[a] + 1e-6)
        scores[ids[:3]] = -np.inf
        best.append(similarity.largest(scores, _TOPN))
    return best


def _known_rows(kv: Queries, restrict_vocab: int | None, case_insensitive: bool) -> dict[str, int]:
    """Return the rows of the words that may be used; of words that become equal the first."""
    rows: dict[str, int] = {}
    for row, key in enumerate(kv.index_to_key[: restrict_vocab or None]):
        if isinstance(key, str):
            rows.setdefault(key.upper() if case_insensitive else key, row)
    return rows


def _lines(path: StrPath, encoding: str) -> Iterator[tuple[int, str]]:
    with open_input(path) as source:
        for number, line in enumerate(source.file, start=1):
            try:
                text = line.decode(encoding)
            except UnicodeDecodeError as error:
                raise UndecodableKeyError(
                    error.encoding,
                    error.object,
                    error.start,
                    error.end,
                    f"{error.reason} (in {source.name}, line {number}; see encoding)",
                ) from error
            yield number, text.rstrip("\r\n")


def _pearson(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> Correlation:
    """Return the coefficient of Pearson and its p-value for normally distributed values."""
    if len(x) < 2:
        return Correlation(math.nan, math.nan)
    x, y = x - x.mean(), y - y.mean()
    lengths = math.sqrt(float(x @ x)) * math.sqrt(float(y @ y))
    if not lengths:
        return Correlation(math.nan, math.nan)
    r = max(-1.0, min(1.0, float(x @ y) / lengths))
    if len(x) == 2:
        return Correlation(math.copysign(1.0, r), 1.0)
    # t = r sqrt(f / (1 - r^2)) has Student's distribution with f = n - 2 degrees of freedom.
    return Correlation(r, _incomplete_beta((len(x) - 2) / 2, 0.5, (1 - r) * (1 + r)))


def _spearman(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> Correlation:
    """Return Pearson's coefficient of the ranks, with the p-value of the t distribution."""
    return _pearson(_ranks(x), _ranks(y))


def _ranks(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the ranks from 1 on; equal values share the mean of theirs."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    means: npt.NDArray[np.float64] = ends - (counts - 1) / 2
    return means[group]


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b).

    Source: the continued fraction of NIST's DLMF, 8.17.22, by Lentz's method.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(b, a, 1 - x)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
        + a * math.log(x) + b * math.log1p(-x)
    )  # fmt: skip
    tiny = 1e-300
    fraction, c, d = tiny, tiny, 0.0
    for step in range(2 * 10_000):
        m = step // 2
        if step == 0:
            term = 1.0
        elif step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / ((1 + term * d) or tiny)
        c = (1 + term / c) or tiny
        fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front / a * fraction
