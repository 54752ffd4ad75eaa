#include "vecfile.h"

#include <stdbool.h>
#include <string.h>

enum vecfile_status vecfile_binary(struct vecfile_block *block, size_t max_word, float *out) {
    size_t n_values = block->dim * sizeof(float);
    while (block->n_rows < block->rows_cap) {
        const uint8_t *start = block->data + block->pos;
        size_t n_left = block->n_data - block->pos;
        /* One newline more than a word: that which word2vec.c writes behind the row before. */
        size_t n_search = n_left < max_word + 2 ? n_left : max_word + 2;
        const uint8_t *space = n_search ? memchr(start, ' ', n_search) : NULL;
        if (!space) return n_search == max_word + 2 ? VECFILE_UNUSUAL : VECFILE_MORE;
        const uint8_t *word = start;
        while (word < space && *word == '\n') word++;
        size_t n_word = (size_t)(space - word);
        if (n_word == 0 || n_word > max_word || memchr(word, '\n', n_word)) return VECFILE_UNUSUAL;
        size_t n_row = (size_t)(space + 1 - start) + n_values;
        if (n_row > n_left) return VECFILE_MORE;
        memcpy(out + block->n_rows * block->dim, space + 1, n_values);
        memcpy(block->words + block->n_words, word, n_word);
        block->words[block->n_words + n_word] = '\n';
        block->n_words += n_word + 1;
        block->pos += n_row;
        block->n_rows++;
    }
    return VECFILE_FULL;
}

/* What bytes.split() splits at. */
static bool is_space(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* Powers of ten that a double holds exactly. */
static const double POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* Read the number at *at, up to white space. If the digits make an integer below 2^53 and the power
 * of ten is exact, one operation gives the correctly rounded result (Clinger 1990). */
static bool read_number(const uint8_t **at, double *out) {
    const uint8_t *p = *at;
    uint64_t digits = 0;
    int n_digits = 0, exponent = 0;
    bool negative = *p == '-', any = false;
    if (*p == '-' || *p == '+') p++;
    for (; *p >= '0' && *p <= '9'; p++, any = true) {
        digits = digits * 10 + (uint64_t)(*p - '0');
        n_digits += digits > 0;
        if (n_digits > 18) return false;
    }
    if (*p == '.') {
        for (p++; *p >= '0' && *p <= '9'; p++, any = true) {
            digits = digits * 10 + (uint64_t)(*p - '0');
            n_digits += digits > 0;
            exponent--;
            if (n_digits > 18 || exponent < -64) return false;
        }
    }
    if (!any) return false;
    if (*p == 'e' || *p == 'E') {
        int power = 0;
        p++;
        bool down = *p == '-';
        if (*p == '-' || *p == '+') p++;
        if (!(*p >= '0' && *p <= '9')) return false;
        for (; *p >= '0' && *p <= '9'; p++) {
            power = power * 10 + (*p - '0');
            if (power > 999) return false;
        }
        exponent += down ? -power : power;
    }
    if (!is_space(*p) || digits >> 53 || exponent < -22 || exponent > 22) return false;
    double value =
        exponent < 0 ? (double)digits / POWERS[-exponent] : (double)digits * POWERS[exponent];
    *out = negative ? -value : value;
    *at = p;
    return true;
}

enum vecfile_status vecfile_text(struct vecfile_block *block, size_t max_word, double *out) {
    while (block->n_rows < block->rows_cap) {
        const uint8_t *start = block->data + block->pos;
        size_t n_left = block->n_data - block->pos;
        /* Every loop below ends at this newline at the latest. */
        const uint8_t *end = n_left ? memchr(start, '\n', n_left) : NULL;
        if (!end) return VECFILE_MORE;
        const uint8_t *word_end = memchr(start, ' ', (size_t)(end - start));
        if (!word_end) return VECFILE_UNUSUAL;
        size_t n_word = (size_t)(word_end - start);
        if (n_word == 0 || n_word > max_word) return VECFILE_UNUSUAL;
        double *values = out + block->n_rows * block->dim;
        const uint8_t *p = word_end;
        for (size_t i = 0; i < block->dim; i++) {
            while (p < end && is_space(*p)) p++;
            if (!read_number(&p, values + i)) return VECFILE_UNUSUAL;
        }
        while (p < end && is_space(*p)) p++;
        if (p != end) return VECFILE_UNUSUAL;
        memcpy(block->words + block->n_words, start, n_word);
        block->words[block->n_words + n_word] = '\n';
        block->n_words += n_word + 1;
        block->n_rows++;
        block->pos += (size_t)(end + 1 - start);
    }
    return VECFILE_FULL;
}
