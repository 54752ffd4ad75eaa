"""The ledger: nothing is lost, for any number of workers, and when a run is cut short."""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import DivergenceError, Ledger, Word2Vec, feed
from tests.runs import Run, random_sentences
from tests.test_word2vec import corpus, write


def balanced(ledger: Ledger) -> bool:
    fates = ledger.invalid + ledger.oov + ledger.subsampled + ledger.trained
    return ledger.corpus == fates and min(vars(ledger).values()) >= 0


@pytest.mark.parametrize("where", [{}, {"memory": "bounded"}, {"shuffle": 1}])
@pytest.mark.parametrize("workers", [1, 2, 3, 7, 16, 64])
def test_every_epoch_adds_up_for_any_number_of_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int, where: dict[str, Any]
) -> None:
    monkeypatch.setattr(feed, "WINDOW_CHUNKS", 4)
    monkeypatch.setattr(feed, "BLOCK_CHUNKS", 1)
    sentences = corpus(1000)
    path = write(tmp_path / "text", sentences)
    model = Word2Vec(
        corpus_file=path, workers=workers, epochs=3, vector_size=8, min_count=90, sample=0.01,
        **where,
    )  # fmt: skip
    n_words = sum(map(len, sentences))
    kept = sum(word in model.wv for sentence in sentences for word in sentence)
    assert 0 < kept < n_words
    assert len(model.report.epochs) == 3
    for ledger in model.report.epochs:
        assert balanced(ledger)
        assert ledger.corpus == n_words
        assert ledger.oov == n_words - kept
        assert ledger.sentences == 1000
        assert ledger.bytes == path.stat().st_size
        assert ledger.epochs == 1
    total = model.report.epochs[0] + model.report.epochs[1] + model.report.epochs[2]
    assert model.ledger == total
    assert total.epochs == 3
    if workers == 1:
        return
    one = Word2Vec(
        corpus_file=path, workers=1, epochs=3, vector_size=8, min_count=90, sample=0.01, **where
    )
    assert [*one.report.epochs] == model.report.epochs


@pytest.mark.parametrize("where", [{}, {"memory": "bounded"}])
@pytest.mark.parametrize("workers", [1, 3, 64])
def test_a_run_that_is_interrupted_counts_what_was_done(
    workers: int, where: dict[str, Any]
) -> None:
    sentences = corpus(4000)
    model = Word2Vec(vector_size=64, min_count=300, workers=workers, sample=0.01, **where)
    model.build_vocab(sentences)

    def interrupt(progress: Any) -> None:
        if progress.words > 0:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        model.train(sentences, total_examples=4000, epochs=100_000, observe=interrupt)
    last = model.report.epochs[-1]
    n_words = sum(map(len, sentences))
    assert balanced(model.ledger)
    assert balanced(last)
    for ledger in model.report.epochs[:-1]:
        assert ledger.corpus == n_words
    assert last.corpus <= n_words
    assert last.sentences <= 4000


@pytest.mark.parametrize("block_size", [0, 1, 8])
def test_a_chunk_that_is_cut_short_counts_as_far_as_it_came(block_size: int) -> None:
    # Stopped from outside after a few blocks: what was seen is exactly what the draws say.
    run = Run(
        random_sentences(100, 3000, 60, seed=3), 100, sample=0.01, block_size=block_size,
        chunk_tokens=1 << 16, dim=100,
    )  # fmt: skip
    kept, _ = run.sampler().chunk(run.tokens, 0, 1 << 16)
    for seconds in (0.0005, 0.002, 0.005):
        done, trained = run.train_for("scalar", seconds)
        ids = run.tokens[:done] & 0x7FFFFFFF
        assert 0 <= trained <= done <= 1 << 16
        if done == 1 << 16:
            assert trained == len(kept)
        else:
            assert done == 0 or ids[-1] == kept[trained - 1, 0], "the last one seen was trained"
            _, (begin, end) = run.sampler().chunk(run.tokens, 0, max(done, 1))
            assert trained == (end - begin if done else 0)


def test_divergence_leaves_a_ledger_too() -> None:
    model = Word2Vec(vector_size=16, min_count=1, workers=2, alpha=1e30, sg=1)
    sentences = corpus(300)
    with contextlib.suppress(DivergenceError):
        model.fit(sentences)
    assert balanced(model.ledger)
    assert model.ledger.trained > 0


def test_addition_and_text() -> None:
    a = Ledger(corpus=1000, oov=100, subsampled=300, trained=600, epochs=1, sentences=9, bytes=5000)
    b = Ledger(corpus=20, oov=4, subsampled=5, trained=6, invalid=5, epochs=1, lines=2)
    total = a + b
    assert total == Ledger(1020, 104, 305, 606, 2, 5, 5000, 2, 9)
    assert "in 2 epochs, 9 sentences, 2 lines, 5,000 bytes" in str(total)
    assert "invalid" in str(total)
    assert "invalid" not in str(a)
    assert str(a).splitlines()[-1] == "trained              600   60.0 %"
    assert str(Ledger()).splitlines()[0].strip() == "corpus words       0  in 0 epochs"
    with pytest.raises(TypeError):
        a + 1  # type: ignore[operator]
    assert np.all(np.array(list(vars(Ledger()).values())) == 0)
