#include "phrases.h"

#include <math.h>
#include <string.h>

#include "scan.h"

#define BASE  UINT64_C(0x9e3779b97f4a7c15) /* odd: 2^64 / golden ratio */
#define MIX   UINT64_C(0x9fb21c651e98df25) /* Pelle Evensen's multiplier of rrmxmx */
#define BATCH 32                           /* tokens whose entries are fetched ahead */

#define PREFETCH(p) __builtin_prefetch((p), 1)

static inline uint64_t mixed(uint64_t hash) {
    hash ^= hash >> 32;
    hash *= MIX;
    return hash ^ hash >> 29;
}

static inline uint64_t home_of(const struct phrases_table *table, uint64_t mix) {
    return mix >> (64 - table->slot_bits);
}

/* Bytes count from 1, so that a NUL is not nothing. */
uint64_t phrases_hash(const uint8_t *bytes, int64_t n, uint64_t *power) {
    uint64_t hash = 0, base = 1;
    for (int64_t i = 0; i < n; i++) {
        hash = hash * BASE + bytes[i] + 1;
        base *= BASE;
    }
    *power = base;
    return hash;
}

void phrases_hash_words(struct phrases_words *words, int32_t n) {
    for (int32_t id = words->n_words; id < n; id++) {
        const int64_t start = words->offsets[id];
        words->hash[id] =
            phrases_hash(words->arena + start, words->offsets[id + 1] - start, &words->power[id]);
    }
    words->n_words = n;
}

/* H of what has the hash `prefix` with a word after it. */
static inline uint64_t then_word(const struct phrases_words *words, uint64_t prefix, int32_t id) {
    return prefix * words->power[id] + words->hash[id];
}

static inline uint64_t then_delimiter(const struct phrases_words *words, uint64_t hash) {
    return hash * words->delimiter_power + words->delimiter_hash;
}

static uint64_t hash_of(const struct phrases_words *words, const int32_t *run, int64_t n) {
    uint64_t hash = words->hash[run[0]];
    for (int64_t i = 1; i < n; i++) hash = then_word(words, then_delimiter(words, hash), run[i]);
    return hash;
}

const int32_t *phrases_run(const struct phrases_table *table, int32_t entry, int32_t *pair,
                           int64_t *n) {
    const struct phrases_entry *e = &table->entries[entry];
    if (e->last == PHRASES_LONG) {
        *n = table->pool[e->first];
        return table->pool + e->first + 1;
    }
    pair[0] = e->first;
    pair[1] = e->last;
    *n = e->last == PHRASES_NONE ? 1 : 2;
    return pair;
}

int64_t phrases_length(const struct phrases_words *words, const int32_t *run, int64_t n) {
    int64_t length = (n - 1) * words->n_delimiter;
    for (int64_t i = 0; i < n; i++) length += words->offsets[run[i] + 1] - words->offsets[run[i]];
    return length;
}

/* Reads the spelling of a run byte by byte. */
struct speller {
    const int32_t *run;
    const uint8_t *at, *end;
    bool in_word;
};

static inline uint8_t next_byte(const struct phrases_words *words, struct speller *speller) {
    while (speller->at == speller->end) {
        speller->in_word = !speller->in_word;
        if (speller->in_word) {
            const int32_t id = *speller->run++;
            speller->at = words->arena + words->offsets[id];
            speller->end = words->arena + words->offsets[id + 1];
        } else {
            speller->at = words->delimiter;
            speller->end = words->delimiter + words->n_delimiter;
        }
    }
    return *speller->at++;
}

void phrases_spell(const struct phrases_words *words, const int32_t *run, int64_t n, uint8_t *out) {
    for (int64_t i = 0; i < n; i++) {
        if (i > 0) {
            memcpy(out, words->delimiter, (size_t)words->n_delimiter);
            out += words->n_delimiter;
        }
        const int64_t start = words->offsets[run[i]], size = words->offsets[run[i] + 1] - start;
        memcpy(out, words->arena + start, (size_t)size);
        out += size;
    }
}

static bool same_spelling(const struct phrases_words *words, const int32_t *x, int64_t n_x,
                          const int32_t *y, int64_t n_y) {
    const int64_t length = phrases_length(words, x, n_x);
    if (length != phrases_length(words, y, n_y)) return false;
    struct speller a = {.run = x}, b = {.run = y};
    for (int64_t i = 0; i < length; i++)
        if (next_byte(words, &a) != next_byte(words, &b)) return false;
    return true;
}

static bool is_run(const struct phrases_table *table, const struct phrases_words *words,
                   int32_t entry, const int32_t *run, int64_t n) {
    const struct phrases_entry *e = &table->entries[entry];
    if (n == 2 && e->first == run[0] && e->last == run[1]) return true;
    int32_t pair[2];
    int64_t n_known;
    const int32_t *known = phrases_run(table, entry, pair, &n_known);
    if (n == n_known && memcmp(known, run, (size_t)n * sizeof *run) == 0) return true;
    return same_spelling(words, known, n_known, run, n);
}

/* The slot of the entry with this spelling, or the empty slot where it would go. */
static inline struct phrases_slot *probe(const struct phrases_table *table,
                                         const struct phrases_words *words, uint64_t mix,
                                         const int32_t *run, int64_t n) {
    const uint64_t mask = (UINT64_C(1) << table->slot_bits) - 1;
    const uint32_t tag = (uint32_t)mix;
    uint64_t i = home_of(table, mix);
    for (;; i = (i + 1) & mask) {
        struct phrases_slot *slot = &table->slots[i];
        if (slot->next == 0) return slot;
        if (slot->tag == tag && is_run(table, words, slot->next - 1, run, n)) return slot;
    }
}

static inline bool has_room(const struct phrases_table *table, int64_t n) {
    return table->n_entries < table->entry_cap && (n <= 2 || n < table->pool_cap - table->n_pool);
}

/* Append a run. There is room. */
static inline int32_t append(struct phrases_table *table, struct phrases_slot *slot, uint64_t mix,
                             const int32_t *run, int64_t n) {
    const int32_t entry = table->n_entries++;
    struct phrases_entry *e = &table->entries[entry];
    e->count = 0;
    if (n <= 2) {
        e->first = run[0];
        e->last = n == 2 ? run[1] : PHRASES_NONE;
        if (n == 1) table->entry_of[run[0]] = entry;
    } else {
        e->first = table->n_pool;
        e->last = PHRASES_LONG;
        table->pool[table->n_pool] = (int32_t)n;
        memcpy(table->pool + table->n_pool + 1, run, (size_t)n * sizeof *run);
        table->n_pool += (int32_t)n + 1;
    }
    slot->tag = (uint32_t)mix;
    slot->next = entry + 1;
    return entry;
}

/* The entry of a run, a new one if need be; PHRASES_NONE where there is no room for it. */
static inline int32_t enter(struct phrases_table *table, const struct phrases_words *words,
                            uint64_t hash, const int32_t *run, int64_t n) {
    const uint64_t mix = mixed(hash);
    struct phrases_slot *slot = probe(table, words, mix, run, n);
    if (slot->next != 0) return slot->next - 1;
    return has_room(table, n) ? append(table, slot, mix, run, n) : PHRASES_NONE;
}

static inline int32_t enter_word(struct phrases_table *table, const struct phrases_words *words,
                                 int32_t word) {
    const int32_t entry = table->entry_of[word];
    return entry != PHRASES_NONE ? entry : enter(table, words, words->hash[word], &word, 1);
}

int32_t phrases_find(const struct phrases_table *table, const struct phrases_words *words,
                     const int32_t *run, int64_t n) {
    if (n == 1 && table->entry_of[run[0]] != PHRASES_NONE) return table->entry_of[run[0]];
    return probe(table, words, mixed(hash_of(words, run, n)), run, n)->next - 1;
}

enum phrases_status phrases_add(struct phrases_table *table, const struct phrases_words *words,
                                int32_t word, int64_t count) {
    const int32_t entry = enter_word(table, words, word);
    if (entry == PHRASES_NONE) return PHRASES_FULL;
    table->entries[entry].count += count;
    return PHRASES_DONE;
}

void phrases_rehash(struct phrases_table *table, const struct phrases_words *words) {
    const uint64_t mask = (UINT64_C(1) << table->slot_bits) - 1;
    int32_t pair[2];
    int64_t n;
    for (int32_t entry = 0; entry < table->n_entries; entry++) {
        const int32_t *run = phrases_run(table, entry, pair, &n);
        const uint64_t mix = mixed(hash_of(words, run, n));
        uint64_t i = home_of(table, mix);
        while (table->slots[i].next != 0) i = (i + 1) & mask;
        table->slots[i].tag = (uint32_t)mix;
        table->slots[i].next = entry + 1;
    }
}

void phrases_prune(struct phrases_table *table, const struct phrases_words *words,
                   int64_t min_count) {
    int32_t kept = 0, pool_end = 0;
    for (int32_t entry = 0; entry < table->n_entries; entry++) {
        struct phrases_entry e = table->entries[entry];
        const bool keep = e.count >= min_count;
        if (e.last == PHRASES_NONE) table->entry_of[e.first] = keep ? kept : PHRASES_NONE;
        if (!keep) continue;
        if (e.last == PHRASES_LONG) {
            const int32_t size = table->pool[e.first] + 1;
            memmove(table->pool + pool_end, table->pool + e.first,
                    (size_t)size * sizeof *table->pool);
            e.first = pool_end;
            pool_end += size;
        }
        table->entries[kept++] = e;
    }
    if (kept == table->n_entries) return;
    table->n_entries = kept;
    table->n_pool = pool_end;
    memset(table->slots, 0, (sizeof *table->slots) << table->slot_bits);
    phrases_rehash(table, words);
}

enum phrases_status phrases_merge(struct phrases_table *table, const struct phrases_words *words,
                                  const struct phrases_table *source, int32_t *next) {
    int32_t pair[2];
    int64_t n;
    for (; *next < source->n_entries; ++*next) {
        const int32_t *run = phrases_run(source, *next, pair, &n);
        const int32_t entry = n == 1 ? enter_word(table, words, run[0])
                                     : enter(table, words, hash_of(words, run, n), run, n);
        if (entry == PHRASES_NONE) return PHRASES_FULL;
        table->entries[entry].count += source->entries[*next].count;
    }
    return PHRASES_DONE;
}

static const struct phrases_state BEGINNING = {.start = PHRASES_NONE};

void phrases_end_sentence(struct phrases_table *table, const struct phrases_words *words,
                          struct phrases_stream *stream) {
    stream->state = BEGINNING;
    stream->n_sentences++;
    if (table->n_entries > stream->max_entries) phrases_prune(table, words, stream->min_reduce++);
}

/* Count the token at pos, and the run that it ends; `hash` is that of the run. */
static inline enum phrases_status count_token(struct phrases_table *table,
                                              const struct phrases_words *words,
                                              struct phrases_stream *stream, uint64_t hash) {
    int32_t *const token = stream->ids + stream->pos;
    const int32_t id = *token & SCAN_ID;
    if (!words->connector[id]) {
        const int64_t start = stream->state.start;
        const int64_t n_run = start == PHRASES_NONE ? 0 : stream->pos + 1 - start;
        if (table->entry_cap - table->n_entries < 2 || !has_room(table, n_run)) return PHRASES_FULL;
        table->entries[enter_word(table, words, id)].count++;
        *token = id; /* runs are compared as they stand in the stream */
        if (n_run > 0) table->entries[enter(table, words, hash, token + 1 - n_run, n_run)].count++;
    } else {
        *token = id;
    }
    return PHRASES_DONE;
}

/* Three passes over a batch: what will be looked up, so that slots are fetched; which entries these
 * name, so that they are fetched; and the counting itself. */
enum phrases_status phrases_count(struct phrases_table *table, const struct phrases_words *words,
                                  struct phrases_stream *stream) {
    struct phrases_state after[BATCH];
    uint64_t hashes[BATCH];

    while (stream->pos < stream->n) {
        const int32_t *ids = stream->ids + stream->pos;
        const int64_t left = stream->n - stream->pos;
        const int32_t n = left < BATCH ? (int32_t)left : BATCH;

        struct phrases_state state = stream->state;
        for (int32_t i = 0; i < n; i++) {
            const int32_t id = ids[i] & SCAN_ID;
            const uint64_t hash = then_word(words, state.prefix, id);
            hashes[i] = 0;
            if (!words->connector[id]) {
                if (state.start != PHRASES_NONE) {
                    hashes[i] = hash;
                    PREFETCH(&table->slots[home_of(table, mixed(hash))]);
                }
                state.start = stream->pos + i;
                state.prefix = then_delimiter(words, words->hash[id]);
            } else if (state.start != PHRASES_NONE) {
                state.prefix = then_delimiter(words, hash);
            }
            state.length++;
            if ((stream->keep_ends && ids[i] < 0) || state.length == stream->max_length)
                state = BEGINNING;
            after[i] = state;
        }
        for (int32_t i = 0; i < n; i++) {
            const int32_t entry = table->entry_of[ids[i] & SCAN_ID];
            if (entry != PHRASES_NONE) PREFETCH(&table->entries[entry]);
            const int32_t next = table->slots[home_of(table, mixed(hashes[i]))].next;
            if (next != 0) PREFETCH(&table->entries[next - 1]);
        }
        for (int32_t i = 0; i < n; i++) {
            if (count_token(table, words, stream, hashes[i]) == PHRASES_FULL) return PHRASES_FULL;
            stream->n_tokens++;
            stream->pos++;
            if (after[i].length == 0)
                phrases_end_sentence(table, words, stream);
            else
                stream->state = after[i];
        }
    }
    return PHRASES_DONE;
}

double phrases_score(const struct phrases_rule *rule, double a, double b, double ab) {
    if (rule->scoring == PHRASES_DEFAULT) return (ab - rule->min_count) / (a * b) * rule->len_vocab;
    if (ab < rule->min_count) return -(double)INFINITY;
    const double pa = a / rule->corpus_words, pb = b / rule->corpus_words;
    const double pab = ab / rule->corpus_words;
    return pab == 1.0 ? 1.0 : log(pab / (pa * pb)) / -log(pab);
}

static inline int64_t count_of_word(const struct phrases_table *table,
                                    const struct phrases_words *words, int32_t word) {
    const int32_t entry = phrases_find(table, words, &word, 1);
    return entry == PHRASES_NONE ? 0 : table->entries[entry].count;
}

/* The known score of an entry that is read as a run. */
static bool known_score(const struct phrases_rule *rule, int32_t entry, const int32_t *run,
                        int64_t n, double *score) {
    const int64_t begin = rule->reading_off[entry], end = rule->reading_off[entry + 1];
    *score = rule->scores[entry];
    for (int64_t i = begin; i < end; i++) {
        *score = rule->reading_score[i];
        if (rule->readings[2 * i] == run[0] && rule->readings[2 * i + 1] == run[n - 1]) return true;
    }
    return begin == end;
}

/* Whether a run of words, all known, is a phrase. */
static bool is_phrase(const struct phrases_table *table, const struct phrases_words *words,
                      const struct phrases_rule *rule, const int32_t *run, int64_t n, uint64_t hash,
                      double *score) {
    const struct phrases_slot *slot = probe(table, words, mixed(hash), run, n);
    if (slot->next == 0) return false;
    const int32_t entry = slot->next - 1;
    if (rule->scoring == PHRASES_SCORED) {
        if (!known_score(rule, entry, run, n, score)) return false;
    } else {
        const int64_t ab = table->entries[entry].count;
        const int64_t a = count_of_word(table, words, run[0]);
        const int64_t b = count_of_word(table, words, run[n - 1]);
        if (a <= 0 || b <= 0 || ab <= 0) return false;
        *score = phrases_score(rule, (double)a, (double)b, (double)ab);
    }
    return *score > rule->threshold;
}

void phrases_join(const struct phrases_table *table, const struct phrases_words *words,
                  const struct phrases_rule *rule, const int32_t *ids, int64_t n, uint64_t *hashes,
                  uint8_t *glue, double *scores) {
    int64_t start = PHRASES_NONE;
    uint64_t prefix = 0;
    bool known = true; /* all words from start on are */

    /* A run ends at a word and starts at the last word before it that is no connector, whatever
     * is joined, so that all slots can be fetched before the first is looked at. */
    for (int64_t i = 0; i < n; i++) {
        glue[i] = 0;
        if (ids[i] < 0) {
            start = i;
            known = false;
            continue;
        }
        hashes[i] = then_word(words, prefix, ids[i]);
        if (!words->connector[ids[i]]) {
            if (start != PHRASES_NONE && known)
                PREFETCH(&table->slots[home_of(table, mixed(hashes[i]))]);
            start = i;
            known = true;
            prefix = then_delimiter(words, words->hash[ids[i]]);
        } else {
            prefix = then_delimiter(words, hashes[i]);
        }
    }

    start = PHRASES_NONE;
    for (int64_t i = 0; i < n; i++) {
        if (ids[i] < 0) {
            start = PHRASES_NONE;
        } else if (!words->connector[ids[i]]) {
            if (start != PHRASES_NONE && is_phrase(table, words, rule, ids + start, i + 1 - start,
                                                   hashes[i], &scores[start])) {
                memset(glue + start + 1, 1, (size_t)(i - start));
                start = PHRASES_NONE;
            } else {
                start = i;
            }
        }
    }
}

static inline bool is_space(uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

/* Copy the words of text[from .. to), which holds no newline, with `separator` between them. */
static void copy_words(struct phrases_text *text, int64_t from, int64_t to,
                       const uint8_t *separator, int64_t n_separator) {
    bool first = true;
    for (int64_t i = from; i < to; i++) {
        if (is_space(text->text[i])) continue;
        if (!first) {
            memcpy(text->out + text->n_out, separator, (size_t)n_separator);
            text->n_out += n_separator;
        } else if (text->in_line) {
            text->out[text->n_out++] = ' ';
        }
        first = false;
        while (i < to && !is_space(text->text[i])) text->out[text->n_out++] = text->text[i++];
        text->in_line = true;
        text->n_words++;
    }
    text->done = to;
}

enum phrases_status phrases_rewrite(const struct phrases_table *table,
                                    const struct phrases_words *words,
                                    const struct scan_table *lexicon,
                                    const struct phrases_rule *rule, struct phrases_text *text) {
    static const uint8_t SPACE[] = " ";
    int32_t run[PHRASES_WIDEST];
    int64_t n_run = 0; /* words from text[done] on that may become a phrase; 0: none */
    uint64_t prefix = 0;
    int64_t at = text->done;

    for (;;) {
        while (at < text->n_text && is_space(text->text[at]) && text->text[at] != '\n') at++;
        const bool at_end = at == text->n_text;
        int64_t end = at;
        while (end < text->n_text && !is_space(text->text[end])) end++;
        if (end == text->n_text && !text->final) break;

        /* Whatever is decided about the text from done to here, it is written by this. */
        const int64_t room = (end - text->done) * (1 + words->n_delimiter) + 2;
        if (text->out_cap - text->n_out < room) return PHRASES_FULL;

        if (at_end || text->text[at] == '\n') {
            copy_words(text, text->done, at, SPACE, 1);
            n_run = 0;
            if (text->in_line || !(at_end || text->skip_blank)) {
                text->out[text->n_out++] = '\n';
                text->n_lines++;
            }
            text->in_line = false;
            if (at_end) break;
            text->done = ++at;
            continue;
        }

        const int32_t id = scan_find(lexicon, text->text + at, end - at);
        if (id == SCAN_NONE) {
            copy_words(text, text->done, end, SPACE, 1);
            n_run = 0;
        } else if (words->connector[id]) {
            if (n_run > 0 && n_run < PHRASES_WIDEST - 1) {
                run[n_run++] = id;
                prefix = then_delimiter(words, then_word(words, prefix, id));
            } else {
                copy_words(text, text->done, end, SPACE, 1);
                n_run = 0;
            }
        } else {
            double score;
            bool joined = false;
            if (n_run > 0) {
                run[n_run] = id;
                joined = is_phrase(table, words, rule, run, n_run + 1, then_word(words, prefix, id),
                                   &score);
            }
            if (joined) {
                copy_words(text, text->done, end, words->delimiter, words->n_delimiter);
                text->n_words -= n_run;
                text->n_phrases++;
                n_run = 0;
            } else {
                copy_words(text, text->done, at, SPACE, 1);
                run[0] = id;
                n_run = 1;
                prefix = then_delimiter(words, words->hash[id]);
            }
        }
        at = end;
    }
    return PHRASES_DONE;
}
