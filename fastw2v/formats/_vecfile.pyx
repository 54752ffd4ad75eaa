"""Nogil bridge to csrc/vecfile.c."""

from libc.stdint cimport uint8_t


def read_binary(
    const uint8_t[::1] data not None,
    Py_ssize_t pos,
    Py_ssize_t max_word,
    uint8_t[::1] words not None,
    float[:, ::1] out not None,
):
    """Read rows from data[pos:]; see csrc/vecfile.h.

    Returns how many rows were read, where the next one begins, how many bytes of `words` are used,
    and whether the next one is unusual.
    """
    cdef vecfile_block block
    cdef vecfile_status status
    if not 0 <= pos <= data.shape[0] or words.shape[0] < data.shape[0]:
        raise ValueError(f"{pos} is not in {data.shape[0]} bytes, or {words.shape[0]} are too few")
    if data.shape[0] == 0 or out.shape[0] == 0:
        return 0, pos, 0, False
    fill(&block, &data[0], data.shape[0], pos, &words[0], out.shape[0], out.shape[1])
    with nogil:
        status = vecfile_binary(&block, max_word, &out[0, 0])
    return block.n_rows, block.pos, block.n_words, status == VECFILE_UNUSUAL


def read_text(
    const uint8_t[::1] data not None,
    Py_ssize_t pos,
    Py_ssize_t max_word,
    uint8_t[::1] words not None,
    double[:, ::1] out not None,
):
    """Read lines from data[pos:]; see csrc/vecfile.h.

    Returns what `read_binary` returns.
    """
    cdef vecfile_block block
    cdef vecfile_status status
    if not 0 <= pos <= data.shape[0] or words.shape[0] < data.shape[0]:
        raise ValueError(f"{pos} is not in {data.shape[0]} bytes, or {words.shape[0]} are too few")
    if data.shape[0] == 0 or out.shape[0] == 0:
        return 0, pos, 0, False
    fill(&block, &data[0], data.shape[0], pos, &words[0], out.shape[0], out.shape[1])
    with nogil:
        status = vecfile_text(&block, max_word, &out[0, 0])
    return block.n_rows, block.pos, block.n_words, status == VECFILE_UNUSUAL


cdef void fill(
    vecfile_block *block,
    const uint8_t *data,
    Py_ssize_t n_data,
    Py_ssize_t pos,
    uint8_t *words,
    Py_ssize_t n_rows,
    Py_ssize_t dim,
) noexcept:
    block.data = data
    block.n_data = n_data
    block.pos = pos
    block.words = words
    block.n_words = 0
    block.dim = dim
    block.rows_cap = n_rows
    block.n_rows = 0
