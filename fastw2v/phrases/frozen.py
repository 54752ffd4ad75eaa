"""`FrozenPhrases`: phrases and their scores, without the counts."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from fastw2v.formats import phrases as phrases_file
from fastw2v.phrases._pairs import Lexicon, PhraseTable, Rule
from fastw2v.phrases.reading import Readings, readings
from fastw2v.phrases.scoring import Scorer
from fastw2v.phrases.spelling import spell, unspell
from fastw2v.phrases.tracked import Tracked
from fastw2v.phrases.transformation import PhraseTransformation


class FrozenPhrases(PhraseTransformation):
    """The phrases of a `Phrases`, to be joined in text.

    Parameters
    ----------
    phrases_model : Phrases
        Where the phrases are taken from; or another `FrozenPhrases`, to copy.

    Attributes
    ----------
    phrasegrams : dict of str to float
        The phrases and their scores. It may be changed or replaced.
    """

    KIND = "FrozenPhrases"
    ARRAYS: ClassVar[dict[str, str]] = {
        "phrases": "u1",
        "phrase_offsets": "i8",
        "scores": "f8",
        "reading_of": "i8",
        "firsts": "u1",
        "first_offsets": "i8",
        "lasts": "u1",
        "last_offsets": "i8",
        "reading_scores": "f8",
    }

    _several: Readings

    def __init__(self, phrases_model: PhraseTransformation) -> None:
        if not isinstance(phrases_model, PhraseTransformation):
            raise TypeError(
                f"phrases_model must be a Phrases or FrozenPhrases, "
                f"got {type(phrases_model).__name__}"
            )
        self.threshold = phrases_model.threshold
        self.min_count = phrases_model.min_count
        self.scoring = phrases_model.scoring
        self._connectors = phrases_model.connector_words
        self._lexicon = Lexicon(phrases_model.delimiter, ())
        self.phrasegrams, self._several = phrases_model._export()

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<{len(self._phrasegrams)} phrases, min_count={self.min_count}, "
            f"threshold={self.threshold}>"
        )

    @property
    def phrasegrams(self) -> dict[str, float]:
        """The phrases and their scores."""
        return self._phrasegrams

    @phrasegrams.setter
    def phrasegrams(self, scores: dict[str, float]) -> None:
        self._phrasegrams = Tracked(scores)
        self._phrasegrams.changed = True
        self._several = {}

    def _export(self) -> tuple[dict[str, float], Readings]:
        return self._phrasegrams, self._several

    def _has_own_scores(self) -> bool:
        return type(self).score_candidate is not FrozenPhrases.score_candidate

    def _readings_of(self, phrase: str, score: float) -> dict[tuple[str, str], float]:
        """Return the ways to read a phrase; none where any will do."""
        found = self._several.get(phrase, {})
        # A score that the user has changed holds for all of them.
        return found if found and max(found.values()) == score else {}

    def score_candidate(
        self, word_a: str, word_b: str, in_between: list[str]
    ) -> tuple[str | None, float | None]:
        """Look up two words as a phrase, in the list; see the base class."""
        phrase = self.delimiter.join([word_a, *in_between, word_b])
        score = self._phrasegrams.get(phrase)
        if score is not None and (found := self._readings_of(phrase, score)):
            score = found.get((word_a, word_b))
        if score is None or not score > self.threshold:
            return None, None
        return phrase, score

    def _table_and_rule(self) -> tuple[PhraseTable, Rule]:
        if self._phrasegrams.changed:
            # Only words that a phrase can begin or end with have to be known.
            self._lexicon = Lexicon(self.delimiter, sorted(self._connectors))
            self._table = PhraseTable(self._lexicon)
            offsets, pairs, pair_scores = [0], [], []
            for phrase, score in self._phrasegrams.items():
                found = self._readings_of(phrase, score)
                for first, last in found or readings(phrase, self.delimiter, self._connectors):
                    pair = self._lexicon.add(first), self._lexicon.add(last)
                    if found:
                        pairs.append(pair)
                        pair_scores.append(found[first, last])
                offsets.append(len(pairs))
            # The phrases themselves come last, as no sentence names them: words that are looked
            # up lie close together.
            for phrase in self._phrasegrams:
                self._table.add(phrase, 0)
            self._arrays = (
                np.array(list(self._phrasegrams.values()), dtype=np.float64),
                np.array(offsets, dtype=np.int64),
                np.array(pairs, dtype=np.int32).reshape(-1, 2),
                np.array(pair_scores, dtype=np.float64),
            )
            self._phrasegrams.changed = False
        scores, reading_off, pairs_of, reading_scores = self._arrays
        return self._table, Rule(
            "scored",
            self.threshold,
            scores=scores,
            reading_off=reading_off,
            readings=pairs_of,
            reading_scores=reading_scores,
        )

    def _contents(self) -> tuple[dict[str, Any], phrases_file.Arrays]:
        spelled, offsets = spell(self._phrasegrams)
        kept = {
            (number, *pair): score
            for number, (phrase, best) in enumerate(self._phrasegrams.items())
            for pair, score in self._readings_of(phrase, best).items()
        }
        firsts, first_offsets = spell(first for _, first, _ in kept)
        lasts, last_offsets = spell(last for _, _, last in kept)
        header = {
            "connector_words": sorted(self._connectors),
            "delimiter": self.delimiter,
            "min_count": self.min_count,
            "threshold": self.threshold,
        }
        return header, {
            "phrases": spelled,
            "phrase_offsets": offsets,
            "scores": np.array(list(self._phrasegrams.values()), dtype=np.float64),
            "reading_of": np.array([number for number, _, _ in kept], dtype=np.int64),
            "firsts": firsts,
            "first_offsets": first_offsets,
            "lasts": lasts,
            "last_offsets": last_offsets,
            "reading_scores": np.array(list(kept.values()), dtype=np.float64),
        }

    def _restore(
        self, header: dict[str, Any], arrays: phrases_file.Arrays, scoring: Scorer
    ) -> None:
        self.min_count, self.threshold = header["min_count"], header["threshold"]
        self.scoring = scoring
        self._connectors = frozenset(header["connector_words"])
        self._lexicon = Lexicon(header["delimiter"], ())
        scores = arrays["scores"].tolist()
        phrases = unspell(arrays["phrases"], arrays["phrase_offsets"], len(scores))
        self.phrasegrams = dict(zip(phrases, scores, strict=True))
        reading_scores = arrays["reading_scores"].tolist()
        n = len(reading_scores)
        firsts = unspell(arrays["firsts"], arrays["first_offsets"], n)
        lasts = unspell(arrays["lasts"], arrays["last_offsets"], n)
        if bool(((of := arrays["reading_of"]) < 0).any()) or bool((of >= len(phrases)).any()):
            raise IndexError("a reading is of a phrase that is not there")
        for number, first, last, score in zip(
            arrays["reading_of"].tolist(), firsts, lasts, reading_scores, strict=True
        ):
            self._several.setdefault(phrases[number], {})[first, last] = score


Phraser = FrozenPhrases
"""Gensim's old name of `FrozenPhrases`."""
