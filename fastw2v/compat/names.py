"""Which names of gensim's modules are which of ours."""

from __future__ import annotations

from typing import Any

import fastw2v
from fastw2v import preprocessing
from fastw2v.compat import legacy as gensim_3
from fastw2v.compat import served, testing

GENSIM_VERSION = "4.4.0"
"""The gensim whose interface is served."""

INSIDERS = frozenset(("gensim", "fastw2v"))
"""Packages whose modules see gensim's own names, whatever is installed."""

Table = dict[str, dict[str, Any]]


def table(*, legacy: bool) -> Table:
    """Return what is served.

    Parameters
    ----------
    legacy : bool
        With the names of gensim 3.

    Returns
    -------
    dict of str to (dict of str to object)
        By module of gensim and name.
    """
    word2vec = gensim_3.Word2Vec if legacy else served.Word2Vec
    vectors = gensim_3.KeyedVectors if legacy else served.KeyedVectors
    phrases = gensim_3.Phrases if legacy else fastw2v.Phrases
    names: Table = {
        "gensim.models": {
            "Word2Vec": word2vec,
            "KeyedVectors": vectors,
            "Phrases": phrases,
        },
        "gensim.models.word2vec": {
            "Word2Vec": word2vec,
            "KeyedVectors": vectors,
            "LineSentence": fastw2v.LineSentence,
            "PathLineSentences": fastw2v.PathLineSentences,
            "Text8Corpus": fastw2v.Text8Corpus,
            "BrownCorpus": fastw2v.BrownCorpus,
        },
        "gensim.models.keyedvectors": {
            "KeyedVectors": vectors,
            "Word2VecKeyedVectors": vectors,
            "EuclideanKeyedVectors": vectors,
            "load_word2vec_format": vectors.load_word2vec_format,
        },
        "gensim.models.phrases": {
            "Phrases": phrases,
            "FrozenPhrases": fastw2v.FrozenPhrases,
            "Phraser": gensim_3.Phraser if legacy else fastw2v.Phraser,
            "original_scorer": fastw2v.original_scorer,
            "npmi_scorer": fastw2v.npmi_scorer,
        },
        "gensim.models.callbacks": {"CallbackAny2Vec": fastw2v.CallbackAny2Vec},
        "gensim.utils": {
            "simple_preprocess": fastw2v.simple_preprocess,
            "simple_tokenize": fastw2v.simple_tokenize,
            "tokenize": preprocessing.tokenize,
            "deaccent": fastw2v.deaccent,
            "save_as_line_sentence": fastw2v.save_as_line_sentence,
        },
    }
    if legacy:
        names["gensim.models.keyedvectors"] |= {
            "WordEmbeddingsKeyedVectors": vectors,
            "BaseKeyedVectors": vectors,
            "Vocab": gensim_3.Vocab,
        }
        names["gensim.models.word2vec"]["Vocab"] = gensim_3.Vocab
    return names


def stub_table(*, legacy: bool) -> Table:
    """Return what a gensim of ours has: `table`, and the constants that go with it.

    Parameters
    ----------
    legacy : bool
        With the names of gensim 3.

    Returns
    -------
    dict of str to (dict of str to object)
        By module and name; every module is a key.
    """
    names = table(legacy=legacy)
    names["gensim"] = {"__version__": GENSIM_VERSION}
    names["gensim.test"] = {}
    names["gensim.test.utils"] = {name: getattr(testing, name) for name in testing.__all__}
    # Programs look at FAST_VERSION to see whether training is compiled: not negative if it is.
    names["gensim.models"]["FAST_VERSION"] = 1
    names["gensim.models.word2vec"] |= {"FAST_VERSION": 1, "MAX_WORDS_IN_BATCH": 10_000}
    names["gensim.models.phrases"]["ENGLISH_CONNECTOR_WORDS"] = fastw2v.ENGLISH_CONNECTOR_WORDS
    names["gensim.utils"] |= {
        "to_unicode": preprocessing.to_unicode,
        "any2unicode": preprocessing.to_unicode,
        # What a trim_rule returns.
        "RULE_DEFAULT": 0,
        "RULE_DISCARD": 1,
        "RULE_KEEP": 2,
    }
    return names
