"""The benchmark of libraries that use gensim: its graph, its measure, its table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.clients import __main__ as command
from benchmarks.clients import environments, graph
from benchmarks.clients.clients import CLIENTS, Client
from benchmarks.clients.timed import Clock


def test_the_graph_has_communities_and_no_lonely_node(tmp_path: Path) -> None:
    path = tmp_path / "edges"
    n_edges = graph.write(path)
    edges = np.loadtxt(path, dtype=int)
    of = graph.communities()
    assert edges.shape == (n_edges, 2) and (edges[:, 0] < edges[:, 1]).all()
    assert set(edges.ravel().tolist()) == set(range(len(of)))
    inside = (of[edges[:, 0]] == of[edges[:, 1]]).sum()
    pairs = graph.COMMUNITIES * graph.SIZE * (graph.SIZE - 1) / 2
    assert graph.INSIDE < inside / pairs < graph.INSIDE + 0.06  # the rings come on top
    graph.write(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_separation_is_one_for_perfect_vectors_and_nothing_for_random_ones() -> None:
    perfect = np.eye(graph.COMMUNITIES)[graph.communities()]
    assert graph.separation(perfect) == pytest.approx((1, 1))
    # Lengths do not matter, angles do.
    assert graph.separation(perfect * np.arange(1, len(perfect) + 1)[:, None])[0] == pytest.approx(
        1
    )
    gap, purity = graph.separation(np.random.default_rng(1).normal(size=(len(perfect), 50)))
    assert abs(gap) < 0.01
    assert purity == pytest.approx((graph.SIZE - 1) / (len(perfect) - 1), abs=0.03)


def test_what_falls_short_is_named() -> None:
    good, bad = command.Outcome(0.5, 0.9, 1.0, 2.0), command.Outcome(0.44, 0.9, 0.1, 1.0)
    rows = [
        command.Row(CLIENTS[0], good, good, good),
        command.Row(CLIENTS[1], good, bad, "it said no"),
    ]
    assert command.failures(rows[:1]) == []
    assert command.failures(rows) == [
        "fastnode2vec beside gensim: separation below 0.9 of gensim's",
        "fastnode2vec without gensim: it said no",
    ]
    lines = command.table(rows).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    assert "0.88" in lines[3] and "it said no" in lines[3]


def test_a_client_that_cannot_be_installed_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(client: Client, *, with_gensim: bool, directory: Path) -> Path:
        raise environments.UnavailableError("ERROR: No matching distribution found")

    monkeypatch.setattr(environments, "make", refuse)
    assert command.main(["--client", "pecanpy", "--directory", str(tmp_path)]) == 0
    assert "pecanpy is left out: it cannot be installed here (ERROR" in capsys.readouterr().out


def test_the_clock_counts_a_method_in_a_method_once() -> None:
    clock = Clock()

    @clock.around
    def inner() -> None:
        sum(range(100_000))

    @clock.around
    def outer() -> None:
        inner()

    outer()
    once = clock.seconds
    assert once > 0
    inner()
    assert clock.seconds > once and clock.depth == 0
