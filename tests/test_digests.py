"""The bits of W and W' for one worker, which nothing changes but a decision.

A change that is wanted gets a line in CHANGELOG.md and the next `ARITHMETIC`; then
`python -m tests.test_digests` writes the digests anew.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import Word2Vec
from fastw2v._core import instruction_sets
from fastw2v._version import ARITHMETIC

PINNED = Path(__file__).parent / "digests.json"
BASE: dict[str, Any] = {"min_count": 2, "epochs": 2, "workers": 1, "seed": 5, "window": 4}
OBJECTIVES = {
    "negative sampling": {"hs": 0, "negative": 5},
    "hierarchical softmax": {"hs": 1, "negative": 0},
    "both": {"hs": 1, "negative": 5},
}
SHARING = [(0, 16, 1), (8, 16, 4), (24, 16, 2)]


def sentences(n_tokens: int = 14_000) -> list[list[str]]:
    """Words some of which are frequent and some rare, from whole numbers alone."""
    state, n_words, text = 1, 0, []
    while n_words < n_tokens:
        words = []
        for _ in range(1 + n_words % 23):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            words.append(f"w{(state >> 48) * (state >> 32 & 0xFFFF) * 400 >> 32}")
        text.append(words)
        n_words += len(words)
    return text


def plans() -> dict[str, dict[str, Any]]:
    """Return what is trained, by name."""
    found = {}
    for sg, objective, sharing, size in itertools.product((1, 0), OBJECTIVES, SHARING, (17, 100)):
        block_size, noise_rows, noise_blocks = sharing
        name = f"{'skip-gram' if sg else 'CBOW'}, {objective}, {sharing}, {size}"
        found[name] = {
            "sg": sg, "vector_size": size, **OBJECTIVES[objective],
            "block_size": block_size, "noise_rows": noise_rows, "noise_blocks": noise_blocks,
        }  # fmt: skip
    few: dict[str, Any] = {"vector_size": 17}
    found["by default"] = few
    found["corrected CBOW"] = {**few, "cbow_gradient": "corrected"}
    found["sums of contexts"] = {**few, "cbow_mean": 0}
    found["whole windows"] = {**few, "sg": 1, "shrink_windows": 0}
    found["shuffled"] = {**few, "sg": 1, "shuffle": 1}
    found["loss"] = {**few, "sg": 1, "compute_loss": True}
    found["held rows"] = {**few, "sg": 1, "lockf": True}
    found["added words"] = {**few, "sg": 1, "added": True}
    return found


class Again:
    """The sentences anew in every pass."""

    def __iter__(self) -> Iterator[list[str]]:
        return iter(sentences())


def digest(plan: dict[str, Any], **more: Any) -> str:
    """Train, and return a digest of all rows, and of the loss."""
    plan = {**BASE, **plan}
    lockf, added = plan.pop("lockf", False), plan.pop("added", False)
    if lockf or added:
        model = Word2Vec(**plan)
        model.build_vocab(sentences())
        if added:
            model.build_vocab([["an", "added", "word"]] * 3, update=True)
        if lockf:
            model.wv.vectors_lockf = np.linspace(0, 1, len(model.wv), dtype=np.float32)
        model.train(sentences(), total_examples=len(sentences()), epochs=model.epochs)
    else:
        model = Word2Vec(**{"sentences": sentences(), **plan, **more})
    sums = hashlib.sha256()
    for matrix in (model.wv.vectors, *(getattr(model, n, None) for n in ("syn1neg", "syn1"))):
        if matrix is not None:
            sums.update(np.ascontiguousarray(matrix, dtype="<f4").tobytes())
    if plan.get("compute_loss"):
        sums.update(model.get_latest_training_loss().hex().encode())
    return sums.hexdigest()[:32]


def pinned() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PINNED.read_text())
    return found


def test_the_digests_are_those_of_this_arithmetic() -> None:
    assert pinned()["arithmetic"] == ARITHMETIC
    assert pinned()["digests"].keys() == plans().keys()


@pytest.mark.parametrize("name", plans())
def test_bits_change_only_on_purpose(name: str) -> None:
    assert digest(plans()[name]) == pinned()["digests"][name]


@pytest.mark.parametrize("name", [n for n in plans() if n.endswith("(8, 16, 4), 17")])
def test_bits_are_the_same_wherever_the_text_comes_from(name: str, tmp_path: Path) -> None:
    plan, expected = plans()[name], pinned()["digests"][name]
    text = tmp_path / "text"
    text.write_text("".join(" ".join(words) + "\n" for words in sentences()))

    file: dict[str, Any] = {"sentences": None, "corpus_file": text}
    assert digest(plan, **file) == expected
    assert digest(plan, **file, memory="bounded") == expected
    for _ in range(2):  # a token file that is made, and found
        assert digest(plan, **file, cache_dir=tmp_path / "cache") == expected
    assert digest(plan, sentences=Again()) == expected
    assert digest(plan, sentences=Again(), memory="bounded") == expected


@pytest.mark.parametrize("name", [name for name, runs in instruction_sets().items() if runs])
def test_bits_are_the_same_on_lesser_machines(name: str) -> None:
    """NumPy chooses among instruction sets as well; `exp`, `log` and `power` differ then."""
    switched_off = "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX2 FMA3"
    environment = {**os.environ, "FASTW2V_ISA": name, "NPY_DISABLE_CPU_FEATURES": switched_off}
    code = (
        "import json; from tests.test_digests import digest, plans; "
        "print(json.dumps({n: digest(p) for n, p in plans().items() if '17' in n or ',' not in n}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, env=environment, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found == {name: pinned()["digests"][name] for name in found}


if __name__ == "__main__":
    digests = {name: digest(plan) for name, plan in plans().items()}
    content = json.dumps({"arithmetic": ARITHMETIC, "digests": digests}, indent=1)
    PINNED.write_text(content + "\n")
