"""node2vec by fastnode2vec, whose class inherits from gensim's: EDGES DIRECTORY SEEDS..."""

import sys
from pathlib import Path

import numpy as np
from fastnode2vec import Graph, Node2Vec

edges, output, *seeds = sys.argv[1:]
lines = Path(edges).read_text(encoding="ascii").splitlines()
pairs = [tuple(map(int, line.split())) for line in lines]
graph = Graph(pairs, directed=False, weighted=False)
for seed in map(int, seeds):
    model = Node2Vec(graph, dim=64, walk_length=40, window=10, p=1.0, q=0.5, workers=2, seed=seed)
    model.train(epochs=10, verbose=False)
    np.save(f"{output}/{seed}.npy", [model.wv[node] for node in range(len(graph.node_names))])
