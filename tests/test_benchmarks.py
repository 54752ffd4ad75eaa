"""The benchmark suite: its texts, its tables, its command lines, and one tiny run of it all.

No speed is checked here, only that what is printed is what was measured.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import __main__ as command_line
from benchmarks import (
    corpora,
    endtoend,
    kernels,
    machine,
    measure,
    memory,
    models,
    quality,
    report,
    rivals,
    train,
)
from benchmarks.models import MODELS
from benchmarks.plan import Options, Step, duration, run
from benchmarks.rivals import Job, executable
from benchmarks.texts import Text
from fastw2v.config import NoiseSharing

ROOT = Path(__file__).parent.parent
RECIPE = corpora.Recipe(n_words=500, n_tokens=200_000, sentence_length=25, n_topics=10)
JOB = Job(
    text="in.txt", output="out.bin", sg=1, hs=0, negative=7, vector_size=50, window=4,
    alpha=0.03, sample=1e-4, min_count=2, epochs=3, workers=6, seed=9,
)  # fmt: skip


# ------------------------------------------------------------------ generated texts


def drawn(recipe: corpora.Recipe) -> list[list[int]]:
    return [sentence for block in corpora.sentences(recipe) for sentence in block.tolist()]


def test_equal_recipes_give_equal_texts() -> None:
    small = replace(RECIPE, n_tokens=5_000)
    assert drawn(small) == drawn(small)
    assert drawn(small) != drawn(replace(small, seed=2))


def test_words_follow_zipfs_law_whatever_the_topics() -> None:
    for share in (0.0, 0.3, 0.9):
        recipe = replace(RECIPE, topic_share=share, exponent=0.8)
        counts = Counter(word for sentence in drawn(recipe) for word in sentence)
        rank = np.arange(1, 201)
        seen = np.array([counts[number] for number in range(200)])
        slope, _ = np.polyfit(np.log(rank), np.log(seen), 1)
        assert slope == pytest.approx(-0.8, abs=0.04)
        harmonic = sum(k**-0.8 for k in range(1, 501))
        # Words of a sentence come together, so the spread is wider than that of single draws.
        assert counts[0] == pytest.approx(200_000 / harmonic, rel=0.05)


def test_a_sentence_has_a_topic_in_the_share_that_was_asked_for() -> None:
    sentences = [s for s in drawn(RECIPE) if len(s) == 25]
    agree = np.array([Counter(w % 10 for w in s).most_common(1)[0][1] for s in sentences]) / 25
    without = [s for s in drawn(replace(RECIPE, topic_share=0.0)) if len(s) == 25]
    chance = np.array([Counter(w % 10 for w in s).most_common(1)[0][1] for s in without]) / 25
    assert agree.mean() > chance.mean() + 0.1
    # Two words of a sentence: both from the topic, or by chance from the same one.
    mass = np.bincount(np.arange(500) % 10, weights=corpora.probabilities(RECIPE))
    same = np.mean([s[i] % 10 == s[i + 1] % 10 for s in sentences for i in range(0, 24, 2)])
    by_chance = float((mass**2).sum())
    assert same == pytest.approx(0.3**2 + (1 - 0.3**2) * by_chance, abs=0.01)


def test_every_word_occurs_and_lines_have_the_length_asked_for(tmp_path: Path) -> None:
    recipe = replace(RECIPE, n_words=3_000, n_tokens=4_010, sentence_length=40)
    path, n_tokens = corpora.generate(recipe, tmp_path)
    lines = path.read_text(encoding="ascii").splitlines()
    words = [word for line in lines for word in line.split()]
    assert len(words) == n_tokens >= 4_010
    assert len(set(words)) == 3_000
    assert {len(line.split()) for line in lines[:100]} == {40}
    assert len(lines[100].split()) == 10
    before = path.stat().st_mtime_ns
    assert corpora.generate(recipe, tmp_path) == (path, n_tokens)
    assert path.stat().st_mtime_ns == before


def test_words_are_spelled_apart() -> None:
    assert len({corpora.word(number) for number in range(20_000)}) == 20_000
    assert corpora.word(0) != corpora.word(100)


def test_a_sample_keeps_the_words_and_cuts_the_lines(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("a b\n\n" + " ".join(map(str, range(2_500))) + "\nc\n", encoding="utf-8")
    path, n_tokens = corpora.sample(text, 2_300, tmp_path / "samples")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert n_tokens == 2_300 == sum(len(line.split()) for line in lines)
    assert [len(line.split()) for line in lines] == [2, 1_000, 1_000, 298]
    assert corpora.sample(text, 10**9, tmp_path / "samples")[1] == 2_503


def test_walks_stay_on_the_graph() -> None:
    walks = corpora.small_graph_walks(n_walks=2, length=30)
    assert len(walks) == 68
    assert {len(walk) for walk in walks} == {30}
    assert {int(node) for walk in walks for node in walk} == set(range(34))
    crossings = {
        tuple(sorted((int(a), int(b))))
        for walk in walks
        for a, b in itertools.pairwise(walk)
        if (int(a) < 17) != (int(b) < 17)
    }
    assert crossings <= {(node, 17 + node) for node in (0, 4, 8, 12, 16)}


# ------------------------------------------------------------------ quality


def test_neighbours_of_the_same_topic_are_counted() -> None:
    # Four topics of three words on four axes: all neighbours agree; then one word is misplaced.
    topics = np.arange(12) % 4
    vectors = np.eye(4, dtype=np.float32)[topics]
    everything = np.arange(12)
    assert quality.topic_neighbours(vectors, topics, everything) == 100.0
    vectors[0] = np.eye(4, dtype=np.float32)[1] * 2
    unit = quality.unit_rows(vectors)
    # Word 0 finds none of its two; words 4 and 8 find each other first and then a stranger or 0.
    assert quality.topic_neighbours(unit, topics, np.array([0])) == 0.0
    assert quality.topic_neighbours(unit, topics, np.array([4]), n=1) == 100.0


def test_both_formats_of_rivals_are_read(tmp_path: Path) -> None:
    values = np.arange(6, dtype="<f4").reshape(2, 3)
    binary, text = tmp_path / "v.bin", tmp_path / "v.txt"
    binary.write_bytes(
        b"2 3\n" + b"a " + values[0].tobytes() + b"\n" + b"b " + values[1].tobytes() + b"\n"
    )
    text.write_text("a 0.0 1.0 2.0\nb 3.0 4.0 5.0\n", encoding="utf-8")
    for path in (binary, text):
        words, vectors = quality.read_vectors(path)
        assert words == ["a", "b"]
        np.testing.assert_array_equal(vectors, values)


def test_words_are_judged_by_frequency_whatever_their_order(tmp_path: Path) -> None:
    """Analogies look at the first words only, and some programs write theirs in any order."""
    recipe = corpora.Recipe(60, 3_000, n_topics=6)
    path, n_tokens = corpora.generate(recipe, tmp_path)
    vectors = np.eye(6, dtype="<f4")[np.arange(60) % 6]
    order = np.random.default_rng(1).permutation(60)
    saved = tmp_path / "v.bin"
    saved.write_bytes(
        b"60 6\n" + b"".join(corpora.word(n).encode() + b" " + vectors[n].tobytes() for n in order)
    )
    assert Text("generated", path, n_tokens, recipe).score(saved) == {"same topic": 100.0}


# ------------------------------------------------------------------ arithmetic of the models


def test_windows_hold_as_many_contexts_as_counted_one_by_one() -> None:
    window, length = 3, 7
    pairs = [
        sum(abs(i - j) <= radius for j in range(length) if j != i)
        for radius in range(1, window + 1)
        for i in range(length)
    ]
    assert models.mean_contexts(window, length) == pytest.approx(np.mean(pairs))


def test_operations_and_bytes_of_a_word_by_hand() -> None:
    # Six contexts, five noise words: 36 pairs of 6 d; CBOW: 6 targets, and 6 rows summed twice.
    assert models.flops_per_word("sg-ns", 100, 6.0) == 216 * 100
    assert models.flops_per_word("cbow-ns", 100, 6.0) == 48 * 100
    assert models.flops_per_word("sg-hs", 100, 6.0, path=12.5) == 450 * 100
    # Rows of 112 floats, read and written.
    assert models.bytes_per_word("sg-ns", 100, 6.0, NoiseSharing(32, 32, 1)) == 3 * 2 * 448
    assert models.bytes_per_word("sg-ns", 100, 6.0, NoiseSharing(0, 32, 1)) == 32 * 2 * 448
    assert models.bytes_per_word("cbow-ns", 100, 6.0, NoiseSharing(8, 32, 4)) == 3 * 2 * 448
    assert (
        models.bytes_per_word("cbow-hs", 112, 6.0, NoiseSharing(8, 32, 1), path=9) == 10 * 2 * 448
    )


# ------------------------------------------------------------------ rivals


@pytest.mark.parametrize("name", rivals.NAMES)
def test_a_rival_has_its_three_names(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in list(os.environ):
        if variable.startswith("FASTW2V_BENCH_"):
            monkeypatch.delenv(variable)
    rival = rivals.find(name)
    assert isinstance(rival.label, str) and rivals.by_label(rival.label.upper()) == name
    version = rival.version()
    assert version is None or (isinstance(version, str) and version)
    assert callable(rival.train)
    source = (ROOT / "benchmarks" / "rivals" / f"{name}.py").read_text(encoding="utf-8")
    if "executable" in source and name != "fasttext":
        assert version is None
        with pytest.raises(measure.MeasurementError, match=f"FASTW2V_BENCH_{name.upper()}"):
            rival.train(JOB)


MIKOLOV = (
    "-train in.txt -output out.bin -size 50 -window 4 -sample 0.0001 -negative 7 -threads 6 "
    "-iter 3 -min-count 2 -alpha 0.03 -binary 1 -debug 0"
)
COMMANDS = {
    "word2vec_c": f"{MIKOLOV} -cbow 0 -hs 0",
    "pword2vec": f"{MIKOLOV} -batch-size 9",
    "psgnscc": f"{MIKOLOV} -batch-size 9",
    "par_word2vec": f"{MIKOLOV} -batch-size 24",
    "koan": "-f in.txt --embedding-path out.bin --dim 50 --context-size 4 --negatives 7 "
    "--learning-rate 0.03 --downsample-threshold 0.0001 --min-count 2 --epochs 3 --threads 6 "
    "--cbow false --no-progress",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_programs_get_the_flags_that_they_document(name: str) -> None:
    module: Any = rivals.find(name)
    assert module.command("prog", JOB) == ["prog", *COMMANDS[name].split()]


def test_flags_that_depend_on_the_model() -> None:
    module: Any = rivals.find("word2vec_c")
    cbow_hs = replace(JOB, sg=0, hs=1, negative=0)
    assert module.command("prog", cbow_hs)[-4:] == ["-cbow", "1", "-hs", "1"]
    module = rivals.find("koan")
    given = module.command("prog", replace(JOB, sg=0))
    assert given[given.index("--learning-rate") + 1] == "0.075"
    assert given[given.index("--cbow") + 1] == "true"
    module = rivals.find("word2vec_pp")
    command = module.command("prog", JOB)
    assert command[1:5] == ["-f", "in.txt", "-o", "out.bin"]
    assert command[command.index("-e") + 1] == "\n"
    assert command[command.index("-d") + 1] == " \t\n"
    assert command[-1] == "-g"
    assert module.command("prog", cbow_hs)[-1] == "-h"


@pytest.mark.parametrize("name", ["pword2vec", "psgnscc", "par_word2vec"])
def test_a_model_that_a_program_lacks_is_no_failure(name: str) -> None:
    for job in (replace(JOB, sg=0), replace(JOB, hs=1, negative=0)):
        with pytest.raises(rivals.NotOfferedError):
            rivals.find(name).train(job)


def stand_in(
    directory: Path, monkeypatch: pytest.MonkeyPatch, seconds_per_epoch: float
) -> rivals.Trainer:
    """Pretend that word2vec.c takes a second to read and save, and so much for each epoch."""

    def run(command: list[str], **_: Any) -> measure.Usage:
        epochs = int(command[command.index("-iter") + 1])
        output = Path(command[command.index("-output") + 1])
        output.write_bytes(b"0 0\n")
        cpu = 1.0 + seconds_per_epoch * epochs
        return measure.Usage(cpu / 2, cpu, 10.0 * epochs, "")

    program = directory / "program"
    program.write_bytes(b"a build")
    monkeypatch.setenv("FASTW2V_BENCH_WORD2VEC_C", str(program))
    monkeypatch.setattr(measure, "run", run)
    return rivals.find("word2vec_c")


def test_the_time_of_a_program_is_that_of_the_epochs_beyond_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rival = stand_in(tmp_path, monkeypatch, 4.0)
    assert rival.version() == "program " + hashlib.sha256(b"a build").hexdigest()[:8]
    result = rival.train(replace(JOB, output=str(tmp_path / "out.bin")))
    assert (result.epochs, result.seconds, result.cpu_seconds) == (2, 4.0, 8.0)
    assert result.peak_rss_mib == 30.0
    assert [path.name for path in tmp_path.glob("out*")] == ["out.bin"]
    once = rival.train(replace(JOB, output=str(tmp_path / "out.bin"), once=True))
    assert (once.epochs, once.cpu_seconds) == (3, 13.0)


def test_a_program_that_trains_one_epoch_of_three_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rival = stand_in(tmp_path, monkeypatch, 0.0)
    with pytest.raises(measure.MeasurementError, match="end-of-file flag"):
        rival.train(replace(JOB, output=str(tmp_path / "out.bin")))


def test_fasttext_hashes_no_subwords() -> None:
    module: Any = rivals.find("fasttext")
    given = module.arguments(JOB)
    assert (given["maxn"], given["bucket"], given["loss"], given["model"]) == (
        0, 0, "ns", "skipgram",
    )  # fmt: skip
    assert module.arguments(replace(JOB, sg=0, hs=1, negative=0))["loss"] == "hs"


def test_gensims_schedule_is_remarked_on_where_it_differs() -> None:
    module: Any = rivals.find("gensim")
    assert "learning rate falls 1/6 as far in an epoch" in module.remarks(JOB)
    assert module.remarks(replace(JOB, workers=1)) == ["skips saturated pairs"]


@pytest.mark.parametrize("name", ["gensim", "fasttext"])
def test_an_installed_rival_trains_every_word(name: str, tmp_path: Path) -> None:
    rival = rivals.find(name)
    if rival.version() is None:
        pytest.skip(f"{rival.label} is not installed")
    path, n_tokens = corpora.generate(replace(RECIPE, n_tokens=20_000), tmp_path)
    job = Job(str(path), str(tmp_path / "v.bin"), min_count=1, epochs=1)
    answer = measure.child({"trainer": name, "job": asdict(job)})
    words, vectors = quality.read_vectors(tmp_path / "v.bin")
    assert {corpora.word(n) for n in range(500)} <= set(words)
    assert vectors.shape[1] == 100 and np.isfinite(vectors).all()
    assert answer["epochs"] == 1 and answer["peak_rss_mib"] > 10
    assert answer["words"] in (None, n_tokens)


# ------------------------------------------------------------------ measuring


def test_memory_and_time_are_those_of_the_command() -> None:
    hog = "import time\nx = bytearray(150 << 20)\nwhile time.process_time() < 0.3: pass"
    answer = measure.child({"command": [sys.executable, "-c", hog]})
    assert 150 < answer["peak_rss_mib"] < 200
    assert answer["cpu_seconds"] >= 0.3
    idle = measure.child({"command": [sys.executable, "-c", "print('seen')"]})
    assert idle["peak_rss_mib"] < 60
    assert idle["output"] == "seen\n"


def test_a_failed_command_says_what_it_said() -> None:
    with pytest.raises(measure.MeasurementError, match="returned 3:\nwhy"):
        measure.run([sys.executable, "-c", "import sys; print('why'); sys.exit(3)"])
    with pytest.raises(measure.MeasurementError, match="cannot start"):
        measure.run(["/no/such/program"])


def test_a_failed_step_leaves_the_others_to_run() -> None:
    def fails() -> list[dict[str, Any]]:
        raise measure.MeasurementError("no such thing")

    said: list[str] = []
    rows = run([Step("one", 1.0, fails), Step("two", 60.0, lambda: [{"part": "x"}])], said.append)
    assert rows == [{"part": "failed", "name": "one", "error": "no such thing"}, {"part": "x"}]
    assert said[0] == "2 measurements, about 1 min 01 s"
    assert "two, about 1 min 00 s to go" in said[3]
    assert duration(59.6) == "1 min 00 s"


def test_the_machine_is_described_and_measured() -> None:
    found = machine.describe()
    assert found["cores"] >= 1 and found["isa"] in found["usable_isas"]
    sizes = list(machine.caches().values())
    assert sizes == sorted(sizes)
    assert machine.level_of(1) == next(iter(machine.caches()))
    assert machine.level_of(1 << 40) == "DRAM"


# ------------------------------------------------------------------ reports


def training_row(**changes: Any) -> dict[str, Any]:
    return {
        "part": "training", "sweep": "dimension", "trainer": "fastw2v", "model": "sg-ns",
        "text": "generated", "tokens": 1_000_000, "vocabulary": 50_000, "sentence_length": 20,
        "vector_size": 100, "window": 5, "negative": 5, "epochs": 3, "workers": 1, "seed": 1,
        "words_per_second": 2_000_000.0, "words_per_cpu_second": 1_900_000.0,
        "train_seconds": 1.5, "load_seconds": 0.2, "peak_rss_mib": 100.0,
        "quality": {"same topic": 54.0}, "remarks": [], "details": {}, **changes,
    }  # fmt: skip


def results(*rows: dict[str, Any]) -> dict[str, Any]:
    return {
        "command": "python -m benchmarks", "date": "2026-01-01", "minutes": 7.5,
        "rivals": {"fastw2v": "1", "gensim": "4"},
        "machine": {
            "processor": "A processor", "cores": 2, "memory_gib": 8.0, "huge_pages": "madvise",
            "caches_kib": {"L1": 32, "L2": 1024}, "system": "Linux", "compiler": "gcc 12",
            "python": "3.11", "numpy": "2.0", "commit": "abc", "isa": "avx2",
            "fma_gflops": {"avx2": 100.04}, "read_gbs": {"L1": 150.2, "DRAM": 20.0},
        },
        "rows": list(rows),
    }  # fmt: skip


def test_seeds_become_a_median_and_a_range() -> None:
    rates = [1_900_000.0, 2_100_000.0, 2_000_000.0]
    rows = [
        training_row(seed=seed, words_per_cpu_second=rate, quality={"same topic": 50.0 + seed})
        for seed, rate in enumerate(rates, 1)
    ]
    text = report.render(results(*rows))
    assert (
        "| skip-gram NS | 100 | 2,000 (1,900-2,100) | 2,000 (2,000-2,000) | 100 (100-100) "
        "| 52.0 (51.0-53.0) |" in text
    )
    assert "1,000,000 tokens of generated text, 50,000 words, 20 to a sentence" in text
    assert "seeds 1, 2, 3." in text
    assert "multiply-add GFLOP/s avx2 100.0" in text
    assert "`python -m benchmarks`" in text


def test_a_speed_without_its_quality_is_not_printed() -> None:
    rows = [training_row(), training_row(vector_size=200, words_per_cpu_second=777e3, quality={})]
    text = report.render(results(*rows))
    assert "777" not in text
    assert "1 speeds are left out" in text


def test_what_differs_stands_beside_the_row() -> None:
    rows = [
        *(training_row(sweep="rivals", words_per_cpu_second=rate) for rate in (3.8e6, 5.7e6)),
        training_row(sweep="rivals", trainer="fastText", remarks=["noise exponent 0.5"],
                     load_seconds=None),
        training_row(sweep="rivals", trainer="fastText", model="sg-hs"),
        {"part": "failed", "name": "rivals: koan", "error": "Traceback\nNo: reason\n"},
    ]  # fmt: skip
    text = report.render(results(*rows))
    assert (
        "| skip-gram NS | fastText | 1,900 | 2.5 | 2,000 |  | 100 | 54.0 | noise exponent 0.5 |"
        in text
    )
    assert "| skip-gram NS | fastw2v | 4,750 (3,800-5,700) | 1.0 |" in text
    assert "| skip-gram HS | fastText | 1,900 |  | 2,000 |" in text  # nothing to compare it with
    assert "* rivals: koan: No: reason" in text


def test_a_kernel_that_fails_leaves_the_others_their_rows(tmp_path: Path) -> None:
    file = tmp_path / "bench_some.py"
    file.write_text(
        """
def test_good(benchmark):
    benchmark(sum, (1, 2))
    benchmark.extra_info["kernel"] = "good"

def test_bad(benchmark):
    benchmark(sum, (1, 2))
    assert 0, "out of order"
"""
    )
    failed, good = kernels.run(quick=True, file=file)
    assert failed["part"] == "failed"
    assert failed["name"] == "test_bad"
    assert "out of order" in failed["error"]
    assert good["kernel"] == "good"
    with pytest.raises(measure.MeasurementError):
        kernels.run(quick=True, file=tmp_path / "none.py")


def test_kernels_are_shares_of_the_machine() -> None:
    row = {
        "part": "kernels", "kernel": "training, in cache", "model": "cbow-ns", "isa": "avx2",
        "dim": 100, "level": "L2", "gflops": 50.0, "share_of_peak": 0.5, "gbs": 9.0,
        "share_of_bandwidth": 0.09, "words_per_second": 1e6,
    }  # fmt: skip
    text = report.render(results(row))
    assert (
        "| avx2 | training, in cache, CBOW NS | 100 | 50.0 | 50 % | 9.0 | 9 % of L2 | 1,000 |"
        in text
    )


def test_tables_go_between_the_marks(tmp_path: Path) -> None:
    document = tmp_path / "README.md"
    document.write_text(f"Before.\n{report.BEGIN}\nold\n{report.END}\nAfter.\n", encoding="utf-8")
    saved = tmp_path / "results.json"
    saved.write_text(json.dumps(results(training_row())), encoding="utf-8")
    for _ in range(2):
        report.main([str(saved), "--into", str(document)])
    text = document.read_text(encoding="utf-8")
    assert text.startswith("Before.") and text.endswith("After.\n")
    assert "old" not in text
    assert text.count("### By dimensions") == 1
    with pytest.raises(ValueError, match="tables: begin"):
        report.insert("nothing", "tables")


def test_the_readme_has_the_marks() -> None:
    text = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert report.insert(text, "x").count(report.BEGIN) == 1


# ------------------------------------------------------------------ command lines


def test_the_command_line_refuses_what_cannot_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, message in (
        (["--text", str(tmp_path)], "go together"),
        (["--rival", "koan=/no/such"], "not a program"),
        (["--rival", "nobody=/bin/sh"], "no rival is called 'nobody'"),
        (["--tokens", "5"], "at least 1200"),
        (["--only", "nothing"], "must be one of"),
        (["--models", "glove"], "must be one of"),
    ):
        with pytest.raises(SystemExit):
            command_line.parse(arguments)
        error = capsys.readouterr().err
        assert message in error
        assert error.count("\n") == 1


def test_only_the_models_that_were_asked_for_are_trained() -> None:
    def names(*models: str) -> list[str]:
        options = Options(output=Path("nowhere"), models=list(models), workers=[1, 2])
        parts = [command_line.PARTS[part](options) for part in ("training", "endtoend", "rivals")]
        return sorted(step.name for part in parts for step in part)

    everything = names(*MODELS)
    for model in MODELS:
        of_it = [name for name in everything if f" {model} " in f"{name} "]
        end_to_end = [name for name in everything if name.startswith("end to end")]
        assert of_it
        assert names(model) == sorted(of_it + (end_to_end if model == endtoend.MODEL else []))


def test_workers_double_up_to_all_cores() -> None:
    assert command_line.powers_of_two(1) == [1]
    assert command_line.powers_of_two(2) == [1, 2]
    assert command_line.powers_of_two(12) == [1, 2, 4, 8, 12]


def test_parameters_of_fastw2v_alone_are_kept_apart() -> None:
    given = train.parameters(["window=3", "alpha=0.1", "block_size=0", "cbow_gradient=corrected"])
    assert given == {
        "window": 3,
        "alpha": 0.1,
        "extra": {"block_size": 0, "cbow_gradient": "corrected"},
    }


def test_executables_are_found_by_their_variable() -> None:
    assert executable.variable("par_word2vec") == "FASTW2V_BENCH_PAR_WORD2VEC"


def test_a_tiny_run_yields_results_tables_and_plots(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "benchmarks", "--only", "endtoend", "--tokens", "2000",
            "--workers", "1", "--seeds", "3", "--output", str(tmp_path),
        ],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "[  1/" in done.stdout
    found = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert found["command"].startswith("python -m benchmarks --only endtoend --tokens 2000")
    assert found["machine"]["fma_gflops"][found["machine"]["isa"]] > 0
    ours = next(row for row in found["rows"] if row["trainer"] == "fastw2v")
    assert ours["seed"] == 3 and ours["seconds"] > 0 and ours["quality"]
    assert "## End to end" in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_one_training_of_the_suite_accounts_for_its_words(tmp_path: Path) -> None:
    from benchmarks import training

    recipe = corpora.Recipe(100, 3_000, n_topics=5)
    path, n_tokens = corpora.generate(recipe, tmp_path)
    row = training.train(
        Text("generated", path, n_tokens, recipe), "ours", "cbow-hs", vector_size=17, epochs=2
    )
    assert row is not None
    assert row["details"]["ledger"]["corpus"] == 2 * n_tokens
    assert row["words_per_second"] * row["train_seconds"] == pytest.approx(2 * n_tokens)
    assert row["vocabulary"] == 100 and set(row["quality"]) == {"same topic"}


def test_plots_are_drawn_where_matplotlib_is_installed(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from benchmarks import plots

    rows = [
        training_row(sweep=sweep, trainer=trainer, seed=seed, workers=seed)
        for sweep in ("dimension", "workers", "vocabulary", "rivals")
        for trainer in ("fastw2v", "gensim")
        for seed in (1, 2)
    ]
    drawn = plots.draw(results(*rows), tmp_path)
    assert [path.name for path in drawn] == [
        "dimension.png", "workers.png", "vocabulary.png", "quality.png",
    ]  # fmt: skip
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn)
    at, rates = plots.medians(
        [{"x": 1, "y": 5.0}, {"x": 1, "y": 7.0}, {"x": 0, "y": 1.0}], "x", "y"
    )
    assert (at, rates) == ([0, 1], [1.0, 6.0])


def test_memory_trains_within_a_limit(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("the cat sat on the mat with the dog\n" * 60, encoding="utf-8")
    corpus = memory.repeated(text, 40_000, tmp_path / "corpus")
    assert corpus.stat().st_size >= 40_000
    assert memory.repeated(text, 40_000, corpus) == corpus
    rows = [
        memory.trained(corpus, 4 << 30, mode, tmp_path, 1)
        for mode in ("token file, made", "token file, found", "text, every epoch")
    ]
    assert len({row["digest"] for row in rows}) == 1
    assert all(row["ledger"]["epochs"] == 2 for row in rows)
    assert all(rows[0]["digest"] in memory.line(row) for row in rows)
    failed = memory.line({"mode": "all ids in memory", "failed": "no memory"})
    assert failed == "all ids in memory  fails: no memory"
