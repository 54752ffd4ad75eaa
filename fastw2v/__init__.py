"""fastw2v: fast, reproducible word2vec training on CPUs.

>>> from fastw2v import Word2Vec
>>> model = Word2Vec([["to", "be", "or", "not", "to", "be"]], min_count=1, workers=1)
>>> model.wv["be"].shape
(100,)
"""

import importlib
import importlib.machinery
import importlib.util
import os.path
from typing import TYPE_CHECKING, Any

from fastw2v._version import __version__
from fastw2v.errors import (
    CorpusError,
    DivergenceError,
    EmptyVocabularyError,
    FastW2VError,
    FormatError,
    TruncatedFileError,
)

_COMPILED = (
    "_core", "_cyutility", "corpus._clean", "corpus._ints", "corpus._scan",
    "formats._vecfile", "keyedvectors._rows", "phrases._pairs",
)  # fmt: skip


def _not_built(root: str) -> list[str]:
    """Return the compiled modules that are not there, if their sources are."""
    if not os.path.exists(f"{root}/_core.pyx"):  # noqa: PTH110 (pathlib is slower to import)
        return []
    endings = importlib.machinery.EXTENSION_SUFFIXES
    paths = {name: f"{root}/{name.replace('.', '/')}" for name in _COMPILED}
    return [
        name
        for name, path in paths.items()
        if not any(os.path.exists(path + ending) for ending in endings)  # noqa: PTH110
    ]


if _missing := _not_built(__path__[0]):
    raise ImportError(
        f"this is the source of fastw2v, in {__path__[0]}, and its compiled modules are not built "
        f"({', '.join(_missing)}); start Python in another directory to import the fastw2v that is "
        "installed, or build them here: pip install -e ."
    )

if TYPE_CHECKING:
    from fastw2v.callbacks import CallbackAny2Vec
    from fastw2v.keyedvectors import KeyedVectors
    from fastw2v.ledger import Ledger
    from fastw2v.phrases import (
        ENGLISH_CONNECTOR_WORDS,
        FrozenPhrases,
        Phraser,
        Phrases,
        npmi_scorer,
        original_scorer,
    )
    from fastw2v.preprocessing import deaccent, simple_preprocess, simple_tokenize
    from fastw2v.sentences import (
        BrownCorpus,
        LineSentence,
        PathLineSentences,
        Text8Corpus,
        save_as_line_sentence,
    )
    from fastw2v.vocab import Vocabulary
    from fastw2v.word2vec import Word2Vec

__all__ = [
    "ENGLISH_CONNECTOR_WORDS",
    "BrownCorpus",
    "CallbackAny2Vec",
    "CorpusError",
    "DivergenceError",
    "EmptyVocabularyError",
    "FastW2VError",
    "FormatError",
    "FrozenPhrases",
    "KeyedVectors",
    "Ledger",
    "LineSentence",
    "PathLineSentences",
    "Phraser",
    "Phrases",
    "Text8Corpus",
    "TruncatedFileError",
    "Vocabulary",
    "Word2Vec",
    "__version__",
    "deaccent",
    "npmi_scorer",
    "original_scorer",
    "save_as_line_sentence",
    "simple_preprocess",
    "simple_tokenize",
]

# Imported when it is first used: a program that only loads vectors needs no trainer, and `python -m
# fastw2v.compat` puts sys.path in order before it imports NumPy.
_ROOMS = {
    "KeyedVectors": "keyedvectors",
    "Ledger": "ledger",
    "Word2Vec": "word2vec",
    "CallbackAny2Vec": "callbacks",
    "ENGLISH_CONNECTOR_WORDS": "phrases",
    "FrozenPhrases": "phrases",
    "Phraser": "phrases",
    "Phrases": "phrases",
    "npmi_scorer": "phrases",
    "original_scorer": "phrases",
    "deaccent": "preprocessing",
    "simple_preprocess": "preprocessing",
    "simple_tokenize": "preprocessing",
    "BrownCorpus": "sentences",
    "LineSentence": "sentences",
    "PathLineSentences": "sentences",
    "Text8Corpus": "sentences",
    "save_as_line_sentence": "sentences",
    "Vocabulary": "vocab",
}

_PUBLIC = (
    "callbacks", "compat", "config", "convert", "corpus", "errors", "formats", "keyedvectors",
    "ledger", "phrases", "preprocessing", "sentences", "vocab", "word2vec",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return getattr(importlib.import_module(f"fastw2v.{_ROOMS[name]}"), name)
    if not name.startswith("_") and importlib.util.find_spec(f"fastw2v.{name}"):
        return importlib.import_module(f"fastw2v.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_PUBLIC, *(name for name in globals() if name.startswith("__"))})
