#include "scan.h"

#include <string.h>

#define ONES      UINT64_C(0x0101010101010101)
#define HIGH_BITS (0x80 * ONES)
#define LONG_TAG  (UINT64_C(1) << 63)

/* Odd multipliers with well-spread bits: 2^64 / golden ratio, and Pelle Evensen's of rrmxmx. */
#define MIX_A UINT64_C(0x9e3779b97f4a7c15)
#define MIX_B UINT64_C(0x9fb21c651e98df25)

/* Byte 0 in the low bits on every machine; compilers make one load of it. */
static inline uint64_t load8(const uint8_t *p) {
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

/* The top bit of every byte that is white space. The sums stay below 256 in every byte because the
 * top bits are cleared first, so no carry makes a neighbour look like white space. */
static inline uint64_t white_space(uint64_t bytes) {
    const uint64_t low = bytes & ~HIGH_BITS;
    const uint64_t from_tab = low + (0x80 - '\t') * ONES;
    const uint64_t past_return = low + (0x80 - '\r' - 1) * ONES;
    const uint64_t not_space = (low ^ ' ' * ONES) + 0x7f * ONES;
    return ((from_tab & ~past_return) | ~not_space) & ~bytes & HIGH_BITS;
}

static inline bool is_space(uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

/* The low n bytes set, n in 0 .. 7. */
static inline uint64_t low_bytes(int64_t n) { return (UINT64_C(1) << (8 * n)) - 1; }

static inline uint64_t short_tag(uint64_t bytes, int64_t n) {
    return (bytes & low_bytes(n)) | (uint64_t)n << 56;
}

static inline uint64_t long_tag(const uint8_t *word, int64_t n) {
    uint64_t hash = (uint64_t)n * MIX_A;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        hash = (hash ^ load8(word + i)) * MIX_B;
        hash ^= hash >> 32;
    }
    hash = (hash ^ (load8(word + i) & low_bytes(n - i))) * MIX_B;
    return (hash ^ hash >> 29) | LONG_TAG;
}

static inline uint64_t tag_of(const uint8_t *word, int64_t n) {
    return n < 8 ? short_tag(load8(word), n) : long_tag(word, n);
}

/* Short tags are text, so they are mixed before the top bits are taken. */
static inline uint64_t home_of(uint64_t tag, uint32_t slot_bits) {
    uint64_t hash = tag * MIX_A;
    hash = (hash ^ hash >> 32) * MIX_B;
    return hash >> (64 - slot_bits);
}

/* The slot of the word, or the empty slot where it would go. */
static inline struct scan_slot *probe(const struct scan_table *table, uint64_t tag,
                                      const uint8_t *word, int64_t n) {
    const uint64_t mask = (UINT64_C(1) << table->slot_bits) - 1;
    uint64_t i = home_of(tag, table->slot_bits);
    for (;; i = (i + 1) & mask) {
        struct scan_slot *slot = &table->slots[i];
        if (slot->tag == 0) return slot;
        if (slot->tag != tag) continue;
        if (!(tag & LONG_TAG)) return slot;
        const int64_t start = table->offsets[slot->id];
        if (table->offsets[slot->id + 1] - start == n &&
            memcmp(table->arena + start, word, (size_t)n) == 0)
            return slot;
    }
}

static enum scan_status append(struct scan_table *table, const uint8_t *word, int64_t n,
                               int64_t first) {
    const int32_t id = table->n_words;
    if (id == table->word_cap) return SCAN_FULL_WORDS;
    const int64_t start = table->offsets[id];
    if (n > table->arena_cap - start) return SCAN_FULL_ARENA;
    memcpy(table->arena + start, word, (size_t)n);
    table->offsets[id + 1] = start + n;
    table->counts[id] = 0;
    table->first[id] = first;
    table->n_words = id + 1;
    return SCAN_DONE;
}

static void end_sentence(struct scan_block *block, int64_t n_out, int64_t n_tokens) {
    if (n_out > 0)
        block->out[n_out - 1] |= SCAN_END;
    else
        block->leading_end = true;
    if (!block->has_newline) {
        block->has_newline = true;
        block->joins = n_tokens > 0;
    }
    block->n_sentences += n_tokens > block->sentence_mark;
    block->sentence_mark = n_tokens;
}

/* Both readers in one body. `growing` is a constant in each, so that its branches vanish. */
static inline enum scan_status read_block(struct scan_table *table, struct scan_block *block,
                                          bool growing) {
    const uint8_t *p = block->text + block->done;
    const uint8_t *const end = block->text + block->n_text;
    enum scan_status status = SCAN_DONE;
    int64_t n_out = block->n_out, n_tokens = block->n_tokens;

    while (p < end) {
        const uint64_t bytes = load8(p);
        uint64_t space = white_space(bytes);
        int64_t n;
        uint64_t tag;
        if (space != 0) {
            n = __builtin_ctzll(space) >> 3;
            if (n == 0) {
                if (*p == '\n') end_sentence(block, n_out, n_tokens);
                p++;
                continue;
            }
            tag = short_tag(bytes, n);
        } else {
            for (n = 8; (space = white_space(load8(p + n))) == 0; n += 8);
            n += __builtin_ctzll(space) >> 3;
            tag = long_tag(p, n);
        }

        if (n_out == block->out_cap) {
            status = SCAN_FULL_OUT;
            break;
        }
        struct scan_slot *slot = probe(table, tag, p, n);
        if (slot->tag != 0) {
            const int32_t id = slot->id;
            block->out[n_out++] = id;
            if (growing) table->counts[id]++;
        } else if (growing) {
            const int32_t id = table->n_words;
            status = append(table, p, n, block->text_pos + (p - block->text));
            if (status != SCAN_DONE) break;
            slot->tag = tag;
            slot->id = id;
            table->counts[id] = 1;
            block->out[n_out++] = id;
        }
        n_tokens++;
        if (p[n] == '\n') end_sentence(block, n_out, n_tokens);
        p += n + 1;
    }

    block->done = p - block->text;
    block->n_out = n_out;
    block->n_tokens = n_tokens;
    if (status == SCAN_DONE) {
        block->open = n_tokens > block->sentence_mark;
        block->n_sentences += block->open;
        if (!block->has_newline) block->joins = n_tokens > 0;
    }
    return status;
}

enum scan_status scan_count(struct scan_table *table, struct scan_block *block) {
    return read_block(table, block, true);
}

enum scan_status scan_encode(const struct scan_table *table, struct scan_block *block) {
    struct scan_table view = *table;
    return read_block(&view, block, false);
}

int32_t scan_find(const struct scan_table *table, const uint8_t *word, int64_t n) {
    const struct scan_slot *slot = probe(table, tag_of(word, n), word, n);
    return slot->tag != 0 ? slot->id : SCAN_NONE;
}

enum scan_status scan_add(struct scan_table *table, const uint8_t *word, int64_t n, int64_t first) {
    const int32_t id = table->n_words;
    const enum scan_status status = append(table, word, n, first);
    if (status == SCAN_DONE && n > 0) {
        const uint64_t tag = tag_of(word, n);
        struct scan_slot *slot = probe(table, tag, word, n);
        slot->tag = tag;
        slot->id = id;
    }
    return status;
}

enum scan_status scan_merge(struct scan_table *table, const struct scan_table *source,
                            int32_t *next, int32_t *ids) {
    for (; *next < source->n_words; ++*next) {
        const int64_t start = source->offsets[*next];
        const int64_t n = source->offsets[*next + 1] - start;
        const uint8_t *word = source->arena + start;
        const uint64_t tag = tag_of(word, n);
        struct scan_slot *slot = probe(table, tag, word, n);
        if (slot->tag == 0) {
            const int32_t id = table->n_words;
            const enum scan_status status = append(table, word, n, source->first[*next]);
            if (status != SCAN_DONE) return status;
            slot->tag = tag;
            slot->id = id;
        }
        const int32_t id = slot->id;
        table->counts[id] += source->counts[*next];
        if (source->first[*next] < table->first[id]) table->first[id] = source->first[*next];
        ids[*next] = id;
    }
    return SCAN_DONE;
}

void scan_rehash(struct scan_table *table, const struct scan_slot *old, int64_t n_old) {
    const uint64_t mask = (UINT64_C(1) << table->slot_bits) - 1;
    for (int64_t k = 0; k < n_old; k++) {
        if (old[k].tag == 0) continue;
        uint64_t i = home_of(old[k].tag, table->slot_bits);
        while (table->slots[i].tag != 0) i = (i + 1) & mask;
        table->slots[i] = old[k];
    }
}

int64_t scan_cut(const uint8_t *text, int64_t from, int64_t n) {
    while (n > from && !is_space(text[n - 1])) n--;
    return n > from ? n : 0;
}

int64_t scan_remap(int32_t *ids, int64_t n, const int32_t *map, bool *leading_end) {
    int64_t n_kept = 0;
    for (int64_t i = 0; i < n; i++) {
        const int32_t end = ids[i] & SCAN_END;
        const int32_t id = map[ids[i] & SCAN_ID];
        if (id != SCAN_NONE)
            ids[n_kept++] = id | end;
        else if (end != 0 && n_kept > 0)
            ids[n_kept - 1] |= SCAN_END;
        else if (end != 0)
            *leading_end = true;
    }
    return n_kept;
}

int64_t scan_longest(const int32_t *ids, int64_t n) {
    int64_t longest = 0, start = 0;
    for (int64_t i = 0; i < n; i++) {
        if (ids[i] < 0) {
            longest = i + 1 - start > longest ? i + 1 - start : longest;
            start = i + 1;
        }
    }
    return n - start > longest ? n - start : longest;
}
