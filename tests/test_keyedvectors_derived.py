"""Classes that derive from KeyedVectors: what they override is honoured where gensim honours it."""

from __future__ import annotations

import contextlib
import copy
import pickle
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import MethodType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fastw2v import KeyedVectors, Word2Vec

N, DIM = 40, 6
KEYS = [f"w{i}" for i in range(N)]


def vectors() -> Any:
    return np.random.default_rng(5).standard_normal((N, DIM)).astype(np.float32) + 0.2


@pytest.fixture(scope="module")
def gensims() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("gensim.models.keyedvectors").KeyedVectors


def stem(key: Any) -> Any:
    return key.removesuffix("s") if isinstance(key, str) else key


class Turned:
    """Known keys have other vectors."""

    def get_vector(self, key: Any, norm: bool = False) -> Any:
        return super().get_vector(key, norm)[::-1]  # type: ignore[misc]


class Stems:
    """Unknown keys have vectors, but are not `in` the table."""

    def get_vector(self, key: Any, norm: bool = False) -> Any:
        return super().get_vector(stem(key), norm)  # type: ignore[misc]


class StemsWithin(Stems):
    def __contains__(self, key: Any) -> bool:
        return super().__contains__(stem(key))  # type: ignore[misc, no-any-return]


class Guesses:
    """As gensim's FastText: any string is `in` the table."""

    def get_vector(self, key: Any, norm: bool = False) -> Any:
        if key in self.key_to_index:  # type: ignore[attr-defined]
            return super().get_vector(key, norm)  # type: ignore[misc]
        guess = np.arange(DIM, dtype=np.float32) - len(key)
        return guess / np.linalg.norm(guess)

    def __contains__(self, key: Any) -> bool:
        return isinstance(key, str) and len(key) < 6


class Rows:
    def get_index(self, key: Any, default: Any = None) -> Any:
        return super().get_index(stem(key), default)  # type: ignore[misc]


class Items:
    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(key) + np.float32(1)  # type: ignore[misc]


class Similarity:
    def similarity(self, w1: Any, w2: Any) -> float:
        return len(w1) + float(super().similarity(w1, w2)) ** 2  # type: ignore[misc]


class Distances:
    def distances(self, *arguments: Any) -> Any:
        return -super().distances(*arguments)  # type: ignore[misc]


class Cosines:
    def cosine_similarities(self, vector_1: Any, vectors_all: Any) -> Any:
        return np.asarray(vectors_all) @ vector_1 / 10


class Nearest:
    def most_similar(self, *arguments: Any, **named: Any) -> Any:
        return super().most_similar(*arguments, **named)[1:]  # type: ignore[misc]


class Mean:
    def get_mean_vector(self, *arguments: Any, **named: Any) -> Any:
        return super().get_mean_vector(*arguments, **named)[::-1]  # type: ignore[misc]


class Centrality:
    def rank_by_centrality(self, *arguments: Any, **named: Any) -> Any:
        return super().rank_by_centrality(*arguments, **named)[:1]  # type: ignore[misc]


class Closer:
    def closer_than(self, *arguments: Any) -> Any:
        return super().closer_than(*arguments)[1:]  # type: ignore[misc]


DERIVED = [
    Turned, Stems, StemsWithin, Guesses, Rows, Items, Similarity, Distances, Cosines, Nearest,
    Mean, Centrality, Closer,
]  # fmt: skip

QUESTIONS: dict[str, Callable[[Any], Any]] = {
    "kv[key]": lambda kv: kv["w3"],
    "kv[unknown]": lambda kv: kv["w3s"],
    "kv[keys]": lambda kv: kv[["w3", "w5"]],
    "kv[unknown keys]": lambda kv: kv[["w3", "w5s"]],
    "in": lambda kv: ["w3" in kv, "w3s" in kv, kv.has_index_for("w3s"), "nothing" in kv],
    "similarity": lambda kv: [kv.similarity("w1", "w2"), kv.similarity("w7", "w3")],
    "similarity of unknown": lambda kv: kv.similarity("w1s", "w2s"),
    "distance": lambda kv: kv.distance("w1", "w2"),
    "distance of unknown": lambda kv: kv.distance("w1", "w2s"),
    "distances": lambda kv: kv.distances("w1"),
    "distances of unknown": lambda kv: kv.distances("w1s", ["w2", "w3"]),
    "distances to unknown": lambda kv: kv.distances("w1", ["w2s", "w3"]),
    "n_similarity": lambda kv: kv.n_similarity(["w1", "w2s"], ["w3", "w4"]),
    "mean": lambda kv: kv.get_mean_vector(["w1", "w2s", "nothing"], [1, 2, 3]),
    "mean as it is": lambda kv: kv.get_mean_vector(["w1", "w2s"], pre_normalize=False),
    "strict mean": lambda kv: kv.get_mean_vector(["w1", "w2s"], ignore_missing=False),
    "most_similar": lambda kv: kv.most_similar("w1", topn=8),
    "most_similar to unknown": lambda kv: kv.most_similar("w1s", topn=8),
    "most_similar to several": lambda kv: kv.most_similar(["w1", ("w2s", 0.5)], ["w3"], topn=8),
    "all similarities": lambda kv: kv.most_similar("w1", topn=None),
    "similar_by_word": lambda kv: kv.similar_by_word("w1s", 8),
    "cosmul": lambda kv: kv.most_similar_cosmul(["w1", "w5"], ["w3"], topn=8),
    "cosmul to unknown": lambda kv: kv.most_similar_cosmul(["w1s", "w5"], ["w3s"], topn=8),
    "doesnt_match": lambda kv: kv.doesnt_match(["w1", "w2s", "w3", "w4"]),
    "centrality": lambda kv: kv.rank_by_centrality(["w1", "w2s", "w3"], use_norm=False),
    "most_similar_to_given": lambda kv: kv.most_similar_to_given("w1", ["w2", "w3", "w4", "w22"]),
    "given unknown": lambda kv: kv.most_similar_to_given("w1s", ["w2s", "w3", "w4s"]),
    "closer_than": lambda kv: kv.closer_than("w1", "w2"),
    "rank": lambda kv: kv.rank("w1", "w2"),
    "rank of unknown": lambda kv: kv.rank("w1s", "w2s"),
    "relative": lambda kv: kv.relative_cosine_similarity("w1", "w2"),
    "wmdistance": lambda kv: kv.wmdistance(["w1", "w2s", "nothing"], ["w3", "w4"]),
    "for all": lambda kv: [
        (table.index_to_key, table.vectors, kv_name(table))
        for table in [kv.vectors_for_all(["w3", "w5s", "w3", "nothing"])]
    ],
    "for all known": lambda kv: kv.vectors_for_all(["w3", "w5s"], allow_inference=False).vectors,
    "count": lambda kv: kv.get_vecattr("w3s", "count"),
}  # fmt: skip


def kv_name(table: Any) -> str:
    return type(table).__name__


def made(base: Any, mixin: Any, how: str) -> Any:
    """A table of a class, or a plain one that is given the methods of that class."""
    derived = type("Derived", (mixin, base), {})
    kv = (derived if how == "class" else base)(DIM)
    kv.add_vectors(KEYS, vectors())
    for i, key in enumerate(KEYS):
        kv.set_vecattr(key, "count", N - i)
    if how == "object":
        # super() in a method of the class has to be called on one of its objects.
        inner = derived(DIM)
        vars(inner).update(vars(kv))
        for name, function in vars(mixin).items():
            if not name.startswith("_"):
                setattr(kv, name, MethodType(function, inner))
    return kv


def answer(kv: Any, question: Callable[[Any], Any]) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return question(kv)
    except KeyError:
        return KeyError


def same(ours: Any, theirs: Any) -> None:
    if ours is KeyError or theirs is KeyError:
        assert ours is theirs
    elif isinstance(theirs, (list, tuple)) and not isinstance(ours, float):
        assert len(ours) == len(theirs), (ours, theirs)
        for a, b in zip(ours, theirs, strict=True):
            same(a, b)
    elif isinstance(theirs, (str, bool)):
        assert ours == theirs
    else:
        np.testing.assert_allclose(ours, theirs, atol=2e-6)


@pytest.mark.parametrize("how", ["class", "object"])
@pytest.mark.parametrize("mixin", DERIVED)
def test_overrides_reach_what_gensim_builds_on_them(
    gensims: Any, mixin: Any, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In place of the solver of wmdistance.
    solver = SimpleNamespace(emd2=lambda a, b, costs: float(a @ costs @ b))
    monkeypatch.setitem(sys.modules, "ot", solver)
    ours, theirs = made(KeyedVectors, mixin, how), made(gensims, mixin, how)
    plain = made(KeyedVectors, type("Plain", (), {}), "class")
    changed = 0
    for name, question in QUESTIONS.items():
        expected = answer(theirs, question)
        found = answer(ours, question)
        try:
            same(found, expected)
        except (AssertionError, TypeError) as error:
            raise AssertionError(f"{name}: {found} and not {expected}") from error
        with contextlib.suppress(AssertionError, TypeError):
            same(found, answer(plain, question))
            continue
        changed += 1
    if how == "class" or not all(name.startswith("_") for name in vars(mixin)):
        assert changed


@pytest.mark.parametrize("mixin", [Turned, Similarity, Nearest, Mean, Guesses])
def test_overrides_reach_the_evaluations(gensims: Any, mixin: Any, tmp_path: Path) -> None:
    pairs, analogies = tmp_path / "pairs", tmp_path / "analogies"
    pairs.write_text("".join(f"w{i}\tw{i + 3}\t{i}\n" for i in range(12)))
    ours, theirs = made(KeyedVectors, mixin, "class"), made(gensims, mixin, "class")
    plain = made(KeyedVectors, type("Plain", (), {}), "class")
    # Questions whose answers are right for the derived class; a plain one misses some.
    asked = [(f"w{i}", f"w{i + 1}", f"w{i + 2}") for i in range(20)]
    best = [theirs.most_similar([b, c], [a], topn=5)[0][0] for a, b, c in asked]
    lines = [" ".join([*words, answer]) for words, answer in zip(asked, best, strict=True)]
    analogies.write_text("\n".join([": all", *lines]))
    options = {"case_insensitive": False}
    for kv in (ours, theirs):
        assert kv.evaluate_word_analogies(analogies, **options)[0] == 1
    same(ours.evaluate_word_pairs(pairs)[1][0], theirs.evaluate_word_pairs(pairs)[1][0])
    if mixin is not Guesses:
        scores = [
            (kv.evaluate_word_analogies(analogies)[0], kv.evaluate_word_pairs(pairs)[0][0])
            for kv in (ours, plain)
        ]
        assert scores[0] != scores[1]


class Bare(KeyedVectors):
    """Sets what it uses, and has parameters of its own."""

    def __init__(self, words: dict[str, Any]) -> None:
        self.vector_size = DIM
        self.index_to_key = list(words)
        self.key_to_index = {word: row for row, word in enumerate(words)}
        self.vectors = np.array(list(words.values()), np.float32)


def test_a_class_that_does_not_call_the_constructor_is_saved_and_loaded(tmp_path: Path) -> None:
    kv = Bare(dict(zip(KEYS, vectors(), strict=True)))
    kv.save(tmp_path / "kv")
    loaded = Bare.load(tmp_path / "kv")
    assert type(loaded) is Bare and loaded.index_to_key == KEYS
    np.testing.assert_array_equal(loaded.vectors, kv.vectors)
    assert loaded.most_similar("w1") == kv.most_similar("w1")
    for act in (
        lambda: kv.save_word2vec_format(tmp_path / "text"),
        lambda: kv.set_vecattr("w1", "count", 3),
        lambda: kv.add_vectors("new", np.ones(DIM)),
        lambda: kv.sort_by_descending_frequency(),
        lambda: kv.vectors_for_all(["w1"], copy_vecattrs=True),
        lambda: kv.resize_vectors(),
    ):
        act()
    assert kv.get_vecattr("w1", "count") == 3 and kv.index_to_key[0] == "w1"
    assert len(kv) == N + 1 and KeyedVectors(DIM).expandos == {}


def test_what_a_class_lacks_is_named_when_it_is_saved(tmp_path: Path) -> None:
    class Wrapper(KeyedVectors):
        def __init__(self) -> None:
            self.inner = None

    with pytest.raises(AttributeError, match=r"Wrapper.* 'vectors'"):
        Wrapper().save(tmp_path / "kv")


def test_sparse_vectors_are_kept_and_refused_where_rows_are_needed(tmp_path: Path) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    model = Word2Vec([["a", "b", "c"]] * 9, min_count=1, vector_size=DIM, workers=1)
    dense = model.wv.vectors.copy()
    model.wv.vectors = sparse.csr_matrix(dense)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert len(other.wv) == 3 and repr(other)
        np.testing.assert_array_equal(other.wv.vectors.toarray(), dense)
        np.testing.assert_array_equal(other.syn1neg, model.syn1neg)
    assert len(copy.deepcopy(model.wv)) == 3
    for act in (
        lambda: model.save(tmp_path / "model"),
        lambda: model.wv.save(tmp_path / "kv"),
        lambda: model.wv.save_word2vec_format(tmp_path / "text"),
        lambda: model.train([["a", "b"]], total_examples=1, epochs=1),
        lambda: model.wv["a"],
        lambda: model.wv[["a", "b"]],
        lambda: model.wv.most_similar("a"),
        lambda: model.wv.similarity("a", "b"),
        lambda: model.wv.n_similarity(["a"], ["b"]),
        lambda: model.wv.doesnt_match(["a", "b"]),
        lambda: model.wv.distances("a"),
        lambda: model.wv.get_mean_vector(["a"]),
        lambda: model.wv.norms,
        lambda: model.wv.get_normed_vectors(),
        lambda: model.wv.unit_normalize_all(),
        lambda: model.wv.vectors_for_all(["a"]),
        lambda: model.wv.add_vectors(["d"], np.ones((1, DIM))),
        lambda: model.wv.add_vector("d", np.ones(DIM)),
    ):
        with pytest.raises(TypeError, match=r"vectors is a csr_matrix; .*toarray\(\)"):
            act()
    model.wv.vectors = model.wv.vectors.toarray()
    assert model.train([["a", "b"]], total_examples=1, epochs=1)


def test_the_names_of_attributes_are_gensims(gensims: Any) -> None:
    ours, theirs = (
        made(KeyedVectors, type("M", (), {}), "class"),
        made(gensims, type("M", (), {}), "class"),
    )
    assert set(vars(theirs)) <= set(vars(ours))
    for other in (
        copy.copy(ours),
        copy.deepcopy(ours),
        pickle.loads(pickle.dumps(KeyedVectors(2))),
    ):
        assert "norms" in vars(other)
    ours.norms = None
    assert len(ours.norms) == N
