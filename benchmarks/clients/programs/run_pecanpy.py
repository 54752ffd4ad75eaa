"""node2vec by PecanPy: EDGES DIRECTORY SEEDS..."""

import sys

import numpy as np
from pecanpy import pecanpy

edges, output, *seeds = sys.argv[1:]
for seed in map(int, seeds):
    graph = pecanpy.SparseOTF(p=1, q=0.5, workers=1, verbose=False, random_state=seed)
    graph.read_edg(edges, weighted=False, directed=False)
    vectors = graph.embed(dim=64, num_walks=10, walk_length=40, window_size=10, epochs=1)
    order = np.argsort([int(node) for node in graph.nodes])
    np.save(f"{output}/{seed}.npy", vectors[order])
