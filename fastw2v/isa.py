"""Which instruction set trains: the fastest that this machine has, or the one that is asked for."""

from __future__ import annotations

import os

from fastw2v._core import instruction_sets

VARIABLE = "FASTW2V_ISA"


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
    usable = [name for name, runs in instruction_sets().items() if runs]
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return usable[0]
    if wanted not in usable:
        raise ValueError(f"{VARIABLE} must be one of {', '.join(usable)} here, got {wanted!r}")
    return wanted
