"""Look-up, similarity and files, against NumPy in float64 and against gensim."""

import ast
import pickle
import sys
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest

import fastw2v
from fastw2v.errors import FormatError
from fastw2v.keyedvectors import KeyedVectors

N, DIM = 500, 37
KEYS = [f"w{i}" for i in range(N)]


def padded(seed=3):
    """A matrix as the trainer hands it out: rows of a wider, zero-padded one."""
    base = np.zeros((N, 48), np.float32)
    base[:, :DIM] = np.random.default_rng(seed).standard_normal((N, DIM), dtype=np.float32)
    base[:, :DIM] += 0.5
    return base[:, :DIM]


@pytest.fixture
def kv():
    return KeyedVectors.from_arrays(KEYS, padded(), np.arange(N, 0, -1))


@pytest.fixture(scope="module")
def gensim():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("gensim.models.keyedvectors")


@pytest.fixture
def theirs(gensim):
    other = gensim.KeyedVectors(DIM)
    other.add_vectors(KEYS, np.ascontiguousarray(padded()))
    for i, key in enumerate(KEYS):
        other.set_vecattr(key, "count", N - i)
    return other


def unit(matrix):
    matrix = np.asarray(matrix, np.float64)
    return matrix / np.linalg.norm(matrix, axis=-1, keepdims=True)


# ---- construction and look-up


def test_from_arrays_adopts_without_copying():
    vectors = padded()
    kv = KeyedVectors.from_arrays(KEYS, vectors, range(N))
    assert kv.vectors is vectors
    vectors[3] = 7
    assert (kv["w3"] == 7).all()
    assert kv.index_to_key == KEYS
    assert kv.key_to_index["w9"] == 9
    assert kv.get_vecattr("w9", "count") == 9
    assert (len(kv), kv.vector_size, str(kv)) == (N, DIM, "KeyedVectors<vector_size=37, 500 keys>")


@pytest.mark.parametrize(
    ("keys", "vectors", "counts", "message"),
    [
        (["a"], np.ones((2, 3), np.float32), None, "1 keys for 2 vectors"),
        (["a", "b", "a"], np.ones((3, 3), np.float32), None, "'a' has the rows 0 and 2"),
        (["a"], np.ones(3, np.float32), None, "matrix of floats"),
        (["a"], np.ones((1, 3), np.int32), None, "matrix of floats"),
        (["a"], np.ones((1, 0), np.float32), None, "vector_size must be at least 1"),
        (["a"], np.ones((1, 3), np.float32), [1, 2], "counts of shape"),
    ],
)
def test_from_arrays_refuses(keys, vectors, counts, message):
    with pytest.raises(ValueError, match=message):
        KeyedVectors.from_arrays(keys, vectors, counts)


@pytest.mark.parametrize(("size", "count"), [(0, 0), (-1, 0), (3, -1)])
def test_impossible_sizes(size, count):
    with pytest.raises(ValueError, match="must be at least"):
        KeyedVectors(size, count)


def test_look_up(kv):
    np.testing.assert_array_equal(kv["w3"], kv.vectors[3])
    np.testing.assert_array_equal(kv[["w3", "w1"]], kv.vectors[[3, 1]])
    assert kv[[]].shape == (0, DIM)
    assert "w3" in kv
    assert "x" not in kv
    assert kv.get_index("w3") == kv.get_index(3) == kv.get_index(np.int64(3)) == 3
    assert kv.get_index("x", 5) == 5
    assert kv.has_index_for(N - 1)
    assert not kv.has_index_for(N)
    for ask in (kv.get_index, kv.get_vector, kv.__getitem__, kv.most_similar):
        with pytest.raises(KeyError, match="x"):
            ask("x")
    with pytest.raises(KeyError, match="x"):
        kv[["w1", "x"]]


def test_integer_keys_go_before_rows():
    kv = KeyedVectors.from_arrays([2, 1, 0], np.eye(3, dtype=np.float32))
    assert [kv.get_index(i) for i in (0, 1, 2)] == [2, 1, 0]
    assert [key for key, _ in kv.most_similar(2, topn=2)] == [1, 0]


def test_vectors_are_read_only_views(kv):
    vector = kv["w3"]
    assert np.shares_memory(vector, kv.vectors)
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 1
    kv.vectors[3] = 1
    np.testing.assert_allclose(kv.get_vector("w3", norm=True), DIM**-0.5, rtol=1e-6)
    assert not kv.get_vector("w3", norm=True).flags.writeable


def test_attributes(kv):
    kv.set_vecattr("w2", "level", 3)
    assert kv.expandos["level"].dtype == np.int64
    assert (kv.get_vecattr("w2", "level"), kv.get_vecattr("w3", "level")) == (3, 0)
    kv.set_vecattr("w2", "label", "noun")
    assert kv.get_vecattr("w2", "label") == "noun"
    assert kv.get_vecattr("w3", "label") is None
    with pytest.raises(TypeError, match="'level' is int64"):
        kv.set_vecattr("w2", "level", 0.5)
    with pytest.raises(KeyError, match="'nothing' not present"):
        kv.get_vecattr("w2", "nothing")
    with pytest.raises(KeyError, match="x"):
        kv.set_vecattr("x", "level", 1)


def test_adding_fills_reserved_rows_first():
    kv = KeyedVectors(2, count=2)
    assert kv.add_vector("a", [1, 2]) == 0
    assert [key for key, _ in kv.most_similar("a")] == []
    assert kv.add_vector("b", [3, 4]) == 1
    with pytest.warns(UserWarning, match="copies"):
        assert kv.add_vector("c", [5, 6]) == 2
    np.testing.assert_array_equal(kv.vectors, [[1, 2], [3, 4], [5, 6]])
    assert kv.index_to_key == ["a", "b", "c"]
    with pytest.raises(ValueError, match="'a' is present"):
        kv.add_vector("a", [0, 0])
    with pytest.raises(ValueError, match="shape"):
        kv.add_vector("d", [0, 0, 0])
    assert len(kv) == len(kv.vectors) == 3


def test_adding_many(kv):
    before = kv.vectors.copy()
    new = np.ones((2, DIM))
    kv.add_vectors(["w3", "new"], new, extras={"count": [70, 80]})
    np.testing.assert_array_equal(kv.vectors[:N], before)
    np.testing.assert_array_equal(kv["new"], new[1])
    assert kv.vectors.dtype == np.float32
    assert (kv.get_vecattr("w3", "count"), kv.get_vecattr("new", "count")) == (N - 3, 80)
    kv[["w3", "newer"]] = new * 2
    np.testing.assert_array_equal(kv[["w3", "newer"]], new * 2)
    kv["w4"] = new[0]
    np.testing.assert_array_equal(kv["w4"], new[0])
    assert len(kv) == len(kv.vectors) == len(kv.expandos["count"]) == N + 2
    for keys, weights, message in (
        (["a", "a"], new, "'a' is given twice"),
        (["a"], new, "weights of shape"),
        (["a", "b"], new[:, 1:], "weights of shape"),
    ):
        with pytest.raises(ValueError, match=message):
            kv.add_vectors(keys, weights)
    with pytest.raises(ValueError, match="'count' of shape"):
        kv.add_vectors(["a", "b"], new, extras={"count": [1]})
    assert len(kv) == N + 2
    kv.add_vectors([], [])
    assert len(kv) == N + 2


def test_pickle_and_copy(kv):
    copy = pickle.loads(pickle.dumps(kv))
    np.testing.assert_array_equal(copy.vectors, kv.vectors)
    assert copy.most_similar("w1") == kv.most_similar("w1")


# ---- similarity


def test_similarity_against_float64(kv):
    cosines = unit(kv.vectors) @ unit(kv.vectors).T
    assert kv.similarity("w1", "w2") == pytest.approx(cosines[1, 2], abs=1e-6)
    assert kv.distance("w1", "w2") == pytest.approx(1 - cosines[1, 2], abs=1e-6)
    np.testing.assert_allclose(kv.distances("w1"), 1 - cosines[1], atol=1e-6)
    np.testing.assert_allclose(kv.distances("w1", ["w5", "w2"]), 1 - cosines[1, [5, 2]], atol=1e-6)
    assert kv.most_similar("w1", topn=None) == pytest.approx(cosines[1], abs=1e-6)
    best = np.argsort(-cosines[1])
    assert [key for key, _ in kv.most_similar("w1", topn=20)] == [KEYS[i] for i in best[1:21]]


def test_analogy_against_float64(kv):
    rows = unit(kv.vectors)
    query = unit(rows[1] + 0.5 * rows[2] - rows[3] + kv.vectors[4].astype(np.float64))
    cosines = rows @ query
    cosines[[1, 2, 3]] = -2
    found = kv.most_similar(["w1", ("w2", 0.5), kv["w4"]], ["w3"], topn=15)
    assert [key for key, _ in found] == [KEYS[i] for i in np.argsort(-cosines)[:15]]
    assert [score for _, score in found] == pytest.approx(np.sort(cosines)[:-16:-1], abs=1e-6)


@pytest.mark.parametrize("dim", [1, 2, 3, 7, 16, 37, 100, 301, 1000])
def test_equal_questions_give_equal_floats(dim):
    rng = np.random.default_rng(dim)
    base = rng.standard_normal((200, dim + 5), dtype=np.float32)
    keys = [f"w{i}" for i in range(200)]
    kv = KeyedVectors.from_arrays(keys, base[:, :dim])
    whole = kv.most_similar("w7", topn=None)
    by_vector = dict(kv.similar_by_vector(kv["w7"], topn=200))
    for key, score in kv.similar_by_word("w7", topn=200):
        assert by_vector[key] == score == whole[kv.get_index(key)]
        assert kv.similarity("w7", key) == kv.similarity(key, "w7") == score
        assert (
            kv.distance("w7", key)
            == kv.distances("w7", [key])[0]
            == np.float32(1) - np.float32(score)
        )
    np.testing.assert_array_equal(
        kv.most_similar("w7", topn=None, clip_start=3, clip_end=9), whole[3:9]
    )
    np.testing.assert_array_equal(kv.distances("w7"), kv.distances(kv["w7"].copy()))
    assert by_vector["w7"] == 1.0
    assert kv.distance("w7", "w7") == 0.0
    copied = KeyedVectors.from_arrays(keys, np.ascontiguousarray(kv.vectors))
    assert copied.most_similar("w7") == kv.most_similar("w7")


def test_norms_are_never_stale(kv):
    kv.most_similar("w1")
    kv.vectors[5] = 3 * kv.vectors[1]
    assert kv.most_similar("w1", topn=1) == [("w5", 1.0)]
    kv.vectors[5] *= -1
    assert kv.most_similar("w1", topn=N)[-1] == ("w5", -1.0)


def test_clips_and_limits(kv):
    assert kv.most_similar("w1", topn=0) == []
    assert kv.most_similar("w1", topn=np.uint8(0)) == []
    assert len(kv.most_similar("w1", topn=np.uint8(255))) == 255
    assert len(kv.most_similar("w1", topn=10 * N)) == N - 1
    within = [key for key, _ in kv.most_similar("w1", topn=N, clip_start=10, clip_end=20)]
    assert sorted(within) == [f"w{i}" for i in range(10, 20)]
    within = [key for key, _ in kv.most_similar("w1", restrict_vocab=5, clip_start=100)]
    assert sorted(within) == ["w0", "w2", "w3", "w4"]
    assert kv.similar_by_key("w1", 3, 5) == kv.similar_by_word("w1", topn=3, restrict_vocab=5)
    assert len(kv.most_similar("w1", topn=None, restrict_vocab=5)) == 5


def test_ways_to_ask(kv):
    expected = kv.most_similar("w1")
    for question in (["w1"], ("w1",), iter(["w1"]), [("w1", 1.0)], [["w1", 2]], 1, [np.int64(1)]):
        assert kv.most_similar(question) == expected
    opposite = kv.most_similar(negative="w1", topn=N)
    assert [key for key, _ in opposite] == [key for key, _ in kv.most_similar("w1", topn=N)][::-1]
    assert kv.most_similar(kv["w1"])[0] == ("w1", 1.0)
    assert kv.most_similar(kv.vectors[1:3], topn=3) == kv.most_similar([kv["w1"], kv["w2"]], topn=3)
    with pytest.raises(ValueError, match="needs a key or a vector"):
        kv.most_similar()
    with pytest.raises(ValueError, match="needs a key or a vector"):
        kv.most_similar([], [])
    with pytest.raises(ValueError, match="shape"):
        kv.most_similar(np.ones(3))
    for nonsense in ([0.5, 0.25], [None], [("w1", 1, 2)]):
        with pytest.raises(TypeError, match="expected a key"):
            kv.most_similar(nonsense)


def test_ties_are_given_in_the_order_of_the_rows():
    kv = KeyedVectors.from_arrays(range(100), np.tile(np.eye(2, dtype=np.float32), (50, 1)))
    assert [key for key, _ in kv.most_similar(50, topn=5)] == [0, 2, 4, 6, 8]
    assert [key for key, _ in kv.most_similar(50, topn=51)][-3:] == [98, 1, 3]


def test_zeros_and_not_a_number():
    vectors = np.array([[1, 1], [0, 0], [np.nan, 1], [1, 0.9]], np.float32)
    kv = KeyedVectors.from_arrays("abcd", vectors)
    assert kv.similarity("a", "b") == kv.similarity("b", "b") == 0
    found = kv.most_similar("a")
    assert [key for key, _ in found] == ["d", "b", "c"]
    assert found[1][1] == 0
    kv.vectors[1] = np.nan
    assert kv.most_similar("a", topn=2)[0] == found[0]
    assert [key for key, _ in kv.most_similar("a", topn=2)] == ["d", "b"]
    kv.vectors[1] = 0
    np.testing.assert_array_equal(kv.get_vector("b", norm=True), [0, 0])
    np.testing.assert_array_equal(kv.get_normed_vectors()[1], [0, 0])
    np.testing.assert_allclose(kv.get_normed_vectors()[0], [0.5**0.5] * 2, rtol=1e-6)


def test_the_matrix_is_not_copied():
    base = np.ones((20_000, 112), np.float32)
    kv = KeyedVectors.from_arrays(range(20_000), base[:, :100])
    kv.most_similar(1)
    tracemalloc.start()
    try:
        kv.most_similar(1)
        kv.distances(1)
        assert tracemalloc.get_traced_memory()[1] < base.nbytes / 5
    finally:
        tracemalloc.stop()


def test_means(kv):
    expected = (2 * unit(kv.vectors[1]) - kv.vectors[2]) / 3
    np.testing.assert_allclose(kv.get_mean_vector(["w1", kv["w2"]], [2, -1]), expected, atol=1e-6)
    mean = kv.get_mean_vector(["w1", "w2", "x"], pre_normalize=False)
    np.testing.assert_allclose(mean, kv.vectors[1:3].mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(kv.get_mean_vector(["w1"], post_normalize=True)), 1)
    with pytest.raises(ValueError, match="no input"):
        kv.get_mean_vector([])
    with pytest.raises(ValueError, match="weights"):
        kv.get_mean_vector(["w1"], [1, 2])
    with pytest.raises(KeyError, match="x"):
        kv.get_mean_vector(["x"], ignore_missing=False)


def test_groups(kv):
    kv.vectors[:10] = kv.vectors[0] + 0.1 * kv.vectors[:10]
    assert kv.doesnt_match(["w1", "w2", "w77", "w3"]) == "w77"
    with pytest.warns(UserWarning, match="'x'"):
        assert kv.doesnt_match(["w1", "x", "w2", "w77", "w3"]) == "w77"
    with pytest.raises(ValueError, match="empty"):
        kv.doesnt_match([])
    assert kv.n_similarity(["w1"], ["w2"]) == pytest.approx(kv.similarity("w1", "w2"), abs=1e-6)
    for lists in (([], ["w1"]), (["w1"], [])):
        with pytest.raises(ZeroDivisionError):
            kv.n_similarity(*lists)


class Endless:
    """Keys by an index of which none is too much, as of data sets and of dictionaries."""

    def __getitem__(self, index):
        return KEYS[index % 2]


class MapStyle(Endless):
    def __len__(self):
        return 2


class WrongLength(Endless):
    def __len__(self):
        raise NotImplementedError


ASKED = {
    "most_similar": lambda kv, keys: kv.most_similar(keys),
    "negative": lambda kv, keys: kv.most_similar(negative=keys),
    "most_similar_cosmul": lambda kv, keys: kv.most_similar_cosmul(keys),
    "most_similar_batch": lambda kv, keys: kv.most_similar_batch(keys),
    "kv[keys]": lambda kv, keys: kv[keys].tolist(),
    "doesnt_match": lambda kv, keys: kv.doesnt_match(keys),
    "rank_by_centrality": lambda kv, keys: kv.rank_by_centrality(keys),
    "n_similarity": lambda kv, keys: kv.n_similarity(keys, keys),
    "get_mean_vector": lambda kv, keys: kv.get_mean_vector(keys).tolist(),
    "distances": lambda kv, keys: kv.distances("w5", keys).tolist(),
    "most_similar_to_given": lambda kv, keys: kv.most_similar_to_given("w5", keys),
    "vectors_for_all": lambda kv, keys: kv.vectors_for_all(keys).index_to_key,
}


@pytest.mark.parametrize("question", ASKED)
def test_keys_end_where_their_length_is_or_are_refused(kv, question):
    ask = ASKED[question]
    assert ask(kv, MapStyle()) == ask(kv, KEYS[:2])
    for keys in (Endless(), WrongLength()):
        with pytest.raises(
            TypeError, match=f"no index without a length, got {type(keys).__name__}"
        ):
            ask(kv, keys)


def test_indexer(kv):
    class Indexer:
        def most_similar(self, vector, num_neighbors):
            return [("seen", float(vector[0])), ("n", num_neighbors)]

    assert kv.most_similar("w1", topn=4, indexer=Indexer()) == [
        ("seen", float(kv.get_vector("w1", norm=True)[0])),
        ("n", 4),
    ]


# ---- against gensim


def same(ours, theirs):
    assert [key for key, _ in ours] == [key for key, _ in theirs]
    np.testing.assert_allclose([s for _, s in ours], [s for _, s in theirs], rtol=0, atol=1e-6)


def test_gensim_agrees_on_neighbours(kv, theirs):
    for question in (
        {"positive": "w1"},
        {"positive": ["w1", "w2"], "negative": ["w3"], "topn": 40},
        {"positive": [("w1", 0.3), "w2"], "negative": [("w3", -0.5)]},
        {"positive": [padded()[9], "w2"], "negative": "w7"},
        {"positive": padded()[9]},
        {"positive": padded()[3:6]},
        {"positive": 5, "restrict_vocab": 60},
        {"positive": "w1", "clip_start": 20, "clip_end": 99, "topn": 200},
        {"negative": ["w4"]},
    ):
        same(kv.most_similar(**question), theirs.most_similar(**question))
    whole = theirs.most_similar("w1", topn=None)
    np.testing.assert_allclose(kv.most_similar("w1", topn=None), whole, atol=1e-6)
    same(kv.similar_by_word("w8"), theirs.similar_by_word("w8"))
    same(kv.similar_by_vector(kv["w8"]), theirs.similar_by_vector(kv["w8"]))


def test_gensim_agrees_on_similarities(kv, theirs):
    close = pytest.approx
    words, others = ["w1", "w2", "w3"], ["w9", "w8"]
    assert kv.similarity("w1", "w2") == close(theirs.similarity("w1", "w2"), abs=1e-6)
    assert kv.distance("w1", "w2") == close(theirs.distance("w1", "w2"), abs=1e-6)
    assert kv.n_similarity(words, others) == close(theirs.n_similarity(words, others), abs=1e-6)
    np.testing.assert_allclose(kv.distances("w1"), theirs.distances("w1"), atol=1e-6)
    np.testing.assert_allclose(
        kv.distances(kv["w3"], others), theirs.distances(kv["w3"], others), atol=1e-6
    )
    np.testing.assert_allclose(
        kv.cosine_similarities(kv["w1"], kv.vectors),
        theirs.cosine_similarities(kv["w1"], theirs.vectors),
        atol=1e-6,
    )
    assert kv.doesnt_match(words + others) == theirs.doesnt_match(words + others)
    ranks, their_ranks = kv.rank_by_centrality(words), theirs.rank_by_centrality(words)
    same([(k, s) for s, k in ranks], [(k, s) for s, k in their_ranks])
    for options in (
        {},
        {"pre_normalize": False},
        {"post_normalize": True},
        {"weights": [1, -2, 3]},
    ):
        np.testing.assert_allclose(
            kv.get_mean_vector(words, **options),
            theirs.get_mean_vector(words, **options),
            atol=1e-6,
        )
    np.testing.assert_allclose(kv.get_normed_vectors(), theirs.get_normed_vectors(), atol=1e-6)
    assert str(kv) == str(theirs)


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_gensim_reads_our_files(kv, gensim, tmp_path, binary, suffix):
    path, counts = tmp_path / f"v{suffix}", tmp_path / "counts"
    kv.save_word2vec_format(path, fvocab=counts, binary=binary)
    other = gensim.KeyedVectors.load_word2vec_format(str(path), fvocab=str(counts), binary=binary)
    assert other.index_to_key == KEYS
    np.testing.assert_array_equal(other.vectors, kv.vectors)
    assert other.get_vecattr("w3", "count") == kv.get_vecattr("w3", "count") == N - 3


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_we_read_files_of_gensim(kv, theirs, tmp_path, binary, suffix):
    path, counts = tmp_path / f"v{suffix}", tmp_path / "counts"
    theirs.save_word2vec_format(str(path), fvocab=str(counts), binary=binary)
    loaded = KeyedVectors.load_word2vec_format(path, fvocab=counts, binary=binary)
    assert loaded.index_to_key == KEYS
    np.testing.assert_array_equal(loaded.vectors, theirs.vectors)
    assert loaded.get_vecattr("w3", "count") == N - 3


@pytest.mark.parametrize("binary", [False, True])
def test_gensim_reads_unicode_spaces_and_the_empty_word(gensim, tmp_path, binary):
    keys = ["a\u3000b", "", "\xa0", "x\u2028", "\x85", "\x1c", "y" * 100_000]
    vectors = np.random.default_rng(0).standard_normal((7, 5), dtype=np.float32)
    ours = KeyedVectors.from_arrays(keys, vectors)
    ours.save_word2vec_format(tmp_path / "ours", binary=binary)
    theirs = gensim.KeyedVectors.load_word2vec_format(str(tmp_path / "ours"), binary=binary)
    assert theirs.index_to_key == keys
    np.testing.assert_array_equal(theirs.vectors, vectors)
    theirs.save_word2vec_format(str(tmp_path / "theirs"), binary=binary)
    back = KeyedVectors.load_word2vec_format(tmp_path / "theirs", binary=binary)
    assert back.index_to_key == keys
    np.testing.assert_array_equal(back.vectors, vectors)


def test_gensim_reads_extreme_floats(gensim, tmp_path):
    patterns = np.random.default_rng(5).integers(0, 1 << 32, (50, 20), dtype=np.uint32)
    values = patterns.view(np.float32)
    values[~np.isfinite(values)] = -0.0
    kv = KeyedVectors.from_arrays(range(50), values)
    for binary in (False, True):
        kv.save_word2vec_format(tmp_path / "v", binary=binary)
        other = gensim.KeyedVectors.load_word2vec_format(str(tmp_path / "v"), binary=binary)
        np.testing.assert_array_equal(other.vectors.view(np.uint32), values.view(np.uint32))


def test_gensim_writes_the_same_table_of_counts(kv, theirs, tmp_path):
    kv.save_word2vec_format(tmp_path / "v", fvocab=tmp_path / "ours")
    theirs.save_word2vec_format(str(tmp_path / "v"), fvocab=str(tmp_path / "theirs"))
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


# ---- files


@pytest.mark.parametrize("binary", [False, True])
def test_round_trip(kv, tmp_path, binary):
    kv.save_word2vec_format(tmp_path / "v", binary=binary)
    loaded = KeyedVectors.load_word2vec_format(tmp_path / "v", binary=binary)
    np.testing.assert_array_equal(loaded.vectors, kv.vectors)
    assert loaded.index_to_key == KEYS
    # Made up, falling: the order survives the next save.
    assert loaded.expandos["count"].tolist() == list(range(N, 0, -1))
    limited = KeyedVectors.load_word2vec_format(tmp_path / "v", binary=binary, limit=7)
    assert limited.index_to_key == KEYS[:7]
    half = KeyedVectors.load_word2vec_format(tmp_path / "v", binary=binary, datatype=np.float16)
    assert half.vectors.dtype == np.float16


def test_rows_are_sorted_by_an_attribute(kv, tmp_path):
    path = tmp_path / "v"
    kv.expandos["count"] = np.array([1, 3, 2, 3] + [0] * (N - 4), dtype=np.uint8)
    kv.save_word2vec_format(path, fvocab=tmp_path / "counts")
    loaded = KeyedVectors.load_word2vec_format(path, fvocab=tmp_path / "counts")
    assert loaded.index_to_key[:6] == ["w1", "w3", "w2", "w0", "w4", "w5"]
    assert loaded.expandos["count"][:5].tolist() == [3, 3, 2, 1, 0]
    np.testing.assert_array_equal(loaded[KEYS], kv.vectors)
    kv.expandos["rank"] = np.arange(N)
    kv.save_word2vec_format(path, sort_attr="rank", binary=True)
    loaded = KeyedVectors.load_word2vec_format(path, binary=True)
    assert loaded.index_to_key == KEYS[::-1]
    with pytest.raises(KeyError, match="'depth' not present"):
        kv.save_word2vec_format(path, sort_attr="depth")


def test_without_counts(tmp_path):
    kv = KeyedVectors.from_arrays(KEYS, padded())
    kv.save_word2vec_format(tmp_path / "v")
    assert KeyedVectors.load_word2vec_format(tmp_path / "v").index_to_key == KEYS
    with pytest.raises(ValueError, match="fvocab needs the attribute 'count'"):
        kv.save_word2vec_format(tmp_path / "v", fvocab=tmp_path / "counts")


def test_incomplete_counts(kv, tmp_path):
    kv.save_word2vec_format(tmp_path / "v")
    (tmp_path / "counts").write_text("w1 5\n", encoding="utf-8")
    with pytest.warns(UserWarning, match="lacks 499 of the words, first 'w0'"):
        loaded = KeyedVectors.load_word2vec_format(tmp_path / "v", fvocab=tmp_path / "counts")
    assert loaded.expandos["count"][:3].tolist() == [0, 5, 0]


def test_prefix_header_and_append(tmp_path):
    path = tmp_path / "v"
    words = KeyedVectors.from_arrays(["a", "b"], np.ones((2, 2), np.float32))
    tags = KeyedVectors.from_arrays([0], np.zeros((1, 2), np.float32))
    for binary in (False, True):
        words.save_word2vec_format(path, total_vec=3, binary=binary)
        tags.save_word2vec_format(
            path, prefix="*dt_", append=True, write_header=False, binary=binary
        )
        loaded = KeyedVectors.load_word2vec_format(path, binary=binary)
        assert loaded.index_to_key == ["a", "b", "*dt_0"]
    words.save_word2vec_format(path, write_header=False)
    assert len(KeyedVectors.load_word2vec_format(path, no_header=True)) == 2
    with pytest.raises(NotImplementedError):
        KeyedVectors.load_word2vec_format(path, no_header=True, binary=True)


def test_a_refusal_leaves_both_files_alone(tmp_path):
    vectors, counts = tmp_path / "v", tmp_path / "counts"
    vectors.write_bytes(b"old")
    counts.write_bytes(b"old")
    kv = KeyedVectors.from_arrays(["a", "b\tc"], np.ones((2, 2), np.float32), [2, 1])
    for binary in (False, True):
        with pytest.raises(FormatError, match="row 1 contains white space"):
            kv.save_word2vec_format(vectors, fvocab=counts, binary=binary)
        assert vectors.read_bytes() == counts.read_bytes() == b"old"
    reserved = KeyedVectors(2, count=1)
    with pytest.raises(FormatError, match="None of row 0 is not set"):
        reserved.save_word2vec_format(vectors)
    assert vectors.read_bytes() == b"old"


def test_missing_files(tmp_path):
    for binary in (False, True):
        with pytest.raises(FileNotFoundError):
            KeyedVectors.load_word2vec_format(tmp_path / "none", binary=binary)


# ---- the house


def test_vectors_and_formats_import_nothing_that_trains():
    package = Path(fastw2v.__file__).parent
    allowed = {
        "fastw2v.errors",
        "fastw2v.formats",
        "fastw2v.iterables",
        "fastw2v.keyedvectors",
        "fastw2v.lifecycle",
        "fastw2v.memory",
        "fastw2v.paths",
    }
    optional = {"ot", "isal"}  # POT, for wmdistance; faster checksums
    paths = [*(package / "keyedvectors").glob("*.py"), *(package / "formats").glob("*.py")]
    assert len(paths) > 10
    for path in sorted(paths):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, path
                names = [node.module]
            for name in names:
                top = name.split(".")[0]
                known = top in sys.stdlib_module_names or top in {"numpy", *optional}
                assert known or ".".join(name.split(".")[:2]) in allowed, (path.name, name)
