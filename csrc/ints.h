/* Whole numbers to ids: what scan.h does for words, for sequences that are numbers already.
 *
 * A corpus is rows of values, each row a sentence. Ids leave in pieces under the rules of scan.h,
 * and a full buffer is dealt with in the same way: the call says which it is, the caller enlarges
 * it and calls again.
 */

#ifndef FASTW2V_INTS_H
#define FASTW2V_INTS_H

#include <stdbool.h>
#include <stdint.h>

#include "scan.h"

struct ints_slot {
    int64_t value;
    int32_t id_after; /* id + 1; 0 is an empty slot */
    uint32_t count;   /* occurrences that are not in `counts` yet */
};

/* Open addressing with linear probing; word_cap must be less than the number of slots. */
struct ints_table {
    struct ints_slot *slots; /* 1 << slot_bits, zeroed by the caller */
    int64_t *values;         /* word_cap: the values by id */
    int64_t *counts;         /* word_cap; true after ints_settle */
    int64_t *first;          /* word_cap: place of the first occurrence in the corpus */
    int32_t word_cap;
    int32_t n_words;
    uint32_t slot_bits; /* 1 .. 63 */
};

/* Some rows on their way through. Row r is values[rows[r] .. rows[r + 1]). */
struct ints_block {
    const int64_t *values;
    const int64_t *rows;
    int64_t n_rows;
    int64_t pos;       /* place in the corpus of values[0] */
    bool is_earlier;   /* the table has values from later in the corpus */
    int64_t row, done; /* where the reading stands: a row, a value; in the beginning 0, rows[0] */

    int32_t *out; /* the current piece */
    int64_t out_cap;
    int64_t n_out;
    bool leading_end; /* a row ended before the first id of the piece */
};

/* Read some rows; unseen values enter the table. Returns SCAN_DONE, SCAN_FULL_OUT or
 * SCAN_FULL_WORDS. */
enum scan_status ints_count(struct ints_table *table, struct ints_block *block);

/* Read some rows; values outside the table are left out. Returns SCAN_DONE or SCAN_FULL_OUT. */
enum scan_status ints_encode(const struct ints_table *table, struct ints_block *block);

/* The id of a value, or SCAN_NONE. */
int32_t ints_find(const struct ints_table *table, int64_t value);

/* Append a value, with count 0; one that is in the table already takes an id that no search will
 * find. Returns SCAN_DONE or SCAN_FULL_WORDS. */
enum scan_status ints_add(struct ints_table *table, int64_t value, int64_t first);

/* Move the counts of all slots to `counts`. */
void ints_settle(struct ints_table *table);

/* Add the values of `source`, which is settled, from *next on, as scan_merge does. */
enum scan_status ints_merge(struct ints_table *table, const struct ints_table *source,
                            int32_t *next, int32_t *ids);

/* Fill the zeroed slots of `table` with its old ones, of which there were n_old. */
void ints_rehash(struct ints_table *table, const struct ints_slot *old, int64_t n_old);

#endif
