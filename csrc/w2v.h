/* The contract between Python's side and the kernels.
 *
 * Everything here borrows: NumPy owns every buffer for longer than the call. The C code never
 * allocates, prints, opens files, fails, or keeps state besides constant tables.
 *
 * SHAPES. W and W' are (n_rows, stride) float32, C-contiguous, rows on 64-byte boundaries,
 *   stride = dim rounded up to a multiple of 16. Columns dim..stride are zero and stay zero,
 *   because every update is a linear combination of rows: no kernel has a tail loop.
 *
 * THE RACE. Workers read and write rows of W and W' without locks, as Hogwild does (Niu, Recht,
 *   Re, Wright 2011). An update may be lost when two workers write the same row at the same
 *   time; that is rare and harmless. The hottest rows, those of the most frequent words and of the
 *   nodes near the root of the Huffman tree, are the exception: each of several workers has copies,
 *   and adds what they learnt to the shared rows every few uses; else the workers would wait for
 *   one another's cache lines. Nothing else is shared without atomics: progress, stop flag and the
 *   next chunk are atomic, all the rest belongs to one worker.
 *
 * SAME BITS. For one worker the result is the same on every instruction set. Each sum has an
 *   order that does not depend on the width of a vector: a lane is a noise row or a dimension, and
 *   the one sum across lanes, the dot product, always has 16 lanes and one tree (lane i + 8, then
 *   i + 4, i + 2, i + 1). Multiply-add is fused everywhere; the build forbids the compiler to fuse
 *   anything else. Random draws are integers.
 */
#ifndef W2V_H
#define W2V_H

#include <stddef.h>
#include <stdint.h>

#define W2V_LANES 16        /* floats that a row is padded to, and lanes of a dot product */
#define W2V_PANEL 16        /* noise rows that are processed together, one per lane */
#define W2V_END   INT32_MIN /* sign bit of a token: the last one of its sentence */

/* sigma(x) and softplus(x) = log(1 + e^x), at the centres of equal bins on [-LIMIT, LIMIT).
 * With 4096 bins sigma is off by at most 4.9e-4 inside (half a bin times the slope 1/4) and by
 * 3.4e-4 outside, where the last bin serves; softplus, with the tangent in each bin, by 5e-7. */
#define W2V_SIGMOID_BINS  4096
#define W2V_SIGMOID_LIMIT 8

enum w2v_architecture { W2V_SG, W2V_CBOW, W2V_N_ARCHITECTURES };
enum w2v_objective { W2V_NS, W2V_HS, W2V_NS_HS, W2V_N_OBJECTIVES };

/* One column of Walker's alias table: keep the column's own word if the 32 random bits are at
 * most `threshold`, else take `other`. */
typedef struct w2v_alias {
    uint32_t threshold;
    int32_t other;
} w2v_alias;

/* What is trained and how. Read-only during training, except the rows of the matrices. */
typedef struct w2v_model {
    float *w_in;             /* W: (n_words, stride) */
    float *w_ns;             /* W' of negative sampling: (n_words, stride), or NULL */
    float *w_hs;             /* W' of hierarchical softmax: (n_words - 1, stride), or NULL */
    const float *sigmoid;    /* (W2V_SIGMOID_BINS,) */
    const float *softplus;   /* (W2V_SIGMOID_BINS,) */
    const w2v_alias *noise;  /* (n_words,), or NULL */
    const int64_t *path_off; /* (n_words + 1,): where each word's Huffman path begins, or NULL */
    const int32_t *path;     /* 2 * row of w_hs + branch taken, 0 or 1, from root to leaf; after
                                the last path come W2V_LANES more numbers that mean nothing */
    const uint32_t *keep;    /* (n_words,): a token is kept if its 32 random bits are <= keep */
    int32_t n_words, dim, stride;
    int32_t n_sampled;      /* words from this id on are always kept */
    int32_t window;         /* largest distance between centre and context, in kept tokens */
    int32_t reach;          /* the same, or the longest sentence if that is shorter */
    int32_t shrink_windows; /* 1: radius uniform in 1..window, drawn per centre; 0: always window */
    int32_t n_negatives;    /* K: negatives per positive pair (skip-gram) or per centre (CBOW) */
    int32_t block_size;     /* B: kept tokens that share noise rows, or CBOW's sums; 0: none do */
    int32_t noise_rows;     /* N: noise rows that a block shares, each with weight K / N */
    int32_t noise_blocks;   /* R: blocks in a row that use the same noise rows */
    int32_t max_path;       /* nodes on the longest Huffman path */
    int32_t n_own_words;    /* the first rows of w_in and w_ns: each worker has copies ... */
    int32_t own_word_pause; /* ... and merges one per this many occurrences of any of them */
    int32_t n_own_nodes;    /* the last rows of w_hs, nearest the root: copies too, ... */
    int32_t own_node_pause; /* ... and merges one per this many paths */
    int32_t cbow_mean;      /* 1: h is the mean of the context rows, 0: their sum */
    int32_t cbow_corrected; /* 1: context rows get the true gradient of the mean, 0: word2vec.c's */
} w2v_model;

/* The corpus as a chunk sees it. `tokens` is where position 0 would be; what is there of it is at
 * least the chunk and its halos. */
typedef struct w2v_corpus {
    const int32_t *tokens; /* (n_tokens,): vocabulary ids; W2V_END marks the end of a sentence */
    int64_t n_tokens;
} w2v_corpus;

/* One epoch, shared by its workers; the fields marked * only through the functions below. */
typedef struct w2v_epoch {
    uint64_t key;         /* random stream of this epoch */
    int64_t chunk_tokens; /* tokens in a chunk, the unit that is handed out */
    int64_t n_tokens;     /* of the whole corpus */
    int64_t done;         /* * tokens that workers have seen */
    int32_t stop;         /* * set from outside: finish the current block and return */
    float lr_begin;       /* learning rate at the epoch's first token ... */
    float lr_end;         /* ... and after its last one */
} w2v_epoch;

/* Chunks that are in memory together, shared by the workers that are busy with them. */
typedef struct w2v_window {
    const int64_t *order;         /* (n_chunks,): numbers of the chunks as they are handed out */
    const int32_t *const *tokens; /* (n_chunks,): of each, the `tokens` of its w2v_corpus */
    int64_t n_chunks;
    int64_t first_turn; /* chunks of the epoch that come in earlier windows */
    int64_t next;       /* * */
} w2v_window;

/* A piece of an epoch for one worker: tokens [begin, end), learning rate linear in between. */
typedef struct w2v_chunk {
    uint64_t key;       /* random stream of the epoch: subsampling and windows, by position */
    uint64_t noise_key; /* random stream of this chunk: noise */
    int64_t begin, end; /* positions in the corpus */
    float lr_begin, lr_end;
    const int32_t *stop;
} w2v_chunk;

/* A worker's copies of some rows, and what the rows were when they were last merged. */
typedef struct w2v_copies {
    float *own, *base; /* (n, stride) */
} w2v_copies;

/* One per thread; the pointers lead into scratch memory laid out by w2v_worker_init. */
typedef struct w2v_worker {
    int64_t n_trained;  /* tokens kept, that is, after subsampling */
    int64_t n_pairs;    /* positive pairs: (context, centre) for skip-gram, centres for CBOW */
    double loss;        /* sum of negative log-likelihoods over those pairs, if computed */
    int32_t not_finite; /* 1 once a row was found to hold NaN or Inf */
    int32_t n_kept;     /* of the chunk at hand: tokens of the chunk and of its two halos */
    int32_t own_begin, own_end; /* ... those of them that the chunk owns */
    int32_t *kept;              /* ids */
    int32_t *lo, *hi;           /* window of each, as positions in `kept`: lo <= pos <= hi */
    int32_t *n_windows;         /* skip-gram NS: windows of others that each lies in */
    int32_t *noise_id;          /* two sets of noise rows: the one in use, and the next one */
    const float **x, **y;       /* rows that a step reads */
    float **x_out, **y_out;     /* rows that it adds to */
    float **context;            /* context rows of a centre, or of all the centres of a block */
    int32_t *center;            /* (block,): CBOW's centres that have any, as positions in `kept` */
    const float **own;    /* (span,): what a context row, as a centre, gave to its window ... */
    int32_t *n_open;      /* (span + 1,): ... and how many windows it lies in */
    float *sums;          /* (span + 1, stride): of context rows, then steps of what they get ... */
    float *noted;         /* (span + 1,): ... where this is 1, not 0 */
    float *weight;        /* (block,): pairs of a row, times K / N: its repulsion's weight */
    float *score;         /* scores, then coefficients */
    float *label;         /* (max_path,), 16 at least: of each row in a step ... */
    float *doubled_label; /* (2 * max_path,), padded: ... and each twice */
    float *panel, *panel_rows; /* noise rows: transposed (dim, 16), and copied (16, stride) */
    w2v_copies in, ns, hs;     /* of the first rows of W and W', the last ones of the tree's W' */
    int32_t word_pause, node_pause;   /* how long until the next merge */
    int32_t marked_word, marked_node; /* what will be merged then */
    uint32_t n_marked;                /* nodes, so far */
    float *h, *grad_h;                /* (block, stride) */
    float *zeros;                     /* (stride,) */
} w2v_worker;

/* Train one chunk. */
typedef void (*w2v_train_fn)(const w2v_model *, const w2v_corpus *, w2v_worker *,
                             const w2v_chunk *);
/* Before a worker's first chunk of an epoch, and after its last one: its copies of rows are taken
 * from the shared rows, and what they learnt is added to those. */
typedef void (*w2v_copies_fn)(const w2v_model *, w2v_worker *);

/* One constant instance per instruction set. The parts below `train` are what it is made of,
 * reachable by name for tests and benchmarks. */
typedef struct w2v_kernels {
    const char *isa;
    w2v_train_fn train[W2V_N_ARCHITECTURES][W2V_N_OBJECTIVES][2 /* with loss */];
    w2v_copies_fn take_copies, merge_copies;

    /* out[i] = x . y[i]            x, y[i]: (stride,)   out: (n,) */
    void (*dots)(float *out, const float *x, const float *const *y, int32_t n, int32_t stride);
    /* out[i] = sigma(in[i])        in, out: (n,), n a multiple of 16 */
    void (*sigmoid)(float *out, const float *in, int32_t n, const float *table);
    /* panel[k][lane] = rows[lane][k], copy[lane] = rows[lane]; of the lanes from n_rows on each is
     * left as it was, or zero */
    void (*pack)(float *panel, float *copy, const float *const *rows, int32_t n_rows,
                 const float *zeros, int32_t stride);
    /* out[i][lane] = sum_k x[i][k] panel[k][lane]     out: (n, 16)   panel: (dim, 16)
     * for the first n_noise lanes; the others are unspecified */
    void (*scores)(float *out, const float *const *x, int32_t n, const float *panel,
                   int32_t n_noise, int32_t dim);
    /* dst[i] += sum_s coef[i][s] src[s]        coef: (n_dst, 16)
     * or, transposed, coef[s][i] src[s]        coef: (n_src, 16)
     * A row may occur twice in dst, but none of dst may be one of src. */
    void (*accumulate)(float *const *dst, int32_t n_dst, const float *const *src, int32_t n_src,
                       const float *coef, int32_t dim);
    void (*accumulate_transposed)(float *const *dst, int32_t n_dst, const float *const *src,
                                  int32_t n_src, const float *coef, int32_t dim);
    /* Yardsticks: n rounds of independent multiply-adds, returns the operations done; and the sum
     * of n floats, n a multiple of 16. out: (16,) */
    int64_t (*fma_chains)(float *out, int64_t n);
    void (*read_all)(float *out, const float *from, int64_t n);
} w2v_kernels;

/* dispatch.c: the instances that this build holds, fastest first; NULL past the last one. */
const w2v_kernels *w2v_kernels_built(int32_t index);
/* 1 if processor and operating system can run it. */
int32_t w2v_kernels_usable(const w2v_kernels *kernels);

/* schedule.c: the worker's scratch memory, and the hand-out of chunks. */
int64_t w2v_scratch_bytes(const w2v_model *model, int64_t chunk_tokens);
/* `memory`: w2v_scratch_bytes bytes, zeroed, on a 64-byte boundary. */
void w2v_worker_init(w2v_worker *worker, const w2v_model *model, int64_t chunk_tokens,
                     void *memory);
/* The order of a window's n chunks, or of the corpus's n blocks: numbers below n. */
void w2v_window_order(const w2v_epoch *epoch, int64_t window, int64_t n, int64_t *order);
void w2v_block_order(const w2v_epoch *epoch, int64_t n, int64_t *order);
/* How many tokens before `at` a chunk that begins there looks at, and how many from `at` on one
 * that ends there; -1 if that is more than there is, tokens[lowest .. at) and [at - 1, highest). */
int64_t w2v_left_halo(const w2v_epoch *epoch, const w2v_model *model, const int32_t *tokens,
                      int64_t lowest, int64_t at);
int64_t w2v_right_halo(const w2v_epoch *epoch, const w2v_model *model, const int32_t *tokens,
                       int64_t at, int64_t highest);
/* Claim the window's next chunk: 1, or 0 when none is left or the epoch was stopped. */
int32_t w2v_claim(w2v_epoch *epoch, w2v_window *window, w2v_corpus *corpus, w2v_chunk *chunk);
/* Count a chunk as done, of which n_trained tokens were trained: all, or as far as it came. */
void w2v_finish(w2v_epoch *epoch, const w2v_model *model, const w2v_corpus *corpus,
                const w2v_worker *worker, const w2v_chunk *chunk, int64_t n_trained);
void w2v_stop(w2v_epoch *epoch);
int64_t w2v_done(const w2v_epoch *epoch);

/* tables.c: what is looked up while training.
 * Walker's alias table of weights, (n,) positive and finite; share, order: (n,) of scratch. */
void w2v_alias_table(const double *weights, int32_t n, double *share, int32_t *order,
                     w2v_alias *table);
/* The Huffman tree of counts, (n,) descending, n >= 1. parent, branch: (2 n,), of the leaves, 0 to
 * n - 1, and the inner nodes; path_off: (n + 1,), where each leaf's path begins; weight: (n,) of
 * scratch. Returns the nodes on all paths. */
int64_t w2v_huffman_tree(const int64_t *counts, int32_t n, int64_t *weight, int32_t *parent,
                         uint8_t *branch, int64_t *path_off);
/* All paths, one after the other: each inner node, counted from 0, and the branch taken there. */
void w2v_huffman_paths(int32_t n, const int32_t *parent, const uint8_t *branch,
                       const int64_t *path_off, int32_t *path, uint8_t *code);

/* weights.c: initial rows of W, uniform in +-1 / dim, as a function of the seed and the position.
 * rows: (n, dim), row `first` of W and those after it */
void w2v_start_rows(float *rows, int64_t n, int32_t dim, uint64_t seed, int64_t first);
/* Let the rows of W that the worker's last chunk moved go only lockf[id] of their way. `anchor`,
 * (n_words, stride), has them as they were before it, and then as they are after it. */
void w2v_hold_rows(const w2v_model *model, const w2v_worker *worker, const float *lockf,
                   float *anchor);

#endif
