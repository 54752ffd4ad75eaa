"""Changes of a table: keys and vectors that are added, replaced, sorted or brought to length 1."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fastw2v.keyedvectors import similarity
from fastw2v.keyedvectors.store import Key, VectorStore, as_list

_BLOCK_ROWS = 8192

_NO_KEY = "None marks a row without a key, so it cannot be a key; use 'None' or leave it out"


class EditableStore(VectorStore):
    """A table whose keys and vectors can be changed."""

    def __setitem__(self, keys: Key | Sequence[Key], weights: npt.ArrayLike) -> None:
        """Set the vector of a key, or of several; new keys are added."""
        self.add_vectors(keys, weights, replace=True)

    def unit_normalize_all(self) -> None:
        """Bring all vectors to length 1 in place, for good; zeros stay zeros.

        No similarity changes by a single bit.
        """
        for start in range(0, self._matrix().shape[0], _BLOCK_ROWS):
            block = self.vectors[start : start + _BLOCK_ROWS]
            block[...] = similarity.unit(block)

    def init_sims(self, replace: bool = False) -> None:
        """Bring all vectors to length 1 if `replace`, else do nothing; gensim 3's name.

        Warns
        -----
        DeprecationWarning
            Always.
        """
        warnings.warn(
            "init_sims is gensim 3's; use unit_normalize_all() for init_sims(replace=True)",
            DeprecationWarning,
            stacklevel=2,
        )
        if replace:
            self.unit_normalize_all()

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
        self._matrix()
        array = self._checked(vector)
        if key is None:
            raise ValueError(_NO_KEY)
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
        self._matrix()
        names = [None] if keys is None else as_list(keys)
        values = np.atleast_2d(similarity.floats(weights, self.vectors.dtype, "weights"))
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
        if None in names:
            raise ValueError(_NO_KEY)

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

    def resize_vectors(self, seed: int = 0) -> None:
        """Make `vectors` as long as `index_to_key`; new rows are random and short.

        Parameters
        ----------
        seed : int
            Seed of the new rows: uniform between -1/d and 1/d.
        """
        n_old, n_new = len(self.vectors), len(self.index_to_key)
        if n_old < n_new:
            random = np.random.default_rng(seed)
            rows = random.random((n_new - n_old, self.vector_size)) * 2 - 1
            added = (rows / self.vector_size).astype(self.vectors.dtype)
            self.vectors = np.concatenate([self.vectors, added])
        else:
            self.vectors = self.vectors[:n_new]
        self.next_index = n_new
        self.allocate_vecattrs()

    def sort_by_descending_frequency(self) -> None:
        """Sort the rows by the attribute "count", largest first, equal ones as they stand.

        Raises
        ------
        KeyError
            If there is no such attribute.
        """
        if not len(self):
            return
        if "count" not in self.expandos:
            raise KeyError(f"attribute 'count' not present; there are {sorted(self.expandos)}")
        self.allocate_vecattrs()
        order = descending(self.expandos["count"])
        if order is None:
            return
        self.index_to_key = [self.index_to_key[row] for row in order.tolist()]
        self.key_to_index = {
            key: row for row, key in enumerate(self.index_to_key) if key is not None
        }
        for attr, values in self.expandos.items():
            self.expandos[attr] = values[order]
        if len(self.vectors):
            self.vectors = self.vectors[order]


def descending(values: npt.NDArray[Any]) -> npt.NDArray[np.intp] | None:
    """Return the order of falling values, equal ones as they stand; None if that is the present."""
    if bool(np.all(values[:-1] >= values[1:])):
        return None
    # Sorted backwards, because unsigned values cannot be negated.
    return len(values) - 1 - np.argsort(values[::-1], kind="stable")[::-1]
