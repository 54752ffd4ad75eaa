"""What words and sentences are: every option against its definition in plain Python."""

import itertools
import random
import sys
import unicodedata

import numpy as np
import pytest

from fastw2v.corpus import Reading, encode_files, scan_files, scan_objects
from fastw2v.corpus.clean import cleaner, table
from fastw2v.errors import CorpusError
from fastw2v.preprocessing import simple_preprocess
from fastw2v.vocab import Vocabulary
from tests.corpora import sentences_of, store_sentences, words_of

PIECES = [
    *"abcXYZ0189_",
    *("Word", "WORD", "don't", "a_b", "_private", "Straße", "ÄÖÜ", "İstanbul", "ΣΊΣΥΦΟΣ", "ΟΔΟΣ."),
    *("Σ", "ΑΣ", "\u0391Σ'\u0391", "x\u0307Σ"),
    *("日本語", "ǅ", "ﬁ", "a\u0301b", "\U0001d518\U0001d52b", "🐘", "١٢٣", "²³"),
    *(
        "Dr.",
        "end.",
        'said."',
        "what?!",
        "(no.)",
        "終わり。",
        "hm\u2026",
        "e.g.,",
        "...",
        '"',
        "\0",
    ),
    *("\u00a0", "\x1c", "\x85", "\u2028", "averyveryverylongword", "x" * 40),
]
SPACES = [" ", " ", " ", "\n", "\n\n", "\n \t\n", "\r\n", "\r", "\t", "\v", "\f", " \n"]
SPLITS = ("line", "paragraph", "punctuation", 1, 7)
TOKENIZERS = (None, "space", "words", "text8")


def random_text(rng, n_words):
    parts = [rng.choice(["", *SPACES])]
    for _ in range(n_words):
        parts += [*rng.choices(PIECES, k=rng.choice([1, 1, 1, 2, 3])), rng.choice(SPACES)]
    if rng.random() < 0.5:
        parts.pop()
    return "".join(parts)


def check(paths, texts, reading, workers, block_size):
    expected = [
        words
        for text in texts
        for words in sentences_of(
            text, reading.tokenizer, reading.lowercase, reading.sentence_split, reading.errors
        )
    ]
    scan = scan_files(paths, workers=workers, block_size=block_size, reading=reading)
    n_words = sum(map(len, expected))
    assert scan.n_tokens - scan.n_invalid == n_words
    assert scan.n_sentences == len(expected)
    lines = sum(text.count(b"\n") + (text[-1:] not in (b"", b"\n")) for text in texts)
    assert scan.n_lines == lines
    firsts = list(dict.fromkeys(itertools.chain(*expected)))
    assert scan.keys(range(len(scan.counts))) == firsts
    if not firsts:
        return
    vocabulary = Vocabulary.from_scan(scan, min_count=2 if n_words > len(firsts) else 1)
    kept = [[word for word in words if word in vocabulary] for words in expected]
    options = {"workers": workers, "block_size": block_size, "reading": reading}
    for store in (
        scan.encode(vocabulary, workers=workers),
        encode_files(paths, vocabulary, **options),
    ):
        assert store_sentences(store, vocabulary.keys) == [words for words in kept if words]
        assert store.n_corpus == store.n_invalid + store.n_oov + len(store.ids) == scan.n_tokens
        assert (store.n_lines, store.n_sentences) == (lines, len(expected))
        assert store.longest == max(map(len, kept))


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@pytest.mark.parametrize("split", SPLITS)
def test_random_texts(tmp_path, tokenizer, split):
    rng = random.Random(f"{tokenizer} {split}")
    for number in range(12):
        texts = [random_text(rng, rng.randrange(60)).encode() for _ in range(rng.randrange(1, 3))]
        paths = [tmp_path / f"{i}.txt" for i in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_bytes(text)
        reading = Reading(tokenizer, bool(number % 2), split)
        check(paths, texts, reading, 1 + number % 3, rng.choice([1, 2, 5, 30, 1 << 20]))


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@pytest.mark.parametrize("split", SPLITS[:4])
def test_long_texts(tmp_path, tokenizer, split):
    """Of which C looks at 64 bytes at a time, where they are ASCII."""
    rng = random.Random(f"long {tokenizer} {split}")
    path = tmp_path / "text"
    ascii_pieces = [piece for piece in PIECES if piece.isascii()]
    for number in range(30):
        pieces = [*ascii_pieces, *map(str, range(number)), "of", "the", "word.", "x" * 15, "y" * 16]
        if number % 3 == 2:
            pieces += PIECES
        parts = [rng.choice(pieces) + rng.choice(["", *SPACES, " ", " "]) for _ in range(300)]
        text = "".join(parts).encode()
        path.write_bytes(text)
        reading = Reading(tokenizer, bool(number % 2), split, rng.choice(["strict", "replace"]))
        check([path], [text], reading, 1, rng.choice([100, 1000, 1 << 20]))


@pytest.mark.parametrize("errors", ["replace", "skip"])
@pytest.mark.parametrize("split", ["line", "punctuation", 3])
def test_random_bytes(tmp_path, errors, split):
    """Parts of characters, at every place of a block's border."""
    rng = random.Random(f"{errors} {split}")
    path = tmp_path / "text"
    alphabet = [b"\xe2\x82\xac", b"\xe2\x82", b"\xf0\x90", b"\xed\xa0\x80", b"\xc0", b"\x80"]
    alphabet += [b"\xff", b"a", b"B", b".", b" ", b" ", b"\n", b"\xf4\x90\x80\x80", "ä".encode()]
    for number in range(60):
        text = b"".join(rng.choices(alphabet, k=rng.randrange(80)))
        path.write_bytes(text)
        reading = Reading("space", bool(number % 2), split, errors)
        check([path], [text], reading, 2, rng.choice([1, 3, 20, 1 << 20]))


def test_words_are_those_of_simple_preprocess():
    rng = random.Random(0)
    for _ in range(300):
        text = random_text(rng, 30)
        if text.strip(" \t\r\n\v\f"):
            scan = scan_objects([text], reading=Reading("words", sentence_split=10**6))
            tokens = simple_preprocess(text)
            assert scan.n_tokens == len(tokens)
            assert scan.keys(range(len(scan.counts))) == list(dict.fromkeys(tokens))


def lowered(text, tokenizer="space"):
    """A text without white space through C."""
    rules = cleaner(Reading(tokenizer, lowercase=True))
    data = np.frombuffer(text.encode() + b"\n" * 65, dtype=np.uint8)
    rules.clean(data, len(data) - 64, True, True)
    return rules.out[: rules.n_out].tobytes().decode()


def test_every_character_in_lower_case():
    """As str.lower, which here gets them between letters and spaces."""
    for start in range(0, sys.maxunicode + 1, 4096):
        points = [c for c in range(start, start + 4096) if not 0xD800 <= c < 0xE000]
        text = "".join(f"x{chr(c)}y " for c in points if chr(c) not in " \t\n\r\v\f")
        assert lowered(text) == text.lower() + "\n\n"


def test_every_character_beside_a_capital_sigma():
    interesting = [
        chr(c)
        for c in [*range(0x20000), *range(0xE0000, 0xE0200)]
        if not 0xD800 <= c < 0xE000 and chr(c) not in " \t\n\r\v\f"
    ]
    text = " ".join(f"AΣ{c} {c}Σ AΣ{c}B A{c}Σ" for c in interesting)
    assert lowered(text) == text.lower() + "\n\n"


def test_every_character_is_of_a_word_or_not():
    for start in range(0, sys.maxunicode + 1, 4096):
        points = [c for c in range(start, start + 4096) if not 0xD800 <= c < 0xE000]
        text = " ".join(f"xy{chr(c)}yx" for c in points)
        expected = words_of(text, "words", True)
        assert lowered(text, "words").split() == expected


def test_only_one_character_has_two_in_lower_case():
    """On which csrc/clean.c relies, and which Unicode's stability policy does not promise."""
    found = [c for c in map(chr, range(sys.maxunicode + 1)) if len(c.lower()) > 1]
    assert found == ["\u0130"]
    assert unicodedata.name(found[0].lower()[1]) == "COMBINING DOT ABOVE"
    assert len(table()) == sys.maxunicode + 1


def test_digits_are_spelled_out(tmp_path):
    path = tmp_path / "text"
    path.write_text("In 1998, 7-Eleven's Café\nopened")
    scan = scan_files([path], workers=1, reading=Reading("text8"))
    words = ["in", "one", "nine", "eight", "seven", "eleven", "s", "caf", "opened"]
    assert scan.keys(range(len(scan.counts))) == words
    assert scan.counts.tolist() == [1, 1, 2, 1, 1, 1, 1, 1, 1]
    assert scan.n_sentences == 2


@pytest.mark.parametrize("block_size", [1, 5, 1 << 20])
def test_any_function(tmp_path, block_size):
    path = tmp_path / "text"
    path.write_bytes("Ein-Satz\r\n\nÄ\tb\nlast".encode())
    seen = []

    def split(line):
        seen.append(line)
        return [*line.replace("-", " ").split(), 7]

    reading = Reading(split, lowercase=True)
    scan = scan_files([path], workers=3, block_size=block_size, reading=reading)
    assert seen == ["ein-satz", "", "ä\tb", "last"]
    assert scan.keys(range(len(scan.counts))) == ["ein", "satz", 7, "ä", "b", "last"]
    assert scan.counts.tolist() == [1, 1, 4, 1, 1, 1]
    assert (scan.n_sentences, scan.n_lines, scan.n_bytes) == (4, 4, path.stat().st_size)
    vocabulary = Vocabulary.from_scan(scan, min_count=4)
    for store in (
        scan.encode(vocabulary),
        encode_files([path], vocabulary, workers=3, reading=reading),
    ):
        assert store.ids.tolist() == [-(2**31)] * 4
        assert store.n_oov == 5
    scan = scan_files([path], workers=1, reading=reading)
    words = Vocabulary(["last", b"b"], [1, 1])
    assert scan.encode(words).ids.tolist() == [-(2**31)]


def test_a_function_and_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(b"good\nb\xe9d word b\xff\n")
    with pytest.raises(CorpusError, match=r"text, line 2: the word b'b\\xe9d' is not UTF-8"):
        scan_files([path], workers=1, reading=Reading(str.split))
    scan = scan_files([path], workers=1, reading=Reading(str.split, errors="skip"))
    assert scan.keys(range(len(scan.counts))) == ["good", "word"]
    assert (scan.n_tokens, scan.n_invalid) == (4, 2)
    scan = scan_files([path], workers=1, reading=Reading(str.split, errors="replace"))
    assert scan.keys(range(len(scan.counts))) == ["good", "b\ufffdd", "word", "b\ufffd"]
    assert (scan.n_tokens, scan.n_invalid, scan.n_replaced) == (4, 0, 2)


def test_errors_of_a_function_arrive(tmp_path):
    (tmp_path / "text").write_text("a b\n")

    def split(_line):
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        scan_files([tmp_path / "text"], workers=2, reading=Reading(split))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tokenizer": "word"}, "tokenizer must be one of 'space', 'words', 'text8' or a function"),
        ({"lowercase": "yes"}, "lowercase must be True or False, got 'yes'"),
        ({"sentence_split": "dot"}, "sentence_split must be one of 'line', 'paragraph'"),
        ({"sentence_split": 0}, "sentence_split must be 1 or more words, got 0"),
        (
            {"sentence_split": 2**63},
            "sentence_split must be 2\\*\\*62 at most, got 9223372036854775808",
        ),
        ({"sentence_split": True}, "sentence_split must be one of"),
        ({"errors": "ignore"}, "errors must be one of 'strict', 'replace', 'skip', got 'ignore'"),
        ({"field": 3}, "field must be None or a name, got 3"),
        ({"tokenizer": str.split, "sentence_split": "paragraph"}, "sentence_split must be 'line'"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        Reading(**options)
