"""The instruction set that trains: the fastest of this machine, or the one FASTW2V_ISA names."""

from __future__ import annotations

import functools
import os

from fastw2v._core import block_seconds, instruction_sets

VARIABLE = "FASTW2V_ISA"


@functools.cache
def fastest_isa() -> str:
    """Name of the usable instruction set that is fastest here.

    AVX-512 is not always faster than AVX2: some processors have one unit for it where they have two
    for AVX2, or lower their clock. Where both run, a block is timed on each, a few milliseconds
    once per process; both give the same bits.

    Returns
    -------
    str
    """
    usable = [name for name, runs in instruction_sets().items() if runs]
    vector = [name for name in usable if name != "scalar"]
    return min(vector, key=block_seconds) if len(vector) > 1 else usable[0]


def chosen_isa() -> str:
    """Name of the instruction set to train with.

    Returns
    -------
    str
        The value of the environment variable FASTW2V_ISA if it is set, else the fastest usable.

    Raises
    ------
    ValueError
        If FASTW2V_ISA names one that this build or this machine does not have; the message lists
        those that can be used.
    """
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return fastest_isa()
    usable = [name for name, runs in instruction_sets().items() if runs]
    if wanted not in usable:
        raise ValueError(f"{VARIABLE} must be one of {', '.join(usable)} here, got {wanted!r}")
    return wanted
