"""What corpora have in them that they should not: a defined result, and nothing lost."""

import gzip
import io
import itertools
import os
import pickle
import tarfile
import threading
import zlib

import numpy as np
import pytest

from fastw2v import Word2Vec
from fastw2v.corpus import Reading, encode_files, scan_files, scan_objects
from fastw2v.errors import CorpusError
from fastw2v.sentences import LineSentence, Text8Corpus
from fastw2v.vocab import Vocabulary
from tests.corpora import COMPRESSORS


def counts_of(path, **options):
    reading = Reading(**options)
    scan = scan_files([path], workers=2, block_size=8, reading=reading)
    return dict(zip(scan.keys(range(len(scan.counts))), scan.counts.tolist(), strict=True)), scan


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("block_size", [1, 4, 1 << 20])
@pytest.mark.parametrize("lowercase", [False, True])
def test_strict_names_file_line_and_word(tmp_path, workers, block_size, lowercase):
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_bytes(b"fine\n" * 3)
    bad.write_bytes(b"\n\nthe caf\xe9-latin1\nna\xefve caf\xe9-latin1")
    options = {
        "workers": workers,
        "block_size": block_size,
        "reading": Reading(lowercase=lowercase),
    }
    message = r"bad, line 3: the word b'caf\\xe9-latin1' is not UTF-8 \(invalid .* byte 3\).*iconv"
    with pytest.raises(CorpusError, match=message):
        scan_files([good, bad], **options)
    with pytest.raises(CorpusError, match=message):
        encode_files([good, bad], Vocabulary(["fine"], [1]), **options)
    with pytest.raises(CorpusError, match=message):
        scan_files([good, bad], max_vocab_size=100, **options)


def test_replace_and_skip_count_what_they_do(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(b"caf\xe9 ok caf\xe9\n\xff\xfe\xfd! a\xe2\x82b\nok\n")
    counts, scan = counts_of(path, errors="replace")
    assert counts == {"caf\ufffd": 2, "ok": 2, "\ufffd" * 3 + "!": 1, "a\ufffdb": 1}
    assert (scan.n_tokens, scan.n_invalid, scan.n_replaced, scan.n_lines) == (6, 0, 4, 3)
    counts, scan = counts_of(path, errors="skip")
    assert counts == {"ok": 2}
    assert (scan.n_tokens, scan.n_invalid, scan.n_sentences, scan.n_lines) == (6, 4, 2, 3)
    store = encode_files([path], Vocabulary(["no"], [1]), workers=2, reading=Reading(errors="skip"))
    assert (store.n_corpus, store.n_invalid, store.n_oov) == (6, 4, 2)
    # Where a word is a run of letters, a byte that is none of a text is one of them.
    path.write_bytes(b"caf\xe9s and,b\xe9")
    assert counts_of(path, tokenizer="words", errors="skip")[0] == {"and": 1}
    assert counts_of(path, tokenizer="words", errors="replace")[0] == {"caf": 1, "and": 1}


@pytest.mark.parametrize("codec", ["utf-16", "utf-32", "utf-16-be", "utf-32-be"])
@pytest.mark.parametrize("errors", ["strict", "skip"])
def test_text_of_another_encoding(tmp_path, codec, errors):
    path = tmp_path / "wide.txt"
    mark = "\ufeff" if codec.endswith("be") else ""
    path.write_text(mark + "some words\n", encoding=codec)
    with pytest.raises(CorpusError, match=rf"wide.txt is {codec[:6].upper()}, .* iconv -f UTF-"):
        counts_of(path, errors=errors)


@pytest.mark.parametrize(
    ("text", "expected", "n_sentences", "n_lines"),
    [
        (b"\xef\xbb\xbfa b", {"a": 1, "b": 1}, 1, 1),
        (b"a\0b \0 c", {"a\0b": 1, "\0": 1, "c": 1}, 1, 1),
        (b"a b\r\nc\r\n", {"a": 1, "b": 1, "c": 1}, 2, 2),
        (b"a\rb\rc", {"a": 1, "b": 1, "c": 1}, 1, 1),
        (b"", {}, 0, 0),
        (b"\n\n", {}, 0, 2),
        (b"last line", {"last": 1, "line": 1}, 1, 1),
    ],
)
def test_marks_and_line_ends(tmp_path, text, expected, n_sentences, n_lines):
    path = tmp_path / "text"
    path.write_bytes(text)
    for options in ({}, {"lowercase": True}):
        counts, scan = counts_of(path, **options)
        assert counts == expected
        assert (scan.n_sentences, scan.n_lines, scan.n_bytes) == (n_sentences, n_lines, len(text))


@pytest.mark.parametrize("megabytes", [4])
@pytest.mark.parametrize("lowercase", [False, True])
def test_one_line_and_one_token_of_any_length(tmp_path, megabytes, lowercase):
    """By hand: 1,000 MB of words in a line, 100 MB of a token."""
    path = tmp_path / "line"
    n = megabytes * 250_000
    path.write_bytes(b"a B " * n)
    reading = Reading(lowercase=lowercase)
    scan = scan_files([path], workers=2, reading=reading)
    assert scan.counts.tolist() == [n, n]
    store = scan.encode(Vocabulary.from_scan(scan), workers=2)
    assert (store.longest, store.n_sentences, store.n_lines) == (2 * n, 1, 1)

    path.write_bytes(b"x " + b"Y" * (n * 4) + b" z\n")
    scan = scan_files([path], workers=2, reading=reading)
    word = ("y" if lowercase else "Y") * (n * 4)
    assert scan.keys([0, 1, 2]) == ["x", word, "z"]


@pytest.mark.parametrize("suffix", COMPRESSORS)
@pytest.mark.parametrize("workers", [1, 2])
def test_compressed_data_that_end_too_early(tmp_path, suffix, workers):
    text = b"".join(b"word%d and%d\n" % (i * i, i) for i in range(20_000))
    whole = COMPRESSORS[suffix](text)
    path = tmp_path / f"text.{suffix}"
    for size in (len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:size])
        with pytest.raises(CorpusError, match=rf"text\.{suffix}: the compressed data are damaged"):
            scan_files([path], workers=workers)
    damaged = bytearray(whole)
    damaged[len(damaged) // 2] ^= 0xFF
    path.write_bytes(damaged)
    with pytest.raises(CorpusError, match=r"damaged|not UTF-8"):
        scan_files([path], workers=workers)
    assert not [t for t in threading.enumerate() if t.name.startswith("fastw2v")]


def test_a_file_that_disappears(tmp_path):
    here, gone = tmp_path / "here", tmp_path / "gone"
    here.write_text("a b\n")
    gone.write_text("a b\n")
    with pytest.raises(FileNotFoundError, match="missing"):
        scan_files([here, tmp_path / "missing"], workers=1)

    def remove(_done, _total):
        gone.unlink(missing_ok=True)

    # Its names are known, and it is opened when its turn comes.
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)

    def feed():
        with fifo.open("wb") as pipe:
            pipe.write(b"c d\n")
            while gone.exists():
                pass

    writer = threading.Thread(target=feed)
    writer.start()
    try:
        with pytest.raises(FileNotFoundError, match="gone"):
            scan_files([fifo, gone], workers=1, progress=remove)
    finally:
        gone.unlink(missing_ok=True)
        writer.join()


def test_a_file_that_changes_between_two_passes(tmp_path):
    """What is read is what is there; words that were not counted are out of the vocabulary."""
    path = tmp_path / "text"
    path.write_text("a b a b a\n")
    model = Word2Vec(vector_size=4, min_count=1, workers=1, sample=0)
    model.build_vocab(corpus_file=str(path))
    given = {"corpus_file": str(path), "total_words": 5, "epochs": 1}
    path.write_text("a new b\n")
    assert model.train(**given)[1] == 3
    assert (model.ledger.corpus, model.ledger.oov) == (3, 1)
    path.write_text("")
    assert model.train(**given) == (0, 0)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        model.train(**given)


def test_a_file_that_grows_while_it_is_read(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(b"a b\n" * 100)
    with path.open("rb") as file, path.open("ab") as more:
        head = file.read(4)
        more.write(b"c\n")
        more.flush()
        scan = scan_files([io.BytesIO(head), file], workers=2)
    assert scan.counts.tolist() == [100, 100, 1]


class Broken:
    """An iterable that raises half-way."""

    def __iter__(self):
        yield ["a", "b"]
        raise LookupError("mine")


def test_an_iterable_that_raises():
    with pytest.raises(LookupError, match="mine"):
        Word2Vec(Broken(), min_count=1)
    with pytest.raises(LookupError, match="mine"):
        scan_objects((" ".join(words) for words in Broken()), reading=Reading(str.split))
    model = Word2Vec([["a", "b"]], min_count=1, vector_size=4)
    before = model.wv.vectors.copy()
    with pytest.raises(LookupError, match="mine"):
        model.train(Broken(), total_words=2, epochs=1)
    assert np.array_equal(model.wv.vectors, before)


def test_texts_that_raise():
    def texts():
        yield "a b"
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        scan_objects(texts(), workers=2, reading=Reading("words"))


def test_an_iterable_that_can_be_read_once_is_trained_for_all_epochs():
    sentences = [["a", "b", "c"], ["b", "c"]] * 20
    options = {"vector_size": 8, "min_count": 1, "workers": 1, "epochs": 4, "sample": 0}
    once = Word2Vec(iter(sentences), **options)
    again = Word2Vec(sentences, **options)
    assert once.ledger == again.ledger
    assert once.ledger.trained == 4 * 100
    assert np.array_equal(once.wv.vectors, again.wv.vectors)


def test_an_iterable_that_is_exhausted(caplog):
    sentences = iter([["a", "b", "c"]] * 4)
    model = Word2Vec(vector_size=4, min_count=1, workers=1)
    model.build_vocab(sentences)
    given = {"total_words": 12, "epochs": 1}
    assert model.train(sentences, **given) == (0, 0)
    assert "train() called with an empty iterator" in caplog.text
    rest = iter([["a"], ["b"], ["c"]])
    next(rest)
    assert model.train(rest, **given)[1] == 2  # what is left is a corpus
    assert model.train([], **given) == (0, 0)


def test_an_iterable_shorter_than_it_says():
    class Short(list):
        def __len__(self):
            return 100

    calls = []
    scan = scan_objects(Short([["a"]] * 3), progress=lambda *call: calls.append(call))
    assert scan.n_sentences == 3
    assert calls[-1] == (3, 100)


def test_trailing_bytes_of_gzip(tmp_path):
    """Zeros after the last member are padding; anything else is damage."""
    path = tmp_path / "text.gz"
    path.write_bytes(gzip.compress(b"a b\n") + gzip.compress(b"c\n") + bytes(100))
    assert counts_of(path)[0] == {"a": 1, "b": 1, "c": 1}
    path.write_bytes(gzip.compress(b"a b\n") + b"rubbish that follows")
    with pytest.raises(CorpusError, match="damaged"):
        counts_of(path)


@pytest.mark.parametrize("suffix", ["bz2", "xz", "zst"])
def test_what_follows_a_member(tmp_path, suffix):
    """The standard library's bzip2 and xz lose what comes after a damaged header."""
    first, second = COMPRESSORS[suffix](b"a b\n"), COMPRESSORS[suffix](b"c\n")
    path = tmp_path / f"text.{suffix}"
    path.write_bytes(first + second + first)
    assert counts_of(path)[0] == {"a": 2, "b": 2, "c": 1}
    for rest in (b"rubbish that follows", b"X" + second[1:] + first):
        path.write_bytes(first + rest)
        with pytest.raises(CorpusError, match="damaged"):
            counts_of(path)
    if suffix != "zst":
        path.write_bytes(first + bytes(8) + second + bytes(1 << 18))
        assert counts_of(path)[0] == {"a": 1, "b": 1, "c": 1}


def test_every_cut_of_a_character_is_found(tmp_path):
    path = tmp_path / "text"
    character = "\N{ELEPHANT}".encode()
    for n, block_size in itertools.product(range(1, 4), (1, 2, 3, 100)):
        path.write_bytes(b"ok\nx" + character[:n] + b" y\n")
        with pytest.raises(CorpusError, match="line 2"):
            scan_files([path], workers=2, block_size=block_size)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"PK\x03\x04\x14\0", "a ZIP archive"),
        (pickle.dumps(["a", "b"]), "a pickle"),
        (b"\x93NUMPY\x01\0v\0{'descr'", "a NumPy array"),
        (b"\x7fELF\x02\x01\x01\0", "a program"),
        (b"Rar!\x1a\x07\x01\0", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "a 7z archive"),
        (b"ID3\x04\0\0\0\0\x02", "a sound"),
        (b"\x04\x22\x4d\x18\x64\x40", "compressed with LZ4"),
        (b"GIF89a\x01\0\x01\0", "a GIF image"),
        (b"RIFF\x24\x08\0\0WAVEfmt ", "a sound"),
        (zlib.compress(b"a b c\n" * 99), "compressed with zlib"),
        (b"9 2\nword \0\0\x80\x3f\0\0\0\x3f", "a word2vec binary file"),
        (b"\xc8\x01\0\0\0\0\0\0" + b'{"__metadata__":{"format":"fastw2v.', "a file of fastw2v"),
        (b'{"format": "fastw2v phrases", "version": 1}\n', "a file of fastw2v"),
        (b"2 3\nword 0.5 -1 2.5e-05\n", "a file of vectors"),
        (b"9 300\nword" + b" 0.25" * 300 + b"\n", "a file of vectors"),
    ],
)
@pytest.mark.parametrize("errors", ["strict", "replace", "skip"])
def test_what_is_no_text_is_named(tmp_path, head, kind, errors):
    path = tmp_path / "file.txt"
    path.write_bytes(head + b" words and words\n" * 99)
    for options in ({}, {"lowercase": True}, {"field": "text"}):
        with pytest.raises(CorpusError, match=rf"file.txt is {kind}.* no text"):
            scan_files([path], workers=1, reading=Reading(errors=errors, **options))
    for text in (
        "PNG and %PDF- and PK and ELF\n", "GIF89a, RIFF, Rar! and ID3 and so\n", "x^2 = y^2\n",
        "2 3\nword 0.5 1 2\n", "12 3\n5 1 2 3\n", "12 3\n5 1.5 2.5\n",
        '{"format": "other"} and more tokens here\n',
    ):  # fmt: skip
        path.write_text(text, encoding="ascii")
        assert scan_files([path], workers=1).n_tokens == len(text.split())


@pytest.mark.parametrize("suffix", ["", *COMPRESSORS])
def test_archives_are_refused_packed_or_not(tmp_path, suffix):
    with tarfile.open(tmp_path / "tar", "w") as archive:
        (tmp_path / "text").write_text("some words\n" * 999, encoding="ascii")
        archive.add(tmp_path / "text")
    packed = (tmp_path / "tar").read_bytes()
    (tmp_path / "file").write_bytes(COMPRESSORS[suffix](packed) if suffix else packed)
    message = r"file is a tar archive, and no text; unpack it first: tar -xf FILE"
    with pytest.raises(CorpusError, match=message):
        scan_files([tmp_path / "file"], workers=2)
    for corpus in (LineSentence(tmp_path / "file"), Text8Corpus(tmp_path / "file")):
        with pytest.raises(CorpusError, match=message):
            list(corpus)
        with pytest.raises(CorpusError, match=message):
            Word2Vec(corpus, min_count=1)


def test_a_document_in_a_file_may_begin_as_it_likes(tmp_path):
    path = tmp_path / "file.jsonl"
    path.write_bytes(b'{"text": "%PDF-1.7 is\\u0000 how one begins"}\n')
    assert scan_files([path], workers=1).n_tokens == 5


def test_an_empty_directory_is_called_empty(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file in this directory"):
        Word2Vec(corpus_file=tmp_path)
