/* What the models are made of, in the vocabulary of simd_<isa>.h: rows times rows, in tiles that
 * stay in registers, and sigmoids. No model, no corpus.
 */
/* A panel is NV vectors wide; half a panel is enough for 8 noise rows, and leaves registers for
 * twice as many rows of the other side. */
enum {
    NV = W2V_LANES / VF_LANES,
    HALF = NV > 1 ? NV / 2 : NV,
    HALF_ROWS = NV > 1 ? 2 * SCORE_ROWS : SCORE_ROWS
};

FORCE_INLINE vf vf_less(vf a, vf b) { return vf_fma(vf_set1(-1.0f), b, a); }

FORCE_INLINE float *row_at(float *matrix, int32_t id, int32_t stride) {
    return matrix + (int64_t)id * stride;
}

FORCE_INLINE void prefetch(const float *row, int32_t stride) {
    for (int32_t k = 0; k < stride; k += W2V_LANES) W2V_PREFETCH(row + k);
}

FORCE_INLINE void dots_tile(float *out, const float *const *x, const int x_step,
                            const float *const *y, int32_t stride, const int rows) {
    vf sum[4][NV];
    UNROLL for (int r = 0; r < 4; r++) {
        UNROLL for (int v = 0; v < NV; v++) sum[r][v] = vf_zero();
    }
    for (int32_t k = 0; k < stride; k += W2V_LANES) {
        UNROLL for (int v = 0; v < NV; v++) {
            UNROLL for (int r = 0; r < rows; r++) sum[r][v] =
                vf_fma(vf_load(x[r * x_step] + k + v * VF_LANES), vf_load(y[r] + k + v * VF_LANES),
                       sum[r][v]);
        }
    }
    vf_reduce4(out, sum);
}

FORCE_INLINE void dots_of(float *out, const float *const *x, const int x_step,
                          const float *const *y, int32_t n, int32_t stride) {
    int32_t i = 0;
    for (; i + 4 <= n; i += 4) dots_tile(out + i, x + i * x_step, x_step, y + i, stride, 4);
    x += i * x_step;
    if (n - i == 3) dots_tile(out + i, x, x_step, y + i, stride, 3);
    if (n - i == 2) dots_tile(out + i, x, x_step, y + i, stride, 2);
    if (n - i == 1) dots_tile(out + i, x, x_step, y + i, stride, 1);
}

/* Writes n rounded up to a multiple of 4. */
NO_INLINE void dots(float *out, const float *x, const float *const *y, int32_t n, int32_t stride) {
    dots_of(out, &x, 0, y, n, stride);
}

/* out[2 i] = x[0] . y[i], out[2 i + 1] = x[1] . y[i]; reads and writes n rounded up to even. Of a
 * tile's four rows each is read once; left alone, the compiler reads two of them twice. */
NO_INLINE void dots_of_two(float *out, const float *const *x, const float *const *y, int32_t n,
                           int32_t stride) {
    for (int32_t i = 0; i < n; i += 2) {
        vf sum[4][NV];
        UNROLL for (int r = 0; r < 4; r++) {
            UNROLL for (int v = 0; v < NV; v++) sum[r][v] = vf_zero();
        }
        for (int32_t k = 0; k < stride; k += W2V_LANES) {
            UNROLL for (int v = 0; v < NV; v++) {
                vf few[2], many[2];
                UNROLL for (int r = 0; r < 2; r++) {
                    few[r] = vf_load(x[r] + k + v * VF_LANES);
                    many[r] = vf_load(y[i + r] + k + v * VF_LANES);
                    W2V_KEEP_VECTOR(few[r]);
                    W2V_KEEP_VECTOR(many[r]);
                }
                UNROLL for (int r = 0; r < 4; r++) sum[r][v] =
                    vf_fma(few[r & 1], many[r >> 1], sum[r][v]);
            }
        }
        vf_reduce4(out + 2 * i, sum);
    }
}

/* out[i] = x[i] . y[i]; writes n rounded up to a multiple of 4. */
NO_INLINE void pair_dots(float *out, const float *const *x, const float *const *y, int32_t n,
                         int32_t stride) {
    dots_of(out, x, 1, y, n, stride);
}

NO_INLINE void sigmoid(float *out, const float *in, int32_t n, const float *table) {
    for (int32_t i = 0; i < n; i += VF_LANES) vf_store(out + i, vf_lookup(table, vf_load(in + i)));
}

FORCE_INLINE void pack_rows(float *panel, float *copy, const float *const *rows, int32_t n_rows,
                            const float *zeros, int32_t stride, const int with_copy) {
    for (int32_t lane = 0; lane < n_rows; lane += VF_LANES) {
        const float *from[VF_LANES];
        for (int i = 0; i < VF_LANES; i++) from[i] = lane + i < n_rows ? rows[lane + i] : zeros;
        for (int32_t k = 0; k < stride; k += VF_LANES) {
            vf square[VF_LANES];
            UNROLL for (int i = 0; i < VF_LANES; i++) {
                square[i] = vf_load(from[i] + k);
                if (with_copy) vf_store(copy + (lane + i) * stride + k, square[i]);
            }
            vf_transpose(square);
            UNROLL for (int i = 0; i < VF_LANES; i++)
                vf_store(panel + (k + i) * W2V_PANEL + lane, square[i]);
        }
    }
}

NO_INLINE void pack(float *panel, const float *const *rows, int32_t n_rows, const float *zeros,
                    int32_t stride) {
    pack_rows(panel, NULL, rows, n_rows, zeros, stride, 0);
}

NO_INLINE void pack_and_copy(float *panel, float *copy, const float *const *rows, int32_t n_rows,
                             const float *zeros, int32_t stride) {
    pack_rows(panel, copy, rows, n_rows, zeros, stride, 1);
}

FORCE_INLINE void scores_tile(float *out, const float *const *x, const float *panel, int32_t dim,
                              const int rows, const int cols) {
    vf sum[HALF_ROWS][NV];
    const float *row[HALF_ROWS];
    UNROLL for (int r = 0; r < rows; r++) {
        row[r] = x[r];
        UNROLL for (int v = 0; v < cols; v++) sum[r][v] = vf_zero();
    }
    for (int32_t k = 0; k < dim; k++) {
        vf noise[NV];
        UNROLL for (int v = 0; v < cols; v++) noise[v] =
            vf_load(panel + k * W2V_PANEL + v * VF_LANES);
        UNROLL for (int r = 0; r < rows; r++) {
            const vf xk = vf_set1(row[r][k]);
            UNROLL for (int v = 0; v < cols; v++) sum[r][v] = vf_fma(xk, noise[v], sum[r][v]);
        }
    }
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int v = 0; v < cols; v++)
            vf_store(out + r * W2V_PANEL + v * VF_LANES, sum[r][v]);
    }
}

/* n cut into the fewest tiles of at most `most`, as even as can be, the larger ones first. */
typedef struct {
    int32_t n_tiles, smallest, n_larger;
} cuts;

FORCE_INLINE cuts cut(int32_t n, int32_t most) {
    const int32_t n_tiles = n > most ? (n + most - 1) / most : 1;
    return (cuts){n_tiles, n / n_tiles, n % n_tiles};
}

FORCE_INLINE int32_t next_tile(cuts *left) {
    left->n_tiles--;
    return left->smallest + (left->n_larger-- > 0);
}

/* One case of a switch over the size of a tile; `most` is a constant, so that the cases beyond it
 * cost nothing. */
#define TILE_CASE(size, most, call)                                                                \
    case size: {                                                                                   \
        enum { TILE = (size) <= (most) ? (size) : 1 };                                             \
        call;                                                                                      \
        break;                                                                                     \
    }

/* Cut a row's columns into strips of at most `most` vectors; `call` handles STRIP vectors from
 * column `col` on, and STRIP is a constant in it. */
#define EACH_STRIP(dim, most, call)                                                                \
    cuts left_ = cut(((dim) + VF_LANES - 1) / VF_LANES, most);                                     \
    for (int32_t col = 0, strip_; left_.n_tiles > 0; col += strip_ * VF_LANES) {                   \
        strip_ = next_tile(&left_);                                                                \
        STRIPS_TO_13(most, call)                                                                   \
    }
/* clang-format off */
#define STRIPS_TO_13(most, call)                                                                   \
    switch (strip_) {                                                                              \
        STRIP_CASE(1, most, call) STRIP_CASE(2, most, call) STRIP_CASE(3, most, call)              \
        STRIP_CASE(4, most, call) STRIP_CASE(5, most, call) STRIP_CASE(6, most, call)              \
        STRIP_CASE(7, most, call) STRIP_CASE(8, most, call) STRIP_CASE(9, most, call)              \
        STRIP_CASE(10, most, call) STRIP_CASE(11, most, call) STRIP_CASE(12, most, call)           \
        STRIP_CASE(13, most, call)                                                                 \
        default: break;                                                                            \
    }
/* clang-format on */
#define STRIP_CASE(size, most, call)                                                               \
    case size: {                                                                                   \
        const int STRIP = size;                                                                    \
        if (STRIP <= (most)) call;                                                                 \
        break;                                                                                     \
    }

#define SCORES(size, most, cols) TILE_CASE(size, most, scores_tile(out, x, panel, dim, TILE, cols))
/* clang-format off */
#define EACH_SCORES_TILE(most, cols)                                                               \
    for (cuts left = cut(n, most); left.n_tiles > 0;) {                                            \
        const int32_t rows = next_tile(&left);                                                     \
        switch (rows) {                                                                            \
            SCORES(1, most, cols) SCORES(2, most, cols) SCORES(3, most, cols)                      \
            SCORES(4, most, cols) SCORES(5, most, cols) SCORES(6, most, cols)                      \
            SCORES(7, most, cols) SCORES(8, most, cols) SCORES(9, most, cols)                      \
            SCORES(10, most, cols) SCORES(11, most, cols) SCORES(12, most, cols)                   \
            SCORES(13, most, cols) SCORES(14, most, cols) SCORES(15, most, cols)                   \
            SCORES(16, most, cols)                                                                 \
            default: break;                                                                        \
        }                                                                                          \
        out += rows * W2V_PANEL, x += rows;                                                        \
    }
/* clang-format on */

NO_INLINE void scores(float *out, const float *const *x, int32_t n, const float *panel,
                      int32_t n_noise, int32_t dim) {
    if (n_noise > HALF * VF_LANES) {
        EACH_SCORES_TILE(SCORE_ROWS, NV)
    } else {
        EACH_SCORES_TILE(HALF_ROWS, HALF)
    }
}

/* The sums are added to the rows at the end: a row that occurs twice loses nothing, and what
 * another worker wrote in the meantime is kept. The two steps are constants wherever this is
 * expanded, so that a factor's address costs no instruction. */
FORCE_INLINE void accumulate_tile(float *const *dst, const float *const *src, int32_t n_src,
                                  const float *coef, const int dst_step, const int src_step,
                                  int32_t col, const int rows, const int cols) {
    vf sum[TILE_ROWS][TILE_COLS];
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int c = 0; c < cols; c++) sum[r][c] = vf_zero();
    }
    UNROLL_4 for (int32_t s = 0; s < n_src; s++, coef += src_step) {
        const float *at = src[s] + col;
        vf row[TILE_COLS];
        UNROLL for (int c = 0; c < cols; c++) row[c] = vf_load(at + c * VF_LANES);
        UNROLL for (int r = 0; r < rows; r++) {
            const vf g = vf_set1(coef[r * dst_step]);
            UNROLL for (int c = 0; c < cols; c++) sum[r][c] = vf_fma(g, row[c], sum[r][c]);
        }
    }
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int c = 0; c < cols; c++) {
            float *at = dst[r] + col + c * VF_LANES;
            vf_store(at, vf_add(vf_load(at), sum[r][c]));
        }
    }
}

FORCE_INLINE void accumulate_columns(float *const *dst, int32_t n_dst, const float *const *src,
                                     int32_t n_src, const float *coef, const int dst_step,
                                     const int src_step, int32_t col, const int cols) {
#define ROWS(size)                                                                                 \
    TILE_CASE(size, TILE_ROWS,                                                                     \
              accumulate_tile(dst, src, n_src, coef, dst_step, src_step, col, TILE, cols))
    for (cuts left = cut(n_dst, TILE_ROWS); left.n_tiles > 0;) {
        const int32_t rows = next_tile(&left);
        /* clang-format off */
        switch (rows) {
            ROWS(1) ROWS(2) ROWS(3) ROWS(4) ROWS(5) ROWS(6)
            default: break;
        }
        /* clang-format on */
        dst += rows, coef += rows * dst_step;
    }
#undef ROWS
}

FORCE_INLINE void accumulate_by(float *const *dst, int32_t n_dst, const float *const *src,
                                int32_t n_src, const float *coef, const int dst_step,
                                const int src_step, int32_t dim) {
#define COLUMNS(size)                                                                              \
    TILE_CASE(size, TILE_COLS,                                                                     \
              accumulate_columns(dst, n_dst, src, n_src, coef, dst_step, src_step, col, TILE))
    cuts left = cut((dim + VF_LANES - 1) / VF_LANES, TILE_COLS);
    for (int32_t col = 0; left.n_tiles > 0;) {
        const int32_t cols = next_tile(&left);
        /* clang-format off */
        switch (cols) {
            COLUMNS(1) COLUMNS(2) COLUMNS(3) COLUMNS(4) COLUMNS(5) COLUMNS(6)
            default: break;
        }
        /* clang-format on */
        col += cols * VF_LANES;
    }
#undef COLUMNS
}

NO_INLINE void accumulate(float *const *dst, int32_t n_dst, const float *const *src, int32_t n_src,
                          const float *coef, int32_t dim) {
    accumulate_by(dst, n_dst, src, n_src, coef, W2V_PANEL, 1, dim);
}

NO_INLINE void accumulate_transposed(float *const *dst, int32_t n_dst, const float *const *src,
                                     int32_t n_src, const float *coef, int32_t dim) {
    accumulate_by(dst, n_dst, src, n_src, coef, 1, W2V_PANEL, dim);
}

/* ------------------------------------------------------- yardsticks, for benchmarks only */

/* Twelve chains hide the latency of a multiply-add on any processor with up to two units. */
enum { CHAINS = 12 };

NO_INLINE int64_t fma_chains(float *out, int64_t n) {
    const vf half = vf_set1(0.5f);
    vf chain[CHAINS];
    UNROLL for (int c = 0; c < CHAINS; c++) chain[c] = vf_set1((float)c);
    for (int64_t i = 0; i < n; i++) {
        UNROLL for (int c = 0; c < CHAINS; c++) chain[c] = vf_fma(chain[c], half, half);
    }
    UNROLL for (int c = 1; c < CHAINS; c++) chain[0] = vf_add(chain[0], chain[c]);
    vf_store(out, chain[0]);
    return n * CHAINS * VF_LANES * 2;
}

NO_INLINE void read_all(float *out, const float *from, int64_t n) {
    enum { STEP = 8 * VF_LANES };
    vf sum[8];
    UNROLL for (int c = 0; c < 8; c++) sum[c] = vf_zero();
    int64_t k = 0;
    for (; k + STEP <= n; k += STEP) {
        UNROLL for (int c = 0; c < 8; c++) sum[c] =
            vf_add(sum[c], vf_load(from + k + c * VF_LANES));
    }
    for (; k < n; k += VF_LANES) sum[0] = vf_add(sum[0], vf_load(from + k));
    UNROLL for (int c = 1; c < 8; c++) sum[0] = vf_add(sum[0], sum[c]);
    vf_store(out, sum[0]);
}
