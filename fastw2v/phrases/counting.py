"""Count a corpus: files by C, anything else sentence by sentence."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from fastw2v.corpus.inputs import Input, total_size
from fastw2v.corpus.plain import PlainText
from fastw2v.corpus.reporter import Progress, Reporter
from fastw2v.corpus.segments import InvalidTextError
from fastw2v.iterables import n_items, tokens_of
from fastw2v.paths import expanded
from fastw2v.phrases._pairs import BadTokenError, Counter
from fastw2v.phrases.sentences import all_sentences
from fastw2v.sentences import LineSentence, PathLineSentences, Text8Corpus

logger = logging.getLogger("fastw2v.phrases")


def count(
    counter: Counter,
    sentences: Iterable[Iterable[str]] | PlainText,
    progress_per: int,
    progress: Progress | None,
) -> None:
    """Count a corpus of any kind."""
    if isinstance(sentences, PlainText):
        _count_text(counter, sentences, 0, True, progress)
        return
    files = _files(sentences)
    if files is not None:
        for source in files:
            by_line = isinstance(source, LineSentence)
            path = expanded(source.source if isinstance(source, LineSentence) else source.fname)
            text = PlainText([Input(str(path), path)], as_text=True)
            _count_text(counter, text, source.max_sentence_length or 0, by_line, progress)
        return
    with Reporter(progress, n_items(sentences), "sentence") as reporter:
        number = 0
        for number, sentence in enumerate(all_sentences(sentences), 1):
            try:
                counter.read_sentence(tokens_of(sentence, number))
            except BadTokenError as error:
                raise TypeError(f"sentence {number}: {error}") from None
            if number % progress_per == 0:
                logger.info("counting: %s sentences", f"{number:,}")
            if progress:
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


def _count_text(
    counter: Counter, text: PlainText, most: int, by_line: bool, progress: Progress | None
) -> None:
    with text.open() as reader, Reporter(progress, total_size(text.inputs)) as reporter:
        try:
            for block in reader:
                counter.read_text(block.bytes, block.n, block.pos, most, by_line)
                reporter.report(reader.n_read)
        except (UnicodeDecodeError, InvalidTextError) as error:
            raise reader.invalid() from error
        reporter.finish(reader.n_read)
    counter.finish()
