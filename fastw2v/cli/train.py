"""`fastw2v train INPUT... -o OUTPUT`: from text files to a file of vectors."""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from fastw2v import config
from fastw2v.cli.usage import UsageError
from fastw2v.corpus.readers import check_paths
from fastw2v.isa import chosen_isa
from fastw2v.progress import Display
from fastw2v.word2vec import Word2Vec

TEXT_SUFFIXES = (".txt", ".vec")


def add_parser(commands: Any) -> None:
    """Add the command to the `commands` of an argument parser."""
    parser = commands.add_parser(
        "train",
        help="train vectors on text files",
        description="Train word vectors on text files: a sentence per line, words split at white "
        "space. Prints what became of every word, and writes the vectors in word2vec's format.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("input", nargs="+", type=Path, metavar="INPUT", help="text file")
    parser.add_argument(
        "-o", "--output", required=True, type=Path, metavar="FILE",
        help="where to write the vectors: word2vec text if it ends in .txt or .vec, else binary",
    )
    parser.add_argument(
        "--format", choices=("auto", "binary", "text"), default="auto",
        help="format of the output (default: auto, by its name)",
    )
    parser.add_argument(
        "--compute_loss", action="store_true", help="compute the mean loss of every epoch"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    add_hyper_parameters(parser)
    parser.set_defaults(run=run)


def add_hyper_parameters(parser: argparse.ArgumentParser) -> None:
    """Add a flag for every hyper-parameter; --vector-size is taken for --vector_size."""
    group = parser.add_argument_group("hyper-parameters (names and defaults are gensim's)")
    for parameter in config.PARAMETERS.values():
        group.add_argument(
            *dict.fromkeys((f"--{parameter.name}", f"--{parameter.name.replace('_', '-')}")),
            type=flag_type(parameter),
            default=parameter.default,
            metavar="X",
            dest=parameter.name,
            help=f"{parameter.help} (default: {parameter.default})".replace("%", "%%"),
        )


def flag_type(parameter: config.Parameter) -> Any:
    """Return the function that argparse calls with the text of a flag."""

    def convert(text: str) -> Any:
        try:
            return parameter.check(None if text.lower() == "none" else text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


def run(arguments: argparse.Namespace) -> int:
    """Train and save; returns the exit code."""
    text = arguments.format == "text" or (
        arguments.format == "auto" and arguments.output.suffix in TEXT_SUFFIXES
    )
    check_output(arguments.output)
    inputs = check_paths(arguments.input)
    values = {name: getattr(arguments, name) for name in config.PARAMETERS}
    try:
        config.check(values)
        chosen_isa()
    except ValueError as error:
        raise UsageError(str(error)) from None
    train_and_save(
        inputs,
        arguments.output,
        binary=not text,
        compute_loss=arguments.compute_loss,
        quiet=arguments.quiet,
        **values,
    )
    return 0


def check_output(path: Path) -> None:
    """Refuse an output that cannot be written before an hour is spent on it."""
    if path.is_dir():
        raise UsageError(f"--output {path} is a directory; name a file")
    if not path.parent.is_dir():
        raise UsageError(f"--output {path}: there is no directory {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise UsageError(f"--output {path}: the directory {path.parent} is not writable")


def train_and_save(
    inputs: list[Path],
    output: Path,
    *,
    binary: bool,
    compute_loss: bool,
    quiet: bool,
    **parameters: Any,
) -> Word2Vec:
    """Train on text files, save the vectors, show progress and a summary.

    Parameters
    ----------
    inputs : list of Path
        Text files.
    output : Path
        File of vectors.
    binary : bool
        word2vec's binary format, or its text format.
    compute_loss, quiet : bool
        As the flags of the command.
    **parameters
        Hyper-parameters, checked.

    Returns
    -------
    Word2Vec
    """

    def say(text: str = "") -> None:
        if not quiet:
            print(text, flush=True)

    class Announcement:
        """Says what is going to be trained once the corpus is counted."""

        def on_train_begin(self, model: Word2Vec) -> None:
            reading.close()
            say(describe(model))

    began = time.perf_counter()
    model = Word2Vec(compute_loss=compute_loss, **parameters)
    with Display("reading", "B") as reading, Display("training", "word") as training:
        model.fit(
            corpus_file=inputs,
            callbacks=[Announcement()],
            progress=None if quiet else reading.show,
            observe=None if quiet else training.training,
        )
    report = model.report
    model.wv.save_word2vec_format(output, binary=binary)
    say()
    say(str(model.ledger))
    for epoch, loss in enumerate(model.loss_history, 1):
        say(f"loss of epoch {epoch:<5} {loss:.4f}  per positive pair")
    rate = model.ledger.corpus / max(report.seconds, 1e-9)
    cpu_rate = model.ledger.corpus / max(report.cpu_seconds, 1e-9)
    say(f"training           {report.seconds:.1f} s, {rate:,.0f} words/s, "
        f"{cpu_rate:,.0f} words per CPU second")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if IS_MAC else 1024)
    say(f"altogether         {time.perf_counter() - began:.1f} s, peak memory {peak / 2**20:,.0f} MiB")
    say(f"saved              {output}: {len(model.wv):,} vectors of {model.vector_size} dimensions, "
        f"word2vec {'binary' if binary else 'text'}")
    return model


IS_MAC = sys.platform == "darwin"


def describe(model: Word2Vec) -> str:
    """Say in two lines what is going to be trained, and how."""
    kept = int(model.wv.expandos["count"].sum())
    objectives = [f"{model.negative} negatives"] * bool(model.negative)
    objectives += ["hierarchical softmax"] * bool(model.hs)
    return (
        f"corpus             {model.corpus_total_words:,} words in {model.corpus_count:,} sentences; "
        f"vocabulary {len(model.wv):,} words that occur at least {model.effective_min_count} times "
        f"({kept:,} of the corpus)\n"
        f"model              {'skip-gram' if model.sg else 'CBOW'}, {' and '.join(objectives)}, "
        f"{model.vector_size} dimensions, window {model.window}, {model.epochs} epochs, "
        f"{config.n_threads(model.workers)} workers, {chosen_isa()}"
    )
