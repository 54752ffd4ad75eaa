"""DeepWalk by karateclub: EDGES VECTORS SEED."""

import sys

import networkx as nx
import numpy as np
from karateclub import DeepWalk

edges, output, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
graph = nx.read_edgelist(edges, nodetype=int)
graph = nx.convert_node_labels_to_integers(graph, ordering="sorted")
model = DeepWalk(walk_number=10, walk_length=40, dimensions=64, workers=1, epochs=1, seed=seed)
model.fit(graph)
np.save(output, model.get_embedding())
