"""The parts of the kernels: against NumPy, and every instruction set against the scalar one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from fastw2v import _probe, memory
from fastw2v._core import LANES, PANEL, SIGMOID_LIMIT
from fastw2v.sigmoid import tables
from tests.runs import awkward, padded

DIMS = [1, 3, 15, 16, 17, 100, 300]
EPS = float(np.finfo(np.float32).eps)


def floats(*shape: int) -> np.ndarray:
    return memory.zeros(shape, np.float32)


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 10])
def test_dots_equal_float64_within_rounding(isa: str, dim: int, n: int) -> None:
    rows = awkward((n + 1, dim))
    matrix = padded(rows)
    out = floats(-(-n // 4) * 4)
    _probe.dots(isa, out, matrix[0], _probe.Rows(matrix, range(1, n + 1)))
    exact = rows[1:].astype(np.float64) @ rows[0].astype(np.float64)
    bound = (dim / LANES + 6) * EPS * (np.abs(rows[1:]) @ np.abs(rows[0]))
    assert np.all(np.abs(out[:n] - exact) <= bound)


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("n", [1, 5, 16])
def test_pack_transposes_and_copies(isa: str, dim: int, n: int) -> None:
    matrix = padded(awkward((n, dim)))
    stride = matrix.shape[1]
    panel, copy = floats(stride, PANEL), floats(PANEL, stride)
    panel[:] = copy[:] = 9
    _probe.pack(isa, panel, copy, _probe.Rows(matrix), floats(stride))
    assert np.array_equal(copy[:n], matrix)
    assert np.array_equal(panel[:, :n], matrix.T)
    for untouched in (copy[n:], panel[:, n:]):
        assert np.all((untouched == 0) | (untouched == 9))


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("n", [1, 2, 6, 7, 16, 17, 33])
@pytest.mark.parametrize("n_noise", [1, 8, 9, 16])
def test_scores_equal_float64_within_rounding(isa: str, dim: int, n: int, n_noise: int) -> None:
    x, noise = awkward((n, dim)), awkward((PANEL, dim), 0.7)
    out = floats(n, PANEL)
    _probe.scores(isa, out, _probe.Rows(padded(x)), padded_panel(noise), dim, n_noise)
    noise = noise[:n_noise]
    exact = x.astype(np.float64) @ noise.astype(np.float64).T
    bound = dim * EPS * (np.abs(x) @ np.abs(noise.T))
    assert np.all(np.abs(out[:, :n_noise] - exact) <= bound)


def padded_panel(noise: np.ndarray) -> np.ndarray:
    panel = floats(noise.shape[1], PANEL)
    panel[:] = noise.T
    return panel


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize(("n", "lanes"), [(1, 1), (4, 3), (5, 16), (33, 16), (7, 2), (2, 7)])
def test_accumulate_equals_float64(
    isa: str, dim: int, n: int, lanes: int, transposed: bool
) -> None:
    n_dst, n_src = (lanes, n) if transposed else (n, lanes)
    src, dst = awkward((n_src, dim)), awkward((n_dst, dim), 0.3)
    coef = padded(awkward((n_src, n_dst) if transposed else (n_dst, n_src)))
    out = padded(dst)
    _probe.accumulate(isa, _probe.Rows(out), _probe.Rows(padded(src)), coef, transposed, dim)
    used = coef[:, : n_dst if transposed else n_src]
    used = (used.T if transposed else used).astype(np.float64)
    exact = dst + used @ src.astype(np.float64)
    bound = (n_src + 1) * EPS * (np.abs(dst) + np.abs(used) @ np.abs(src))
    assert np.all(np.abs(out[:, :dim] - exact) <= bound)
    assert not out[:, dim:].any()


def test_accumulate_adds_to_a_row_that_occurs_twice(isa: str) -> None:
    out, src = padded(np.zeros((3, 5), np.float32)), padded(np.ones((1, 5), np.float32))
    coef = padded(np.array([[1.0], [2.0], [4.0]], dtype=np.float32))
    _probe.accumulate(isa, _probe.Rows(out, [1, 2, 1]), _probe.Rows(src), coef, False, 5)
    assert out[:, 0].tolist() == [0.0, 5.0, 2.0]


def test_sigmoid_stays_within_its_documented_error(isa: str) -> None:
    table, _ = tables()
    values = floats(40_000)
    values[:] = np.linspace(-12, 12, len(values))
    out = floats(len(values))
    _probe.sigmoid(isa, out, values, table)
    error = np.abs(out - 1 / (1 + np.exp(-values.astype(np.float64))))
    inside = np.abs(values) < SIGMOID_LIMIT
    assert error[inside].max() <= 4.9e-4
    assert error[~inside].max() <= 3.4e-4
    assert np.all(np.diff(out) >= 0)


def test_sigmoid_survives_what_is_not_a_number(isa: str) -> None:
    table, _ = tables()
    values, out = floats(16), floats(16)
    values[:4] = [np.nan, np.inf, -np.inf, 3e38]
    _probe.sigmoid(isa, out, values, table)
    assert out[1] == out[3] == table[-1]
    assert out[0] == out[2] == table[0]


@pytest.mark.parametrize("dim", DIMS)
def test_every_part_equals_the_scalar_one_bit_for_bit(fast_isa: str, dim: int) -> None:
    rng = np.random.default_rng(dim)
    x = padded(rng.normal(size=(33, dim)).astype(np.float32))
    y = padded(rng.normal(size=(16, dim)).astype(np.float32))
    coef = padded(rng.normal(size=(33, 16)).astype(np.float32))
    table, _ = tables()

    def everything(isa: str) -> list[np.ndarray]:
        out_dots, out_scores, out_sigmoid = floats(16), floats(33, PANEL), floats(33 * PANEL)
        panel, copy = floats(y.shape[1], PANEL), floats(PANEL, y.shape[1])
        _probe.dots(isa, out_dots, x[0], _probe.Rows(y))
        _probe.pack(isa, panel, copy, _probe.Rows(y), floats(y.shape[1]))
        _probe.scores(isa, out_scores, _probe.Rows(x), panel, dim)
        half = floats(33, PANEL)
        _probe.scores(isa, half, _probe.Rows(x), panel, dim, 7)
        _probe.sigmoid(isa, out_sigmoid, out_scores.reshape(-1), table)
        sums = padded(x[:, :dim])
        _probe.accumulate(isa, _probe.Rows(sums), _probe.Rows(y), coef, False, dim)
        noise = padded(y[:, :dim])
        _probe.accumulate(isa, _probe.Rows(noise), _probe.Rows(x), coef, True, dim)
        return [out_dots, panel, out_scores, half[:, :7], out_sigmoid, sums, noise]

    for ours, scalar in zip(everything(fast_isa), everything("scalar"), strict=True):
        assert ours.tobytes() == scalar.tobytes()


def test_the_yardsticks_do_the_work_that_they_report(isa: str) -> None:
    assert _probe.fma(isa, 7) == 7 * _probe.fma(isa, 1) > 0
    assert _probe.read(isa, memory.zeros((48,), np.float32), 3) == 3 * 48 * 4
    with pytest.raises(ValueError, match="16 floats"):
        _probe.read(isa, memory.zeros((48,), np.float32)[1:17], 1)


def test_the_scalar_multiply_add_is_rounded_once() -> None:
    # One product plus one addend through `scores`: the sum in exact arithmetic, rounded once.
    rng = np.random.default_rng(5)
    n = 400
    a = (rng.normal(size=n) * 10.0 ** rng.integers(-20, 15, n)).astype(np.float32)
    b = (rng.normal(size=n) * 10.0 ** rng.integers(-20, 15, n)).astype(np.float32)
    c = np.where(rng.random(n) < 0.5, -a * b, rng.normal(size=n)).astype(np.float32)
    for i in range(n):
        x = padded(np.array([[1.0, a[i]]], dtype=np.float32))
        panel = floats(2, PANEL)
        panel[0], panel[1] = c[i], b[i]
        out = floats(1, PANEL)
        _probe.scores("scalar", out, _probe.Rows(x), panel, 2)
        exact = Fraction(float(c[i])) + Fraction(float(a[i])) * Fraction(float(b[i]))
        assert out[0, 0] == nearest_float32(exact), (a[i], b[i], c[i])


def nearest_float32(exact: Fraction) -> np.float32:
    """Round a Fraction to the nearest float32, ties to even, by trying the neighbours."""
    guess = np.float32(float(exact))
    around = [
        np.nextafter(guess, np.float32(-np.inf)),
        guess,
        np.nextafter(guess, np.float32(np.inf)),
    ]

    def distance(value: np.float32) -> tuple[Fraction, int]:
        return abs(Fraction(float(value)) - exact), int(value.view(np.int32)) & 1

    return min((v for v in around if np.isfinite(v)), key=distance)
