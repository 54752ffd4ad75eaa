/* The functions of rows.h for one type. Before inclusion: REAL, MASK (an integer as wide), ROWS
 * (the struct), LANES (how many fill 64 bytes), EPSILON (one unit in the last place of 1), TINY and
 * HUGE_ (between them a sum of squares loses nothing), ROOT, MAGNITUDE and FUSED (functions of C:
 * root, absolute value, fused multiplication and addition), and NAME(x), the name of a function.
 * MULADD, if it is defined, is FUSED for half the lanes. */

#define GROUP 4
#define BLOCK 64
/* Rows are looked at twice: as many at a time as stay in the first cache. */
#define BLOCK_BYTES 12288

/* The lanes of a sum, in two registers. */
typedef REAL NAME(half) __attribute__((vector_size(32)));
typedef REAL NAME(quarter) __attribute__((vector_size(16)));
typedef MASK NAME(order) __attribute__((vector_size(16)));
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

FORCE_INLINE void NAME(scale_by)(struct NAME(lanes) * u, REAL factor) {
    u->a *= factor;
    u->b *= factor;
}

FORCE_INLINE void NAME(add_product)(struct NAME(lanes) * sum, const struct NAME(lanes) * u,
                                    const struct NAME(lanes) * v) {
#if defined(MULADD)
    sum->a = MULADD(u->a, v->a, sum->a);
    sum->b = MULADD(u->b, v->b, sum->b);
#else
    for (size_t i = 0; i < LANES / 2; i++) {
        sum->a[i] = FUSED(u->a[i], v->a[i], sum->a[i]);
        sum->b[i] = FUSED(u->b[i], v->b[i], sum->b[i]);
    }
#endif
}

/* Add up the lanes of four rows: each with the one half the lanes away, what that gives with the
 * one a quarter away, and so on. */
FORCE_INLINE void NAME(sums)(const struct NAME(lanes) * lanes, REAL *sums) {
    NAME(quarter) x[GROUP];
    UNROLL
    for (size_t i = 0; i < GROUP; i++) {
        NAME(half) half = lanes[i].a + lanes[i].b;
        NAME(quarter) high;
        memcpy(x + i, &half, sizeof high);
        memcpy(&high, (const char *)&half + sizeof high, sizeof high);
        x[i] += high;
    }
#define PAIR(a, b, ...) W2V_SHUFFLE(NAME(order), a, b, __VA_ARGS__)
#if LANES == 16
    NAME(quarter) first = PAIR(x[0], x[1], 0, 1, 4, 5) + PAIR(x[0], x[1], 2, 3, 6, 7);
    NAME(quarter) last = PAIR(x[2], x[3], 0, 1, 4, 5) + PAIR(x[2], x[3], 2, 3, 6, 7);
    NAME(quarter) all = PAIR(first, last, 0, 2, 4, 6) + PAIR(first, last, 1, 3, 5, 7);
    memcpy(sums, &all, sizeof all);
#else
    NAME(quarter) first = PAIR(x[0], x[1], 0, 2) + PAIR(x[0], x[1], 1, 3);
    NAME(quarter) last = PAIR(x[2], x[3], 0, 2) + PAIR(x[2], x[3], 1, 3);
    memcpy(sums, &first, sizeof first);
    memcpy(sums + 2, &last, sizeof last);
#endif
#undef PAIR
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
        dot_lane[lane] = FUSED(u, query[k], dot_lane[lane]);
        square_lane[lane] = FUSED(u, u, square_lane[lane]);
    }
    struct NAME(lanes) lanes[GROUP] = {NAME(load)(dot_lane), NAME(load)(square_lane)};
    REAL sums[GROUP];
    NAME(sums)(lanes, sums);
    *dot = sums[0];
    *square = sums[1];
}

/* Do something for each of four rows, whose sums have names and so live in registers: the additions
 * of one row would wait for each other. */
#define FOUR(step)                                                                                 \
    do {                                                                                           \
        step(0);                                                                                   \
        step(1);                                                                                   \
        step(2);                                                                                   \
        step(3);                                                                                   \
    } while (0)
#define GATHER {sum_0, sum_1, sum_2, sum_3}

/* The sums of the squares of four rows; those that are `ahead` of them are fetched into the second
 * cache meanwhile. */
FORCE_INLINE void NAME(squares)(const REAL *const *x, size_t dim, ptrdiff_t ahead, REAL *squares) {
    struct NAME(lanes) u, sum_0 = {0}, sum_1 = {0}, sum_2 = {0}, sum_3 = {0};
    if (dim < LANES) {
        struct NAME(scale) as_it_is = {1, 0, 0};
        REAL dot;
        for (size_t r = 0; r < GROUP; r++)
            NAME(slow_products)(x[r], as_it_is, x[r], dim, &dot, squares + r);
        return;
    }
#define WHOLE(r)                                                                                   \
    (W2V_PREFETCH_LATER(x[r] + i + ahead), u = NAME(load)(x[r] + i),                               \
     NAME(add_product)(&sum_##r, &u, &u))
#define REST(r) (u = NAME(load_rest)(x[r], dim), NAME(add_product)(&sum_##r, &u, &u))
    for (size_t i = 0; i + LANES <= dim; i += LANES) FOUR(WHOLE);
    if (dim % LANES) FOUR(REST);
#undef WHOLE
#undef REST
    struct NAME(lanes) lanes[GROUP] = GATHER;
    NAME(sums)(lanes, squares);
}

/* The dot products of the query and four rows at length 1; the rows that are `ahead` of them are
 * fetched meanwhile. */
FORCE_INLINE void NAME(products)(const REAL *const *x, const REAL *factors, const REAL *query,
                                 size_t dim, ptrdiff_t ahead, REAL *dots) {
    struct NAME(lanes) u, q, sum_0 = {0}, sum_1 = {0}, sum_2 = {0}, sum_3 = {0};
#define ADD(r)   (NAME(scale_by)(&u, factors[r]), NAME(add_product)(&sum_##r, &u, &q))
#define WHOLE(r) (W2V_PREFETCH_READ(x[r] + i + ahead), u = NAME(load)(x[r] + i), ADD(r))
#define REST(r)  (u = NAME(load_rest)(x[r], dim), ADD(r))
    for (size_t i = 0; i + LANES <= dim; i += LANES) {
        q = NAME(load)(query + i);
        FOUR(WHOLE);
    }
    if (dim % LANES) {
        q = NAME(load_rest)(query, dim);
        FOUR(REST);
    }
#undef ADD
#undef WHOLE
#undef REST
    struct NAME(lanes) lanes[GROUP] = GATHER;
    NAME(sums)(lanes, dots);
}

/* Dot products as `products` has them, and the sums of the squares, of two rows. */
FORCE_INLINE void NAME(both)(const REAL *const *x, const REAL *factors, const REAL *query,
                             size_t dim, ptrdiff_t ahead, REAL *dots, REAL *squares) {
    struct NAME(lanes) u, q, sum_0 = {0}, sum_1 = {0}, sum_2 = {0}, sum_3 = {0};
    REAL sums[GROUP];
#define ADD(r, s)                                                                                  \
    (NAME(add_product)(&sum_##s, &u, &u), NAME(scale_by)(&u, factors[r]),                          \
     NAME(add_product)(&sum_##r, &u, &q))
#define WHOLE(r, s) (W2V_PREFETCH_READ(x[r] + i + ahead), u = NAME(load)(x[r] + i), ADD(r, s))
#define REST(r, s)  (u = NAME(load_rest)(x[r], dim), ADD(r, s))
    for (size_t i = 0; i + LANES <= dim; i += LANES) {
        q = NAME(load)(query + i);
        WHOLE(0, 2);
        WHOLE(1, 3);
    }
    if (dim % LANES) {
        q = NAME(load_rest)(query, dim);
        REST(0, 2);
        REST(1, 3);
    }
#undef ADD
#undef WHOLE
#undef REST
    struct NAME(lanes) lanes[GROUP] = GATHER;
    NAME(sums)(lanes, sums);
    memcpy(dots, sums, 2 * sizeof(REAL));
    memcpy(squares, sums + 2, 2 * sizeof(REAL));
}

#undef FOUR
#undef GATHER

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
FORCE_INLINE REAL NAME(tolerance)(size_t dim) { return (REAL)(dim / LANES + 10) * EPSILON; }

FORCE_INLINE struct NAME(scale) NAME(find_scale)(const REAL *x, size_t dim, REAL square) {
    struct NAME(scale) scale = {1, 0, 0};
    if (!(square > TINY && square < HUGE_)) return NAME(two_steps)(x, dim);
    if (MAGNITUDE(square - 1) > NAME(tolerance)(dim)) scale.factor = 1 / ROOT(square);
    return scale;
}

/* Where n rows are, all of them or those of ids from `start` on. The last stands for what is
 * missing in a group. Returns n, rounded up to whole groups. */
FORCE_INLINE size_t NAME(pick)(const struct ROWS *rows, const int64_t *ids, size_t start, size_t n,
                               const REAL **x) {
    size_t n_picked = (n + GROUP - 1) / GROUP * GROUP;
    for (size_t i = 0; i < n; i++) {
        ptrdiff_t row = ids ? (ptrdiff_t)ids[start + i] : (ptrdiff_t)(start + i);
        x[i] = rows->values + row * rows->stride;
    }
    for (size_t i = n; i < n_picked; i++) x[i] = x[n - 1];
    return n_picked;
}

static void NAME(unit)(const struct ROWS *rows, REAL *out) {
    for (size_t start = 0; start < rows->n; start += GROUP) {
        size_t n = rows->n - start < GROUP ? rows->n - start : GROUP;
        const REAL *x[GROUP];
        REAL squares[GROUP];
        NAME(pick)(rows, NULL, start, n, x);
        NAME(squares)(x, rows->dim, 0, squares);
        for (size_t i = 0; i < n; i++) {
            struct NAME(scale) scale = NAME(find_scale)(x[i], rows->dim, squares[i]);
            REAL *row = out + (start + i) * rows->dim;
            for (size_t k = 0; k < rows->dim; k++) row[k] = NAME(scaled)(x[i][k], scale);
        }
    }
}

static void NAME(lengths)(const struct ROWS *rows, double *out) {
    for (size_t start = 0; start < rows->n; start += GROUP) {
        size_t n = rows->n - start < GROUP ? rows->n - start : GROUP;
        const REAL *x[GROUP];
        REAL squares[GROUP];
        NAME(pick)(rows, NULL, start, n, x);
        NAME(squares)(x, rows->dim, 0, squares);
        for (size_t i = 0; i < n; i++) {
            out[start + i] = sqrt((double)squares[i]);
            if (squares[i] > TINY && squares[i] < HUGE_) continue;
            struct NAME(scale) scale = NAME(two_steps)(x[i], rows->dim);
            out[start + i] = scale.most == 0 ? 0 : scale.most * scale.rest;
        }
    }
}

/* Tell whether all of n numbers lie between two. */
FORCE_INLINE int NAME(all_between)(const REAL *x, size_t n, REAL least, REAL most) {
    MASK inside = 1;
    for (size_t i = 0; i < n; i++) inside &= (x[i] > least) & (x[i] < most);
    return inside != 0;
}

/* How near to 1 a dot product may come before the lengths that rounding has left decide. */
FORCE_INLINE REAL NAME(limit)(size_t dim) { return 1 - 2 * NAME(tolerance)(dim); }

/* The cosine of any row, in plain C. */
NO_INLINE float NAME(cosine)(const REAL *x, REAL square, const REAL *query, size_t dim) {
    struct NAME(scale) as_it_is = {1, 0, 0};
    REAL dot, query_square;
    NAME(slow_products)(x, NAME(find_scale)(x, dim, square), query, dim, &dot, &square);
    if (MAGNITUDE(dot) < NAME(limit)(dim)) return (float)dot;
    NAME(slow_products)(query, as_it_is, query, dim, &query_square, &query_square);
    double cosine = (double)dot / sqrt((double)square * (double)query_square);
    return (float)(cosine > 1 ? 1 : cosine < -1 ? -1 : cosine);
}

FORCE_INLINE void NAME(find_factors)(const REAL *squares, size_t n, REAL tolerance, REAL *factors) {
    for (size_t i = 0; i < n; i++) factors[i] = 1 / ROOT(squares[i]);
    for (size_t i = 0; i < n; i++)
        factors[i] = MAGNITUDE(squares[i] - 1) <= tolerance ? 1 : factors[i];
}

static void NAME(cosines)(const struct ROWS *rows, const REAL *query, const int64_t *ids,
                          size_t n_out, REAL *guesses, float *out) {
    size_t dim = rows->dim, block = BLOCK_BYTES / (dim * sizeof(REAL)) / GROUP * GROUP;
    REAL tolerance = NAME(tolerance)(dim), limit = NAME(limit)(dim);
    block = block < 2 * GROUP ? 2 * GROUP : block > BLOCK ? BLOCK : block;
    ptrdiff_t ahead = (ptrdiff_t)block * rows->stride;
    /* Each step for a whole block, so that roots and quotients come several at a time, and no sum
     * waits for them. */
    for (size_t start = 0; start < n_out; start += block) {
        size_t n = n_out - start < block ? n_out - start : block;
        const REAL *x[BLOCK];
        REAL dots[BLOCK], squares[BLOCK], guess[BLOCK], factors[BLOCK];
        float cosines[BLOCK];
        size_t n_picked = NAME(pick)(rows, ids, start, n, x);
        int found = 0, guessed = guesses && !ids && n == n_picked && dim >= LANES;
        if (guessed) {
            /* A copy, because other threads may be writing. */
            memcpy(guess, guesses + start, n * sizeof(REAL));
            NAME(find_factors)(guess, n, tolerance, factors);
            for (size_t i = 0; i < n; i += 2)
                NAME(both)(x + i, factors + i, query, dim, GROUP * rows->stride, dots + i,
                           squares + i);
            found = memcmp(guess, squares, n * sizeof(REAL)) == 0;
            if (!found) memcpy(guesses + start, squares, n * sizeof(REAL));
        }
        if (!found) {
            for (size_t i = 0; i < n_picked && !guessed; i += GROUP)
                NAME(squares)(x + i, dim, 2 * ahead, squares + i);
            NAME(find_factors)(squares, n_picked, tolerance, factors);
            for (size_t i = 0; i < n_picked && dim >= LANES; i += GROUP)
                NAME(products)(x + i, factors + i, query, dim, ahead, dots + i);
        }
        if (dim >= LANES && NAME(all_between)(squares, n_picked, TINY, HUGE_) &&
            NAME(all_between)(dots, n_picked, -limit, limit)) {
            for (size_t i = 0; i < n_picked; i++) cosines[i] = (float)dots[i];
        } else {
            for (size_t i = 0; i < n; i++) {
                int usual = dim >= LANES && squares[i] > TINY && squares[i] < HUGE_ &&
                            MAGNITUDE(dots[i]) < limit;
                cosines[i] = usual ? (float)dots[i] : NAME(cosine)(x[i], squares[i], query, dim);
            }
        }
        memcpy(out + start, cosines, n * sizeof(float));
    }
}

#undef GROUP
#undef BLOCK
#undef BLOCK_BYTES
