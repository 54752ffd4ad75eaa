"""The trainers that fastw2v is measured against, and what all of them have in common.

A rival is a module with three names:

    label      what tables call it
    version()  what would run, or None if it is not there
    train(job) trains, writes the vectors and says what training took, a `Result`

`train` raises `NotOfferedError` for a model that the program does not have. To add a rival, write
such a module and name it in `NAMES`. A program that no package index has is run from a path that
the user gives, in an environment variable or with `--rival`; see `benchmarks.rivals.executable`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib import import_module
from typing import Any, Protocol, cast

NAMES = (
    "ours", "gensim", "fasttext", "word2vec_c", "pword2vec", "psgnscc", "par_word2vec", "koan",
    "word2vec_pp",
)  # fmt: skip


@dataclass(frozen=True)
class Job:
    """What to train; names, units and ranges as in `fastw2v.config`.

    `text` has a sentence of at most 1,000 tokens per line, `output` is where the vectors go.
    `once` asks for one plain run, of which only the whole process is measured. `extra` holds
    parameters that only fastw2v and gensim can be given.
    """

    text: str
    output: str
    sg: int = 1
    hs: int = 0
    negative: int = 5
    vector_size: int = 100
    window: int = 5
    alpha: float = 0.025
    sample: float = 1e-3
    min_count: int = 5
    epochs: int = 3
    workers: int = 1
    seed: int = 1
    once: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


def keyword_arguments(job: Job) -> dict[str, Any]:
    """Return the hyper-parameters under gensim's names, which are fastw2v's too."""
    values = asdict(job)
    for name in ("text", "output", "once", "extra"):
        del values[name]
    return {**values, **job.extra}


@dataclass
class Result:
    """What training took.

    Attributes
    ----------
    epochs : int
        Passes over the text that the times cover.
    seconds, cpu_seconds : float
        Wall clock and processor time of these passes, without reading the text and saving.
    load_seconds : float or None
        Wall clock time to count and encode the text, where it is known.
    remarks : list of str
        How the objective or the measurement differs from everybody's.
    details : dict
        More to keep.
    peak_rss_mib : float or None
        Peak memory, if training ran in another process than the caller's.
    words : int or None
        Corpus words that the times cover, if they are not all words of each epoch once.
    """

    epochs: int
    seconds: float
    cpu_seconds: float
    load_seconds: float | None = None
    remarks: list[str] = field(default_factory=list)
    details: dict[str, object] = field(default_factory=dict)
    peak_rss_mib: float | None = None
    words: int | None = None


class NotOfferedError(Exception):
    """The program has no such model."""


class Trainer(Protocol):
    """The three names of a rival."""

    label: str
    version: Callable[[], str | None]
    train: Callable[[Job], Result]


def find(name: str) -> Trainer:
    """Import a trainer by the name of its module."""
    if name not in NAMES:
        raise ValueError(f"a trainer is one of {', '.join(NAMES)}, got {name!r}")
    return cast(Trainer, import_module(f"benchmarks.rivals.{name}"))


def by_label(label: str) -> str:
    """Name of the module for a label, as people write it."""
    wanted = label.lower()
    for name in NAMES:
        if wanted in (name, find(name).label.lower()):
            return name
    labels = ", ".join(find(name).label for name in NAMES)
    raise ValueError(f"no rival is called {label!r}; there are {labels}")
