import numpy as np
from numpy.typing import NDArray

def read_binary(
    data: bytes | bytearray | memoryview | NDArray[np.uint8],
    pos: int,
    max_word: int,
    words: bytearray | NDArray[np.uint8],
    out: NDArray[np.float32],
) -> tuple[int, int, int, bool]: ...
def read_text(
    data: bytes | bytearray | memoryview | NDArray[np.uint8],
    pos: int,
    max_word: int,
    words: bytearray | NDArray[np.uint8],
    out: NDArray[np.float64],
) -> tuple[int, int, int, bool]: ...
