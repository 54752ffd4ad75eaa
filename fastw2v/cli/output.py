"""The file that a command writes: looked at before the work, and never the end of it."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from fastw2v.cli.usage import UsageError
from fastw2v.corpus.inputs import Input
from fastw2v.errors import FastW2VError, FormatError
from fastw2v.formats.atomic import StrPath, check_target, is_stream
from fastw2v.paths import expanded

STDOUT = Path("/dev/stdout")

AUTO = "auto"
BINARY, TEXT, MODEL = FORMATS = ("binary", "text", "fw2v")
"""word2vec's two formats, and `Word2Vec.save`."""

_BY_SUFFIX = {".txt": TEXT, ".vec": TEXT, ".bin": BINARY, ".w2v": BINARY, ".fw2v": MODEL}
_COMPRESSED = (".gz", ".bz2", ".xz")
# Names of what a command that writes plain text does not write.
_NO_TEXT = {*_COMPRESSED, ".zst", ".bin", ".w2v", ".fw2v", ".npy", ".npz", ".parquet", ".arrow",
            ".json", ".jsonl", ".ndjson"}  # fmt: skip


def format_of(path: Path, chosen: str = AUTO) -> str:
    """Return the format in which vectors are written.

    Parameters
    ----------
    path : Path
        The output.
    chosen : str
        One of `FORMATS`, or "auto": by the name.

    Raises
    ------
    UsageError
        If the name says nothing, or something that cannot be written.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    packed = suffixes and suffixes[-1] in _COMPRESSED and suffixes.pop()
    kind = chosen
    if chosen == AUTO:
        suffix = suffixes[-1] if suffixes else ""
        if suffix and suffix not in _BY_SUFFIX and not is_stream(path):
            raise UsageError(
                f"--output {path}: {suffix} is the name of no format that fastw2v writes; end it "
                "in .txt or .vec (word2vec text), .bin or .w2v (word2vec binary) or .fw2v (the "
                "whole model), or choose with --format"
            )
        kind = _BY_SUFFIX.get(suffix, BINARY)
    if packed and kind == MODEL:
        raise UsageError(f"--output {path}: a whole model is not compressed; leave out {packed}")
    return kind


def check_text_name(path: Path) -> None:
    """Refuse a name that promises another format than the plain text which is written."""
    if path.suffix.lower() in _NO_TEXT and not is_stream(path):
        raise UsageError(
            f"--output {path}: what is written is plain text, so it must not end in {path.suffix}"
        )


def path_of(text: str) -> Path:
    """Return the path in an argument."""
    if not text:
        raise argparse.ArgumentTypeError("the path is empty")
    return expanded(text)


def output_path(text: str) -> Path:
    """Return the path of an `--output`; - is standard output."""
    if text.endswith(os.sep):
        raise argparse.ArgumentTypeError(f"{text} is a directory; name a file")
    return STDOUT if text == "-" else path_of(text)


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
        where = "" if error.filename in (None, str(path)) else f" ({error.filename})"
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


class Saves(Protocol):
    """A model or its vectors."""

    def save(self, fname_or_handle: StrPath, /) -> None:
        """Write a file in fastw2v's own format."""


def rescue(
    trained: Saves, output: Path, error: OSError | FormatError | MemoryError
) -> RescuedError:
    """Save what was trained where it can be done, in a format that holds any words.

    Parameters
    ----------
    trained : Word2Vec or KeyedVectors
        What was to be saved.
    output : Path
        Where that failed.
    error : OSError, FormatError or MemoryError
        Why.

    Returns
    -------
    RescuedError
        To be raised. It says where the vectors are.

    Raises
    ------
    OSError, FormatError, MemoryError
        The first reason, if they cannot be written anywhere.
    """
    for place in _places(output):
        # The own format holds anything, unless the model itself is not fit to be saved.
        with contextlib.suppress(OSError, FormatError, MemoryError):
            names = (f"{output.name}.rescued{n or ''}.fw2v" for n in itertools.count())
            path = next(place / name for name in names if not (place / name).exists())
            trained.save(path)
            reason = error.strerror if isinstance(error, OSError) else error
            return RescuedError(
                f"{output} could not be written: {reason}; the vectors are in {path.absolute()}, "
                "which fastw2v.KeyedVectors.load reads"
            )
    raise error


def _places(output: Path) -> Iterator[Path]:
    """Yield directories to save in: beside the output, here, the one for temporaries, home."""
    if not is_stream(output):
        yield output.parent
    yield Path()
    with contextlib.suppress(OSError):  # no directory for temporaries is writable
        yield Path(tempfile.gettempdir())
    with contextlib.suppress(RuntimeError):  # there is no such user
        yield Path.home()
