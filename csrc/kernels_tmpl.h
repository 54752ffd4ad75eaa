/* The algorithm, once, in the vocabulary of simd_<isa>.h.
 *
 * Every model is the same logistic step between input rows x and output rows y:
 *
 *     g = lr * (label - sigma(x . y))      x += g * y      y += g * x
 *
 * Skip-gram: x is a context word's row of W.   CBOW: x = h, the mean (or sum) of the window's rows.
 * Negative sampling: y is the centre's row of W' (label 1) and noise rows (label 0).
 * Hierarchical softmax: y are the nodes on the centre's Huffman path (label 1 - code).
 *
 * Negative sampling is split. Attraction, the positive pairs, goes window by window. Repulsion goes
 * block by block: B consecutive kept tokens share one draw of N noise rows, and a row that takes
 * part in n positive pairs is repelled by each of them with weight n * K / N, so the expected
 * gradient is exactly that of K negatives per pair. Sharing turns 30 separate row updates per
 * token into a small matrix product.                [after Moon et al., MLHPC 2019, made unbiased]
 * R blocks in a row use the same noise rows, which therefore stay in the cache.
 *
 *     x rows of a block     panel: 16 noise rows, transposed     score: (B, 16), lane = noise row
 *     (B, dim)          .   (dim, 16)                         ->  coefficients g
 *     noise rows += g^T x   (x as it was)                        x += g noise (as it was)
 *
 * A block's panels follow one another, each sees what the last one changed. With block_size 0
 * every pair draws its own K negatives and all updates are sequential, as in word2vec.c; in small
 * vocabularies, where noise rows resemble one another, shared noise would overshoot.
 */
#include "parts_tmpl.h"
#include "copies_tmpl.h"
#include "sampler.h"
#include "windows_tmpl.h"

/* out += row, both (stride,). */
FORCE_INLINE void add_row(float *out, const float *row, int32_t stride) {
    for (int32_t k = 0; k < stride; k += VF_LANES)
        vf_store(out + k, vf_add(vf_load(out + k), vf_load(row + k)));
}

/* --------------------------------------------------------------------- loss, if computed */

/* e^-t for t >= W2V_SIGMOID_LIMIT = 8, off by less than 1e-9. */
FORCE_INLINE double exp_tail(double t) {
    const double y = (t - W2V_SIGMOID_LIMIT) / 16;
    if (!(y < 1)) return 0;
    double power = 1 - y * (1 - y / 2 * (1 - y / 3 * (1 - y / 4)));
    for (int i = 0; i < 4; i++) power *= power;
    return 3.3546262790251184e-4 * power;
}

/* softplus(x) = -log sigma(-x): inside the limits by the tangent at the middle of x's bin. */
FORCE_INLINE double softplus(const w2v_model *m, float x) {
    if (!(x > -W2V_SIGMOID_LIMIT)) return exp_tail(-(double)x);
    if (!(x < W2V_SIGMOID_LIMIT)) return (double)x + exp_tail((double)x);
    const float scale = (float)W2V_SIGMOID_BINS / (2.0f * W2V_SIGMOID_LIMIT);
    const int32_t bin = (int32_t)(x * scale + (float)W2V_SIGMOID_BINS / 2);
    const double middle = ((double)bin + 0.5) / (double)scale - W2V_SIGMOID_LIMIT;
    return m->softplus[bin] + m->sigmoid[bin] * ((double)x - middle);
}

/* ------------------------------------------------------------------ steps between rows */

/* g[i] = lr * (label - sigma(score[i])) for one label, in place; n is rounded up to 16. */
FORCE_INLINE void coefficients(const w2v_model *m, float *score, int32_t n, float label, float lr) {
    const vf base = vf_set1(lr * label), minus_lr = vf_set1(-lr);
    for (int32_t i = 0; i < n; i += VF_LANES)
        vf_store(score + i,
                 vf_fma(minus_lr, vf_lookup(m->sigmoid, vf_load_fours(score + i)), base));
}

/* Repulsion of the block's `n` rows x by N noise rows.
 *   weight[i]: pairs of x[i], times K / N     x_out[i]: what x[i]'s gradient is added to, x[i]
 *   itself if `in_place` (skip-gram), a row of its own if not (CBOW's grad_h).
 * Both sides move by what the other one was: in place the noise rows are copied before they move,
 * else x_out can simply come first. */
FORCE_INLINE void repel(const w2v_model *m, w2v_worker *wk, int32_t n, const int32_t *noise_id,
                        float lr, const int in_place, const int with_loss) {
    const int32_t stride = m->stride;
    for (int32_t first = 0; first < m->noise_rows; first += W2V_PANEL) {
        const int32_t left = m->noise_rows - first, n_noise = left < W2V_PANEL ? left : W2V_PANEL;
        for (int32_t i = 0; i < n_noise; i++) {
            wk->y_out[i] = ns_row(m, wk, noise_id[first + i]);
            wk->y[i] = wk->y_out[i];
        }
        if (in_place) {
            pack_and_copy(wk->panel, wk->panel_rows, wk->y, n_noise, wk->zeros, stride);
            for (int32_t i = 0; i < n_noise; i++) wk->y[i] = wk->panel_rows + i * stride;
        } else {
            pack(wk->panel, wk->y, n_noise, wk->zeros, stride);
        }
        scores(wk->score, wk->x, n, wk->panel, n_noise, m->dim);
        for (int32_t i = 0; i < n; i++) {
            float *score = wk->score + i * W2V_PANEL;
            if (with_loss)
                for (int32_t lane = 0; lane < n_noise; lane++)
                    wk->loss += wk->weight[i] * softplus(m, score[lane]);
            coefficients(m, score, n_noise, 0.0f, lr * wk->weight[i]);
        }
        if (!in_place) accumulate(wk->x_out, n, wk->y, n_noise, wk->score, m->dim);
        accumulate_transposed(wk->y_out, n_noise, wk->x, n, wk->score, m->dim);
        if (in_place) accumulate(wk->x_out, n, wk->y, n_noise, wk->score, m->dim);
    }
}

/* One strip of `exchange`. The sums take nearly all registers; `few` is read from the L1 cache. */
FORCE_INLINE void exchange_strip(const float *const *few, float *const *few_out, float *const *many,
                                 int32_t n, const float *g, int32_t col, const int rows,
                                 const int cols, const int fresh) {
    vf sum[2][SUM_COLS];
    const float *from[2];
    UNROLL for (int r = 0; r < rows; r++) {
        from[r] = few[r] + col;
        UNROLL for (int c = 0; c < cols; c++) sum[r][c] =
            fresh ? vf_zero() : vf_load(few_out[r] + col + c * VF_LANES);
    }
    for (int32_t i = 0; i < n; i++) {
        float *at = many[i] + col;
        W2V_KEEP_ADDRESS(at);
        vf gi[2];
        UNROLL for (int r = 0; r < rows; r++) gi[r] = vf_set1(g[rows * i + r]);
        UNROLL for (int c = 0; c < cols; c++) {
            vf row = vf_load(at + c * VF_LANES);
            W2V_KEEP_VECTOR(row);
            UNROLL for (int r = 0; r < rows; r++) sum[r][c] =
                fresh ? vf_add(vf_mul(gi[r], row), sum[r][c]) : vf_fma(gi[r], row, sum[r][c]);
            UNROLL for (int r = 0; r < rows; r++) row =
                vf_fma(gi[r], vf_load(from[r] + c * VF_LANES), row);
            vf_store(at + c * VF_LANES, row);
        }
    }
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int c = 0; c < cols; c++) vf_store(few_out[r] + col + c * VF_LANES, sum[r][c]);
    }
}

/* A step between one or two rows and n rows, each from its old value:
 *     few_out[r] += sum_i g[rows i + r] many[i]     many[i] += sum_r g[rows i + r] few[r]
 * few_out[r] may be few[r]; two of them differ. A row that occurs twice in `many` is read again,
 * with its first update. */
NO_INLINE void exchange1(const float *few, float *few_out, float *const *many, int32_t n,
                         const float *g, int32_t dim) {
    EACH_STRIP(dim, SUM_COLS, exchange_strip(&few, &few_out, many, n, g, col, 1, STRIP, 0));
}

/* The same, but few_out = sum_i g[i] many[i], whatever was in it. Each product is rounded before it
 * is added: on AMD's Zen 3 no fused multiply-add begins in a cycle in which 32 bytes are stored. */
NO_INLINE void exchange1_fresh(const float *few, float *few_out, float *const *many, int32_t n,
                               const float *g, int32_t dim) {
    EACH_STRIP(dim, SUM_COLS, exchange_strip(&few, &few_out, many, n, g, col, 1, STRIP, 1));
}

NO_INLINE void exchange2(const float *const *few, float *const *few_out, float *const *many,
                         int32_t n, const float *g, int32_t dim) {
    EACH_STRIP(dim, SUM_COLS / 2, exchange_strip(few, few_out, many, n, g, col, 2, STRIP, 0));
}

/* Attraction of the centre's row y and its n context rows, wk->x = wk->x_out. */
FORCE_INLINE void attract(const w2v_model *m, w2v_worker *wk, float *y, int32_t n, float lr,
                          const int with_loss) {
    dots(wk->score, y, wk->x, n, m->stride);
    if (with_loss)
        for (int32_t j = 0; j < n; j++) wk->loss += softplus(m, -wk->score[j]);
    coefficients(m, wk->score, n, 1.0f, lr);
    exchange1(y, y, wk->x_out, n, wk->score, m->dim);
}

/* grad = g y, y += g x */
FORCE_INLINE void meet(float *grad, float *y, const float *x, float g, int32_t dim) {
    const vf factor = vf_set1(g);
    for (int32_t k = 0; k < dim; k += VF_LANES) {
        const vf row = vf_load(y + k);
        vf_store(grad + k, vf_mul(factor, row));
        vf_store(y + k, vf_fma(factor, vf_load(x + k), row));
    }
}

/* Attraction of the block's n hidden rows x, each by its own centre: all scores first, then
 * x_out[i] = g[i] y[i], y[i] += g[i] x[i] one after another. */
FORCE_INLINE void attract_pairs(const w2v_model *m, w2v_worker *wk, int32_t n, float lr,
                                const int with_loss) {
    const places ns = ns_places(m, wk);
    const int32_t *const kept = wk->kept, *const center = wk->center, dim = m->dim;
    const float *const *const x = wk->x, *const score = wk->score;
    float *const *const x_out = wk->x_out, **const y = wk->y_out;
    for (int32_t i = 0; i < n; i++) y[i] = place(&ns, kept[center[i]]);
    pair_dots(wk->score, x, (const float *const *)y, n, m->stride);
    if (with_loss)
        for (int32_t i = 0; i < n; i++) wk->loss += softplus(m, -score[i]);
    coefficients(m, wk->score, n, 1.0f, lr);
    for (int32_t i = 0; i < n; i++) meet(x_out[i], y[i], x[i], score[i], dim);
}

/* wk->y_out = the n nodes of a path, wk->label = 1 - code; if `twice`, also
 * wk->doubled_label = each label twice. Path lengths are unpredictable, the number of groups of
 * eight nodes less so: whole groups are read, past the end of the path, and written. */
FORCE_INLINE void read_path(const w2v_model *m, w2v_worker *wk, const int32_t *path, int32_t n,
                            const int copies, const int twice) {
    enum { STEP = 8 };
    float **const nodes = wk->y_out, *const label = wk->label, *const doubled = wk->doubled_label;
    float *const shared = m->w_hs, *const own = wk->hs.own;
    const int32_t stride = m->stride, first_own = first_own_node(m);
    for (int32_t l = 0; l < n; l += STEP) {
        int32_t at[STEP];
        UNROLL for (int i = 0; i < STEP; i++) at[i] = path[l + i];
        UNROLL for (int i = 0; i < STEP; i++) {
            const int32_t node = at[i] >> 1, near = copies ? -(node >= first_own) : 0;
            nodes[l + i] = row_at(near ? own : shared, node - (first_own & near), stride);
        }
        UNROLL for (int i = 0; i < STEP; i++) label[l + i] = (float)(~at[i] & 1);
        if (twice) {
            UNROLL for (int i = 0; i < 2 * STEP; i++) doubled[2 * l + i] = (float)(~at[i / 2] & 1);
        }
    }
}

/* The same for a centre's path; for two rows at a time the last node also comes twice. Returns the
 * number of nodes. */
FORCE_INLINE int32_t gather_path(const w2v_model *m, w2v_worker *wk, int32_t center_id,
                                 const int twice) {
    const int32_t *path = m->path + m->path_off[center_id];
    const int32_t n = (int32_t)(m->path_off[center_id + 1] - m->path_off[center_id]);
    if (m->n_own_nodes) {
        count_path(m, wk, path, n);
        read_path(m, wk, path, n, 1, twice);
    } else {
        read_path(m, wk, path, n, 0, twice);
    }
    if (twice && n > 0) wk->y_out[n] = wk->y_out[n - 1];
    return n;
}

/* score[i] = lr * (label[i] - sigma(score[i])), n of them. */
FORCE_INLINE void label_coefficients(const w2v_model *m, w2v_worker *wk, float *score,
                                     const float *label, int32_t n, float lr, const int with_loss) {
    const vf minus_lr = vf_set1(-lr), plus_lr = vf_set1(lr);
    if (with_loss)
        for (int32_t i = 0; i < n; i++)
            wk->loss += softplus(m, label[i] > 0.0f ? -score[i] : score[i]);
    for (int32_t i = 0; i < n; i += VF_LANES) {
        const vf target = vf_mul(plus_lr, vf_load(label + i));
        const vf probability = vf_lookup(m->sigmoid, vf_load_fours(score + i));
        vf_store(score + i, vf_fma(minus_lr, probability, target));
    }
}

/* One row x against the n rows wk->y_out with labels wk->label: a path's nodes, or a centre and its
 * noise. x_out: what x's gradient is added to, or, if `fresh`, what it is written to. */
FORCE_INLINE void step(const w2v_model *m, w2v_worker *wk, const float *x, float *x_out, int32_t n,
                       float lr, const int fresh, const int with_loss) {
    dots(wk->score, x, (const float *const *)wk->y_out, n, m->stride);
    label_coefficients(m, wk, wk->score, wk->label, n, lr, with_loss);
    if (fresh)
        exchange1_fresh(x, x_out, wk->y_out, n, wk->score, m->dim);
    else
        exchange1(x, x_out, wk->y_out, n, wk->score, m->dim);
}

/* One x against its centre and K noise rows of its own; a draw of the centre itself is left out.
 * Rows take the step together while no two are the same: the bits are those of one by one.
 * [word2vec.c, TrainModelThread] */
FORCE_INLINE void step_noise(const w2v_model *m, w2v_worker *wk, const float *x, float *grad,
                             int32_t center_id, float lr, uint64_t noise_key, uint64_t *n_drawn,
                             const int with_loss) {
    const places ns = ns_places(m, wk);
    int32_t *const noise_id = wk->noise_id;
    draw_noise(m, noise_id, m->n_negatives, noise_key, *n_drawn);
    *n_drawn += (uint64_t)m->n_negatives;
    int32_t n = 1;
    wk->y_out[0] = place(&ns, center_id), wk->label[0] = 1.0f;
    for (int32_t i = 0; i < m->n_negatives; i++) {
        if (noise_id[i] == center_id) continue;
        float *const y = place(&ns, noise_id[i]);
        int32_t again = 0;
        for (int32_t j = 0; j < n; j++) again |= wk->y_out[j] == y;
        if (again || n == W2V_PANEL) {
            step(m, wk, x, grad, n, lr, 0, with_loss);
            n = 0;
        }
        wk->y_out[n] = y, wk->label[n++] = 0.0f;
    }
    step(m, wk, x, grad, n, lr, 0, with_loss);
}

/* The n rows x of a window against the nodes of its centre's path, two at a time: they share the
 * path, so sharing is exact but for the second's seeing the nodes as the first found them. */
FORCE_INLINE void window_meets_path(const w2v_model *m, w2v_worker *wk, int32_t n,
                                    int32_t center_id, float lr, const int with_loss) {
    const int32_t n_nodes = gather_path(m, wk, center_id, 1);
    const float *const *x = wk->x, *const *nodes = (const float *const *)wk->y_out;
    float *const *x_out = wk->x_out;
    for (int32_t j = 0; j < n;) {
        const int two = j + 1 < n && x[j] != x[j + 1];
        if (two) {
            dots_of_two(wk->score, x + j, nodes, n_nodes, m->stride);
            label_coefficients(m, wk, wk->score, wk->doubled_label, 2 * n_nodes, lr, with_loss);
            exchange2(x + j, x_out + j, wk->y_out, n_nodes, wk->score, m->dim);
        } else {
            step(m, wk, x[j], x_out[j], n_nodes, lr, 0, with_loss);
        }
        j += 1 + two;
    }
}

/* ----------------------------------------------------------------- windows, blocks, chunks */

/* rows = rows of W of the centre's context words, left to right; returns how many. */
FORCE_INLINE int32_t gather_context(const w2v_model *m, const w2v_worker *wk, int32_t pos,
                                    float **rows) {
    const places in = in_places(m, wk);
    const int32_t *kept = wk->kept, lo = wk->lo[pos], hi = wk->hi[pos];
    for (int32_t at = lo; at < pos; at++) *rows++ = place(&in, kept[at]);
    for (int32_t at = pos + 1; at <= hi; at++) *rows++ = place(&in, kept[at]);
    return hi - lo;
}

FORCE_INLINE void clear_rows(float *rows, int32_t n, int32_t stride) {
    for (int64_t k = 0; k < (int64_t)n * stride; k += VF_LANES) vf_store(rows + k, vf_zero());
}

/* The path of the word at `pos`, in three steps: where it is, what is on it, and those of its nodes
 * that are too far from the root to stay in the cache by themselves. */
enum { SEE_PATH = 6, READ_PATH = 4, NEAR_NODES = 512 };

FORCE_INLINE void prefetch_path(const w2v_model *m, const w2v_worker *wk, int32_t pos) {
    if (pos + SEE_PATH >= wk->n_kept) return;
    W2V_PREFETCH_READ(m->path_off + wk->kept[pos + SEE_PATH]);
    const int32_t *path = m->path + m->path_off[wk->kept[pos + READ_PATH]];
    W2V_PREFETCH_READ(path);
    W2V_PREFETCH_READ(path + 16);
    const int32_t near = m->n_own_nodes > NEAR_NODES ? m->n_own_nodes : NEAR_NODES;
    const int32_t id = wk->kept[pos + 2], far = 2 * (m->n_words - 1 - near);
    for (int64_t at = m->path_off[id + 1] - 1; at >= m->path_off[id] && m->path[at] < far; at--)
        prefetch(row_at(m->w_hs, m->path[at] >> 1, m->stride), m->stride);
}

/* Ask for what the next block will want of its own words: per centre of this block a context row
 * and the centre's row of W'. */
FORCE_INLINE void prefetch_words(const w2v_model *m, const w2v_worker *wk, int32_t pos,
                                 int32_t block, const int negatives) {
    const int32_t center = pos + block, context = center + m->reach;
    if (context < wk->n_kept) prefetch(in_row(m, wk, wk->kept[context]), m->stride);
    if (negatives && center < wk->n_kept) prefetch(ns_row(m, wk, wk->kept[center]), m->stride);
}

/* The noise rows of a block, and those it prefetches: its share of the next set. */
typedef struct {
    const int32_t *id, *next;
    int32_t n_next;
} noise_set;

/* Ask for the next noise rows, from `first` on each `step`-th: a few per centre of this block. They
 * are wanted last, so CBOW asks as late as it can; else they push out of the L1 cache what is
 * wanted before them. */
FORCE_INLINE void prefetch_noise(const w2v_model *m, const w2v_worker *wk, const noise_set *noise,
                                 int32_t first, int32_t step) {
    for (int32_t i = first; i < noise->n_next; i += step)
        prefetch(ns_row(m, wk, noise->next[i]), m->stride);
}

/* Kept tokens [begin, end) of a chunk as input rows and as centres. */
FORCE_INLINE void skip_gram_block(const w2v_model *m, w2v_worker *wk, int32_t begin, int32_t end,
                                  const noise_set *noise, float lr, const int objective,
                                  const int with_loss) {
    const int negatives = objective != W2V_HS, path = objective != W2V_NS;
    if (negatives) {
        const float per_pair = (float)m->n_negatives / (float)m->noise_rows;
        for (int32_t pos = begin; pos < end; pos++) {
            wk->x_out[pos - begin] = in_row(m, wk, wk->kept[pos]);
            wk->x[pos - begin] = wk->x_out[pos - begin];
            wk->weight[pos - begin] = per_pair * (float)wk->n_windows[pos];
        }
        repel(m, wk, end - begin, noise->id, lr, 1, with_loss);
    }
    for (int32_t pos = begin; pos < end; pos++) {
        prefetch_words(m, wk, pos, negatives ? m->block_size : 2, negatives);
        if (negatives) prefetch_noise(m, wk, noise, pos - begin, m->block_size);
        if (path) prefetch_path(m, wk, pos);
        const int32_t n = gather_context(m, wk, pos, wk->x_out);
        if (n == 0) continue;
        wk->n_pairs += n;
        count_word(m, wk, wk->kept[pos]);
        for (int32_t j = 0; j < n; j++) wk->x[j] = wk->x_out[j];
        if (negatives) attract(m, wk, ns_row(m, wk, wk->kept[pos]), n, lr, with_loss);
        if (path) window_meets_path(m, wk, n, wk->kept[pos], lr, with_loss);
    }
}

/* wk->context = rows of W of the kept tokens that the windows of [begin, end) reach, from *first
 * on; returns how many. */
FORCE_INLINE int32_t gather_span(const w2v_model *m, w2v_worker *wk, int32_t begin, int32_t end,
                                 int32_t *first) {
    const places in = in_places(m, wk);
    const int32_t *kept = wk->kept, *lo = wk->lo, *hi = wk->hi;
    float **context = wk->context;
    int32_t lowest = begin, highest = end - 1;
    for (int32_t pos = begin; pos < end; pos++) {
        lowest = lo[pos] < lowest ? lo[pos] : lowest;
        highest = hi[pos] > highest ? hi[pos] : highest;
    }
    for (int32_t pos = lowest; pos <= highest; pos++) *context++ = place(&in, kept[pos]);
    *first = lowest;
    return highest - lowest + 1;
}

/* Kept tokens [begin, end) of a chunk as centres; their hidden rows are those of the block's
 * beginning, and so is what the context rows get back at its end. */
FORCE_INLINE void cbow_block(const w2v_model *m, w2v_worker *wk, int32_t begin, int32_t end,
                             const noise_set *noise, float lr, const int objective,
                             const int with_loss) {
    const int32_t stride = m->stride, dim = m->dim;
    const int32_t *const kept = wk->kept, *const los = wk->lo, *const his = wk->hi;
    float *const sums = wk->sums, *const hidden_rows = wk->h, *const grads = wk->grad_h;
    float *const *const context = wk->context, **const x_out = wk->x_out;
    const float **const x = wk->x;
    float *const weight = wk->weight;
    int32_t *const center = wk->center;
    const float per_center = (float)m->n_negatives / (float)m->noise_rows;
    const int mean = m->cbow_mean;
    int32_t first, n = 0;
    const int32_t n_span = gather_span(m, wk, begin, end, &first);
    sum_rows(sums, (const float *const *)context, n_span, dim, stride);
    for (int32_t pos = begin; pos < end; pos++) {
        prefetch_words(m, wk, pos, m->block_size, objective != W2V_HS);
        const int32_t lo = los[pos], hi = his[pos];
        if (hi == lo) continue;
        count_word(m, wk, kept[pos]);
        float *h = row_at(hidden_rows, n, stride);
        hidden_of(h, row_at(sums, hi + 1 - first, stride), row_at(sums, lo - first, stride),
                  context[pos - first], mean ? 1.0f / (float)(hi - lo) : 1.0f, dim);
        x[n] = h;
        x_out[n] = objective == W2V_HS ? h : row_at(grads, n, stride);
        weight[n] = per_center;
        center[n++] = pos;
    }
    if (n == 0) return;
    wk->n_pairs += n;
    if (objective != W2V_HS) {
        attract_pairs(m, wk, n, lr, with_loss);
        repel(m, wk, n, noise->id, lr, 0, with_loss);
    }
    if (objective != W2V_NS) {
        for (int32_t i = 0; i < n; i++) {
            prefetch_path(m, wk, center[i]);
            const int32_t n_nodes = gather_path(m, wk, kept[center[i]], 0);
            step(m, wk, x[i], x_out[i], n_nodes, lr, objective == W2V_HS, with_loss);
        }
    }

    const float **const own = wk->own, *const zeros = wk->zeros;
    float *const noted = wk->noted;
    int32_t *const n_open = wk->n_open;
    for (int32_t i = 0; i <= n_span; i++) n_open[i] = 0, noted[i] = 0.0f, own[i] = zeros;
    for (int32_t i = 0; i < n; i++) {
        if (objective != W2V_HS) prefetch_noise(m, wk, noise, i, n);
        const int32_t pos = center[i], lo = los[pos] - first, past = his[pos] + 1 - first;
        float *const grad = x_out[i];
        if (mean && m->cbow_corrected) scale_row(grad, 1.0f / (float)(past - lo - 1), dim);
        note_steps(sums, noted, lo, past, grad, dim, stride);
        n_open[lo]++, n_open[past]--;
        own[pos - first] = grad;
    }
    for (int32_t i = 1; i < n_span; i++) n_open[i] += n_open[i - 1];
    give_steps(context, sums, noted, own, n_open, n_span, dim, stride);
}

/* One centre with updates and noise per pair, in word2vec.c's order. */
FORCE_INLINE void sequential_center(const w2v_model *m, w2v_worker *wk, int32_t pos, float lr,
                                    uint64_t noise_key, uint64_t *n_drawn, const int architecture,
                                    const int objective, const int with_loss) {
    const int32_t center_id = wk->kept[pos], n = gather_context(m, wk, pos, wk->context);
    if (n == 0) return;
    count_word(m, wk, center_id);
    const int32_t n_inputs = architecture == W2V_SG ? n : 1;
    wk->n_pairs += n_inputs;
    for (int32_t j = 0; j < n_inputs; j++) {
        const float *x = wk->context[j];
        if (architecture == W2V_CBOW) {
            hidden(m, wk->h, wk->context, n);
            x = wk->h;
        }
        clear_rows(wk->grad_h, 1, m->stride);
        if (objective != W2V_NS)
            step(m, wk, x, wk->grad_h, gather_path(m, wk, center_id, 0), lr, 0, with_loss);
        if (objective != W2V_HS)
            step_noise(m, wk, x, wk->grad_h, center_id, lr, noise_key, n_drawn, with_loss);
        if (architecture == W2V_CBOW)
            spread(m, wk->grad_h, wk->context, n);
        else
            add_row(wk->context[j], wk->grad_h, m->stride);
    }
}

/* NaN and Inf spread: the rows that a chunk touched last tell whether training is still sane. */
FORCE_INLINE int32_t is_finite(const w2v_model *m, const w2v_worker *wk) {
    const vf zero = vf_zero();
    vf sum = zero;
    const int32_t first = wk->own_end - wk->own_begin > 8 ? wk->own_end - 8 : wk->own_begin;
    for (int32_t pos = first; pos < wk->own_end; pos++) {
        const float *in = in_row(m, wk, wk->kept[pos]);
        const float *out = m->w_ns ? ns_row(m, wk, wk->kept[pos]) : in;
        for (int32_t k = 0; k < m->stride; k += VF_LANES)
            sum = vf_fma(vf_load(in + k), zero, vf_fma(vf_load(out + k), zero, sum));
    }
    float lane[VF_LANES] W2V_ALIGNED(64);
    vf_store(lane, sum);
    for (int i = 0; i < VF_LANES; i++)
        if (!(lane[i] == 0.0f)) return 0;
    return 1;
}

FORCE_INLINE void train_chunk(const w2v_model *m, const w2v_corpus *corpus, w2v_worker *wk,
                              const w2v_chunk *chunk, const int architecture, const int objective,
                              const int with_loss) {
    const int sequential = m->block_size == 0;
    const int shared_noise = objective != W2V_HS && !sequential;
    sample_chunk(m, corpus, wk, chunk, architecture == W2V_SG && objective != W2V_HS);
    /* Without noise to share, skip-gram has no use for blocks; CBOW sums windows in them. */
    const int blocks = shared_noise || (architecture == W2V_CBOW && !sequential);
    const int32_t block = blocks ? m->block_size : 1;
    const int32_t n_own = wk->own_end - wk->own_begin;
    const float slope = n_own ? (chunk->lr_end - chunk->lr_begin) / (float)n_own : 0.0f;
    int32_t *noise_id = wk->noise_id, *next_noise = wk->noise_id + m->noise_rows;
    int32_t turn = 0; /* of the noise rows' R */
    uint64_t n_drawn = 0;
    if (shared_noise) draw_noise(m, noise_id, m->noise_rows, chunk->noise_key, 0);

    for (int32_t begin = wk->own_begin; begin < wk->own_end; begin += block) {
        if (__atomic_load_n(chunk->stop, __ATOMIC_RELAXED)) break;
        const int32_t end = wk->own_end - begin < block ? wk->own_end : begin + block;
        const float lr = chunk->lr_begin + slope * (float)(begin - wk->own_begin);
        if (sequential) {
            sequential_center(m, wk, begin, lr, chunk->noise_key, &n_drawn, architecture, objective,
                              with_loss);
        } else {
            noise_set noise = {0};
            if (shared_noise) {
                if (turn == 0) {
                    n_drawn += (uint64_t)m->noise_rows;
                    draw_noise(m, next_noise, m->noise_rows, chunk->noise_key, n_drawn);
                }
                const int32_t asked = turn++ * m->noise_rows / m->noise_blocks;
                const int32_t until = turn * m->noise_rows / m->noise_blocks;
                noise = (noise_set){noise_id, next_noise + asked, until - asked};
            }
            if (architecture == W2V_SG)
                skip_gram_block(m, wk, begin, end, &noise, lr, objective, with_loss);
            else
                cbow_block(m, wk, begin, end, &noise, lr, objective, with_loss);
            if (turn == m->noise_blocks) {
                int32_t *done = noise_id;
                noise_id = next_noise, next_noise = done;
                turn = 0;
            }
        }
        wk->n_trained += end - begin;
    }
    wk->not_finite |= !is_finite(m, wk);
}

/* ------------------------------------------------------------------------------- the table */

#define TRAIN(name, architecture, objective, with_loss)                                            \
    static void name(const w2v_model *m, const w2v_corpus *corpus, w2v_worker *wk,                 \
                     const w2v_chunk *chunk) {                                                     \
        train_chunk(m, corpus, wk, chunk, architecture, objective, with_loss);                     \
    }
TRAIN(sg_ns, W2V_SG, W2V_NS, 0)
TRAIN(sg_ns_loss, W2V_SG, W2V_NS, 1)
TRAIN(sg_hs, W2V_SG, W2V_HS, 0)
TRAIN(sg_hs_loss, W2V_SG, W2V_HS, 1)
TRAIN(sg_ns_hs, W2V_SG, W2V_NS_HS, 0)
TRAIN(sg_ns_hs_loss, W2V_SG, W2V_NS_HS, 1)
TRAIN(cbow_ns, W2V_CBOW, W2V_NS, 0)
TRAIN(cbow_ns_loss, W2V_CBOW, W2V_NS, 1)
TRAIN(cbow_hs, W2V_CBOW, W2V_HS, 0)
TRAIN(cbow_hs_loss, W2V_CBOW, W2V_HS, 1)
TRAIN(cbow_ns_hs, W2V_CBOW, W2V_NS_HS, 0)
TRAIN(cbow_ns_hs_loss, W2V_CBOW, W2V_NS_HS, 1)
#undef TRAIN

#define W2V_TEXT_(name) #name
#define W2V_TEXT(name)  W2V_TEXT_(name)
extern const w2v_kernels W2V_JOIN(w2v_kernels, W2V_ISA);
const w2v_kernels W2V_JOIN(w2v_kernels, W2V_ISA) = {
    .isa = W2V_TEXT(W2V_ISA),
    .train = {{{sg_ns, sg_ns_loss}, {sg_hs, sg_hs_loss}, {sg_ns_hs, sg_ns_hs_loss}},
              {{cbow_ns, cbow_ns_loss}, {cbow_hs, cbow_hs_loss}, {cbow_ns_hs, cbow_ns_hs_loss}}},
    .dots = dots,
    .sigmoid = sigmoid,
    .pack = pack_and_copy,
    .scores = scores,
    .accumulate = accumulate,
    .accumulate_transposed = accumulate_transposed,
    .take_copies = take_copies,
    .merge_copies = merge_copies,
    .fma_chains = fma_chains,
    .read_all = read_all,
};
