"""Files, read once by all cores: text, or lists of tokens or whole numbers that files hold.

Words of plain text are the runs of bytes between ASCII white space (what `bytes.split` splits at);
a newline ends a sentence, a blank line is none. Other rules are those of a `Reading`. The end of a
file ends a sentence. Files follow one another. The result does not depend on the number of
workers.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from fastw2v import crew
from fastw2v.corpus._clean import Cleaner
from fastw2v.corpus._ints import IntTable
from fastw2v.corpus._scan import KeyTable, WordTable, utf8
from fastw2v.corpus.clean import cleaner
from fastw2v.corpus.clean import table as table_of_characters
from fastw2v.corpus.inputs import AnyInput, total_size
from fastw2v.corpus.invalid import BadWord
from fastw2v.corpus.join import join
from fastw2v.corpus.readers import BLOCK_SIZE, BlockReader, Text
from fastw2v.corpus.reading import PLAIN, Reading
from fastw2v.corpus.reporter import Progress, Reporter
from fastw2v.corpus.scan import Scan, Words
from fastw2v.corpus.segments import (
    Block,
    Ids,
    IntList,
    InvalidTextError,
    Ledger,
    Scratch,
    Segments,
    Totals,
)
from fastw2v.corpus.segments import totals as total_up
from fastw2v.corpus.sentences import Cap, KeyWords, key_scan, key_store
from fastw2v.corpus.sequences import Sequences
from fastw2v.corpus.store import TokenStore
from fastw2v.errors import CorpusError
from fastw2v.vocab import TrimRule, Vocabulary

# A cleaned text is at most so many times as long: positions of words in it are positions in the
# corpus times this.
_STRETCH = 8

Table = WordTable | IntTable


class FileWords:
    """The words of a scan of files; see `fastw2v.corpus.scan.Words`."""

    def __init__(self, table: WordTable) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    def keys(self, ids: npt.NDArray[np.int64]) -> list[Hashable]:
        """Return words as str."""
        return list(self._table.decode(ids))

    def find(self, keys: Sequence[Hashable]) -> Ids:
        """Return the id of every key, -1 for those that did not occur."""
        return self._table.find(keys)


class IntWords:
    """The whole numbers of a scan; see `fastw2v.corpus.scan.Words`."""

    def __init__(self, table: IntTable) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    def keys(self, ids: npt.NDArray[np.int64]) -> list[Hashable]:
        """Return numbers as int."""
        return list(self._table.values()[ids].tolist())

    def find(self, keys: Sequence[Hashable]) -> Ids:
        """Return the id of every key, -1 for those that did not occur."""
        return self._table.find(keys)


class CappedFileWords(KeyWords):
    """The words of a scan of files by Python objects, where those of a text are kept as bytes."""

    def keys(self, ids: npt.NDArray[np.int64]) -> list[Hashable]:
        """Return words as str."""
        return [_decode(word) for word in super().keys(ids)]

    def find(self, keys: Sequence[Hashable]) -> Ids:
        """Return the id of every key, -1 for those that did not occur."""
        return super().find([_encoded(key) for key in keys])


class _Pass:
    """One reading of all inputs by several threads, which may be at different inputs.

    What is wrong with an input ends the reading of it and of those after it, but not of those
    before, so that the same error is raised whatever the threads do.
    """

    def __init__(
        self,
        inputs: Sequence[AnyInput],
        reading: Reading,
        workers: int,
        progress: Progress | None,
        block_size: int,
        keep_ids: bool = True,
    ) -> None:
        self.reader = BlockReader(inputs, block_size, reading, n_open=workers)
        self._reading = reading
        self._workers = workers
        self._keep_ids = keep_ids
        self._progress = progress
        self._lock = threading.Lock()
        self._kind: tuple[bool, int] | None = None
        self._bad_words: list[BadWord] = []
        self._failures: list[tuple[int, Exception]] = []
        self.blocks: list[Block] = []

    def _check_kind(self, text: Text) -> None:
        holds_ints = isinstance(text.list, IntList)
        with self._lock:
            if self._kind is None:
                self._kind = holds_ints, text.source
            first, source = self._kind
        if first != holds_ints:
            # The later one of the two is the odd one.
            text.source, holds_ints = max((source, first), (text.source, holds_ints))
            raise mixed(self.reader.inputs[text.source].name, holds_ints)

    def _table(self, rank: int, tables: list[Table | None], known: Vocabulary | None) -> Table:
        """Return the table of a worker, or the one that all share."""
        with self._lock:
            rank = rank if known is None else 0
            table = tables[rank]
            if table is None:
                assert self._kind is not None
                table = tables[rank] = IntTable() if self._kind[0] else WordTable()
                if known is not None:
                    table.add(known.keys)
            return table

    def run(self, tables: list[Table | None], known: Vocabulary | None) -> Totals:
        """Read everything: count in a table for each worker, or encode by a known vocabulary.

        `tables` is filled, by rank; a worker that got no block has none.
        """
        total = total_size(self.reader.inputs)
        if not self._reading.is_plain:
            table_of_characters()  # once, before several threads ask for it

        def body(rank: int, stop: crew.Flag) -> None:
            text = Text()
            segments = Segments() if self._keep_ids else Scratch()
            cleaned = None if self._reading.is_plain else cleaner(self._reading)
            while not stop.is_set():
                try:
                    if not self.reader.next(text):
                        return
                    self._check_kind(text)
                    table = self._table(rank, tables, known)
                    ledger = read_block(table, text, cleaned, segments, known is None)
                except InvalidTextError as error:
                    self._bad_words.append(BadWord(text, error.place))
                    self.reader.stop_at(text.source)
                except (CorpusError, OSError) as error:
                    self._failures.append((text.source, error))
                    self.reader.stop_at(text.source)
                else:
                    pieces = segments.pieces()
                    self.blocks.append(Block(text.place, rank, ledger, pieces, text.source))

        with self.reader as reader, Reporter(self._progress, total) as reporter:
            crew.run(
                body, self._workers, lambda: reporter.report(reader.n_read), halt=reader.cancel
            )
            self.blocks.sort(key=lambda block: (block.source, block.place))
            self._raise_first()
            reporter.finish(reader.n_read)
            return total_up(self.blocks, n_bytes=reader.n_bytes, length=self._reading.length)

    def _raise_first(self) -> None:
        """Raise what is wrong with the first input with which something is."""
        source = min(
            [word.source for word in self._bad_words] + [source for source, _ in self._failures],
            default=None,
        )
        words = [word for word in self._bad_words if word.source == source]
        if words:  # an input that failed has no block after that
            first = min(words, key=lambda word: word.place)
            lines_before = sum(
                block.ledger.n_lines
                for block in self.blocks
                if block.source == source and block.place < first.place
            )
            raise first.error(self.reader.inputs[first.source].name, lines_before)
        for failed, error in self._failures:
            if failed == source:
                raise error


def mixed(name: str, holds_ints: bool) -> CorpusError:
    """Return what to raise at an input of another kind than those before."""
    kinds = ("words", "whole numbers")
    return CorpusError(
        f"{name} holds {kinds[holds_ints]}, and what was read before {kinds[not holds_ints]}; "
        f"train on one kind at a time"
    )


def read_block(
    table: Table, text: Text, cleaned: Cleaner | None, segments: Segments, growing: bool
) -> Ledger:
    """Read a block of any kind: count its words, or leave out those that are not in the table.

    Parameters
    ----------
    table : WordTable or IntTable
        The words; which of the two, the kind of the block decides.
    text : Text
        The block.
    cleaned : Cleaner or None
        How to clean text; None if it is read as it is.
    segments : Segments
        Where the ids go.
    growing : bool
        Whether to count.

    Returns
    -------
    Ledger

    Raises
    ------
    InvalidTextError
        If a word is not UTF-8.
    """
    pos = text.pos * _STRETCH
    if isinstance(table, IntTable):
        assert isinstance(text.list, IntList)
        if growing:
            return table.count_ints(text.list, pos, segments)
        return table.encode_ints(text.list, segments)
    if text.list is not None:
        assert not isinstance(text.list, IntList)
        if growing:
            return table.count_list(text.list, pos, segments)
        return table.encode_list(text.list, segments)
    data, n = text.bytes, text.n
    if cleaned is not None:
        cleaned.clean(data, n, text.at_line_start, text.last)
        data, n = cleaned.out, cleaned.n_out
    ledger = table.count(data, n, pos, segments) if growing else table.encode(data, n, segments)
    if cleaned is not None:
        ledger = ledger._replace(
            n_tokens=ledger.n_tokens + cleaned.n_skipped,
            n_lines=cleaned.n_lines,
            n_invalid=cleaned.n_skipped,
            n_replaced=cleaned.n_replaced,
        )
    return ledger._replace(n_lines=ledger.n_lines + text.line_shift)


def scan_files(
    paths: Sequence[AnyInput],
    *,
    workers: int,
    progress: Progress | None = None,
    max_vocab_size: int | None = None,
    trim_rule: TrimRule | None = None,
    block_size: int = BLOCK_SIZE,
    keep_ids: bool = True,
    reading: Reading = PLAIN,
) -> Scan:
    """Count the words of files and keep all tokens as provisional ids, reading once.

    Parameters
    ----------
    paths : sequence of path, binary file or Input
        See `fastw2v.corpus.inputs.resolve`; compressed or not.
    workers : int
        Number of threads.
    progress : callable or bool, optional
        Called as progress(bytes read, bytes in all or None), as they are stored.
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
    reading : Reading
        What a word and a sentence is.

    Returns
    -------
    Scan

    Raises
    ------
    FileNotFoundError, PermissionError
        Naming the file, before anything is read.
    CorpusError
        If something cannot be read, naming file and line; or if there are 2**31 - 1 distinct words
        or more.
    """
    crew.check_workers(workers)
    if max_vocab_size is not None or callable(reading.tokenizer):
        return _scan_by_python(
            paths, max_vocab_size, trim_rule, progress, block_size, keep_ids, reading
        )

    reading_pass = _Pass(paths, reading, workers, progress, block_size, keep_ids)
    found: list[Table | None] = [None] * workers
    totals = reading_pass.run(found, None)
    ranks = [rank for rank in range(workers) if found[rank] is not None]
    table: Table = WordTable()
    to_words: list[Ids | None] = [None] * workers
    for rank in ranks:
        part = found[rank]
        found[rank] = None  # drops the merged table
        if rank == ranks[0]:
            assert part is not None
            table = part
        elif isinstance(table, IntTable):
            assert isinstance(part, IntTable)
            to_words[rank] = table.merge(part)
        else:
            assert isinstance(part, WordTable)
            to_words[rank] = table.merge(part)
        del part
    words: Words = IntWords(table) if isinstance(table, IntTable) else FileWords(table)
    order = np.argsort(table.first())
    return Scan(
        words,
        order,
        table.counts()[order],
        reading_pass.blocks if keep_ids else None,
        to_words,
        totals,
        reading.length,
    )


def encode_files(
    paths: Sequence[AnyInput],
    vocabulary: Vocabulary,
    *,
    workers: int,
    progress: Progress | None = None,
    block_size: int = BLOCK_SIZE,
    reading: Reading = PLAIN,
) -> TokenStore:
    """Turn files into ids of an existing vocabulary.

    Parameters
    ----------
    paths : sequence of path, binary file or Input
        As in `scan_files`.
    vocabulary : Vocabulary
        Words that it lacks are left out, and counted in `n_oov`; its keys that are not str match
        no word of a text, and those that are not int no whole number.
    workers, progress, block_size, reading
        As in `scan_files`.

    Returns
    -------
    TokenStore

    Raises
    ------
    FileNotFoundError, PermissionError, CorpusError
        As `scan_files`.
    """
    crew.check_workers(workers)
    if callable(reading.tokenizer):
        return _encode_by_python(paths, vocabulary, progress, block_size, reading)
    if reading.length:
        # Where a sentence ends depends on all tokens, also those that will be left out.
        scan = scan_files(
            paths, workers=workers, progress=progress, block_size=block_size, reading=reading
        )
        return scan.encode(vocabulary, workers=workers)
    reading_pass = _Pass(paths, reading, workers, progress, block_size)
    totals = reading_pass.run([None], vocabulary)
    pieces = [piece for block in reading_pass.blocks for piece in block.pieces]
    reading_pass.blocks.clear()
    ids, longest = join(pieces, workers)
    return TokenStore.of(ids, longest, totals)


def _scan_by_python(
    paths: Sequence[AnyInput],
    max_vocab_size: int | None,
    trim_rule: TrimRule | None,
    progress: Progress | None,
    block_size: int,
    keep_ids: bool,
    reading: Reading,
) -> Scan:
    """Scan sentence by sentence."""

    def decoding_rule(word: Hashable, count: int, min_count: int) -> int:
        assert trim_rule is not None
        return trim_rule(_decode(word), count, min_count)

    cap = None
    if max_vocab_size is not None:
        cap = Cap(max_vocab_size, None if trim_rule is None else decoding_rule)
    index: dict[Hashable, int] = {}
    segments = Segments() if keep_ids else Scratch()
    table = KeyTable(index, segments, growing=True)
    totals = _read_by_python(paths, table, cap, progress, block_size, reading)
    by_function = callable(reading.tokenizer)
    words = (KeyWords if by_function else CappedFileWords)(table.keys, index)
    return key_scan(table, segments if keep_ids else None, words, totals)


def _encode_by_python(
    paths: Sequence[AnyInput],
    vocabulary: Vocabulary,
    progress: Progress | None,
    block_size: int,
    reading: Reading,
) -> TokenStore:
    segments = Segments()
    table = KeyTable(vocabulary.index, segments, growing=False)
    totals = _read_by_python(paths, table, None, progress, block_size, reading)
    return key_store(table, segments, totals)


def _read_by_python(
    paths: Sequence[AnyInput],
    table: KeyTable,
    cap: Cap | None,
    progress: Progress | None,
    block_size: int,
    reading: Reading,
) -> Totals:
    with (
        BlockReader(paths, block_size, reading) as reader,
        Reporter(progress, total_size(reader.inputs)) as reporter,
    ):
        sequences = Sequences(reader, reading)
        for sequence in sequences:
            table.read(sequence)
            table.end_sentence()
            if cap is not None:
                cap.apply(table)
            reporter.report(reader.n_read)
        reporter.finish(reader.n_read)
        return Totals(
            n_tokens=table.n_tokens + sequences.n_invalid,
            n_sentences=table.n_sentences,
            n_bytes=reader.n_bytes,
            n_lines=sequences.n_lines,
            n_invalid=sequences.n_invalid,
            n_replaced=sequences.n_replaced,
        )


def _encoded(key: Hashable) -> Hashable:
    """Return a key as the table has it, where those of a text are bytes; b"" is never there."""
    return key if isinstance(key, int) else utf8(key)


def _decode(word: Hashable) -> Hashable:
    return word.decode() if isinstance(word, bytes) else word
