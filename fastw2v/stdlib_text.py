"""English text that comes with every Python: the documentation of the standard library.

The sources are read, not imported: docstrings and comments of all modules outside the tests, and
the language reference in `pydoc_data.topics`. The docstrings of built-in types and of a few
modules written in C are imported at run time. What a machine lacks (an installation without
sources, a module that was not built) is left out. So the text depends on the version of Python,
but not on the run.

Strings and comments are found by one regular expression instead of `ast`: it takes a sixth of
the time, and reads sources of any version.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import inspect
import os
import re
import sys
import sysconfig
import tokenize
from collections.abc import Iterator
from pathlib import Path

from fastw2v.formats.atomic import StrPath, atomic_write

_SKIPPED_DIRECTORIES = {
    "__pycache__",
    "dist-packages",
    "idle_test",
    "site-packages",
    "test",
    "tests",
    "turtledemo",
}

# Modules in C whose docstrings are prose, and whose import does nothing but define them.
_C_MODULES = (
    "builtins",
    "_bisect",
    "_bz2",
    "_codecs",
    "_collections",
    "_contextvars",
    "_csv",
    "_datetime",
    "_decimal",
    "_elementtree",
    "_functools",
    "_hashlib",
    "_heapq",
    "_io",
    "_json",
    "_locale",
    "_lzma",
    "_operator",
    "_pickle",
    "_queue",
    "_random",
    "_signal",
    "_socket",
    "_sqlite3",
    "_sre",
    "_ssl",
    "_statistics",
    "_string",
    "_struct",
    "_thread",
    "_tracemalloc",
    "_warnings",
    "_weakref",
    "_zoneinfo",
    "array",
    "atexit",
    "binascii",
    "cmath",
    "errno",
    "faulthandler",
    "fcntl",
    "gc",
    "grp",
    "itertools",
    "marshal",
    "math",
    "mmap",
    "posix",
    "pwd",
    "pyexpat",
    "resource",
    "select",
    "syslog",
    "termios",
    "time",
    "unicodedata",
    "zlib",
)

# In the order in which they must be tried. A string that begins a line is taken for a docstring;
# the other strings are matched so that what looks like a comment inside them is not one.
_PIECES = re.compile(
    r"""
      ^[ \t]*[rRuU]?(?P<quote>\"{3}|'{3})(?P<docstring>.*?)(?P=quote)
    | ^[ \t]*(?P<comment>\#[^\n]*(?:\n[ \t]*\#[^\n]*)*)
    | \#[^\n]*
    | (?P<other>\"{3}|'{3}).*?(?P=other)
    | \"(?:\\.|[^"\\\n])*\"
    | '(?:\\.|[^'\\\n])*'
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
# Docstrings of sources keep their escapes, and all keep the markup of reStructuredText.
_MARKUP = re.compile(
    r"""
      ^\s*(?:>>>|\.\.\.).*$         # examples
    | ^\s*\#+                       # the sign of a comment
    | https?://\S+
    | \.\.\ [\w-]+::                # directives
    | :[a-z-]+(?::[a-z-]+)?:(?=`)   # roles
    | \\[nrtabfv'"\\]               # escapes
    """,
    re.MULTILINE | re.VERBOSE,
)
_SENTENCE_END = re.compile(r"[.!?:;](?=[\"')\]]*\s)|\n\s*\n|\n\s*[-*\u2022]+\s")
_WORD = re.compile(r"[^\W_]+(?:[_'\u2019]+[^\W_]+)*")
_MIN_WORDS = 2
_COMPILED = tuple(importlib.machinery.EXTENSION_SUFFIXES)


def sentences() -> Iterator[list[str]]:
    """Yield the text as sentences, each a list of lower-cased words, in a fixed order.

    A word is a run of letters and digits, with underscores or apostrophes only inside. Markup,
    punctuation and interactive examples are dropped, and so is a sentence of one word.

    Yields
    ------
    list of str
        At least two words.
    """
    for text in _texts():
        plain = _MARKUP.sub(" ", text)
        for sentence in _SENTENCE_END.split(plain):
            words = _WORD.findall(sentence.lower())
            if len(words) >= _MIN_WORDS:
                yield words


def write(path: StrPath) -> int:
    """Write `sentences` to a file, one a line in UTF-8, and return the number of words.

    Parameters
    ----------
    path : path-like
        File to replace as a whole.

    Returns
    -------
    int
        Words written.
    """
    n_words = 0
    with atomic_write(path) as file:
        for words in sentences():
            file.write((" ".join(words) + "\n").encode("utf-8"))
            n_words += len(words)
    return n_words


def _texts() -> Iterator[str]:
    yield from _topics()
    root = Path(sysconfig.get_path("stdlib"))
    for path in _sources(root):
        try:
            with tokenize.open(path) as file:
                source = file.read()
        except (OSError, SyntaxError, UnicodeDecodeError):
            continue
        for piece in _PIECES.finditer(source):
            text = piece["docstring"] or piece["comment"]
            if text:
                yield text
    seen: set[str] = set()
    for name in _C_MODULES:
        for text in _c_docstrings(name):
            # Many classes share the docstrings of their operators.
            if text not in seen:
                seen.add(text)
                yield text


def _topics() -> Iterator[str]:
    """Yield the reference's topics; the module holds nothing but one dict of str to str."""
    try:
        topics = importlib.import_module("pydoc_data.topics").topics
    except (ImportError, AttributeError):
        return
    for _, text in sorted(topics.items()):
        if isinstance(text, str):
            yield text


def _sources(root: Path) -> Iterator[Path]:
    for directory, subdirectories, files in os.walk(root):
        subdirectories[:] = sorted(set(subdirectories) - _SKIPPED_DIRECTORIES)
        for name in sorted(files):
            # The topics are not docstrings; they have been read already.
            if name.endswith(".py") and name != "topics.py":
                yield Path(directory, name)


def _c_docstrings(module_name: str) -> Iterator[str]:
    """Yield the docstrings of a module in C, of what it defines, and of its classes' members."""
    module = sys.modules.get(module_name)
    if module is None:
        # A file of that name in the user's directory is not meant, and must not run.
        if module_name not in sys.builtin_module_names:
            spec = importlib.util.find_spec(module_name)
            if spec is None or not (spec.origin or "").endswith(_COMPILED):
                return
        try:
            module = importlib.import_module(module_name)
        except ImportError:
            return
    if not (getattr(module, "__file__", None) or _COMPILED[0]).endswith(_COMPILED):
        return
    yield _doc(module)
    for name, member in sorted(vars(module).items()):
        # An interactive Python keeps its last result in builtins._, and a program may have put
        # functions of its own in place of the built-in ones.
        if name.startswith("_") or not (inspect.isbuiltin(member) or inspect.isclass(member)):
            continue
        yield _doc(member)
        if inspect.isclass(member):
            for _, value in sorted(vars(member).items()):
                # Other attributes would show the docstring of their class.
                if inspect.isroutine(value) or inspect.isdatadescriptor(value):
                    yield _doc(value)


def _doc(thing: object) -> str:
    text = thing.__doc__
    return text if isinstance(text, str) else ""
