"""What a trained model says about sentences and contexts: `score` and `predict_output_word`."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Iterable, Iterator

import numpy as np
import numpy.typing as npt

from fastw2v.huffman import Tree, huffman_tree
from fastw2v.iterables import sentences_in, tokens_of
from fastw2v.keyedvectors.similarity import largest
from fastw2v.keyedvectors.store import as_list
from fastw2v.model.state import State

logger = logging.getLogger("fastw2v")

# Centres whose paths are multiplied with the rows of a stretch of text at once: with so many,
# most of the product is wasted, but it is still far quicker than going word by word.
_CENTRES = 32


class Inference(State):
    """Questions to a trained model that need W'."""

    def score(
        self,
        sentences: Iterable[Iterable[Hashable]],
        total_sentences: int = 1_000_000,
        chunksize: int = 100,
        queue_factor: int = 2,
        report_delay: float = 1,
    ) -> npt.NDArray[np.float32]:
        """Return the log-probability of each sentence, by hierarchical softmax.

        It is the sum, over all words, of log P(word | context): of each word in the window alone
        for skip-gram, of their mean (or sum, or 0 if there are none) for CBOW. Windows are not
        shrunk, nothing is subsampled, words that are not in the vocabulary are left out.

        Parameters
        ----------
        sentences : iterable of iterables of hashable tokens
            The sentences, read once.
        total_sentences : int
            Stop after so many.
        chunksize, queue_factor, report_delay
            Accepted for compatibility, without effect.

        Returns
        -------
        ndarray of float32, shape (n_sentences,)

        Raises
        ------
        RuntimeError
            If there is no vocabulary, or no hierarchical softmax.
        TypeError
            If `sentences` is no corpus, but a text or the name of a file.

        Source: Taddy 2015, "Document Classification by Inversion of Distributed Language
        Representations".
        """
        if not self.wv.key_to_index:
            raise RuntimeError("you must first build vocabulary before scoring new data")
        if not self.hs:
            raise RuntimeError(
                "We have currently only implemented score for the hierarchical softmax scheme, "
                "so you need to have run word2vec with hs=1 and negative=0 for this to work."
            )
        tree = huffman_tree(np.maximum(self._known().counts, 1))
        index = self.wv.key_to_index
        scores: list[float] = []
        for sentence in sentences_in(sentences):
            if len(scores) >= total_sentences:
                logger.warning(
                    "terminating after %i sentences (set higher total_sentences if you want more).",
                    total_sentences,
                )
                break
            tokens = tokens_of(sentence, len(scores) + 1)
            rows = np.array([index[word] for word in tokens if word in index], dtype=np.intp)
            scores.append(self._log_probability(rows, tree))
        return np.array(scores, dtype=np.float32)

    def _log_probability(self, rows: npt.NDArray[np.intp], tree: Tree) -> float:
        vectors, nodes = self.wv.vectors, self.syn1
        total = 0.0
        for first in range(0, len(rows), _CENTRES):
            last = min(first + _CENTRES, len(rows))
            lo, hi = max(first - self.window, 0), min(last + self.window, len(rows))
            centres = np.arange(first, last)
            distance = np.abs(centres[:, None] - np.arange(lo, hi))
            in_window = (distance > 0) & (distance <= self.window)
            x = vectors[rows[lo:hi]].astype(np.float64)
            if not self.sg:
                x = in_window @ x
                if self.cbow_mean:
                    x /= np.maximum(in_window.sum(axis=1, keepdims=True), 1)
                in_window = np.eye(last - first, dtype=bool)
            begins, ends = tree.offsets[rows[first:last]], tree.offsets[rows[first:last] + 1]
            lengths = ends - begins
            path = np.repeat(begins - np.cumsum(lengths) + lengths, lengths) + np.arange(
                int(lengths.sum())
            )
            signs = 1.0 - 2.0 * tree.code[path]
            scores = x @ nodes[tree.path[path]].T.astype(np.float64) * signs
            belongs = np.repeat(in_window, lengths, axis=0).T
            total -= float(np.logaddexp(0.0, -scores[belongs]).sum())
        return total

    def predict_output_word(
        self, context_words_list: Iterable[Hashable], topn: int | None = 10
    ) -> list[tuple[Hashable, np.float32]] | None:
        """Return the words that are likeliest to stand in a context, by negative sampling's W'.

        Parameters
        ----------
        context_words_list : iterable of words, or a word
            The context, in any order; words that are not in the vocabulary are left out. A number
            that is no word is taken for a row.
        topn : int, optional
            How many words to return; None for all.

        Returns
        -------
        list of (word, float), or None
            The likeliest first, with the share of each in the softmax over all words. None if no
            word of the context is in the vocabulary.

        Raises
        ------
        RuntimeError
            If there is no negative sampling, or nothing to compute with.
        """
        if not self.negative:
            raise RuntimeError(
                "We have currently only implemented predict_output_word for the negative sampling "
                "scheme, so you need to have run word2vec with negative > 0 for this to work."
            )
        if not len(self.wv._matrix()) or not hasattr(self, "syn1neg"):
            raise RuntimeError("Parameters required for predicting the output words not found.")
        rows = list(self._rows_of(as_list(context_words_list)))
        if not rows:
            logger.warning("All the input context words are out-of-vocabulary for this model.")
            return None
        h = self.wv.vectors[rows].sum(axis=0, dtype=np.float64)
        if self.cbow_mean:
            h /= len(rows)
        scores = self.syn1neg @ h.astype(np.float32)
        shares = np.exp(scores.astype(np.float64) - float(scores.max()))
        shares /= shares.sum()
        best = largest(shares, len(shares) if topn is None else max(int(topn), 0))
        keys = self.wv.index_to_key
        return [(keys[row], np.float32(shares[row])) for row in best.tolist()]

    def _rows_of(self, words: Iterable[Hashable]) -> Iterator[int]:
        for word in words:
            row = self.wv.get_index(word, -1)  # type: ignore[arg-type]
            if row >= 0:
                yield row
