"""Everything else that gensim's KeyedVectors answers, side by side on the same vectors."""

import copy
import pickle
import warnings

import numpy as np
import pytest

from fastw2v import KeyedVectors, convert, keyedvectors
from fastw2v.errors import FormatError

N, DIM = 300, 21
KEYS = [f"w{i}" for i in range(N)]


@pytest.fixture
def kv():
    vectors = np.random.default_rng(3).standard_normal((N, DIM), dtype=np.float32) + 0.3
    return KeyedVectors.from_arrays(KEYS, vectors.astype(np.float32), np.arange(N, 0, -1))


@pytest.fixture(scope="module")
def gensim():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("gensim.models.keyedvectors")


@pytest.fixture
def theirs(gensim, kv):
    other = gensim.KeyedVectors(DIM)
    other.add_vectors(KEYS, kv.vectors.copy())
    for i, key in enumerate(KEYS):
        other.set_vecattr(key, "count", N - i)
    return other


def same(ours, theirs):
    assert [key for key, _ in ours] == [key for key, _ in theirs]
    np.testing.assert_allclose([s for _, s in ours], [s for _, s in theirs], rtol=1e-5)


# gensim calls its own deprecated init_sims.
@pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")
def test_products(kv, theirs):
    # gensim takes a vector for one of length 1.
    vector = kv.get_vector("w9", norm=True)
    assert kv.most_similar_cosmul(kv["w9"]) == kv.most_similar_cosmul(vector)
    for question in (("w1",), (["w1", "w2"], "w3"), (["w1", vector], ["w3", "w4"]), (vector,)):
        same(kv.most_similar_cosmul(*question), theirs.most_similar_cosmul(*question))
    np.testing.assert_allclose(
        kv.most_similar_cosmul(["w1", "w2"], "w3", topn=None),
        theirs.most_similar_cosmul(["w1", "w2"], "w3", topn=None),
        rtol=1e-5,
    )
    limited = [key for key, _ in kv.most_similar_cosmul("w1", restrict_vocab=5)]
    assert sorted(limited) == ["w0", "w2", "w3", "w4"]
    assert kv.most_similar_cosmul("w1", topn=0) == theirs.most_similar_cosmul("w1", topn=0) == []
    for either in (kv, theirs):
        for nothing in ({}, {"negative": "w1"}):
            with pytest.raises(ValueError, match=r"positive|no input"):
                either.most_similar_cosmul(**nothing)
        with pytest.raises(KeyError, match="x"):
            either.most_similar_cosmul("x")
    with pytest.raises(TypeError, match="no weights"):
        kv.most_similar_cosmul([("w1", 0.5)])


def test_ranks(kv, theirs):
    for a, b in (("w1", "w2"), ("w1", "w1"), (1, 2), ("w7", "w250")):
        assert kv.closer_than(a, b) == theirs.closer_than(a, b)
        assert kv.rank(a, b) == theirs.rank(a, b)
    assert kv.rank("w1", kv.most_similar("w1")[4][0]) == 5
    assert kv.most_similar_to_given("w1", KEYS[2:50]) == theirs.most_similar_to_given(
        "w1", KEYS[2:50]
    )
    for topn in (3, 10):
        assert kv.relative_cosine_similarity("w1", "w2", topn) == pytest.approx(
            theirs.relative_cosine_similarity("w1", "w2", topn), rel=1e-5
        )
    with pytest.raises(ValueError, match="at least one key"):
        kv.most_similar_to_given("w1", [])
    with pytest.warns(DeprecationWarning, match="closer_than"):
        assert kv.words_closer_than("w1", "w2") == kv.closer_than("w1", "w2")
    with pytest.raises(NotImplementedError):
        kv.similarity_unseen_docs("w1", "w2")


def test_word_movers_distance(kv, theirs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("ot")
    a, b = ["w1", "w2", "x", "w1", "w5"], ["w3", "w2", "w8", "w9"]
    for norm in (True, False):
        assert kv.wmdistance(a, b, norm) == pytest.approx(theirs.wmdistance(a, b, norm), abs=1e-5)
    assert kv.wmdistance(a, a) == pytest.approx(0, abs=1e-9)
    assert kv.wmdistance(["w1"], ["w1", "w1"]) == 0
    assert kv.wmdistance(a, ["x"]) == theirs.wmdistance(a, ["x"]) == np.inf


def test_a_missing_solver_is_named(kv, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ot", None)
    with pytest.raises(ImportError, match="needs the package POT"):
        kv.wmdistance(["w1"], ["w2"])


@pytest.mark.parametrize("copied", [False, True])
def test_part_of_the_table(kv, theirs, copied):
    kv.set_vecattr("w3", "label", "noun")
    wanted = ["w3", "x", "w200", "w3", 5]
    ours = kv.vectors_for_all(wanted, copy_vecattrs=copied)
    other = theirs.vectors_for_all(wanted[:4], copy_vecattrs=copied)
    assert ours.index_to_key == other.index_to_key == ["w3", "w200"]
    np.testing.assert_array_equal(ours.vectors, other.vectors)
    assert ours.expandos["count"].tolist() == other.expandos["count"].tolist()
    assert ("label" in ours.expandos) == copied
    ours.vectors[:] = 0
    assert kv["w3"].any()

    class Guesses(KeyedVectors):
        def get_vector(self, key, norm=False):
            return super().get_vector(key, norm) if key in KEYS else np.ones(DIM, np.float32)

        def __contains__(self, key):
            return key in KEYS or key == "x"

    guesses = Guesses.from_arrays(KEYS, kv.vectors)
    assert guesses.vectors_for_all(["x", "y"]).index_to_key == ["x"]
    assert type(guesses.vectors_for_all(["x"])) is KeyedVectors
    assert len(guesses.vectors_for_all(["x"], allow_inference=False)) == 0


def test_lengths(kv, theirs):
    theirs.fill_norms(force=True)
    kv.fill_norms()
    np.testing.assert_allclose(kv.norms, theirs.norms, rtol=1e-6)
    kv.norms = None
    kv.vectors[3] *= 2
    np.testing.assert_allclose(kv.norms[3], 2 * theirs.norms[3], rtol=1e-6)
    with pytest.warns(DeprecationWarning, match="init_sims"):
        kv.init_sims(replace=True)
    theirs.unit_normalize_all()
    np.testing.assert_allclose(kv.vectors, theirs.vectors, atol=1e-6)
    with pytest.warns(DeprecationWarning, match="get_vector"):
        np.testing.assert_array_equal(kv.word_vec("w1"), kv["w1"])


def test_growing_and_sorting(kv):
    kv.index_to_key.append("new")
    kv.key_to_index["new"] = N
    kv.resize_vectors(seed=5)
    assert kv.vectors.shape == (N + 1, DIM)
    assert 0 < np.abs(kv["new"]).max() <= 1 / DIM
    assert kv.get_vecattr("new", "count") == 0
    kv.set_vecattr("new", "count", N - 1)
    before = {key: kv[key].copy() for key in kv.key_to_index}
    kv.sort_by_descending_frequency()
    assert kv.index_to_key[:4] == ["w0", "w1", "new", "w2"]
    assert kv.expandos["count"][:4].tolist() == [N, N - 1, N - 1, N - 2]
    for key, vector in before.items():
        np.testing.assert_array_equal(kv[key], vector)
    del kv.expandos["count"]
    with pytest.raises(KeyError, match="'count' not present"):
        kv.sort_by_descending_frequency()


@pytest.mark.parametrize("binary", [False, True])
def test_vectors_from_elsewhere(kv, tmp_path, binary):
    other = KeyedVectors.from_arrays(["x", "w5", "w7"], np.ones((3, DIM), np.float32))
    other.save_word2vec_format(tmp_path / "v", binary=binary)
    before = kv.vectors.copy()
    kv.intersect_word2vec_format(tmp_path / "v", lockf=0.25, binary=binary)
    before[[5, 7]] = 1
    np.testing.assert_array_equal(kv.vectors, before)
    assert len(kv) == N
    expected = np.ones(N, np.float32)
    expected[[5, 7]] = 0.25
    np.testing.assert_array_equal(kv.vectors_lockf, expected)
    with pytest.raises(ValueError, match=f"incompatible vector size {DIM} in file"):
        KeyedVectors(3).intersect_word2vec_format(tmp_path / "v", binary=binary)


@pytest.mark.parametrize("name", ["vocab", "index2word", "index2entity", "vectors_norm"])
def test_names_of_gensim_3_say_what_to_use(kv, theirs, name):
    for either in (kv, theirs):
        with pytest.raises(AttributeError, match=r"(?s)key_to_index|index_to_key|get_normed"):
            getattr(either, name)
    assert not hasattr(kv, name)


def test_names_of_the_module(kv, tmp_path):
    for name in ("Word2VecKeyedVectors", "Doc2VecKeyedVectors", "EuclideanKeyedVectors"):
        assert getattr(keyedvectors, name) is KeyedVectors
    kv.save_word2vec_format(tmp_path / "v")
    assert keyedvectors.load_word2vec_format(tmp_path / "v").index_to_key == KEYS
    kv.add_lifecycle_event("made", note=1)
    assert kv.lifecycle_events[0]["event"] == "made"


def test_mapped_rows(tmp_path):
    kv = KeyedVectors(3, count=2, mapfile_path=tmp_path / "rows")
    kv.add_vector("a", [1, 2, 3])
    kv.vectors.flush()
    assert (tmp_path / "rows").read_bytes()[:12] == np.array([1, 2, 3], "<f4").tobytes()


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda kv: pickle.loads(pickle.dumps(kv))])
def test_copies(kv, duplicate):
    kv.own = "kept"
    kv.vectors_lockf = np.ones(1, np.float32)
    other = duplicate(kv)
    assert other.most_similar("w1") == kv.most_similar("w1")
    assert (other.own, other.vectors_lockf) == ("kept", 1)
    other.vectors[:] = 0
    other.expandos["count"][:] = 0
    assert kv["w1"].any()
    assert kv.get_vecattr("w1", "count")


@pytest.mark.parametrize("mmap", [None, "r", "c"])
def test_saving(kv, tmp_path, mmap):
    path = tmp_path / "v"
    kv.vectors_lockf = np.ones(1, np.float32)
    kv.set_vecattr("w3", "label", "noun")
    kv.save(path)
    loaded = KeyedVectors.load(path, mmap=mmap)
    assert loaded.index_to_key == KEYS
    assert loaded.most_similar("w1") == kv.most_similar("w1")
    assert loaded.get_vecattr("w3", "label") == "noun"
    assert loaded.get_vecattr("w3", "count") == N - 3
    np.testing.assert_array_equal(loaded.vectors_lockf, kv.vectors_lockf)
    assert str(loaded) == str(kv)
    loaded.add_vectors(["new"], np.ones((1, DIM)))
    assert len(loaded) == N + 1
    kv.save(path, ignore=["label"])
    assert set(KeyedVectors.load(path).expandos) == {"count"}
    reserved = KeyedVectors(2, count=2)
    reserved.add_vector("a", [1, 2])
    reserved.save(path)
    loaded = KeyedVectors.load(path)
    assert loaded.add_vector("b", [3, 4]) == 1
    with pytest.raises(FormatError, match="only str, int and bytes"):
        KeyedVectors.from_arrays([("a",)], np.ones((1, 2))).save(path)
    assert KeyedVectors.load(path).index_to_key == ["a", None]


def test_files_of_gensim_are_converted_by_gensim(kv, theirs, tmp_path, monkeypatch):
    theirs.save(str(tmp_path / "g.kv"))
    with pytest.raises(FormatError, match="a pickle"):
        KeyedVectors.load(tmp_path / "g.kv")
    converted = convert.convert_gensim(tmp_path / "g.kv", tmp_path / "own")
    loaded = KeyedVectors.load(tmp_path / "own")
    for table in (converted, loaded, convert.from_gensim(theirs)):
        assert table.index_to_key == KEYS
        np.testing.assert_array_equal(table.vectors, kv.vectors)
        assert table.get_vecattr("w3", "count") == N - 3
    with pytest.raises(TypeError, match="dict holds no word vectors"):
        convert.from_gensim({})
    monkeypatch.setitem(__import__("sys").modules, "gensim.utils", None)
    with pytest.raises(ImportError, match="only gensim can read it"):
        convert.from_gensim(tmp_path / "g.kv")
