"""The command line: check, vocab, phrases, train, info, demo.

Exit codes: 0 done; 1 the input or the machine is at fault (a missing file, an empty corpus); 2 the
arguments are; 130 interrupted, 143 terminated; 141 the reader of the output has gone. Errors are
one line on standard error.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from typing import Any

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; default: those of the process.

    Returns
    -------
    int
        The exit code.
    """
    with _starting():
        # Here, because these load NumPy: half a second in which Ctrl-C may come.
        from fastw2v.cli.commands import run
    return run(argv)


@contextlib.contextmanager
def _starting() -> Iterator[None]:
    """Let modules that cannot be imported, and Ctrl-C meanwhile, end the process with one line."""
    try:
        with _leaving():
            yield
    except (ImportError, MemoryError) as error:
        # The dynamic linker says so where there is no room for a library.
        if isinstance(error, ImportError) and not any(
            reason in str(error) for reason in ("failed to map segment", "cannot allocate memory")
        ):
            raise
        raise SystemExit("fastw2v: there is not enough memory to start") from None


@contextlib.contextmanager
def _leaving() -> Iterator[None]:
    """End the process at once by Ctrl-C.

    A KeyboardInterrupt might be taken for a module that is missing, or be lost in a callback.
    """

    def leave(_number: int, _frame: Any) -> None:
        os.write(2, b"fastw2v: interrupted, no file was written\n")
        os._exit(INTERRUPTED)

    before = signal.getsignal(signal.SIGINT)
    if (
        before is not signal.default_int_handler
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return
    signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
