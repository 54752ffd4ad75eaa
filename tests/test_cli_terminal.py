"""What a terminal of some width shows, and what a log file holds."""

from __future__ import annotations

import fcntl
import logging
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from fastw2v.cli.layout import fitted, number_of, row, table
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
