"""From results.json to Markdown.

python -m benchmarks.report build/bench/results.json                  write report.md and plots
python -m benchmarks.report RESULTS --into benchmarks/README.md       replace the tables there
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.models import MODELS, TITLES
from benchmarks.rivals import ours
from fastw2v.cli.usage import Parser

Row = Mapping[str, Any]
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"

SWEEPS = {
    "dimension": ("vector_size", "dimensions"),
    "workers": ("workers", "workers"),
    "vocabulary": ("vocabulary", "words"),
    "sentence_length": ("sentence_length", "sentence length"),
    "window": ("window", "window"),
    "negative": ("negative", "noise words K"),
}


def render(results: Mapping[str, Any]) -> str:
    """Write the report of one run.

    A speed whose vectors were not judged is left out, and counted.
    """
    rows = results["rows"]
    judged = [row for row in rows if row["part"] != "training" or row["quality"]]
    parts = [head(results), rivals(judged), *(sweep(judged, name) for name in SWEEPS)]
    parts += [end_to_end(judged), reading(judged), imports(judged), tiny(judged), kernels(judged)]
    parts.append(failures(rows))
    left_out = len(rows) - len(judged)
    if left_out:
        parts.append(f"{left_out} speeds are left out because their vectors were not judged.")
    return "\n\n".join(part for part in parts if part) + "\n"


def head(results: Mapping[str, Any]) -> str:
    """Machine, code and command."""
    m = results["machine"]
    caches = ", ".join(f"{name} {size:,} KiB" for name, size in m["caches_kib"].items())
    peaks = ", ".join(f"{isa} {rate:.1f}" for isa, rate in m["fma_gflops"].items())
    reads = ", ".join(f"{level} {rate:.0f}" for level, rate in m["read_gbs"].items())
    programs = ", ".join(f"{name} {version}" for name, version in results["rivals"].items())
    return "\n".join(
        [
            f"* Machine: {m['processor']}, {m['cores']} cores, {m['memory_gib']} GiB; caches "
            f"{caches}; huge pages {m['huge_pages']}; {m['system']}",
            f"* Measured peaks of one core: multiply-add GFLOP/s {peaks}; read GB/s {reads}",
            f"* Code: commit {m['commit']}, kernels {m['isa']}; {m['compiler']}; Python "
            f"{m['python']}, NumPy {m['numpy']}",
            f"* Programs: {programs}",
            f"* Command: `{results['command']}` ({results['date']}, {results['minutes']} minutes)",
        ]
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table."""
    lines = ["| " + " | ".join(columns) + " |", "| " + " | ".join("---" for _ in columns) + " |"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def grouped(rows: Iterable[Row], *keys: str) -> dict[tuple[Any, ...], list[Row]]:
    """Rows that differ in their seeds only, in the order in which they came."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    return groups


def middle(values: Iterable[float | None], show: Callable[[float], str]) -> str:
    """Median, and the range in brackets if there are several values."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    text = show(statistics.median(known))
    if len(known) > 1:
        text += f" ({show(min(known))}-{show(max(known))})"
    return text


def thousands(value: float) -> str:
    """Write words per second in thousands."""
    return f"{value / 1000:,.0f}"


def tenths(value: float) -> str:
    """Write with one decimal."""
    return f"{value:,.1f}"


def times(speed: float | None, other: float) -> str:
    """Write how many times the other speed a speed is, where it is known."""
    return "" if speed is None else tenths(speed / other)


def whole(value: float) -> str:
    """Write without decimals."""
    return f"{value:,.0f}"


def pretty(value: Any) -> str:
    """Write numbers with commas."""
    return f"{value:,}" if isinstance(value, int) else str(value)


def measures(rows: Iterable[Row]) -> list[str]:
    """Names of the measures of quality, in the order in which they came."""
    return list(dict.fromkeys(name for row in rows for name in row["quality"]))


def quality_cells(rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    return [middle((row["quality"].get(name) for row in rows), tenths) for name in names]


def titled(text: str) -> str:
    """Name a text in a sentence."""
    return "generated text" if text == "generated" else text


def about(rows: Sequence[Row]) -> str:
    """Say what all rows have in common."""
    first = rows[0]
    seeds = sorted({row["seed"] for row in rows})
    tokens = sorted({row["tokens"] for row in rows})
    said = [f"{pretty(tokens[0])} tokens of {titled(first['text'])}"]
    if tokens[-1] > 1.1 * tokens[0]:
        said = [f"{pretty(tokens[0])} to {pretty(tokens[-1])} tokens of {titled(first['text'])}"]
    for key, name in (
        ("vocabulary", "words"),
        ("sentence_length", "to a sentence"),
        ("vector_size", "dimensions"),
    ):
        if first[key] is not None and len({row[key] for row in rows}) == 1:
            said.append(f"{pretty(first[key])} {name}")
    for key, name in (("window", "window"), ("negative", "K"), ("workers", "workers")):
        found = {row[key] for row in rows if not (key == "negative" and "hs" in row["model"])}
        if len(found) == 1:
            said.append(f"{name} {found.pop()}")
    if len({row["epochs"] for row in rows}) == 1:
        said.append(f"{first['epochs']} epochs")
    said.append(f"seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}")
    return ", ".join(said) + "."


def sweep(rows: Iterable[Row], name: str) -> str:
    """Our speed over one parameter."""
    found = [row for row in rows if row.get("sweep") == name]
    if not found:
        return ""
    key, title = SWEEPS[name]
    names = measures(found)
    lines = [
        [
            TITLES[model],
            pretty(value),
            *([pretty(dim)] if name == "vocabulary" else []),
            middle((row["words_per_cpu_second"] for row in group), thousands),
            middle((row["words_per_second"] for row in group), thousands),
            middle((row["peak_rss_mib"] for row in group), whole),
            *quality_cells(group, names),
        ]
        for (model, value, dim), group in grouped(found, "model", key, "vector_size").items()
    ]
    columns = ["model", title, *(["dimensions"] if name == "vocabulary" else [])]
    columns += ["k words / CPU s", "k words / s", "peak MiB", *names]
    return f"## By {title}\n\n{about(found)}\n\n{table(columns, lines)}"


def rivals(rows: Iterable[Row]) -> str:
    """Everybody on the same text."""
    found = [row for row in rows if row.get("sweep") == "rivals"]
    if not found:
        return ""
    names = measures(found)
    groups = grouped(sorted(found, key=lambda row: list(MODELS).index(row["model"])),
                     "model", "trainer")  # fmt: skip
    paces = {key: statistics.median(row["words_per_cpu_second"] for row in group)
             for key, group in groups.items()}  # fmt: skip
    lines = [
        [
            TITLES[model],
            trainer,
            middle((row["words_per_cpu_second"] for row in group), thousands),
            times(paces.get((model, ours.label)), paces[model, trainer]),
            middle((row["words_per_second"] for row in group), thousands),
            middle((row["load_seconds"] for row in group), tenths),
            middle((row["peak_rss_mib"] for row in group), whole),
            *quality_cells(group, names),
            "; ".join(group[0]["remarks"]),
        ]
        for (model, trainer), group in groups.items()
    ]
    said = f"{about(found)} Times: {ours.label}'s words per CPU second over the row's."
    columns = ["model", "trainer", "k words / CPU s", "times", "k words / s", "load s", "peak MiB"]
    columns += [*names, "what differs"]
    return f"## Beside others\n\n{said}\n\n{table(columns, lines)}"


def end_to_end(rows: Iterable[Row]) -> str:
    """Text file to saved vectors."""
    found = [row for row in rows if row["part"] == "endtoend" and row["quality"]]
    if not found:
        return ""
    names = measures(found)
    lines = [
        [
            trainer,
            middle((row["seconds"] for row in group), tenths),
            middle((row["cpu_seconds"] for row in group), tenths),
            middle((row["peak_rss_mib"] for row in group), whole),
            *quality_cells(group, names),
            "; ".join(group[0]["remarks"]),
        ]
        for (trainer,), group in grouped(found, "trainer").items()
    ]
    first = found[0]
    said = (
        f"From the text file to the saved vectors, the whole process: {TITLES[first['model']]}, "
        f"{pretty(first['tokens'])} tokens of {titled(first['text'])}, {first['epochs']} epochs, "
        f"{first['workers']} workers."
    )
    columns = ["trainer", "s", "CPU s", "peak MiB", *names, "what differs"]
    return f"## End to end\n\n{said}\n\n{table(columns, lines)}"


def span(value: Mapping[str, float], show: Callable[[float], str]) -> str:
    """Write a median and the range of repeats."""
    return f"{show(value['median'])} ({show(value['least'])}-{show(value['most'])})"


def reading(rows: Iterable[Row]) -> str:
    """Tokenise, count, encode."""
    found = [row for row in rows if row["part"] == "reading"]
    if not found:
        return ""
    lines = [
        [
            row["text"],
            row["stage"],
            pretty(row["workers"]),
            span(row["mb_per_second"], whole),
            span(row["tokens_per_second"], lambda value: tenths(value / 1e6)),
        ]
        for row in found
    ]
    sizes = {row["text"]: (row["bytes"], row["tokens"], row["vocabulary"]) for row in found}
    said = "; ".join(
        f"{titled(name)}: {n_bytes / 1e6:.1f} MB, {pretty(tokens)} tokens, {pretty(words)} words"
        for name, (n_bytes, tokens, words) in sizes.items()
    )
    columns = ["text", "stage", "workers", "MB/s", "M tokens/s"]
    return f"## Reading text\n\n{said}. From the page cache.\n\n{table(columns, lines)}"


def imports(rows: Iterable[Row]) -> str:
    """Import times of fresh interpreters."""
    found = [row for row in rows if row["part"] == "imports"]
    if not found:
        return ""
    lines = [
        [row["module"], span(row["seconds"], lambda value: whole(1000 * value))] for row in found
    ]
    return "## Start of a fresh interpreter\n\n" + table(["that imports", "ms"], lines)


def tiny(rows: Iterable[Row]) -> str:
    """The smallest job."""
    found = [row for row in rows if row["part"] == "tiny"]
    if not found:
        return ""

    def ms(value: float) -> str:
        return whole(1000 * value)

    lines = [
        [
            row["trainer"],
            pretty(row["workers"]),
            span(row["process_seconds"], ms),
            span(row["import_seconds"], ms),
            span(row["first_call_seconds"], ms),
            span(row["second_call_seconds"], ms),
            f"{row['quality']['inside']:.2f} / {row['quality']['across']:.2f}",
        ]
        for row in found
    ]
    said = (
        "340 walks of 80 nodes on a graph of 34 nodes, skip-gram NS, 100 dimensions, 5 epochs, in "
        "a fresh process; mean cosine inside / across the two halves of the graph."
    )
    columns = ["trainer", "workers", "process ms", "import ms", "first call ms", "second call ms",
               "cosines"]  # fmt: skip
    return f"## A tiny job\n\n{said}\n\n{table(columns, lines)}"


def kernels(rows: Iterable[Row]) -> str:
    """Shares of the machine's peaks."""
    found = [row for row in rows if row["part"] == "kernels"]
    if not found:
        return ""
    lines = [
        [
            row["isa"],
            row["kernel"] + (f", {TITLES[row['model']]}" if row["model"] else ""),
            pretty(row["dim"]) if row["dim"] else "",
            tenths(row["gflops"]) if row["gflops"] else "",
            f"{100 * row['share_of_peak']:.0f} %" if row["gflops"] else "",
            tenths(row["gbs"]),
            f"{100 * row['share_of_bandwidth']:.0f} % of {row['level']}",
            thousands(row["words_per_second"]) if "words_per_second" in row else "",
        ]
        for row in found
    ]
    said = (
        "GFLOP/s and GB/s count what the algorithm needs, not what the code does beyond it: a "
        "dimension of padding is work without a gain, and a share over 100 % of a memory's "
        "bandwidth means that caches above it helped. The least of several rounds, one worker."
    )
    columns = ["ISA", "kernel", "dim", "GFLOP/s", "of peak", "GB/s", "of bandwidth", "k words / s"]
    return f"## Kernels\n\n{said}\n\n{table(columns, lines)}"


def failures(rows: Iterable[Row]) -> str:
    """What could not be measured."""
    found = [row for row in rows if row["part"] == "failed"]
    if not found:
        return ""
    # The last line of what a program printed is what it died of.
    lines = [f"* {row['name']}: {row['error'].strip().splitlines()[-1]}" for row in found]
    return "\n".join(["## Not measured", "", *lines])


def insert(document: str, tables: str) -> str:
    """Replace what stands between the two markers of a document.

    Raises
    ------
    ValueError
        If the markers are not there.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{tables}\n{END}{after}"


def write(results: Mapping[str, Any], directory: Path) -> None:
    """Write report.md, and the plots where matplotlib is installed."""
    (directory / "report.md").write_text(render(results), encoding="utf-8")
    from benchmarks import plots

    try:
        plots.draw(results, directory)
    except ImportError:
        print("matplotlib is not installed: no plots")


def main(argv: Sequence[str] | None = None) -> None:
    """Render results again."""
    parser = Parser(
        prog="python -m benchmarks.report", description="Write the tables and plots of a run."
    )
    parser.add_argument("results", type=Path)
    parser.add_argument("--into", type=Path, help="a document with two marker lines")
    arguments = parser.parse_args(argv)
    results = json.loads(arguments.results.read_text(encoding="utf-8"))
    if arguments.into is None:
        write(results, arguments.results.parent)
        return
    document = arguments.into.read_text(encoding="utf-8")
    tables = render(results).replace("\n## ", "\n### ")
    arguments.into.write_text(insert(document, tables), encoding="utf-8")


if __name__ == "__main__":
    main()
