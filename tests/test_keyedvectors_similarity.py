"""Cosines and neighbours: one function of two vectors, whatever way leads to it."""

import numpy as np
import pytest

from fastw2v.keyedvectors import KeyedVectors, similarity

DIMS = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 37, 100, 300, 301]
TYPES = [np.float16, np.float32, np.float64]


def matrix(n, dim, dtype=np.float32, seed=1):
    return (np.random.default_rng(seed).standard_normal((n, dim + 3)) + 0.3).astype(dtype)[:, :dim]


def true_cosines(rows, vector):
    rows, vector = rows.astype(np.longdouble), vector.astype(np.longdouble)
    lengths = np.sqrt((rows**2).sum(axis=1)) * np.sqrt((vector**2).sum())
    return (rows @ vector / lengths).astype(np.float64)


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("dtype", TYPES)
def test_cosines_against_long_double(dim, dtype):
    rows = matrix(61, dim, dtype)
    expected = true_cosines(rows, rows[7])
    np.testing.assert_allclose(similarity.cosines(rows, rows[7]), expected, rtol=0, atol=3e-7)
    chosen = np.array([60, 3, 3, 7])
    np.testing.assert_array_equal(
        similarity.cosines(rows, rows[7], chosen), similarity.cosines(rows, rows[7])[chosen]
    )


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_length_of_a_vector_changes_no_bit(dim, dtype):
    rows = matrix(200, dim, dtype)
    units = similarity.unit(rows)
    np.testing.assert_array_equal(similarity.unit(units), units)
    for row in range(0, 200, 17):
        expected = similarity.cosines(rows, rows[row])
        np.testing.assert_array_equal(similarity.cosines(rows, units[row]), expected)
        np.testing.assert_array_equal(similarity.cosines(units, rows[row]), expected)
        np.testing.assert_array_equal(similarity.cosines(units, rows[row] * 4), expected)
        assert expected[row] == 1
        for other in range(200):
            one = similarity.cosines(rows[row : row + 1], rows[other])
            assert one[0] == expected[other]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_lengths_at_the_ends_of_the_range(dtype):
    info = np.finfo(dtype)
    rows = matrix(40, 20, dtype)
    expected = true_cosines(rows, rows[0])
    scales = [info.max / 16, info.tiny, info.smallest_subnormal * 4096]
    for row, scale in enumerate(scales, start=3):
        rows[row] = (rows[row].astype(np.longdouble) * scale).astype(dtype)
    found = similarity.cosines(rows, rows[0])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-3)
    np.testing.assert_allclose(np.delete(found, 5), np.delete(expected, 5), rtol=0, atol=3e-7)
    units = similarity.unit(rows).astype(np.float64)
    np.testing.assert_allclose(np.linalg.norm(units, axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(
        similarity.lengths(rows[:5]), np.sqrt((rows[:5].astype(np.longdouble) ** 2).sum(axis=1)),
        rtol=1e-6,
    )  # fmt: skip
    for row in (3, 4, 5):
        np.testing.assert_array_equal(similarity.cosines(rows, rows[row])[0], found[row])


def test_what_has_no_direction():
    rows = matrix(20, 20)
    rows[3] = 0
    rows[4, 19] = np.nan
    rows[5, 0] = -np.inf
    found = similarity.cosines(rows, rows[0])
    assert found[3] == 0
    assert np.isnan(found[[4, 5]]).all()
    assert np.isfinite(np.delete(found, [4, 5])).all()
    assert not similarity.cosines(rows, rows[3])[[0, 1, 3]].any()
    assert np.isnan(similarity.cosines(rows, rows[4])).all()
    assert similarity.lengths(rows)[3] == 0


def test_sizes_that_do_not_fit():
    with pytest.raises(ValueError, match="a query of 3 values for rows of 20"):
        similarity.cosines(matrix(2, 20), np.ones(3))
    for row in (-1, 2):
        with pytest.raises(IndexError, match=f"no row {row}"):
            similarity.cosines(matrix(2, 20), np.ones(20), np.array([row]))
    assert similarity.cosines(matrix(0, 20), np.ones(20)).shape == (0,)


def plain_nearest(rows, vector, k):
    scores = similarity.cosines(rows, vector)
    order = np.lexsort([np.arange(len(rows)), np.where(np.isnan(scores), np.inf, -scores)])[:k]
    return order, scores[order]


def tables():
    """Matrices that are hard to search: clustered, tied, sorted, with rows that are no vectors."""
    rng = np.random.default_rng(5)
    plain = matrix(20_000, 24)
    close = (rng.standard_normal(24) + 1e-6 * rng.standard_normal((20_000, 24))).astype(np.float32)
    tied = plain[rng.integers(0, 40, 20_000)]
    ascending = plain[np.argsort(similarity.cosines(plain, plain[0]))]
    odd = plain.copy()
    odd[rng.integers(0, 20_000, 3_000)] = 0
    odd[rng.integers(0, 20_000, 3_000)] = np.nan
    odd[100:200] *= np.float32(1e-25)
    odd[200:300] *= np.float32(1e25)
    return {"plain": plain, "close": close, "tied": tied, "ascending": ascending, "odd": odd}


@pytest.mark.parametrize("name", tables())
def test_searching_equals_looking_at_all(name):
    rows = tables()[name]
    asked = np.concatenate([rows[[0, 150, 250, 7]], -rows[[19_999]], np.zeros((1, 24))])
    asked = asked.astype(np.float32)
    for k in (1, 3, 40, 4_000, 30_000):
        wanted = np.full(len(asked), k)
        for vector, found in zip(
            asked, similarity.nearest_to_each(rows, asked, wanted), strict=True
        ):
            expected = plain_nearest(rows, vector, k)
            for answer in (found, similarity.nearest(rows, vector, k)):
                np.testing.assert_array_equal(answer[0], expected[0])
                np.testing.assert_array_equal(answer[1], expected[1])


@pytest.mark.parametrize("dtype", TYPES)
def test_batches_equal_single_questions(dtype):
    rows = matrix(9_000, 30, dtype)
    kv = KeyedVectors.from_arrays([f"w{i}" for i in range(len(rows))], rows)
    positive = ["w1", ["w2", "w3"], [("w4", 0.3), kv["w5"]], rows[6], "w7", "w7"]
    negative = [None, "w4", ["w5", "w6"], None, "w8", []]
    expected = [kv.most_similar(p, n) for p, n in zip(positive, negative, strict=True)]
    assert kv.most_similar_batch(positive, negative) == expected
    for options in ({"topn": 3}, {"restrict_vocab": 700}, {"clip_start": 5, "clip_end": 8000}):
        assert kv.most_similar_batch(positive, **options) == [
            kv.most_similar(p, **options) for p in positive
        ]
    assert kv.most_similar_batch(rows[:300])[299] == kv.most_similar(rows[299])
    assert kv.most_similar_batch([]) == []
    assert kv.most_similar_batch(["w1", "w2"], topn=0) == [[], []]
    with pytest.raises(ValueError, match="2 positive and 1 negative"):
        kv.most_similar_batch(["w1", "w2"], ["w3"])
    with pytest.raises(KeyError, match="x"):
        kv.most_similar_batch(["w1", "x"])


def test_normalising_the_table_changes_no_answer():
    kv = KeyedVectors.from_arrays([f"w{i}" for i in range(900)], matrix(900, 50))
    questions = [["w1"], ["w2", "w3"], ["w4"]]
    before = kv.most_similar_batch(questions), kv.distances("w9"), kv.rank("w1", "w2")
    unit = kv.get_vector("w1", norm=True)
    assert kv.most_similar(unit, topn=11)[1:] == before[0][0]
    kv.unit_normalize_all()
    np.testing.assert_array_equal(kv["w1"], unit)
    np.testing.assert_allclose(kv.norms, 1, rtol=1e-6)
    after = kv.most_similar_batch(questions), kv.distances("w9"), kv.rank("w1", "w2")
    assert before[0] == after[0]
    np.testing.assert_array_equal(before[1], after[1])
    assert before[2] == after[2]
