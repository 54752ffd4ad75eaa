/* Vector files of word2vec: words and values out of blocks of bytes.
 *
 * A block goes in, rows come out in buffers of the caller. Whatever is unusual is left to the
 * caller: the call stops before such a row and says so, and the caller, who knows how to name the
 * trouble, looks at the row itself and goes on behind it.
 */
#ifndef W2V_VECFILE_H
#define W2V_VECFILE_H

#include <stddef.h>
#include <stdint.h>

enum vecfile_status {
    VECFILE_FULL,    /* rows_cap rows are read */
    VECFILE_MORE,    /* the block ends inside the next row */
    VECFILE_UNUSUAL, /* the caller must look at the next row */
};

struct vecfile_block {
    const uint8_t *data; /* n_data bytes, of which pos are read */
    size_t n_data;
    size_t pos;
    uint8_t *words; /* every word, with a newline behind it; at least n_data bytes */
    size_t n_words; /* bytes of `words` that are used */
    size_t dim;
    size_t rows_cap;
    size_t n_rows;
};

/* Binary rows: newlines, the word, a space, dim float32 in the order of bytes of the machine. Row i
 * goes to out + i * dim. Unusual are words that are empty, contain a newline, or take more than
 * max_word bytes. */
enum vecfile_status vecfile_binary(struct vecfile_block *block, size_t max_word, float *out);

/* Text rows: the word, and dim numbers between white space, a newline. Unusual is whatever is no
 * such line, also a blank one, and every number that one multiplication or division of a double
 * cannot round correctly. */
enum vecfile_status vecfile_text(struct vecfile_block *block, size_t max_word, double *out);

#endif
