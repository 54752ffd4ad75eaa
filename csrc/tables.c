/* Lookup tables made from the word counts: the noise distribution and the Huffman tree. */
#include "w2v.h"

/* The largest 32-bit draw that stays in a column: share = (threshold + 1) / 2^32. */
static uint32_t threshold(double share) {
    const double cells = share * 4294967296.0;
    return cells >= 1.0 ? (uint32_t)(cells - 1.0) : 0;
}

void w2v_alias_table(const double *weights, int32_t n, double *share, int32_t *order,
                     w2v_alias *table) {
    /* Columns with too little from the left of `order`, all others from the right. */
    int32_t n_small = 0, n_large = 0;
    double total = 0.0;
    for (int32_t i = 0; i < n; i++) total += weights[i];
    for (int32_t i = 0; i < n; i++) {
        share[i] = weights[i] / total * (double)n;
        if (share[i] < 1.0)
            order[n_small++] = i;
        else
            order[n - ++n_large] = i;
    }
    while (n_small > 0 && n_large > 0) {
        const int32_t small = order[--n_small], large = order[n - n_large];
        table[small] = (w2v_alias){threshold(share[small]), large};
        share[large] -= 1.0 - share[small];
        if (share[large] < 1.0) {
            n_large--;
            order[n_small++] = large;
        }
    }
    /* What is left is full but for rounding. */
    for (int32_t i = 0; i < n_small; i++) table[order[i]] = (w2v_alias){UINT32_MAX, order[i]};
    for (int32_t i = 1; i <= n_large; i++)
        table[order[n - i]] = (w2v_alias){UINT32_MAX, order[n - i]};
}

int64_t w2v_huffman_tree(const int64_t *counts, int32_t n, int64_t *weight, int32_t *parent,
                         uint8_t *branch, int64_t *path_off) {
    int32_t leaf = n - 1, inner = 0;
    /* Two queues, both ascending: leaves from the rarest on, and inner nodes as they are made. */
    for (int32_t made = 0; made < n - 1; made++) {
        weight[made] = 0;
        for (uint8_t side = 0; side < 2; side++) {
            int32_t child;
            if (leaf >= 0 && (inner >= made || counts[leaf] < weight[inner])) {
                weight[made] += counts[leaf];
                child = leaf--;
            } else {
                weight[made] += weight[inner];
                child = n + inner++;
            }
            parent[child] = n + made;
            branch[child] = side;
        }
    }
    const int32_t root = 2 * n - 2;
    int64_t n_nodes = 0;
    path_off[0] = 0;
    for (int32_t i = 0; i < n; i++) {
        for (int32_t node = i; node != root; node = parent[node]) n_nodes++;
        path_off[i + 1] = n_nodes;
    }
    return n_nodes;
}

void w2v_huffman_paths(int32_t n, const int32_t *parent, const uint8_t *branch,
                       const int64_t *path_off, int32_t *path, uint8_t *code) {
    const int32_t root = 2 * n - 2;
    for (int32_t i = 0; i < n; i++) {
        int64_t at = path_off[i + 1];
        for (int32_t node = i; node != root;) {
            code[--at] = branch[node];
            node = parent[node];
            path[at] = node - n;
        }
    }
}
