"""The file of a phrase model, without the model."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import FrozenPhrases, Phrases
from fastw2v.errors import FormatError, TruncatedFileError
from fastw2v.formats import phrases

ARRAYS = {
    "bytes": np.arange(5, dtype=np.uint8),
    "ids": np.array([-1, 2**31 - 1], dtype=np.int32),
    "none": np.empty(0, dtype=np.int64),
    "longs": np.array([2**40], dtype=np.int64),
    "floats": np.array([0.1, -np.inf, 1e300]),
}


def test_what_is_written_is_read() -> None:
    file = io.BytesIO()
    phrases.write(file, {"a": [1, "é\n"], "n": 5}, ARRAYS)
    head, rest = file.getvalue().split(b"\n", 1)
    listed = json.loads(head)
    assert (listed["format"], listed["version"]) == ("fastw2v phrases", 1)
    assert rest == b"".join(a.tobytes() for a in ARRAYS.values())  # on a little-endian machine
    file.seek(0)
    header, arrays = phrases.read(file)
    assert (header["a"], header["n"]) == ([1, "é\n"], 5)
    assert list(arrays) == list(ARRAYS)
    for name, array in arrays.items():
        assert array.dtype == ARRAYS[name].dtype
        assert (array == ARRAYS[name]).all()


def test_an_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "m"
    phrases.write(path, {}, ARRAYS)
    old = path.read_bytes()
    with pytest.raises(TypeError):
        phrases.write(path, {"cannot": object()}, ARRAYS)
    assert path.read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "no file of phrases"),
        ({"version": 2}, "has version 2 of the format"),
        ({"crc32": 1}, "its checksum is wrong"),
        ({"arrays": 5}, "'arrays' must be a list, .* not 5"),
        ({"arrays": [["a", "O", 1]]}, "'arrays' must be a list"),
        ({"arrays": [["a", "u1", -1]]}, "'arrays' must be a list"),
        ({"arrays": [["a", "u1", True]]}, "'arrays' must be a list"),
    ],
)
def test_damage_is_named(change: dict[str, Any], message: str) -> None:
    file = io.BytesIO()
    phrases.write(file, {}, ARRAYS)
    head, rest = file.getvalue().split(b"\n", 1)
    damaged = json.dumps({**json.loads(head), **change}).encode() + b"\n" + rest
    with pytest.raises(FormatError, match=message):
        phrases.read(io.BytesIO(damaged))


def test_a_size_beyond_the_end_is_no_reason_to_allocate() -> None:
    head = {"format": "fastw2v phrases", "version": 1, "arrays": [["a", "<i8", 1 << 40]]}
    with pytest.raises(TruncatedFileError, match="before the end of its array 'a'"):
        phrases.read(io.BytesIO(json.dumps(head).encode() + b"\n12345678"))


@pytest.mark.parametrize("end", [60, -1])
def test_a_damaged_first_line_is_called_damaged(tmp_path: Path, end: int) -> None:
    path = tmp_path / "m"
    phrases.write(path, {"class": "Phrases"}, ARRAYS)
    line = path.read_bytes().split(b"\n")[0]
    path.write_bytes(line[:end])
    for load in (Phrases.load, FrozenPhrases.load, phrases.read):
        with pytest.raises(FormatError, match=r"m is damaged: its first line: no JSON: "):
            load(path)
