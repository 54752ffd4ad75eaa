"""Run every client on gensim and on fastw2v, and write down what came of it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import numpy as np

from benchmarks import machine
from benchmarks.clients import environments, graph
from benchmarks.clients.clients import CLIENTS, GENSIM, Client
from benchmarks.measure import ROOT, MeasurementError, run
from fastw2v.cli.usage import Parser

HERE = Path(__file__).parent
README = HERE / "README.md"
BEGIN, END = "<!-- results -->", "<!-- end of results -->"
ENOUGH = 0.9
"""What a client's separation on fastw2v must be of that on gensim."""


class Outcome(NamedTuple):
    """Means over the seeds of one client on one backend."""

    gap: float
    purity: float
    word2vec_seconds: float
    cpu_seconds: float


class Row(NamedTuple):
    """A client's line of the table."""

    client: Client
    gensim: Outcome
    beside: Outcome
    without: Outcome | str

    def save(self, directory: Path) -> None:
        """Keep it for the next table."""
        _file(directory, self.client).write_text(json.dumps(self[1:]), encoding="utf-8")


def _file(directory: Path, client: Client) -> Path:
    return directory / f"{client.name}.json"


def saved(directory: Path) -> list[Row]:
    """Return what was measured, now or earlier."""
    rows = []
    for client in CLIENTS:
        path = _file(directory, client)
        if path.exists():
            found = json.loads(path.read_text(encoding="utf-8"))
            outcomes = [Outcome(*o) if isinstance(o, list) else o for o in found]
            rows.append(Row(client, *outcomes))
    return rows


def outcome(
    client: Client, python: Path, backend: str, edges: Path, seeds: Sequence[int]
) -> Outcome:
    """Run a client's program on all seeds.

    Raises
    ------
    MeasurementError
        If the program fails, or did not run on what it should.
    """
    program = HERE / "programs" / f"run_{client.name}.py"
    command = [str(python), "-m", "benchmarks.clients.timed", backend, str(program), str(edges)]
    with tempfile.TemporaryDirectory() as directory:
        usage = run([*command, directory, *map(str, seeds)])
        answer = json.loads(usage.output.splitlines()[-1])
        if answer["fastw2v"] == (backend == "gensim"):
            raise MeasurementError(f"{client.name} did not run on {backend}")
        vectors = [np.load(Path(directory) / f"{seed}.npy") for seed in seeds]
    found = [graph.separation(v.astype(np.float64)) for v in vectors]
    gap, purity = (fmean(values) for values in zip(*found, strict=True))
    n = len(seeds)
    return Outcome(gap, purity, answer["word2vec_seconds"] / n, usage.cpu_seconds / n)


def measure(client: Client, edges: Path, seeds: Sequence[int], directory: Path) -> Row:
    """Run a client on gensim, beside it and without it.

    Raises
    ------
    UnavailableError
        If it cannot be installed.
    MeasurementError
        If its program fails where gensim is installed.
    """
    python = environments.make(client, with_gensim=True, directory=directory)
    gensim = outcome(client, python, "gensim", edges, seeds)
    beside = outcome(client, python, "fastw2v", edges, seeds)
    without: Outcome | str
    try:
        python = environments.make(client, with_gensim=False, directory=directory)
        backend = "deferred" if client.defer else "fastw2v"
        without = outcome(client, python, backend, edges, seeds)
    except (environments.UnavailableError, MeasurementError) as error:
        without = str(error).strip().splitlines()[-1]
    return Row(client, gensim, beside, without)


def table(rows: Sequence[Row]) -> str:
    """Return the rows in Markdown."""
    lines = [
        "| client | gap: gensim | fastw2v | of gensim's | no gensim | purity: gensim | fastw2v | "
        "Word2Vec, CPU s: gensim | fastw2v | program, CPU s: gensim | fastw2v |",
        "| --- |" + " --- |" * 10,
    ]
    for client, gensim, beside, without in rows:
        alone = without if isinstance(without, str) else f"{without.gap:.3f}"
        lines.append(
            f"| {client.requirement.replace('==', ' ')} | {gensim.gap:.3f} | {beside.gap:.3f} | "
            f"{beside.gap / gensim.gap:.2f} | {alone} | {gensim.purity:.3f} | "
            f"{beside.purity:.3f} | {gensim.word2vec_seconds:.2f} | "
            f"{beside.word2vec_seconds:.2f} | {gensim.cpu_seconds:.1f} | {beside.cpu_seconds:.1f} |"
        )
    return "\n".join(lines)


def failures(rows: Sequence[Row]) -> list[str]:
    """Return what falls short, one line each."""
    found = []
    for client, gensim, beside, without in rows:
        for where, ours in (("beside gensim", beside), ("without gensim", without)):
            if isinstance(ours, str):
                found.append(f"{client.name} {where}: {ours}")
            elif min(ours.gap / gensim.gap, ours.purity / gensim.purity) < ENOUGH:
                found.append(f"{client.name} {where}: separation below {ENOUGH} of gensim's")
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Measure the clients that the command line asks for."""
    parser = Parser(prog="python -m benchmarks.clients", description=__doc__)
    parser.add_argument("--client", action="append", choices=[c.name for c in CLIENTS])
    parser.add_argument("--seeds", type=int, default=5, help="runs of each (default: 5)")
    parser.add_argument(
        "--directory",
        type=Path,
        default=ROOT / "build" / "clients",
        help="where environments are made (default: build/clients)",
    )
    arguments = parser.parse_args(argv)
    arguments.directory.mkdir(parents=True, exist_ok=True)
    edges = arguments.directory / "edges.tsv"
    n_edges = graph.write(edges)
    skipped = []
    for client in CLIENTS:
        if arguments.client and client.name not in arguments.client:
            continue
        try:
            row = measure(client, edges, range(1, arguments.seeds + 1), arguments.directory)
            row.save(arguments.directory)
            print(table([row]), flush=True)
        except environments.UnavailableError as error:
            _file(arguments.directory, client).unlink(missing_ok=True)
            skipped.append(f"* {client.name} is left out: it cannot be installed here ({error}).")
            print(skipped[-1], flush=True)
    rows = saved(arguments.directory)
    described = machine.describe()
    text = "\n".join(
        [
            f"{graph.COMMUNITIES} communities of {graph.SIZE} nodes, {n_edges:,} edges; means of "
            f"{arguments.seeds} seeds; {GENSIM[0].replace('==', ' ')}; "
            f"{described['processor']}.",
            "",
            table(rows),
            *(["", *skipped] if skipped else []),
        ]
    )
    print(text)
    if len(rows) + len(skipped) == len(CLIENTS):
        _write(text)
    wrong = failures(rows)
    print("\n".join(wrong) or "every client separates the communities as it does on gensim")
    return 1 if wrong else 0


def _write(text: str) -> None:
    old = README.read_text(encoding="utf-8")
    before, _, rest = old.partition(BEGIN)
    after = rest.partition(END)[2]
    README.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
