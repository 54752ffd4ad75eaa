"""Text files, read once by all cores.

Words are the runs of bytes between ASCII white space (what `bytes.split` splits at). A newline and
the end of a file end a sentence; a blank line is none. Files follow one another. The result does
not depend on the number of workers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fastw2v.corpus import threads
from fastw2v.corpus._scan import KeyTable, WordTable, utf8
from fastw2v.corpus.readers import (
    BLOCK_SIZE,
    AnyPath,
    BlockReader,
    Text,
    check_paths,
    locate,
    total_size,
)
from fastw2v.corpus.scan import Scan
from fastw2v.corpus.segments import Block, Ids, Ledger, Scratch, Segments, count_tokens
from fastw2v.corpus.sentences import Cap, KeyWords, key_scan
from fastw2v.corpus.store import TokenStore
from fastw2v.corpus.threads import Progress, Reporter
from fastw2v.errors import CorpusError
from fastw2v.vocab import TrimRule, Vocabulary


class FileWords:
    """The words of a scan of files; see `fastw2v.corpus.scan.Words`."""

    def __init__(self, table: WordTable, paths: list[Path]) -> None:
        self._table = table
        self._paths = paths

    def __len__(self) -> int:
        return len(self._table)

    def keys(self, ids: npt.NDArray[np.int64]) -> list[Hashable]:
        """Decode words; CorpusError names file and line of one that is not UTF-8."""
        try:
            return list(self._table.decode(ids))
        except UnicodeDecodeError as error:
            raise _not_utf8(error, self._paths) from error

    def find(self, keys: Sequence[Hashable]) -> Ids:
        """Return the id of every key, -1 for those that did not occur."""
        return self._table.find(keys)


class CappedFileWords(KeyWords):
    """The words of a scan of files with `max_vocab_size`, where keys are kept as bytes."""

    def __init__(self, keys: list[Hashable], index: dict[Hashable, int], paths: list[Path]) -> None:
        super().__init__(keys, index)
        self._paths = paths

    def keys(self, ids: npt.NDArray[np.int64]) -> list[Hashable]:
        """Decode words; CorpusError names file and line of one that is not UTF-8."""
        return [_decode(word, self._paths) for word in super().keys(ids)]

    def find(self, keys: Sequence[Hashable]) -> Ids:
        """Return the id of every key, -1 for those that did not occur."""
        return super().find([utf8(key) for key in keys])


def scan_files(
    paths: Sequence[AnyPath],
    *,
    workers: int,
    progress: Progress | None = None,
    max_vocab_size: int | None = None,
    trim_rule: TrimRule | None = None,
    block_size: int = BLOCK_SIZE,
    keep_ids: bool = True,
) -> Scan:
    """Count the words of text files and keep all tokens as provisional ids, reading once.

    Parameters
    ----------
    paths : sequence of path
        Text files, or pipes.
    workers : int
        Number of threads.
    progress : callable, optional
        Called as progress(bytes read, bytes in all or None).
    max_vocab_size : int, optional
        Forget rare words while counting, exactly as gensim does; see
        `fastw2v.corpus.sentences.Cap`. The outcome depends on the order of all sentences, so the
        files are then read by one thread through Python objects, at a fraction of the speed.
    trim_rule : callable, optional
        Used while forgetting; see `Vocabulary.from_scan`.
    block_size : int
        Bytes of text that a worker takes at a time. The result does not depend on it.
    keep_ids : bool
        Whether to keep the tokens, 4 bytes each; without them the scan cannot be encoded.

    Returns
    -------
    Scan

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError
        Naming the file, before anything is read.
    CorpusError
        If there are 2**31 - 1 distinct words or more.
    """
    threads.check_workers(workers)
    checked = check_paths(paths)
    if max_vocab_size is not None:
        return _scan_capped(checked, max_vocab_size, trim_rule, progress, block_size, keep_ids)

    tables = [WordTable() for _ in range(workers)]

    def read(rank: int, text: Text, segments: Segments) -> Ledger:
        return tables[rank].count(text.bytes, text.n, text.pos, segments)

    blocks, n_bytes = _read(checked, read, workers, progress, block_size, keep_ids)
    n_tokens, n_sentences = count_tokens(blocks)
    words = tables[0]
    to_words: list[Ids | None] = [None]
    for rank in range(1, workers):
        to_words.append(words.merge(tables[rank]))
        tables[rank] = words  # drops the merged table
    order = np.argsort(words.first())
    return Scan(
        FileWords(words, checked),
        order,
        words.counts()[order],
        [(piece, block.worker) for block in blocks for piece in block.pieces] if keep_ids else None,
        to_words,
        n_tokens=n_tokens,
        n_sentences=n_sentences,
        n_bytes=n_bytes,
    )


def encode_files(
    paths: Sequence[AnyPath],
    vocabulary: Vocabulary,
    *,
    workers: int,
    progress: Progress | None = None,
    block_size: int = BLOCK_SIZE,
) -> TokenStore:
    """Turn text files into ids of an existing vocabulary.

    Parameters
    ----------
    paths : sequence of path
        Text files, or pipes.
    vocabulary : Vocabulary
        Words that it lacks are left out, and counted in `n_oov`; its keys that are not str match
        nothing.
    workers, progress, block_size
        As in `scan_files`.

    Returns
    -------
    TokenStore

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError
        Naming the file, before anything is read.
    """
    threads.check_workers(workers)
    checked = check_paths(paths)
    table = WordTable()
    table.add(vocabulary.keys)

    def read(_rank: int, text: Text, segments: Segments) -> Ledger:
        return table.encode(text.bytes, text.n, segments)

    blocks, n_bytes = _read(checked, read, workers, progress, block_size)
    n_tokens, n_sentences = count_tokens(blocks)
    pieces = [piece for block in blocks for piece in block.pieces]
    blocks.clear()
    return TokenStore.from_pieces(
        pieces, n_sentences=n_sentences, n_corpus=n_tokens, n_bytes=n_bytes
    )


def _read(
    paths: list[Path],
    read: Callable[[int, Text, Segments], Ledger],
    workers: int,
    progress: Progress | None,
    block_size: int,
    keep_ids: bool = True,
) -> tuple[list[Block], int]:
    """Let workers read all blocks; return these in corpus order, and the bytes read."""
    blocks: list[Block] = []
    reporter = Reporter(progress, total_size(paths))
    with BlockReader(paths, block_size) as reader:

        def body(rank: int, stop: threading.Event) -> None:
            text = Text()
            segments = Segments() if keep_ids else Scratch()
            while not stop.is_set() and reader.next(text):
                ledger = read(rank, text, segments)
                blocks.append(Block(text.number, rank, ledger, segments.pieces()))

        threads.run(body, workers, lambda: reporter.report(reader.n_bytes))
    reporter.finish(reader.n_bytes)
    blocks.sort(key=lambda block: block.number)
    return blocks, reader.n_bytes


def _scan_capped(
    paths: list[Path],
    max_vocab_size: int,
    trim_rule: TrimRule | None,
    progress: Progress | None,
    block_size: int,
    keep_ids: bool,
) -> Scan:
    def decoding_rule(word: Hashable, count: int, min_count: int) -> int:
        assert trim_rule is not None
        return trim_rule(_decode(word, paths), count, min_count)

    cap = Cap(max_vocab_size, None if trim_rule is None else decoding_rule)
    index: dict[Hashable, int] = {}
    segments = Segments() if keep_ids else Scratch()
    table = KeyTable(index, segments, growing=True)
    reporter = Reporter(progress, total_size(paths))
    text = Text()
    n_ended = 0
    with BlockReader(paths, block_size) as reader:
        while reader.next(text):
            first, *others = text.bytes[: text.n].tobytes().split(b"\n")
            table.read(first.split())
            for line in others:
                if table.n_tokens > n_ended:
                    table.end_sentence()
                    cap.apply(table)
                    n_ended = table.n_tokens
                table.read(line.split())
            reporter.report(reader.n_bytes)
    reporter.finish(reader.n_bytes)
    words = CappedFileWords(table.keys, index, paths)
    return key_scan(table, segments if keep_ids else None, words, n_bytes=reader.n_bytes)


def _decode(word: Hashable, paths: list[Path]) -> str:
    assert isinstance(word, bytes)
    try:
        return word.decode()
    except UnicodeDecodeError as error:
        raise _not_utf8(error, paths) from error


def _not_utf8(error: UnicodeDecodeError, paths: list[Path]) -> CorpusError:
    word = error.object
    place = locate(paths, word)
    where = f"{place[0]}, line {place[1]}" if place else ", ".join(map(str, paths))
    shown = repr(word) if len(word) <= 100 else f"{word[:100]!r}... ({len(word):,} bytes)"
    return CorpusError(
        f"{where}: the word {shown} is not UTF-8 ({error.reason} at its byte {error.start}); "
        f"re-encode the file first, for example: iconv -f ISO-8859-1 -t UTF-8 FILE > NEW_FILE"
    )
