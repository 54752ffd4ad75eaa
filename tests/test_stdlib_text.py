"""The text of the standard library's documentation."""

import re
import subprocess
import sys

import pytest

from fastw2v import stdlib_text


@pytest.fixture(scope="module")
def text():
    return list(stdlib_text.sentences())


def test_there_is_much_of_it(text):
    assert sum(map(len, text)) > 300_000
    assert len({word for sentence in text for word in sentence}) > 10_000


def test_words_are_plain(text):
    words = {word for sentence in text for word in sentence}
    assert all(word == word.lower() for word in words)
    assert not any(re.search(r"\s|^[\W_]|[\W_]$|[`*:\"]", word) for word in words)
    assert min(map(len, text)) >= 2
    assert {"return", "iterable", "don't", "doesn't"} <= words


def test_it_is_english(text):
    words = [word for sentence in text for word in sentence]
    common = sum(word in {"the", "a", "of", "to", "is", "in", "and"} for word in words)
    assert 0.12 < common / len(words) < 0.4


@pytest.mark.parametrize(
    "sentence",
    [
        # The docstring of textwrap.dedent, of str.strip (in C), and the reference on "with".
        "remove any common leading whitespace from every line in text",
        "return a copy of the string with leading and trailing whitespace removed",
        "the with statement is used to wrap the execution of a block with methods defined by a "
        "context manager see section with statement context managers",
    ],
)
def test_all_sources_are_there(text, sentence):
    lines = {" ".join(words) for words in text}
    start = sentence[:60]
    assert any(start in line for line in lines)


def test_nothing_with_side_effects_is_imported():
    code = (
        "import sys; from fastw2v import stdlib_text; before = set(sys.modules);"
        "n = sum(1 for _ in stdlib_text.sentences());"
        "print(n, *(set(sys.modules) - before))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    # Modules in C import a few small ones in Python; nothing else may come along.
    imported = set(result.stdout.split())
    assert "pydoc_data.topics" in imported
    assert len(imported - set(stdlib_text._C_MODULES)) < 40
    assert not {"this", "antigravity", "tkinter", "turtle", "idlelib", "asyncio"} & imported
    assert result.stderr == ""


def test_only_compiled_modules_are_imported(tmp_path, monkeypatch):
    (tmp_path / "not_in_c.py").write_text('raise SystemExit("imported")', encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert list(stdlib_text._c_docstrings("not_in_c")) == []
    assert list(stdlib_text._c_docstrings("subprocess")) == []
    assert len(list(stdlib_text._c_docstrings("math"))) > 20


def test_extraction(tmp_path, monkeypatch):
    (tmp_path / "b.py").write_text(
        '"""Second module. It\'s :func:`short`.\n\n    >>> example\n    """\n'
        "x = 'not # a comment'  # a trailing comment is not prose\n"
        "# A comment over\n# two lines.\n"
        "def f():\n    r'''See https://example.org/x and max_size; __init__ too!'''\n",
        encoding="utf-8",
    )
    (tmp_path / "a.py").write_text('"""First module."""\n', encoding="utf-8")
    (tmp_path / "broken.py").write_bytes(b'# coding: nonsense\n"""Never read."""\n')
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "c.py").write_text('"""A test module."""\n', encoding="utf-8")
    monkeypatch.setattr(stdlib_text.sysconfig, "get_path", lambda _: str(tmp_path))
    monkeypatch.setattr(stdlib_text, "_C_MODULES", ("no_such_module", "textwrap"))
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    assert [" ".join(words) for words in stdlib_text.sentences()] == [
        "first module",
        "second module",
        "it's short",
        "a comment over two lines",
        "see and max_size",
        "init too",
    ]


def test_without_any_sources(tmp_path, monkeypatch):
    monkeypatch.setattr(stdlib_text.sysconfig, "get_path", lambda _: str(tmp_path / "zip.zip"))
    assert sum(map(len, stdlib_text.sentences())) > 30_000


def test_write(tmp_path, text):
    path = tmp_path / "text.txt"
    assert stdlib_text.write(path) == sum(map(len, text))
    lines = path.read_text(encoding="utf-8").splitlines()
    # The second pass gives the same sentences in the same order.
    assert [line.split() for line in lines] == text
