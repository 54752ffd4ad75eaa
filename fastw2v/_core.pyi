import numpy as np
from numpy.typing import NDArray

LANES: int
PANEL: int
SIGMOID_BINS: int
SIGMOID_LIMIT: int
N_SLOTS: int

def instruction_sets() -> dict[str, bool]: ...
def block_seconds(isa: str, rounds: int = 20) -> float: ...
def alias_table(weights: NDArray[np.float64]) -> NDArray[np.uint32]: ...
def huffman_tree(
    counts: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint8]]: ...
def start_rows(rows: NDArray[np.float32], seed: int, first: int) -> None: ...

class Session:
    def __init__(
        self,
        *,
        isa: str,
        architecture: int,
        objective: int,
        compute_loss: bool,
        n_tokens: int,
        w_in: NDArray[np.float32],
        w_ns: NDArray[np.float32] | None,
        w_hs: NDArray[np.float32] | None,
        sigmoid: NDArray[np.float32],
        softplus: NDArray[np.float32],
        noise: NDArray[np.uint32] | None,
        path_off: NDArray[np.int64] | None,
        path: NDArray[np.int32] | None,
        max_path: int,
        n_own_words: int,
        own_word_pause: int,
        n_own_nodes: int,
        own_node_pause: int,
        keep: NDArray[np.uint32],
        n_sampled: int,
        dim: int,
        window: int,
        reach: int,
        shrink_windows: bool,
        n_negatives: int,
        block_size: int,
        noise_rows: int,
        noise_blocks: int,
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
    def window_order(self, window: int, n: int) -> NDArray[np.int64]: ...
    def block_order(self, n: int) -> NDArray[np.int64]: ...
    def left_halo(self, tokens: NDArray[np.int32], first: int, at: int) -> int: ...
    def right_halo(self, tokens: NDArray[np.int32], first: int, at: int) -> int: ...
    def load(
        self,
        slot: int,
        first_turn: int,
        order: NDArray[np.int64],
        parts: NDArray[np.int32],
        views: list[tuple[int, NDArray[np.int32]]],
    ) -> None: ...
    def unload(self, slot: int) -> None: ...
    def work(self, index: int, slot: int) -> None: ...
    def stop(self) -> None: ...
    def stopped(self) -> bool: ...
    def done(self) -> int: ...
    def tallies(self) -> tuple[int, int, float, bool]: ...
