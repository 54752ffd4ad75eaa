"""What Python makes of a fuzzer's input: four bytes of options, and a text.

Byte 0: the tokenizer, modulo 3, and whether the text is turned to lower case. Byte 1: what ends a
sentence. Byte 2: what to do with bytes that are not UTF-8. Byte 3: sizes of blocks and pieces,
which must make no difference: small ones cut everywhere, in large ones csrc/look.h has 64 bytes to
look at.
"""

from __future__ import annotations

from fastw2v.corpus import Reading
from fastw2v.corpus.clean import table
from tests.corpora import is_utf8, sentences_of

_TOKENIZERS = ("space", "words", "text8")
_SPLITS = ("line", "paragraph", "punctuation", 10**9)
_ERRORS = ("strict", "replace", "skip")
_LETTER = "\u3400"


def reading_of(data: bytes) -> Reading:
    """Return the options of an input."""
    return Reading(
        _TOKENIZERS[data[0] % 3],
        bool(data[0] // 3 % 2),
        _SPLITS[data[1] % 4],
        _ERRORS[data[2] % 3],
    )


def block_size_of(data: bytes) -> int:
    """Return the bytes of text in a block."""
    size = data[3] % 64
    return 1 + size if size < 48 else 64 << size % 4


def expect(data: bytes) -> list[list[bytes]] | None:
    """Return the sentences of an input; None where it is not UTF-8 and has to be."""
    reading = reading_of(data)
    text = data[4:]
    if reading == Reading("space"):
        # Python's own splitting, and nothing else.
        lines = [line.split() for line in text.split(b"\n")]
        return [words for words in lines if words] if is_utf8(text) else None
    tokenizer, errors = str(reading.tokenizer), reading.errors
    if tokenizer == "text8":
        errors = "replace"  # what is no letter or digit separates, whatever it is
    elif errors == "strict" and not is_utf8(text):
        return None
    spoiled = tokenizer == "words" and errors == "skip"
    if spoiled:
        # A byte that is no text is as a letter, and its word is none.
        for char in ("\ufffd", _LETTER):
            text = text.replace(char.encode(), b",")
        text = text.decode(errors="replace").replace("\ufffd", _LETTER).encode()
        errors = "strict"
    # The byte order mark, which `sentences_of` takes off, is none here.
    found = sentences_of(
        b"\xef\xbb\xbf" + text, tokenizer, reading.lowercase, reading.sentence_split, errors
    )
    if spoiled:
        found = [[word for word in words if _LETTER not in word] for words in found]
    return [[word.encode() for word in words] for words in found if words]


def points() -> bytes:
    """Return the table of code points for C."""
    return table().tobytes()
