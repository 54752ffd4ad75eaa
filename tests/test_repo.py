"""Rules of the house that a machine can check: linters, types, imports, what C may not do."""

from __future__ import annotations

import ast
import inspect
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import fastw2v
from fastw2v import Word2Vec, config

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "fastw2v"
BIN = Path(sys.executable).parent

PYTHON = ["fastw2v", "tests", "benchmarks", "examples", "setup.py"]
CYTHON = [str(p) for p in sorted(PACKAGE.rglob("*.pyx")) + sorted(PACKAGE.rglob("*.pxd"))]
C = [
    str(p)
    for p in sorted((ROOT / "csrc").glob("*.[ch]")) + sorted((ROOT / "tests").rglob("*.[ch]"))
]

LINTERS = {
    "ruff check": ["ruff", "check", *PYTHON],
    "ruff format": ["ruff", "format", "--check", *PYTHON],
    "mypy": ["mypy"],
    "cython-lint": ["cython-lint", *CYTHON],
    "clang-format": ["clang-format", "--dry-run", "--Werror", *C],
}


def test_make_fuzz_runs_both_fuzzers() -> None:
    made = subprocess.run(["make", "-n", "fuzz"], cwd=ROOT, capture_output=True, text=True)
    assert "tests.fuzz.hunt 60" in made.stdout and "tests/fuzz/run.sh 60" in made.stdout


@pytest.mark.parametrize("name", LINTERS)
def test_linter_is_content(name: str) -> None:
    command, *arguments = LINTERS[name]
    program = shutil.which(command, path=str(BIN))
    if program is None:
        pytest.skip(f"{command} is not installed")
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", "")])  # cython-lint starts another
    done = subprocess.run(
        [program, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PATH": path},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def imports_of(path: Path) -> set[str]:
    """Modules of fastw2v that a module imports when it is imported."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] == "fastw2v"}


def rooms(*patterns: str) -> list[Path]:
    return [path for pattern in patterns for path in sorted(PACKAGE.glob(pattern))]


# Who may not be imported by whom: vectors load where nothing is trained, and Python that decides
# sits above the code that is told.
FORBIDDEN = [
    (("formats/*.py",), "keyedvectors|convert"),
    (("formats/*.py", "keyedvectors/*.py", "convert.py"),
     "trainer|feed|prepare|word2vec|model|corpus|vocab|cli|_core|weights|config"),
    (("corpus/*.py",),
     "trainer|feed|prepare|estimate|word2vec|model|keyedvectors|formats|cli|_core|weights"),
    (("vocab.py",), "trainer|feed|prepare|word2vec|model|keyedvectors|cli|_core|weights"),
    (("noise.py", "huffman.py", "subsampling.py", "memory.py", "ledger.py", "errors.py"),
     "trainer|word2vec|model|keyedvectors|formats|corpus|cli|config"),
    (("trainer.py", "feed.py", "weights.py", "estimate.py"),
     "word2vec|model|prepare|keyedvectors|formats|cli|progress"),
    (("prepare/*.py",), "trainer|feed|word2vec|model|keyedvectors|cli|_core|weights|progress"),
    (("model/*.py",), "word2vec|cli"),
    (("word2vec.py",), "cli|progress"),
    (("lifecycle.py",), r"(?!_version).*"),
    (("iterables.py",), ".*"),
    (("phrases/*.py", "sentences.py", "preprocessing.py", "callbacks.py"),
     "trainer|word2vec|model|keyedvectors|cli|_core|weights|config|progress"),
    (("phrases/scoring.py", "phrases/reading.py", "phrases/spelling.py", "phrases/sentences.py",
      "phrases/tracked.py"), "phrases"),
    # Programs of others run on what any program can import.
    (("compat/*.py",), "trainer|model|corpus|formats|cli|_core|weights|config|vocab"),
    (("*.py", "cli/*.py", "corpus/*.py", "formats/*.py", "keyedvectors/*.py", "model/*.py",
      "phrases/*.py"), "compat"),
    (("compat/names.py", "compat/served.py", "compat/legacy.py", "compat/deferred.py",
      "compat/running.py"), r"compat\.(installation|stub|modules|rebinding|pickling)"),
]  # fmt: skip


@pytest.mark.parametrize(("patterns", "names"), FORBIDDEN)
def test_imports_go_one_way(patterns: tuple[str, ...], names: str) -> None:
    paths = rooms(*patterns)
    assert paths
    for path in paths:
        wrong = [n for n in imports_of(path) if re.fullmatch(rf"fastw2v\.({names})(\..*)?", n)]
        assert not wrong, f"{path.name} imports {wrong}"


def test_no_import_comes_back() -> None:
    """Counting imports within functions and for types, too; of a package, what it passes on."""
    paths = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for path in rooms("**/*.py", "**/*.pyx")
    }
    passed_on = {
        name.removesuffix(".__init__"): {
            alias.name: node.module
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for name, path in paths.items()
        if name.endswith(".__init__")
    }

    def used_by(path: Path) -> set[str]:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".pyx":
            return set(re.findall(r"^\s*from (fastw2v[\w.]*) c?import", text, re.M))
        imports = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ImportFrom)]
        return {
            next(m for m in (f"{n.module}.{a.name}", passed_on.get(n.module or "", {}).get(a.name),
                             n.module) if m in paths or m == n.module)
            for n in imports for a in n.names
        } & paths.keys()  # fmt: skip

    above = {name: used_by(path) for name, path in paths.items() if "__init__" not in name}
    while above:  # take away what imports nothing that is left
        lowest = {name for name, used in above.items() if not (used & above.keys()) - {name}}
        assert lowest, f"these import one another: {sorted(above)}"
        above = {name: used for name, used in above.items() if name not in lowest}


def test_the_package_imports_neither_tests_nor_benchmarks_nor_the_probe() -> None:
    for path in rooms("**/*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(from|import) (tests|benchmarks)\b", text, re.M), path
        assert "_probe" not in text, path


def test_only_pxd_files_name_c_symbols_and_c_stays_pure() -> None:
    for path in rooms("**/*.pyx"):
        assert "cdef extern" not in path.read_text(encoding="utf-8"), path
    banned = re.compile(r"\b(Python\.h|malloc|calloc|realloc|free|printf|fopen|exit|abort)\b")
    for source in (ROOT / "csrc").glob("*.[ch]"):
        code = re.sub(r"/\*.*?\*/", "", source.read_text(encoding="utf-8"), flags=re.S)
        assert not banned.search(code), source


def test_no_function_is_longer_than_a_screen() -> None:
    for path in rooms("**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                code = node.body[1:] if ast.get_docstring(node) else node.body
                n_lines = (code[-1].end_lineno or 0) - code[0].lineno + 1 if code else 0
                assert n_lines <= 60, f"{path}, {node.name}: {n_lines} lines"


def test_one_file_knows_compilers_and_processors() -> None:
    for source in (ROOT / "csrc").glob("*.[ch]"):
        questions = re.findall(r"^\s*#\s*(?:el)?if.*\b__\w+", source.read_text(), re.M)
        assert bool(questions) == (source.name == "compiler.h"), (source, questions)


def test_the_build_neither_tunes_for_one_machine_nor_bends_arithmetic() -> None:
    banned = ["-march=" + "native", "-ffast-" + "math", "-O" + "fast"]
    for name in ("setup.py", "pyproject.toml", "Makefile"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not [flag for flag in banned if flag in text], name


def test_every_parameter_has_the_same_default_everywhere() -> None:
    signature = inspect.signature(Word2Vec.__init__).parameters
    for parameter in config.PARAMETERS.values():
        assert signature[parameter.name].default == parameter.default
        assert parameter.check(parameter.default) == parameter.default


def test_the_constructor_takes_gensims_parameters_in_gensims_order() -> None:
    names = (
        "sentences corpus_file vector_size alpha window min_count max_vocab_size sample seed "
        "workers min_alpha sg hs negative ns_exponent cbow_mean hashfxn epochs null_word trim_rule "
        "sorted_vocab batch_words compute_loss callbacks comment max_final_vocab shrink_windows"
    )
    parameters = inspect.signature(Word2Vec).parameters
    assert " ".join(n for n, p in parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD) == names


def test_what_is_not_needed_is_not_imported() -> None:
    code = (
        "import sys, fastw2v\n"
        "assert not {'fastw2v.phrases', 'fastw2v.sentences', 'fastw2v.compat'} & set(sys.modules)\n"
        "missing = [n for n in fastw2v.__all__ if getattr(fastw2v, n, None) is None]\n"
        "assert not missing and set(fastw2v.__all__) <= set(dir(fastw2v))\n"
        "assert len(dir(fastw2v)) == len(set(dir(fastw2v)))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


# What only a command, a format or an extra needs.
NOT_AT_ONCE = (
    "tqdm", "pyarrow", "gensim", "scipy", "pandas", "matplotlib",
    "bz2", "gzip", "lzma", "hashlib", "secrets", "random", "argparse", "subprocess", "asyncio",
    "multiprocessing", "unittest", "fastw2v.cli", "fastw2v.compat", "fastw2v.estimate",
    "fastw2v.phrases", "fastw2v.progress", "fastw2v.sentences", "fastw2v.preprocessing",
    "fastw2v.stdlib_text", "fastw2v._probe",
)  # fmt: skip


def test_word2vec_loads_only_what_training_needs() -> None:
    code = (
        "import sys, numpy\nbefore = set(sys.modules)\nfrom fastw2v import Word2Vec\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    loaded = done.stdout.split()
    assert "fastw2v._core" in loaded
    assert not set(NOT_AT_ONCE) & set(loaded)


def test_a_clone_that_is_not_built_says_so(tmp_path: Path) -> None:
    """As where the package is installed, and Python started in a clone, which comes first."""
    sources = tmp_path / "fastw2v"
    shutil.copytree(PACKAGE, sources, ignore=shutil.ignore_patterns("*.so", "*.pyd", "__pycache__"))
    for statement in ("import fastw2v", "from fastw2v import Word2Vec", "import fastw2v.formats"):
        assert "(_core, _cyutility, " in refusal(tmp_path, statement)


def refusal(directory: Path, statement: str) -> str:
    """What a clone in a directory says that is not built."""
    # -S, or an editable install would lend its compiled modules.
    command = [sys.executable, "-S", "-c", statement]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert "its compiled modules are not built (" in last
    assert "start Python in another directory" in last
    assert str(directory / "fastw2v") in last
    return last


@pytest.mark.parametrize("missing", fastw2v._COMPILED)
def test_a_clone_that_is_half_built_says_so(tmp_path: Path, missing: str) -> None:
    """As where a new version has one more compiled module."""
    sources = tmp_path / "fastw2v"
    place = missing.replace(".", "/")
    shutil.copytree(PACKAGE, sources, ignore=shutil.ignore_patterns("__pycache__"))
    built = [path for path in sources.glob(f"{place}.*") if path.suffix in (".so", ".pyd")]
    assert built
    for path in built:
        path.unlink()
    assert f"({missing})" in refusal(tmp_path, "import fastw2v")


def test_all_compiled_modules_are_looked_for() -> None:
    sources = [path.relative_to(PACKAGE).with_suffix("") for path in PACKAGE.rglob("*.pyx")]
    names = {".".join(path.parts) for path in sources} | {"_cyutility"}
    assert set(fastw2v._COMPILED) == names - {"_probe"}  # which only tests need
    assert fastw2v._not_built(str(PACKAGE / "corpus")) == []  # no sources of that name: installed
