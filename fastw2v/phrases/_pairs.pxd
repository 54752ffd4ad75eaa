"""csrc/phrases.h."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

from fastw2v.corpus._scan cimport c_bool, scan_table

cdef extern from "phrases.h" nogil:
    int32_t PHRASES_NONE
    int32_t PHRASES_LONG

    enum phrases_status:
        PHRASES_DONE
        PHRASES_FULL

    enum phrases_scoring:
        PHRASES_DEFAULT
        PHRASES_NPMI
        PHRASES_SCORED

    struct phrases_words:
        const uint8_t *arena
        const int64_t *offsets
        uint64_t *hash
        uint64_t *power
        uint8_t *connector
        const uint8_t *delimiter
        int64_t n_delimiter
        uint64_t delimiter_hash
        uint64_t delimiter_power
        int32_t n_words

    struct phrases_entry:
        int64_t count
        int32_t first
        int32_t last

    struct phrases_slot:
        pass

    struct phrases_table:
        phrases_slot *slots
        phrases_entry *entries
        int32_t *pool
        int32_t *entry_of
        int32_t n_entries
        int32_t entry_cap
        int32_t n_pool
        int32_t pool_cap
        uint32_t slot_bits

    struct phrases_state:
        int64_t start
        int64_t length

    struct phrases_stream:
        int32_t *ids
        int64_t n
        int64_t pos
        phrases_state state
        int64_t max_length
        int64_t max_entries
        int64_t min_reduce
        int64_t n_tokens
        int64_t n_sentences
        c_bool keep_ends

    struct phrases_rule:
        phrases_scoring scoring
        double threshold
        double min_count
        double len_vocab
        double corpus_words
        const double *scores
        const int64_t *reading_off
        const int32_t *readings
        const double *reading_score

    struct phrases_text:
        const uint8_t *text
        int64_t n_text
        int64_t done
        uint8_t *out
        int64_t out_cap
        int64_t n_out
        int64_t n_lines
        int64_t n_words
        int64_t n_phrases
        c_bool in_line
        c_bool skip_blank
        c_bool final

    uint64_t phrases_hash(const uint8_t *bytes, int64_t n, uint64_t *power)
    void phrases_hash_words(phrases_words *words, int32_t n)
    phrases_status phrases_count(
        phrases_table *table, const phrases_words *words, phrases_stream *stream
    )
    void phrases_end_sentence(
        phrases_table *table, const phrases_words *words, phrases_stream *stream
    )
    void phrases_prune(phrases_table *table, const phrases_words *words, int64_t min_count)
    phrases_status phrases_merge(
        phrases_table *table, const phrases_words *words, const phrases_table *source,
        int32_t *next
    )
    phrases_status phrases_add(
        phrases_table *table, const phrases_words *words, int32_t word, int64_t count
    )
    void phrases_rehash(phrases_table *table, const phrases_words *words)
    int32_t phrases_find(
        const phrases_table *table, const phrases_words *words, const int32_t *run, int64_t n
    )
    const int32_t *phrases_run(
        const phrases_table *table, int32_t entry, int32_t *pair, int64_t *n
    )
    int64_t phrases_length(const phrases_words *words, const int32_t *run, int64_t n)
    void phrases_spell(const phrases_words *words, const int32_t *run, int64_t n, uint8_t *out)
    double phrases_score(const phrases_rule *rule, double a, double b, double ab)
    void phrases_join(
        const phrases_table *table, const phrases_words *words, const phrases_rule *rule,
        const int32_t *ids, int64_t n, uint64_t *hashes, uint8_t *glue, double *scores
    )
    phrases_status phrases_rewrite(
        const phrases_table *table, const phrases_words *words, const scan_table *lexicon,
        const phrases_rule *rule, phrases_text *text
    )
