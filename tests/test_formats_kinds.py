"""Files that are not what the caller took them for: read as what they are, or named."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickle
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import FormatError, KeyedVectors, Word2Vec
from fastw2v.formats import kinds
from fastw2v.phrases import FrozenPhrases, Phrases
from fastw2v.vocab import Vocabulary
from tests.test_word2vec import SMALL, corpus

KEYS = [f"word{i}" for i in range(30)]
VECTORS = np.random.default_rng(1).standard_normal((30, 20), dtype=np.float32)
KV = KeyedVectors.from_arrays(KEYS, VECTORS, np.arange(30, 0, -1))


def content(save: Callable[..., None], tmp_path: Path, **options: Any) -> bytes:
    save(tmp_path / "made", **options)
    return (tmp_path / "made").read_bytes()


@pytest.fixture
def files(tmp_path: Path) -> dict[str, bytes]:
    """One file of each kind that is read here."""
    found = {
        "vectors": content(KV.save, tmp_path),
        "model": content(Word2Vec(corpus(), **SMALL).save, tmp_path),
        "text": content(KV.save_word2vec_format, tmp_path),
        "headerless": content(KV.save_word2vec_format, tmp_path, write_header=False),
        "binary": content(KV.save_word2vec_format, tmp_path, binary=True),
        "phrases": content(Phrases(corpus()).save, tmp_path),
        "frozen": content(Phrases(corpus()).freeze().save, tmp_path),
        "counts": content(Vocabulary(["b", "a"], [5, 3]).save, tmp_path),
    }
    found["tabs"] = found["text"].replace(b" ", b"\t")
    return found


def same(kv: KeyedVectors) -> bool:
    return kv.index_to_key == KEYS and np.array_equal(kv.vectors, VECTORS)


PACKERS = {"plain": bytes, "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("packed", PACKERS)
@pytest.mark.parametrize("kind", ["text", "headerless", "binary", "tabs"])
def test_word2vec_files_are_read_as_what_they_are(
    files: dict[str, bytes], tmp_path: Path, kind: str, packed: str
) -> None:
    path = tmp_path / "GoogleNews.bin"
    path.write_bytes(PACKERS[packed](files[kind]))
    assert same(KeyedVectors.load(path))
    for options in ({}, {"binary": True}, {"no_header": True}):
        assert same(KeyedVectors.load_word2vec_format(path, **options))
    kv = KeyedVectors.from_arrays(KEYS[:2], np.zeros((2, 20), np.float32))
    kv.intersect_word2vec_format(path, binary=kind == "text")
    assert np.array_equal(kv.vectors, VECTORS[:2])
    with pytest.raises(ValueError, match=r"GoogleNews\.bin: mmap='r'"):
        KeyedVectors.load(path, mmap="r")


@pytest.mark.parametrize("binary", [False, True])
def test_own_files_are_read_where_word2vecs_are_expected(
    files: dict[str, bytes], tmp_path: Path, binary: bool
) -> None:
    path, counts = tmp_path / "file", tmp_path / "counts"
    path.write_bytes(files["vectors"])
    kv = KeyedVectors.load_word2vec_format(path, binary=binary)
    assert same(kv)
    assert kv.get_vecattr("word0", "count") == 30
    kv = KeyedVectors.load_word2vec_format(path, limit=2, datatype=np.float16)
    assert kv.index_to_key == KEYS[:2]
    assert kv.vectors.dtype == np.float16
    assert kv.get_vecattr("word1", "count") == 29
    counts.write_bytes(b"".join(b"%s 7.0\n" % key.encode() for key in KEYS))
    kv = KeyedVectors.load_word2vec_format(path, counts)
    assert kv.get_vecattr("word5", "count") == 7
    path.write_bytes(files["model"])
    assert len(KeyedVectors.load_word2vec_format(path).index_to_key) == 80


@pytest.mark.parametrize("packed", PACKERS)
@pytest.mark.parametrize("kind", ["vectors", "model", "text", "headerless", "binary"])
def test_open_files(files: dict[str, bytes], tmp_path: Path, kind: str, packed: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before" + PACKERS[packed](files[kind]))
    with (
        path.open("rb") as file,
        path.open("rb", 0) as raw,
        io.BytesIO(path.read_bytes()) as bytes_,
    ):
        for source in (file, raw, bytes_):
            loads = [KeyedVectors.load_word2vec_format, KeyedVectors.load]
            for load in loads:
                source.seek(6)
                kv = load(source)  # type: ignore[operator]
                assert len(kv) == 80 if kind == "model" else same(kv)
                assert not source.closed
    if (kind, packed) == ("model", "plain"):
        with io.BytesIO(files["model"]) as file:
            assert len(Word2Vec.load(file).wv) == 80
            assert Word2Vec.load(io.BytesIO(files["model"])).lifecycle_events


@pytest.mark.parametrize("kind", ["vectors", "text", "binary"])
def test_streams_that_cannot_go_back(files: dict[str, bytes], kind: str) -> None:
    for load in (KeyedVectors.load, KeyedVectors.load_word2vec_format):
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb") as sink:
            thread = threading.Thread(target=lambda s=sink: (s.write(files[kind]), s.close()))
            thread.start()
            assert same(load(source))  # type: ignore[operator]
            thread.join()


def test_open_files_of_text_and_maps_of_open_files_are_refused(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(files["text"])
    for load in (KeyedVectors.load, KeyedVectors.load_word2vec_format):
        with (
            (tmp_path / "file").open(encoding="utf-8") as file,
            pytest.raises(TypeError, match="binary mode, 'rb'"),
        ):
            load(file)  # type: ignore[operator]
    with pytest.raises(ValueError, match=r"mmap='r' needs the path of a file .*BytesIO"):
        KeyedVectors.load(io.BytesIO(files["vectors"]), mmap="r")


READERS: dict[str, Callable[[Path], object]] = {
    "vectors": KeyedVectors.load,
    "model": Word2Vec.load,
    "text": KeyedVectors.load_word2vec_format,
    "binary": lambda path: KeyedVectors.load_word2vec_format(path, binary=True),
    "counts": Vocabulary.load,
    "phrases": Phrases.load,
    "frozen": FrozenPhrases.load,
}


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("vectors.txt", "1 2\na 1 2\n")
    return buffer.getvalue()


def array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, VECTORS)
    return buffer.getvalue()


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!DOCTYPE html>\n<html><head>", ["HTML", "download"]),
        (b"\n  <html>\n", ["HTML"]),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 12\n", ["git lfs pull"]),
        (pickle.dumps({"a": VECTORS}), ["pickle"]),
        (pickle.dumps([1], 2), ["pickle"]),
        (b"\xba\x16\x4f\x2f\x0c\0\0\0" + b"\1\0\0\0" * 60, ["fastText", "load_facebook_vectors"]),
        (array(), [r"\.npy", "from_arrays"]),
        (archive(), ["zip", "unpack"]),
        (b"\x28\xb5\x2f\xfd" + b"x" * 50, ["Zstandard", "unzstd"]),
        ("a 1 2\n".encode("utf-16"), ["UTF-16"]),
        (pickle.dumps({"a": VECTORS}, 0), ["pickle"]),
        (pickle.dumps(VECTORS, 1), ["pickle"]),
        (b'{"king": [0.5, 1], "queen": [2, 3]}', ["JSON", "from_arrays"]),
        (b'[\n  {"word": "king"}]', ["JSON"]),
        (b"word,x,y\nking,0.5,1\n", ["comma", "from_arrays"]),
        (b"0;king;0.5\n1;queen;1\n", ["semicolon"]),
    ],
)
def test_files_of_other_programs_are_named(
    tmp_path: Path, reader: str, data: bytes, words: list[str]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    for word in words:
        with pytest.raises(FormatError, match=rf"(?s){path}.*{word}"):
            READERS[reader](path)


@pytest.mark.parametrize("load", [KeyedVectors.load, Word2Vec.load])
@pytest.mark.parametrize(
    "data", [b"the quick brown fox\n", b"\x08\x07\x12\x07pytorch", b"The", b"\n\n"]
)
def test_files_of_no_known_kind_are_shown(
    tmp_path: Path, load: Callable[[Path], object], data: bytes
) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=r"file is not a file of fastw2v .*: it starts with b'"):
        load(path)
    with pytest.raises(FormatError, match=r"first line must hold .* not b'[^;]*'$"):
        KeyedVectors.load_word2vec_format(path)
    with pytest.raises(FormatError, match=r"no file of phrases .*: it starts with b'"):
        Phrases.load(path)


@pytest.mark.parametrize("reader", READERS.keys() - {"counts"})
def test_an_empty_file_is_called_empty(tmp_path: Path, reader: str) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(FormatError, match=r"file.*: the file is empty"):
        READERS[reader](path)


READS = {
    "vectors": {"vectors", "text", "binary"},
    "model": {"vectors", "model", "text", "binary"},
    "text": {"vectors", "text", "binary"},
    "headerless": {"vectors", "text", "binary"},
    "binary": {"vectors", "text", "binary"},
    "counts": {"counts"},
    "phrases": {"phrases"},
    "frozen": {"frozen"},
}
CALLS = {
    "vectors": r"KeyedVectors\.load\(path\)",
    "model": r"Word2Vec\.load\(path\)",
    "text": r"load_word2vec_format\(path\)",
    "headerless": r"load_word2vec_format\(path, no_header=True\)",
    "binary": r"load_word2vec_format\(path, binary=True\)",
    "counts": r"Vocabulary\.load\(path\)",
    "phrases": r"Phrases\.load\(path\)|holds 'Phrases'",
    "frozen": r"Phrases\.load\(path\)|holds 'FrozenPhrases'",
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", READS)
def test_every_reader_names_the_call_for_every_kind(
    files: dict[str, bytes], tmp_path: Path, reader: str, kind: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(files[kind])
    if reader in READS[kind]:
        READERS[reader](path)
        return
    with pytest.raises((FormatError, AttributeError), match=CALLS[kind]):
        READERS[reader](path)


def test_a_vocabulary_that_looks_like_vectors_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"2010 500\n\0 1\n\x01 1\n")
    assert kinds.kind_of(path.read_bytes()) is kinds.BINARY
    assert Vocabulary.load(path).keys == ["2010", "\0", "\x01"]


def test_what_could_be_anything_is_left_to_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for data in (b"", b"1", b"1 1\na 0.5\n", b"2 2\na b c", b"the quick brown fox\n", b"a 1\n"):
        assert kinds.kind_of(data) is None
    path.write_bytes(b"1 1\na 0.5\n")
    assert KeyedVectors.load_word2vec_format(path).vectors.tolist() == [[0.5]]
    assert KeyedVectors.load_word2vec_format(path, binary=True).vectors.shape == (1, 1)
    path.write_bytes(b"a 1\nb 2\nc 3\n")
    assert kinds.kind_of(path.read_bytes()) is kinds.COUNTS
    assert KeyedVectors.load_word2vec_format(path, no_header=True).index_to_key == ["a", "b", "c"]
    path.write_bytes(b"3 1\nBZh 1\nPK\3\4 2\n\x1f\x8b 3\n")
    assert len(KeyedVectors.load_word2vec_format(path, encoding="latin1")) == 3
    path.write_bytes(b"BZh9 1 2\nPK 2 3\n")
    assert KeyedVectors.load_word2vec_format(path, no_header=True).index_to_key == ["BZh9", "PK"]
