"""The model as its users meet it."""

from __future__ import annotations

import errno
import logging
import os
import pickle
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from fastw2v import DivergenceError, EmptyVocabularyError, KeyedVectors, Phrases, Word2Vec, memory
from fastw2v.errors import Way
from tests.runs import random_sentences

MODELS = [
    {"sg": sg, "hs": hs, "negative": negative}
    for sg in (0, 1)
    for hs, negative in ((0, 5), (1, 0), (1, 5))
]
SMALL: dict[str, Any] = {"vector_size": 16, "min_count": 1, "workers": 1, "epochs": 2}


def corpus(n: int = 300, n_words: int = 80, seed: int = 0) -> list[list[str]]:
    return [[f"w{i}" for i in s] for s in random_sentences(n_words, n, 20, seed)]


def write(path: Path, sentences: list[list[str]]) -> Path:
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in sentences), encoding="utf-8")
    return path


@pytest.mark.parametrize("block_size", [None, 8])
@pytest.mark.parametrize("model", MODELS)
def test_one_worker_and_one_seed_give_the_same_bits(
    tmp_path: Path, model: dict[str, int], block_size: int | None
) -> None:
    sentences = corpus()
    parameters = {**SMALL, **model, "block_size": block_size}
    first = Word2Vec(sentences, **parameters)
    again = Word2Vec(corpus_file=write(tmp_path / "text", sentences), **parameters)
    other = Word2Vec(sentences, **{**parameters, "seed": 2})
    assert first.wv.index_to_key == again.wv.index_to_key
    assert first.wv.vectors.tobytes() == again.wv.vectors.tobytes()
    assert first.wv.vectors.tobytes() != other.wv.vectors.tobytes()
    if model["negative"]:
        assert first.syn1neg.tobytes() == again.syn1neg.tobytes()
        assert first.syn1neg.any()
    if model["hs"]:
        assert first.syn1.tobytes() == again.syn1.tobytes()
        assert first.syn1.any()


def test_a_forced_instruction_set_gives_the_same_bits(
    fast_isa: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTW2V_ISA", fast_isa)
    fast = Word2Vec(corpus(), **SMALL, block_size=8)
    monkeypatch.setenv("FASTW2V_ISA", "scalar")
    scalar = Word2Vec(corpus(), **SMALL, block_size=8)
    assert fast.wv.vectors.tobytes() == scalar.wv.vectors.tobytes()


def test_an_impossible_instruction_set_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTW2V_ISA", "mmx")
    with pytest.raises(ValueError, match=r"FASTW2V_ISA must be one of .*scalar.* got 'mmx'"):
        Word2Vec(corpus(), **SMALL)


def test_words_that_share_contexts_come_close() -> None:
    """The answer is known: a0..a4 only meet a-words, b0..b4 only b-words."""
    rng = np.random.default_rng(0)
    sentences = [[f"{group}{i}" for i in rng.integers(0, 5, 10)] for group in "ab" * 400]
    for model in MODELS:
        wv = Word2Vec(sentences, **{**SMALL, **model, "epochs": 5, "sample": 0}).wv
        inside = np.mean([wv.similarity("a0", f"a{i}") for i in range(1, 5)])
        across = np.mean([wv.similarity("a0", f"b{i}") for i in range(5)])
        assert inside > across + 0.3, model


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_ledger_adds_up_and_does_not_depend_on_workers(workers: int) -> None:
    sentences = corpus(2000)
    n_words = sum(map(len, sentences))
    model = Word2Vec(
        sentences, vector_size=8, min_count=200, sample=0.01, workers=workers, epochs=3
    )
    ledger = model.ledger
    assert ledger.corpus == 3 * n_words
    assert ledger.corpus == ledger.oov + ledger.subsampled + ledger.trained
    counts = {key: model.wv.get_vecattr(key, "count") for key in model.wv.index_to_key}
    assert ledger.oov == 3 * (n_words - sum(counts.values()))
    assert 0 < ledger.oov < ledger.corpus
    one = Word2Vec(sentences, vector_size=8, min_count=200, sample=0.01, workers=1, epochs=3)
    assert ledger == one.ledger
    assert f"{ledger.trained:,}" in str(ledger)


def test_sentences_of_any_length_are_trained_whole() -> None:
    sentence = [f"w{i % 50}" for i in range(25_000)]
    model = Word2Vec([sentence], **{**SMALL, "sample": 0, "workers": 2})
    assert model.ledger.trained == 2 * 25_000


def test_loss_falls_and_is_off_by_default() -> None:
    sentences = corpus(500)
    silent = Word2Vec(sentences, **SMALL)
    assert silent.loss_history == []
    assert silent.get_latest_training_loss() == 0.0
    for model in MODELS:
        trained = Word2Vec(sentences, **{**SMALL, **model, "epochs": 6}, compute_loss=True)
        history = trained.loss_history
        assert len(history) == 6
        assert history[-1] < history[0]
        assert trained.get_latest_training_loss() > 0
    # At the start every sigma is 1/2: (1 + 5) log 2 per pair.
    start = Word2Vec(sentences, **{**SMALL, "sg": 1, "epochs": 1, "alpha": 1e-9}, compute_loss=True)
    assert start.loss_history[0] == pytest.approx(6 * np.log(2), rel=0.03)


def test_loss_does_not_change_the_vectors() -> None:
    with_loss = Word2Vec(corpus(), **SMALL, block_size=8, compute_loss=True)
    without = Word2Vec(corpus(), **SMALL, block_size=8)
    assert with_loss.wv.vectors.tobytes() == without.wv.vectors.tobytes()


def test_build_and_train_apart_equal_the_constructor() -> None:
    sentences = corpus()
    model = Word2Vec(**SMALL)
    model.build_vocab(sentences)
    trained, read = model.train(sentences, total_examples=len(sentences), epochs=2)
    whole = Word2Vec(sentences, **SMALL)
    assert model.wv.vectors.tobytes() == whole.wv.vectors.tobytes()
    assert (trained, read) == (whole.ledger.trained, whole.ledger.corpus)
    before = model.wv.vectors.copy()
    model.train(sentences, total_examples=300, epochs=1, start_alpha=0.01, end_alpha=0.001)
    assert not np.array_equal(before, model.wv.vectors)
    assert model.min_alpha_yet_reached == 0.001
    assert model.alpha == 0.025


def test_vectors_that_the_user_sets_are_trained_on() -> None:
    sentences = corpus()
    model = Word2Vec(**SMALL)
    model.build_vocab(sentences)
    given = np.full(model.wv.vectors.shape, 0.25, dtype=np.float32)
    model.wv.vectors = given
    model.train(sentences, total_examples=300, epochs=1, start_alpha=1e-6, end_alpha=1e-6)
    assert np.abs(model.wv.vectors - 0.25).max() < 1e-4
    model.wv.vectors = given[:-1]
    with pytest.raises(ValueError, match="shape"):
        model.train(sentences, total_examples=300, epochs=1)


def test_callbacks_run_around_epochs() -> None:
    seen: list[Any] = []

    class Recorder:
        def on_train_begin(self, model: Word2Vec) -> None:
            seen.append("train")

        def on_epoch_end(self, model: Word2Vec) -> None:
            seen.append(model.ledger.epochs)
            assert not [t for t in threading.enumerate() if t.name.startswith("fastw2v")]

    Word2Vec(corpus(), **SMALL, callbacks=[Recorder()])
    assert seen == ["train", 1, 2]


def test_both_objectives_at_once_are_announced(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="fastw2v"):
        Word2Vec(corpus(), **SMALL, hs=1)
    assert "Both hierarchical softmax and negative sampling" in caplog.text


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "sentences", [[["a", "b"]], [["a"]], [["a", "a", "a"]], [["a", "b"]] * 100, [["a"], ["b"]]]
)
def test_tiny_corpora_train(model: dict[str, int], sentences: list[list[str]]) -> None:
    for window in (1, 5, 10**9):
        trained = Word2Vec(sentences, **{**SMALL, **model, "window": window})
        assert np.isfinite(trained.wv.vectors).all()
        assert trained.ledger.corpus == 2 * sum(map(len, sentences))


def test_a_huge_window_takes_in_the_whole_sentence() -> None:
    # Drawn from 1 to 10**9, hardly any window is narrower than these sentences.
    sentences = [sentence[:6] for sentence in corpus()]
    drawn = Word2Vec(sentences, **SMALL, window=10**9)
    fixed = Word2Vec(sentences, **SMALL, window=6, shrink_windows=0)
    assert drawn.wv.vectors.tobytes() == fixed.wv.vectors.tobytes()


def test_any_hashable_is_a_word() -> None:
    model = Word2Vec([[1, 2, "x", (3, 4)], np.array([1, 2, 2])], **SMALL)
    assert set(model.wv.index_to_key) == {1, 2, "x", (3, 4)}
    assert model.wv.get_vecattr(2, "count") == 3


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"vector_size": 0}, "vector_size must be a whole number from 1"),
        ({"vector_size": 2.5}, "vector_size .* got 2.5"),
        ({"window": 0}, "window must be .* from 1 to 2147483647, got 0"),
        ({"workers": 0}, "workers must be .* or -1 for all cores, got 0"),
        ({"alpha": float("nan")}, "alpha must be a positive number, got nan"),
        ({"min_alpha": float("inf")}, "min_alpha .* got inf"),
        ({"sg": 2}, "sg must be 0 or 1, got 2"),
        ({"epochs": 0}, "epochs must be .* from 1 to 2147483647, got 0"),
        ({"negative": -1}, "negative must be .* got -1"),
        ({"negative": 0}, "hs=0 and negative=0 leave nothing to train"),
        ({"sample": -1}, "sample must be .* got -1"),
        ({"seed": -1}, "seed must be None or .* got -1"),
        ({"seed": "x"}, "seed must be None or .* got 'x'"),
        ({"cbow_gradient": "koan"}, "cbow_gradient must be 'classic' or 'corrected', got 'koan'"),
    ],
)
def test_bad_parameters_are_named(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Word2Vec(**parameters)


def test_bad_corpora_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EmptyVocabularyError):
        Word2Vec([], min_count=1)
    with pytest.raises(RuntimeError, match="min_count=5"):
        Word2Vec([["a", "b"]])
    with pytest.raises(TypeError, match="Both corpus_file and corpus_iterable"):
        Word2Vec([["a"]], "file")
    with pytest.raises(TypeError, match="Either one of corpus_file or corpus_iterable"):
        Word2Vec().build_vocab()
    with pytest.raises(RuntimeError, match="build vocabulary"):
        Word2Vec().train([["a"]], total_examples=1, epochs=1)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        Word2Vec(corpus_file="nowhere")
    with pytest.raises(TypeError, match="valid path"):
        Word2Vec(corpus_file="nowhere")
    with pytest.raises(TypeError, match="valid path"):
        Word2Vec(corpus_file=str(tmp_path))  # nothing is in it
    with pytest.raises(AttributeError, match="negative sampling"):
        _ = Word2Vec(hs=1, negative=0).syn1neg


def test_divergence_names_epoch_rate_and_cure() -> None:
    model = Word2Vec(**SMALL)
    model.build_vocab(corpus())
    model.wv.vectors[0, 0] = np.nan
    with pytest.raises(DivergenceError, match=r"epoch 1 of 2 at learning rate 0\.0.*smaller alpha"):
        model.train(corpus(), total_examples=300, epochs=2)
    with pytest.raises(DivergenceError, match=r"epoch 1"):
        Word2Vec(corpus(), **{**SMALL, "alpha": 1e30, "min_alpha": 1e30})


def test_an_exception_of_the_corpus_arrives_unchanged() -> None:
    def broken() -> Any:
        yield ["a", "b"]
        raise ZeroDivisionError("broken corpus")

    with pytest.raises(ZeroDivisionError, match="broken corpus"):
        Word2Vec(**SMALL).fit(broken())


def test_ctrl_c_stops_all_workers_and_leaves_the_model_usable() -> None:
    sentences = corpus(2000)
    model = Word2Vec(vector_size=64, min_count=1, workers=3)
    model.build_vocab(sentences)
    sent: list[float] = []

    def interrupt(progress: Any) -> None:
        if progress.words > 0 and not sent:
            sent.append(time.monotonic())
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        model.train(sentences, total_examples=2000, epochs=100_000, observe=interrupt)
    assert time.monotonic() - sent[0] < 1
    assert not [t for t in threading.enumerate() if t.name.startswith("fastw2v")]
    before = model.wv.vectors.tobytes()
    time.sleep(0.2)
    assert model.wv.vectors.tobytes() == before, "a worker went on"
    assert len(model.wv.most_similar("w0", topn=3)) == 3
    assert model.ledger.trained > 0
    model.train(sentences, total_examples=2000, epochs=1)


def test_progress_reaches_the_end() -> None:
    seen: list[Any] = []
    model = Word2Vec(**SMALL)
    model.build_vocab(corpus())
    model.train(corpus(), total_examples=300, epochs=3, observe=seen.append)
    last = seen[-1]
    assert last.words == last.total_words == model.ledger.corpus
    assert last.alpha == pytest.approx(model.min_alpha)
    assert (last.epoch, last.epochs) == (2, 3)


def test_memory_that_does_not_suffice_is_said() -> None:
    def sentences() -> Iterator[list[str]]:
        yield ["a", "b"]
        raise MemoryError

    class Again:
        __iter__ = staticmethod(sentences)

    for given, ways in ((sentences(), ""), (Again(), "; what helps: memory='bounded'")):
        with pytest.raises(MemoryError) as caught:
            Word2Vec(min_count=1).fit(given)
        assert str(caught.value) == f"there is not enough memory to read the corpus{ways}"


def test_every_lack_of_memory_is_said_in_the_same_way(tmp_path: Path) -> None:
    def numpy() -> None:
        np.empty(1 << 60, np.uint8)

    def system() -> None:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    def ours() -> None:
        memory.zeros((1 << 60,), np.uint8)

    for fail in (numpy, ours, system):
        way = Way("limit", "a smaller {}")
        with pytest.raises(MemoryError) as caught, memory.enough_for("to read x", way):
            fail()
        said = str(caught.value)
        assert said.startswith("there is not enough memory to read x")
        assert said.endswith("; what helps: a smaller limit")
        assert ("GiB more, " in said and " are left)" in said) == (fail is not system)
        assert str(pickle.loads(pickle.dumps(caught.value))) == said
    wv = Word2Vec(corpus(), **SMALL).wv
    wv.save(tmp_path / "v.fw2v")
    wv.save_word2vec_format(tmp_path / "v.bin", binary=True)
    for read, name, way in (
        ("native.read", "v.fw2v", "mmap='r'"), ("word2vec.read", "v.bin", "a smaller limit")
    ):  # fmt: skip
        with (
            mock.patch(f"fastw2v.keyedvectors.keyed.{read}", side_effect=MemoryError),
            pytest.raises(MemoryError, match=f"to read .*{name}; what helps: .*{way}"),
        ):
            KeyedVectors.load(tmp_path / name)


@pytest.mark.parametrize("given", ["file.txt", b"file.txt", Path("file.txt")])
def test_a_file_is_no_list_of_sentences(given: Any) -> None:
    """Its name was trained on, letter by letter."""
    model = Word2Vec(min_count=1)
    model.build_vocab([["f", "i", "l", "e"]])
    for call in (
        lambda: Word2Vec(given, min_count=1),
        lambda: model.build_vocab(given),
        lambda: model.train(given, total_examples=8, epochs=1),
    ):
        with pytest.raises(TypeError, match=r"lists of strings, got .*file\.txt.* corpus_file="):
            call()
    with pytest.raises(TypeError, match=r"got .*file\.txt.*LineSentence\(path\)"):
        Phrases(given)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("size", "vector_size"), ("iter", "epochs"), ("threads", "workers"), ("lr", "alpha"),
        ("window_size", "window"), ("min_freq", "min_count"), ("neg", "negative"),
        ("n_epochs", "epochs"), ("num_workers", "workers"), ("random_state", "seed"),
    ],
)  # fmt: skip
def test_parameters_of_other_times_are_named(old: str, new: str) -> None:
    with pytest.raises(TypeError, match=f"no parameter '{old}': it is '{new}' here"):
        Word2Vec(**{old: 5})
    with pytest.raises(TypeError, match=f"no parameter '{old}'"):
        Word2Vec().train([["a"]], **{old: 5})
    with pytest.raises(TypeError, match="unexpected keyword argument 'nonsense'"):
        Word2Vec(nonsense=1)  # type: ignore[call-arg]


def test_text_that_is_read_in_another_way_than_the_vocabulary_was(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lower = [["one", "two", "three"]] * 4000
    upper = [["ONE", "two,", "Three"]] * 4000
    model = Word2Vec(lower, min_count=1, workers=1, vector_size=4, epochs=1)
    assert "is it read as" not in caplog.text
    model.train(upper, total_examples=4000, epochs=1)
    assert "0.0 % of the 12000 words of this corpus are in the vocabulary: is it" in caplog.text
    caplog.clear()
    model.build_vocab(upper, update=True)
    assert "is it read as" in caplog.text
    caplog.clear()
    model.build_vocab(lower, update=True)
    model.train(lower, total_examples=4000, epochs=1)
    assert "is it read as" not in caplog.text
