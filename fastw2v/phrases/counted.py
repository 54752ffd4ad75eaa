"""`Phrases`: counts of words and pairs, and the phrases that follow from them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from fastw2v.corpus import arrow
from fastw2v.corpus.plain import PlainText
from fastw2v.corpus.reporter import Progress
from fastw2v.errors import FormatError, Way
from fastw2v.formats import phrases as phrases_file
from fastw2v.formats import schema
from fastw2v.formats.schema import Kind
from fastw2v.iterables import as_python, finite, is_iterable
from fastw2v.memory import enough_for
from fastw2v.phrases._pairs import Counter, Lexicon, PhraseTable, Rule
from fastw2v.phrases.counting import count
from fastw2v.phrases.frozen import FrozenPhrases
from fastw2v.phrases.reading import Readings, readings
from fastw2v.phrases.scoring import (
    SCORER_NAMES,
    Scorer,
    check_scoring,
    npmi_scorer,
    original_scorer,
)
from fastw2v.phrases.spelling import check_offsets
from fastw2v.phrases.tracked import Tracked
from fastw2v.phrases.transformation import PhraseTransformation

logger = logging.getLogger("fastw2v.phrases")

# More than any table holds: C counts by 64 bits, and max_vocab_size may be infinite.
_MOST_ENTRIES = 1 << 62

_SAVED: dict[str, Kind] = {
    "min_count": schema.FLOAT,
    "threshold": schema.FLOAT,
    "max_vocab_size": schema.FLOAT,
    "progress_per": schema.FLOAT,
    "corpus_word_count": schema.whole(),
    "min_reduce": schema.whole(1, 1 << 62),
}


class Phrases(PhraseTransformation):
    """Counts words and pairs of words, and tells which pairs are phrases.

    Parameters
    ----------
    sentences : iterable of iterables of str, optional
        A corpus to count; see `add_vocab`.
    min_count : float
        Leave out pairs that occur less often; the scoring may also use it as a discount.
    threshold : float
        The score of a phrase is larger.
    max_vocab_size : int
        After a sentence that leaves more words and pairs than this in the table, rare ones are
        forgotten. Ten million take about 300 MB.
    delimiter : str
        What joins the words of a phrase.
    progress_per : int
        Log the progress every so many sentences.
    scoring : {"default", "npmi"} or callable
        How to score a pair: `original_scorer`, `npmi_scorer`, or a function with parameters of
        the names in `SCORER_PARAMETERS`, which is called in Python for every candidate.
    connector_words : iterable of str or bytes
        Words that are not counted and may stand within a phrase, but not at its ends.
    progress : bool or callable, optional
        As for `add_vocab`; True shows a bar.

    Attributes
    ----------
    vocab : dict of str to int
        Occurrences of every word and of every pair, joined by the delimiter. It is made when it
        is read. It may be changed or replaced.
    corpus_word_count : int
        Tokens counted.
    min_reduce : int
        Count below which the next forgetting would remove.

    Raises
    ------
    ValueError
        Naming the parameter that is out of range.
    TypeError
        If a token or a parameter has the wrong type.

    Source: Mikolov, Sutskever, Chen, Corrado, Dean 2013, section 4; word2phrase.c.
    """

    KIND = "Phrases"
    HEADER: ClassVar[dict[str, Kind]] = {**PhraseTransformation.HEADER, **_SAVED}
    ARRAYS: ClassVar[dict[str, str]] = {
        "words": "u1",
        "word_offsets": "i8",
        "counts": "i8",
        "runs": "i4",
        "run_offsets": "i8",
    }

    def __init__(
        self,
        sentences: Iterable[Iterable[str]] | None = None,
        min_count: float = 5,
        threshold: float = 10.0,
        max_vocab_size: int = 40_000_000,
        delimiter: str = "_",
        progress_per: int = 10_000,
        scoring: str | Scorer = "default",
        connector_words: Iterable[str] = frozenset(),
        *,
        progress: Progress | None = None,
    ) -> None:
        self.scoring = check_scoring(scoring)
        _check_numbers(min_count, threshold, max_vocab_size, progress_per, self.scoring)
        if not isinstance(delimiter, str):
            raise TypeError(f"delimiter must be a str, got {delimiter!r}")
        self.min_count = min_count
        self.threshold = threshold
        self.max_vocab_size = max_vocab_size
        self.progress_per = progress_per
        self.corpus_word_count = 0
        self.min_reduce = 1
        self._connectors = _connectors(connector_words)
        self._lexicon = Lexicon(delimiter, sorted(self._connectors))
        self._table = PhraseTable(self._lexicon)
        self._vocab: Tracked | None = None
        if sentences is not None:
            self.add_vocab(sentences, progress=progress)

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<{self.vocab_size} vocab, min_count={self.min_count}, "
            f"threshold={self.threshold}, max_vocab_size={self.max_vocab_size}>"
        )

    @property
    def vocab(self) -> dict[str, int]:
        """Occurrences of every word and of every pair, joined by the delimiter."""
        table = self._counts()
        if self._vocab is None:
            self._vocab = Tracked(table.items())
        return self._vocab

    @vocab.setter
    def vocab(self, counts: dict[str, int]) -> None:
        self._vocab = Tracked(counts)
        self._vocab.changed = True

    def _counts(self) -> PhraseTable:
        """Return the table, with what the user changed in `vocab`."""
        if self._vocab is not None and self._vocab.changed:
            table = PhraseTable(self._lexicon)
            for word, count in self._vocab.items():
                table.add(word, count)
            self._table = table
            self._vocab.changed = False
        return self._table

    @property
    def vocab_size(self) -> int:
        """Distinct words and pairs counted: the length of `vocab`, which is not made for it."""
        return len(self._counts())

    def add_vocab(
        self, sentences: Iterable[Iterable[str]] | PlainText, *, progress: Progress | None = None
    ) -> None:
        """Count the words and pairs of a corpus, in addition to what was counted.

        Parameters
        ----------
        sentences : iterable of iterables of str
            The corpus, read once. A `LineSentence` without `limit`, a `PathLineSentences`, a
            `Text8Corpus` or a `fastw2v.corpus.plain.PlainText` is read by C, several times as
            fast.
        progress : callable or bool, optional
            Called as progress(done, total), total being None where it is not known: bytes of a
            file that is read by C, else sentences.

        Raises
        ------
        TypeError
            If it is not iterable, or a token is not a str. Nothing is added then.
        CorpusError
            If a file is not UTF-8, or damaged.
        """
        fewer = Way("max_vocab_size", "a smaller {}")
        with enough_for("to count the words and pairs of the corpus", fewer):
            counter = Counter(self._lexicon, int(min(self.max_vocab_size, _MOST_ENTRIES)))
            count(counter, sentences, self.progress_per, progress)
        table = self._counts()
        self._vocab = None
        self.corpus_word_count += counter.n_tokens
        if len(table) == 0:
            self._table = counter.table
        else:
            self.min_reduce = max(self.min_reduce, counter.min_reduce)
            table.merge(counter.table)
            if len(table) > self.max_vocab_size:
                table.prune(self.min_reduce)
                self.min_reduce += 1
        logger.info(
            "%s words and %s sentences counted, %s distinct words and pairs",
            f"{counter.n_tokens:,}",
            f"{counter.n_sentences:,}",
            f"{len(self._table):,}",
        )

    def score_candidate(
        self, word_a: str, word_b: str, in_between: list[str]
    ) -> tuple[str | None, float | None]:
        """Score two words as a phrase, by the counts of now; see the base class."""
        table = self._counts()
        count_a, count_b = (self._count(table, word) for word in (word_a, word_b))
        if count_a <= 0 or count_b <= 0:
            return None, None
        phrase = self.delimiter.join([word_a, *in_between, word_b])
        score = self._score(table, count_a, count_b, table.count(phrase))
        return (None, None) if score is None else (phrase, score)

    @staticmethod
    def _count(table: PhraseTable, word: Any) -> int:
        return table.count(word) if isinstance(word, str) else 0

    def _score(self, table: PhraseTable, a: int, b: int, ab: int) -> float | None:
        """Return the score of a pair, None for one that is no phrase."""
        if a <= 0 or b <= 0 or ab <= 0:
            return None
        score = self.scoring(
            worda_count=a,
            wordb_count=b,
            bigram_count=ab,
            len_vocab=len(table),
            min_count=self.min_count,
            corpus_word_count=self.corpus_word_count,
        )
        return score if score > self.threshold else None

    def _export(self) -> tuple[dict[str, float], Readings]:
        """Return the phrases, and of those that can be read in several ways the readings."""
        table = self._counts()
        several: Readings = {}

        def best(spelled: str) -> float | None:
            ab = table.count(spelled)
            scored = {
                (a, b): self._score(table, table.count(a), table.count(b), ab)
                for a, b in readings(spelled, self.delimiter, self._connectors)
            }
            good = {pair: score for pair, score in scored.items() if score is not None}
            if good and len(scored) > 1:
                several[spelled] = good
            return max(good.values(), default=None)

        if self.scoring in SCORER_NAMES:
            return table.phrases(self._rule(table), best), several
        found = {
            spelled: score
            for spelled in table.items()
            if self.delimiter in spelled and (score := best(spelled)) is not None
        }
        return found, several

    def export_phrases(self) -> dict[str, float]:
        """Return all phrases that the counts give.

        Returns
        -------
        dict of str to float
            Phrases and their scores, in the order in which the pairs were first seen. Where a
            spelling can be read in several ways ("new_york" + "city", "new" + "york_city"), the
            best one counts.
        """
        return self._export()[0]

    def freeze(self) -> FrozenPhrases:
        """Return the phrases alone, which take less memory, are faster and learn no more.

        Returns
        -------
        FrozenPhrases
        """
        return FrozenPhrases(self)

    def _has_own_scores(self) -> bool:
        own = type(self).score_candidate is not Phrases.score_candidate
        return own or self.scoring not in SCORER_NAMES

    def _rule(self, table: PhraseTable) -> Rule:
        return Rule(
            SCORER_NAMES[self.scoring],
            self.threshold,
            self.min_count,
            len(table),
            self.corpus_word_count,
        )

    def _table_and_rule(self) -> tuple[PhraseTable, Rule]:
        table = self._counts()
        return table, self._rule(table)

    @classmethod
    def _check(cls, header: dict[str, Any], scoring: Scorer, what: str) -> None:
        super()._check(header, scoring, what)
        names = ("min_count", "threshold", "max_vocab_size", "progress_per")
        try:
            _check_numbers(**{name: header[name] for name in names}, scoring=scoring)
        except (TypeError, ValueError) as error:
            raise FormatError(f"{what}: {error}") from error

    def _contents(self) -> tuple[dict[str, Any], phrases_file.Arrays]:
        counts, runs, offsets = self._counts().arrays()
        used, runs_of_used = np.unique(runs, return_inverse=True)
        spelled, word_offsets = self._lexicon.spell_words(used.astype(np.int32))
        header = {
            "connector_words": sorted(self._connectors),
            "delimiter": self.delimiter,
            **{name: getattr(self, name) for name in _SAVED},
        }
        return header, {
            "words": spelled,
            "word_offsets": word_offsets,
            "counts": counts,
            "runs": runs_of_used.astype(np.int32).reshape(-1),
            "run_offsets": offsets,
        }

    def _restore(
        self, header: dict[str, Any], arrays: phrases_file.Arrays, scoring: Scorer
    ) -> None:
        for name in _SAVED:
            setattr(self, name, header[name])
        self.scoring = scoring
        self._connectors = frozenset(header["connector_words"])
        self._lexicon = Lexicon(header["delimiter"], sorted(self._connectors))
        self._table = PhraseTable(self._lexicon)
        self._vocab = None
        spelled, word_offsets = arrays["words"], arrays["word_offsets"]
        check_offsets(word_offsets, len(word_offsets) - 1, len(spelled))
        ids = self._lexicon.add_spelled(spelled, word_offsets)
        counts, runs, offsets = arrays["counts"], arrays["runs"], arrays["run_offsets"]
        check_offsets(offsets, len(counts), len(runs), at_least=1)
        if len(runs) and not 0 <= int(runs.min()) <= int(runs.max()) < len(ids):
            raise IndexError("a run names a word that is not there")
        self._table.fill(counts, ids[runs], offsets)


def _connectors(words: Any) -> frozenset[str]:
    is_table = arrow.is_arrow(words) and arrow.is_table(words)
    if isinstance(words, (str, bytes)) or is_table or not is_iterable(words):
        raise TypeError(
            f"connector_words must be an iterable of str, such as ['of', 'the'], got {words!r:.100}"
        )
    return frozenset(map(_connector, finite(as_python(words))))


def _connector(word: Any) -> str:
    """Return a connector word; those of programs for gensim 3 are bytes, in UTF-8."""
    if isinstance(word, bytes):
        return word.decode()
    if not isinstance(word, str):
        raise TypeError(f"connector_words must be an iterable of str, got {word!r} in it")
    return word


def _check_numbers(
    min_count: float, threshold: float, max_vocab_size: int, progress_per: int, scoring: Scorer
) -> None:
    numbers = {"min_count": min_count, "threshold": threshold, "max_vocab_size": max_vocab_size,
               "progress_per": progress_per}  # fmt: skip
    for name, value in numbers.items():
        if isinstance(value, str) or not hasattr(type(value), "__float__") or value != value:
            raise TypeError(f"{name} must be a number, got {value!r}")
        try:
            float(value)
        except OverflowError as error:
            raise ValueError(f"{name} must be a number that a float can hold") from error
    for name in ("min_count", "max_vocab_size", "progress_per"):
        if numbers[name] <= 0:
            raise ValueError(f"{name} should be at least 1, got {numbers[name]}")
    if scoring is original_scorer and threshold <= 0:
        raise ValueError(f"threshold should be positive for default scoring, got {threshold}")
    if scoring is npmi_scorer and not -1 <= threshold <= 1:
        raise ValueError(f"threshold should be between -1 and 1 for npmi scoring, got {threshold}")
