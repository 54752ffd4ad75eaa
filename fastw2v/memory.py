"""Page-aligned memory for large arrays, on huge pages where the system grants them.

A matrix of 70,000 x 112 floats spans 7,700 small pages but 15 huge ones; rows are touched in
random order, so the address translations of small pages do not fit any TLB. Each array is a
mapping of its own and goes back to the system as soon as it is dropped.
"""

from __future__ import annotations

import contextlib
import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

HUGE_PAGE = 2 << 20
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
    flags = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if os.name == "posix" else {}
    try:
        mapping = mmap.mmap(-1, max(n_bytes, 1) + boundary, **flags)
    except (OSError, ValueError, OverflowError) as error:
        raise MemoryError(f"cannot allocate {n_bytes / 1e9:.1f} GB for an array {shape}") from error
    raw = np.frombuffer(mapping, dtype=np.uint8)
    start = -raw.ctypes.data % boundary
    if boundary == HUGE_PAGE and hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # without transparent huge pages small ones do
            mapping.madvise(mmap.MADV_HUGEPAGE)
    return raw[start : start + n_bytes].view(kind).reshape(shape)


def huge_pages() -> str:
    """Return the system's policy for transparent huge pages: always, madvise, never, unknown."""
    try:
        words = _THP_SWITCH.read_text(encoding="ascii").split()
    except OSError:
        return "unknown"
    return next((word.strip("[]") for word in words if word.startswith("[")), "unknown")
