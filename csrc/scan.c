#include "scan.h"

#include <string.h>

#include "compiler.h"
#include "look.h"
#include "utf8.h"

#define LONG_TAG (UINT64_C(1) << 63)

/* Odd multipliers with well-spread bits: 2^64 / golden ratio, and Pelle Evensen's of rrmxmx. */
#define MIX_A UINT64_C(0x9e3779b97f4a7c15)
#define MIX_B UINT64_C(0x9fb21c651e98df25)

enum {
    WINDOW = 4096, /* bytes of text split at a time */
    AHEAD = 16,    /* words between asking for a slot and looking at it */
};

static inline bool is_space(uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

/* The low n bytes set, n in 0 .. 7. */
static inline uint64_t low_bytes(int64_t n) { return (UINT64_C(1) << (8 * n)) - 1; }

static inline struct scan_tag long_tag(const uint8_t *word, int64_t n) {
    uint64_t hash = (uint64_t)n * MIX_A;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        hash = (hash ^ load8(word + i)) * MIX_B;
        hash ^= hash >> 32;
    }
    hash = (hash ^ (load8(word + i) & low_bytes(n - i))) * MIX_B;
    return (struct scan_tag){hash ^ hash >> 29, LONG_TAG};
}

/* A short word has its bytes past the end cut off, all eight of the high part if it ends before. */
static inline struct scan_tag tag_of(const uint8_t *word, int64_t n) {
    if (n > 15 || n == 0) return long_tag(word, n);
    const uint64_t low = n < 8 ? low_bytes(n) : ~UINT64_C(0);
    const uint64_t high = n < 8 ? 0 : low_bytes(n - 8);
    return (struct scan_tag){load8(word) & low, (load8(word + 8) & high) | (uint64_t)n << 56};
}

/* Short tags are text, so they are mixed before the top bits are taken. */
static inline uint64_t home_of(struct scan_tag tag, uint32_t slot_bits) {
    uint64_t hash = (tag.low * MIX_A) ^ (tag.high * MIX_B);
    hash = (hash ^ hash >> 32) * MIX_B;
    return hash >> (64 - slot_bits);
}

/* The slot of the word, or the empty slot where it would go. */
static inline struct scan_slot *probe(const struct scan_table *table, struct scan_tag tag,
                                      const uint8_t *word, int64_t n) {
    const uint64_t mask = (UINT64_C(1) << table->slot_bits) - 1;
    uint64_t i = home_of(tag, table->slot_bits);
    for (;; i = (i + 1) & mask) {
        struct scan_slot *slot = &table->slots[i];
        if (slot->tag.high == 0) return slot;
        if (slot->tag.low != tag.low || slot->tag.high != tag.high) continue;
        if (tag.high != LONG_TAG) return slot;
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

/* What 64 bytes hold, a bit for each. */
struct masks {
    uint64_t space, newline;
};

FORCE_INLINE struct masks look(const uint8_t *p) {
    struct masks found = {0, 0};
    UNROLL
    for (int i = 0; i < 4; i++) {
        const bytes16 bytes = load16(p + 16 * i);
        found.space |= top_bits(are_space(bytes)) << 16 * i;
        found.newline |= top_bits(are(bytes, '\n')) << 16 * i;
    }
    return found;
}

/* The words of a window: word k is text[starts[k] .. ends[k]), counted from the window's first
 * byte. Before word lines[j], or after the last one, is a newline. */
struct window {
    int32_t starts[WINDOW / 2 + 1], ends[WINDOW / 2 + 1], lines[WINDOW + 64];
    int n_words, n_lines;
    int64_t n_bytes; /* how far the window goes: an unfinished word is not in it */
};

/* Split text[0 .. n), of which the last byte is white space, up to about WINDOW bytes. */
static void split(struct window *window, const uint8_t *text, int64_t n) {
    int n_starts = 0, n_ends = 0, n_lines = 0;
    uint64_t before = 1; /* the byte before is white space */
    int64_t at = 0;
    for (; at < n && at < WINDOW; at += 64) {
        struct masks masks = look(text + at);
        if (n - at < 64) {
            const uint64_t valid = (UINT64_C(1) << (n - at)) - 1;
            masks.space |= ~valid;
            masks.newline &= valid;
        }
        const uint64_t after_space = masks.space << 1 | before;
        uint64_t starts = ~masks.space & after_space;
        uint64_t ends = masks.space & ~after_space;
        before = masks.space >> 63;
        for (; masks.newline != 0; masks.newline &= masks.newline - 1) {
            const uint64_t below = (masks.newline & -masks.newline) - 1;
            window->lines[n_lines++] = n_ends + __builtin_popcountll(ends & (below << 1 | 1));
        }
        for (; starts != 0; starts &= starts - 1)
            window->starts[n_starts++] = (int32_t)(at + __builtin_ctzll(starts));
        for (; ends != 0; ends &= ends - 1)
            window->ends[n_ends++] = (int32_t)(at + __builtin_ctzll(ends));
    }
    window->n_words = n_ends;
    window->n_lines = n_lines;
    window->n_bytes = n_starts > n_ends ? window->starts[n_ends] : at < n ? at : n;
}

/* The length of the word at p, which ends before its text does. */
static int64_t word_length(const uint8_t *p) {
    for (int64_t n = 0;; n += 64) {
        const uint64_t space = look(p + n).space;
        if (space != 0) return n + __builtin_ctzll(space);
    }
}

/* Write the id of a word, if it is in the table or may enter it. */
FORCE_INLINE enum scan_status take(struct scan_table *table, struct scan_block *block,
                                   int64_t *n_out, struct scan_tag tag, const uint8_t *word,
                                   int64_t n, int64_t first, bool growing) {
    if (*n_out == block->out_cap) return SCAN_FULL_OUT;
    struct scan_slot *slot = probe(table, tag, word, n);
    if (slot->tag.high == 0) {
        if (!utf8_valid(word, n)) return SCAN_INVALID;
        if (!growing) return SCAN_DONE;
        const int32_t id = table->n_words;
        const enum scan_status status = append(table, word, n, first);
        if (status != SCAN_DONE) return status;
        slot->tag = tag;
        slot->id = id;
    }
    block->out[(*n_out)++] = slot->id;
    if (growing && ++slot->count == 0) table->counts[slot->id] += INT64_C(1) << 32;
    if (growing && block->is_earlier && first < table->first[slot->id])
        table->first[slot->id] = first;
    return SCAN_DONE;
}

/* Both readers in one body. `growing` is a constant in each, so that its branches vanish. */
FORCE_INLINE enum scan_status read_block(struct scan_table *table, struct scan_block *block,
                                         bool growing) {
    struct window window;
    struct scan_tag tags[WINDOW / 2 + 1];
    enum scan_status status = SCAN_DONE;
    int64_t n_out = block->n_out, n_tokens = block->n_tokens;

    while (block->done < block->n_text && status == SCAN_DONE) {
        const uint8_t *const text = block->text + block->done;
        const int64_t first = block->text_pos + block->done;
        split(&window, text, block->n_text - block->done);
        if (window.n_bytes == 0) { /* a word that is longer than the window */
            const int64_t n = word_length(text);
            const struct scan_tag tag = tag_of(text, n);
            status = take(table, block, &n_out, tag, text, n, first, growing);
            if (status != SCAN_DONE) break;
            n_tokens++;
            block->done += n;
            continue;
        }
        const int n_words = window.n_words;
        int line = 0;
        for (int k = 0; k < n_words + AHEAD; k++) {
            if (k < n_words) {
                const uint8_t *const word = text + window.starts[k];
                tags[k] = tag_of(word, window.ends[k] - window.starts[k]);
                W2V_PREFETCH_READ(&table->slots[home_of(tags[k], table->slot_bits)]);
            }
            const int j = k - AHEAD;
            if (j < 0) continue;
            for (; line < window.n_lines && window.lines[line] == j; line++)
                end_sentence(block, n_out, n_tokens);
            const int32_t start = window.starts[j], n = window.ends[j] - start;
            status = take(table, block, &n_out, tags[j], text + start, n, first + start, growing);
            if (status != SCAN_DONE) {
                block->done += start;
                break;
            }
            n_tokens++;
        }
        if (status == SCAN_DONE) {
            for (; line < window.n_lines; line++) end_sentence(block, n_out, n_tokens);
            block->done += window.n_bytes;
        }
        block->n_lines += line;
    }

    block->n_out = n_out;
    block->n_tokens = n_tokens;
    if (status == SCAN_DONE) {
        block->open = n_tokens > block->sentence_mark;
        block->n_sentences += block->open;
        if (!block->has_newline) block->joins = n_tokens > 0;
    }
    return status;
}

FORCE_INLINE enum scan_status read_list(struct scan_table *table, struct scan_block *block,
                                        struct scan_list *list, bool growing) {
    for (; list->row < list->n_rows; list->row++) {
        for (; list->word < list->rows[list->row + 1]; list->word++) {
            const int64_t start = list->offsets[list->word];
            const int64_t n = list->offsets[list->word + 1] - start;
            const uint8_t *const word = list->bytes + start;
            const enum scan_status status = take(table, block, &block->n_out, tag_of(word, n), word,
                                                 n, block->text_pos + list->word, growing);
            if (status != SCAN_DONE) return status;
            block->n_tokens++;
        }
        end_sentence(block, block->n_out, block->n_tokens);
        block->n_sentences += list->rows[list->row + 1] == list->rows[list->row];
    }
    block->joins = false;
    return SCAN_DONE;
}

enum scan_status scan_count(struct scan_table *table, struct scan_block *block) {
    return read_block(table, block, true);
}

enum scan_status scan_encode(const struct scan_table *table, struct scan_block *block) {
    struct scan_table view = *table;
    return read_block(&view, block, false);
}

enum scan_status scan_count_list(struct scan_table *table, struct scan_block *block,
                                 struct scan_list *list) {
    return read_list(table, block, list, true);
}

enum scan_status scan_encode_list(const struct scan_table *table, struct scan_block *block,
                                  struct scan_list *list) {
    struct scan_table view = *table;
    return read_list(&view, block, list, false);
}

int32_t scan_find(const struct scan_table *table, const uint8_t *word, int64_t n) {
    const struct scan_slot *slot = probe(table, tag_of(word, n), word, n);
    return slot->tag.high != 0 ? slot->id : SCAN_NONE;
}

enum scan_status scan_add(struct scan_table *table, const uint8_t *word, int64_t n, int64_t first) {
    const int32_t id = table->n_words;
    const enum scan_status status = append(table, word, n, first);
    if (status == SCAN_DONE) {
        const struct scan_tag tag = tag_of(word, n);
        struct scan_slot *slot = probe(table, tag, word, n);
        slot->tag = tag;
        slot->id = id;
    }
    return status;
}

enum scan_status scan_skip(struct scan_table *table) { return append(table, table->arena, 0, 0); }

void scan_settle(struct scan_table *table) {
    const int64_t n_slots = INT64_C(1) << table->slot_bits;
    for (int64_t i = 0; i < n_slots; i++) {
        struct scan_slot *slot = &table->slots[i];
        if (slot->count == 0) continue;
        table->counts[slot->id] += slot->count;
        slot->count = 0;
    }
}

enum scan_status scan_merge(struct scan_table *table, const struct scan_table *source,
                            int32_t *next, int32_t *ids) {
    for (; *next < source->n_words; ++*next) {
        const int64_t start = source->offsets[*next];
        const int64_t n = source->offsets[*next + 1] - start;
        const uint8_t *word = source->arena + start;
        const struct scan_tag tag = tag_of(word, n);
        struct scan_slot *slot = probe(table, tag, word, n);
        if (slot->tag.high == 0) {
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
        if (old[k].tag.high == 0) continue;
        uint64_t i = home_of(old[k].tag, table->slot_bits);
        while (table->slots[i].tag.high != 0) i = (i + 1) & mask;
        table->slots[i] = old[k];
    }
}

struct scan_tag scan_short_tag(const uint8_t *word, int64_t n) {
    uint64_t low, high = 0;
    if (n >= 8) {
        low = load8(word);
        /* The last eight bytes, less those that are in `low`. */
        high = n > 8 ? load8(word + n - 8) >> 8 * (16 - n) : 0;
    } else {
        low = 0;
        for (int64_t i = 0; i < n; i++) low |= (uint64_t)word[i] << 8 * i;
    }
    return (struct scan_tag){low, high | (uint64_t)n << 56};
}

void scan_ask(const struct scan_table *table, const struct scan_tag *tag) {
    W2V_PREFETCH_READ(&table->slots[home_of(*tag, table->slot_bits)]);
}

int32_t scan_recall(const struct scan_table *table, const struct scan_tag *tag) {
    const struct scan_slot *slot = probe(table, *tag, NULL, 0);
    return slot->tag.high != 0 ? slot->id : SCAN_UNKNOWN;
}

void scan_remember(struct scan_table *table, const struct scan_tag *tag, int32_t id) {
    struct scan_slot *slot = probe(table, *tag, NULL, 0);
    slot->tag = *tag;
    slot->id = id;
    table->n_words++;
}

int64_t scan_cut(const uint8_t *text, int64_t from, int64_t n) {
    while (n > from && !is_space(text[n - 1])) n--;
    return n > from ? n : 0;
}

int64_t scan_lines(const uint8_t *text, int64_t n) {
    int64_t n_lines = 0;
    for (int64_t i = 0; i < n; i++) n_lines += text[i] == '\n';
    return n_lines;
}

FORCE_INLINE int64_t keep(int32_t *ids, int64_t n_kept, int32_t id, int32_t end,
                          bool *leading_end) {
    if (id != SCAN_NONE) {
        ids[n_kept] = id | end;
        return n_kept + 1;
    }
    if (end != 0 && n_kept > 0)
        ids[n_kept - 1] |= SCAN_END;
    else if (end != 0)
        *leading_end = true;
    return n_kept;
}

int64_t scan_remap(int32_t *ids, int64_t n, const int32_t *map, bool *leading_end) {
    int64_t n_kept = 0;
    for (int64_t i = 0; i < n; i++)
        n_kept = keep(ids, n_kept, map[ids[i] & SCAN_ID], ids[i] & SCAN_END, leading_end);
    return n_kept;
}

int64_t scan_remap_fixed(int32_t *ids, int64_t n, const int32_t *map, bool *leading_end,
                         int64_t length, int64_t phase) {
    int64_t n_kept = 0, next_end = length - 1 - phase;
    for (int64_t i = 0; i < n; i++) {
        int32_t end = ids[i] & SCAN_END;
        if (i == next_end) {
            end = SCAN_END;
            next_end += length;
        }
        n_kept = keep(ids, n_kept, map[ids[i] & SCAN_ID], end, leading_end);
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
