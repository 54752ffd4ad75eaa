"""Ctrl-C gets out of every phase at once, and leaves no thread behind that still works."""

from __future__ import annotations

import contextlib
import gzip
import os
import random
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import Word2Vec
from fastw2v.corpus import scan_files
from fastw2v.corpus.inputs import Input
from fastw2v.crew import Channel, ClosedError, Crew, Flag, run
from fastw2v.errors import ThreadError
from fastw2v.formats.atomic import atomic_write
from fastw2v.memory import enough_for, fewer_workers
from tests.test_word2vec import write


def alive() -> list[str]:
    """Threads of ours; one whose `start` was interrupted has nothing to do, and a moment for it."""
    until = time.monotonic() + 1
    while True:
        found = [t.name for t in threading.enumerate() if t.name.startswith("fastw2v")]
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.001)


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    yield
    assert not alive()


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = random.Random(0)
    words = [f"w{i}" for i in range(3000)]
    sentences = [rng.choices(words, k=20) for _ in range(5_000)]
    return write(tmp_path_factory.mktemp("text") / "text", sentences)


class Interruption:
    """Sends the main thread SIGINT some seconds after `begin`, as a terminal would.

    And again every few seconds, as a person would: Python drops what a signal handler raises in a
    callback of its garbage collector.
    """

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._begun = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        self._begun.wait()
        time.sleep(self._delay)
        main = threading.main_thread().ident
        assert main is not None
        while not self._over.is_set():
            signal.pthread_kill(main, signal.SIGINT)
            self._over.wait(5)

    def begin(self, *_anything: object) -> None:
        self._begun.set()

    on_epoch_begin = begin

    def of(self, function: Callable[[], object]) -> None:
        """Interrupt a function that would go on for ever."""
        try:
            with pytest.raises(KeyboardInterrupt):
                self._thread.start()
                function()
        finally:
            self._over.set()
            self.begin()
            self._thread.join()


def test_a_crew_waits_for_a_thread_that_python_takes_for_finished(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As it does before 3.13 when Ctrl-C gets into `is_alive` or `join`."""
    monkeypatch.setattr(threading.Thread, "is_alive", lambda _self: False)
    ended: list[int] = []

    def body(_rank: int, stop: Flag) -> None:
        while not stop.is_set():
            time.sleep(0.001)
        time.sleep(0.2)
        ended.append(1)

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(body, 1, tick=interrupt)
    assert ended


# Ctrl-C between the opening of a file and its `with` leaves closing it to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("memory", ["ram", "bounded", "cache"])
def test_no_worker_survives_ctrl_c(text: Path, tmp_path: Path, memory: str) -> None:
    """The first half of the runs is interrupted while the text is read, if that is not over."""
    rng = random.Random(memory)
    where = {"cache_dir": tmp_path} if memory == "cache" else {"memory": memory}
    for turn in range(24):
        model = Word2Vec(vector_size=20, sg=1, workers=1 + turn % 8, epochs=10**6, **where)
        interruption = Interruption(rng.uniform(0, 0.05))
        if turn < 12:
            interruption.begin()
        interruption.of(lambda m=model, i=interruption: m.fit(corpus_file=text, callbacks=[i]))  # type: ignore[misc]
        if not len(model.wv.vectors):
            assert not alive()
            continue
        before = model.wv.vectors.copy()
        time.sleep(0.02)
        np.testing.assert_array_equal(model.wv.vectors, before)
        path = tmp_path / "model"
        model.save(path)
        np.testing.assert_array_equal(Word2Vec.load(path).wv.vectors, before)


def test_no_worker_of_a_subclass_survives_ctrl_c(text: Path) -> None:
    class Jobs(Word2Vec):
        def _do_train_job(self, *arguments: Any) -> tuple[int, int]:
            return super()._do_train_job(*arguments)

    class Epochs(Word2Vec):
        def _do_train_epoch(self, *arguments: Any, **named: Any) -> tuple[int, int, int]:
            return super()._do_train_epoch(*arguments, **named)

    sentences = [line.split() for line in text.read_text(encoding="utf-8").splitlines()]
    for kind, corpus in ((Jobs, {"corpus_iterable": sentences}), (Epochs, {"corpus_file": text})):
        for turn in range(6):
            model = kind(vector_size=20, workers=1 + turn, batch_words=500)
            model.build_vocab(**corpus)  # type: ignore[arg-type]
            interruption = Interruption(0.02 + 0.02 * turn)
            total = model.corpus_total_words
            interruption.of(
                lambda m=model, c=corpus, n=total, i=interruption: m.train(  # type: ignore[misc]
                    **c, total_words=n, epochs=10**6, callbacks=[i]
                )
            )
            before = model.wv.vectors.copy()
            time.sleep(0.02)
            np.testing.assert_array_equal(model.wv.vectors, before)


def test_a_write_that_is_interrupted_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write_for_ever() -> None:
        with atomic_write(path) as file:
            interruption.begin()
            while True:
                file.write(b"new" * 1000)

    for _ in range(5):
        interruption = Interruption(0.01)
        interruption.of(write_for_ever)
        assert path.read_bytes() == b"old"
        assert os.listdir(tmp_path) == ["file"]  # noqa: PTH208


def test_signals_wait_for_threads_that_are_about_to_end() -> None:
    """Ctrl-C held down: every one comes while the bodies return, which takes some time."""
    ended: list[int] = []
    main = threading.main_thread().ident
    assert main is not None

    def body(rank: int, stop: Flag) -> None:
        while not stop.is_set():
            time.sleep(0.001)
        for _ in range(10):
            time.sleep(0.005)
            signal.pthread_kill(main, signal.SIGINT)
        ended.append(rank)

    def tick() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(body, 4, tick)
    assert sorted(ended) == [0, 1, 2, 3]


def test_the_first_failure_ends_all_and_is_raised() -> None:
    def body(rank: int, stop: Flag) -> None:
        if rank == 2:
            raise ZeroDivisionError
        while not stop.is_set():
            time.sleep(0.001)
        raise AssertionError  # comes later

    with pytest.raises(ZeroDivisionError):
        run(body, 4)


def test_a_crew_that_cannot_start_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    flag, begun = Flag(), []

    def body() -> None:
        begun.append(threading.current_thread().name)
        while not flag.is_set():
            time.sleep(0.001)

    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "fastw2v-3":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    crew = Crew([body] * 6, flag.set)
    with pytest.raises(
        ThreadError, match=r"thread 4 of 6 \(can't start new thread\); what helps: higher limits"
    ):
        crew.start()
    assert set(begun) <= {"fastw2v-0", "fastw2v-1", "fastw2v-2"}
    for workers, advice in ((6, ", fewer workers"), (1, "")):
        with (
            pytest.raises(ThreadError, match=rf"\(ulimit -u, -v\){advice}$"),
            enough_for("to train", *fewer_workers(workers)),
        ):
            Crew([body] * 6, flag.set).start()


def test_a_thread_that_starts_too_late_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where Ctrl-C comes within `Thread.start`: nobody knows whether the thread will run."""
    late: list[threading.Thread] = []
    monkeypatch.setattr(threading.Thread, "start", lambda thread: late.append(thread))
    crew = Crew([lambda: pytest.fail("it ran")], lambda: None)
    with pytest.raises(ThreadError, match=r"thread 1 of 1 \(it did not begin within 10 seconds\)"):
        crew.start()
    late[0].run()


def test_a_thread_that_dies_before_its_first_call_is_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As where there is no memory for it: nobody would ever hear of it."""

    def run(thread: threading.Thread) -> None:
        if thread.name != "fastw2v-1":
            bodies[0]()

    flag = Flag()
    bodies = [lambda: [time.sleep(0.001) for _ in iter(flag.is_set, True)]] * 3
    monkeypatch.setattr(threading.Thread, "run", run)
    with (
        pytest.raises(ThreadError, match="thread 2 of 3 has died"),
        Crew(bodies, flag.set) as crew,
    ):
        crew.wait()


def test_limited_address_space_is_not_reserved_for_threads(text: Path, tmp_path: Path) -> None:
    """glibc would take 64 MiB for each of them."""
    limit = 440 << 20
    command = [sys.executable, "-m", "fastw2v", "train", text, "-o", tmp_path / "out", "-q"]
    root = str(Path(__file__).parents[1])
    done = subprocess.run(
        [*map(str, command), "--workers", "12"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": root},
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_too_little_memory_is_one_line(text: Path, tmp_path: Path) -> None:
    script = (
        "import resource, sys; from fastw2v.cli import main; "
        "from fastw2v import Word2Vec, memory; used = memory._address_space; "
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 40,) * 2); left = (1 << 40) - used(); "
        "resource.setrlimit(resource.RLIMIT_AS, (left + (60 << 20),) * 2); "
        "sys.exit(main(sys.argv[1:]))"
    )
    arguments = ["train", text, "-o", tmp_path / "out", "--vector_size", "100000", "-q"]
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)], capture_output=True, text=True,
        cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert re.search(
        r"not enough memory for the vectors of [\d,]+ words of 100,000 dimensions \(for [\d.]+ "
        r"[GM]iB more, \d+ MiB are left\); what helps: a smaller --vector_size, "
        r"a larger --min_count, a higher limit on the memory of the process \(ulimit -v\)$",
        line,
    ), line


def test_a_channel_hands_on_in_order_and_ends_all_waiting() -> None:
    channel: Channel[int] = Channel(2)
    got: list[int] = []

    def put(_rank: int, _stop: Flag) -> None:
        for item in range(100):
            channel.put(item)
        with pytest.raises(ClosedError):
            for item in range(100):
                channel.put(item)

    def tick() -> None:
        while len(got) < 100:
            got.append(channel.get())
        channel.close()

    run(put, 1, tick)
    assert got == list(range(100))
    with pytest.raises(ClosedError):
        channel.get()


@pytest.mark.parametrize("kind", ["fifo", "fifo without a writer", "pipe", "gzip"])
def test_silent_inputs_can_be_interrupted(tmp_path: Path, kind: str) -> None:
    said = b"some words\n" * 10_000
    if kind == "gzip":
        said = gzip.compress(said)
    with contextlib.ExitStack() as files:
        if kind.startswith("fifo"):
            path = tmp_path / "fifo"
            os.mkfifo(path)
            source: Any = path
            if kind == "fifo":
                writer = os.open(path, os.O_RDWR)
                files.enter_context(os.fdopen(writer, "wb", buffering=0))
                os.write(writer, b"some words\n")
        else:
            reading, writing = os.pipe()
            source = files.enter_context(os.fdopen(reading, "rb"))
            files.enter_context(os.fdopen(writing, "wb", buffering=0))
            os.set_blocking(writing, False)
            os.write(writing, said[:60_000])
        for workers in (1, 4):
            interruption = Interruption(0.1)
            interruption.begin()
            began = time.monotonic()
            interruption.of(lambda n=workers: scan_files([source], workers=n))  # type: ignore[misc]
            assert time.monotonic() - began < 5
            if kind == "gzip":  # what was read is gone, and the rest is none
                break


def test_what_was_buffered_of_a_pipe_is_read() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"first line\nsecond line\n")
    with os.fdopen(reading, "rb") as file:
        assert file.readline() == b"first line\n"
        os.write(writing, b"third")
        os.close(writing)
        scan = scan_files([file], workers=2)
    assert scan.keys(range(3)) == ["second", "line", "third"]


def test_a_fifo_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)

    def write_slowly() -> None:
        with path.open("wb", buffering=0) as file:
            for _ in range(5):
                file.write(b"a b c\n")
                time.sleep(0.03)

    writer = threading.Thread(target=write_slowly)
    writer.start()
    assert scan_files([Input("fifo", path)], workers=2).n_tokens == 15
    writer.join()
