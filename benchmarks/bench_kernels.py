"""The kernels by instruction set, model and dimension, as shares of what the machine can do.

    pytest benchmarks/bench_kernels.py --benchmark-only --benchmark-timer=time.process_time

Parts of the kernels work on a few rows in the nearest cache. Whole kernels train one epoch with
one worker: `in cache`, with W and W' in the second cache, and `realistic`, with more words than
caches hold. Operations and bytes are those that the algorithm needs; see `benchmarks.models`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import corpora, machine, models
from fastw2v import _probe, config, memory
from fastw2v._core import LANES, PANEL
from fastw2v.corpus.store import END, TokenStore
from fastw2v.huffman import huffman_tree
from fastw2v.isa import VARIABLE
from fastw2v.sigmoid import tables
from fastw2v.trainer import Settings, Trainer
from fastw2v.weights import Weights

BLOCK = 32
WINDOW = 6
# A call does the same rows so many times, or the call itself would be most of what is timed.
AGAIN, MANY = 8, 64
DIMENSIONS = (100, 200, 300, 64, 37, 301)
SENTENCE_LENGTH = 40
REALISTIC_WORDS, LONG_TEXT = 100_000, 10**9
ROUNDS = 5
# Tokens of an epoch: some tens of milliseconds each.
TOKENS = {"scalar": 2_000}
FAST_TOKENS = 60_000

every_kernel = pytest.mark.parametrize(
    ("isa", "dim"),
    [(isa, dim) for isa in machine.usable() for dim in DIMENSIONS],
)


def matrix(rows: int, dim: int) -> NDArray[np.float32]:
    out: NDArray[np.float32] = memory.zeros((rows, -(-dim // LANES) * LANES), np.float32)
    out[:, :dim] = np.random.default_rng(dim).normal(size=(rows, dim)) / dim
    return out


def record(benchmark: Any, kernel: str, isa: str, dim: int, flops: float, n_bytes: float) -> None:
    """Note rates: `flops` and `n_bytes` are those of a call, a multiply-add is two operations."""
    gflops = flops / benchmark.stats["min"] / 1e9
    gbs = n_bytes / benchmark.stats["min"] / 1e9
    level = next(iter(machine.caches()))
    benchmark.extra_info.update(
        kernel=kernel,
        model=None,
        isa=isa,
        dim=dim,
        level=level,
        gflops=gflops,
        share_of_peak=gflops / machine.peak_gflops(isa),
        gbs=gbs,
        share_of_bandwidth=gbs / machine.read_gbs(isa)[level],
    )


@every_kernel
def test_scores(benchmark: Any, isa: str, dim: int) -> None:
    """A block's rows against a panel of 16 noise rows."""
    x, panel, out = matrix(BLOCK, dim), matrix(dim, PANEL), matrix(AGAIN * BLOCK, PANEL)
    benchmark(_probe.scores, isa, out, _probe.Rows(x, AGAIN * [*range(BLOCK)]), panel, dim)
    moved = 4 * (BLOCK * dim + PANEL * dim + BLOCK * PANEL)
    flops = 2 * BLOCK * PANEL * dim
    record(benchmark, "scores of a block", isa, dim, AGAIN * flops, AGAIN * moved)


@every_kernel
def test_update(benchmark: Any, isa: str, dim: int) -> None:
    """A block's rows plus a combination of 16 noise rows."""
    x, noise, coef = matrix(BLOCK, dim), matrix(PANEL, dim), matrix(AGAIN * BLOCK, PANEL)
    coef[:] = 0
    rows = _probe.Rows(x, AGAIN * [*range(BLOCK)])
    benchmark(_probe.accumulate, isa, rows, _probe.Rows(noise), coef, False, dim)
    moved = 4 * (2 * BLOCK * dim + PANEL * dim + BLOCK * PANEL)
    flops = 2 * BLOCK * PANEL * dim
    record(benchmark, "update of a block", isa, dim, AGAIN * flops, AGAIN * moved)


@every_kernel
def test_dots(benchmark: Any, isa: str, dim: int) -> None:
    """A word's row of W' against the rows of its window."""
    x, out = matrix(WINDOW + 1, dim), np.zeros(MANY * WINDOW, dtype=np.float32)
    benchmark(_probe.dots, isa, out, x[0], _probe.Rows(x, MANY * [*range(1, WINDOW + 1)]))
    moved = 4 * ((WINDOW + 1) * dim + WINDOW)
    flops = 2 * WINDOW * dim
    record(benchmark, "dots of a window", isa, dim, MANY * flops, MANY * moved)


@pytest.mark.parametrize("isa", machine.usable())
def test_sigmoid(benchmark: Any, isa: str) -> None:
    """Sigmoids of a block's scores: a look-up, so only its bytes count."""
    n = AGAIN * BLOCK * PANEL // 2
    values, out = matrix(1, n)[0], matrix(1, n)[0]
    benchmark(_probe.sigmoid, isa, out, values, tables()[0])
    record(benchmark, "sigmoids", isa, 0, 0.0, 3 * 4 * n)


@functools.lru_cache(maxsize=1)
def weights(n_words: int, dim: int, hs: bool) -> Weights:
    found = Weights(n_words, dim, negative=not hs, hs=hs, seed=1)
    found.spread()
    return found


@functools.lru_cache(maxsize=8)
def corpus(n_words: int, n_tokens: int) -> tuple[TokenStore, NDArray[np.int64]]:
    """Token ids and counts of a generated text; ids are ranks, whatever the draws were."""
    recipe = corpora.Recipe(n_words, n_tokens, SENTENCE_LENGTH, n_topics=min(50, n_words))
    blocks = list(corpora.sentences(recipe))
    ids = np.concatenate([block.ravel() for block in blocks])[:n_tokens].astype(np.int32)
    ids[SENTENCE_LENGTH - 1 :: SENTENCE_LENGTH] |= END
    ids[-1] |= END
    store = TokenStore(ids, SENTENCE_LENGTH, len(ids) // SENTENCE_LENGTH, len(ids), 0, 0)
    counts = corpora.probabilities(recipe) * n_tokens
    return store, np.maximum(counts, 1).astype(np.int64)


def words_in_cache(dim: int) -> int:
    """Words whose W and W' take half of the second cache."""
    levels = list(machine.caches().values())
    return max(levels[min(1, len(levels) - 1)] // 2 // (2 * 4 * (-(-dim // LANES) * LANES)), 50)


@pytest.mark.parametrize("setting", ["in cache", "realistic"])
@pytest.mark.parametrize("model", models.MODELS)
@every_kernel
def test_training(
    benchmark: Any,
    monkeypatch: pytest.MonkeyPatch,
    isa: str,
    dim: int,
    model: str,
    setting: str,
) -> None:
    """One epoch of training, in the blocks of large vocabularies."""
    if isa == "scalar" and (setting == "realistic" or dim not in DIMENSIONS[:3]):
        pytest.skip("plain C is bound by arithmetic wherever its rows are")
    monkeypatch.setenv(VARIABLE, isa)
    parameters = models.MODELS[model]
    n_words = words_in_cache(dim) if setting == "in cache" else REALISTIC_WORDS
    n_tokens = TOKENS.get(isa, FAST_TOKENS)
    store, counts = corpus(n_words, n_tokens)
    # Also where words are few: the speed is wanted for many words and long texts.
    sharing = config.noise_sharing(
        REALISTIC_WORDS, LONG_TEXT, parameters["sg"], parameters["negative"]
    )
    defaults = {name: config.PARAMETERS[name].default for name in Settings.__dataclass_fields__
                if name in config.PARAMETERS}  # fmt: skip
    settings = Settings(
        **{
            **defaults,
            **parameters,
            "sample": 0.0,
            **sharing._asdict(),
            "epochs": 1,
            "workers": 1,
            "compute_loss": False,
        }
    )
    rows = weights(n_words, dim, bool(parameters["hs"]))

    def prepared() -> tuple[tuple[()], dict[str, Callable[[], Any]]]:
        trainer = Trainer(rows, counts, store, settings, seed=1, stream=0)
        return (), {"run": trainer.run}

    benchmark.pedantic(lambda run: run(), setup=prepared, rounds=ROUNDS, warmup_rounds=1)
    contexts = models.mean_contexts(settings.window, SENTENCE_LENGTH)
    path = 0.0
    if settings.hs:
        lengths = np.diff(huffman_tree(counts).offsets)
        seen = np.bincount(store.ids & ~np.int32(END), minlength=n_words)
        path = models.mean_path(lengths, seen)
    flops = models.flops_per_word(model, dim, contexts, settings.negative, path)
    moved = models.bytes_per_word(model, dim, contexts, sharing, settings.negative, path)
    # W and W' are taken to be read and written where they fit as a whole.
    level = machine.level_of(2 * rows.w_in.nbytes)
    record(benchmark, f"training, {setting}", isa, dim, flops * n_tokens, moved * n_tokens)
    bandwidth = machine.read_gbs(isa)[level]
    benchmark.extra_info.update(
        model=model,
        level=level,
        words=n_words,
        share_of_bandwidth=benchmark.extra_info["gbs"] / bandwidth,
        words_per_second=n_tokens / benchmark.stats["min"],
    )
