"""What metadata and arrays in a file of ours must be, checked before anything is made of them.

A schema maps the names of a JSON object to kinds of value. Nothing that a file says is used before
it has passed: a number in the wrong place would otherwise fail far from the file, or take memory.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np

from fastw2v.errors import FormatError

LARGEST = (1 << 63) - 1
_KINDS = {"b": "booleans", "i": "integers", "u": "unsigned integers", "f": "floats"}


class Kind(NamedTuple):
    """What a value may be.

    Attributes
    ----------
    fits : callable
        Tells whether a value, of any type that JSON has, is one of these.
    allowed : str
        The same in words.
    """

    fits: Callable[[Any], bool]
    allowed: str


def whole(low: int = 0, high: int = LARGEST) -> Kind:
    """Return the whole numbers from `low` to `high`."""
    return Kind(lambda v: type(v) is int and low <= v <= high, f"a whole number, {low} to {high}")


# NaN fails the comparison; a larger integer cannot be turned into a float.
NUMBER = Kind(
    lambda v: isinstance(v, (int, float)) and abs(v) <= sys.float_info.max, "a finite number"
)
FLOAT = Kind(lambda v: type(v) is float or NUMBER.fits(v), "a number")
TEXT = Kind(lambda v: type(v) is str, "a text")
FLAG = Kind(lambda v: type(v) is bool or v in (0, 1), "true or false")
ANYTHING = Kind(lambda v: True, "anything")
OBJECT = Kind(lambda v: type(v) is dict, "an object")


def one_of(*texts: str) -> Kind:
    """Return some texts."""
    return Kind(lambda v: type(v) is str and v in texts, f"one of {', '.join(map(repr, texts))}")


def optional(kind: Kind) -> Kind:
    """Return a kind that may also be null."""
    return Kind(lambda v: v is None or kind.fits(v), f"null or {kind.allowed}")


def list_of(kind: Kind) -> Kind:
    """Return lists of a kind."""
    return Kind(
        lambda v: type(v) is list and all(map(kind.fits, v)), f"a list, each {kind.allowed}"
    )


def parse(text: str | bytes, what: str, *, unique: bool = False) -> Any:
    """Read JSON.

    Parameters
    ----------
    text : str or bytes
        What was in the file; bytes are UTF-8.
    what : str
        The file and the part of it, for the message.
    unique : bool
        Refuse objects in which a name comes twice.

    Raises
    ------
    FormatError
        If it is not JSON, or nested too deeply.
    """
    try:
        text = text if isinstance(text, str) else text.decode("utf-8")
        return json.loads(text, object_pairs_hook=_unique if unique else None)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{what}: no JSON: {error}") from error


def as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON gives them back: numbers of NumPy as Python's, other objects as texts.

    Raises
    ------
    FormatError
        Naming the one that JSON cannot hold.
    """
    made = {}
    for name, value in values.items():
        try:
            made[name] = json.loads(json.dumps(value, default=_plain))
        except (TypeError, ValueError, RecursionError) as error:
            raise FormatError(f"cannot save {name}: {error}") from error
    return made


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else str(value)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def check(values: Any, schema: Mapping[str, Kind], what: str, *, complete: bool = True) -> None:
    """Compare a JSON object with a schema; entries that the schema lacks are not looked at.

    Parameters
    ----------
    values : object
        What JSON gave.
    schema : mapping of str to Kind
        Kinds by name.
    what : str
        The file and the part of it, for the message.
    complete : bool
        Every name must be there.

    Raises
    ------
    FormatError
        Naming the file, the entry, its value and what it must be.
    """
    if type(values) is not dict:
        raise FormatError(f"{what}: no JSON object, but {values!r:.60}")
    for name, kind in schema.items():
        if name not in values:
            if complete:
                raise FormatError(f"{what}: {name!r} is missing")
        elif not kind.fits(values[name]):
            raise FormatError(f"{what}: {name!r} must be {kind.allowed}, not {values[name]!r:.60}")


class _Shaped(Protocol):
    @property
    def dtype(self) -> Any: ...
    @property
    def shape(self) -> tuple[int, ...]: ...


ShapedT = TypeVar("ShapedT", bound=_Shaped)


def array(
    arrays: Mapping[str, ShapedT], name: str, types: str, shape: tuple[int | None, ...], what: str
) -> ShapedT:
    """Return an array of a file if it is what it must be.

    Parameters
    ----------
    arrays : mapping
        Arrays by name, or anything with a type and a shape.
    name : str
        Which one.
    types : str
        Its kind, as NumPy abbreviates it, with or without the bytes of a number: "i8", "f"; or
        several of them, with spaces between.
    shape : tuple
        Its shape, None for a length that may be any.
    what : str
        The file, for the message.

    Raises
    ------
    FormatError
        If it is missing or has another type or shape.
    """
    if name not in arrays:
        raise FormatError(f"{what}: the array {name!r} is missing")
    found = arrays[name]
    fits = len(shape) == len(found.shape) and all(
        n in (None, m) for n, m in zip(shape, found.shape, strict=True)
    )
    kind = f"{found.dtype.kind}{found.dtype.itemsize}"
    if not fits or not {kind, kind[0]} & set(types.split()):
        allowed = " or ".join(_KINDS.get(kind) or np.dtype(kind).name for kind in types.split())
        raise FormatError(
            f"{what}: the array {name!r} is {found.dtype} of shape {found.shape}, and must be "
            f"{allowed} of shape ({', '.join('any' if n is None else str(n) for n in shape)})"
        )
    return found
