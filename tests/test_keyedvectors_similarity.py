"""Cosines and neighbours: one function of two vectors, whatever way leads to it."""

import copy
import ctypes
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_guesses_change_no_bit_right_or_wrong(dim, dtype):
    rows = matrix(333, dim, dtype)
    rows[40], rows[41, 0], rows[42] = 0, np.nan, rows[7] * 2
    guesses = np.zeros(len(rows), dtype)
    for vector in (rows[7], rows[8], -rows[9]):
        expected = similarity.cosines(rows, vector)
        for _ in range(2):
            found = similarity.cosines(rows, vector, guesses=guesses)
            np.testing.assert_array_equal(found, expected)
        rows[50:60] *= 3
        guesses[100] = 1
    with pytest.raises(ValueError, match="3 guesses for 333 rows"):
        similarity.cosines(rows, rows[7], guesses=np.zeros(3, dtype))


def test_answers_are_right_after_vectors_were_written_to():
    kv = KeyedVectors.from_arrays([f"w{i}" for i in range(900)], matrix(900, 50))
    kv.most_similar("w1", topn=None)
    kv.vectors[500:] *= np.linspace(0.1, 9, 400, dtype=np.float32)[:, None]
    kv.vectors[5] = -kv.vectors[1]
    fresh = KeyedVectors.from_arrays(kv.index_to_key, kv.vectors.copy())
    for ours in (kv, pickle.loads(pickle.dumps(kv)), copy.deepcopy(kv)):
        np.testing.assert_array_equal(
            ours.most_similar("w1", topn=None), fresh.most_similar("w1", topn=None)
        )
        assert ours.most_similar("w1", topn=None)[5] == -1
        clipped = ours.most_similar("w1", topn=None, clip_start=3, clip_end=71)
        np.testing.assert_array_equal(clipped, fresh.most_similar("w1", topn=None)[3:71])
    kv.vectors = np.asfortranarray(kv.vectors)[:, ::-1]
    fresh.vectors = np.ascontiguousarray(kv.vectors)
    np.testing.assert_array_equal(kv.distances("w1"), fresh.distances("w1"))
    assert kv.most_similar("w1") == fresh.most_similar("w1")
    assert kv.similarity("w1", "w2") == fresh.similarity("w1", "w2")
    assert kv.most_similar_batch(["w1", "w2"]) == fresh.most_similar_batch(["w1", "w2"])
    assert kv.rank_by_centrality(["w1", "w2"]) == fresh.rank_by_centrality(["w1", "w2"])
    np.testing.assert_array_equal(kv.get_vector("w1", norm=True), fresh.get_vector("w1", norm=True))


def test_the_portable_code_gives_the_same_bits(tmp_path):
    """csrc/rows.c as it is built where there is no AVX2, called without Python's bridge."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    library = tmp_path / "rows.so"
    root = Path(__file__).parents[1] / "csrc"
    (tmp_path / "compiler.h").write_text(
        (root / "compiler.h").read_text().replace("#define W2V_X86_64 1", "#define W2V_X86_64 0")
    )
    (tmp_path / "rows.c").write_text((root / "rows.c").read_text())
    flags = ["-std=c11", "-O2", "-ffp-contract=off", "-shared", "-fPIC", f"-I{tmp_path}"]
    for name in ("rows.h", "rows_tmpl.h", "rows_estimate.h"):
        shutil.copy(root / name, tmp_path)
    subprocess.run([compiler, *flags, tmp_path / "rows.c", "-lm", "-o", library], check=True)
    portable = ctypes.CDLL(str(library))

    class Rows(ctypes.Structure):
        _fields_ = (
            ("values", ctypes.c_void_p),
            ("n", ctypes.c_size_t),
            ("dim", ctypes.c_size_t),
            ("stride", ctypes.c_ssize_t),
        )

    for dtype, name in ((np.float32, "f32"), (np.float64, "f64")):
        for dim in DIMS:
            rows = np.ascontiguousarray(matrix(70, dim, dtype))
            rows[11] = 0
            rows[12] *= dtype(1e-25)
            query = similarity.unit(rows[3])
            found = np.empty(len(rows), np.float32)
            guesses = np.zeros(len(rows), dtype)
            for _ in range(2):
                getattr(portable, f"rows_cosines_{name}")(
                    ctypes.byref(Rows(rows.ctypes.data, len(rows), dim, dim)),
                    ctypes.c_void_p(query.ctypes.data),
                    None,
                    ctypes.c_size_t(len(rows)),
                    ctypes.c_void_p(guesses.ctypes.data),
                    ctypes.c_void_p(found.ctypes.data),
                )
                np.testing.assert_array_equal(found, similarity.cosines(rows, rows[3]))


def test_an_index_is_asked_for_a_vector_of_length_1():
    class Index:
        def most_similar(self, vector, num_neighbors):
            return [("length", float(np.linalg.norm(vector)))] * num_neighbors

    kv = KeyedVectors.from_arrays([f"w{i}" for i in range(9)], matrix(9, 50) * 5)
    for question in ("w1", ["w1", "w2"], kv["w3"], [("w1", -0.3)]):
        answer = kv.most_similar(question, topn=2, indexer=Index())
        assert answer == [("length", pytest.approx(1, abs=1e-6))] * 2


def test_answers_are_the_same_bits_in_plain_c() -> None:
    code = (
        "import sys, numpy as np\n"
        "from fastw2v import KeyedVectors\n"
        "rng = np.random.default_rng(0)\n"
        "for kind in (np.float32, np.float64):\n"
        "    for size in (3, 17, 100):\n"
        "        kv = KeyedVectors(size)\n"
        "        kv.add_vectors([f'w{i}' for i in range(300)], rng.normal(size=(300, size)))\n"
        "        kv.vectors = kv.vectors.astype(kind)\n"
        "        print([(w, float(c).hex()) for w, c in kv.most_similar('w1', topn=300)])\n"
        "        print(kv.norms.tobytes().hex(), kv.get_normed_vectors().tobytes().hex())\n"
        "        print(kv.distances('w2').tobytes().hex())\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, **forced}, capture_output=True,
            check=True, cwd=Path(__file__).parents[1],
        ).stdout
        for forced in ({}, {"FASTW2V_ISA": "scalar"})
    ]  # fmt: skip
    assert len(said[0]) > 10_000
    assert said[0] == said[1]
