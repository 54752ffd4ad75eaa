"""What an encoded corpus depends on: its inputs, its words, and how it is read."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Hashable
from pathlib import Path
from typing import Any

from fastw2v.corpus._scan import utf8
from fastw2v.corpus.reading import Reading
from fastw2v.prepare.given import Choice
from fastw2v.vocab import Vocabulary

SUFFIX = ".tokens"

# A sample of a file tells a changed one from one that only looks the same.
_SAMPLES, _SAMPLE_BYTES = 16, 1 << 14


def spelt(key: Hashable) -> str:
    """Return a word as it is, a whole number in digits."""
    return str(key) if is_integer(key) else utf8(key).decode()


def is_integer(key: Hashable) -> bool:
    """Tell whether a word is a whole number, as in graph walks."""
    return isinstance(key, int) and not isinstance(key, bool)


def store_key(
    paths: list[Path],
    reading: Reading,
    choice: Choice,
    vocabulary: Vocabulary | None,
    cache_dir: Path,
) -> tuple[str, Path]:
    """Return what the tokens depend on, and the name of their file.

    The name depends on the paths and options only, so that the file of a corpus that has changed
    is replaced.
    """
    options: dict[str, object]
    if vocabulary is None:
        options = {name: value for name, value in vars(choice).items() if name != "trim_rule"}
    else:
        digest = _digest(16)
        for key in vocabulary.keys:
            kind = b"i" if is_integer(key) else b"w"
            digest.update(kind + spelt(key).encode() + b"\n")
        options = {"vocabulary": digest.hexdigest()}
    options["reading"] = {**vars(reading), "tokenizer": reading.tokenizer or "space"}
    if not reading.is_plain:
        # What is a letter, and what its small one is, depends on it.
        options["unicode"] = unicodedata.unidata_version
    places = [str(path.resolve()) for path in paths]
    name = _digest(8)
    name.update(json.dumps([places, options]).encode())
    inputs = [
        {"path": place, **_fingerprint(path)} for place, path in zip(places, paths, strict=True)
    ]
    key = json.dumps({"inputs": inputs, "options": options})
    stem = re.sub(r"[^\w.-]", "_", paths[0].name)[:60] if paths else "empty"
    return key, cache_dir / f"{stem}-{name.hexdigest()}{SUFFIX}"


def _digest(n_bytes: int) -> Any:
    import hashlib  # loads OpenSSL, which nothing else needs

    return hashlib.blake2b(digest_size=n_bytes)


def _fingerprint(path: Path) -> dict[str, object]:
    """Return size, time of the last change, and a checksum of pieces from all over the file."""
    status = path.stat()
    digest = _digest(16)
    with path.open("rb") as file:
        for number in range(_SAMPLES):
            file.seek(max(status.st_size - _SAMPLE_BYTES, 0) * number // (_SAMPLES - 1))
            digest.update(file.read(_SAMPLE_BYTES))
    return {
        "size": status.st_size,
        "mtime_ns": status.st_mtime_ns,
        # No program can set this one back.
        "ctime_ns": status.st_ctime_ns,
        "sample": digest.hexdigest(),
    }
