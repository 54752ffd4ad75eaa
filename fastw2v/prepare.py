"""From a corpus to what training needs: its vocabulary, and its tokens in ids.

Where the ids are is the user's choice:

    memory="ram"       4 bytes for every token of the vocabulary, read from the text once
    memory="bounded"   two windows of 64 MiB, whatever the size of the corpus: from a token file if
                       there is a `cache_dir`, else from the text, which is read and tokenised again
                       in every epoch
    memory="auto"      "bounded" if the ids might take more than half of the memory there is

With a `cache_dir` the ids are written there, and the next run with the same inputs and options
reads them instead of the text. docs/token-store.md has the rules and the format.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastw2v import memory as system_memory
from fastw2v.corpus import (
    arrow,
    decompress,
    encode_files,
    encode_objects,
    mistakes,
    scan_files,
    scan_objects,
)
from fastw2v.corpus._scan import utf8
from fastw2v.corpus.inputs import AnyInput, Input, resolve, total_size
from fastw2v.corpus.objects import as_input, tokenized
from fastw2v.corpus.reading import PLAIN, Reading
from fastw2v.corpus.scan import Scan
from fastw2v.corpus.segments import Block, Ids, Piece, Totals, totals
from fastw2v.corpus.source import Source
from fastw2v.corpus.store import TokenStore
from fastw2v.corpus.stream import (
    EncodedBlocks,
    EncodedLines,
    EncodedSentences,
    Encoding,
    Longest,
    Stream,
    identity,
    joined,
)
from fastw2v.corpus.threads import Progress, Reporter
from fastw2v.errors import CorpusError, FormatError
from fastw2v.formats import tokens
from fastw2v.formats.atomic import StrPath
from fastw2v.vocab import TrimRule, Vocabulary

AUTO, RAM, BOUNDED = "auto", "ram", "bounded"
MEMORY = (AUTO, RAM, BOUNDED)

SUFFIX = ".tokens"

# A sample of a file tells a changed one from one that only looks the same.
_SAMPLES, _SAMPLE_BYTES = 16, 1 << 14
# Text has five or six bytes a word, so its ids take less than the text; compressed text is a
# quarter of its size or more. Parquet is compressed, too.
_COMPRESSION = 5
_HEAD = 8

# Every thread that reads has buffers of some 16 MiB, every one that encodes a stream of as much.
_MOST_READERS, _MOST_ENCODERS = 8, 4

logger = logging.getLogger("fastw2v")


@dataclass(frozen=True)
class Choice:
    """How to choose the vocabulary; meanings as in `Vocabulary.from_scan` and `scan_files`.

    `null_word` is a word that is added with the count 1.
    """

    min_count: int = 5
    max_vocab_size: int | None = None
    max_final_vocab: int | None = None
    sorted_vocab: bool = True
    trim_rule: TrimRule | None = None
    null_word: str | None = None


class Corpus(NamedTuple):
    """Where the text is, and how it is read.

    Attributes
    ----------
    inputs : sequence of path, binary file or Input, or None
        As for `scan_files`; None if the corpus is a Python object.
    objects : object
        As for `scan_objects`.
    reading : Reading
        What a word and a sentence is.
    """

    inputs: Sequence[AnyInput] | None
    objects: Any = None
    reading: Reading = PLAIN


class Prepared(NamedTuple):
    """A corpus that is ready to be trained on.

    Attributes
    ----------
    vocabulary : Vocabulary
        The words.
    source : Source
        The tokens.
    """

    vocabulary: Vocabulary
    source: Source


def check_memory(memory: str) -> str:
    """Return `memory`; ValueError unless it is one of `MEMORY`."""
    if memory not in MEMORY:
        raise ValueError(f"memory must be one of {', '.join(map(repr, MEMORY))}, got {memory!r}")
    return memory


def count(
    corpus: Corpus, choice: Choice, *, workers: int, progress: Progress | None = None
) -> Vocabulary:
    """Count the words of a corpus and choose the vocabulary; no token is kept.

    Parameters
    ----------
    corpus : Corpus
        Where the text is.
    choice : Choice
        How to choose.
    workers : int
        Number of threads.
    progress : callable, optional
        As for `scan_files`.

    Raises
    ------
    CorpusError, EmptyVocabularyError, OSError, TypeError, ValueError
        As `scan_files`, `scan_objects` and `Vocabulary.from_scan`.
    """
    return _choose(_scan(corpus, choice, workers, progress, keep_ids=False), choice)


def prepare(
    corpus: Corpus,
    choice: Choice,
    *,
    vocabulary: Vocabulary | None = None,
    workers: int,
    memory: str = AUTO,
    cache_dir: StrPath | None = None,
    progress: Progress | None = None,
) -> Prepared:
    """Count and encode a corpus, or find it in the cache.

    Parameters
    ----------
    corpus : Corpus
        Where the text is.
    choice : Choice
        How to choose the vocabulary.
    vocabulary : Vocabulary, optional
        Do not choose: encode the corpus with this one.
    workers : int
        Number of threads.
    memory : {"auto", "ram", "bounded"}
        Where the ids are; see above.
    cache_dir : path-like, optional
        Directory of token files; it is made if it is not there.
    progress : callable, optional
        Called as progress(done, total) while the text is read: bytes of files, or sentences.

    Returns
    -------
    Prepared

    Raises
    ------
    ValueError
        If something cannot be cached, or cannot be read twice where it has to be.
    CorpusError
        If the text changed while it was read.
    EmptyVocabularyError, OSError, TypeError
        As `scan_files`, `scan_objects` and `Vocabulary.from_scan`.
    """
    check_memory(memory)
    if corpus.inputs is not None:
        corpus = corpus._replace(inputs=resolve(corpus.inputs))
    if cache_dir is not None:
        return _cached(corpus, choice, vocabulary, workers, memory, Path(cache_dir), progress)
    if _is_bounded(corpus, memory):
        return _streamed(corpus, choice, vocabulary, workers, progress)
    return _in_memory(corpus, choice, vocabulary, workers, progress)


def _scan(
    corpus: Corpus, choice: Choice, workers: int, progress: Progress | None, *, keep_ids: bool
) -> Scan:
    if corpus.inputs is not None:
        return scan_files(
            corpus.inputs,
            workers=workers,
            max_vocab_size=choice.max_vocab_size,
            trim_rule=choice.trim_rule,
            progress=progress,
            keep_ids=keep_ids,
            reading=corpus.reading,
        )
    return scan_objects(
        corpus.objects,
        workers=workers,
        max_vocab_size=choice.max_vocab_size,
        trim_rule=choice.trim_rule,
        progress=progress,
        keep_ids=keep_ids,
        reading=corpus.reading,
    )


def _choose(scan: Scan, choice: Choice) -> Vocabulary:
    vocabulary = Vocabulary.from_scan(
        scan,
        min_count=choice.min_count,
        max_final_vocab=choice.max_final_vocab,
        sorted_vocab=choice.sorted_vocab,
        trim_rule=choice.trim_rule,
    )
    warn_of_mistakes(scan, vocabulary)
    if choice.null_word is None:
        return vocabulary
    return vocabulary.with_word(choice.null_word, 1, sorted_vocab=choice.sorted_vocab)


def warn_of_mistakes(scan: Scan, vocabulary: Vocabulary) -> None:
    """Log what is unusual about a corpus."""
    for mistake in (
        *mistakes.of_counts(
            scan.n_tokens, scan.n_sentences, vocabulary.n_raw, vocabulary.n_kept_tokens
        ),
        *mistakes.of_words(vocabulary.keys, vocabulary.counts),
    ):
        logger.warning("%s", mistake)


def _in_memory(
    corpus: Corpus,
    choice: Choice,
    vocabulary: Vocabulary | None,
    workers: int,
    progress: Progress | None,
) -> Prepared:
    store: TokenStore
    if vocabulary is None:
        scan = _scan(corpus, choice, workers, progress, keep_ids=True)
        vocabulary = _choose(scan, choice)
        store = scan.encode(vocabulary, workers=workers)
    else:
        in_files = corpus.inputs is not None
        encode: Callable[..., TokenStore] = encode_files if in_files else encode_objects
        store = encode(
            corpus.inputs if in_files else corpus.objects,
            vocabulary,
            workers=workers,
            progress=progress,
            reading=corpus.reading,
        )
    return Prepared(vocabulary, store)


def _is_bounded(corpus: Corpus, memory: str) -> bool:
    if memory != AUTO:
        return memory == BOUNDED
    paths = _paths(corpus)
    if paths is None:
        return False  # they cannot be read again, or nobody knows how long they are
    available = system_memory.available()
    return available is not None and sum(map(_text_bytes, paths)) > available // 2


def _paths(corpus: Corpus) -> list[Path] | None:
    """Return where the files are; None if something is not a file that can be read again."""
    if corpus.inputs is None:
        return None
    inputs = resolve(corpus.inputs)
    paths = [item.path for item in inputs if item.path is not None and item.is_file]
    return paths if len(paths) == len(inputs) else None


def _text_bytes(path: Path) -> int:
    """Estimate the length of a text that may be compressed."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    size = path.stat().st_size
    compressed = decompress.format_of(head) or arrow.format_of(head) == "parquet"
    return size * _COMPRESSION if compressed else size


# ------------------------------------------------------------------------------- passes over text


class _Measured(NamedTuple):
    n_ids: int
    longest: int
    totals: Totals


class _Passes:
    """Begins passes over a corpus that can be read again."""

    def __init__(self, corpus: Corpus) -> None:
        self._reading = corpus.reading
        self._objects = corpus.objects
        self._inputs: list[Input] | None = None
        self._identities: list[tuple[Path, tuple[int, ...]]] = []
        self.what = "the corpus"
        if corpus.inputs is None:
            if isinstance(corpus.objects, Iterator):
                raise ValueError(
                    "memory='bounded' reads the sentences again in every epoch, but "
                    f"{type(corpus.objects).__name__} can be read only once. Give an object "
                    "whose __iter__ begins anew, or a file, or memory='ram'"
                )
            item = as_input(corpus.objects, corpus.reading)
            if item is not None:
                self._inputs = [item]
            return
        self._inputs = resolve(corpus.inputs)
        for item in self._inputs:
            if item.path is None or not item.is_file:
                raise ValueError(
                    f"{item.name}: memory='bounded' and cache_dir read the text again, which "
                    "standard input, an open file, a pipe or a device cannot; name a file, or "
                    "give memory='ram'"
                )
            self._identities.append((item.path, identity(item.path)))
        names = [item.name for item in self._inputs]
        self.what = ", ".join(names[:3]) + ", ..." * (len(names) > 3)

    def check(self, counted: int | None = None, measured: _Measured | None = None) -> None:
        """Raise CorpusError if the corpus is no longer what it was when this object was made.

        Of files the system knows it; the words of anything else, which were counted, are compared
        with those of the second pass.
        """
        if counted is not None and measured is not None and counted != measured.totals.n_tokens:
            raise CorpusError(
                f"{self.what} has changed since it was counted: it had {counted:,} words, and now "
                f"{measured.totals.n_tokens:,}"
            )
        for path, before in self._identities:
            try:
                unchanged = identity(path) == before
            except FileNotFoundError:
                raise CorpusError(f"{path}: the file is gone, and was to be read again") from None
            if not unchanged:
                raise CorpusError(f"{path}: the file has changed since it was counted")

    def reporter(self, progress: Progress | None) -> Reporter:
        """Return what reports a pass over files."""
        if self._inputs is None:
            return Reporter(None, None)
        return Reporter(progress, total_size(self._inputs))

    def begin(self, vocabulary: Vocabulary, workers: int) -> Callable[[], Encoding]:
        """Return a function that begins a pass."""
        inputs, reading, corpus = self._inputs, self._reading, self._objects
        if inputs is None:
            return lambda: EncodedSentences(tokenized(corpus, reading), vocabulary)
        if callable(reading.tokenizer):
            return lambda: EncodedLines(inputs, vocabulary, reading)
        return lambda: EncodedBlocks(inputs, vocabulary, reading, workers=workers)


def _counted(
    corpus: Corpus, choice: Choice, workers: int, progress: Progress | None
) -> tuple[Vocabulary, int]:
    """Return the vocabulary of a corpus, and its number of words."""
    scan = _scan(corpus, choice, workers, progress, keep_ids=False)
    return _choose(scan, choice), scan.n_tokens


def _measure(
    blocks: Encoding,
    take: Callable[[Ids], None] = lambda ids: None,
    reporter: Reporter | None = None,
    length: int = 0,
) -> _Measured:
    """Go through encoded blocks, give their ids to `take`, and count."""
    longest, n_ids = Longest(), 0
    seen: list[Block] = []

    def pieces() -> Iterator[Piece]:
        for block in blocks:
            seen.append(block._replace(pieces=[]))
            if reporter is not None:
                reporter.report(blocks.n_read)
            yield from block.pieces

    try:
        for ids in joined(pieces()):
            take(ids)
            longest.add(ids)
            n_ids += len(ids)
    finally:
        blocks.close()
    return _Measured(n_ids, longest.value, totals(seen, n_bytes=blocks.n_bytes, length=length))


def _streamed(
    corpus: Corpus,
    choice: Choice,
    vocabulary: Vocabulary | None,
    workers: int,
    progress: Progress | None,
) -> Prepared:
    passes = _Passes(corpus)
    readers = min(workers, _MOST_READERS)
    counted = None
    if vocabulary is None:
        vocabulary, counted = _counted(corpus, choice, readers, progress)
        passes.check()
    measured = _measure(
        passes.begin(vocabulary, readers)(),
        reporter=passes.reporter(progress),
        length=corpus.reading.length,
    )
    passes.check(counted, measured)
    stream = Stream(
        # Encoding is several times as fast as training, so a few workers share a thread.
        passes.begin(vocabulary, min(1 + workers // 4, _MOST_ENCODERS)),
        passes.check,
        passes.what,
        n_ids=measured.n_ids,
        longest=measured.longest,
        totals=measured.totals,
    )
    return Prepared(vocabulary, stream)


# --------------------------------------------------------------------------------------- the cache


def _cached(
    corpus: Corpus,
    choice: Choice,
    vocabulary: Vocabulary | None,
    workers: int,
    memory: str,
    cache_dir: Path,
    progress: Progress | None,
) -> Prepared:
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
    passes = _Passes(corpus)
    paths = _paths(corpus)
    assert paths is not None  # _Passes has refused anything else
    key, path = _key(paths, corpus.reading, choice, vocabulary, cache_dir)
    file = _open(path, key)
    if file is None:
        cache_dir.mkdir(parents=True, exist_ok=True)
        if not os.access(cache_dir, os.W_OK):  # now, and not when all is counted
            raise PermissionError(
                errno.EACCES, "token files cannot be written to this directory", str(cache_dir)
            )
        if _is_bounded(corpus, memory):
            _encode_text(path, key, corpus, choice, vocabulary, workers, progress, passes)
        else:
            prepared = _in_memory(corpus, choice, vocabulary, workers, progress)
            passes.check()
            assert isinstance(prepared.source, TokenStore)
            with tokens.create(path, key) as writer:
                writer.append(prepared.source.ids)
                writer.finish(
                    *_words(prepared.vocabulary), _numbers(prepared.vocabulary, prepared.source)
                )
            del prepared
        file = tokens.TokenFile(path)
        if file.key != key:
            raise CorpusError(f"{path}: another process has put another corpus there; run again")
        logger.info("the encoded corpus is kept in %s", path)
    else:
        logger.info("the encoded corpus is taken from %s", path)
    if vocabulary is None:
        numbers = file.numbers
        vocabulary = Vocabulary(
            _keys(file.words, bool(numbers["integers"])),
            file.counts,
            effective_min_count=numbers["min_count"],
            n_raw=numbers["n_raw"],
            n_raw_tokens=numbers["n_raw_tokens"],
            n_sentences=numbers["n_sentences"],
        )
    return Prepared(vocabulary, file)


def _open(path: Path, key: str) -> tokens.TokenFile | None:
    """Open a token file if it is there, whole, and of the same corpus."""
    try:
        file = tokens.TokenFile(path)
        if file.key != key:
            logger.info("%s is of an earlier state of the corpus, which is encoded again", path)
            return None
        file.verify()
    except FileNotFoundError:
        return None
    except FormatError as error:
        logger.warning("a damaged token file is made again: %s", error)
        return None
    return file


def _encode_text(
    path: Path,
    key: str,
    corpus: Corpus,
    choice: Choice,
    vocabulary: Vocabulary | None,
    workers: int,
    progress: Progress | None,
    passes: _Passes,
) -> None:
    """Write a token file from the text, without ever holding all ids."""
    workers = min(workers, _MOST_READERS)
    counted = None
    if vocabulary is None:
        vocabulary, counted = _counted(corpus, choice, workers, progress)
        passes.check()
    with tokens.create(path, key) as writer:
        measured = _measure(
            passes.begin(vocabulary, workers)(),
            writer.append,
            passes.reporter(progress),
            corpus.reading.length,
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
        writer.finish(*_words(vocabulary), _numbers(vocabulary, store))


def _words(vocabulary: Vocabulary) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Return words and counts; a key that no file can hold is left empty."""
    return list(map(_spelt, vocabulary.keys)), vocabulary.counts


def _spelt(key: Hashable) -> str:
    """Return a word as it is, a whole number in digits."""
    return str(key) if _is_integer(key) else utf8(key).decode()


def _is_integer(key: Hashable) -> bool:
    return isinstance(key, int) and not isinstance(key, bool)


def _keys(words: list[str], integers: bool) -> Sequence[Hashable]:
    """Return what `_spelt` spelt. The null word is no number, all words of such a corpus are."""
    if not integers:
        return words
    return [int(word) if re.fullmatch("-?[0-9]+", word) else word for word in words]


def _numbers(vocabulary: Vocabulary, store: TokenStore) -> dict[str, int]:
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
        "integers": int(any(map(_is_integer, vocabulary.keys))),
    }


def _key(
    paths: list[Path],
    reading: Reading,
    choice: Choice,
    vocabulary: Vocabulary | None,
    cache_dir: Path,
) -> tuple[str, Path]:
    """Return what the tokens depend on, and the name of their file.

    The name depends on the paths and options only, so that the file of a corpus that has changed
    is replaced.
    """
    options: dict[str, object]
    if vocabulary is None:
        options = {name: value for name, value in vars(choice).items() if name != "trim_rule"}
    else:
        digest = hashlib.blake2b(digest_size=16)
        for key in vocabulary.keys:
            kind = b"i" if _is_integer(key) else b"w"
            digest.update(kind + _spelt(key).encode() + b"\n")
        options = {"vocabulary": digest.hexdigest()}
    options["reading"] = {**vars(reading), "tokenizer": reading.tokenizer or "space"}
    if not reading.is_plain:
        # What is a letter, and what its small one is, depends on it.
        options["unicode"] = unicodedata.unidata_version
    places = [str(path.resolve()) for path in paths]
    name = hashlib.blake2b(json.dumps([places, options]).encode(), digest_size=8).hexdigest()
    inputs = [
        {"path": place, **_fingerprint(path)} for place, path in zip(places, paths, strict=True)
    ]
    key = json.dumps({"inputs": inputs, "options": options})
    stem = re.sub(r"[^\w.-]", "_", paths[0].name)[:60] if paths else "empty"
    return key, cache_dir / f"{stem}-{name}{SUFFIX}"


def _fingerprint(path: Path) -> dict[str, object]:
    """Return size, time of the last change, and a checksum of pieces from all over the file."""
    status = path.stat()
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        for number in range(_SAMPLES):
            file.seek(max(status.st_size - _SAMPLE_BYTES, 0) * number // (_SAMPLES - 1))
            digest.update(file.read(_SAMPLE_BYTES))
    return {
        "size": status.st_size,
        "mtime_ns": status.st_mtime_ns,
        # Nobody can set this one back.
        "ctime_ns": status.st_ctime_ns,
        "sample": digest.hexdigest(),
    }
