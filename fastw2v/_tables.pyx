"""The two constructions whose loops are too long for Python: alias table and Huffman tree."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t

import numpy as np


def alias_table(const double[::1] weights not None):
    """See fastw2v.noise.alias_table.  weights: (n,), positive and finite."""
    cdef Py_ssize_t n = weights.shape[0], i, small, large
    cdef double total = 0.0
    share_array = np.empty(n)
    order_array = np.empty(n, dtype=np.int32)
    table_array = np.empty((n, 2), dtype=np.uint32)
    cdef double[::1] share = share_array
    cdef int32_t[::1] order = order_array  # columns with too little from the left, others right
    cdef uint32_t[:, ::1] table = table_array
    cdef Py_ssize_t n_small = 0, n_large = 0

    for i in range(n):
        total += weights[i]
    for i in range(n):
        share[i] = weights[i] / total * <double>n
        if share[i] < 1.0:
            order[n_small] = <int32_t>i
            n_small += 1
        else:
            n_large += 1
            order[n - n_large] = <int32_t>i
    while n_small > 0 and n_large > 0:
        n_small -= 1
        small = order[n_small]
        large = order[n - n_large]
        table[small, 0] = threshold(share[small])
        table[small, 1] = <uint32_t>large
        share[large] -= 1.0 - share[small]
        if share[large] < 1.0:
            n_large -= 1
            order[n_small] = <int32_t>large
            n_small += 1
    # What is left is full but for rounding.
    for i in range(n_small):
        table[order[i], 0] = 0xffffffff
        table[order[i], 1] = <uint32_t>order[i]
    for i in range(n_large):
        table[order[n - 1 - i], 0] = 0xffffffff
        table[order[n - 1 - i], 1] = <uint32_t>order[n - 1 - i]
    return table_array


cdef uint32_t threshold(double share) noexcept nogil:
    """The largest 32-bit draw that stays in the column: share = (threshold + 1) / 2^32."""
    cdef double cells = share * 4294967296.0
    return <uint32_t>(cells - 1.0) if cells >= 1.0 else 0


def huffman_tree(const int64_t[::1] counts not None):
    """See fastw2v.huffman.huffman_tree.  counts: (n,), descending, n >= 1."""
    cdef Py_ssize_t n = counts.shape[0], leaf = n - 1, inner = 0, made, child, i
    cdef int64_t n_nodes = 0, offset
    cdef int32_t node
    weight_array = np.empty(max(n - 1, 1), dtype=np.int64)
    parent_array = np.zeros(2 * n, dtype=np.int32)
    branch_array = np.zeros(2 * n, dtype=np.uint8)
    cdef int64_t[::1] weight = weight_array
    cdef int32_t[::1] parent = parent_array  # leaves 0..n-1, inner nodes n..2n-2
    cdef uint8_t[::1] branch = branch_array
    cdef int32_t side

    # Two queues, both ascending: leaves from the rarest on, and inner nodes as they are made.
    for made in range(n - 1):
        weight[made] = 0
        for side in range(2):
            if leaf >= 0 and (inner >= made or counts[leaf] < weight[inner]):
                child = leaf
                weight[made] += counts[leaf]
                leaf -= 1
            else:
                child = n + inner
                weight[made] += weight[inner]
                inner += 1
            parent[child] = <int32_t>(n + made)
            branch[child] = <uint8_t>side

    root = 2 * n - 2
    offset_array = np.zeros(n + 1, dtype=np.int64)
    cdef int64_t[::1] path_off = offset_array
    for i in range(n):
        node = <int32_t>i
        while node != root:
            n_nodes += 1
            node = parent[node]
        path_off[i + 1] = n_nodes
    path_array = np.empty(n_nodes, dtype=np.int32)
    code_array = np.empty(n_nodes, dtype=np.uint8)
    cdef int32_t[::1] path = path_array
    cdef uint8_t[::1] code = code_array
    for i in range(n):
        node = <int32_t>i
        offset = path_off[i + 1]
        while node != root:
            offset -= 1
            code[offset] = branch[node]
            node = parent[node]
            path[offset] = node - <int32_t>n
    return offset_array, path_array, code_array
