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

NO_INLINE void merge_word(const w2v_model *m, w2v_worker *wk, int32_t id) {
    merge_copy(m->w_in, &wk->in, id, m->stride);
    if (m->w_ns) merge_copy(m->w_ns, &wk->ns, id, m->stride);
    wk->word_uses[id] = 0;
}

NO_INLINE void merge_node(const w2v_model *m, w2v_worker *wk, int32_t slot) {
    merge_copy(row_at(m->w_hs, first_own_node(m), m->stride), &wk->hs, slot, m->stride);
    wk->node_uses[slot] = 0;
}

NO_INLINE void merge_copies(const w2v_model *m, w2v_worker *wk) {
    for (int32_t id = 0; id < m->n_own_words; id++) merge_word(m, wk, id);
    for (int32_t slot = 0; slot < m->n_own_nodes; slot++) merge_node(m, wk, slot);
}

/* A word's row of W or of W', this worker's copy if it has one: which, no processor foresees. */
FORCE_INLINE float *in_row(const w2v_model *m, const w2v_worker *wk, int32_t id) {
    return row_at(wk->in.from[id < m->n_own_words], id, m->stride);
}

FORCE_INLINE float *ns_row(const w2v_model *m, const w2v_worker *wk, int32_t id) {
    return row_at(wk->ns.from[id < m->n_own_words], id, m->stride);
}

/* One more occurrence of a word as a centre. Whether it has a copy no processor foresees, so a word
 * without one adds nothing to the count of the first. */
FORCE_INLINE void count_word(const w2v_model *m, w2v_worker *wk, int32_t id) {
    if (m->n_own_words == 0) return;
    const int32_t own = id < m->n_own_words, slot = id & -own;
    if ((wk->word_uses[slot] += own) > m->own_word_uses) merge_word(m, wk, slot);
}

/* This worker's copy of the row of a node near the root; counted as one more use. */
FORCE_INLINE float *own_node(const w2v_model *m, w2v_worker *wk, int32_t node) {
    const int32_t slot = node - first_own_node(m);
    if (++wk->node_uses[slot] > m->own_node_uses) merge_node(m, wk, slot);
    return row_at(wk->hs.own, slot, m->stride);
}
