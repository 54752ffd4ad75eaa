"""What joins the phrases of a sentence, of a corpus; saving and loading it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, TypeAlias, TypeVar

from fastw2v.errors import FormatError
from fastw2v.formats import phrases as phrases_file
from fastw2v.formats import schema
from fastw2v.formats.schema import Kind
from fastw2v.iterables import items_of, tokens_of, warn_of_text
from fastw2v.memory import enough_for
from fastw2v.phrases._pairs import Lexicon, PhraseTable, Rule
from fastw2v.phrases.reading import Readings
from fastw2v.phrases.scoring import NAME, Scorer, check_scoring, name_of, scorer_of
from fastw2v.phrases.sentences import all_sentences, is_single

Scored: TypeAlias = "tuple[Any, float | None]"

_Self = TypeVar("_Self", bound="PhraseTransformation")


class JoinedCorpus:
    """A corpus with its phrases joined, sentence by sentence, every time it is iterated."""

    def __init__(self, phrases: PhraseTransformation, corpus: Any) -> None:
        self.phrases = phrases
        self.corpus = corpus

    def __iter__(self) -> Iterator[list[Any]]:
        for number, sentence in enumerate(all_sentences(self.corpus), 1):
            yield self.phrases._join(tokens_of(sentence, number))

    def __len__(self) -> int:
        try:
            return len(self.corpus)
        except Exception as error:  # list() and others do without a length only after a TypeError
            raise TypeError(f"the corpus has no length: {error}") from error

    def __getitem__(self, index: Any) -> Any:
        """Return a sentence, or, for a slice, a corpus; if the corpus can be indexed."""
        return self.phrases[self.corpus[index]]


class PhraseTransformation:
    """What `Phrases` and `FrozenPhrases` have in common: they join the phrases of sentences.

    Attributes
    ----------
    connector_words : frozenset of str
        Words that may stand within a phrase.
    delimiter : str
        What joins its words.
    min_count, threshold : float
        See `Phrases`.
    scoring : callable
        The scoring function.
    """

    KIND: ClassVar[str]
    """What a file says that it holds."""
    HEADER: ClassVar[dict[str, Kind]] = {
        "connector_words": schema.list_of(schema.TEXT),
        "delimiter": schema.TEXT,
        "min_count": schema.FLOAT,
        "threshold": schema.FLOAT,
        "scoring": NAME,
    }
    """What the header of a file must have."""
    ARRAYS: ClassVar[dict[str, str]]
    """The arrays of a file, and their types."""

    min_count: float
    threshold: float
    scoring: Scorer
    _lexicon: Lexicon
    _connectors: frozenset[str]

    def __repr__(self) -> str:
        try:
            return str(self)
        except AttributeError:  # a constructor has failed
            return object.__repr__(self)

    @property
    def connector_words(self) -> frozenset[str]:
        """Words that may stand within a phrase."""
        return self._connectors

    @property
    def delimiter(self) -> str:
        """What joins the words of a phrase."""
        return self._lexicon.delimiter

    def __getitem__(self, sentence: Any) -> Any:
        """Join the phrases of a sentence, or of every sentence of a corpus.

        Parameters
        ----------
        sentence : iterable of str, or iterable of such
            A sentence or a corpus; the first item tells. Without items it is a sentence.

        Returns
        -------
        list of str, or JoinedCorpus
            From left to right, no word is part of two phrases. A corpus is read when the result
            is iterated; from a generator that works once.

        Raises
        ------
        TypeError
            If it cannot be iterated.
        """
        single, items = is_single(sentence)
        return self._join(items_of(items)) if single else JoinedCorpus(self, items)

    def analyze_sentence(self, sentence: Iterable[str]) -> Iterator[Scored]:
        """Find the phrases of a sentence.

        Parameters
        ----------
        sentence : iterable of str
            The sentence.

        Yields
        ------
        tuple of (str, float or None)
            A phrase and its score, or any other token and None.
        """
        warn_of_text(sentence)
        sentence = tokens_of(sentence, 1)
        if self._has_own_scores():
            return self._analyze_slowly(sentence)
        table, rule = self._table_and_rule()
        return iter(table.analyse(rule, sentence))

    def find_phrases(self, sentences: Iterable[Iterable[str]]) -> dict[str, float]:
        """Find the phrases of a corpus.

        Parameters
        ----------
        sentences : iterable of iterables of str
            The corpus.

        Returns
        -------
        dict of str to float
            Every phrase that occurs in it, and its score.

        Raises
        ------
        TypeError
            If it is no corpus, but a text or the name of a file.
        """
        found: dict[str, float] = {}
        for number, sentence in enumerate(all_sentences(sentences), 1):
            for phrase, score in self.analyze_sentence(tokens_of(sentence, number)):
                if score is not None:
                    found[phrase] = score
        return found

    def score_candidate(
        self, word_a: str, word_b: str, in_between: list[str]
    ) -> tuple[str | None, float | None]:
        """Score two words, and the connector words between them, as a phrase.

        Parameters
        ----------
        word_a, word_b : str
            The words.
        in_between : list of str
            The connector words.

        Returns
        -------
        tuple of (str, float), or of (None, None)
            The phrase and its score, if that is more than the threshold.
        """
        raise NotImplementedError

    def _table_and_rule(self) -> tuple[PhraseTable, Rule]:
        raise NotImplementedError

    def _has_own_scores(self) -> bool:
        """Whether a function of the user decides, so that C cannot."""
        raise NotImplementedError

    def _join(self, sentence: Iterable[Any]) -> list[Any]:
        if self._has_own_scores():
            return [token for token, _ in self._analyze_slowly(sentence)]
        table, rule = self._table_and_rule()
        return table.join(rule, sentence)

    def _analyze_slowly(self, sentence: Iterable[Any]) -> Iterator[Scored]:
        """`csrc/phrases.c:phrases_join` in Python, for scores that only Python can tell."""
        waiting: list[Any] = []  # a word, and connector words after it
        for token in sentence:
            if token in self._connectors:
                if waiting:
                    waiting.append(token)
                else:
                    yield token, None
                continue
            if waiting:
                phrase, score = self.score_candidate(waiting[0], token, waiting[1:])
                if score is not None:
                    yield phrase, score
                    waiting = []
                    continue
            yield from ((word, None) for word in waiting)
            waiting = [token]
        yield from ((word, None) for word in waiting)

    def save(self, fname_or_handle: Any, *_ignored: Any, **_also_ignored: Any) -> None:
        """Save to a file, which is replaced as a whole; see `fastw2v.formats.phrases`.

        Parameters
        ----------
        fname_or_handle : path or binary file object
            Where to. Gensim's other parameters are accepted and mean nothing.

        Raises
        ------
        OSError
            If it cannot be written; an old file is as it was.
        FormatError
            If an attribute is what `load` would refuse; the message names it.

        Notes
        -----
        Of a scoring function of your own the module and the name are saved. To load the file,
        import that module first, or pass the function to `load`.
        """
        header, arrays = self._contents()
        scoring = check_scoring(self.scoring)
        header["class"] = self.KIND
        header["scoring"] = name_of(scoring)
        header = schema.as_json(header)
        self._check(header, scoring, "cannot save")
        phrases_file.write(fname_or_handle, header, arrays)

    @classmethod
    def load(
        cls: type[_Self], fname: Any, mmap: Any = None, *, scoring: Scorer | None = None
    ) -> _Self:
        """Load what `save` saved.

        Parameters
        ----------
        fname : path or binary file object
            Where from.
        mmap : any
            Accepted, as gensim's load has it, and means nothing.
        scoring : callable, optional
            The scoring function, if it is neither of the two in this module.

        Returns
        -------
        Phrases or FrozenPhrases
            The class that this was called on.

        Raises
        ------
        FormatError
            If the file is damaged, holds something else, or names a scoring function that cannot
            be found.
        TypeError, ValueError
            If `scoring` is no scoring function.
        OSError
            If the file cannot be read.
        """
        with enough_for(f"to read {fname}"):
            return cls._loaded(fname, scoring)

    @classmethod
    def _loaded(cls: type[_Self], fname: Any, scoring: Scorer | None) -> _Self:
        header, arrays = phrases_file.read(fname)
        if header.get("class") != cls.KIND:
            raise FormatError(
                f"{fname} holds {header.get('class')!r}, not {cls.KIND!r}; call its load"
            )
        schema.check(header, cls.HEADER, f"{fname}")
        for name, kind in cls.ARRAYS.items():
            schema.array(arrays, name, kind, (None,), f"{fname}")
        given = None if scoring is None else check_scoring(scoring)
        model = cls.__new__(cls)
        try:
            named = scorer_of(header["scoring"], given)
            cls._check(header, named, f"{fname}")
            model._restore(header, arrays, named)
        except FormatError:
            raise
        except (TypeError, IndexError, ValueError) as error:
            raise FormatError(f"{fname}: {error}") from error
        return model

    @classmethod
    def _check(cls, header: dict[str, Any], scoring: Scorer, what: str) -> None:
        """Raise FormatError unless the header of a file is what it must be."""
        schema.check(header, cls.HEADER, what)

    def _export(self) -> tuple[dict[str, float], Readings]:
        """Return the phrases, and of those that can be read in several ways the readings."""
        raise NotImplementedError

    def _contents(self) -> tuple[dict[str, Any], phrases_file.Arrays]:
        """Return what goes into a file, but for the scoring."""
        raise NotImplementedError

    def _restore(
        self, header: dict[str, Any], arrays: phrases_file.Arrays, scoring: Scorer
    ) -> None:
        """Take over what a file held."""
        raise NotImplementedError

    def __getstate__(self) -> dict[str, Any]:
        header, arrays = self._contents()
        own = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return {"header": header, "arrays": arrays, "attributes": own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._restore(state["header"], state["arrays"], state["attributes"]["scoring"])
        vars(self).update(state["attributes"])
