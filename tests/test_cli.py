"""The command line, as a person types it."""

from __future__ import annotations

import importlib
import os
import re
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fastw2v import KeyedVectors, Word2Vec, __version__, config
from fastw2v.cli import main
from fastw2v.cli.usage import Command, in_flags
from fastw2v.formats import _table
from tests.test_word2vec import corpus, write


@pytest.fixture
def text(tmp_path: Path) -> Path:
    return write(tmp_path / "text.txt", corpus())


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_train_writes_vectors_and_tells_about_it(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "vectors.bin"
    code, printed, _ = run(
        capsys, "train", text, "-o", out, "--vector-size", "12", "--min_count", "1", "--sg", "1",
        "--compute_loss", "--workers", "1",
    )  # fmt: skip
    assert code == 0
    for piece in ("words read", "out of vocabulary", "subsampled", "trained", "epoch by epoch",
                  "words/s", "skip-gram", str(out)):  # fmt: skip
        assert piece in printed
    wv = KeyedVectors.load_word2vec_format(out, binary=True)
    assert wv.vectors.shape == (80, 12)


@pytest.mark.parametrize(("name", "flags", "binary"), [
    ("v.txt", (), False), ("v.vec", (), False), ("v.bin", (), True), ("v", (), True),
    ("v.txt", ("--format", "binary"), True), ("v.w2v", (), True), ("V.TXT", (), False),
    ("v.vec.gz", (), False), ("v.bin.xz", (), True), ("v.gz", (), True),
    ("v.npy", ("--format", "text"), False), ("v.fw2v", ("--format", "binary"), True),
])  # fmt: skip
def test_the_name_of_the_output_chooses_the_format(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str], name: str,
    flags: tuple[str, ...], binary: bool,
) -> None:  # fmt: skip
    code, printed, _ = run(capsys, "train", text, "-o", tmp_path / name, "-q", *flags)
    assert (code, printed) == (0, "")
    assert len(KeyedVectors.load_word2vec_format(tmp_path / name, binary=binary))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("v.npy", ".npy is the name of no format"), ("v.1.5", ".5 is the name of no format"),
        ("v.pkl.gz", ".pkl is the name of no format"), ("v.fw2v.gz", "leave out .gz"),
    ],
)  # fmt: skip
def test_a_name_that_promises_another_format_is_refused_before_training(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str], name: str, message: str
) -> None:
    code, printed, error = run(capsys, "train", text, "-o", tmp_path / name)
    assert (code, printed) == (2, "")
    assert message in error and error.count("\n") == 1
    for command in ("vocab", "phrases"):
        for suffix in ("gz", "bin", "fw2v", "npy", "jsonl"):
            out = tmp_path / f"v.{suffix}"
            code, _, error = run(capsys, command, text, "-o", out)
            assert code == 2 and f"must not end in .{suffix}" in error
    assert [path.name for path in tmp_path.iterdir()] == ["text.txt"]


def test_fw2v_is_the_whole_model(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    flags = ("--workers", "1", "--seed", "7", "--lowercase", "--vector_size", "8")
    assert run(capsys, "train", text, "-o", "v.fw2v", *flags)[0] == 0
    assert run(capsys, "train", text, "-o", "v.bin", *flags)[0] == 0
    vectors = KeyedVectors.load_word2vec_format("v.bin", binary=True)
    assert (KeyedVectors.load("v.fw2v").vectors == vectors.vectors).all()
    model = Word2Vec.load("v.fw2v")
    assert (model.seed, model.reading.lowercase) == (7, True)
    again = Word2Vec(
        corpus_file=str(text), workers=1, seed=7, lowercase=True, vector_size=8, alpha=0.05
    )
    for one in (model, again):
        one.train(corpus_file=str(text), total_words=one.corpus_total_words, epochs=2)
    assert (model.wv.vectors == again.wv.vectors).all()


def test_several_inputs_are_one_corpus(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sentences = corpus()
    one = write(tmp_path / "one", sentences)
    parts = [write(tmp_path / "a", sentences[:100]), write(tmp_path / "b", sentences[100:])]
    for name, inputs in (("x", [one]), ("y", parts)):
        assert run(capsys, "train", *inputs, "-o", tmp_path / name, "--workers", "1")[0] == 0
    assert (tmp_path / "x").read_bytes() == (tmp_path / "y").read_bytes()


def test_help_shows_every_parameter_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    code, printed, _ = run(capsys, "train", "--help")
    assert code == 0
    squeezed = " ".join(printed.split())
    for parameter in config.PARAMETERS.values():
        assert f"--{parameter.name}" in printed
        default = {
            "alpha": "0.025; CBOW 0.05, by the corrected gradient 0.15", "workers": "all cores",
        }.get(parameter.name, parameter.default)  # fmt: skip
        assert f"(default: {default})" in squeezed or "(default " in parameter.help


@pytest.mark.parametrize(
    ("flags", "alpha"),
    [
        ((), 0.05), (("--sg", "1"), 0.025), (("--hs", "1", "--negative", "0"), 0.05),
        (("--cbow_gradient", "corrected"), 0.15), (("--cbow_mean", "0"), 0.025),
        (("--sg", "1", "--cbow_gradient", "corrected"), 0.025), (("--alpha", "0.0125"), 0.0125),
    ],
)  # fmt: skip
def test_the_learning_rate_suits_the_model_and_all_cores_work(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...],
    alpha: float,
) -> None:  # fmt: skip
    code, printed, _ = run(capsys, "train", text, "-o", tmp_path / "v.fw2v", *flags)
    assert code == 0
    model = Word2Vec.load(tmp_path / "v.fw2v")
    assert (model.alpha, model.workers) == (alpha, -1)
    assert f"alpha {alpha}, " in printed
    cores = len(os.sched_getaffinity(0))
    assert f"{cores} worker{'s' * (cores > 1)}, " in printed


def test_python_keeps_the_defaults_of_gensim() -> None:
    model = Word2Vec()
    assert (model.alpha, model.workers) == (0.025, 3)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "required"),
        (("TEXT", "-o", "OUT", "--window", "0"), 2, "window must be a whole number from 1"),
        (
            ("TEXT", "-o", "OUT", "--alpha", "fast"),
            2,
            "alpha must be a positive number, got 'fast'",
        ),
        (("TEXT", "-o", "OUT", "--negative", "0"), 2, "leave nothing to train"),
        (("TEXT", "-o", "OUT", "--nonsense", "0"), 2, "nonsense"),
        (("nowhere.txt", "-o", "OUT"), 1, "nowhere.txt"),
        (("TEXT", "-o", "nowhere/OUT"), 2, "there is no directory nowhere"),
        (("TEXT", "-o", "TEXT"), 2, "is also an input"),
        (("TEXT", "-o", "."), 2, "is a directory"),
        (("missing*", "-o", "OUT"), 1, "no file matches"),
        (("EMPTY", "-o", "OUT"), 1, "0 tokens"),
        (("TEXT", "-o", "OUT", "--min_count", "99999"), 1, "--min_count 99999"),
    ],
)
def test_mistakes_get_one_clear_line(
    text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.txt").touch()
    names = {"TEXT": str(text), "OUT": "out.bin", "EMPTY": "empty.txt"}
    got, printed, error = run(capsys, "train", *(names.get(a, a) for a in arguments))
    assert got == code
    assert message in error
    assert "Traceback" not in error
    last = error.strip().splitlines()[-1]
    assert message in last
    assert not (tmp_path / "out.bin").exists()
    assert "saved" not in printed


@pytest.mark.parametrize("name", ["out.vec", "out.bin"])
def test_words_that_the_output_cannot_hold_are_told_before_training(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    path = tmp_path / "text"
    path.write_text("x" * 99_999 + " c\n", encoding="utf-8")
    arguments = ("--min_count", "1", "--epochs")
    assert run(capsys, "train", path, "-o", tmp_path / name, *arguments, "1")[0] == 0
    monkeypatch.setattr(_table, "MAX_KEY_BYTES", 99_998)
    code, printed, error = run(
        capsys, "train", path, "-o", tmp_path / name, *arguments, "100000000"
    )
    assert code == 1
    assert "x'... of row 1 takes 99999 bytes" in error
    assert len(error) < 1000
    assert "training" not in printed


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "TEXT", "-o", "out.vec", "--epochs", "1"),
        ("train", "TEXT", "-o", "out.vec", "--epochs", "1", "--cache", "cache"),
        ("vocab", "TEXT", "-o", "out.txt"),
        ("phrases", "TEXT", "-o", "out.txt"),
        ("phrases", "TEXT", "-o", "out.txt", "--passes", "2"),
    ],
)
def test_a_full_disk_is_named_and_leaves_nothing(
    tmp_path: Path, text: Path, arguments: tuple[str, ...]
) -> None:
    """A limit on the size of files stands in for the disk."""
    command = [str(text) if a == "TEXT" else a for a in arguments]
    done = subprocess.run(
        [sys.executable, "-m", "fastw2v", *command], cwd=tmp_path, capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    assert done.returncode == 1
    *before, message = done.stderr.strip().splitlines()
    assert message.startswith(f"fastw2v {arguments[0]}: ")
    assert "out." in message
    assert message.endswith(": File too large")
    if "cache" in arguments:  # a cache only saves time, so the run went on without it
        assert any("cannot be kept" in line and "File too large" in line for line in before)
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert left == [text]


def test_info_names_the_instruction_sets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, printed, _ = run(capsys, "info")
    assert code == 0
    for piece in (__version__, "built:", "usable:", "chosen:", "cores", "huge pages", "scalar"):
        assert piece in printed
    monkeypatch.setenv("FASTW2V_ISA", "mmx")
    code, _, error = run(capsys, "info")
    assert code == 2
    assert "FASTW2V_ISA must be one of" in error


def test_demo_trains_and_shows_neighbours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from fastw2v import stdlib_text

    def few(path: Path) -> int:
        sentences = [["list", "string", "true", *sentence] for sentence in corpus(100)]
        write(path, sentences)
        return sum(map(len, sentences))

    monkeypatch.setattr(stdlib_text, "write", few)
    code, printed, _ = run(capsys, "demo", "-d", tmp_path / "new")
    assert code == 0
    assert "Nearest neighbours" in printed
    assert "list " in printed
    assert str(tmp_path / "new" / "stdlib-vectors.bin") in printed


def test_ctrl_c_leaves_the_old_file(tmp_path: Path, text: Path) -> None:
    out = tmp_path / "vectors.bin"
    out.write_bytes(b"old")
    command = [sys.executable, "-m", "fastw2v", "train", text, "-o", out, "--epochs", "9999999"]
    with subprocess.Popen(
        [str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            while not process.stdout.readline().startswith("training"):
                assert process.poll() is None
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            _, error = process.communicate(timeout=10)
        finally:
            process.kill()  # it ended long ago, unless something failed
    assert process.returncode == 130
    assert error.strip() == "fastw2v train: interrupted, no file was written"
    assert out.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["text.txt", "vectors.bin"]


@pytest.mark.parametrize(
    ("numpy", "code", "said"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGINT)", 130,
         "interrupted, no file was written"),
        ("raise MemoryError", 1, "there is not enough memory to start"),
        ("raise ImportError('x.so: failed to map segment from shared object')", 1,
         "there is not enough memory to start"),
    ],
)  # fmt: skip
def test_what_goes_wrong_before_a_command_begins_gets_one_line(
    tmp_path: Path, numpy: str, code: int, said: str
) -> None:
    (tmp_path / "numpy.py").write_text(numpy, encoding="utf-8")
    path = os.pathsep.join((str(tmp_path), str(Path(__file__).parents[1])))
    ended = subprocess.run(
        [sys.executable, "-c", "import sys; from fastw2v.cli import main; sys.exit(main())"],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (code, f"fastw2v: {said}\n")


@pytest.mark.parametrize(
    "arguments",
    [(), ("nonsense",), ("vocab", "a.txt"), ("train", "a.txt", "-o", "b", "--sg", "7"),
     ("train", "a.txt", "-o", "b", "--bogus", "1")],
)  # fmt: skip
def test_a_wrong_argument_gets_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith("fastw2v") and "--help" in err


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        ("-train TEXT -output OUT -size 8", ["-train is the text itself", "-output is -",
                                             "-size is --vector_size"]),
        ("TEXT -o OUT -hs 0", ["-hs is --hs"]), ("TEXT -o OUT -cbow 0", ["--sg 1 for -cbow 0"]),
        ("TEXT -o OUT -iter 3 -threads 2", ["-iter is --epochs; -threads is --workers"]),
        ("TEXT -o OUT --iter 3", ["--iter is --epochs"]), ("TEXT -output=OUT", ["-output is -"]),
        ("TEXT -o OUT --threads=3", ["--threads is --workers"]),
        ("TEXT -o OUT --size 3 --dim 3", ["--size is --vector_size; --dim is --vector_size"]),
        ("TEXT -o OUT -min-count 3 -window 2", ["-min-count is --min-count; -window is --window"]),
        ("TEXT -o OUT -binary 1", ["-binary is --format binary"]),
        ("TEXT -o OUT --bogus 1", ["unrecognized arguments: --bogus 1"]),
        ("TEXT -o OUT --work 2", ["--work is spelled out: --workers"]),
        ("TEXT -o OUT --min_ 2", ["--min_ is spelled out: --min_count or --min_alpha"]),
    ],
)  # fmt: skip
def test_flags_of_other_programs_name_their_successors(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, arguments: str, messages: list[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    given = arguments.replace("TEXT", str(text)).replace("OUT", "out.bin").split()
    code, printed, error = run(capsys, "train", *given)
    assert (code, printed, error.count("\n")) == (2, "", 1)
    assert error.startswith("fastw2v train: ")
    assert all(message in error for message in messages), error
    assert [path.name for path in tmp_path.iterdir()] == ["text.txt"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("train TEXT -o OUT --seed -1",
         "--seed must be none or a whole number from 0 to 2**64 - 1, got '-1'"),
        ("train TEXT -o OUT --min-count none",
         f"--min_count must be a whole number from 0 to {2**31 - 1}, got 'none'"),
        ("train TEXT -o OUT --hs 0 --negative 0", "--hs 0 and --negative 0 leave nothing to train"),
        ("train TEXT -o OUT --memory x", "--memory must be one of auto, ram, bounded, got 'x'"),
        ("train TEXT -o OUT --workers", "--workers: expected one argument"),
        ("vocab TEXT -o OUT --sentence_split 0", "--sentence_split must be 1 or more words, got 0"),
        ("phrases TEXT -o OUT --passes x", "--passes must be a whole number, got 'x'"),
        ("phrases TEXT -o OUT --min_count x", "--min_count must be a number, got 'x'"),
        ("-train TEXT -output OUT",
         "a command comes first: fastw2v train INPUT -o OUTPUT; got -train"),
        ("skipgram -input TEXT", "COMMAND must be one of train, check, "),
    ],
)  # fmt: skip
def test_a_bad_value_is_named_by_its_flag(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str], arguments: str, message: str
) -> None:
    given = arguments.replace("TEXT", str(text)).replace("OUT", str(tmp_path / "v")).split()
    _, _, error = run(capsys, *given)
    assert message in error
    assert "argument" not in error.partition("expected")[0] and "----" not in error


def test_a_sample_that_is_a_count_is_told(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, _, error = run(capsys, "train", text, "-o", tmp_path / "v.bin", "--sample", "2")
    assert "warning: --sample 2 is a count of words" in error


def test_what_is_no_flag_stays_what_it_is() -> None:
    parser = Command("fastw2v")
    parser.add_argument("--size")
    parser.add_argument("-n", type=int)
    parser.add_argument("rest", nargs="*")
    found = parser.parse_args(["--size", "3", "-n", "-1", "--", "-iter"])
    assert vars(found) == {"size": "3", "n": -1, "rest": ["-iter"]}


@pytest.mark.parametrize("command", ["train", "check", "vocab", "phrases", "info", "demo"])
def test_help_has_examples_that_parse(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    code, printed, _ = run(capsys, command, "--help")
    assert code == 0
    whole = printed.split("examples:\n")[1].replace("\\\n", "")
    examples = [line.strip() for line in whole.splitlines()]
    assert len(examples) == 3
    module = importlib.import_module(f"fastw2v.cli.{command}")
    monkeypatch.setattr(module, "run", lambda _arguments: 0)
    for example in examples:
        words = shlex.split(example.split("|")[0].split("&&")[0])
        words = words[words.index("fastw2v") + 1 :]
        assert words[0] == command
        assert run(capsys, *words)[0] == 0, example
    assert " X" not in printed


def test_one_of_a_thing_is_spelled_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "text"
    path.write_text("a b c a b c\n" * 20, encoding="utf-8")
    arguments = ("--epochs", "1", "--workers", "1", "--negative", "1")
    code, printed, _ = run(capsys, "train", path, "-o", tmp_path / "out.bin", *arguments)
    assert code == 0
    assert "CBOW, 1 negative, " in printed
    assert "1 epoch, 1 worker, " in printed
    path.write_text("a\n", encoding="utf-8")
    once = ("--min_count", "1")
    for command in (
        ("train", path, "-o", tmp_path / "v.bin", *once, *arguments),
        ("vocab", path, "-o", tmp_path / "v.txt", *once),
        ("phrases", path, "-o", tmp_path / "p.txt", *once),
        ("check", path, "--no-timing", *once),
    ):
        code, printed, _ = run(capsys, *command)
        assert code == 0
        assert not re.search(r"\b1 [a-z]+ ?[a-z]*s\b", printed), printed
        assert "1 word" in printed


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("hs=0 and negative=0 leave", "--hs 0 and --negative 0 leave"),
        ("x; or choose errors='replace' or errors='skip'",
         "x; or choose --errors replace or --errors skip"),
        ("name the key to read by field=; there", "name the key to read by --field; there"),
        ("(lowercase=True) unless", "(--lowercase) unless"),
        ("memory='bounded' and cache_dir read", "--memory bounded and --cache read"),
        ("alpha=0.5.", "--alpha 0.5."), ("tokenizer=, lowercase=", "--tokenizer, --lowercase"),
        ("effective_min_count=5", "effective_min_count=5"), ("a/hs=1/b", "a/hs=1/b"),
        ("/hs=1", "/hs=1"), ("it's hs", "it's hs"), ("lower min_count.", "lower --min_count."),
        ("min_count.txt, 'min_count', my_min_count", "min_count.txt, 'min_count', my_min_count"),
    ],
)  # fmt: skip
def test_messages_speak_of_flags(message: str, said: str) -> None:
    assert in_flags(message) == said


@pytest.mark.parametrize(
    ("arguments", "fails", "ways"),
    [
        ("vocab TEXT -o OUT --workers 2", "prepare.scan_corpus", "fewer --workers"),
        ("vocab TEXT -o OUT --workers 1", "prepare.scan_corpus", ""),
        ("vocab TEXT -o OUT --workers 1", "corpus.scan.Scan.keys", "a larger --min_count"),
        ("train TEXT -o OUT --workers 2 --memory ram", "prepare.in_memory",
         "--memory bounded, fewer --workers"),
        ("train TEXT -o OUT --workers 1 --memory bounded", "prepare.streamed", ""),
        ("train TEXT -o OUT --workers 1 --memory auto", "prepare.streamed", ""),
        ("train TEXT -o OUT --workers 1", "trainer.Trainer.run",
         "a smaller --vector_size, a larger --min_count"),
        ("phrases TEXT -o OUT", "phrases.counted.count", "a smaller --max_vocab_size"),
        ("phrases TEXT -o OUT", "cli.phrases.rewrite", "a smaller --max_vocab_size"),
        ("check TEXT --workers 2", "cli.check.check_files", "fewer --workers"),
        ("check TEXT --min_count 1", "estimate.speed", "--no-timing"),
    ],
)  # fmt: skip
def test_a_lack_of_memory_names_options_of_the_command(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, arguments: str, fails: str, ways: str,
) -> None:  # fmt: skip
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(f"fastw2v.{fails}", fail)
    monkeypatch.setattr("fastw2v.prepare.placement.LEAST_TEXT", 0)
    if "auto" in arguments:
        monkeypatch.setattr("fastw2v.prepare.in_memory", fail)
    given = arguments.replace("TEXT", str(text)).replace("OUT", str(tmp_path / "v")).split()
    code, _, error = run(capsys, *given, "--min_count", "1")
    assert code == 1
    helps = f"; what helps: {ways}" if ways else ""
    if "ram" in arguments:  # which takes no less for a short text
        monkeypatch.setattr("fastw2v.prepare.placement.LEAST_TEXT", 64 << 20)
        assert "--memory" not in run(capsys, *given)[2]
    said = rf"fastw2v {given[0]}: there is not enough memory [a-z ]+{helps}"
    assert re.fullmatch(said, error.splitlines()[-1])


# What is printed, and where ----------------------------------------------------------------------


def shell(command: str, directory: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell, in which `fastw2v` is this one."""
    return subprocess.run(
        ["bash", "-c", f'fastw2v() {{ "{sys.executable}" -m fastw2v "$@"; }}; {command}'],
        cwd=directory,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), **environment},
    )


TRAIN = "fastw2v train text.txt -o out.vec --epochs 1 --vector_size 2"


@pytest.mark.parametrize(
    ("command", "code", "error"),
    [
        (f"{TRAIN} >&-", 0, b""),
        (f"{TRAIN} 2>&-", 0, b""),
        (f"{TRAIN} <&- >&- 2>&-", 0, b""),
        (f"{TRAIN} 2>/dev/full", 0, b""),
        (f"{TRAIN} | true; exit ${{PIPESTATUS[0]}}", 0, b""),
        (f"{TRAIN} >/dev/full", 1, b"fastw2v train: the report could not be printed: No space"),
    ],
)
def test_a_report_that_cannot_be_printed_costs_nothing_else(
    tmp_path: Path, text: Path, command: str, code: int, error: bytes
) -> None:
    done = shell(command, tmp_path)
    assert done.returncode == code
    assert done.stderr.startswith(error) and done.stderr.count(b"\n") == bool(error)
    assert len(KeyedVectors.load_word2vec_format(tmp_path / "out.vec")) > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.vec", "text.txt"]


@pytest.mark.parametrize("redirection", ["", "| cat", "> out; cat out"])
def test_the_report_keeps_out_of_an_output_that_is_standard_output(
    tmp_path: Path, text: Path, redirection: str
) -> None:
    expected = shell(f"{TRAIN} -q; cat out.vec", tmp_path).stdout
    for output in ("-", "/dev/fd/1"):
        command = TRAIN.replace("out.vec", f"{output} --format text")
        done = shell(f"{command} {redirection}", tmp_path)
        assert done.stdout == expected, done.stderr
        assert b"corpus words/s" in done.stderr


@pytest.mark.parametrize(
    ("command", "first"),
    [("vocab text.txt", b"</s> 300\n"), ("phrases text.txt --passes 2", b"")],
)
def test_other_outputs_may_be_standard_output_too(
    tmp_path: Path, text: Path, command: str, first: bytes
) -> None:
    done = shell(f"fastw2v {command} -o -", tmp_path)
    assert done.stdout.startswith(first or text.read_bytes().split(b"\n")[0] + b"\n")
    assert b"saved" in done.stderr and b"saved" not in done.stdout
    done = shell(f"fastw2v {command} -o - >&-", tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"standard output is closed" in done.stderr


def test_an_output_that_nobody_reads_ends_the_command_quietly(tmp_path: Path, text: Path) -> None:
    command = f"{TRAIN.replace('out.vec', '-')}000 -q"
    done = shell(f"{command} | head -c 1; exit ${{PIPESTATUS[0]}}", tmp_path)
    assert (done.returncode, done.stderr) == (141, b"")


def test_words_that_the_terminal_cannot_show(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("我\n" + "愛" * 30 + "\n", encoding="utf-8")
    done = shell("fastw2v check text --no-timing", tmp_path, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert rb"longest word       text, line 2: \u611b" in done.stdout


def test_standard_input_that_is_closed(tmp_path: Path) -> None:
    done = shell("fastw2v train - -o out.bin <&-", tmp_path)
    assert (done.returncode, done.stderr) == (1, b"fastw2v train: standard input is closed\n")


# Outputs that cannot be written ------------------------------------------------------------------


def test_outputs_that_cannot_be_written_are_refused_before_training(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nowhere/out")
    (tmp_path / "protected").write_bytes(b"precious")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
    access = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path).name != "protected" and access(path, mode)
    )
    monkeypatch.setattr("fastw2v.cli.train.train_and_save", None)
    monkeypatch.setattr("fastw2v.cli.vocab.count", None)
    monkeypatch.setattr("fastw2v.cli.phrases.join", None)
    for name, message in (
        ("loop", "Too many levels of symbolic links"),
        ("dangling", f"({tmp_path / 'nowhere'}): no such directory"),
        ("protected", "Permission denied"),
        ("socket", "this is a socket"),
        (".", "is a directory"),
        ("missing/out", "there is no directory"),
    ):
        for command in ("train", "vocab", "phrases"):
            code, printed, error = run(capsys, command, text, "-o", tmp_path / name)
            assert (code, printed) == (2, "")
            assert message in error and error.count("\n") == 1
    assert (tmp_path / "protected").read_bytes() == b"precious"


def test_the_vocabulary_is_an_input(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vocabulary = tmp_path / "v"
    assert run(capsys, "vocab", text, "-o", vocabulary)[0] == 0
    before = vocabulary.read_bytes()
    (tmp_path / "link").symlink_to(vocabulary)
    for output in (vocabulary, tmp_path / "link"):
        code, _, error = run(capsys, "train", text, "--vocab", vocabulary, "-o", output)
        assert code == 2 and "is also an input; name another file" in error
    assert vocabulary.read_bytes() == before


def test_vectors_survive_a_lack_of_memory_for_their_output(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def refuse(*_given: object, **_named: object) -> None:
        raise MemoryError("no room for a line")

    monkeypatch.setattr(KeyedVectors, "save_word2vec_format", refuse)
    code, _, error = run(capsys, "train", text, "-o", tmp_path / "out.vec")
    assert code == 1
    assert "could not be written: no room for a line; the vectors are in" in error
    assert len(KeyedVectors.load(tmp_path / "out.vec.rescued.fw2v"))


def test_rescue_tries_one_place_after_another(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Where the output was to be, the current directory and that for temporaries are gone."""
    home, gone = tmp_path / "home", tmp_path / "gone"
    home.mkdir()
    gone.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(gone))
    out, here = gone / "out.bin", Path.cwd()
    monkeypatch.chdir(gone)

    def vanish(*_arguments: object) -> str:
        shutil.rmtree(gone)
        return "the plan"

    monkeypatch.setattr("fastw2v.cli.job.plan", vanish)
    code, _, error = run(capsys, "train", text, "-o", out)
    monkeypatch.chdir(here)
    assert code == 1
    assert f"the vectors are in {home / 'out.bin.rescued.fw2v'}" in error
    assert len(KeyedVectors.load(home / "out.bin.rescued.fw2v"))


@pytest.mark.parametrize("elsewhere", [True, False])
def test_no_training_is_lost(
    tmp_path: Path, text: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, elsewhere: bool,
) -> None:  # fmt: skip
    """The directory of the output vanishes while vectors are trained."""
    directory, here = tmp_path / "directory", tmp_path / "here"
    directory.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)
    out = directory / "out.bin"
    (here / "out.bin.rescued.fw2v").write_bytes(b"of another time")

    def vanish(*_arguments: object) -> str:
        shutil.rmtree(directory)
        return "the plan"

    with monkeypatch.context() as patch:
        patch.setattr("fastw2v.cli.job.plan", vanish)
        if not elsewhere:
            patch.setattr(KeyedVectors, "save", lambda *_: os.open("/no/where", os.O_RDONLY))
        code, printed, error = run(capsys, "train", text, "-o", out)
    assert code == 1
    assert "saved" not in printed
    assert (here / "out.bin.rescued.fw2v").read_bytes() == b"of another time"
    if not elsewhere:
        assert error == f"fastw2v train: {directory}: no such directory\n"
        return
    assert "corpus words/s" in printed
    rescued = here / "out.bin.rescued1.fw2v"
    assert f"{out} could not be written: no such directory; the vectors are in {rescued}" in error
    wv = KeyedVectors.load(rescued)
    assert run(capsys, "train", text, "-o", here / "again.bin")[0] == 0
    again = KeyedVectors.load_word2vec_format(here / "again.bin", binary=True)
    assert wv.index_to_key == again.index_to_key
    assert (wv.vectors == again.vectors).all()


# Signals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("command", ["train", "vocab", "phrases"])
def test_a_process_that_is_told_to_end_removes_what_it_began(
    tmp_path: Path, name: str, command: str
) -> None:
    text, out = write(tmp_path / "text.txt", corpus() * 300), tmp_path / "out"
    out.write_bytes(b"old")
    waiting = {"train": "--cache cache --epochs 9999999", "vocab": "", "phrases": "--passes 9"}
    source = "-" if command == "vocab" else str(text)
    line = [sys.executable, "-m", "fastw2v", command, source, "-o", str(out)]
    with subprocess.Popen(
        [*line, *waiting[command].split()], cwd=tmp_path, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(Path(__file__).parents[1])},
    ) as process:  # fmt: skip
        assert process.stdin and process.stdout and process.stderr
        try:
            if command == "vocab":
                process.stdin.write(b"a b c\n" * 100_000)  # more than a pipe holds: it is read
                process.stdin.flush()
            else:
                assert process.stdout.readline()
            time.sleep(0.2)
            process.send_signal(getattr(signal, name))
            process.wait(timeout=10)
            error = process.stderr.read().decode()
        finally:
            process.kill()
    assert process.returncode == 128 + getattr(signal, name)
    assert error.splitlines()[-1] == f"fastw2v {command}: terminated, no file was written"
    assert out.read_bytes() == b"old"
    left = {path.name for path in tmp_path.iterdir()}
    assert left <= {"text.txt", "out", "cache"}


def test_a_signal_that_was_ignored_stays_so(tmp_path: Path, text: Path) -> None:
    script = (
        "import os, signal, sys; from fastw2v.cli import main; "
        "signal.signal(signal.SIGHUP, signal.SIG_IGN); "
        "from fastw2v.cli import job; job.plan = lambda _: os.kill(os.getpid(), signal.SIGHUP); "
        "sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", script, "train", str(text), "-o", str(tmp_path / "out")]
    assert subprocess.run(command, cwd=Path(__file__).parents[1]).returncode == 0


# Imports -----------------------------------------------------------------------------------------


def test_a_tokenizer_is_found_here_and_nothing_else_is(tmp_path: Path, text: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import helper\nimport sys\ndef split(line): return line.split() + [helper.WORD]\n"
    )
    (tmp_path / "helper.py").write_text("WORD = 'helped'\n")
    # Modules that are imported later, when a file is opened or a bar is shown.
    for name in ("isal", "pyarrow", "zstandard", "gensim"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from here')\n")
    subprocess.run(["gzip", "-k", str(text)], check=True)
    done = shell(
        "fastw2v vocab text.txt.gz --tokenizer mine:split -o -; fastw2v train text.txt.gz "
        "--tokenizer mine:split --field x -o out.bin",
        tmp_path,
    )
    assert b"helped 300\n" in done.stdout
    assert b"imported from here" not in done.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (".mine:split", "TypeError: the 'package' argument"),
        ("broken:split", "SyntaxError: "),
        ("raising:split", "RuntimeError: at once"),
        ("mine:late", "ModuleNotFoundError: No module named 'helper', in the line 'w"),
        ("mine:lazy", "RuntimeError: late, in the line 'w"),
        ("mine:nested", "TypeError: unhashable type: 'list', in the line 'w"),
    ],
)
def test_whatever_a_tokenizer_raises_is_told_in_a_line(
    tmp_path: Path, text: Path, given: str, said: str
) -> None:
    (tmp_path / "broken.py").write_text("def split(line:\n")
    (tmp_path / "raising.py").write_text("raise RuntimeError('at once')\n")
    (tmp_path / "helper.py").touch()
    (tmp_path / "mine.py").write_text(
        "def late(line):\n    import helper\n"
        "def lazy(line):\n    raise RuntimeError('late')\n    yield\n"
        "def nested(line):\n    return [[line]]\n"
    )
    done = shell(f"fastw2v vocab {text} --tokenizer {given} -o out", tmp_path)
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(f"fastw2v vocab: --tokenizer {given}: {said}")
    assert done.returncode in (1, 2)
