"""`fastw2v check`: what it tells, against counts made with Python's own means."""

from __future__ import annotations

import gzip
import importlib
import json
import logging
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import Word2Vec, config, estimate
from fastw2v.cli import check as check_command
from fastw2v.corpus import Reading, check, mistakes
from fastw2v.corpus.check import Lengths, check_files
from fastw2v.corpus.store import END
from fastw2v.prepare import Choice, Corpus, beginning, prepare
from fastw2v.subsampling import keep_thresholds
from fastw2v.trainer import Settings, Trainer
from tests.test_cli import run


def look(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    code, out, err = run(capsys, "check", "--json", "--no-timing", *arguments)
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def made(tmp_path: Path, content: bytes | str) -> Path:
    path = tmp_path / "text"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def random_text(seed: int, n_lines: int = 200) -> bytes:
    rng = random.Random(seed)
    pieces = [b"a", b"Bb", b"word", b"\xc3\xa9t\xc3\xa9", b"longer-word", b"X" * 130]
    spaces = [b" ", b"  ", b"\t", b"\r", b"\v"]
    lines = []
    for _ in range(n_lines):
        words = [rng.choice(pieces) for _ in range(rng.choice([0, 0, 1, 3, 8, 40]))]
        line = b"".join(word + rng.choice(spaces) for word in words)
        if rng.random() < 0.1:
            line += b" bad\xff "
        lines.append(rng.choice([b"", b" "]) + line + rng.choice([b"", b"", b"\r"]))
    return b"\n".join(lines) + rng.choice([b"", b"\n", b"\n\n"])


@pytest.mark.parametrize("block_size", [1, 7, 100, 4 << 20])
@pytest.mark.parametrize("seed", range(6))
def test_everything_is_counted_as_python_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, block_size: int
) -> None:
    monkeypatch.setattr(check, "BLOCK_SIZE", block_size)
    content = random_text(seed, 200 if block_size > 1 else 20)
    report = check_files([made(tmp_path, content)], workers=2)
    lines = content.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    words = [line.split() for line in lines]
    full = [(line, found) for line, found in zip(lines, words, strict=True) if found]
    tokens = [word for found in words for word in found]
    assert report.n_bytes == len(content)
    assert report.n_lines == len(lines)
    assert report.n_blank_lines == len(lines) - len(full)
    assert report.n_sentences == len(full)
    assert report.n_tokens == len(tokens)
    assert report.line_words.total == len(tokens)
    assert report.line_words.largest == max(len(found) for _, found in full)
    assert report.line_bytes.largest == max(len(line) for line, _ in full)
    assert report.line_bytes.total == sum(len(line) for line, _ in full)
    assert report.token_bytes.total == sum(map(len, tokens))
    assert report.n_long_tokens == sum(len(word) >= 100 for word in tokens)
    assert report.n_crlf == sum(line.endswith(b"\r") for line in lines[: content.count(b"\n")])
    assert report.n_lone_cr == content.count(b"\r") - report.n_crlf
    assert report.n_upper == sum(content.count(bytes([c])) for c in range(65, 91))
    bad = [number for number, line in enumerate(lines, 1) if b"\xff" in line]
    assert report.n_invalid_lines == len(bad)
    assert [place.line for place in report.invalid] == bad[:5]
    valid = Counter(word for word in tokens if b"\xff" not in word)
    assert report.counts.tolist() == sorted(valid.values(), reverse=True)
    place = report.longest_line
    assert place is not None
    assert len(words[place.line - 1]) == report.line_words.largest
    place = report.longest_token
    assert place is not None
    assert max(map(len, words[place.line - 1])) == report.token_bytes.largest


def test_several_files_are_added_up(tmp_path: Path) -> None:
    contents = [random_text(seed) for seed in range(3)] + [b"", b"\n", b"one"]
    paths = []
    for number, content in enumerate(contents):
        (tmp_path / str(number)).mkdir()
        paths.append(made(tmp_path / str(number), content))
    together = check_files(paths, workers=2)
    parts = [check_files([path], workers=1) for path in paths]
    for name in ("n_bytes", "n_lines", "n_blank_lines", "n_tokens", "n_sentences", "n_crlf"):
        assert getattr(together, name) == sum(getattr(part, name) for part in parts), name
    assert [part.n_lines for part in parts[3:]] == [0, 1, 1]
    assert together.n_files == 6
    summary = together.line_words.summary()
    assert summary["largest"] == max(part.line_words.largest for part in parts)
    assert together.longest_line is not None
    assert Path(together.longest_line.path) in paths


def test_lengths() -> None:
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.integers(0, 4096, 1000), rng.integers(4096, 10**9, 100)])
    lengths = Lengths()
    for part in np.split(values, [100, 500]):
        lengths.add(part)
    lengths.add(values[:0])
    assert (lengths.n, lengths.total, lengths.largest) == (1100, values.sum(), values.max())
    ordered = np.sort(values)
    for share in (0.01, 0.5, 0.9):
        assert lengths.quantile(share) == ordered[int(np.ceil(share * 1100)) - 1]
    exact = ordered[int(np.ceil(0.99 * 1100)) - 1]
    assert exact / 2 < lengths.quantile(0.99) <= exact
    assert Lengths().summary() == {"mean": 0, "median": 0, "p90": 0, "p99": 0, "largest": 0}


def test_the_curve_and_the_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(1)
    counts = {f"w{i}": int(n) for i, n in enumerate(rng.zipf(1.3, 400)) if n < 3000}
    words = [word for word, n in counts.items() for _ in range(n)]
    rng.shuffle(words)
    text = "\n".join(" ".join(words[i : i + 10]) for i in range(0, len(words), 10))
    found = look(capsys, made(tmp_path, text), "--min_count", "4", "--vector_size", "20")
    for entry in found["vocabulary"]:
        left = [n for n in counts.values() if n >= entry["min_count"]]
        assert entry["words"] == len(left)
        assert entry["share"] == pytest.approx(sum(left) / len(words))
    training = found["training"]
    left = [n for n in counts.values() if n >= 4]
    assert training["words"] == len(left)
    assert training["model_bytes"] == len(left) * (2 * 4 * 32 + estimate.BYTES_PER_WORD)
    assert training["memory_bytes"] - training["model_bytes"] - estimate.BASE_BYTES == 4 * sum(left)
    # What was promised is what is trained, but for the draws.
    model = Word2Vec(corpus_file=tmp_path / "text", min_count=4, vector_size=4, workers=1, epochs=9)
    assert model.ledger.trained / model.ledger.corpus == pytest.approx(
        training["trained_share"], abs=0.02
    )


def test_a_report_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = b"the cat sat\n\nthe dog\xff sat\r\n" + b"the cat\n" * 20
    code, out, err = run(capsys, "check", made(tmp_path, content), "--min_count", "2", "--sg", "1")
    assert (code, err) == (0, "")
    for piece in (
        "1 file, 187 bytes, 23 lines", "46 words, 22 sentences, 1 blank line\n",
        "1 line is not UTF-8, 1 line ends with CR LF", "line 3: b'dog\\xff': invalid start byte",
        "        2      3        97.83 %", "3 words (min_count 2), 97.83 % of the corpus",
        "words per CPU second, one worker", "warning: training would fail: 1 line is not UTF-8",
    ):  # fmt: skip
        assert piece in out, piece


SETTINGS = Settings(
    sg=1, hs=0, negative=5, ns_exponent=0.75, window=5, shrink_windows=1, sample=1e-3,
    cbow_mean=1, cbow_gradient="classic", block_size=None, noise_rows=None, noise_blocks=None,
    alpha=0.025, min_alpha=1e-4, epochs=5, workers=2, compute_loss=False,
)  # fmt: skip


def test_the_estimate_of_the_time() -> None:
    one = estimate.seconds(10**9, 5, 1, estimate.Speed(2e6, 3000))
    assert one == pytest.approx(5e9 / 2e6)
    assert estimate.seconds(10**9, 5, 10_000, estimate.Speed(2e6, 3000)) <= one
    counts = np.arange(3000, 0, -1)
    share = estimate.trained_share(counts, 1e-3)
    kept = np.minimum(keep_thresholds(counts, 1e-3) / 2**32, 1)
    assert share == pytest.approx(float((kept * counts).sum() / counts.sum()), rel=1e-6)
    assert estimate.trained_share(counts, 0) == 1


class Clock:
    """A processor clock that goes by the words that are done, after a slow start."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, start: float, per_second: float) -> None:
        self.trainers: list[Trainer] = []
        self.start, self.per_second = start, per_second
        monkeypatch.setattr(estimate, "Trainer", self.trainer)
        monkeypatch.setattr("time.process_time", self.now)

    def trainer(self, *arguments: Any, **options: Any) -> Trainer:
        self.trainers.append(Trainer(*arguments, **options))
        return self.trainers[0]

    def now(self) -> float:
        if not self.trainers:
            return 0.0
        trainer = self.trainers[0]
        done = trainer.report.ledger.corpus
        return self.start * (done > 0) + done / self.per_second


@pytest.mark.parametrize("start", [0.0, 3.0])
def test_the_speed_is_that_after_the_start_and_of_one_worker(
    monkeypatch: pytest.MonkeyPatch, start: float
) -> None:
    clock = Clock(monkeypatch, start, 1e5)
    counts = np.arange(300, 0, -1)
    ids = np.random.default_rng(0).integers(0, 300, 3000).astype(np.int32)
    ids[9::10] |= END
    found = estimate.speed(counts, ids, 10, SETTINGS, 4)
    assert found.n_words == 300
    # Whole epochs are all that this clock sees.
    assert found.words_per_second == pytest.approx(1e5, rel=0.01)
    trainer = clock.trainers[0]
    assert trainer._settings.workers == 1
    assert 0.6e5 <= trainer.report.ledger.corpus <= 1.0e5


def test_a_measurement_ends_where_there_is_no_time_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "LONGEST_SECONDS", 0.0)
    monkeypatch.setattr("time.process_time", lambda: 0.0)
    ids = np.array([0, 1, 2 | END] * 5, np.int32)
    assert estimate.speed(np.array([5, 5, 5]), ids, 3, SETTINGS, 4).words_per_second > 0


def test_a_model_that_is_too_large_to_try_is_tried_with_fewer_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(estimate, "CALIBRATION_BYTES", 0)
    monkeypatch.setattr(estimate, "CALIBRATION_SECONDS", 0.01)
    ids = (np.arange(5000, dtype=np.int32) % 3000) | np.where(np.arange(5000) % 7, 0, END)
    found = estimate.speed(np.arange(3000, 0, -1), ids.astype(np.int32), 7, SETTINGS, 4)
    assert found.n_words == 1000


@pytest.mark.parametrize("n_ids", [1, 7, 250, 10**6])
def test_the_speed_is_measured_on_the_first_words(tmp_path: Path, n_ids: int) -> None:
    rng = np.random.default_rng(3)
    lines = [" ".join(f"w{i}" for i in rng.zipf(1.5, n)) for n in rng.integers(0, 12, 100)]
    path = made(tmp_path, "\n".join(lines))
    for reading in (Reading(), Reading(sentence_split=9), Reading(tokenizer=str.split)):
        corpus = Corpus([path], reading=reading)
        vocabulary, source = prepare(corpus, Choice(min_count=2), workers=1)
        whole = source.open().view(0, source.n_ids)
        store = beginning(corpus, vocabulary, n_ids)
        assert store.n_ids == min(n_ids, len(whole))
        assert (store.ids[:-1] == whole[: store.n_ids - 1]).all()
        assert store.ids[-1] == whole[store.n_ids - 1] | END
        ends = np.flatnonzero(np.append(-1, store.ids) < 0)
        assert store.longest == np.diff(ends).max()


def test_the_time_is_a_range() -> None:
    assert check_command.span(100) == "77 s to 2 min"
    assert [check_command.span(s) for s in (0.1, 1.2, 3)] == [
        "about 1 s",
        "1 s to 2 s",
        "2 s to 4 s",
    ]


WORDS = [f"w{i}" for i in range(50)]


def test_the_speed_is_that_of_the_whole_job(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # 3,000 words, 600,000 tokens in 10 epochs: 8 tokens draw 16 noise words, each word 400 times.
    # What the speed is measured on may be shorter.
    asked: list[Any] = []

    def speed(counts: Any, ids: Any, longest: int, settings: Any, _size: int) -> estimate.Speed:
        asked.append((settings, len(ids), longest))
        return estimate.Speed(1e6, len(counts))

    monkeypatch.setattr(estimate, "speed", speed)
    words = [f"w{i}" for i in range(3_000)]
    path = made(tmp_path, (" ".join(words) + "\n") * 20)
    assert run(capsys, "check", "--json", path, "--sg", "1", "--epochs", "10")[0] == 0
    settings, n_ids, longest = asked[0]
    assert (settings.block_size, settings.noise_rows, settings.noise_blocks) == (8, 16, 4)
    assert (n_ids, longest) == (60_000, 3_000)


def test_a_line_for_train_does_for_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, words = made(tmp_path, "a b a c\n" * 9), tmp_path / "words"
    words.write_text("a 900\nb 90\nx 9\n", encoding="utf-8")
    line = (path, "-o", tmp_path / "v.vec", "--format", "text", "--compute_loss", "-q",
            "--cache", tmp_path / "cache", "--memory", "bounded", "--vocab", words)  # fmt: skip
    options = run(capsys, "train", "--help")[1].split("options:")[1]
    known = set(re.findall(r"(?<!\S)--?[a-z][\w-]*", options.split("examples:")[0]))
    assert known - set(re.findall(r"--?[a-z][\w-]*", run(capsys, "check", "--help")[1])) == set()
    found = look(capsys, *line, "--no-timing")["training"]
    assert (found["words"], found["share"]) == (3, 0.75)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((path.name, "words"))
    monkeypatch.setattr("fastw2v.memory.available", lambda: 10**6)
    assert look(capsys, *line, "--no-timing")["warnings"][0].startswith("training takes ")
    for bad, code in (("nowhere/v.vec", 2), ("v.npy", 2)):
        assert run(capsys, "check", path, "-o", tmp_path / bad)[0] == code
    assert run(capsys, "check", path, "--vocab", tmp_path / "none")[0] == 1
    words.write_text("x 9\n", encoding="utf-8")
    assert look(capsys, path, "--vocab", words)["training"]["share"] == 0
    assert run(capsys, "check", path, "--vocab", words)[0] == 0  # with timing


@pytest.mark.parametrize("command", ["check", "train"])
def test_check_and_train_have_the_same_defaults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:  # fmt: skip
    seen: list[dict[str, Any]] = []
    module = importlib.import_module(f"fastw2v.cli.{command}")
    parameters = module.hyper_parameters
    monkeypatch.setattr(module, "hyper_parameters", lambda a: seen.append(parameters(a)) or seen[0])
    output = ("-o", tmp_path / "v.bin") if command == "train" else ("--no-timing",)
    assert run(capsys, command, made(tmp_path, "a b a b\n" * 9), *output)[0] == 0
    defaults = {name: parameter.default for name, parameter in config.PARAMETERS.items()}
    assert seen == [{**defaults, "workers": -1, "alpha": 0.05}]


@pytest.mark.parametrize("n", [79, 80, 81, 200])
@pytest.mark.parametrize("letter", ["a", "\u00e9", "\u611b", "\U0001f600"])
def test_a_long_word_is_cut_between_characters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], n: int, letter: str
) -> None:
    word = "x" + letter * n
    path = made(tmp_path, f"{word}\n")
    what = look(capsys, path)["lengths"]["longest_word"]["what"]
    assert word.startswith(what)
    assert 76 < len(what.encode()) <= 80
    assert "\ufffd" not in run(capsys, "check", path, "--no-timing")[1]


def test_control_characters_are_not_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, printed, _ = run(capsys, "check", made(tmp_path, "\x1b[2Jclear\n"), "--no-timing")
    assert "\x1b" not in printed and "\ufffd[2Jclear" in printed


def lines_of(words: list[str], length: int) -> str:
    return "\n".join(" ".join(words[i : i + length]) for i in range(0, len(words), length)) + "\n"


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (" ".join(WORDS * 300), "the corpus is one sentence of 15,000 words"),
        ("\n".join(WORDS * 300), "a sentence has 1.0 words on average"),
        (lines_of([f"w{i}" for i in range(15_000)], 10), "occur for the first time"),
        (lines_of([f"w{i % 2000}" for i in range(4000)] + WORDS * 180, 10) + "\n",
         None),
        (lines_of(list("strings are no lists of words ") * 800, 10), "single characters"),
        (lines_of([w for w in WORDS for w in (w, w.capitalize())] * 200, 10), "capital letters"),
        (lines_of([w + "." * (i % 7 == 0) for i, w in enumerate(WORDS * 300)], 9),
         "end with a punctuation mark"),
        (lines_of([w + "</p>" * (i % 7 == 0) for i, w in enumerate(WORDS * 300)], 9),
         "tags of HTML"),
        (lines_of(WORDS * 300, 2), "half of all lines have 2 words or fewer"),
        (lines_of(["w\0"] * 100, 10), "zero bytes"),
        (lines_of(WORDS * 10, 5).replace("\n", "\r"), "CRs stand without a newline"),
        (lines_of(["x" * 200] * 10, 5), "have 100 bytes or more"),
        ('{"text": "w1"}\n', "looks like JSON"),
        ("", "0 tokens (0 distinct words) were read"),
        ("\n\n \n", "0 tokens (0 distinct words) were read"),
        ("a b c\n", "training would fail"),
    ],
)  # fmt: skip
def test_usual_mistakes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, warning: str | None
) -> None:
    found = look(capsys, made(tmp_path, text))["warnings"]
    if warning is None:
        assert found == []
    else:
        assert [w for w in found if warning in w], found
    assert len(found) <= 3, found


@pytest.mark.parametrize(("word", "message"), [("d e", "contains white space"), ("d", None)])
def test_words_that_the_output_cannot_hold_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], word: str, message: str | None
) -> None:
    path = tmp_path / "text.jsonl"
    path.write_text(json.dumps({"text": ["a", "b", word]}) * 9, encoding="ascii")
    path.write_text(path.read_text().replace("}{", "}\n{"), encoding="ascii")
    found = look(capsys, path, "--min_count", "1")["warnings"]
    assert bool(found) == (message is not None)
    if message:
        assert message in found[0] and "-o FILE.fw2v" in found[0]
    code, _, error = run(capsys, "train", path, "--min_count", "1", "-o", tmp_path / "out.bin")
    assert code == bool(message)
    assert not message or "as to an output that ends in .fw2v" in error
    assert run(capsys, "train", path, "--min_count", "1", "-o", tmp_path / "out.fw2v")[0] == 0


def test_a_word_that_is_not_utf8_and_would_be_trained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = look(capsys, made(tmp_path, b"w1 caf\xe9\n" * 20))
    assert any("training would fail" in w and "text, line 1" in w for w in found["warnings"])
    assert found["vocabulary"][0] == {"min_count": 1, "words": 1, "share": 0.5}
    assert found["encoding"]["invalid_lines"] == 20
    assert len(found["encoding"]["invalid"]) == check.MOST_ERRORS
    for errors, n_words in (("skip", 1), ("replace", 2)):
        found = look(capsys, tmp_path / "text", "--errors", errors)
        assert not any("training would fail" in w for w in found["warnings"])
        assert found["training"]["words"] == n_words


def test_every_input_and_reading(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = b"One TWO three\n\nfour 5 Six\n" * 10
    (tmp_path / "a.gz").write_bytes(gzip.compress(text))
    (tmp_path / "b.jsonl").write_text('{"text": ["one", "two"]}\n' * 10)
    found = look(capsys, tmp_path / "a.gz", "--tokenizer", "words")["corpus"]
    assert (found["bytes"], found["lines"], found["blank_lines"]) == (len(text), 30, 10)
    assert (found["words"], found["sentences"], found["distinct_words"]) == (50, 20, 5)
    found = look(capsys, tmp_path)
    assert (found["corpus"]["files"], found["corpus"]["words"]) == (2, 80)
    assert found["corpus"]["distinct_words"] == 8
    assert found["lengths"]["words_per_line"]["mean"] == 80 / 30
    assert found["lengths"]["longest_word"] == {
        "path": str(tmp_path / "a.gz"), "line": 1, "what": "three",
    }  # fmt: skip


def test_too_little_memory_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path, lines_of(WORDS * 20, 10))
    for available, message in (
        (10, "the model alone does not fit"), (10**9, None),
        (10**6, "are free; a higher --min_count or a lower --vector_size takes less"),
    ):  # fmt: skip
        monkeypatch.setattr("fastw2v.memory.available", lambda a=available: a)
        found = look(capsys, path)["warnings"]
        assert bool(found) == (message is not None)
        assert message is None or message in found[0]
    monkeypatch.setattr(estimate, "BASE_BYTES", 0)
    monkeypatch.setattr(estimate, "WINDOW_BYTES", 0)
    model = estimate.memory(50, 1000, vector_size=100, negative=5, hs=0).model
    monkeypatch.setattr("fastw2v.memory.available", lambda: model + 100)
    assert "with --memory bounded or --cache it fits" in look(capsys, path)["warnings"][0]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("none",), 1, "none: No such file"), (("-",), 1, "only files"),
        (("text", "--window", "0"), 2, "window must be"), ((), 2, "INPUT"),
    ],
)  # fmt: skip
def test_mistakes_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...], code: int, message: str,
) -> None:  # fmt: skip
    made(tmp_path, "a b\n")
    monkeypatch.chdir(tmp_path)
    found, _, err = run(capsys, "check", *arguments)
    assert found == code
    assert message in err


def test_training_in_python_warns_too(caplog: pytest.LogCaptureFixture) -> None:
    small = {"vector_size": 4, "min_count": 1, "epochs": 1, "workers": 1}
    for sentences, message in (
        ([WORDS * 300], "the corpus is one sentence of 15,000 words"),
        ([list("strings are no lists of words")] * 500, "single characters"),
        ([[word] for word in WORDS * 300], "words on average"),
        ([WORDS * 3] * 100, None),
    ):
        caplog.clear()
        with caplog.at_level(logging.WARNING, "fastw2v"):
            Word2Vec(sentences, **small)
        assert len(caplog.messages) == (message is not None)
        assert message is None or message in caplog.text


def test_words_need_not_be_texts() -> None:
    assert mistakes.of_words([(1, 2), 3, "a"], np.array([10**5, 10**5, 10])) == []
    assert mistakes.of_words([], np.array([], dtype=np.int64)) == []
