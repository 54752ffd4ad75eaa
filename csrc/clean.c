#include "clean.h"

#include <string.h>

#include "compiler.h"
#include "look.h"
#include "utf8.h"

enum { CAPITAL_SIGMA = 0x3a3, SIGMA = 0x3c3, FINAL_SIGMA = 0x3c2, DOTTED_I = 0x130, DOT = 0x307 };

#define REPLACEMENT 0xfffd

FORCE_INLINE uint32_t entry(const struct clean_rules *rules, int32_t point) {
    return rules->points[point];
}

FORCE_INLINE bool is_space(uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

FORCE_INLINE uint8_t lower_byte(uint8_t byte) {
    return (uint8_t)(byte - 'A') < 26 ? byte | 0x20 : byte;
}

/* Eight bytes of ASCII in lower case. No sum reaches 256, so no byte touches another. */
FORCE_INLINE uint64_t lower_bytes(uint64_t bytes) {
    const uint64_t from_a = bytes + BYTES(0x80 - 'A');
    const uint64_t past_z = bytes + BYTES(0x80 - 'Z' - 1);
    return bytes | (((from_a & ~past_z) & HIGH_BITS) >> 2);
}

FORCE_INLINE void store8(uint8_t *p, uint64_t bytes) {
    for (int i = 0; i < 8; i++) p[i] = (uint8_t)(bytes >> 8 * i);
}

/* Whether a capital sigma at `at`, inside the run [begin, end), ends a word: a cased letter before
 * it and none after it, looking past what Unicode says to ignore (Unicode 3.13, Final_Sigma). */
static bool ends_word(const struct clean_rules *rules, const uint8_t *begin, const uint8_t *at,
                      const uint8_t *end) {
    int64_t n;
    bool cased = false;
    for (const uint8_t *p = at; p > begin;) {
        const uint8_t *const after = p--;
        while (p > begin && after - p < 4 && continues(*p)) p--;
        const int32_t point = utf8_decode(p, &n);
        if (point < 0 || p + n != after) break;
        const uint32_t found = entry(rules, point);
        if (found & CLEAN_IS_IGNORED) continue;
        cased = (found & CLEAN_IS_CASED) != 0;
        break;
    }
    if (!cased) return false;
    for (const uint8_t *p = at + 2; p < end; p += n) {
        const int32_t point = utf8_decode(p, &n);
        if (point < 0) return true;
        const uint32_t found = entry(rules, point);
        if (found & CLEAN_IS_IGNORED) continue;
        return (found & CLEAN_IS_CASED) == 0;
    }
    return true;
}

/* One or two code points in lower case; returns how many. */
FORCE_INLINE int lower_points(const struct clean_rules *rules, int32_t point, const uint8_t *begin,
                              const uint8_t *at, const uint8_t *end, int32_t *lower) {
    lower[0] = (int32_t)(entry(rules, point) & CLEAN_POINT);
    if (point == CAPITAL_SIGMA) lower[0] = ends_word(rules, begin, at, end) ? FINAL_SIGMA : SIGMA;
    if (point != DOTTED_I) return 1;
    lower[0] = 'i';
    lower[1] = DOT;
    return 2;
}

/* Most of the letters that are not ASCII: two bytes that become two bytes in lower case, whatever
 * is beside them. Returns the entry of the code point, or 0. */
FORCE_INLINE uint32_t two_byte_entry(const struct clean_rules *rules, const uint8_t *p) {
    if (p[0] < 0xc2 || p[0] > 0xdf || !continues(p[1])) return 0;
    const int32_t point = (p[0] & 0x1f) << 6 | (p[1] & 0x3f);
    const uint32_t found = entry(rules, point), lower = found & CLEAN_POINT;
    return point != CAPITAL_SIGMA && lower >= 0x80 && lower < 0x800 ? found : 0;
}

FORCE_INLINE void store_two_bytes(uint8_t *out, uint32_t found) {
    out[0] = (uint8_t)(0xc0 | (found & CLEAN_POINT) >> 6);
    out[1] = (uint8_t)(0x80 | (found & 0x3f));
}

/* What the bytes of a run were found to be. */
struct finding {
    const uint8_t *invalid; /* the first byte that is not UTF-8 */
    int64_t n_replaced;     /* words */
    int64_t n_skipped;
};

/* A word between white space: checked, and in lower case if asked. */
static uint8_t *space_word(const struct clean_rules *rules, const uint8_t *begin,
                           const uint8_t *end, uint8_t *out, struct finding *finding) {
    uint8_t *const start = out;
    const uint8_t *p = begin;
    const bool lower = rules->lower;
    bool replaced = false;
    while (p < end) {
        const uint32_t found = two_byte_entry(rules, p);
        if (found != 0) {
            store_two_bytes(out, lower ? found : (uint32_t)((p[0] & 0x1f) << 6 | (p[1] & 0x3f)));
            out += 2;
            p += 2;
            continue;
        }
        const uint64_t bytes = load8(p);
        if ((bytes & HIGH_BITS) == 0) {
            /* Bytes after the end are written, and then written over. */
            const int64_t n = end - p < 8 ? end - p : 8;
            store8(out, lower ? lower_bytes(bytes) : bytes);
            out += n;
            p += n;
            continue;
        }
        int64_t n;
        const int32_t point = utf8_decode(p, &n);
        if (point < 0) {
            if (finding->invalid == NULL) finding->invalid = p;
            if (rules->errors == CLEAN_SKIP) {
                finding->n_skipped++;
                return start;
            }
            replaced = true;
            out += utf8_encode(out, REPLACEMENT);
        } else if (!lower) {
            store8(out, bytes);
            out += n;
        } else if (point < 0x80) {
            *out++ = lower_byte((uint8_t)point);
        } else {
            int32_t points[2];
            const int n_points = lower_points(rules, point, begin, p, end, points);
            for (int i = 0; i < n_points; i++) out += utf8_encode(out, points[i]);
        }
        p += n;
    }
    finding->n_replaced += replaced;
    return out;
}

/* The words of a pattern inside a run between white space, each followed by a space. */
struct pattern {
    uint8_t *start; /* of the word that is being written */
    int64_t n_points;
    bool bad;
};

static uint8_t *end_word(const struct clean_rules *rules, struct pattern *word, uint8_t *out,
                         struct finding *finding) {
    const bool fits = word->n_points >= rules->min_length && word->n_points <= rules->max_length &&
                      word->start[0] != '_';
    finding->n_skipped += word->bad;
    if (!fits || word->bad)
        out = word->start;
    else
        *out++ = ' ';
    word->start = out;
    word->n_points = 0;
    word->bad = false;
    return out;
}

static uint8_t *pattern_words(const struct clean_rules *rules, const uint8_t *begin,
                              const uint8_t *end, uint8_t *out, struct finding *finding) {
    struct pattern word = {out, 0, false};
    for (const uint8_t *p = begin; p < end;) {
        if (*p < 0x80) {
            const uint8_t byte = lower_byte(*p++);
            if ((uint8_t)(byte - 'a') < 26 || byte == '_') {
                *out++ = byte;
                word.n_points++;
            } else if (word.n_points > 0) {
                out = end_word(rules, &word, out, finding);
            }
            continue;
        }
        const uint32_t found = two_byte_entry(rules, p);
        if (found & CLEAN_IS_WORD) {
            store_two_bytes(out, found);
            out += 2;
            p += 2;
            word.n_points++;
            continue;
        }
        int64_t n;
        int32_t lower[2], n_lower = 1;
        const int32_t point = utf8_decode(p, &n);
        if (point >= 0) {
            n_lower = lower_points(rules, point, begin, p, end, lower);
        } else {
            if (finding->invalid == NULL) finding->invalid = p;
            lower[0] = REPLACEMENT;
            if (rules->errors == CLEAN_SKIP) {
                word.bad = true;
                word.n_points++;
                n_lower = 0;
            } else {
                finding->n_replaced++;
            }
        }
        for (int i = 0; i < n_lower; i++) {
            if (entry(rules, lower[i]) & CLEAN_IS_WORD) {
                out += utf8_encode(out, lower[i]);
                word.n_points++;
            } else if (word.n_points > 0) {
                out = end_word(rules, &word, out, finding);
            }
        }
        p += n;
    }
    return word.n_points > 0 ? end_word(rules, &word, out, finding) : out;
}

/* A digit as a word between spaces; eight bytes are written. */
FORCE_INLINE uint8_t *spell(uint8_t digit, uint8_t *out) {
    static const char digits[10][8] = {" zero ", " one ", " two ",   " three ", " four ",
                                       " five ", " six ", " seven ", " eight ", " nine "};
    static const uint8_t lengths[10] = {6, 5, 5, 7, 6, 6, 5, 7, 7, 6};
    memcpy(out, digits[digit], 8);
    return out + lengths[digit];
}

static uint8_t *text8_words(const uint8_t *begin, const uint8_t *end, uint8_t *out) {
    for (const uint8_t *p = begin; p < end; p++) {
        const uint8_t byte = lower_byte(*p);
        const uint8_t digit = (uint8_t)(byte - '0');
        if ((uint8_t)(byte - 'a') < 26) {
            *out++ = byte;
        } else if (digit < 10) {
            out = spell(digit, out);
        } else {
            *out++ = ' ';
        }
    }
    return out;
}

/* Whether the text before `end` is one of the marks, each `size` bytes long. */
FORCE_INLINE bool ends_with(const uint8_t *begin, const uint8_t *end, int64_t size,
                            const char *marks) {
    if (end - begin < size) return false;
    for (; *marks != '\0'; marks += size)
        if (memcmp(end - size, marks, (size_t)size) == 0) return true;
    return false;
}

/* Whether a run of text ends with a final mark, past any closing marks: . ! ? and the ellipsis and
 * the full-width forms, then quotes and brackets. White space before the run is no mark, so `begin`
 * may be anywhere before. */
static bool is_final(const uint8_t *begin, const uint8_t *end) {
    while (true) {
        if (ends_with(begin, end, 1, "\"')]}"))
            end -= 1;
        else if (ends_with(begin, end, 2, "\u00bb"))
            end -= 2;
        else if (ends_with(begin, end, 3, "\u201d\u2019\u300d\u300f\uff09"))
            end -= 3;
        else
            break;
    }
    return ends_with(begin, end, 1, ".!?") || ends_with(begin, end, 3, "\u2026\u3002\uff01\uff1f");
}

/* Bit i: whether the n bits from i on are all set. */
FORCE_INLINE uint64_t runs_of(uint64_t bits, int64_t n) {
    if (n > LOOK) return 0;
    for (int64_t have = 1; have < n;) {
        const int64_t more = have < n - have ? have : n - have;
        bits &= bits >> more;
        have += more;
    }
    return bits;
}

/* The newlines among the first bytes of a text that end a paragraph. */
FORCE_INLINE uint64_t blank_lines(uint64_t newline, uint64_t visible, bool *at_line_start) {
    uint64_t blank = 0, line = ~UINT64_C(0);
    for (; newline != 0; newline &= newline - 1) {
        const uint64_t here = newline & -newline;
        if (*at_line_start && (visible & line & (here - 1)) == 0) blank |= here;
        line = ~(here | (here - 1));
        *at_line_start = true;
    }
    *at_line_start &= (visible & line) == 0;
    return blank;
}

/* Write the first bytes of a text, of which those that are digits are spelled out. */
static uint8_t *spell_digits(const uint8_t *text, int64_t n, uint64_t digits, uint8_t *out) {
    int64_t from = 0;
    for (; digits != 0; digits &= digits - 1) {
        const int64_t at = __builtin_ctzll(digits);
        memcpy(out, text + from, LOOK);
        out = spell((uint8_t)(text[at] - '0'), out + (at - from));
        from = at + 1;
    }
    memcpy(out, text + from, LOOK);
    return out + (n - from);
}

/* Clean the runs that are whole in the next LOOK bytes, with the white space after each, up to the
 * first one that is not ASCII. What they become is as long as they are, but for spelled digits, and
 * has a space for every byte that is left out. Returns the number of bytes, 0 where there is no
 * such run. The text before ended with white space or a run, which `ended` its sentence. */
FORCE_INLINE int64_t clean_ascii(const struct clean_rules *rules, enum clean_words words,
                                 struct clean_block *block, const uint8_t *p, uint8_t **out,
                                 bool ended) {
    const bytes16 case_bit = splat(rules->lower || words != CLEAN_SPACE ? 'a' ^ 'A' : 0);
    const bytes16 newline_bits = splat(rules->ends == CLEAN_LINE ? ' ' ^ '\n' : 0);
    /* Beyond the bytes, so that as many can be copied from any of them. */
    uint8_t cleaned[2 * LOOK];
    uint64_t space = 0, newline = 0, other = 0, word = 0, digit = 0, mark = 0, underscore = 0;
    UNROLL
    for (int i = 0; i < LOOK / 16; i++) {
        const bytes16 bytes = load16(p + 16 * i);
        const bytes16 spaces = are_space(bytes), newlines = are(bytes, '\n');
        const bytes16 digits = are_between(bytes, '0', '9');
        const bytes16 lower = bytes | (are_between(bytes, 'A', 'Z') & case_bit);
        const bytes16 letters = are_between(lower | splat('a' ^ 'A'), 'a', 'z');
        bytes16 kept = ~spaces;
        if (words == CLEAN_PATTERN) {
            const bytes16 underscores = are(bytes, '_');
            kept = letters | underscores;
            underscore |= top_bits(underscores) << 16 * i;
            word |= top_bits(kept) << 16 * i;
        } else if (words == CLEAN_TEXT8) {
            kept = letters | digits;
            digit |= top_bits(digits) << 16 * i;
        }
        const bytes16 spaced = (lower & kept) | ((splat(' ') ^ (newlines & newline_bits)) & ~kept);
        memcpy(cleaned + 16 * i, &spaced, sizeof spaced);
        space |= top_bits(spaces) << 16 * i;
        newline |= top_bits(newlines) << 16 * i;
        other |= top_bits(bytes) << 16 * i;
        mark |= top_bits(~(letters | digits)) << 16 * i;
    }
    if (words != CLEAN_TEXT8) space &= low_bits(other != 0 ? __builtin_ctzll(other) : LOOK);
    if (space == 0) return 0;
    const int64_t n = LOOK - __builtin_clzll(space);
    const uint64_t these = low_bits(n);

    newline &= these;
    block->n_lines += __builtin_popcountll(newline);
    uint64_t ends = ended; /* a run ended there, so it is white space */
    if (rules->ends == CLEAN_PARAGRAPH || rules->ends == CLEAN_PUNCTUATION)
        ends |= blank_lines(newline, ~space & these, &block->at_line_start);
    if (rules->ends == CLEAN_PUNCTUATION) {
        uint64_t after_mark = space & (mark & ~space) << 1;
        for (; after_mark != 0; after_mark &= after_mark - 1) {
            const int64_t at = __builtin_ctzll(after_mark);
            if (is_final(block->text, p + at)) ends |= UINT64_C(1) << at;
        }
    }
    if (words == CLEAN_PATTERN) {
        word &= these;
        const uint64_t fits =
            runs_of(word, rules->min_length) & ~runs_of(word, rules->max_length + 1) & ~underscore;
        uint64_t left_out = word & ~(word << 1) & ~fits;
        for (; left_out != 0; left_out &= left_out - 1)
            for (int64_t i = __builtin_ctzll(left_out); word >> i & 1; i++) cleaned[i] = ' ';
    }
    for (; ends != 0; ends &= ends - 1) cleaned[__builtin_ctzll(ends)] = '\n';

    digit &= these;
    if (digit != 0) {
        *out = spell_digits(cleaned, n, digit, *out);
    } else {
        memcpy(*out, cleaned, LOOK);
        *out += n;
    }
    return n;
}

FORCE_INLINE bool clean(const struct clean_rules *rules, enum clean_words words,
                        struct clean_block *block) {
    const uint8_t *p = block->text;
    const uint8_t *const text_end = p + block->n_text;
    uint8_t *out = block->out;
    struct finding finding = {NULL, 0, 0};
    bool ended = false; /* the run before was the last one of its sentence */

    while (p < text_end) {
        /* Text in other alphabets is not looked at twice. */
        if (text_end - p >= LOOK && (words == CLEAN_TEXT8 || ((p[0] | p[1]) & 0x80) == 0)) {
            const int64_t n = clean_ascii(rules, words, block, p, &out, ended);
            if (n > 0) {
                p += n;
                ended = false;
                continue;
            }
        }
        if (is_space(*p)) {
            bool end = ended;
            ended = false;
            if (*p == '\n') {
                block->n_lines++;
                end |= rules->ends == CLEAN_LINE ||
                       (block->at_line_start && rules->ends != CLEAN_NOTHING);
                block->at_line_start = true;
            }
            *out++ = end ? '\n' : ' ';
            p++;
            continue;
        }
        block->at_line_start = false;
        const uint8_t *const begin = p;
        while (!is_space(*p)) p++;
        if (words == CLEAN_SPACE)
            out = space_word(rules, begin, p, out, &finding);
        else if (words == CLEAN_PATTERN)
            out = pattern_words(rules, begin, p, out, &finding);
        else
            out = text8_words(begin, p, out);
        if (finding.invalid != NULL && rules->errors == CLEAN_STRICT) {
            block->invalid = finding.invalid - block->text;
            return false;
        }
        ended = rules->ends == CLEAN_PUNCTUATION && is_final(begin, p);
    }
    if (block->last) *out++ = '\n';
    block->n_out = out - block->out;
    block->n_replaced += finding.n_replaced;
    block->n_skipped += finding.n_skipped;
    block->invalid = -1;
    return true;
}

bool clean_text(const struct clean_rules *rules, struct clean_block *block) {
    switch (rules->words) {
    case CLEAN_SPACE:
        return clean(rules, CLEAN_SPACE, block);
    case CLEAN_PATTERN:
        return clean(rules, CLEAN_PATTERN, block);
    default:
        return clean(rules, CLEAN_TEXT8, block);
    }
}
