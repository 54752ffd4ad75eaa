"""`fastw2v demo`: train on the documentation of Python's standard library, in seconds."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from fastw2v import config, stdlib_text
from fastw2v.cli.job import train_and_save
from fastw2v.cli.layout import fitted, number_of, row, tell, width
from fastw2v.cli.output import BINARY, check_output
from fastw2v.cli.usage import examples
from fastw2v.keyedvectors import KeyedVectors

TEXT, VECTORS = "stdlib-text.txt", "stdlib-vectors.bin"
WORDS = ("list", "string", "socket", "thread", "true", "integer", "error", "directory")
PARAMETERS = {"sg": 1, "vector_size": 100, "epochs": 15, "min_count": 5, "workers": -1}


def add_parser(commands: Any) -> None:
    """Add the command to the `commands` of an argument parser."""
    parser = commands.add_parser(
        "demo",
        help="train on the documentation of Python's standard library",
        description="Collect the docstrings and reference topics of Python's standard library, "
        "train vectors on them and show the neighbours of a few words.",
        epilog=examples(
            "fastw2v demo",
            "fastw2v demo --directory /tmp/demo",
            "fastw2v demo && fastw2v check stdlib-text.txt",
        ),
    )
    parser.add_argument(
        "-d",
        "--directory",
        type=Path,
        default=Path(),
        metavar="PATH",
        help=f"where to write {TEXT} and {VECTORS} (default: here)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the text, train, show; returns the exit code."""
    directory: Path = arguments.directory
    text, vectors = directory / TEXT, directory / VECTORS
    directory.mkdir(parents=True, exist_ok=True)
    check_output(vectors)
    print("Collecting the documentation of Python's standard library ...", flush=True)
    n_words = stdlib_text.write(text)
    tell(row("text", f"{text}: {number_of(n_words, 'word')}"))
    parameters = {name: parameter.default for name, parameter in config.PARAMETERS.items()}
    model = train_and_save(
        [text],
        vectors,
        kind=BINARY,
        compute_loss=True,
        quiet=False,
        brief=True,
        **{**parameters, **PARAMETERS},
    )
    print()
    show_neighbours(model.wv)
    print()
    print("Train on your own text, a sentence per line:")
    print("    fastw2v train book.txt -o book.bin --sg 1")
    print("and use it:")
    print("    from fastw2v import KeyedVectors")
    print(f'    wv = KeyedVectors.load_word2vec_format("{vectors}", binary=True)')
    print(f'    wv.most_similar("{WORDS[0]}")')
    return 0


def show_neighbours(wv: KeyedVectors, n_neighbours: int = 6) -> None:
    """Print the nearest neighbours of a few words by cosine."""
    print("Nearest neighbours (cosine):")
    for word in WORDS:
        if word in wv:
            found = wv.most_similar(word, topn=n_neighbours)
            near = "  ".join(f"{word}\u00a0{cosine:.2f}" for word, cosine in found)
            # Lines are not broken between a word and its cosine.
            print(fitted(f"    {word:<12}{near}", width()).replace("\u00a0", " "))
