/* Text to ids: tokenise, hash, count, encode.
 *
 * A word is a run of bytes between ASCII white space (space, \t, \n, \v, \f, \r: what Python's
 * bytes.split() splits at); a newline also ends a sentence. Text arrives in blocks that hold whole
 * words, and ids leave in pieces: runs of consecutive ids in buffers of the caller. Nothing here
 * allocates. When a buffer is full the call says which and returns; the caller enlarges it and
 * calls again, and the scan goes on where it stopped. Other rules for words and sentences are
 * those of clean.h, which makes text of the kind that is read here.
 *
 * How sentences survive the cuts. The last id of a sentence carries SCAN_END. A newline marks the
 * last id written to the current piece; marking one twice is harmless, so it need not be known
 * which sentence that id is from. A newline that finds the piece still empty cannot mark: it sets
 * `leading_end`, and whoever joins the pieces marks the last id before this piece instead. The
 * same rule serves when words outside the vocabulary are dropped, here or by scan_remap.
 *
 * How it is fast. White space is found 64 bytes at a time, as bit masks. The words of a few
 * kilobytes are first hashed, then looked up: a slot is asked of memory 16 words before it is
 * needed. A slot holds its word's count, so that an occurrence touches one cache line; `counts`
 * has only what scan_settle moved there.
 */

#ifndef FASTW2V_SCAN_H
#define FASTW2V_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCAN_END   INT32_MIN /* flag on the last id of a sentence */
#define SCAN_ID    INT32_MAX /* mask that takes the flag off */
#define SCAN_NONE  (-1)      /* no id: the word is not in the table */
#define SCAN_SLACK 64        /* readable bytes beyond the end of a text and of an arena */

enum scan_status {
    SCAN_DONE,       /* the block is finished */
    SCAN_FULL_OUT,   /* out_cap ids are written: start a new piece */
    SCAN_FULL_WORDS, /* n_words == word_cap: enlarge the columns and the slots */
    SCAN_FULL_ARENA, /* the next word does not fit in the arena */
    SCAN_INVALID,    /* the next word is not UTF-8 */
};

/* What a slot knows of a word. A word of 1 to 15 bytes is its own tag, with its length in the top
 * byte, so that equal tags are equal words. The tag of any other word is a 64-bit hash below the
 * highest bit alone, and equal tags are settled by comparing bytes. `high` of an empty slot is 0.
 */
struct scan_tag {
    uint64_t low, high;
};

struct scan_slot {
    struct scan_tag tag;
    int32_t id;
    uint32_t count; /* occurrences that are not in `counts` yet */
};

/* A table of words. Word `id` is arena[offsets[id] .. offsets[id + 1]). Open addressing with linear
 * probing; word_cap must be less than the number of slots, or a search would not end. */
struct scan_table {
    struct scan_slot *slots; /* 1 << slot_bits, zeroed by the caller */
    uint8_t *arena;          /* arena_cap + SCAN_SLACK bytes */
    int64_t *offsets;        /* word_cap + 1, offsets[0] == 0 */
    int64_t *counts;         /* word_cap; true after scan_settle */
    int64_t *first;          /* word_cap: byte position of the first occurrence in the corpus */
    int64_t arena_cap;
    int32_t word_cap;
    int32_t n_words;
    uint32_t slot_bits; /* 1 .. 63 */
};

/* One block of text on its way through, and the ledger of what was found in it. */
struct scan_block {
    const uint8_t *text; /* n_text bytes, the last one white space, then SCAN_SLACK more */
    int64_t n_text;
    int64_t text_pos; /* position in the corpus of text[0] */
    bool is_earlier;  /* the table has words from later in the corpus */
    int64_t done;     /* bytes of text finished */

    int32_t *out; /* the current piece */
    int64_t out_cap;
    int64_t n_out;
    bool leading_end; /* a newline came before the first id of the piece */

    int64_t n_tokens;      /* words read, in the table or not */
    int64_t sentence_mark; /* n_tokens at the last newline */
    int64_t n_sentences;   /* runs of words between newlines; the last one may be unfinished */
    int64_t n_lines;       /* newlines */
    bool has_newline;
    bool joins; /* words came before the first newline: they go on with what was before */
    bool open;  /* words came after the last newline, or with no newline: they may go on */
};

/* Words that somebody else has split: sentence r is the words rows[r] .. rows[r + 1), word i is
 * bytes[offsets[i] .. offsets[i + 1]) and may be empty or hold white space. */
struct scan_list {
    const uint8_t *bytes; /* SCAN_SLACK more are readable */
    const int64_t *offsets;
    const int64_t *rows;
    int64_t n_rows;
    int64_t row, word; /* where the reading stands; rows[0] in the beginning */
};

/* Read a block; unseen words enter the table, with block->text_pos + offset as first occurrence.
 * Returns any status. At SCAN_INVALID the word at text[done] is new and not UTF-8. */
enum scan_status scan_count(struct scan_table *table, struct scan_block *block);

/* Read a block; words outside the table are left out. Returns SCAN_DONE, SCAN_FULL_OUT or
 * SCAN_INVALID. The table may be shared by threads. */
enum scan_status scan_encode(const struct scan_table *table, struct scan_block *block);

/* The same for a list. Every row is a sentence. `text`, `n_text` and `done` of the block are not
 * used; the first occurrence of a word is text_pos + its place in the list. */
enum scan_status scan_count_list(struct scan_table *table, struct scan_block *block,
                                 struct scan_list *list);
enum scan_status scan_encode_list(const struct scan_table *table, struct scan_block *block,
                                  struct scan_list *list);

/* The id of the word of n bytes at `word` (SCAN_SLACK more are readable), or SCAN_NONE. */
int32_t scan_find(const struct scan_table *table, const uint8_t *word, int64_t n);

/* Append a word that is not in the table as id n_words, with count 0. Returns SCAN_DONE,
 * SCAN_FULL_WORDS or SCAN_FULL_ARENA. */
enum scan_status scan_add(struct scan_table *table, const uint8_t *word, int64_t n, int64_t first);

/* Take an id that no search will find. Returns SCAN_DONE or SCAN_FULL_WORDS. */
enum scan_status scan_skip(struct scan_table *table);

/* Move the counts of all slots to `counts`. */
void scan_settle(struct scan_table *table);

/* Add the words of `source`, which is settled, from *next on: counts are summed, the earlier first
 * occurrence wins. ids[i] becomes the id in `table` of word i of `source`. Returns SCAN_DONE,
 * SCAN_FULL_WORDS or SCAN_FULL_ARENA; *next says how far it came. */
enum scan_status scan_merge(struct scan_table *table, const struct scan_table *source,
                            int32_t *next, int32_t *ids);

/* Fill the zeroed slots of `table` with the words of its old ones, of which there were n_old. */
void scan_rehash(struct scan_table *table, const struct scan_slot *old, int64_t n_old);

/* Number of bytes of text[from .. n) up to and including its last white space, counted from
 * text[0]; 0 where there is none. */
int64_t scan_cut(const uint8_t *text, int64_t from, int64_t n);

/* Number of newlines in text[0 .. n). */
int64_t scan_lines(const uint8_t *text, int64_t n);

/* A table that only knows the tags of short words, for somebody who has the words elsewhere: of
 * struct scan_table it has `slots` and `slot_bits`, and `n_words` for its size. */

#define SCAN_SHORT   15   /* bytes of the longest word that is its own tag */
#define SCAN_UNKNOWN (-2) /* as an id: the tag is not in the table */

/* The tag of a word of 1 to SCAN_SHORT bytes, of which no byte more is read. */
struct scan_tag scan_short_tag(const uint8_t *word, int64_t n);

/* Ask memory for the slot of a tag. */
void scan_ask(const struct scan_table *table, const struct scan_tag *tag);

/* The id that was stored with a tag, which may be SCAN_NONE, or SCAN_UNKNOWN. */
int32_t scan_recall(const struct scan_table *table, const struct scan_tag *tag);

/* Store an id with a tag that is not in the table; there must be a free slot left after it. */
void scan_remember(struct scan_table *table, const struct scan_tag *tag, int32_t id);

/* Replace every id by map[id] in place and leave out those that map to SCAN_NONE. Returns how many
 * remain; sets *leading_end when a sentence end has no id left in this piece to sit on. */
int64_t scan_remap(int32_t *ids, int64_t n, const int32_t *map, bool *leading_end);

/* The same where sentences also end after `length` tokens, whether these are kept or not: after the
 * ids number length - 1 - phase, 2 * length - 1 - phase, ... */
int64_t scan_remap_fixed(int32_t *ids, int64_t n, const int32_t *map, bool *leading_end,
                         int64_t length, int64_t phase);

/* Number of ids in the longest sentence; an end that is missing after the last id is assumed. */
int64_t scan_longest(const int32_t *ids, int64_t n);

#endif
