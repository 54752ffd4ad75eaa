/* Train every model on a small made-up corpus and print a hash of each matrix.
 *
 *     dump ISA     one line a run: model, dimension, block size, hashes of W and W'
 *     dump list    the instruction sets that this build holds and this machine can run
 *
 * Needs nothing but csrc/, so it also runs where there is no Python: under an emulator of another
 * processor, or in a build with sanitizers. Equal output means equal bits. */
#include "w2v.h"
#include "rng.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_WORDS = 251, N_TOKENS = 800, CHUNK = 150, MAX_PATH = 16 };

static void *zeroed(size_t n_bytes) {
    const size_t size = (n_bytes + 63) / 64 * 64 + 64;
    void *memory = aligned_alloc(64, size);
    if (!memory) exit(3);
    return memset(memory, 0, size);
}

static uint64_t hash_of(const float *matrix, int64_t n) {
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    const unsigned char *bytes = (const unsigned char *)matrix;
    for (int64_t i = 0; i < n * (int64_t)sizeof(float); i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

/* A Zipf-like corpus of sentences of 1 to 60 tokens, and one that spans several chunks. */
static void make_tokens(int32_t *tokens) {
    int32_t left = 0;
    for (int32_t t = 0; t < N_TOKENS; t++) {
        const uint64_t draw = rng_at(1, (uint64_t)t);
        const uint32_t u = rng_below((uint32_t)draw, N_WORDS);
        tokens[t] = (int32_t)rng_below((uint32_t)(draw >> 32), u + 1);
        if (left == 0)
            left = t > 99 && t < 199 ? 450 : 1 + (int32_t)rng_below((uint32_t)(draw >> 7), 60);
        if (--left == 0) tokens[t] |= W2V_END;
    }
    tokens[N_TOKENS - 1] |= W2V_END;
}

/* Leaf `word` of the complete tree with N_WORDS leaves: node n has the children 2n+1 and 2n+2, and
 * the root is the last row. */
static void make_tree(int64_t *off, int32_t *path) {
    off[0] = 0;
    for (int32_t word = 0; word < N_WORDS; word++) {
        int32_t up[64], n = 0;
        for (int32_t node = N_WORDS - 1 + word; node > 0; node = (node - 1) / 2) up[n++] = node;
        for (int32_t i = 0; i < n; i++) {
            const int32_t node = (up[n - 1 - i] - 1) / 2, branch = (up[n - 1 - i] - 1) % 2;
            path[off[word] + i] = 2 * (N_WORDS - 2 - node) + branch;
        }
        off[word + 1] = off[word] + n;
    }
}

static float sigmoid_table[W2V_SIGMOID_BINS], softplus_table[W2V_SIGMOID_BINS];
static w2v_alias noise[N_WORDS];
static uint32_t keep[N_WORDS];
static int32_t tokens[N_TOKENS];
static int64_t path_off[N_WORDS + 1];
static int32_t path[N_WORDS * MAX_PATH];

static void run(const w2v_kernels *kernels, int architecture, int objective, int32_t dim,
                int32_t block_size, int32_t option) {
    const int32_t stride = (dim + 15) / 16 * 16;
    const int64_t n_cells = (int64_t)N_WORDS * stride;
    float *w_in = zeroed((size_t)n_cells * sizeof(float));
    float *w_ns = zeroed((size_t)n_cells * sizeof(float));
    float *w_hs = zeroed((size_t)n_cells * sizeof(float));
    for (int32_t row = 0; row < N_WORDS; row++)
        for (int32_t k = 0; k < dim; k++)
            w_in[row * stride + k] =
                ((float)(rng_at(2, (uint64_t)(row * dim + k)) >> 40) / 16777216.0f - 0.5f) / 8.0f;

    const w2v_model model = {
        .w_in = w_in,
        .w_ns = w_ns,
        .w_hs = w_hs,
        .sigmoid = sigmoid_table,
        .softplus = softplus_table,
        .noise = noise,
        .path_off = path_off,
        .path = path,
        .keep = keep,
        .n_words = N_WORDS,
        .dim = dim,
        .stride = stride,
        .n_sampled = N_WORDS / 2,
        .window = 1 + option * 3,
        .reach = 1 + option * 3,
        .shrink_windows = option % 2,
        .n_negatives = 5,
        .block_size = block_size,
        .noise_rows = block_size ? 21 : 0,
        .noise_blocks = 1 + option,
        .max_path = MAX_PATH,
        .n_own_words = option == 1 ? 9 : 0,
        .own_word_pause = 3,
        .n_own_nodes = option == 1 ? 12 : 0,
        .own_node_pause = 16,
        .cbow_mean = option != 2,
        .cbow_corrected = option == 1,
    };
    const int64_t n_chunks = (N_TOKENS + CHUNK - 1) / CHUNK;
    int64_t *order = zeroed((size_t)n_chunks * sizeof(int64_t));
    const int32_t **at = zeroed((size_t)n_chunks * sizeof(void *));
    for (int64_t i = 0; i < n_chunks; i++) at[i] = tokens;
    void *memory = zeroed((size_t)w2v_scratch_bytes(&model, CHUNK));
    w2v_worker worker;
    w2v_worker_init(&worker, &model, CHUNK, memory);
    for (int32_t e = 0; e < 2; e++) {
        w2v_epoch epoch = {.key = rng_key(3, (uint64_t)e),
                           .chunk_tokens = CHUNK,
                           .n_tokens = N_TOKENS,
                           .lr_begin = 0.2f / (float)(1 + e),
                           .lr_end = 0.1f / (float)(1 + e)};
        w2v_window window = {.order = order, .tokens = at, .n_chunks = n_chunks};
        w2v_window_order(&epoch, 0, n_chunks, order);
        w2v_corpus corpus;
        w2v_chunk chunk;
        kernels->take_copies(&model, &worker);
        while (w2v_claim(&epoch, &window, &corpus, &chunk)) {
            const int64_t before = worker.n_trained;
            kernels->train[architecture][objective][option % 2](&model, &corpus, &worker, &chunk);
            w2v_finish(&epoch, &model, &corpus, &worker, &chunk, worker.n_trained - before);
        }
        kernels->merge_copies(&model, &worker);
        if (w2v_done(&epoch) != N_TOKENS) exit(4);
    }
    if (worker.not_finite) exit(5);
    for (int32_t row = 0; row < N_WORDS; row++)
        for (int32_t k = dim; k < stride; k++)
            if (w_in[row * stride + k] != 0.0f || w_ns[row * stride + k] != 0.0f ||
                w_hs[row * stride + k] != 0.0f)
                exit(6);
    printf("%s %s dim=%d block=%d option=%d trained=%lld pairs=%lld loss=%.17g "
           "W=%016llx W'ns=%016llx W'hs=%016llx\n",
           architecture == W2V_SG ? "sg" : "cbow",
           objective == W2V_NS   ? "ns"
           : objective == W2V_HS ? "hs"
                                 : "ns+hs",
           dim, block_size, option, (long long)worker.n_trained, (long long)worker.n_pairs,
           worker.loss, (unsigned long long)hash_of(w_in, n_cells),
           (unsigned long long)hash_of(w_ns, n_cells), (unsigned long long)hash_of(w_hs, n_cells));
    free(w_in), free(w_ns), free(w_hs), free(memory), free(order), free(at);
}

int main(int argc, char **argv) {
    const w2v_kernels *kernels = NULL;
    if (argc != 2 && argc != 3) return 2;
    const int32_t largest = argc == 3 ? (int32_t)atoi(argv[2]) : INT32_MAX;
    for (int32_t i = 0; w2v_kernels_built(i); i++) {
        const w2v_kernels *candidate = w2v_kernels_built(i);
        if (!w2v_kernels_usable(candidate)) continue;
        if (!strcmp(argv[1], "list")) printf("%s\n", candidate->isa);
        if (!strcmp(argv[1], candidate->isa)) kernels = candidate;
    }
    if (!strcmp(argv[1], "list")) return 0;
    if (!kernels) return 2;

    for (int32_t i = 0; i < W2V_SIGMOID_BINS; i++) {
        const double x = (i + 0.5) * 2 * W2V_SIGMOID_LIMIT / W2V_SIGMOID_BINS - W2V_SIGMOID_LIMIT;
        sigmoid_table[i] = (float)(1 / (1 + exp(-x)));
        softplus_table[i] = (float)log1p(exp(x));
    }
    for (int32_t i = 0; i < N_WORDS; i++) {
        noise[i] = (w2v_alias){(uint32_t)rng_at(4, (uint64_t)i), i / 2};
        keep[i] = i < 20 ? 0x60000000u + (uint32_t)i * 0x01000000u : UINT32_MAX;
    }
    make_tokens(tokens);
    make_tree(path_off, path);

    static const int32_t dims[] = {1, 3, 16, 17, 100, 300};
    static const int32_t blocks[] = {0, 1, 32};
    for (int architecture = 0; architecture < W2V_N_ARCHITECTURES; architecture++)
        for (int objective = 0; objective < W2V_N_OBJECTIVES; objective++)
            for (size_t d = 0; d < sizeof dims / sizeof *dims; d++)
                for (size_t b = 0; dims[d] <= largest && b < sizeof blocks / sizeof *blocks; b++)
                    run(kernels, architecture, objective, dims[d], blocks[b], (int32_t)(d % 3));
    return 0;
}
