"""Subclasses that change sentences on their way in, as gensim's own may be subclassed."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import DivergenceError, Word2Vec
from tests.test_word2vec import corpus

SMALL: dict[str, Any] = {"vector_size": 16, "min_count": 1, "epochs": 3, "sample": 0}


class Walks(Word2Vec):
    """Gets node numbers from a generator, and trains walks that start there."""

    def __init__(self, n_nodes: int, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.n_nodes = n_nodes
        self.seed = None
        self.threads: set[str] = set()
        self.alphas: list[float] = []
        self.build_vocab([node] for node in range(n_nodes))

    def train(self, epochs: int) -> tuple[int, int]:  # type: ignore[override]
        nodes = ([np.int64(node)] * 8 for _ in range(epochs) for node in range(self.n_nodes))
        return super().train(nodes, total_examples=epochs * self.n_nodes, epochs=1)

    def _do_train_job(self, sentences: Any, alpha: float, inits: Any) -> tuple[int, int]:
        work, neu1 = inits
        assert work.shape == neu1.shape == (self.vector_size,)
        self.threads.add(threading.current_thread().name)
        self.alphas.append(alpha)
        half = self.n_nodes // 2
        walks = [
            [(node + step) % half + half * (node >= half) for step in range(len(sentence))]
            for sentence in sentences
            for node in sentence[:1]
        ]
        return super()._do_train_job(walks, alpha, inits)


@pytest.mark.parametrize("workers", [1, 3])
def test_walks_made_in_the_hook_are_trained(workers: int) -> None:
    model = Walks(20, sg=1, vector_size=16, min_count=1, workers=workers, batch_words=64, sample=0)
    before = model.wv.vectors.copy()
    trained, read = model.train(epochs=60)
    assert trained == read == 60 * 20 * 8
    assert (model.wv.vectors != before).any(axis=1).all()
    inside = model.wv.n_similarity(range(5), range(5, 10))
    across = model.wv.n_similarity(range(5), range(10, 15))
    assert inside > across + 0.3
    assert model.threads <= {f"fastw2v-{rank}" for rank in range(workers)}
    assert max(model.alphas) == 0.025
    assert min(model.alphas) < 0.0004, "by total_examples, to the end"
    assert not [t for t in threading.enumerate() if t.name.startswith("fastw2v")]


class Counting(Word2Vec):
    """Trains what it gets, and counts."""

    jobs: list[int]

    def _do_train_job(self, sentences: Any, alpha: float, inits: Any) -> tuple[int, int]:
        vars(self).setdefault("jobs", []).append(len(sentences))
        return super()._do_train_job(sentences, alpha, inits)


def test_the_corpus_is_read_anew_in_every_epoch() -> None:
    class Corpus:
        passes = 0

        def __iter__(self) -> Any:
            self.passes += 1
            return iter(corpus(50))

    source = Corpus()
    model = Counting(source, **SMALL, batch_words=100)
    assert source.passes == 1 + 3
    assert sum(model.jobs) == 3 * 50
    n_words = sum(map(len, corpus(50)))
    assert model.corpus_total_words == n_words
    source.passes = 0
    assert model.train(source, total_words=n_words, epochs=2) == (2 * n_words, 2 * n_words)
    assert source.passes == 2


def test_one_batch_is_deterministic_with_any_number_of_workers() -> None:
    models = [
        Counting(corpus(50), **SMALL, workers=workers, batch_words=10**6) for workers in (1, 3)
    ]
    assert models[0].jobs == [50] * 3
    assert models[0].wv.vectors.tobytes() == models[1].wv.vectors.tobytes()


def test_a_hook_that_changes_nothing_trains_as_well() -> None:
    rng = np.random.default_rng(0)
    sentences = [[f"{group}{i}" for i in rng.integers(0, 5, 10)] for group in "ab" * 400]
    for parameters in ({"sg": 1}, {"hs": 1, "negative": 0}, {"sg": 0}):
        wv = Counting(sentences, **{**SMALL, **parameters, "batch_words": 500, "workers": 2}).wv
        inside = np.mean([wv.similarity("a0", f"a{i}") for i in range(1, 5)])
        across = np.mean([wv.similarity("a0", f"b{i}") for i in range(5)])
        assert inside > across + 0.3, parameters


def test_the_hook_can_be_called_by_hand() -> None:
    model = Word2Vec(**SMALL)
    model.build_vocab(corpus(50))
    before = model.wv.vectors.copy()
    n_words = sum(map(len, corpus(50)))
    assert model._do_train_job(corpus(50), 0.05, (None, None)) == (n_words, n_words)
    assert (model.wv.vectors != before).any()


def test_what_goes_wrong_in_the_hook_arrives() -> None:
    class Broken(Counting):
        def _do_train_job(self, sentences: Any, alpha: float, inits: Any) -> tuple[int, int]:
            raise ZeroDivisionError("in the hook")

    with pytest.raises(ZeroDivisionError, match="in the hook"):
        Broken(corpus(500), **SMALL, batch_words=10, workers=2)

    def broken() -> Any:
        yield from corpus(50)
        raise ZeroDivisionError("in the corpus")

    model = Counting(**SMALL)
    model.build_vocab(corpus(50))
    with pytest.raises(ZeroDivisionError, match="in the corpus"):
        model.train(broken(), total_examples=50, epochs=1)
    assert not [t for t in threading.enumerate() if t.name.startswith("fastw2v")]
    model.wv.vectors[0, 0] = np.nan
    with pytest.raises(DivergenceError, match="NaN or Inf"):
        model.train(corpus(50), total_examples=50, epochs=1)


def test_callbacks_and_loss_work_with_hooks() -> None:
    seen = []

    class Recorder:
        def on_epoch_end(self, model: Word2Vec) -> None:
            seen.append(model.get_latest_training_loss())

    model = Counting(
        [*corpus(50), ["rare"]],
        **{**SMALL, "min_count": 2, "sample": 0.02},
        compute_loss=True,
        callbacks=[Recorder()],
    )
    assert len(seen) == len(model.loss_history) == 3
    assert 0 < seen[0] < seen[1] < seen[2] == model.get_latest_training_loss()
    ledger = model.ledger
    assert ledger.corpus == 3 * model.corpus_total_words
    assert ledger.corpus == ledger.oov + ledger.subsampled + ledger.trained
    assert ledger.oov >= 3
    assert ledger.subsampled > 0
    assert ledger.epochs == 3


def test_locked_rows_stay_with_hooks() -> None:
    model = Counting(**SMALL, batch_words=100, workers=2)
    model.build_vocab(corpus(100))
    model.wv.vectors_lockf = np.zeros(len(model.wv), np.float32)
    model.wv.vectors_lockf[3] = 1
    before = model.wv.vectors.copy()
    model.train(corpus(100), total_examples=100, epochs=2)
    changed = (model.wv.vectors != before).any(axis=1)
    assert changed.nonzero()[0].tolist() == [3]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_shares_of_a_file(tmp_path: Path, workers: int) -> None:
    class InFiles(Word2Vec):
        shares: list[tuple[int, int]]

        def _do_train_epoch(self, *args: Any, **kwargs: Any) -> tuple[int, int, int]:
            result = super()._do_train_epoch(*args, **kwargs)
            vars(self).setdefault("shares", []).append((args[1], result[0]))
            return result

    path = tmp_path / "text"
    path.write_text("".join(" ".join(s) + "\n" for s in corpus(99)), encoding="utf-8")
    model = InFiles(corpus_file=path, **SMALL, workers=workers, batch_words=50)
    assert sorted({rank for rank, _ in model.shares}) == list(range(workers))
    assert sum(n for _, n in model.shares) == 3 * 99
    n_words = sum(map(len, corpus(99)))
    assert model.train(corpus_file=path, total_words=n_words, epochs=1) == (n_words, n_words)
