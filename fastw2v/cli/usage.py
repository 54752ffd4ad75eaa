"""Arguments that make no sense: one line says which, and what would be right."""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections.abc import Sequence
from typing import Any, NoReturn

from fastw2v import config
from fastw2v.cli.layout import fitted, width
from fastw2v.errors import EmptyVocabularyError, Way
from fastw2v.model.state import NO_VOCABULARY

FLAGS = {
    **{name: name for name in config.PARAMETERS},
    **{name: name for name in ("memory", "tokenizer", "lowercase", "sentence_split", "errors",
                               "field", "compute_loss")},
    "cache_dir": "cache",
    "vocabulary": "vocab",
}  # fmt: skip
"""Parameters of `Word2Vec`, and the flags that set them."""

# As messages of the library spell parameters: field=, hs=0, memory='ram'; and alone if the name is
# no word of English, as cache_dir.
_ALONE = "|".join(name for name in FLAGS if "_" in name)
_PARAMETER = re.compile(
    rf"(?<![\w./'-])(?:({'|'.join(FLAGS)})=(?:'([^'\s]*)'|(\w+(?:\.\w+)*))?"
    rf"|({_ALONE})(?![\w/'-]|\.\w))"
)

# What word2vec.c, fastText and gensim before version 4 call things.
_SUCCESSORS = {
    "train": "the text itself, without a flag", "input": "the text itself, without a flag",
    "output": "-o", "size": "--vector_size", "dim": "--vector_size", "iter": "--epochs",
    "epoch": "--epochs", "threads": "--workers", "thread": "--workers",
    "cbow": "--sg, the other way round: --sg 1 for -cbow 0", "min-count": "--min_count",
    "binary": "--format binary or --format text", "minCount": "--min_count", "ws": "--window",
    "neg": "--negative", "lr": "--alpha", "save-vocab": "`fastw2v vocab`", "read-vocab": "--vocab",
    "debug": "nothing here, or -q", "classes": "nothing here: vectors are not clustered",
}  # fmt: skip

_CONTINUED = " \\"
"""What the shell reads as: this command goes on in the next line."""


class UsageError(Exception):
    """Wrong arguments; the message says which and what would be right."""


class Parser(argparse.ArgumentParser):
    """A parser whose error is one line, not preceded by all the options that there are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", _Formatter)
        kwargs["allow_abbrev"] = False  # --work may be one option today and two tomorrow
        super().__init__(*args, **kwargs)

    def error(self, message: str) -> NoReturn:
        """Print the message and leave with code 2."""
        line = f"{self.prog}: {_plain(message)} (`{self.prog} --help` lists all options)"
        self.exit(2, fitted(line, width(sys.stderr)) + "\n")


class Command(Parser):
    """The parser of a command, which refuses what it does not know and names what replaced it."""

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse all arguments."""
        given = list(sys.argv[1:] if args is None else args)
        if replaced := self._replaced(given):
            self.error("; ".join(replaced))
        found, unknown = super().parse_known_args(given, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, []

    def _replaced(self, given: list[str]) -> list[str]:
        """Name the successors of flags of other programs, before -output is read as -o utput."""
        found = []
        for argument in given[: given.index("--") if "--" in given else None]:
            flag = argument.split("=")[0]
            name = flag.lstrip("-")
            longer = [option for option in self._flags() if option.startswith(f"--{name}")]
            known = f"--{name}" in self._option_string_actions
            if flag == f"-{name}" and len(name) > 1 and known:
                found.append(f"{flag} is --{name}")
            elif flag in (f"-{name}", f"--{name}") and not known and name in _SUCCESSORS:
                found.append(f"{flag} is {_SUCCESSORS[name]}")
            elif name and flag == f"--{name}" and not known and longer:
                found.append(f"{flag} is spelled out: {' or '.join(longer)}")
        return found

    def _flags(self) -> list[str]:
        """Return the long flag of each option, with underscores if it has two."""
        flags = ([f for f in a.option_strings if f.startswith("--")] for a in self._actions)
        return [found[0] for found in flags if found]


class _Formatter(argparse.HelpFormatter):
    """Fills paragraphs, and breaks long lines of examples as a shell lets them be broken."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" not in text:
            return super()._fill_text(text, width, indent)
        return "\n".join(_command(line, width) for line in text.split("\n"))


def _command(line: str, width: int) -> str:
    """Break a command, but not between an option and its value."""
    parts = textwrap.wrap(
        re.sub(r"(--[\w-]+) (?=[^-])", "\\1\xa0", line),
        width - len(_CONTINUED),
        subsequent_indent=" " * 6,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f"{_CONTINUED}\n".join(parts).replace("\xa0", " ")


def _plain(message: str) -> str:
    """Say what argparse says of an argument as all other messages do."""
    found = re.fullmatch(r"argument ([^:]+): (.*)", message, re.DOTALL)
    if not found:
        return message
    option, reason = found.groups()
    name = next((flag for flag in option.split("/") if flag.startswith("--")), option)
    reason = re.sub(r"invalid int value: (.*)", r"must be a whole number, got \1", reason)
    reason = re.sub(r"invalid float value: (.*)", r"must be a number, got \1", reason)
    choice = re.fullmatch(r"invalid choice: (.*) \(choose from (.*)\)", reason, re.DOTALL)
    if choice:
        reason = f"must be one of {choice[2].replace(chr(39), '')}, got {choice[1]}"
    return f"{name} {reason}" if reason.startswith("must ") else f"{name}: {reason}"


def examples(*lines: str) -> str:
    """Return the end of a help text."""
    return "\n".join(["examples:", *(f"  {line}" for line in lines)])


def complaint(error: Exception) -> str:
    """Say what an exception says, in the words of the command line."""
    text = str(error)
    if isinstance(error, EmptyVocabularyError):
        text = text.replace(f"{NO_VOCABULARY}: ", "")  # it may follow the name of a file
    return in_flags(text)


def spelled(way: Way) -> str:
    """Spell what takes less memory with the flag for it: --memory bounded."""
    flag = FLAGS.get(way.name, way.name.replace("_", "-"))
    return re.sub("='(.*)'", r" \1", way.how.format(f"--{flag}"))


def in_flags(message: str) -> str:
    """Spell the parameters of `Word2Vec` in a message as flags: memory='ram' is --memory ram."""

    def flag(found: re.Match[str]) -> str:
        name, quoted, bare, alone = found.groups()
        value = quoted or bare or ""
        text = f"--{FLAGS[name or alone]}"
        return text if value in ("", "True") else f"{text} {value}"

    return _PARAMETER.sub(flag, message)
