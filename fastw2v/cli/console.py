"""What a command prints, and the signals that end it: neither takes finished work with it."""

from __future__ import annotations

import contextlib
import errno
import io
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any, TextIO

from tqdm import tqdm

from fastw2v.cli.layout import fitted, width
from fastw2v.cli.usage import in_flags


class Console(io.TextIOBase):
    """A text stream whose failure ends the printing, and not the work that is reported on.

    A stream that was closed before the program began is not reported.
    Characters that the stream's encoding lacks are printed as escapes.

    Parameters
    ----------
    stream : text stream or None
        `sys.stdout` or `sys.stderr`, as Python made them.

    Attributes
    ----------
    error : OSError or None
        Why nothing is printed any more.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.error: OSError | None = None

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The stream's."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def isatty(self) -> bool:
        """Tell whether the stream is a terminal."""
        return self._stream is not None and self.error is None and self._stream.isatty()

    def fileno(self) -> int:
        """Return the stream's descriptor."""
        if self._stream is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._stream.fileno()

    def write(self, text: str, /) -> int:
        """Print, if that is possible."""
        if self._stream is not None and self.error is None:
            with self._failing(self._stream):
                try:
                    self._stream.write(text)
                except UnicodeEncodeError:
                    encoded = text.encode(self.encoding, "backslashreplace")
                    self._stream.write(encoded.decode(self.encoding))
        return len(text)

    def flush(self) -> None:
        """Print what is waiting to be printed."""
        if self._stream is not None and self.error is None:
            with self._failing(self._stream):
                self._stream.flush()

    @contextlib.contextmanager
    def _failing(self, stream: TextIO) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:  # a ValueError if the stream was closed
            self.error = error if isinstance(error, OSError) else OSError(errno.EBADF, str(error))
            # What waits in its buffer would fail again when Python ends.
            with (
                contextlib.suppress(OSError, ValueError),
                open(os.devnull, "wb") as nowhere,  # noqa: PTH123
            ):
                os.dup2(nowhere.fileno(), stream.fileno())


@contextlib.contextmanager
def printing() -> Iterator[Console]:
    """Let `print` and progress bars go through consoles; yields that of standard output."""
    for descriptor in range(3):
        # Or a file that is opened later would be one of the three, and get what is printed.
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    out, err = Console(sys.stdout), Console(sys.stderr)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            yield out
        finally:
            out.flush()
            err.flush()


class _Warnings(logging.Handler):
    """Prints what the library warns of, each on lines of its own above a progress bar."""

    def emit(self, record: logging.LogRecord) -> None:
        line = f"warning: {in_flags(record.getMessage())}"
        tqdm.write(fitted(line, width(sys.stderr)), file=sys.stderr)


@contextlib.contextmanager
def warning(*, quiet: bool) -> Iterator[None]:
    """Print the library's warnings, or none of them."""
    logger = logging.getLogger("fastw2v")
    handler = logging.NullHandler() if quiet else _Warnings(logging.WARNING)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


class Terminated(KeyboardInterrupt):
    """The process was told to end.

    Attributes
    ----------
    number : int
        By which signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextlib.contextmanager
def unwinding() -> Iterator[None]:
    """Let SIGTERM and SIGHUP leave as Ctrl-C does, so that threads end and temporaries go.

    Where a signal is handled already, or ignored, as SIGHUP under nohup, that stays.
    """

    def leave(number: int, _frame: Any) -> None:
        raise Terminated(number)

    replaced = {}
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                replaced[number] = signal.signal(number, leave)
    try:
        yield
    finally:
        for number, before in replaced.items():
            signal.signal(number, before)
