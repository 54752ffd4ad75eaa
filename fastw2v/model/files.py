"""A whole model in one file, without pickle (docs/file-format.md)."""

from __future__ import annotations

import dataclasses
import logging
import os
import re
from collections.abc import Iterable
from typing import Any, BinaryIO, NoReturn, TypeVar

import numpy as np

from fastw2v import config, convert
from fastw2v.corpus.reading import Reading
from fastw2v.errors import FormatError
from fastw2v.formats import native, schema
from fastw2v.formats.atomic import StrPath
from fastw2v.formats.handles import name_of
from fastw2v.formats.schema import Kind
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.keyedvectors.keyed import reading
from fastw2v.keyedvectors.steady import still
from fastw2v.ledger import Ledger
from fastw2v.model.state import OUTPUTS
from fastw2v.model.vocabulary import Words

FilesT = TypeVar("FilesT", bound="Files")

logger = logging.getLogger("fastw2v")

# Kept in a file beside the hyper-parameters. Other attributes of the object are not.
_COUNTERS: dict[str, Kind] = {
    "null_word": schema.NUMBER,
    "batch_words": schema.NUMBER,
    "compute_loss": schema.FLAG,
    "comment": schema.ANYTHING,
    "effective_min_count": schema.whole(0, config.LARGEST),
    "corpus_count": schema.NUMBER,
    "corpus_total_words": schema.NUMBER,
    "train_count": schema.whole(0, 1 << 62),
    "total_train_time": schema.NUMBER,
    "min_alpha_yet_reached": schema.FLOAT,
    "running_training_loss": schema.FLOAT,
    "loss_history": schema.list_of(schema.FLOAT),
    "lifecycle_events": schema.optional(schema.list_of(schema.OBJECT)),
    "_drawn_seed": schema.optional(schema.whole(0, (1 << 64) - 1)),
    "_noise_is_given": schema.FLAG,
}
_FATES = dict.fromkeys(vars(Ledger()), schema.whole(0, 1 << 62))
_STATE = {**_COUNTERS, "reading": schema.OBJECT, "ledger": schema.OBJECT}
_MADE_AGAIN = {
    "wv", "ledger", "report", "layer1_size", "raw_vocab", "hashfxn", "_stored", "_weights",
    "_vocabulary", "_cum_table", "_random", "_jobs", "_busy", "cache_dir", "memory",
    "_loss_shown", "_loss_counted", "_loss_offset", "_shown", "_batches_lock", "_n_batches",
}  # fmt: skip


def _equal(paths: Any, others: Any) -> bool:
    """Tell whether all words have the same paths."""
    return (
        paths is not None
        and len(paths) == len(others)
        and all(np.array_equal(a, b) for a, b in zip(paths, others, strict=True))
    )


class _OfClass:
    """A class method that fails on an instance, where it would not do what it seems to."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __get__(self, instance: object, owner: type) -> Any:
        if instance is None:
            return self._function.__get__(owner, type(owner))

        def load(*_args: object, **_kwargs: object) -> NoReturn:
            raise AttributeError("This method should be called on a class object.")

        return load


class Files(Words):
    """Saves and loads a model."""

    def save(
        self,
        fname_or_handle: StrPath | BinaryIO,
        separately: object = None,
        sep_limit: int = 10 * 1024**2,
        ignore: Iterable[str] = frozenset(),
        pickle_protocol: int = 4,
    ) -> None:
        """Write words, matrices, hyper-parameters and counters in fastw2v's own format.

        A model that is loaded from it trains on as this one would. The file is replaced as a
        whole: whatever goes wrong, the old one stays as it was. `KeyedVectors.load` reads it too.

        Parameters
        ----------
        fname_or_handle : path-like or binary file
            Where to write.
        ignore : iterable of str
            What to leave out: "syn1neg", "syn1", or attributes of the words.
        separately, sep_limit, pickle_protocol
            Accepted for compatibility, without effect: there is one file and no pickle.

        Raises
        ------
        FormatError
            If a word, an attribute of the words, a matrix or a parameter is what `load` would
            refuse: the message names it.
        TypeError
            If `wv.vectors` was replaced by something that is no ndarray.
        """
        self.add_lifecycle_event("saving", fname_or_handle=str(fname_or_handle))
        left_out = frozenset(ignore)
        self._keep_in_step()
        with still(self.wv):
            native.write(fname_or_handle, self._to_table(left_out))
        if isinstance(fname_or_handle, (str, os.PathLike)):
            logger.info("saved %s", fname_or_handle)

    def _keep_in_step(self) -> None:
        """Give words that were added to `wv` output vectors, as training does; drop lost ones."""
        n_words = len(self.wv.index_to_key)
        matrices = [getattr(self, name) for name in OUTPUTS if hasattr(self, name)]
        if any(len(matrix) != n_words for matrix in matrices) and len(self.wv._matrix()) == n_words:
            try:
                self._live()
            except ValueError as error:
                raise FormatError(
                    f"cannot save: {error}; model.wv.save writes the vectors alone"
                ) from error

    def _to_table(self, left_out: frozenset[str]) -> native.Table:
        """Return what `save` writes."""
        matrices = {
            name: getattr(self, name)
            for name in OUTPUTS
            if name not in left_out and hasattr(self, name)
        }
        if self._noise_is_given and self._cum_table is not None:
            matrices["cum_table"] = self._cum_table
        state: dict[str, Any] = {name: getattr(self, name) for name in config.PARAMETERS}
        state.update(
            {name: getattr(self, name, None) for name in _COUNTERS if name not in left_out}
        )
        state["ledger"] = dataclasses.asdict(self.ledger)
        state["reading"] = self._reading_state()
        lost = sorted(vars(self).keys() - state.keys() - _MADE_AGAIN - left_out)
        if lost:
            logger.warning("attributes that are not saved with the model: %s", ", ".join(lost))
        wv = self.wv
        if not len(wv._matrix()) and wv.index_to_key:
            raise FormatError("there are words but no vectors: call prepare_weights before save")
        if wv.vector_size != self.vector_size:
            raise FormatError(
                f"the model has vector_size={self.vector_size}, but wv.vectors has "
                f"{wv.vector_size} columns: model.wv.save writes the vectors alone"
            )
        table = wv.to_table(left_out | {"code", "point"})
        table = table._replace(matrices=matrices, model=schema.as_json(state))
        Files.__new__(Files)._restore(table, "cannot save")
        return table

    @_OfClass
    def load(
        cls: type[FilesT],  # noqa: N805
        fname: StrPath | BinaryIO,
        mmap: str | None = None,
        rethrow: bool = False,
        *,
        verify: bool | None = None,
    ) -> FilesT:
        """Read what `save` wrote.

        Parameters
        ----------
        fname : path-like or binary file
            File to read.
        mmap : "r", "c", optional
            Map the matrices instead of reading them: read-only, or with changes that stay in
            memory. They are copied when they are trained.
        rethrow : bool
            Accepted for compatibility, without effect.
        verify : bool, optional
            Compare the checksums; by default unless the file is mapped.

        Raises
        ------
        AttributeError
            If the file holds vectors without a model, or this is called on an instance.
        FormatError
            If the file is damaged or of another kind: the message says which, and what reads it.
            Files that gensim saved are pickles, which are never read here.
        """
        name = name_of(fname)
        with reading(fname, mmap):
            table = native.read(fname, mmap_mode=mmap, verify=verify)
            if table.model is None:
                raise AttributeError(
                    f"Model of type {KeyedVectors.__name__} can't be loaded by {cls.__name__}: "
                    f"{name} holds vectors only; KeyedVectors.load(path) reads it"
                )
            self = cls.__new__(cls)
            try:
                self._restore(table, name)
                if self.hs and self.wv.index_to_key:
                    self.create_binary_tree()
            except FormatError as error:
                raise FormatError(
                    f"{error}; KeyedVectors.load reads the vectors of the file alone"
                ) from error
            if mmap is None and len(self.wv.vectors):
                self._live()
        self.add_lifecycle_event("loaded", fname=name)
        return self

    @classmethod
    def from_gensim(cls: type[FilesT], source: Any) -> FilesT:
        """Take over a model of gensim: parameters, words, vectors and output vectors.

        Parameters
        ----------
        source : path-like or object
            File of gensim's ``Word2Vec.save``, which gensim has to be installed to read, or its
            model. Read files from people you trust only: gensim runs what is in them.

        Returns
        -------
        Word2Vec
            A copy that can be trained on, and saved in a file without a pickle. Output vectors of
            hierarchical softmax are taken over only where words of equal counts do not make the
            Huffman trees differ; otherwise they start at 0, and the log says so.

        Raises
        ------
        ImportError
            If gensim is needed and not installed.
        TypeError
            If it is no model.
        """
        theirs = convert.read_gensim(source)
        if not hasattr(theirs, "wv"):
            raise TypeError(
                f"{type(theirs).__name__} is no Word2Vec; its vectors may be read by "
                "fastw2v.convert.from_gensim"
            )
        self = cls.__new__(cls)
        for name, parameter in config.PARAMETERS.items():
            setattr(self, name, parameter.check(getattr(theirs, name, parameter.default)))
        self._start()
        self.wv = convert.from_gensim(theirs)
        self.hashfxn = hash
        self.raw_vocab = {}
        for name in (
            "null_word", "batch_words", "compute_loss", "comment", "effective_min_count",
            "corpus_count", "corpus_total_words", "train_count", "total_train_time",
            "min_alpha_yet_reached",
        ):  # fmt: skip
            setattr(self, name, getattr(theirs, name, getattr(self, name)))
        for name in OUTPUTS:
            if hasattr(theirs, name):
                self._stored[name] = np.array(getattr(theirs, name), np.float32)
        if self.hs and self.wv.index_to_key:
            before = [self.wv.expandos.get(name) for name in ("code", "point")]
            self.create_binary_tree()
            after = [self.wv.expandos[name] for name in ("code", "point")]
            if not all(_equal(a, b) for a, b in zip(before, after, strict=True)):
                logger.warning("gensim's Huffman tree is another one: syn1 starts at 0")
                self._stored.pop("syn1", None)
        if len(self.wv.vectors):
            self._live()
        self.add_lifecycle_event("converted", source=str(source))
        return self

    def _reading_state(self) -> dict[str, Any]:
        options = dict(vars(self.reading))
        if callable(options["tokenizer"]):
            options["tokenizer"] = None
            logger.warning("the tokenizer, a function, is not saved with the model")
        return options

    def _restore(self, table: native.Table, fname: str) -> None:
        state = table.model
        assert state is not None
        what = f"{fname}: the parameters of the model"
        for name in ("corpus_count", "corpus_total_words"):
            # Numbers of NumPy that users gave were once written as text.
            if re.fullmatch("[0-9]{1,18}", str(state.get(name))):
                state[name] = int(state[name])
        schema.check(state, _STATE, what, complete=False)
        fates = {name: n for name, n in state.get("ledger", {}).items() if name in _FATES}
        schema.check(fates, _FATES, f"{what}: the ledger", complete=False)
        defaults = {name: parameter.default for name, parameter in config.PARAMETERS.items()}
        try:
            checked = config.check({n: state.get(n, value) for n, value in defaults.items()})
            self.reading = Reading(**state.get("reading", {}))
        except (TypeError, ValueError) as error:
            raise FormatError(f"{what}: {error}") from error
        vars(self).update(checked)
        self._start()
        self.hashfxn = hash
        for name in _COUNTERS:
            if name in state:
                setattr(self, name, state[name])
        self.ledger = Ledger(**fates)
        self.wv = KeyedVectors.of_table(table, fname)
        if self.wv.vector_size != self.vector_size:
            raise FormatError(
                f"{fname}: the vectors have {self.wv.vector_size} dimensions, the model "
                f"{self.vector_size}"
            )
        for name in OUTPUTS:
            if name in table.matrices:
                shape = self.wv.vectors.shape
                self._stored[name] = schema.array(table.matrices, name, "f4", shape, f"{fname}")
        if self._noise_is_given:
            shape = (len(self.wv),)
            self.cum_table = schema.array(table.matrices, "cum_table", "u4", shape, f"{fname}")
        self.raw_vocab = {}
        try:
            # What training would look at, now that the name of the file is known.
            self._lock_factors()
            self._noise_weights()
            if self.wv.index_to_key:
                self._known()
        except ValueError as error:
            raise FormatError(f"{fname}: {error}") from error
