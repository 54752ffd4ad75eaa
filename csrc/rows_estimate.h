/* rows_estimates_f32 for one instruction set. Before inclusion: NAME(x), the name of a function,
 * and MULADD(a, b, c), a * b + c in eight lanes, fused or not. */

typedef float NAME(eight) __attribute__((vector_size(32)));
typedef float NAME(four) __attribute__((vector_size(16)));

FORCE_INLINE float NAME(add_up)(const NAME(eight) * sums) {
    NAME(four) low, high;
    memcpy(&low, sums, sizeof low);
    memcpy(&high, (const char *)sums + sizeof low, sizeof high);
    low += high;
    return (low[0] + low[2]) + (low[1] + low[3]);
}

/* The same step for each of the four rows, whose sums have names and so live in registers. */
#define FOUR(step)                                                                                 \
    do {                                                                                           \
        step(0);                                                                                   \
        step(1);                                                                                   \
        step(2);                                                                                   \
        step(3);                                                                                   \
    } while (0)
#define ADD(r)                                                                                     \
    (memcpy(&u, x[r] + i, sizeof u), dot_##r = MULADD(u, q, dot_##r),                              \
     square_##r = MULADD(u, u, square_##r))
#define ADD_REST(r)                                                                                \
    (memcpy(&u, x[r] + i, sizeof u), u *= mask, dot_##r = MULADD(u, q, dot_##r),                   \
     square_##r = MULADD(u, u, square_##r))
#define ADD_UP(r) (dots[r] = NAME(add_up)(&dot_##r), squares[r] = NAME(add_up)(&square_##r))

static void NAME(estimates)(const struct rows_f32 *rows, const float *query, float *out) {
    static const float keep[16] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1};
    size_t dim = rows->dim, last = rows->n - 1;
    /* The next four are fetched meanwhile. */
    ptrdiff_t ahead = 4 * rows->stride;
    for (size_t start = 0; start <= last; start += 4) {
        /* Four rows, because one would wait for its own additions; at the end some come twice. */
        const float *x[4];
        for (size_t r = 0; r < 4; r++) {
            size_t row = start + r < last ? start + r : last;
            x[r] = rows->values + (ptrdiff_t)row * rows->stride;
        }
        NAME(eight) q, u, mask, dot_0 = {0}, dot_1 = {0}, dot_2 = {0}, dot_3 = {0};
        NAME(eight) square_0 = {0}, square_1 = {0}, square_2 = {0}, square_3 = {0};
        size_t i = 0;
        for (; i + 16 <= dim; i += 8) {
            for (size_t r = 0; r < 4; r++) W2V_PREFETCH_READ(x[r] + i + ahead);
            memcpy(&q, query + i, sizeof q);
            FOUR(ADD);
            i += 8;
            memcpy(&q, query + i, sizeof q);
            FOUR(ADD);
        }
        for (; i + 8 <= dim; i += 8) {
            memcpy(&q, query + i, sizeof q);
            FOUR(ADD);
        }
        if (i < dim) {
            /* The last eight values, without those that were there before. */
            i = dim - 8;
            memcpy(&q, query + i, sizeof q);
            memcpy(&mask, keep + dim % 8, sizeof mask);
            FOUR(ADD_REST);
        }
        float dots[4], squares[4], estimates[4];
        FOUR(ADD_UP);
        for (size_t r = 0; r < 4; r++) {
            int usual = (squares[r] > 1e-30f) & (squares[r] < 1e30f);
            float estimate = dots[r] / sqrtf(squares[r]);
            estimates[r] = usual ? estimate : HUGE_VALF;
        }
        memcpy(out + start, estimates, (last - start < 3 ? last - start + 1 : 4) * sizeof(float));
    }
}

#undef FOUR
#undef ADD
#undef ADD_REST
#undef ADD_UP
