"""Find phrases in text: pairs of words that occur together more often than by chance.

>>> from fastw2v import Phrases
>>> text = [["new", "york", "is", "large"], ["in", "new", "york"], ["a", "large", "word"]]
>>> phrases = Phrases(text, min_count=1, threshold=1)
>>> phrases[["i", "like", "new", "york"]]
['i', 'like', 'new_york']

The interface is that of `gensim.models.phrases`, the counting and joining is C
(`csrc/phrases.h`). Where the results differ, docs/differences-from-gensim-phrases.md says why.
"""

from __future__ import annotations

import codecs
import inspect
import itertools
import logging
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from fastw2v._phrases import BadTokenError, Counter, Lexicon, PhraseTable, Rewriter, Rule
from fastw2v.corpus._scan import SLACK
from fastw2v.corpus.inputs import Input, total_size
from fastw2v.corpus.readers import BLOCK_SIZE, BlockReader, Text
from fastw2v.corpus.segments import InvalidTextError
from fastw2v.corpus.threads import Progress, Reporter
from fastw2v.errors import CorpusError, FormatError
from fastw2v.formats import phrases as phrases_file
from fastw2v.sentences import (
    DAMAGED,
    AnyPath,
    LineSentence,
    PathLineSentences,
    Text8Corpus,
    damaged,
    is_compressed,
    not_utf8,
    open_text,
)

Scorer: TypeAlias = Callable[..., float]
Scored: TypeAlias = "tuple[Any, float | None]"
Readings: TypeAlias = "dict[str, dict[tuple[str, str], float]]"
"""Phrases that can be read in several ways: those that score well, and their scores."""

_Self = TypeVar("_Self", bound="PhraseTransformation")

logger = logging.getLogger("fastw2v")

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


_NAMED_SCORERS: dict[str, Scorer] = {"default": original_scorer, "npmi": npmi_scorer}
_NAMES = {scorer: name for name, scorer in _NAMED_SCORERS.items()}


class _Tracked(dict[str, Any]):
    """A dict that knows whether it was changed, as the tables in C would have to follow."""

    changed = False


def _tracking(name: str) -> Callable[..., Any]:
    method = getattr(dict, name)

    def change(self: _Tracked, *arguments: Any, **named: Any) -> Any:
        self.changed = True
        return method(self, *arguments, **named)

    change.__name__ = name
    change.__doc__ = method.__doc__
    return change


for _name in ("__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault",
              "update"):  # fmt: skip
    setattr(_Tracked, _name, _tracking(_name))


class JoinedCorpus:
    """A corpus with its phrases joined, sentence by sentence, every time it is iterated."""

    def __init__(self, phrases: PhraseTransformation, corpus: Any) -> None:
        self.phrases = phrases
        self.corpus = corpus

    def __iter__(self) -> Iterator[list[Any]]:
        for number, sentence in enumerate(self.corpus, 1):
            yield self.phrases._join(_tokens(sentence, number))

    def __len__(self) -> int:
        return len(self.corpus)

    def __getitem__(self, index: Any) -> Any:
        """Return a sentence, or, for a slice, a corpus; if the corpus can be indexed."""
        return self.phrases[self.corpus[index]]


class PhraseTransformation:
    """What `Phrases` and `FrozenPhrases` have in common: they join the phrases of sentences.

    Attributes
    ----------
    connector_words : frozenset of str
        Words that may stand within a phrase.
    delimiter : str
        What joins its words.
    min_count, threshold : float
        See `Phrases`.
    scoring : callable
        The scoring function.
    """

    min_count: float
    threshold: float
    scoring: Scorer
    _lexicon: Lexicon
    _connectors: frozenset[str]

    @property
    def connector_words(self) -> frozenset[str]:
        """Words that may stand within a phrase."""
        return self._connectors

    @property
    def delimiter(self) -> str:
        """What joins the words of a phrase."""
        return self._lexicon.delimiter

    def __getitem__(self, sentence: Any) -> Any:
        """Join the phrases of a sentence, or of every sentence of a corpus.

        Parameters
        ----------
        sentence : iterable of str, or iterable of such
            A sentence or a corpus; the first item tells. Without items it is a sentence.

        Returns
        -------
        list of str, or JoinedCorpus
            From left to right, no word is part of two phrases. A corpus is read when the result
            is iterated; from a generator that works once.

        Raises
        ------
        TypeError
            If it cannot be iterated.
        """
        single, items = _is_single(sentence)
        return self._join(items) if single else JoinedCorpus(self, items)

    def analyze_sentence(self, sentence: Iterable[str]) -> Iterator[Scored]:
        """Find the phrases of a sentence.

        Parameters
        ----------
        sentence : iterable of str
            The sentence.

        Yields
        ------
        tuple of (str, float or None)
            A phrase and its score, or any other token and None.
        """
        if self._has_own_scores():
            return self._analyze_slowly(sentence)
        table, rule = self._table_and_rule()
        return iter(table.analyse(rule, sentence))

    def find_phrases(self, sentences: Iterable[Iterable[str]]) -> dict[str, float]:
        """Find the phrases of a corpus.

        Parameters
        ----------
        sentences : iterable of iterables of str
            The corpus.

        Returns
        -------
        dict of str to float
            Every phrase that occurs in it, and its score.
        """
        found: dict[str, float] = {}
        for number, sentence in enumerate(sentences, 1):
            for phrase, score in self.analyze_sentence(_tokens(sentence, number)):
                if score is not None:
                    found[phrase] = score
        return found

    def score_candidate(
        self, word_a: str, word_b: str, in_between: list[str]
    ) -> tuple[str | None, float | None]:
        """Score two words, and the connector words between them, as a phrase.

        Parameters
        ----------
        word_a, word_b : str
            The words.
        in_between : list of str
            The connector words.

        Returns
        -------
        tuple of (str, float), or of (None, None)
            The phrase and its score, if that is more than the threshold.
        """
        raise NotImplementedError

    def _table_and_rule(self) -> tuple[PhraseTable, Rule]:
        raise NotImplementedError

    def _has_own_scores(self) -> bool:
        """Whether a function of the user decides, so that C cannot."""
        return type(self).score_candidate not in _FAST

    def _join(self, sentence: Iterable[Any]) -> list[Any]:
        if self._has_own_scores():
            return [token for token, _ in self._analyze_slowly(sentence)]
        table, rule = self._table_and_rule()
        return table.join(rule, sentence)

    def _analyze_slowly(self, sentence: Iterable[Any]) -> Iterator[Scored]:
        """`csrc/phrases.c:phrases_join` in Python, for scores that only Python can tell."""
        waiting: list[Any] = []  # a word, and connector words after it
        for token in sentence:
            if token in self._connectors:
                if waiting:
                    waiting.append(token)
                else:
                    yield token, None
                continue
            if waiting:
                phrase, score = self.score_candidate(waiting[0], token, waiting[1:])
                if score is not None:
                    yield phrase, score
                    waiting = []
                    continue
            yield from ((word, None) for word in waiting)
            waiting = [token]
        yield from ((word, None) for word in waiting)

    def save(self, fname_or_handle: Any, *_ignored: Any, **_also_ignored: Any) -> None:
        """Save to a file, which is replaced as a whole; see `fastw2v.formats.phrases`.

        Parameters
        ----------
        fname_or_handle : path or binary file object
            Where to. Gensim's other parameters are accepted and mean nothing.

        Raises
        ------
        OSError
            If it cannot be written; an old file is as it was.

        Notes
        -----
        Of a scoring function of your own the module and the name are saved. To load the file,
        import that module first, or pass the function to `load`.
        """
        header, arrays = self._contents()
        header["class"] = self._kind()
        header["scoring"] = _name_of(self.scoring)
        phrases_file.write(fname_or_handle, header, arrays)

    @classmethod
    def load(
        cls: type[_Self], fname: Any, mmap: Any = None, *, scoring: Scorer | None = None
    ) -> _Self:
        """Load what `save` saved.

        Parameters
        ----------
        fname : path or binary file object
            Where from.
        mmap : any
            Accepted, as gensim's load has it, and means nothing.
        scoring : callable, optional
            The scoring function, if it is neither of the two in this module.

        Returns
        -------
        Phrases or FrozenPhrases
            The class that this was called on.

        Raises
        ------
        FormatError
            If the file is damaged or holds something else.
        ValueError
            If the scoring function cannot be found.
        OSError
            If the file cannot be read.
        """
        header, arrays = phrases_file.read(fname)
        if header.get("class") != cls._kind():
            raise FormatError(
                f"{fname} holds {header.get('class')!r}, not {cls._kind()!r}; call its load"
            )
        found = _scorer_of(header.get("scoring"), scoring)
        model = cls.__new__(cls)
        try:
            model._restore(header, arrays, found)
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise FormatError(f"{fname} is damaged: {error!r}") from error
        return model

    @classmethod
    def _kind(cls) -> str:
        return "Phrases" if issubclass(cls, Phrases) else "FrozenPhrases"

    def _contents(self) -> tuple[dict[str, Any], phrases_file.Arrays]:
        """Return what goes into a file, but for the scoring."""
        raise NotImplementedError

    def _restore(
        self, header: dict[str, Any], arrays: phrases_file.Arrays, scoring: Scorer
    ) -> None:
        """Take over what a file held."""
        raise NotImplementedError

    def __getstate__(self) -> dict[str, Any]:
        header, arrays = self._contents()
        own = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return {"header": header, "arrays": arrays, "attributes": own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._restore(state["header"], state["arrays"], state["attributes"]["scoring"])
        vars(self).update(state["attributes"])


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
    connector_words : iterable of str
        Words that are not counted and may stand within a phrase, but not at its ends.

    Attributes
    ----------
    vocab : dict of str to int
        Occurrences of every word and of every pair, joined by the delimiter. It is made when it
        is asked for. It may be changed or replaced.
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
    ) -> None:
        self.scoring = _check_scoring(scoring)
        _check_numbers(min_count, threshold, max_vocab_size, progress_per, self.scoring)
        if not isinstance(delimiter, str):
            raise TypeError(f"delimiter must be a str, got {delimiter!r}")
        self.min_count = min_count
        self.threshold = threshold
        self.max_vocab_size = max_vocab_size
        self.progress_per = progress_per
        self.corpus_word_count = 0
        self.min_reduce = 1
        self._connectors = frozenset(connector_words)
        self._lexicon = Lexicon(delimiter, sorted(self._connectors))
        self._table = PhraseTable(self._lexicon)
        self._vocab: _Tracked | None = None
        if sentences is not None:
            self.add_vocab(sentences)

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
            self._vocab = _Tracked(table.items())
        return self._vocab

    @vocab.setter
    def vocab(self, counts: dict[str, int]) -> None:
        self._vocab = _Tracked(counts)
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
        self, sentences: Iterable[Iterable[str]], *, progress: Progress | None = None
    ) -> None:
        """Count the words and pairs of a corpus, in addition to what was counted.

        Parameters
        ----------
        sentences : iterable of iterables of str
            The corpus, read once. A `LineSentence` without `limit`, a `PathLineSentences` or a
            `Text8Corpus` is read by C, several times as fast.
        progress : callable, optional
            Called as progress(done, total), total being None where it is not known: bytes of a
            file that is read by C, else sentences.

        Raises
        ------
        TypeError
            If it is not iterable, or a token is not a str. Nothing is added then.
        CorpusError
            If a file is not UTF-8, or damaged.
        """
        counter = Counter(self._lexicon, self.max_vocab_size)
        _count(counter, sentences, self.progress_per, progress)
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
        """Score two words, and the connector words between them, as a phrase.

        Parameters
        ----------
        word_a, word_b : str
            The words.
        in_between : list of str
            The connector words.

        Returns
        -------
        tuple of (str, float), or of (None, None)
            The phrase and its score, if that is more than the threshold.
        """
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

        if self.scoring in _NAMES:
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
        return self.scoring not in _NAMES or super()._has_own_scores()

    def _rule(self, table: PhraseTable) -> Rule:
        return Rule(
            _NAMES[self.scoring],
            self.threshold,
            self.min_count,
            len(table),
            self.corpus_word_count,
        )

    def _table_and_rule(self) -> tuple[PhraseTable, Rule]:
        table = self._counts()
        return table, self._rule(table)

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
        _check_numbers(
            self.min_count, self.threshold, self.max_vocab_size, self.progress_per, scoring
        )
        self._connectors = frozenset(header["connector_words"])
        self._lexicon = Lexicon(header["delimiter"], sorted(self._connectors))
        self._table = PhraseTable(self._lexicon)
        self._vocab = None
        ids = _add_words(self._lexicon, arrays["words"], arrays["word_offsets"])
        counts, runs, offsets = arrays["counts"], arrays["runs"], arrays["run_offsets"]
        _check_offsets(offsets, len(counts), len(runs), at_least=1)
        if len(runs) and not 0 <= int(runs.min()) <= int(runs.max()) < len(ids):
            raise IndexError("a run names a word that is not there")
        self._table.fill(counts, ids[runs], offsets)


class FrozenPhrases(PhraseTransformation):
    """The phrases of a `Phrases`, to be joined in text.

    Parameters
    ----------
    phrases_model : Phrases
        Where the phrases are taken from; or another `FrozenPhrases`, to copy.

    Attributes
    ----------
    phrasegrams : dict of str to float
        The phrases and their scores. It may be changed or replaced.
    """

    _several: Readings

    def __init__(self, phrases_model: PhraseTransformation) -> None:
        if not isinstance(phrases_model, (Phrases, FrozenPhrases)):
            raise TypeError(
                f"phrases_model must be a Phrases or FrozenPhrases, "
                f"got {type(phrases_model).__name__}"
            )
        self.threshold = phrases_model.threshold
        self.min_count = phrases_model.min_count
        self.scoring = phrases_model.scoring
        self._connectors = phrases_model.connector_words
        self._lexicon = Lexicon(phrases_model.delimiter, ())
        if isinstance(phrases_model, Phrases):
            scores, several = phrases_model._export()
        else:
            scores, several = phrases_model.phrasegrams, phrases_model._several
        self.phrasegrams = scores
        self._several = several

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<{len(self._phrasegrams)} phrases, min_count={self.min_count}, "
            f"threshold={self.threshold}>"
        )

    @property
    def phrasegrams(self) -> dict[str, float]:
        """The phrases and their scores."""
        return self._phrasegrams

    @phrasegrams.setter
    def phrasegrams(self, scores: dict[str, float]) -> None:
        self._phrasegrams = _Tracked(scores)
        self._phrasegrams.changed = True
        self._several = {}

    def _readings_of(self, phrase: str, score: float) -> dict[tuple[str, str], float]:
        """Return the ways to read a phrase; none where any will do."""
        found = self._several.get(phrase, {})
        # A score that the user has changed holds for all of them.
        return found if found and max(found.values()) == score else {}

    def score_candidate(
        self, word_a: str, word_b: str, in_between: list[str]
    ) -> tuple[str | None, float | None]:
        """Score two words, and the connector words between them, as a phrase.

        Parameters
        ----------
        word_a, word_b : str
            The words.
        in_between : list of str
            The connector words.

        Returns
        -------
        tuple of (str, float), or of (None, None)
            The phrase and its score, if that is more than the threshold.
        """
        phrase = self.delimiter.join([word_a, *in_between, word_b])
        score = self._phrasegrams.get(phrase)
        if score is not None and (found := self._readings_of(phrase, score)):
            score = found.get((word_a, word_b))
        if score is None or not score > self.threshold:
            return None, None
        return phrase, score

    def _table_and_rule(self) -> tuple[PhraseTable, Rule]:
        if self._phrasegrams.changed:
            # Only words that a phrase can begin or end with have to be known.
            self._lexicon = Lexicon(self.delimiter, sorted(self._connectors))
            self._table = PhraseTable(self._lexicon)
            offsets, pairs, pair_scores = [0], [], []
            for phrase, score in self._phrasegrams.items():
                found = self._readings_of(phrase, score)
                for first, last in found or readings(phrase, self.delimiter, self._connectors):
                    pair = self._lexicon.add(first), self._lexicon.add(last)
                    if found:
                        pairs.append(pair)
                        pair_scores.append(found[first, last])
                offsets.append(len(pairs))
            # The phrases themselves come last, as no sentence names them: words that are looked
            # up lie close together.
            for phrase in self._phrasegrams:
                self._table.add(phrase, 0)
            self._arrays = (
                np.array(list(self._phrasegrams.values()), dtype=np.float64),
                np.array(offsets, dtype=np.int64),
                np.array(pairs, dtype=np.int32).reshape(-1, 2),
                np.array(pair_scores, dtype=np.float64),
            )
            self._phrasegrams.changed = False
        scores, reading_off, pairs_of, reading_scores = self._arrays
        return self._table, Rule(
            "scored",
            self.threshold,
            scores=scores,
            reading_off=reading_off,
            readings=pairs_of,
            reading_scores=reading_scores,
        )

    def _contents(self) -> tuple[dict[str, Any], phrases_file.Arrays]:
        spelled, offsets = _spell(self._phrasegrams)
        kept = {
            (number, *pair): score
            for number, (phrase, best) in enumerate(self._phrasegrams.items())
            for pair, score in self._readings_of(phrase, best).items()
        }
        firsts, first_offsets = _spell(first for _, first, _ in kept)
        lasts, last_offsets = _spell(last for _, _, last in kept)
        header = {
            "connector_words": sorted(self._connectors),
            "delimiter": self.delimiter,
            "min_count": self.min_count,
            "threshold": self.threshold,
        }
        return header, {
            "phrases": spelled,
            "phrase_offsets": offsets,
            "scores": np.array(list(self._phrasegrams.values()), dtype=np.float64),
            "reading_of": np.array([number for number, _, _ in kept], dtype=np.int64),
            "firsts": firsts,
            "first_offsets": first_offsets,
            "lasts": lasts,
            "last_offsets": last_offsets,
            "reading_scores": np.array(list(kept.values()), dtype=np.float64),
        }

    def _restore(
        self, header: dict[str, Any], arrays: phrases_file.Arrays, scoring: Scorer
    ) -> None:
        self.min_count, self.threshold = header["min_count"], header["threshold"]
        self.scoring = scoring
        self._connectors = frozenset(header["connector_words"])
        self._lexicon = Lexicon(header["delimiter"], ())
        scores = arrays["scores"].tolist()
        phrases = _unspell(arrays["phrases"], arrays["phrase_offsets"], len(scores))
        self.phrasegrams = dict(zip(phrases, scores, strict=True))
        reading_scores = arrays["reading_scores"].tolist()
        n = len(reading_scores)
        firsts = _unspell(arrays["firsts"], arrays["first_offsets"], n)
        lasts = _unspell(arrays["lasts"], arrays["last_offsets"], n)
        for number, first, last, score in zip(
            arrays["reading_of"].tolist(), firsts, lasts, reading_scores, strict=True
        ):
            self._several.setdefault(phrases[number], {})[first, last] = score


Phraser = FrozenPhrases
"""Gensim's old name of `FrozenPhrases`."""

_SAVED = ("min_count", "threshold", "max_vocab_size", "progress_per", "corpus_word_count",
          "min_reduce")  # fmt: skip
_FAST = (Phrases.score_candidate, FrozenPhrases.score_candidate)


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


def _count(
    counter: Counter,
    sentences: Iterable[Iterable[str]],
    progress_per: int,
    progress: Progress | None,
) -> None:
    """Count a corpus of any kind."""
    files = _files(sentences)
    if files is not None:
        for source in files:
            _count_file(counter, source, progress)
        return
    if not hasattr(type(sentences), "__iter__") and not hasattr(type(sentences), "__getitem__"):
        raise TypeError(
            f"sentences must be an iterable of sentences, got {type(sentences).__name__} "
            f"({sentences!r})"
        )
    reporter = Reporter(progress, len(sentences) if isinstance(sentences, Sized) else None)
    number = 0
    for number, sentence in enumerate(sentences, 1):
        if number == 1 and isinstance(sentence, str):
            logger.warning(
                "Each 'sentences' item should be a list of words (usually unicode strings). "
                "First item here is instead plain %s.",
                type(sentence),
            )
        try:
            counter.read_sentence(_tokens(sentence, number))
        except BadTokenError as error:
            raise TypeError(f"sentence {number}: {error}") from None
        if number % progress_per == 0:
            logger.info("counting: %s sentences", f"{number:,}")
        if progress is not None:
            reporter.report(number)
    counter.finish()
    reporter.finish(number)


def _files(sentences: object) -> list[LineSentence] | list[Text8Corpus] | None:
    """Return the files of a corpus that C can read; None for any other."""
    if type(sentences) is LineSentence:
        files = [sentences]
    elif type(sentences) is PathLineSentences:
        files = sentences.parts()
    elif type(sentences) is Text8Corpus:
        return [sentences]
    else:
        return None
    whole = all(file.limit is None and not hasattr(file.source, "seek") for file in files)
    return files if whole else None


def _count_file(
    counter: Counter, source: LineSentence | Text8Corpus, progress: Progress | None
) -> None:
    by_line = isinstance(source, LineSentence)
    path = Path(source.source if isinstance(source, LineSentence) else source.fname)
    most = source.max_sentence_length or 0
    text = Text()
    try:
        with BlockReader([Input(str(path), path)]) as blocks:
            reporter = Reporter(progress, total_size(blocks.inputs))
            while blocks.next(text):
                counter.read_text(text.bytes, text.n, text.pos, most, by_line)
                reporter.report(blocks.n_read)
            reporter.finish(blocks.n_read)
    except (UnicodeDecodeError, InvalidTextError) as error:
        raise _explain(source, error, path) from error
    counter.finish()


def _explain(source: Iterable[object], error: Exception, path: object) -> CorpusError:
    """Read a file again, to find out in which line it is not UTF-8."""
    try:
        for _ in source:
            pass
    except CorpusError as found:
        return found
    if isinstance(error, UnicodeDecodeError):
        return CorpusError(f"{path}: {not_utf8(error)}")
    return CorpusError(f"{path} is not UTF-8")


def _is_single(items: Any) -> tuple[bool, Any]:
    """Tell a sentence from a corpus; return the items, which may be an iterator, whole."""
    try:
        iterator = iter(items)
    except TypeError:
        raise TypeError(
            f"a sentence or a corpus must be iterable, got {type(items).__name__} ({items!r})"
        ) from None
    try:
        first = next(iterator)
    except StopIteration:
        return True, ()
    if iterator is items:
        items = itertools.chain([first], iterator)
    return isinstance(first, str), items


def _tokens(sentence: Any, number: int) -> Iterable[Any]:
    if isinstance(sentence, np.ndarray):
        tokens: list[Any] = sentence.tolist()
        return tokens
    if not hasattr(type(sentence), "__iter__") and not hasattr(type(sentence), "__getitem__"):
        raise TypeError(
            f"sentence {number} must be an iterable of tokens, got {type(sentence).__name__} "
            f"({sentence!r})"
        )
    found: Iterable[Any] = sentence
    return found


def _check_scoring(scoring: str | Scorer) -> Scorer:
    if isinstance(scoring, str):
        if scoring not in _NAMED_SCORERS:
            raise ValueError(
                f"unknown scoring method string {scoring} specified; "
                f"there are {', '.join(_NAMED_SCORERS)}"
            )
        return _NAMED_SCORERS[scoring]
    if not callable(scoring):
        raise TypeError(f"scoring must be 'default', 'npmi' or a function, got {scoring!r}")
    names = inspect.signature(scoring).parameters
    missing = [name for name in SCORER_PARAMETERS if name not in names]
    if missing:
        raise ValueError(f"scoring function missing expected parameters {missing}")
    return scoring


def _check_numbers(
    min_count: float, threshold: float, max_vocab_size: int, progress_per: int, scoring: Scorer
) -> None:
    numbers = {"min_count": min_count, "threshold": threshold, "max_vocab_size": max_vocab_size,
               "progress_per": progress_per}  # fmt: skip
    for name, value in numbers.items():
        if isinstance(value, str) or not hasattr(type(value), "__float__") or value != value:
            raise TypeError(f"{name} must be a number, got {value!r}")
    for name in ("min_count", "max_vocab_size", "progress_per"):
        if numbers[name] <= 0:
            raise ValueError(f"{name} should be at least 1, got {numbers[name]}")
    if scoring is original_scorer and threshold <= 0:
        raise ValueError(f"threshold should be positive for default scoring, got {threshold}")
    if scoring is npmi_scorer and not -1 <= threshold <= 1:
        raise ValueError(f"threshold should be between -1 and 1 for npmi scoring, got {threshold}")


def _name_of(scoring: Scorer) -> str | list[str]:
    if scoring in _NAMES:
        return _NAMES[scoring]
    return [getattr(scoring, "__module__", ""), getattr(scoring, "__qualname__", "")]


def _scorer_of(name: Any, given: Scorer | None) -> Scorer:
    """Return the scoring function of a file. No module is imported for it."""
    if given is not None:
        return _check_scoring(given)
    if isinstance(name, str) and name in _NAMED_SCORERS:
        return _NAMED_SCORERS[name]
    if isinstance(name, list) and len(name) == 2 and all(isinstance(n, str) for n in name):
        found: Any = sys.modules.get(name[0])
        for part in name[1].split("."):
            found = getattr(found, part, None)
        if inspect.isfunction(found):
            return _check_scoring(found)
    raise ValueError(
        f"the scoring function {name!r} is not there; import its module first, or pass "
        f"scoring= to load"
    )


def _add_words(
    lexicon: Lexicon, spelled: npt.NDArray[Any], offsets: npt.NDArray[Any]
) -> npt.NDArray[np.int32]:
    _check_offsets(offsets, len(offsets) - 1, len(spelled))
    return lexicon.add_spelled(spelled, offsets)


def _spell(words: Iterable[str]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the bytes of words, one after the other, and where each begins."""
    spelled = [word.encode("utf-8", "surrogatepass") for word in words]
    offsets = np.cumsum([0, *map(len, spelled)], dtype=np.int64)
    return np.frombuffer(b"".join(spelled), dtype=np.uint8), offsets


def _unspell(spelled: npt.NDArray[Any], offsets: npt.NDArray[Any], n: int) -> list[str]:
    _check_offsets(offsets, n, len(spelled))
    text = spelled.tobytes()
    bounds = offsets.tolist()
    return [
        text[start:end].decode("utf-8", "surrogatepass")
        for start, end in itertools.pairwise(bounds)
    ]


def _check_offsets(offsets: npt.NDArray[Any], n: int, end: int, *, at_least: int = 0) -> None:
    """Raise IndexError unless `offsets` cuts `end` items into `n` parts."""
    good = (
        len(offsets) == n + 1
        and offsets[0] == 0
        and offsets[-1] == end
        and bool((np.diff(offsets) >= at_least).all())
    )
    if not good:
        raise IndexError("offsets do not fit")


@dataclass(frozen=True)
class Rewritten:
    """What became of a text.

    Attributes
    ----------
    n_lines : int
        Lines.
    n_phrases : int
        Phrases joined.
    n_words : int
        Words written, a phrase being one.
    """

    n_lines: int
    n_phrases: int
    n_words: int


def rewrite(
    phrases: FrozenPhrases, source: AnyPath, target: BinaryIO, *, progress: Progress | None = None
) -> Rewritten:
    """Write a text file with its phrases joined.

    Parameters
    ----------
    phrases : FrozenPhrases
        The phrases.
    source : path
        A text file, which may be compressed. Words are the runs of bytes between ASCII white
        space; they need not be UTF-8.
    target : binary file object
        Where to write: line by line, words with one space between them.
    progress : callable, optional
        Called as progress(bytes read, bytes in all or None).

    Returns
    -------
    Rewritten

    Raises
    ------
    OSError
        If a file cannot be read or written.
    CorpusError
        If compressed data are damaged.
    """
    path = Path(source)
    rewriter = Rewriter(*phrases._table_and_rule())
    size = None if is_compressed(path) else total_size([Input(str(path), path)])
    reporter = Reporter(progress, size)
    text: npt.NDArray[np.uint8] = np.zeros(2 * BLOCK_SIZE + SLACK, dtype=np.uint8)
    n = n_read = 0

    def write(piece: npt.NDArray[np.uint8]) -> None:
        target.write(piece.data)

    try:
        with open_text(path) as file:
            head = file.read(len(codecs.BOM_UTF8))
            n_read = len(head)
            n = 0 if head == codecs.BOM_UTF8 else n_read
            text[:n] = np.frombuffer(head[:n], dtype=np.uint8)
            while True:
                if n + BLOCK_SIZE > len(text) - SLACK:
                    text = np.concatenate([text, np.zeros_like(text)])
                got = file.readinto(text[n : n + BLOCK_SIZE].data)
                n_read += got
                n += got
                done = rewriter.rewrite(text, n, not got, write)
                text[: n - done] = text[done:n].copy()
                n -= done
                reporter.report(n_read)
                if not got:
                    break
    except DAMAGED as error:
        raise damaged(str(path), error, f"after {n_read:,} bytes") from error
    reporter.finish(n_read)
    return Rewritten(rewriter.n_lines, rewriter.n_phrases, rewriter.n_written)
