/* Rows of W outside of the steps: their initial values, and locked rows. */
#include "w2v.h"
#include "rng.h"

/* The sub-stream of the seed; those of training calls count from 0. */
#define START UINT64_MAX

void w2v_start_rows(float *rows, int64_t n, int32_t dim, uint64_t seed, int64_t first) {
    const uint64_t key = rng_key(seed, START);
    for (int64_t i = 0; i < n * dim; i++) {
        const uint64_t draw = rng_at(key, (uint64_t)(first * dim + i));
        /* Exact but for the division, which every machine rounds alike. */
        rows[i] = ((float)(int32_t)(draw >> 40) * 0x1p-23F - 1.0F) / (float)dim;
    }
}

void w2v_hold_rows(const w2v_model *model, const w2v_worker *worker, const float *lockf,
                   float *anchor) {
    for (int32_t i = 0; i < worker->n_kept; i++) {
        const float share = lockf[worker->kept[i]];
        const int64_t at = (int64_t)worker->kept[i] * model->stride;
        float *row = model->w_in + at, *start = anchor + at;
        if (share == 1.0F) continue;
        for (int32_t k = 0; k < model->stride; k++) {
            if (share != 0.0F) /* 0 times infinity would be NaN */
                start[k] += share * (row[k] - start[k]);
            row[k] = start[k];
        }
    }
}
