/* What a worker needs before and between chunks: scratch memory, and the next chunk. */
#include "w2v.h"
#include "rng.h"
#include "sampler.h"
#include <stddef.h>

/* Sub-streams of an epoch's key: below n_chunks the noise of each chunk, the order of the blocks,
 * and downwards from the last one the order within each window. */
#define BLOCKS ((uint64_t)1 << 63)
#define ORDER  UINT64_MAX

static int64_t padded(int64_t bytes) { return (bytes + 63) / 64 * 64; }

static int64_t max64(int64_t a, int64_t b) { return a > b ? a : b; }

/* Take `bytes` from the front of `*free_memory`; with NULL only count, as if it were at 0. */
static void *take(uintptr_t *free_memory, int64_t bytes) {
    const uintptr_t at = *free_memory;
    *free_memory = at + (uintptr_t)padded(bytes);
    return (void *)at; /* NOLINT(performance-no-int-to-ptr) */
}

static void lay_out(w2v_worker *worker, const w2v_model *model, int64_t chunk_tokens,
                    uintptr_t *at) {
    const int64_t f = (int64_t)sizeof(float), i = (int64_t)sizeof(int32_t);
    const int64_t p = (int64_t)sizeof(void *);
    const int64_t row = f * model->stride;
    const int64_t n_kept = chunk_tokens + 2 * (int64_t)model->reach + W2V_LANES;
    const int64_t n_contexts = 2 * (int64_t)model->reach + W2V_LANES;
    const int64_t n_block = max64(model->block_size, 1);
    const int64_t n_span = n_block + n_contexts; /* kept tokens that a block's windows reach */
    /* Rows of one step: a block against a panel, a window against its centre, two rows of it
     * against a path. */
    const int64_t path = padded(f * max64(W2V_PANEL, model->max_path + 1)) / f;
    const int64_t n_x = max64(n_block, n_contexts), n_y = max64(max64(W2V_PANEL, n_block), path);

    worker->kept = take(at, i * n_kept);
    worker->lo = take(at, i * n_kept);
    worker->hi = take(at, i * n_kept);
    worker->n_windows = take(at, i * (n_kept + 1));
    worker->noise_id = take(at, 2 * i * max64(model->noise_rows, model->n_negatives));
    worker->x = take(at, p * n_x);
    worker->y = take(at, p * n_y);
    worker->x_out = take(at, p * n_x);
    worker->y_out = take(at, p * n_y);
    worker->context = take(at, p * n_span);
    worker->center = take(at, i * n_block);
    worker->weight = take(at, f * n_block);
    worker->score = take(at, f * max64(n_block * W2V_PANEL, max64(n_contexts, 2 * path)));
    worker->label = take(at, f * path);
    worker->doubled_label = take(at, 2 * f * path);
    worker->panel = take(at, row * W2V_PANEL);
    worker->panel_rows = take(at, row * W2V_PANEL);
    worker->in.own = take(at, row * model->n_own_words);
    worker->in.base = take(at, row * model->n_own_words);
    worker->ns.own = take(at, row * model->n_own_words);
    worker->ns.base = take(at, row * model->n_own_words);
    worker->hs.own = take(at, row * model->n_own_nodes);
    worker->hs.base = take(at, row * model->n_own_nodes);
    worker->own = take(at, p * (n_span + 1));
    worker->n_open = take(at, i * (n_span + 1));
    worker->noted = take(at, f * (n_span + 1));
    worker->sums = take(at, row * (n_span + 1));
    worker->h = take(at, row * n_block);
    worker->grad_h = take(at, row * n_block);
    worker->zeros = take(at, row);
}

int64_t w2v_scratch_bytes(const w2v_model *model, int64_t chunk_tokens) {
    w2v_worker counted;
    uintptr_t end = 0;
    lay_out(&counted, model, chunk_tokens, &end);
    return (int64_t)end;
}

void w2v_worker_init(w2v_worker *worker, const w2v_model *model, int64_t chunk_tokens,
                     void *memory) {
    uintptr_t at = (uintptr_t)memory;
    *worker = (w2v_worker){0};
    lay_out(worker, model, chunk_tokens, &at);
}

/* The item that comes in turn `turn` of n: a random order, another one every epoch.
 * Neighbouring text shares a subject, and a model that reads it front to back leans towards what it
 * read last; measured in benchmarks/log.md. A permutation of the numbers below 4^half >= n by
 * four Feistel rounds (Luby, Rackoff 1988), walked on until it lands below n. */
static int64_t item_at(uint64_t key, int64_t turn, int64_t n) {
    int32_t half = 1;
    while ((int64_t)1 << 2 * half < n) half++;
    const uint64_t mask = ((uint64_t)1 << half) - 1;
    uint64_t at = (uint64_t)turn;
    do {
        for (uint64_t round = 0; round < 4; round++) {
            const uint64_t left = at >> half, right = at & mask;
            at = right << half | ((left ^ rng_at(key + round, right)) & mask);
        }
    } while (at >= (uint64_t)n);
    return (int64_t)at;
}

void w2v_window_order(const w2v_epoch *epoch, int64_t window, int64_t n, int64_t *order) {
    const uint64_t key = rng_key(epoch->key, ORDER - (uint64_t)window);
    for (int64_t turn = 0; turn < n; turn++) order[turn] = item_at(key, turn, n);
}

void w2v_block_order(const w2v_epoch *epoch, int64_t n, int64_t *order) {
    const uint64_t key = rng_key(epoch->key, BLOCKS);
    for (int64_t turn = 0; turn < n; turn++) order[turn] = item_at(key, turn, n);
}

int64_t w2v_left_halo(const w2v_epoch *epoch, const w2v_model *model, const int32_t *tokens,
                      int64_t lowest, int64_t at) {
    int32_t n = 0;
    int64_t t = at - 1;
    for (; t >= lowest && tokens[t] >= 0 && n < model->reach; t--)
        n += is_kept(model, tokens[t], rng_at(epoch->key, (uint64_t)t));
    if (t >= lowest) return at - t;
    return lowest == 0 ? at : -1;
}

int64_t w2v_right_halo(const w2v_epoch *epoch, const w2v_model *model, const int32_t *tokens,
                       int64_t at, int64_t highest) {
    int32_t n = 0;
    int64_t t = at;
    for (; t < epoch->n_tokens && tokens[t - 1] >= 0 && n < model->reach; t++) {
        if (t == highest) return -1;
        n += is_kept(model, token_id(tokens[t]), rng_at(epoch->key, (uint64_t)t));
    }
    return t - at;
}

/* The learning rate after `tokens` of n, exact at both ends. */
static float lr_at(const w2v_epoch *epoch, int64_t tokens, int64_t n) {
    if (tokens >= n) return epoch->lr_end;
    const double share = (double)tokens / (double)n;
    return (float)(epoch->lr_begin + ((double)epoch->lr_end - epoch->lr_begin) * share);
}

int32_t w2v_claim(w2v_epoch *epoch, w2v_window *window, w2v_corpus *corpus, w2v_chunk *chunk) {
    if (__atomic_load_n(&epoch->stop, __ATOMIC_RELAXED)) return 0;
    const int64_t at = __atomic_fetch_add(&window->next, 1, __ATOMIC_RELAXED);
    if (at >= window->n_chunks) return 0;
    const int64_t index = window->order[at], turn = window->first_turn + at;
    const int64_t begin = index * epoch->chunk_tokens, left = epoch->n_tokens - begin;
    corpus->tokens = window->tokens[at];
    corpus->n_tokens = epoch->n_tokens;
    chunk->key = epoch->key;
    chunk->noise_key = rng_key(epoch->key, (uint64_t)index);
    chunk->begin = begin;
    chunk->end = begin + (left < epoch->chunk_tokens ? left : epoch->chunk_tokens);
    chunk->lr_begin = lr_at(epoch, turn * epoch->chunk_tokens, epoch->n_tokens);
    chunk->lr_end = lr_at(epoch, (turn + 1) * epoch->chunk_tokens, epoch->n_tokens);
    chunk->stop = &epoch->stop;
    return 1;
}

/* Tokens of a chunk up to its n_trained-th kept one. */
static int64_t tokens_until(const w2v_model *model, const w2v_corpus *corpus,
                            const w2v_chunk *chunk, int64_t n_trained) {
    int64_t t = chunk->begin;
    for (int64_t n = 0; n < n_trained; t++)
        n += is_kept(model, token_id(corpus->tokens[t]), rng_at(chunk->key, (uint64_t)t));
    return t - chunk->begin;
}

void w2v_finish(w2v_epoch *epoch, const w2v_model *model, const w2v_corpus *corpus,
                const w2v_worker *worker, const w2v_chunk *chunk, int64_t n_trained) {
    const int64_t n = n_trained == worker->own_end - worker->own_begin
                          ? chunk->end - chunk->begin
                          : tokens_until(model, corpus, chunk, n_trained);
    __atomic_fetch_add(&epoch->done, n, __ATOMIC_RELAXED);
}

void w2v_stop(w2v_epoch *epoch) { __atomic_store_n(&epoch->stop, 1, __ATOMIC_RELAXED); }

int64_t w2v_done(const w2v_epoch *epoch) { return __atomic_load_n(&epoch->done, __ATOMIC_RELAXED); }
