"""The usual mistakes with a corpus, found by what was counted."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

# Small corpora are examples and tests, where nothing is unusual.
ENOUGH_TOKENS = 10_000

_PUNCTUATION = tuple(".,;:!?)\"'")
_MARKUP = ("{", "[", "<")
# Beginnings of files that no text has.
_BINARY = {
    b"\x89PNG\r\n\x1a\n": "a PNG image", b"\xff\xd8\xff": "a JPEG image",
    b"%PDF-": "a PDF document",
    b"PK\x03\x04": "a ZIP archive, as office documents and .npz files are",
    b"\xd0\xcf\x11\xe0": "an old office document", b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\x7fELF": "a program", b"SQLite f": "an SQLite database", b"\x93NUMPY": "a NumPy array",
    b"\x89HDF\r\n": "an HDF5 file", b"\x80\x02": "a pickle", b"\x80\x03": "a pickle",
    b"\x80\x04": "a pickle", b"\x80\x05": "a pickle",
}  # fmt: skip


def of_counts(n_tokens: int, n_sentences: int, n_words: int, n_kept_tokens: int) -> list[str]:
    """Return what is unusual about the totals of a corpus.

    Parameters
    ----------
    n_tokens, n_sentences, n_words : int
        Tokens, sentences and distinct words that were read.
    n_kept_tokens : int
        Tokens whose word is in the vocabulary.

    Returns
    -------
    list of str
        One line each.
    """
    found: list[str] = []
    if n_tokens < ENOUGH_TOKENS:
        return found
    if n_sentences == 1:
        found.append(
            f"the corpus is one sentence of {n_tokens:,} words: if it has sentences or documents, "
            "put each on a line of its own, so that windows do not cross from one to the next"
        )
    elif n_tokens < 2 * n_sentences:
        found.append(
            f"a sentence has {n_tokens / n_sentences:.1f} words on average, and a word alone has "
            "no context to learn from: is one word on a line where there should be a sentence?"
        )
    if n_words > n_tokens / 2:
        found.append(
            f"{n_words:,} of {n_tokens:,} words occur for the first time: do tokens contain "
            "numbers, identifiers or whole lines? Words that hardly occur again cannot be learnt"
        )
    elif n_kept_tokens < n_tokens / 2:
        found.append(
            f"the vocabulary has {100 * n_kept_tokens / n_tokens:.0f} % of the words that were "
            "read: min_count leaves out the others"
        )
    return found


def of_words(words: Sequence[Hashable], counts: npt.NDArray[np.int64]) -> list[str]:
    """Return what is unusual about the words of a vocabulary.

    Parameters
    ----------
    words : sequence of hashable, length V
        The words; only texts are looked at.
    counts : ndarray of int64, shape (V,)
        Their occurrences.

    Returns
    -------
    list of str
        One line each.
    """
    found: list[str] = []
    n_tokens = int(counts.sum())
    texts = [(word, n) for word, n in zip(words, counts.tolist(), strict=True) if type(word) is str]
    if n_tokens < ENOUGH_TOKENS or not texts:
        return found
    n_single = sum(n for word, n in texts if len(word) == 1)
    if n_single > 0.8 * n_tokens:
        found.append(
            f"{100 * n_single / n_tokens:.0f} % of all words are single characters: is the text "
            "split into letters, or were strings given where lists of words are expected? A string "
            "is an iterable of its characters"
        )
        return found
    here = {word for word, _ in texts}
    twice = [n for word, n in texts if word != word.lower() and word.lower() in here]
    if sum(twice) > 0.02 * n_tokens:
        found.append(
            f"{_words(len(twice))} ({100 * sum(twice) / n_tokens:.0f} % of the text) differ"
            f"{'s' * (len(twice) == 1)} from "
            "another one only in capital letters: turn the text to lower case (lowercase=True) "
            "unless that matters"
        )
    glued = [n for word, n in texts if len(word) > 1 and word.endswith(_PUNCTUATION)]
    if sum(glued) > 0.03 * n_tokens:
        found.append(
            f"{_words(len(glued))} ({100 * sum(glued) / n_tokens:.0f} % of the text) end"
            f"{'s' * (len(glued) == 1)} with a "
            "punctuation mark, as in 'end.': split it off (tokenizer='words'), or 'end' and 'end.' "
            "are two words"
        )
    return found


def _words(n: int) -> str:
    return f"{n:,} word{'s' * (n != 1)}"


def of_head(head: bytes) -> str | None:
    """Say what a file is that is no text; None if its first 8 bytes may be some."""
    return next((kind for magic, kind in _BINARY.items() if head.startswith(magic)), None)


def of_line(line: str) -> list[str]:
    """Return what is unusual about the first line of a file that is read as text."""
    start = line.lstrip()[:1]
    if start not in _MARKUP:
        return []
    kinds = {"{": "JSON", "[": "a list in Python's or JSON's notation", "<": "HTML or XML"}
    return [f"the first line looks like {kinds[start]}, and is read as plain text"]
