/* Rows that all workers write: which of them each of several workers has copies of, and how what
 * these learn gets back; in the vocabulary of simd_<isa>.h. Why: THE RACE, in w2v.h.
 */

/* Add to the shared row what this worker's copy of it has learnt, and take what others gave. */
NO_INLINE void merge_row(float *shared, float *own, float *base, int32_t stride) {
    for (int32_t k = 0; k < stride; k += VF_LANES) {
        const vf learnt = vf_less(vf_load(own + k), vf_load(base + k));
        const vf merged = vf_add(vf_load(shared + k), learnt);
        vf_store(shared + k, merged);
        vf_store(own + k, merged);
        vf_store(base + k, merged);
    }
}

FORCE_INLINE void merge_copy(float *shared, const w2v_copies *copies, int32_t slot,
                             int32_t stride) {
    merge_row(row_at(shared, slot, stride), row_at(copies->own, slot, stride),
              row_at(copies->base, slot, stride), stride);
}

FORCE_INLINE void take_rows(const float *shared, const w2v_copies *copies, int32_t n,
                            int32_t stride) {
    for (int64_t k = 0; k < (int64_t)n * stride; k += VF_LANES) {
        vf_store(copies->own + k, vf_load(shared + k));
        vf_store(copies->base + k, vf_load(shared + k));
    }
}

FORCE_INLINE int32_t first_own_node(const w2v_model *m) { return m->n_words - 1 - m->n_own_nodes; }

NO_INLINE void take_copies(const w2v_model *m, w2v_worker *wk) {
    take_rows(m->w_in, &wk->in, m->n_own_words, m->stride);
    if (m->w_ns) take_rows(m->w_ns, &wk->ns, m->n_own_words, m->stride);
    if (m->w_hs)
        take_rows(row_at(m->w_hs, first_own_node(m), m->stride), &wk->hs, m->n_own_nodes,
                  m->stride);
}

NO_INLINE void merge_word(const w2v_model *m, const w2v_worker *wk, int32_t id) {
    merge_copy(m->w_in, &wk->in, id, m->stride);
    if (m->w_ns) merge_copy(m->w_ns, &wk->ns, id, m->stride);
}

NO_INLINE void merge_node(const w2v_model *m, const w2v_worker *wk, int32_t slot) {
    merge_copy(row_at(m->w_hs, first_own_node(m), m->stride), &wk->hs, slot, m->stride);
}

NO_INLINE void merge_copies(const w2v_model *m, w2v_worker *wk) {
    for (int32_t id = 0; id < m->n_own_words; id++) merge_word(m, wk, id);
    for (int32_t slot = 0; slot < m->n_own_nodes; slot++) merge_node(m, wk, slot);
}

/* Where the rows of words are: in the shared matrix, or, of the first n_own, among this worker's
 * copies. An unpredictable branch, so the address is looked up; in a value of its own, since the
 * compiler would reload what lies behind a pointer after every store. */
typedef struct {
    float *from[2];
    int32_t n_own, stride;
} places;

FORCE_INLINE places in_places(const w2v_model *m, const w2v_worker *wk) {
    return (places){{m->w_in, wk->in.own}, m->n_own_words, m->stride};
}

FORCE_INLINE places ns_places(const w2v_model *m, const w2v_worker *wk) {
    return (places){{m->w_ns, wk->ns.own}, m->n_own_words, m->stride};
}

FORCE_INLINE float *place(const places *of, int32_t id) {
    return row_at(of->from[id < of->n_own], id, of->stride);
}

FORCE_INLINE float *in_row(const w2v_model *m, const w2v_worker *wk, int32_t id) {
    const places in = in_places(m, wk);
    return place(&in, id);
}

FORCE_INLINE float *ns_row(const w2v_model *m, const w2v_worker *wk, int32_t id) {
    const places ns = ns_places(m, wk);
    return place(&ns, id);
}

/* Merging, in turn. Every so often the word or the node at hand is marked, and the one that was
 * marked before is merged: what frequent rows have learnt comes to the others often, and no row
 * needs a count. Others may have written the shared row, and the base was long not needed, so both
 * are prefetched when the row is marked, and are there when it is merged. */
FORCE_INLINE void prefetch_copy(float *shared, const w2v_copies *copies, int32_t slot,
                                int32_t stride) {
    prefetch(row_at(shared, slot, stride), stride);
    prefetch(row_at(copies->base, slot, stride), stride);
}

NO_INLINE void mark_word(const w2v_model *m, w2v_worker *wk, int32_t id) {
    merge_word(m, wk, wk->marked_word);
    wk->marked_word = id;
    wk->word_pause = m->own_word_pause;
    prefetch_copy(m->w_in, &wk->in, id, m->stride);
    if (m->w_ns) prefetch_copy(m->w_ns, &wk->ns, id, m->stride);
}

/* Of a path's nodes with copies, which come first, each in turn. */
NO_INLINE void mark_node(const w2v_model *m, w2v_worker *wk, const int32_t *path, int32_t n) {
    int32_t n_own = 0;
    while (n_own < n && path[n_own] >> 1 >= first_own_node(m)) n_own++;
    if (n_own == 0) return;
    merge_node(m, wk, wk->marked_node);
    wk->marked_node = (path[wk->n_marked++ % (uint32_t)n_own] >> 1) - first_own_node(m);
    wk->node_pause = m->own_node_pause;
    prefetch_copy(row_at(m->w_hs, first_own_node(m), m->stride), &wk->hs, wk->marked_node,
                  m->stride);
}

/* One more occurrence of a word as a centre. */
FORCE_INLINE void count_word(const w2v_model *m, w2v_worker *wk, int32_t id) {
    wk->word_pause -= id < m->n_own_words;
    if (wk->word_pause < 0) mark_word(m, wk, id);
}

/* One more use of a path. */
FORCE_INLINE void count_path(const w2v_model *m, w2v_worker *wk, const int32_t *path, int32_t n) {
    if (--wk->node_pause < 0) mark_node(m, wk, path, n);
}
