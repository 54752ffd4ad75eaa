"""Whole training runs against the float64 reference, fed with the same draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fastw2v._core import SIGMOID_BINS, SIGMOID_LIMIT
from fastw2v.sigmoid import tables
from tests import reference as ref
from tests.runs import Run, random_sentences

SG, CBOW = 0, 1
NS, HS, BOTH = 0, 1, 2
N_WORDS = 60


@pytest.fixture(autouse=True)
def same_sigmoid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the reference use the kernels' table, so that only rounding is left to differ.

    The table itself is held against the exact function in test_kernels.py.
    """
    table = tables()[0].astype(np.float64)

    def lookup(x: Any) -> Any:
        bins = len(table)
        place = np.floor((np.asarray(x, dtype=np.float64) + 8.0) * bins / 16.0)
        return table[np.clip(place, 0, bins - 1).astype(int)]

    monkeypatch.setattr(ref, "sigmoid", lookup)


def sentences_without_repetition(seed: int = 0) -> list[list[int]]:
    rng = np.random.default_rng(seed)
    return [rng.permutation(N_WORDS)[: rng.integers(1, 30)].tolist() for _ in range(12)]


def reference_run(run: Run) -> list[np.ndarray]:
    """Train the same run in float64 with the draws of its sampler."""
    w_in, w_ns, w_hs = (m[:, : run.dim].astype(np.float64) for m in run.start())
    rows, (begin, end) = run.sampler().chunk(run.tokens, 0, len(run.tokens))
    assert (begin, end) == (0, len(rows))
    ids, lo, hi, n_windows = rows.T
    paths, codes = path_lists(run)
    negatives, path = run.objective != HS, run.objective != NS
    lr = run.lr[0]

    def context(pos: int) -> list[int]:
        return [int(ids[j]) for j in range(lo[pos], hi[pos] + 1) if j != pos]

    if run.block_size == 0:
        sequential(run, w_in, w_ns, w_hs, ids, lo, hi, paths, codes)
        return [w_in, w_ns, w_hs]
    block = run.block_size if negatives or run.architecture == CBOW else 1
    for number, first in enumerate(range(0, len(ids), block)):
        span = range(first, min(first + block, len(ids)))
        draw = number // run.noise_blocks * run.noise_rows
        noise = run.sampler().noise(0, draw, run.noise_rows)
        if run.architecture == SG:
            if negatives:
                ref.block_repulsion(
                    w_in, w_ns, ids[span.start : span.stop],
                    n_windows[span.start : span.stop], noise, lr, run.n_negatives,
                )  # fmt: skip
            for pos in span:
                if negatives:
                    ref.window_attraction(w_in, w_ns, int(ids[pos]), context(pos), lr)
                if path:
                    word = int(ids[pos])
                    ref.window_hs(w_in, w_hs, context(pos), paths[word], codes[word], lr)
        else:
            cbow_reference(run, w_in, w_ns, w_hs, ids, span, context, noise, paths, codes)
    return [w_in, w_ns, w_hs]


def cbow_reference(
    run: Run, w_in: Any, w_ns: Any, w_hs: Any, ids: Any, span: range, context: Any, noise: Any,
    paths: Any, codes: Any,
) -> None:  # fmt: skip
    """One block of CBOW centres; gradients return to W when the block is done."""
    lr = run.lr[0]
    windows = [(int(ids[pos]), context(pos)) for pos in span if context(pos)]
    if not windows:
        return
    h = ref.cbow_hidden(w_in, windows, run.cbow_mean)
    grad = np.zeros_like(h)
    if run.objective != HS:
        grad += ref.cbow_attraction(h, w_ns, [center for center, _ in windows], lr)
        grad += ref.cbow_repulsion(h, w_ns, noise, lr, run.n_negatives)
    for i, (center, _) in enumerate(windows):
        if run.objective != NS:
            nodes = w_hs[paths[center]]
            g = lr * (1 - np.asarray(codes[center]) - ref.sigmoid(nodes @ h[i]))
            w_hs[paths[center]] += np.outer(g, h[i])
            grad[i] += g @ nodes
    for i, (_, words) in enumerate(windows):
        share = 1 / len(words) if run.cbow_corrected and run.cbow_mean else 1.0
        np.add.at(w_in, words, share * grad[i])


def sequential(
    run: Run, w_in: Any, w_ns: Any, w_hs: Any, ids: Any, lo: Any, hi: Any, paths: Any, codes: Any
) -> None:
    """Per-pair noise: the reference takes windows sentence by sentence, as radii."""
    sentences, radii = [], []
    start = 0
    for length in map(len, run.sentences):
        span = range(start, start + length)
        sentences.append(ids[span.start : span.stop].tolist())
        # The reference clips radii at the sentence's ends itself.
        radii.append([max(pos - int(lo[pos]), int(hi[pos]) - pos) for pos in span])
        start += length
    cbow = run.architecture == CBOW
    windows = [
        w for s, r in zip(sentences, radii, strict=True) for w in ref.windows(s, r) if len(w[1])
    ]
    n_inputs = len(windows) if cbow else sum(len(w[1]) for w in windows)
    k = run.n_negatives
    draws = run.sampler().noise(0, 0, n_inputs * k).reshape(-1, k)
    ref.train_pairs(
        sentences, radii, w_in,
        w_ns if run.objective != HS else None,
        w_hs if run.objective != NS else None,
        lr=run.lr[0],
        noise_ids=draws if run.objective != HS else (),
        paths=paths if run.objective != NS else (),
        codes=codes if run.objective != NS else (),
        cbow=cbow, cbow_mean=run.cbow_mean, corrected=run.cbow_corrected,
    )  # fmt: skip


def path_lists(run: Run) -> tuple[list[np.ndarray], list[np.ndarray]]:
    off = run.tree.offsets
    pieces = [slice(off[i], off[i + 1]) for i in range(run.n_words)]
    return [run.tree.path[p] for p in pieces], [run.tree.code[p] for p in pieces]


def tolerance(run: Run) -> float:
    """Room for the same value of a row falling in the neighbouring bin of the table three times.

    A score differs by its rounding; now and then that moves it over the edge of a bin, which
    changes sigma by at most the bin's width times the slope 1/4.
    """
    bin_step = 2 * SIGMOID_LIMIT / SIGMOID_BINS / 4
    return 3 * run.lr[0] * bin_step * run.scale


@pytest.mark.parametrize(("block_size", "noise_blocks"), [(0, 1), (1, 3), (8, 1), (8, 2)])
@pytest.mark.parametrize("objective", [NS, HS, BOTH])
@pytest.mark.parametrize("architecture", [SG, CBOW])
def test_training_equals_the_reference(
    isa: str, architecture: int, objective: int, block_size: int, noise_blocks: int
) -> None:
    run = Run(
        sentences_without_repetition(), N_WORDS, architecture=architecture, objective=objective,
        block_size=block_size, noise_blocks=noise_blocks,
    )  # fmt: skip
    trained, _ = run.train(isa)
    for ours, exact, start in zip(trained, reference_run(run), run.start(), strict=True):
        assert np.abs(ours[:, : run.dim] - exact).max() < tolerance(run)
        if objective == BOTH:
            assert np.abs(ours - start).max() > 0.01, "nothing was trained"


@pytest.mark.parametrize("n_negatives", [1, 15, 16, 40])
@pytest.mark.parametrize("objective", [NS, BOTH])
@pytest.mark.parametrize("architecture", [SG, CBOW])
def test_noise_of_a_pair_is_met_in_order(
    isa: str, architecture: int, objective: int, n_negatives: int
) -> None:
    # Of so many draws some are the same word, which then sees what its first update did, and some
    # the centre, which are left out. So many scores, too, that of all sentences more than three
    # would fall into a neighbouring bin.
    run = Run(
        sentences_without_repetition()[:4], N_WORDS, architecture=architecture, objective=objective,
        block_size=0, n_negatives=n_negatives, lr=(0.2, 0.2),
    )  # fmt: skip
    trained, _ = run.train(isa)
    for ours, exact in zip(trained, reference_run(run), strict=True):
        assert np.abs(ours[:, : run.dim] - exact).max() < tolerance(run)


@pytest.mark.parametrize("block_size", [0, 8])
@pytest.mark.parametrize("objective", [NS, HS, BOTH])
@pytest.mark.parametrize("architecture", [SG, CBOW])
def test_own_copies_of_rows_change_nothing_but_rounding(
    isa: str, architecture: int, objective: int, block_size: int
) -> None:
    # Short enough pauses that copies are merged within a chunk too; the last nodes are the root's.
    run = Run(
        sentences_without_repetition(), N_WORDS, architecture=architecture, objective=objective,
        block_size=block_size, n_own_words=N_WORDS // 2, own_word_pause=1,
        n_own_nodes=N_WORDS // 2, own_node_pause=1,
    )  # fmt: skip
    trained, _ = run.train(isa)
    for ours, exact in zip(trained, reference_run(run), strict=True):
        assert np.abs(ours[:, : run.dim] - exact).max() < tolerance(run)


@pytest.mark.parametrize("objective", [NS, HS])
@pytest.mark.parametrize("architecture", [SG, CBOW])
def test_copies_are_merged_while_a_chunk_is_trained(architecture: int, objective: int) -> None:
    # Each merge rounds once more; without one before the end the pause would change no bit.
    def trained(words: int, nodes: int) -> list[NDArray[np.float32]]:
        run = Run(
            sentences_without_repetition(), N_WORDS, architecture=architecture,
            objective=objective, n_own_words=N_WORDS // 2, own_word_pause=words,
            n_own_nodes=N_WORDS // 2, own_node_pause=nodes,
        )  # fmt: skip
        return run.train("scalar")[0]

    never = 1 << 30
    at_the_end = trained(never, never)
    assert all(map(np.array_equal, at_the_end, trained(never, never)))
    pauses = [(1, never)] if objective == NS else [(1, never), (never, 1)]
    for words, nodes in pauses:
        assert not all(map(np.array_equal, at_the_end, trained(words, nodes)))


@pytest.mark.parametrize("block_size", [0, 8])
@pytest.mark.parametrize(("mean", "corrected"), [(True, True), (False, False), (False, True)])
def test_cbow_gradients_equal_the_reference(mean: bool, corrected: bool, block_size: int) -> None:
    run = Run(
        sentences_without_repetition(), N_WORDS, architecture=CBOW, block_size=block_size,
        cbow_mean=mean, cbow_corrected=corrected, scale=0.3,
    )  # fmt: skip
    trained, _ = run.train("scalar")
    for ours, exact in zip(trained, reference_run(run), strict=True):
        assert np.abs(ours[:, : run.dim] - exact).max() < tolerance(run)


@pytest.mark.parametrize("dim", [1, 3, 16, 17, 100, 300])
@pytest.mark.parametrize("objective", [NS, HS, BOTH])
@pytest.mark.parametrize("architecture", [SG, CBOW])
def test_every_instruction_set_gives_the_same_bits(
    fast_isa: str, architecture: int, objective: int, dim: int
) -> None:
    for block_size, corrected in ((0, False), (1, True), (32, False)):
        run = Run(
            random_sentences(150, 30, 40, seed=dim), 150, dim=dim, architecture=architecture,
            objective=objective, block_size=block_size, noise_rows=21, noise_blocks=3,
            cbow_corrected=corrected, window=5, sample=0.01, lr=(0.1, 0.01), scale=0.2, loss=True,
            chunk_tokens=256,
        )  # fmt: skip
        ours, tallies = run.train(fast_isa, epochs=2)
        scalar, scalar_tallies = run.train("scalar", epochs=2)
        assert tallies == scalar_tallies
        for a, b in zip(ours, scalar, strict=True):
            assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("block_size", [0, 8])
@pytest.mark.parametrize("architecture", [SG, CBOW])
def test_padding_stays_zero_and_rows_outside_the_batch_keep_their_bits(
    isa: str, architecture: int, block_size: int
) -> None:
    run = Run(
        [[0, 1, 2, 1, 0, 2] * 5], 200, dim=17, architecture=architecture, objective=BOTH,
        block_size=block_size, noise_rows=4,
    )  # fmt: skip
    run.counts[:] = 0  # noise and tree are drawn below from words 0 to 9 only
    run.noise[:] = [[0xFFFFFFFF, i] for i in range(200)]
    run.noise[10:, 0], run.noise[10:, 1] = 0, np.arange(190) % 10
    (w_in, w_ns, w_hs), _ = run.train(isa)
    start = run.start()
    for matrix in (w_in, w_ns, w_hs):
        assert not matrix[:, 17:].any()
    assert np.array_equal(w_in[3:], start[0][3:])
    assert not np.array_equal(w_in[:3], start[0][:3])
    # A column's own word is drawn with probability 2**-32 past word 9.
    assert np.array_equal(w_ns[10:], start[1][10:])
    on_a_path = np.unique(np.concatenate(path_lists(run)[0][:3]))
    off = np.setdiff1d(np.arange(200), on_a_path)
    assert np.array_equal(w_hs[off], start[2][off])


def test_loss_is_the_mean_the_objective_defines() -> None:
    # With lr 0 nothing moves, so the loss is that of the start, which the reference can sum.
    for architecture in (SG, CBOW):
        run = Run(
            sentences_without_repetition(), N_WORDS, architecture=architecture, objective=BOTH,
            block_size=0, lr=(0.0, 0.0), loss=True, scale=1.5,
        )  # fmt: skip
        _, (_, pairs, loss, _) = run.train("scalar")
        w_in, w_ns, w_hs = (m[:, : run.dim].astype(np.float64) for m in run.start())
        rows, _ = run.sampler().chunk(run.tokens, 0, len(run.tokens))
        paths, codes = path_lists(run)
        exact, n, drawn = 0.0, 0, 0
        for pos, (center, lo, hi, _) in enumerate(rows.tolist()):
            words = [int(rows[j, 0]) for j in range(lo, hi + 1) if j != pos]
            if architecture == SG:
                inputs = w_in[words]
            else:
                inputs = w_in[words].mean(axis=0, keepdims=True) if words else []
            for h in inputs:
                noise = run.sampler().noise(0, drawn, run.n_negatives)
                drawn += run.n_negatives
                noise = noise[noise != center]
                exact += ref.softplus(-h @ w_ns[center]) + ref.softplus(w_ns[noise] @ h).sum()
                signs = 1 - 2.0 * codes[center]
                exact += ref.softplus(-signs * (w_hs[paths[center]] @ h)).sum()
                n += 1
        assert pairs == n
        assert loss == pytest.approx(exact, rel=1e-6)


def test_block_loss_has_the_per_pair_loss_as_its_mean() -> None:
    sentences = sentences_without_repetition()
    losses = {}
    for block_size, noise_rows in ((0, 20), (8, 400)):
        total = 0.0
        for seed in range(30):
            run = Run(
                sentences, N_WORDS, block_size=block_size, noise_rows=noise_rows, lr=(0.0, 0.0),
                loss=True, seed=seed, shrink_windows=False,
            )  # fmt: skip
            _, (_, pairs, loss, _) = run.train("scalar")
            total += loss / pairs
        losses[block_size] = total / 30
    # A draw equal to the centre is left out per pair, not in a block: a share of sum p^2.
    p = ref.noise_distribution(run.counts, 0.75)
    allowed = run.n_negatives * float((p**2).sum()) * np.log(2) * 2
    assert losses[8] == pytest.approx(losses[0], abs=allowed)


@pytest.mark.parametrize("n_chunks", [1, 2, 3, 4, 5, 16, 17, 63, 100])
def test_every_chunk_is_trained_once_an_epoch(n_chunks: int) -> None:
    # Sentence i is the pair of words 2i and 2i + 1, and a chunk of its own.
    run = Run(
        [[2 * i, 2 * i + 1] for i in range(n_chunks)], 2 * n_chunks, chunk_tokens=2, window=1
    )  # fmt: skip
    for seed in range(5):
        run.seed = seed
        (w_in, _, _), (trained, pairs, _, _) = run.train("scalar")
        assert trained == pairs == 2 * n_chunks
        assert (w_in != run.start()[0]).any(axis=1).all(), "a chunk was left out"


@pytest.mark.parametrize("workers", [1, 2, 3, 64])
def test_any_number_of_workers_trains_the_same_words(workers: int) -> None:
    run = Run(random_sentences(100, 200, 60, seed=3), 100, sample=0.01, chunk_tokens=128, window=4)
    _, one = run.train("scalar")
    _, many = run.train("scalar", workers=workers)
    assert many[:2] == one[:2]
    kept, _ = run.sampler().chunk(run.tokens, 0, len(run.tokens))
    assert one[:2] == (len(kept), kept[:, 3].sum()), "every chunk is trained once"
    assert 0 < one[0] < len(run.tokens)


def test_where_chunks_begin_changes_no_window() -> None:
    sentences = [*random_sentences(100, 20, 30, seed=4), [i % 100 for i in range(1000)]]
    run = Run(sentences, 100, sample=0.02, window=7)
    sampler, n = run.sampler(), len(run.tokens)
    whole, _ = sampler.chunk(run.tokens, 0, n)
    for size in (1, 7, 97, 500):
        own = []
        for begin in range(0, n, size):
            rows, (first, last) = sampler.chunk(run.tokens, begin, min(begin + size, n))
            rows[:, 1:3] -= np.arange(len(rows))[:, None]  # window ends as distances
            own.append(rows[first:last])
        expected = whole.copy()
        expected[:, 1:3] -= np.arange(len(whole))[:, None]
        assert np.array_equal(np.concatenate(own), expected)


def test_nan_is_reported_and_stops_the_epoch() -> None:
    run = Run(random_sentences(50, 100, 40, seed=5), 50, chunk_tokens=100)
    start = run.start()
    start[0][0, 0] = np.nan
    run.start = lambda: start  # type: ignore[method-assign]
    with pytest.raises(AssertionError):  # not all chunks are done
        run.train("scalar")
