"""The text format and the file of counts: what is written, what is read, and what is refused."""

import tracemalloc
import warnings

import numpy as np
import pytest

from fastw2v.errors import FormatError, TruncatedFileError
from fastw2v.formats import word2vec_text
from fastw2v.formats._table import MAX_KEY_BYTES, USUAL_KEY_BYTES

KEYS = ["the", "größe", "\u4e2d\u6587", "a"]


def bits(array):
    return np.ascontiguousarray(array).view(np.uint32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vectors.txt"


def test_layout(path):
    word2vec_text.write(path, ["ab", 7], np.array([[1, -0.5], [0.1, 1e-10]], np.float32))
    assert path.read_bytes() == b"2 2\nab 1 -0.5\n7 0.100000001 1.00000001e-10\n"


def test_round_trip_keeps_every_bit(path):
    patterns = np.random.default_rng(5).integers(0, 1 << 32, (400, 50), dtype=np.uint32)
    values = patterns.view(np.float32)
    # The bits of a NaN beyond its being one are not text.
    values[np.isnan(values)] = np.inf
    # Zeros, the denormals around them, the smallest and largest normals, neighbours of powers.
    special = np.array(
        [0, 1, 2, 0x7FFFFF, 0x800000, 0x7F7FFFFF, 0x7F800000, 0x3F7FFFFF, 0x3F800000, 0x3F800001],
        dtype=np.uint32,
    )
    values[0, :20] = np.concatenate([special, special | 0x80000000]).view(np.float32)
    word2vec_text.write(path, range(400), values)
    table = word2vec_text.read(path)
    assert table.keys == [str(i) for i in range(400)]
    np.testing.assert_array_equal(bits(table.vectors), bits(values))


def test_not_a_number(path):
    word2vec_text.write(path, ["a"], np.array([[np.nan, np.inf, -np.inf]], np.float32))
    np.testing.assert_array_equal(word2vec_text.read(path).vectors, [[np.nan, np.inf, -np.inf]])


def test_doubles_keep_every_bit(path):
    values = np.random.default_rng(5).standard_normal((20, 5))
    word2vec_text.write(path, range(20), values)
    np.testing.assert_array_equal(word2vec_text.read(path, dtype=np.float64).vectors, values)


def test_padded_views_and_many_blocks(path):
    matrix = np.random.default_rng(1).standard_normal((2500, 16), dtype=np.float32)
    view = matrix[:, :3]
    keys = [f"w{i}" for i in range(2500)]
    order = np.arange(2500)[::-1]
    word2vec_text.write(path, keys, view, order=order)
    table = word2vec_text.read(path)
    assert table.keys == keys[::-1]
    np.testing.assert_array_equal(table.vectors, view[::-1])


@pytest.mark.parametrize(
    "content",
    [
        b"2 2\na 1 2\nb 3 4\n",
        b"2 2\r\na 1 2\r\nb 3 4\r\n",
        b"2 2\na 1.0 2.000 \nb 3e0 4.0 \n",
        b"2 2\na 1 2 \nb 3 4 ",
        b"2 2\na 1\t2\nb 3  4\n\n\n",
        b"\xef\xbb\xbf2 2\na 1 2\nb 3 4\n",
    ],
)
def test_dialects(path, content):
    path.write_bytes(content)
    table = word2vec_text.read(path)
    assert table.keys == ["a", "b"]
    np.testing.assert_array_equal(table.vectors, [[1, 2], [3, 4]])


def test_no_header(path):
    word2vec_text.write(path, KEYS, np.arange(12, dtype=np.float32).reshape(4, 3), header=False)
    assert path.read_bytes().startswith(b"the 0 1 2\n")
    table = word2vec_text.read(path, no_header=True)
    assert table.keys == KEYS
    np.testing.assert_array_equal(table.vectors, np.arange(12).reshape(4, 3))
    assert word2vec_text.read(path, no_header=True, limit=2).keys == KEYS[:2]
    assert word2vec_text.read(path, no_header=True, limit=9).keys == KEYS
    with pytest.raises(FormatError, match="no_header=True"):
        word2vec_text.read(path)
    for nothing in (b"", b"\n \n"):
        path.write_bytes(nothing)
        with pytest.raises(TruncatedFileError, match=f"{path.name}: there is no vector"):
            word2vec_text.read(path, no_header=True)


def test_every_cut_is_noticed(path):
    vectors = np.random.default_rng(2).standard_normal((4, 3)).astype(np.float32)
    word2vec_text.write(path, KEYS, vectors)
    whole = path.read_bytes()
    last_number = len(whole) - 1 - len(whole.split()[-1])
    for length in range(last_number + 1):
        path.write_bytes(whole[:length])
        with pytest.raises(FormatError, match=path.name):
            word2vec_text.read(path)
    # Here only the missing newline tells, and many files that people write lack it too.
    for length in range(last_number + 1, len(whole)):
        path.write_bytes(whole[:length])
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                table = word2vec_text.read(path)
            except FormatError:
                continue
        assert ["only the beginning" in str(warning.message) for warning in caught] == [True]
        np.testing.assert_array_equal(table.vectors.ravel()[:-1], vectors.ravel()[:-1])
    np.testing.assert_array_equal(table.vectors, vectors)


def test_every_cut_of_a_compressed_file_is_noticed(tmp_path):
    path = tmp_path / "vectors.txt.gz"
    word2vec_text.write(path, KEYS, np.ones((4, 3), np.float32))
    whole = path.read_bytes()
    assert word2vec_text.read(path).keys == KEYS
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(FormatError, match="vectors"):
            word2vec_text.read(path)


@pytest.mark.parametrize(
    "header", [b"9999999999 300\n", b"4294967296 4294967296\n", b"2 99999999\n", b"1000000 1\n"]
)
def test_headers_are_checked_before_memory_is_taken(path, header):
    path.write_bytes(header + b"a 1 2\n")
    tracemalloc.start()
    try:
        with pytest.raises(TruncatedFileError, match="header promises"):
            word2vec_text.read(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"3 0\n", "size 0"),
        (b"two 2\n", "first line"),
        (b"2 2\na 1 2\nb 3\nc 4\n", "line 3: 1 values follow the word 'b', not 2"),
        (b"2 2\na 1 2\nb c 3 4 5\n", "line 3: 4 values"),
        (b"2 2\na 1 2\nb 3 4 5\n", "line 3: 3 values"),
        (b"2 2\na 1 2\nb 3 x4\n", "line 3: b'x4' .* 'b' is not a number"),
        (b"2 2\na 1 2\nb 3 1_0\n", "line 3: b'1_0'"),
        (b"2 2\na 1 2\n 3 4 5\n", "line 3: 3 values follow the word ''"),
        (b"2 2\na 1 2\n 3\n", "line 3: 1 values follow the word ''"),
        (b"2 2\na 1 2\nb 3 1e39\n", "line 3: a value of 'b' is too large"),
        (b"2 2\na 1 2\nbbbbbbb\n", "line 3: 0 values"),
        (b"1 2\na \x00\x00\x80\x3f\x00\x00\x80\x3f\n", "binary=True"),
    ],
)
def test_bad_lines_are_named(path, content, message):
    path.write_bytes(content)
    with pytest.raises(FormatError, match=message):
        word2vec_text.read(path)


def test_fewer_lines_than_promised(path):
    path.write_bytes(b"3 1\naaaaa 1\nbbbbb 2\n")
    with pytest.raises(TruncatedFileError, match="ends after 2; limit=2"):
        word2vec_text.read(path)
    assert word2vec_text.read(path, limit=2).keys == ["aaaaa", "bbbbb"]


def test_more_lines_than_promised(path):
    path.write_bytes(b"1 1\na 1\nb 2\n")
    with pytest.warns(UserWarning, match="more behind the 1 vectors"):
        assert word2vec_text.read(path).keys == ["a"]


def test_repeated_words_are_skipped_with_a_warning(path):
    path.write_bytes(b"4 1\na 1\na 2\nb 3\na 4\n")
    with pytest.warns(UserWarning, match="skipped 2 vectors .*'a'"):
        table = word2vec_text.read(path)
    assert table.keys == ["a", "b"]
    np.testing.assert_array_equal(table.vectors, [[1], [3]])


@pytest.mark.parametrize("no_header", [False, True])
def test_long_tokens(path, no_header):
    keys = ["x" * n for n in (USUAL_KEY_BYTES, USUAL_KEY_BYTES + 1, MAX_KEY_BYTES)]
    word2vec_text.write(path, keys, np.ones((3, 2), np.float32), header=not no_header)
    same = word2vec_text.read(path, no_header=no_header).keys == keys
    assert same, "without showing megabytes"
    start = b"" if no_header else b"1 2\n"
    for content in (b"x" * (MAX_KEY_BYTES + 1) + b" 1 2\n", b"x" * 3 * MAX_KEY_BYTES):
        path.write_bytes(start + content)
        with pytest.raises(FormatError, match=rf"line \d: a word may take {MAX_KEY_BYTES} bytes"):
            word2vec_text.read(path, no_header=no_header)


def test_invalid_utf8(path):
    path.write_bytes(b"1 1\na\xffb 1\n")
    with pytest.raises(UnicodeDecodeError, match=r"vectors\.txt, line 2"):
        word2vec_text.read(path)
    assert word2vec_text.read(path, unicode_errors="replace").keys == ["a\ufffdb"]
    assert word2vec_text.read(path, encoding="latin1").keys == ["aÿb"]


@pytest.mark.parametrize("space", list(" \t\n\r\v\f"))
def test_white_space_is_refused_by_name(path, space):
    path.write_bytes(b"old")
    with pytest.raises(FormatError, match=r"text format: the key .* of row 1 contains white space"):
        word2vec_text.write(path, ["a", f"x{space}y"], np.ones((2, 2), np.float32))
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ([1, "1"], "'1' of row 1 is written like the key of row 0, 1"),
        (["a", "\ud800"], "of row 1 cannot be encoded"),
    ],
)
def test_impossible_keys_are_refused_by_name(path, keys, reason):
    with pytest.raises(FormatError, match=reason):
        word2vec_text.write(path, keys, np.ones((2, 2), np.float32))
    assert not path.exists()


def test_unicode_white_space_and_the_empty_word_are_kept(path):
    keys = ["", "\x1c", "a\x1fb", "\x85", "a\xa0", "\u2003a", "\u2028", "\u3000"]
    for header in (True, False):
        word2vec_text.write(path, keys, np.ones((8, 2), np.float32), header=header)
        assert word2vec_text.read(path, no_header=not header).keys == keys
    word2vec_text.write_counts(path, keys, range(8))
    assert word2vec_text.read_counts(path) == {key: i for i, key in enumerate(keys)}


def test_refusals_name_the_way_out(path):
    with pytest.raises(
        FormatError, match=r"replace it, as by '_'; KeyedVectors\.save can write such"
    ):
        word2vec_text.write(path, ["a b"], np.ones((1, 2), np.float32))


@pytest.mark.parametrize("block", [1 << 20, 7])
def test_the_last_fields_are_the_values(path, monkeypatch, block):
    monkeypatch.setattr(word2vec_text, "_BLOCK", block)
    path.write_bytes(b"a 1 2\n. . . 3 4\nat x@y.z 5 6 \n\t7\t8\nb\t9\t10\r\n 11 12\nc\td 13 14\n")
    with pytest.raises(FormatError, match=r"line 4: 1 values follow the word '7'"):
        word2vec_text.read(path, no_header=True)
    path.write_bytes(path.read_bytes().replace(b"\t7\t8\n", b""))
    table = word2vec_text.read(path, no_header=True)
    assert table.keys == ["a", ". . .", "at x@y.z", "b", "", "c\td"]
    assert table.vectors.tolist() == [[1, 2], [3, 4], [5, 6], [9, 10], [11, 12], [13, 14]]


def test_vectors_that_are_not_finite_are_reported(path, caplog):
    values = np.ones((3000, 2), np.float32)
    word2vec_text.write(path, range(3000), values * 3e38)
    word2vec_text.read(path)
    assert not caplog.messages, "a sum that overflows is no damage"
    values[[1500, 2999], 1] = np.nan, np.inf
    word2vec_text.write(path, range(3000), values)
    word2vec_text.read(path)
    assert [r.name for r in caplog.records] == ["fastw2v"]
    assert "vectors.txt: 2 of 3000 vectors hold NaN or Inf, first that of '1500'" in caplog.text


def test_append_and_prefix(path):
    first, second = np.ones((2, 2), np.float32), np.zeros((1, 2), np.float32)
    word2vec_text.write(path, ["a", "b"], first, total=3)
    with pytest.raises(ValueError, match="write_header=False"):
        word2vec_text.write(path, ["c"], second, append=True)
    word2vec_text.write(path, ["c"], second, prefix="*", header=False, append=True)
    assert path.read_bytes() == b"3 2\na 1 1\nb 1 1\n*c 0 0\n"
    assert word2vec_text.read(path).keys == ["a", "b", "*c"]


def test_counts(path):
    word2vec_text.write_counts(path, KEYS, [9, 8, 7, 6])
    assert path.read_text(encoding="utf-8").splitlines()[1] == "größe 8"
    assert word2vec_text.read_counts(path) == dict(zip(KEYS, [9, 8, 7, 6], strict=True))
    path.write_bytes(b"</s> 0\nthe\t12\r\n\nof 3.0\nto 1.5e+06\n")
    assert word2vec_text.read_counts(path) == {"</s>": 0, "the": 12, "of": 3, "to": 1_500_000}


@pytest.mark.parametrize("line", [b"a\n", b"a b 3\n", b"a -1\n", b"a 1.5\n", b"a " + b"1" * 99])
def test_bad_counts_are_named(path, line):
    path.write_bytes(b"x 1\n" + line)
    with pytest.raises(FormatError, match=r"vectors\.txt, line 2: expected a word and its count"):
        word2vec_text.read_counts(path)


def spellings():
    rng = np.random.default_rng(8)
    values = rng.standard_normal(400) * 10.0 ** rng.integers(-30, 30, 400)
    forms = ["%.9g", "%f", "%.6e", "%.17g", "%+.3f", "%.25g", "%E", "%.0f."]
    texts = [forms[i % len(forms)] % value for i, value in enumerate(values)]
    texts += [
        "1",
        "-0",
        "+.5",
        "5.",
        "00012.5000",
        "1e22",
        "1e23",
        "1e-22",
        "123456789e-30",
        "0e999",
    ]
    texts += [
        "9007199254740993",
        "9007199254740992.5",
        "0." + "0" * 40 + "1",
        "nan",
        "-Inf",
        "1e-400",
    ]
    return texts


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_spelling_of_a_number_means_what_python_says(tmp_path, dtype):
    texts = [text for text in spellings() if abs(float(text)) < 1e38 or not dtype(float(text)) < 2]
    texts = [text for text in texts if not 1e38 < abs(float(text)) < np.inf]
    path = tmp_path / "v"
    lines = [f"w{i} {text} 1\t{text}  {'' if i % 3 else chr(13)}" for i, text in enumerate(texts)]
    path.write_text(f"{len(texts)} 3\n" + "\n".join(lines) + "\n", encoding="utf-8", newline="")
    vectors = word2vec_text.read(path, dtype=dtype).vectors
    expected = np.array([[float(text), 1, float(text)] for text in texts], dtype)
    np.testing.assert_array_equal(vectors.view(np.uint8), expected.view(np.uint8))


def test_lines_are_counted_through_blocks_and_blank_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(word2vec_text, "_BLOCK", 100)
    lines = [f"w{i} 0.5 {i}" for i in range(200)]
    lines[50:50] = ["", "\r"]
    path = tmp_path / "v"
    path.write_text("200 2\n" + "\n".join(lines) + "\n", encoding="utf-8", newline="")
    table = word2vec_text.read(path)
    assert table.keys == [f"w{i}" for i in range(200)]
    np.testing.assert_array_equal(table.vectors[:, 1], np.arange(200))
    for bad, message in (
        ("w 0.5 x", "'x' in the vector"),
        ("w 1 2 3", "3 values"),
        ("w\udcff 1 2", ""),
    ):
        broken = [*lines[:150], bad, *lines[151:]]
        text = "200 2\n" + "\n".join(broken) + "\n"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        with pytest.raises(FormatError, match=f"line 152.*{message}"):
            word2vec_text.read(path)
