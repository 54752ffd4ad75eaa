"""Fixtures shared by the tests."""

from __future__ import annotations

import pytest

from fastw2v._core import instruction_sets

USABLE = [name for name, runs in instruction_sets().items() if runs]


@pytest.fixture(params=USABLE)
def isa(request: pytest.FixtureRequest) -> str:
    """Each instruction set that this machine can run."""
    return str(request.param)


@pytest.fixture(params=[name for name in USABLE if name != "scalar"])
def fast_isa(request: pytest.FixtureRequest) -> str:
    """Each of them but the scalar one."""
    return str(request.param)
