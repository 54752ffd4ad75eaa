"""Models in files: they come back whole and go on alike, and damage is noticed."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from fastw2v import FormatError, KeyedVectors, Word2Vec
from fastw2v.formats import safetensors
from tests.test_model_state import MODELS, SMALL, built, train
from tests.test_word2vec import corpus


@pytest.mark.parametrize("mmap", [None, "r", "c"])
@pytest.mark.parametrize("model", MODELS)
def test_a_loaded_model_goes_on_to_the_same_bits(
    tmp_path: Path, model: dict[str, int], mmap: str | None
) -> None:
    path = tmp_path / "model"
    original = built(**model, workers=1, seed=None, comment="mine", ns_exponent=-1.0)
    train(original)
    original.save(path)
    assert [p.name for p in tmp_path.iterdir()] == ["model"]
    loaded = Word2Vec.load(path, mmap=mmap)
    assert loaded.wv.index_to_key == original.wv.index_to_key
    assert np.array_equal(loaded.wv.vectors, original.wv.vectors)
    assert loaded.comment == "mine"
    assert loaded.ledger == original.ledger
    assert (loaded.corpus_count, loaded.train_count) == (300, 1)
    assert loaded.wv.expandos.keys() == original.wv.expandos.keys()
    if mmap == "r":
        assert not loaded.wv.vectors.flags.writeable
    if original.hs:
        assert np.array_equal(loaded.syn1, original.syn1)
        assert np.array_equal(
            loaded.wv.get_vecattr("w3", "code"), original.wv.get_vecattr("w3", "code")
        )
    for each in (original, loaded):
        train(each)
        each.build_vocab([["new", "words"]] * 5, update=True)
        train(each)
    assert loaded.wv.vectors.tobytes() == original.wv.vectors.tobytes()
    if original.negative:
        assert loaded.syn1neg.tobytes() == original.syn1neg.tobytes()
    assert np.array_equal(Word2Vec.load(path).wv.vectors[:3], KeyedVectors.load(path).vectors[:3])


def test_every_parameter_comes_back(tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "vector_size": 7, "alpha": 0.03, "window": 4, "min_count": 1, "max_vocab_size": 1000,
        "sample": 0.01, "seed": 9, "workers": 2, "min_alpha": 0.001, "sg": 1, "hs": 1,
        "negative": 3, "ns_exponent": 0.5, "cbow_mean": 0, "epochs": 4, "null_word": 1,
        "sorted_vocab": 0, "batch_words": 77, "compute_loss": True, "comment": "x",
        "max_final_vocab": 50, "shrink_windows": 0, "cbow_gradient": "corrected",
        "block_size": 8, "noise_rows": 16, "noise_blocks": 2,
    }  # fmt: skip
    model = Word2Vec(corpus(), **given)
    model.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    assert {name: getattr(loaded, name) for name in given} == given
    for name in (
        "effective_min_count", "corpus_count", "corpus_total_words", "train_count", "loss_history",
        "total_train_time", "min_alpha_yet_reached", "running_training_loss", "layer1_size",
    ):  # fmt: skip
        assert getattr(loaded, name) == getattr(model, name), name
    assert loaded.lifecycle_events is not None
    assert [event["event"] for event in loaded.lifecycle_events][-2:] == ["saving", "loaded"]


def test_locks_and_noise_of_the_users_come_back(tmp_path: Path) -> None:
    model = built()
    model.wv.vectors_lockf = np.linspace(0, 1, len(model.wv), dtype=np.float32)
    model.cum_table = np.arange(1, len(model.wv) + 1)
    model.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    assert np.array_equal(loaded.wv.vectors_lockf, model.wv.vectors_lockf)
    assert np.array_equal(loaded.cum_table, model.cum_table)
    assert loaded._noise_is_given


def test_subclasses_load_as_themselves(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Mine(Word2Vec):
        pass

    model = Mine(corpus(), **SMALL)
    model.graph = object()  # type: ignore[attr-defined]
    with caplog.at_level(logging.WARNING):
        model.save(tmp_path / "model", separately=["syn1neg"], sep_limit=0, pickle_protocol=2)
    assert "not saved with the model: graph" in caplog.text
    assert type(Mine.load(str(tmp_path / "model"), rethrow=True)) is Mine


def test_parts_can_be_left_out_and_handles_written_to(tmp_path: Path) -> None:
    model = built()
    train(model)
    model.save(tmp_path / "part", ignore=["syn1neg", "sample_int"])
    loaded = Word2Vec.load(tmp_path / "part")
    assert not loaded.syn1neg.any()
    assert "sample_int" not in loaded.wv.expandos
    handle = io.BytesIO()
    model.save(handle)
    (tmp_path / "whole").write_bytes(handle.getvalue())
    assert np.array_equal(Word2Vec.load(tmp_path / "whole").syn1neg, model.syn1neg)


def test_models_without_words(tmp_path: Path) -> None:
    Word2Vec(**SMALL).save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    loaded.build_vocab(corpus())
    train(loaded)


def test_tokens_that_no_file_can_hold_are_named(tmp_path: Path) -> None:
    model = Word2Vec([[("a", 1), 2, b"x", "y"]], **SMALL)
    with pytest.raises(FormatError, match=r"cannot save \('a', 1\)"):
        model.save(tmp_path / "model")
    model = Word2Vec([[2, b"x", "y", np.int64(3)]], **SMALL)
    model.save(tmp_path / "model")
    assert Word2Vec.load(tmp_path / "model").wv.key_to_index == model.wv.key_to_index


def test_vectors_are_no_model(tmp_path: Path) -> None:
    model = built()
    model.wv.save(tmp_path / "wv")
    with pytest.raises(AttributeError, match="can't be loaded by Word2Vec"):
        Word2Vec.load(tmp_path / "wv")
    with pytest.raises(AttributeError, match="on a class object"):
        model.load(tmp_path / "wv")
    (tmp_path / "pickle").write_bytes(b"\x80\x04rest")
    with pytest.raises(FormatError, match="this is a pickle"):
        Word2Vec.load(tmp_path / "pickle")


def test_damage_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "model"
    model = built()
    model.save(path)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for place in [8, 9, len(whole) - 1, *rng.integers(0, len(whole), 40).tolist()]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        with pytest.raises((FormatError, MemoryError)):
            Word2Vec.load(path)
    for length in (0, 7, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(FormatError):
            Word2Vec.load(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"window": 0}, "window must be"),
        ({"vector_size": 8}, "the vectors have 16 dimensions, the model 8"),
        ({"_noise_is_given": True}, "'cum_table' is missing"),
        ({"sg": "text"}, "sg must be 0 or 1, got 'text'"),
        ({"hs": 0, "negative": 0}, "either 'hs' or 'negative'"),
        ({"train_count": "5"}, "'train_count' must be a whole number"),
        ({"compute_loss": []}, "'compute_loss' must be true or false, not "),
        ({"loss_history": [0.5, None]}, "'loss_history' must be a list, each a number"),
        ({"lifecycle_events": [5]}, "'lifecycle_events' must be null or a list"),
        ({"ledger": {"oov": 0.5}}, "the ledger: 'oov' must be a whole number"),
        ({"ledger": []}, "'ledger' must be an object"),
        ({"reading": {"errors": "x"}}, "errors must be one of 'strict'"),
        ({"reading": {"unknown": 1}}, "unexpected keyword argument 'unknown'"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "model"
    message = f"{path.name}: .*{message}"
    built().save(path)
    arrays, metadata = safetensors.read(path)
    metadata["model"] = json.dumps({**json.loads(metadata["model"]), **change})
    safetensors.write(path, arrays, metadata)
    with pytest.raises(FormatError, match=message):
        Word2Vec.load(path)
    metadata["model"] = "[]"
    safetensors.write(path, arrays, metadata)
    with pytest.raises(FormatError, match="no JSON object"):
        Word2Vec.load(path)
    arrays["syn1neg"] = arrays["syn1neg"][:-1]
    metadata["model"] = "{}"
    safetensors.write(path, arrays, metadata)
    with pytest.raises(FormatError, match=r"'syn1neg' is float32 of shape|dimensions"):
        Word2Vec.load(path)
    assert len(KeyedVectors.load(path)) == len(arrays["vectors"])


@pytest.mark.parametrize("mmap", [None, "r"])
@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("attribute.count", np.arange(80).reshape(80, 1), "'count' is int64 of shape"),
        ("attribute.count", np.full(80, 2**62), "the counts of the words sum up to"),
        ("vectors_lockf", np.ones(3, np.float32), "one factor, or one for each of the 80"),
        ("vectors_lockf", np.full(80, np.nan, np.float32), "vectors_lockf must be finite"),
        ("cum_table", np.ones((80, 1), np.uint32), r"'cum_table' is uint32 of shape \(80, 1\)"),
        ("cum_table", np.arange(80)[::-1].astype(np.uint32), "none smaller than the one before"),
        ("syn1neg", np.ones((80, 16)), "'syn1neg' is float64"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    tmp_path: Path, mmap: str | None, name: str, values: npt.NDArray[Any], message: str
) -> None:
    path = tmp_path / "model"
    model = built()
    model.cum_table = np.arange(1, 81)
    assert len(model.wv) == 80
    model.save(path)
    arrays, metadata = safetensors.read(path)
    arrays[name] = values
    safetensors.write(path, arrays, metadata)
    with pytest.raises(FormatError, match=f"{path.name}: .*{message}"):
        Word2Vec.load(path, mmap=mmap)


def test_numbers_of_numpy_come_back_as_numbers(tmp_path: Path) -> None:
    path = tmp_path / "model"
    model = built()
    model.corpus_count, model.alpha = np.int64(300), np.float32(0.5)  # type: ignore[assignment]
    model.save(path)
    assert Word2Vec.load(path).corpus_count == 300
    assert Word2Vec.load(path).alpha == 0.5
    arrays, metadata = safetensors.read(path)
    old = {**json.loads(metadata["model"]), "corpus_count": "300", "alpha": "0.5"}
    safetensors.write(path, arrays, {**metadata, "model": json.dumps(old)})
    assert Word2Vec.load(path).corpus_count == 300


def test_what_an_older_file_lacks_has_its_default(tmp_path: Path) -> None:
    path = tmp_path / "model"
    built(negative=3).save(path)
    arrays, metadata = safetensors.read(path)
    metadata["model"] = json.dumps({"vector_size": 16, "negative": 3})
    safetensors.write(path, arrays, metadata)
    loaded, new = Word2Vec.load(path), Word2Vec(vector_size=16, negative=3)
    names = vars(new).keys() - {"wv", "lifecycle_events", "hashfxn", "raw_vocab"}
    assert not [n for n in names if n[0] != "_" and getattr(loaded, n) != getattr(new, n)]
    train(loaded)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("alpha", float("nan"), "alpha must be a positive number, got nan"),
        ("epochs", None, "epochs must be a whole number"),
        ("corpus_count", None, "'corpus_count' must be a finite number, not None"),
        ("loss_history", np.ones(2), "'loss_history' must be a list"),
        ("lifecycle_events", [{(1, 2): 3}], "lifecycle_events: keys must be str"),
        ("cum_table", [4, 3, 2], "'cum_table' is uint32"),
        ("wv.vectors_lockf", np.ones(3), "one factor, or one for each of the 80 words"),
        ("wv.vectors_lockf", "many", "vectors_lockf: could not convert"),
        ("wv.expandos", {}, "wv must have the attribute 'count'"),
    ],
)
def test_save_refuses_what_load_would(tmp_path: Path, name: str, value: Any, message: str) -> None:
    model = built()
    target = model.wv if name.startswith("wv.") else model
    setattr(target, name.removeprefix("wv."), value)
    with pytest.raises(FormatError, match=f"^cannot save.*{message}"):
        model.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_save_refuses_output_vectors_of_another_shape(tmp_path: Path) -> None:
    built().wv.save(tmp_path / "vectors")
    model = Word2Vec(**SMALL)
    model.wv = KeyedVectors.load(tmp_path / "vectors")
    model.syn1neg = np.ones((3, 16))
    with pytest.raises(FormatError, match=r"^cannot save: .*syn1neg.*80, 16"):
        model.save(tmp_path / "model")
    del model.syn1neg
    model.save(tmp_path / "model")
    assert len(Word2Vec.load(tmp_path / "model").wv) == 80


@pytest.mark.parametrize("objectives", [{}, {"hs": 1, "negative": 0}, {"hs": 1}])
def test_a_model_whose_words_were_changed_by_hand_is_saved_whole(
    tmp_path: Path, objectives: dict[str, int]
) -> None:
    def add(wv: KeyedVectors) -> None:
        wv.add_vectors([f"added{len(wv)}"], np.ones((1, 8), np.float32))

    def restrict(wv: KeyedVectors) -> None:
        wv.vectors, wv.index_to_key = wv.vectors[:20], wv.index_to_key[:20]
        wv.key_to_index = {key: row for row, key in enumerate(wv.index_to_key)}
        wv.expandos["count"] = wv.expandos["count"][:20]

    for change, n_words in ((add, 81), (restrict, 20)):
        model = Word2Vec(corpus(), vector_size=8, min_count=1, workers=1, **objectives)
        change(model.wv)
        model.save(tmp_path / "model")
        loaded = Word2Vec.load(tmp_path / "model")
        assert len(loaded.wv) == n_words
        np.testing.assert_array_equal(loaded.wv.vectors, model.wv.vectors)
        loaded.train(corpus(), total_examples=300, epochs=1)
    del model.wv.expandos["count"]
    add(model.wv)
    with pytest.raises(FormatError, match=r"cannot save: .*'count'.*; model.wv.save writes"):
        model.save(tmp_path / "model")
