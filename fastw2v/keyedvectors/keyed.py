"""`KeyedVectors`: the table, its questions, its evaluations and its files in one class."""

from __future__ import annotations

import contextlib
import inspect
import logging
import os
import warnings
from collections.abc import Iterable, Sized
from typing import Any, BinaryIO, TypeVar

import numpy as np
import numpy.typing as npt

from fastw2v.errors import FormatError, Way
from fastw2v.formats import (
    kinds,
    native,
    schema,
    word2vec,
    word2vec_binary,
    word2vec_text,
)
from fastw2v.formats.atomic import StrPath
from fastw2v.formats.handles import Source, name_of, open_input
from fastw2v.keyedvectors import evaluation, similarity
from fastw2v.keyedvectors.edits import EditableStore, descending
from fastw2v.keyedvectors.queries import Queries
from fastw2v.keyedvectors.steady import still
from fastw2v.memory import enough_for

SelfT = TypeVar("SelfT", bound="KeyedVectors")


def reading(fname: Source, mmap: str | None) -> contextlib.AbstractContextManager[None]:
    """Say of a file of `save` for which there is not enough memory that it can be mapped."""
    return enough_for(f"to read {name_of(fname)}", *[Way("mmap", "{}='r'")] * (mmap is None))


logger = logging.getLogger("fastw2v.keyedvectors")


class KeyedVectors(Queries, EditableStore):
    """A table from keys to vectors, under gensim's names.

    Parameters
    ----------
    vector_size, count, dtype, mapfile_path
        See `fastw2v.keyedvectors.store.VectorStore`, which documents the attributes too.
    """

    # ---- evaluation

    def evaluate_word_pairs(
        self,
        pairs: StrPath,
        delimiter: str = "\t",
        encoding: str = "utf8",
        restrict_vocab: int | None = 300000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> tuple[evaluation.Correlation, evaluation.Correlation, float]:
        """Compare similarities with judgements of people.

        Parameters
        ----------
        pairs : path-like
            File with two words and a number a line; lines that begin with # are comments.
        delimiter : str
            What stands between the three.
        encoding : str
            Encoding of the file.
        restrict_vocab : int, optional
            Use the first so many keys only.
        case_insensitive : bool
            Compare words in upper case; of keys that become equal the first counts.
        dummy4unknown : bool
            Give pairs with words that are not present the similarity 0; otherwise leave them out.

        Returns
        -------
        pearson, spearman : Correlation
            Named tuples (statistic, pvalue).
        oov_ratio : float
            Percentage of pairs with words that are not present.

        Raises
        ------
        ValueError
            If no pair is left.
        """
        return evaluation.word_pairs(
            self, pairs, delimiter, encoding, restrict_vocab, case_insensitive, dummy4unknown
        )

    def evaluate_word_analogies(
        self,
        analogies: StrPath,
        restrict_vocab: int | None = 300000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
        similarity_function: str = "most_similar",
    ) -> tuple[float, list[evaluation.Section]]:
        """Answer questions "a is to b as c is to ?" (Mikolov et al. 2013).

        Parameters
        ----------
        analogies : path-like
            File with four words a line, in sections that begin with ": name", in UTF-8.
        restrict_vocab : int, optional
            Use the first so many keys only, for questions and answers.
        case_insensitive : bool
            Compare words in upper case; of keys that become equal the first counts.
        dummy4unknown : bool
            Count questions with words that are not present as wrong; otherwise leave them out.
        similarity_function : str
            "most_similar" (3CosAdd), "most_similar_cosmul" (3CosMul), or another method of a
            subclass with the parameters positive, negative, topn and restrict_vocab.

        Returns
        -------
        score : float
            Right answers over questions.
        sections : list of dict
            "section", and the questions under "correct" and "incorrect", in upper case if
            `case_insensitive`; the last is "Total accuracy".

        Raises
        ------
        ValueError
            If a question comes before the first section; the message names the line.
        ZeroDivisionError
            If the file has no question.
        """
        return evaluation.word_analogies(
            self, analogies, restrict_vocab, case_insensitive, dummy4unknown, similarity_function
        )

    @staticmethod
    def log_accuracy(section: evaluation.Section) -> float | None:
        """Log the share of right answers in a section, and return it; None without questions."""
        return evaluation.log_accuracy(section)

    @staticmethod
    def log_evaluate_word_pairs(
        pearson: tuple[float, float], spearman: tuple[float, float], oov: float, pairs: StrPath
    ) -> None:
        """Log what `evaluate_word_pairs` returned for a file."""
        evaluation.log_word_pairs(pearson, spearman, oov, pairs)

    # ---- files

    def save(
        self,
        fname_or_handle: StrPath | BinaryIO,
        separately: object = None,
        sep_limit: int = 10 * 1024**2,
        ignore: Iterable[str] = frozenset(),
        pickle_protocol: int = 4,
    ) -> None:
        """Write keys, vectors and attributes in fastw2v's own format (docs/file-format.md).

        The file is replaced as a whole: whatever goes wrong, the old one stays as it was.

        Parameters
        ----------
        fname_or_handle : path-like or binary file
            Where to write.
        ignore : iterable of str
            Attributes of the keys to leave out.
        separately, sep_limit, pickle_protocol
            Accepted for compatibility, without effect: there is one file and no pickle.

        Raises
        ------
        FormatError
            If a key or an attribute is what `load` would refuse, or keys and vectors do not fit:
            the message names it. Attributes that do not fit the keys are left out, with a warning
            in the log.
        TypeError
            If `vectors` was replaced by something that is no ndarray.
        """
        with still(self):
            table = self.to_table(ignore)
            KeyedVectors.of_table(table, "cannot save")
            native.write(fname_or_handle, table)
        if isinstance(fname_or_handle, (str, os.PathLike)):
            logger.info("saved %s in %s", self, fname_or_handle)

    def to_table(self, ignore: Iterable[str] = frozenset()) -> native.Table:
        """Return what `save` writes; attributes that do not fit the keys are left out, and logged.

        Raises
        ------
        FormatError
            If keys and vectors do not fit; the message says what to assign.
        TypeError
            If `vectors` was replaced by something that is no ndarray.
        """
        vectors = self._matrix()
        self._check_rows()
        left_out = frozenset(ignore)
        attributes = {
            name: _column(name, values)
            for name, values in self.expandos.items()
            if name not in left_out and self._fits(name)
        }
        lockf = getattr(self, "vectors_lockf", None)
        if lockf is not None:
            lockf = np.atleast_1d(_column("vectors_lockf", lockf, np.float32))
        keys, index = self.index_to_key, self.key_to_index
        # Then no key comes twice; to find that out from the keys alone takes ten times as long.
        is_right = keys == list(index) and list(index.values()) == list(range(len(keys)))
        return native.Table(keys, vectors, attributes, lockf, rows=index if is_right else None)

    def _check_rows(self) -> None:
        """Raise FormatError, which says what to assign, unless keys and vectors fit."""
        if len(self.vectors) != len(self):
            raise FormatError(
                f"{len(self.vectors)} vectors for {len(self)} keys: index_to_key, key_to_index and "
                "vectors must be restricted alike, as by kv.vectors = kv.vectors[rows]; "
                "kv.vectors_for_all(keys) does it all"
            )
        if len(self.key_to_index) != self._n_keys():
            raise FormatError(
                f"key_to_index has {len(self.key_to_index)} keys, index_to_key {self._n_keys()}: "
                "assign kv.key_to_index = {key: row for row, key in enumerate(kv.index_to_key)}"
            )

    def _fits(self, name: str) -> bool:
        """Tell whether an attribute has a value for each key; log if not."""
        values: object = self.expandos[name]
        n_values = len(values) if isinstance(values, Sized) else 1
        if n_values != len(self):
            logger.warning(
                "not saved: the attribute %r has %d values for %d keys; set it with set_vecattr "
                "for the keys that are left",
                name,
                n_values,
                len(self),
            )
        return n_values == len(self)

    @classmethod
    def load(
        cls: type[SelfT], fname: Source, mmap: str | None = None, *, verify: bool | None = None
    ) -> SelfT:
        """Read what `save` wrote, or the vectors of a model that `Word2Vec.save` wrote.

        A file of word2vec is read as well, as by `load_word2vec_format`.

        Parameters
        ----------
        fname : path-like or binary file
            File to read.
        mmap : "r", "c", optional
            Map the vectors instead of reading them: read-only, or with changes that stay in memory.
            Files of word2vec and open files cannot be mapped.
        verify : bool, optional
            Compare the checksums; by default unless the file is mapped.

        Raises
        ------
        FormatError
            If the file is damaged or of another kind: the message says which, and what reads it.
            Files that gensim saved are pickles, which are never read here:
            `fastw2v.convert.from_gensim` reads them with gensim.
        """
        with reading(fname, mmap), open_input(fname) as source:
            if kinds.kind_of(source.head()) in word2vec.KINDS:
                if mmap is not None:
                    raise ValueError(f"{source.name}: mmap={mmap!r} is for files of `save`")
                return cls.load_word2vec_format(source)
            table = native.read(source.again(fname), mmap_mode=mmap, verify=verify)
            return cls.of_table(table, source.name)

    @classmethod
    def of_table(cls: type[SelfT], table: native.Table, fname: str) -> SelfT:
        """Return the vectors of a table that was read from the file `fname`."""
        # gensim's load calls no constructor, so that of a subclass may have other parameters.
        size = table.vectors.shape[1]
        parameters = inspect.signature(cls).parameters.values()
        if any(p.name == "vector_size" or p.kind is p.VAR_POSITIONAL for p in parameters):
            self = cls(size)
        else:
            self = cls.__new__(cls)
            KeyedVectors.__init__(self, size)
        self.vectors = table.vectors
        try:
            self._set_keys(table.keys, table.rows)
        except (TypeError, ValueError) as error:
            raise FormatError(f"{fname}: {error}") from error
        if "count" in table.attributes:
            schema.array(table.attributes, "count", "i u f", (len(table.keys),), fname)
        self.expandos = table.attributes
        if table.lockf is not None:
            factors = {"vectors_lockf": table.lockf}
            self.vectors_lockf = schema.array(factors, "vectors_lockf", "f", (None,), fname)
        return self

    vectors_lockf: npt.NDArray[np.float32]

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
            If the format cannot hold a key, a value or a count: the message names it. Nothing has
            been written then.
        KeyError
            If `sort_attr` is neither "count" nor present.
        ValueError
            If `fvocab` is given and the attribute is not present for each key.
        TypeError
            If `vectors` was replaced by something that is no ndarray.
        """
        self._matrix()
        self._check_rows()
        present = sort_attr in self.expandos
        values = None
        if present and self._fits(sort_attr):
            values = _column(sort_attr, self.expandos[sort_attr])
        if values is None and fvocab is not None:
            raise ValueError(
                f"fvocab needs the attribute {sort_attr!r} for each key; set it with set_vecattr"
            )
        if not present and sort_attr != "count":
            raise KeyError(
                f"attribute {sort_attr!r} not present; there are {sorted(self.expandos)}"
            )
        if fvocab is not None and values is not None:
            # Before anything is written.
            word2vec_text.check_counts(self.index_to_key, values.tolist(), prefix)
        order = None if values is None else descending(values)
        file_format = word2vec_binary if binary else word2vec_text
        with still(self):
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
        fname: Source,
        fvocab: Source | None = None,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
        limit: int | None = None,
        datatype: npt.DTypeLike = np.float32,
        no_header: bool = False,
    ) -> SelfT:
        """Read a text or binary file of word2vec.c, gensim, fastText (.vec) or GloVe.

        Where the first bytes show what a file is, it is read as that, whatever `binary` and
        `no_header` say; a file that `save` wrote is read as well.

        Parameters
        ----------
        fname : path-like or binary file
            File to read; gzip, bzip2 and xz are unpacked. An open file is read on from where it
            stands, and may stand anywhere afterwards.
        fvocab : path-like or binary file, optional
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
            The message names the file, and the line or the vector; of a file of another kind what
            it is, and what reads it.
        ValueError
            If `datatype` is no type of floats.
        NotImplementedError
            If a binary file is to be read without a header.

        Warns
        -----
        UserWarning
            For repeated words, of which the first counts, for content behind the last vector, for
            a last line without an end, and for words that `fvocab` lacks (they get 0).
        """
        if np.dtype(datatype).kind != "f":
            raise ValueError(f"datatype must be a type of floats, not {np.dtype(datatype)}")
        if binary and no_header:
            raise NotImplementedError("no_header is for text files: binary ones need the header")
        counts: dict[str, int] | None = None
        if fvocab is not None:
            counts = word2vec_text.read_counts(
                fvocab, encoding=encoding, unicode_errors=unicode_errors
            )
        # `load` calls this, too, and has no such parameters.
        ways = (
            Way("limit", "load_word2vec_format with a smaller {}"),
            Way("datatype", "or with {}=numpy.float16"),
        )
        with enough_for(f"to read {name_of(fname)}", *ways), open_input(fname) as source:
            if kinds.kind_of(source.head()) in (kinds.VECTORS, kinds.MODEL):
                self = cls.load(source.again(fname))
                if limit is not None:
                    self = self.vectors_for_all(self.index_to_key[:limit], copy_vecattrs=True)
                self.vectors = similarity.floats(self.vectors, datatype, f"{source.name}: vectors")
            else:
                keys, vectors = word2vec.read(
                    source,
                    binary=binary,
                    no_header=no_header,
                    limit=limit,
                    encoding=encoding,
                    unicode_errors=unicode_errors,
                    dtype=datatype,
                )
                self = cls.from_arrays(keys, vectors, np.arange(len(keys), 0, -1))
        if counts is None or fvocab is None:
            return self
        missing = [key for key in self.index_to_key if key not in counts]
        if missing:
            warnings.warn(
                f"{name_of(fvocab)} lacks {len(missing)} of the words, first {missing[0]!r}",
                UserWarning,
                stacklevel=2,
            )
        self.expandos["count"] = np.array(
            [counts.get(key, 0) for key in self.index_to_key], np.int64
        )
        return self

    def intersect_word2vec_format(
        self,
        fname: Source,
        lockf: float = 0.0,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
    ) -> None:
        """Replace the vectors of the keys that a word2vec file has too; add no key.

        Parameters
        ----------
        fname : path-like or binary file
            File to read.
        lockf : float
            Factor of the learning rate for these keys from now on (`vectors_lockf`): 0 keeps them
            as they are in the file, 1 lets training change them as all others.
        binary, encoding, unicode_errors
            As for `load_word2vec_format`.

        Raises
        ------
        ValueError
            If the file's vectors have another size.
        FormatError
            If the file is damaged.
        """
        with enough_for(f"to read {name_of(fname)}"), open_input(fname) as source:
            keys, vectors = word2vec.read(
                source,
                binary=binary,
                encoding=encoding,
                unicode_errors=unicode_errors,
                dtype=self.vectors.dtype,
            )
        if vectors.shape[1] != self.vector_size:
            raise ValueError(
                f"incompatible vector size {vectors.shape[1]} in file {fname}: "
                f"these vectors have {self.vector_size}"
            )
        shared = [row for row, key in enumerate(keys) if key in self.key_to_index]
        rows = [self.key_to_index[keys[row]] for row in shared]
        self.vectors[rows] = vectors[shared]
        factors = np.asarray(getattr(self, "vectors_lockf", [1.0]), np.float32)
        if len(factors) != len(self):
            # gensim's array of one element stands for all; a shorter one repeats.
            factors = np.resize(factors, len(self))
        factors = factors.copy()
        factors[rows] = lockf
        self.vectors_lockf = factors
        logger.info("merged %d vectors into %s from %s", len(rows), self, fname)


def _column(name: str, values: Any, dtype: npt.DTypeLike | None = None) -> npt.NDArray[Any]:
    """Return what a user assigned to an attribute as an array; FormatError if it is none."""
    if isinstance(values, np.ndarray) and dtype is None:
        return values
    try:
        return np.asarray(values, dtype)
    except (TypeError, ValueError) as error:
        if dtype is None:  # lists of different lengths
            return np.array(values, object)
        raise FormatError(f"cannot save {name}: {error}") from error


KeyedVectors.TABLE = KeyedVectors
