"""What users assign to vectors and keys: taken, converted or refused."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import FormatError, KeyedVectors, Word2Vec
from fastw2v.vocab import Vocabulary
from tests.test_word2vec import SMALL, corpus


def table(n: int = 4, dim: int = 3) -> KeyedVectors:
    vectors = np.random.default_rng(1).standard_normal((n, dim), dtype=np.float32)
    return KeyedVectors.from_arrays([f"w{i}" for i in range(n)], vectors, np.arange(n, 0, -1))


def restricted() -> KeyedVectors:
    """Keep two words of four, as people do where no method does it for them."""
    kv = table()
    kv.index_to_key = ["w3", "w1"]
    kv.key_to_index = {"w3": 0, "w1": 1}
    kv.vectors = kv.vectors[[3, 1]]
    return kv


# ---- restricted by hand


def test_attributes_that_no_longer_fit_are_left_out_of_files(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kv = restricted()
    kv.expandos["fits"] = np.array([1, 2])
    kv.save(tmp_path / "own")
    assert caplog.messages == [
        "not saved: the attribute 'count' has 4 values for 2 keys; set it with set_vecattr for the "
        "keys that are left"
    ]
    loaded = KeyedVectors.load(tmp_path / "own")
    assert loaded.index_to_key == ["w3", "w1"]
    assert np.array_equal(loaded.vectors, kv.vectors)
    assert loaded.expandos.keys() == {"fits"}
    for binary in (False, True):
        caplog.clear()
        kv.save_word2vec_format(tmp_path / "theirs", binary=binary)
        assert "'count' has 4 values for 2 keys" in caplog.text
        loaded = KeyedVectors.load_word2vec_format(tmp_path / "theirs", binary=binary)
        assert loaded.index_to_key == ["w3", "w1"]
    with pytest.raises(ValueError, match=r"fvocab needs .*'count'.* set_vecattr"):
        kv.save_word2vec_format(tmp_path / "theirs", tmp_path / "counts")
    assert not (tmp_path / "counts").exists()


def test_gensim_writes_the_same_words(tmp_path: Path) -> None:
    gensim = pytest.importorskip("gensim.models.keyedvectors")
    kv = restricted()
    theirs = gensim.KeyedVectors(3)
    vars(theirs).update({name: vars(kv)[name] for name in ("vectors", "expandos", "key_to_index")})
    theirs.index_to_key = kv.index_to_key
    theirs.save_word2vec_format(str(tmp_path / "theirs"), sort_attr="none")
    kv.save_word2vec_format(tmp_path / "ours")
    ours = KeyedVectors.load_word2vec_format(tmp_path / "ours")
    other = KeyedVectors.load_word2vec_format(tmp_path / "theirs")
    assert ours.index_to_key == other.index_to_key
    assert np.array_equal(ours.vectors, other.vectors)


def test_a_model_with_words_restricted_by_hand_is_saved(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = Word2Vec(corpus(), **SMALL)
    model.wv.expandos["level"] = np.arange(3)
    with caplog.at_level(logging.WARNING):
        model.save(tmp_path / "model")
    assert "'level' has 3 values" in caplog.text
    assert "level" not in Word2Vec.load(tmp_path / "model").wv.expandos


@pytest.mark.parametrize("save", ["save", "save_word2vec_format"])
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("index_to_key", ["w3"], r"4 vectors for 1 keys.*vectors = .*vectors\[rows\]"),
        ("key_to_index", {"w3": 0}, r"key_to_index has 1 keys, index_to_key 4.*enumerate"),
    ],
)
def test_tables_that_do_not_fit_name_the_repair(
    tmp_path: Path, save: str, name: str, value: Any, message: str
) -> None:
    kv = table()
    setattr(kv, name, value)
    with pytest.raises(FormatError, match=message):
        getattr(kv, save)(tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_harmless_forms_of_keys_and_attributes_are_saved(tmp_path: Path) -> None:
    kv = table()
    kv.index_to_key = np.array(kv.index_to_key)
    kv.expandos["count"] = [1, 2, 3, 4]
    kv.expandos["parts"] = [[1], [2, 3], [], [4]]
    for save in (kv.save, kv.save_word2vec_format):
        save(tmp_path / "file")
        loaded = KeyedVectors.load(tmp_path / "file")
        assert sorted(loaded.index_to_key) == ["w0", "w1", "w2", "w3"]
    kv.save(tmp_path / "file")
    loaded = KeyedVectors.load(tmp_path / "file")
    assert loaded.expandos["count"].tolist() == [1, 2, 3, 4]
    assert loaded.expandos["parts"][1].tolist() == [2, 3]
    assert kv.most_similar("w1")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda kv: kv.index_to_key.__setitem__(1, "w0"), "index_to_key: the key 'w0'"),
        (lambda kv: kv.index_to_key.__setitem__(1, ["w0"]), "unhashable"),
        (lambda kv: kv.expandos.update(count=np.array([1] * 4, object)), "'count' is object"),
        (lambda kv: kv.expandos.update(count=["many"] * 4), "'count' is <U4"),
        (lambda kv: kv.expandos.update(count=np.ones((4, 1))), "'count' is float64 of shape"),
        (lambda kv: kv.expandos.update(deep=np.ones((4, *[1] * 8))), "'attribute.deep'"),
        (lambda kv: kv.expandos.update({5: np.ones(4)}), "the attribute 5: its name must be"),
        (lambda kv: kv.expandos.update({"x": ["a"] * 4, "x.bytes": np.ones(4)}), "'x.bytes'"),
        (lambda kv: setattr(kv, "vectors_lockf", np.ones((4, 2))), "'vectors_lockf' is float32"),
    ],
)
def test_save_refuses_what_load_would(
    tmp_path: Path, change: Callable[[KeyedVectors], None], message: str
) -> None:
    kv = table()
    change(kv)
    with pytest.raises(FormatError, match=f"cannot (save|write).*{message}"):
        kv.save(tmp_path / "file")
    assert not list(tmp_path.iterdir())


# ---- vectors of every type


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        (np.array([[3, 4], [1, 0]]), np.float32),
        (np.array([[3, 4], [1, 0]], np.uint8), np.float32),
        (np.array([[True, False], [True, True]]), np.float32),
        (np.array([[3, 2**24 + 1], [1, 0]]), np.float64),
        (np.array([[3, 0.1], [1, 0]], object), np.float64),
        (np.array([[3, 4], [1, 0.5]], ">f4"), np.float32),
        (np.array([[3, 4], [1, 0.1]], ">f8"), np.float64),
        (np.array([[3, 4], [1, 0.5]], np.float16), np.float16),
        ([[3, 4], [1, 0]], np.float32),
        ([[3.5, 4], [1, 0]], np.float64),
    ],
)
def test_vectors_of_other_types_are_converted_without_loss(
    tmp_path: Path, given: Any, dtype: Any
) -> None:
    kv = KeyedVectors.from_arrays("ab", np.eye(2, dtype=np.float32))
    kv.vectors = given
    assert kv.vectors.dtype == dtype
    assert kv.vectors.dtype.isnative
    assert kv.vectors.tolist() == np.asarray(given).tolist()
    exact = np.asarray(given, np.float64)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    assert np.allclose(kv.get_normed_vectors(), exact, atol=1e-3)
    assert kv.similarity("a", "b") == pytest.approx(float(exact[0] @ exact[1]), abs=1e-3)
    kv.save(tmp_path / "file")
    assert np.array_equal(KeyedVectors.load(tmp_path / "file").vectors, kv.vectors)


@pytest.mark.parametrize(
    "given",
    [
        np.ones((2, 2), complex),
        np.array([["a", "b"], ["c", "d"]]),
        np.array([[{}, 1], [2, 3]], object),
        np.ones(4),
        np.ones((2, 2, 2)),
        np.ones((2, 0), np.float32),
        [[1, 2], [3]],
    ],
)
def test_what_is_no_matrix_of_numbers_is_refused_at_the_door(given: Any) -> None:
    kv = KeyedVectors.from_arrays("ab", np.eye(2, dtype=np.float32))
    with pytest.raises(ValueError, match=r"vectors must be a matrix of numbers, \(n, d\)"):
        kv.vectors = given
    assert kv.similarity("a", "b") == 0


def test_floats_are_taken_as_they_are(tmp_path: Path) -> None:
    kv = table()
    matrix = np.ones((4, 3), np.float32)
    kv.vectors = matrix
    assert kv.vectors is matrix
    mapped = np.memmap(tmp_path / "m", np.float32, "w+", shape=(4, 3))
    kv.vectors = mapped
    assert kv.vectors is mapped
    anything = object()
    kv.vectors = anything  # such as a sparse matrix: whoever puts it there knows why
    assert kv.vectors is anything  # type: ignore[comparison-overlap]


def test_types_of_integers_hold_no_vectors() -> None:
    kv = KeyedVectors(2, 1, dtype=np.int64)
    kv.add_vector("a", [0.5, 0.25])
    assert kv["a"].tolist() == [0.5, 0.25]


class Sparse:
    """As of SciPy."""

    def toarray(self) -> Any:
        return np.ones((1, 3))


GIVING: list[Callable[[KeyedVectors, Any], object]] = [
    lambda kv, given: kv.add_vectors(["new"], given),
    lambda kv, given: kv.__setitem__("w0", given),
    lambda kv, given: kv.add_vector("new", given if hasattr(given, "toarray") else given[0]),
    lambda kv, given: kv.similar_by_vector(given if hasattr(given, "toarray") else given[0]),
    lambda kv, given: kv.get_mean_vector([given if hasattr(given, "toarray") else given[0]]),
    lambda kv, given: setattr(Word2Vec(), "syn1neg", given),
]


@pytest.mark.parametrize("give", GIVING)
@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.ma.masked_array(np.ones((1, 3)), [[0, 1, 0]]), r"masked values: .*filled\(0\)"),
        (np.array([[1e300, 1, 2]]), r"too large for float32, as 1e\+300"),
        (np.full((1, 3), np.longdouble("1e300")), "too large for float32"),
        (np.ones((1, 3), complex), "must be real numbers, not complex128"),
        (np.zeros((1, 3), "M8[s]"), "must be real numbers"),
        (Sparse(), r"must be dense: give its toarray\(\), not Sparse"),
    ],
)
def test_values_that_would_be_others_are_refused(
    give: Callable[[KeyedVectors, Any], object], given: Any, message: str
) -> None:
    kv = table()
    before = kv.vectors.copy()
    with pytest.raises((TypeError, ValueError), match=message):
        give(kv, given)
    assert np.array_equal(kv.vectors, before)
    assert len(kv) == 4


@pytest.mark.parametrize(
    "given",
    [
        np.ones((4, 3)).view(np.matrix),
        np.ma.masked_array(np.ones((4, 3))),
        np.ones((4, 3), np.longdouble),
    ],
)
def test_harmless_classes_of_arrays_become_plain_ones(tmp_path: Path, given: Any) -> None:
    kv = table()
    kv.vectors = given
    assert type(kv.vectors) is np.ndarray
    assert kv.vectors.dtype == np.float64
    assert kv.similarity("w0", "w1") == 1
    kv.save(tmp_path / "file")
    kv = KeyedVectors.from_arrays(kv.index_to_key, given)
    kv.add_vectors(["new"], given[:1])
    assert kv.most_similar("new", topn=1)[0][1] == 1


def test_vectors_that_would_be_others_are_refused_whole() -> None:
    kv = table()
    for given in (
        np.ma.masked_array(np.ones((4, 3)), np.eye(4, 3)),
        np.full((4, 3), np.longdouble("1e400")),
    ):
        with pytest.raises(ValueError, match=r"^vectors has (masked values|values too large)"):
            kv.vectors = given
    with pytest.raises(ValueError, match=r"vector_1 of shape \(1, 3\) does not fit"):
        KeyedVectors.cosine_similarities(np.ones((1, 3)), np.ones((4, 3)))
    model = Word2Vec(corpus(), **SMALL)
    model.wv.vectors = np.full(model.wv.vectors.shape, 1e300)
    with pytest.raises(ValueError, match=r"wv\.vectors has values too large for float32"):
        model.train(corpus(), total_examples=300, epochs=1)


def test_files_hold_values_or_say_that_they_cannot(tmp_path: Path) -> None:
    kv = KeyedVectors.from_arrays(["a"], np.array([[1e300, 1]]))
    with pytest.raises(FormatError, match="binary format holds float32"):
        kv.save_word2vec_format(tmp_path / "binary", binary=True)
    assert not list(tmp_path.iterdir())
    kv.save_word2vec_format(tmp_path / "text")
    with pytest.raises(FormatError, match=r"line 2: .*'a' is too large .*numpy\.float64"):
        KeyedVectors.load_word2vec_format(tmp_path / "text")
    loaded = KeyedVectors.load_word2vec_format(tmp_path / "text", datatype=np.float64)
    assert np.array_equal(loaded.vectors, kv.vectors)
    kv = KeyedVectors.from_arrays(["a"], np.array([[1e6, 1]], np.float32))
    kv.save(tmp_path / "own")
    kv.save_word2vec_format(tmp_path / "binary", binary=True)
    for name in ("own", "binary"):
        with pytest.raises(ValueError, match="too large for float16"):
            KeyedVectors.load_word2vec_format(tmp_path / name, datatype=np.float16)


@pytest.mark.parametrize("datatype", [np.int32, complex, object, bool])
def test_files_are_not_read_into_types_that_lose_values(tmp_path: Path, datatype: Any) -> None:
    table().save_word2vec_format(tmp_path / "file")
    with pytest.raises(ValueError, match="datatype must be a type of floats"):
        KeyedVectors.load_word2vec_format(tmp_path / "file", datatype=datatype)


def test_another_width_is_that_of_all_questions(tmp_path: Path) -> None:
    kv = table()
    kv.vectors = np.eye(4, 5, dtype=np.float32)
    assert kv.vector_size == 5
    assert len(kv.get_mean_vector(["w1", "w2"])) == 5
    assert kv.most_similar(["w1", "w2"], topn=1)[0][0] in ("w0", "w3")
    kv.add_vectors(["new"], np.ones((1, 5)))
    assert str(kv) == "KeyedVectors<vector_size=5, 5 keys>"
    kv.save(tmp_path / "file")
    assert KeyedVectors.load(tmp_path / "file").vector_size == 5


def test_a_model_with_vectors_of_another_width_names_the_ways_out(tmp_path: Path) -> None:
    model = Word2Vec(corpus(), **SMALL)
    model.wv.vectors = np.ones((len(model.wv), 5), np.float32)
    with pytest.raises(FormatError, match=r"vector_size.* 5 .*model\.wv\.save"):
        model.save(tmp_path / "model")
    assert not (tmp_path / "model").exists()
    with pytest.raises(ValueError, match=r"wv\.vectors must have the shape .* vector_size=5"):
        model.train(corpus(), total_examples=300, epochs=1)
    model.wv.save(tmp_path / "wv")
    assert KeyedVectors.load(tmp_path / "wv").vector_size == 5
    # And this is the way out.
    other = Word2Vec(**{**SMALL, "vector_size": 5})
    other.build_vocab(corpus())
    other.wv.vectors = model.wv.vectors
    other.train(corpus(), total_examples=300, epochs=1)


@pytest.mark.parametrize("n_more", [-1, 1])
def test_a_model_with_more_or_fewer_rows_names_the_words(n_more: int) -> None:
    model = Word2Vec(corpus(), **SMALL)
    n_words, dim = model.wv.vectors.shape
    model.wv.vectors = np.ones((n_words + n_more, dim), np.float32)
    with pytest.raises(ValueError, match=rf"index_to_key has {n_words} words: restrict both"):
        model.train(corpus(), total_examples=300, epochs=1)


# ---- None


def test_none_is_no_word(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"None is among the words \(count 300\)"):
        Word2Vec([*corpus(), *[["w1", None]] * 300], **SMALL)
    with pytest.raises(ValueError, match=r"None is among the words \(count 9\)"):
        Word2Vec(**SMALL).build_vocab_from_freq({"a": 10, None: 9})
    kv = table()
    for add in (
        lambda: kv.add_vectors(["a", None], np.ones((2, 3))),
        lambda: kv.add_vector(None, np.ones(3)),  # type: ignore[arg-type]
        lambda: kv.__setitem__([None], np.ones((1, 3))),  # type: ignore[list-item]
        lambda: kv.__setitem__(None, np.ones(3)),  # type: ignore[arg-type]
    ):
        with pytest.raises(ValueError, match="None marks a row without a key"):
            add()
    assert len(kv) == len(kv.vectors) == 4
    rare = Word2Vec([*corpus(), ["w1", None]], **{**SMALL, "min_count": 2})
    assert None not in rare.wv.key_to_index


def test_rows_without_a_key_stay_without_one(tmp_path: Path) -> None:
    vectors = np.eye(4, dtype=np.float32)
    kv = KeyedVectors.from_arrays(["a", None, "b", None], vectors)
    assert kv.key_to_index == {"a": 0, "b": 2}
    kv.save(tmp_path / "file")
    assert KeyedVectors.load(tmp_path / "file").key_to_index == {"a": 0, "b": 2}


# ---- counts that are floats


def test_whole_counts_may_be_floats(tmp_path: Path) -> None:
    counts = {"a": 3.0, "b": np.float32(5), "c": 2}
    model = Word2Vec(**SMALL)
    model.build_vocab_from_freq(counts)
    assert model.wv.get_vecattr("b", "count") == 5
    model.build_vocab_from_freq(counts, update=True)
    assert model.wv.get_vecattr("a", "count") == 6
    assert Vocabulary(["a"], [3.0]).counts.tolist() == [3]
    (tmp_path / "counts").write_text("a 3.0\nb 1.5e3\nc 4.\n", encoding="ascii")
    assert Vocabulary.load(tmp_path / "counts").counts.tolist() == [1500, 4, 3]
    for count in (3.5, float("nan"), float("inf"), "3"):
        with pytest.raises(TypeError, match="the count of 'a' must be an integer"):
            model.build_vocab_from_freq({"a": count})
    for number in (3.5, float("nan")):
        with pytest.raises(ValueError, match="counts must be whole numbers"):
            Vocabulary(["a"], [number])


@pytest.mark.parametrize(
    "question",
    [
        "kv.similarity('w1', 'w2')", "kv.distance('w1', 'w2')", "kv.most_similar('w1')[0][1]",
        "kv.n_similarity(['w1'], ['w2', 'w3'])", "kv.rank_by_centrality(['w1', 'w2'])[0][0]",
        "kv.most_similar_cosmul('w1')[0][1]", "kv.relative_cosine_similarity('w1', 'w2', 2)",
        "kv.distances('w1')[0]", "kv.get_mean_vector(['w1', 'w2'])[0]",
        "kv.rank('w1', 'w2')", "kv.closer_than('w1', 'w2')",
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Call to deprecated")
def test_results_have_the_types_of_gensims(question: str) -> None:
    gensim = pytest.importorskip("gensim.models.keyedvectors")
    kv = table()
    theirs = gensim.KeyedVectors(3)
    theirs.add_vectors(kv.index_to_key, kv.vectors)
    assert type(eval(question, {"kv": kv})) is type(eval(question, {"kv": theirs}))


def test_whole_counts_given_as_floats_are_kept_as_integers(tmp_path: Path) -> None:
    kv = table()
    kv.set_vecattr("w0", "count", 9.0)
    assert kv.expandos["count"].tolist() == [9, 3, 2, 1]
    del kv.expandos["count"]
    kv.set_vecattr("w1", "count", np.float32(7))
    assert kv.expandos["count"].dtype == np.int64
    kv.expandos["count"] = np.array([4.0, 7.0, 1.0, 1e6])
    kv.save_word2vec_format(tmp_path / "vectors", tmp_path / "counts")
    written = (tmp_path / "counts").read_text(encoding="ascii")
    assert written == "w3 1000000\nw1 7\nw0 4\nw2 1\n"
    (tmp_path / "vectors").unlink()
    for count in (0.5, -1.0, float("nan")):
        kv.expandos["count"][0] = count
        with pytest.raises(FormatError, match=r"the count of 'w0' must be a whole number"):
            kv.save_word2vec_format(tmp_path / "vectors", tmp_path / "counts")
    assert not (tmp_path / "vectors").exists()
    assert (tmp_path / "counts").read_text(encoding="ascii") == written
    kv = table()
    for value in (3.5, 2**70):
        with pytest.raises(TypeError, match="'count' is int64, which"):
            kv.set_vecattr("w0", "count", value)
