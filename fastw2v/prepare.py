"""From a corpus to what training needs: its vocabulary, and its tokens in ids.

Where the ids are is the user's choice:

    memory="ram"       4 bytes for every token of the vocabulary, read from the text once
    memory="bounded"   two windows of 64 MiB, whatever the size of the corpus: from a token file if
                       there is a `cache_dir`, else from the text, which is tokenised again in every
                       epoch
    memory="auto"      "bounded" if the ids might take more than half of the memory there is

With a `cache_dir` the ids are written there, and the next run with the same inputs and options
reads them instead of the text. docs/token-store.md has the rules and the format.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fastw2v import memory as system_memory
from fastw2v.corpus import (
    encode_files,
    encode_sentences,
    mistakes,
    scan_files,
    scan_sentences,
)
from fastw2v.corpus._scan import WordTable, utf8
from fastw2v.corpus.readers import check_paths
from fastw2v.corpus.scan import Scan
from fastw2v.corpus.segments import Block, Ids, Piece, count_tokens
from fastw2v.corpus.source import Source
from fastw2v.corpus.store import TokenStore
from fastw2v.corpus.stream import (
    BLOCK_BYTES,
    Longest,
    Stream,
    encode_blocks,
    encode_iterable,
    identity,
    joined,
)
from fastw2v.corpus.threads import Progress, Reporter
from fastw2v.errors import CorpusError, FormatError
from fastw2v.formats import tokens
from fastw2v.formats.atomic import StrPath
from fastw2v.vocab import TrimRule, Vocabulary

Sentences = Iterable[Iterable[Hashable]]

AUTO, RAM, BOUNDED = "auto", "ram", "bounded"
MEMORY = (AUTO, RAM, BOUNDED)

SUFFIX = ".tokens"

# A sample of a file tells a changed one from one that only looks the same.
_SAMPLES, _SAMPLE_BYTES = 16, 1 << 14
# Text has five or six bytes a word, so its ids take less than the text; compressed text is a
# quarter of its size or more.
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_COMPRESSION = 5

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
    """Where the text is: files, or Python sentences."""

    paths: list[Path] | None
    sentences: Sentences | None


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
        As `scan_files`, `scan_sentences` and `Vocabulary.from_scan`.
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
        As `scan_files`, `scan_sentences` and `Vocabulary.from_scan`.
    """
    check_memory(memory)
    if corpus.paths is not None:
        check_paths(corpus.paths)
    if cache_dir is not None:
        return _cached(corpus, choice, vocabulary, workers, memory, Path(cache_dir), progress)
    if _is_bounded(corpus, memory):
        return _streamed(corpus, choice, vocabulary, workers, progress)
    return _in_memory(corpus, choice, vocabulary, workers, progress)


def _scan(
    corpus: Corpus, choice: Choice, workers: int, progress: Progress | None, *, keep_ids: bool
) -> Scan:
    if corpus.paths is not None:
        return scan_files(
            corpus.paths,
            workers=workers,
            max_vocab_size=choice.max_vocab_size,
            trim_rule=choice.trim_rule,
            progress=progress,
            keep_ids=keep_ids,
        )
    assert corpus.sentences is not None
    return scan_sentences(
        corpus.sentences,
        max_vocab_size=choice.max_vocab_size,
        trim_rule=choice.trim_rule,
        progress=progress,
        keep_ids=keep_ids,
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
    elif corpus.paths is not None:
        store = encode_files(corpus.paths, vocabulary, workers=workers, progress=progress)
    else:
        assert corpus.sentences is not None
        store = encode_sentences(corpus.sentences, vocabulary, progress=progress)
    return Prepared(vocabulary, store)


def _is_bounded(corpus: Corpus, memory: str) -> bool:
    if memory != AUTO:
        return memory == BOUNDED
    if corpus.paths is None or not all(path.is_file() for path in corpus.paths):
        return False  # they cannot be read again, or nobody knows how long they are
    available = system_memory.available()
    return available is not None and sum(map(_text_bytes, corpus.paths)) > available // 2


def _text_bytes(path: Path) -> int:
    """Estimate the length of a text that may be compressed."""
    with path.open("rb") as file:
        head = file.read(6)
    size = path.stat().st_size
    return size * _COMPRESSION if head.startswith(_COMPRESSED) else size


# ------------------------------------------------------------------------------- passes over text


class _Passes:
    """Begins passes over a corpus that can be read again."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self.what = "the corpus"
        self._identities: list[tuple[int, ...]] = []
        if corpus.paths is None:
            assert corpus.sentences is not None
            if iter(corpus.sentences) is corpus.sentences:
                raise ValueError(
                    "memory='bounded' reads the sentences again in every epoch, but "
                    f"{type(corpus.sentences).__name__} can be read only once. Give an object "
                    "whose __iter__ begins anew, or a file, or memory='ram'"
                )
            return
        for path in corpus.paths:
            if not path.is_file():
                raise ValueError(
                    f"{path}: memory='bounded' and cache_dir read the text again, which a pipe or "
                    "a device cannot; give a file, or memory='ram'"
                )
        self.what = ", ".join(map(str, corpus.paths[:3])) + ", ..." * (len(corpus.paths) > 3)
        self._identities = [identity(path) for path in corpus.paths]

    def check(self) -> None:
        """Raise CorpusError if a file is no longer what it was when this object was made."""
        for path, before in zip(self._corpus.paths or [], self._identities, strict=True):
            try:
                unchanged = identity(path) == before
            except FileNotFoundError:
                raise CorpusError(f"{path}: the file is gone, and was to be read again") from None
            if not unchanged:
                raise CorpusError(f"{path}: the file has changed since it was counted")

    @property
    def n_bytes(self) -> int:
        """Length of all files."""
        return sum(path.stat().st_size for path in self._corpus.paths or [])

    def reporter(self, progress: Progress | None) -> Reporter:
        """Return what reports a pass over files."""
        return Reporter(progress if self._corpus.paths is not None else None, self.n_bytes)

    def begin(self, vocabulary: Vocabulary, workers: int) -> Callable[[], Iterator[Block]]:
        """Return a function that begins a pass."""
        paths, sentences = self._corpus
        if paths is not None:
            table = WordTable()
            table.add(vocabulary.keys)
            return lambda: encode_blocks(paths, table, workers=workers)
        assert sentences is not None
        return lambda: encode_iterable(sentences, vocabulary)


class _Measured(NamedTuple):
    n_ids: int
    longest: int
    n_corpus: int
    n_sentences: int


def _measure(
    blocks: Iterator[Block],
    take: Callable[[Ids], None] = lambda ids: None,
    reporter: Reporter | None = None,
) -> _Measured:
    """Go through encoded blocks, give their ids to `take`, and count."""
    longest, n_ids = Longest(), 0
    seen: list[Block] = []

    def pieces() -> Iterator[Piece]:
        for block in blocks:
            seen.append(block._replace(pieces=[]))
            if reporter is not None:
                reporter.report(len(seen) * BLOCK_BYTES)
            yield from block.pieces

    for ids in joined(pieces()):
        take(ids)
        longest.add(ids)
        n_ids += len(ids)
    n_corpus, n_sentences = count_tokens(seen)
    return _Measured(n_ids, longest.value, n_corpus, n_sentences)


def _streamed(
    corpus: Corpus,
    choice: Choice,
    vocabulary: Vocabulary | None,
    workers: int,
    progress: Progress | None,
) -> Prepared:
    passes = _Passes(corpus)
    readers = min(workers, _MOST_READERS)
    if vocabulary is None:
        vocabulary = count(corpus, choice, workers=readers, progress=progress)
        passes.check()
    measured = _measure(passes.begin(vocabulary, readers)(), reporter=passes.reporter(progress))
    passes.check()
    stream = Stream(
        # Encoding is several times as fast as training, so a few workers share a thread.
        passes.begin(vocabulary, min(1 + workers // 4, _MOST_ENCODERS)),
        passes.check,
        passes.what,
        n_ids=measured.n_ids,
        longest=measured.longest,
        n_bytes=passes.n_bytes,
        n_lines=0,
        n_sentences=measured.n_sentences,
        n_corpus=measured.n_corpus,
        n_invalid=0,
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
    if corpus.paths is None:
        raise ValueError(
            "cache_dir needs a corpus in files: whether Python sentences are the same as last "
            "time cannot be known"
        )
    if choice.trim_rule is not None:
        raise ValueError(
            "cache_dir and trim_rule cannot be combined: whether a function is the same as last "
            "time cannot be known"
        )
    passes = _Passes(corpus)
    key, path = _key(corpus.paths, choice, vocabulary, cache_dir)
    file = _open(path, key)
    if file is None:
        cache_dir.mkdir(parents=True, exist_ok=True)
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
            file.words,
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
    if vocabulary is None:
        vocabulary = count(corpus, choice, workers=workers, progress=progress)
        passes.check()
    with tokens.create(path, key) as writer:
        measured = _measure(
            passes.begin(vocabulary, workers)(), writer.append, passes.reporter(progress)
        )
        passes.check()
        totals = TokenStore(
            ids=np.empty(0, dtype=np.int32),
            longest=measured.longest,
            n_sentences=measured.n_sentences,
            n_corpus=measured.n_corpus,
            n_oov=measured.n_corpus - measured.n_ids,
            n_bytes=passes.n_bytes,
        )
        writer.finish(*_words(vocabulary), _numbers(vocabulary, totals))


def _words(vocabulary: Vocabulary) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Return words and counts; a key that no text can hold is left empty."""
    return [utf8(key).decode() for key in vocabulary.keys], vocabulary.counts


def _numbers(vocabulary: Vocabulary, totals: TokenStore) -> dict[str, int]:
    return {
        "longest": totals.longest,
        "n_bytes": totals.n_bytes,
        "n_lines": totals.n_lines,
        "n_sentences": totals.n_sentences,
        "n_corpus": totals.n_corpus,
        "n_invalid": totals.n_invalid,
        "n_oov": totals.n_oov,
        "n_raw": vocabulary.n_raw,
        "n_raw_tokens": vocabulary.n_raw_tokens,
        "min_count": vocabulary.effective_min_count,
    }


def _key(
    paths: list[Path], choice: Choice, vocabulary: Vocabulary | None, cache_dir: Path
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
            digest.update(utf8(key) + b"\n")
        options = {"vocabulary": digest.hexdigest()}
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
        "sample": digest.hexdigest(),
    }
