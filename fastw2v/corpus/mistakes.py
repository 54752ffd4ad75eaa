"""The usual mistakes with a corpus, found by what was counted."""

from __future__ import annotations

import re
import zlib
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

# Small corpora are examples and tests, where nothing is unusual.
ENOUGH_TOKENS = 10_000

_PUNCTUATION = tuple(".,;:!?)\"'")
_MARKUP = ("{", "[", "<")
HEAD = 512
"""Bytes of a file that `of_head` looks at: the first block of a tar archive."""

_TAR, _RIFF, _OURS = "tar -xf", "a sound, film or picture (RIFF)", "a file of fastw2v"
# Beginnings of files that no text has: what they are, and the program that unpacks them.
_BINARY = {
    b"\x89PNG\r\n": ("a PNG image", ""), b"\xff\xd8\xff": ("a JPEG image", ""),
    b"%PDF-": ("a PDF document", "pdftotext"),
    b"PK\x03\x04": ("a ZIP archive, as office documents and .npz files are", "unzip"),
    b"version https://git-lfs": ("a pointer of Git LFS ('git lfs pull' downloads the file)", ""),
    b"\xd0\xcf\x11\xe0": ("an old office document", ""),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", "7z x"),
    b"\x04\x22\x4d\x18": ("compressed with LZ4", "lz4 -d"),
    b"\x1f\x9d": ("compressed with compress", "uncompress"),
    b"\x7fELF": ("a program", ""), b"MZ\x90\0": ("a program", ""),
    b"SQLite f": ("an SQLite database", ""), b"\x93NUMPY": ("a NumPy array", ""),
    b"\x89HDF\r\n": ("an HDF5 file", ""), b"\x80\x02": ("a pickle", ""),
    b"\x80\x03": ("a pickle", ""), b"\x80\x04": ("a pickle", ""), b"\x80\x05": ("a pickle", ""),
    b"\xba\x16\x4f\x2f": ("a fastText model", ""), b"\x1aE\xdf\xa3": ("a film (Matroska)", ""),
    b"\xff\xfb": ("a sound (MP3)", ""), b"\xff\xf3": ("a sound (MP3)", ""),
    b'{"format": "fastw2v phrases"': (_OURS, ""),
}  # fmt: skip
# Those that a text might have, unless control characters follow.
_PERHAPS = {
    b"Rar!": ("a RAR archive", "unrar x"), b"!<arch>\n": ("an ar archive", "ar x"),
    b"LZIP": ("compressed with lzip", "lzip -d"), b"MSCF": ("a cabinet archive", "cabextract"),
    b"GIF8": ("a GIF image", ""), b"II*\0": ("a TIFF image", ""), b"MM\0*": ("a TIFF image", ""),
    b"RIFF": (_RIFF, ""), b"ID3": ("a sound (MP3)", ""), b"OggS": ("a sound or film (Ogg)", ""),
    b"fLaC": ("a sound (FLAC)", ""), b"GGUF": ("a language model (GGUF)", ""),
    b"Obj\1": ("an Avro file", ""), b"\0asm": ("a program", ""),
}  # fmt: skip
_ZLIB = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")
_CONTROL = re.compile(rb"[\0-\x08]")
_VECTORS = re.compile(rb"\d{1,18} (\d{1,18})\n[^\s]+ ")
_NUMBER = re.compile(rb"-?\d+(\.\d*)?(e[-+]?\d+)?")
_LARGEST_VALUE, _ENOUGH_VALUES = 1e4, 8


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
    tagged = [n for word, n in texts if word.find("</") > 0 or '="' in word]  # but not </s>
    if sum(tagged) > 0.01 * n_tokens:
        found.append(
            f"{_words(len(tagged))} ({100 * sum(tagged) / n_tokens:.0f} % of the text) "
            f"ha{'s' if len(tagged) == 1 else 've'} tags of HTML or XML in them: take the text out "
            "of these first"
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
    """Say what a file is that is no text, and how it is unpacked.

    Parameters
    ----------
    head : bytes
        Its first bytes, unpacked; those beyond `HEAD` are not needed.

    Returns
    -------
    str or None
        None if it may be text.
    """
    found = _signature(head)
    if found is None:
        return None
    what, program = found
    return f"{what}, and no text" + f"; unpack it first: {program} FILE" * bool(program)


def _signature(head: bytes) -> tuple[str, str] | None:
    for magic, kind in _BINARY.items():
        if head.startswith(magic):
            return kind
    if head[257:262] == b"ustar":
        return "a tar archive", _TAR
    if _is_vectors(head):
        return "a file of vectors (word2vec's text format)", ""
    if head[4:10] == b'\0\0\0\0{"':
        return (_OURS if b"fastw2v." in head else "a safetensors file"), ""
    if not _CONTROL.search(head):
        return None
    if _is_binary(head):
        return "a word2vec binary file", ""
    if head[4:8] == b"ftyp":
        return "a film or sound (MP4)", ""
    if head[:2] in _ZLIB and _is_zlib(head):
        return "compressed with zlib", "zlib-flate -uncompress <"
    return next((kind for magic, kind in _PERHAPS.items() if head.startswith(magic)), None)


def _is_vectors(head: bytes) -> bool:
    """Tell whether a header and a word with its values begin a file: most have a decimal point."""
    found = _VECTORS.match(head)
    if found is None:
        return False
    line, newline, _ = head[found.end() :].partition(b"\n")
    values = line.split() if newline else line.split()[:-1]
    n, least = int(found[1]), _ENOUGH_VALUES
    enough = 1 < len(values) == n if newline else least <= len(values) < n
    n_decimals = sum(b"." in value for value in values)
    return enough and 2 * n_decimals > len(values) and all(map(_NUMBER.fullmatch, values))


def _is_binary(head: bytes) -> bool:
    """Tell whether vectors of word2vec follow; letters would be larger values."""
    found = _VECTORS.match(head)
    if found is None:
        return False
    n = min(int(found[1]), (len(head) - found.end()) // 4)
    values = np.frombuffer(head, "<f4", n, found.end())
    is_usual = bool(values.any()) and bool((np.abs(values) < _LARGEST_VALUE).all())
    return is_usual and bool(_CONTROL.search(values.tobytes()))


def _is_zlib(head: bytes) -> bool:
    try:
        return bool(zlib.decompressobj().decompress(head))
    except zlib.error:
        return False


def of_line(line: str) -> list[str]:
    """Return what is unusual about the first line of a file that is read as text."""
    start = line.lstrip()[:1]
    if start not in _MARKUP:
        return []
    kinds = {"{": "JSON", "[": "a list in Python's or JSON's notation", "<": "HTML or XML"}
    return [f"the first line looks like {kinds[start]}, and is read as plain text"]
