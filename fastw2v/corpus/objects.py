"""Python objects as a corpus: arrays of whole numbers, Arrow data, texts; or sentences of tokens.

What C can read as it lies in memory is handed to `fastw2v.corpus.files`; other iterables go
through `fastw2v.corpus.sentences`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from fastw2v.corpus import arrow
from fastw2v.corpus.blocks import ListSource, Source
from fastw2v.corpus.files import encode_files, scan_files
from fastw2v.corpus.inputs import Input
from fastw2v.corpus.invalid import in_list
from fastw2v.corpus.jsonl import spelled
from fastw2v.corpus.opening import records_source
from fastw2v.corpus.readers import BlockReader
from fastw2v.corpus.reading import PLAIN, Reading
from fastw2v.corpus.reporter import Progress
from fastw2v.corpus.scan import Scan
from fastw2v.corpus.segments import IntList
from fastw2v.corpus.sentences import encode_sentences, scan_sentences
from fastw2v.corpus.sequences import Sequences, tokens_by
from fastw2v.corpus.store import TokenStore
from fastw2v.errors import CorpusError
from fastw2v.iterables import items_of
from fastw2v.vocab import TrimRule, Vocabulary

Corpus: TypeAlias = Any
"""What `scan_objects` lists; told apart when it is read."""

NAME = "the corpus"

_BATCH = 1 << 20


def scan_objects(
    corpus: Corpus,
    *,
    workers: int = 1,
    max_vocab_size: int | None = None,
    trim_rule: TrimRule | None = None,
    progress: Progress | None = None,
    keep_ids: bool = True,
    reading: Reading = PLAIN,
) -> Scan:
    """Count the words of a Python object and keep its tokens as provisional ids, in one pass.

    Parameters
    ----------
    corpus : object
        One of: an integer array of shape (n_sentences, length); a tuple (offsets, values) of two
        one-dimensional integer arrays, sentence i being values[offsets[i] : offsets[i + 1]]; an
        object with `__arrow_c_stream__` or `__arrow_c_array__`, or a data set of the `datasets`
        library; an iterable of str, if `reading` has a tokenizer; an iterable of iterables of
        hashable tokens. The words of integers are int, and no Python object is made for a token.
    workers : int
        Number of threads; an iterable is read by one.
    max_vocab_size, trim_rule, progress, keep_ids
        As in `scan_sentences`.
    reading : Reading
        How to read texts.

    Returns
    -------
    Scan

    Raises
    ------
    TypeError
        If the corpus is none of these.
    CorpusError
        If it does not hold what `reading` names.
    """
    item = as_input(corpus, reading)
    if item is not None:
        return scan_files(
            [item],
            workers=workers,
            max_vocab_size=max_vocab_size,
            trim_rule=trim_rule,
            progress=progress,
            keep_ids=keep_ids,
            reading=reading,
        )
    return scan_sentences(
        tokenized(corpus, reading),
        max_vocab_size=max_vocab_size,
        trim_rule=trim_rule,
        progress=progress,
        keep_ids=keep_ids,
    )


def encode_objects(
    corpus: Corpus,
    vocabulary: Vocabulary,
    *,
    workers: int = 1,
    progress: Progress | None = None,
    reading: Reading = PLAIN,
) -> TokenStore:
    """Turn a Python object into ids of an existing vocabulary, in one pass.

    Parameters
    ----------
    corpus, workers, progress, reading
        As in `scan_objects`.
    vocabulary : Vocabulary
        Tokens that it lacks are left out, and counted in `n_oov`.

    Returns
    -------
    TokenStore

    Raises
    ------
    TypeError, CorpusError
        As in `scan_objects`.
    """
    item = as_input(corpus, reading)
    if item is not None:
        return encode_files([item], vocabulary, workers=workers, progress=progress, reading=reading)
    return encode_sentences(tokenized(corpus, reading), vocabulary, progress=progress)


def sentences_of(corpus: Corpus, reading: Reading = PLAIN) -> Iterable[Iterable[Hashable]]:
    """Return a Python object as sentences of Python objects.

    Parameters
    ----------
    corpus, reading
        As in `scan_objects`.

    Returns
    -------
    iterable of iterables of hashable
        The corpus itself where it is that. It can be iterated as often as the corpus.
    """
    if as_input(corpus, reading) is None and not callable(reading.tokenizer):
        sentences: Iterable[Iterable[Hashable]] = tokenized(corpus, reading)
        return sentences
    return _Sentences(corpus, reading)


class _Sentences:
    """A corpus as sentences of Python objects."""

    def __init__(self, corpus: Corpus, reading: Reading) -> None:
        self._corpus = corpus
        self._reading = reading

    def __iter__(self) -> Iterator[Iterable[Hashable]]:
        item = as_input(self._corpus, self._reading)
        if item is None:
            yield from tokenized(self._corpus, self._reading)
            return
        with BlockReader([item], reading=self._reading) as reader:
            for sentence in Sequences(reader, self._reading):
                yield [_decoded(word) for word in sentence]


def _decoded(word: Hashable) -> Hashable:
    try:
        return word.decode() if isinstance(word, bytes) else word
    except UnicodeDecodeError as error:
        raise in_list(NAME, error.object) from None


def as_input(corpus: Corpus, reading: Reading) -> Input | None:
    """Return a corpus that C can read as an input of `scan_files`; None for any other."""
    if isinstance(corpus, np.ma.MaskedArray):
        raise TypeError(
            "a masked array cannot be a corpus, its mask would be lost; give (offsets, values)"
        )
    if _is_ints(corpus, 2):
        n_rows, length = corpus.shape
        values = np.asarray(corpus).reshape(-1)  # a matrix stays one otherwise
        return _ints_input(np.arange(n_rows + 1) * length, values, reading)
    if _is_offsets_and_values(corpus):
        offsets, values = corpus
        for name, array in (("offsets", offsets), ("values", values)):
            if not _is_ints(array, 1):
                raise TypeError(
                    f"a tuple of two arrays is (offsets, values), both one-dimensional arrays of "
                    f"whole numbers, got {name} {_described(array)}; two sentences are a list"
                )
        _check_offsets(offsets, values)
        return _ints_input(offsets.astype(np.int64), values, reading)
    if _is_ints(corpus, None):
        raise TypeError(
            f"a corpus is an array of shape (n_sentences, length), or a tuple (offsets, values) of "
            f"arrays of one dimension, got an array of shape {corpus.shape}"
        )
    series = _is_series(corpus)
    if arrow.is_arrow(corpus) and not series:

        def opened(reading: Reading, block_size: int) -> Source:
            column = arrow.Column.from_object(corpus, NAME, reading)
            return records_source(column, column, NAME, reading, block_size)

        return Input(NAME, data=opened)
    if series:
        corpus = without_nulls(corpus)
    is_text = reading.is_for_text or (series and isinstance(next(iter(corpus), None), str))
    if is_text and not callable(reading.tokenizer):

        def texts(reading: Reading, block_size: int) -> Source:
            documents = Documents(corpus, reading)
            return records_source(documents, documents, NAME, reading, block_size)

        return Input(NAME, data=texts)
    return None


class Documents:
    """Texts from an iterable of str.

    Attributes
    ----------
    n_read : int
        Bytes of text read.
    """

    def __init__(self, documents: Iterable[str], reading: Reading) -> None:
        self._documents = documents
        self._reading = reading
        self.n_read = 0

    def close(self) -> None:
        """Nothing is open."""

    def kind(self) -> type:
        """Return str: the documents are texts."""
        return str

    def lists(self) -> Iterator[Any]:
        """Yield nothing: the documents are texts."""
        return iter(())

    def texts(self) -> Iterator[bytes]:
        """Yield some documents at a time, each with its end."""
        pieces: list[bytes] = []
        n_bytes = 0
        number = 0

        def bad(reason: str) -> CorpusError:
            return CorpusError(f"{NAME}, item {number}: {reason}")

        for number, document in enumerate(items_of(self._documents), 1):
            text = spelled(checked(document, number), self._reading, bad)
            pieces += (text, self._reading.document_end)
            n_bytes += len(text)
            if n_bytes >= _BATCH:
                self.n_read += n_bytes
                yield b"".join(pieces)
                pieces.clear()
                n_bytes = 0
        yield b"".join(pieces)


def checked(document: object, number: int) -> str:
    """Return a document; TypeError if it is no str."""
    if not isinstance(document, str):
        raise TypeError(
            f"with tokenizer, lowercase or sentence_split, or where the first item of a column is "
            f"one, a corpus is texts (str), item {number} is {type(document).__name__}: "
            f"{document!r:.100}; leave them out for lists of tokens"
        )
    return document


def tokenized(corpus: Corpus, reading: Reading) -> Any:
    """Return sentences: the corpus, or what a function that is the tokenizer makes of its texts."""
    tokenizer = reading.tokenizer
    if arrow.is_arrow(corpus):  # a series
        corpus = without_nulls(corpus)
    if not callable(tokenizer):
        return corpus

    def sentences() -> Iterator[Iterable[Hashable]]:
        assert callable(tokenizer)
        for number, document in enumerate(items_of(corpus), 1):
            for line in checked(document, number).split("\n"):
                yield tokens_by(tokenizer, line.lower() if reading.lowercase else line)

    return sentences()


def _is_ints(value: object, n_dimensions: int | None) -> bool:
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iu":
        return False
    return n_dimensions is None or value.ndim == n_dimensions


def _is_series(corpus: Any) -> bool:
    """Tell whether a corpus is a column, as of pandas, that is better read item by item.

    Its items are Python objects, which Arrow takes if they are all alike, or there is no pyarrow,
    or it gives no Arrow data. An iterator is not asked whether it does: it may give them once.
    """
    if not arrow.is_arrow(corpus) or not hasattr(type(corpus), "__iter__"):
        return False
    if arrow.is_table(corpus):
        return False
    if getattr(corpus, "dtype", None) == np.dtype(object) or not arrow.is_installed():
        return True
    return not hasattr(type(corpus), "__next__") and not arrow.exports(corpus)


def without_nulls(series: Any) -> Any:
    """Return a column of pandas, polars or pyarrow without nulls, which are no sentences."""
    for name in ("dropna", "drop_nulls", "drop_null"):
        if hasattr(series, name):
            return getattr(series, name)()
    return series


def _is_offsets_and_values(corpus: object) -> bool:
    """Tell whether a tuple is no two sentences: there are numbers in an array."""
    return (
        isinstance(corpus, tuple)
        and len(corpus) == 2
        and all(isinstance(part, (np.ndarray, list)) for part in corpus)
        and any(isinstance(part, np.ndarray) and part.dtype.kind in "iufcb" for part in corpus)
    )


def _described(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"of {value.dtype} and shape {value.shape}"
    return f"in a {type(value).__name__}"


def _check_offsets(offsets: npt.NDArray[Any], values: npt.NDArray[Any]) -> None:
    fit = (
        len(offsets) > 0
        and offsets[0] == 0
        and offsets[-1] == len(values)
        and bool(np.all(offsets[1:] >= offsets[:-1]))
    )
    if not fit:
        raise ValueError(
            f"a tuple of two arrays is (offsets, values): the offsets must begin with 0, never "
            f"fall, and end with the number of values, {len(values):,}; two sentences are a list"
        )


def _ints_input(rows: npt.NDArray[np.int64], values: npt.NDArray[Any], reading: Reading) -> Input:
    if reading.is_for_text:
        raise CorpusError(
            "tokenizer, lowercase and sentence_split are for text, and the corpus is whole "
            "numbers: leave them out"
        )

    def opened(_reading: Reading, _block_size: int) -> Source:
        numbers = _Numbers(rows, values)
        return ListSource(numbers.lists(), numbers)

    return Input(NAME, data=opened, n_stored=values.nbytes)


class _Numbers:
    """Rows of an array, some at a time."""

    def __init__(self, rows: npt.NDArray[np.int64], values: npt.NDArray[Any]) -> None:
        self._rows = rows
        self._values = values
        self.n_read = 0

    def close(self) -> None:
        """Nothing is open."""

    def lists(self) -> Iterator[IntList]:
        """Yield as many rows as make about a batch, at least one."""
        rows = self._rows
        first, n_rows = 0, len(rows) - 1
        while first < n_rows:
            after = int(np.searchsorted(rows, rows[first] + _BATCH, side="right")) - 1
            after = min(max(after, first + 1), n_rows)
            part = self._values[rows[first] : rows[after]]
            self.n_read += part.nbytes
            yield IntList(arrow.int64(part, NAME), rows[first : after + 1] - rows[first])
            first = after
