"""Arguments that gensim refuses, with its exceptions and their texts."""

from __future__ import annotations

import errno
import functools
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import GeneratorType
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

from fastw2v.corpus import arrow
from fastw2v.corpus.inputs import AnyInput, Input, is_file_object, resolve
from fastw2v.corpus.mistakes import ENOUGH_TOKENS
from fastw2v.corpus.opening import is_plain_text
from fastw2v.corpus.reading import Reading
from fastw2v.errors import CorpusNotFoundError
from fastw2v.iterables import described, finite, is_iterable, is_text
from fastw2v.model.state import NO_VECTORS, NO_VOCABULARY, State

Paths: TypeAlias = "AnyInput | Sequence[AnyInput]"

logger = logging.getLogger("fastw2v")

# A corpus of the same kind has at least so many of its tokens in the vocabulary of another one.
LEAST_KNOWN = 0.3

RENAMED = {
    "dim": "vector_size",
    "iter": "epochs",
    "learning_rate": "alpha",
    "lr": "alpha",
    "min_freq": "min_count",
    "n_epochs": "epochs",
    "neg": "negative",
    "num_workers": "workers",
    "random_state": "seed",
    "size": "vector_size",
    "threads": "workers",
    "window_size": "window",
}
"""Names of parameters that people bring along."""

P = ParamSpec("P")
T = TypeVar("T")

BOTH_OBJECTIVES = (
    "Both hierarchical softmax and negative sampling are activated. This is probably a mistake: "
    "each pair is trained twice. Set negative=0 or hs=0 if that is not intended."
)
EMPTY_CORPUS = (
    "train() called with an empty iterator (if not intended, be sure to provide a corpus that "
    "offers restartable iteration = an iterable)."
)


def of_today(function: Callable[P, T]) -> Callable[P, T]:
    """Name the parameter that is meant where a call has one of gensim 3 or of other trainers."""

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        for name in kwargs:
            if name in RENAMED:
                raise TypeError(f"there is no parameter {name!r}: it is {RENAMED[name]!r} here")
        return function(*args, **kwargs)

    return checked


def one_corpus(
    corpus_iterable: object, corpus_file: Paths | None, passes: int
) -> list[Input] | None:
    """Check that there is one corpus, which can be read.

    Parameters
    ----------
    corpus_iterable, corpus_file
        What the user gave.
    passes : int
        How often gensim would read it. It is read once here; but a generator for more than one
        pass is refused as in gensim, where it is a mistake.

    Returns
    -------
    list of Input, or None
        The files, if the corpus is in files.

    Raises
    ------
    TypeError
        If there is none, or two, or it is nothing that can be read as often.
    CorpusNotFoundError
        If there is no such file; it is a TypeError too.
    PermissionError
        If a file must not be read.
    """
    if corpus_file is None and corpus_iterable is None:
        raise TypeError("Either one of corpus_file or corpus_iterable value must be provided")
    if corpus_file is not None and corpus_iterable is not None:
        raise TypeError(
            "Both corpus_file and corpus_iterable must not be provided at the same time"
        )
    if corpus_file is None:
        _iterable(corpus_iterable, passes)
        return None
    single = isinstance(corpus_file, (str, os.PathLike, Input)) or is_file_object(corpus_file)
    try:
        return resolve(
            [cast(AnyInput, corpus_file)] if single else list(finite(cast("Any", corpus_file)))
        )
    except TypeError:
        raise TypeError(_no_file(corpus_file)) from None
    except FileNotFoundError as error:
        name, text = os.fspath(error.filename), _no_file(error.filename)
        if error.strerror != os.strerror(errno.ENOENT):
            text += f" ({error.strerror})"
        raise CorpusNotFoundError(errno.ENOENT, text, name) from None


def one_text_file(inputs: Sequence[Input], reading: Reading) -> Path:
    """Return the file that is given to a `_do_train_epoch` which a subclass overrides.

    Raises
    ------
    TypeError
        If it is anything but one file of plain text, a sentence per line: only there can each
        worker begin to read at a place of its own.
    """
    name = "_do_train_epoch, which is overridden, takes one corpus_file"
    if len(inputs) != 1:
        raise TypeError(name)
    path = inputs[0].path
    if path is None or not inputs[0].is_file or not is_plain_text(inputs[0], reading):
        raise TypeError(f"{name} of plain text, read by lines and white space: {inputs[0].name}")
    return path


def _no_file(value: object) -> str:
    return f"Parameter corpus_file must be a valid path to a file, got {value!r} instead"


def _iterable(corpus: object, passes: int) -> None:
    if arrow.is_arrow(corpus):
        return
    if is_text(corpus):
        raise TypeError(
            f"The corpus_iterable must be an iterable of lists of strings, got "
            f"{described(corpus)} instead: its items would be letters. For a file give "
            "corpus_file=, for sentences [text.split()] or a list of such"
        )
    if not is_iterable(corpus):
        raise TypeError(
            f"The corpus_iterable must be an iterable of lists of strings, got {described(corpus)}"
        )
    if isinstance(corpus, GeneratorType) and passes > 1:
        raise TypeError(
            f"Using a generator as corpus_iterable can't support {passes} passes. "
            "Try a re-iterable sequence."
        )


def known_words(n_known: int, n_tokens: int) -> None:
    """Warn if a corpus has other words than the vocabulary, as if it were read in another way.

    Parameters
    ----------
    n_known, n_tokens : int
        Tokens of the corpus that the vocabulary has, and all.
    """
    if n_tokens >= ENOUGH_TOKENS and n_known < n_tokens * LEAST_KNOWN:
        logger.warning(
            "%.1f %% of the %i words of this corpus are in the vocabulary: is it read as that was "
            "which the vocabulary comes from (tokenizer, lowercase, sentence_split)?",
            100.0 * n_known / n_tokens,
            n_tokens,
        )


def is_one_shot(corpus: object) -> bool:
    """Tell whether an iterable can be read only once."""
    return isinstance(corpus, Iterator)


def training_call(
    model: State,
    *,
    in_files: bool,
    total_examples: int | None,
    total_words: int | None,
    epochs: int | None,
    alpha: float,
) -> None:
    """Check what gensim checks before it trains, in its order.

    Raises
    ------
    RuntimeError
        If there are no words, or no vectors.
    ValueError
        If nothing would be trained, or no total or no number of epochs is given.
    """
    if not model.hs and not model.negative:
        raise ValueError(
            "You must set either 'hs' or 'negative' to be positive for proper training. "
            "When both 'hs=0' and 'negative=0', there will be no training."
        )
    if model.hs and model.negative:
        logger.warning(BOTH_OBJECTIVES)
    if alpha > model.min_alpha_yet_reached:
        logger.warning("Effective 'alpha' higher than previous training cycles")
    if not model.wv.key_to_index:
        raise RuntimeError(NO_VOCABULARY)
    if not len(model.wv._matrix()):
        raise RuntimeError(NO_VECTORS)
    if total_words is None and total_examples is None:
        raise ValueError(
            "You must specify either total_examples or total_words, for proper learning-rate and "
            "progress calculations. After build_vocab with the same corpus that is "
            "total_examples=model.corpus_count."
        )
    if epochs is None or epochs <= 0:
        raise ValueError(
            "You must specify an explicit epochs count. The usual value is epochs=model.epochs."
        )
    if in_files and total_words is None:
        raise ValueError("total_words must be provided alongside corpus_file argument.")
