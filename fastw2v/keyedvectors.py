"""Words and their vectors: look-up, similarity, and the word2vec file formats.

The class has gensim's names and semantics, as far as it goes, and knows nothing of training.

Two things are done differently. Norms are computed when they are needed and never kept: that
costs one pass over the matrix, and no write to `vectors` can make an answer stale. And there is
one formula for every similarity, the dot product of the two stored vectors over the product of
their lengths, with sums that run along each row by itself. So a question gives the same floats
however it is put: by word or by vector, alone or among others, for all rows or for a slice.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, TypeGuard, TypeVar, cast

import numpy as np
import numpy.typing as npt

from fastw2v.formats import word2vec_binary, word2vec_text
from fastw2v.formats._table import encode_keys
from fastw2v.formats.atomic import StrPath

Floats: TypeAlias = npt.NDArray[Any]
Key: TypeAlias = "str | int | np.integer[Any]"
Item: TypeAlias = "Key | Floats | tuple[Key | Floats, float]"
Items: TypeAlias = "Key | Floats | Iterable[Item] | None"
SelfT = TypeVar("SelfT", bound="KeyedVectors")


class Indexer(Protocol):
    """An index for approximate search, such as gensim's AnnoyIndexer."""

    def most_similar(self, vector: Floats, num_neighbors: int) -> list[tuple[Any, float]]:
        """Return the `num_neighbors` keys nearest to `vector`, with their similarities."""
        ...


class KeyedVectors:
    """A table from keys to vectors.

    Parameters
    ----------
    vector_size : int
        Values in a vector, d.
    count : int
        Rows to allocate; `add_vector` fills them one after the other.
    dtype : dtype-like
        Type of the vectors.

    Attributes
    ----------
    vectors : (n, d) ndarray
        One row a key. It may be a view of a larger matrix with any row pitch, and may be written.
    index_to_key : list
        Key of each row; None for a row that `count` reserved and nothing filled.
    key_to_index : dict
        Row of each key.
    expandos : dict of str to (n,) ndarray
        Further attributes of the keys by name; training and loading set "count".
    vector_size : int
        d.
    next_index : int
        The row that `add_vector` fills next.

    Raises
    ------
    ValueError
        If `vector_size` is below 1 or `count` below 0.
    """

    def __init__(self, vector_size: int, count: int = 0, dtype: npt.DTypeLike = np.float32) -> None:
        if vector_size < 1:
            raise ValueError(f"vector_size must be at least 1, not {vector_size}")
        if count < 0:
            raise ValueError(f"count must be at least 0, not {count}")
        self.vector_size = vector_size
        self.vectors: Floats = np.zeros((count, vector_size), dtype)
        self.index_to_key: list[Any] = [None] * count
        self.key_to_index: dict[Any, int] = {}
        self.expandos: dict[str, npt.NDArray[Any]] = {}
        self.next_index = 0

    @classmethod
    def from_arrays(
        cls: type[SelfT],
        keys: Iterable[Any],
        vectors: Floats,
        counts: npt.ArrayLike | None = None,
    ) -> SelfT:
        """Make a table around a matrix without copying it.

        Parameters
        ----------
        keys : iterable
            Key of each row.
        vectors : (n, d) ndarray of floats
            Adopted as it is: writes through either name are seen through both.
        counts : (n,) array-like of int, optional
            How often each key occurs, kept as the attribute "count".

        Raises
        ------
        ValueError
            If the lengths disagree, a key comes twice, or `vectors` is no matrix of floats.
        """
        if vectors.ndim != 2 or vectors.dtype.kind != "f":
            raise ValueError(
                f"vectors must be a matrix of floats, not {vectors.dtype} of shape {vectors.shape}"
            )
        self = cls(vectors.shape[1])
        self.vectors = vectors
        self.index_to_key = list(keys)
        self.key_to_index = {key: row for row, key in enumerate(self.index_to_key)}
        self.next_index = len(self.index_to_key)
        if len(self.index_to_key) != len(vectors):
            raise ValueError(f"{len(self.index_to_key)} keys for {len(vectors)} vectors")
        if len(self.key_to_index) != len(self.index_to_key):
            row, key = next(
                (row, key)
                for row, key in enumerate(self.index_to_key)
                if self.key_to_index[key] != row
            )
            raise ValueError(f"the key {key!r} has the rows {row} and {self.key_to_index[key]}")
        if counts is not None:
            self.expandos["count"] = np.asarray(counts)
            if self.expandos["count"].shape != (len(vectors),):
                raise ValueError(
                    f"counts of shape {self.expandos['count'].shape} for {len(vectors)} vectors"
                )
        return self

    def __str__(self) -> str:
        return f"{type(self).__name__}<vector_size={self.vector_size}, {len(self)} keys>"

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __contains__(self, key: Key) -> bool:
        return self.has_index_for(key)

    def __getitem__(self, key_or_keys: Key | Iterable[Key]) -> Floats:
        """Return the vector of a key, (d,) and read-only, or those of several, (m, d)."""
        if _is_key(key_or_keys):
            return self.get_vector(key_or_keys)
        rows: Floats = self.vectors[self._rows(cast("Iterable[Key]", key_or_keys))]
        return rows

    def __setitem__(self, keys: Key | Sequence[Key], weights: npt.ArrayLike) -> None:
        """Set the vector of a key, or of several; new keys are added."""
        self.add_vectors(keys, weights, replace=True)

    # ---- keys and their attributes

    def get_index(self, key: Key, default: int | None = None) -> int:
        """Return the row of a key.

        An integer that is not itself a key is taken for a row, as in gensim.

        Raises
        ------
        KeyError
            If there is no such key and no default.
        """
        row = self.key_to_index.get(key)
        if row is not None:
            return row
        if isinstance(key, (int, np.integer)) and 0 <= key < len(self):
            return int(key)
        if default is not None:
            return default
        raise KeyError(f"Key '{key}' not present")

    def has_index_for(self, key: Key) -> bool:
        """Tell whether `get_index` would find the key."""
        return self.get_index(key, -1) >= 0

    def _rows(self, keys: Iterable[Key]) -> npt.NDArray[np.intp]:
        return np.array([self.get_index(key) for key in keys], dtype=np.intp)

    def allocate_vecattrs(
        self, attrs: Sequence[str] | None = None, types: Sequence[npt.DTypeLike] | None = None
    ) -> None:
        """Make room for attributes of the keys, filled with zeros (None for objects).

        Parameters
        ----------
        attrs, types : sequence, optional
            Names, and a type for each; int is stored as int64 and str as object. Without them the
            present attributes are fitted to the number of keys.

        Raises
        ------
        TypeError
            If an attribute is present with a type that cannot hold the new one.
        """
        if attrs is None or types is None:
            attrs = list(self.expandos)
            types = [self.expandos[attr].dtype for attr in attrs]
        for attr, wanted in zip(attrs, types, strict=True):
            kind = np.dtype(object if wanted is str else np.int64 if wanted is int else wanted)
            present = self.expandos.get(attr)
            if present is None:
                present = np.empty(0, kind)
            elif not np.can_cast(kind, present.dtype, "same_kind"):
                raise TypeError(f"the attribute {attr!r} is {present.dtype}, which holds no {kind}")
            if attr not in self.expandos or len(present) != len(self):
                filler = np.full(
                    max(len(self) - len(present), 0),
                    None if present.dtype == object else 0,
                    present.dtype,
                )
                self.expandos[attr] = np.concatenate([present[: len(self)], filler])

    def set_vecattr(self, key: Key, attr: str, val: Any) -> None:
        """Set an attribute of a key; the first value decides the attribute's type.

        Raises
        ------
        KeyError
            If there is no such key.
        TypeError
            If the value does not fit the attribute's type.
        """
        row = self.get_index(key)
        self.allocate_vecattrs([attr], [type(val)])
        self.expandos[attr][row] = val

    def get_vecattr(self, key: Key, attr: str) -> Any:
        """Return an attribute of a key.

        Raises
        ------
        KeyError
            If there is no such key, or no such attribute.
        """
        row = self.get_index(key)
        if attr not in self.expandos:
            raise KeyError(f"attribute {attr!r} not present; there are {sorted(self.expandos)}")
        return self.expandos[attr][row]

    # ---- vectors

    def get_vector(self, key: Key, norm: bool = False) -> Floats:
        """Return the vector of a key, (d,), read-only.

        Parameters
        ----------
        key : str or int
            The key.
        norm : bool
            Return a copy of length 1 and not a view of the stored vector; zeros stay zeros.

        Raises
        ------
        KeyError
            If there is no such key.
        """
        vector: Floats = self.vectors[self.get_index(key)]
        if norm:
            vector = _unit(vector).astype(self.vectors.dtype)
        vector.flags.writeable = False
        return vector

    def get_normed_vectors(self) -> Floats:
        """Return a new matrix, (n, d), of the vectors at length 1; zeros stay zeros."""
        lengths = np.sqrt(_squares(self.vectors))
        lengths[lengths == 0] = 1
        normed: Floats = self.vectors / lengths[:, None]
        return normed

    def get_mean_vector(
        self,
        keys: Iterable[Key | Floats] | Key,
        weights: npt.ArrayLike | None = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> Floats:
        """Return the weighted mean of vectors, (d,): their sum over the sum of ``|weight|``.

        Parameters
        ----------
        keys : iterable of str, int or (d,) ndarray
            Keys, or vectors, which are taken as they are.
        weights : array-like, optional
            One for each of `keys`; 1 by default.
        pre_normalize, post_normalize : bool
            Bring the vectors of the keys, or the mean, to length 1.
        ignore_missing : bool
            Leave out keys that are not present.

        Raises
        ------
        ValueError
            If `keys` is empty or `weights` has another length.
        KeyError
            If a key is not present and `ignore_missing` is false.
        """
        items = _as_list(keys)
        if not items:
            raise ValueError("cannot compute mean with no input")
        factors = np.ones(len(items)) if weights is None else np.asarray(weights, np.float64)
        if factors.shape != (len(items),):
            raise ValueError(f"weights of shape {factors.shape} for {len(items)} keys")
        total = np.zeros(self.vector_size)
        total_weight = 0.0
        for item, factor in zip(items, factors.tolist(), strict=True):
            if isinstance(item, np.ndarray):
                vector = self._checked(item)
            elif item in self:
                stored = self.vectors[self.get_index(item)]
                vector = _unit(stored) if pre_normalize else stored
            elif ignore_missing:
                continue
            else:
                raise KeyError(f"Key '{item}' not present in vocabulary")
            total += factor * vector.astype(np.float64)
            total_weight += abs(factor)
        mean = total / (total_weight or 1.0)
        return (_unit(mean) if post_normalize else mean).astype(self.vectors.dtype)

    def _checked(self, vector: npt.ArrayLike) -> Floats:
        array: Floats = np.asarray(vector, dtype=self.vectors.dtype)
        if array.shape != (self.vector_size,):
            raise ValueError(
                f"a vector of shape {array.shape} was given, these have ({self.vector_size},)"
            )
        return array

    def add_vector(self, key: Key, vector: npt.ArrayLike) -> int:
        """Add one key and return its row: one that `count` reserved, else a new one at the end.

        Raises
        ------
        ValueError
            If the key is present (assign to ``kv[key]`` to replace), or the shape is wrong.

        Warns
        -----
        UserWarning
            If the matrix has to grow, which copies it.
        """
        array = self._checked(vector)
        if key in self.key_to_index:
            raise ValueError(f"the key {key!r} is present; kv[key] = vector replaces it")
        row = self.next_index
        if row < len(self) and self.index_to_key[row] is None:
            self.index_to_key[row] = key
            self.key_to_index[key] = row
            self.vectors[row] = array
            self.next_index += 1
            return row
        warnings.warn(
            "every add_vector copies the whole matrix; use add_vectors, or reserve rows with count",
            UserWarning,
            stacklevel=2,
        )
        self.add_vectors([key], array)
        return len(self) - 1

    def add_vectors(
        self,
        keys: Key | Sequence[Key],
        weights: npt.ArrayLike,
        extras: Mapping[str, npt.ArrayLike] | None = None,
        replace: bool = False,
    ) -> None:
        """Add keys at the end; `vectors` becomes a new matrix.

        Parameters
        ----------
        keys : key or sequence of m keys
            What to add.
        weights : (m, d) array-like
            Their vectors.
        extras : dict of str to (m,) array-like, optional
            Attributes of the keys.
        replace : bool
            Also set the vectors and attributes of keys that are present, which otherwise stay.

        Raises
        ------
        ValueError
            If a key comes twice, or the shapes disagree. Nothing has changed then.
        """
        names = _as_list(keys)
        values = np.atleast_2d(np.asarray(weights, dtype=self.vectors.dtype))
        if values.shape != (len(names), self.vector_size) and names:
            raise ValueError(
                f"weights of shape {np.shape(weights)} for {len(names)} keys of size "
                f"{self.vector_size}"
            )
        attributes = {attr: np.asarray(column) for attr, column in (extras or {}).items()}
        for attr, column in attributes.items():
            if column.shape != (len(names),):
                raise ValueError(f"{attr!r} of shape {column.shape} for {len(names)} keys")
        if len(set(names)) != len(names):
            twice = next(name for i, name in enumerate(names) if name in names[:i])
            raise ValueError(f"the key {twice!r} is given twice")

        new = [i for i, name in enumerate(names) if name not in self.key_to_index]
        changed = list(range(len(names))) if replace else new
        if new:
            if self.next_index == len(self):
                self.next_index += len(new)
            for i in new:
                self.key_to_index[names[i]] = len(self.index_to_key)
                self.index_to_key.append(names[i])
            self.vectors = np.concatenate([self.vectors, values[new]])
        rows = [self.key_to_index[names[i]] for i in changed]
        if replace:
            self.vectors[rows] = values[changed]
        self.allocate_vecattrs()
        self.allocate_vecattrs(list(attributes), [column.dtype for column in attributes.values()])
        for attr, column in attributes.items():
            self.expandos[attr][rows] = column[changed]

    # ---- similarity

    @staticmethod
    def cosine_similarities(vector_1: npt.ArrayLike, vectors_all: npt.ArrayLike) -> Floats:
        """Return the cosines between one vector, (d,), and the rows of a matrix, as (n,) float32.

        A vector of zeros is similar to nothing: its cosines are 0.
        """
        # einsum adds up each row by itself, in an order that depends on d alone (up to the 8,192
        # elements of its buffer). A product by BLAS takes two thirds of the time, but its order
        # changes with the number of rows.
        vector, matrix = np.asarray(vector_1), np.asarray(vectors_all)
        with np.errstate(over="ignore", invalid="ignore"):
            dots = np.einsum("ij,j->i", matrix, vector)
            squares = _squares(matrix).astype(np.float64)
            square = _squares(vector[None]).astype(np.float64)[0]
            # In double: the cosine of a vector with itself comes out as 1 exactly.
            lengths = np.sqrt(squares) * np.sqrt(square)
            cosines = np.divide(dots, lengths, out=np.zeros_like(lengths), where=lengths != 0)
        result: Floats = cosines.astype(np.float32)
        return result

    similarities = cosine_similarities

    def similarity(self, w1: Key, w2: Key) -> float:
        """Return the cosine of the vectors of two keys; KeyError if one is not present."""
        row = self.get_index(w2)
        cosines = self.cosine_similarities(
            self.vectors[self.get_index(w1)], self.vectors[row : row + 1]
        )
        return float(cosines[0])

    def distance(self, w1: Key, w2: Key) -> float:
        """Return 1 - `similarity`."""
        return float(self.distances(w1, [w2])[0])

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
        if _is_key(word_or_vector):
            vector = self.vectors[self.get_index(word_or_vector)]
        else:
            vector = self._checked(word_or_vector)
        rows = self._rows(other_words)
        others = self.vectors[rows] if len(rows) else self.vectors
        distances: Floats = np.float32(1) - self.cosine_similarities(vector, others)
        return distances

    def n_similarity(self, ws1: Sequence[Key], ws2: Sequence[Key]) -> float:
        """Return the cosine between the means of two lists of keys.

        Keys that are not present are left out.

        Raises
        ------
        ZeroDivisionError
            If a list is empty.
        """
        if not len(ws1) or not len(ws2):
            raise ZeroDivisionError("n_similarity needs at least one key on each side")
        mean_1 = self.get_mean_vector(ws1, pre_normalize=False)
        mean_2 = self.get_mean_vector(ws2, pre_normalize=False)
        return float(self.cosine_similarities(mean_1, mean_2[None])[0])

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
        if restrict_vocab:
            clip_start, clip_end = 0, restrict_vocab
        if indexer is not None and topn is not None:
            return indexer.most_similar(query, topn)
        rows = range(len(self))[clip_start:clip_end]
        cosines = self.cosine_similarities(query, self.vectors[rows.start : rows.stop])
        if topn is None:
            return cosines
        n_unfilled = len(self) - len(self.key_to_index)
        best = _largest(cosines, topn + len(asked) + n_unfilled) + rows.start
        found = [
            (self.index_to_key[row], float(cosines[row - rows.start]))
            for row in best.tolist()
            if row not in asked and self.index_to_key[row] is not None
        ]
        return found[:topn]

    def _query(self, positive: Items, negative: Items) -> tuple[Floats, set[int]]:
        """Return the vector to search for, (d,), and the rows of the keys that it is made of."""
        items = [*_weighted(positive, 1.0), *_weighted(negative, -1.0)]
        if not items:
            raise ValueError("most_similar needs a key or a vector in positive or negative")
        total = np.zeros(self.vector_size)
        asked: set[int] = set()
        for item, weight in items:
            if isinstance(item, np.ndarray):
                vector = self._checked(item).astype(np.float64)
            else:
                row = self.get_index(item)
                asked.add(row)
                # A single vector keeps its length, which does not matter, and so its bits.
                vector = self.vectors[row].astype(np.float64)
                vector = _unit(vector) if len(items) > 1 else vector
            total += weight * vector
        return total.astype(self.vectors.dtype), asked

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
        return self.most_similar([np.asarray(vector)], topn=topn, restrict_vocab=restrict_vocab)

    def rank_by_centrality(
        self, words: Iterable[Key], use_norm: bool = True
    ) -> list[tuple[float, Key]]:
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
        given = list(words)
        used = [word for word in given if word in self]
        if not used:
            raise ValueError("cannot select a word from an empty list")
        if len(used) != len(given):
            missing = [word for word in given if word not in self]
            warnings.warn(f"left out, not present: {missing}", UserWarning, stacklevel=2)
        vectors = np.array([self.get_vector(word, norm=use_norm) for word in used])
        mean = _unit(vectors.astype(np.float64).sum(axis=0))
        scores: list[float] = (vectors @ mean).tolist()
        return sorted(zip(scores, used, strict=True), key=operator.itemgetter(0), reverse=True)

    def doesnt_match(self, words: Iterable[Key]) -> Key:
        """Return the key that is least similar to the mean: the last of `rank_by_centrality`."""
        return self.rank_by_centrality(words)[-1][1]

    # ---- files

    def save_word2vec_format(
        self,
        fname: StrPath,
        fvocab: StrPath | None = None,
        binary: bool = False,
        total_vec: int | None = None,
        write_header: bool = True,
        prefix: str = "",
        append: bool = False,
        sort_attr: str = "count",
    ) -> None:
        """Write the vectors in the text or binary format of word2vec.c.

        The file is replaced as a whole: whatever goes wrong, the old one stays as it was.

        Parameters
        ----------
        fname : path-like
            File to write; a name in .gz, .bz2 or .xz is compressed.
        fvocab : path-like, optional
            File for the keys and their `sort_attr`, one a line.
        binary : bool
            Binary and not text.
        total_vec : int, optional
            Number of vectors for the header, if more will be appended.
        write_header : bool
            Write the header line.
        prefix : str
            Text before every key.
        append : bool
            Write behind the present content; needs ``write_header=False``.
        sort_attr : str
            Attribute that orders the rows, largest first. Without counts they stay in place.

        Raises
        ------
        FormatError
            If the format cannot hold a key: the message names it. Nothing has been written then.
        KeyError
            If `sort_attr` is neither "count" nor present.
        ValueError
            If `fvocab` is given and the attribute is not present.
        """
        values = self.expandos.get(sort_attr)
        if values is None and fvocab is not None:
            raise ValueError(f"fvocab needs the attribute {sort_attr!r}, which is not present")
        if values is None and sort_attr != "count":
            raise KeyError(
                f"attribute {sort_attr!r} not present; there are {sorted(self.expandos)}"
            )
        if fvocab is not None:
            # Before anything is written: the binary format alone would take more keys.
            encode_keys(
                self.index_to_key, prefix=prefix, format_name="word counts", unicode_space=True
            )
        order = None if values is None else _descending(values)
        file_format = word2vec_binary if binary else word2vec_text
        file_format.write(
            fname,
            self.index_to_key,
            self.vectors,
            order=order,
            total=total_vec,
            header=write_header,
            prefix=prefix,
            append=append,
        )
        if fvocab is not None and values is not None:
            rows = np.arange(len(self)) if order is None else order
            word2vec_text.write_counts(
                fvocab,
                [self.index_to_key[row] for row in rows.tolist()],
                values[rows].tolist(),
                prefix=prefix,
                append=append,
            )

    @classmethod
    def load_word2vec_format(
        cls: type[SelfT],
        fname: StrPath,
        fvocab: StrPath | None = None,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
        limit: int | None = None,
        datatype: npt.DTypeLike = np.float32,
        no_header: bool = False,
    ) -> SelfT:
        """Read a text or binary file of word2vec.c, gensim, fastText (.vec) or GloVe.

        Parameters
        ----------
        fname : path-like
            File to read; .gz, .bz2 and .xz are unpacked.
        fvocab : path-like, optional
            File of words and counts for the attribute "count". Without it the counts are made up
            as n, n - 1, ..., 1, which keeps the order when the vectors are saved again.
        binary : bool
            Binary and not text.
        encoding, unicode_errors : str
            How to decode the words, as in `bytes.decode`.
        limit : int, optional
            Read only so many vectors, from the beginning.
        datatype : dtype-like
            Type of the vectors in memory.
        no_header : bool
            The (text) file begins with the first vector, as GloVe's do.

        Raises
        ------
        FormatError
            If the file is damaged; `TruncatedFileError`, also an EOFError, if it is too short.
            The message names the file, and the line or the vector.
        NotImplementedError
            If a binary file is to be read without a header.

        Warns
        -----
        UserWarning
            For repeated words, of which the first counts, for content behind the last vector, for
            a last line without an end, and for words that `fvocab` lacks (they get 0).
        """
        if binary and no_header:
            raise NotImplementedError("no_header is for text files: binary ones need the header")
        counts: dict[str, int] | None = None
        if fvocab is not None:
            counts = word2vec_text.read_counts(
                fvocab, encoding=encoding, unicode_errors=unicode_errors
            )
        if binary:
            keys, vectors = word2vec_binary.read(
                fname,
                limit=limit,
                encoding=encoding,
                unicode_errors=unicode_errors,
                dtype=datatype,
            )
        else:
            keys, vectors = word2vec_text.read(
                fname,
                no_header=no_header,
                limit=limit,
                encoding=encoding,
                unicode_errors=unicode_errors,
                dtype=datatype,
            )
        if counts is None:
            return cls.from_arrays(keys, vectors, np.arange(len(keys), 0, -1))
        missing = [key for key in keys if key not in counts]
        if missing:
            warnings.warn(
                f"{fvocab} lacks {len(missing)} of the words, first {missing[0]!r}",
                UserWarning,
                stacklevel=2,
            )
        column = np.array([counts.get(key, 0) for key in keys], dtype=np.int64)
        return cls.from_arrays(keys, vectors, column)


def _is_key(value: object) -> TypeGuard[Key]:
    return isinstance(value, (str, bytes, int, np.integer))


def _as_list(value: Any) -> list[Any]:
    return [value] if _is_key(value) else list(value)


def _weighted(items: Items, weight: float) -> list[tuple[Key | Floats, float]]:
    """Give each of the items of `most_similar` its weight."""
    if items is None:
        return []
    if _is_key(items) or (isinstance(items, np.ndarray) and items.ndim == 1):
        return [(items, weight)]
    pairs: list[tuple[Key | Floats, float]] = []
    for item in cast("Iterable[Any]", items):
        if _is_key(item) or isinstance(item, np.ndarray):
            pairs.append((item, weight))
        elif isinstance(item, (tuple, list)) and len(item) == 2 and not isinstance(item[0], float):
            pairs.append((item[0], float(item[1])))
        else:
            raise TypeError(f"expected a key, an ndarray, or (item, weight), got {item!r}")
    return pairs


def _squares(vectors: Floats) -> Floats:
    """Return the squared lengths of the rows, (n,), summed as the dot products are."""
    squares: Floats = np.einsum("ij,ij->i", vectors, vectors)
    return squares


def _unit(vector: Floats) -> Floats:
    """Return a vector at length 1 in float64; zeros stay zeros."""
    double = vector.astype(np.float64)
    length = float(np.sqrt(double @ double))
    return double / length if length else double


def _largest(scores: Floats, n: int) -> npt.NDArray[np.intp]:
    """Return where the n largest are, best first; of equal ones the first, not a number last."""
    order = np.where(np.isnan(scores), np.inf, -scores)
    if n >= len(order):
        return np.argsort(order, kind="stable")
    limit = np.partition(order, n - 1)[n - 1]
    candidates = np.flatnonzero(order <= limit)
    return candidates[np.argsort(order[candidates], kind="stable")][:n]


def _descending(values: npt.NDArray[Any]) -> npt.NDArray[np.intp] | None:
    """Return the order of falling values, equal ones as they stand; None if that is the present."""
    if bool(np.all(values[:-1] >= values[1:])):
        return None
    # Sorted backwards, because unsigned values cannot be negated.
    return len(values) - 1 - np.argsort(values[::-1], kind="stable")[::-1]
