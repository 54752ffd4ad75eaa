"""DeepWalk by karateclub: EDGES DIRECTORY SEEDS..."""

import sys

import networkx as nx
import numpy as np
from karateclub import DeepWalk

edges, output, *seeds = sys.argv[1:]
graph = nx.read_edgelist(edges, nodetype=int)
graph = nx.convert_node_labels_to_integers(graph, ordering="sorted")
for seed in map(int, seeds):
    model = DeepWalk(walk_number=10, walk_length=40, dimensions=64, workers=1, epochs=1, seed=seed)
    model.fit(graph)
    np.save(f"{output}/{seed}.npy", model.get_embedding())
