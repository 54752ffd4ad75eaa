"""Whether the ids of a corpus fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fastw2v import memory as system_memory
from fastw2v.corpus import arrow, decompress
from fastw2v.corpus.inputs import resolve
from fastw2v.prepare.given import Corpus

AUTO, RAM, BOUNDED = "auto", "ram", "bounded"
MEMORY = (AUTO, RAM, BOUNDED)

# Text has five or six bytes a word, so its ids take less than the text; compressed text is a
# quarter of its size or more. Parquet is also compressed.
_COMPRESSION = 5
_HEAD = 8

LEAST_TEXT = 64 << 20
"""Bytes of text whose ids take less than a window, and what encodes them, in every epoch."""


def check_memory(memory: str) -> str:
    """Return `memory`; ValueError unless it is one of `MEMORY`."""
    if memory not in MEMORY:
        raise ValueError(f"memory must be one of {', '.join(map(repr, MEMORY))}, got {memory!r}")
    return memory


def is_bounded(corpus: Corpus, memory: str) -> bool:
    """Tell whether the ids are to stay out of memory: as asked, or if they might take half."""
    if memory != AUTO:
        return memory == BOUNDED
    paths = file_paths(corpus)
    if paths is None:
        return False  # they cannot be read again, or their length is unknown
    available = system_memory.available()
    return available is not None and sum(map(_text_bytes, paths)) > available // 2


def would_help(corpus: Corpus, memory: str) -> bool:
    """Tell whether "bounded" may take less memory, given another `memory`."""
    if memory == BOUNDED:
        return False
    if corpus.inputs is None:
        return not isinstance(corpus.objects, Iterator)
    paths = file_paths(corpus)
    # Where it may be chosen it was tried.
    return memory == RAM and paths is not None and sum(map(_text_bytes, paths)) > LEAST_TEXT


def file_paths(corpus: Corpus) -> list[Path] | None:
    """Return where the files are; None if something is not a file that can be read again."""
    if corpus.inputs is None:
        return None
    inputs = resolve(corpus.inputs)
    paths = [item.path for item in inputs if item.path is not None and item.is_file]
    return paths if len(paths) == len(inputs) else None


def _text_bytes(path: Path) -> int:
    """Estimate the length of a text that may be compressed."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    size = path.stat().st_size
    compressed = decompress.format_of(head) or arrow.format_of(head) == "parquet"
    return size * _COMPRESSION if compressed else size
