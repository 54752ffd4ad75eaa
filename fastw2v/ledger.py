"""What became of every word of the corpus."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ledger:
    """Words by their fate, summed over the epochs of a training run.

    corpus = oov + subsampled + trained, unless the run was stopped early.

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
        Passes over the corpus.
    """

    corpus: int = 0
    oov: int = 0
    subsampled: int = 0
    trained: int = 0
    epochs: int = 0

    def __str__(self) -> str:
        """One line a fate, with its share of the corpus."""
        passes = f"in {self.epochs} epoch{'s' if self.epochs != 1 else ''}"
        rows = (
            ("corpus words", self.corpus, passes),
            ("out of vocabulary", self.oov, self._share(self.oov)),
            ("subsampled", self.subsampled, self._share(self.subsampled)),
            ("trained", self.trained, self._share(self.trained)),
        )
        width = len(f"{self.corpus:,}")
        return "\n".join(f"{name:<18} {count:>{width},}  {note}" for name, count, note in rows)

    def _share(self, count: int) -> str:
        return f"{100.0 * count / self.corpus:5.1f} %" if self.corpus else ""
