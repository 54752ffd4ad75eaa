"""Fixtures shared by the tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from fastw2v import compat
from fastw2v._core import instruction_sets

# A shell starts what runs in the background with SIGINT ignored, and a test that interrupts a
# training would never end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

USABLE = [name for name, runs in instruction_sets().items() if runs]


@pytest.fixture(params=USABLE)
def isa(request: pytest.FixtureRequest) -> str:
    """Each instruction set that this machine can run."""
    return str(request.param)


@pytest.fixture(params=[name for name in USABLE if name != "scalar"])
def fast_isa(request: pytest.FixtureRequest) -> str:
    """Each of them but the scalar one."""
    return str(request.param)


@pytest.fixture
def gensim() -> Any:
    """gensim, whose models are ready to use."""
    pytest.importorskip("gensim")
    import gensim.models

    return gensim


@pytest.fixture
def uninstalled() -> Iterator[None]:
    """Whatever a test installs in gensim's place is gone after it."""
    yield
    compat.uninstall()
