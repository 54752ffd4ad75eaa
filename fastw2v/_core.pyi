import numpy as np
from numpy.typing import NDArray

LANES: int
PANEL: int
SIGMOID_BINS: int
SIGMOID_LIMIT: int

def instruction_sets() -> dict[str, bool]: ...
def block_seconds(isa: str, rounds: int = 20) -> float: ...

class Session:
    def __init__(
        self,
        *,
        isa: str,
        architecture: int,
        objective: int,
        compute_loss: bool,
        tokens: NDArray[np.int32],
        w_in: NDArray[np.float32],
        w_ns: NDArray[np.float32] | None,
        w_hs: NDArray[np.float32] | None,
        sigmoid: NDArray[np.float32],
        softplus: NDArray[np.float32],
        noise: NDArray[np.uint32] | None,
        path_off: NDArray[np.int64] | None,
        path: NDArray[np.int32] | None,
        max_path: int,
        n_own_nodes: int,
        keep: NDArray[np.uint32],
        n_sampled: int,
        dim: int,
        window: int,
        reach: int,
        shrink_windows: bool,
        n_negatives: int,
        block_size: int,
        noise_rows: int,
        cbow_mean: bool,
        cbow_corrected: bool,
        n_workers: int,
        chunk_tokens: int,
        lockf: NDArray[np.float32] | None = None,
        anchor: NDArray[np.float32] | None = None,
    ) -> None: ...
    def begin_epoch(
        self, seed: int, stream: int, epoch: int, lr_begin: float, lr_end: float
    ) -> None: ...
    def work(self, index: int) -> None: ...
    def stop(self) -> None: ...
    def done(self) -> int: ...
    def tallies(self) -> tuple[int, int, float, bool]: ...
