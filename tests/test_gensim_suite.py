"""gensim's own tests, run against fastw2v; `python -m tests.gensim_suite --help` says more.

The slowest are left out here: `make gensim-tests` runs all, and those by chance five times.
"""

from __future__ import annotations

import re

import pytest

from tests import gensim_suite

SLOW = "test_word2vec.py::TestWord2VecModel::test_evaluate_word_pairs"  # and ..._from_file


@pytest.mark.parametrize("name", gensim_suite.FILES)
def test_gensims_own_tests_pass(name: str) -> None:
    if gensim_suite.missing():
        pytest.skip(f"not installed: {', '.join(gensim_suite.missing())}")
    done = gensim_suite.run((name,), options=(f"--deselect={SLOW}",))
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    # Without POT, three more are skipped.
    assert passed and int(passed[1]) >= {"word2vec": 70, "keyedvectors": 29, "phrases": 45}[name]
