"""Words that are not UTF-8: where they are, and what to say."""

from __future__ import annotations

from fastw2v.corpus import _scan
from fastw2v.corpus.blocks import Text
from fastw2v.corpus.segments import TokenList
from fastw2v.errors import CorpusError

_SHOWN = 100


class BadWord:
    """A word of a block that is not UTF-8.

    Parameters
    ----------
    text : Text
        The block.
    at : int
        Place of one of its bytes; in a list the number of the word.

    Attributes
    ----------
    source, place : int
        Those of the block.
    n_lines : int
        Lines of the block before it.
    """

    def __init__(self, text: Text, at: int) -> None:
        self.source, self.place = text.source, text.place
        self.n_lines = 0
        self._is_of_list = isinstance(text.list, TokenList)
        if isinstance(text.list, TokenList):
            offsets = text.list.offsets
            self._word = text.list.bytes[offsets[at] : offsets[at + 1]].tobytes()
            return
        self.n_lines = _scan.lines(text.bytes, at)
        begin = _scan.cut(text.bytes, 0, at)
        end = at + len(text.bytes[at : text.n].tobytes().split(None, 1)[0])
        self._word = text.bytes[begin:end].tobytes()

    def error(self, name: str, lines_before: int, *, has_choice: bool = True) -> CorpusError:
        """Return what to raise.

        Parameters
        ----------
        name : str
            The input.
        lines_before : int
            Its lines in blocks before.
        has_choice : bool
            Whether the user could have said errors=.
        """
        if self._is_of_list:
            return in_list(name, self._word)
        return not_utf8(name, lines_before + self.n_lines + 1, self._word, has_choice=has_choice)


def in_list(name: str, word: bytes) -> CorpusError:
    """Return the error for a word of a list of bytes, to which errors= does not apply."""
    return CorpusError(
        f"{name}: the word {_shown(word)} is not UTF-8; give lists of str, decoded as you choose"
    )


def not_utf8(name: str, line: int, word: bytes, *, has_choice: bool = True) -> CorpusError:
    """Return the error for a word in a line, counted from 1."""
    choice = "; or choose errors='replace' or errors='skip'" if has_choice else ""
    return CorpusError(
        f"{name}, line {line}: the word {_shown(word)} is not UTF-8{_reason(word)}; re-encode the "
        f"file first, for example: iconv -f ISO-8859-1 -t UTF-8 FILE > NEW_FILE{choice}"
    )


def _shown(word: bytes) -> str:
    return repr(word) if len(word) <= _SHOWN else f"{word[:_SHOWN]!r}... ({len(word):,} bytes)"


def _reason(word: bytes) -> str:
    try:
        word.decode()
    except UnicodeDecodeError as error:
        return f" ({error.reason} at its byte {error.start})"
    return ""
