"""Every part of the kernels, by name and instruction set: for tests and benchmarks only.

Float arrays must begin on a 64-byte boundary and have rows of a multiple of 16 floats, as
`fastw2v.memory.zeros` makes them; what a function writes is an argument, as in C.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memset

import numpy as np

from fastw2v._core cimport find_kernels
from fastw2v._csrc cimport (
    W2V_LANES,
    W2V_PANEL,
    draw_noise,
    rng_key,
    sample_chunk,
    w2v_alias,
    w2v_chunk,
    w2v_corpus,
    w2v_kernels,
    w2v_model,
    w2v_scratch_bytes,
    w2v_worker,
    w2v_worker_init,
)

from fastw2v.memory import zeros

cdef enum:
    MOST_ROWS = 4096
    LANES = W2V_LANES


cdef class Rows:
    """Pointers to the rows of a matrix, in any order and number."""

    cdef float *at[MOST_ROWS]
    cdef int32_t n
    cdef object matrix

    def __init__(self, float[:, ::1] matrix not None, rows=None):
        if (<size_t>&matrix[0, 0]) % 64 or matrix.shape[1] % 16:
            raise ValueError("a matrix must be 64-byte aligned with rows of 16 n floats")
        self.matrix = matrix
        self.n = 0
        for row in range(matrix.shape[0]) if rows is None else rows:
            if not (0 <= row < matrix.shape[0] and self.n < MOST_ROWS):
                raise IndexError(row)
            self.at[self.n] = &matrix[row, 0]
            self.n += 1


def dots(str isa, float[::1] out, float[::1] x, Rows y):
    """out[i] = x . y[i]; out holds y.n rounded up to a multiple of 4."""
    if out.shape[0] < (y.n + 3) // 4 * 4:
        raise ValueError("out is too short")
    find_kernels(isa).dots(&out[0], &x[0], <const float **>y.at, y.n, <int32_t>x.shape[0])


def sigmoid(str isa, float[::1] out, float[::1] values, const float[::1] table):
    """out = table[bin of values]; a multiple of 16 of them."""
    if values.shape[0] % 16 or out.shape[0] != values.shape[0]:
        raise ValueError("values and out need the same multiple of 16 items")
    find_kernels(isa).sigmoid(&out[0], &values[0], <int32_t>values.shape[0], &table[0])


def pack(str isa, float[:, ::1] panel, float[:, ::1] copy, Rows rows, float[::1] zero_row):
    """panel[k, lane] = rows[lane][k], copy[lane] = rows[lane], lanes beyond the rows zero."""
    cdef int32_t stride = <int32_t>zero_row.shape[0]
    if rows.n > W2V_PANEL or panel.shape[0] != stride or copy.shape[1] != stride:
        raise ValueError("panel must be (stride, 16), copy (16, stride), rows at most 16")
    find_kernels(isa).pack(&panel[0, 0], &copy[0, 0], <const float **>rows.at, rows.n,
                           &zero_row[0], stride)


def scores(str isa, float[:, ::1] out, Rows x, float[:, ::1] panel, int32_t dim,
           int32_t n_noise=W2V_PANEL):
    """out[i, lane] = x[i] . panel[:, lane], for the first n_noise lanes."""
    if out.shape[0] != x.n or out.shape[1] != W2V_PANEL or panel.shape[0] < dim:
        raise ValueError("out must be (rows of x, 16)")
    if not 0 < n_noise <= W2V_PANEL:
        raise ValueError("a panel has 1 to 16 lanes")
    find_kernels(isa).scores(&out[0, 0], <const float **>x.at, x.n, &panel[0, 0], n_noise, dim)


def accumulate(str isa, Rows dst, Rows src, float[:, ::1] coef, bint transposed, int32_t dim):
    """dst[i] += sum_s coef[i, s] src[s], or coef[s, i] if transposed."""
    cdef const w2v_kernels *kernels = find_kernels(isa)
    if coef.shape[1] != W2V_PANEL or coef.shape[0] != (src.n if transposed else dst.n):
        raise ValueError("coef must be (rows of dst, 16), or of src if transposed")
    if transposed:
        kernels.accumulate_transposed(dst.at, dst.n, <const float **>src.at, src.n, &coef[0, 0],
                                      dim)
    else:
        kernels.accumulate(dst.at, dst.n, <const float **>src.at, src.n, &coef[0, 0], dim)


def fma(str isa, int64_t n):
    """n rounds of multiply-adds that wait for nothing but the units; returns the FLOPs done."""
    cdef float[::1] out = zeros((LANES,), "float32")
    cdef const w2v_kernels *kernels = find_kernels(isa)
    return kernels.fma_chains(&out[0], n)


def read(str isa, const float[::1] values, int64_t repeats):
    """Read a multiple of 16 floats, `repeats` times; returns the bytes read."""
    cdef float[::1] out = zeros((LANES,), "float32")
    cdef const w2v_kernels *kernels = find_kernels(isa)
    if values.shape[0] % LANES or (<size_t>&values[0]) % 64:
        raise ValueError("values must be 64-byte aligned and a multiple of 16 floats")
    for _ in range(repeats):
        kernels.read_all(&out[0], &values[0], values.shape[0])
    return 4 * values.shape[0] * repeats


cdef class Sampler:
    """The draws of an epoch: which tokens are kept, their windows, and the noise."""

    cdef w2v_model model
    cdef uint64_t key
    cdef object borrowed

    def __init__(self, *, const uint32_t[::1] keep not None, int32_t window, bint shrink_windows,
                 const uint32_t[:, ::1] noise=None, uint64_t seed=1, uint64_t stream=0,
                 uint64_t epoch=0):
        memset(&self.model, 0, sizeof(self.model))
        self.borrowed = (keep, noise)
        self.model.keep = &keep[0]
        self.model.n_words = self.model.n_sampled = <int32_t>keep.shape[0]
        self.model.window = self.model.reach = window
        self.model.shrink_windows = shrink_windows
        self.model.dim = self.model.stride = 16
        if noise is not None:
            self.model.noise = <const w2v_alias *>&noise[0, 0]
        self.key = rng_key(rng_key(seed, stream), epoch)

    def chunk(self, const int32_t[::1] tokens not None, int64_t begin, int64_t end):
        """The kept tokens of a chunk with its halos: (id, lo, hi, n_windows), own range."""
        cdef w2v_corpus corpus
        cdef w2v_worker worker
        cdef w2v_chunk chunk
        cdef uint8_t[::1] memory
        memset(&chunk, 0, sizeof(chunk))
        corpus.tokens = &tokens[0]
        corpus.n_tokens = tokens.shape[0]
        chunk.key, chunk.begin, chunk.end = self.key, begin, end
        memory = zeros((w2v_scratch_bytes(&self.model, end - begin),), "uint8")
        w2v_worker_init(&worker, &self.model, end - begin, &memory[0])
        sample_chunk(&self.model, &corpus, &worker, &chunk, 1)
        rows = [
            (worker.kept[pos], worker.lo[pos], worker.hi[pos], worker.n_windows[pos])
            for pos in range(worker.n_kept)
        ]
        return np.array(rows, dtype=np.int32).reshape(-1, 4), (worker.own_begin, worker.own_end)

    def noise(self, uint64_t chunk_index, uint64_t first, int32_t n):
        """Draws first .. first + n of a chunk's noise stream."""
        if self.model.noise == NULL:
            raise ValueError("no noise table was given")
        cdef int32_t[::1] ids = np.empty(n, dtype=np.int32)
        draw_noise(&self.model, &ids[0], n, rng_key(self.key, chunk_index), first)
        return np.asarray(ids)
