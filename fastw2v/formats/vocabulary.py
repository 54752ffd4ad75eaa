"""Vocabulary files: a line `word count` for each word, as word2vec.c reads and writes them.

    </s> 220097
    the 1061396
    of 593677

The first line is word2vec.c's mark of the end of a sentence; its count is that of the sentences (0
if that is not known), and it is no word here. A file may begin with one line more, which gives the
totals of the corpus where words were left out, and which cannot be an entry because it has more
than two fields:

    #fastw2v tokens=17000047 words=252192 min_count=5

Source: word2vec.c, SaveVocab and ReadVocab.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fastw2v.errors import FormatError
from fastw2v.formats.atomic import StrPath, atomic_write
from fastw2v.formats.handles import Input, Source, open_input
from fastw2v.formats.kinds import BOM, COUNTS, kind_of, refusal

END_OF_SENTENCE = "</s>"

_TOTALS = re.compile(rb"#fastw2v tokens=(\d{1,18}) words=(\d{1,18}) min_count=(\d{1,18})\s*")
_DIGITS = 18
_WHOLE = re.compile(rb"\d{1,18}|\d{1,15}\.0*|\d(\.\d+)?e\+?\d{1,2}", re.IGNORECASE)
_BATCH = 1 << 16


class Totals(NamedTuple):
    """What the corpus held: tokens and words, and the count below which words were dropped."""

    n_tokens: int
    n_words: int
    min_count: int


class WordCounts(NamedTuple):
    """Words in the order of the file, their counts, and the rest of what it says."""

    words: list[str]
    counts: npt.NDArray[np.int64]
    n_sentences: int = 0
    totals: Totals | None = None


def write(path: StrPath, content: WordCounts) -> None:
    """Write a vocabulary file; it is replaced as a whole.

    Raises
    ------
    FormatError
        If a word is no str, is empty, has white space, or cannot be UTF-8; or if a count is below 0
        or has too many digits.
    """
    for word, count in zip(content.words, content.counts.tolist(), strict=True):
        if not 0 <= count < 10**_DIGITS:
            raise FormatError(
                f"a vocabulary file cannot hold the count {count} of {word!r}: counts must be 0 or "
                f"more, with {_DIGITS} digits or fewer"
            )
    with atomic_write(path) as file:
        if content.totals is not None:
            n_tokens, n_words, min_count = content.totals
            file.write(
                b"#fastw2v tokens=%d words=%d min_count=%d\n" % (n_tokens, n_words, min_count)
            )
        file.write(b"%s %d\n" % (END_OF_SENTENCE.encode(), content.n_sentences))
        for start in range(0, len(content.words), _BATCH):
            file.write(
                b"".join(
                    b"%s %d\n" % (_bytes(word), count)
                    for word, count in zip(
                        content.words[start : start + _BATCH],
                        content.counts[start : start + _BATCH].tolist(),
                        strict=True,
                    )
                )
            )


def _bytes(word: object) -> bytes:
    """Return the bytes of a word, which `bytes.split` must leave in one piece."""
    try:
        spelt = word.encode("utf-8") if isinstance(word, str) else b""
    except UnicodeEncodeError:
        spelt = b""
    if len(spelt.split()) != 1 or spelt.split()[0] != spelt:
        raise FormatError(
            f"a vocabulary file cannot hold the word {word!r}: words must be texts in UTF-8 "
            "without white space, and not empty"
        )
    return spelt


def count_of(text: bytes) -> int | None:
    """Return a count from a file, which other programs may write as 3.0 or 3e+06; None if none."""
    if not _WHOLE.fullmatch(text):
        return None
    if text.isdigit():
        return int(text)
    value = float(text)
    # Beyond 2**53 not every whole number is a float.
    return int(value) if value.is_integer() and value <= 1 << 53 else None


def read(source: Source) -> WordCounts:
    """Read a vocabulary file.

    Parameters
    ----------
    source : path-like, binary file or Input
        gzip, bzip2 and xz are unpacked. Fields may be separated by any white space of ASCII, lines
        may be blank.

    Returns
    -------
    WordCounts

    Raises
    ------
    FormatError
        Naming the file and the line: not a word and a count, a word that is not UTF-8 or comes
        twice. A file of another kind is named as what it is.
    """
    with open_input(source) as opened:
        head = opened.head()
        try:
            return _read(opened)
        except FormatError as error:
            if kind_of(head) is not COUNTS and (other := refusal(opened.name, head)):
                raise other from error
            raise


def _read(opened: Input) -> WordCounts:
    words: dict[str, int] = {}
    n_sentences: int | None = None
    totals = None
    path = opened.name
    for number, line in enumerate(opened.file, 1):
        if number == 1:
            line = line.removeprefix(BOM)
            if match := _TOTALS.fullmatch(line):
                totals = Totals(*map(int, match.groups()))
                continue
        fields = line.split()
        if not fields:
            continue
        where = f"{path}, line {number}"
        if len(fields) == 2 and fields[1].isdigit() and len(fields[1]) > _DIGITS:
            raise FormatError(
                f"{where}: the count must have {_DIGITS} digits or fewer, got {_shown(line)}"
            )
        count = count_of(fields[-1])
        if len(fields) != 2 or count is None:
            raise FormatError(f"{where}: must be a word and its count, got {_shown(line)}")
        try:
            word = fields[0].decode("utf-8")
        except UnicodeDecodeError:
            raise FormatError(f"{where}: the word {_shown(fields[0])} is not UTF-8") from None
        if word == END_OF_SENTENCE and not words and n_sentences is None:
            n_sentences = count
            continue
        if word in words:
            raise FormatError(f"{where}: the word {word!r} comes twice")
        words[word] = count
    counts = np.fromiter(words.values(), dtype=np.int64, count=len(words))
    return WordCounts(list(words), counts, n_sentences or 0, totals)


def _shown(line: bytes) -> str:
    text = line.rstrip(b"\r\n")
    return repr(text[:80].decode("utf-8", "backslashreplace")) + "..." * (len(text) > 80)
