# The C contract, in the order of csrc/w2v.h: the only file that names C symbols of the kernels.
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t


cdef extern from "w2v.h" nogil:
    enum:
        W2V_LANES
        W2V_PANEL
        W2V_SIGMOID_BINS
        W2V_SIGMOID_LIMIT

    ctypedef struct w2v_alias:
        pass

    ctypedef struct w2v_model:
        float *w_in
        float *w_ns
        float *w_hs
        const float *sigmoid
        const float *softplus
        const w2v_alias *noise
        const int64_t *path_off
        const int32_t *path
        const uint32_t *keep
        int32_t n_words, dim, stride
        int32_t n_sampled
        int32_t window
        int32_t reach
        int32_t shrink_windows
        int32_t n_negatives
        int32_t block_size
        int32_t noise_rows
        int32_t noise_blocks
        int32_t max_path
        int32_t n_own_words
        int32_t own_word_pause
        int32_t n_own_nodes
        int32_t own_node_pause
        int32_t cbow_mean
        int32_t cbow_corrected

    ctypedef struct w2v_corpus:
        const int32_t *tokens
        int64_t n_tokens

    ctypedef struct w2v_epoch:
        uint64_t key
        int64_t chunk_tokens
        int64_t n_tokens
        int32_t stop
        float lr_begin
        float lr_end

    ctypedef struct w2v_window:
        const int64_t *order
        const int32_t **tokens
        int64_t n_chunks
        int64_t first_turn
        int64_t next

    ctypedef struct w2v_chunk:
        uint64_t key
        uint64_t noise_key
        int64_t begin, end
        float lr_begin, lr_end
        const int32_t *stop

    ctypedef struct w2v_worker:
        int64_t n_trained
        int64_t n_pairs
        double loss
        int32_t not_finite
        int32_t n_kept
        int32_t own_begin, own_end
        int32_t *kept
        int32_t *lo
        int32_t *hi
        int32_t *n_windows

    ctypedef void (*w2v_train_fn)(const w2v_model *, const w2v_corpus *, w2v_worker *,
                                  const w2v_chunk *) noexcept

    ctypedef void (*w2v_copies_fn)(const w2v_model *, w2v_worker *) noexcept

    ctypedef struct w2v_kernels:
        const char *isa
        w2v_train_fn train[2][3][2]
        w2v_copies_fn take_copies, merge_copies
        void (*dots)(float *, const float *, const float **, int32_t, int32_t) noexcept
        void (*sigmoid)(float *, const float *, int32_t, const float *) noexcept
        void (*pack)(float *, float *, const float **, int32_t, const float *,
                     int32_t) noexcept
        void (*scores)(float *, const float **, int32_t, const float *, int32_t,
                       int32_t) noexcept
        void (*accumulate)(float **, int32_t, const float **, int32_t, const float *,
                           int32_t) noexcept
        void (*accumulate_transposed)(float **, int32_t, const float **, int32_t,
                                      const float *, int32_t) noexcept
        int64_t (*fma_chains)(float *, int64_t) noexcept
        void (*read_all)(float *, const float *, int64_t) noexcept

    const w2v_kernels *w2v_kernels_built(int32_t index)
    int32_t w2v_kernels_usable(const w2v_kernels *kernels)

    int64_t w2v_scratch_bytes(const w2v_model *model, int64_t chunk_tokens)
    void w2v_worker_init(w2v_worker *worker, const w2v_model *model, int64_t chunk_tokens,
                         void *memory)
    void w2v_window_order(const w2v_epoch *epoch, int64_t window, int64_t n, int64_t *order)
    void w2v_block_order(const w2v_epoch *epoch, int64_t n, int64_t *order)
    int64_t w2v_left_halo(const w2v_epoch *epoch, const w2v_model *model, const int32_t *tokens,
                          int64_t lowest, int64_t at)
    int64_t w2v_right_halo(const w2v_epoch *epoch, const w2v_model *model, const int32_t *tokens,
                           int64_t at, int64_t highest)
    int32_t w2v_claim(w2v_epoch *epoch, w2v_window *window, w2v_corpus *corpus, w2v_chunk *chunk)
    void w2v_finish(w2v_epoch *epoch, const w2v_model *model, const w2v_corpus *corpus,
                    const w2v_worker *worker, const w2v_chunk *chunk, int64_t n_trained)
    void w2v_stop(w2v_epoch *epoch)
    int64_t w2v_done(const w2v_epoch *epoch)

    void w2v_alias_table(const double *weights, int32_t n, double *share, int32_t *order,
                         w2v_alias *table)
    int64_t w2v_huffman_tree(const int64_t *counts, int32_t n, int64_t *weight, int32_t *parent,
                             uint8_t *branch, int64_t *path_off)
    void w2v_huffman_paths(int32_t n, const int32_t *parent, const uint8_t *branch,
                           const int64_t *path_off, int32_t *path, uint8_t *code)

    void w2v_start_rows(float *rows, int64_t n, int32_t dim, uint64_t seed, int64_t first)
    void w2v_hold_rows(const w2v_model *model, const w2v_worker *worker, const float *lockf,
                       float *anchor)


cdef extern from "rng.h" nogil:
    uint64_t rng_key(uint64_t key, uint64_t index)


cdef extern from "sampler.h" nogil:
    void sample_chunk(const w2v_model *m, const w2v_corpus *corpus, w2v_worker *wk,
                      const w2v_chunk *chunk, int counted)
    void draw_noise(const w2v_model *m, int32_t *ids, int32_t n, uint64_t key, uint64_t first)
