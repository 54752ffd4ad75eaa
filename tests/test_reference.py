"""The oracle against what defines it: central differences, enumeration and values by hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests import reference as ref

V, DIM, K, LR = 7, 5, 3, 0.3
COUNTS = [40, 21, 13, 8, 5, 3, 1]
PATHS, CODES, _ = ref.huffman_tree(COUNTS)
# The second window has the same word twice as context, and its centre among its contexts; the
# last has no context.
WINDOWS: list[ref.Window] = [(0, [3, 1, 2, 5]), (4, [6, 2, 4, 2]), (0, [3]), (1, [])]

Matrices = tuple[ref.Matrix, ref.Matrix, ref.Matrix]


def matrices(seed: int = 0, rows: int = V) -> Matrices:
    """Random W, W' (words) and W' (inner nodes), large enough for every sigmoid to differ."""
    rng = np.random.default_rng(seed)
    w_in, w_ns, w_hs = (rng.normal(0, 0.7, (n, DIM)) for n in (rows, rows, rows - 1))
    return w_in, w_ns, w_hs


def copies(*arrays: ref.Matrix) -> tuple[ref.Matrix, ...]:
    return tuple(a.copy() for a in arrays)


def numeric_gradient(loss: Callable[[], float], matrix: ref.Matrix) -> ref.Matrix:
    """Central differences of `loss`, which reads `matrix`, in each element of `matrix`."""
    step = 1e-5
    slope = np.zeros_like(matrix)
    for place in np.ndindex(*matrix.shape):
        value = matrix[place]
        matrix[place] = value + step
        above = loss()
        matrix[place] = value - step
        below = loss()
        matrix[place] = value
        slope[place] = (above - below) / (2 * step)
    return slope


def assert_gradient(analytic: npt.NDArray[Any] | None, numeric: ref.Matrix) -> None:
    assert analytic is not None
    assert np.abs(numeric).max() > 1e-2
    assert np.abs(analytic - numeric).max() < 1e-6 * np.abs(numeric).max()


def assert_close(got: npt.NDArray[Any], wanted: npt.NDArray[Any], tolerance: float = 1e-12) -> None:
    np.testing.assert_allclose(got, wanted, rtol=0, atol=tolerance)


def noise_rows(n_rows: int, n_noise: int = K, seed: int = 3) -> npt.NDArray[np.int64]:
    """Draws without the centres 0 and 4 of WINDOWS, so that no draw is skipped."""
    allowed = np.array([1, 2, 3, 5, 6])
    rows = np.random.default_rng(seed).choice(allowed, (n_rows, n_noise))
    rows[0, :2] = 5  # the same noise row twice in one example
    return rows


# Scalar functions and losses


def test_sigmoid_and_softplus_by_hand_and_in_the_tails() -> None:
    assert ref.sigmoid(0.0) == pytest.approx(0.5, rel=1e-15)
    assert ref.sigmoid(np.log(3.0)) == pytest.approx(0.75, rel=1e-15)
    assert ref.softplus(0.0) == pytest.approx(np.log(2.0), rel=1e-15)
    assert ref.sigmoid(-40.0) == pytest.approx(np.exp(-40.0), rel=1e-12)
    assert ref.sigmoid(800.0) == 1.0
    assert ref.softplus(800.0) == 800.0
    x = np.linspace(-20, 20, 41)
    assert_close(ref.sigmoid(x) + ref.sigmoid(-x), np.ones(41), 1e-15)


def test_losses_by_hand() -> None:
    h = np.array([np.log(3.0)])
    # s(h.1) = 3/4; s(-h.1) = 1/4; s(-h.-1) = 3/4
    loss = ref.negative_sampling_loss(
        h, np.array([1.0]), np.array([[1.0], [-1.0]]), weights=[2.0, 5.0]
    )
    assert loss == pytest.approx(-np.log(3 / 4) - 2 * np.log(1 / 4) - 5 * np.log(3 / 4))
    loss = ref.hierarchical_softmax_loss(h, np.array([[1.0], [1.0], [-1.0]]), [0, 1, 1])
    assert loss == pytest.approx(-np.log(3 / 4) - np.log(1 / 4) - np.log(3 / 4))


def test_hierarchical_softmax_is_a_distribution() -> None:
    _, _, w_hs = matrices()
    h = np.random.default_rng(5).normal(size=DIM)
    chances = [
        np.exp(-ref.hierarchical_softmax_loss(h, w_hs[path], code))
        for path, code in zip(PATHS, CODES, strict=True)
    ]
    assert sum(chances) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("objective", ["ns", "hs", "ns+hs"])
@pytest.mark.parametrize("model", ["skip-gram", "cbow-mean", "cbow-sum"])
def test_gradient_agrees_with_central_differences(model: str, objective: str) -> None:
    w_in, w_ns, w_hs = matrices()
    ns = w_ns if "ns" in objective else None
    hs = w_hs if "hs" in objective else None
    cbow = model != "skip-gram"
    n_examples = 3 if cbow else 9
    noise = np.random.default_rng(1).integers(0, V, (n_examples, K))
    noise[0] = [0, 5, 5]  # the centre itself, and a duplicate
    examples = ref.examples_of(
        WINDOWS,
        cbow=cbow,
        cbow_mean=model == "cbow-mean",
        noise_ids=noise,
        paths=PATHS,
        codes=CODES,
    )
    assert len(examples) == n_examples

    def loss() -> float:
        return ref.objective(examples, w_in, ns, hs)

    d_in, d_ns, d_hs = ref.gradient(examples, w_in, ns, hs)
    assert_gradient(d_in, numeric_gradient(loss, w_in))
    for used, analytic, matrix in ((ns, d_ns, w_ns), (hs, d_hs, w_hs)):
        if used is None:
            assert analytic is None
        else:
            assert_gradient(analytic, numeric_gradient(loss, matrix))


def test_gradient_with_noise_weights() -> None:
    w_in, w_ns, _ = matrices()
    example = ref.Example(0, [2, 3], 0.5, [1, 4, 4], [0.25, 2.0, 1.5])

    def loss() -> float:
        return ref.objective([example], w_in, w_ns)

    d_in, d_ns, _ = ref.gradient([example], w_in, w_ns)
    assert_gradient(d_in, numeric_gradient(loss, w_in))
    assert_gradient(d_ns, numeric_gradient(loss, w_ns))


def test_number_of_noise_rows_is_checked() -> None:
    with pytest.raises(ValueError, match="4 rows for 3 examples"):
        ref.examples_of(WINDOWS, cbow=True, noise_ids=np.zeros((4, K), dtype=np.int64))


# Sequential steps


def train_window(window: ref.Window, noise: Any, *arrays: ref.Matrix, **options: Any) -> None:
    """`train_pairs` on one window: a sentence whose other positions have radius 0."""
    center, contexts = window
    middle = len(contexts) // 2
    sentence = [*contexts[:middle], center, *contexts[middle:]]
    radii = [len(contexts) if i == middle else 0 for i in range(len(sentence))]
    ref.train_pairs([sentence], [radii], *arrays, lr=LR, noise_ids=noise, **options)


def test_sequential_pair_by_hand() -> None:
    # Scores are 0 because x is 0, so every sigmoid is 1/2 and the output rows stand still.
    w_in, w_ns = np.array([[0.0], [7.0], [7.0]]), np.array([[9.0], [2.0], [4.0]])
    ref.train_pairs([[1, 0]], [[1, 0]], w_in, w_ns, lr=0.1, noise_ids=[[2]])
    assert_close(w_in, np.array([[0.05 * 2 - 0.05 * 4], [7.0], [7.0]]))
    assert_close(w_ns, np.array([[9.0], [2.0], [4.0]]))
    # Here x is log 3; s(x * 1) = 3/4 for both draws only if the second forgot the first.
    x = np.log(3.0)
    w_in, w_ns = np.array([[x], [7.0]]), np.array([[1.0], [0.0]])
    ref.train_pairs([[1, 0]], [[1, 0]], w_in, w_ns, lr=0.1, noise_ids=[[0, 0]])
    first = 1 - 0.1 * 0.75 * x
    slope = 1 / (1 + np.exp(-x * first))
    assert_close(w_ns, np.array([[first - 0.1 * slope * x], [0.1 * 0.5 * x]]))
    assert_close(w_in, np.array([[x - 0.1 * 0.75 - 0.1 * slope * first], [7.0]]))


@pytest.mark.parametrize("objective", ["ns", "hs", "ns+hs"])
def test_one_pair_is_a_gradient_step(objective: str) -> None:
    w_in, w_ns, w_hs = matrices()
    ns = w_ns if "ns" in objective else None
    hs = w_hs if "hs" in objective else None
    window: ref.Window = (4, [2])
    tree: dict[str, Any] = {"paths": PATHS, "codes": CODES}
    examples = ref.examples_of([window], noise_ids=[[1, 5, 6]], **tree)
    d_in, d_ns, d_hs = ref.gradient(examples, w_in, ns, hs)
    old_in, old_ns, old_hs = copies(w_in, w_ns, w_hs)
    options: dict[str, Any] = {"w_ns": ns, "w_hs": hs, **tree}
    train_window(window, [[1, 5, 6]], w_in, **options)
    assert_close(w_in, old_in - LR * d_in)
    assert_close(w_ns, old_ns if d_ns is None else old_ns - LR * d_ns)
    assert_close(w_hs, old_hs if d_hs is None else old_hs - LR * d_hs)


def test_pairs_follow_each_other_from_left_to_right() -> None:
    (w_in, w_ns, _), (in_order, ns_order, _) = matrices(), matrices()
    noise = noise_rows(4)
    train_window(WINDOWS[0], noise, w_in, w_ns)
    for j, row in zip(WINDOWS[0][1], noise, strict=True):
        train_window((0, [j]), [row], in_order, ns_order)
    assert np.array_equal(w_in, in_order)
    assert np.array_equal(w_ns, ns_order)


def test_sentences_are_windows_in_order() -> None:
    (w_in, w_ns, _), (in_order, ns_order, _) = matrices(), matrices()
    sentences, radii = [[3, 1, 0, 2], [5, 5]], [[1, 2, 1, 3], [2, 1]]
    window_list = [
        *[(3, [1]), (1, [3, 0, 2]), (0, [1, 2]), (2, [3, 1, 0])],
        *[(5, [5]), (5, [5])],
    ]
    noise = np.random.default_rng(2).integers(0, V, (11, K))
    ref.train_pairs(sentences, radii, w_in, w_ns, lr=LR, noise_ids=noise)
    start = 0
    for window in window_list:
        stop = start + len(window[1])
        train_window(window, noise[start:stop], in_order, ns_order)
        start = stop
    assert np.array_equal(w_in, in_order)
    assert np.array_equal(w_ns, ns_order)


@pytest.mark.parametrize("cbow", [False, True])
def test_draw_equal_to_the_centre_is_skipped(cbow: bool) -> None:
    (w_in, w_ns, _), (in_short, ns_short, _) = matrices(), matrices()
    train_window((4, [2]), [[1, 4, 6]], w_in, w_ns, cbow=cbow)
    train_window((4, [2]), [[1, 6]], in_short, ns_short, cbow=cbow)
    assert np.array_equal(w_in, in_short)
    assert np.array_equal(w_ns, ns_short)


@pytest.mark.parametrize("objective", ["ns", "hs", "ns+hs"])
@pytest.mark.parametrize("scheme", ["classic-mean", "corrected-mean", "classic-sum"])
def test_cbow_window_is_a_gradient_step(scheme: str, objective: str) -> None:
    w_in, w_ns, w_hs = matrices()
    ns = w_ns if "ns" in objective else None
    hs = w_hs if "hs" in objective else None
    window, noise = WINDOWS[1], [[1, 5, 6]]
    mean = scheme.endswith("mean")
    tree: dict[str, Any] = {"paths": PATHS, "codes": CODES}
    examples = ref.examples_of([window], cbow=True, cbow_mean=mean, noise_ids=noise, **tree)
    d_in, d_ns, d_hs = ref.gradient(examples, w_in, ns, hs)
    old_in, old_ns, old_hs = copies(w_in, w_ns, w_hs)
    options: dict[str, Any] = {"w_ns": ns, "w_hs": hs, "cbow": True, "cbow_mean": mean, **tree}
    train_window(window, noise, w_in, corrected=scheme == "corrected-mean", **options)
    # Classic word2vec adds the gradient of the mean to each of the four rows undivided.
    factor = 4 if scheme == "classic-mean" else 1
    assert_close(w_in, old_in - factor * LR * d_in)
    assert_close(w_ns, old_ns if d_ns is None else old_ns - LR * d_ns)
    assert_close(w_hs, old_hs if d_hs is None else old_hs - LR * d_hs)


def test_correction_changes_nothing_for_sums() -> None:
    (w_in, w_ns, _), (in_other, ns_other, _) = matrices(), matrices()
    noise = noise_rows(1)
    train_window(WINDOWS[0], noise, w_in, w_ns, cbow=True, cbow_mean=False)
    train_window(WINDOWS[0], noise, in_other, ns_other, cbow=True, cbow_mean=False, corrected=True)
    assert np.array_equal(w_in, in_other)
    assert np.array_equal(w_ns, ns_other)


# The block algorithm

TOKENS, N_PAIRS = [3, 1, 4, 1, 0], [2, 5, 0, 3, 4]
NOISE = [2, 6, 2, 1, 0, 4]


def test_one_panel_is_a_gradient_step_of_the_weighted_repulsion() -> None:
    w_in, w_ns, _ = matrices()

    def loss() -> float:
        return ref.repulsion_loss(w_in, w_ns, TOKENS, N_PAIRS, NOISE, K)

    d_in, d_ns = numeric_gradient(loss, w_in), numeric_gradient(loss, w_ns)
    new_in, new_ns = copies(w_in, w_ns)
    ref.block_repulsion(new_in, new_ns, TOKENS, N_PAIRS, NOISE, LR, K)
    assert_gradient((w_in - new_in) / LR, d_in)
    assert_gradient((w_ns - new_ns) / LR, d_ns)


@pytest.mark.parametrize("panel", [2, 4])
def test_panels_follow_each_other(panel: int) -> None:
    (w_in, w_ns, _), (in_order, ns_order, _) = matrices(), matrices()
    ref.block_repulsion(w_in, w_ns, TOKENS, N_PAIRS, NOISE, LR, K, panel)
    for start in range(0, 6, panel):
        part = NOISE[start : start + panel]
        # K/N belongs to the whole block: a part of N' rows alone would count K/N' times.
        share = K * len(part) / len(NOISE)
        ref.block_repulsion(in_order, ns_order, TOKENS, N_PAIRS, part, LR, share)
    assert_close(w_in, in_order)
    assert_close(w_ns, ns_order)
    in_one, ns_one, _ = matrices()
    ref.block_repulsion(in_one, ns_one, TOKENS, N_PAIRS, NOISE, LR, K)
    assert np.abs(w_in - in_one).max() > 1e-3


def test_a_panel_holds_sixteen_rows() -> None:
    noise = [n % V for n in range(20)]
    (w_in, w_ns, _), (in_panel, ns_panel, _) = matrices(), matrices()
    ref.block_repulsion(w_in, w_ns, TOKENS, N_PAIRS, noise, LR, K)
    ref.block_repulsion(in_panel, ns_panel, TOKENS, N_PAIRS, noise, LR, K, panel=16)
    assert np.array_equal(w_in, in_panel)
    assert np.array_equal(w_ns, ns_panel)


def all_draws(p: ref.Vector, n: int) -> list[tuple[list[int], float]]:
    """Every sequence of `n` words with its probability."""
    return [
        (list(ids), float(np.prod(p[list(ids)])))
        for ids in itertools.product(range(len(p)), repeat=n)
    ]


def expected(
    p: ref.Vector, n: int, change: Callable[[list[int]], Sequence[ref.Matrix]]
) -> list[ref.Matrix]:
    """Expectation of `change` over all draws of `n` noise words, by enumeration."""
    total: list[ref.Matrix] = []
    for ids, chance in all_draws(p, n):
        parts = [chance * part for part in change(ids)]
        total = [a + b for a, b in zip(total, parts, strict=True)] if total else parts
    return total


@pytest.mark.parametrize(("n_noise", "n_negatives"), [(1, 1), (1, 2), (2, 1), (2, 2), (3, 2)])
def test_block_repulsion_is_unbiased(n_noise: int, n_negatives: int) -> None:
    """The block's expected change is that of K own draws for each of its pairs."""
    w_in, w_ns, _ = matrices(rows=4)
    p = ref.noise_distribution([50, 20, 9, 2], 0.75)
    sentence, radii = [2, 0, 2, 3], [1, 2, 1, 2]
    n_pairs = ref.pair_counts(4, radii)

    def block_change(noise: list[int]) -> Sequence[ref.Matrix]:
        new_in, new_ns = copies(w_in, w_ns)
        ref.block_repulsion(new_in, new_ns, sentence, n_pairs, noise, LR, n_negatives)
        return new_in - w_in, new_ns - w_ns

    def pair_change(context: int, noise: list[int]) -> Sequence[ref.Matrix]:
        d_in, d_ns = np.zeros_like(w_in), np.zeros_like(w_ns)
        for n in noise:
            sigma = 1 / (1 + np.exp(-w_in[context] @ w_ns[n]))
            d_in[context] -= LR * sigma * w_ns[n]
            d_ns[n] -= LR * sigma * w_in[context]
        return d_in, d_ns

    wanted_in, wanted_ns = np.zeros_like(w_in), np.zeros_like(w_ns)
    for _, contexts in ref.windows(sentence, radii):
        for j in contexts:
            d_in, d_ns = expected(p, n_negatives, partial(pair_change, j))
            wanted_in += d_in
            wanted_ns += d_ns
    got_in, got_ns = expected(p, n_noise, block_change)
    assert np.abs(wanted_in).max() > 0.1
    assert_close(got_in, wanted_in)
    assert_close(got_ns, wanted_ns)


def test_attraction_is_a_gradient_step() -> None:
    w_in, w_ns, _ = matrices()
    center, contexts = WINDOWS[1]
    examples = ref.examples_of([(center, contexts)])
    d_in, d_ns, _ = ref.gradient(examples, w_in, w_ns)
    assert d_ns is not None
    new_in, new_ns = copies(w_in, w_ns)
    ref.window_attraction(new_in, new_ns, center, contexts, LR)
    assert_close(new_in, w_in - LR * d_in)
    assert_close(new_ns, w_ns - LR * d_ns)


def test_two_rows_of_window_hs_are_a_gradient_step() -> None:
    w_in, _, w_hs = matrices()
    center, contexts = WINDOWS[1][0], WINDOWS[1][1][:2]
    examples = ref.examples_of([(center, contexts)], paths=PATHS, codes=CODES)
    d_in, _, d_hs = ref.gradient(examples, w_in, None, w_hs)
    assert d_hs is not None
    new_in, new_hs = copies(w_in, w_hs)
    ref.window_hs(new_in, new_hs, contexts, PATHS[center], CODES[center], LR)
    assert_close(new_in, w_in - LR * d_in)
    assert_close(new_hs, w_hs - LR * d_hs)


@pytest.mark.parametrize("twos", [[[6, 2], [4, 1]], [[6, 2], [4]], [[3], [3, 5]], [[3], [3]]])
def test_window_hs_takes_the_rows_in_twos_and_equal_neighbours_alone(twos: list[list[int]]) -> None:
    (w_in, _, w_hs), (in_order, _, hs_order) = matrices(), matrices()
    ref.window_hs(w_in, w_hs, [word for rows in twos for word in rows], PATHS[4], CODES[4], LR)
    for rows in twos:
        ref.window_hs(in_order, hs_order, rows, PATHS[4], CODES[4], LR)
    assert_close(w_in, in_order)
    assert_close(w_hs, hs_order)


def test_window_with_one_context_equals_the_sequential_pair() -> None:
    (w_in, w_ns, w_hs), (in_seq, ns_seq, hs_seq) = matrices(), matrices()
    ref.window_attraction(w_in, w_ns, 4, [2], LR)
    train_window((4, [2]), [], in_seq, ns_seq)
    assert_close(w_in, in_seq)
    assert_close(w_ns, ns_seq)
    ref.window_hs(w_in, w_hs, [2], PATHS[4], CODES[4], LR)
    train_window((4, [2]), [], in_seq, w_hs=hs_seq, paths=PATHS, codes=CODES)
    assert_close(w_in, in_seq)
    assert_close(w_hs, hs_seq)


@pytest.mark.parametrize("cbow_mean", [True, False])
@pytest.mark.parametrize("corrected", [True, False])
def test_cbow_block_of_one_centre_equals_the_sequential_window(
    corrected: bool, cbow_mean: bool
) -> None:
    options = {"cbow_mean": cbow_mean, "corrected": corrected}
    (w_in, w_ns, w_hs), (in_seq, ns_seq, hs_seq) = matrices(), matrices()
    window = WINDOWS[1]
    ref.cbow_block(w_in, w_ns, [window, (1, [])], [1, 5, 6], LR, 3, **options)
    train_window(window, [[1, 5, 6]], in_seq, ns_seq, cbow=True, **options)
    assert_close(w_in, in_seq)
    assert_close(w_ns, ns_seq)
    ref.cbow_window_hs(w_in, w_hs, window[1], PATHS[4], CODES[4], LR, **options)
    tree = {"paths": PATHS, "codes": CODES}
    train_window(window, [], in_seq, w_hs=hs_seq, cbow=True, **tree, **options)
    assert_close(w_in, in_seq)
    assert_close(w_hs, hs_seq)


def test_cbow_block_is_a_gradient_step_when_corrected() -> None:
    """Centres that differ from each other and from the noise make attraction Jacobi as well."""
    w_in, w_ns, _ = matrices()
    window_list: list[ref.Window] = [(0, [3, 1, 2, 5]), (4, [6, 2, 4, 2]), (1, [0, 4])]
    noise = [2, 6, 2, 5]
    weight = K / len(noise)
    examples = [
        ref.Example(center, contexts, 1 / len(contexts), noise, [weight] * len(noise))
        for center, contexts in window_list
    ]
    d_in, d_ns, _ = ref.gradient(examples, w_in, w_ns)
    assert d_ns is not None
    new_in, new_ns = copies(w_in, w_ns)
    ref.cbow_block(new_in, new_ns, window_list, noise, LR, K, corrected=True)
    assert_close(new_in, w_in - LR * d_in)
    assert_close(new_ns, w_ns - LR * d_ns)


def test_cbow_attraction_scores_first_and_then_adds_in_order() -> None:
    _, w_ns, _ = matrices()
    h = np.random.default_rng(6).normal(size=(3, DIM))
    old, y = w_ns[2].copy(), w_ns[2].copy()
    dh = ref.cbow_attraction(h, w_ns, [2, 2, 2], LR)
    for b in range(3):
        g = LR / (1 + np.exp(h[b] @ old))
        assert_close(dh[b], g * y)
        y += g * h[b]
    assert_close(w_ns[2], y)


@pytest.mark.parametrize("moving_h", [False, True])
def test_cbow_panels_follow_each_other(moving_h: bool) -> None:
    (_, w_ns, _), (_, ns_order, _) = matrices(), matrices()
    h = np.random.default_rng(6).normal(size=(3, DIM))
    dh = ref.cbow_repulsion(h, w_ns, NOISE, LR, K, panel=2, moving_h=moving_h)
    wanted = np.zeros_like(h)
    for start in range(0, 6, 2):
        current = h + wanted if moving_h else h
        wanted = wanted + ref.cbow_repulsion(current, ns_order, NOISE[start : start + 2], LR, K / 3)
    assert_close(dh, wanted)
    assert_close(w_ns, ns_order)


@pytest.mark.parametrize(("n_noise", "n_negatives"), [(1, 1), (1, 2), (2, 2)])
def test_cbow_repulsion_is_unbiased(n_noise: int, n_negatives: int) -> None:
    _, w_ns, _ = matrices(rows=4)
    p = ref.noise_distribution([50, 20, 9, 2], 0.75)
    h = np.random.default_rng(6).normal(size=(2, DIM))

    def block_change(noise: list[int]) -> Sequence[ref.Matrix]:
        new = w_ns.copy()
        return ref.cbow_repulsion(h, new, noise, LR, n_negatives), new - w_ns

    slope = 1 / (1 + np.exp(-h @ w_ns.T)) * p * n_negatives
    got_h, got_ns = expected(p, n_noise, block_change)
    assert_close(got_h, -LR * slope @ w_ns)
    assert_close(got_ns, -LR * slope.T @ h)


# Tables


def least_cost(weights: tuple[int, ...]) -> int:
    """Least sum of weight * depth over all binary trees, by trying every split of the root."""
    if len(weights) == 1:
        return 0
    first, rest = weights[0], weights[1:]
    costs = []
    for chosen in itertools.product((False, True), repeat=len(rest)):
        left = (first, *(w for w, c in zip(rest, chosen, strict=True) if c))
        right = tuple(w for w, c in zip(rest, chosen, strict=True) if not c)
        if right:
            costs.append(least_cost(left) + least_cost(right))
    return sum(weights) + min(costs)


@pytest.mark.parametrize(
    "counts",
    [
        [3],
        [5, 2],
        [1, 1, 1, 1, 1],
        [9, 5, 3, 2, 1, 1],
        [100, 40, 30, 20, 10, 5],
        [2, 7, 1, 7, 2, 4],
    ],
)
def test_huffman_cost_is_least_of_all_trees(counts: list[int]) -> None:
    paths, codes, total = ref.huffman_tree(counts)
    lengths = ref.huffman_code_lengths(counts)
    assert total == least_cost(tuple(counts)) == int(np.dot(counts, lengths))
    ref.check_huffman(counts, paths, codes)


def test_huffman_lengths_by_hand() -> None:
    assert ref.huffman_code_lengths([40, 21, 13, 8, 5, 3, 1]).tolist() == [1, 2, 3, 4, 5, 6, 6]
    assert ref.huffman_code_lengths([4, 4, 4, 4]).tolist() == [2, 2, 2, 2]
    assert all(path[0] == V - 2 for path in PATHS)


@pytest.mark.parametrize(
    ("paths", "codes", "complaint"),
    [
        ([[1], [1, 0], [1, 0]], [[0], [1, 0], [1, 0]], "two words"),
        ([[1], [1, 0], [1, 0]], [[0], [0, 0], [0, 1]], "prefix"),
        ([[1], [1, 0], [0, 1]], [[0], [1, 0], [1, 1]], "leads to nodes"),
        ([[1], [1, 1], [1, 1]], [[0], [1, 0], [1, 1]], "inner nodes"),
        ([[1], [1, 0], [1]], [[0], [1, 0], [1, 1]], "path of 1"),
        ([[1], [1, 0], [1, 0]], [[0], [1, 0], [1, 2]], "not binary"),
        ([[1, 0], [1, 0], [1]], [[0, 0], [0, 1], [1]], "cost"),
    ],
)
def test_huffman_checker_finds_faults(
    paths: list[list[int]], codes: list[list[int]], complaint: str
) -> None:
    ref.check_huffman([5, 2, 1], [[1], [1, 0], [1, 0]], [[1], [0, 1], [0, 0]])
    with pytest.raises(AssertionError, match=complaint):
        ref.check_huffman([5, 2, 1], paths, codes)


def test_noise_distribution_by_hand() -> None:
    assert_close(ref.noise_distribution([16, 81, 1], 0.75), np.array([8, 27, 1]) / 36)
    assert_close(ref.noise_distribution([16, 81, 1], 0.0), np.full(3, 1 / 3))
    assert_close(ref.noise_distribution([6, 3, 1], 1.0), np.array([0.6, 0.3, 0.1]))
    # A negative exponent favours rare words (Caselles-Dupre et al. 2018).
    assert_close(ref.noise_distribution([2, 1], -1.0), np.array([1, 2]) / 3)


def test_keep_probability_by_hand() -> None:
    # sample * total = 1000: (sqrt(c / 1000) + 1) * 1000 / c
    keep = ref.keep_probability([100_000, 16_000, 4_000, 1_000, 3], 1_000_000, 1e-3)
    assert_close(keep, np.array([0.11, 0.3125, 0.75, 1.0, 1.0]))
    assert_close(ref.keep_probability([9, 1], 10, 0.0), np.ones(2))


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_pair_counts(n: int) -> None:
    radii = np.random.default_rng(n).integers(0, 5, n)
    counts = ref.pair_counts(n, radii)
    window_list = ref.windows(list(range(n)), radii)
    listed = [j for _, contexts in window_list for j in contexts]
    assert counts.tolist() == np.bincount(listed, minlength=n).tolist()
    # With one radius for all, being a context is symmetric.
    sizes = [len(contexts) for _, contexts in ref.windows(list(range(n)), [2] * n)]
    assert ref.pair_counts(n, [2] * n).tolist() == sizes


def test_pair_counts_by_hand() -> None:
    assert ref.pair_counts(4, [0, 3, 1, 0]).tolist() == [1, 1, 1, 2]


def test_window_bounds_by_hand() -> None:
    assert ref.window_bounds(0, 2, 6) == (0, 3)
    assert ref.window_bounds(3, 2, 6) == (1, 6)
    assert ref.window_bounds(5, 9, 6) == (0, 6)
    assert ref.windows([8, 8, 9], [1, 0, 2]) == [(8, [8]), (8, []), (9, [8, 8])]


def test_learning_rate_is_linear_and_stops_at_the_end() -> None:
    rates = [ref.learning_rate(0.5, 0.1, done, 8) for done in (0, 2, 4, 8, 9)]
    assert rates == pytest.approx([0.5, 0.4, 0.3, 0.1, 0.1])


# Graphs


def test_karate_club_facts() -> None:
    edges = ref.karate_edges()
    degrees = np.bincount(np.array(edges).ravel(), minlength=34)
    assert len(edges) == len({frozenset(edge) for edge in edges}) == 78
    assert all(a != b for a, b in edges)
    # Mr. Hi (member 1) and the officer John A. (member 34) have the most friends.
    assert (degrees[0], degrees[32], degrees[33]) == (16, 12, 17)
    assert degrees.sum() == 2 * 78
    assert degrees.min() == degrees[11] == 1
    _, labels = ref.karate_walks(1, 1, seed=0)
    assert np.bincount(labels).tolist() == [17, 17]
    assert sum(labels[a] != labels[b] for a, b in edges) == 11


def test_walks_follow_edges_and_start_everywhere() -> None:
    walks, labels = ref.karate_walks(2, 9, seed=4)
    edges = {frozenset(edge) for edge in ref.karate_edges()}
    assert len(labels) == 34
    assert sorted(walk[0] for walk in walks) == sorted(2 * [str(i) for i in range(34)])
    for walk in walks:
        assert len(walk) == 9
        assert all(frozenset(map(int, step)) in edges for step in itertools.pairwise(walk))
    assert ref.karate_walks(2, 9, seed=4)[0] == walks
    assert ref.karate_walks(2, 9, seed=5)[0] != walks


def test_community_walks_keep_to_separate_groups() -> None:
    walks, labels = ref.community_walks(3, 6, p_in=1.0, p_out=0.0, n_walks=2, length=8, seed=0)
    assert labels.tolist() == [0] * 6 + [1] * 6 + [2] * 6
    for walk in walks:
        assert len({int(labels[int(token)]) for token in walk}) == 1
    assert len({tuple(walk) for walk in walks}) > 30
    lonely, _ = ref.community_walks(2, 2, p_in=0.0, p_out=0.0, n_walks=1, length=8, seed=0)
    assert sorted(lonely) == [["0"], ["1"], ["2"], ["3"]]


def test_cosines_by_hand() -> None:
    vectors = np.array([[2.0, 0.0], [3.0, 3.0], [0.0, 5.0], [0.0, -1.0]])
    inside, across = ref.cosines_inside_across(vectors, np.array([0, 0, 1, 1]))
    half = np.sqrt(0.5)
    assert inside == pytest.approx((half - 1) / 2)
    assert across == pytest.approx((0 + 0 + half - half) / 4)


@pytest.mark.parametrize("cbow", [False, True])
def test_sequential_training_finds_the_groups(cbow: bool) -> None:
    walks, labels = ref.community_walks(2, 5, 1.0, 0.1, n_walks=10, length=10, seed=1)
    sentences = [[int(token) for token in walk] for walk in walks]
    rng = np.random.default_rng(0)
    w_in, w_ns = rng.uniform(-0.05, 0.05, (10, 10)), np.zeros((10, 10))
    noise_p = ref.noise_distribution(np.bincount(np.concatenate(sentences)), 0.75)
    for epoch in range(2):
        for k, sentence in enumerate(sentences):
            radii = rng.integers(1, 3, len(sentence))
            n_examples = len(sentence) if cbow else int(ref.pair_counts(len(sentence), radii).sum())
            noise = rng.choice(10, (n_examples, 2), p=noise_p)
            lr = ref.learning_rate(0.1, 0.001, epoch * len(sentences) + k, 2 * len(sentences))
            ref.train_pairs([sentence], [radii], w_in, w_ns, lr=lr, noise_ids=noise, cbow=cbow)
    inside, across = ref.cosines_inside_across(w_in, labels)
    assert inside > across + 0.3
