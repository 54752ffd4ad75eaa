"""The own format: what comes back, what is refused, and what others read."""

import io
import json
import os
import struct
import threading
import tracemalloc
import zlib

import numpy as np
import pytest

from fastw2v import KeyedVectors
from fastw2v.errors import FormatError, TruncatedFileError
from fastw2v.formats import native, safetensors

KEYS = ["a", "b c", "", "ß\n", "\ud800", 5, -(1 << 70), b"\xff", None]
N = len(KEYS)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vectors.fw2v"


def make(n=N, dim=5):
    vectors = np.random.default_rng(1).standard_normal((n, 16), dtype=np.float32)[:, :dim]
    labels = np.array(["x", None, *["y z"] * (n - 2)], object)
    codes = np.empty(n, object)
    codes[:] = [np.arange(i, dtype=np.uint8) for i in range(n)]
    attributes = {"count": np.arange(n)[::-1], "pair": np.ones((n, 2)), "label": labels}
    return native.Table(KEYS[:n], vectors, {**attributes, "code": codes}, np.ones(1, np.float32))


@pytest.mark.parametrize("mmap_mode", [None, "r", "c"])
def test_everything_comes_back(path, mmap_mode):
    table = make()
    native.write(path, table)
    back = native.read(path, mmap_mode=mmap_mode, verify=True)
    assert back.keys == table.keys
    assert [type(key) for key in back.keys] == [type(key) for key in table.keys]
    np.testing.assert_array_equal(back.vectors, table.vectors)
    assert back.vectors.dtype == np.float32
    assert type(back.vectors) is np.ndarray
    for name in ("count", "pair", "label"):
        np.testing.assert_array_equal(back.attributes[name], table.attributes[name])
    for ours, theirs in zip(back.attributes["code"], table.attributes["code"], strict=True):
        np.testing.assert_array_equal(ours, theirs)
        assert not len(theirs) or ours.dtype == np.uint8
    np.testing.assert_array_equal(back.lockf, table.lockf)
    assert back.vectors.flags.writeable == (mmap_mode != "r")
    assert back.attributes["count"].flags.writeable


def test_vectors_are_aligned_and_first(path):
    for n_more in range(5):
        arrays = {"vectors": np.ones((3, 7), np.float32), "x" * n_more + "y": np.ones(3, np.int8)}
        safetensors.write(path, arrays, {})
        data = path.read_bytes()
        start = 8 + struct.unpack("<Q", data[:8])[0]
        assert start % 64 == 0
        assert data[start : start + 84] == np.ones(21, "<f4").tobytes()
        mapped = safetensors.read(path, mmap_mode="r").arrays["vectors"]
        assert mapped.ctypes.data % 64 == 0


def test_a_copy_on_write_map_leaves_the_file_alone(path):
    native.write(path, make())
    before = path.read_bytes()
    native.read(path, mmap_mode="c").vectors[:] = 0
    assert path.read_bytes() == before


def test_the_library_reads_it(path):
    library = pytest.importorskip("safetensors.numpy")
    table = make()
    native.write(path, table)
    arrays = library.load_file(path)
    np.testing.assert_array_equal(arrays["vectors"], table.vectors)
    assert arrays["keys.offsets"].tolist()[:4] == [0, 1, 4, 4]
    np.testing.assert_array_equal(arrays["attribute.count"], table.attributes["count"])
    own = {"z": np.arange(6.0).reshape(2, 3), "a": np.array(True), "h": np.ones(3, np.float16)}
    library.save_file(own, path, metadata={"who": "they"})
    contents = safetensors.read(path)
    assert contents.metadata == {"who": "they"}
    for name, array in own.items():
        np.testing.assert_array_equal(contents.arrays[name], array)
    with pytest.raises(FormatError, match="checksums are missing"):
        native.read(path)


def test_flipped_bits_are_noticed(path):
    table = native.Table(["a", "b"], np.ones((2, 3), np.float32), {"count": np.array([2, 1])})
    native.write(path, table)
    whole = path.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place * 5 % 8
        path.write_bytes(damaged)
        with pytest.raises(FormatError, match=path.name):
            native.read(path)


def test_every_cut_is_noticed(path):
    native.write(path, make(4))
    whole = path.read_bytes()
    for length in [*range(20), *range(20, len(whole), 23), len(whole) - 1]:
        path.write_bytes(whole[:length])
        for mmap_mode in (None, "r"):
            with pytest.raises(TruncatedFileError, match=path.name):
                native.read(path, mmap_mode=mmap_mode)
    path.write_bytes(whole + b"x")
    with pytest.raises(FormatError, match="1 bytes behind the last array"):
        native.read(path)


def raw(path, header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def entry(dtype="F32", shape=(1,), offsets=(0, 4)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"[]", "is not a file of fastw2v"),
        (b" {}", "is not a file of fastw2v"),
        (b"{", "no JSON"),
        (b"\xff", "is not a file of fastw2v"),
        (b"[" * 100_000, "is not a file of fastw2v"),
        (b'{"a":' + b"9" * 5000 + b"}", "no JSON"),
        (b'{"a":1,"a":1}', "a name comes twice"),
        ({"a": 1}, "'a' lacks"),
        ({"a": {**entry(), "more": 1}}, "'a' lacks"),
        ({"a": entry("F33")}, "unknown type 'F33'"),
        ({"a": entry([])}, "unknown type"),
        ({"a": entry(shape=[-1])}, "impossible"),
        ({"a": entry(shape=[1.0])}, "impossible"),
        ({"a": entry(shape=[True])}, "impossible"),
        ({"a": entry(shape=[1] * 99)}, "impossible"),
        ({"a": entry(offsets=[0])}, "impossible"),
        ({"a": entry(offsets=[0, 1 << 70])}, "impossible"),
        ({"a": entry(offsets=[0, 8])}, "takes 8 bytes, its shape 4"),
        ({"a": entry(shape=[1 << 60, 1 << 60])}, "takes 4 bytes, its shape"),
        ({"a": entry(offsets=[4, 8])}, "is at 4, not at 0"),
        ({"a": entry(), "b": entry()}, "is at 0, not at 4"),
        ({"a": entry(shape=[1 << 40], offsets=[0, 1 << 42])}, "its header promises"),
        ({"__metadata__": {"a": 1}}, "not texts"),
        ({"__metadata__": []}, "not texts"),
        ({"__metadata__": {"header_crc32": "00000000"}}, "the header is damaged"),
        ({"__metadata__": {"crc32": "["}}, "checksums: no JSON"),
        ({"__metadata__": {"crc32": "[]"}}, "checksums: no JSON object"),
    ],
)
def test_bad_headers_are_named_before_memory_is_taken(path, header, message):
    raw(path, header, b"" if "crc32" in str(header) else b"\0" * 4)
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match=message):
            safetensors.read(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_headers_that_are_too_long(path):
    path.write_bytes(b"\xff" * 8 + b"{}")
    with pytest.raises(FormatError, match="its header would take"):
        safetensors.read(path)
    path.write_bytes(struct.pack("<Q", 3) + b"{}")
    with pytest.raises(TruncatedFileError, match="ends in its header"):
        safetensors.read(path)


def test_pickles_are_refused_by_name(path):
    path.write_bytes(b"\x80\x04\x95" + b"\0" * 50)
    with pytest.raises(FormatError, match=r"a pickle.*from_gensim"):
        KeyedVectors.load(path)


def rewritten(path, change, metadata=None):
    """Write a sound container around changed contents."""
    native.write(path, make(4))
    arrays, old = safetensors.read(path)
    arrays.update(change)
    for name in [name for name, array in arrays.items() if array is None]:
        del arrays[name]
    safetensors.write(path, arrays, {**old, **(metadata or {})})


@pytest.mark.parametrize(
    ("change", "metadata", "message"),
    [
        ({}, {"format": "else"}, "holds 'else'"),
        ({}, {"version": "2"}, "version '2'"),
        ({}, {"attributes": "["}, "no JSON"),
        ({"vectors": None}, {}, "'vectors' is missing"),
        ({"vectors": np.ones(4, np.float32)}, {}, "'vectors' is float32 of shape"),
        ({"vectors": np.ones((4, 2), np.int32)}, {}, "'vectors' is int32"),
        ({"vectors": np.ones((3, 2))}, {}, r"'keys.offsets' .* must be integers of shape \(4\)"),
        ({"keys.offsets": np.array([0, 1, 4, 3, 7])}, {}, "offsets of 'keys' do not fit"),
        ({"keys.offsets": np.array([1, 1, 4, 4, 7])}, {}, "offsets of 'keys' do not fit"),
        ({"keys.kinds": np.ones(4, np.uint8)}, {}, "'keys' is damaged"),
        ({"keys.kinds": np.full(4, 9, np.uint8)}, {}, "unknown kind 9"),
        (
            {"keys.kinds": np.zeros(3, np.uint8)},
            {},
            r"'keys.kinds' .* must be uint8 of shape \(4\)",
        ),
        ({"keys.bytes": np.full(7, 255, np.uint8)}, {}, "'keys' is damaged"),
        ({"attribute.count": np.arange(3)}, {}, r"'attribute.count' is int64 of shape \(3,\)"),
        ({"attribute.code.values": np.zeros(2)}, {}, "offsets of 'attribute.code'"),
    ],
)
def test_contents_that_do_not_fit_are_named(path, change, metadata, message):
    rewritten(path, change, metadata)
    with pytest.raises(FormatError, match=message):
        native.read(path)


def test_what_cannot_be_saved_leaves_the_old_file(path):
    path.write_bytes(b"old")
    for key in (1.5, ("a", "b"), True):
        with pytest.raises(FormatError, match="only str, int and bytes"):
            native.write(path, native.Table([key], np.ones((1, 2)), {}))
    mixed = np.empty(2, object)
    mixed[:] = [np.ones(1), np.ones(1, np.int32)]
    with pytest.raises(FormatError, match="not of one type"):
        native.write(path, native.Table(["a", "b"], np.ones((2, 2)), {"mixed": mixed}))
    with pytest.raises(FormatError, match="complex128"):
        safetensors.write(path, {"a": np.ones(1, complex)}, {})
    assert path.read_bytes() == b"old"


def test_byte_order_and_strides(path):
    arrays = {
        "big": np.arange(6, dtype=">i4").reshape(2, 3),
        "turned": np.arange(6.0).reshape(2, 3).T,
        "scalar": np.array(7, np.int8),
        "empty": np.ones((0, 3), np.float32),
    }
    safetensors.write(path, arrays, {"note": "ä"})
    for mmap_mode in (None, "r"):
        contents = safetensors.read(path, mmap_mode=mmap_mode)
        assert contents.metadata == {"note": "ä"}
        assert list(contents.arrays) == list(arrays)
        for name, array in arrays.items():
            np.testing.assert_array_equal(contents.arrays[name], array)
            assert contents.arrays[name].shape == array.shape


def test_only_regular_files_and_known_modes(path, tmp_path):
    with pytest.raises(FormatError, match="not a regular file"):
        safetensors.read(os.devnull)
    with pytest.raises(FileNotFoundError):
        native.read(path)
    native.write(path, make())
    with pytest.raises(ValueError, match="mmap must be"):
        native.read(path, mmap_mode="r+")


def test_open_files(path):
    buffer = io.BytesIO()
    native.write(buffer, make())
    native.write(path, make())
    assert buffer.getvalue() == path.read_bytes()


def test_a_file_that_is_written_while_its_arrays_change_is_whole(tmp_path):
    """As where a model is saved from a callback, or by another thread, while it is trained."""
    array = np.zeros((2000, 100), np.float32)
    stop = threading.Event()

    def change():
        while not stop.is_set():
            array[:] += 1

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for number in range(5):
            path = tmp_path / f"{number}"
            safetensors.write(path, {"a": array, "b": array.T, "c": array[0]}, {})
            with (tmp_path / "appended").open("ab") as file:
                file.truncate(0)
                safetensors.write(file, {"a": array}, {})
            for written in (path, tmp_path / "appended"):
                safetensors.read(written, need_checksums=True, verify=True)
    finally:
        stop.set()
        thread.join()


def test_a_file_is_written_where_an_open_one_stands(tmp_path):
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    path = tmp_path / "f"
    with path.open("w+b") as file:
        file.write(b"before")
        safetensors.write(file, {"a": array}, {"x": "y"})
        file.write(b"after")
    written = path.read_bytes().removeprefix(b"before").removesuffix(b"after")
    path.write_bytes(written)
    assert safetensors.read(path, need_checksums=True).arrays["a"].tolist() == array.tolist()

    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as pipe:
        safetensors.write(pipe, {"a": array}, {"x": "y"})
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == written


def test_a_map_is_of_the_file_whose_header_was_read(tmp_path, monkeypatch):
    path = tmp_path / "f"
    safetensors.write(path, {"a": np.zeros(100_000, np.float32)}, {})
    read_header = safetensors._read_header

    def replaced_meanwhile(*arguments):
        found = read_header(*arguments)
        safetensors.write(path, {"b": np.ones(5, np.float32)}, {})
        return found

    monkeypatch.setattr(safetensors, "_read_header", replaced_meanwhile)
    contents = safetensors.read(path, mmap_mode="r", verify=True)
    assert contents.arrays["a"].shape == (100_000,)
    assert not contents.arrays["a"].any()

    def cut_meanwhile(*arguments):
        found = read_header(*arguments)
        os.truncate(path, 10)
        return found

    monkeypatch.setattr(safetensors, "_read_header", cut_meanwhile)
    with pytest.raises(TruncatedFileError, match="cut short while it was read"):
        safetensors.read(path, mmap_mode="r")


@pytest.mark.parametrize("keys", [[], [""], ["", "a", ""], ["a", "größe", "\u3000", "x\r"]])
def test_texts_in_one_piece_are_those_one_by_one(path, keys):
    fast, slow = native._lines("keys", keys), native._pieces("keys", keys)
    assert fast is not None
    assert fast.keys() == slow.keys()
    for name, array in fast.items():
        assert array.dtype == slow[name].dtype
        assert array.tolist() == slow[name].tolist()
    native.write(path, native.Table(keys, np.ones((len(keys), 2), np.float32), {}))
    assert native.read(path).keys == keys


@pytest.mark.parametrize(
    "keys", [["a\nb", "c"], ["a", 1], ["a", None], ["\ud800", "\n"], ["a", b"b"]]
)
def test_texts_that_are_not_lines_come_back_too(path, keys):
    native.write(path, native.Table(keys, np.ones((2, 2), np.float32), {}))
    assert native.read(path).keys == keys


def test_offsets_within_a_character_are_damage(path):
    native.write(path, native.Table(["ä", "b"], np.ones((2, 2), np.float32), {}))
    arrays, metadata = safetensors.read(path)
    arrays["keys.offsets"] = np.array([0, 1, 3])
    safetensors.write(path, arrays, metadata)
    with pytest.raises(FormatError, match="'keys' is damaged"):
        native.read(path)


def test_checksums_are_those_of_zlib():
    data = np.random.default_rng(2).bytes(3_000_001)
    for start in range(3):
        assert safetensors.crc32(data[start:], 7) == zlib.crc32(data[start:], 7)


def test_vectors_that_are_not_finite_are_reported(path, caplog):
    vectors = np.ones((3, 2), np.float32)
    vectors[1, 1] = np.nan
    native.write(path, native.Table(["a", "b", "c"], vectors, {}))
    native.read(path, mmap_mode="r")
    assert not caplog.messages, "a map is not read"
    native.read(path)
    assert "1 of 3 vectors hold NaN or Inf, first that of 'b'" in caplog.text
