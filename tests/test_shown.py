"""What objects show when they are printed, and what help and dir list."""

from __future__ import annotations

import inspect
import pydoc
import re
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

import fastw2v
from fastw2v import FrozenPhrases, KeyedVectors, Phrases, Word2Vec, config

SENTENCES = [["new", "york", "is", "large"], ["paris", "is", "a", "city"]] * 20
SIZES: dict[str, Any] = {"vector_size": 4, "min_count": 1, "workers": 1, "sample": 0}


def test_objects_say_what_they_are() -> None:
    model = Word2Vec(SENTENCES, **SIZES)
    phrases = Phrases(SENTENCES, min_count=1, threshold=1)
    for thing in (model, Word2Vec(), model.wv, KeyedVectors(3), phrases, FrozenPhrases(phrases)):
        assert repr(thing) == str(thing)
        assert repr(thing).startswith(type(thing).__name__ + "<") and "object at" not in repr(thing)
    assert repr([model.wv]) == "[KeyedVectors<vector_size=4, 7 keys>]"
    # A constructor that failed leaves what a debugger shows.
    for cls in (Word2Vec, KeyedVectors, Phrases, FrozenPhrases):
        assert cls.__name__ in repr(cls.__new__(cls))


def test_a_report_is_a_table() -> None:
    silent = Word2Vec(SENTENCES, **SIZES, epochs=2)
    assert silent.report.total_loss is None and silent.report.losses == []
    lines = str(silent.report).splitlines()
    assert len({len(line) for line in lines[:4]}) == 1
    assert lines[0].split() == ["epoch", "corpus", "trained", "subsampled", "oov"]
    assert [line.split() for line in lines[1:4]] == [
        ["1", "160", "160", "0", "0"],
        ["2", "160", "160", "0", "0"],
        ["all", "320", "320", "0", "0"],
    ]
    assert re.fullmatch(
        r"[\d.]+ s, [\d.]+ s of processor time; alpha [\d.e-]+ at the end", lines[4]
    )
    loud = Word2Vec(SENTENCES, **SIZES, epochs=2, compute_loss=True)
    assert loud.report.total_loss == loud.get_latest_training_loss() > 0
    first, second, third, fourth = (line.split() for line in str(loud.report).splitlines()[:4])
    assert first[-1] == "loss" and second[-1] == f"{loud.loss_history[0]:.4f}"
    assert third[-1] == f"{loud.loss_history[1]:.4f}" and len(fourth) == 5
    late = replace(loud.report, losses=loud.report.losses[1:])
    assert "loss" not in str(late) and str(late).splitlines()[4] == str(loud.report).splitlines()[4]
    assert len(str(Word2Vec().report).splitlines()) == 3
    spoiled = fastw2v.Ledger(corpus=3, invalid=1, oov=2, epochs=1)
    assert "invalid" in str(type(loud.report)(spoiled, [spoiled]))


def test_the_loss_of_a_model_is_gensims_when_there_is_none() -> None:
    assert Word2Vec(SENTENCES, **SIZES).get_latest_training_loss() == 0.0


def test_help_lists_every_parameter_with_its_default() -> None:
    text = pydoc.plain(pydoc.render_doc(Word2Vec))
    text = text[: text.index("Attributes\n")]
    for name, parameter in inspect.signature(Word2Vec).parameters.items():
        entry = re.search(rf"^ \|  {name} : (.*)\n \|      \S", text, re.M)
        assert entry, f"{name} is not described"
        default = "hash" if name == "hashfxn" else repr(parameter.default)
        if name in config.PARAMETERS:
            assert config.PARAMETERS[name].allowed in entry[1], name
            default = repr(config.PARAMETERS[name].default)
            assert default == repr(parameter.default) or name in ("shuffle", "shrink_windows")
        assert entry[1].endswith(f", default {default}"), entry[1]
    names = re.findall(r"^ \|  (\w+) : .*, default ", text, re.M)
    assert sorted(names) == sorted(inspect.signature(Word2Vec).parameters)
    assert max(map(len, text.splitlines()[4:])) <= 110


def test_help_needs_no_documentation() -> None:
    code = "import fastw2v; assert fastw2v.Word2Vec.__doc__ is None; print(fastw2v.Word2Vec())"
    subprocess.run([sys.executable, "-OO", "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize("name", ["fastw2v", "fastw2v.compat", "fastw2v.keyedvectors"])
def test_dir_lists_what_there_is_to_use(name: str) -> None:
    code = (
        f"import fastw2v.word2vec, {name} as module, typing, types\n"
        "names = [n for n in dir(module) if not n.startswith('__')]\n"
        "assert set(module.__all__) <= set(dir(module))\n"
        "for n in names:\n"
        "    value = getattr(module, n)\n"
        "    if isinstance(value, types.ModuleType):\n"
        "        assert value.__name__.startswith('fastw2v.'), n\n"
        "    else:\n"
        "        assert n in module.__all__, n\n"
        "print(*names)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    names = done.stdout.split()
    assert not {"Any", "TYPE_CHECKING", "importlib", "crew", "feed", "_core"} & set(names)
    if name == "fastw2v":
        assert {"convert", "compat", "corpus", "Word2Vec"} <= set(names)
