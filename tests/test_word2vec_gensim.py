"""The model beside gensim's: the same calls, the same answers."""

from __future__ import annotations

import itertools
import logging
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import Word2Vec

RULES: dict[str, Callable[..., int] | None] = {
    "none": None,
    "discard": lambda word, count, min_count: 1 if word.endswith("3") else 0,
    "keep": lambda word, count, min_count: 2 if word.endswith("7") else 0,
    "mixed": lambda word, count, min_count: ord(word[-1]) % 3 if count < 20 else 0,
}
TINY = [["a", "b", "c", "a"], ["d", "e", "a", "b"], ["f", "g"]] * 3


@pytest.fixture(scope="module")
def gensim() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("gensim.models.word2vec").Word2Vec


def corpus(n_sentences: int = 200, n_words: int = 150, seed: int = 0) -> list[list[str]]:
    """Words by Zipf's law, with many that tie."""
    rng = np.random.default_rng(seed)
    p = 1.0 / np.arange(1, n_words + 1)
    return [
        [f"w{i}" for i in rng.choice(n_words, rng.integers(0, 20), p=p / p.sum())]
        for _ in range(n_sentences)
    ]


def write(path: Path, sentences: list[list[str]]) -> str:
    path.write_text("".join(" ".join(s) + "\n" for s in sentences), encoding="utf-8")
    return str(path)


def same_words(ours: Any, theirs: Any) -> None:
    assert ours.wv.index_to_key == theirs.wv.index_to_key
    assert dict(ours.wv.key_to_index) == dict(theirs.wv.key_to_index)
    assert ours.wv.expandos["count"].tolist() == theirs.wv.expandos["count"].tolist()
    assert ours.effective_min_count == theirs.effective_min_count


def limit_without_ties() -> int:
    """Return a `max_final_vocab` whose last word has no equal: gensim drops all that tie."""
    counts = sorted(Counter(w for s in corpus() for w in s).values(), reverse=True)
    return next(n for n in range(30, 10, -1) if counts[n - 1] > counts[n])


@pytest.mark.parametrize("in_files", [False, True])
def test_limited_vocabularies_are_equal_without_ties(
    gensim: Any, tmp_path: Path, in_files: bool
) -> None:
    given = {"min_count": 2, "max_final_vocab": limit_without_ties(), "vector_size": 4}
    path = write(tmp_path / "t", corpus())
    theirs, ours = gensim(**given), Word2Vec(**given)
    for model in (theirs, ours):
        if in_files:
            model.build_vocab(corpus_file=path)
        else:
            model.build_vocab(corpus())
    same_words(ours, theirs)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("max_vocab_size", [None, 1, 20, 60])
@pytest.mark.parametrize(
    "parameters",
    [{"min_count": 1}, {"min_count": 4}, {"min_count": 1, "sorted_vocab": 0},
     {"min_count": 2, "null_word": 1}],
)  # fmt: skip
def test_vocabularies_are_equal(
    gensim: Any, tmp_path: Path, parameters: dict[str, int], max_vocab_size: int, rule: str
) -> None:
    sentences = corpus()
    given = {**parameters, "max_vocab_size": max_vocab_size, "vector_size": 4}
    for source in (
        {"corpus_iterable": sentences},
        {"corpus_file": write(tmp_path / "t", sentences)},
    ):
        theirs, ours = gensim(**given), Word2Vec(**given)
        for model in (theirs, ours):
            model.build_vocab(**source, trim_rule=RULES[rule], keep_raw_vocab=True)
        same_words(ours, theirs)
        assert list(ours.raw_vocab.items()) == list(theirs.raw_vocab.items())
        assert ours.corpus_total_words == theirs.corpus_total_words
        assert ours.corpus_count == theirs.corpus_count
        real = np.array(ours.wv.index_to_key) != "\0"  # gensim's null word has no threshold
        a, b = (model.wv.expandos["sample_int"][real] for model in (ours, theirs))
        assert np.allclose(a, b, rtol=0.02 if "null_word" in parameters else 1e-8, atol=1)
        assert np.allclose(ours.cum_table, theirs.cum_table, atol=1)
    assert ours.scan_vocab(sentences) == theirs.scan_vocab(sentences)


def test_step_by_step(gensim: Any) -> None:
    sentences = corpus()
    models = [new(vector_size=4, min_count=3) for new in (Word2Vec, gensim)]
    ours, theirs = models
    reports = []
    for model in models:
        scanned = model.scan_vocab(sentences)
        raw = dict(model.raw_vocab)
        dry = [
            model.prepare_vocab(dry_run=True, min_count=min_count, sample=sample)
            for min_count, sample in itertools.product((None, 1, 5, 10**6), (None, 0.05, 3))
        ]
        reports.append((scanned, raw, dry, model.prepare_vocab(keep_raw_vocab=True, min_count=2)))
        assert model.wv.vectors.shape == (0, 4)
        with pytest.raises(RuntimeError, match="you must initialize vectors"):
            model.train(sentences, total_examples=1, epochs=1)
        model.prepare_weights()
        reports[-1] += (model.estimate_memory(), model.estimate_memory(10), model.min_count)
    assert reports[0] == reports[1]
    same_words(ours, theirs)
    assert ours.wv.vectors.shape == theirs.wv.vectors.shape
    assert ours.syn1neg.shape == theirs.syn1neg.shape
    assert ours.wv.vectors_lockf.tolist() == theirs.wv.vectors_lockf.tolist() == [1.0]


def test_words_are_added_as_there(gensim: Any) -> None:
    first, second = corpus(), [*corpus(60, 400, seed=1), ["new"] * 9, ["rare"]]
    models = [new(vector_size=4, min_count=4) for new in (Word2Vec, gensim)]
    reports = []
    for model in models:
        model.build_vocab(first)
        before = model.wv.vectors.copy()
        model.scan_vocab(second)
        reports.append(model.prepare_vocab(update=True))
        model.prepare_weights(update=True)
        assert np.array_equal(model.wv.vectors[: len(before)], before)
        assert model.wv.vectors.shape == model.syn1neg.shape
        assert model.wv.vectors[len(before) :].any(axis=1).all()
        model.build_vocab(corpus(50, 30, seed=2), update=True)
        model.build_vocab_from_freq({"x": 5, "y": 3, "new": 4}, update=True)
    ours, theirs = models
    assert reports[0] == reports[1]
    same_words(ours, theirs)
    assert ours.corpus_count == theirs.corpus_count == 0


def test_tables_of_counts(gensim: Any) -> None:
    counts = {"x": 5, "y": 3, "z": 1, "w": 5}
    ours, theirs = (new(vector_size=4, min_count=2, hs=1) for new in (Word2Vec, gensim))
    for model in (ours, theirs):
        model.build_vocab_from_freq(counts, corpus_count=7, keep_raw_vocab=True)
        assert model.corpus_count == 7
        assert dict(model.raw_vocab) == counts
    same_words(ours, theirs)


def test_trees_are_as_short(gensim: Any) -> None:
    ours, theirs = (new(vector_size=4, min_count=1, hs=1) for new in (Word2Vec, gensim))
    for model in (ours, theirs):
        model.build_vocab(corpus())
    lengths = []
    for model in (ours, theirs):
        codes, points = model.wv.expandos["code"], model.wv.expandos["point"]
        assert all(len(code) == len(point) for code, point in zip(codes, points, strict=True))
        assert {code.dtype for code in codes} == {np.dtype(np.uint8)}
        assert {point.dtype for point in points} == {np.dtype(np.uint32)}
        assert {point[0] for point in points} == {len(model.wv) - 2}, "the root"
        lengths.append(
            int(sum(len(c) * n for c, n in zip(codes, model.wv.expandos["count"], strict=True)))
        )
    assert lengths[0] == lengths[1]
    assert np.array_equal(ours.wv.get_vecattr("w0", "code"), ours.wv.expandos["code"][0])


@pytest.mark.parametrize("sentences", [corpus(), TINY, [["a"]], [["a", "b"]] * 9 + [[]]])
def test_train_returns_the_same_totals(gensim: Any, sentences: list[list[str]]) -> None:
    for parameters in ({"sg": 1}, {"hs": 1, "negative": 0}, {"min_count": 2}):
        totals = []
        if parameters.get("hs") and sentences == [["a"]]:
            continue  # gensim never returns
        for new in (Word2Vec, gensim):
            model = new(**{"vector_size": 4, "min_count": 1, "sample": 0, **parameters})
            try:
                model.build_vocab(sentences)
                totals.append(model.train(iter(sentences), total_examples=len(sentences), epochs=1))
            except RuntimeError as error:
                totals.append(str(error)[:30])
        assert totals[0] == totals[1], parameters


def trained(new: Any, **parameters: Any) -> Any:
    given = {"vector_size": 8, "min_count": 1, "workers": 1, "seed": 3, **parameters}
    return new(corpus(100, 40), **given)


@pytest.mark.parametrize("cbow_mean", [0, 1])
def test_predicted_words(gensim: Any, cbow_mean: int) -> None:
    theirs = trained(gensim, cbow_mean=cbow_mean, alpha=0.1, epochs=20)
    ours = trained(Word2Vec, cbow_mean=cbow_mean)
    ours.wv.vectors[:] = theirs.wv.vectors
    ours.syn1neg = theirs.syn1neg
    for context in (["w1"], ["w1", "w2", "w2"], [0], ["w3", 1, "never"], ["w0", np.int64(3)]):
        for topn in (1, 5, 10**6, None):
            a, b = (m.predict_output_word(context, topn=topn) for m in (ours, theirs))
            assert np.allclose([p for _, p in a], [p for _, p in b], rtol=1e-4)
            assert [w for w, _ in a] == [w for w, _ in b]
    for either in (ours, theirs):
        assert either.predict_output_word(["never"]) is None
        assert either.predict_output_word([]) is None
        assert either.predict_output_word(["w1"], topn=0) == []
    assert ours.predict_output_word("w1") == ours.predict_output_word(["w1"])
    assert ours.predict_output_word(["w1", "w2"]) == ours.predict_output_word(
        ["w1", ours.wv.get_index("w2")]
    )


@pytest.mark.parametrize("parameters", [{"sg": 1}, {"sg": 0}, {"sg": 0, "cbow_mean": 0}])
def test_scores(gensim: Any, parameters: dict[str, int]) -> None:
    parameters = {"hs": 1, "negative": 0, "window": 3, **parameters}
    theirs = trained(gensim, **parameters)
    ours = trained(Word2Vec, **parameters, epochs=1)
    ours.wv.vectors[:] = theirs.wv.vectors
    # Equal counts allow other trees: gensim takes ours.
    theirs.wv.expandos["code"] = ours.wv.expandos["code"]
    theirs.wv.expandos["point"] = ours.wv.expandos["point"]
    ours.syn1 = theirs.syn1
    sentences = [*corpus(30, 50, seed=5), ["w1"], ["never"], ["w1", "never", "w2"], [], ["w1"] * 90]
    a, b = ours.score(sentences), theirs.score(sentences)
    assert a.dtype == b.dtype == np.float32
    assert a.shape == b.shape == (len(sentences),)
    assert np.allclose(a, b, rtol=0.03)  # gensim's logarithms are from a table
    assert a.min() < -10
    assert np.array_equal(ours.score(iter(sentences), total_sentences=4), a[:4])
    assert ours.score([]).shape == (0,)


def mistakes(model: Any, path: str) -> dict[str, Callable[[], object]]:
    """Calls that gensim refuses."""
    words, new = TINY, type(model)
    built = new(vector_size=4, min_count=1)
    built.build_vocab(words)
    hs = new(words, vector_size=4, min_count=1, hs=1, negative=0)
    return {
        "generator": lambda: new((s for s in words), min_count=1),
        "both": lambda: new(words, path),
        "no corpus": lambda: new([]),
        "filtered": lambda: new(words, min_count=100),
        "old name": lambda: new(words, size=4),
        "hs and negative": lambda: new(words, hs=0, negative=0, min_count=1),
        "unhashable": lambda: new([[["a"]]], min_count=1),
        "nothing": lambda: model.build_vocab(),
        "not iterable": lambda: model.build_vocab(5),
        "no sentence": lambda: model.build_vocab([5]),
        "no file": lambda: model.build_vocab(corpus_file="/nowhere/at/all"),
        "update first": lambda: model.build_vocab(words, update=True),
        "train first": lambda: new().train(words, total_examples=9, epochs=2),
        "no totals": lambda: built.train(words),
        "no epochs": lambda: built.train(words, total_examples=9),
        "epochs 0": lambda: built.train(words, total_examples=9, epochs=0),
        "epochs -1": lambda: built.train(words, total_words=9, epochs=-1),
        "train on nothing": lambda: built.train(total_examples=9, epochs=1),
        "train on both": lambda: built.train(words, path, total_words=9, epochs=1),
        "train on a number": lambda: built.train(5, total_examples=9, epochs=1),
        "generator in train": lambda: built.train((s for s in words), total_examples=9, epochs=2),
        "words of a file": lambda: built.train(corpus_file=path, total_examples=9, epochs=2),
        "file to train": lambda: built.train(corpus_file="/nowhere", total_words=9, epochs=2),
        "score first": lambda: new(hs=1).score(words),
        "score without hs": lambda: built.score(words),
        "predict without negative": lambda: hs.predict_output_word(["a"]),
        "predict first": lambda: new().predict_output_word(["a"]),
        "load on an instance": lambda: built.load(path),
    }


@pytest.mark.filterwarnings("ignore")
def test_mistakes_raise_what_gensim_raises(gensim: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "text", TINY)
    theirs = mistakes(gensim(vector_size=4, min_count=1), path)
    for name, call in mistakes(Word2Vec(vector_size=4, min_count=1), path).items():
        with pytest.raises(Exception) as expected:
            theirs[name]()
        with pytest.raises(expected.type) as raised:
            call()
        if "unhashable" in str(expected.value) or name in ("no sentence", "old name"):
            continue
        begin = str(expected.value)[:60].split(". If")[0]
        assert begin in str(raised.value), name


def log_of(action: Callable[[], object], caplog: pytest.LogCaptureFixture) -> list[str]:
    caplog.clear()
    action()
    return [record.getMessage() for record in caplog.records]


@pytest.mark.filterwarnings("ignore")
def test_log_has_gensims_lines(gensim: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    def session(new: Any) -> list[str]:
        model = new(vector_size=4, min_count=1, hs=1, workers=1, sample=0)
        found = log_of(lambda: model.build_vocab(TINY), caplog)
        found += log_of(lambda: model.train(TINY, total_examples=8, epochs=2), caplog)
        model.alpha = 0.1
        found += log_of(lambda: model.train(TINY, total_words=30, epochs=1), caplog)
        empty = new(vector_size=4, min_count=1)
        empty.build_vocab(TINY)
        found += log_of(lambda: empty.train(iter([]), total_words=30, epochs=1), caplog)
        found += log_of(lambda: new().build_vocab(["ab", "cd"] * 9), caplog)
        return found

    ours, theirs = session(Word2Vec), session(gensim)
    for begin in (
        "collecting all words and their counts",
        "collected 7 word types from a corpus of 30 raw words and 9 sentences",
        "estimated required memory for 7 words and 4 dimensions: 5236 bytes",
        "built huffman tree with maximum node depth",
        "Both hierarchical softmax and negative sampling are activated.",
        "EPOCH 0: training on 30 raw words (30 effective words) took",
        "EPOCH 0: supplied example count (9) did not equal expected count (8)",
        "EPOCH 1: supplied example count (9) did not equal expected count (8)",
        "Effective 'alpha' higher than previous training cycles",
        "train() called with an empty iterator",
        "EPOCH 0: supplied raw word count (0) did not equal expected count (30)",
        "Each 'sentences' item should be a list of words (usually unicode strings). First item "
        "here is instead plain <class 'str'>.",
    ):
        for lines in (ours, theirs):
            assert any(line.startswith(begin) for line in lines), (begin, lines)
    events = [line for line in theirs if "lifecycle event" in line and "effective_min" in line]
    for line in events:
        message = line[line.index("effective_min") : line.index(")'")]
        assert any(message in mine for mine in ours), message


def test_reset_from_another_model(gensim: Any) -> None:
    for new in (Word2Vec, gensim):
        source, target = new(vector_size=4, min_count=1), new(vector_size=6, min_count=1)
        source.build_vocab(TINY)
        target.build_vocab([["x", "y"]])
        target.reset_from(source)
        assert target.wv.key_to_index is source.wv.key_to_index
        assert target.wv.vectors.shape == target.syn1neg.shape == (7, 6)
        assert target.corpus_count == 9
        assert np.array_equal(target.cum_table, source.cum_table)


def test_a_row_that_is_locked_does_not_move_there_either(gensim: Any) -> None:
    """And one that is locked by half goes about half of gensim's way."""
    moved = []
    for new in (Word2Vec, gensim):
        model = new(vector_size=16, min_count=1, sg=1, sample=0, workers=1, alpha=0.05)
        model.build_vocab(corpus(100, 40))
        for factor in (1.0, 0.5, 0.0):
            fresh = new(vector_size=16, min_count=1, sg=1, sample=0, workers=1, alpha=0.05)
            fresh.build_vocab(corpus(100, 40))
            fresh.wv.vectors_lockf = np.ones(len(fresh.wv), np.float32)
            fresh.wv.vectors_lockf[0] = factor
            start = fresh.wv.vectors.copy()
            fresh.train(corpus(100, 40), total_examples=100, epochs=1)
            moved.append(float(np.linalg.norm(fresh.wv.vectors[0] - start[0])))
            assert np.abs(fresh.wv.vectors - start)[1:].any(axis=1).all()
    ours, theirs = moved[:3], moved[3:]
    assert ours[2] == theirs[2] == 0
    assert ours[1] / ours[0] == pytest.approx(theirs[1] / theirs[0], rel=0.2)


def test_training_moves_like_gensims(gensim: Any) -> None:
    """Lengths and cosines after the same training on words that fall in two groups."""
    rng = np.random.default_rng(0)
    sentences = [[f"{g}{i}" for i in rng.integers(0, 20, 12)] for g in "ab" * 300]
    for parameters in ({"sg": 1}, {"sg": 0}, {"sg": 1, "hs": 1, "negative": 0}):
        gaps = []
        for new in (Word2Vec, gensim):
            wv = new(sentences, vector_size=16, min_count=1, sample=0, workers=1, alpha=0.05,
                     **parameters).wv  # fmt: skip
            inside = wv.n_similarity([f"a{i}" for i in range(10)], [f"a{i}" for i in range(10, 20)])
            across = wv.n_similarity([f"a{i}" for i in range(10)], [f"b{i}" for i in range(10)])
            gaps.append(inside - across)
        assert gaps[0] > 0.8 * gaps[1] > 0.1, parameters


@pytest.mark.parametrize("parameters", [{}, {"sg": 1, "hs": 1}, {"hs": 1, "negative": 0}])
def test_gensims_models_can_be_taken_over(
    gensim: Any, tmp_path: Path, parameters: dict[str, int]
) -> None:
    theirs = trained(gensim, window=3, **parameters)
    theirs.save(str(tmp_path / "theirs"))
    for source in (theirs, tmp_path / "theirs"):
        ours = Word2Vec.from_gensim(source)
        same_words(ours, theirs)
        assert np.array_equal(ours.wv.vectors, theirs.wv.vectors)
        assert (ours.window, ours.hs, ours.corpus_count) == (3, theirs.hs, 100)
        if ours.negative:
            assert np.array_equal(ours.syn1neg, theirs.syn1neg)
            a, b = (m.predict_output_word(["w1", "w2"]) for m in (ours, theirs))
            assert [word for word, _ in a] == [word for word, _ in b]
        ours.train(corpus(100, 40), total_examples=100, epochs=1)
        ours.save(tmp_path / "ours")
        assert np.array_equal(Word2Vec.load(tmp_path / "ours").wv.vectors, ours.wv.vectors)
    # Counts that are powers of 2 leave the tree no choice.
    theirs = gensim(hs=1, negative=0, min_count=1, vector_size=4)
    theirs.build_vocab_from_freq({f"w{i}": 2**i for i in range(10)})
    theirs.syn1[:] = np.random.default_rng(0).random(theirs.syn1.shape)
    if all(np.array_equal(a, b) for a, b in zip(
        Word2Vec.from_gensim(theirs).wv.expandos["code"], theirs.wv.expandos["code"], strict=True
    )):  # fmt: skip
        assert np.array_equal(Word2Vec.from_gensim(theirs).syn1, theirs.syn1)
    with pytest.raises(TypeError, match="is no Word2Vec"):
        Word2Vec.from_gensim(theirs.wv)
