"""node2vec by fastnode2vec, whose class inherits from gensim's: EDGES VECTORS SEED."""

import sys
from pathlib import Path

import numpy as np
from fastnode2vec import Graph, Node2Vec

edges, output, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
lines = Path(edges).read_text(encoding="ascii").splitlines()
pairs = [tuple(map(int, line.split())) for line in lines]
graph = Graph(pairs, directed=False, weighted=False)
model = Node2Vec(graph, dim=64, walk_length=40, window=10, p=1.0, q=0.5, workers=2, seed=seed)
model.train(epochs=10, verbose=False)
np.save(output, [model.wv[node] for node in range(len(graph.node_names))])
