"""The standard tests of vectors, against a plain computation, SciPy and gensim."""

import logging
import warnings

import numpy as np
import pytest

from fastw2v import FormatError, KeyedVectors
from fastw2v.keyedvectors import evaluation

N, DIM = 60, 7
KEYS = [f"w{i}" for i in range(N - 2)] + ["W3", "Q"]


@pytest.fixture
def kv():
    vectors = np.random.default_rng(0).standard_normal((N, DIM), dtype=np.float32)
    # Some questions are to have the right answer.
    vectors[4] = vectors[2] + vectors[3] - vectors[1]
    vectors[8] = vectors[6] + vectors[7] - vectors[5]
    return KeyedVectors.from_arrays(KEYS, vectors)


@pytest.fixture
def theirs(kv):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gensim = pytest.importorskip("gensim.models.keyedvectors")
    other = gensim.KeyedVectors(DIM)
    other.add_vectors(KEYS, kv.vectors)
    return other


@pytest.fixture
def analogies(tmp_path):
    path = tmp_path / "questions"
    lines = [
        ": one",
        "w1 w2 w3 w4",
        "W5 w6 w7 w8",
        "w1 w2 w3 zz",
        "four",
        ": two",
        "",
        "w1 w2 w2 w3",
    ]
    lines += ["w9 w10 w11 w12", "q W3 w4 w5"] + [f"w{i} w{i + 1} w{i + 2} w3" for i in range(20)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs"
    lines = ["# words", "w1\tw2\t0.5", "W1\tW3\t0.1", "w4\tw5\t0.9", "w5\tzz\t0.3", "w1 w2 3"]
    lines += ["w6\tw7\tx", ""] + [f"w{i}\tw{i * 7 % 50}\t{i % 4}" for i in range(5, 40)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


OPTIONS = [{}, {"case_insensitive": False}, {"dummy4unknown": True}, {"restrict_vocab": 9}]


@pytest.mark.parametrize("options", OPTIONS)
def test_gensim_agrees_on_analogies(kv, theirs, analogies, options):
    ours = kv.evaluate_word_analogies(analogies, **options)
    assert ours == theirs.evaluate_word_analogies(str(analogies), **options)
    assert ours[1][-1]["section"] == "Total accuracy"


@pytest.mark.parametrize("options", OPTIONS)
def test_gensim_agrees_on_pairs(kv, theirs, pairs, options):
    if "restrict_vocab" in options:
        options = {"restrict_vocab": 30}
    ours = kv.evaluate_word_pairs(pairs, **options)
    other = theirs.evaluate_word_pairs(str(pairs), **options)
    for mine, yours in zip(ours[:2], other[:2], strict=True):
        assert mine[0] == mine.statistic == pytest.approx(yours[0], abs=1e-6)
        assert mine[1] == mine.pvalue == pytest.approx(yours[1], abs=1e-5)
    assert ours[2] == other[2]


def test_analogies_by_hand(kv, analogies):
    score, sections = kv.evaluate_word_analogies(analogies)
    assert [section["section"] for section in sections] == ["one", "two", "Total accuracy"]
    assert sections[0]["correct"] == [("W1", "W2", "W3", "W4"), ("W5", "W6", "W7", "W8")]
    assert len(sections[2]["correct"]) / 25 == score
    assert len(sections[2]["correct"]) + len(sections[2]["incorrect"]) == 25
    keys = list(kv.key_to_index)
    assert keys == KEYS


def test_the_similarity_function_is_obeyed(kv, analogies):
    rows = kv.get_normed_vectors().astype(np.float64)
    _, sections = kv.evaluate_word_analogies(analogies, similarity_function="most_similar_cosmul")
    right = set(sections[-1]["correct"])
    assert right
    for a, b, c, d in right | set(sections[-1]["incorrect"]):
        ids = [next(i for i, key in enumerate(KEYS) if key.upper() == word) for word in (a, b, c)]
        sides = (1 + rows @ rows[ids].T) / 2
        scores = sides[:, 1] * sides[:, 2] / (sides[:, 0] + 1e-6)
        scores[[i for i, key in enumerate(KEYS) if key.upper() in (a, b, c)]] = -1
        assert (KEYS[int(scores.argmax())].upper() == d) == ((a, b, c, d) in right)

    class Own(KeyedVectors):
        def nothing(self, positive, negative, topn, restrict_vocab):
            return []

    own = Own.from_arrays(KEYS, kv.vectors)
    assert own.evaluate_word_analogies(analogies, similarity_function="nothing")[0] == 0
    with pytest.raises(AttributeError, match="nonsense"):
        kv.evaluate_word_analogies(analogies, similarity_function="nonsense")


def test_questions_that_cannot_be_asked(kv, tmp_path):
    path = tmp_path / "questions"
    path.write_text("w1 w2 w3 w4\n", encoding="utf-8")
    with pytest.raises(ValueError, match="Missing section header before line #1 in"):
        kv.evaluate_word_analogies(path)
    path.write_text("", encoding="utf-8")
    with pytest.raises(ZeroDivisionError):
        kv.evaluate_word_analogies(path)
    path.write_text(": a\nx w1 w2 w3\n", encoding="utf-8")
    assert kv.evaluate_word_analogies(path)[0] == 0
    path.write_text("x\ty\t1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="No valid similarity judgements found"):
        kv.evaluate_word_pairs(path)
    path.write_bytes(b": a\nx\xff w1 w2 w3\n")
    for evaluate in (kv.evaluate_word_pairs, kv.evaluate_word_analogies):
        with pytest.raises(UnicodeDecodeError, match=r"in .*questions, line 2; see encoding"):
            evaluate(path)
        with pytest.raises(FormatError):
            evaluate(path)


def test_what_is_logged(kv, analogies, pairs, caplog):
    with caplog.at_level(logging.INFO, logger="fastw2v"):
        kv.evaluate_word_analogies(analogies)
        kv.evaluate_word_pairs(pairs)
        assert kv.log_accuracy({"section": "s", "correct": [1], "incorrect": [2, 3]}) == 1 / 3
        assert kv.log_accuracy({"section": "s", "correct": [], "incorrect": []}) is None
    for text in (
        "one: 100.0% (2/2)",
        "Quadruplets with out-of-vocabulary words: 3.8%",
        f"Pearson correlation coefficient against {pairs}:",
        "Pairs with unknown words ratio: 2.6%",
        "s: 33.3% (1/3)",
    ):
        assert text in caplog.text


@pytest.mark.parametrize("n", [3, 4, 10, 350, 3000])
def test_correlations_against_scipy(n):
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(n)
    for noise in (0.01, 1, 30):
        x = rng.integers(0, 1 + n // 2, n).astype(float)
        y = x + noise * rng.standard_normal(n)
        if np.ptp(x) == 0:
            continue
        for ours, expected in (
            (evaluation._pearson(x, y), stats.pearsonr(x, y)),
            (evaluation._spearman(x, y), stats.spearmanr(x, y)),
        ):
            assert ours.statistic == pytest.approx(expected.statistic, rel=1e-12)
            assert ours.pvalue == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-14)


def test_correlations_without_an_answer():
    for x, y in (([1], [1]), ([1, 1, 1], [1, 2, 3])):
        assert np.isnan(evaluation._pearson(np.array(x, float), np.array(y, float))).all()
    assert evaluation._pearson(np.array([1.0, 2]), np.array([5.0, 3])) == (-1, 1)
