"""Train on a corpus of several times the memory that a process is allowed.

    python -m benchmarks.memory --text FILE [--limit MIB] [--times N] [--epochs N]

The text is repeated until it is N times as long as the limit (4 by default). Each mode trains on it
in a process of its own whose address space is limited, as by `ulimit -v`: with a token file that is
made, with the same one found, from the text in every epoch, and with all ids in memory, which must
fail. One worker by default, so the vectors of the first three are the same bits.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import measure
from fastw2v.cli.usage import Parser

MODES = {
    "token file, made": {"memory": "bounded", "cache_dir": "cache"},
    "token file, found": {"memory": "bounded", "cache_dir": "cache"},
    "text, every epoch": {"memory": "bounded"},
    "all ids in memory": {"memory": "ram"},
}

WIDTHS = (7, 12, 8, 6, 8, 9)

# What the limited process runs: the limit comes first, so that importing counts as well.
PROGRAM = """
import hashlib, json, resource, sys
request = json.loads(sys.argv[1])
limit = request["limit"]
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
from fastw2v import Word2Vec
try:
    model = Word2Vec(**request["parameters"])
except MemoryError as error:
    print(json.dumps({"failed": str(error) or "MemoryError"}))
    sys.exit()
matrices = [model.wv.vectors, model.syn1neg]
print(json.dumps({
    "digest": hashlib.blake2b(model.wv.vectors.tobytes(), digest_size=8).hexdigest(),
    "model": sum(matrix.nbytes for matrix in matrices),
    "ledger": vars(model.ledger),
    "seconds": model.report.seconds,
    "words": len(model.wv),
    "address_space": [
        int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmPeak")
    ][:1],
}))
"""


def repeated(text: Path, n_bytes: int, path: Path) -> Path:
    """Write copies of a text until they are so long, unless they are there."""
    if path.exists() and path.stat().st_size >= n_bytes:
        return path
    content = text.read_bytes()
    if not content.endswith(b"\n"):
        content += b"\n"
    with path.open("wb") as file:
        while file.tell() < n_bytes:
            file.write(content)
    return path


def trained(
    text: Path, limit: int, mode: str, directory: Path, workers: int, epochs: int = 2
) -> dict[str, Any]:
    """Train within the limit and say what it took."""
    parameters = {
        "corpus_file": str(text),
        "vector_size": 32,
        "epochs": epochs,
        "min_count": 50,
        "workers": workers,
        **MODES[mode],
    }
    if "cache_dir" in parameters:
        parameters["cache_dir"] = str(directory / "cache")
    request = json.dumps({"limit": limit, "parameters": parameters})
    usage = measure.run([sys.executable, "-c", PROGRAM, request])
    found: dict[str, Any] = json.loads(usage.output.strip().splitlines()[-1])
    return {"mode": mode, "peak_mib": usage.peak_rss_mib, "all_seconds": usage.seconds, **found}


def line(row: dict[str, Any]) -> str:
    """One line of the table."""
    if "failed" in row:
        return f"{row['mode']:<18} fails: {row['failed']}"
    ledger = row["ledger"]
    model = row["model"] / 2**20
    address_space = f"{row['address_space'][0] / 1024:,.0f}" if row["address_space"] else "?"
    texts = (
        f"{row['peak_mib']:,.0f}",
        f"{row['peak_mib'] - model:,.0f}",
        address_space,
        f"{row['all_seconds']:,.0f}",
        f"{row['seconds']:,.0f}",
        f"{ledger['corpus'] / row['seconds'] / 1e6:.2f}",
    )
    columns = " ".join(f"{text:>{width}}" for text, width in zip(texts, WIDTHS, strict=True))
    return f"{row['mode']:<18} {columns}  {row['digest']}"


def main() -> None:
    """Repeat the text, train in every mode, print a line for each."""
    parser = Parser(
        prog="python -m benchmarks.memory", description="Train within a limit of address space."
    )
    parser.add_argument("--text", type=Path, required=True, help="text to repeat")
    parser.add_argument("--limit", type=int, default=512, help="MiB of address space (512)")
    parser.add_argument("--times", type=float, default=4, help="length of the corpus in limits (4)")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--directory", type=Path, help="where to put corpus and token files")
    parser.add_argument("--mode", choices=MODES, action="append", help="only these modes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        directory = arguments.directory or Path(temporary)
        directory.mkdir(parents=True, exist_ok=True)
        limit = arguments.limit << 20
        text = repeated(arguments.text, int(arguments.times * limit), directory / "corpus.txt")
        print(
            f"corpus {text.stat().st_size / 2**20:,.0f} MiB, limit {arguments.limit} MiB, "
            f"this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB"
        )
        names = ("peak", "beside model", "address", "all", "training", "M words/s")
        units = ("MiB", "MiB", "MiB", "s", "s", "")
        for title, texts in (("mode", names), ("", units)):
            print(
                f"{title:<18} " + " ".join(f"{t:>{w}}" for t, w in zip(texts, WIDTHS, strict=True))
            )
        for mode in arguments.mode or MODES:
            row = trained(text, limit, mode, directory, arguments.workers, arguments.epochs)
            print(line(row), flush=True)


if __name__ == "__main__":
    main()
