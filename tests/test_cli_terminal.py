"""What a terminal of some width shows, and what a log file holds."""

from __future__ import annotations

import fcntl
import io
import logging
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastw2v import FrozenPhrases, LineSentence, Phrases, Word2Vec
from fastw2v.cli.layout import fitted, number_of, row, table
from fastw2v.corpus.check import check_files
from fastw2v.phrases.rewriting import rewrite
from fastw2v.progress import BAR

WIDTHS = (60, 80, 120)


def on_terminal(columns: int, directory: Path, *arguments: str) -> list[str]:
    """Run the command line on a terminal; returns its lines, every state of a bar as one."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    environment.pop("COLUMNS", None)
    with subprocess.Popen(
        [sys.executable, "-m", "fastw2v", *arguments], cwd=directory, env=environment,
        stdin=slave, stdout=slave, stderr=slave,
    ):  # fmt: skip
        os.close(slave)
        printed = b""
        try:
            while piece := os.read(master, 1 << 16):
                printed += piece
        except OSError:  # Linux says so when nobody holds the other side any more
            pass
    os.close(master)
    return re.split(r"[\r\n]+", printed.decode())


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """A text that gives warnings."""
    path = tmp_path / "text.txt"
    path.write_text("The cat sat. the Cat Sat on a mat, Cat.\n" * 4000, encoding="utf-8")
    return path


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize(
    "command",
    [
        "train text.txt -o v.bin --epochs 60 --compute_loss", "check text.txt", "info",
        "vocab text.txt -o v.txt", "phrases text.txt -o p.txt", "train text.txt -o v.npy",
        "train text.txt -o v.bin --min_count 99999999", "check --bogus and --more --of --that x",
    ],
)  # fmt: skip
def test_nothing_is_wider_than_the_terminal(
    tmp_path: Path, text: Path, columns: int, command: str
) -> None:
    lines = on_terminal(columns, tmp_path, *command.split())
    assert max(map(len, lines)) <= columns, [line for line in lines if len(line) > columns]
    bars = [line for line in lines if re.match(r"[a-z :0-9/]+%\|", line)]
    for bar in bars:
        assert len(bar) == columns - 1
        assert len(bar.split("|")[1]) >= BAR, bar
    if command.startswith("train") and columns == 120 and "--compute" in command:
        assert any("loss" in bar and "epoch" in bar and "alpha" in bar for bar in bars)
    assert [line for line in lines if "warning" in line] == [
        line for line in lines if line.startswith("warning: ")
    ]
    if "--lowercase" in "".join(lines):  # it was warned, and the option is named
        assert "--tokenizer words" in " ".join(" ".join(lines).split())


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("command", ["", "train", "check", "vocab", "phrases", "info", "demo"])
def test_help_is_no_wider_than_the_terminal(tmp_path: Path, columns: int, command: str) -> None:
    lines = on_terminal(columns, tmp_path, *command.split(), "--help")
    assert max(map(len, lines)) <= columns, [line for line in lines if len(line) > columns]


def test_a_log_file_has_whole_lines_and_no_bar(tmp_path: Path, text: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fastw2v", "train", "text.txt", "-o", "v.bin"], cwd=tmp_path,
        capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "COLUMNS": "60"},
    )  # fmt: skip
    warnings = done.stderr.splitlines()
    assert len(warnings) == 2
    assert all(line.startswith("warning: ") for line in warnings)
    assert "\r" not in done.stdout + done.stderr
    assert "words read         200,000  in 5 epochs of 40,000 words, 4,000 sentences" in done.stdout


class Terminal(io.StringIO):
    """What says that it is one."""

    def isatty(self) -> bool:
        return True


def built(**options: Any) -> Word2Vec:
    model = Word2Vec(min_count=1, vector_size=4, workers=1, **options)
    model.build_vocab([["a", "b"]])
    return model


def of_lists(path: Path) -> list[list[str]]:
    return [line.split() for line in path.read_text(encoding="utf-8").splitlines()]


def broken() -> Any:
    yield ["a"]
    raise ZeroDivisionError


class Own(Word2Vec):
    def train(self, *given: Any, **named: Any) -> Any:
        return super().train(*given, **named)


# What can be told how to show its progress, and the titles and units of the bars.
SHOWN: dict[str, tuple[Callable[..., Any], list[str], str]] = {
    "Word2Vec": (
        lambda path, **p: Word2Vec(corpus_file=path, workers=1, **p), ["reading", "training"], "B"
    ),
    "a subclass": (
        lambda path, **p: Own(of_lists(path), workers=1, **p),
        ["reading", "reading", "training"], "sentence",
    ),
    "Phrases": (lambda path, **p: Phrases(of_lists(path), **p), ["reading"], "sentence"),
    "build_vocab": (
        lambda path, **p: built().build_vocab(of_lists(path), **p), ["reading"], "sentence"
    ),
    "scan_vocab": (
        lambda path, **p: built().scan_vocab(corpus_file=path, **p), ["reading"], "B"
    ),
    "fit": (
        lambda path, **p: built().fit(corpus_file=path, **p), ["reading", "training"], "B"
    ),
    "fit in bounded memory": (
        lambda path, **p: built(memory="bounded").fit(corpus_file=path, **p),
        ["reading", "reading", "training"], "B",
    ),
    "train": (
        lambda path, **p: built().train(of_lists(path), total_examples=4000, epochs=1, **p),
        ["reading", "training"], "sentence",
    ),
    "add_vocab": (
        lambda path, **p: Phrases().add_vocab(of_lists(path), **p), ["reading"], "sentence"
    ),
    "add_vocab of a file": (
        lambda path, **p: Phrases().add_vocab(LineSentence(path), **p), ["reading"], "B"
    ),
    "rewrite": (
        lambda path, **p: rewrite(FrozenPhrases(Phrases()), path, io.BytesIO(), **p),
        ["reading"], "B",
    ),
    "check": (lambda path, **p: check_files([path], workers=1, **p), ["reading"], "B"),
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_progress_is_shown_or_not(text: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    call, titles, unit = SHOWN[name]
    for progress, stream in ((True, Terminal()), (False, Terminal()), (True, io.StringIO())):
        monkeypatch.setattr(sys, "stderr", stream)
        call(text, progress=progress)
        bars = [bar for bar in re.split(r"[\r\n]+", stream.getvalue()) if bar.strip()]
        shown = [bar.split(":")[0] for bar in bars if "100%" in bar]
        if progress and isinstance(stream, Terminal):
            assert list(dict.fromkeys(shown)) == list(dict.fromkeys(titles))
            assert stream.getvalue().count("\n") == len(titles)
            assert f"{unit}/s" in stream.getvalue()
        else:
            assert not stream.getvalue()
    with pytest.raises(TypeError, match=r"^progress must be True, False, None or a function"):
        call(text, progress="yes")


def test_training_may_be_shown_and_reading_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for given in ({"observe": True}, {"observe": False, "progress": True}):
        monkeypatch.setattr(sys, "stderr", Terminal())
        built().fit([["a", "b"]], **given)
        assert ("training" in sys.stderr.getvalue()) == (given["observe"] is True)  # type: ignore[attr-defined]
        assert ("reading" in sys.stderr.getvalue()) == ("progress" in given)  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match=r"^observe must be True, False, None or a function"):
        built().fit([["a", "b"]], observe="yes")


@pytest.mark.parametrize("closed", [False, True])
def test_no_bar_needs_a_terminal(monkeypatch: pytest.MonkeyPatch, closed: bool) -> None:
    """Windows starts programs without a console with no standard error."""
    stream = io.StringIO() if closed else None
    if stream is not None:
        stream.close()
    monkeypatch.setattr(sys, "stderr", stream)
    model = Word2Vec([["a", "b"]] * 9, min_count=1, vector_size=4, workers=1, progress=True)
    assert len(model.wv) == 2


def test_a_bar_is_left_before_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    for call in (built().build_vocab, Phrases().add_vocab):
        monkeypatch.setattr(sys, "stderr", Terminal())
        with pytest.raises(ZeroDivisionError):
            call(broken(), progress=True)
        assert sys.stderr.getvalue().endswith("\n")  # type: ignore[attr-defined]


def test_quiet_is_quiet(tmp_path: Path, text: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fastw2v", "train", "text.txt", "-o", "v.bin", "-q"], cwd=tmp_path,
        capture_output=True, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert logging.getLogger("fastw2v").handlers == []


def test_lines_are_broken_under_their_second_column() -> None:
    line = row("name", "one two three four five six seven eight")
    assert fitted(line, None) == line
    assert fitted(line, 40) == (
        "name               one two three four\n"
        "                   five six seven eight"
    )  # fmt: skip
    assert fitted("warning: a-b-c-d-e-f-g-h-i-j-k l m n o p", 20).split("\n") == [
        "warning:", "    a-b-c-d-e-f-g-h-i-j-k", "    l m n o p",
    ]  # fmt: skip
    assert fitted("short\n\n" + "x" * 99, 40) == "short\n\n" + "x" * 99


def test_tables_are_as_wide_as_they_must_be() -> None:
    assert table([("a", "bb", "c"), ("", "1", "1,000")]) == [
        "a                  bb      c",
        "                    1  1,000",
    ]
    assert [number_of(n, "byte") for n in (0, 1, 1000)] == ["0 bytes", "1 byte", "1,000 bytes"]
    assert number_of(2, "is", "are") == "2 are"
