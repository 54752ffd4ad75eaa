"""From counted words to a vocabulary with weights: gensim's steps, called one by one."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from fastw2v.corpus import Scan
from fastw2v.huffman import huffman_tree
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.memory import enough_for, smaller_model
from fastw2v.model import checks
from fastw2v.model.state import NO_VOCABULARY, State
from fastw2v.subsampling import keep_probability
from fastw2v.vocab import TrimRule, Vocabulary
from fastw2v.weights import Matrix, Weights

logger = logging.getLogger("fastw2v")

NO_PRIOR_VOCABULARY = (
    "You cannot do an online vocabulary-update of a model which has no prior vocabulary. First "
    "build the vocabulary of your model with a corpus before doing an online update."
)
NULL_WORD = "\0"


class Words(State):
    """Chooses the words of a model, and gives them weights."""

    def prepare_vocab(
        self,
        update: bool = False,
        keep_raw_vocab: bool = False,
        trim_rule: TrimRule | None = None,
        min_count: int | None = None,
        sample: float | None = None,
        dry_run: bool = False,
    ) -> dict[str, int]:
        """Choose the vocabulary from `raw_vocab`, which `scan_vocab` counted.

        Parameters
        ----------
        update : bool
            Add to the words that the model has.
        keep_raw_vocab : bool
            Keep `raw_vocab`; otherwise it is empty afterwards.
        trim_rule : callable, optional
            As for the constructor.
        min_count, sample : number, optional
            Replace the model's, for good unless this is a dry run; None and 0 leave them.
        dry_run : bool
            Change nothing, only report what would come of it.

        Returns
        -------
        dict of str to int
            `drop_unique`: words left out; `num_retained_words`: words kept; `retain_total`: their
            tokens; `downsample_unique`: words that subsampling thins out; `downsample_total`:
            tokens that it is expected to leave.

        Raises
        ------
        RuntimeError
            If no words were counted; or to update, if the model has none.
        """
        if self.raw_vocab is None:
            raise RuntimeError("call scan_vocab before prepare_vocab: no words were counted yet")
        min_count = min_count or self.min_count
        sample = sample or self.sample
        raw = self.raw_vocab
        vocabulary, taken = self._choose(raw, update, trim_rule, min_count)
        report = _survey(taken, sample)
        if not dry_run:
            self.min_count, self.sample = min_count, sample
            self._take_over_vocabulary(vocabulary, update)
            if not keep_raw_vocab:
                self.raw_vocab = {}
        self._tell(taken, report)
        return report

    def build_vocab_from_freq(
        self,
        word_freq: Mapping[Hashable, int],
        keep_raw_vocab: bool = False,
        corpus_count: int | None = None,
        trim_rule: TrimRule | None = None,
        update: bool = False,
    ) -> None:
        """Choose the vocabulary from a table of counts, and set up the weights.

        Parameters
        ----------
        word_freq : mapping of word to int
            How often each word occurs; it is not changed.
        keep_raw_vocab, trim_rule, update
            As for `build_vocab`.
        corpus_count : int, optional
            Sentences of the corpus, for `corpus_count`.

        Raises
        ------
        TypeError, ValueError
            If a count is no integer, or negative.
        RuntimeError
            To update, if there is no vocabulary yet.
        """
        vocabulary, taken = self._choose(word_freq, update, trim_rule, self.min_count)
        self.corpus_count = corpus_count or 0
        self.corpus_total_words = taken.n_raw_tokens
        self.raw_vocab = dict(word_freq) if keep_raw_vocab else {}
        self._build(vocabulary, taken, update)

    def _build(self, vocabulary: Vocabulary, taken: Vocabulary, update: bool) -> None:
        """Take over a vocabulary and set up its weights."""
        if not len(vocabulary):
            logger.warning(
                "no word is left of %i (min_count=%i): there is nothing to train",
                taken.n_raw,
                taken.effective_min_count,
            )
        self._take_over_vocabulary(vocabulary, update)
        report = _survey(taken, self.sample)
        self._tell(taken, report)
        self.estimate_memory(vocab_size=report["num_retained_words"])
        size = f"{len(self.wv.index_to_key):,} words of {self.vector_size:,} dimensions"
        with enough_for(f"for the vectors of {size}", *smaller_model()):
            self.prepare_weights(update=update)
        self.add_lifecycle_event("build_vocab", update=update)

    def _choose(
        self,
        source: Scan | Mapping[Hashable, int],
        update: bool,
        trim_rule: TrimRule | None,
        min_count: int,
        may_be_empty: bool = True,
    ) -> tuple[Vocabulary, Vocabulary]:
        """Return the vocabulary, and those of its words that `source` has enough of."""
        rules: dict[str, Any] = {
            "min_count": min_count,
            "max_final_vocab": self.max_final_vocab,
            "trim_rule": trim_rule,
        }
        if update:
            self._need_vocabulary()
            counts = raw_counts(source) if isinstance(source, Scan) else source
            known = self._known()
            found = sum(count for key, count in counts.items() if key in known.index)
            checks.known_words(found, sum(counts.values()))
            return known.enlarged(counts, **rules)
        rules.update(sorted_vocab=bool(self.sorted_vocab), may_be_empty=may_be_empty)
        if isinstance(source, Scan):
            taken = Vocabulary.from_scan(source, **rules)
        else:
            taken = Vocabulary.from_counts(source, **rules)
        if not self.null_word:
            return taken, taken
        return taken.with_word(NULL_WORD, 1, sorted_vocab=bool(self.sorted_vocab)), taken

    def _need_vocabulary(self) -> None:
        if not len(self.wv._matrix()):
            raise RuntimeError(NO_PRIOR_VOCABULARY)

    def _take_over_vocabulary(self, vocabulary: Vocabulary, update: bool) -> None:
        if update:
            self._live()  # what the user changed, while the words are still those of before
        else:
            self._weights = None
            self._stored = {}
            self.wv.vectors = np.zeros((0, self.vector_size), np.float32)
            self.wv.expandos = {}
        self._set_vocabulary(vocabulary)
        if self.hs:
            self.create_binary_tree()

    def _tell(self, taken: Vocabulary, report: dict[str, int]) -> None:
        """Log and note what was chosen, in gensim's words."""
        floor, n_raw, n_tokens = taken.effective_min_count, taken.n_raw, taken.n_raw_tokens
        n_kept, n_kept_tokens = report["num_retained_words"], report["retain_total"]
        for text in (
            f"effective_min_count={floor} retains {n_kept} unique words "
            f"({_percent(n_kept, n_raw):.2f}% of original {n_raw}, drops {n_raw - n_kept})",
            f"effective_min_count={floor} leaves {n_kept_tokens} word corpus "
            f"({_percent(n_kept_tokens, n_tokens):.2f}% of original {n_tokens}, "
            f"drops {n_tokens - n_kept_tokens})",
            f"downsampling leaves estimated {report['downsample_total']} word corpus "
            f"({_percent(report['downsample_total'], n_kept_tokens):.1f}% of prior "
            f"{n_kept_tokens})",
        ):
            self.add_lifecycle_event("prepare_vocab", msg=text)

    # ---- weights

    def prepare_weights(self, update: bool = False) -> None:
        """Set up the weights for the vocabulary: `init_weights`, or `update_weights`."""
        if update:
            self.update_weights()
        else:
            self.init_weights()

    def init_weights(self) -> None:
        """Start all weights afresh: W random, W' zero, `wv.vectors_lockf` 1 for all words."""
        self._weights = Weights(
            len(self.wv.index_to_key),
            self.vector_size,
            negative=self.negative > 0,
            hs=bool(self.hs),
            seed=self._seed,
        )
        self._stored = {}
        self.wv.vectors = self._shown = self._weights.vectors
        self.wv.vectors_lockf = np.ones(1, np.float32)

    def update_weights(self) -> None:
        """Give weights to words that have none yet: W random, W' zero; the others keep theirs.

        Raises
        ------
        RuntimeError
            If there are no weights that could be added to.
        """
        self._need_vocabulary()
        n_words = len(self.wv.index_to_key)
        if self._weights is None:
            n_old = len(self.wv.vectors)
            stored = (self._stored.get("syn1neg"), self._stored.get("syn1"))
            weights = Weights.of(np.asarray(self.wv.vectors[:n_old], np.float32), *stored)
            self._stored = {}
        else:
            weights = self._weights
        if len(weights.w_in) < n_words:
            lockf = np.atleast_1d(getattr(self.wv, "vectors_lockf", np.ones(1, np.float32)))
            if len(lockf) == len(weights.w_in) > 1:
                added = np.ones(n_words - len(lockf), np.float32)
                self.wv.vectors_lockf = np.concatenate([lockf, added])
            weights = weights.grown(n_words, self._seed)
        self._weights = weights
        self.wv.vectors = self._shown = weights.vectors

    def create_binary_tree(self) -> None:
        """Note each word's Huffman path in `wv`, as the attributes "code" and "point".

        They describe the tree that training builds from the counts; it does not read them.
        """
        counts = np.maximum(self._known().counts, 1)
        logger.info("constructing a huffman tree from %i words", len(counts))
        tree = huffman_tree(counts)
        self.wv.expandos["code"] = _in_parts(tree.code, tree.offsets)
        self.wv.expandos["point"] = _in_parts(tree.path.astype(np.uint32), tree.offsets)
        logger.info("built huffman tree with maximum node depth %i", tree.longest)

    def reset_from(self, other_model: Words) -> None:
        """Take over the vocabulary of another model, sharing its tables, and start new weights.

        Parameters
        ----------
        other_model : Word2Vec
            Where words, counts and noise table come from.

        Raises
        ------
        RuntimeError
            If it has no vocabulary.
        """
        if not other_model.wv.key_to_index:
            raise RuntimeError(NO_VOCABULARY)
        self.wv = KeyedVectors(self.vector_size)
        self.wv.index_to_key = other_model.wv.index_to_key
        self.wv.key_to_index = other_model.wv.key_to_index
        self.wv.expandos = other_model.wv.expandos
        self.wv.next_index = other_model.wv.next_index
        self._vocabulary = None
        self._cum_table = other_model.cum_table
        self._noise_is_given = other_model._noise_is_given
        self.corpus_count = other_model.corpus_count
        self.corpus_total_words = other_model.corpus_total_words
        self.init_weights()
        if self.hs and "code" not in self.wv.expandos:
            self.create_binary_tree()

    # ---- helpers of gensim's that clients call

    def estimate_memory(
        self, vocab_size: int | None = None, report: dict[str, int] | None = None
    ) -> dict[str, int]:
        """Estimate the memory of a model in bytes, by gensim's rule of thumb.

        Parameters
        ----------
        vocab_size : int, optional
            Number of words; by default the model's.
        report : dict, optional
            Entries to add to.

        Returns
        -------
        dict of str to int
            `vocab` (500 bytes a word, 700 with `hs`, which is more than is needed here),
            `vectors`, `syn1`, `syn1neg`, `total`. Training needs 4 bytes for each token beside it.
        """
        n_words = vocab_size or len(self.wv.index_to_key)
        report = {} if report is None else report
        matrix = n_words * self.vector_size * np.dtype(np.float32).itemsize
        report["vocab"] = n_words * (700 if self.hs else 500)
        report["vectors"] = matrix
        if self.hs:
            report["syn1"] = matrix
        if self.negative:
            report["syn1neg"] = matrix
        report["total"] = sum(report.values())
        logger.info(
            "estimated required memory for %i words and %i dimensions: %i bytes",
            n_words,
            self.vector_size,
            report["total"],
        )
        return report

    def init_sims(self, replace: bool = False) -> None:
        """Do what `wv.init_sims` does.

        Warns
        -----
        DeprecationWarning
            Always.
        """
        self.wv.init_sims(replace=replace)

    def seeded_vector(
        self, seed_string: str, vector_size: int, hashfxn: Callable[[str], int] = hash
    ) -> Matrix:
        """Return a random vector, (vector_size,), that depends on a text.

        Warns
        -----
        DeprecationWarning
            Always: vectors do not start this way.
        """
        warnings.warn("no vector starts as seeded_vector", DeprecationWarning, stacklevel=2)
        rng = np.random.default_rng(hashfxn(seed_string) & 0xFFFFFFFF)
        numbers: Matrix = rng.random(vector_size, np.float32) - np.float32(0.5)
        return numbers / np.float32(vector_size)


def raw_counts(scan: Scan) -> dict[Hashable, int]:
    """Return the counts of all words of a corpus, in first-seen order."""
    words = scan.keys(np.arange(len(scan.counts)))
    return dict(zip(words, scan.counts.tolist(), strict=True))


def _survey(taken: Vocabulary, sample: float) -> dict[str, int]:
    """Report what passed the rules, under gensim's names."""
    keep = keep_probability(np.maximum(taken.counts, 1), sample)
    return {
        "drop_unique": taken.n_raw - len(taken),
        "retain_total": taken.n_kept_tokens,
        "downsample_unique": int((keep < 1).sum()),
        "downsample_total": int((keep * taken.counts).sum()),
        "num_retained_words": len(taken),
    }


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / max(whole, 1)


def _in_parts(values: npt.NDArray[Any], offsets: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """Return an array of arrays: values[offsets[i]:offsets[i + 1]]."""
    parts = np.empty(len(offsets) - 1, dtype=object)
    ends = offsets.tolist()
    for i in range(len(parts)):
        parts[i] = values[ends[i] : ends[i + 1]]
    return parts
