"""Train one model per seed on a text and print quality beside speed, as JSON lines.

    python -m benchmarks.train TEXT --evaluation DIRECTORY --model sg-ns --seeds 1 2 3

Every run is a process of its own, so that its peak memory is its own, and goes through the command
line as a user would. DIRECTORY holds `questions-words.txt` and similarity sets, `EN-*.txt` (word,
word, score). `--rival gensim` trains gensim's Word2Vec with the same parameters instead.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.quality import analogy, read_word2vec_binary, similarity

MODELS: dict[str, dict[str, Any]] = {
    "sg-ns": {"sg": 1, "hs": 0, "negative": 5, "alpha": 0.025},
    "cbow-ns": {"sg": 0, "hs": 0, "negative": 5, "alpha": 0.05},
    "sg-hs": {"sg": 1, "hs": 1, "negative": 0, "alpha": 0.025},
    "cbow-hs": {"sg": 0, "hs": 1, "negative": 0, "alpha": 0.05},
    "cbow-ns-corrected": {
        "sg": 0, "hs": 0, "negative": 5, "alpha": 0.15, "cbow_gradient": "corrected",
    },
}  # fmt: skip
COMMON: dict[str, Any] = {
    "vector_size": 100, "window": 5, "epochs": 5, "sample": 1e-3, "min_count": 5,
}  # fmt: skip


def fastw2v(text: Path, output: Path, parameters: dict[str, Any]) -> dict[str, float]:
    """Train through the command line; report the child's times and memory."""
    flags = [part for name, value in parameters.items() for part in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "fastw2v", "train", str(text), "-o", str(output), *flags]
    began = time.perf_counter()
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds = time.perf_counter() - began
    rows = dict(line.split(maxsplit=1) for line in printed.splitlines() if " " in line)
    rates = [float(word.replace(",", "")) for word in rows["speed"].split() if word[0].isdigit()]
    return {"words_per_second": rates[0], "words_per_cpu_second": rates[1], "seconds": seconds}


def gensim(text: Path, output: Path, parameters: dict[str, Any]) -> dict[str, float]:
    """Train gensim from the file, its fastest way, in this process."""
    from gensim.models import Word2Vec

    began = time.perf_counter()
    model = Word2Vec(**parameters)
    model.build_vocab(corpus_file=str(text))
    wall, cpu = time.perf_counter(), time.process_time()
    words, epochs = model.corpus_total_words, parameters["epochs"]
    model.train(
        corpus_file=str(text), total_words=words, total_examples=model.corpus_count, epochs=epochs
    )
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    model.wv.save_word2vec_format(str(output), binary=True)
    return {
        "words_per_second": words * epochs / wall,
        "words_per_cpu_second": words * epochs / cpu,
        "seconds": time.perf_counter() - began,
    }


def measure(arguments: argparse.Namespace, seed: int) -> dict[str, Any]:
    """Train with one seed and score the vectors."""
    parameters = {**COMMON, **MODELS[arguments.model], "workers": arguments.workers, "seed": seed}
    parameters.update(pair.split("=", 1) for pair in arguments.set)
    with tempfile.TemporaryDirectory() as directory:
        output = Path(directory) / "vectors.bin"
        if arguments.rival == "gensim":
            speed = gensim(arguments.text, output, parameters)
            who = resource.RUSAGE_SELF
        else:
            speed = fastw2v(arguments.text, output, parameters)
            who = resource.RUSAGE_CHILDREN
        peak = resource.getrusage(who).ru_maxrss / 1024
        words, vectors = read_word2vec_binary(output)
    answers = analogy(words, vectors, arguments.evaluation / "questions-words.txt")
    scores = {
        path.stem: round(similarity(words, vectors, path), 1)
        for path in sorted(arguments.evaluation.glob("EN-*.txt"))
    }
    return {
        "trainer": arguments.rival or "fastw2v",
        "model": arguments.model,
        "seed": seed,
        "analogy": round(answers.total, 1),
        "semantic": round(answers.semantic, 1),
        "syntactic": round(answers.syntactic, 1),
        "questions": answers.n_answered,
        **scores,
        **{name: round(value, 1) for name, value in speed.items()},
        "peak_rss_mib": round(peak),
    }


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Quality beside speed, a JSON line per seed.")
    parser.add_argument("text", type=Path)
    parser.add_argument("--evaluation", type=Path, required=True)
    parser.add_argument("--model", choices=MODELS, default="sg-ns")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rival", choices=["gensim"])
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args(argv)
    for seed in arguments.seeds:
        if len(arguments.seeds) == 1:
            print(json.dumps(measure(arguments, seed)), flush=True)
            continue
        # One process per seed: the peak of a process cannot be reset.
        own = [*(argv or sys.argv[1:]), "--seeds", str(seed)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        subprocess.run(
            [sys.executable, "-m", "benchmarks.train", *own], check=True, env=environment
        )


if __name__ == "__main__":
    main()
