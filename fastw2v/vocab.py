"""The vocabulary: which words are trained, in which order, and how often they occurred."""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from fastw2v.errors import EmptyVocabularyError, FormatError, Way
from fastw2v.formats import vocabulary as vocabulary_file
from fastw2v.formats.atomic import StrPath
from fastw2v.formats.handles import Source, name_of
from fastw2v.memory import enough_for

RULE_DEFAULT = 0
RULE_DISCARD = 1
RULE_KEEP = 2

TrimRule = Callable[[Hashable, int, int], int]
"""Called as rule(word, count, min_count); returns one of the three constants above."""

_Longs = npt.NDArray[np.int64]


class Counted(Protocol):
    """A corpus whose words were counted, as a `fastw2v.corpus.Scan` is."""

    counts: _Longs
    n_tokens: int
    n_sentences: int

    def keys(self, ids: npt.ArrayLike, /) -> list[Hashable]:
        """Return the words of some positions of `counts`."""


def summed(counts: npt.NDArray[np.int64]) -> int:
    """Return the sum of counts; ValueError if 64-bit integers cannot hold it."""
    if counts.sum(dtype=np.float64) < 2.0**62:
        return int(counts.sum())
    total = int(sum(counts.tolist()))
    if total >= 1 << 63:
        raise ValueError(
            f"the counts of the words sum up to {total:,}, and a corpus can have 2**63 - 1 words "
            "at most; divide all counts by the same number"
        )
    return total


def _integer(count: object) -> int:
    """Return a count as an integer, also where a table has floats; TypeError if not whole."""
    if isinstance(count, (float, np.floating)) and float(count).is_integer():
        return int(count)
    return operator.index(count)  # type: ignore[arg-type]


def _integers(counts: npt.ArrayLike) -> _Longs:
    """Return counts as integers; ValueError if they are not whole, where NumPy would cut them."""
    given = np.asarray(counts)
    if given.dtype.kind == "f" and not (np.isfinite(given) & (given == np.rint(given))).all():
        raise ValueError(f"counts must be whole numbers, got {counts!r:.200}")
    return np.ascontiguousarray(given, dtype=np.int64)


class Vocabulary:
    """Words by id: word 0 is the most frequent one, unless the order is that of first sight.

    Attributes
    ----------
    keys : list of hashable, length V
        The words.
    counts : ndarray of int64, shape (V,)
        Their occurrences in the corpus.
    index : dict
        From word to id.
    effective_min_count : int
        The count below which words were dropped: `min_count`, or the least count that
        `max_final_vocab` left.
    n_raw : int
        Distinct words before filtering.
    n_raw_tokens : int
        Tokens before filtering.
    n_sentences : int
        Sentences of the corpus; 0 if that is not known.
    """

    __slots__ = (
        "counts",
        "effective_min_count",
        "index",
        "keys",
        "n_raw",
        "n_raw_tokens",
        "n_sentences",
    )

    def __init__(
        self,
        keys: Sequence[Hashable],
        counts: npt.ArrayLike,
        *,
        effective_min_count: int = 1,
        n_raw: int | None = None,
        n_raw_tokens: int | None = None,
        n_sentences: int = 0,
    ) -> None:
        """Take words and counts as they are.

        Parameters
        ----------
        keys : sequence of hashable, length V
            Distinct words, in the order of ids.
        counts : array-like of int, shape (V,)
            Their occurrences.
        effective_min_count : int
            See above.
        n_raw, n_raw_tokens : int, optional
            See above; by default what `keys` and `counts` give.
        n_sentences : int
            See above.

        Raises
        ------
        ValueError
            If a word occurs twice or is None, there are not as many counts as words, or a count is
            not whole.
        """
        self.keys = list(keys)
        self.counts: _Longs = _integers(counts)
        if self.counts.shape != (len(self.keys),):
            raise ValueError(
                f"there must be one count per word: {len(self.keys)} words, "
                f"counts of shape {self.counts.shape}"
            )
        self.index: dict[Hashable, int] = {key: i for i, key in enumerate(self.keys)}
        if len(self.index) != len(self.keys):
            twice = next(key for i, key in enumerate(self.keys) if self.index[key] != i)
            raise ValueError(f"the word {twice!r} is in the vocabulary twice")
        if None in self.index:
            # Vectors and their files mark rows without a word by it.
            raise ValueError(
                f"None is among the words (count {self.counts[self.index[None]]}): leave it out, "
                "as a missing value, or give the text 'None'"
            )
        self.effective_min_count = effective_min_count
        self.n_raw = len(self.keys) if n_raw is None else n_raw
        self.n_raw_tokens = self.n_kept_tokens if n_raw_tokens is None else n_raw_tokens
        self.n_sentences = n_sentences

    @classmethod
    def adopt(
        cls, keys: list[Hashable], index: dict[Hashable, int], counts: npt.ArrayLike
    ) -> Vocabulary:
        """Take a list, a dictionary and an array as they are, without copying or checking."""
        self = cls.__new__(cls)
        self.keys, self.index = keys, index
        self.counts = _integers(counts)
        self.effective_min_count = 1
        self.n_raw, self.n_raw_tokens = len(keys), self.n_kept_tokens
        self.n_sentences = 0
        return self

    def __len__(self) -> int:
        return len(self.counts)

    def __contains__(self, key: Hashable) -> bool:
        return key in self.index

    def __repr__(self) -> str:
        return (
            f"Vocabulary<{len(self):,} of {self.n_raw:,} words, "
            f"{self.n_kept_tokens:,} of {self.n_raw_tokens:,} tokens>"
        )

    @property
    def n_kept_tokens(self) -> int:
        """Sum of `counts`."""
        return summed(self.counts)

    @classmethod
    def from_scan(
        cls,
        scan: Counted,
        *,
        min_count: int = 5,
        max_final_vocab: int | None = None,
        sorted_vocab: bool = True,
        trim_rule: TrimRule | None = None,
        may_be_empty: bool = False,
    ) -> Vocabulary:
        """Choose the words to train from those of a corpus.

        The rules are those of gensim 4.4 (`Word2Vec.prepare_vocab`), but `max_final_vocab` keeps as
        many of the words with equal counts as there is room for, where gensim drops all.

        Parameters
        ----------
        scan : fastw2v.corpus.Scan
            The corpus; it is not consumed.
        min_count : int
            Keep the words that occur at least so often.
        max_final_vocab : int, optional
            Keep at most so many words, the most frequent ones; of words with equal counts those
            that come first with `sorted_vocab`. Words that `trim_rule` keeps come before all
            others, whatever their counts.
        sorted_vocab : bool
            Order by descending count; of words that tie, the one that was seen last comes first,
            as in gensim. Otherwise first-seen order.
        trim_rule : callable, optional
            Called as trim_rule(word, count, min_count) for every distinct word; returns
            `RULE_KEEP` (2) or `RULE_DISCARD` (1) to decide, anything else to leave the decision
            to the count.
        may_be_empty : bool
            Return a vocabulary without words where no word is left.

        Returns
        -------
        Vocabulary

        Raises
        ------
        EmptyVocabularyError
            If no word is left, and that is not allowed.
        CorpusError
            If a word that is kept is not UTF-8. With a `trim_rule`, every word is looked at.
        ValueError
            If a parameter is out of range.
        """
        return cls._choose(
            scan.counts,
            scan.keys,
            scan.n_tokens,
            scan.n_sentences,
            min_count=min_count,
            max_final_vocab=max_final_vocab,
            sorted_vocab=sorted_vocab,
            trim_rule=trim_rule,
            may_be_empty=may_be_empty,
        )

    @classmethod
    def from_counts(
        cls,
        word_counts: Mapping[Hashable, int],
        *,
        min_count: int = 5,
        max_final_vocab: int | None = None,
        sorted_vocab: bool = True,
        trim_rule: TrimRule | None = None,
        may_be_empty: bool = False,
        n_tokens: int | None = None,
        n_sentences: int = 0,
    ) -> Vocabulary:
        """Choose the words to train from a table of counts, with the rules of `from_scan`.

        Parameters
        ----------
        word_counts : mapping of word to int
            Its order is the first-seen order.
        min_count, max_final_vocab, sorted_vocab, trim_rule, may_be_empty
            As in `from_scan`.
        n_tokens : int, optional
            Tokens of the corpus, where the table lacks words of it; default: the sum of the counts.
        n_sentences : int
            Its sentences, if that is known.

        Returns
        -------
        Vocabulary

        Raises
        ------
        EmptyVocabularyError
            If no word is left, and that is not allowed.
        TypeError, ValueError
            If a count is not whole (3.0 is), or negative, or another parameter is out of range.
        """
        words = list(word_counts)
        counts = np.empty(len(words), dtype=np.int64)
        for i, (word, count) in enumerate(word_counts.items()):
            try:
                counts[i] = _integer(count)
            except TypeError:
                raise TypeError(
                    f"the count of {word!r} must be an integer, got {count!r}"
                ) from None
            except OverflowError:
                raise ValueError(
                    f"the count of {word!r} must be less than 2**63, got {count}"
                ) from None
            if count < 0:
                raise ValueError(f"the count of {word!r} must be 0 or more, got {count}")
        return cls._choose(
            counts,
            lambda ids: [words[i] for i in ids.tolist()],
            summed(counts) if n_tokens is None else n_tokens,
            n_sentences,
            min_count=min_count,
            max_final_vocab=max_final_vocab,
            sorted_vocab=sorted_vocab,
            trim_rule=trim_rule,
            may_be_empty=may_be_empty,
        )

    def enlarged(
        self,
        word_counts: Mapping[Hashable, int],
        *,
        min_count: int = 5,
        max_final_vocab: int | None = None,
        trim_rule: TrimRule | None = None,
    ) -> tuple[Vocabulary, Vocabulary]:
        """Add the words of another corpus behind those that are there.

        As gensim's online learning: the counts of the new corpus alone decide which of its words
        are taken, and they are added to those of all words that are there already.

        Parameters
        ----------
        word_counts, min_count, max_final_vocab, trim_rule
            As in `from_counts`.

        Returns
        -------
        vocabulary, taken : Vocabulary
            All words; and those of the new corpus that passed the rules, with its counts.

        Raises
        ------
        TypeError, ValueError
            As `from_counts`.
        """
        taken = Vocabulary.from_counts(
            word_counts,
            min_count=min_count,
            max_final_vocab=max_final_vocab,
            sorted_vocab=False,
            trim_rule=trim_rule,
            may_be_empty=True,
        )
        added = [key for key in taken.keys if key not in self.index]
        counts = np.zeros(len(self) + len(added), dtype=np.int64)
        counts[: len(self)] = self.counts
        vocabulary = Vocabulary(
            [*self.keys, *added],
            counts,
            effective_min_count=taken.effective_min_count,
            n_raw=taken.n_raw,
            n_raw_tokens=taken.n_raw_tokens,
        )
        summed(np.append(self.counts, taken.n_raw_tokens))
        for key, count in word_counts.items():
            row = vocabulary.index.get(key)
            if row is not None:
                vocabulary.counts[row] += count
        return vocabulary, taken

    def with_word(self, key: Hashable, count: int, *, sorted_vocab: bool) -> Vocabulary:
        """Return the vocabulary with another word, unless it has it already.

        Parameters
        ----------
        key : hashable
            The word, taken for the one that was seen last.
        count : int
            Its occurrences.
        sorted_vocab : bool
            Whether the words are in descending order of their counts, and are to stay so.

        Returns
        -------
        Vocabulary
        """
        if key in self.index:
            return self
        place = int((self.counts > count).sum()) if sorted_vocab else len(self)
        return Vocabulary(
            [*self.keys[:place], key, *self.keys[place:]],
            np.insert(self.counts, place, count),
            effective_min_count=self.effective_min_count,
            n_raw=self.n_raw,
            n_raw_tokens=self.n_raw_tokens,
        )

    def save(self, path: StrPath, *, totals: bool = False) -> None:
        """Write a vocabulary file: a line `word count` for each word, as word2vec.c does.

        Parameters
        ----------
        path : path-like
            File to replace as a whole.
        totals : bool
            Begin with a line that gives the totals of the corpus, `n_raw_tokens` among them, which
            `load` understands and other programs do not. Without it a file of all words still has
            them: they are the sums of what it holds.

        Raises
        ------
        FormatError
            If a word is no text, empty or has white space.
        """
        vocabulary_file.write(
            path,
            vocabulary_file.WordCounts(
                self.keys,  # type: ignore[arg-type]  # write() looks at every word
                self.counts,
                n_sentences=self.n_sentences,
                totals=vocabulary_file.Totals(
                    self.n_raw_tokens, self.n_raw, self.effective_min_count
                )
                if totals
                else None,
            ),
        )

    @classmethod
    def load(
        cls,
        path: Source,
        *,
        min_count: int = 0,
        max_final_vocab: int | None = None,
        sorted_vocab: bool = True,
        trim_rule: TrimRule | None = None,
    ) -> Vocabulary:
        """Read a vocabulary file, and choose from it.

        Parameters
        ----------
        path : path-like or binary file
            File that `save`, `fastw2v vocab` or `word2vec -save-vocab` wrote.
        min_count, max_final_vocab, sorted_vocab, trim_rule
            As in `from_scan`, but words with equal counts stay in the order of the file. By default
            all words are kept.

        Returns
        -------
        Vocabulary

        Raises
        ------
        FormatError
            Naming the file and the line.
        EmptyVocabularyError, ValueError
            As in `from_scan`.
        """
        with enough_for(f"to read {name_of(path)}"):
            words, counts, n_sentences, totals = vocabulary_file.read(path)
            words.reverse()  # so that what comes first in the file was seen last
            try:
                n_tokens = summed(counts)
            except ValueError as error:
                raise FormatError(f"{path}: {error}") from error
            try:
                vocabulary = cls._choose(
                    counts[::-1],
                    lambda ids: [words[i] for i in ids.tolist()],
                    n_tokens if totals is None else totals.n_tokens,
                    n_sentences,
                    min_count=min_count,
                    max_final_vocab=max_final_vocab,
                    sorted_vocab=sorted_vocab,
                    trim_rule=trim_rule,
                )
            except EmptyVocabularyError as error:
                raise EmptyVocabularyError(f"{path}: {error}") from error
        if not sorted_vocab:
            vocabulary = cls(
                vocabulary.keys[::-1],
                vocabulary.counts[::-1],
                effective_min_count=vocabulary.effective_min_count,
                n_raw=vocabulary.n_raw,
                n_raw_tokens=vocabulary.n_raw_tokens,
                n_sentences=n_sentences,
            )
        if totals is not None:
            vocabulary.n_raw = totals.n_words
            vocabulary.effective_min_count = max(vocabulary.effective_min_count, totals.min_count)
        return vocabulary

    @classmethod
    @enough_for("for the words of the vocabulary", Way("min_count", "a larger {}"))
    def _choose(
        cls,
        counts: _Longs,
        keys_of: Callable[[_Longs], list[Hashable]],
        n_tokens: int,
        n_sentences: int,
        *,
        min_count: int,
        max_final_vocab: int | None,
        sorted_vocab: bool,
        trim_rule: TrimRule | None,
        may_be_empty: bool = False,
    ) -> Vocabulary:
        if min_count < 0:
            raise ValueError(f"min_count must be 0 or more, got {min_count}")
        if max_final_vocab is not None and max_final_vocab < 1:
            raise ValueError(f"max_final_vocab must be None or 1 or more, got {max_final_vocab}")
        if trim_rule is None:
            by_rule = np.empty(0, dtype=np.int64)
            by_count = np.flatnonzero(counts >= min_count)
        else:
            verdicts = np.array(
                [
                    _verdict(word, count, min_count, trim_rule)
                    for word, count in zip(
                        keys_of(np.arange(len(counts))), counts.tolist(), strict=True
                    )
                ],
                dtype=np.int8,
            )
            by_rule = np.flatnonzero(verdicts == RULE_KEEP)
            by_count = np.flatnonzero((verdicts == RULE_DEFAULT) & (counts >= min_count))
        floor = min_count if max_final_vocab is None else max(min_count, 1)
        if max_final_vocab is not None and len(by_rule) + len(by_count) > max_final_vocab:
            by_rule = _most_frequent(by_rule, counts, max_final_vocab)
            chosen = _most_frequent(by_count, counts, max_final_vocab - len(by_rule))
            if len(chosen):
                dropped = int(counts[np.setdiff1d(by_count, chosen)].max())
                floor = max(min_count, min(dropped + 1, int(counts[chosen].min())))
            by_count = chosen
        kept = np.sort(np.concatenate([by_rule, by_count]))
        if len(kept) == 0 and not may_be_empty:
            raise EmptyVocabularyError(_why_empty(counts, n_tokens, min_count, trim_rule))
        if sorted_vocab:
            kept = kept[np.argsort(counts[kept], kind="stable")[::-1]]
        return cls(
            keys_of(kept),
            counts[kept],
            effective_min_count=floor,
            n_raw=len(counts),
            n_raw_tokens=n_tokens,
            n_sentences=n_sentences,
        )


def _verdict(word: Hashable, count: int, min_count: int, trim_rule: TrimRule) -> int:
    """Ask a trim rule; anything but keep and discard leaves it to the count."""
    verdict = trim_rule(word, count, min_count)
    return verdict if verdict in (RULE_KEEP, RULE_DISCARD) else RULE_DEFAULT


def survives(word: Hashable, count: int, min_count: int, trim_rule: TrimRule) -> bool:
    """Apply a trim rule to a word."""
    verdict = _verdict(word, count, min_count, trim_rule)
    return count >= min_count if verdict == RULE_DEFAULT else verdict == RULE_KEEP


def _most_frequent(ids: _Longs, counts: _Longs, n: int) -> _Longs:
    """Return the n ids of the largest counts; of equal ones those that come last."""
    if len(ids) <= n:
        return ids
    # The least count that has room, and then as many of its words as fit.
    least = int(np.partition(counts[ids], len(ids) - n)[len(ids) - n]) if n else 0
    above = ids[counts[ids] > least] if n else ids[:0]
    ties = ids[counts[ids] == least][::-1][: n - len(above)]
    return np.sort(np.concatenate([above, ties]))


def _why_empty(counts: _Longs, n_tokens: int, min_count: int, trim_rule: TrimRule | None) -> str:
    tokens, words = (
        f"{n:,} {noun}{'s' * (n != 1)}"
        for n, noun in ((n_tokens, "token"), (len(counts), "distinct word"))
    )
    read = f"{tokens} ({words}) {'was' if n_tokens == 1 else 'were'} read"
    if n_tokens == 0:
        reason = f"{read}, so min_count={min_count} had nothing to choose from"
    elif trim_rule is not None:
        reason = f"{read}, and trim_rule with min_count={min_count} kept none of them"
    else:
        reason = (
            f"{read}, and none occurs min_count={min_count} times; "
            f"lower min_count or give more text"
        )
    return f"you must first build vocabulary before training the model: {reason}"
