"""Token files: when they are used, when they are made again, and what is in them."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import re
import resource
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import CorpusError, FormatError, TruncatedFileError, Word2Vec
from fastw2v.corpus import scan_files
from fastw2v.corpus.store import END
from fastw2v.formats import safetensors, tokens
from fastw2v.prepare import Choice, Corpus, prepare
from fastw2v.prepare import cache as cache_module
from fastw2v.prepare.key import _fingerprint
from fastw2v.vocab import Vocabulary
from tests.test_word2vec import corpus, write

CHOICE = Choice(min_count=2)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    return write(tmp_path / "text", corpus())


def cached(text: Path, cache: Path, choice: Choice = CHOICE, **more: Any) -> Any:
    return prepare(Corpus([text], None), choice, workers=1, cache_dir=cache, **more)


def ids_of(source: Any) -> list[int]:
    values: list[int] = source.open().view(0, source.n_ids).tolist()
    return values


def reads(caplog: pytest.LogCaptureFixture, text: Path, cache: Path, **more: Any) -> bool:
    """Whether the text had to be read."""
    caplog.clear()
    with caplog.at_level(logging.INFO, "fastw2v"):
        cached(text, cache, **more)
    taken = [r for r in caplog.messages if "is taken from" in r]
    kept = [r for r in caplog.messages if "is kept in" in r]
    assert len(taken) + len(kept) == 1
    return bool(kept)


def test_a_token_file_has_what_the_text_has(tmp_path: Path, text: Path) -> None:
    plain = prepare(Corpus([text], None), CHOICE, workers=1)
    for memory in ("ram", "bounded"):
        for _ in range(2):
            found = cached(text, tmp_path / memory, memory=memory)
            assert ids_of(found.source) == ids_of(plain.source)
            assert found.vocabulary.keys == plain.vocabulary.keys
            assert found.vocabulary.counts.tolist() == plain.vocabulary.counts.tolist()
            for name in ("longest", "n_sentences", "n_corpus", "n_oov", "n_bytes", "n_invalid"):
                assert getattr(found.source, name) == getattr(plain.source, name), name
            for name in ("effective_min_count", "n_raw", "n_raw_tokens", "n_sentences"):
                assert getattr(found.vocabulary, name) == getattr(plain.vocabulary, name), name
    sentences = [[w for w in s if w in plain.vocabulary] for s in corpus()]
    ends = np.cumsum([len(s) for s in sentences if s]) - 1
    assert np.flatnonzero(np.array(ids_of(plain.source)) & END).tolist() == ends.tolist()


def test_the_text_is_read_once(
    tmp_path: Path, text: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reads(caplog, text, tmp_path / "cache")
    monkeypatch.setattr("fastw2v.prepare.whole.scan_files", None)
    monkeypatch.setattr("fastw2v.prepare.passes.EncodedBlocks", None)
    assert not reads(caplog, text, tmp_path / "cache")


@pytest.mark.parametrize(
    "choice",
    [
        Choice(min_count=3), Choice(min_count=2, max_final_vocab=9),
        Choice(min_count=2, max_vocab_size=50), Choice(min_count=2, sorted_vocab=False),
    ],
)  # fmt: skip
def test_other_options_make_another_file(
    tmp_path: Path, text: Path, caplog: pytest.LogCaptureFixture, choice: Choice
) -> None:
    cache = tmp_path / "cache"
    assert reads(caplog, text, cache)
    assert reads(caplog, text, cache, choice=choice)
    assert not reads(caplog, text, cache, choice=choice)
    assert not reads(caplog, text, cache)
    assert len(list(cache.iterdir())) == 2


def test_a_vocabulary_is_an_option_too(
    tmp_path: Path, text: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = tmp_path / "cache"
    vocabulary = cached(text, cache).vocabulary
    assert reads(caplog, text, cache, vocabulary=vocabulary)
    assert not reads(caplog, text, cache, vocabulary=vocabulary)
    vocabulary.keys.reverse()
    vocabulary.index = {key: i for i, key in enumerate(vocabulary.keys)}
    assert reads(caplog, text, cache, vocabulary=vocabulary)
    reversed_ids = ids_of(cached(text, cache, vocabulary=vocabulary).source)
    last = len(vocabulary) - 1
    assert [last - (i & ~END) for i in reversed_ids] == [
        i & ~END for i in ids_of(cached(text, cache).source)
    ]


@pytest.mark.parametrize("change", ["append", "touch", "edit in place", "edit and set the time"])
def test_a_text_that_has_changed_is_encoded_again(
    tmp_path: Path, text: Path, caplog: pytest.LogCaptureFixture, change: str
) -> None:
    cache = tmp_path / "cache"
    assert reads(caplog, text, cache)
    status = text.stat()
    if change == "append":
        text.write_bytes(text.read_bytes() + b"w1 w1\n")
    elif change.startswith("edit"):
        text.write_bytes(text.read_bytes().replace(b"w1 ", b"w2 "))
        assert text.stat().st_size == status.st_size
    later = status.st_mtime_ns + (0 if change == "edit and set the time" else 10**9)
    os.utime(text, ns=(later, later))
    assert reads(caplog, text, cache)
    assert "is of an earlier state of the corpus" in caplog.text
    assert not reads(caplog, text, cache)
    assert len(list(cache.iterdir())) == 1, "the stale file is replaced"
    plain = prepare(Corpus([text], None), CHOICE, workers=1)
    assert ids_of(cached(text, cache).source) == ids_of(plain.source)


def test_a_change_that_no_sample_shows_is_noticed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text, cache = tmp_path / "text", tmp_path / "cache"
    content = bytearray(b"aa bb cc\n" * 100_000)
    text.write_bytes(content)
    assert reads(caplog, text, cache)
    assert not reads(caplog, text, cache)
    status = text.stat()
    before = _fingerprint(text)
    content[20_000:55_000] = content[20_000:55_000].replace(b"aa", b"bb")
    text.write_bytes(content)
    os.utime(text, ns=(status.st_mtime_ns, status.st_mtime_ns))
    after = _fingerprint(text)
    assert {name for name in before if before[name] != after[name]} == {"ctime_ns"}
    assert reads(caplog, text, cache)


def test_a_damaged_file_is_made_again(
    tmp_path: Path, text: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = tmp_path / "cache"
    assert reads(caplog, text, cache)
    (path,) = cache.iterdir()
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    places = [*rng.integers(0, len(whole), 40).tolist(), 0, 7, 8, len(whole) - 1]
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        assert reads(caplog, text, cache), place
        assert "earlier state" in caplog.text or "a damaged token file is made again" in caplog.text
        assert path.read_bytes() == whole
    for length in (0, 5, 8, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert reads(caplog, text, cache)
        assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"longest": 1}, r"the longest sentence has \d+ words, not 1$"),
        ({"longest": 10**9}, r"the longest sentence has \d+ words, not 1000000000"),
        ({"n_oov": 7}, "7 words out of the vocabulary"),
        ({"n_raw": -1}, "'n_raw' must be a whole number"),
        ({"counts": lambda counts: -counts}, "a word has a count below 0"),
        ({"counts": lambda counts: counts * 0 + 2**62}, "the counts of the words sum up to"),
        ({"words.bytes": lambda text: text * 0 + 97}, "is in the vocabulary twice"),
    ],
)
def test_what_a_file_says_of_its_ids_is_not_believed(
    tmp_path: Path, text: Path, caplog: pytest.LogCaptureFixture, change: Any, message: str
) -> None:
    """Kernels would write beyond their scratch memory in a sentence longer than `longest`."""
    reads(caplog, text, tmp_path / "cache")
    (path,) = (tmp_path / "cache").iterdir()
    whole = path.read_bytes()
    arrays, metadata = safetensors.read(path)
    numbers = json.loads(metadata["corpus"])
    for name, value in change.items():
        if name in arrays:
            arrays[name] = value(arrays[name])
        else:
            numbers[name] = value
    safetensors.write(path, arrays, {**metadata, "corpus": json.dumps(numbers)})
    assert reads(caplog, text, tmp_path / "cache")
    (warning,) = (r.getMessage() for r in caplog.records if r.levelno == logging.WARNING)
    assert "a damaged token file is made again" in warning
    assert path.name in warning
    assert re.search(message, warning)
    assert path.read_bytes() == whole


def test_words_that_are_not_those_of_the_vocabulary(
    tmp_path: Path, text: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Their ids would not be rows of the matrices."""
    vocabulary = Vocabulary.from_scan(scan_files([text], workers=1), min_count=2)
    assert reads(caplog, text, tmp_path / "cache", vocabulary=vocabulary)
    (path,) = (tmp_path / "cache").iterdir()
    arrays, metadata = safetensors.read(path)
    offsets = arrays["words.offsets"]
    arrays["words.offsets"] = np.append(offsets, offsets[-1])
    arrays["counts"] = np.append(arrays["counts"], 1)
    arrays["ids"][0] = len(vocabulary)
    safetensors.write(path, arrays, metadata)
    assert reads(caplog, text, tmp_path / "cache", vocabulary=vocabulary)
    assert "the words are not those of the vocabulary" in caplog.text


def test_damage_is_told_in_full(tmp_path: Path, text: Path) -> None:
    cached(text, tmp_path / "cache")
    (path,) = (tmp_path / "cache").iterdir()
    whole = path.read_bytes()
    file = tokens.TokenFile(path)
    file.verify()
    start = file._start

    damaged = bytearray(whole)
    damaged[start] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(FormatError, match=r"\.tokens: the array 'ids' is damaged"):
        tokens.TokenFile(path).verify()
    path.write_bytes(whole[:-1])
    with pytest.raises(TruncatedFileError, match=r"\.tokens: the file has"):
        tokens.TokenFile(path)
    path.write_bytes(whole.replace(b'"version":"1"', b'"version":"2"'))
    with pytest.raises(FormatError, match="header is damaged"):
        tokens.TokenFile(path)


def test_versions_formats_and_ids_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.tokens"
    numbers = dict.fromkeys(tokens.NUMBERS, 1)

    def make(ids: list[int]) -> None:
        with tokens.create(path, "key") as writer:
            writer.append(np.array(ids, dtype=np.int32))
            writer.finish(["a", "é"], np.array([3, 2]), numbers)

    make([0, 1 + END])
    file = tokens.TokenFile(path)
    assert (file.key, file.words, file.counts.tolist()) == ("key", ["a", "é"], [3, 2])
    assert file.numbers == numbers
    file.verify()
    make([0, 2 + END])
    with pytest.raises(FormatError, match="id 2 has no word"):
        tokens.TokenFile(path).verify()
    monkeypatch.setattr(tokens, "VERSION", 2)
    with pytest.raises(FormatError, match="has version '1' of the format; this is 2"):
        tokens.TokenFile(path)
    monkeypatch.setattr(tokens, "FORMAT", "other")
    with pytest.raises(FormatError, match=r"holds 'fastw2v\.tokens', not 'other'"):
        tokens.TokenFile(path)


def test_the_safetensors_library_reads_it(tmp_path: Path, text: Path) -> None:
    library = pytest.importorskip("safetensors.numpy")
    found = cached(text, tmp_path / "cache")
    (path,) = (tmp_path / "cache").iterdir()
    arrays = library.load_file(path)
    assert arrays["ids"].tolist() == ids_of(found.source)
    assert arrays["counts"].tolist() == found.vocabulary.counts.tolist()
    header = json.loads(path.read_bytes()[8:].split(b"\0")[0][:10_000].split(b"   ")[0])
    key = json.loads(header["__metadata__"]["key"])
    assert key["inputs"][0]["path"] == str(text.resolve())


def test_nothing_is_left_of_a_build_that_fails(tmp_path: Path, text: Path) -> None:
    def fail(done: int, total: int | None) -> None:
        raise ZeroDivisionError

    for memory in ("ram", "bounded"):
        with pytest.raises(ZeroDivisionError):
            cached(text, tmp_path / "cache", memory=memory, progress=fail)
        assert list((tmp_path / "cache").iterdir()) == []
    with (
        pytest.raises(ValueError, match="was not finished"),
        tokens.create(tmp_path / "x.tokens", "key"),
    ):
        pass
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cache", "text"]


def build(text: Path, cache: Path, queue: Any) -> None:
    model = Word2Vec(corpus_file=text, cache_dir=cache, workers=1, vector_size=4, epochs=1)
    queue.put(model.wv.vectors.tobytes())


def test_processes_may_build_the_same_cache_together(tmp_path: Path, text: Path) -> None:
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    processes = [
        context.Process(target=build, args=(text, tmp_path / "cache", queue)) for _ in range(3)
    ]
    for process in processes:
        process.start()
    results = {queue.get(timeout=60) for _ in processes}
    for process in processes:
        process.join()
    assert len(results) == 1
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_directory_that_cannot_be_written_to(
    tmp_path: Path, text: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It serves what it has; the rest is refused before the text is read."""
    cache = tmp_path / "cache"
    assert reads(caplog, text, cache)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != cache)
    assert not reads(caplog, text, cache)
    monkeypatch.setattr("fastw2v.prepare.whole.scan_files", None)
    with pytest.raises(PermissionError, match="token files cannot be written"):
        cached(text, cache, Choice(min_count=3))


def test_what_cannot_be_cached_is_refused(tmp_path: Path, text: Path) -> None:
    with pytest.raises(ValueError, match="cache_dir needs a corpus in files"):
        Word2Vec(corpus(), cache_dir=tmp_path, workers=1)
    with pytest.raises(ValueError, match="cache_dir and trim_rule cannot be combined"):
        Word2Vec(corpus_file=text, cache_dir=tmp_path, trim_rule=lambda *_: 0, workers=1)
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(OSError, match="file"):
        Word2Vec(corpus_file=text, cache_dir=blocked, workers=1)


class DuringTraining:
    """Does something to the cache after the first epoch."""

    def __init__(self, action: Any) -> None:
        self._action = action
        self.n_epochs = 0

    def on_epoch_end(self, _model: Word2Vec) -> None:
        self.n_epochs += 1
        if self.n_epochs == 1:
            self._action()


OPTIONS: dict[str, Any] = {"workers": 1, "vector_size": 4, "min_count": 2, "epochs": 3}


@pytest.mark.parametrize("memory", ["ram", "bounded"])
@pytest.mark.parametrize("ready", [True, False])
def test_a_cache_may_be_deleted_while_it_is_used(
    tmp_path: Path, text: Path, memory: str, ready: bool
) -> None:
    cache = tmp_path / "cache"
    if ready:
        cached(text, cache)
    expected = Word2Vec(corpus_file=text, **OPTIONS).wv.vectors
    hook = DuringTraining(lambda: shutil.rmtree(cache))
    model = Word2Vec(corpus_file=text, cache_dir=cache, memory=memory, callbacks=[hook], **OPTIONS)
    np.testing.assert_array_equal(model.wv.vectors, expected)
    assert hook.n_epochs == 3 and not cache.exists()


@pytest.mark.parametrize("memory", ["ram", "bounded"])
@pytest.mark.parametrize("when", ["before it is opened", "before it is renamed"])
def test_a_cache_may_be_deleted_while_it_is_made(
    tmp_path: Path, text: Path, monkeypatch: pytest.MonkeyPatch, memory: str, when: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    cache = tmp_path / "cache"
    expected = Word2Vec(corpus_file=text, **OPTIONS).wv.vectors
    if when == "before it is opened":
        monkeypatch.setattr(
            "fastw2v.prepare.cache._kept",
            lambda *a, kept=cache_module._kept: (shutil.rmtree(cache), kept(*a))[1],
        )
    else:
        finish = tokens.Writer.finish
        monkeypatch.setattr(
            tokens.Writer, "finish", lambda *a: (finish(*a), shutil.rmtree(cache))[0]
        )
    model = Word2Vec(corpus_file=text, cache_dir=cache, memory=memory, **OPTIONS)
    np.testing.assert_array_equal(model.wv.vectors, expected)
    assert "the encoded corpus cannot be kept in" in caplog.text
    assert not cache.exists()


@pytest.mark.parametrize("memory", ["ram", "bounded"])
def test_a_full_disk_costs_the_cache_only(
    tmp_path: Path, text: Path, memory: str, caplog: pytest.LogCaptureFixture
) -> None:
    expected = Word2Vec(corpus_file=text, **OPTIONS).wv.vectors
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        model = Word2Vec(corpus_file=text, cache_dir=tmp_path / "cache", memory=memory, **OPTIONS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    np.testing.assert_array_equal(model.wv.vectors, expected)
    assert "cannot be kept" in caplog.text and "large" in caplog.text
    assert list((tmp_path / "cache").iterdir()) == []


def test_an_error_of_the_corpus_is_none_of_the_cache(
    tmp_path: Path, text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any, **_named: Any) -> Any:
        raise OSError(5, "the disk of the text is broken")

    monkeypatch.setattr("fastw2v.prepare.cache.measure", fail)
    with pytest.raises(OSError, match="the disk of the text is broken"):
        cached(text, tmp_path / "cache", memory="bounded")


DAMAGES = ["cut", "emptied", "other ids", "other ids of that time", "ids without words", "deleted"]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("shuffle", [0, 1])
def test_a_token_file_that_is_overwritten_in_training(
    tmp_path: Path, text: Path, damage: str, shuffle: int
) -> None:
    """It ended the process: pages of a map disappeared, or words had no rows."""
    cache = tmp_path / "cache"
    cached(text, cache)
    (path,) = cache.iterdir()
    start, n_ids = (lambda file: (file._start, file.n_ids))(tokens.TokenFile(path))
    made = path.stat().st_mtime_ns

    def act() -> None:
        if damage == "deleted":
            path.unlink()
            return
        with path.open("r+b") as file:
            if damage in ("cut", "emptied"):
                file.truncate(start + 100 if damage == "cut" else 0)
                return
            file.seek(start)
            value = 0 if damage.startswith("other ids") else 0x7FFFFFF0
            file.write(np.full(n_ids, value, np.int32).tobytes())
        if damage == "other ids of that time":
            os.utime(path, ns=(made, made))

    def run() -> None:
        Word2Vec(
            corpus_file=text, cache_dir=cache, shuffle=shuffle, **OPTIONS,
            callbacks=[DuringTraining(act)],
        )  # fmt: skip

    if damage == "deleted":
        run()
        return
    with pytest.raises(CorpusError, match=r"overwritten while it was trained on: .*\.tokens"):
        run()


def test_a_token_file_that_is_only_touched_in_training(tmp_path: Path, text: Path) -> None:
    cache = tmp_path / "cache"
    cached(text, cache)
    (path,) = cache.iterdir()
    hook = DuringTraining(lambda: os.utime(path, ns=(1, 1)))
    Word2Vec(corpus_file=text, cache_dir=cache, callbacks=[hook], **OPTIONS)
    assert hook.n_epochs == 3


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Path]:
    """A directory that anybody can enter, as those of pytest are not."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        if not all(path.stat().st_mode & stat.S_IXOTH for path in directory.resolve().parents):
            pytest.skip(f"not everybody can enter {directory.parent}")
        yield directory


@pytest.mark.parametrize("memory", ["ram", "bounded"])
def test_the_ids_of_a_private_text_are_private(
    tmp_path: Path, text: Path, public: Path, memory: str
) -> None:
    moved = shutil.copy(text, public / "text")
    before = os.umask(0o022)
    try:
        cases = ((0o755, 0o644, 0o644), (0o755, 0o640, 0o600), (0o750, 0o644, 0o600))
        for number, (directory, mode, expected) in enumerate(cases):
            moved.chmod(mode)
            public.chmod(directory)
            cached(moved, tmp_path / str(number), memory=memory)
            (path,) = (tmp_path / str(number)).iterdir()
            assert path.stat().st_mode & 0o777 == expected
    finally:
        os.umask(before)


@pytest.mark.parametrize("memory", ["ram", "bounded"])
def test_ids_that_were_damaged_while_they_were_written_are_not_trained_on(
    tmp_path: Path, text: Path, memory: str, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    expected = Word2Vec(corpus_file=text, **OPTIONS).wv.vectors
    finish = tokens.Writer.finish

    def damage(self: tokens.Writer, *given: Any) -> None:
        finish(self, *given)
        self._file.seek(self._reserved)
        self._file.write(bytes(40))

    monkeypatch.setattr(tokens.Writer, "finish", damage)
    model = Word2Vec(corpus_file=text, cache_dir=tmp_path / "cache", memory=memory, **OPTIONS)
    np.testing.assert_array_equal(model.wv.vectors, expected)
    assert "the array 'ids' is damaged" in caplog.text
