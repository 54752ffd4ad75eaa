"""A corpus read once and held in memory, and its words alone."""

from __future__ import annotations

import logging
from collections.abc import Callable

from fastw2v.corpus import encode_files, encode_objects, mistakes, scan_files, scan_objects
from fastw2v.corpus.reporter import Progress
from fastw2v.corpus.scan import Scan
from fastw2v.corpus.store import TokenStore
from fastw2v.prepare.given import Choice, Corpus, Prepared
from fastw2v.vocab import Vocabulary

logger = logging.getLogger("fastw2v")


def scan_corpus(
    corpus: Corpus, choice: Choice, workers: int, progress: Progress | None, *, keep_ids: bool
) -> Scan:
    """Read all words of a corpus; see `scan_files` and `scan_objects`."""
    in_files = corpus.inputs is not None
    scan: Callable[..., Scan] = scan_files if in_files else scan_objects
    return scan(
        corpus.inputs if in_files else corpus.objects,
        workers=workers,
        max_vocab_size=choice.max_vocab_size,
        trim_rule=choice.trim_rule,
        progress=progress,
        keep_ids=keep_ids,
        reading=corpus.reading,
    )


def choose_words(scan: Scan, choice: Choice) -> Vocabulary:
    """Choose the vocabulary and log what is unusual about it."""
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


def counted_words(
    corpus: Corpus, choice: Choice, workers: int, progress: Progress | None
) -> tuple[Vocabulary, int]:
    """Return the vocabulary of a corpus, and its number of words."""
    scan = scan_corpus(corpus, choice, workers, progress, keep_ids=False)
    return choose_words(scan, choice), scan.n_tokens


def in_memory(
    corpus: Corpus,
    choice: Choice,
    vocabulary: Vocabulary | None,
    workers: int,
    progress: Progress | None,
) -> Prepared:
    """Read the corpus once, and hold its ids."""
    store: TokenStore
    if vocabulary is None:
        scan = scan_corpus(corpus, choice, workers, progress, keep_ids=True)
        vocabulary = choose_words(scan, choice)
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
