"""`fastw2v phrases`, as a person types it."""

from __future__ import annotations

import gzip
import random
from pathlib import Path
from typing import Any

import pytest

from fastw2v import LineSentence, Phrases
from fastw2v.phrases import rewriting
from tests.corpora import sentences_of, write_jsonl, write_parquet
from tests.test_cli import run
from tests.test_phrases import TEXT, WORDS, draw


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """Random words with blank lines, and pairs and triples that stay together."""
    path = tmp_path / "text"
    words = [*WORDS["plain"], "new york", "new york city", "rio of the sea", "naïve"]
    lines = [" ".join(sentence) for sentence in draw(words, 400, 12, seed=5)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("passes", [1, 2])
@pytest.mark.parametrize("scoring", ["default", "npmi"])
@pytest.mark.parametrize("block_size", [40, 4 << 20])
def test_the_text_is_joined_as_phrases_would(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, passes: int, scoring: str, block_size: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(rewriting, "BLOCK_SIZE", block_size)
    thresholds = [4.0, 2.0][:passes] if scoring == "default" else [0.4, 0.3][:passes]
    out = tmp_path / "out"
    code, printed, _ = run(
        capsys, "phrases", text, "-o", out, "--passes", str(passes), "--scoring", scoring,
        "--threshold", *map(str, thresholds), "--min-count", "2", "--connector_words", "of,the",
    )  # fmt: skip
    assert code == 0
    expected = [line.split() for line in text.read_text(encoding="utf-8").splitlines()]
    for threshold in thresholds:
        phrases = Phrases(
            expected, min_count=2, threshold=threshold, scoring=scoring,
            connector_words=["of", "the"],
        )  # fmt: skip
        expected = list(phrases.freeze()[expected])
    written = out.read_text(encoding="utf-8")
    assert written == "".join(" ".join(sentence) + "\n" for sentence in expected)
    assert "new_york" in written
    assert "rio_of_the_sea" in written
    assert ("new_york_city" in written) == (passes == 2)
    n_words = sum(map(len, expected))
    assert f"{n_words:,} words left" in printed
    assert f"saved              {out}" in printed
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "text"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", b""),
        (b"\n", b"\n"),
        (b"a", b"a\n"),
        (b"  a\t b \r\n\n c", b"a b\n\nc\n"),
        (b"\xef\xbb\xbfp q", b"p_q\n"),
        (b"p q\np\nq p q", b"p_q\np\nq p_q\n"),
        (b"p of  of q of p", b"p_of_of_q of p\n"),
        (b"of p of\nq", b"of p of\nq\n"),
    ],
)
def test_lines_stay_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: bytes, expected: bytes
) -> None:
    phrases = Phrases(connector_words=["of"], min_count=1, threshold=0.1).freeze()
    phrases.phrasegrams = {"p_q": 1.0, "p_of_of_q": 1.0}
    path = tmp_path / "text"
    path.write_bytes(raw)
    for block_size in (1, 2, 3, 5, 1 << 20):
        monkeypatch.setattr(rewriting, "BLOCK_SIZE", block_size)
        with (tmp_path / "out").open("wb") as file:
            rewriting.rewrite(phrases, path, file)
        assert (tmp_path / "out").read_bytes() == expected


def test_compressed_input_and_defaults(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sentences = TEXT * 20
    packed = tmp_path / "text.gz"
    packed.write_bytes(gzip.compress("".join(" ".join(s) + "\n" for s in sentences).encode()))
    out = tmp_path / "out"
    assert run(capsys, "phrases", packed, "-o", out, "-q", "--threshold", "0.1") == (0, "", "")
    frozen = Phrases(sentences, threshold=0.1).freeze()
    assert list(LineSentence(out)) == list(frozen[sentences])


READINGS = [
    {},
    {"lowercase": True},
    {"tokenizer": "words"},
    {"tokenizer": "text8", "split": "paragraph"},
    {"lowercase": True, "split": "punctuation"},
    {"split": 7},
    {"errors": "replace"},
    {"errors": "skip", "split": "punctuation"},
]


@pytest.mark.parametrize("reading", READINGS, ids=str)
def test_every_reading(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str], reading: dict[str, Any]
) -> None:
    rng = random.Random(0)
    parts = text.read_bytes().replace(b"new york", b"New York").split(b" ")
    parts = [part + rng.choice([b"", b"", b".", b"\r\n", b" \n\n"]) for part in parts]
    if "errors" in reading:
        parts = [b"\xff" + part if rng.random() < 0.1 else part for part in parts]
    texts = [b" ".join(parts[:900]), b"", b"\xef\xbb\xbf" + b" ".join(parts[900:])]
    paths = [tmp_path / name for name in ("a", "b", "c")]
    for path, content in zip(paths, texts, strict=True):
        path.write_bytes(gzip.compress(content) if path.name == "a" else content)
    expected = [words for content in texts for words in sentences_of(content, **reading)]
    assert len(expected) > 50
    names = {"split": "sentence_split"}
    options = [f"--{names.get(k, k)}={v}" for k, v in reading.items() if v is not True]
    options += [f"--{name}" for name, value in reading.items() if value is True]
    out = tmp_path / "out"
    code, printed, error = run(
        capsys, "phrases", *paths, "-o", out, "--threshold", "2", "--min_count", "2", *options
    )
    assert (code, error) == (0, "")
    joined = Phrases(expected, threshold=2, min_count=2).freeze()[expected]
    lines = out.read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    assert [line.split() for line in lines if line] == list(joined)
    if reading.get("split", "line") == "line":
        decoded = [content.decode(errors="replace") for content in texts]
        n_lines = sum(map(len, (t.removesuffix("\n").split("\n") for t in decoded if t)))
        assert len(lines) == n_lines
    else:
        assert "" not in lines
    assert f"{len(lines):,} lines" in printed


@pytest.mark.parametrize("form", ["jsonl", "parquet", "jsonl lists", "parquet lists", "function"])
def test_every_form(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, form: str,
) -> None:  # fmt: skip
    sentences = [line.split() for line in text.read_text(encoding="utf-8").splitlines()]
    sentences = [words for words in sentences if words]
    options = ["--field", "body"]
    values: list[Any] = [" ".join(words) for words in sentences]
    if form.endswith("lists"):
        values = [*sentences[:5], [], *sentences[5:]]
    if form == "function":
        monkeypatch.chdir(tmp_path)
        (tmp_path / "splitting_for_phrases.py").write_text("def split(line): return line.split()")
        options = ["--tokenizer", "splitting_for_phrases:split"]
        path = text
    elif form.startswith("jsonl"):
        path = write_jsonl(tmp_path / "a.jsonl", values, "body")
    else:
        path = write_parquet(tmp_path / "a.parquet", values, field="body")
    out = tmp_path / "out"
    code, _, error = run(
        capsys, "phrases", path, "-o", out, "--threshold", "2", "--min_count", "2", *options
    )
    assert (code, error) == (0, "")
    joined = Phrases(sentences, threshold=2, min_count=2).freeze()[sentences]
    assert list(LineSentence(out)) == list(joined)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([["a", "b c"]], "the word 'b c' cannot be written to a text"),
        ([["a"], ["b", ""]], "the word '' cannot be written to a text"),
        ([[1, 2], [3]], "holds whole numbers, and words are wanted"),
    ],
)
def test_lists_that_no_text_can_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], values: list[Any], message: str
) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", values)
    code, _, error = run(capsys, "phrases", path, "-o", tmp_path / "out")
    assert code == 1
    assert "a.jsonl" in error
    assert message in error
    assert not (tmp_path / "out").exists()


def test_a_tokenizer_that_returns_no_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numbers_for_phrases.py").write_text("def split(line): return [len(line)]")
    arguments = ("-o", "out", "--tokenizer", "numbers_for_phrases:split")
    code, _, error = run(capsys, "phrases", text, *arguments)
    assert code == 1
    assert "words must be str, the tokenizer returned" in error


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("TEXT", "-o", "OUT", "--passes", "0"), 2, "--passes must be 1 or more"),
        (("TEXT", "-o", "OUT", "--threshold", "0"), 2, "--threshold should be positive"),
        (("TEXT", "-o", "OUT", "--threshold", "2", "1"), 2, "one for each of the 1 passes"),
        (("TEXT", "-o", "OUT", "--min_count", "0"), 2, "--min_count should be at least 1"),
        (("TEXT", "-o", "OUT", "--delimiter", " "), 2, "without white space"),
        (("TEXT", "-o", "TEXT"), 2, "is also an input"),
        (("TEXT", "-o", "nowhere/OUT"), 2, "there is no directory nowhere"),
        (("nothing", "-o", "OUT"), 1, "nothing"),
        (("BAD", "-o", "OUT"), 1, "line 2"),
        (("/dev/null", "-o", "OUT"), 2, "is not a file"),
    ],
)
def test_mistakes_get_one_clear_line(
    text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad").write_bytes(b"a b\n\xff\n")
    names = {"TEXT": str(text), "OUT": "out", "BAD": "bad"}
    got, _, error = run(capsys, "phrases", *(names.get(a, a) for a in arguments))
    assert got == code
    assert message in error.strip().splitlines()[-1]
    assert "Traceback" not in error
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad", "text"]
