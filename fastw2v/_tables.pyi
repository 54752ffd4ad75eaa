import numpy as np
from numpy.typing import NDArray

def alias_table(weights: NDArray[np.float64]) -> NDArray[np.uint32]: ...
def huffman_tree(
    counts: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint8]]: ...
