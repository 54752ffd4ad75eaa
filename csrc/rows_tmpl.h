/* The functions of rows.h for one type. Before inclusion: REAL, ROWS (the struct), EPSILON (one
 * unit in the last place of 1), TINY and HUGE_ (between them a sum of squares loses nothing), and
 * NAME(x), the name of a function. */

#define LANES (64 / sizeof(REAL))
#define BLOCK 8

/* The lanes of a sum, in two registers. */
typedef REAL NAME(half) __attribute__((vector_size(32)));
typedef REAL NAME(quarter) __attribute__((vector_size(16)));
struct NAME(lanes) {
    NAME(half) a, b;
};

FORCE_INLINE struct NAME(lanes) NAME(load)(const REAL *x) {
    struct NAME(lanes) all;
    memcpy(&all.a, x, sizeof all.a);
    memcpy(&all.b, x + LANES / 2, sizeof all.b);
    return all;
}

/* The last LANES values of a row of dim, without those that whole steps have had. */
FORCE_INLINE struct NAME(lanes) NAME(load_rest)(const REAL *x, size_t dim) {
    static const REAL keep[32] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct NAME(lanes) all = NAME(load)(x + dim - LANES);
    struct NAME(lanes) mask = NAME(load)(keep + 16 - LANES + dim % LANES);
    all.a *= mask.a;
    all.b *= mask.b;
    return all;
}

FORCE_INLINE REAL NAME(sum)(const struct NAME(lanes) * all) {
    NAME(half) half = all->a + all->b;
    NAME(quarter) low, high;
    memcpy(&low, &half, sizeof low);
    memcpy(&high, (const char *)&half + sizeof low, sizeof high);
    low += high;
    REAL part[LANES / 4];
    memcpy(part, &low, sizeof part);
    for (size_t n = LANES / 8; n > 0; n /= 2)
        for (size_t i = 0; i < n; i++) part[i] += part[i + n];
    return part[0];
}

/* How to bring a row to length 1: x * factor. Where that would overflow or vanish, factor is 0 and
 * it takes two steps, x / most / rest; a row of zeros has most == 0. */
struct NAME(scale) {
    REAL factor;
    double most, rest;
};

FORCE_INLINE REAL NAME(scaled)(REAL x, struct NAME(scale) scale) {
    if (scale.factor > 0) return x * scale.factor;
    return scale.most == 0 ? 0 : (REAL)((double)x / scale.most / scale.rest);
}

/* Dot product with the query, and squares, of a row at length 1, in plain C: for rows that are
 * shorter than LANES or need two steps of scaling. The lanes are those of load and load_rest. */
NO_INLINE void NAME(slow_products)(const REAL *x, struct NAME(scale) scale, const REAL *query,
                                   size_t dim, REAL *dot, REAL *square) {
    REAL dot_lane[LANES] = {0}, square_lane[LANES] = {0};
    for (size_t k = 0; k < dim; k++) {
        size_t lane = k < dim - dim % LANES ? k % LANES : k + LANES - dim;
        REAL u = NAME(scaled)(x[k], scale);
        dot_lane[lane] += u * query[k];
        square_lane[lane] += u * u;
    }
    struct NAME(lanes) dots = NAME(load)(dot_lane), squares = NAME(load)(square_lane);
    *dot = NAME(sum)(&dots);
    *square = NAME(sum)(&squares);
}

/* The sums of the squares of two rows: one would wait for its own additions. */
FORCE_INLINE void NAME(squares)(const REAL *x, const REAL *y, size_t dim, REAL *squares) {
    struct NAME(lanes) sum_x = {0}, sum_y = {0}, u;
    if (dim < LANES) {
        REAL dot;
        struct NAME(scale) as_it_is = {1, 0, 0};
        NAME(slow_products)(x, as_it_is, x, dim, &dot, squares);
        NAME(slow_products)(y, as_it_is, y, dim, &dot, squares + 1);
        return;
    }
    for (size_t i = 0; i + LANES <= dim; i += LANES) {
        u = NAME(load)(x + i);
        sum_x.a += u.a * u.a;
        sum_x.b += u.b * u.b;
        u = NAME(load)(y + i);
        sum_y.a += u.a * u.a;
        sum_y.b += u.b * u.b;
    }
    if (dim % LANES) {
        u = NAME(load_rest)(x, dim);
        sum_x.a += u.a * u.a;
        sum_x.b += u.b * u.b;
        u = NAME(load_rest)(y, dim);
        sum_y.a += u.a * u.a;
        sum_y.b += u.b * u.b;
    }
    squares[0] = NAME(sum)(&sum_x);
    squares[1] = NAME(sum)(&sum_y);
}

/* The way of two steps: the largest magnitude, and the length of the row divided by it. */
NO_INLINE struct NAME(scale) NAME(two_steps)(const REAL *x, size_t dim) {
    struct NAME(scale) scale = {0, 0, 0};
    for (size_t i = 0; i < dim; i++) {
        double value = fabs((double)x[i]);
        if (!(value <= scale.most)) scale.most = value;
        if (isnan(value)) break;
    }
    double sum = 0;
    for (size_t i = 0; i < dim && scale.most != 0; i++) {
        double value = (double)x[i] / scale.most;
        sum += value * value;
    }
    scale.rest = sqrt(sum);
    return scale;
}

/* How far from 1 rounding can take the sum of the squares of a row at length 1. */
FORCE_INLINE REAL NAME(tolerance)(size_t dim) { return (REAL)(dim / LANES + 8) * EPSILON; }

FORCE_INLINE struct NAME(scale) NAME(find_scale)(const REAL *x, size_t dim, REAL square) {
    struct NAME(scale) scale = {1, 0, 0};
    REAL tolerance = NAME(tolerance)(dim);
    if (!(square > TINY && square < HUGE_)) return NAME(two_steps)(x, dim);
    if (square < 1 - tolerance || square > 1 + tolerance)
        scale.factor = (REAL)(1 / sqrt((double)square));
    return scale;
}

static void NAME(unit)(const struct ROWS *rows, REAL *out) {
    for (size_t i = 0; i < rows->n; i++) {
        const REAL *x = rows->values + (ptrdiff_t)i * rows->stride;
        REAL square[2];
        NAME(squares)(x, x, rows->dim, square);
        struct NAME(scale) scale = NAME(find_scale)(x, rows->dim, square[0]);
        for (size_t k = 0; k < rows->dim; k++) out[i * rows->dim + k] = NAME(scaled)(x[k], scale);
    }
}

static void NAME(lengths)(const struct ROWS *rows, double *out) {
    for (size_t i = 0; i < rows->n; i++) {
        const REAL *x = rows->values + (ptrdiff_t)i * rows->stride;
        REAL square[2];
        NAME(squares)(x, x, rows->dim, square);
        out[i] = sqrt((double)square[0]);
        if (!(square[0] > TINY && square[0] < HUGE_)) {
            struct NAME(scale) scale = NAME(two_steps)(x, rows->dim);
            out[i] = scale.most == 0 ? 0 : scale.most * scale.rest;
        }
    }
}

/* Dot products with the query, and the squares, of two rows at length 1; the rows that are `ahead`
 * of them are fetched meanwhile. */
FORCE_INLINE void NAME(products)(const REAL *x, REAL factor_x, const REAL *y, REAL factor_y,
                                 const REAL *query, size_t dim, ptrdiff_t ahead, REAL *dots,
                                 REAL *squares) {
    struct NAME(lanes) dot_x = {0}, dot_y = {0}, square_x = {0}, square_y = {0}, u, q;
#define ADD(row, factor)                                                                           \
    u.a *= (factor);                                                                               \
    u.b *= (factor);                                                                               \
    dot_##row.a += u.a * q.a;                                                                      \
    dot_##row.b += u.b * q.b;                                                                      \
    square_##row.a += u.a * u.a;                                                                   \
    square_##row.b += u.b * u.b;
    for (size_t i = 0; i + LANES <= dim; i += LANES) {
        W2V_PREFETCH_READ(x + i + ahead);
        W2V_PREFETCH_READ(y + i + ahead);
        q = NAME(load)(query + i);
        u = NAME(load)(x + i);
        ADD(x, factor_x)
        u = NAME(load)(y + i);
        ADD(y, factor_y)
    }
    if (dim % LANES) {
        q = NAME(load_rest)(query, dim);
        u = NAME(load_rest)(x, dim);
        ADD(x, factor_x)
        u = NAME(load_rest)(y, dim);
        ADD(y, factor_y)
    }
#undef ADD
    dots[0] = NAME(sum)(&dot_x);
    dots[1] = NAME(sum)(&dot_y);
    squares[0] = NAME(sum)(&square_x);
    squares[1] = NAME(sum)(&square_y);
}

static void NAME(cosines)(const struct ROWS *rows, const REAL *query, const int64_t *ids,
                          size_t n_out, float *out) {
    REAL query_square[2];
    size_t dim = rows->dim;
    REAL tolerance = NAME(tolerance)(dim);
    NAME(squares)(query, query, dim, query_square);
    /* Block by block, so that the roots of one row do not hold up the sums of the next. */
    for (size_t start = 0; start < n_out; start += BLOCK) {
        size_t n = n_out - start < BLOCK ? n_out - start : BLOCK;
        const REAL *x[BLOCK];
        REAL dots[BLOCK], squares[BLOCK], factors[BLOCK];
        float cosines[BLOCK];
        for (size_t i = 0; i < BLOCK; i++) {
            /* A block that is not full repeats its last row. */
            size_t at = start + (i < n ? i : n - 1);
            x[i] = rows->values + (ids ? (ptrdiff_t)ids[at] : (ptrdiff_t)at) * rows->stride;
        }
        for (size_t i = 0; i < BLOCK; i += 2) NAME(squares)(x[i], x[i + 1], dim, squares + i);
        int usual = dim >= LANES;
        for (size_t i = 0; i < BLOCK; i++) {
            usual &= (squares[i] > TINY) & (squares[i] < HUGE_);
            int is_unit = (squares[i] >= 1 - tolerance) & (squares[i] <= 1 + tolerance);
            REAL factor = (REAL)(1 / sqrt((double)squares[i]));
            factors[i] = is_unit ? 1 : factor;
        }
        if (usual) {
            for (size_t i = 0; i < BLOCK; i += 2)
                NAME(products)(x[i], factors[i], x[i + 1], factors[i + 1], query, dim,
                               BLOCK * rows->stride, dots + i, squares + i);
        } else {
            for (size_t i = 0; i < BLOCK; i++)
                NAME(slow_products)(x[i], NAME(find_scale)(x[i], dim, squares[i]), query, dim,
                                    dots + i, squares + i);
        }
        for (size_t i = 0; i < BLOCK; i++) {
            double square = (double)squares[i] * (double)query_square[0];
            double cosine = (double)dots[i] / sqrt(square);
            /* Rounding can lead beyond 1; a row or a query of zeros has the cosine 0. */
            cosine = cosine > 1 ? 1 : cosine < -1 ? -1 : cosine;
            cosines[i] = square == 0 ? 0 : (float)cosine;
        }
        memcpy(out + start, cosines, n * sizeof(float));
    }
}

#undef LANES
#undef BLOCK
