#include "ints.h"

#include "compiler.h"

/* 2^64 / golden ratio; neighbours, as node numbers often are, go to distant slots. */
FORCE_INLINE uint64_t home_of(int64_t value, uint32_t slot_bits) {
    uint64_t hash = (uint64_t)value * UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ hash >> 32) * UINT64_C(0x9fb21c651e98df25);
    return hash >> (64 - slot_bits);
}

/* The slot of the value, or the empty slot where it would go. */
FORCE_INLINE struct ints_slot *probe(const struct ints_table *table, int64_t value) {
    const uint64_t mask = (UINT64_C(1) << table->slot_bits) - 1;
    uint64_t i = home_of(value, table->slot_bits);
    while (table->slots[i].id_after != 0 && table->slots[i].value != value) i = (i + 1) & mask;
    return &table->slots[i];
}

static enum scan_status enter(struct ints_table *table, struct ints_slot *slot, int64_t value,
                              int64_t first) {
    const int32_t id = table->n_words;
    if (id == table->word_cap) return SCAN_FULL_WORDS;
    table->values[id] = value;
    table->counts[id] = 0;
    table->first[id] = first;
    table->n_words = id + 1;
    if (slot->id_after != 0) return SCAN_DONE;
    slot->value = value;
    slot->id_after = id + 1;
    slot->count = 0;
    return SCAN_DONE;
}

FORCE_INLINE enum scan_status read_rows(struct ints_table *table, struct ints_block *block,
                                        bool growing) {
    int64_t n_out = block->n_out, at = block->done;
    enum scan_status status = SCAN_DONE;

    for (; block->row < block->n_rows; block->row++) {
        const int64_t end = block->rows[block->row + 1];
        for (; at < end; at++) {
            if (n_out == block->out_cap) {
                status = SCAN_FULL_OUT;
                goto stop;
            }
            struct ints_slot *slot = probe(table, block->values[at]);
            if (slot->id_after == 0) {
                if (!growing) continue;
                status = enter(table, slot, block->values[at], block->pos + at);
                if (status != SCAN_DONE) goto stop;
            }
            block->out[n_out++] = slot->id_after - 1;
            if (growing && ++slot->count == 0)
                table->counts[slot->id_after - 1] += INT64_C(1) << 32;
            if (growing && block->is_earlier && block->pos + at < table->first[slot->id_after - 1])
                table->first[slot->id_after - 1] = block->pos + at;
        }
        if (n_out > 0)
            block->out[n_out - 1] |= SCAN_END;
        else
            block->leading_end = true;
    }
stop:
    block->n_out = n_out;
    block->done = at;
    return status;
}

enum scan_status ints_count(struct ints_table *table, struct ints_block *block) {
    return read_rows(table, block, true);
}

enum scan_status ints_encode(const struct ints_table *table, struct ints_block *block) {
    struct ints_table view = *table;
    return read_rows(&view, block, false);
}

int32_t ints_find(const struct ints_table *table, int64_t value) {
    return probe(table, value)->id_after - 1;
}

enum scan_status ints_add(struct ints_table *table, int64_t value, int64_t first) {
    return enter(table, probe(table, value), value, first);
}

void ints_settle(struct ints_table *table) {
    const int64_t n_slots = INT64_C(1) << table->slot_bits;
    for (int64_t i = 0; i < n_slots; i++) {
        struct ints_slot *slot = &table->slots[i];
        if (slot->count == 0) continue;
        table->counts[slot->id_after - 1] += slot->count;
        slot->count = 0;
    }
}

enum scan_status ints_merge(struct ints_table *table, const struct ints_table *source,
                            int32_t *next, int32_t *ids) {
    for (; *next < source->n_words; ++*next) {
        struct ints_slot *slot = probe(table, source->values[*next]);
        if (slot->id_after == 0) {
            const enum scan_status status =
                enter(table, slot, source->values[*next], source->first[*next]);
            if (status != SCAN_DONE) return status;
        }
        const int32_t id = slot->id_after - 1;
        table->counts[id] += source->counts[*next];
        if (source->first[*next] < table->first[id]) table->first[id] = source->first[*next];
        ids[*next] = id;
    }
    return SCAN_DONE;
}

void ints_rehash(struct ints_table *table, const struct ints_slot *old, int64_t n_old) {
    const uint64_t mask = (UINT64_C(1) << table->slot_bits) - 1;
    for (int64_t k = 0; k < n_old; k++) {
        if (old[k].id_after == 0) continue;
        uint64_t i = home_of(old[k].value, table->slot_bits);
        while (table->slots[i].id_after != 0) i = (i + 1) & mask;
        table->slots[i] = old[k];
    }
}
