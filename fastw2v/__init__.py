"""fastw2v: fast, reproducible word2vec training on CPUs.

>>> from fastw2v import Word2Vec
>>> model = Word2Vec([["to", "be", "or", "not", "to", "be"]], min_count=1, workers=1)
>>> model.wv["be"].shape
(100,)
"""

from fastw2v._version import __version__
from fastw2v.errors import (
    CorpusError,
    DivergenceError,
    EmptyVocabularyError,
    FastW2VError,
    FormatError,
    TruncatedFileError,
)
from fastw2v.keyedvectors import KeyedVectors
from fastw2v.ledger import Ledger
from fastw2v.word2vec import Word2Vec

__all__ = [
    "CorpusError",
    "DivergenceError",
    "EmptyVocabularyError",
    "FastW2VError",
    "FormatError",
    "KeyedVectors",
    "Ledger",
    "TruncatedFileError",
    "Word2Vec",
    "__version__",
]
