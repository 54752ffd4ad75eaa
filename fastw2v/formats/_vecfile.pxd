# The C contract of csrc/vecfile.h.
from libc.stdint cimport uint8_t


cdef extern from "vecfile.h" nogil:
    enum vecfile_status:
        VECFILE_FULL
        VECFILE_MORE
        VECFILE_UNUSUAL

    struct vecfile_block:
        const uint8_t *data
        size_t n_data
        size_t pos
        uint8_t *words
        size_t n_words
        size_t dim
        size_t rows_cap
        size_t n_rows

    vecfile_status vecfile_binary(vecfile_block *block, size_t max_word, float *out)
    vecfile_status vecfile_text(vecfile_block *block, size_t max_word, double *out)
