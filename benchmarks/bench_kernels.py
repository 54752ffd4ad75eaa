"""The parts of the kernels, by instruction set and dimension.

pytest benchmarks/bench_kernels.py --benchmark-only
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fastw2v import _probe, memory
from fastw2v._core import LANES, PANEL, instruction_sets
from fastw2v.sigmoid import tables

USABLE = [name for name, runs in instruction_sets().items() if runs]
BLOCK = 32

pytestmark = [
    pytest.mark.parametrize("dim", [100, 200, 300]),
    pytest.mark.parametrize("isa", USABLE),
]


def matrix(rows: int, dim: int) -> np.ndarray:
    out = memory.zeros((rows, -(-dim // LANES) * LANES), np.float32)
    out[:, :dim] = np.random.default_rng(dim).normal(size=(rows, dim)) / dim
    return out


def record(benchmark: Any, flops: int) -> None:
    """Note the rate: one multiply-add is two operations."""
    benchmark.extra_info["GFLOP/s"] = round(flops / benchmark.stats["min"] / 1e9, 1)


def test_scores_of_a_block(benchmark: Any, isa: str, dim: int) -> None:
    x, panel, out = matrix(BLOCK, dim), matrix(dim, PANEL), matrix(BLOCK, PANEL)
    benchmark(_probe.scores, isa, out, _probe.Rows(x), panel, dim)
    record(benchmark, 2 * BLOCK * PANEL * dim)


def test_update_of_a_block(benchmark: Any, isa: str, dim: int) -> None:
    x, noise, coef = matrix(BLOCK, dim), matrix(PANEL, dim), matrix(BLOCK, PANEL)
    coef[:] = 0
    benchmark(_probe.accumulate, isa, _probe.Rows(x), _probe.Rows(noise), coef, False, dim)
    record(benchmark, 2 * BLOCK * PANEL * dim)


def test_dots_of_a_window(benchmark: Any, isa: str, dim: int) -> None:
    x, out = matrix(7, dim), np.zeros(8, dtype=np.float32)
    benchmark(_probe.dots, isa, out, x[0], _probe.Rows(x, range(1, 7)))
    record(benchmark, 2 * 6 * dim)


def test_sigmoid_of_a_block(benchmark: Any, isa: str, dim: int) -> None:
    values, out = matrix(1, BLOCK * PANEL)[0], matrix(1, BLOCK * PANEL)[0]
    benchmark(_probe.sigmoid, isa, out, values, tables()[0])
