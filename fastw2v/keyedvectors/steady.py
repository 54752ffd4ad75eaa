"""Right answers while a model in training moves the rows of its vectors.

That happens when an epoch begins and when it ends (`fastw2v.weights`). A question that another
thread asked meanwhile is asked again; whoever reads all rows, as `save` does, keeps them in place
until it has done so.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
Answer = TypeVar("Answer")

_PAUSE = 0.0005


class _Moved(Protocol):
    _moves: int
    _training_thread: int | None

    def _matrix(self) -> object: ...


Asker = TypeVar("Asker", bound=_Moved)

_readers: set[tuple[int, int]] = set()
"""Tables that stay as they are, and the threads that read them."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_readers.clear)  # those threads are not in the child


@contextlib.contextmanager
def still(table: _Moved) -> Iterator[None]:
    """Keep the rows of a table in place until the block ends."""
    reader = id(table), threading.get_ident()
    if reader in _readers:
        yield
        return
    try:
        while True:
            # Announced first: either this thread sees that rows are moved, or the one that will
            # move them sees this reader.
            _readers.add(reader)
            if not table._moves & 1:
                break
            _readers.discard(reader)
            time.sleep(_PAUSE)
        yield
    finally:
        _readers.discard(reader)


def move(table: _Moved, change: Callable[[], None], is_stopped: Callable[[], bool]) -> None:
    """Move the rows of a table once no thread reads them; readers that come meanwhile wait.

    Parameters
    ----------
    table : VectorStore
        The table.
    change : callable
        Moves the rows.
    is_stopped : callable
        Tells whether to wait no longer and leave the rows where they are.
    """
    is_moved = False
    table._moves += 1
    try:
        while any(read == id(table) for read, _ in list(_readers)):
            if is_stopped():
                return
            time.sleep(_PAUSE)
        is_moved = True
        change()
    finally:
        table._moves += 1 if is_moved else -1


def will_move(table: _Moved) -> bool:
    """Tell whether another thread trains the vectors of a table, and will move their rows."""
    trains = table._training_thread not in (None, threading.get_ident())
    return trains or table._moves & 3 != 0


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
            if moves & 1 and (id(self), threading.get_ident()) not in _readers:
                time.sleep(_PAUSE)
                continue
            try:
                answer = method(self, *given, **kwargs)
            except (AttributeError, TypeError, ValueError):
                if "vectors" in vars(self):
                    self._matrix()  # says so if that is no array
                raise
            if self._moves == moves:
                return answer

    return asked
