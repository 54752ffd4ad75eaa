/* Which tokens of a chunk are trained, in which windows, and against which noise.
 *
 * Integers only, so the result is the same on every instruction set.
 */
#ifndef W2V_SAMPLER_H
#define W2V_SAMPLER_H

#include "rng.h"
#include "w2v.h"

/* Kept or dropped, and the window's radius: the high and the low half of one draw. */
FORCE_INLINE int32_t is_kept(const w2v_model *m, int32_t id, uint64_t draw) {
    const int32_t rare = id >= m->n_sampled;
    /* Not `||`, an unpredictable branch. Thresholds of rare words are not looked up, so that those
     * of frequent ones stay in the cache. */
    return rare | ((uint32_t)(draw >> 32) <= m->keep[id & (rare - 1)]);
}

FORCE_INLINE int32_t radius(const w2v_model *m, uint64_t draw) {
    return m->shrink_windows ? 1 + (int32_t)rng_below((uint32_t)draw, (uint32_t)m->window)
                             : m->window;
}

FORCE_INLINE int32_t token_id(int32_t token) { return token & INT32_MAX; }

/* Windows of the kept tokens [first, last), one whole sentence as far as the buffer holds it.
 * lo and hi hold the radius on entry (in lo) and the window's two ends on return. If `counted`,
 * n_windows gets the differences from token to token of how many windows it lies in. */
FORCE_INLINE void close_sentence(const w2v_worker *wk, int32_t first, int32_t last,
                                 const int counted) {
    int32_t *const los = wk->lo, *const his = wk->hi, *const n_windows = wk->n_windows;
    for (int32_t pos = first; pos < last; pos++) {
        const int32_t r = los[pos];
        const int32_t lo = pos - first > r ? pos - r : first;
        const int32_t hi = last - 1 - pos > r ? pos + r : last - 1;
        los[pos] = lo, his[pos] = hi;
        if (counted) n_windows[lo]++, n_windows[hi + 1]--;
    }
}

/* Fill the worker's `kept`, `lo`, `hi` for a chunk, and `n_windows` if that is wanted.
 *
 * A sentence that crosses the chunk's borders is not cut: up to `reach` kept tokens on either
 * side, the halos, are looked up too. Centres of the halos are other chunks' work, but their
 * windows count in n_windows. */
FORCE_INLINE void sample_chunk(const w2v_model *m, const w2v_corpus *corpus, w2v_worker *wk,
                               const w2v_chunk *chunk, const int counted) {
    const int32_t *const tokens = corpus->tokens;
    const uint64_t key = chunk->key;
    /* The compiler cannot know that what is stored is none of the model. */
    const w2v_model sampled = {.keep = m->keep,
                               .n_sampled = m->n_sampled,
                               .window = m->window,
                               .shrink_windows = m->shrink_windows};
    int32_t *const kept = wk->kept, *const lo = wk->lo, *const n_windows = wk->n_windows;
    int32_t n = 0;

    /* Left halo, gathered backwards. */
    for (int64_t t = chunk->begin - 1; t >= 0 && tokens[t] >= 0 && n < m->reach; t--) {
        const uint64_t draw = rng_at(key, (uint64_t)t);
        kept[n] = tokens[t];
        lo[n] = radius(&sampled, draw);
        n += is_kept(&sampled, tokens[t], draw);
    }
    for (int32_t a = 0, b = n - 1; a < b; a++, b--) {
        const int32_t id = kept[a], r = lo[a];
        kept[a] = kept[b], lo[a] = lo[b];
        kept[b] = id, lo[b] = r;
    }
    wk->own_begin = n;
    if (counted)
        for (int32_t pos = 0; pos <= n; pos++) n_windows[pos] = 0;

    int32_t first = 0;
    for (int64_t t = chunk->begin; t < chunk->end; t++) {
        const int32_t id = token_id(tokens[t]);
        const uint64_t draw = rng_at(key, (uint64_t)t);
        kept[n] = id;
        lo[n] = radius(&sampled, draw);
        if (counted) n_windows[n + 1] = 0;
        n += is_kept(&sampled, id, draw);
        if (tokens[t] < 0) {
            close_sentence(wk, first, n, counted);
            first = n;
        }
    }
    wk->own_end = n;

    /* Right halo, of a sentence that goes on. */
    for (int64_t t = chunk->end; t < corpus->n_tokens && tokens[t - 1] >= 0; t++) {
        if (n - wk->own_end == m->reach) break;
        const int32_t id = token_id(tokens[t]);
        const uint64_t draw = rng_at(key, (uint64_t)t);
        kept[n] = id;
        lo[n] = radius(&sampled, draw);
        if (counted) n_windows[n + 1] = 0;
        n += is_kept(&sampled, id, draw);
    }
    close_sentence(wk, first, n, counted);
    wk->n_kept = n;

    /* The differences become counts; a window does not count for its own centre. */
    int32_t open = 0;
    if (counted)
        for (int32_t pos = 0; pos < n; pos++) {
            open += n_windows[pos];
            n_windows[pos] = open - 1;
        }
}

/* Draws `first` to `first + n` of a chunk's noise stream, from the alias table. The columns first,
 * so that the cells, which no cache holds, are fetched side by side. */
FORCE_INLINE void draw_noise(const w2v_model *m, int32_t *ids, int32_t n, uint64_t key,
                             uint64_t first) {
    const uint32_t n_words = (uint32_t)m->n_words;
    for (int32_t i = 0; i < n; i++) {
        ids[i] = (int32_t)rng_below((uint32_t)(rng_at(key, first + (uint64_t)i) >> 32), n_words);
        W2V_PREFETCH_READ(m->noise + ids[i]);
    }
    for (int32_t i = 0; i < n; i++) {
        const w2v_alias cell = m->noise[ids[i]];
        const int32_t keep = -((uint32_t)rng_at(key, first + (uint64_t)i) <= cell.threshold);
        ids[i] = (ids[i] & keep) | (cell.other & ~keep);
    }
}

#endif
