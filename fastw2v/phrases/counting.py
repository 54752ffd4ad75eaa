"""Count a corpus: files by C, anything else sentence by sentence."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sized
from pathlib import Path

from fastw2v.corpus.blocks import Source
from fastw2v.corpus.inputs import Input, total_size
from fastw2v.corpus.opening import open_text_source
from fastw2v.corpus.readers import BlockReader, Text
from fastw2v.corpus.segments import InvalidTextError
from fastw2v.corpus.threads import Progress, Reporter
from fastw2v.errors import CorpusError
from fastw2v.phrases._pairs import BadTokenError, Counter
from fastw2v.phrases.sentences import tokens_of
from fastw2v.sentences import (
    LineSentence,
    PathLineSentences,
    Text8Corpus,
    not_utf8,
)

logger = logging.getLogger("fastw2v")


class Blocks(BlockReader):
    """Blocks of text from files that may be compressed; the name of a file means nothing."""

    def _open(self, item: Input) -> Source:
        return open_text_source(item, self._block_size)


def count(
    counter: Counter,
    sentences: Iterable[Iterable[str]],
    progress_per: int,
    progress: Progress | None,
) -> None:
    """Count a corpus of any kind."""
    files = _files(sentences)
    if files is not None:
        for source in files:
            _count_file(counter, source, progress)
        return
    if not hasattr(type(sentences), "__iter__") and not hasattr(type(sentences), "__getitem__"):
        raise TypeError(
            f"sentences must be an iterable of sentences, got {type(sentences).__name__} "
            f"({sentences!r})"
        )
    reporter = Reporter(progress, len(sentences) if isinstance(sentences, Sized) else None)
    number = 0
    for number, sentence in enumerate(sentences, 1):
        if number == 1 and isinstance(sentence, str):
            logger.warning(
                "Each 'sentences' item should be a list of words (usually unicode strings). "
                "First item here is instead plain %s.",
                type(sentence),
            )
        try:
            counter.read_sentence(tokens_of(sentence, number))
        except BadTokenError as error:
            raise TypeError(f"sentence {number}: {error}") from None
        if number % progress_per == 0:
            logger.info("counting: %s sentences", f"{number:,}")
        if progress is not None:
            reporter.report(number)
    counter.finish()
    reporter.finish(number)


def _files(sentences: object) -> list[LineSentence] | list[Text8Corpus] | None:
    """Return the files of a corpus that C can read; None for any other."""
    if type(sentences) is LineSentence:
        files = [sentences]
    elif type(sentences) is PathLineSentences:
        files = sentences.parts()
    elif type(sentences) is Text8Corpus:
        return [sentences]
    else:
        return None
    whole = all(file.limit is None and not hasattr(file.source, "seek") for file in files)
    return files if whole else None


def _count_file(
    counter: Counter, source: LineSentence | Text8Corpus, progress: Progress | None
) -> None:
    by_line = isinstance(source, LineSentence)
    path = Path(source.source if isinstance(source, LineSentence) else source.fname)
    most = source.max_sentence_length or 0
    text = Text()
    try:
        with Blocks([Input(str(path), path)]) as blocks:
            reporter = Reporter(progress, total_size(blocks.inputs))
            while blocks.next(text):
                counter.read_text(text.bytes, text.n, text.pos, most, by_line)
                reporter.report(blocks.n_read)
            reporter.finish(blocks.n_read)
    except (UnicodeDecodeError, InvalidTextError) as error:
        raise _explain(source, error, path) from error
    counter.finish()


def _explain(source: Iterable[object], error: Exception, path: object) -> CorpusError:
    """Read a file again, to find out in which line it is not UTF-8."""
    try:
        for _ in source:
            pass
    except CorpusError as found:
        return found
    if isinstance(error, UnicodeDecodeError):
        return CorpusError(f"{path}: {not_utf8(error)}")
    return CorpusError(f"{path} is not UTF-8")
