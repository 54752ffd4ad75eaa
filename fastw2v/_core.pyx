"""The bridge from Python to the kernels: one call trains one worker's share of one epoch.

Owns no memory: NumPy arrays hold everything, and a Session keeps them alive while C borrows.
"""

import time

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t, uintptr_t
from libc.string cimport memset

from fastw2v._csrc cimport (
    W2V_LANES,
    W2V_PANEL,
    W2V_SIGMOID_BINS,
    W2V_SIGMOID_LIMIT,
    rng_key,
    w2v_alias,
    w2v_alias_table,
    w2v_block_order,
    w2v_chunk,
    w2v_claim,
    w2v_corpus,
    w2v_done,
    w2v_epoch,
    w2v_finish,
    w2v_hold_rows,
    w2v_huffman_paths,
    w2v_huffman_tree,
    w2v_kernels,
    w2v_kernels_built,
    w2v_kernels_usable,
    w2v_left_halo,
    w2v_model,
    w2v_right_halo,
    w2v_scratch_bytes,
    w2v_start_rows,
    w2v_stop,
    w2v_train_fn,
    w2v_window,
    w2v_window_order,
    w2v_worker,
    w2v_worker_init,
)

import numpy as np

from fastw2v.memory import zeros

LANES = W2V_LANES
PANEL = W2V_PANEL
SIGMOID_BINS = W2V_SIGMOID_BINS
SIGMOID_LIMIT = W2V_SIGMOID_LIMIT
N_SLOTS = 2

cdef enum:
    SLOTS = 2


def instruction_sets():
    """Instruction sets of this build, fastest first: {name: can this machine run it?}."""
    cdef int32_t index = 0
    cdef const w2v_kernels *kernels = w2v_kernels_built(0)
    found = {}
    while kernels != NULL:
        found[kernels.isa.decode()] = bool(w2v_kernels_usable(kernels))
        index += 1
        kernels = w2v_kernels_built(index)
    return found


cdef const w2v_kernels *find_kernels(str isa) except NULL:
    cdef int32_t index = 0
    cdef const w2v_kernels *kernels = w2v_kernels_built(0)
    while kernels != NULL:
        if kernels.isa.decode() == isa and w2v_kernels_usable(kernels):
            return kernels
        index += 1
        kernels = w2v_kernels_built(index)
    raise ValueError(f"instruction set {isa!r} cannot be used here: {instruction_sets()}")


def block_seconds(str isa, int32_t rounds=20):
    """Seconds that one block's repulsion takes in the cache, the best of so many rounds."""
    cdef const w2v_kernels *kernels = find_kernels(isa)
    cdef int32_t stride = 7 * W2V_LANES, i
    cdef float[:, ::1] x = zeros((W2V_PANEL, stride), "float32")
    cdef float[:, ::1] y = zeros((W2V_PANEL, stride), "float32")
    cdef float[:, ::1] copy = zeros((W2V_PANEL, stride), "float32")
    cdef float[:, ::1] panel = zeros((stride, W2V_PANEL), "float32")
    cdef float[:, ::1] score = zeros((W2V_PANEL, W2V_PANEL), "float32")
    cdef float[::1] zero_row = zeros((stride,), "float32")
    cdef float *x_rows[W2V_PANEL]
    cdef float *y_rows[W2V_PANEL]
    for i in range(W2V_PANEL):
        x_rows[i] = &x[i, 0]
        y_rows[i] = &y[i, 0]
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(50):
            kernels.pack(&panel[0, 0], &copy[0, 0], <const float **>y_rows, W2V_PANEL,
                         &zero_row[0], stride)
            kernels.scores(&score[0, 0], <const float **>x_rows, W2V_PANEL, &panel[0, 0],
                           W2V_PANEL, stride)
            kernels.accumulate(y_rows, W2V_PANEL, <const float **>x_rows, W2V_PANEL,
                               &score[0, 0], stride)
        best = min(best, time.perf_counter() - began)
    return best / 50


def alias_table(const double[::1] weights not None):
    """See fastw2v.noise.alias_table.  weights: (n,), positive and finite."""
    cdef int32_t n = <int32_t>weights.shape[0]
    cdef double[::1] share = np.empty(n)
    cdef int32_t[::1] order = np.empty(n, dtype=np.int32)
    cdef uint32_t[:, ::1] table = np.empty((n, 2), dtype=np.uint32)
    if n > 0:
        with nogil:
            w2v_alias_table(&weights[0], n, &share[0], &order[0], <w2v_alias *>&table[0, 0])
    return table.base


def huffman_tree(const int64_t[::1] counts not None):
    """See fastw2v.huffman.huffman_tree.  counts: (n,), descending, n >= 1."""
    cdef int32_t n = <int32_t>counts.shape[0]
    cdef int64_t[::1] weight = np.empty(n, dtype=np.int64)
    cdef int32_t[::1] parent = np.zeros(2 * n, dtype=np.int32)
    cdef uint8_t[::1] branch = np.zeros(2 * n, dtype=np.uint8)
    cdef int64_t[::1] path_off = np.empty(n + 1, dtype=np.int64)
    cdef int64_t n_nodes
    cdef int32_t[::1] path
    cdef uint8_t[::1] code
    with nogil:
        n_nodes = w2v_huffman_tree(&counts[0], n, &weight[0], &parent[0], &branch[0], &path_off[0])
    path_array = np.empty(max(n_nodes, 1), dtype=np.int32)
    code_array = np.empty(max(n_nodes, 1), dtype=np.uint8)
    path, code = path_array, code_array
    with nogil:
        w2v_huffman_paths(n, &parent[0], &branch[0], &path_off[0], &path[0], &code[0])
    return path_off.base, path_array[:n_nodes], code_array[:n_nodes]


def start_rows(float[:, ::1] rows not None, uint64_t seed, int64_t first):
    """Initialise rows of W, from row `first` on.  rows: (n, dim), contiguous."""
    if rows.shape[0] > 0:
        with nogil:
            w2v_start_rows(&rows[0, 0], rows.shape[0], <int32_t>rows.shape[1], seed, first)


cdef inline const int32_t *origin(const int32_t[::1] tokens, int64_t first) noexcept:
    """Where position 0 of the corpus would be if tokens[0] is position `first`.

    By way of an integer, because a pointer may not leave its array.
    """
    return <const int32_t *>(<uintptr_t>&tokens[0] - <uintptr_t>(first * sizeof(int32_t)))


cdef class Session:
    """One training call: the model and epoch as C sees them, and the workers' scratch memory.

    The corpus comes in windows, which are loaded into one of `N_SLOTS` slots while workers may be
    busy with another slot.
    """

    cdef w2v_model model
    cdef w2v_epoch epoch
    cdef w2v_window windows[SLOTS]
    cdef list loaded  # what each slot borrows
    cdef const w2v_kernels *kernels
    cdef w2v_train_fn train
    cdef list worker_memory  # one array each: a w2v_worker, then its scratch
    cdef const float[::1] lockf
    cdef float[:, ::1] anchor
    cdef object borrowed

    def __init__(
        self,
        *,
        str isa,
        int32_t architecture,
        int32_t objective,
        bint compute_loss,
        int64_t n_tokens,
        float[:, ::1] w_in not None,
        float[:, ::1] w_ns,
        float[:, ::1] w_hs,
        const float[::1] sigmoid not None,
        const float[::1] softplus not None,
        const uint32_t[:, ::1] noise,
        const int64_t[::1] path_off,
        const int32_t[::1] path,
        int32_t max_path,
        int32_t n_own_words,
        int32_t own_word_pause,
        int32_t n_own_nodes,
        int32_t own_node_pause,
        const uint32_t[::1] keep not None,
        int32_t n_sampled,
        int32_t dim,
        int32_t window,
        int32_t reach,
        bint shrink_windows,
        int32_t n_negatives,
        int32_t block_size,
        int32_t noise_rows,
        int32_t noise_blocks,
        bint cbow_mean,
        bint cbow_corrected,
        int32_t n_workers,
        int64_t chunk_tokens,
        const float[::1] lockf=None,
        float[:, ::1] anchor=None,
    ):
        cdef w2v_worker *worker
        cdef uint8_t[::1] memory
        cdef int64_t struct_bytes = (sizeof(w2v_worker) + 63) // 64 * 64

        self.borrowed = (w_in, w_ns, w_hs, sigmoid, softplus, noise, path_off, path, keep)
        self.loaded = [None] * SLOTS
        memset(&self.windows, 0, sizeof(self.windows))
        memset(&self.model, 0, sizeof(self.model))
        memset(&self.epoch, 0, sizeof(self.epoch))
        self.model.w_in = &w_in[0, 0]
        self.model.n_words = <int32_t>w_in.shape[0]
        self.model.stride = <int32_t>w_in.shape[1]
        if w_ns is not None:
            self.model.w_ns = &w_ns[0, 0]
            self.model.noise = <const w2v_alias *>&noise[0, 0]
        if w_hs is not None:
            self.model.w_hs = &w_hs[0, 0]
            self.model.path_off = &path_off[0]
            if path.shape[0] < path_off[path_off.shape[0] - 1] + W2V_LANES:
                raise ValueError("path must hold W2V_LANES numbers behind the last path")
            self.model.path = &path[0]
        self.model.sigmoid = &sigmoid[0]
        self.model.softplus = &softplus[0]
        self.model.keep = &keep[0]
        self.model.n_sampled = n_sampled
        self.model.max_path = max_path
        self.model.n_own_words = n_own_words
        self.model.own_word_pause = own_word_pause
        self.model.n_own_nodes = n_own_nodes
        self.model.own_node_pause = own_node_pause
        self.model.dim = dim
        self.model.window = window
        self.model.reach = reach
        self.model.shrink_windows = shrink_windows
        self.model.n_negatives = n_negatives
        self.model.block_size = block_size
        self.model.noise_rows = noise_rows
        self.model.noise_blocks = noise_blocks
        self.model.cbow_mean = cbow_mean
        self.model.cbow_corrected = cbow_corrected
        self.epoch.n_tokens = n_tokens
        self.epoch.chunk_tokens = chunk_tokens
        self.lockf = lockf
        self.anchor = anchor
        self.kernels = find_kernels(isa)
        self.train = self.kernels.train[architecture][objective][compute_loss]

        self.worker_memory = []
        for _ in range(n_workers):
            array = zeros(
                (struct_bytes + w2v_scratch_bytes(&self.model, chunk_tokens),), "uint8"
            )
            memory = array
            worker = <w2v_worker *>&memory[0]
            w2v_worker_init(worker, &self.model, chunk_tokens, &memory[struct_bytes])
            self.worker_memory.append(array)

    cdef w2v_worker *worker(self, Py_ssize_t index) except NULL:
        cdef uint8_t[::1] memory = self.worker_memory[index]
        return <w2v_worker *>&memory[0]

    def begin_epoch(self, uint64_t seed, uint64_t stream, uint64_t epoch, float lr_begin,
                    float lr_end):
        """Reset the progress and the workers' tallies."""
        cdef w2v_worker *worker
        cdef int64_t n_tokens = self.epoch.n_tokens, chunk = self.epoch.chunk_tokens
        memset(&self.epoch, 0, sizeof(self.epoch))
        self.epoch.key = rng_key(rng_key(seed, stream), epoch)
        self.epoch.n_tokens = n_tokens
        self.epoch.chunk_tokens = chunk
        self.epoch.lr_begin = lr_begin
        self.epoch.lr_end = lr_end
        for index in range(len(self.worker_memory)):
            worker = self.worker(index)
            worker.n_trained = 0
            worker.n_pairs = 0
            worker.loss = 0.0
            worker.not_finite = 0

    def window_order(self, int64_t window, int64_t n):
        """The order in which the n chunks of a window are trained: numbers below n."""
        cdef int64_t[::1] order = np.empty(max(n, 1), dtype=np.int64)
        w2v_window_order(&self.epoch, window, n, &order[0])
        return order.base[:n]

    def block_order(self, int64_t n):
        """The order in which the n blocks of a shuffled corpus come: numbers below n."""
        cdef int64_t[::1] order = np.empty(max(n, 1), dtype=np.int64)
        w2v_block_order(&self.epoch, n, &order[0])
        return order.base[:n]

    def left_halo(self, const int32_t[::1] tokens not None, int64_t first, int64_t at):
        """How many tokens before position `at` a chunk that begins there looks at.

        `tokens[0]` is position `first` of the corpus; -1 if it begins too late to tell.
        """
        if not first <= at <= first + tokens.shape[0]:
            raise IndexError(at)
        if at == first:
            return 0 if first == 0 else -1
        return w2v_left_halo(&self.epoch, &self.model, origin(tokens, first), first, at)

    def right_halo(self, const int32_t[::1] tokens not None, int64_t first, int64_t at):
        """How many tokens from position `at` on a chunk that ends there looks at; -1 as above."""
        if not first < at <= first + tokens.shape[0]:
            raise IndexError(at)
        return w2v_right_halo(&self.epoch, &self.model, origin(tokens, first), at,
                              first + tokens.shape[0])

    def load(self, Py_ssize_t slot, int64_t first_turn, const int64_t[::1] order not None,
             const int32_t[::1] parts not None, list views not None):
        """Put a window into a slot that no worker is busy with.

        order: numbers of the chunks as they are to be trained. parts: for each, which of the
        `views` holds it. views: pairs of a position in the corpus and the tokens from there on,
        with the halos of their chunks.
        """
        cdef w2v_window *window
        cdef uintptr_t[::1] tokens
        cdef const int32_t[::1] view
        cdef Py_ssize_t i, n = order.shape[0]
        if not 0 <= slot < SLOTS or parts.shape[0] != n:
            raise ValueError(f"slot {slot}, {n} chunks, {parts.shape[0]} parts")
        window = &self.windows[slot]
        origins = np.zeros(max(len(views), 1), dtype=np.uintp)
        for i, (first, view) in enumerate(views):
            origins[i] = <uintptr_t>origin(view, first) if view.shape[0] > 0 else 0
        array = origins[np.asarray(parts)] if n > 0 else origins
        tokens = array
        window.order = &order[0] if n > 0 else NULL
        window.tokens = <const int32_t **><void *>&tokens[0]
        window.n_chunks = n
        window.first_turn = first_turn
        window.next = 0
        self.loaded[slot] = (order, array, views)

    def unload(self, Py_ssize_t slot):
        """Let go of what a slot borrows; no worker may be busy with it."""
        self.windows[slot].n_chunks = 0
        self.loaded[slot] = None

    def work(self, Py_ssize_t index, Py_ssize_t slot):
        """Train chunks of a slot until none is left, a row is not finite, or `stop` was called."""
        cdef w2v_worker *worker = self.worker(index)
        cdef w2v_window *window = &self.windows[slot]
        # Whatever becomes of the slot meanwhile, the memory that it borrows stays.
        cdef object held = self.loaded[slot]
        if held is None:
            return
        cdef w2v_corpus corpus
        cdef w2v_chunk chunk
        cdef int64_t before
        with nogil:
            self.kernels.take_copies(&self.model, worker)
            while w2v_claim(&self.epoch, window, &corpus, &chunk):
                before = worker.n_trained
                self.train(&self.model, &corpus, worker, &chunk)
                if self.lockf is not None:
                    w2v_hold_rows(&self.model, worker, &self.lockf[0], &self.anchor[0, 0])
                w2v_finish(&self.epoch, &self.model, &corpus, worker, &chunk,
                           worker.n_trained - before)
                if worker.not_finite:
                    w2v_stop(&self.epoch)
            self.kernels.merge_copies(&self.model, worker)

    def stop(self):
        """Make every worker return at the end of its current block."""
        w2v_stop(&self.epoch)

    def stopped(self):
        """Whether the epoch was stopped, by `stop` or by a row that is not finite."""
        return self.epoch.stop != 0

    def done(self):
        """Tokens that were trained or subsampled in this epoch, up to the chunks at hand."""
        return w2v_done(&self.epoch)

    def tallies(self):
        """Sums over the workers in this epoch: (trained words, pairs, loss, all finite?)."""
        cdef w2v_worker *worker
        cdef int64_t n_trained = 0, n_pairs = 0
        cdef double loss = 0.0
        cdef bint finite = True
        for index in range(len(self.worker_memory)):
            worker = self.worker(index)
            n_trained += worker.n_trained
            n_pairs += worker.n_pairs
            loss += worker.loss
            finite = finite and not worker.not_finite
        return n_trained, n_pairs, loss, finite
