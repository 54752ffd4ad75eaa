"""Run a script or a module as python does: `__main__`, `sys.argv`, `sys.path`, tracebacks."""

from __future__ import annotations

import importlib.util
import io
import pkgutil
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any

from fastw2v.errors import FastW2VError

INTERRUPTED = 130


class NothingToRunError(FastW2VError):
    """There is no such script or module."""


def run_script(path: str, arguments: Sequence[str]) -> int:
    """Run a script as `python path arguments...` does.

    Parameters
    ----------
    path : str
        A Python file, or a directory or zip file with a `__main__.py`.
    arguments : sequence of str
        What follows it in `sys.argv`.

    Returns
    -------
    int
        The exit code of a program that came to its end, or to an exception, which was printed.

    Raises
    ------
    NothingToRunError
        If the file cannot be read.
    SystemExit
        As the program raises it.
    """
    sys.argv = [path, *arguments]
    full = str(Path(path).absolute())
    bundle = _bundle(full)
    if bundle is not None:
        spec = bundle.find_spec("__main__")
        code = spec and spec.loader and getattr(spec.loader, "get_code", lambda _: None)("__main__")
        if not code:
            raise NothingToRunError(f"there is no __main__.py in {path!r}")
        return _run(spec, code)
    try:
        with io.open_code(full) as file:
            source = file.read()
    except OSError as error:
        raise NothingToRunError(f"can't open file {path!r}: {error.strerror}") from None
    main = _main_module(SourceFileLoader("__main__", full), full)
    return _guarded(lambda: exec(compile(source, full, "exec", dont_inherit=True), vars(main)))


def set_path(path: str) -> None:
    """Make `sys.path` what it is for `python path`, where it is that of `python -m fastw2v.compat`.

    That has the current directory in the first place; nothing is to be imported from there.

    Raises
    ------
    NothingToRunError
        If there can be no such file.
    """
    try:
        full = str(Path(path).absolute())
    except FileNotFoundError:
        raise NothingToRunError("the current directory was deleted") from None
    if _bundle(full) is not None:
        sys.path[: not _safe_path()] = [full]
    elif not _safe_path():
        sys.path[0] = str(Path(path).resolve().parent)


def _bundle(path: str) -> Any:
    """Return what imports from a directory or zip file, None for any other file."""
    return pkgutil.get_importer(path)


def run_module(name: str, arguments: Sequence[str]) -> int:
    """Run a module as `python -m name arguments...` does.

    Parameters
    ----------
    name : str
        A module, or a package with a `__main__`.
    arguments : sequence of str
        What follows it in `sys.argv`.

    Returns
    -------
    int
        As for `run_script`.

    Raises
    ------
    NothingToRunError
        If there is no such module.
    SystemExit
        As the program raises it.
    """
    sys.argv = ["-m", *arguments]
    spec, code = _find(name)
    sys.argv[0] = str(spec.origin)
    return _run(spec, code)


def _run(spec: ModuleSpec, code: CodeType) -> int:
    main = _main_module(spec.loader, spec.origin)
    main.__spec__ = spec
    main.__package__ = spec.parent
    return _guarded(lambda: exec(code, vars(main)))


def _find(name: str) -> tuple[ModuleSpec, CodeType]:
    for candidate in (name, f"{name}.__main__"):
        try:
            spec = importlib.util.find_spec(candidate)
        except (ImportError, ValueError) as error:
            raise NothingToRunError(f"no module named {name}: {error}") from error
        if spec is None:
            break
        if spec.submodule_search_locations is None or candidate != name:
            code = getattr(spec.loader, "get_code", lambda _: None)(candidate)
            if code is None:
                raise NothingToRunError(f"{candidate} has no Python code to run")
            return spec, code
    raise NothingToRunError(f"no module named {candidate}")


def _main_module(loader: Any, path: str | None) -> ModuleType:
    """Put an empty module in the place of `__main__`, where it stays."""
    main = ModuleType("__main__")
    main.__loader__ = loader
    main.__package__ = None
    vars(main).update(__file__=path, __cached__=None, __builtins__=__builtins__)
    if sys.version_info < (3, 14):
        main.__annotations__ = {}
    sys.modules["__main__"] = main
    return main


def _guarded(program: Any) -> int:
    """Run a program; of an exception, print what python would print."""
    try:
        program()
    except SystemExit:
        raise
    except BaseException as error:
        trace = _without_us(error.__traceback__)
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        return INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _without_us(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace


def _safe_path() -> bool:
    # Python 3.10 has no such flag, only -I.
    return bool(getattr(sys.flags, "safe_path", sys.flags.isolated))
