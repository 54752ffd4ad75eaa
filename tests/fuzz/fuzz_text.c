/* A fuzzer for csrc/clean.c and csrc/scan.c, for libFuzzer; checked against Python.
 *
 * An input is four bytes of options and a text; tests/fuzz/reference.py has the meaning of the
 * options, and the sentences that Python makes of the text. Here the text goes through C: cut in
 * blocks, cleaned, counted into a table and pieces that run full all the time, joined. Both must be
 * equal, and a second reading by the table that the first one filled must give the same ids.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "scan.h"

static PyObject *expect;         /* reference.expect: bytes -> list of lists of bytes, or None */
static uint32_t *points;         /* the table of clean.h */
static struct clean_rules rules; /* of the current input */
static bool plain;
static int64_t block_size, piece_size;

static void fail(const char *what) {
    if (PyErr_Occurred()) PyErr_Print();
    fprintf(stderr, "the fuzzer found a difference: %s\n", what);
    abort();
}

static void *room(size_t n) {
    void *memory = calloc(n ? n : 1, 1);
    if (memory == NULL) fail("no memory");
    return memory;
}

/* What grows: ids, and a table. */
struct output {
    int32_t *ids;
    int64_t n, cap;
};

static struct scan_table new_table(void) {
    struct scan_table table = {.slot_bits = 2, .word_cap = 2, .arena_cap = 4};
    table.slots = room(sizeof *table.slots << table.slot_bits);
    table.arena = room((size_t)table.arena_cap + SCAN_SLACK);
    table.offsets = room(sizeof(int64_t) * 3);
    table.counts = room(sizeof(int64_t) * 2);
    table.first = room(sizeof(int64_t) * 2);
    return table;
}

static void *larger(void *old, size_t used, size_t need) {
    void *memory = room(need);
    memcpy(memory, old, used);
    free(old);
    return memory;
}

static void grow(struct scan_table *table, enum scan_status status) {
    if (status == SCAN_FULL_ARENA) {
        const int64_t used = table->offsets[table->n_words];
        table->arena_cap *= 2;
        table->arena = larger(table->arena, (size_t)used, (size_t)table->arena_cap + SCAN_SLACK);
        return;
    }
    struct scan_slot *old = table->slots;
    const size_t n = (size_t)table->n_words, cap = 2 * (size_t)table->word_cap;
    table->offsets = larger(table->offsets, 8 * (n + 1), 8 * (cap + 1));
    table->counts = larger(table->counts, 8 * n, 8 * cap);
    table->first = larger(table->first, 8 * n, 8 * cap);
    table->word_cap = (int32_t)cap;
    table->slot_bits++;
    table->slots = room(sizeof *table->slots << table->slot_bits);
    scan_rehash(table, old, INT64_C(1) << (table->slot_bits - 1));
    free(old);
}

static void free_table(struct scan_table *table) {
    free(table->slots);
    free(table->arena);
    free(table->offsets);
    free(table->counts);
    free(table->first);
}

static void take(struct output *output, const struct scan_block *block) {
    if (block->leading_end && output->n > 0) output->ids[output->n - 1] |= SCAN_END;
    if (output->n + block->n_out > output->cap) {
        output->cap = 2 * (output->n + block->n_out);
        output->ids = larger(output->ids, 4 * (size_t)output->n, 4 * (size_t)output->cap);
    }
    memcpy(output->ids + output->n, block->out, 4 * (size_t)block->n_out);
    output->n += block->n_out;
}

/* Read a block of text that ends with white space; false where it is not UTF-8. */
static bool read_text(struct scan_table *table, struct output *output, const uint8_t *text,
                      int64_t n, int64_t pos, bool growing) {
    uint8_t *copy = room((size_t)n + SCAN_SLACK); /* sized exactly, for the address sanitizer */
    memcpy(copy, text, (size_t)n);
    memset(copy + n, '\n', SCAN_SLACK);
    struct scan_block block = {.text = copy, .n_text = n, .text_pos = pos};
    int32_t *out = room(4 * (size_t)piece_size);
    enum scan_status status;
    do {
        block.out = out;
        block.out_cap = piece_size;
        block.n_out = 0;
        block.leading_end = false;
        while (true) {
            status = growing ? scan_count(table, &block) : scan_encode(table, &block);
            if (status == SCAN_DONE || status == SCAN_FULL_OUT || status == SCAN_INVALID) break;
            grow(table, status);
        }
        take(output, &block);
    } while (status == SCAN_FULL_OUT);
    if (status == SCAN_DONE && block.n_lines != scan_lines(copy, n)) fail("lines");
    free(out);
    free(copy);
    return status == SCAN_DONE;
}

/* Clean and read a block. */
static bool read_block(struct scan_table *table, struct output *output, const uint8_t *text,
                       int64_t n, int64_t pos, bool at_line_start, bool last, bool growing) {
    if (plain) return read_text(table, output, text, n, pos, growing);
    uint8_t *copy = room((size_t)n + 8);
    memcpy(copy, text, (size_t)n);
    struct clean_block block = {.text = copy, .n_text = n};
    block.at_line_start = at_line_start;
    block.last = last;
    block.out = room(CLEAN_GROWTH * (size_t)n + CLEAN_SLACK);
    const bool done = clean_text(&rules, &block);
    if (done && block.n_lines != scan_lines(copy, n)) fail("lines of a cleaned text");
    const bool read =
        done && read_text(table, output, block.out, block.n_out, CLEAN_GROWTH * pos, growing);
    if (done && !read) fail("a cleaned text is not UTF-8");
    free(block.out);
    free(copy);
    return read;
}

/* Read a document in blocks; false where it is not UTF-8. */
static bool read_document(struct scan_table *table, struct output *output, const uint8_t *text,
                          int64_t n, bool growing) {
    bool at_line_start = true;
    for (int64_t begin = 0; begin < n;) {
        int64_t size = block_size, end = 0;
        while (end == 0) {
            if (size > n - begin) size = n - begin;
            end = size == n - begin ? size : scan_cut(text + begin, 0, size);
            size += block_size;
        }
        if (!read_block(table, output, text + begin, end, begin, at_line_start, begin + end == n,
                        growing))
            return false;
        for (int64_t i = 0; i < end; i++) {
            const uint8_t byte = text[begin + i];
            at_line_start = byte == '\n' || (at_line_start && strchr(" \t\r\v\f", byte) && byte);
        }
        begin += end;
    }
    return true;
}

static PyObject *sentences_of(const struct scan_table *table, const struct output *output) {
    PyObject *sentences = PyList_New(0), *sentence = PyList_New(0);
    for (int64_t i = 0; i < output->n; i++) {
        const int32_t id = output->ids[i] & SCAN_ID;
        const int64_t start = table->offsets[id];
        PyObject *word = PyBytes_FromStringAndSize((const char *)table->arena + start,
                                                   table->offsets[id + 1] - start);
        PyList_Append(sentence, word);
        Py_DECREF(word);
        if (output->ids[i] < 0 || i + 1 == output->n) {
            PyList_Append(sentences, sentence);
            Py_DECREF(sentence);
            sentence = PyList_New(0);
        }
    }
    Py_DECREF(sentence);
    return sentences;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    Py_InitializeEx(0);
    PyObject *reference = PyImport_ImportModule("tests.fuzz.reference");
    if (reference == NULL) fail("there is no reference; run in the root of the repository");
    expect = PyObject_GetAttrString(reference, "expect");
    PyObject *bytes = PyObject_CallMethod(reference, "points", NULL);
    if (expect == NULL || bytes == NULL) fail("the reference is not what it was");
    points = room(4 * 0x110000);
    memcpy(points, PyBytes_AsString(bytes), 4 * 0x110000);
    Py_DECREF(bytes);
    Py_DECREF(reference);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 4) return 0;
    rules = (struct clean_rules){.words = data[0] % 3,
                                 .ends = data[1] % 4,
                                 .errors = data[2] % 3,
                                 .lower = data[0] / 3 % 2,
                                 .min_length = 2,
                                 .max_length = 15,
                                 .points = points};
    plain = rules.words == CLEAN_SPACE && rules.ends == CLEAN_LINE &&
            rules.errors == CLEAN_STRICT && !rules.lower;
    block_size = data[3] % 64 < 48 ? 1 + data[3] % 64 : INT64_C(64) << data[3] % 4;
    piece_size = 1 + data[3] / 64;

    PyObject *expected = PyObject_CallFunction(expect, "y#", data, (Py_ssize_t)size);
    if (expected == NULL) fail("the reference raised");

    const int64_t n = (int64_t)size - 4 + 1;
    uint8_t *text = room((size_t)n);
    memcpy(text, data + 4, size - 4);
    text[n - 1] = '\n';
    struct scan_table table = new_table();
    struct output counted = {room(4), 0, 1}, encoded = {room(4), 0, 1};
    const bool valid = read_document(&table, &counted, text, n, true);
    if (valid != (expected != Py_None)) fail("what is UTF-8");
    if (valid) {
        PyObject *found = sentences_of(&table, &counted);
        if (PyObject_RichCompareBool(found, expected, Py_EQ) != 1) {
            PyObject_Print(found, stderr, 0);
            fprintf(stderr, "\nexpected ");
            PyObject_Print(expected, stderr, 0);
            fprintf(stderr, "\n");
            fail("sentences");
        }
        Py_DECREF(found);
        if (!read_document(&table, &encoded, text, n, false)) fail("the second reading");
        if (encoded.n != counted.n) fail("the second reading, in length");
        for (int64_t i = 0; i < counted.n; i++)
            if (encoded.ids[i] != counted.ids[i]) fail("the second reading");
        scan_settle(&table);
        int64_t total = 0;
        for (int32_t id = 0; id < table.n_words; id++) total += table.counts[id];
        if (total != counted.n) fail("counts");
    }
    Py_DECREF(expected);
    free(counted.ids);
    free(encoded.ids);
    free_table(&table);
    free(text);
    return 0;
}
