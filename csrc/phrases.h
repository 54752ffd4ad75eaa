/* Phrases: count words and the pairs of words that follow one another, and join the pairs that
 * score well.
 *
 * A phrase is a run of tokens: a word, any number of connector words ("of the"), a word. It is
 * known by its spelling, the tokens joined by a delimiter, and shares its count with whatever is
 * spelled the same: the token "new_york" counts for the pair "new york". So an entry of the table
 * is a string, kept as the first run of word ids that spelled it. Its hash is a polynomial in its
 * bytes, which is put together from those of its words:
 *
 *     H(x y) = H(x) * BASE^length(y) + H(y)    modulo 2^64
 *
 * so that looking up a pair takes no string. Equal hashes are settled by comparing ids, and, where
 * these differ, bytes.
 *
 * As in scan.h nothing here allocates: a call that finds a column full returns with the word in
 * hand untouched; the caller enlarges the columns and calls again.
 */

#ifndef FASTW2V_PHRASES_H
#define FASTW2V_PHRASES_H

#include <stdbool.h>
#include <stdint.h>

#define PHRASES_NONE   (-1)
#define PHRASES_WIDEST 256  /* words of a phrase in phrases_rewrite */
#define PHRASES_LONG   (-2) /* in `last`: the run has three words or more and is in the pool */

enum phrases_status {
    PHRASES_DONE,
    PHRASES_FULL, /* enlarge the entries, the slots and the pool */
};

enum phrases_scoring {
    PHRASES_DEFAULT, /* (ab - min_count) / (a * b) * len_vocab: Mikolov et al. 2013, section 4 */
    PHRASES_NPMI,    /* ln(p_ab / (p_a p_b)) / -ln p_ab: Bouma 2009 */
    PHRASES_SCORED,  /* the scores are known, one per entry */
};

/* The words by id. Word `id` is arena[offsets[id] .. offsets[id + 1]), as in struct scan_table. */
struct phrases_words {
    const uint8_t *arena;
    const int64_t *offsets;
    uint64_t *hash;     /* H(word) */
    uint64_t *power;    /* BASE^length */
    uint8_t *connector; /* 1 where the word is a connector */
    const uint8_t *delimiter;
    int64_t n_delimiter;
    uint64_t delimiter_hash;
    uint64_t delimiter_power;
    int32_t n_words; /* words that have a hash */
};

/* A run of one word has last == PHRASES_NONE; one of two words has both here; a longer one has
 * last == PHRASES_LONG, and pool[first] is its length, followed by its words. */
struct phrases_entry {
    int64_t count;
    int32_t first;
    int32_t last;
};

struct phrases_slot {
    uint32_t tag;
    int32_t next; /* number of the entry plus 1; 0 is an empty slot */
};

/* Open addressing with linear probing. Entries stand in the order in which they came. */
struct phrases_table {
    struct phrases_slot *slots; /* 1 << slot_bits, more than entry_cap */
    struct phrases_entry *entries;
    int32_t *pool;
    int32_t *entry_of; /* by word: the entry whose run is this word alone, or PHRASES_NONE */
    int32_t n_entries, entry_cap;
    int32_t n_pool, pool_cap;
    uint32_t slot_bits;
};

/* Where in a sentence the count is. `start` is the position of the last word that is no connector,
 * PHRASES_NONE at the beginning; `prefix` is the hash of everything from there on, each token
 * followed by the delimiter; `length` counts the tokens of the sentence. */
struct phrases_state {
    int64_t start;
    uint64_t prefix;
    int64_t length;
};

/* Token ids on their way into the counts. The last id of a sentence carries SCAN_END, which is
 * taken off when it is counted. When all are counted, the ids from state.start on have to be kept
 * in front of those that follow. */
struct phrases_stream {
    int32_t *ids;
    int64_t n;
    int64_t pos; /* ids counted */
    struct phrases_state state;
    int64_t max_length;  /* tokens after which a sentence is cut; 0: never */
    int64_t max_entries; /* more entries than this at the end of a sentence are pruned */
    int64_t min_reduce;  /* the next pruning removes counts below this */
    int64_t n_tokens, n_sentences;
    bool keep_ends; /* false: SCAN_END means nothing, only max_length ends a sentence */
};

struct phrases_rule {
    enum phrases_scoring scoring;
    double threshold; /* a score must be larger */
    double min_count;
    double len_vocab;
    double corpus_words;
    /* For PHRASES_SCORED. scores: (n_entries,). An entry that can be read in several ways, as
     * "new_york" + "city" and as "new" + "york_city", may list those that are phrases: first word,
     * last word, score. Those of entry e are reading_off[e] .. reading_off[e + 1]; where there are
     * none all readings are phrases. */
    const double *scores;
    const int64_t *reading_off;  /* (n_entries + 1,) */
    const int32_t *readings;     /* (n_readings, 2) */
    const double *reading_score; /* (n_readings,) */
};

/* Hash the words from n_words on, up to `n`. */
void phrases_hash_words(struct phrases_words *words, int32_t n);

/* Hash of bytes, and BASE^n. */
uint64_t phrases_hash(const uint8_t *bytes, int64_t n, uint64_t *power);

/* Count the stream from pos on. Returns any status; after PHRASES_DONE, pos == n. */
enum phrases_status phrases_count(struct phrases_table *table, const struct phrases_words *words,
                                  struct phrases_stream *stream);

/* End a sentence that no id could mark: an empty one, or one whose end came late. */
void phrases_end_sentence(struct phrases_table *table, const struct phrases_words *words,
                          struct phrases_stream *stream);

/* Remove the entries that count less than `min_count`; the others keep their order. */
void phrases_prune(struct phrases_table *table, const struct phrases_words *words,
                   int64_t min_count);

/* Add the counts of the entries of `source`, from *next on. Returns any status. */
enum phrases_status phrases_merge(struct phrases_table *table, const struct phrases_words *words,
                                  const struct phrases_table *source, int32_t *next);

/* Add `count` to the entry that a single word spells. Returns any status. */
enum phrases_status phrases_add(struct phrases_table *table, const struct phrases_words *words,
                                int32_t word, int64_t count);

/* Fill the zeroed slots with all entries. */
void phrases_rehash(struct phrases_table *table, const struct phrases_words *words);

/* The entry that a run of n >= 1 words spells, or PHRASES_NONE. */
int32_t phrases_find(const struct phrases_table *table, const struct phrases_words *words,
                     const int32_t *run, int64_t n);

/* The words of an entry; `pair` is room for two of them. */
const int32_t *phrases_run(const struct phrases_table *table, int32_t entry, int32_t *pair,
                           int64_t *n);

/* Bytes that a run spells. */
int64_t phrases_length(const struct phrases_words *words, const int32_t *run, int64_t n);

/* Write these bytes to `out`. */
void phrases_spell(const struct phrases_words *words, const int32_t *run, int64_t n, uint8_t *out);

/* The score of a pair from the counts of its words and its own, by the first two rules. A pair that
 * makes up the whole corpus scores 1 under NPMI. */
double phrases_score(const struct phrases_rule *rule, double a, double b, double ab);

/* Find the phrases of a sentence, from left to right, without overlap. ids: (n,), negative for a
 * word that is not known. hashes: (n,), scratch. glue[i] becomes 1 where token i goes on with the
 * phrase of the one before, else 0; scores[i] is set where a phrase begins at i. */
void phrases_join(const struct phrases_table *table, const struct phrases_words *words,
                  const struct phrases_rule *rule, const int32_t *ids, int64_t n, uint64_t *hashes,
                  uint8_t *glue, double *scores);

struct scan_table;

/* Text on its way through phrases_rewrite. */
struct phrases_text {
    const uint8_t *text; /* n_text bytes, then SCAN_SLACK more */
    int64_t n_text;
    int64_t done; /* bytes finished: what follows has to be seen again, with more text after it */
    uint8_t *out;
    int64_t out_cap;
    int64_t n_out;
    int64_t n_lines, n_phrases;
    int64_t n_words; /* written, a phrase being one */
    bool in_line;    /* something is written on the present line */
    bool skip_blank; /* leave out lines without words */
    bool final;      /* no text follows */
};

/* Write a text with its phrases joined: tokens with one space between them, line by line. Returns
 * PHRASES_FULL when `out` is: empty it, and enlarge it if it was empty. A word that may go on and
 * words that may still become a phrase are left at the end, unless `final`. */
enum phrases_status phrases_rewrite(const struct phrases_table *table,
                                    const struct phrases_words *words,
                                    const struct scan_table *lexicon,
                                    const struct phrases_rule *rule, struct phrases_text *text);

#endif
