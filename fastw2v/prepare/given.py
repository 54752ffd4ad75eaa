"""What is given: a corpus, and how its words are chosen; and what becomes of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from fastw2v.corpus.inputs import AnyInput
from fastw2v.corpus.reading import PLAIN, Reading
from fastw2v.corpus.source import Source
from fastw2v.vocab import TrimRule, Vocabulary


@dataclass(frozen=True)
class Choice:
    """How to choose the vocabulary; meanings as in `Vocabulary.from_scan` and `scan_files`.

    `null_word` is a word that is added with the count 1.
    """

    min_count: int = 5
    max_vocab_size: int | None = None
    max_final_vocab: int | None = None
    sorted_vocab: bool = True
    trim_rule: TrimRule | None = None
    null_word: str | None = None


class Corpus(NamedTuple):
    """Where the text is, and how it is read.

    Attributes
    ----------
    inputs : sequence of path, binary file or Input, or None
        As for `scan_files`; None if the corpus is a Python object.
    objects : object
        As for `scan_objects`.
    reading : Reading
        What a word and a sentence is.
    """

    inputs: Sequence[AnyInput] | None
    objects: Any = None
    reading: Reading = PLAIN


class Prepared(NamedTuple):
    """A corpus that is ready to be trained on.

    Attributes
    ----------
    vocabulary : Vocabulary
        The words.
    source : Source
        The tokens.
    """

    vocabulary: Vocabulary
    source: Source
