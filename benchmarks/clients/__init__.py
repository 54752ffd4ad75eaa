"""Programs that use gensim, run unchanged on fastw2v: do their vectors separate what they should?

    python -m benchmarks.clients                     all of them, five seeds
    python -m benchmarks.clients --client node2vec   one of them

Each client is a library from the package index, with its small program in `programs/`, which knows
gensim only. It gets two environments, one with gensim and one without; the program runs on gensim,
on fastw2v beside gensim, and on fastw2v where there is no gensim.
"""
