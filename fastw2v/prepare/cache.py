"""A corpus encoded once, in a token file that later runs find again."""

from __future__ import annotations

import errno
import functools
import logging
import os
import re
import stat
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fastw2v.corpus.reporter import Progress
from fastw2v.corpus.store import TokenStore
from fastw2v.corpus.stream import Longest
from fastw2v.errors import FormatError
from fastw2v.formats import tokens
from fastw2v.prepare.given import Choice, Corpus, Prepared
from fastw2v.prepare.key import is_integer, spelt, store_key
from fastw2v.prepare.passes import MOST_READERS, Passes, measure, streamed
from fastw2v.prepare.placement import file_paths, is_bounded
from fastw2v.prepare.whole import counted_words, in_memory
from fastw2v.vocab import Vocabulary, summed

logger = logging.getLogger("fastw2v")


def cached(
    corpus: Corpus,
    choice: Choice,
    vocabulary: Vocabulary | None,
    workers: int,
    memory: str,
    cache_dir: Path,
    progress: Progress | None,
) -> Prepared:
    """Take the ids from the corpus's token file; make it first, if it is not there or stale."""
    if corpus.inputs is None:
        raise ValueError(
            "cache_dir needs a corpus in files: whether Python sentences are the same as last "
            "time cannot be known"
        )
    if choice.trim_rule is not None:
        raise ValueError(
            "cache_dir and trim_rule cannot be combined: whether a function is the same as last "
            "time cannot be known"
        )
    if callable(corpus.reading.tokenizer):
        raise ValueError(
            "cache_dir and a function as tokenizer cannot be combined: whether a function is the "
            "same as last time cannot be known"
        )
    passes = Passes(corpus)
    paths = file_paths(corpus)
    assert paths is not None  # Passes has refused anything else
    key, path = store_key(paths, corpus.reading, choice, vocabulary, cache_dir)
    found = _open(path, key, vocabulary)
    if found is None:
        cache_dir.mkdir(parents=True, exist_ok=True)
        if not os.access(cache_dir, os.W_OK):  # now, and not when all is counted
            raise PermissionError(
                errno.EACCES, "token files cannot be written to this directory", str(cache_dir)
            )
        prepared = None

        def encode(writer: tokens.Writer) -> None:
            _encode_text(writer, corpus, choice, vocabulary, workers, progress, passes)

        if not is_bounded(corpus, memory):
            prepared = in_memory(corpus, choice, vocabulary, workers, progress)
            passes.check()
            encode = functools.partial(_copy, prepared)
        # The ids say what the text says, to whoever may read them.
        private = not all(map(_is_public, paths))
        file = _kept(path, key, private, encode)
        if file is None:
            return prepared or streamed(corpus, choice, vocabulary, workers, progress)
        del prepared
        found = Prepared(words_in(file) if vocabulary is None else vocabulary, file)
        logger.info("the encoded corpus is kept in %s", path)
    else:
        logger.info("the encoded corpus is taken from %s", path)
    return found


def verify(file: tokens.TokenFile) -> None:
    """Read all of a token file, and compare what it says of its ids with them.

    Raises
    ------
    FormatError
        If it is damaged.
    """
    if file.n_ids + file.n_oov + file.n_invalid != file.n_corpus:
        raise FormatError(
            f"{file.path}: {file.n_ids} ids, {file.n_oov} words out of the vocabulary and "
            f"{file.n_invalid} invalid ones are not {file.n_corpus} words"
        )
    # The scratch memory of the kernels is as large as the longest sentence needs.
    longest = Longest()
    file.verify(longest.add)
    if not longest.value <= file.longest <= file.n_ids:
        raise FormatError(
            f"{file.path}: the longest sentence has {longest.value} words, not {file.longest}"
        )


def words_in(file: tokens.TokenFile) -> Vocabulary:
    """Return the vocabulary of a token file; FormatError if there can be no such vocabulary."""
    numbers = file.numbers
    try:
        vocabulary = Vocabulary(
            keys_of(file.words, bool(numbers["integers"])),
            file.counts,
            effective_min_count=numbers["min_count"],
            n_raw=numbers["n_raw"],
            n_raw_tokens=numbers["n_raw_tokens"],
            n_sentences=numbers["n_sentences"],
        )
        summed(vocabulary.counts)
    except ValueError as error:
        raise FormatError(f"{file.path}: {error}") from error
    return vocabulary


def _open(path: Path, key: str, vocabulary: Vocabulary | None) -> Prepared | None:
    """Open a token file if it is there, whole, and of the same corpus."""
    try:
        file = tokens.TokenFile(path)
        if file.key != key:
            logger.info("%s is of an earlier state of the corpus, which is encoded again", path)
            return None
        verify(file)
        if vocabulary is None:
            return Prepared(words_in(file), file)
        if file.words != words_of(vocabulary)[0]:
            raise FormatError(f"{path}: the words are not those of the vocabulary")
        return Prepared(vocabulary, file)
    except FileNotFoundError:
        return None
    except FormatError as error:
        logger.warning("a damaged token file is made again: %s", error)
        return None


def _kept(
    path: Path, key: str, private: bool, encode: Callable[[tokens.Writer], None]
) -> tokens.TokenFile | None:
    """Write a token file and open it; None if the file, and not the corpus, is at fault.

    A file that has lost its name, because the directory was deleted, is as good as any.
    """
    writer = None
    try:
        with tokens.create(path, key, private=private) as writer:
            encode(writer)
    except OSError as error:
        if writer is not None and not (writer.complete or writer.error):
            raise
        logger.warning("the encoded corpus cannot be kept in %s: %s", path, error)
    if not writer or not writer.complete:
        return None
    try:
        file = writer.reopened()
        file.verify()
    except FormatError as error:
        logger.warning("the encoded corpus cannot be kept: %s", error)
        return None
    return file


def _is_public(path: Path) -> bool:
    """Tell whether anybody can read a file."""
    path = path.resolve()
    return bool(path.stat().st_mode & stat.S_IROTH) and all(
        directory.stat().st_mode & stat.S_IXOTH for directory in path.parents
    )


def _copy(prepared: Prepared, writer: tokens.Writer) -> None:
    """Write ids that are in memory."""
    assert isinstance(prepared.source, TokenStore)
    writer.append(prepared.source.ids)
    writer.finish(*words_of(prepared.vocabulary), numbers_of(prepared.vocabulary, prepared.source))


def _encode_text(
    writer: tokens.Writer,
    corpus: Corpus,
    choice: Choice,
    vocabulary: Vocabulary | None,
    workers: int,
    progress: Progress | None,
    passes: Passes,
) -> None:
    """Write ids from the text, without ever holding all of them."""
    workers = min(workers, MOST_READERS)
    counted = None
    if vocabulary is None:
        vocabulary, counted = counted_words(corpus, choice, workers, progress)
        passes.check()
    with passes.reporter(progress) as reporter:
        measured = measure(
            passes.begin(vocabulary, workers)(), writer.append, reporter, corpus.reading.length
        )
    passes.check(counted, measured)
    read = measured.totals
    store = TokenStore(
        ids=np.empty(0, dtype=np.int32),
        longest=measured.longest,
        n_sentences=read.n_sentences,
        n_corpus=read.n_tokens,
        n_oov=read.n_tokens - read.n_invalid - measured.n_ids,
        n_bytes=read.n_bytes,
        n_lines=read.n_lines,
        n_invalid=read.n_invalid,
    )
    writer.finish(*words_of(vocabulary), numbers_of(vocabulary, store))


def words_of(vocabulary: Vocabulary) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Return words and counts; a key that no file can hold is left empty."""
    return list(map(spelt, vocabulary.keys)), vocabulary.counts


def keys_of(words: list[str], integers: bool) -> Sequence[Hashable]:
    """Return what `spelt` spelt. The null word is no number, all words of such a corpus are."""
    if not integers:
        return words
    return [int(word) if re.fullmatch("-?[0-9]+", word) else word for word in words]


def numbers_of(vocabulary: Vocabulary, store: TokenStore) -> dict[str, int]:
    """Return what a token file's header says of the corpus and of its words."""
    return {
        "longest": store.longest,
        "n_bytes": store.n_bytes,
        "n_lines": store.n_lines,
        "n_sentences": store.n_sentences,
        "n_corpus": store.n_corpus,
        "n_invalid": store.n_invalid,
        "n_oov": store.n_oov,
        "n_raw": vocabulary.n_raw,
        "n_raw_tokens": vocabulary.n_raw_tokens,
        "min_count": vocabulary.effective_min_count,
        "integers": int(any(map(is_integer, vocabulary.keys))),
    }
