"""A file of word2vec, text or binary, read as what it is."""

from __future__ import annotations

from typing import Any

from fastw2v.errors import FormatError
from fastw2v.formats import kinds, word2vec_binary, word2vec_text
from fastw2v.formats._table import Table
from fastw2v.formats.handles import Input

KINDS = (kinds.TEXT, kinds.HEADERLESS, kinds.BINARY)


def read(source: Input, *, binary: bool, no_header: bool = False, **options: Any) -> Table:
    """Read a file in the format that its first bytes show; if they do not, in that which is said.

    Parameters
    ----------
    source : Input
        The file.
    binary, no_header : bool
        What the caller takes it for.
    **options
        As for `word2vec_text.read` and `word2vec_binary.read`.

    Raises
    ------
    FormatError
        As these raise; a file of another kind is named as what it is.
    """
    head = source.head()
    kind = kinds.kind_of(head)
    if kind in KINDS:
        binary, no_header = kind is kinds.BINARY, kind is kinds.HEADERLESS
    other = None if kind in KINDS else kinds.refusal(source.name, head)
    if other and kind is not kinds.COUNTS:
        raise other
    try:
        if binary:
            return word2vec_binary.read(source, **options)
        return word2vec_text.read(source, no_header=no_header, **options)
    except FormatError as error:
        # Words and counts could have been vectors of one value.
        if other:
            raise other from error
        raise
