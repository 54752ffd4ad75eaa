"""What became of every word of the corpus."""

from __future__ import annotations

from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Ledger:
    """What was read and what became of every word, in one epoch or summed over several.

    corpus = invalid + oov + subsampled + trained, always and exactly.

    Where an epoch was cut short, `subsampled` and `trained` are exact. Which text belongs to them
    is not known then: `bytes`, `lines`, `sentences`, `invalid` and `oov` are given in proportion.

    Attributes
    ----------
    corpus : int
        Words read.
    oov : int
        Words that are not in the vocabulary.
    subsampled : int
        Words of the vocabulary that frequent-word subsampling left out.
    trained : int
        Words that were trained.
    epochs : int
        Passes over the corpus, begun ones included.
    invalid : int
        Words that were left out because they are not valid text.
    bytes, lines, sentences : int
        The text of those words, counted anew in every epoch, whether it was read again or not. A
        corpus of Python objects has no bytes and no lines.
    """

    corpus: int = 0
    oov: int = 0
    subsampled: int = 0
    trained: int = 0
    epochs: int = 0
    invalid: int = 0
    bytes: int = 0
    lines: int = 0
    sentences: int = 0

    def __add__(self, other: Ledger) -> Ledger:
        """Add up two ledgers, entry by entry."""
        if not isinstance(other, Ledger):
            return NotImplemented
        return Ledger(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: Ledger) -> Ledger:
        """Take the entries of a ledger off, one by one."""
        if not isinstance(other, Ledger):
            return NotImplemented
        return Ledger(*(a - b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __str__(self) -> str:
        """One line a fate, with its share of the corpus."""
        passes = f"in {self.epochs} epoch{'s' if self.epochs != 1 else ''}"
        read = [f"{self.sentences:,} sentences"] if self.sentences else []
        read += [f"{self.lines:,} lines"] if self.lines else []
        read += [f"{self.bytes:,} bytes"] if self.bytes else []
        rows = [
            ("corpus words", self.corpus, ", ".join([passes, *read])),
            ("invalid", self.invalid, self._share(self.invalid)),
            ("out of vocabulary", self.oov, self._share(self.oov)),
            ("subsampled", self.subsampled, self._share(self.subsampled)),
            ("trained", self.trained, self._share(self.trained)),
        ]
        if not self.invalid:
            del rows[1]
        width = len(f"{self.corpus:,}")
        return "\n".join(f"{name:<18} {count:>{width},}  {note}" for name, count, note in rows)

    def _share(self, count: int) -> str:
        return f"{100.0 * count / self.corpus:5.1f} %" if self.corpus else ""
