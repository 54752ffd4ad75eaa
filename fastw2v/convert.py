"""Files that gensim saved: read by gensim itself, where it is installed.

They are pickles. Reading one runs whatever its author wanted to run, so it is done only by these
functions, which are called for nothing else.
"""

from __future__ import annotations

import os
import pickle
import warnings
from typing import Any

import numpy as np

from fastw2v.errors import FormatError
from fastw2v.formats.atomic import StrPath
from fastw2v.keyedvectors import KeyedVectors


def from_gensim(source: Any) -> KeyedVectors:
    """Return the vectors of a file that gensim saved, or of an object of gensim.

    Parameters
    ----------
    source : path-like or object
        File of ``KeyedVectors.save`` or ``Word2Vec.save``, or such an object. Read files from
        people you trust only: gensim runs what is in them.

    Returns
    -------
    KeyedVectors
        A copy of keys, vectors and attributes. Its ``save`` writes a file without a pickle.

    Raises
    ------
    ImportError
        If gensim, which reads the file, is not installed.
    TypeError
        If there are no word vectors in it.

    Warns
    -----
    UserWarning
        If it has vectors of n-grams (FastText), which are left out.
    """
    source = read_gensim(source)
    found = getattr(source, "wv", source)
    try:
        keys, vectors, expandos = found.index_to_key, found.vectors, found.expandos
    except AttributeError as error:
        raise TypeError(f"{type(source).__name__} holds no word vectors") from error
    if hasattr(found, "vectors_ngrams"):
        warnings.warn(
            f"the n-grams of {type(found).__name__} are left out: words that are not in its "
            f"vocabulary have no vectors",
            UserWarning,
            stacklevel=2,
        )
    kv = KeyedVectors.from_arrays(keys, np.array(vectors))
    kv.expandos = {name: np.array(values) for name, values in expandos.items()}
    lockf = getattr(found, "vectors_lockf", None)
    if lockf is not None:
        kv.vectors_lockf = np.array(lockf, np.float32)
    return kv


def read_gensim(source: Any) -> Any:
    """Return the object of gensim in a file that gensim saved; any other object as it is.

    Raises
    ------
    ImportError
        If gensim, which reads the file, is not installed.
    FormatError
        If it is no pickle, or a damaged one.
    """
    if not isinstance(source, (str, os.PathLike)):
        return source
    try:
        from gensim.utils import SaveLoad
    except ImportError as error:
        raise ImportError(f"{source}: only gensim can read it; it is not installed") from error
    try:
        return SaveLoad.load(os.fspath(source))
    except (pickle.UnpicklingError, EOFError) as error:
        raise FormatError(f"{source}: gensim cannot read this as its own file: {error}") from error


def convert_gensim(source: StrPath, target: StrPath) -> KeyedVectors:
    """Read a file that gensim saved and write its vectors in fastw2v's own format.

    `Word2Vec.from_gensim` takes over whole models.

    Parameters
    ----------
    source, target : path-like
        Files to read, by gensim, and to write.

    Raises
    ------
    ImportError, TypeError
        As for `from_gensim`.
    FormatError
        If a key is of a type that cannot be saved.
    """
    kv = from_gensim(source)
    kv.save(target)
    return kv
