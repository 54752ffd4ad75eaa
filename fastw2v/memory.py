"""Page-aligned memory for large arrays, on huge pages where the system grants them.

A matrix of 70,000 x 112 floats spans 7,700 small pages but 15 huge ones; rows are touched in
random order, so the address translations of small pages do not fit any TLB. Each array is a
mapping of its own and goes back to the system as soon as it is dropped.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import mmap
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fastw2v.errors import NotEnoughMemoryError, ThreadError, Way

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

NOT_ENOUGH = "there is not enough memory "
"""How the messages of MemoryErrors begin."""

RESERVE = 2 << 20
"""Bytes that are given back to say in peace what there was not enough memory for."""

HUGE_PAGE = 2 << 20
_M_ARENA_MAX = -8
"""Of glibc's <malloc.h>."""

_THP_SWITCH = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def zeros(shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Allocate an array of zeros on a 2 MiB boundary and ask for huge pages.

    Parameters
    ----------
    shape : tuple of int
        Shape of the array.
    dtype : dtype-like
        Type of the elements.

    Returns
    -------
    ndarray
        C-contiguous. Physical memory is taken page by page, when it is first written.

    Raises
    ------
    MemoryError
        If the address space cannot hold it; the message gives the size.
    """
    kind = np.dtype(dtype)
    n_items = 1
    for extent in shape:
        n_items *= extent
    n_bytes = n_items * kind.itemsize
    # Small arrays need no huge page, only the alignment of a row.
    boundary = HUGE_PAGE if n_bytes >= HUGE_PAGE else mmap.PAGESIZE
    # Private, because the kernel rarely grants huge pages to shared anonymous memory.
    flags: dict[str, Any] = (
        {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if os.name == "posix" else {}
    )
    try:
        mapping = mmap.mmap(-1, max(n_bytes, 1) + boundary, **flags)
    except (OSError, ValueError, OverflowError) as error:
        raise MemoryError(NOT_ENOUGH + _needed(n_bytes + boundary)) from error
    raw = np.frombuffer(mapping, dtype=np.uint8)
    start = -raw.ctypes.data % boundary
    if boundary == HUGE_PAGE and hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # without transparent huge pages small ones do
            mapping.madvise(mmap.MADV_HUGEPAGE)
    return raw[start : start + n_bytes].view(kind).reshape(shape)


def shown(n_bytes: float) -> str:
    """Show a size in KiB, MiB or GiB."""
    if n_bytes < 1 << 20:
        return f"{n_bytes / 2**10:,.0f} KiB"
    if n_bytes < 1 << 30:
        return f"{n_bytes / 2**20:,.0f} MiB"
    return f"{n_bytes / 2**30:,.1f} GiB"


def _needed(n_bytes: float) -> str:
    """Say how much was asked for, and how much is left if that is less: it may be in pieces."""
    needed, left = shown(n_bytes), available()
    few = left is not None and left < n_bytes and shown(left) != needed
    return f"for {needed} more" + f", {shown(left or 0)} are left" * few


@functools.cache
def spare_arenas() -> None:
    """Keep glibc from reserving 64 MiB of address space for every thread, where that is limited.

    As MALLOC_ARENA_MAX=1 does. All large arrays are mappings of their own.
    """
    if _address_space() is not None:
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


@contextlib.contextmanager
def enough_for(what: str, *ways: Way) -> Iterator[None]:
    """Say what there was not enough memory for, and what takes less, whoever finds it out.

    Parameters
    ----------
    what : str
        "to read the corpus".
    *ways : Way
        Parameters of the call at hand by which it takes less.

    Raises
    ------
    NotEnoughMemoryError
        In place of any other MemoryError, as Python's are empty and NumPy's name the shape of an
        array, and of what a system call says.
    ThreadError
        If the system refuses a thread, with what `ways` say of workers.
    """
    reserve = None
    try:
        reserve = mmap.mmap(-1, RESERVE)
        yield
    except NotEnoughMemoryError:
        raise
    except (MemoryError, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.ENOMEM:
            raise
        if reserve is not None:
            reserve.close()
        reason = _reason(error)
        limited = _address_space() is not None
        raise NotEnoughMemoryError(what + f" ({reason})" * bool(reason), ways, limited) from error
    except ThreadError as error:
        found = [way.how.format(way.name) for way in ways if way.name == "workers"]
        if not found or "workers" in str(error):
            raise
        raise ThreadError(f"{error}, {found[0]}") from error


def _reason(error: Exception) -> str:
    """Return what a MemoryError says of how much was asked for, or nothing."""
    if isinstance(error, OSError):
        return ""
    text = str(error)
    # As NumPy says it.
    if asked := re.match(r"Unable to allocate ([\d.]+) (\w)iB", text):
        return _needed(float(asked[1]) * 1024 ** " KMGTPE".index(asked[2]))
    return text.removeprefix(NOT_ENOUGH)


def fewer_workers(n: int) -> list[Way]:
    """Return that fewer workers take less memory, if there can be fewer."""
    return [Way("workers", "fewer {}")] if n > 1 else []


def smaller_model() -> list[Way]:
    """Return that smaller and fewer vectors take less memory."""
    return [Way("vector_size", "a smaller {}"), Way("min_count", "a larger {}")]


def available() -> int | None:
    """Return the bytes of memory that this process may still take, None where that is unknown.

    The least of what the system has left, what the process's control group leaves, and what its
    own limit on address space (`ulimit -v`) leaves.
    """
    found = [_system_memory(), _group_memory(), _address_space()]
    known = [max(n_bytes, 0) for n_bytes in found if n_bytes is not None]
    return min(known, default=None)


def _system_memory() -> int | None:
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return None
    line = next((line for line in text.splitlines() if line.startswith("MemAvailable:")), None)
    return int(line.split()[1]) * 1024 if line else None


def _group_memory() -> int | None:
    for root, limit, used in (
        ("/sys/fs/cgroup", "memory.max", "memory.current"),
        ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        with contextlib.suppress(OSError, ValueError):
            left = int(Path(root, limit).read_text(encoding="ascii"))
            left -= int(Path(root, used).read_text(encoding="ascii"))
            return left
    return None


def _address_space() -> int | None:
    if resource is None:
        return None
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return None
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return limit
    return limit - pages * mmap.PAGESIZE


def huge_pages() -> str:
    """Return the system's policy for transparent huge pages: always, madvise, never, unknown."""
    try:
        words = _THP_SWITCH.read_text(encoding="ascii").split()
    except OSError:
        return "unknown"
    return next((word.strip("[]") for word in words if word.startswith("[")), "unknown")
