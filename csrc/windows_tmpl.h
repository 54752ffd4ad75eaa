/* CBOW's windows, in the vocabulary of simd_<isa>.h: the hidden row h of a centre out of its
 * context rows, and what these get back; for one centre by itself, and for all the centres of a
 * block.
 */
FORCE_INLINE void hidden_strip(float *h, float *const *x, int32_t n, float scale, int32_t col,
                               const int cols) {
    const vf factor = vf_set1(scale);
    vf sum[SUM_COLS];
    UNROLL for (int c = 0; c < cols; c++) sum[c] = vf_zero();
    for (int32_t j = 0; j < n; j++) {
        const float *at = x[j] + col;
        UNROLL for (int c = 0; c < cols; c++) sum[c] = vf_add(sum[c], vf_load(at + c * VF_LANES));
    }
    UNROLL for (int c = 0; c < cols; c++) vf_store(h + col + c * VF_LANES, vf_mul(factor, sum[c]));
}

/* h = mean or sum of the n context rows x. */
NO_INLINE void hidden(const w2v_model *m, float *h, float *const *x, int32_t n) {
    const float scale = m->cbow_mean ? 1.0f / (float)n : 1.0f;
    EACH_STRIP(m->dim, SUM_COLS, hidden_strip(h, x, n, scale, col, STRIP));
}

FORCE_INLINE void spread_strip(float *const *x, int32_t n, const float *grad, float scale,
                               int32_t col, const int cols) {
    const vf factor = vf_set1(scale);
    vf part[SUM_COLS];
    UNROLL for (int c = 0; c < cols; c++) part[c] =
        vf_mul(factor, vf_load(grad + col + c * VF_LANES));
    for (int32_t j = 0; j < n; j++) {
        float *at = x[j] + col;
        UNROLL for (int c = 0; c < cols; c++)
            vf_store(at + c * VF_LANES, vf_add(vf_load(at + c * VF_LANES), part[c]));
    }
}

/* Give the gradient of h back to the n context rows x. word2vec.c adds all of it to each row
 * although h is their mean; the true gradient divides it. [Irsoy, Benton, Stratos 2021] */
NO_INLINE void spread(const w2v_model *m, const float *grad, float *const *x, int32_t n) {
    const float scale = m->cbow_mean && m->cbow_corrected ? 1.0f / (float)n : 1.0f;
    EACH_STRIP(m->dim, SUM_COLS, spread_strip(x, n, grad, scale, col, STRIP));
}

/* The windows of neighbouring centres overlap, and their ends are random, hence unpredictable
 * branches. So windows are not summed one by one: with running sums over a block's rows a window is
 * the difference of two sums, whatever its length; and what its rows get back is recorded where the
 * window begins and ends, and summed in one pass.
 *
 *     sums[i] = rows[0] + ... + rows[i - 1]     h = sums[hi + 1] - sums[lo] - rows[center]
 *     steps[lo] += grad, steps[hi + 1] -= grad  rows[i] += steps[0] + ... + steps[i] - own[i]
 *
 * Steps take the place of the sums, and are not cleared: noted[i] is 0 as long as steps[i] is still
 * a sum, and 1 from its first note on.
 */
FORCE_INLINE void sums_strip(float *sums, const float *const *rows, int32_t n, int32_t stride,
                             int32_t col, const int cols) {
    vf sum[SUM_COLS];
    UNROLL for (int c = 0; c < cols; c++) {
        sum[c] = vf_zero();
        vf_store(sums + col + c * VF_LANES, sum[c]);
    }
    for (int32_t i = 0; i < n; i++) {
        const float *from = rows[i] + col;
        float *to = row_at(sums, i + 1, stride) + col;
        UNROLL for (int c = 0; c < cols; c++) {
            sum[c] = vf_add(sum[c], vf_load(from + c * VF_LANES));
            vf_store(to + c * VF_LANES, sum[c]);
        }
    }
}

NO_INLINE void sum_rows(float *sums, const float *const *rows, int32_t n, int32_t dim,
                        int32_t stride) {
    EACH_STRIP(dim, SUM_COLS, sums_strip(sums, rows, n, stride, col, STRIP));
}

/* h = scale * (until - before - own) */
FORCE_INLINE void hidden_of(float *h, const float *until, const float *before, const float *own,
                            float scale, int32_t dim) {
    const vf factor = vf_set1(scale);
    for (int32_t k = 0; k < dim; k += VF_LANES) {
        const vf sum = vf_less(vf_load(until + k), vf_load(before + k));
        vf_store(h + k, vf_mul(factor, vf_less(sum, vf_load(own + k))));
    }
}

FORCE_INLINE void scale_row(float *row, float scale, int32_t dim) {
    const vf factor = vf_set1(scale);
    for (int32_t k = 0; k < dim; k += VF_LANES) vf_store(row + k, vf_mul(factor, vf_load(row + k)));
}

/* steps[first] += grad, steps[past] -= grad; the two differ. */
FORCE_INLINE void note_steps(float *steps, float *noted, int32_t first, int32_t past,
                             const float *grad, int32_t dim, int32_t stride) {
    float *const at_first = row_at(steps, first, stride), *const at_past =
                                                              row_at(steps, past, stride);
    const vf keep_first = vf_set1(noted[first]), keep_past = vf_set1(noted[past]);
    const vf minus = vf_set1(-1.0f);
    noted[first] = noted[past] = 1.0f;
    for (int32_t k = 0; k < dim; k += VF_LANES) {
        const vf g = vf_load(grad + k);
        vf_store(at_first + k, vf_fma(keep_first, vf_load(at_first + k), g));
        vf_store(at_past + k, vf_fma(keep_past, vf_load(at_past + k), vf_mul(minus, g)));
    }
}

FORCE_INLINE void steps_strip(float *const *rows, const float *steps, const float *noted,
                              const float *const *own, const int32_t *n_open, int32_t n,
                              int32_t stride, int32_t col, const int cols) {
    vf sum[SUM_COLS];
    UNROLL for (int c = 0; c < cols; c++) sum[c] = vf_zero();
    for (int32_t i = 0; i < n; i++) {
        if (n_open[i] == 0) { /* in no window: not moved, not even by what rounding left over */
            UNROLL for (int c = 0; c < cols; c++) sum[c] = vf_zero();
            continue;
        }
        const float *step = steps + (int64_t)i * stride + col, *but = own[i] + col;
        float *at = rows[i] + col;
        const vf is_noted = vf_set1(noted[i]);
        UNROLL for (int c = 0; c < cols; c++) {
            sum[c] = vf_fma(is_noted, vf_load(step + c * VF_LANES), sum[c]);
            const vf given = vf_less(sum[c], vf_load(but + c * VF_LANES));
            vf_store(at + c * VF_LANES, vf_add(vf_load(at + c * VF_LANES), given));
        }
    }
}

/* rows[i] += steps[0] + ... + steps[i] - own[i], where any of the n_open[i] windows is open. */
NO_INLINE void give_steps(float *const *rows, const float *steps, const float *noted,
                          const float *const *own, const int32_t *n_open, int32_t n, int32_t dim,
                          int32_t stride) {
    EACH_STRIP(dim, SUM_COLS, steps_strip(rows, steps, noted, own, n_open, n, stride, col, STRIP));
}
