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

import logging

from fastw2v.corpus.inputs import resolve
from fastw2v.corpus.reporter import Progress
from fastw2v.corpus.scan import Scan
from fastw2v.errors import Way
from fastw2v.formats.atomic import StrPath
from fastw2v.memory import enough_for, fewer_workers
from fastw2v.paths import expanded
from fastw2v.prepare.cache import cached
from fastw2v.prepare.given import Choice, Corpus, Prepared
from fastw2v.prepare.passes import beginning, streamed
from fastw2v.prepare.placement import (
    AUTO,
    BOUNDED,
    MEMORY,
    RAM,
    check_memory,
    file_paths,
    is_bounded,
    would_help,
)
from fastw2v.prepare.whole import choose_words, in_memory, scan_corpus, warn_of_mistakes
from fastw2v.vocab import Vocabulary

logger = logging.getLogger("fastw2v")

__all__ = [
    "AUTO",
    "BOUNDED",
    "MEMORY",
    "RAM",
    "Choice",
    "Corpus",
    "Prepared",
    "beginning",
    "check_memory",
    "count",
    "prepare",
    "scan",
    "warn_of_mistakes",
]


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
    progress : callable or bool, optional
        As for `scan_files`.

    Raises
    ------
    CorpusError, EmptyVocabularyError, OSError, TypeError, ValueError
        As `scan_files`, `scan_objects` and `Vocabulary.from_scan`.
    """
    return choose_words(scan(corpus, choice, workers=workers, progress=progress), choice)


def scan(corpus: Corpus, choice: Choice, *, workers: int, progress: Progress | None = None) -> Scan:
    """Count the words of a corpus, but choose none; as `count`."""
    with enough_for("to count the words of the corpus", *_fewer_readers(corpus, workers)):
        return scan_corpus(corpus, choice, workers, progress, keep_ids=False)


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
    progress : callable or bool, optional
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
    NotEnoughMemoryError
        Naming what would take less.
    EmptyVocabularyError, OSError, TypeError
        As `scan_files`, `scan_objects` and `Vocabulary.from_scan`.
    """
    check_memory(memory)
    if corpus.inputs is not None:
        corpus = corpus._replace(inputs=resolve(corpus.inputs))
    ways = _fewer_readers(corpus, workers)
    if would_help(corpus, memory):
        ways.insert(0, Way("memory", "{}='bounded'"))
    with enough_for("to read the corpus", *ways):
        return _prepared(corpus, choice, vocabulary, workers, memory, cache_dir, progress)


def _fewer_readers(corpus: Corpus, workers: int) -> list[Way]:
    """Return that fewer workers take less memory: files are read by all of them."""
    return fewer_workers(workers) if corpus.inputs is not None else []


def _prepared(
    corpus: Corpus,
    choice: Choice,
    vocabulary: Vocabulary | None,
    workers: int,
    memory: str,
    cache_dir: StrPath | None,
    progress: Progress | None,
) -> Prepared:
    if cache_dir is not None:
        return cached(corpus, choice, vocabulary, workers, memory, expanded(cache_dir), progress)
    if is_bounded(corpus, memory):
        return streamed(corpus, choice, vocabulary, workers, progress)
    try:
        return in_memory(corpus, choice, vocabulary, workers, progress)
    except MemoryError:
        if memory != AUTO or file_paths(corpus) is None:
            raise
    logger.info("the corpus does not fit in memory, so it is read again in every epoch")
    return streamed(corpus, choice, vocabulary, workers, progress)
