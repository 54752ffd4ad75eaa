"""The binary format: what is written, what is read, and what is refused."""

import gzip
import struct
import tracemalloc

import numpy as np
import pytest

from fastw2v.errors import FormatError, TruncatedFileError
from fastw2v.formats import word2vec_binary
from fastw2v.formats._table import MAX_KEY_BYTES, USUAL_KEY_BYTES

KEYS = ["the", "größe", "\u4e2d\u6587", "a"]
EXTREMES = np.array(
    [
        [0.0, -0.0, 1.0],
        [np.float32(1e-45), -np.finfo(np.float32).tiny, np.finfo(np.float32).max],
        [np.nan, np.inf, -np.inf],
        [np.nextafter(np.float32(1), np.float32(2)), 0.1, -1 / 3],
    ],
    dtype=np.float32,
)


def bits(array):
    return np.ascontiguousarray(array).view(np.uint32)


def packed(*values):
    return struct.pack(f"<{len(values)}f", *values)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vectors.bin"


def test_layout(path):
    word2vec_binary.write(path, ["ab", "c"], np.array([[1, 2], [3, 4]], np.float32))
    expected = b"2 2\nab " + packed(1, 2) + b"\nc " + packed(3, 4) + b"\n"
    assert path.read_bytes() == expected


def test_round_trip_keeps_every_bit(path):
    word2vec_binary.write(path, KEYS, EXTREMES)
    table = word2vec_binary.read(path)
    assert table.keys == KEYS
    np.testing.assert_array_equal(bits(table.vectors), bits(EXTREMES))


def test_padded_views_and_many_blocks(path):
    matrix = np.random.default_rng(1).standard_normal((3000, 48), dtype=np.float32)
    view = matrix[:, :33]
    keys = [f"w{i}" for i in range(3000)]
    word2vec_binary.write(path, keys, view)
    np.testing.assert_array_equal(word2vec_binary.read(path).vectors, view)
    order = np.arange(3000)[::-1]
    word2vec_binary.write(path, keys, view, order=order)
    table = word2vec_binary.read(path)
    assert table.keys == keys[::-1]
    np.testing.assert_array_equal(table.vectors, view[::-1])


def test_reading_crosses_blocks(path, monkeypatch):
    monkeypatch.setattr(word2vec_binary, "_BLOCK", 1 << 10)
    matrix = np.random.default_rng(1).standard_normal((2000, 33), dtype=np.float32)
    keys = [f"w{i}" for i in range(2000)]
    word2vec_binary.write(path, keys, matrix)
    table = word2vec_binary.read(path)
    assert table.keys == keys
    np.testing.assert_array_equal(table.vectors, matrix)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_rows_end_with_a_newline_or_without(path, end):
    path.write_bytes(b"2 2\nab " + packed(1, 2) + end + b"c " + packed(3, 4) + end)
    table = word2vec_binary.read(path)
    assert table.keys == ["ab", "c"]
    np.testing.assert_array_equal(table.vectors, [[1, 2], [3, 4]])


def test_every_cut_is_noticed(path):
    word2vec_binary.write(path, KEYS, EXTREMES)
    whole = path.read_bytes()
    for length in range(len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(TruncatedFileError, match=path.name):
            word2vec_binary.read(path)
    path.write_bytes(whole[:-1])
    np.testing.assert_array_equal(bits(word2vec_binary.read(path).vectors), bits(EXTREMES))


def test_every_cut_of_a_compressed_file_is_noticed(path):
    packed_path = path.with_suffix(".bin.gz")
    word2vec_binary.write(packed_path, KEYS, EXTREMES)
    assert word2vec_binary.read(packed_path).keys == KEYS
    whole = packed_path.read_bytes()
    for length in range(len(whole)):
        packed_path.write_bytes(whole[:length])
        with pytest.raises(FormatError, match=path.name):
            word2vec_binary.read(packed_path)


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz"])
def test_compressed_files(tmp_path, suffix):
    path = tmp_path / f"vectors{suffix}"
    matrix = np.random.default_rng(1).standard_normal((300, 7), dtype=np.float32)
    word2vec_binary.write(path, range(300), matrix)
    assert path.read_bytes()[:2] in (b"\x1f\x8b", b"BZ", b"\xfd7")
    np.testing.assert_array_equal(word2vec_binary.read(path).vectors, matrix)
    assert len(word2vec_binary.read(path, limit=7).keys) == 7
    path.write_bytes(b"not compressed")
    with pytest.raises(FormatError, match="damaged"):
        word2vec_binary.read(path)


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (b"9999999999 300\n", TruncatedFileError),
        (b"4294967296 4294967296\n", TruncatedFileError),
        (b"10000000 300\n", TruncatedFileError),
        (b"2 99999999\n", TruncatedFileError),
        (b"", TruncatedFileError),
        (b"12 3", TruncatedFileError),
        (b"999999999999999999999999999999 3\n", FormatError),
        (b"3 0\n", FormatError),
        (b"-3 2\n", FormatError),
        (b"3\n", FormatError),
        (b"3 2 1\n", FormatError),
        (b"three two\n", FormatError),
        (b"\x80\x02garbage\n", FormatError),
        (b"x" * 10_000, FormatError),
    ],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_headers_are_checked_before_memory_is_taken(tmp_path, header, error, compressed):
    content = header + (b"a " + packed(1, 2) + b"\n" if header.endswith(b"\n") else b"")
    path = tmp_path / ("v.bin.gz" if compressed else "v.bin")
    path.write_bytes(gzip.compress(content) if compressed else content)
    # The first call imports the decompressors, which is not to be measured. From a compressed file
    # one block of 4 MiB is read before its length shows.
    with pytest.raises(error):
        word2vec_binary.read(path)
    tracemalloc.start()
    try:
        with pytest.raises(error, match=r"v\.bin"):
            word2vec_binary.read(path)
        assert tracemalloc.get_traced_memory()[1] < (6_000_000 if compressed else 1_000_000)
    finally:
        tracemalloc.stop()


def test_message_names_header_and_size(path):
    path.write_bytes(b"5000 300\na ")
    with pytest.raises(TruncatedFileError, match=r"5000 vectors of size 300.* 11 bytes"):
        word2vec_binary.read(path)


def test_byte_order_mark_before_the_header(path):
    path.write_bytes(b"\xef\xbb\xbf1 2\na " + packed(1, 2))
    assert word2vec_binary.read(path).keys == ["a"]


def test_limit(path):
    word2vec_binary.write(path, KEYS, EXTREMES)
    assert word2vec_binary.read(path, limit=2).keys == KEYS[:2]
    assert word2vec_binary.read(path, limit=9).keys == KEYS
    path.write_bytes(path.read_bytes()[:60])
    assert word2vec_binary.read(path, limit=2).keys == KEYS[:2]
    with pytest.raises(ValueError, match="limit"):
        word2vec_binary.read(path, limit=0)


def test_long_tokens(path):
    vectors = np.ones((2, 2), np.float32)
    longest = "x" * MAX_KEY_BYTES
    for usual in ("a", "x" * USUAL_KEY_BYTES, "x" * (USUAL_KEY_BYTES + 1)):
        word2vec_binary.write(path, [longest, usual], vectors)
        same = word2vec_binary.read(path).keys == [longest, usual]
        assert same, "without showing megabytes"
    with pytest.raises(FormatError, match="row 1 takes"):
        word2vec_binary.write(path, ["a", longest + "x"], vectors)
    path.write_bytes(b"2 2\na " + packed(1, 2) + b"x" * (MAX_KEY_BYTES + 2) + b" " + packed(1, 2))
    with pytest.raises(FormatError, match="vector 2 is longer"):
        word2vec_binary.read(path)
    path.write_bytes(b"2 2\n" + b"x" * 3 * MAX_KEY_BYTES)
    with pytest.raises(FormatError, match="vector 1 is longer"):
        word2vec_binary.read(path)


def test_repeated_words_are_skipped_with_a_warning(path):
    path.write_bytes(
        b"4 1\n" + b"".join(w + b" " + packed(i) for i, w in enumerate([b"a"] * 3 + [b"b"]))
    )
    with pytest.warns(UserWarning, match="skipped 2 vectors .*'a'"):
        table = word2vec_binary.read(path)
    assert table.keys == ["a", "b"]
    np.testing.assert_array_equal(table.vectors, [[0], [3]])


def test_what_stands_behind_the_last_vector_is_reported(path, monkeypatch):
    word2vec_binary.write(path, KEYS, EXTREMES)
    whole = path.read_bytes()
    for block in (1, len(whole) - 6, len(whole) - 5, 1 << 18):
        monkeypatch.setattr(word2vec_binary, "_BLOCK", block)
        path.write_bytes(whole + b"\n\r\n")
        assert word2vec_binary.read(path).keys == KEYS
        for behind in (b"x", b"\nx", b" ", whole):
            path.write_bytes(whole + behind)
            with pytest.warns(UserWarning, match="more behind the 4 vectors"):
                assert word2vec_binary.read(path).keys == KEYS
    assert len(word2vec_binary.read(path, limit=3).keys) == 3


def test_text_files_are_recognised(path):
    path.write_bytes(b"3 2\n" + b"word 0.25 -0.125\n" * 3)
    with pytest.raises(FormatError, match="text file"):
        word2vec_binary.read(path)


def test_invalid_utf8(path):
    path.write_bytes(b"1 1\na\xffb " + packed(1))
    with pytest.raises(UnicodeDecodeError, match=r"vectors\.bin, vector 1"):
        word2vec_binary.read(path)
    with pytest.raises(FormatError):
        word2vec_binary.read(path)
    assert word2vec_binary.read(path, unicode_errors="ignore").keys == ["ab"]
    assert word2vec_binary.read(path, encoding="latin1").keys == ["aÿb"]


@pytest.mark.parametrize("space", list(" \t\n\r\v\f"))
def test_white_space_is_refused_by_name(path, space):
    path.write_bytes(b"old")
    with pytest.raises(
        FormatError, match=r"binary format: the key .*x.*y.* of row 1 .*white space"
    ):
        word2vec_binary.write(path, ["a", f"x{space}y"], np.ones((2, 2), np.float32))
    assert path.read_bytes() == b"old"


def test_unicode_white_space_is_kept(path):
    keys = ["a\xa0b", "", "a\u2003b", "a\x1cb", "\x85"]
    word2vec_binary.write(path, keys, np.arange(10, dtype=np.float32).reshape(5, 2))
    table = word2vec_binary.read(path)
    assert table.keys == keys
    np.testing.assert_array_equal(table.vectors, np.arange(10).reshape(5, 2))
    # As gensim writes it: without the newline.
    path.write_bytes(b"2 2\n " + packed(1, 2) + b"a " + packed(3, 4))
    assert word2vec_binary.read(path).keys == ["", "a"]


def test_vectors_that_are_not_finite_are_reported(path, caplog):
    word2vec_binary.write(path, KEYS, EXTREMES)
    word2vec_binary.read(path)
    assert (
        "vectors.bin: 1 of 4 vectors hold NaN or Inf, first that of '\u4e2d\u6587'" in caplog.text
    )


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ([1, "1"], "'1' of row 1 is written like the key of row 0, 1"),
        (["a", "\ud800"], r"ud800' of row 1 cannot be encoded"),
        (["a", b"b"], "b'b' of row 1 is bytes"),
        (["a", None], "None of row 1 is not set"),
    ],
)
def test_impossible_keys_are_refused_by_name(path, keys, reason):
    with pytest.raises(FormatError, match=reason):
        word2vec_binary.write(path, keys, np.ones((2, 2), np.float32))
    assert not path.exists()


def test_shapes_must_agree(path):
    with pytest.raises(ValueError, match="3 keys do not fit"):
        word2vec_binary.write(path, ["a", "b", "c"], np.ones((2, 2), np.float32))


def test_other_types(path):
    word2vec_binary.write(path, ["a"], np.array([[0.1, 1e-3]]))
    table = word2vec_binary.read(path, dtype=np.float64)
    assert table.vectors.dtype == np.float64
    np.testing.assert_array_equal(table.vectors, np.array([[0.1, 1e-3]], np.float32))


def test_no_vectors(path):
    word2vec_binary.write(path, [], np.ones((0, 5), np.float32))
    assert path.read_bytes() == b"0 5\n"
    table = word2vec_binary.read(path)
    assert table.keys == []
    assert table.vectors.shape == (0, 5)
