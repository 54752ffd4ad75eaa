"""`fastw2v check INPUT...`: what is in a corpus, and what training on it will take."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from typing import Any

from fastw2v import config, estimate
from fastw2v import memory as system_memory
from fastw2v.cli.layout import number_of, row, table, tell
from fastw2v.cli.output import output_path
from fastw2v.cli.parameters import hyper_parameters
from fastw2v.cli.reading import INPUTS, reading_of
from fastw2v.cli.train import add_options, check_paths
from fastw2v.cli.usage import UsageError, complaint, examples, in_flags
from fastw2v.corpus import mistakes
from fastw2v.corpus.check import LONG_TOKEN, Report, check_files
from fastw2v.errors import CorpusError, EmptyVocabularyError, FormatError, Way
from fastw2v.formats import word2vec_text
from fastw2v.isa import chosen_isa
from fastw2v.memory import enough_for, fewer_workers
from fastw2v.model.checks import known_words
from fastw2v.prepare import BOUNDED, Corpus, beginning
from fastw2v.progress import Display
from fastw2v.trainer import Settings
from fastw2v.vocab import Vocabulary

NOT_UTF8 = ("line is not UTF-8", "lines are not UTF-8")


def add_parser(commands: Any) -> None:
    """Add the command to the `commands` of an argument parser."""
    parser = commands.add_parser(
        "check",
        help="look at a corpus before training",
        description="Look at a corpus before an hour is spent on it: encoding, lengths of lines "
        "and words as they stand there, how many words which min_count leaves, the usual mistakes, "
        "and the memory and time that training with the given hyper-parameters will take. Takes "
        "all options of `fastw2v train`.",
        epilog=examples(
            "fastw2v check wiki.txt",
            "fastw2v check 'dump/**/*.gz' --tokenizer words --vector_size 300 --sg 1",
            "fastw2v check reviews.jsonl --field text --json --no-timing",
        ),
    )
    parser.add_argument("input", nargs="+", metavar="INPUT", help=f"{INPUTS}, which is not checked")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--no-timing",
        action="store_true",
        help="do not train on the first words for a second to estimate the time",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=output_path,
        metavar="PATH",
        help="what training would write: nothing is written, but whether it could be is checked",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print the report only")
    add_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look and tell; returns the exit code."""
    parameters = hyper_parameters(arguments)
    if arguments.output is not None:
        check_paths(arguments)
    given = None
    if arguments.vocab is not None:
        given = Vocabulary.load(
            arguments.vocab,
            **{name: parameters[name] for name in ("min_count", "max_final_vocab")},
        )
    try:
        isa = chosen_isa()
    except ValueError as error:
        raise UsageError(str(error)) from None
    reading = reading_of(arguments)
    workers = config.n_threads(parameters["workers"])
    with (
        Display("checking", "B") as display,
        enough_for("to look at the corpus", *fewer_workers(workers)),
    ):
        report = check_files(
            arguments.input,
            reading,
            workers=workers,
            progress=None if arguments.json or arguments.quiet else display.show,
        )
    # Words that are not UTF-8 are told of, and are no reason to end.
    lenient = replace(reading, errors="skip") if report.n_invalid_lines else reading
    timed = None if arguments.no_timing else Corpus(arguments.input, reading=lenient)
    untimed = [Way("no_timing", "{}")] * (timed is not None)
    with enough_for("to look at the vocabulary", *untimed):
        found = facts(report, parameters, isa, timed, given, bounded=arguments.memory == BOUNDED)
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        tell(text(found))
    return 0


def facts(
    report: Report,
    parameters: dict[str, Any],
    isa: str,
    timed: Corpus | None,
    given: Vocabulary | None = None,
    *,
    bounded: bool = False,
) -> dict[str, Any]:
    """Return all that is to be told, as JSON has it; the speed if there is a corpus to time."""
    warnings = list(report.warnings)
    if given is None:
        vocabulary = choose(report, parameters, warnings)
        n_ids = n_kept = vocabulary.n_kept_tokens if vocabulary is not None else report.n_tokens
    else:
        vocabulary, n_ids, n_kept = given, known(report, given), report.n_tokens
        known_words(n_ids, report.n_tokens)
    found: dict[str, Any] = {
        "corpus": {
            "files": report.n_files,
            "bytes": report.n_bytes,
            "lines": report.n_lines,
            "blank_lines": report.n_blank_lines,
            "sentences": report.n_sentences,
            "words": report.n_tokens,
            "distinct_words": len(report.counts),
        },
        "encoding": {
            "invalid_lines": report.n_invalid_lines,
            "invalid": [asdict(place) for place in report.invalid],
            "nul_bytes": report.n_nul,
            "crlf_lines": report.n_crlf,
            "lone_cr": report.n_lone_cr,
        },
        "lengths": {
            "words_per_line": report.line_words.summary(),
            "bytes_per_line": report.line_bytes.summary(),
            "bytes_per_word": report.token_bytes.summary(),
            "longest_line": report.longest_line and asdict(report.longest_line),
            "longest_word": report.longest_token and asdict(report.longest_token),
            "words_over_100_bytes": report.n_long_tokens,
        },
        "vocabulary": [
            {"min_count": min_count, "words": n_words, "share": n_tokens / report.n_tokens}
            for min_count, n_words, n_tokens in report.curve()
        ],
        "training": None,
        "warnings": warnings,
    }
    warn(report, parameters, vocabulary, n_kept, warnings)
    if vocabulary is not None:
        found["training"] = training(report, parameters, vocabulary, n_ids, isa, timed)
        warn_of_memory(found["training"], warnings, bounded=bounded)
    return found


def known(report: Report, given: Vocabulary) -> int:
    """Return how many tokens of the corpus a vocabulary has."""
    assert report.scan is not None
    every = Vocabulary.from_scan(report.scan, min_count=0, may_be_empty=True)
    counts = zip(every.keys, every.counts.tolist(), strict=True)
    return sum(count for key, count in counts if key in given)


def choose(report: Report, parameters: dict[str, Any], warnings: list[str]) -> Vocabulary | None:
    """Choose the vocabulary that would be trained, or say why there is none."""
    assert report.scan is not None
    try:
        return Vocabulary.from_scan(
            report.scan,
            min_count=parameters["min_count"],
            max_final_vocab=parameters["max_final_vocab"],
        )
    except (EmptyVocabularyError, CorpusError) as error:
        warnings.append(f"training would fail: {complaint(error)}")
        return None


def warn(
    report: Report,
    parameters: dict[str, Any],
    vocabulary: Vocabulary | None,
    n_kept: int,
    warnings: list[str],
) -> None:
    """Add the usual mistakes to the warnings."""
    if report.n_invalid_lines and report.errors == "strict":
        warnings.append(
            f"training would fail: {number_of(report.n_invalid_lines, *NOT_UTF8)}, the first is "
            f"{report.invalid[0].path}, line {report.invalid[0].line}; re-encode the text, or "
            "choose --errors skip, as was done to count, or --errors replace"
        )
    if report.n_nul:
        warnings.append(
            f"it has {number_of(report.n_nul, 'zero byte')}: is it UTF-16, or no text at all? "
            "Re-encode it, for example: iconv -f UTF-16 -t UTF-8 FILE > NEW_FILE"
        )
    if report.n_lone_cr:
        warnings.append(
            f"{number_of(report.n_lone_cr, 'CR stands', 'CRs stand')} without a newline: a CR "
            "separates words, but ends no sentence; if lines end so, convert them: tr '\\r' '\\n' "
            "< FILE > NEW_FILE"
        )
    if report.n_long_tokens:
        place = report.longest_token
        where = f", the longest in {place.path}, line {place.line}" if place else ""
        warnings.append(
            f"{number_of(report.n_long_tokens, 'word has', 'words have')} {LONG_TOKEN} bytes or "
            f"more{where}: text without spaces, markup or encoded data?"
        )
    median, window = report.line_words.quantile(0.5), parameters["window"]
    if report.n_tokens >= mistakes.ENOUGH_TOKENS and 1 < median <= window // 2:
        warnings.append(
            f"half of all lines have {median} words or fewer: a window of {window} is wider than "
            "they are"
        )
    found = mistakes.of_counts(
        report.n_tokens,
        report.n_sentences,
        len(report.counts),
        n_kept,
    )
    if vocabulary is not None:
        found += mistakes.of_words(vocabulary.keys, vocabulary.counts)
        try:
            word2vec_text.check_keys(vocabulary.keys)
        except FormatError as error:
            warnings.append(f"training would fail unless it is told -o FILE.fw2v: {error}")
    warnings += map(in_flags, found)


def training(
    report: Report,
    parameters: dict[str, Any],
    vocabulary: Vocabulary,
    n_ids: int,
    isa: str,
    timed: Corpus | None,
) -> dict[str, Any]:
    """Estimate memory and time."""
    memory = estimate.memory(
        len(vocabulary), n_ids,
        **{name: parameters[name] for name in ("vector_size", "negative", "hs")},
    )  # fmt: skip
    found: dict[str, Any] = {
        "min_count": vocabulary.effective_min_count,
        "words": len(vocabulary),
        "share": n_ids / report.n_tokens,
        "trained_share": estimate.trained_share(vocabulary.counts, parameters["sample"])
        * n_ids
        / report.n_tokens,
        "model_bytes": memory.model,
        "memory_bytes": memory.in_ram,
        "bounded_memory_bytes": memory.bounded,
        "available_bytes": system_memory.available(),
        "epochs": parameters["epochs"],
        "workers": config.n_threads(parameters["workers"]),
        "cores": config.n_threads(-1),
        "instruction_set": isa,
        "seconds": None,
        "words_per_second_and_worker": None,
    }
    if timed is not None and n_ids:
        sample = beginning(timed, vocabulary, estimate.SAMPLE_IDS)
        names = Settings.__dataclass_fields__
        chosen = {name: parameters[name] for name in names if name in parameters}
        # What the text that the speed is measured on is too short for, the whole one may not be.
        sharing = config.noise_sharing(
            len(vocabulary),
            n_ids * parameters["epochs"],
            parameters["sg"],
            parameters["negative"],
            parameters["block_size"],
            parameters["noise_rows"],
            parameters["noise_blocks"],
        )
        chosen.update(sharing._asdict())
        speed = estimate.speed(
            vocabulary.counts,
            sample.ids,
            sample.longest,
            Settings(**chosen, compute_loss=False),
            parameters["vector_size"],
        )
        found["seconds"] = estimate.seconds(
            n_ids, parameters["epochs"], parameters["workers"], speed
        )
        found["words_per_second_and_worker"] = speed.words_per_second
    return found


def warn_of_memory(training: dict[str, Any], warnings: list[str], *, bounded: bool) -> None:
    """Add to the warnings what does not fit in memory."""
    available = training["available_bytes"]
    least = training["bounded_memory_bytes"]
    needed = least if bounded else training["memory_bytes"]
    if available is None or needed <= available:
        return
    if least <= available:
        how = "with --memory bounded or --cache it fits"
    elif training["model_bytes"] > available:
        how = "and the model alone does not fit: raise --min_count or lower --vector_size"
    else:
        also = f"with --memory bounded {system_memory.shown(least)}; " * (least < needed)
        how = f"{also}a higher --min_count or a lower --vector_size takes less"
    warnings.append(
        f"training {'' if bounded else 'in memory '}takes {system_memory.shown(needed)}, and "
        f"{system_memory.shown(available)} are free; {how}"
    )


def text(found: dict[str, Any]) -> str:
    """Lay the facts out for people."""
    corpus, encoding, lengths = found["corpus"], found["encoding"], found["lengths"]
    first, second = (
        ", ".join(number_of(corpus[f"{name}s".replace(" ", "_")], name) for name in names)
        for names in (("file", "byte", "line"), ("word", "sentence", "blank line"))
    )
    lines = [row("corpus", first), row("", second), row("encoding", encoding_text(encoding))]
    lines += [row("", f"{p['path']}, line {p['line']}: {p['what']}") for p in encoding["invalid"]]
    rows: list[tuple[str, ...]] = [("lengths", "mean", "median", "90 %", "99 %", "longest")]
    for name in ("words in a line", "bytes in a line", "bytes in a word"):
        mean, *others = lengths[name.replace(" in a ", "_per_")].values()
        rows.append((name, f"{mean:,.1f}", *(f"{n:,}" for n in others)))
    lines += ["", *table(rows)]
    for name, place in (("longest line", lengths["longest_line"]),
                        ("longest word", lengths["longest_word"])):  # fmt: skip
        if place:
            what = "".join(c if c.isprintable() else "\ufffd" for c in place["what"])
            what = what if len(what) <= 30 else what[:30] + "..."
            lines.append(row(name, f"{place['path']}, line {place['line']:,}: {what}"))
    if found["vocabulary"]:
        rows = [("vocabulary", "min_count", "words", "of the corpus")]
        rows += [
            ("", f"{r['min_count']:,}", f"{r['words']:,}", f"{100 * r['share']:.2f} %")
            for r in found["vocabulary"]
        ]
        lines += ["", *table(rows)]
    if found["training"]:
        lines += ["", *training_text(found["training"])]
    lines += ["", *([f"warning: {warning}" for warning in found["warnings"]] or ["no warnings"])]
    return "\n".join(lines)


def encoding_text(encoding: dict[str, Any]) -> str:
    """Say what is wrong with the bytes."""
    parts = []
    if encoding["invalid_lines"]:
        parts.append(number_of(encoding["invalid_lines"], *NOT_UTF8))
    for name, titles in (("nul_bytes", ("zero byte",)),
                         ("crlf_lines", ("line ends with CR LF", "lines end with CR LF")),
                         ("lone_cr", ("CR alone", "CRs alone"))):  # fmt: skip
        if encoding[name]:
            parts.append(number_of(encoding[name], *titles))
    return ", ".join(parts) if parts else "UTF-8"


def training_text(training: dict[str, Any]) -> list[str]:
    """Say what training will take."""
    lines = [
        row(
            "training",
            f"{number_of(training['words'], 'word')} (min_count {training['min_count']}), "
            f"{100 * training['share']:.2f} % of the corpus; "
            f"{100 * training['trained_share']:.1f} % after subsampling",
        ),
        row(
            "memory",
            f"{system_memory.shown(training['memory_bytes'])}, or with --memory bounded "
            f"{system_memory.shown(training['bounded_memory_bytes'])}; "
            f"the model is {system_memory.shown(training['model_bytes'])}",
        ),
    ]
    if training["available_bytes"] is not None:
        lines.append(row("", f"{system_memory.shown(training['available_bytes'])} are free"))
    if training["seconds"] is not None:
        lines += [
            row(
                "time",
                f"{span(training['seconds'])} of training: "
                f"{number_of(training['epochs'], 'epoch')} with "
                f"{number_of(training['workers'], 'worker')} on "
                f"{number_of(training['cores'], 'idle core')}",
            ),
            row(
                "",
                f"measured: {training['words_per_second_and_worker']:,.0f} words per CPU second, "
                f"one worker, {training['instruction_set']}",
            ),
        ]
    return lines


def span(seconds: float) -> str:
    """Show an estimated time with its uncertainty."""
    least, most = duration(seconds / estimate.ACCURACY), duration(seconds * estimate.ACCURACY)
    return f"about {least}" if least == most else f"{least} to {most}"


def duration(seconds: float) -> str:
    """Show a time in its two largest units."""
    if seconds < 100:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
