/* Text to plainer text: the rules for words and sentences that scan.h does not know.
 *
 * What comes out is UTF-8 with a space or a newline between words and a newline where a sentence
 * ends, so that scan.h reads every kind of text by its one rule. A block of text ends with white
 * space, and nothing that is decided here looks beyond the white space around a word; only for
 * blank lines it matters whether the block before ended inside one.
 *
 * Nothing is allocated: code points are looked up in a table that the caller has made.
 */

#ifndef FASTW2V_CLEAN_H
#define FASTW2V_CLEAN_H

#include <stdbool.h>
#include <stdint.h>

/* What a word is. */
enum clean_words {
    CLEAN_SPACE,   /* a run of bytes between ASCII white space */
    CLEAN_PATTERN, /* a run of code points with CLEAN_IS_WORD, in lower case, with min_length to
                      max_length of them, the first one no underscore */
    CLEAN_TEXT8,   /* a run of a-z, in lower case; digits are spelled out, all else separates */
};

/* What ends a sentence. */
enum clean_ends {
    CLEAN_LINE,        /* a newline */
    CLEAN_PARAGRAPH,   /* a line of white space only */
    CLEAN_PUNCTUATION, /* such a line, or white space after a final mark and closing marks */
    CLEAN_NOTHING,     /* only the end of the text, see clean_block.last */
};

/* What becomes of bytes that are not UTF-8. */
enum clean_errors {
    CLEAN_STRICT,  /* the reading stops */
    CLEAN_REPLACE, /* each is U+FFFD, as many as Python makes of them */
    CLEAN_SKIP,    /* the word is left out; in CLEAN_PATTERN such bytes count as letters */
};

/* An entry of the table: the code point in lower case in the low 21 bits, then: */
#define CLEAN_IS_WORD    (UINT32_C(1) << 21) /* the lower case is a letter, a number or '_' */
#define CLEAN_IS_CASED   (UINT32_C(1) << 22) /* a capital sigma beside it is inside a word */
#define CLEAN_IS_IGNORED (UINT32_C(1) << 23) /* a capital sigma looks past it */
#define CLEAN_POINT      (CLEAN_IS_WORD - 1)

struct clean_rules {
    enum clean_words words;
    enum clean_ends ends;
    enum clean_errors errors;
    bool lower;
    int64_t min_length, max_length; /* in code points */
    const uint32_t *points;         /* 0x110000: the entry of every code point */
};

struct clean_block {
    const uint8_t *text; /* n_text bytes, the last one white space, then 8 more */
    int64_t n_text;
    uint8_t *out;       /* CLEAN_GROWTH * n_text + CLEAN_SLACK bytes */
    bool at_line_start; /* before: whether only white space came since the last newline */
    bool last;          /* the text ends with this block, and with it a sentence */

    int64_t n_out;      /* what was written; the last byte is white space */
    int64_t n_lines;    /* newlines */
    int64_t n_replaced; /* words with a replacement in them; in CLEAN_PATTERN replacements */
    int64_t n_skipped;  /* words left out */
    int64_t invalid;    /* place of the first byte that stopped the reading, or -1 */
};

#define CLEAN_GROWTH 7  /* a digit becomes a word of up to 5 letters and two spaces */
#define CLEAN_SLACK  64 /* written over later */

/* Clean a block. Returns false where CLEAN_STRICT stopped it. */
bool clean_text(const struct clean_rules *rules, struct clean_block *block);

#endif
