"""Threads that work side by side, and have ended when control comes back, whatever happens.

Each thread reports its own end. `Thread.join` and `is_alive` cannot: before Python 3.13 an
exception that a signal handler raises inside them, as Ctrl-C does, marks the thread as finished
while it runs on, and every later `join` returns at once. `Condition` and `Event` are no help: their
`__enter__` is Python code, and an exception after it acquired the lock leaves that locked for good.
So the main thread waits for a `queue.SimpleQueue` and holds plain locks only, which are C.
"""

from __future__ import annotations

import contextlib
import functools
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from fastw2v.errors import ThreadError
from fastw2v.memory import spare_arenas

PERIOD = 0.1
"""Seconds between two looks at what may end the waiting."""

PATIENCE = 1.0
"""Seconds that further signals are held back while threads come to their ends."""

BEGINNING = 10.0
"""Seconds that a thread has to begin."""

Item = TypeVar("Item")


def present() -> set[threading.Thread]:
    """Return the threads that have begun, or will, and have not ended."""
    return set(threading.enumerate())


class Flag:
    """A switch that one thread sets and others look at."""

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        """Set it, for good."""
        self._is_set = True

    def is_set(self) -> bool:
        """Tell whether it was set."""
        return self._is_set


def check_workers(workers: int) -> None:
    """Raise ValueError unless `workers` is a number of threads."""
    if workers < 1:
        raise ValueError(f"workers must be 1 or more, got {workers}")


class _Started(threading.Event):
    """Is waited for by `Thread.start`, for ever if the new thread has no memory to begin with."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(BEGINNING if timeout is None else timeout)


class _Thread(threading.Thread):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._started = _Started()


class Crew:
    """Threads that each run a function, started when the block begins, gone when it has ended.

    Parameters
    ----------
    bodies : sequence of callable
        What the threads run. Each returns soon after `stop` was called.
    stop : callable
        Makes the bodies return; called from any thread, perhaps more than once, also after the
        last one has returned.
    name : str
        Threads are called by this and their number.
    patience : float
        Seconds that further signals are held back while threads come to their ends.

    Raises
    ------
    ThreadError
        If the system refuses a thread; none is left running.
    BaseException
        When the block ends, the first exception of a body, unless the block raised one itself.
    """

    def __init__(
        self,
        bodies: Sequence[Callable[[], None]],
        stop: Callable[[], None],
        name: str = "fastw2v",
        patience: float = PATIENCE,
    ) -> None:
        self._stop = stop
        self._patience = patience
        self._lock = threading.Lock()
        self._wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._is_closed = False
        self._n_running = 0
        self._failures: list[BaseException] = []
        self._ended: set[int] = set()
        self._threads = [
            _Thread(target=self._run, args=(number, body), name=f"{name}-{number}", daemon=True)
            for number, body in enumerate(bodies)
        ]

    def _run(self, number: int, body: Callable[[], None]) -> None:
        # A thread whose `start` was interrupted may come too late, and must not begin then.
        with self._lock:
            if self._is_closed:
                return
            self._n_running += 1
        try:
            body()
        except BaseException as error:  # handed to the thread that waits
            self._failures.append(error)
            self._stop()
        finally:
            with self._lock:
                self._n_running -= 1
                self._ended.add(number)
            self._wake.put(None)

    def start(self) -> None:
        """Start the threads; for who cannot use `with`, and calls `close` in the end."""
        number = 0
        spare_arenas()
        try:
            for thread in self._threads:
                number += 1
                thread.start()
                if thread.ident is None:
                    raise RuntimeError(f"it did not begin within {BEGINNING:g} seconds")
        except BaseException as error:
            self.close()
            if isinstance(error, RuntimeError):
                raise ThreadError(
                    f"the system refuses thread {number} of {len(self._threads)} ({error}); what "
                    "helps: higher limits on processes and memory (ulimit -u, -v)"
                ) from error
            raise

    def __enter__(self) -> Crew:
        self.start()
        return self

    def wait(self, tick: Callable[[], None] = lambda: None) -> None:
        """Wait until all bodies have returned; call `tick` about ten times a second meanwhile.

        Raises
        ------
        ThreadError
            If a thread has disappeared, as it does where there is no memory for its first call.
        """
        while len(self._ended) < len(self._threads):
            self._doze()
            tick()
            there = present()
            for number, thread in enumerate(self._threads):
                if thread not in there and number not in self._ended:
                    raise ThreadError(f"thread {number + 1} of {len(self._threads)} has died")

    def close(self) -> None:
        """Make the bodies return, and wait for that.

        A signal handler's exception waits for it too: threads that end within the crew's patience
        are never left behind.
        """
        until = time.monotonic() + self._patience
        interruption: BaseException | None = None
        while True:
            try:
                with self._lock:
                    self._is_closed = True
                self._stop()
                while self._n_running and not present().isdisjoint(self._threads):
                    self._doze()
                for thread in self._threads:
                    if thread.ident is not None:
                        thread.join(PERIOD)  # only a courtesy: its body has returned
                break
            except BaseException as error:
                interruption = error
                if time.monotonic() > until:
                    break
        if interruption is not None:
            raise interruption

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close()
        if self._failures and error is None:
            raise self._failures[0]

    def _doze(self) -> None:
        """Wait until a thread ends, but not for long."""
        with contextlib.suppress(queue.Empty):
            self._wake.get(timeout=PERIOD)


def run(
    body: Callable[[int, Flag], None],
    workers: int,
    tick: Callable[[], None] = lambda: None,
    halt: Callable[[], None] = lambda: None,
    patience: float = PATIENCE,
) -> None:
    """Run `body(rank, stop)` in threads and wait for all of them.

    Parameters
    ----------
    body : callable
        Gets its rank in 0 .. workers - 1 and a flag; it returns soon after that is set.
    workers : int
        Number of threads.
    tick : callable
        Called from the calling thread, about ten times a second.
    halt : callable
        Called after the flag was set, from any thread: wakes bodies that wait for something else.
    patience : float
        As for `Crew`.

    Raises
    ------
    BaseException
        The first exception of a thread, of `tick`, or KeyboardInterrupt. No thread is left running
        when it arrives.
    """
    flag = Flag()

    def stop() -> None:
        flag.set()
        halt()

    bodies = [functools.partial(body, rank, flag) for rank in range(workers)]
    with Crew(bodies, stop, patience=patience) as crew:
        crew.wait(tick)


class ClosedError(Exception):
    """A queue was closed while a thread waited for it."""


class Queue(Generic[Item]):
    """Items that some threads put and others take, in their order."""

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self.is_closed = False

    def put(self, item: Item) -> None:
        """Add an item."""
        self._items.put(item)

    def get(self) -> Item:
        """Return the next item; ClosedError if the queue is closed before there is one."""
        while not self.is_closed:
            try:
                return self._items.get(timeout=PERIOD)
            except queue.Empty:
                pass
        raise ClosedError

    def close(self) -> None:
        """End all waiting."""
        self.is_closed = True


class Channel(Queue[Item]):
    """A queue in which only so many items wait: `put` waits for room.

    Parameters
    ----------
    room : int
        How many.
    """

    def __init__(self, room: int) -> None:
        super().__init__()
        self._room: Queue[None] = Queue()
        for _ in range(room):
            self._room.put(None)

    def put(self, item: Item) -> None:
        """Add an item; ClosedError if the channel is closed before there is room."""
        self._room.get()
        super().put(item)

    def get(self) -> Item:
        """Return the next item; ClosedError if the channel is closed before there is one."""
        item = super().get()
        self._room.put(None)
        return item

    def close(self) -> None:
        """End all waiting."""
        super().close()
        self._room.close()
