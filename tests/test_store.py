"""Joining pieces by the rule that csrc/scan.h states."""

import gc
import weakref

import numpy as np
import pytest

from fastw2v.corpus import _scan
from fastw2v.corpus.join import join as join_pieces
from fastw2v.corpus.segments import Block, Ledger, Piece, Segments, totals
from fastw2v.corpus.store import END


def piece(*ids, leading_end=False):
    return Piece(np.array(ids, dtype=np.int32), leading_end)


def join(*pieces, workers=1):
    return join_pieces(list(pieces), workers)


def ids(*pieces):
    return join(*pieces)[0].tolist()


@pytest.mark.parametrize("workers", [1, 3])
def test_pieces_are_joined_in_order(workers):
    found, longest = join(piece(1, 2), piece(3 + END, 4), piece(), piece(5 + END), workers=workers)
    assert found.tolist() == [1, 2, 3 + END, 4, 5 + END]
    assert longest == 3


def test_leading_end_marks_the_last_id_before():
    assert ids(piece(1), piece(), piece(2, leading_end=True)) == [1 + END, 2 + END]
    assert ids(piece(1 + END), piece(2, leading_end=True)) == [1 + END, 2 + END]
    assert ids(piece(1), piece(leading_end=True), piece(2)) == [1 + END, 2 + END]
    assert ids(piece(leading_end=True), piece(2)) == [2 + END]


def test_last_id_ends_a_sentence_in_any_case():
    assert ids(piece(1, 2)) == [1, 2 + END]


def test_empty():
    for pieces in ([], [piece(leading_end=True)]):
        found, longest = join(*pieces)
        assert (len(found), longest) == (0, 0)


def test_segments_are_released_on_the_way():
    arrays = [np.arange(3, dtype=np.int32) for _ in range(3)]
    alive = [weakref.ref(array) for array in arrays]
    pieces = [Piece(array, False) for array in arrays]
    del arrays
    join_pieces(pieces)
    gc.collect()
    assert pieces == []
    assert [ref() for ref in alive] == [None] * 3


def test_segments_hand_out_what_is_free():
    segments = Segments(3)
    segments.free()[:2] = [1, 2]
    segments.take(2, False)
    assert len(segments.free()) == 1
    segments.free()[:] = [3]
    segments.take(1, True)
    segments.take(0, False)
    segments.free()[:1] = [4]
    segments.take(1, False)
    pieces = segments.pieces()
    assert [(p.ids.tolist(), p.leading_end) for p in pieces] == [
        ([1, 2], False),
        ([3], True),
        ([4], False),
    ]
    assert segments.pieces() == []


@pytest.mark.parametrize(
    ("ledgers", "n_sentences"),
    [
        ([], 0),
        ([(2, 1, False, True, True), (1, 1, False, True, True)], 1),
        ([(2, 1, False, True, True), (0, 0, False, False, False), (1, 1, True, True, False)], 1),
        ([(2, 1, False, True, True), (0, 0, True, False, False), (1, 1, False, True, True)], 2),
        ([(2, 1, True, True, False), (1, 1, False, True, True)], 2),
        ([(3, 2, True, True, True), (1, 1, True, False, True)], 3),
        ([(3, 2, True, True, True), (2, 2, True, True, True)], 3),
    ],
)
def test_sentences_over_block_borders(ledgers, n_sentences):
    blocks = [Block(i, 0, Ledger(*ledger), []) for i, ledger in enumerate(ledgers)]
    found = totals(blocks, n_bytes=7)
    assert (found.n_tokens, found.n_sentences, found.n_bytes) == (
        sum(ledger[0] for ledger in ledgers),
        n_sentences,
        7,
    )


def test_remap_moves_ends_to_words_that_stay():
    mapping = np.array([-1, 10, -1, 30], dtype=np.int32)

    def remap(*values):
        ids = np.array(values, dtype=np.int32)
        n, leading_end = _scan.remap(ids, mapping)
        return ids[:n].tolist(), leading_end

    assert remap(1, 3 + END, 1) == ([10, 30 + END, 10], False)
    assert remap(1, 0, 2 + END, 3) == ([10 + END, 30], False)
    assert remap(0, 2 + END, 3) == ([30], True)
    assert remap(1 + END, 0 + END, 3) == ([10 + END, 30], False)
    assert remap() == ([], False)


def test_longest():
    def longest(*values):
        return _scan.longest(np.array(values, dtype=np.int32))

    assert longest() == 0
    assert longest(1, 2) == 2
    assert longest(1 + END, 2, 3 + END, 4 + END) == 2
    assert longest(1, 2, 3 + END, 4 + END) == 3
    assert longest(1 + END, 2, 3, 4) == 3
