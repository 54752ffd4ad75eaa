from typing import Any

import numpy as np
from numpy.typing import NDArray

def unit(matrix: NDArray[Any]) -> NDArray[Any]: ...
def lengths(matrix: NDArray[Any]) -> NDArray[np.float64]: ...
def cosines(
    matrix: NDArray[Any],
    query: NDArray[Any],
    ids: NDArray[np.int64] | None = None,
    guesses: NDArray[Any] | None = None,
) -> NDArray[np.float32]: ...
def estimates(
    matrix: NDArray[np.float32], query: NDArray[np.float32]
) -> tuple[NDArray[np.float32], float]: ...
