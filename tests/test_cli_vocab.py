"""`fastw2v vocab`, and `fastw2v train` with what it wrote."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest

from fastw2v import KeyedVectors
from tests.test_cli import run
from tests.test_word2vec import corpus, write


@pytest.fixture
def text(tmp_path: Path) -> Path:
    return write(tmp_path / "text", corpus())


def counted(*flags: str) -> list[tuple[str, int]]:
    """What the file must say: by count, of equal ones the one that was seen last first."""
    counts = Counter(word for sentence in corpus() for word in sentence)
    last_first = list(counts.items())[::-1]
    return sorted(last_first, key=lambda item: -item[1])


def test_all_words_are_counted(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "words.vocab"
    code, printed, _ = run(capsys, "vocab", text, "-o", out)
    assert code == 0
    lines = [f"{word} {count}" for word, count in counted()]
    assert out.read_text(encoding="utf-8") == "\n".join(["</s> 300", *lines, ""])
    n_words = sum(count for _, count in counted())
    for piece in (f"{n_words:,} words, 300 sentences", "100.00 % of the corpus", str(out)):
        assert piece in printed


def test_words_can_be_left_out(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "words.vocab"
    code, printed, _ = run(
        capsys, "vocab", text, text, "-o", out, "--max-final-vocab", "7", "--min_count", "3",
        "--workers", "2", "--totals", "-q",
    )  # fmt: skip
    assert (code, printed) == (0, "")
    n_words = 2 * sum(count for _, count in counted())
    head = [f"#fastw2v tokens={n_words} words={len(counted())} min_count="]
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(head[0])
    assert lines[1:] == ["</s> 600", *(f"{word} {2 * n}" for word, n in counted()[:7])]


def test_train_takes_it(tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vocab = tmp_path / "words.vocab"
    assert run(capsys, "vocab", text, "-o", vocab, "-q")[0] == 0
    cache = tmp_path / "cache"
    outputs = []
    for flags in (
        (), ("--vocab", vocab), ("--cache", cache), ("--cache", cache), ("--memory", "bounded"),
        ("--vocab", vocab, "--cache", cache, "--memory", "bounded"),
    ):  # fmt: skip
        out = tmp_path / "vectors.bin"
        code, printed, err = run(
            capsys, "train", text, "-o", out, "--workers", "1", "--min_count", "9",
            "--vector_size", "8", *flags,
        )  # fmt: skip
        assert code == 0, err
        outputs.append(out.read_bytes())
        assert "300 sentences" in printed
    assert len(set(outputs)) == 1
    wv = KeyedVectors.load_word2vec_format(out, binary=True)
    assert wv.index_to_key == [word for word, n in counted() if n >= 9]
    assert len(list(cache.iterdir())) == 2


def test_any_input_is_read_in_any_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.gz").write_bytes(gzip.compress(b"One TWO one\nx 7 two\n" * 9))
    (tmp_path / "texts" / "b.jsonl").write_text('{"text": "One, two!"}\n' * 9)
    vocab = tmp_path / "words.vocab"
    reading = ("--tokenizer", "text8", "--sentence_split", "4")
    code, _, err = run(capsys, "vocab", tmp_path / "texts", "-o", vocab, "-q", *reading)
    assert code == 0, err
    words = "two 27\none 27\nseven 9\nx 9\n"
    assert vocab.read_text() == f"</s> 19\n{words}"
    outputs = set()
    for flags in ((), ("--memory", "bounded"), ("--vocab", vocab, "--cache", tmp_path / "cache")):
        out = tmp_path / "vectors.bin"
        code, printed, err = run(
            capsys, "train", tmp_path / "texts", "-o", out, "--workers", "1", "--min_count", "1",
            "--vector_size", "8", *flags, *reading,
        )  # fmt: skip
        assert code == 0, err
        assert "19 sentences" in printed
        outputs.add(out.read_bytes())
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("text", "-o", "text"), 2, "is also an input"),
        (("none", "-o", "out"), 1, "none: No such file"),
        (("text", "-o", "no/out"), 2, "there is no directory"),
        (("text", "-o", "out", "--min_count", "x"), 2, "min_count must be"),
        (("text", "-o", "out", "--min_count", "1000000"), 1, "none occurs --min_count 1000000"),
    ],
)
def test_mistakes(
    text: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...], code: int, message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(text.parent)
    found, _, err = run(capsys, "vocab", *arguments)
    assert found == code
    assert message in err
    assert sorted(p.name for p in text.parent.iterdir()) == ["text"]
