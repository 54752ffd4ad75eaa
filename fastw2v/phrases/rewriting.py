"""Write a text file with its phrases joined."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from fastw2v.corpus import decompress
from fastw2v.corpus._scan import SLACK
from fastw2v.corpus.inputs import Input, total_size
from fastw2v.corpus.readers import BLOCK_SIZE
from fastw2v.corpus.threads import Progress, Reporter
from fastw2v.phrases._pairs import Rewriter
from fastw2v.phrases.frozen import FrozenPhrases
from fastw2v.sentences import AnyPath, is_compressed, open_text


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
    phrases: FrozenPhrases, source: AnyPath, target: BinaryIO, *, progress: Progress | None = None
) -> Rewritten:
    """Write a text file with its phrases joined.

    Parameters
    ----------
    phrases : FrozenPhrases
        The phrases.
    source : path
        A text file, which may be compressed. Words are the runs of bytes between ASCII white
        space; they need not be UTF-8.
    target : binary file object
        Where to write: line by line, words with one space between them.
    progress : callable, optional
        Called as progress(bytes read, bytes in all or None).

    Returns
    -------
    Rewritten

    Raises
    ------
    OSError
        If a file cannot be read or written.
    CorpusError
        If compressed data are damaged.
    """
    path = Path(source)
    rewriter = Rewriter(*phrases._table_and_rule())
    size = None if is_compressed(path) else total_size([Input(str(path), path)])
    reporter = Reporter(progress, size)
    text: npt.NDArray[np.uint8] = np.zeros(2 * BLOCK_SIZE + SLACK, dtype=np.uint8)
    n = n_read = 0

    def write(piece: npt.NDArray[np.uint8]) -> None:
        target.write(piece.data)

    try:
        with open_text(path) as file:
            head = file.read(len(codecs.BOM_UTF8))
            n_read = len(head)
            n = 0 if head == codecs.BOM_UTF8 else n_read
            text[:n] = np.frombuffer(head[:n], dtype=np.uint8)
            while True:
                if n + BLOCK_SIZE > len(text) - SLACK:
                    text = np.concatenate([text, np.zeros_like(text)])
                got = file.readinto(text[n : n + BLOCK_SIZE].data)
                n_read += got
                n += got
                done = rewriter.rewrite(text, n, not got, write)
                text[: n - done] = text[done:n].copy()
                n -= done
                reporter.report(n_read)
                if not got:
                    break
    except Exception as error:
        found = decompress.damage(error, str(path), f"{n_read:,} bytes")
        if found is None:
            raise
        raise found from error
    reporter.finish(n_read)
    return Rewritten(rewriter.n_lines, rewriter.n_phrases, rewriter.n_written)
