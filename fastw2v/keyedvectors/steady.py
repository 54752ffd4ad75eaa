"""Right answers while a model in training moves the rows of its vectors.

That happens when an epoch begins and when it ends (`fastw2v.weights`). A question that another
thread asked meanwhile is asked again.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
Answer = TypeVar("Answer")

_PAUSE = 0.0005


class _Moved(Protocol):
    _moves: int


Asker = TypeVar("Asker", bound=_Moved)


def steady(
    method: Callable[Concatenate[Asker, P], Answer],
) -> Callable[Concatenate[Asker, P], Answer]:
    """Return a method that begins again if the rows were moved while it ran."""

    @functools.wraps(method)
    def asked(self: Asker, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        given: Any = args
        value: Any
        for value in args:
            if hasattr(value, "__next__"):  # can be read only once
                given = [list(a) if hasattr(a, "__next__") else a for a in given]
                break
        while True:
            moves = self._moves
            if moves & 1:
                time.sleep(_PAUSE)
                continue
            answer = method(self, *given, **kwargs)
            if self._moves == moves:
                return answer

    return asked
