"""The clients: what to install for each, and which of their programs to run."""

from __future__ import annotations

from dataclasses import dataclass

GENSIM = ("gensim==4.4.0",)


@dataclass(frozen=True)
class Client:
    """A library that uses gensim.

    Attributes
    ----------
    name : str
        Of the library, and of its program, `programs/run_NAME.py`.
    requirement : str
        What to install; its own requirements are not looked at, because they name gensim.
    needs : tuple of str
        Its requirements but for gensim, with the versions that it works with.
    job : str
        What its program does, for the table.
    defer : bool
        Whether it imports more of gensim than Word2Vec, so that without gensim the rest has to be
        put off until it is used.
    """

    name: str
    requirement: str
    needs: tuple[str, ...]
    job: str
    defer: bool = False


CLIENTS = (
    Client(
        "node2vec",
        "node2vec==0.5.0",
        # Its own pin of NumPy.
        ("networkx>=3.1,<4", "numpy>=1.26,<2", "tqdm", "joblib"),
        "the example of its README: `window=10, min_count=1, batch_words=4`",
    ),
    Client(
        "fastnode2vec",
        "fastnode2vec==0.0.7",
        # It imports SciPy without saying so: gensim brings it.
        ("numpy>=2", "scipy", "numba>=0.61", "tqdm", "click"),
        "a subclass of Word2Vec that makes its walks in `_do_train_job`",
    ),
    Client(
        "pecanpy",
        "pecanpy==2.0.9",
        # nptyping, which it needs, stops at NumPy 1.
        ("numpy>=1.26,<2", "numba>=0.60", "numba-progress", "nptyping>=2", "typing-extensions",
         "tqdm"),
        "`SparseOTF.embed`, walks in Numba",
    ),
    Client(
        "karateclub",
        "karateclub==1.3.3",
        # It asks for NumPy < 1.23 and pandas <= 1.3.5, which Python 3.11 has no wheels of, and runs
        # on those of today.
        ("numpy>=2", "networkx>=3", "pandas>=2", "scipy", "scikit-learn", "python-louvain", "pygsp",
         "six", "decorator", "tqdm", "Levenshtein"),
        "`DeepWalk`: hierarchical softmax and negative sampling at once",
        defer=True,
    ),
)  # fmt: skip
