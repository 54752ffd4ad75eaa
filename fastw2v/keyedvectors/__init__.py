"""Words and their vectors: look-up, similarity, evaluation and files, under gensim's names.

`store` is the table, `edits` what changes it, `similarity` what is computed about vectors,
`queries` what can be asked by key, `evaluation` the standard tests, `keyed` the class that has it
all. Nothing here knows training.
"""

from typing import Any

from fastw2v.keyedvectors.keyed import KeyedVectors
from fastw2v.keyedvectors.queries import Indexer
from fastw2v.keyedvectors.store import Key

# gensim's older names of the class.
EuclideanKeyedVectors = Doc2VecKeyedVectors = Word2VecKeyedVectors = KeyedVectors


def load_word2vec_format(*args: Any, **kwargs: Any) -> KeyedVectors:
    """Call `KeyedVectors.load_word2vec_format`."""
    return KeyedVectors.load_word2vec_format(*args, **kwargs)


def __dir__() -> list[str]:
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])


__all__ = [
    "Doc2VecKeyedVectors",
    "EuclideanKeyedVectors",
    "Indexer",
    "Key",
    "KeyedVectors",
    "Word2VecKeyedVectors",
    "load_word2vec_format",
]
