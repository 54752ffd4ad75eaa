"""The table itself: keys, their vectors, and further attributes of the keys."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, ClassVar, NoReturn, TypeAlias, TypeGuard, TypeVar, cast

import numpy as np
import numpy.typing as npt

from fastw2v.formats.atomic import StrPath
from fastw2v.iterables import finite
from fastw2v.keyedvectors import similarity
from fastw2v.keyedvectors.missing import MissingKeyError
from fastw2v.keyedvectors.similarity import Floats
from fastw2v.keyedvectors.steady import steady, still, will_move
from fastw2v.lifecycle import Lifecycle
from fastw2v.paths import expanded

Key: TypeAlias = "str | int | np.integer[Any]"
StoreT = TypeVar("StoreT", bound="VectorStore")


class VectorStore(Lifecycle):
    """A table from keys to vectors.

    Parameters
    ----------
    vector_size : int
        Values in a vector, d.
    count : int
        Rows to allocate; `add_vector` fills them one after the other.
    dtype : dtype-like
        Type of the vectors.
    mapfile_path : path-like, optional
        File to create for the reserved rows, which are mapped into memory then.

    Attributes
    ----------
    vectors : (n, d) ndarray
        One row a key. It may be a view of a larger matrix with any row pitch, and may be written.
        Another matrix of floats is taken as it is when it is assigned; other numbers are converted
        to float32, or to float64 where float32 cannot hold them exactly.
    index_to_key : list
        Key of each row; None for a row that `count` reserved and nothing filled. An array of keys
        that is assigned becomes a list.
    key_to_index : dict
        Row of each key.
    expandos : dict of str to (n,) ndarray
        Further attributes of the keys by name; training and loading set "count".
    vector_size : int
        d, that of the matrix that was assigned last.
    next_index : int
        The row that `add_vector` fills next.
    norms : (n,) ndarray
        Lengths of the vectors.

    Raises
    ------
    ValueError
        If `vector_size` is below 1 or `count` below 0; later, if `vectors` is set to what is no
        matrix of numbers.
    """

    vectors: Floats

    _moves = 0
    """Counts the moves of the rows of `vectors` by a model in training, beginnings and ends.

    Odd while they are moved; a multiple of 4 while they are where they are between two epochs.
    """

    _training_thread: int | None = None
    """Which thread trains the vectors."""

    def __init__(
        self,
        vector_size: int,
        count: int = 0,
        dtype: npt.DTypeLike = np.float32,
        mapfile_path: StrPath | None = None,
    ) -> None:
        if vector_size < 1:
            raise ValueError(f"vector_size must be at least 1, not {vector_size}")
        if count < 0:
            raise ValueError(f"count must be at least 0, not {count}")
        self.vector_size = vector_size
        self.mapfile_path = mapfile_path
        if mapfile_path is None or not count:
            self.vectors = np.zeros((count, vector_size), dtype)
        else:
            self.vectors = np.memmap(
                expanded(mapfile_path), dtype, "w+", shape=(count, vector_size)
            )
        self.index_to_key: list[Any] = [None] * count
        self.key_to_index: dict[Any, int] = {}
        self.expandos = {}
        self.next_index = 0
        self.norms = None

    # What a subclass whose `__init__` is all its own may leave out. No `__getattr__`, which would
    # slow down every look-up.

    @cached_property
    def expandos(self) -> dict[str, npt.NDArray[Any]]:
        """Further attributes of the keys by name."""
        return {}

    @cached_property
    def next_index(self) -> int:
        """The row that `add_vector` fills next."""
        return len(self)

    @cached_property
    def vector_size(self) -> int:
        """Values in a vector."""
        return int(self.vectors.shape[1])

    TABLE: ClassVar[type[VectorStore]]
    """The class of tables that are made of others: this one, without what a subclass derives."""

    @classmethod
    def from_arrays(
        cls: type[StoreT],
        keys: Iterable[Any],
        vectors: Floats,
        counts: npt.ArrayLike | None = None,
    ) -> StoreT:
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
        if not isinstance(vectors, np.ndarray):
            vectors = similarity.plain(vectors, "vectors")
        if vectors.ndim != 2 or vectors.dtype.kind != "f":
            raise ValueError(
                f"vectors must be a matrix of floats, not {vectors.dtype} of shape {vectors.shape}"
            )
        self = cls(vectors.shape[1])
        self.vectors = vectors
        self._set_keys(list(finite(keys)))
        if len(self.index_to_key) != len(vectors):
            raise ValueError(f"{len(self.index_to_key)} keys for {len(vectors)} vectors")
        if counts is not None:
            self.expandos["count"] = np.asarray(counts)
            if self.expandos["count"].shape != (len(vectors),):
                raise ValueError(
                    f"counts of shape {self.expandos['count'].shape} for {len(vectors)} vectors"
                )
        return self

    def _set_keys(self, keys: list[Any], index: dict[Any, int] | None = None) -> None:
        """Take a key for each row, None for rows without one; ValueError if one comes twice."""
        self.index_to_key = keys
        if index is not None:
            self.key_to_index = index
        else:
            self.key_to_index = dict(zip(keys, range(len(keys)), strict=True))
            self.key_to_index.pop(None, None)
        self.next_index = self._n_keys()
        if len(self.key_to_index) != self.next_index:
            row, key = next(
                (row, key)
                for row, key in enumerate(keys)
                if key is not None and self.key_to_index[key] != row
            )
            raise ValueError(
                f"index_to_key: the key {key!r} has the rows {row} and {self.key_to_index[key]}"
            )

    def _n_keys(self) -> int:
        """Return how many rows have a key."""
        return len(self.index_to_key) - self.index_to_key.count(None)

    def __setattr__(self, name: str, value: Any) -> None:
        # Not a property: `vectors` is read far more often than it is set, and `vars` shows it.
        if name == "vectors":
            value = _as_matrix(value)
            if isinstance(value, np.ndarray):
                super().__setattr__("vector_size", value.shape[1])
        elif name == "index_to_key" and not isinstance(value, list):
            value = value.tolist() if isinstance(value, np.ndarray) else list(value)
        super().__setattr__(name, value)

    def __str__(self) -> str:
        return f"{type(self).__name__}<vector_size={self.vector_size}, {len(self)} keys>"

    def __repr__(self) -> str:
        try:
            return str(self)
        except AttributeError:  # a constructor has failed
            return object.__repr__(self)

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the keys, in the order of the rows."""
        return (key for key in self.index_to_key if key is not None)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Floats:
        """Return the vectors, (n, d), for NumPy; a copy while another thread trains them."""
        if copy or will_move(self):
            with still(self):
                return np.array(self._matrix(), dtype)
        return np.asarray(self._matrix(), dtype)

    def __contains__(self, key: Key) -> bool:
        return self.has_index_for(key)

    def __getitem__(self, key_or_keys: Key | Iterable[Key]) -> Floats:
        """Return the vector of a key, (d,) and read-only, or those of several, (m, d)."""
        if is_key(key_or_keys):
            return self.get_vector(key_or_keys)
        return self._vectors_of(cast("Iterable[Key]", key_or_keys))

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
        raise MissingKeyError(f"Key '{key}' not present", key, self.key_to_index)

    def _unknown(self, key: Any) -> KeyError:
        """Return the error of a key that is not present among those of a sum."""
        return MissingKeyError(f"Key '{key}' not present in vocabulary", key, self.key_to_index)

    def has_index_for(self, key: Key) -> bool:
        """Tell whether `get_index` would find the key."""
        return self.get_index(key, -1) >= 0

    def _rows(self, keys: Iterable[Key]) -> npt.NDArray[np.intp]:
        return np.array([self.get_index(key) for key in finite(keys)], dtype=np.intp)

    def _has_own_vectors(self) -> bool:
        """Tell whether a subclass, or the object itself, says what the vectors of keys are.

        Queries read the rows of `vectors` directly unless it does: many rows take one operation.
        """
        cls = type(self)
        return (
            cls.get_vector is not _GET_VECTOR
            or cls.__getitem__ is not _GET_ITEM
            or "get_vector" in self.__dict__
        )

    def _overrides(self, owner: type, *names: str) -> bool:
        """Tell whether a subclass, or the object itself, overrides any of `owner`'s methods."""
        cls, own = type(self), vars(self)
        for name in names:  # noqa: SIM110 (a generator takes twice as long)
            if getattr(cls, name) is not getattr(owner, name) or name in own:
                return True
        return False

    @steady
    def _vectors_of(self, keys: Iterable[Key], norm: bool = False) -> Floats:
        """Return what `get_vector` returns for each of several keys, as a new matrix."""
        if not self._has_own_vectors():
            rows: Floats = self._matrix()[self._rows(keys)]
            return similarity.unit(rows) if norm else rows
        found = [
            self.get_vector(key, norm) if norm else self.get_vector(key) for key in finite(keys)
        ]
        return np.array(found) if found else self.vectors[:0]

    def _matrix(self) -> Floats:
        """Return `vectors`, which a program may have replaced by what is no array."""
        if not isinstance(self.vectors, np.ndarray):
            raise TypeError(
                f"vectors is a {type(self.vectors).__name__}; set it to an ndarray of shape "
                f"({len(self)}, {self.vector_size}) first, such as vectors.toarray()"
            )
        return self.vectors

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

        A whole number may be given as a float to "count" and to other attributes of integers.

        Raises
        ------
        KeyError
            If there is no such key.
        TypeError
            If the value does not fit the attribute's type.
        """
        row = self.get_index(key)
        present = self.expandos.get(attr)
        whole = attr == "count" if present is None else present.dtype.kind in "iu"
        if whole and isinstance(val, (float, np.floating)) and float(val).is_integer():
            val = int(val)
        self.allocate_vecattrs([attr], [type(val)])
        try:
            self.expandos[attr][row] = val
        except OverflowError as error:
            raise TypeError(
                f"the attribute {attr!r} is {self.expandos[attr].dtype}, which does not hold {val}"
            ) from error

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
        moves = self._moves
        vector: Floats = self.vectors[self.get_index(key)]
        if not isinstance(vector, np.ndarray):
            self._matrix()
        if norm:
            vector = similarity.unit(vector)
        if moves & 3 or self._moves != moves or self._training_thread is not None:
            vector = self._vector_in_training(key, norm)
        vector.flags.writeable = False
        return vector

    @steady
    def _vector_in_training(self, key: Key, norm: bool) -> Floats:
        """Return a copy of a vector whose row will be moved."""
        vector: Floats = self.vectors[self.get_index(key)].copy()
        return similarity.unit(vector) if norm else vector

    def word_vec(self, *args: Any, **kwargs: Any) -> Floats:
        """Return the vector of a key; gensim 3's name of `get_vector`.

        Warns
        -----
        DeprecationWarning
            Always.
        """
        warnings.warn("word_vec is gensim 3's; use get_vector", DeprecationWarning, stacklevel=2)
        return self.get_vector(*args, **kwargs)

    @property
    @steady
    def norms(self) -> Floats:
        """Lengths of the vectors, (n,), computed anew at every access: they are never stale."""
        return similarity.lengths(self.vectors).astype(self.vectors.dtype)

    @norms.setter
    def norms(self, value: object) -> None:
        """Accept what gensim's users assign to make it compute the lengths anew."""
        # Programs that copy or compare the attributes of two tables expect one of this name.
        vars(self)["norms"] = None

    def fill_norms(self, force: bool = False) -> None:
        """Do nothing: `norms` are computed when they are needed."""

    @steady
    def get_normed_vectors(self) -> Floats:
        """Return a new matrix, (n, d), of the vectors at length 1; zeros stay zeros."""
        return similarity.unit(self.vectors)

    @steady
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
        items = as_list(keys)
        if not items:
            raise ValueError("cannot compute mean with no input")
        factors = np.ones(len(items)) if weights is None else np.asarray(weights, np.float64)
        if factors.shape != (len(items),):
            raise ValueError(f"weights of shape {factors.shape} for {len(items)} keys")
        total = np.zeros(self.vector_size)
        total_weight = 0.0
        overridden = self._has_own_vectors()
        for item, factor in zip(items, factors.tolist(), strict=True):
            if isinstance(item, np.ndarray) or hasattr(item, "toarray"):
                vector = self._checked(item)
            elif item in self:
                if overridden:
                    vector = self._checked(self.get_vector(item, norm=pre_normalize))
                else:
                    stored = self._matrix()[self.get_index(item)]
                    vector = similarity.unit_double(stored) if pre_normalize else stored
            elif ignore_missing:
                continue
            else:
                raise self._unknown(item)
            total += factor * vector.astype(np.float64)
            total_weight += abs(factor)
        mean = total / (total_weight or 1.0)
        return (similarity.unit_double(mean) if post_normalize else mean).astype(self.vectors.dtype)

    def _checked(self, vector: npt.ArrayLike) -> Floats:
        array = similarity.floats(vector, self.vectors.dtype, "the vector")
        if array.shape != (self.vector_size,):
            raise ValueError(
                f"a vector of shape {array.shape} was given, these have ({self.vector_size},)"
            )
        return array

    def vectors_for_all(
        self, keys: Iterable[Key], allow_inference: bool = True, copy_vecattrs: bool = False
    ) -> Any:
        """Return a new table of the keys that are present, each once, in the order given.

        Parameters
        ----------
        keys : iterable of str or int
            Keys; those of a set come in the order of this table.
        allow_inference : bool
            Also take keys that have no row but are `in` the table: a subclass may have vectors for
            them.
        copy_vecattrs : bool
            Copy the attributes; otherwise there is only "count", m, m - 1, ..., 1.

        Returns
        -------
        KeyedVectors
            A plain one, also where a subclass derives the vectors.
        """
        wanted = list(dict.fromkeys(finite(keys)))
        if isinstance(keys, (set, frozenset)):
            wanted.sort(key=lambda key: self.get_index(key, len(self)))
        found = [
            key
            for key in wanted
            if key in self.key_to_index or (allow_inference and not is_row(key) and key in self)
        ]
        table = self.TABLE(self.vector_size, len(found), self.vectors.dtype)
        table.index_to_key = list(found)
        table.key_to_index = {key: row for row, key in enumerate(found)}
        table.next_index = len(found)
        if found:
            derived = self._has_own_vectors()
            table.vectors[:] = [self[key] for key in found] if derived else self[found]
        if not copy_vecattrs:
            table.expandos["count"] = np.arange(len(found), 0, -1)
            return table
        known = [row for row, key in enumerate(found) if key in self.key_to_index]
        sources = [self.key_to_index[found[row]] for row in known]
        for attr, values in self.expandos.items():
            table.allocate_vecattrs([attr], [values.dtype])
            table.expandos[attr][known] = values[sources]
        return table

    # ---- names of gensim 3 that must not seem to work

    @property
    def vocab(self) -> NoReturn:
        """Gone since gensim 4."""
        raise AttributeError(
            "vocab was removed in gensim 4: use key_to_index, index_to_key, and "
            "get_vecattr(key, 'count')"
        )

    @property
    def index2word(self) -> NoReturn:
        """Gone since gensim 4."""
        raise AttributeError("index2word has been index_to_key since gensim 4")

    @property
    def index2entity(self) -> NoReturn:
        """Gone since gensim 4."""
        raise AttributeError("index2entity has been index_to_key since gensim 4")

    @property
    def vectors_norm(self) -> NoReturn:
        """Gone since gensim 4."""
        raise AttributeError("vectors_norm has been get_normed_vectors() since gensim 4")


_GET_VECTOR, _GET_ITEM = VectorStore.get_vector, VectorStore.__getitem__


def _as_matrix(value: Any) -> Any:
    """Return what is assigned to `vectors` as a matrix of floats, with every value as it was.

    Raises
    ------
    ValueError
        If it is no matrix of real numbers, or has masked values. What NumPy takes for a single
        object, such as a sparse matrix, is returned as it is.
    """
    try:
        array = np.asanyarray(value)
        if array.ndim == 0 and array.dtype == object:
            return value
        if array.dtype == object:
            array = array.astype(np.float64)
    except (TypeError, ValueError):
        array = np.empty(0)
    if array.ndim != 2 or not array.shape[1] or array.dtype.kind not in "biuf":
        raise ValueError(
            f"vectors must be a matrix of numbers, (n, d) with d of 1 or more, got {value!r:.200}"
        )
    if isinstance(array, (np.ma.MaskedArray, np.matrix)):
        array = similarity.plain(array, "vectors")
    if array.dtype.kind == "f":
        if array.dtype.itemsize > 8:  # no file and no kernel has these
            return similarity.floats(array, np.float64, "vectors")
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    single = array.astype(np.float32)
    return single if np.array_equal(single, array) else array.astype(np.float64)


def is_key(value: object) -> TypeGuard[Key]:
    """Tell whether a value is one key, and not several."""
    return isinstance(value, (str, bytes, int, np.integer))


def as_list(value: Any) -> list[Any]:
    """Return one key or several as a list."""
    return [value] if is_key(value) else list(finite(value))


def is_row(key: object) -> bool:
    """Tell whether a key that is not present would be taken for the number of a row."""
    return isinstance(key, (int, np.integer))
