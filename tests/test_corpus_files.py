"""Files: every word, id and sentence end against bytes.split and collections.Counter."""

import collections
import gzip
import io
import itertools
import os
import random
import threading

import numpy as np
import pytest

from fastw2v import memory
from fastw2v.corpus import encode_files, encode_sentences, scan_files, segments
from fastw2v.corpus.readers import BlockReader, Text
from fastw2v.errors import CorpusError, EmptyVocabularyError
from fastw2v.vocab import Vocabulary
from tests.corpora import COMPRESSORS, write_jsonl

END = -(2**31)
WORDS = [
    *(bytes([letter]) for letter in b"abcdef"),
    b"seven77",
    b"eight888",
    b"nine99999",
    b"sixteen_sixteen_",
    b"seventeen_letters",
    b"a-word-that-is-longer-than-any-block-used-in-these-tests-so-that-buffers-grow",
    "äöü".encode(),
    "日本語テキスト".encode(),
    "\N{NO-BREAK SPACE}".encode(),
    "🐘🐘🐘".encode(),
    b"nul\0inside",
    b"nul\0",
    b"\0",
    b"\x1c\x1f",
    b"~\x7f",
]
SPACES = [b" ", b" ", b" ", b"\n", b"\n", b"\t", b"\r", b"\v", b"\f", b"\r\n", b"\n\n", b"  \n \n"]


def random_text(rng, n_words):
    parts = [rng.choice([b"", *SPACES])]
    for _ in range(n_words):
        parts += [rng.choice(WORDS), rng.choice(SPACES)]
    if rng.random() < 0.5:
        parts.pop()
    return b"".join(parts)


def sentences_of(texts):
    """The definition of a corpus, in Python."""
    lines = [line.split() for text in texts for line in text.split(b"\n")]
    return [line for line in lines if line]


def expected_ids(sentences, index):
    """Ids and longest sentence for a vocabulary of bytes."""
    kept = [[index[word] for word in line if word in index] for line in sentences]
    ids = [value for line in kept if line for value in [*line[:-1], line[-1] + END]]
    return ids, max(map(len, kept), default=0)


def write(tmp_path, *texts):
    paths = []
    for i, text in enumerate(texts):
        paths.append(tmp_path / f"{i}.txt")
        paths[-1].write_bytes(text)
    return paths


def check(paths, texts, workers, block_size, min_count):
    sentences = sentences_of(texts)
    counter = collections.Counter(word for line in sentences for word in line)
    last_seen_first = list(counter.items())[::-1]
    by_count = sorted(last_seen_first, key=lambda item: -item[1])
    kept = {word: count for word, count in by_count if count >= min_count}
    ids, longest = expected_ids(sentences, {word: i for i, word in enumerate(kept)})

    scan = scan_files(paths, workers=workers, block_size=block_size)
    assert scan.keys(range(len(scan.counts))) == [word.decode() for word in counter]
    assert scan.counts.tolist() == list(counter.values())
    assert scan.n_tokens == counter.total()
    assert scan.n_sentences == len(sentences)
    assert scan.n_bytes == sum(map(len, texts))
    if not kept:
        with pytest.raises(EmptyVocabularyError):
            Vocabulary.from_scan(scan, min_count=min_count)
        return
    vocabulary = Vocabulary.from_scan(scan, min_count=min_count)
    assert vocabulary.keys == [word.decode() for word in kept]
    assert vocabulary.counts.tolist() == list(kept.values())

    for store in (
        scan.encode(vocabulary, workers=workers),
        encode_files(paths, vocabulary, workers=workers, block_size=block_size),
    ):
        assert store.ids.tolist() == ids
        assert store.ids.dtype == np.int32
        assert store.ids.flags.c_contiguous
        assert store.longest == longest
        assert store.n_sentences == len(sentences)
        assert store.n_corpus == counter.total()
        assert store.n_oov == counter.total() - len(ids)
        assert store.n_bytes == sum(map(len, texts))


@pytest.mark.parametrize("workers", [1, 2, 3, 4])
def test_random_texts_at_every_block_size(tmp_path, workers):
    rng = random.Random(workers)
    for block_size in range(1, 65):
        texts = [random_text(rng, rng.randrange(60)) for _ in range(rng.randrange(1, 4))]
        check(write(tmp_path, *texts), texts, workers, block_size, rng.choice([0, 1, 2, 4]))


@pytest.mark.parametrize("segment_tokens", [1, 2, 5])
def test_segments_that_run_full(tmp_path, monkeypatch, segment_tokens):
    monkeypatch.setattr(segments, "SEGMENT_TOKENS", segment_tokens)
    rng = random.Random(segment_tokens)
    for block_size in (1, 7, 64, 1 << 20):
        texts = [random_text(rng, 40)]
        check(write(tmp_path, *texts), texts, 2, block_size, 3)


def test_tables_that_grow(tmp_path):
    """More words and letters than the first table holds, and long words that share prefixes."""
    rng = random.Random(0)
    words = [b"w%d" % i for i in range(6000)] + [b"common-prefix-%d" % i for i in range(6000)]
    text = b" ".join(rng.choices(words, k=40_000)).replace(b" w77", b"\nw77")
    check(write(tmp_path, text), [text], 2, 1000, 2)


def test_words_with_the_same_hash(tmp_path):
    """Two words that agree in all 64 bits of the hash in csrc/scan.c, found by solving for one."""
    text = b"h5qj6jqzdbgvnwnh 8vk0i7tq7]E8-FX8\n" * 3 + b"8vk0i7tq7]E8-FX8"
    check(write(tmp_path, text), [text], 2, 16, 1)


def test_every_byte_is_a_letter_or_a_space(tmp_path):
    """One-byte words: each of the 256 bytes is classified as bytes.split does."""
    text = b"".join(b"x%cy\n" % byte for byte in range(128))
    check(write(tmp_path, text), [text], 1, 1 << 20, 1)
    high = "".join(map(chr, range(128, 0x3000))).encode()
    store = encode_files(write(tmp_path, high * 2), Vocabulary(["a"], [1]), workers=1)
    assert store.n_corpus == 1


@pytest.mark.parametrize(
    ("texts", "sentences"),
    [
        ([b""], []),
        ([b"\n\n \r\n"], []),
        ([b"a"], ["a"]),
        ([b"a b\n"], ["a b"]),
        ([b"a\nb", b"c\n", b"", b"d e"], ["a", "b", "c", "d e"]),
        ([b"\xef\xbb\xbfa b\nc"], ["a b", "c"]),
        ([b"\xef\xbb\xbf"], []),
        ([b"a\xef\xbb\xbf"], ["a\ufeff"]),
        ([b"a\r\nb\r\n"], ["a", "b"]),
    ],
)
@pytest.mark.parametrize("block_size", [1, 2, 3, 1 << 20])
def test_edges_of_files(tmp_path, texts, sentences, block_size):
    scan = scan_files(write(tmp_path, *texts), workers=2, block_size=block_size)
    assert scan.n_bytes == sum(map(len, texts))
    assert scan.n_sentences == len(sentences)
    words = " ".join(sentences).split()
    assert scan.n_tokens == len(words)
    if not words:
        return
    vocabulary = Vocabulary.from_scan(scan, min_count=1)
    store = scan.encode(vocabulary)
    assert [vocabulary.keys[value & 0x7FFFFFFF] for value in store.ids] == words
    ends = [value < 0 for value in store.ids.tolist()]
    assert ends == [i + 1 == len(s.split()) for s in sentences for i in range(len(s.split()))]


def test_one_long_line_is_one_sentence(tmp_path):
    path = write(tmp_path, b"a b " * 50_000)
    scan = scan_files(path, workers=2, block_size=4096)
    store = scan.encode(Vocabulary.from_scan(scan))
    assert store.longest == len(store.ids) == 100_000
    assert store.n_sentences == 1
    assert np.flatnonzero(store.ids < 0).tolist() == [99_999]


def test_a_word_longer_than_a_block(tmp_path):
    word = b"x" * 300_000
    path = write(tmp_path, b"a " + word + b" b\n" + word)
    scan = scan_files(path, workers=2, block_size=1000)
    assert scan.keys([0, 1, 2]) == ["a", word.decode(), "b"]
    assert scan.counts.tolist() == [1, 2, 1]


def test_sentence_end_moves_back_over_dropped_words(tmp_path):
    """The end belongs on the last word kept, though it was read blocks earlier."""
    path = write(tmp_path, b"keep oov oov oov oov\noov oov\nkeep keep oov\n")
    vocabulary = Vocabulary(["keep"], [3])
    for block_size in range(1, 50):
        store = encode_files(path, vocabulary, workers=2, block_size=block_size)
        assert store.ids.tolist() == [END, 0, END]
        scan = scan_files(path, workers=2, block_size=block_size)
        assert scan.encode(vocabulary, workers=2).ids.tolist() == [END, 0, END]
        assert store.n_sentences == scan.n_sentences == 3
        assert store.n_oov == 7


def test_vocabulary_of_another_corpus(tmp_path):
    path = write(tmp_path, b"a b 7 seventeen_letters\n\xc3\xa4 nul\0\n")
    keys = [7, "ä", ("a",), "a b", "\ud800", "", "seventeen_letterz", "nul", "seventeen_letters"]
    vocabulary = Vocabulary([*keys, "b", b"a"], range(len(keys) + 2))
    expected = [9, 8 + END, 1 + END]
    assert encode_files(path, vocabulary, workers=1).ids.tolist() == expected
    scan = scan_files(path, workers=1)
    assert scan.encode(vocabulary).ids.tolist() == expected
    capped = scan_files(path, workers=1, max_vocab_size=100)
    assert capped.encode(vocabulary).ids.tolist() == expected


def test_same_result_as_sentences(tmp_path):
    text = random_text(random.Random(5), 300)
    lines = [[word.decode() for word in line] for line in sentences_of([text])]
    scan = scan_files(write(tmp_path, text), workers=2, block_size=10)
    vocabulary = Vocabulary.from_scan(scan, min_count=5)
    store = encode_sentences(lines, vocabulary)
    assert scan.encode(vocabulary, workers=2).ids.tolist() == store.ids.tolist()


def test_empty_store(tmp_path):
    store = encode_files(write(tmp_path, b"a b\n"), Vocabulary(["c"], [1]), workers=1)
    assert (len(store.ids), store.longest, store.n_oov, store.n_sentences) == (0, 0, 2, 1)


def test_scan_is_consumed(tmp_path):
    scan = scan_files(write(tmp_path, b"a b\n"), workers=1)
    vocabulary = Vocabulary.from_scan(scan, min_count=1)
    scan.encode(vocabulary)
    with pytest.raises(ValueError, match="consumes"):
        scan.encode(vocabulary)
    with pytest.raises(ValueError, match="consumes"):
        scan.keys([0])


def test_paths_are_checked_before_anything_starts(tmp_path):
    good = write(tmp_path, b"a\n")
    with pytest.raises(FileNotFoundError, match="missing"):
        scan_files([*good, tmp_path / "missing"], workers=1)
    with pytest.raises(TypeError, match="single path"):
        scan_files(str(good[0]), workers=1)
    with pytest.raises(ValueError, match="workers"):
        scan_files(good, workers=0)
    with pytest.raises(ValueError, match="block_size"):
        scan_files(good, workers=1, block_size=0)
    with pytest.raises(ValueError, match="max_vocab_size"):
        scan_files(good, workers=1, max_vocab_size=0)


def test_pipe(tmp_path):
    """A pipe has no size and is read once, in whatever portions it delivers."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    text = random_text(random.Random(1), 30_000)
    writer = threading.Thread(target=path.write_bytes, args=(text,))
    writer.start()
    totals = set()
    scan = scan_files([path], workers=2, progress=lambda _done, total: totals.add(total))
    writer.join()
    assert totals == {None}
    assert scan.n_bytes == len(text)
    assert scan.n_tokens == len(text.split())


def test_blocks_end_with_white_space(tmp_path):
    text = b"one two  three\nfour-is-longer\tfive"
    with BlockReader(write(tmp_path, text), 5) as reader:
        block, joined = Text(), b""
        while reader.next(block):
            part = block.bytes[: block.n].tobytes()
            assert (block.pos, part[-1:].isspace()) == (len(joined), True)
            joined += part
    assert joined == text + b"\n"


def test_progress(tmp_path):
    calls = []
    text = b"a b c\n" * 1000
    for options in ({}, {"max_vocab_size": 10}):
        calls.clear()
        scan_files(
            write(tmp_path, text, text),
            workers=2,
            progress=lambda done, total: calls.append((done, total)),
            **options,
        )
        assert calls[-1] == (2 * len(text), 2 * len(text))
        assert all(done <= later for (done, _), (later, _) in itertools.pairwise(calls))


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_interrupted_scan_leaves_no_thread(tmp_path, error):
    """The text never ends, so that only the stop flag can end the workers."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    before = threading.active_count()
    stop = threading.Event()

    def feed():
        with path.open("wb", buffering=0) as pipe:
            try:
                while not stop.is_set():
                    pipe.write(b"a b c\n" * 1000)
            except BrokenPipeError:
                pass

    def interrupt(done, _total):
        if done:
            raise error

    writer = threading.Thread(target=feed)
    writer.start()
    with pytest.raises(error):
        scan_files([path], workers=2, progress=interrupt)
    stop.set()
    writer.join()
    assert threading.active_count() == before


def test_error_in_a_worker_arrives(tmp_path, monkeypatch):
    zeros = memory.zeros

    def fail_in_a_worker(shape, dtype):
        if threading.current_thread() is not threading.main_thread():
            raise MemoryError("no room")
        return zeros(shape, dtype)

    monkeypatch.setattr(memory, "zeros", fail_in_a_worker)
    with pytest.raises(MemoryError, match="no room"):
        scan_files(write(tmp_path, b"a\n"), workers=2)


@pytest.mark.parametrize("pack", ["plain", "gz", "bz2"])
def test_files_read_side_by_side_are_read_in_order(tmp_path, pack):
    """Words, ids, sentences and counts do not depend on who is where."""
    rng = random.Random(pack)
    compress = COMPRESSORS.get(pack, bytes)
    texts = [random_text(rng, rng.choice([0, 30, 300, 2000])) for _ in range(9)]
    paths = [tmp_path / f"{number}.{pack}" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(compress(text))
    expected = scan_files(paths, workers=1)
    keys = expected.keys(range(len(expected.counts)))
    counts = expected.counts.tolist()
    vocabulary = Vocabulary.from_scan(expected, min_count=2)
    totals = (expected.n_tokens, expected.n_sentences, expected.n_bytes, expected.n_lines)
    ids = expected.encode(vocabulary).ids.tolist()
    for workers, block_size in itertools.product([2, 3, 16], [60, 1000, 1 << 20]):
        scan = scan_files(paths, workers=workers, block_size=block_size)
        assert scan.keys(range(len(scan.counts))) == keys
        assert scan.counts.tolist() == counts
        assert (scan.n_tokens, scan.n_sentences, scan.n_bytes, scan.n_lines) == totals
        assert scan.encode(vocabulary, workers=workers).ids.tolist() == ids
        store = encode_files(paths, vocabulary, workers=workers, block_size=block_size)
        assert store.ids.tolist() == ids


class Waiting(io.BytesIO):
    """A file that is not read before the others are, too."""

    def __init__(self, content, barrier):
        super().__init__(content)
        self.barrier = barrier

    def readinto(self, buffer):
        if self.tell() == 0:
            self.barrier.wait(timeout=60)
        return super().readinto(buffer)


def test_every_worker_reads_a_file_of_its_own():
    barrier = threading.Barrier(3)
    files = [Waiting(f"word{number} a\n".encode() * 99, barrier) for number in range(3)]
    scan = scan_files(files, workers=3)
    assert scan.keys(range(len(scan.counts))) == ["word0", "a", "word1", "word2"]
    assert scan.counts.tolist() == [99, 297, 99, 99]


def test_the_first_bad_file_is_named_whoever_finds_one(tmp_path):
    fine = b"some words\n" * 5000
    bad = [
        (b"a\n" * 5000 + b"\xff\n" + fine + b"\xfe\n", r"2, line 5001: the word b'\\xff' is"),
        (gzip.compress(b"a b" * 9999)[:-9], "2: the compressed data are damaged"),
        (gzip.compress(b"a\nb\n\xff " + fine * 99)[:-9], r"2, line 3: the word b'\\xff' is"),
    ]
    paths = [tmp_path / str(number) for number in range(5)]
    for content, message in bad:
        for path in paths:
            path.write_bytes(fine)
        paths[2].write_bytes(content)
        paths[3].write_bytes(b"\xff\n")
        paths[4].write_bytes(gzip.compress(fine)[:-5])
        for workers, block_size in itertools.product([1, 2, 5], [100, 1 << 20]):
            with pytest.raises(CorpusError, match=message):
                scan_files(paths, workers=workers, block_size=block_size)


def test_numbers_read_side_by_side_are_read_in_order(tmp_path):
    rng = random.Random(3)
    rows = [[[rng.randrange(50) for _ in range(9)] for _ in range(n)] for n in (400, 30, 3000, 0)]
    paths = [write_jsonl(tmp_path / f"{number}.jsonl", part) for number, part in enumerate(rows)]
    expected = list(dict.fromkeys(number for part in rows for row in part for number in row))
    for workers in (1, 2, 4):
        scan = scan_files(paths, workers=workers, block_size=100)
        assert scan.keys(range(len(scan.counts))) == expected
