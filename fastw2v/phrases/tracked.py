"""A dict that the tables in C follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Tracked(dict[str, Any]):
    """A dict that knows whether it was changed, as the tables in C would have to follow."""

    changed = False


def _tracking(name: str) -> Callable[..., Any]:
    method = getattr(dict, name)

    def change(self: Tracked, *arguments: Any, **named: Any) -> Any:
        self.changed = True
        return method(self, *arguments, **named)

    change.__name__ = name
    change.__doc__ = method.__doc__
    return change


for _name in ("__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault",
              "update"):  # fmt: skip
    setattr(Tracked, _name, _tracking(_name))
