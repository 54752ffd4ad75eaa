"""Recipes: how to spoil a valid file, in a form that can be read and kept.

A recipe is the name of a format (tests/fuzz/formats.py) and steps, which are lists:

    ["set", PATH, VALUE]     put one of VALUES into the tree that the file holds
    ["drop", PATH]           leave out what is there
    ["array", NAME, HOW]     change an array: its type, shape or numbers (ARRAYS)
    ["flip", PLACE, BIT]     and so on: the bytes of the file, at a place modulo its length

Lengths and checksums are computed after the steps on trees and arrays, so that the damage gets past
them, and before those on bytes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Step: TypeAlias = list[Any]

VALUES = {
    **{
        text: text
        for text in (
            "0", "1", "-1", "0.5", "1e308", "-1e308", "1e999", "-1e999", "NaN", "null", "true",
            "false",
            '""', '"x"', '"space"', '"\\ud800"', '"\\u0000"', "[]", "{}", "[1]", "[[1]]", '["x"]',
            '["x","y"]', '["os","system"]', '{"a":1}', "2", "3", "7", "1e-320", "[null]", "[0,0]",
            "[0,4611686018427387904]",
        )
    },
    "2**31 - 1": str(2**31 - 1),
    "2**31": str(2**31),
    "2**32": str(2**32),
    "2**46": str(2**46),
    "2**62": str(2**62),
    "2**63": str(2**63),
    "-2**63 - 1": str(-(2**63) - 1),
    "2**64": str(2**64),
    "10**400": "1" + "0" * 400,
    "10**5000": "1" + "0" * 5000,
    "deep list": "[" * 100_000 + "]" * 100_000,
    "deep object": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "long text": '"' + "x" * 100_000 + '"',
    "long list": "[" + "1," * 50_000 + "1]",
}  # fmt: skip
"""What to put into a tree, as JSON."""

_NUMBERS = (0, 1, -1, 2, 127, 255, 2**31 - 1, -(2**31), 2**40, 2**62, 2**63 - 1, -(2**63))
ARRAYS: dict[str, Callable[[Array], Array | None]] = {
    "gone": lambda a: None,
    "empty": lambda a: a[:0],
    "shorter": lambda a: a[:-1],
    "longer": lambda a: np.concatenate([a, a[-1:]]),
    "scalar": lambda a: np.zeros((), a.dtype),
    "column": lambda a: a.reshape(-1, 1),
    "row": lambda a: a.reshape(1, -1),
    "flat": lambda a: a.reshape(-1),
    "no columns": lambda a: np.empty((len(a), 0), a.dtype),
    "cube": lambda a: a.reshape(*a.shape, 1),
    "reversed": lambda a: a[::-1],
    "nan": lambda a: np.full_like(a, np.nan) if a.dtype.kind == "f" else None,
    "inf": lambda a: np.full_like(a, np.inf) if a.dtype.kind == "f" else None,
    **{
        f"as {kind}": lambda a, kind=kind: _cast(a, kind)  # type: ignore[misc]
        for kind in ("u1", "i1", "<i2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8", "?")
    },
    **{f"first {n}": lambda a, n=n: _put(a, 0, n) for n in _NUMBERS},  # type: ignore[misc]
    **{f"last {n}": lambda a, n=n: _put(a, -1, n) for n in _NUMBERS},  # type: ignore[misc]
    **{f"all {n}": lambda a, n=n: _put(a, slice(None), n) for n in _NUMBERS},  # type: ignore[misc]
}
"""How to change an array; None leaves it out."""


def _cast(array: Array, kind: str) -> Array:
    with np.errstate(all="ignore"):
        return array.astype(kind)


def _put(array: Array, place: Any, number: int) -> Array:
    changed = array.copy().reshape(-1)
    if len(changed):
        with np.errstate(all="ignore"):
            changed[place] = np.array(number).astype(array.dtype)
    return changed.reshape(array.shape)


class Parts(NamedTuple):
    """A file taken apart.

    Attributes
    ----------
    tree : list or dict
        Of JSON; "arrays" in it describes the arrays, if `describe` does.
    arrays : dict of str to ndarray
        What follows.
    describe : callable
        Writes into the tree what it says of the arrays.
    join : callable
        Makes the file of the tree and the arrays.
    """

    tree: Any
    arrays: dict[str, Array]
    describe: Callable[[Any, dict[str, Array]], None]
    join: Callable[[Any, dict[str, Array]], bytes]


def mark(name: str) -> str:
    """Return what stands for one of VALUES in a tree until it is written."""
    return f"\ue000{list(VALUES).index(name)}\ue000"


def dumps(tree: Any) -> str:
    """Write JSON, with the texts of VALUES, some of which no object of Python can hold."""
    return _filled(json.dumps(tree, separators=(",", ":"), ensure_ascii=False), '"')


def filled(text: str) -> str:
    """Put VALUES into a text that is not JSON."""
    return _filled(text, "")


def _filled(text: str, quote: str) -> str:
    values = list(VALUES.values())
    for number in set(text.split("\ue000")[1::2]):
        text = text.replace(f"{quote}\ue000{number}\ue000{quote}", values[int(number)])
    return text


def spoil(parts: Parts, steps: list[Step]) -> bytes:
    """Return the file that a recipe makes. A step that nothing is there for does nothing."""
    tree, arrays = json.loads(json.dumps(parts.tree)), dict(parts.arrays)
    parts.describe(tree, arrays)
    for what, *how in steps:
        if what in ("set", "drop"):
            _set(tree, how[0], how[1:])
        elif what == "array" and how[0] in arrays:
            array = arrays[how[0]]
            changed = ARRAYS[how[1]](array if array.ndim or how[1] == "gone" else array.reshape(1))
            if changed is None:
                del arrays[how[0]]
            else:
                arrays[how[0]] = changed
            parts.describe(tree, arrays)
    data = bytearray(parts.join(tree, arrays))
    for what, *how in steps:
        if not data:
            break
        place = how[0] % len(data) if isinstance(how[0], int) else 0
        if what == "flip":
            data[place] ^= 1 << how[1]
        elif what == "byte":
            data[place] = how[1]
        elif what == "cut":
            del data[place:]
        elif what == "delete":
            del data[place : place + how[1]]
        elif what == "insert":
            data[place:place] = bytes.fromhex(how[1])
        elif what == "repeat":
            data[place:place] = data[place : place + how[1]]
    return bytes(data)


def _set(tree: Any, path: list[Any], value: list[str]) -> None:
    for key in path[:-1]:
        if not _has(tree, key):
            return
        tree = tree[key]
    if value and (isinstance(tree, dict) or _has(tree, path[-1])):
        tree[path[-1]] = mark(value[0])
    elif _has(tree, path[-1]):
        del tree[path[-1]]


def _has(tree: Any, key: Any) -> bool:
    if isinstance(tree, dict):
        return key in tree
    return isinstance(tree, list) and isinstance(key, int) and key < len(tree)


def _paths(tree: Any) -> Iterator[list[Any]]:
    items: Any = ()
    if isinstance(tree, dict):
        items = tree.items()
        yield ["extra"]
    elif isinstance(tree, list):
        items = enumerate(tree)
    for key, value in items:
        yield [key]
        yield from ([key, *rest] for rest in _paths(value))


def invent(parts: Parts, rng: random.Random) -> list[Step]:
    """Return the steps of a new recipe."""
    tree = json.loads(json.dumps(parts.tree))
    parts.describe(tree, dict(parts.arrays))
    paths = list(_paths(tree))
    kinds = ["bytes"] * 3 + ["tree"] * 6 * bool(paths) + ["array"] * 4 * bool(parts.arrays)
    return [
        _step(rng, rng.choice(kinds), paths, list(parts.arrays))
        for _ in range(rng.choice((1, 1, 1, 2, 3)))
    ]


def _step(rng: random.Random, kind: str, paths: list[list[Any]], arrays: list[str]) -> Step:
    if kind == "tree":
        path = rng.choice(paths)
        return ["drop", path] if rng.random() < 0.1 else ["set", path, rng.choice(list(VALUES))]
    if kind == "array":
        return ["array", rng.choice(arrays), rng.choice(list(ARRAYS))]
    # Headers are short and come first: half of the places are there.
    place = rng.randrange(rng.choice((64, 1 << 20)))
    what = rng.choice(("flip", "flip", "byte", "cut", "delete", "insert", "repeat"))
    argument: Any = {
        "flip": rng.randrange(8),
        "byte": rng.choice((0, 9, 10, 32, 34, 48, 57, 127, 128, 255)),
        "insert": rng.randbytes(rng.choice((1, 8, 300))).hex(),
    }.get(what, rng.choice((1, 2, 4, 8, 100)))
    return [what, place] if what == "cut" else [what, place, argument]
