"""The file that a command writes: looked at before the work, and never the end of it."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from fastw2v.cli.usage import UsageError
from fastw2v.corpus.inputs import Input
from fastw2v.errors import FastW2VError, FormatError
from fastw2v.formats.atomic import check_target, is_stream
from fastw2v.keyedvectors import KeyedVectors

STDOUT = Path("/dev/stdout")


def output_path(text: str) -> Path:
    """Return the path of an `--output`; - is standard output."""
    return STDOUT if text == "-" else Path(text)


def check_output(path: Path, read: Iterable[Input | Path | None] = ()) -> None:
    """Refuse an output that cannot be written, before an hour is spent on it.

    Parameters
    ----------
    path : Path
        The output.
    read : iterable of Input or Path
        What the command reads, and must not replace.
    """
    if _is_stdout(path) and sys.__stdout__ is None:
        raise UsageError(f"--output {path}: standard output is closed")
    if path.is_dir():
        raise UsageError(f"--output {path} is a directory; name a file")
    if not path.parent.is_dir():
        raise UsageError(f"--output {path}: there is no directory {path.parent}")
    try:
        check_target(path)
    except OSError as error:
        where = "" if error.filename == str(path) else f" ({error.filename})"
        raise UsageError(f"--output {path} cannot be written{where}: {error.strerror}") from error
    if is_stream(path) or not path.exists():
        return
    for item in read:
        source = item.path if isinstance(item, Input) else item
        if source is not None and source.exists() and path.samefile(source):
            raise UsageError(f"--output {path} is also an input; name another file")


@contextlib.contextmanager
def reporting(path: Path) -> Iterator[None]:
    """Let the report go to standard error where the output goes to standard output."""
    with contextlib.ExitStack() as stack:
        if _is_stdout(path):
            stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        yield


def _is_stdout(path: Path) -> bool:
    return is_stream(path) and os.path.samestat(path.stat(), os.fstat(1))


class RescuedError(FastW2VError):
    """The output could not be written, and the vectors are somewhere else."""


def rescue(wv: KeyedVectors, output: Path, error: OSError | FormatError) -> RescuedError:
    """Save trained vectors where it can be done, in a format that holds any.

    Parameters
    ----------
    wv : KeyedVectors
        What was to be saved.
    output : Path
        Where that failed.
    error : OSError or FormatError
        Why.

    Returns
    -------
    RescuedError
        To be raised. It says where the vectors are.

    Raises
    ------
    OSError, FormatError
        The first reason, if they cannot be written anywhere.
    """
    places = [Path(), Path(tempfile.gettempdir())]
    if not is_stream(output):
        places.insert(0, output.parent)
    for place in places:
        names = (f"{output.name}.rescued{n or ''}.fw2v" for n in itertools.count())
        path = next(place / name for name in names if not (place / name).exists())
        with contextlib.suppress(OSError):
            wv.save(path)
            reason = error.strerror if isinstance(error, OSError) else error
            return RescuedError(
                f"{output} could not be written: {reason}; the vectors are in {path.absolute()}, "
                "which fastw2v.KeyedVectors.load reads"
            )
    raise error
