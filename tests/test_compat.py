"""fastw2v.compat: gensim's names give ours, gensim itself goes on, and all of it can be undone."""

from __future__ import annotations

import copyreg
import gc
import importlib
import importlib.metadata
import os
import pickle
import re
import subprocess
import sys
import threading
import types
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

import fastw2v
from fastw2v import compat
from fastw2v.compat import legacy, names, running, served, stub

# Classes that other tests made from gensim's.
pytestmark = [
    pytest.mark.filterwarnings("ignore:made from gensim's classes:UserWarning"),
    pytest.mark.usefixtures("uninstalled"),
]

ROOT = Path(__file__).parents[1]
SENTENCES = [["a", "b", "c", "d"] * 3, ["b", "a", "e"]] * 10

# A gensim that is not to be found, whether it is installed or not.
HIDE = """
import sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "gensim":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hide())
"""


def python(*arguments: str, hidden: Path | None = None, fails: bool = False) -> str:
    """Run python in this tree, without gensim if a directory for that is given."""
    path = [str(ROOT)]
    if hidden is not None:
        (hidden / "sitecustomize.py").write_text(HIDE, encoding="utf-8")
        path.insert(0, str(hidden))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        cwd=hidden or ROOT,
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stderr if fails else done.stdout


def module_of(code: str, name: str) -> types.ModuleType:
    """Make a module as an import would, and leave it in sys.modules."""
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(code, vars(module))
    return module


@pytest.fixture
def client() -> Iterator[Any]:
    """Make modules that are forgotten after the test."""
    made: list[str] = []

    def make(code: str) -> Any:
        made.append(f"compat_client_{len(made)}")
        return module_of(code, made[-1])

    yield make
    for name in made:
        del sys.modules[name]


IMPORTS = """
import gensim, gensim.models, gensim.models.word2vec as w2v
from gensim.models import KeyedVectors, Phrases, Word2Vec
from gensim.models.callbacks import CallbackAny2Vec
from gensim.models.keyedvectors import Word2VecKeyedVectors
from gensim.models.phrases import Phraser
from gensim.models.word2vec import LineSentence, Text8Corpus
from gensim.models.word2vec import Word2Vec as Renamed
from gensim.utils import simple_preprocess
NAMES = [
    KeyedVectors, Phrases, Word2Vec, CallbackAny2Vec, Word2VecKeyedVectors, Phraser, LineSentence,
    Text8Corpus, Renamed, simple_preprocess,
]
"""
OURS = [
    served.KeyedVectors, fastw2v.Phrases, served.Word2Vec, fastw2v.CallbackAny2Vec,
    served.KeyedVectors, fastw2v.Phraser, fastw2v.LineSentence, fastw2v.Text8Corpus,
    served.Word2Vec, fastw2v.simple_preprocess,
]  # fmt: skip
AGAIN = """
NAMES = [
    KeyedVectors, Phrases, Word2Vec, CallbackAny2Vec, Word2VecKeyedVectors, Phraser, LineSentence,
    Text8Corpus, Renamed, simple_preprocess,
]
"""


def test_modules_get_our_names_whether_they_import_before_or_after(
    gensim: Any, client: Any
) -> None:
    early = client(IMPORTS)
    theirs = early.NAMES
    compat.install()
    late = client(IMPORTS)
    exec(AGAIN, vars(early))
    assert late.NAMES == early.NAMES == OURS
    for module in (early, late):
        assert module.gensim.models.Word2Vec is served.Word2Vec
        assert module.w2v.Word2Vec is served.Word2Vec
        assert "Word2Vec" in dir(module.w2v)
    compat.uninstall()
    exec(AGAIN, vars(early))
    assert theirs == early.NAMES
    assert theirs == client(IMPORTS).NAMES
    exec(AGAIN, vars(late))
    assert late.NAMES == OURS


def state_of_gensim() -> dict[str, Any]:
    modules = {n: m for n, m in sys.modules.items() if n.split(".")[0] == "gensim"}
    return {
        "modules": modules,
        "classes": {name: type(module) for name, module in modules.items()},
        "names": {name: dict(vars(module)) for name, module in modules.items()},
        "reducers": dict(copyreg.dispatch_table),
        "path": list(sys.meta_path),
    }


@pytest.mark.parametrize("how", ["install", "legacy", "stub", "twice"])
def test_everything_is_undone(gensim: Any, how: str) -> None:
    before = state_of_gensim()
    if how == "stub":
        compat.install_stub(force=True)
        assert importlib.import_module("gensim.models") is not gensim.models
    else:
        compat.install(legacy=how == "legacy")
        assert gensim.models.Word2Vec is not before["names"]["gensim.models"]["Word2Vec"]
    if how == "twice":
        during = state_of_gensim()
        compat.install()
        assert state_of_gensim() == during
        compat.install(legacy=True)
        compat.install()
    # What gensim's own code sees has not changed.
    if how != "stub":
        assert state_of_gensim()["names"] == before["names"]
    compat.uninstall()
    assert state_of_gensim() == before
    compat.uninstall()
    assert state_of_gensim() == before


def test_what_a_program_binds_itself_is_left_alone(
    gensim: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = client("from gensim.models import Word2Vec")
    theirs = module.Word2Vec
    monkeypatch.setattr(gensim.utils, "simple_preprocess", gensim.utils.simple_preprocess)
    compat.install()
    module.Word2Vec = "mine"
    gensim.utils.simple_preprocess = "patched"
    with mock.patch("gensim.models.word2vec.Word2Vec") as patched:
        assert gensim.models.word2vec.Word2Vec is patched
    assert gensim.models.word2vec.Word2Vec is served.Word2Vec
    compat.uninstall()
    assert module.Word2Vec == "mine"
    assert gensim.utils.simple_preprocess == "patched"
    assert gensim.models.word2vec.Word2Vec is theirs


def test_a_block_restores_what_was_there(gensim: Any) -> None:
    theirs = gensim.models.Word2Vec
    with compat.installed():
        assert gensim.models.Word2Vec is served.Word2Vec
        with compat.installed(legacy=True):
            assert gensim.models.Word2Vec is legacy.Word2Vec
        assert gensim.models.Word2Vec is served.Word2Vec
        with compat.installed():
            pass
        assert gensim.models.Word2Vec is served.Word2Vec
    assert gensim.models.Word2Vec is theirs
    with pytest.raises(KeyError), compat.installed():
        raise KeyError
    assert gensim.models.Word2Vec is theirs


def test_classes_made_before_are_named_in_a_warning(gensim: Any, client: Any) -> None:
    module = client(
        "from gensim.models import Word2Vec\n"
        "class Mine(Word2Vec):\n"
        "    pass\n"
    )  # fmt: skip
    with pytest.warns(UserWarning, match=r"before .*install\(\).*Mine"):
        compat.install()
    assert module.Mine.__mro__[1] is not module.Word2Vec
    assert module.Word2Vec is served.Word2Vec
    # A class is forgotten with the garbage, and would warn again.
    compat.uninstall()
    del module.Mine
    gc.collect()


def test_threads_install_once_and_train(gensim: Any) -> None:
    before = state_of_gensim()
    models: list[Any] = []

    def work() -> None:
        compat.install()
        models.append(gensim.models.Word2Vec(SENTENCES, min_count=1, vector_size=4, workers=1))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(model) for model in models] == [served.Word2Vec] * 8
    for model in models:
        np.testing.assert_array_equal(model.wv.vectors, models[0].wv.vectors)
    compat.uninstall()
    assert state_of_gensim() == before


def gensims_models(gensim: Any) -> list[Any]:
    from gensim.models.doc2vec import Doc2Vec, TaggedDocument

    documents = [TaggedDocument(words, [n]) for n, words in enumerate(SENTENCES)]
    sizes: dict[str, Any] = {"vector_size": 4, "min_count": 1, "epochs": 1, "workers": 1}
    fasttext = gensim.models.FastText(SENTENCES, bucket=50, **sizes)
    return [fasttext, Doc2Vec(documents, **sizes)]


def test_gensims_other_models_train_save_and_load(gensim: Any, tmp_path: Path) -> None:
    their_vectors = gensim.models.KeyedVectors
    compat.install()
    for model in gensims_models(gensim):
        path = str(tmp_path / type(model).__name__)
        model.save(path)
        assert b"fastw2v" not in Path(path).read_bytes()
        copies = [type(model).load(path), pickle.loads(pickle.dumps(model))]
        for copy in copies:
            np.testing.assert_array_equal(copy.wv["a"], model.wv["a"])
            copy.train(model_corpus(copy), total_examples=20, epochs=1)
        if not isinstance(model, gensim.models.FastText):  # whose file lacks what load adds
            copies.append(pickle.loads(Path(path).read_bytes()))
        for copy in copies:
            assert type(copy) is type(model)
            assert type(copy.wv) is type(model.wv)
    compat.uninstall()
    # What gensim wrote while our names were there is gensim's.
    assert type(gensim.models.Doc2Vec.load(path).wv) is their_vectors


def model_corpus(model: Any) -> Any:
    from gensim.models.doc2vec import Doc2Vec, TaggedDocument

    if isinstance(model, Doc2Vec):
        return [TaggedDocument(words, [n]) for n, words in enumerate(SENTENCES)]
    return SENTENCES


def test_isinstance_knows_both(gensim: Any) -> None:
    sizes: dict[str, Any] = {"vector_size": 4, "min_count": 1, "epochs": 1, "workers": 1}
    theirs = gensim.models.Word2Vec(SENTENCES, **sizes)
    plain = fastw2v.Word2Vec(SENTENCES, **sizes)
    compat.install()
    fasttext, _ = gensims_models(gensim)
    ours = gensim.models.Word2Vec(SENTENCES, **sizes)
    for model in (theirs, plain, ours, fasttext):
        assert isinstance(model, gensim.models.Word2Vec)
        assert isinstance(model, gensim.models.word2vec.Word2Vec)
        assert isinstance(model.wv, gensim.models.KeyedVectors)
        assert isinstance(model.wv, gensim.models.keyedvectors.Word2VecKeyedVectors)
        assert not isinstance(model, gensim.models.KeyedVectors)

    class Mine(gensim.models.Word2Vec):
        pass

    assert isinstance(Mine(**sizes), gensim.models.Word2Vec)
    assert not isinstance(ours, Mine) and not isinstance(theirs, Mine)
    assert not isinstance(ours, gensim.models.FastText)


def test_pickles_of_our_objects_are_read_without_gensim(gensim: Any, tmp_path: Path) -> None:
    compat.install()
    model = gensim.models.Word2Vec(SENTENCES, vector_size=4, min_count=1, workers=1)
    vectors = gensim.models.KeyedVectors(3)
    vectors.add_vectors(["a", "b"], np.eye(2, 3, dtype=np.float32))
    (tmp_path / "pickle").write_bytes(pickle.dumps([model, vectors]))
    code = (
        "import pickle, sys\n"
        "from pathlib import Path\n"
        "model, vectors = pickle.loads(Path(sys.argv[1]).read_bytes())\n"
        "assert vectors['b'].tolist() == [0, 1, 0], vectors\n"
        "assert 'gensim' not in sys.modules\n"
        "print(model.wv['a'].tolist())\n"
    )
    printed = python("-c", code, str(tmp_path / "pickle"), hidden=tmp_path)
    assert printed.strip() == str(model.wv["a"].tolist())


def test_install_says_what_to_do_without_gensim(tmp_path: Path) -> None:
    code = "import fastw2v.compat; fastw2v.compat.install()"
    assert "install_stub() answers" in python("-c", code, hidden=tmp_path, fails=True)


STUB = """
import importlib.metadata
import fastw2v.compat
fastw2v.compat.install_stub()
import gensim
import gensim.models.word2vec as w2v
from gensim import utils
from gensim.models import KeyedVectors, Phrases, Word2Vec, callbacks, keyedvectors
from gensim.models.phrases import ENGLISH_CONNECTOR_WORDS, Phraser
from gensim.utils import RULE_KEEP, simple_preprocess
assert gensim.__version__ == importlib.metadata.version("gensim") == "4.4.0"
assert gensim.models.word2vec is w2v and w2v.Word2Vec is Word2Vec and w2v.FAST_VERSION >= 0
assert keyedvectors.KeyedVectors is KeyedVectors
model = Word2Vec([["a", "b"]] * 9, min_count=1, vector_size=4, workers=1)
assert isinstance(model, Word2Vec) and isinstance(model.wv, KeyedVectors)
fastw2v.compat.install()
assert gensim.models.Word2Vec is Word2Vec
with fastw2v.compat.installed():
    pass
assert gensim.models.Word2Vec is Word2Vec
fastw2v.compat.uninstall()
try:
    importlib.metadata.version("gensim")
    import gensim
except ImportError as error:  # PackageNotFoundError is one, too
    print("gone")
"""


def test_the_stub_is_a_gensim_where_there_is_none(tmp_path: Path) -> None:
    assert python("-c", STUB, hidden=tmp_path).split() == ["gone"]


def test_the_stub_names_what_it_lacks() -> None:
    compat.install_stub(force=True)
    import gensim.models.word2vec

    for statement, lacking in (
        ("import gensim.downloader", "gensim.downloader"),
        ("from gensim.models import FastText", "gensim.models.FastText"),
        ("from gensim.models.doc2vec import Doc2Vec", "gensim.models.doc2vec"),
        ("from gensim.models.word2vec import train_batch_sg", "word2vec.train_batch_sg"),
        ("from gensim import corpora", "gensim.corpora"),
    ):
        with pytest.raises(ImportError, match=re.escape(lacking) + " is not there: gensim is not"):
            exec(statement)
    with pytest.raises(AttributeError, match=r"gensim\.models\.FastText is not there"):
        _ = gensim.models.FastText
    assert not hasattr(gensim, "similarities")


def test_what_the_stub_lacks_can_be_put_off() -> None:
    compat.install_stub(force=True, defer=True)
    from gensim.models import Word2Vec
    from gensim.models.doc2vec import Doc2Vec
    from gensim.similarities.annoy import AnnoyIndexer

    class Mine(Doc2Vec):  # type: ignore[misc]
        pass

    assert Word2Vec is served.Word2Vec
    assert not isinstance(3, Doc2Vec)
    for use in (Doc2Vec, lambda: Mine(1), lambda: Doc2Vec.load("x"), lambda: AnnoyIndexer(1, 2)):
        with pytest.raises(NotImplementedError, match=r"gensim\.(models|similarities).* was used"):
            use()


def test_the_stub_leaves_an_installed_gensim_alone_unless_forced(gensim: Any) -> None:
    version = importlib.metadata.version("gensim")
    with pytest.raises(RuntimeError, match=r"gensim is installed \(.*install\(\)"):
        compat.install_stub()
    assert not stub.is_installed()
    compat.install_stub(force=True)
    assert importlib.metadata.version("gensim") == names.GENSIM_VERSION
    compat.uninstall()
    assert importlib.metadata.version("gensim") == version


SCRIPT = """
import sys
from gensim.models import Word2Vec

def fail():
    raise ValueError("from the program")

if __name__ == "__main__":
    main = sys.modules["__main__"]
    print(main.fail is fail, __file__, __spec__ and __spec__.name, sys.path[0])
    print(sys.argv, Word2Vec.HOME)
    if sys.argv[1:] == ["fail"]:
        fail()
    if sys.argv[1:] == ["exit"]:
        sys.exit(7)
"""


@pytest.mark.parametrize("arguments", [(), ("--legacy", "x"), ("fail",), ("exit",)])
def test_a_script_runs_as_python_runs_it(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "sitecustomize.py").write_text(HIDE, encoding="utf-8")
    (tmp_path / "program.py").write_text(SCRIPT, encoding="utf-8")
    # What it would print, with a gensim that is a file.
    other = tmp_path / "plain"
    (other / "gensim").mkdir(parents=True)
    (other / "gensim" / "__init__.py").touch()
    (other / "gensim" / "models.py").write_text(
        "class Word2Vec:\n    HOME = 'fastw2v.compat.served'\n", encoding="utf-8"
    )

    def run(path: Path, *before: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *before, "program.py", *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": f"{path}{os.pathsep}{ROOT}"},
        )

    expected, found = run(other), run(tmp_path, "-m", "fastw2v.compat")
    assert found.stdout == expected.stdout
    assert found.stderr == expected.stderr
    assert found.returncode == expected.returncode
    assert found.stdout.startswith("True")


def test_a_module_runs_as_python_runs_it(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(SCRIPT, encoding="utf-8")
    printed = python("-m", "fastw2v.compat", "-m", "package", "a", "b", hidden=tmp_path)
    path = package / "__main__.py"
    assert printed.splitlines() == [
        f"True {path} package.__main__ {tmp_path}",
        f"['{path}', 'a', 'b'] fastw2v.compat.served",
    ]


def test_the_command_says_what_it_cannot_run(tmp_path: Path) -> None:
    for arguments, message in (
        (("none.py",), "can't open file 'none.py'"),
        (("-m", "no.such.module"), "no module named no.such.module"),
        ((), "usage:"),
        (("--unknown", "x.py"), "usage:"),
    ):
        command = ("-m", "fastw2v.compat", "--stub", *arguments)
        assert message in python(*command, hidden=tmp_path, fails=True)


def test_an_uncaught_exception_goes_to_the_programs_own_hook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(sys, "excepthook", lambda *error: seen.append(error))
    for name in ("argv", "path"):
        monkeypatch.setattr(sys, name, list(getattr(sys, name)))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    path = tmp_path / "program.py"
    path.write_text("def f():\n    raise KeyboardInterrupt\nf()\n", encoding="utf-8")
    assert running.run_script(str(path), []) == running.INTERRUPTED
    ((kind, _, trace),) = seen
    assert kind is KeyboardInterrupt
    assert trace.tb_frame.f_code.co_filename == str(path) and trace.tb_lineno == 3


OLD: dict[str, Any] = {"size": 4, "iter": 2, "min_count": 1, "workers": 1}


def test_old_names_are_refused_without_the_switch() -> None:
    compat.install_stub(force=True)
    from gensim.models import KeyedVectors, Phrases, Word2Vec

    with pytest.raises(TypeError, match="size"):
        Word2Vec(SENTENCES, **OLD)
    with pytest.raises(TypeError, match="common_terms"):
        Phrases(SENTENCES, common_terms=["a"])
    model = Word2Vec(SENTENCES, vector_size=4, min_count=1, workers=1)
    for thing, name in ((model, "most_similar"), (model, "syn0"), (KeyedVectors(2), "vocab")):
        assert not hasattr(thing, name)
    with pytest.raises(TypeError):
        model["a"]


def test_old_names_with_the_switch() -> None:
    compat.install_stub(legacy=True, force=True)
    from gensim.models import Word2Vec

    model = Word2Vec(SENTENCES, **OLD)
    new = fastw2v.Word2Vec(SENTENCES, vector_size=4, epochs=2, min_count=1, workers=1)
    vectors = new.wv
    np.testing.assert_array_equal(model.wv.vectors, vectors.vectors)
    assert model.iter == model.epochs == 2
    np.testing.assert_array_equal(model["a"], vectors["a"])
    assert "a" in model and "z" not in model
    assert model.most_similar("a") == vectors.most_similar("a")
    assert model.similarity("a", "b") == vectors.similarity("a", "b")
    assert model.wv.index2word == model.index2word == vectors.index_to_key
    assert model.syn0 is model.wv.syn0 is model.wv.vectors
    np.testing.assert_array_equal(model.wv.syn0norm, vectors.get_normed_vectors())
    np.testing.assert_array_equal(model.trainables.syn1neg, new.syn1neg)
    words = model.wv.vocab
    assert list(words) == list(model.vocab) == vectors.index_to_key
    assert len(words) == 5 and "a" in words and "z" not in words
    assert {word: (entry.index, entry.count) for word, entry in words.items()} == {
        word: (row, vectors.get_vecattr(word, "count"))
        for word, row in vectors.key_to_index.items()
    }
    assert type(words["a"].count) is int
    with pytest.raises(KeyError):
        words["z"]
    with pytest.raises(TypeError, match="vector_size is given twice"):
        Word2Vec(size=4, vector_size=4)


def test_old_ways_to_build_and_to_train(tmp_path: Path) -> None:
    model = legacy.Word2Vec(**OLD)
    model.build_vocab(sentences=SENTENCES)
    model.train(sentences=SENTENCES, total_examples=model.corpus_count, epochs=model.iter)
    assert type(model.wv) is legacy.KeyedVectors
    model.save(tmp_path / "model")
    for copy in (pickle.loads(pickle.dumps(model)), legacy.Word2Vec.load(tmp_path / "model")):
        assert type(copy) is legacy.Word2Vec and type(copy.wv) is legacy.KeyedVectors
        assert copy.index2word == model.index2word and copy.iter == 2
        np.testing.assert_array_equal(copy["a"], model["a"])

    made = legacy.KeyedVectors(2)
    made.vocab = {"x": legacy.Vocab(index=1, count=3), "y": legacy.Vocab(index=0, count=5)}
    made.syn0 = np.eye(2, dtype=np.float32)
    assert made["x"].tolist() == [0, 1] and made.index2word == ["y", "x"]
    made.add("z", np.array([1, 1], np.float32))
    made.add(["p", "q"], np.zeros((2, 2), np.float32))
    assert made.wv.index2entity == ["y", "x", "z", "p", "q"]


def test_old_phrases() -> None:
    text = [["bank", "of", "america"]] * 4
    phrases = legacy.Phrases(text, min_count=1, threshold=0.1, common_terms=["of"], delimiter=b"+")
    assert phrases[text[0]] == ["bank+of+america"]


def examples() -> list[tuple[str, str]]:
    text = (ROOT / "docs" / "drop-in.md").read_text(encoding="utf-8")
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)


@pytest.mark.parametrize("number", range(len(examples())))
def test_examples_of_the_guide(number: int, tmp_path: Path) -> None:
    language, code = examples()[number]
    program = re.match(r"# (\w+\.py)\n", code)
    if program or language == "sh":
        # The program and the command that runs it go together.
        files = {m[1]: text for _, text in examples() if (m := re.match(r"# (\w+\.py)\n", text))}
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
    if program:
        return
    hide = None if "compat.install" in code and "stub" not in code else tmp_path
    if hide is None:
        pytest.importorskip("gensim")
    arguments = ["-W", "error", "-c", code]
    if language == "sh":
        command, *arguments = code.split()
        assert command == "python"
    printed = python(*arguments, hidden=hide)
    assert printed or "installed()" in code


@pytest.mark.parametrize("options", [[], ["-P"]])
@pytest.mark.parametrize("kind", ["script", "directory", "zip file"])
def test_programs_of_every_kind_run_as_python_runs_them(
    tmp_path: Path, kind: str, options: list[str]
) -> None:
    if options and sys.version_info < (3, 11):
        pytest.skip("Python 3.10 has no -P")
    code = (
        "import sys, pickle\nclass A: pass\npickle.dumps(A())\n"
        "print(sys.path[0], sys.argv, __name__, __file__, repr(__package__), __spec__ is None)\n"
        "raise ValueError(1)\n"
    )
    if kind == "script":
        (tmp_path / "program").write_text(code)
    elif kind == "directory":
        (tmp_path / "program").mkdir()
        (tmp_path / "program" / "__main__.py").write_text(code)
    else:  # whatever its name is
        with zipfile.ZipFile(tmp_path / "program", "w") as file:
            file.writestr("__main__.py", code)
    said = []
    for runner in ([], ["-m", "fastw2v.compat"]):
        done = subprocess.run(
            [sys.executable, *options, *runner, "program", "-x"],
            capture_output=True, text=True, cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        frames = [line for line in done.stderr.splitlines() if "runpy" not in line]
        said.append((done.returncode, done.stdout, frames))
    assert said[0][0] == 1 and "program" in said[0][1]
    assert said[0] == said[1]


@pytest.mark.parametrize("bundle", [False, True])
def test_a_script_elsewhere_imports_nothing_from_here(tmp_path: Path, bundle: bool) -> None:
    """`sys.path` is that of `python script`, from before NumPy and gensim are imported."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    for name in ("numpy", "tqdm", "gensim", "helper", "pyarrow", "scipy"):
        (here / f"{name}.py").write_text("raise SystemExit('imported from here')\n")
    (there / "helper.py").touch()
    name = "__main__.py" if bundle else "program.py"
    (there / name).write_text(
        "import sys, helper\nfrom gensim.models import Word2Vec\nimport numpy\n"
        "print(Word2Vec.HOME, sys.path[0], helper.__file__)\n"
    )
    program = there if bundle else there / name
    done = subprocess.run(
        [sys.executable, "-m", "fastw2v.compat", str(program)],
        capture_output=True, text=True, cwd=here, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    expected = f"fastw2v.compat.served {there} {there / 'helper.py'}\n"
    assert (done.returncode, done.stdout) == (0, expected), done.stderr
