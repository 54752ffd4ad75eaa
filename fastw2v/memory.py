"""Page-aligned memory for large arrays, on huge pages where the system grants them.

A matrix of 70,000 x 112 floats spans 7,700 small pages but 15 huge ones; rows are touched in
random order, so the address translations of small pages do not fit any TLB. Each array is a
mapping of its own and goes back to the system as soon as it is dropped.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import mmap
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

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
        left = available()
        raise MemoryError(
            f"there is not enough memory for an array {shape} of {shown(n_bytes)}"
            + (f", {shown(left)} are left" if left is not None else "")
        ) from error
    raw = np.frombuffer(mapping, dtype=np.uint8)
    start = -raw.ctypes.data % boundary
    if boundary == HUGE_PAGE and hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # without transparent huge pages small ones do
            mapping.madvise(mmap.MADV_HUGEPAGE)
    return raw[start : start + n_bytes].view(kind).reshape(shape)


def shown(n_bytes: int) -> str:
    """Show a size in MiB or GiB."""
    if n_bytes < 1 << 30:
        return f"{n_bytes / 2**20:,.0f} MiB"
    return f"{n_bytes / 2**30:,.1f} GiB"


@functools.cache
def spare_arenas() -> None:
    """Keep glibc from reserving 64 MiB of address space for every thread, where that is limited.

    As MALLOC_ARENA_MAX=1 does. All large arrays are mappings of their own.
    """
    if _address_space() is not None:
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


@contextlib.contextmanager
def enough_for(what: str) -> Iterator[None]:
    """Name what there was not enough memory for, where Python raises an empty MemoryError."""
    try:
        yield
    except MemoryError as error:
        if error.args:
            raise
        raise MemoryError(f"there is not enough memory {what}") from error


def available() -> int | None:
    """Return the bytes of memory that this process may still take, None where nobody says.

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
