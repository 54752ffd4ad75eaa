"""node2vec by the package of that name, as its README shows: EDGES DIRECTORY SEEDS..."""

import sys

import networkx as nx
import numpy as np
from node2vec import Node2Vec

edges, output, *seeds = sys.argv[1:]
graph = nx.read_edgelist(edges)
for seed in map(int, seeds):
    walks = Node2Vec(
        graph, dimensions=64, walk_length=30, num_walks=10, workers=1, seed=seed, quiet=True
    )
    model = walks.fit(window=10, min_count=1, batch_words=4, seed=seed)
    np.save(f"{output}/{seed}.npy", [model.wv[str(node)] for node in range(len(graph))])
