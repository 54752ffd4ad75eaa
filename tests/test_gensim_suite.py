"""gensim's own tests, run against fastw2v; `python -m tests.gensim_suite --help` says more.

The slowest are left out here: `make gensim-tests` runs all, and those by chance five times.
"""

from __future__ import annotations

import re

import pytest

from tests import gensim_suite

SLOW = ("test_evaluate_word_pairs", "test_evaluate_word_pairs_from_file", "test_sg_fixedwindowsize")


@pytest.mark.parametrize("name", gensim_suite.FILES)
def test_gensims_own_tests_pass(name: str) -> None:
    if gensim_suite.missing():
        pytest.skip(f"not installed: {', '.join(gensim_suite.missing())}")
    left_out = tuple(
        f"--deselect=test_word2vec.py::TestWord2VecModel::{test}"
        for test in SLOW
        if name == "word2vec"
    )
    done = gensim_suite.run((name,), options=left_out)
    assert done.returncode == 0, done.stdout + done.stderr
    counts = {
        what: int(n) for n, what in re.findall(r"(\d+) (passed|skipped|deselected)", done.stdout)
    }
    assert counts["passed"] >= {"word2vec": 69, "keyedvectors": 29, "phrases": 45}[name]
    assert counts.get("deselected", 0) == len(left_out)
