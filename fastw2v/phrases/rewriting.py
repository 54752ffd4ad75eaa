"""Write a text with its phrases joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from fastw2v.corpus._scan import SLACK
from fastw2v.corpus.inputs import AnyPath, Input, total_size
from fastw2v.corpus.plain import PlainText
from fastw2v.corpus.readers import BLOCK_SIZE
from fastw2v.corpus.reporter import Progress, Reporter
from fastw2v.paths import expanded
from fastw2v.phrases._pairs import Rewriter
from fastw2v.phrases.frozen import FrozenPhrases


@dataclass(frozen=True)
class Rewritten:
    """What became of a text.

    Attributes
    ----------
    n_lines : int
        Lines.
    n_phrases : int
        Phrases joined.
    n_words : int
        Words written, a phrase being one.
    """

    n_lines: int
    n_phrases: int
    n_words: int


def rewrite(
    phrases: FrozenPhrases,
    source: AnyPath | PlainText,
    target: BinaryIO,
    *,
    progress: Progress | None = None,
) -> Rewritten:
    """Write a text file with its phrases joined.

    Parameters
    ----------
    phrases : FrozenPhrases
        The phrases.
    source : path or PlainText
        A text file, which may be compressed, or any corpus of words. Words are the runs of bytes
        between ASCII white space; they need not be UTF-8.
    target : binary file object
        Where to write: line by line, words with one space between them.
    progress : callable or bool, optional
        Called as progress(bytes read, bytes in all or None).

    Returns
    -------
    Rewritten

    Raises
    ------
    OSError
        If a file cannot be read or written.
    CorpusError
        If compressed data are damaged, or something else than words is read.
    """
    if not isinstance(source, PlainText):
        path = expanded(source)
        source = PlainText([Input(str(path), path)], as_text=True)
    rewriter = Rewriter(*phrases._table_and_rule(), skip_blank=not source.has_blank_lines)
    total = total_size(source.inputs)
    text: npt.NDArray[np.uint8] = np.zeros(2 * BLOCK_SIZE + SLACK, dtype=np.uint8)
    n = 0

    def write(piece: npt.NDArray[np.uint8]) -> None:
        target.write(piece.data)

    with source.open(BLOCK_SIZE) as reader, Reporter(progress, total) as reporter:
        for block in reader:
            # What may become a phrase with what follows waits in front of it.
            if n + block.n > len(text) - SLACK:
                waiting = text[:n]
                text = np.zeros(2 * (n + block.n) + SLACK, dtype=np.uint8)
                text[:n] = waiting
            text[n : n + block.n] = block.bytes[: block.n]
            n += block.n
            done = rewriter.rewrite(text, n, False, write)
            text[: n - done] = text[done:n].copy()
            n -= done
            reporter.report(reader.n_read)
        rewriter.rewrite(text, n, True, write)
        reporter.finish(reader.n_read)
    return Rewritten(rewriter.n_lines, rewriter.n_phrases, rewriter.n_written)
