"""Questions to the table: similarities, neighbours, means, ranks."""

from __future__ import annotations

import logging
import operator
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from fastw2v.iterables import finite
from fastw2v.keyedvectors import similarity
from fastw2v.keyedvectors.similarity import Floats
from fastw2v.keyedvectors.steady import steady, still, will_move
from fastw2v.keyedvectors.store import Key, VectorStore, as_list, is_key, is_row

Item: TypeAlias = "Key | Floats | tuple[Key | Floats, float]"
Items: TypeAlias = "Key | Floats | Iterable[Item] | None"

logger = logging.getLogger("fastw2v.keyedvectors")

COSMUL_EPSILON = 1e-6
"""Keeps 3CosMul from dividing by zero (Levy and Goldberg 2014, section 6)."""


class Indexer(Protocol):
    """An index for approximate search, such as gensim's AnnoyIndexer."""

    def most_similar(self, vector: Floats, num_neighbors: int) -> list[tuple[Any, float]]:
        """Return the `num_neighbors` keys nearest to `vector`, with their similarities."""
        ...


class Queries(VectorStore):
    """What can be asked about vectors; every similarity is one of `similarity.cosines`."""

    @staticmethod
    def cosine_similarities(vector_1: npt.ArrayLike, vectors_all: npt.ArrayLike) -> Floats:
        """Return the cosines between one vector, (d,), and the rows of a matrix, as (n,) float32.

        A vector of zeros is similar to nothing: its cosines are 0.
        """
        matrix = similarity.plain(vectors_all, "vectors_all")
        if matrix.dtype.kind != "f":
            matrix = similarity.floats(matrix, np.float64, "vectors_all")
        vector = similarity.plain(vector_1, "vector_1")
        if vector.ndim != 1 or vector.shape != matrix.shape[1:]:
            raise ValueError(
                f"vector_1 of shape {vector.shape} does not fit vectors_all of shape {matrix.shape}"
            )
        return similarity.cosines(matrix, vector)

    similarities = cosine_similarities

    @steady
    def similarity(self, w1: Key, w2: Key) -> np.float32:
        """Return the cosine of the vectors of two keys; KeyError if one is not present."""
        if self._has_own_vectors():
            cosine: np.float32 = similarity.cosines(self[w2][None], self[w1])[0]
        else:
            row, vectors = self.get_index(w2), self.vectors
            vector = vectors[self.get_index(w1)]
            cosine = similarity.cosines(vectors[row : row + 1], vector)[0]
        return cosine

    def distance(self, w1: Key, w2: Key) -> np.float32:
        """Return 1 - `similarity`."""
        distance: np.float32 = np.float32(1) - np.float32(self.similarity(w1, w2))
        return distance

    @steady
    def distances(self, word_or_vector: Key | Floats, other_words: Iterable[Key] = ()) -> Floats:
        """Return 1 - cosine between a key or vector and other keys, as a float32 array.

        Parameters
        ----------
        word_or_vector : str, int or (d,) ndarray
            One side.
        other_words : iterable of str or int
            The other side; all keys, in the order of `index_to_key`, if it is empty.

        Raises
        ------
        KeyError
            If a key is not present.
        """
        if is_key(word_or_vector):
            vector = self.get_vector(word_or_vector)
        else:
            vector = self._checked(word_or_vector)
        rows = self._rows(other_words)
        if self._overrides(Queries, "cosine_similarities"):
            matrix = self.vectors[rows] if len(rows) else self.vectors
            own: Floats = 1 - self.cosine_similarities(vector, matrix)
            return own
        if len(rows):
            cosines = similarity.cosines(self.vectors, vector, rows)
        else:
            cosines = self._cosines(vector, range(self.vectors.shape[0]))
        distances: Floats = np.float32(1) - cosines
        return distances

    def n_similarity(self, ws1: Iterable[Key], ws2: Iterable[Key]) -> np.float32:
        """Return the cosine between the means of two lists of keys.

        Keys that are not present are left out.

        Raises
        ------
        ZeroDivisionError
            If a list is empty.
        """
        ws1, ws2 = as_list(ws1), as_list(ws2)
        if not ws1 or not ws2:
            raise ZeroDivisionError("n_similarity needs at least one key on each side")
        mean_1 = self.get_mean_vector(ws1, pre_normalize=False)
        mean_2 = self.get_mean_vector(ws2, pre_normalize=False)
        cosine: np.float32 = similarity.cosines(mean_2[None], mean_1)[0]
        return cosine

    @steady
    def most_similar(
        self,
        positive: Items = None,
        negative: Items = None,
        topn: int | None = 10,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: int | None = None,
        indexer: Indexer | None = None,
    ) -> Any:
        """Find the keys nearest to a sum of vectors (3CosAdd, Mikolov et al. 2013, section 4).

        Parameters
        ----------
        positive, negative : key, (d,) ndarray, or iterable of these and of (item, weight)
            What to add with weight 1 and -1, or with the weight that stands beside it, which
            is taken as it is in either list. Vectors of keys are brought to length 1 first.
        topn : int, optional
            How many to return; None returns the cosines of all rows instead.
        clip_start, clip_end : int
            Look at these rows only.
        restrict_vocab : int, optional
            Look at the first so many rows only; goes before the clips.
        indexer : optional
            Object whose ``most_similar(vector, num_neighbors)`` answers in place of this.

        Returns
        -------
        list of (key, float), or float32 ndarray
            Best first, equal ones in the order of the rows, without the keys asked for.

        Raises
        ------
        KeyError
            If a key is not present.
        ValueError
            If nothing is given.
        """
        if topn is not None:
            # A NumPy integer of 8 bits would overflow below.
            topn = operator.index(topn)
            if topn < 1:
                return []
        query, asked = self._query(positive, negative)
        if indexer is not None and topn is not None:
            return indexer.most_similar(similarity.unit(query), topn)
        rows = self._clip(clip_start, clip_end, restrict_vocab)
        if topn is None:
            return self._cosines(query, rows)
        matrix = self.vectors[rows.start : rows.stop]
        best, cosines = similarity.nearest(matrix, query, self._n_to_find(topn, asked))
        return self._named(best + rows.start, cosines, asked, topn)

    @steady
    def most_similar_batch(
        self,
        positive: Sequence[Items],
        negative: Sequence[Items] | None = None,
        topn: int = 10,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: int | None = None,
    ) -> list[list[tuple[Any, float]]]:
        """Answer `most_similar` for many questions at once, several times faster.

        Parameters
        ----------
        positive : sequence, or (m, d) ndarray
            One `positive` of `most_similar` for each question.
        negative : sequence, optional
            One `negative` for each.
        topn, clip_start, clip_end, restrict_vocab
            As for `most_similar`.

        Returns
        -------
        list of lists of (key, float)
            Exactly what `most_similar` gives for each question.

        Raises
        ------
        KeyError
            If a key is not present.
        ValueError
            If the lengths of `positive` and `negative` differ, or a question is empty.
        """
        questions = [positive] if isinstance(positive, str) else list(finite(positive))
        negatives = [None] * len(questions) if negative is None else list(finite(negative))
        if len(negatives) != len(questions):
            raise ValueError(f"{len(questions)} positive and {len(negatives)} negative questions")
        topn = operator.index(topn)
        if topn < 1:
            return [[] for _ in questions]
        parts = [self._query(p, n) for p, n in zip(questions, negatives, strict=True)]
        rows = self._clip(clip_start, clip_end, restrict_vocab)
        answers = similarity.nearest_to_each(
            self.vectors[rows.start : rows.stop],
            np.array([query for query, _ in parts]).reshape(len(parts), self.vector_size),
            np.array([self._n_to_find(topn, asked) for _, asked in parts], np.int64),
        )
        return [
            self._named(best + rows.start, cosines, asked, topn)
            for (best, cosines), (_, asked) in zip(answers, parts, strict=True)
        ]

    def _has_own_means(self) -> bool:
        """Tell whether anything that gensim makes the vectors of questions of is overridden."""
        return self._has_own_vectors() or self._overrides(
            VectorStore, "__contains__", "has_index_for", "get_mean_vector"
        )

    def _cosines(self, vector: Floats, rows: range) -> npt.NDArray[np.float32]:
        """Return the cosines between a vector and some rows, ascending and without gaps."""
        guesses = self._guesses
        if guesses is None or (guesses.shape, guesses.dtype) != (
            self.vectors.shape[:1],
            self.vectors.dtype,
        ):
            guesses = self._guesses = np.zeros(self.vectors.shape[0], self.vectors.dtype)
        part = slice(rows.start, rows.stop)
        return similarity.cosines(self.vectors[part], vector, guesses=guesses[part])

    # Sums of squares, which `similarity.cosines` checks: they cannot be stale.
    _guesses: Floats | None = None

    def __getstate__(self) -> dict[str, Any]:
        # gensim's objects have "norms", by which pickles of theirs are told from ours.
        left_out = ("_guesses", "norms", "_moves", "_training_thread")
        with still(self):
            state = {n: value for n, value in dict(vars(self)).items() if n not in left_out}
            if will_move(self):  # and may move the rows before they are written
                state["vectors"] = np.array(self.vectors)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, norms=None)

    def _clip(self, start: int, end: int | None, restrict_vocab: int | None) -> range:
        if restrict_vocab:
            start, end = 0, restrict_vocab
        return range(len(self))[start:end]

    def _n_to_find(self, topn: int, asked: set[int]) -> int:
        """Return how many rows to look for, with those that will be left out."""
        return topn + len(asked) + len(self) - len(self.key_to_index)

    def _named(
        self, rows: npt.NDArray[np.int64], scores: Floats, asked: set[int], topn: int
    ) -> list[tuple[Any, float]]:
        keys = self.index_to_key
        found = [
            (keys[row], score)
            for row, score in zip(rows.tolist(), scores.tolist(), strict=True)
            if row not in asked and keys[row] is not None
        ]
        return found[:topn]

    def _query(self, positive: Items, negative: Items) -> tuple[Floats, set[int]]:
        """Return the vector to search for, (d,), and the rows of the keys that it is made of."""
        items = [*_weighted(positive, 1.0), *_weighted(negative, -1.0)]
        if not items:
            raise ValueError("most_similar needs a key or a vector in positive or negative")
        keys = [item for item, _ in items if not isinstance(item, np.ndarray)]
        if self._has_own_means():
            mean = self.get_mean_vector(
                [item for item, _ in items],
                [weight for _, weight in items],
                post_normalize=True,
                ignore_missing=False,
            )
            return mean, {self.get_index(key) for key in keys if self.has_index_for(key)}
        asked = {self.get_index(key, -1) for key in keys}
        if -1 in asked:
            raise self._unknown(next(key for key in keys if self.get_index(key, -1) == -1))
        if len(items) == 1:
            # It keeps its length, which does not matter, and so its bits.
            item, weight = items[0]
            vector = self._vector_of(item)
            return vector if weight == 1 else (vector * np.sign(weight)).astype(vector.dtype), asked
        total = np.zeros(self.vector_size)
        for item, weight in items:
            vector = self._vector_of(item)
            total += weight * (
                vector if isinstance(item, np.ndarray) else similarity.unit_double(vector)
            )
        return total.astype(self.vectors.dtype), asked

    def _vector_of(self, item: Key | Floats) -> Floats:
        if isinstance(item, np.ndarray):
            return self._checked(item)
        return self.get_vector(item)

    @steady
    def most_similar_cosmul(
        self,
        positive: Items = None,
        negative: Items = None,
        topn: int | None = 10,
        restrict_vocab: int | None = None,
    ) -> Any:
        """Find the keys with the best product of similarities (3CosMul).

        Source: Levy and Goldberg 2014, section 6: the product of (1 + cos) / 2 over `positive`,
        divided by that over `negative`.

        Parameters
        ----------
        positive, negative : key, (d,) ndarray, or iterable of these
            What to be near to, and what not.
        topn : int, optional
            How many to return; None returns the scores of all rows instead.
        restrict_vocab : int, optional
            Look at the first so many rows only.

        Returns
        -------
        list of (key, float), or float64 ndarray
            Best first, without the keys asked for.

        Raises
        ------
        KeyError
            If a key is not present.
        ValueError
            If nothing is given in `positive`.
        TypeError
            If an item has a weight.
        """
        if topn is not None:
            topn = operator.index(topn)
            if topn < 1:
                return []
        sides = [_weighted(positive, 1.0), _weighted(negative, 1.0)]
        if not sides[0]:
            raise ValueError("most_similar_cosmul needs a key or a vector in positive")
        if any(weight != 1 for side in sides for _, weight in side):
            raise TypeError("most_similar_cosmul takes no weights")
        rows = self._clip(0, None, restrict_vocab)
        products = [np.ones(len(rows)), np.ones(len(rows))]
        asked: set[int] = set()
        for side, product in zip(sides, products, strict=True):
            for item, _ in side:
                product *= (1 + self._cosines(self._vector_of(item), rows).astype(float)) / 2
                if not isinstance(item, np.ndarray) and (item in self.key_to_index or is_row(item)):
                    asked.add(self.get_index(item))
        scores = products[0] / (products[1] + COSMUL_EPSILON)
        if topn is None:
            return scores
        best = similarity.largest(scores, self._n_to_find(topn, asked))
        return self._named(best, scores[best], asked, topn)

    def similar_by_word(
        self, word: Key, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """Find the keys nearest to a key: see `most_similar`."""
        return self.similar_by_key(word, topn, restrict_vocab)

    def similar_by_key(
        self, key: Key, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """Find the keys nearest to a key: see `most_similar`."""
        return self.most_similar([key], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_vector(
        self, vector: npt.ArrayLike, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """Find the keys nearest to a vector, (d,): see `most_similar`."""
        array = similarity.plain(vector, "vector")
        return self.most_similar([array], topn=topn, restrict_vocab=restrict_vocab)

    @steady
    def rank_by_centrality(
        self, words: Iterable[Key], use_norm: bool = True
    ) -> list[tuple[np.float32, Key]]:
        """Order keys by their similarity to the mean of all of them, most similar first.

        Parameters
        ----------
        words : iterable of str or int
            Keys; those that are not present are left out with a warning.
        use_norm : bool
            Bring their vectors to length 1 first.

        Raises
        ------
        ValueError
            If no key is present.
        """
        given = list(finite(words))
        used = [word for word in given if word in self]
        if not used:
            raise ValueError("cannot select a word from an empty list")
        if len(used) != len(given):
            missing = [word for word in given if word not in self]
            logger.warning("left out, not present: %s", missing)
            warnings.warn(f"left out, not present: {missing}", UserWarning, stacklevel=2)
        vectors = self._vectors_of(used, norm=use_norm)
        if self._overrides(VectorStore, "get_mean_vector"):
            mean = self.get_mean_vector(vectors, post_normalize=True)
        else:
            mean = similarity.unit_double(vectors.astype(np.float64).sum(axis=0))
        scores: list[np.float32] = list((vectors @ mean).astype(np.float32))
        return sorted(zip(scores, used, strict=True), key=operator.itemgetter(0), reverse=True)

    def doesnt_match(self, words: Iterable[Key]) -> Key:
        """Return the key that is least similar to the mean: the last of `rank_by_centrality`."""
        return self.rank_by_centrality(words)[-1][1]

    @steady
    def most_similar_to_given(self, key1: Key, keys_list: Sequence[Key]) -> Key:
        """Return the key of a list that is most similar to `key1`; of equal ones the first.

        Raises
        ------
        KeyError
            If a key is not present.
        ValueError
            If the list is empty.
        """
        keys = list(finite(keys_list))
        if not keys:
            raise ValueError("most_similar_to_given needs at least one key to choose from")
        if self._has_own_vectors() or self._overrides(Queries, "similarity"):
            return keys[int(np.argmax([self.similarity(key1, key) for key in keys]))]
        cosines = similarity.cosines(self.vectors, self.get_vector(key1), self._rows(keys))
        return keys[int(np.argmax(cosines))]

    @steady
    def closer_than(self, key1: Key, key2: Key) -> list[Any]:
        """Return the keys that are more similar to `key1` than `key2` is, in the order of rows.

        Raises
        ------
        KeyError
            If a key is not present.
        """
        if self._overrides(Queries, "distances", "cosine_similarities"):
            nearness = -self.distances(key1)
        else:
            nearness = self._cosines(self.get_vector(key1), range(self.vectors.shape[0]))
        row_1, row_2 = self.get_index(key1), self.get_index(key2)
        closer = np.flatnonzero(nearness > nearness[row_2]).tolist()
        return [self.index_to_key[row] for row in closer if row != row_1]

    def words_closer_than(self, word1: Key, word2: Key) -> list[Any]:
        """Return the keys closer to `word1` than `word2`; gensim 3's name of `closer_than`.

        Warns
        -----
        DeprecationWarning
            Always.
        """
        warnings.warn(
            "words_closer_than is gensim 3's; use closer_than", DeprecationWarning, stacklevel=2
        )
        return self.closer_than(word1, word2)

    def rank(self, key1: Key, key2: Key) -> int:
        """Return the place of `key2` among the keys by their similarity to `key1`, from 1 on."""
        return len(self.closer_than(key1, key2)) + 1

    def relative_cosine_similarity(self, wa: Key, wb: Key, topn: int = 10) -> float:
        """Return the similarity of two keys over the sum of those of the `topn` nearest to `wa`.

        Above 1 / `topn` it speaks for synonyms.

        Source: Leeuwenberg, Vela, Dehdari, van Genabith 2016.

        Raises
        ------
        KeyError
            If a key is not present.
        """
        nearest = self.similar_by_word(wa, topn)
        return float(self.similarity(wa, wb) / sum(score for _, score in nearest))

    def wmdistance(
        self, document1: Iterable[Key], document2: Iterable[Key], norm: bool = True
    ) -> float:
        """Return the Word Mover's Distance of two documents (Kusner et al. 2015).

        It is the least Euclidean way to move the words of the one to those of the other.

        Parameters
        ----------
        document1, document2 : iterable of str or int
            Keys; those that are not present are left out.
        norm : bool
            Bring the vectors to length 1 first.

        Returns
        -------
        float
            Infinity if a document has no key that is present.

        Raises
        ------
        ImportError
            If POT, the package that solves the transport problem, is not installed.
        """
        try:
            from ot import emd2
        except ImportError as error:
            raise ImportError(
                "wmdistance needs the package POT (module ot) to solve the transport problem; "
                "install it, or fastw2v with the extra 'wmd'"
            ) from error
        counts: list[dict[Key, int]] = [{}, {}]
        for words, count in zip((document1, document2), counts, strict=True):
            missing = 0
            for word in finite(words):
                if word in self:
                    count[word] = count.get(word, 0) + 1
                else:
                    missing += 1
            if missing:
                logger.info("left out %d words that are not present", missing)
        if not counts[0] or not counts[1]:
            logger.warning("a document has no word that is present; the distance is infinite")
            return float("inf")
        if counts[0].keys() == counts[1].keys() and len(counts[0]) == 1:
            return 0.0
        weights = [np.array(list(count.values()), np.float64) for count in counts]
        a, b = (self._vectors_of(count, norm).astype(np.float64) for count in counts)
        costs = np.array([np.linalg.norm(point - b, axis=1) for point in a])
        return float(emd2(weights[0] / weights[0].sum(), weights[1] / weights[1].sum(), costs))

    def similarity_unseen_docs(self, *args: Any, **kwargs: Any) -> float:
        """Raise NotImplementedError: only document models can do this."""
        raise NotImplementedError("similarity_unseen_docs needs a document model (Doc2Vec)")


def _weighted(items: Items, weight: float) -> list[tuple[Key | Floats, float]]:
    """Give each of the items of `most_similar` its weight."""
    if items is None:
        return []
    if is_key(items) or (isinstance(items, np.ndarray) and items.ndim == 1):
        return [(items, weight)]
    pairs: list[tuple[Key | Floats, float]] = []
    for item in finite(cast("Iterable[Any]", items)):
        if is_key(item) or isinstance(item, np.ndarray):
            pairs.append((item, weight))
        elif isinstance(item, (tuple, list)) and len(item) == 2 and not isinstance(item[0], float):
            pairs.append((item[0], float(item[1])))
        else:
            raise TypeError(f"expected a key, an ndarray, or (item, weight), got {item!r}")
    return pairs
