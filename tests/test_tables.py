"""Tables and draws: alias table, Huffman tree, subsampling, windows, sigmoid."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from fastw2v import Word2Vec, trainer
from fastw2v._core import SIGMOID_BINS, SIGMOID_LIMIT, Session
from fastw2v._probe import Sampler
from fastw2v.huffman import huffman_tree
from fastw2v.noise import alias_table, cumulative_table, noise_weights
from fastw2v.sigmoid import tables
from fastw2v.subsampling import ALWAYS, keep_probability, keep_thresholds
from fastw2v.trainer import Settings, Tables
from fastw2v.weights import Weights
from tests import reference as ref
from tests.runs import encode

ZIPF = np.maximum(100_000 / np.arange(1, 400), 5).astype(np.int64)


def chi_square_limit(degrees: int) -> float:
    """Above it less than one sample in 10,000 falls (Wilson and Hilferty 1931)."""
    spread = 2 / (9 * degrees)
    return degrees * (1 - spread + 3.719 * math.sqrt(spread)) ** 3


@pytest.mark.parametrize("exponent", [0.75, 1.0, 0.0, -0.5])
def test_alias_table_has_the_exact_distribution(exponent: float) -> None:
    table = alias_table(ZIPF, exponent).astype(np.float64)
    stays = (table[:, 0] + 1) / 2**32
    share = stays.copy()
    np.add.at(share, table[:, 1].astype(int), 1 - stays)
    expected = ref.noise_distribution(ZIPF, exponent)
    assert np.allclose(share / len(ZIPF), expected, rtol=1e-5, atol=0)


def test_noise_draws_pass_chi_square() -> None:
    n = 400_000
    keep = np.full(len(ZIPF), ALWAYS)
    noise = alias_table(ZIPF, 0.75)
    sampler = Sampler(keep=keep, window=5, shrink_windows=True, noise=noise, seed=11)
    draws = np.bincount(sampler.noise(3, 0, n), minlength=len(ZIPF))
    expected = n * ref.noise_distribution(ZIPF, 0.75)
    statistic = float(((draws - expected) ** 2 / expected).sum())
    assert statistic < chi_square_limit(len(ZIPF) - 1)
    # ... and another chunk draws other words.
    assert not np.array_equal(sampler.noise(3, 0, 100), sampler.noise(4, 0, 100))
    assert np.array_equal(sampler.noise(3, 50, 50), sampler.noise(3, 0, 100)[50:])


def test_one_word_is_its_own_noise() -> None:
    assert alias_table(np.array([7]), 0.75).tolist() == [[0xFFFFFFFF, 0]]


def test_noise_weights_do_not_depend_on_the_last_bit_of_pow() -> None:
    # Rounded to 24 bits: only a power within 2 ulp of a rounding boundary could differ.
    counts = np.arange(1, 20_000, dtype=np.int64)
    exact = np.array([math.pow(c / counts[-1], 0.75) for c in counts.tolist()])
    for nudged in (np.nextafter(exact, 0), np.nextafter(exact, 2)):
        assert np.array_equal(nudged.astype(np.float32), noise_weights(counts, 0.75))


@pytest.mark.parametrize("counts", [[9, 3, 3, 1], [10**6, 1, 10**6, 5], [2**62, 2**30, 7]])
@pytest.mark.parametrize("exponent", [-1e308, -300.0, -7.0, 7.0, 300.0, 1e308])
def test_noise_of_any_exponent(counts: list[int], exponent: float) -> None:
    n = np.array(counts, dtype=np.int64)
    unit = max(counts) if exponent > 0 else min(counts)
    share = np.array([math.pow(count / unit, exponent) for count in counts])
    share /= share.sum()
    weights = noise_weights(n, exponent)
    assert np.allclose(weights / weights.sum(), share, atol=1e-6)
    steps = np.diff(cumulative_table(n, exponent, 2**31 - 1).astype(np.float64), prepend=0)
    assert np.allclose(steps / (2**31 - 1), share, atol=1e-6)


def test_any_threshold_of_subsampling() -> None:
    counts = np.array([2**62, 1000, 1], dtype=np.int64)
    assert keep_probability(counts, 1e308).tolist() == [1, 1, 1]
    assert (keep_thresholds(counts, 1e308) == ALWAYS).all()
    # A threshold of nearly nothing keeps nearly nothing.
    assert (keep_probability(counts[1:], 5e-324) < 1e-150).all()


@pytest.mark.parametrize(
    "counts",
    [[5], [3, 2], [9, 9, 9, 9], [1] * 33, [100, 50, 20, 20, 5, 1, 1], ZIPF.tolist(), [1, 5, 2, 80]],
)
def test_huffman_tree_is_optimal(counts: list[int]) -> None:
    tree = huffman_tree(np.array(counts, dtype=np.int64))
    pieces = [slice(a, b) for a, b in zip(tree.offsets, tree.offsets[1:], strict=False)]
    paths = [tree.path[piece].tolist() for piece in pieces]
    codes = [tree.code[piece].tolist() for piece in pieces]
    ref.check_huffman(counts, paths, codes)
    assert tree.longest == max(map(len, paths))
    assert (np.diff(tree.offsets) @ counts) == np.dot(ref.huffman_code_lengths(counts), counts)
    for n in (1, 3, 1000):
        nodes = range(len(counts) - 1)[-n:]
        below = [sum(c for c, path in zip(counts, paths, strict=True) if k in path) for k in nodes]
        assert tree.uses(np.array(counts, dtype=np.int64), n).tolist() == below


def test_only_rows_in_constant_use_are_copied_by_several_workers() -> None:
    settings = Settings(
        sg=1, hs=1, negative=5, ns_exponent=0.75, window=5, shrink_windows=1, sample=0.0,
        cbow_mean=1, cbow_gradient="classic", block_size=None, noise_rows=None, noise_blocks=None,
        alpha=0.025, min_alpha=0.0001, epochs=1, workers=2, compute_loss=False,
    )  # fmt: skip
    weights = Weights(2_000, 16, negative=True, hs=True, seed=1)

    def copied(counts: np.ndarray) -> tuple[int, int]:
        tables = Tables.of(weights, counts, settings)
        return tables.n_own_words, tables.n_own_nodes

    assert copied(np.full(2_000, 5_000)) == (512, 1024)
    assert copied(np.full(1_000, 1)) == (0, 0)
    some = np.where(np.arange(2_000) < 100, 1024, 1023)
    some[400] = 5000
    assert copied(some)[0] == 100
    tens = np.full(2_000, 10)
    busy = int(np.sum(huffman_tree(tens).uses(tens, 1_999) >= 1024))
    assert copied(tens) == (0, busy)
    assert 8 < busy < 64


@pytest.mark.parametrize(("sg", "pause"), [(1, 32), (0, 16)])
def test_two_workers_merge_a_word_as_often_as_its_architecture_wants(
    monkeypatch: pytest.MonkeyPatch, sg: int, pause: int
) -> None:
    given: list[dict[str, Any]] = []

    def opened(**arguments: Any) -> Session:
        given.append(arguments)
        return Session(**arguments)

    monkeypatch.setattr(trainer, "Session", opened)
    Word2Vec([["a", "b"] * 1_000] * 10, min_count=1, sg=sg, workers=2, epochs=1, sample=0)
    assert [arguments["architecture"] for arguments in given] == [0 if sg else 1]
    assert [arguments["own_word_pause"] for arguments in given] == [pause]


@pytest.mark.parametrize("sample", [1e-3, 1e-5, 0.0])
def test_keep_probability_equals_the_definition(sample: float) -> None:
    expected = ref.keep_probability(ZIPF, int(ZIPF.sum()), sample)
    assert np.allclose(keep_probability(ZIPF, sample), expected, rtol=1e-12)
    thresholds = (keep_thresholds(ZIPF, sample).astype(np.float64) + 1) / 2**32
    assert np.allclose(thresholds, expected, rtol=0, atol=2**-31)


def test_a_sample_from_one_on_is_a_count() -> None:
    counts = np.array([10_000, 30, 5], dtype=np.int64)
    threshold = int(10 * (3 + math.sqrt(5)) / 2)
    assert keep_probability(counts, 10) == pytest.approx(
        [(math.sqrt(10_000 / threshold) + 1) * threshold / 10_000, 1.0, 1.0]
    )


def test_tokens_are_kept_with_their_probability() -> None:
    counts = np.array([900, 90, 9, 1], dtype=np.int64)
    keep = keep_thresholds(counts, 0.01)
    probability = keep_probability(counts, 0.01)
    tokens = encode([[0, 1, 2, 3] * 20_000])
    sampler = Sampler(keep=keep, window=5, shrink_windows=True, seed=2)
    rows, _ = sampler.chunk(tokens, 0, len(tokens))
    kept = np.bincount(rows[:, 0], minlength=4)
    spread = np.sqrt(20_000 * probability * (1 - probability))
    assert np.all(np.abs(kept - 20_000 * probability) <= 4 * spread)
    assert kept[3] == 20_000


@pytest.mark.parametrize("window", [1, 2, 5])
def test_windows_are_uniform_and_clipped_to_the_sentence(window: int) -> None:
    lengths = [1, 2, 3, 50, 4, 30_000]
    tokens = encode([[0] * n for n in lengths])
    sampler = Sampler(keep=np.array([ALWAYS]), window=window, shrink_windows=True, seed=4)
    rows, _ = sampler.chunk(tokens, 0, len(tokens))
    lo, hi = rows[:, 1], rows[:, 2]
    ends = np.cumsum(lengths)
    for first, last in zip(ends - lengths, ends, strict=True):
        assert lo[first:last].min() >= first
        assert hi[first:last].max() < last
    inner = np.arange(ends[-2] + window, ends[-1] - window)
    radius = inner - lo[inner]
    assert np.array_equal(radius, hi[inner] - inner)
    seen = np.bincount(radius, minlength=window + 1)
    expected = len(inner) / window
    assert seen[0] == 0
    statistic = float(((seen[1:] - expected) ** 2 / expected).sum())
    assert statistic < chi_square_limit(max(window - 1, 1))


def test_fixed_windows_have_full_width_and_pair_counts_match() -> None:
    tokens = encode([list(range(20)), [3], [4, 5]])
    sampler = Sampler(keep=np.full(20, ALWAYS), window=4, shrink_windows=False)
    rows, _ = sampler.chunk(tokens, 0, len(tokens))
    assert rows[10, 1:3].tolist() == [6, 14]
    assert rows[:20, 3].tolist() == ref.pair_counts(20, [4] * 20).tolist()
    assert rows[20:, 3].tolist() == [0, 1, 1]


def test_shrinking_pair_counts_equal_a_double_loop() -> None:
    tokens = encode([list(range(60))])
    sampler = Sampler(keep=np.full(60, ALWAYS), window=6, shrink_windows=True, seed=9)
    rows, _ = sampler.chunk(tokens, 0, 60)
    radii = [max(pos - lo, hi - pos) for pos, (_, lo, hi, _) in enumerate(rows.tolist())]
    assert rows[:, 3].tolist() == ref.pair_counts(60, radii).tolist()


def test_epochs_and_seeds_draw_differently() -> None:
    tokens = encode([[0] * 500])
    keep = np.array([2**31], dtype=np.uint32)

    def kept(**draws: int) -> int:
        sampler = Sampler(keep=keep, window=5, shrink_windows=True, **draws)
        rows, _ = sampler.chunk(tokens, 0, 500)
        return hash(rows.tobytes())

    variants = [{}, {"seed": 2}, {"stream": 1}, {"epoch": 1}, {"epoch": 2}]
    assert len({kept(**draws) for draws in variants}) == len(variants)
    assert kept() == kept(seed=1, stream=0, epoch=0)


def test_sigmoid_tables_are_the_same_with_any_good_c_library() -> None:
    """No entry is so close to a rounding boundary that an error of 4 ulp could move it."""
    sigmoid, softplus = tables()
    x = (np.arange(SIGMOID_BINS) + 0.5) * (2 * SIGMOID_LIMIT / SIGMOID_BINS) - SIGMOID_LIMIT
    for table, exact in ((sigmoid, 1 / (1 + np.exp(-x))), (softplus, np.log1p(np.exp(x)))):
        for shift in (-8, 8):
            nudged = exact * (1 + shift * np.finfo(np.float64).eps)
            assert np.array_equal(nudged.astype(np.float32), table)
