"""What a file is, told by its first bytes, and the call that reads it."""

from __future__ import annotations

import re
import struct
from typing import NamedTuple

from fastw2v.errors import FormatError

HEAD = 1 << 16
"""Bytes that `kind_of` looks at, enough for the first row of wide vectors as text."""

BOM = b"\xef\xbb\xbf"
HEADER = re.compile(rb"(\d{1,18})[ \t]+(\d{1,18})\s*")
"""The first line of a word2vec file: the number of vectors and their size."""
NUMBER = re.compile(rb"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|[-+]?(nan|inf|infinity)", re.IGNORECASE)
"""A value in a text file."""


class Kind(NamedTuple):
    """A kind of file: what it is, and how it is read."""

    name: str
    remedy: str


VECTORS = Kind("a file of vectors saved by fastw2v", "KeyedVectors.load(path) reads it")
MODEL = Kind(
    "a model saved by fastw2v",
    "Word2Vec.load(path) reads it, KeyedVectors.load(path) its vectors",
)
PHRASES = Kind(
    "a phrase model saved by fastw2v",
    "Phrases.load(path) or FrozenPhrases.load(path) reads it",
)
TEXT = Kind("a word2vec text file", "KeyedVectors.load_word2vec_format(path) reads it")
HEADERLESS = Kind(
    "a text file of vectors without a header, such as GloVe's",
    "KeyedVectors.load_word2vec_format(path, no_header=True) reads it",
)
BINARY = Kind(
    "a word2vec binary file",
    "KeyedVectors.load_word2vec_format(path, binary=True) reads it",
)
COUNTS = Kind(
    "a file of words and their counts",
    "fastw2v.vocab.Vocabulary.load(path) reads it, load_word2vec_format takes it as fvocab",
)
PICKLE = Kind(
    "a pickle, which could run any program when it is read, so it is not",
    "if gensim saved it, fastw2v.convert.from_gensim(path) reads its vectors, "
    "Word2Vec.from_gensim(path) the model",
)
GZIP, BZIP2, XZ, ZSTD = (
    Kind(f"compressed with {name}", f"unpack it first, as with {program}")
    for name, program in (
        ("gzip", "gunzip"), ("bzip2", "bunzip2"), ("xz", "unxz"), ("Zstandard", "unzstd"),
    )
)  # fmt: skip

_SAFETENSORS = {
    b'"format":"fastw2v.keyedvectors"': VECTORS,
    b'"format":"fastw2v.word2vec"': MODEL,
    b'"format":"fastw2v.tokens"': Kind(
        "a token file, the cache of an encoded corpus", "training reads it through cache_dir"
    ),
    b"": Kind(
        "a safetensors file of another program", "safetensors.numpy.load_file(path) reads it"
    ),
}
_STARTS = {
    b'{"format": "fastw2v phrases"': PHRASES,
    b"\x1f\x8b": GZIP,
    b"\xfd7zXZ\0": XZ,
    b"\x28\xb5\x2f\xfd": ZSTD,
    b"\xba\x16\x4f\x2f": Kind(
        "a fastText model (.bin)",
        "gensim.models.fasttext.load_facebook_vectors(path) reads it; fastText's .vec file beside "
        "it has the vectors of the words as text",
    ),
    b"\x93NUMPY": Kind(
        "an array of NumPy (.npy), which has no words",
        "KeyedVectors.from_arrays(words, numpy.load(path)) takes them together; if gensim saved "
        "it, read the file without .npy that lies beside it",
    ),
    b"PK\3\4": Kind("a zip archive (.zip, .npz, .pt)", "unpack it, and read what is in it"),
    b"version https://git-lfs": Kind(
        "a pointer of Git LFS and not the file itself", "'git lfs pull' downloads it"
    ),
    b"\x89HDF": Kind("an HDF5 file", "read it with h5py, and use KeyedVectors.from_arrays"),
    b"PAR1": Kind("a Parquet file", "read it with pyarrow, and use KeyedVectors.from_arrays"),
    b"ARROW1": Kind("an Arrow file", "read it with pyarrow, and use KeyedVectors.from_arrays"),
    b"SQLite format 3": Kind("a database of SQLite", "read it with sqlite3"),
    b"%PDF": Kind("a PDF file", "there are no vectors in it"),
    b"\x89PNG": Kind("a picture (PNG)", "there are no vectors in it"),
    b"\xff\xfe": Kind("text in UTF-16", "save it as UTF-8 first"),
    b"\xfe\xff": Kind("text in UTF-16", "save it as UTF-8 first"),
}  # fmt: skip
_BZIP2 = re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)")
_TAR = Kind("a tar archive", "unpack it, and read what is in it")
_HTML = Kind(
    "a page of HTML and not the file that it offers",
    "download the file itself; a browser shows what the page says",
)
_MARKUP = re.compile(rb"\s*<(!doctype|html|head|body|\?xml)", re.IGNORECASE)
_JSON = Kind(
    "JSON",
    "read it with the module json, and use KeyedVectors.from_arrays(words, vectors)",
)
_JSON_START = re.compile(rb'\s*(\{\s*"|\[\s*["\[{\d-])')
_CSV = Kind(
    "a table with a comma, semicolon or tab between its columns",
    "read it with pandas or the module csv, and use KeyedVectors.from_arrays(words, vectors)",
)
# Protocols 0 and 1 have no mark of their own: these are dicts, lists, and objects of classes.
_OLD_PICKLE = re.compile(rb"\([dl]p\d+\n|[\]}]q\0|c[\w.]+\n\w+\n(p\d+\n|q\0|\()")
_COUNT_LINES = re.compile(rb"(#fastw2v [^\n]*\n)?([^\s]+[ \t]\d+[ \t\r]*\n){2,}[^\n]*")
# Text of vectors has none of these; float32 values have some in nearly every row.
_CONTROL = re.compile(rb"[\0-\x08]")


def kind_of(head: bytes) -> Kind | None:
    """Return what a file is that begins with `head`, up to `HEAD` bytes; None if unsure."""
    if kind := _word2vec(head.removeprefix(BOM)):
        return kind
    for start, kind in _STARTS.items():
        if head.startswith(start):
            return kind
    if _BZIP2.match(head):
        return BZIP2
    if (head[:1] == b"\x80" and head[1:2] in b"\2\3\4\5") or _OLD_PICKLE.match(head):
        return PICKLE
    if head[8:9] == b"{" and struct.unpack("<Q", head[:8])[0] < 1 << 32:
        return next(kind for mark, kind in _SAFETENSORS.items() if mark in head)
    if head[257:262] == b"ustar":
        return _TAR
    if _MARKUP.match(head):
        return _HTML
    if _JSON_START.match(head):
        return _JSON
    if _COUNT_LINES.match(head):
        return COUNTS
    return _CSV if _is_csv(head) else None


def refusal(name: str, head: bytes) -> FormatError | None:
    """Return what to raise for a file that the reader at hand does not read; None if unsure."""
    kind = kind_of(head)
    return None if kind is None else FormatError(f"{name}: this is {kind.name}: {kind.remedy}")


def stranger(name: str, head: bytes, wanted: str) -> FormatError:
    """Return what to raise for a file that is certainly not what is `wanted`."""
    return refusal(name, head) or FormatError(
        f"{name} is not {wanted}: "
        + (f"it starts with {head[:20]!r}" if head else "the file is empty")
    )


def _is_csv(head: bytes) -> bool:
    """Tell whether the second line has one other value before its numbers, or two."""
    names, row, *_ = [*head.splitlines(), b"", b""]
    for separator in (b",", b";", b"\t"):
        fields = row.split(separator)
        if len(fields) > 1 and len(fields) == len(names.split(separator)):
            numbers = [bool(NUMBER.fullmatch(field)) for field in fields]
            return all(numbers[2:]) and any(numbers[1:])
    return False


def _word2vec(head: bytes) -> Kind | None:
    line, newline, rest = head.partition(b"\n")
    row, end_of_row, _ = rest.partition(b"\n")
    if not newline:
        return None
    header = HEADER.fullmatch(line + newline)
    if header is None:
        # Two lines, as one might be the beginning of anything.
        n_values = len(line.split()) - 1
        alike = _is_row(line, n_values) and (not rest or not end_of_row or _is_row(row, n_values))
        return HEADERLESS if n_values > 1 and alike else None
    # Four bytes that are one value can be text and binary at once.
    dim = int(header[2])
    if dim < 2 or int(header[1]) < 1:
        return None
    if end_of_row and _is_row(row, dim):
        return TEXT
    return BINARY if _CONTROL.search(rest) else None


def _is_row(line: bytes, dim: int) -> bool:
    """Tell whether a line is a word and so many numbers."""
    fields = line.split()
    values = fields[len(fields) - dim :]
    return len(fields) - dim in (0, 1) and all(map(NUMBER.fullmatch, values))
