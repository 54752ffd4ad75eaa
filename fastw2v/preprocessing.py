"""From raw text to tokens, as `gensim.utils` does it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Runs of letters, of numbers that are no decimal digits, and of underscores.
_TOKEN = re.compile(r"(?:(?!\d)\w)+")


def to_unicode(text: str | bytes, encoding: str = "utf8", errors: str = "strict") -> str:
    """Return text as str.

    Parameters
    ----------
    text : str or bytes
        Text; bytes are decoded.
    encoding, errors : str
        As for `bytes.decode`.

    Returns
    -------
    str

    Raises
    ------
    TypeError
        If `text` is neither.
    UnicodeDecodeError
        If it cannot be decoded.
    """
    if isinstance(text, str):
        return text
    if isinstance(text, (bytes, bytearray, memoryview)):
        return str(text, encoding, errors)
    raise TypeError(f"text must be str or bytes, got {type(text).__name__} ({text!r})")


def deaccent(text: str | bytes) -> str:
    """Remove accents: "Šéf" becomes "Sef". Letters that are no accented ones, as "ł", stay.

    Parameters
    ----------
    text : str or bytes
        Text; bytes are UTF-8.

    Returns
    -------
    str
        In normalisation form C, without the combining marks (category Mn) of form D.
    """
    decomposed = unicodedata.normalize("NFD", to_unicode(text))
    kept = "".join(char for char in decomposed if unicodedata.category(char) != "Mn")
    return unicodedata.normalize("NFC", kept)


def simple_tokenize(text: str) -> Iterator[str]:
    """Yield the runs of letters and underscores of a text; digits and all else separate them.

    Parameters
    ----------
    text : str
        Any text.

    Yields
    ------
    str
        A token, as it is written.
    """
    for match in _TOKEN.finditer(text):
        yield match.group()


def tokenize(
    text: str | bytes,
    lowercase: bool = False,
    deacc: bool = False,
    encoding: str = "utf8",
    errors: str = "strict",
    to_lower: bool = False,
    lower: bool = False,
) -> Iterator[str]:
    """Yield the tokens of `simple_tokenize`, in lower case and without accents if asked.

    Parameters
    ----------
    text : str or bytes
        Any text.
    lowercase, to_lower, lower : bool
        Turn it to lower case: three names of one thing.
    deacc : bool
        Remove accents, see `deaccent`.
    encoding, errors : str
        How to decode bytes.

    Yields
    ------
    str
        A token.
    """
    text = to_unicode(text, encoding, errors)
    if lowercase or to_lower or lower:
        text = text.lower()
    return simple_tokenize(deaccent(text) if deacc else text)


def simple_preprocess(
    doc: str | bytes, deacc: bool = False, min_len: int = 2, max_len: int = 15
) -> list[str]:
    """Turn a document into a list of tokens in lower case, without very short and long ones.

    Parameters
    ----------
    doc : str or bytes
        A document; of bytes that are not UTF-8 what can be decoded is taken.
    deacc : bool
        Remove accents, see `deaccent`.
    min_len, max_len : int
        Shortest and longest token that is kept, in characters.

    Returns
    -------
    list of str
        Those that begin with an underscore are also left out.
    """
    return [
        token
        for token in tokenize(doc, lowercase=True, deacc=deacc, errors="ignore")
        if min_len <= len(token) <= max_len and not token.startswith("_")
    ]
