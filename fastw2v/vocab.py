"""The vocabulary: which words are trained, in which order, and how often they occurred."""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from fastw2v.errors import EmptyVocabularyError

if TYPE_CHECKING:
    from fastw2v.corpus.scan import Scan

RULE_DEFAULT = 0
RULE_DISCARD = 1
RULE_KEEP = 2

TrimRule = Callable[[Hashable, int, int], int]
"""Called as rule(word, count, min_count); returns one of the three constants above."""

_Longs = npt.NDArray[np.int64]


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
        The count below which words were dropped, after `max_final_vocab`.
    n_raw : int
        Distinct words before filtering.
    n_raw_tokens : int
        Tokens before filtering.
    """

    __slots__ = ("counts", "effective_min_count", "index", "keys", "n_raw", "n_raw_tokens")

    def __init__(
        self,
        keys: Sequence[Hashable],
        counts: npt.ArrayLike,
        *,
        effective_min_count: int = 1,
        n_raw: int | None = None,
        n_raw_tokens: int | None = None,
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

        Raises
        ------
        ValueError
            If a word occurs twice, or there are not as many counts as words.
        """
        self.keys = list(keys)
        self.counts: _Longs = np.ascontiguousarray(counts, dtype=np.int64)
        if self.counts.shape != (len(self.keys),):
            raise ValueError(
                f"there must be one count per word: {len(self.keys)} words, "
                f"counts of shape {self.counts.shape}"
            )
        self.index: dict[Hashable, int] = {key: i for i, key in enumerate(self.keys)}
        if len(self.index) != len(self.keys):
            twice = next(key for i, key in enumerate(self.keys) if self.index[key] != i)
            raise ValueError(f"the word {twice!r} is in the vocabulary twice")
        self.effective_min_count = effective_min_count
        self.n_raw = len(self.keys) if n_raw is None else n_raw
        self.n_raw_tokens = self.n_kept_tokens if n_raw_tokens is None else n_raw_tokens

    @classmethod
    def adopt(
        cls, keys: list[Hashable], index: dict[Hashable, int], counts: npt.ArrayLike
    ) -> Vocabulary:
        """Take a list, a dictionary and an array as they are, without copying or checking."""
        self = cls.__new__(cls)
        self.keys, self.index = keys, index
        self.counts = np.ascontiguousarray(counts, dtype=np.int64)
        self.effective_min_count = 1
        self.n_raw, self.n_raw_tokens = len(keys), self.n_kept_tokens
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
        return int(self.counts.sum())

    @classmethod
    def from_scan(
        cls,
        scan: Scan,
        *,
        min_count: int = 5,
        max_final_vocab: int | None = None,
        sorted_vocab: bool = True,
        trim_rule: TrimRule | None = None,
        may_be_empty: bool = False,
    ) -> Vocabulary:
        """Choose the words to train from those of a corpus.

        The rules are those of gensim 4.4 (`Word2Vec.prepare_vocab`).

        Parameters
        ----------
        scan : Scan
            The corpus; it is not consumed.
        min_count : int
            Keep the words that occur at least so often.
        max_final_vocab : int, optional
            Raise `min_count` to one more than the count of the word of rank
            `max_final_vocab` + 1, so that at most so many words are left; words that tie with the
            first one too many drop together.
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
    ) -> Vocabulary:
        """Choose the words to train from a table of counts, with the rules of `from_scan`.

        Parameters
        ----------
        word_counts : mapping of word to int
            Its order is the first-seen order.
        min_count, max_final_vocab, sorted_vocab, trim_rule, may_be_empty
            As in `from_scan`.

        Returns
        -------
        Vocabulary

        Raises
        ------
        EmptyVocabularyError
            If no word is left, and that is not allowed.
        TypeError, ValueError
            If a count is not an integer, or negative, or another parameter is out of range.
        """
        words = list(word_counts)
        counts = np.empty(len(words), dtype=np.int64)
        for i, (word, count) in enumerate(word_counts.items()):
            try:
                counts[i] = operator.index(count)
            except TypeError:
                raise TypeError(
                    f"the count of {word!r} must be an integer, got {count!r}"
                ) from None
            if count < 0:
                raise ValueError(f"the count of {word!r} must be 0 or more, got {count}")
        return cls._choose(
            counts,
            lambda ids: [words[i] for i in ids.tolist()],
            int(counts.sum()),
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

    @classmethod
    def _choose(
        cls,
        counts: _Longs,
        keys_of: Callable[[_Longs], list[Hashable]],
        n_tokens: int,
        *,
        min_count: int,
        max_final_vocab: int | None,
        sorted_vocab: bool,
        trim_rule: TrimRule | None,
        may_be_empty: bool = False,
    ) -> Vocabulary:
        if min_count < 0:
            raise ValueError(f"min_count must be 0 or more, got {min_count}")
        floor = max(min_count, _min_count_for(counts, max_final_vocab))
        if trim_rule is None:
            kept = np.flatnonzero(counts >= floor)
        else:
            every = np.arange(len(counts))
            verdicts = [
                survives(word, count, floor, trim_rule)
                for word, count in zip(keys_of(every), counts.tolist(), strict=True)
            ]
            kept = np.flatnonzero(np.array(verdicts, dtype=bool))
        if len(kept) == 0 and not may_be_empty:
            raise EmptyVocabularyError(
                _why_empty(counts, n_tokens, min_count, floor, max_final_vocab, trim_rule)
            )
        if sorted_vocab:
            kept = kept[np.argsort(counts[kept], kind="stable")[::-1]]
        return cls(
            keys_of(kept),
            counts[kept],
            effective_min_count=floor,
            n_raw=len(counts),
            n_raw_tokens=n_tokens,
        )


def survives(word: Hashable, count: int, min_count: int, trim_rule: TrimRule) -> bool:
    """Apply a trim rule to a word."""
    verdict = trim_rule(word, count, min_count)
    if verdict == RULE_KEEP:
        return True
    if verdict == RULE_DISCARD:
        return False
    return count >= min_count


def _min_count_for(counts: _Longs, max_final_vocab: int | None) -> int:
    """Return the least count that leaves at most `max_final_vocab` words."""
    if max_final_vocab is None:
        return 0
    if max_final_vocab < 1:
        raise ValueError(f"max_final_vocab must be None or 1 or more, got {max_final_vocab}")
    rank = len(counts) - 1 - max_final_vocab
    return int(np.partition(counts, rank)[rank]) + 1 if rank >= 0 else 1


def _why_empty(
    counts: _Longs,
    n_tokens: int,
    min_count: int,
    floor: int,
    max_final_vocab: int | None,
    trim_rule: TrimRule | None,
) -> str:
    read = f"{n_tokens:,} tokens ({len(counts):,} distinct words) were read"
    if n_tokens == 0:
        reason = f"{read}, so min_count={min_count} had nothing to choose from"
    elif trim_rule is not None:
        reason = f"{read}, and trim_rule with min_count={floor} kept none of them"
    elif floor > min_count:
        reason = (
            f"{read}, and none occurs {floor} times, which is what "
            f"max_final_vocab={max_final_vocab} needs (min_count={min_count}); raise it"
        )
    else:
        reason = (
            f"{read}, and none occurs min_count={min_count} times; "
            f"lower min_count or give more text"
        )
    return f"you must first build vocabulary before training the model: {reason}"
