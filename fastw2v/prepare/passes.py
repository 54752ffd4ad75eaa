"""A corpus read again and again: once to count, once to measure, and in every epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fastw2v.corpus.inputs import Input, resolve, total_size
from fastw2v.corpus.objects import as_input, tokenized
from fastw2v.corpus.reporter import Progress, Reporter
from fastw2v.corpus.segments import Block, Ids, Piece, Totals, totals
from fastw2v.corpus.store import END, TokenStore
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
from fastw2v.errors import CorpusError
from fastw2v.prepare.given import Choice, Corpus, Prepared
from fastw2v.prepare.whole import counted_words
from fastw2v.vocab import Vocabulary

# Every thread that reads has buffers of some 16 MiB, every one that encodes a stream of as much.
MOST_READERS, _MOST_ENCODERS = 8, 4


class Measured(NamedTuple):
    """What a pass over a corpus has seen: ids, those of its longest sentence, and all else."""

    n_ids: int
    longest: int
    totals: Totals


class Passes:
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

    def check(self, counted: int | None = None, measured: Measured | None = None) -> None:
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


def measure(
    blocks: Encoding,
    take: Callable[[Ids], None] = lambda ids: None,
    reporter: Reporter | None = None,
    length: int = 0,
) -> Measured:
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
    return Measured(n_ids, longest.value, totals(seen, n_bytes=blocks.n_bytes, length=length))


def beginning(corpus: Corpus, vocabulary: Vocabulary, n_ids: int) -> TokenStore:
    """Encode the first words of a corpus of files: at most so many of the vocabulary.

    Raises
    ------
    CorpusError, OSError, ValueError
        As `streamed`.
    """
    blocks = Passes(corpus).begin(vocabulary, 1)()
    parts: list[Ids] = []
    n_read, longest = 0, Longest()
    try:
        for ids in joined(piece for block in blocks for piece in block.pieces):
            parts.append(ids[: n_ids - n_read])
            longest.add(parts[-1])
            n_read += len(parts[-1])
            if n_read == n_ids:
                break
    finally:
        blocks.close()
    ids = np.concatenate(parts) if parts else np.empty(0, np.int32)
    ids[-1:] |= END
    n_sentences = int((ids < 0).sum())
    return TokenStore(ids, longest.value, n_sentences, n_corpus=n_read, n_oov=0, n_bytes=0)


def streamed(
    corpus: Corpus,
    choice: Choice,
    vocabulary: Vocabulary | None,
    workers: int,
    progress: Progress | None,
) -> Prepared:
    """Count the words, measure the ids, and leave both to be read again in every epoch."""
    passes = Passes(corpus)
    readers = min(workers, MOST_READERS)
    counted = None
    if vocabulary is None:
        vocabulary, counted = counted_words(corpus, choice, readers, progress)
        passes.check()
    with passes.reporter(progress) as reporter:
        measured = measure(
            passes.begin(vocabulary, readers)(), reporter=reporter, length=corpus.reading.length
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
