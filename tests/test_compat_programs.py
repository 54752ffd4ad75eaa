"""What programs that use gensim look at beside its names: classes, loggers, files, test texts."""

from __future__ import annotations

import copy
import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fastw2v
from fastw2v import compat
from fastw2v.compat import identity, legacy, served

pytestmark = [
    pytest.mark.filterwarnings("ignore:made from gensim's classes:UserWarning"),
    pytest.mark.usefixtures("uninstalled"),
]

ROOT = Path(__file__).parents[1]
SENTENCES = [["a", "b", "c", "d"] * 3, ["b", "a", "e"]] * 10
SIZES: dict[str, Any] = {"vector_size": 4, "min_count": 1, "epochs": 1, "workers": 1}


@pytest.fixture(params=["install", "legacy", "stub"])
def models(request: pytest.FixtureRequest) -> Any:
    """gensim.models with our names, in each way."""
    if request.param == "stub":
        compat.install_stub(force=True)
    else:
        pytest.importorskip("gensim")
        compat.install(legacy=request.param == "legacy")
    import gensim.models

    return gensim.models


# ---- classes


def test_the_vectors_of_a_model_are_of_the_class_that_the_name_gives(
    models: Any, tmp_path: Path
) -> None:
    model = models.Word2Vec(SENTENCES, **SIZES)
    later = models.Word2Vec(**SIZES)
    later.build_vocab(SENTENCES)
    model.save(tmp_path / "model")
    loaded = models.Word2Vec.load(tmp_path / "model")
    given = models.Word2Vec(SENTENCES, **SIZES)
    given.wv = fastw2v.KeyedVectors.load(tmp_path / "model")

    class Mine(models.Word2Vec):  # type: ignore[misc]
        pass

    for each in (
        model, later, loaded, given, Mine(SENTENCES, **SIZES), copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)), models.Word2Vec.from_gensim(model),
    ):  # fmt: skip
        assert type(each.wv) == models.KeyedVectors  # noqa: E721 (KeyBERT compares so)
        assert type(each.wv) is models.keyedvectors.Word2VecKeyedVectors
        assert "gensim" in str(type(each.wv)) and type(each.wv).__module__.startswith("gensim.")
    assert type(model) is models.Word2Vec and "gensim" in str(type(model))
    vectors = model.wv
    for table in (
        models.KeyedVectors.load(tmp_path / "model"),
        vectors.vectors_for_all(["a", "b"]),
        copy.copy(vectors),
    ):
        assert type(table) is models.KeyedVectors
    # A class of the program's own stays what it is.
    theirs = type("Theirs", (models.KeyedVectors,), {})(4)
    given.wv = theirs
    assert type(given.wv) is type(theirs)


def test_classes_say_gensim_only_while_they_stand_for_it(models: Any) -> None:
    classes = models.Word2Vec, models.KeyedVectors
    assert [f"{cls.__module__}.{cls.__qualname__}" for cls in classes] == [
        "gensim.models.word2vec.Word2Vec",
        "gensim.models.keyedvectors.KeyedVectors",
    ]
    assert "gensim" not in str(fastw2v.Word2Vec) + str(fastw2v.KeyedVectors)
    compat.uninstall()
    for cls in classes:
        assert cls.__module__ in ("fastw2v.compat.served", "fastw2v.compat.legacy")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_of_our_objects_name_us(models: Any, protocol: int, tmp_path: Path) -> None:
    model = models.Word2Vec(SENTENCES, **SIZES)
    data = pickle.dumps([model, models.KeyedVectors], protocol)
    assert pickle.loads(data)[1] is models.KeyedVectors
    slow = pickle._dumps([model, models.KeyedVectors], protocol)  # type: ignore[attr-defined]
    (tmp_path / "pickle").write_bytes(data)
    (tmp_path / "slow").write_bytes(slow)
    compat.uninstall()
    code = (
        "import pickle, sys\n"
        "for name in sys.argv[1:]:\n"
        "    model, vectors = pickle.load(open(name, 'rb'))\n"
        "    assert type(model.wv) is vectors and vectors.__module__.startswith('fastw2v.')\n"
        "    assert 'gensim' not in sys.modules\n"
        "print(model.wv['a'].tolist())\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, tmp_path / "pickle", tmp_path / "slow"],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.strip() == str(model.wv["a"].tolist()), done.stderr


def test_pickles_of_a_program_with_a_state_of_its_own(models: Any) -> None:
    table = Kept(4)
    table.add_vectors(["a"], np.ones((1, 4)))
    for other in (pickle.loads(pickle.dumps(table)), copy.deepcopy(table)):
        assert type(other) is Kept and other["a"].tolist() == [1, 1, 1, 1]


class Kept(served.KeyedVectors):
    def __getstate__(self) -> Any:
        return dict(vars(self))


# ---- loggers


class Seen(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def names(self) -> set[str]:
        return {record.name for record in self.records}


@pytest.fixture
def seen() -> Iterator[dict[str, Seen]]:
    names = ("", "gensim", "gensim.models.word2vec", "gensim.models.keyedvectors", "fastw2v")
    handlers = {name: Seen() for name in names}
    levels = {name: logging.getLogger(name).level for name in names}
    for name, handler in handlers.items():
        logging.getLogger(name).addHandler(handler)
    yield handlers
    for name, handler in handlers.items():
        logging.getLogger(name).removeHandler(handler)
        logging.getLogger(name).setLevel(levels[name])


def work(models: Any, directory: Path) -> None:
    model = models.Word2Vec(SENTENCES, **SIZES)
    model.wv.save(directory / "kv")
    models.Phrases(SENTENCES, min_count=1, threshold=1)


def test_what_is_logged_is_gensims(models: Any, seen: dict[str, Seen], tmp_path: Path) -> None:
    logging.getLogger("gensim").setLevel(logging.INFO)
    work(models, tmp_path)
    expected = {
        "gensim.models.word2vec", "gensim.models.keyedvectors", "gensim.models.phrases",
        "gensim.utils",
    }  # fmt: skip
    assert seen["gensim"].names == seen[""].names == expected
    assert seen["gensim.models.word2vec"].names == {"gensim.models.word2vec"}
    assert seen["gensim.models.keyedvectors"].names == {"gensim.models.keyedvectors"}
    # Each message comes once, where programs that print everything listen.
    texts = [r.getMessage() for r in seen[""].records if "collected 5 word types" in r.getMessage()]
    assert len(texts) == 1


@pytest.mark.parametrize("how", ["level", "parent's level", "disabled", "filter", "raised"])
def test_programs_silence_gensims_loggers(
    models: Any, seen: dict[str, Seen], tmp_path: Path, how: str
) -> None:
    logging.getLogger().setLevel(logging.DEBUG)
    target = logging.getLogger("gensim.models.word2vec")
    refuse = lambda record: False  # noqa: E731
    if how == "level":
        target.setLevel(logging.CRITICAL)
    elif how == "parent's level":
        logging.getLogger("gensim").setLevel(logging.CRITICAL)
    elif how == "disabled":
        target.disabled = True
    elif how == "filter":
        target.addFilter(refuse)
    else:
        target.setLevel(logging.CRITICAL)
        target.setLevel(logging.NOTSET)
    work(models, tmp_path)
    target.disabled = False
    target.removeFilter(refuse)
    target.setLevel(logging.NOTSET)
    logging.getLogger().setLevel(logging.WARNING)
    assert ("gensim.models.word2vec" in seen[""].names) == (how == "raised")
    assert ("gensim.models.keyedvectors" in seen[""].names) == (how != "parent's level")


def test_loggers_are_ours_again_afterwards(
    models: Any, seen: dict[str, Seen], tmp_path: Path
) -> None:
    compat.uninstall()
    logging.getLogger("fastw2v").setLevel(logging.INFO)
    work(fastw2v, tmp_path)
    logging.getLogger("fastw2v").setLevel(logging.NOTSET)
    assert not seen["gensim"].records
    assert seen["fastw2v"].names == seen[""].names == set(identity.LOGGERS)
    for name in identity.LOGGERS:
        assert not logging.getLogger(name).filters


def test_every_logger_has_a_counterpart() -> None:
    for path in (ROOT / "fastw2v").rglob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "getLogger(" in line and "cli" not in path.parts and "compat" not in path.parts:
                assert any(f'"{name}"' in line for name in identity.LOGGERS), (path, line)


# ---- files that gensim's other classes saved


def other_models(gensim: Any) -> list[Any]:
    from gensim.models.doc2vec import Doc2Vec, TaggedDocument

    documents = [TaggedDocument(words, [n]) for n, words in enumerate(SENTENCES)]
    fasttext = gensim.models.FastText(SENTENCES, bucket=50, **SIZES)
    return [fasttext, fasttext.wv, Doc2Vec(documents, **SIZES)]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("old", [False, True])
def test_files_of_gensims_other_classes_are_loaded_by_gensim(
    gensim: Any, tmp_path: Path, when: str, old: bool
) -> None:
    if when == "after":
        compat.install(legacy=old)
    saved = []
    for number, model in enumerate(other_models(gensim)):
        for suffix in ("", ".gz", ".bz2"):
            path = str(tmp_path / f"{number}{suffix}")
            model.save(path)
            saved.append((model, path))
    assert Path(saved[1][1]).read_bytes()[:2] == b"\x1f\x8b"
    assert Path(saved[2][1]).read_bytes()[:2] == b"BZ"
    compat.install(legacy=old)
    for model, path in saved:
        loaders = [gensim.models.KeyedVectors]
        if hasattr(model, "wv"):
            loaders = [gensim.models.Word2Vec]
        for loader in loaders:
            for name in (path, Path(path)):
                found = loader.load(name)
                assert type(found) is type(model)
                theirs, ours = (getattr(m, "wv", m) for m in (model, found))
                np.testing.assert_array_equal(ours["a"], theirs["a"])
    unknown = gensim.models.KeyedVectors.load(saved[3][1], mmap="r")
    np.testing.assert_array_equal(unknown["abcd"], saved[3][0]["abcd"])
    with pytest.raises(AttributeError, match="on a class object"):
        gensim.models.Word2Vec(**SIZES).load(saved[0][1])


def test_pickles_of_classes_that_we_have_are_still_refused(gensim: Any, tmp_path: Path) -> None:
    theirs = gensim.models.Word2Vec(SENTENCES, **SIZES)
    theirs.save(str(tmp_path / "model"))
    theirs.wv.save(str(tmp_path / "kv"))
    (tmp_path / "harmful").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    (tmp_path / "numbers").write_bytes(pickle.dumps([1, 2]))
    (tmp_path / "broken").write_bytes(pickle.dumps(theirs)[:9])
    (tmp_path / "text").write_text("2 2\na 1 2\n")
    compat.install()
    for name in ("model", "kv", "harmful", "numbers", "broken", "text"):
        for loader in (gensim.models.Word2Vec, gensim.models.KeyedVectors):
            with pytest.raises(fastw2v.FormatError):
                loader.load(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        gensim.models.KeyedVectors.load(tmp_path / "none")


def test_a_conversion_says_what_it_loses(gensim: Any) -> None:
    fasttext = other_models(gensim)[0]
    with pytest.warns(UserWarning, match="n-grams of .*FastText.* are left out"):
        vectors = fastw2v.convert.from_gensim(fasttext)
    assert vectors.index_to_key == fasttext.wv.index_to_key


# ---- phrases of gensim 3


TEXT = [["bank", "of", "america", "in", "new", "york"], ["new", "york", "café", "au", "lait"]] * 4


@pytest.mark.parametrize("words", [[b"of"], [b"of", "au"], {"of", b"au"}, [b"of", "of"]])
def test_connector_words_may_be_bytes(words: Any) -> None:
    for phrases in (
        fastw2v.Phrases(TEXT, 1, 0.1, connector_words=words),
        legacy.Phrases(TEXT, 1, 0.1, common_terms=words),
    ):
        assert "of" in phrases.connector_words
        assert phrases[TEXT[0]][0] == "bank_of_america"
        assert pickle.loads(pickle.dumps(phrases))[TEXT[0]][0] == "bank_of_america"
    with pytest.raises(TypeError, match="connector_words must be an iterable of str, got 3"):
        fastw2v.Phrases(connector_words=["of", 3])  # type: ignore[list-item]


def test_old_phrases_have_bytes() -> None:
    assert not hasattr(fastw2v.Phrases(), "common_terms")
    compat.install_stub(legacy=True, force=True)
    from gensim import models

    phrases = models.Phrases(TEXT, min_count=1, threshold=0.1, common_terms=["of"])
    new = fastw2v.Phrases(TEXT, min_count=1, threshold=0.1, connector_words=["of"])
    assert phrases.common_terms == {b"of"} and phrases.delimiter == new.delimiter == "_"
    assert dict(phrases.vocab) == {word.encode(): n for word, n in new.vocab.items()}
    assert phrases.vocab[b"new_york"] == phrases.vocab["new_york"] == 8
    assert phrases.vocab[b"nothing"] == 0 and b"nothing" not in phrases.vocab
    assert phrases.vocab["café".encode()] == 4 and "café" in phrases.vocab
    del phrases.vocab[b"au_lait"]
    phrases.vocab[b"new"] += 1
    assert b"au_lait" not in phrases.vocab and phrases.vocab[b"new"] == 9
    assert "au_lait" not in phrases[TEXT[1]]
    phrases.vocab = dict(phrases.vocab)
    assert len(phrases.vocab) == len(new.vocab) - 1

    found = list(new.analyze_sentence(TEXT[0]))
    expected = [(text.replace("_", " ").encode(), s) for text, s in found if s is not None]
    again = models.Phrases(TEXT, min_count=1, threshold=0.1, common_terms=[b"of"])
    assert list(again.export_phrases(TEXT[:1])) == expected
    assert expected[0][0] == b"bank of america"
    parts = [words for words, _ in again.export_phrases(TEXT[:1], as_tuples=True)]
    assert parts[0] == (b"bank", b"of", b"america")
    assert [b" ".join(words) for words in parts] == [phrase for phrase, _ in expected]
    assert len(list(again.export_phrases(TEXT * 3, b"+"))) == 3 * len(
        list(again.export_phrases(TEXT))
    ) >= 24  # fmt: skip
    assert next(again.export_phrases(TEXT, b"+"))[0] == b"bank+of+america"
    assert again.export_phrases() == new.export_phrases()
    # A word with the delimiter in it.
    odd = models.Phrases([["a_b", "c"]] * 3, min_count=1, threshold=0.1)
    assert [words for words, _ in odd.export_phrases([["a_b", "c"]], as_tuples=True)] == [
        (b"a_b", b"c")
    ]

    phraser = models.phrases.Phraser(again)
    frozen = fastw2v.FrozenPhrases(new)
    assert phraser.common_terms == {b"of"}
    assert {b"_".join(p).decode(): s for p, s in phraser.phrasegrams.items()} == frozen.phrasegrams
    assert phraser.phrasegrams[b"bank", b"of", b"america"] == frozen.phrasegrams["bank_of_america"]
    assert phraser[TEXT[0]] == frozen[TEXT[0]]
    phraser.phrasegrams = {(b"new", b"york"): 3.0}
    assert phraser[TEXT[0]][-1] == "new_york" and phraser[TEXT[0]][0] == "bank"
    other = pickle.loads(pickle.dumps(phraser))
    assert other.phrasegrams == {(b"new", b"york"): 3.0} and other[TEXT[0]] == phraser[TEXT[0]]


# ---- gensim.test.utils


def test_the_stub_has_texts_and_temporary_files() -> None:
    compat.install_stub(force=True)
    from gensim.models import Word2Vec
    from gensim.test.utils import common_texts, datapath, get_tmpfile, temporary_file

    model = Word2Vec(sentences=common_texts, vector_size=10, window=5, min_count=2, workers=4)
    words = "human interface computer survey user system response time trees graph minors eps"
    assert set(model.wv.index_to_key) == set(words.split())
    path = Path(get_tmpfile("word2vec.model"))
    assert path.parent.is_dir() and not path.exists()
    model.save(str(path))
    assert Word2Vec.load(str(path)).wv["computer"].shape == (10,)
    path.unlink()
    path.parent.rmdir()
    with temporary_file("vectors.txt") as name:
        model.wv.save_word2vec_format(name)
        assert Path(name).exists()
    assert not Path(name).parent.exists()
    with pytest.raises(FileNotFoundError, match=r"'euclidean_vectors\.bin' is a test file of gen"):
        datapath("euclidean_vectors.bin")
    with pytest.raises(ImportError, match=r"gensim\.test\.utils\.common_corpus is not there"):
        from gensim.test.utils import common_corpus  # noqa: F401
