#include "clean.h"

#include <string.h>

#include "compiler.h"
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
    bool replaced = false;
    while (p < end) {
        const uint64_t bytes = load8(p);
        if ((bytes & HIGH_BITS) == 0) {
            /* Bytes after the end are written, and then written over. */
            const int64_t n = end - p < 8 ? end - p : 8;
            store8(out, rules->lower ? lower_bytes(bytes) : bytes);
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
        } else if (!rules->lower) {
            for (int64_t i = 0; i < n; i++) *out++ = p[i];
        } else if (point < 0x80) {
            *out++ = lower_byte((uint8_t)point);
        } else {
            int32_t lower[2];
            const int n_lower = lower_points(rules, point, begin, p, end, lower);
            for (int i = 0; i < n_lower; i++) out += utf8_encode(out, lower[i]);
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

static uint8_t *text8_words(const uint8_t *begin, const uint8_t *end, uint8_t *out) {
    static const char digits[10][8] = {" zero ", " one ", " two ",   " three ", " four ",
                                       " five ", " six ", " seven ", " eight ", " nine "};
    for (const uint8_t *p = begin; p < end; p++) {
        const uint8_t byte = lower_byte(*p);
        const uint8_t digit = (uint8_t)(byte - '0');
        if ((uint8_t)(byte - 'a') < 26) {
            *out++ = byte;
        } else if (digit < 10) {
            memcpy(out, digits[digit], 8);
            out += strlen(digits[digit]);
        } else {
            *out++ = ' ';
        }
    }
    return out;
}

/* Whether a run of text ends with a final mark, past any closing marks: . ! ? and the ellipsis and
 * the full-width forms, then quotes and brackets. */
static bool is_final(const uint8_t *begin, const uint8_t *end) {
    static const char *const closing[] = {"\"",     "'",      ")",      "]",      "}",     "\u201d",
                                          "\u2019", "\u00bb", "\u300d", "\u300f", "\uff09"};
    static const char *const final[] = {".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f"};
    for (bool closed = true; closed;) {
        closed = false;
        for (unsigned i = 0; i < sizeof closing / sizeof *closing; i++) {
            const int64_t n = (int64_t)strlen(closing[i]);
            if (end - begin >= n && memcmp(end - n, closing[i], (size_t)n) == 0) {
                end -= n;
                closed = true;
                break;
            }
        }
    }
    for (unsigned i = 0; i < sizeof final / sizeof *final; i++) {
        const int64_t n = (int64_t)strlen(final[i]);
        if (end - begin >= n && memcmp(end - n, final[i], (size_t)n) == 0) return true;
    }
    return false;
}

bool clean_text(const struct clean_rules *rules, struct clean_block *block) {
    const uint8_t *p = block->text;
    const uint8_t *const text_end = p + block->n_text;
    uint8_t *out = block->out;
    struct finding finding = {NULL, 0, 0};
    bool ended = false; /* the run before was the last one of its sentence */

    while (p < text_end) {
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
        if (rules->words == CLEAN_SPACE)
            out = space_word(rules, begin, p, out, &finding);
        else if (rules->words == CLEAN_PATTERN)
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
