"""Where a corpus comes from: the same words and ids, whatever it lies in."""

import bz2
import glob
import gzip
import io
import lzma
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from fastw2v import Phrases, Word2Vec
from fastw2v.cli import main
from fastw2v.corpus import Reading, decompress, encode_files, inputs, scan_files, scan_objects
from fastw2v.corpus.opening import Joined
from fastw2v.errors import CorpusError
from fastw2v.vocab import Vocabulary
from tests.corpora import (
    COMPRESSORS,
    store_sentences,
    walks,
    write_jsonl,
    write_parquet,
    zstd_frame,
)

LINES = [f"w{i % 7} w{i % 11} ä{i % 3} word{i * i % 13}" for i in range(300)]
TEXT = ("\n".join(LINES) + "\n").encode()
SENTENCES = [line.split() for line in LINES]
OPTIONS = {"vector_size": 8, "min_count": 2, "workers": 1, "epochs": 2, "seed": 3}


def outcome(scan):
    vocabulary = Vocabulary.from_scan(scan, min_count=2)
    numbers = (scan.n_tokens, scan.n_sentences, scan.counts.tolist())
    return vocabulary.keys, scan.encode(vocabulary).ids.tolist(), numbers


@pytest.fixture(scope="module")
def expected():
    return outcome(scan_objects(SENTENCES))


def plain(path):
    path.write_bytes(TEXT)
    return [path]


def compressed(kind):
    def write(path):
        path.write_bytes(COMPRESSORS[kind](TEXT))
        return [path]

    return write


def members(kind):
    """Several members, of which one is empty, cut inside a word."""

    def write(path):
        pack = COMPRESSORS[kind]
        path.write_bytes(pack(TEXT[:1001]) + pack(b"") + pack(TEXT[1001:]))
        return [path]

    return write


def opened(path):
    path.write_bytes(gzip.compress(TEXT))
    return [path.open("rb")]


def only_read(_path):
    class OnlyRead:
        def __init__(self):
            self._file = io.BytesIO(TEXT)

        def read(self, n):
            return self._file.read(min(n, 100))

    return [OnlyRead()]


def several(path):
    path.mkdir()
    (path / "b.txt").write_bytes(bz2.compress(TEXT[1000:]))
    start = TEXT.rfind(b"\n", 0, 1000) + 1
    (path / "a").write_bytes(TEXT[:start])
    (path / "b.txt").write_bytes(lzma.compress(TEXT[start:]))
    return [path / "a", path / "b.txt"]


def directory(path):
    several(path)
    below = path / "a.d" / "x"
    below.mkdir(parents=True)
    (path / ".hidden").write_text("hidden\n")
    (path / ".git").mkdir()
    (path / ".git" / "file").write_text("hidden\n")
    (below / "empty").write_text("")
    return [path]


def pattern(path):
    several(path)
    return [str(path / "*")]


def deep_pattern(path):
    path.mkdir()
    several(path / "deep")
    return [str(path / "**" / "[ab]*")]


FILES = {
    "plain": plain,
    **{kind: compressed(kind) for kind in COMPRESSORS},
    **{f"{kind} members": members(kind) for kind in COMPRESSORS},
    "open": opened,
    "only read": only_read,
    "several": several,
    "directory": directory,
    "glob": pattern,
    "deep glob": deep_pattern,
    "jsonl": lambda path: [write_jsonl(path.with_suffix(".jsonl"), LINES)],
    "jsonl lists": lambda path: [write_jsonl(path.with_suffix(".ndjson"), SENTENCES)],
    "parquet": lambda path: [write_parquet(path, LINES)],
    "parquet lists": lambda path: [write_parquet(path, SENTENCES)],
}


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("workers", [1, 2])
def test_files_in_all_forms(tmp_path, form, workers, expected):
    paths = FILES[form](tmp_path / "corpus")
    for block_size in (100, 1 << 20):
        scan = scan_files(paths, workers=workers, block_size=block_size)
        assert outcome(scan) == expected
        if form == "open":
            paths[0].seek(0)
        if form == "only read":
            return
    vocabulary = Vocabulary(expected[0], [1] * len(expected[0]))
    store = encode_files(paths, vocabulary, workers=workers)
    assert store.ids.tolist() == expected[1]
    if form == "open":
        paths[0].close()


def test_the_same_vectors_from_everything(tmp_path):
    """Bit for bit, by the face that users see."""
    text = tmp_path / "text"
    text.write_bytes(TEXT)
    vectors = Word2Vec(SENTENCES, **OPTIONS).wv.vectors
    corpora = [{"corpus_file": str(text)}, {"sentences": iter(SENTENCES)}]
    corpora += [{"sentences": LINES, "tokenizer": str.split}]
    corpora += [{"sentences": iter(LINES), "tokenizer": "space"}]
    for number, form in enumerate(FILES):
        try:
            given = FILES[form](tmp_path / f"{number}")
        except pytest.skip.Exception:
            continue
        corpora.append({"corpus_file": given[0] if len(given) == 1 else given})
    for corpus in corpora:
        model = Word2Vec(**corpus, **OPTIONS)
        assert model.corpus_count == len(LINES)
        np.testing.assert_array_equal(model.wv.vectors, vectors)
    for corpus in corpora:
        file = corpus.get("corpus_file")
        if inputs.is_file_object(file) and hasattr(file, "close"):
            file.close()


def test_standard_input_on_the_command_line(tmp_path):
    outputs = []
    for number, data in enumerate((TEXT, gzip.compress(TEXT))):
        outputs.append(tmp_path / f"{number}.vec")
        command = [sys.executable, "-m", "fastw2v", "train", "-", "-o", str(outputs[-1])]
        flags = ["--vector-size", "8", "--min-count", "2", "--workers", "1", "--seed", "3"]
        done = subprocess.run(
            [*command, *flags, "--epochs", "2", "--alpha", "0.025"],
            input=data,
            capture_output=True,
            check=True,
        )
        assert b"300 sentences" in done.stdout
    Word2Vec(SENTENCES, **OPTIONS).wv.save_word2vec_format(tmp_path / "expected.vec")
    expected = (tmp_path / "expected.vec").read_bytes()
    assert [output.read_bytes() for output in outputs] == [expected, expected]


def test_options_on_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_jsonl(tmp_path / "a.json", ["One. TWO two\n\nthree b\udce9"] * 3, field="body")
    (tmp_path / "mine.py").write_text("def split(line):\n    return line.split('.')\n")
    common = ["train", "a.json", "-q", "--field", "body", "--min-count", "1", "--errors", "skip"]
    cases = {
        "--lowercase": {"one.", "two", "three"},
        "--tokenizer=words": {"one", "two", "three"},
        "--tokenizer=text8": {"one", "two", "three", "b"},
    }
    for flag, words in cases.items():
        assert main([*common, flag, "-o", "out.vec", "--sentence-split", "punctuation"]) == 0
        lines = (tmp_path / "out.vec").read_text().splitlines()[1:]
        assert {line.split()[0] for line in lines} == words
    (tmp_path / "plain").write_text("x.y\n")
    plain = ["train", "plain", "-q", "-o", "out.vec", "--min-count=1"]
    assert main([*plain, "--tokenizer=mine:split", "--vector-size=2"]) == 0
    lines = (tmp_path / "out.vec").read_text().splitlines()[1:]
    assert {line.split()[0] for line in lines} == {"x", "y"}
    for flags, message in (
        (["--tokenizer=mine"], "must be one of space, words, text8 or MODULE:FUNCTION"),
        (["--tokenizer=mine:missing"], "missing"),
        (["--sentence_split=dot"], "--sentence_split must be one of line, paragraph, punct"),
        (["--sentence_split=0"], "sentence_split must be 1 or more words"),
    ):
        assert main([*plain, *flags]) == 2
        assert message in capsys.readouterr().err


def test_pipe_of_compressed_text(tmp_path, expected):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(gzip.compress(TEXT),))
    writer.start()
    totals = set()
    scan = scan_files([path], workers=2, progress=lambda _done, total: totals.add(total))
    writer.join()
    assert outcome(scan) == expected
    assert totals == {None}
    assert scan.n_bytes == len(TEXT)


@pytest.mark.parametrize("form", ["plain", "gz", "several", "jsonl", "parquet"])
def test_progress_is_of_what_is_stored(tmp_path, form):
    paths = FILES[form](tmp_path / "corpus")
    size = sum(path.stat().st_size for path in paths)
    calls = []
    scan_files(paths, workers=2, block_size=500, progress=lambda *call: calls.append(call))
    assert calls[-1] == (size, size)
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_without_the_fast_libraries(tmp_path, monkeypatch, kind, expected):
    """gzip falls back to the standard library; Zstandard says what is missing."""
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(TEXT) if kind == "gzip" else zstd_frame(TEXT))
    for module in ("isal.igzip", "isal.isal_zlib", *decompress._ZSTD_MODULES):
        monkeypatch.setitem(sys.modules, module, None)
    if kind == "gzip":
        assert outcome(scan_files([path], workers=1)) == expected
    else:
        with pytest.raises(CorpusError, match=r"file is compressed .* fastw2v\[fast\].*zstd -dc"):
            scan_files([path], workers=1)


@pytest.mark.parametrize("library", decompress._ZSTD_MODULES)
def test_each_library_for_zstandard(tmp_path, monkeypatch, library, expected):
    pytest.importorskip(library)
    path = tmp_path / "file"
    # A frame that is to be skipped comes first.
    path.write_bytes(
        b"\x50\x2a\x4d\x18\x03\0\0\0abc" + zstd_frame(TEXT[:99]) + zstd_frame(TEXT[99:])
    )
    for module in decompress._ZSTD_MODULES:
        if module != library:
            monkeypatch.setitem(sys.modules, module, None)
    assert outcome(scan_files([path], workers=2)) == expected
    path.write_bytes(zstd_frame(TEXT)[:-5])
    with pytest.raises(CorpusError, match="damaged or end too early"):
        scan_files([path], workers=2)


def test_what_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file in this directory"):
        scan_files([tmp_path], workers=1)
    with pytest.raises(FileNotFoundError, match="no file matches this pattern"):
        scan_files([str(tmp_path / "*.txt")], workers=1)
    with pytest.raises(TypeError, match="a corpus is paths or open binary files, got int"):
        scan_files([3], workers=1)
    with pytest.raises(TypeError, match="must be a binary one"):
        scan_files([io.StringIO("a")], workers=1)


def test_what_is_no_file(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="the path is empty"):
        inputs.resolve([""])
    with pytest.raises(CorpusError, match="standard input can be read only once, and is given"):
        inputs.resolve(["-", tmp_path / __file__, "-"])
    (tmp_path / "text").write_text("a\n")
    os.mkfifo(tmp_path / "pipe")
    assert [item.name for item in inputs.resolve([tmp_path])] == [str(tmp_path / "text")]
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="link"):
        inputs.resolve([tmp_path])


def tree(directory):
    """A corpus with links in it; returns the paths of its files, in their order."""
    (directory / "a" / "deep").mkdir(parents=True)
    (directory / "elsewhere").mkdir()
    for name in ("a/1.txt", "a/deep/2.txt", "a/deep/2.csv", "elsewhere/3.txt", "z.txt"):
        (directory / name).write_text(f"{name}\n")
    (directory / "a" / "linked").symlink_to(directory / "elsewhere")
    (directory / "a" / "deep" / "loop").symlink_to(directory / "a")
    names = (
        "a/1.txt", "a/deep/2.csv", "a/deep/2.txt", "a/linked/3.txt", "elsewhere/3.txt", "z.txt",
    )  # fmt: skip
    return [directory / name for name in names]


def found(*given):
    return [item.path for item in inputs.resolve(given)]


def test_linked_directories_are_read_and_loops_are_not(tmp_path):
    files = tree(tmp_path)
    assert found(tmp_path) == files
    texts = [path for path in files if path.suffix == ".txt"]
    assert found(f"{tmp_path}/**/*.txt") == texts
    assert found(f"{tmp_path}/**") == files
    assert found(f"{tmp_path}/**/3.txt") == texts[2:4]
    assert found(f"{tmp_path}/?/*.txt") == texts[:1]
    assert found(f"{tmp_path}/*/*/[23].txt") == texts[1:3]
    assert found(f"{tmp_path}/a/**/2.*") == files[1:3]
    assert found(f"{tmp_path}/*") == files
    assert found(f"{tmp_path}/a/*") == files[:4]
    assert found(f"{tmp_path}/[e]*") == files[4:5]


@pytest.mark.parametrize("pattern", ["*.txt", "**/*.txt", "**", "*/*", "./a/*", "a/../*.txt", "?"])
def test_patterns_match_what_glob_matches(tmp_path, monkeypatch, pattern):
    for name in ("a/1.txt", "a/b/2.txt", ".h/3.txt", "a/.4.txt", "c", "5.txt", "a-b/6.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    paths = {Path(match) for match in glob.glob(pattern, recursive=True)}  # noqa: PTH207
    if "**" not in pattern:
        paths = {file for path in paths for file in ([path] if path.is_file() else found(path))}
    assert found(pattern) == sorted(filter(Path.is_file, paths), key=str)


def test_patterns_match_no_pipes(tmp_path):
    (tmp_path / "a.txt").touch()
    os.mkfifo(tmp_path / "pipe")
    assert found(f"{tmp_path}/*") == found(f"{tmp_path}/**") == [tmp_path / "a.txt"]
    with pytest.raises(FileNotFoundError, match="no file matches"):
        found(f"{tmp_path}/p*")


@pytest.mark.parametrize("given", ["{}", "{}/**/*.txt", "{}/*/*.txt", "{}/**"])
def test_a_directory_that_cannot_be_read_is_named(tmp_path, given):
    tree(tmp_path)
    secret = tmp_path / "a" / "deep"
    if given == "{}/*/*.txt":
        secret = tmp_path / "a"
    for path in (tmp_path, *tmp_path.parents[:3]):
        path.chmod(0o755)
    secret.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # permissions do not stop the superuser
    try:
        with pytest.raises(PermissionError, match=re.escape(str(secret))):
            found(given.format(tmp_path))
        assert found(f"{tmp_path}/*.txt") == [tmp_path / "z.txt"]
    finally:
        os.seteuid(user)
        secret.chmod(0o755)


def test_a_file_with_the_name_of_a_pattern(tmp_path):
    path = tmp_path / "odd[1]*.txt"
    path.write_text("a b\n")
    assert scan_files([str(path)], workers=1).n_tokens == 2


def test_saved_data_sets_are_their_arrow_files(tmp_path):
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"text": LINES})
    with pa.ipc.new_stream(tmp_path / "data-00000.arrow", table.schema) as writer:
        writer.write_table(table.slice(0, 100))
    with pa.ipc.new_file(tmp_path / "data-00001.arrow", table.schema) as writer:
        writer.write_table(table.slice(100), max_chunksize=9)
    (tmp_path / "dataset_info.json").write_text("{}")
    (tmp_path / "state.json").write_text("{}")
    scan = scan_files([tmp_path], workers=2)
    assert scan.n_sentences == 300
    assert scan.n_tokens == 1200


# JSON lines -----------------------------------------------------------------------------------


def test_key_of_json_lines(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "body": "x y"}\n\n{"body": "z\\nx", "id": 2}\n{"body": null}\n')
    scan = scan_files([path], workers=1)
    assert (scan.keys([0, 1, 2]), scan.n_sentences) == (["x", "y", "z"], 3)
    path.write_text('{"body": "x y", "title": "t"}\n')
    with pytest.raises(CorpusError, match=r"line 1: name the key .* 'body', 'title'"):
        scan_files([path], workers=1)
    assert scan_files([path], workers=1, reading=Reading(field="title")).n_tokens == 1
    with pytest.raises(CorpusError, match=r"line 1: there is no 'x', only 'body', 'title'"):
        scan_files([path], workers=1, reading=Reading(field="x"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "cut', "this is not JSON"),
        ('{"text": ' + "[" * 100_000, "this is not JSON"),
        ("[1, 2]", "a JSON object is needed, this is a list"),
        ('{"text": 5}', "'text' must be a text, a list of words or"),
        ('{"text": ["a", 1]}', "'text' must be a text, a list of words or"),
        ('{"text": [1]}', "'text' is of another kind than in the lines before"),
        ('{"text": "\\ud800"}', "is half of one"),
    ],
)
def test_broken_json_lines(tmp_path, line, message):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "fine"}\n\n' + line + "\n")
    with pytest.raises(CorpusError, match=rf"a\.jsonl, line 3: .*{message}"):
        scan_files([path], workers=2)


def test_invalid_bytes_in_json_lines(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "fine caf\xe9 \\ud800 \xf0\x9f\x90\x98"}\n')
    with pytest.raises(CorpusError, match=r"a\.jsonl, line 1: .* is not UTF-8"):
        scan_files([path], workers=1)
    scan = scan_files([path], workers=1, reading=Reading(errors="skip"))
    assert scan.keys(range(len(scan.counts))) == ["fine", "🐘"]
    assert scan.n_invalid == 2


def test_documents_end_sentences(tmp_path):
    """Also where a sentence is a paragraph, and goes over lines."""
    documents = ["One two\nthree. Four", "five\n\nsix seven"]
    path = write_jsonl(tmp_path / "a.jsonl", documents)
    for split, expected in {
        "line": ["One two", "three. Four", "five", "six seven"],
        "paragraph": ["One two three. Four", "five", "six seven"],
        "punctuation": ["One two three.", "Four", "five", "six seven"],
    }.items():
        reading = Reading("space", sentence_split=split)
        for scan in (
            scan_files([path], workers=2, block_size=5, reading=reading),
            scan_objects(iter(documents), workers=2, reading=reading),
        ):
            vocabulary = Vocabulary.from_scan(scan, min_count=1)
            found = store_sentences(scan.encode(vocabulary), vocabulary.keys)
            assert [" ".join(words) for words in found] == expected


def test_whole_numbers_in_json_lines(tmp_path):
    rows = walks().tolist()
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    assert outcome(scan_files([path], workers=2)) == outcome(scan_objects(rows))
    text = tmp_path / "text"
    text.write_text("1 2\n")
    with pytest.raises(CorpusError, match=r"text holds words, and what was read before whole num"):
        scan_files([path, text], workers=2)
    with pytest.raises(CorpusError, match="are for text: leave them out"):
        scan_files([path], workers=1, reading=Reading(lowercase=True))


def test_joined_stream():
    stream = Joined(iter([b"abc", b"", b"defg", b"h"]))
    assert io.BufferedReader(stream, 2).read() == b"abcdefgh"


class Indexed:
    """Without an end of its own, as data sets that go round."""

    def __init__(self, items):
        self._items = items

    def __len__(self):
        return len(self._items)

    def __getitem__(self, index):
        return self._items[index % len(self._items)]


def test_what_only_has_an_index_ends_at_its_length(tmp_path):
    path = tmp_path / "text"
    path.write_text("a b a\nb a\n" * 30)
    begun = []

    class Hook:
        def on_epoch_begin(self, _model):
            begun.append(1)

    options = {"min_count": 1, "vector_size": 4, "workers": 1, "epochs": 1}
    Word2Vec(corpus_file=Indexed([path]), callbacks=Indexed([Hook()]), **options)
    assert begun == [1]
    phrases = Phrases([["a", "b"]] * 9, min_count=1, threshold=0.01)
    assert phrases[Indexed(["a", "b"])] == phrases.freeze()[Indexed(["a", "b"])] == ["a_b"]


@pytest.mark.parametrize(
    ("tokenizer", "returned"),
    [(lambda _: None, "NoneType"), (lambda _: 5, "int"), (str.lower, "str"), (len, "int")],
)
def test_a_tokenizer_that_returns_no_tokens_is_told(tmp_path, tokenizer, returned):
    path = tmp_path / "text"
    path.write_text("a b\n" * 9)
    message = f"the tokenizer must return a list of tokens, and returned {returned} .*'a b'"
    for given in ({"corpus_file": path}, {"sentences": ["a b"] * 9}):
        with pytest.raises(CorpusError, match=message):
            Word2Vec(**given, tokenizer=tokenizer, min_count=1)
