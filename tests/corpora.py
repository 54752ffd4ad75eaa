"""Definitions in plain Python that the corpus tests check against, and files in all forms."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import re
from pathlib import Path

import numpy as np
import pytest

END = -(2**31)

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_CLOSING = ('"', "'", ")", "]", "}", "\u201d", "\u2019", "\u00bb", "\u300d", "\u300f", "\uff09")
_FINAL = (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f")
_LEFT_OUT = "\ufdd0".encode()
ASCII_SPACE = re.compile("[ \t\n\r\v\f]+")


def is_final(word: str) -> bool:
    """A word at whose end a sentence may end."""
    while word.endswith(_CLOSING):
        word = word[:-1]
    return word.endswith(_FINAL)


def words_of(text: str, tokenizer: str | None, lowercase: bool) -> list[str]:
    """The words of a piece of text without sentence ends."""
    if tokenizer == "text8":
        text = re.sub("[0-9]", lambda digit: f" {DIGITS[int(digit[0])]} ", text)
        text = "".join(chr(ord(c) | 32) if "A" <= c <= "Z" else c for c in text)
        return re.sub("[^a-z]", " ", text).split()
    if tokenizer == "words":
        found = re.findall(r"(?:(?!\d)\w)+", text.lower())
        return [word for word in found if 2 <= len(word) <= 15 and not word.startswith("_")]
    if lowercase:
        text = text.lower()
    return [word for word in ASCII_SPACE.split(text) if word]


def sentences_of(
    text: bytes,
    tokenizer: str | None = None,
    lowercase: bool = False,
    split: str | int = "line",
    errors: str = "strict",
) -> list[list[str]]:
    """The sentences of one document."""
    text = text.removeprefix(b"\xef\xbb\xbf")
    if errors == "skip":
        assert tokenizer != "words"  # what a word is there depends on bytes that are none
        # A word that will be left out is no white space, and may be the last one of a sentence.
        parts = re.split(rb"([ \t\n\r\v\f])", text)
        text = b"".join(part if is_utf8(part) else _LEFT_OUT + part for part in parts)
    decoded = text.decode(errors="strict" if errors == "strict" else "replace")
    if split == "line":
        pieces = decoded.split("\n")
    elif isinstance(split, int):
        words = words_of(decoded, tokenizer, lowercase)
        if errors == "skip":
            words = [word for word in words if not word.startswith(_LEFT_OUT.decode())]
        return [words[start : start + split] for start in range(0, len(words), split)]
    else:
        pieces = re.split("\n[ \t\r\v\f]*(?=\n)", "\n" + decoded)
        if split == "punctuation":
            pieces = [part for piece in pieces for part in _split_at_marks(piece)]
    found = [words_of(piece, tokenizer, lowercase) for piece in pieces]
    if errors == "skip":
        mark = _LEFT_OUT.decode()
        found = [[word for word in words if not word.startswith(mark)] for words in found]
    return [words for words in found if words]


def _split_at_marks(text: str) -> list[str]:
    pieces = [""]
    for part in re.split("([ \t\n\r\v\f]+)", text):
        pieces[-1] += part
        if part and not ASCII_SPACE.fullmatch(part) and is_final(part):
            pieces.append("")
    return pieces


def is_utf8(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True


def store_sentences(store, keys) -> list[list[object]]:
    """The sentences of a store as lists of keys."""
    sentences: list[list[object]] = [[]]
    for value in store.ids.tolist():
        sentences[-1].append(keys[value & 0x7FFFFFFF])
        if value < 0:
            sentences.append([])
    assert not sentences.pop()
    return sentences


def zstd_frame(data: bytes) -> bytes:
    """Compress with whatever library there is."""
    for name in ("compression.zstd", "backports.zstd", "zstandard"):
        try:
            module = __import__(name, fromlist=["compress"])
        except ImportError:
            continue
        return bytes(module.compress(data))
    pytest.skip("there is no library for Zstandard")


COMPRESSORS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd_frame,
}


def write_jsonl(path: Path, values: list[object], field: str = "text") -> Path:
    path.write_text("".join(json.dumps({"id": 1, field: value}) + "\n" for value in values))
    return path


def write_parquet(path: Path, values: list[object], kind=None, field: str = "text") -> Path:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pa.table({"id": pa.array(range(len(values))), field: pa.array(values, type=kind)})
    parquet.write_table(table, path, row_group_size=7)
    return path


def walks(seed: int = 0, n: int = 50, length: int = 12, dtype=np.int32) -> np.ndarray:
    return np.random.default_rng(seed).integers(-3, 20, (n, length)).astype(dtype)
