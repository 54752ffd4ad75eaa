"""What a `Word2Vec` is made of beside its training calls: one file an idea.

`state` holds the matrices and keeps them in step with `wv`; `vocabulary` counts, chooses and grows
the words; `jobs` trains batch by batch for subclasses that change sentences on their way in;
`inference` asks a trained model about sentences and contexts; `files` saves and loads; `checks`
and `log` say what gensim would say. `fastw2v.word2vec` puts them together.
"""
