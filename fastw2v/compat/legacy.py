"""`Word2Vec`, `KeyedVectors` and `Phrases` with the names that gensim 3 had beside those of today.

For programs that were never changed to gensim 4. Only names are translated: results, files and
everything else are as without. A constructor that is given a new and an old name of one thing
raises TypeError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt

import fastw2v
from fastw2v.compat import served

OF_THE_VECTORS = (
    "accuracy", "doesnt_match", "evaluate_word_pairs", "index2word", "intersect_word2vec_format",
    "log_accuracy", "log_evaluate_word_pairs", "most_similar", "most_similar_cosmul",
    "n_similarity", "save_word2vec_format", "similar_by_vector", "similar_by_word", "similarity",
    "syn0", "syn0norm", "vocab", "wmdistance",
)  # fmt: skip
"""What a model of gensim 3 had, and passed on to its vectors."""


def renamed(arguments: dict[str, Any], **old_to_new: str) -> dict[str, Any]:
    """Translate the names of arguments.

    Parameters
    ----------
    arguments : dict of str to object
        Arguments by name.
    **old_to_new : str
        New names of arguments.

    Returns
    -------
    dict of str to object

    Raises
    ------
    TypeError
        If an argument is given under both of its names.
    """
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        new = old_to_new.get(name, name)
        if new in found:
            raise TypeError(f"{new} is given twice, once as {new}= and once by its old name")
        found[new] = value
    return found


class Vocab:
    """A word in gensim 3's `wv.vocab`: its row and its count, and what else it was made with."""

    def __init__(self, **attributes: Any) -> None:
        self.count = 0
        vars(self).update(attributes)

    def __lt__(self, other: Vocab) -> bool:
        return self.count < other.count

    def __str__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}:{v!r}' for k, v in vars(self).items())})"


class VocabView(Mapping[Any, Vocab]):
    """`wv.vocab`: the words in the order of their rows; a `Vocab` is made when one is asked for."""

    def __init__(self, vectors: fastw2v.KeyedVectors) -> None:
        self._vectors = vectors

    def __getitem__(self, word: Any) -> Vocab:
        index = self._vectors.key_to_index[word]
        attributes = {name: values[index] for name, values in self._vectors.expandos.items()}
        for name, value in attributes.items():
            if isinstance(value, np.generic):
                attributes[name] = value.item()
        return Vocab(index=index, **attributes)

    def __contains__(self, word: object) -> bool:
        return word in self._vectors.key_to_index

    def __iter__(self) -> Iterator[Any]:
        return iter(self._vectors.index_to_key)

    def __len__(self) -> int:
        return len(self._vectors.key_to_index)


class KeyedVectors(served.KeyedVectors):
    """`fastw2v.KeyedVectors` with the names of gensim 3."""

    HOME: ClassVar[str] = __name__

    @property
    def vocab(self) -> Any:
        """Row and count of each word; may be assigned a dict of such."""
        return VocabView(self)

    @vocab.setter
    def vocab(self, words: Mapping[Any, Any]) -> None:
        keys = sorted(words, key=lambda word: words[word].index)
        self.index_to_key = keys
        self.key_to_index = {key: row for row, key in enumerate(keys)}
        self.expandos["count"] = np.array([words[key].count for key in keys], dtype=np.int64)
        self.next_index = len(keys)

    @property
    def index2word(self) -> Any:
        """Now `index_to_key`."""
        return self.index_to_key

    @index2word.setter
    def index2word(self, keys: Iterable[Any]) -> None:
        self.index_to_key = list(keys)

    index2entity = index2word

    @property
    def syn0(self) -> Any:
        """Now `vectors`."""
        return self.vectors

    @syn0.setter
    def syn0(self, vectors: npt.NDArray[Any]) -> None:
        self.vectors = vectors

    @property
    def vectors_norm(self) -> Any:
        """Now `get_normed_vectors()`: the vectors brought to length 1."""
        return self.get_normed_vectors()

    syn0norm = vectors_norm

    @property
    def wv(self) -> KeyedVectors:
        """The object itself, which gensim 3 let pass for a model."""
        return self

    def add(self, entities: Any, weights: Any, replace: bool = False) -> None:
        """Now `add_vectors`, or `add_vector` for one key."""
        if isinstance(entities, (str, int, np.integer)):
            entities, weights = [entities], [weights]
        self.add_vectors(entities, weights, replace=replace)

    def accuracy(
        self, questions: Any, restrict_vocab: int = 30_000, most_similar: Any = None,
        case_insensitive: bool = True,
    ) -> Any:  # fmt: skip
        """Now `evaluate_word_analogies`, of which this returns the sections."""
        found = self.evaluate_word_analogies(questions, restrict_vocab, case_insensitive)
        return found[1]


KeyedVectors.TABLE = KeyedVectors


class Word2Vec(served.Word2Vec):
    """`fastw2v.Word2Vec` with the names of gensim 3."""

    HOME: ClassVar[str] = __name__
    VECTORS: ClassVar[type[fastw2v.KeyedVectors]] = KeyedVectors

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **renamed(named, size="vector_size", iter="epochs"))

    def __getitem__(self, words: Any) -> Any:
        return self.wv[words]

    def __contains__(self, word: Any) -> bool:
        return word in self.wv

    @property
    def iter(self) -> int:
        """Now `epochs`."""
        return self.epochs

    @iter.setter
    def iter(self, epochs: int) -> None:
        self.epochs = epochs

    @property
    def trainables(self) -> Word2Vec:
        """The object itself, whose attributes gensim 3 kept in three parts."""
        return self

    vocabulary = trainables

    def delete_temporary_training_data(self, *_: Any, **__: Any) -> None:
        """Do nothing; gensim 3 needed the call to save memory."""


def _of_the_vectors(name: str) -> property:
    def fetch(self: Word2Vec) -> Any:
        return getattr(self.wv, name)

    return property(fetch, doc=f"Now `wv.{name}`, or what that has become.")


def _with_sentences(name: str) -> Callable[..., Any]:
    def method(self: Word2Vec, *arguments: Any, **named: Any) -> Any:
        parent = getattr(super(Word2Vec, self), name)
        return parent(*arguments, **renamed(named, sentences="corpus_iterable"))

    method.__name__ = name
    method.__doc__ = f"`{name}` of today; `sentences=` is now `corpus_iterable=`."
    return method


for _name in OF_THE_VECTORS:
    setattr(Word2Vec, _name, _of_the_vectors(_name))
for _name in ("build_vocab", "train", "scan_vocab"):
    setattr(Word2Vec, _name, _with_sentences(_name))


class CountsView(MutableMapping[Any, int]):
    """`Phrases.vocab`, whose keys are bytes; words that are not there have the count 0."""

    def __init__(self, counts: dict[str, int]) -> None:
        self._counts = counts

    def __getitem__(self, word: Any) -> int:
        return self._counts.get(_text(word), 0)

    def __setitem__(self, word: Any, count: int) -> None:
        self._counts[_text(word)] = count

    def __delitem__(self, word: Any) -> None:
        del self._counts[_text(word)]

    def __contains__(self, word: object) -> bool:
        return _text(word) in self._counts

    def __iter__(self) -> Iterator[bytes]:
        return (word.encode() for word in self._counts)

    def __len__(self) -> int:
        return len(self._counts)


def _text(word: Any) -> Any:
    return word.decode() if isinstance(word, bytes) else word


def _set(parent: type, name: str, instance: object, value: Any) -> None:
    """Assign to a property of a base class, which `super()` cannot."""
    vars(parent)[name].__set__(instance, value)


class _CommonTerms:
    """Gensim 3's name of the connector words."""

    connector_words: frozenset[str]

    @property
    def common_terms(self) -> frozenset[bytes]:
        """Now `connector_words`."""
        return frozenset(word.encode() for word in self.connector_words)


class Phrases(_CommonTerms, fastw2v.Phrases):
    """`fastw2v.Phrases` with the names of gensim 3, where delimiters and words were bytes."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        named = renamed(named, common_terms="connector_words")
        if isinstance(named.get("delimiter"), bytes):
            named["delimiter"] = cast(bytes, named["delimiter"]).decode()
        super().__init__(*arguments, **named)

    @property
    def vocab(self) -> Any:
        """Occurrences of words and pairs, by their bytes."""
        return CountsView(super().vocab)

    @vocab.setter
    def vocab(self, counts: Mapping[Any, int]) -> None:
        _set(fastw2v.Phrases, "vocab", self, {_text(word): n for word, n in counts.items()})

    def export_phrases(
        self, sentences: Any = None, out_delimiter: bytes = b" ", as_tuples: bool = False
    ) -> Any:
        """Now `find_phrases`: yield the phrases of a corpus, as often as they occur in it.

        Parameters
        ----------
        sentences : iterable of iterables of str, optional
            The corpus; without one, today's `export_phrases()`.
        out_delimiter : bytes
            What to join the words of a phrase with.
        as_tuples : bool
            Do not join them.

        Yields
        ------
        tuple of (bytes, float), or of (tuple of bytes, float)
            A phrase and its score.
        """
        return (
            super().export_phrases()
            if sentences is None
            else self._found(sentences, out_delimiter, as_tuples)
        )

    def _found(self, sentences: Any, out_delimiter: bytes, as_tuples: bool) -> Iterator[Any]:
        for sentence in sentences:
            words = list(sentence)
            start = 0
            for token, score in self.analyze_sentence(words):
                end = start + 1
                while score is not None and self.delimiter.join(words[start:end]) != token:
                    end += 1
                if score is not None:
                    parts = tuple(word.encode() for word in words[start:end])
                    yield parts if as_tuples else out_delimiter.join(parts), score
                start = end


class Phraser(_CommonTerms, fastw2v.FrozenPhrases):
    """`fastw2v.FrozenPhrases` with the names of gensim 3."""

    @property
    def phrasegrams(self) -> Any:
        """The phrases, each a tuple of the bytes of its words, and their scores; a copy."""
        scores = super().phrasegrams
        return {tuple(p.encode().split(self.delimiter.encode())): s for p, s in scores.items()}

    @phrasegrams.setter
    def phrasegrams(self, scores: Mapping[Any, float]) -> None:
        joined = {
            self.delimiter.join(map(_text, phrase)) if isinstance(phrase, tuple) else phrase: score
            for phrase, score in scores.items()
        }
        _set(fastw2v.FrozenPhrases, "phrasegrams", self, joined)
