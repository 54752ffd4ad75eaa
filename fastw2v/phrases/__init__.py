"""Find phrases in text: pairs of words that occur together more often than by chance.

>>> from fastw2v import Phrases
>>> text = [["new", "york", "is", "large"], ["in", "new", "york"], ["a", "large", "word"]]
>>> phrases = Phrases(text, min_count=1, threshold=1)
>>> phrases[["i", "like", "new", "york"]]
['i', 'like', 'new_york']

The interface is that of `gensim.models.phrases`, the counting and joining is C
(`csrc/phrases.h`). Where the results differ, docs/differences-from-gensim.md says why.

    scoring          what a pair scores
    reading          the ways to read a spelling as two words
    sentences        a sentence or a corpus, and its tokens
    transformation   what joins the phrases of a sentence
    counted          Phrases: what was counted
    counting         how a corpus is counted
    frozen           FrozenPhrases: the phrases alone
    rewriting        a text file with its phrases joined
    tracked          a dict that the tables in C follow
    spelling         words as bytes and offsets, for files
"""

from fastw2v.phrases.counted import Phrases
from fastw2v.phrases.frozen import FrozenPhrases, Phraser
from fastw2v.phrases.reading import readings
from fastw2v.phrases.rewriting import Rewritten, rewrite
from fastw2v.phrases.scoring import (
    ENGLISH_CONNECTOR_WORDS,
    SCORER_PARAMETERS,
    Scorer,
    npmi_scorer,
    original_scorer,
)
from fastw2v.phrases.transformation import JoinedCorpus, PhraseTransformation

__all__ = [
    "ENGLISH_CONNECTOR_WORDS",
    "SCORER_PARAMETERS",
    "FrozenPhrases",
    "JoinedCorpus",
    "PhraseTransformation",
    "Phraser",
    "Phrases",
    "Rewritten",
    "Scorer",
    "npmi_scorer",
    "original_scorer",
    "readings",
    "rewrite",
]
