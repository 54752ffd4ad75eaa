"""Run gensim's own tests, unmodified, against fastw2v.

    python -m tests.gensim_suite                     all three files
    python -m tests.gensim_suite word2vec -v         one file, with a line for each test
    python -m tests.gensim_suite --rounds 5          those that depend on chance five times

The tests are those of the installed gensim. When pytest has collected them, the classes that they
use are replaced in their own namespaces; gensim itself is left as it is. Tests that look inside
gensim, or read pickles of gensim, are skipped by name, with the reason. The exit code is 0 if all
others pass, and where gensim or testfixtures is not installed.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
FILES = ("word2vec", "keyedvectors", "phrases")
NEEDED = ("gensim", "testfixtures")
NAMES = (
    "Word2Vec",
    "KeyedVectors",
    "LineSentence",
    "PathLineSentences",
    "Text8Corpus",
    "BrownCorpus",
    "Phrases",
    "FrozenPhrases",
    "original_scorer",
)

PICKLE = "reads a pickle that gensim saved; fastw2v reads no pickles"
INSIDE = "tests a part of gensim that is not public"
SKIPPED = {
    "test_word2vec.py": {
        "test_persistence_backwards_compatible": PICKLE,
        "test_load_old_model": PICKLE,
        "test_load_old_model_separates": PICKLE,
        "test_load_old_models_1_x": PICKLE,
        "test_load_old_models_2_x": PICKLE,
        "test_load_old_models_3_x": PICKLE,
        "test_cython_line_sentence_works_with_filename": INSIDE,
        "test_word2vec_stand_alone_script": INSIDE,
    },
    "test_keyedvectors.py": {
        "Gensim320Test::test": PICKLE,
        "test_load_word2vec_format_basic": INSIDE,
        "test_load_word2vec_format_limit": INSIDE,
        "test_load_word2vec_format_space_stripping": INSIDE,
    },
    "test_phrases.py": {
        "test_simple_analysis": INSIDE,
        "test_analysis_bigrams": INSIDE,
        "test_analysis_connector_words": INSIDE,
        "test_analysis_connector_words_in_between": INSIDE,
        "test_save_load_string_scoring": PICKLE,
        "test_save_load_no_scoring": PICKLE,
        "test_save_load_no_common_terms": PICKLE,
        "test_compatibility": PICKLE,
    },
}

# What these assert is likely, not certain.
BY_CHANCE = {
    "test_sg_hs_online", "test_sg_neg_online", "test_cbow_hs_online", "test_cbow_neg_online",
    "test_evaluate_word_pairs", "test_evaluate_word_pairs_from_file", "test_parallel",
    "test_sg_hs", "test_sg_neg", "test_cbow_hs", "test_cbow_neg",
    "test_sg_hs_fromfile", "test_sg_neg_fromfile", "test_cbow_hs_fromfile",
    "test_cbow_neg_fromfile", "test_sg_fixedwindowsize", "test_cbow_fixedwindowsize",
    "test_sg_fixedwindowsize_fromfile", "test_cbow_fixedwindowsize_fromfile",
}  # fmt: skip


class Stand(ModuleType):
    """A module of gensim with some of its names replaced."""

    def __init__(self, module: ModuleType, replaced: dict[str, Any]) -> None:
        super().__init__(module.__name__)
        self._module = module
        vars(self).update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(vars(self)["_module"], name)


def swap(tests: ModuleType) -> None:
    """Replace what a module of tests has of gensim's names."""
    ours = importlib.import_module("fastw2v")
    classes = {name: getattr(ours, name) for name in NAMES}
    models = importlib.import_module("gensim.models")
    stands = {}
    for name in FILES:
        module = getattr(models, name if name != "phrases" else "phrases")
        stands[name] = Stand(module, {n: c for n, c in classes.items() if hasattr(module, n)})
    replaced = {**classes, **stands}
    for name in list(vars(tests)):
        if name in replaced:
            setattr(tests, name, replaced[name])
    if hasattr(tests, "gensim"):
        package = Stand(models, {n: c for n, c in replaced.items() if hasattr(models, n)})
        tests.gensim = Stand(importlib.import_module("gensim"), {"models": package})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Called by pytest, with -p tests.gensim_suite."""
    for module in {item.module for item in items}:  # type: ignore[attr-defined]
        swap(module)
    for item in items:
        for name, reason in SKIPPED[item.path.name].items():
            if item.nodeid.endswith(f"::{name}"):
                item.add_marker(pytest.mark.skip(reason=reason))


def missing() -> list[str]:
    """Return what is not installed and needed."""
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


def run(
    files: tuple[str, ...] = FILES, rounds: int = 1, options: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run the tests in a process of their own; returns that of the first round that fails."""
    spec = importlib.util.find_spec("gensim")
    assert spec is not None and spec.origin is not None
    folder = Path(spec.origin).parent / "test"
    paths = [str(folder / f"test_{name}.py") for name in files]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for number in range(rounds if "word2vec" in files else 1):
        command = [sys.executable, "-m", "pytest", "-p", "tests.gensim_suite", "-q"]
        command += ["-c", os.devnull, "--rootdir", str(folder), "-p", "no:cacheprovider", *options]
        if number:
            command += ["-k", " or ".join(sorted(BY_CHANCE))]
        done = subprocess.run(
            [*command, *paths], capture_output=True, text=True, cwd=ROOT, env=environment
        )
        if done.returncode:
            break
        print(f"round {number + 1}: {done.stdout.strip().splitlines()[-1]}", flush=True)
    return done


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.gensim_suite",
        description="Run gensim's own tests against fastw2v. Other options go to pytest.",
    )
    parser.add_argument("files", nargs="*", choices=[*FILES, []], help="which files (default: all)")
    parser.add_argument("--rounds", type=int, default=1, help="how often to run those by chance")
    arguments, options = parser.parse_known_args()
    if missing():
        print(f"skipped: not installed: {', '.join(missing())}")
        return 0
    done = run(tuple(arguments.files or FILES), arguments.rounds, tuple(options))
    if done.returncode or options:
        print(done.stdout, done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
