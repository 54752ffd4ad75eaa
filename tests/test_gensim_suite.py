"""gensim's own tests, run against fastw2v; `python -m tests.gensim_suite --help` says more."""

from __future__ import annotations

import pytest

from tests import gensim_suite


@pytest.mark.parametrize("name", gensim_suite.FILES)
def test_gensims_own_tests_pass(name: str) -> None:
    if gensim_suite.missing():
        pytest.skip(f"not installed: {', '.join(gensim_suite.missing())}")
    done = gensim_suite.run((name,))
    assert done.returncode == 0, done.stdout + done.stderr
    n_skipped = len(gensim_suite.SKIPPED[f"test_{name}.py"])
    assert f" {n_skipped} skipped" in done.stdout or name != "keyedvectors", done.stdout
