"""A format whose files are read wrongly in every way that the hunt must notice."""

from __future__ import annotations

import os
from pathlib import Path

from fastw2v.errors import FormatError
from tests.fuzz.formats import Format
from tests.fuzz.recipes import Parts, filled


def _read(path: Path) -> str:
    text = path.read_text()
    if text == "0":
        raise KeyError(text)
    if text == "1":
        bytes(1 << 30)
    if text == "2":
        raise FormatError("something is wrong")
    if text == "3":
        os._exit(3)
    return text


def _use(text: str) -> None:
    if text == "7":
        raise FormatError("the file was read, so this is too late")


FORMATS = {
    "faults": Format(
        "",
        lambda: Parts(["whole"], {}, lambda *_: None, lambda tree, _: filled(tree[0]).encode()),
        _read,
        _use,
    )
}
