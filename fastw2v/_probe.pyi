from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

class Rows:
    def __init__(self, matrix: Floats, rows: Iterable[int] | None = None) -> None: ...

def dots(isa: str, out: Floats, x: Floats, y: Rows) -> None: ...
def sigmoid(isa: str, out: Floats, values: Floats, table: Floats) -> None: ...
def pack(isa: str, panel: Floats, copy: Floats, rows: Rows, zero_row: Floats) -> None: ...
def scores(isa: str, out: Floats, x: Rows, panel: Floats, dim: int) -> None: ...
def accumulate(
    isa: str, dst: Rows, src: Rows, coef: Floats, transposed: bool, dim: int
) -> None: ...

class Sampler:
    def __init__(
        self,
        *,
        keep: NDArray[np.uint32],
        window: int,
        shrink_windows: bool,
        noise: NDArray[np.uint32] | None = None,
        seed: int = 1,
        stream: int = 0,
        epoch: int = 0,
    ) -> None: ...
    def chunk(
        self, tokens: NDArray[np.int32], begin: int, end: int
    ) -> tuple[NDArray[np.int32], tuple[int, int]]: ...
    def noise(self, chunk_index: int, first: int, n: int) -> NDArray[np.int32]: ...
