"""Valid files of every format that the package reads, taken apart, and what reads them."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import json
import lzma
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fastw2v import FrozenPhrases, KeyedVectors, Phrases, Word2Vec
from fastw2v.corpus import Reading, encode_files, scan_files
from fastw2v.corpus.check import check_files
from fastw2v.errors import FormatError
from fastw2v.formats import safetensors, tokens
from fastw2v.model.log import TrainingLog
from fastw2v.prepare import cache
from fastw2v.sentences import LineSentence, Text8Corpus
from fastw2v.vocab import Vocabulary
from tests.fuzz.recipes import Array, Parts, dumps, filled

SENTENCES = [["new", "york", "is", "a", "city"], ["the", "new", "york", "city", "of", "words"]] * 4
_NAMES = {np.dtype(code): name for name, code in safetensors._TYPES.items()}


class Format(NamedTuple):
    """A format: the ending of its files, one of them, and what reads it and uses what it read.

    `use` gets what `read` returned. What `read` raises is about the file; `use` is not to fail.
    """

    ending: str
    parts: Callable[[], Parts]
    read: Callable[[Path], Any]
    use: Callable[[Any], object]


# ---- taking apart


def _nothing(tree: Any, arrays: dict[str, Array]) -> None:
    """Most files say nothing of their arrays."""


_OBJECTS = ("attributes", "model", "corpus", "key", "crc32")


def _container(data: bytes) -> Parts:
    """Take a safetensors file apart; what is JSON in its metadata is part of the tree."""
    (n,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + n])
    metadata = header.pop("__metadata__")
    del metadata["header_crc32"], metadata["crc32"]
    metadata = {k: json.loads(v) if k in _OBJECTS else v for k, v in metadata.items()}
    arrays = {}
    for name, entry in header.items():
        begin, end = (8 + n + at for at in entry["data_offsets"])
        flat = np.frombuffer(data[begin:end], safetensors._TYPES[entry["dtype"]])
        arrays[name] = flat.reshape(entry["shape"])
    return Parts({"__metadata__": metadata}, arrays, _describe_container, _join_container)


def _describe_container(tree: Any, arrays: dict[str, Array]) -> None:
    metadata = tree.get("__metadata__")
    tree.clear()
    offset = 0
    sums = {}
    for name, array in arrays.items():
        end = offset + array.nbytes
        shape = list(array.shape)
        tree[name] = {"dtype": _NAMES[array.dtype], "shape": shape, "data_offsets": [offset, end]}
        sums[name] = f"{zlib.crc32(array.tobytes()):08x}"
        offset = end
    tree["__metadata__"] = metadata
    if isinstance(metadata, dict):
        metadata["crc32"] = sums


def _join_container(tree: Any, arrays: dict[str, Array]) -> bytes:
    metadata = tree.get("__metadata__")
    if isinstance(metadata, dict):
        metadata = {
            key: value if isinstance(value, str) and "\ue000" not in value else _as_text(key, value)
            for key, value in metadata.items()
        }
        tree = {**tree, "__metadata__": {**metadata, "header_crc32": "0" * 8}}
    text = dumps(tree).encode("utf-8", "surrogatepass")
    text += b" " * (-(8 + len(text)) % 64)
    checksum = f'"header_crc32":"{zlib.crc32(text):08x}"'.encode()
    text = text.replace(b'"header_crc32":"00000000"', checksum, 1)
    return struct.pack("<Q", len(text)) + text + b"".join(a.tobytes() for a in arrays.values())


def _as_text(key: str, value: Any) -> Any:
    return dumps(value) if key in _OBJECTS else value


def _phrases(data: bytes) -> Parts:
    """Take a file of phrases apart."""
    line, rest = data.split(b"\n", 1)
    header = json.loads(line)
    arrays, at = {}, 0
    for name, kind, n in header["arrays"]:
        arrays[name] = np.frombuffer(rest, kind, n, at)
        at += arrays[name].nbytes
    return Parts(header, arrays, _describe_phrases, _join_phrases)


def _describe_phrases(tree: Any, arrays: dict[str, Array]) -> None:
    names = {np.dtype(kind): kind for kind in ("u1", "<i4", "<i8", "<f8")}
    tree["arrays"] = [[n, names.get(a.dtype, a.dtype.str), a.size] for n, a in arrays.items()]
    tree["crc32"] = zlib.crc32(b"".join(a.tobytes() for a in arrays.values()))


def _join_phrases(tree: Any, arrays: dict[str, Array]) -> bytes:
    data = b"".join(a.tobytes() for a in arrays.values())
    return dumps(tree).encode("utf-8", "surrogatepass") + b"\n" + data


def _lines(data: bytes) -> Parts:
    """Take a text apart into the fields of its lines."""
    fields = [line.split(" ") for line in data.decode().splitlines()]
    return Parts(fields, {}, _nothing, lambda tree, _: _joined(tree))


def _joined(tree: Any) -> bytes:
    if not isinstance(tree, list):
        return filled(str(tree)).encode("utf-8", "surrogatepass")
    lines = [" ".join(map(str, line)) if isinstance(line, list) else str(line) for line in tree]
    return filled("".join(line + "\n" for line in lines)).encode("utf-8", "surrogatepass")


def _binary(data: bytes) -> Parts:
    """Take a binary word2vec file apart: its header, and the rest."""
    head, rest = data.split(b"\n", 1)
    rows = np.frombuffer(rest, np.uint8)
    return Parts(
        [head.decode().split(" ")],
        {"rows": rows},
        _nothing,
        lambda tree, arrays: _joined(tree) + b"".join(a.tobytes() for a in arrays.values()),
    )


def _records(data: bytes) -> Parts:
    """Take JSON lines apart."""
    return Parts(
        [json.loads(line) for line in data.splitlines()],
        {},
        _nothing,
        lambda tree, _: b"".join(
            dumps(record).encode("utf-8", "surrogatepass") + b"\n" for record in tree
        ),
    )


def _bytes(data: bytes) -> Parts:
    """Take nothing apart."""
    return Parts([], {}, _nothing, lambda *_: data)


def _packed(parts: Parts, pack: Callable[[bytes], bytes]) -> Parts:
    return parts._replace(join=lambda tree, arrays: pack(parts.join(tree, arrays)))


# ---- valid files


def _model(**given: Any) -> Word2Vec:
    parameters = {"vector_size": 6, "min_count": 1, "workers": 1, "epochs": 1, "window": 2}
    return Word2Vec(SENTENCES, **{**parameters, **given})


def _saved(item: Any) -> bytes:
    file = io.BytesIO()
    item.save(file)
    return file.getvalue()


def _vectors() -> bytes:
    wv = _model().wv
    wv.set_vecattr("new", "colour", "blue")
    return _saved(wv)


def _model_with_all() -> bytes:
    model = _model(hs=1, sg=1)
    model.cum_table = np.arange(1, len(model.wv) + 1)
    model.wv.vectors_lockf = np.ones(len(model.wv), np.float32)
    return _saved(model)


def _counted() -> Phrases:
    return Phrases(SENTENCES, min_count=1, threshold=0.1, connector_words={"of", "a"})


def _word2vec(**how: Any) -> bytes:
    return _written(lambda path: _model().wv.save_word2vec_format(path, **how))


def _written(write: Callable[[Path], object], name: str = "file") -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, name)
        write(path)
        return path.read_bytes()


def _token_file() -> bytes:
    def write(path: Path) -> None:
        text = path.with_name("text")
        text.write_bytes(_TEXT + b"a b c d " * 500 + b"\n")
        scan = scan_files([text], workers=1)
        vocabulary = Vocabulary.from_scan(scan, min_count=1)
        store = scan.encode(vocabulary)
        numbers = {name: getattr(store, name, 0) for name in tokens.NUMBERS}
        with tokens.create(path, '{"inputs": [], "options": {}}') as writer:
            writer.append(store.ids)
            writer.finish([str(key) for key in vocabulary.keys], vocabulary.counts, numbers)

    return _written(write)


_TEXT = b"".join(" ".join(words).encode() + b"\n" for words in SENTENCES)
_RECORDS = b"".join(json.dumps({"text": " ".join(w), "n": 1}).encode() + b"\n" for w in SENTENCES)
_LISTS = b"".join(json.dumps({"text": w}).encode() + b"\n" for w in SENTENCES)
_PAIRS = b"# pairs\nnew york 5\ncity words 3.5\nis a 1\n"
_ANALOGIES = b": first\nnew york city words\nis a the of\n: second\na b c d\n"
_COUNTS = b"</s> 8\n#x 3\nnew 8\nyork 8\ncity 7\n"


def _table(write: Callable[[Any, Path], object]) -> bytes:
    import pyarrow as pa

    column = [" ".join(words) for words in SENTENCES]
    return _written(lambda path: write(pa.table({"text": column, "n": [1] * 8}), path))


def _arrow(table: Any, path: Path) -> None:
    import pyarrow as pa

    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _parquet(table: Any, path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, path)


def _zstd(data: bytes) -> bytes:
    try:
        from compression import zstd
    except ImportError:
        from backports import zstd
    packed: bytes = zstd.compress(data)
    return packed


# ---- reading and using


def _read_vectors(path: Path) -> KeyedVectors:
    wv = KeyedVectors.load(path)
    KeyedVectors.load(path, mmap="r", verify=True)
    return wv


def _use_vectors(wv: KeyedVectors) -> None:
    wv.save(io.BytesIO())
    for key in wv.index_to_key[:1]:
        if key is not None:
            wv.most_similar(key, topn=2)


def _read_model(path: Path) -> Word2Vec:
    model = Word2Vec.load(path)
    Word2Vec.load(path, mmap="r")
    return model


def _use_model(model: Word2Vec) -> None:
    str(model)
    model.save(io.BytesIO())
    if len(model.wv):
        model.workers = 1
        with tempfile.TemporaryDirectory() as directory:
            text = Path(directory, "text")
            text.write_bytes(_TEXT)
            model.train(corpus_file=text, total_words=44, epochs=1)
            model.build_vocab(corpus_file=text, update=True)


def _read_tokens(path: Path) -> tuple[Vocabulary, tokens.TokenFile]:
    file = tokens.TokenFile(path)
    cache.verify(file)
    return cache.words_in(file), file


def _use_tokens(read: tuple[Vocabulary, tokens.TokenFile]) -> None:
    """Train on the ids, as a model with a cache does."""
    vocabulary, file = read
    model = Word2Vec(vector_size=6, workers=1, epochs=1, window=1000, shrink_windows=0)
    model._set_up(vocabulary)
    model._live()
    model._fit(file, model._settings(), (), TrainingLog(1.0, None, None, None))


def _use_phrases(model: Phrases | FrozenPhrases) -> None:
    assert model[SENTENCES[0]] is not None
    str(model)
    model.save(io.BytesIO())
    model.find_phrases(SENTENCES)
    if isinstance(model, Phrases):
        model.export_phrases()
        model.freeze()
        model.add_vocab(SENTENCES)


def _scan(**options: Any) -> Callable[[Path], Any]:
    def read(path: Path) -> Any:
        reading = Reading(**options)
        scan = scan_files([path], workers=1, reading=reading)
        words = Vocabulary.from_scan(scan, min_count=0, may_be_empty=True)
        return encode_files([path], words, workers=1, reading=reading)

    return read


def _ignore(_: Any) -> None:
    """Nothing is left to be done."""


def _with_counts(path: Path) -> KeyedVectors:
    vectors = path.with_name("vectors.txt")
    if not vectors.exists():
        vectors.write_bytes(_word2vec())
    return KeyedVectors.load_word2vec_format(vectors, fvocab=path)


def _text_format(**how: Any) -> Callable[[Path], KeyedVectors]:
    return lambda path: KeyedVectors.load_word2vec_format(path, **how)


def _check(path: Path) -> None:
    check_files([path], workers=1)


def _sentences(path: Path) -> None:
    """Read what gensim's classes read, in Python and in C."""
    list(LineSentence(path))
    list(Text8Corpus(path, max_sentence_length=3))
    Phrases(LineSentence(path))


@contextlib.contextmanager
def _refused_as_by_gensim(path: Path) -> Iterator[None]:
    """Take gensim's exceptions for files without questions for those of the package."""
    try:
        yield
    except (ValueError, ZeroDivisionError) as error:
        if type(error) not in (ValueError, ZeroDivisionError):
            raise
        raise FormatError(f"{path}" if type(error) is ZeroDivisionError else str(error)) from error


def _read_pairs(path: Path) -> None:
    with _refused_as_by_gensim(path):
        _model().wv.evaluate_word_pairs(path, delimiter=" ")


def _read_analogies(path: Path) -> None:
    with _refused_as_by_gensim(path):
        _model().wv.evaluate_word_analogies(path)


FORMATS = {
    "vectors": Format("", lambda: _container(_vectors()), _read_vectors, _use_vectors),
    "model": Format("", lambda: _container(_saved(_model())), _read_model, _use_model),
    "full model": Format("", lambda: _container(_model_with_all()), _read_model, _use_model),
    "tokens": Format("", lambda: _container(_token_file()), _read_tokens, _use_tokens),
    "phrases": Format("", lambda: _phrases(_saved(_counted())), Phrases.load, _use_phrases),
    "frozen phrases": Format(
        "", lambda: _phrases(_saved(_counted().freeze())), FrozenPhrases.load, _use_phrases
    ),
    "word2vec text": Format(".txt", lambda: _lines(_word2vec()), _text_format(), _use_vectors),
    "word2vec text without header": Format(
        ".txt",
        lambda: _lines(_word2vec(write_header=False)),
        _text_format(no_header=True),
        _use_vectors,
    ),
    "word2vec binary": Format(
        ".bin", lambda: _binary(_word2vec(binary=True)), _text_format(binary=True), _use_vectors
    ),
    "word2vec text in gzip": Format(
        ".gz", lambda: _packed(_lines(_word2vec()), gzip.compress), _text_format(), _use_vectors
    ),
    "word2vec binary in xz": Format(
        ".xz",
        lambda: _packed(_binary(_word2vec(binary=True)), lzma.compress),
        _text_format(binary=True),
        _use_vectors,
    ),
    "word counts": Format(
        "", lambda: _lines(_COUNTS.replace(b"#x 3\n", b"")), _with_counts, _ignore
    ),
    "vocabulary": Format("", lambda: _lines(_COUNTS), Vocabulary.load, _ignore),
    "JSON lines": Format(".jsonl", lambda: _records(_RECORDS), _scan(), _ignore),
    "lists in JSON lines": Format(".jsonl", lambda: _records(_LISTS), _scan(), _ignore),
    "text": Format("", lambda: _bytes(_TEXT), _scan(tokenizer="words", lowercase=True), _ignore),
    "gzip": Format("", lambda: _packed(_lines(_TEXT), gzip.compress), _scan(), _ignore),
    "bzip2": Format("", lambda: _packed(_lines(_TEXT), bz2.compress), _scan(), _ignore),
    "xz": Format("", lambda: _packed(_lines(_TEXT), lzma.compress), _scan(), _ignore),
    "zstd": Format("", lambda: _packed(_lines(_TEXT), _zstd), _scan(), _ignore),
    "check of gzip": Format("", lambda: _packed(_lines(_TEXT), gzip.compress), _check, _ignore),
    "sentences": Format("", lambda: _lines(_TEXT), _sentences, _ignore),
    "sentences in gzip": Format(
        ".gz", lambda: _packed(_lines(_TEXT), gzip.compress), _sentences, _ignore
    ),
    "sentences in bzip2": Format(
        ".bz2", lambda: _packed(_lines(_TEXT), bz2.compress), _sentences, _ignore
    ),
    "pairs of words": Format("", lambda: _lines(_PAIRS), _read_pairs, _ignore),
    "analogies": Format("", lambda: _lines(_ANALOGIES), _read_analogies, _ignore),
    "Arrow": Format("", lambda: _bytes(_table(_arrow)), _scan(), _ignore),
    "Parquet": Format("", lambda: _bytes(_table(_parquet)), _scan(), _ignore),
}
