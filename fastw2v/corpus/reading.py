"""How text becomes sentences of words: the options of every reader, once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

Tokenizer: TypeAlias = Callable[[str], Iterable[Hashable]]

TOKENIZERS = ("space", "words", "text8")
SPLITS = ("line", "paragraph", "punctuation")
ERRORS = ("strict", "replace", "skip")


@dataclass(frozen=True)
class Reading:
    """Options for reading a corpus. Those for text do not concern lists of tokens.

    Attributes
    ----------
    tokenizer : {"space", "words", "text8"}, callable or None
        What a word is. "space": what stands between ASCII white space. "words": the tokens of
        `fastw2v.simple_preprocess`, runs of letters in lower case, 2 to 15 of them. "text8": runs
        of a-z in lower case, digits spelled out ("7" is the word "seven"), all else separates, as
        the last steps of the script that made text8 do. Or a function from a line (str, without
        its end) to tokens, at the speed of Python; a line is then a sentence.
        None is "space", but a str where a list of tokens is expected is then no text: it is taken
        for a list of characters, as gensim does, with a warning.
    lowercase : bool
        Turn text to lower case before it is split, as `str.lower` does.
    sentence_split : {"line", "paragraph", "punctuation"} or int
        What ends a sentence, beside the end of a file or document: a newline; a line of white
        space only; such a line, or a word that ends with one of . ! ? and their like; or a number
        of words, whatever the lines.
    errors : {"strict", "replace", "skip"}
        What to do with bytes that are not UTF-8: stop with an error that names file and line;
        put U+FFFD in their place; leave out the words that have them, which are counted.
    field : str or None
        The column of Parquet and Arrow data, the key of JSON lines. None: "text" if there is such
        a column, otherwise the only one.
    """

    tokenizer: str | Tokenizer | None = None
    lowercase: bool = False
    sentence_split: str | int = "line"
    errors: str = "strict"
    field: str | None = None

    def __post_init__(self) -> None:
        """Check all options; ValueError names the one that is wrong."""
        if self.tokenizer is not None and not callable(self.tokenizer):
            _check("tokenizer", self.tokenizer, TOKENIZERS, "a function or None")
        if not isinstance(self.lowercase, (bool, int)) or self.lowercase not in (0, 1):
            raise ValueError(f"lowercase must be True or False, got {self.lowercase!r}")
        if not isinstance(self.sentence_split, int) or isinstance(self.sentence_split, bool):
            _check("sentence_split", self.sentence_split, SPLITS, "a number of words")
        elif self.sentence_split < 1:
            raise ValueError(f"sentence_split must be 1 or more words, got {self.sentence_split}")
        elif self.sentence_split > 1 << 62:
            raise ValueError(f"sentence_split must be 2**62 at most, got {self.sentence_split}")
        _check("errors", self.errors, ERRORS)
        if self.field is not None and not isinstance(self.field, str):
            raise ValueError(f"field must be None or a name, got {self.field!r}")
        if callable(self.tokenizer) and self.sentence_split != "line":
            raise ValueError(
                f"sentence_split must be 'line' with a function as tokenizer, which gets a line "
                f"and returns a sentence, got {self.sentence_split!r}"
            )

    @property
    def is_plain(self) -> bool:
        """Whether the text is read as it is, by csrc/scan.h alone."""
        return (
            self.tokenizer in (None, "space")
            and not self.lowercase
            and self.sentence_split == "line"
            and self.errors == "strict"
        )

    @property
    def is_for_text(self) -> bool:
        """Whether an option was given that lists of tokens cannot obey."""
        return self.tokenizer is not None or bool(self.lowercase) or self.sentence_split != "line"

    @property
    def length(self) -> int:
        """Words of a sentence where all have the same length, otherwise 0."""
        return 0 if isinstance(self.sentence_split, str) else self.sentence_split

    @property
    def document_end(self) -> bytes:
        """What to write after a document so that its last sentence ends."""
        return b"\n" if self.sentence_split == "line" or self.length else b"\n\n"


def _check(name: str, value: object, allowed: tuple[str, ...], other: str = "") -> None:
    if value not in allowed:
        choices = ", ".join(map(repr, allowed)) + (f" or {other}" if other else "")
        raise ValueError(f"{name} must be one of {choices}, got {value!r}")


PLAIN = Reading()
