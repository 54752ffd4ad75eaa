import numpy as np
import numpy.typing as npt

_Bytes = npt.NDArray[np.uint8]

IS_WORD: int
IS_CASED: int
IS_IGNORED: int

class Cleaner:
    out: _Bytes
    n_out: int
    n_lines: int
    n_replaced: int
    n_skipped: int
    def __init__(
        self,
        words: str,
        ends: str,
        errors: str,
        lower: bool,
        min_length: int,
        max_length: int,
        points: npt.NDArray[np.uint32],
    ) -> None: ...
    def clean(self, text: _Bytes, n_text: int, at_line_start: bool, last: bool) -> None: ...
