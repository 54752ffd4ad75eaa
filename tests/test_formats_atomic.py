"""The old file or the new one, whatever happens between."""

import os
import re
import resource
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from fastw2v.formats.atomic import atomic_write, check_target, temporary
from fastw2v.keyedvectors import KeyedVectors


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def replace(path, content=b"new", **options):
    with atomic_write(path, **options) as file:
        file.write(content)


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_new_file_has_the_permissions_that_open_gives(tmp_path, umask):
    before = os.umask(umask)
    try:
        replace(tmp_path / "ours")
        (tmp_path / "theirs").write_bytes(b"")
    finally:
        os.umask(before)
    assert (tmp_path / "ours").read_bytes() == b"new"
    assert mode(tmp_path / "ours") == mode(tmp_path / "theirs") == 0o666 & ~umask
    assert names(tmp_path) == ["ours", "theirs"]


def test_replaced_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"old")
    path.chmod(0o640)
    inode = path.stat().st_ino
    replace(path)
    assert path.read_bytes() == b"new"
    assert mode(path) == 0o640
    assert path.stat().st_ino != inode


def test_old_content_is_there_until_the_end(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"old")
    with atomic_write(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("exception", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
@pytest.mark.parametrize("old", [b"old", None])
def test_an_exception_leaves_the_old_bytes_and_no_temporary(tmp_path, exception, old):
    path = tmp_path / "f"
    if old is not None:
        path.write_bytes(old)

    def fail():
        with atomic_write(path) as file:
            file.write(b"x" * 100_000)
            raise exception

    with pytest.raises(exception):
        fail()
    assert names(tmp_path) == ([] if old is None else ["f"])
    assert old is None or path.read_bytes() == old


def test_full_disk_leaves_the_old_bytes(tmp_path):
    """A limit on the size of files fails at the same calls as a full disk does."""
    path = tmp_path / "f"
    path.write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        # The last content fits into the buffer, so that only the final flush fails.
        for content in (b"x" * 1_000_000, b"x" * 10_001):
            with pytest.raises(OSError, match="large"):
                replace(path, content)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["f"]


def test_symbolic_links_stay(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "target", tmp_path / "link"
    link.symlink_to(target)
    replace(link, b"made through a dangling link")
    assert target.read_bytes() == b"made through a dangling link"
    replace(link)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert names(tmp_path / "elsewhere") == ["target"]


def test_append(tmp_path):
    path = tmp_path / "f"
    replace(path, b"one", append=True)
    replace(path, b"two", append=True)
    assert path.read_bytes() == b"onetwo"


def test_what_open_refuses_is_refused(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="missing"):
        replace(tmp_path / "missing" / "f")
    with pytest.raises(IsADirectoryError):
        replace(tmp_path)
    path = tmp_path / "f"
    path.write_bytes(b"old")
    # Permissions do not stop the superuser, who may run the tests.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(PermissionError, match="f"):
        replace(path)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["f"]


def test_targets_are_checked_without_touching_them(tmp_path, monkeypatch):
    path = tmp_path / "f"
    for good in (path, tmp_path / "new", Path("/dev/null"), Path("/dev/stdout")):
        check_target(good)
    path.write_bytes(b"old")
    check_target(path)
    (tmp_path / "dangling").symlink_to("nowhere/f")
    (tmp_path / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
    for bad in ("dangling", "loop", "socket", "missing/f", ".", "x" * 300):
        for function in (check_target, replace):
            with pytest.raises(OSError, match=re.escape(str(tmp_path))):
                function(tmp_path / bad)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(PermissionError, match="f"):
        check_target(path)
    assert names(tmp_path) == ["dangling", "f", "loop", "socket"]
    assert path.read_bytes() == b"old"


def test_long_names(tmp_path):
    path = tmp_path / ("\N{GREEK SMALL LETTER ALPHA}" * 127)
    replace(path)
    assert path.read_bytes() == b"new"


def test_devices_and_pipes_are_written_directly(tmp_path):
    replace(Path("/dev/null"))
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
    reader.start()
    replace(pipe)
    reader.join()
    assert received == [b"new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


PRINTING = """
import os
from fastw2v.formats.atomic import atomic_write, check_target, temporary
with atomic_write("/dev/stdout") as file:
    file.write(b"body ")
os.write(1, b"tail")
"""


def test_standard_output(tmp_path):
    command = [sys.executable, "-c", PRINTING]
    assert subprocess.run(command, check=True, capture_output=True).stdout == b"body tail"
    path = tmp_path / "redirected"
    path.write_bytes(b"head ")
    with path.open("ab") as file:
        subprocess.run(command, check=True, stdout=file)
    assert path.read_bytes() == b"head body tail"


SAVING = """
import sys, numpy as np
from fastw2v.keyedvectors import KeyedVectors
path, binary = sys.argv[1], sys.argv[2] == "binary"
keys = [f"w{i}" for i in range(1500)]
tables = [KeyedVectors.from_arrays(keys, np.full((1500, 100), v, np.float32)) for v in (1, 2)]
while True:
    for table in tables:
        table.save_word2vec_format(path, binary=binary)
        print("saved", flush=True)
"""


@pytest.mark.parametrize("kind", ["text", "binary"])
def test_a_killed_process_leaves_a_complete_file(tmp_path, kind):
    path = tmp_path / "vectors"
    delays = [0.001, 0.012, 0.03]
    for delay in delays:
        command = [sys.executable, "-c", SAVING, str(path), kind]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout.readline() == b"saved\n"
            threading.Event().wait(delay)
            process.kill()
        loaded = KeyedVectors.load_word2vec_format(path, binary=kind == "binary")
        assert loaded.index_to_key == [f"w{i}" for i in range(1500)]
        value = loaded.vectors[0, 0]
        assert value in (1, 2)
        np.testing.assert_array_equal(loaded.vectors, value)
    # What a killed process leaves behind is hidden, and the next one that writes removes it.
    left = [name for name in names(tmp_path) if name != "vectors"]
    assert len(left) <= 1
    assert all(name.startswith(".vectors.") and name.endswith(".tmp") for name in left)
    replace(path)
    assert names(tmp_path) == ["vectors"]


HOLDING = """
import sys
from fastw2v.formats.atomic import atomic_write
with atomic_write(sys.argv[1]) as file:
    file.write(b"of another process")
    file.flush()
    print("written", flush=True)
    sys.stdin.read()
"""


def test_temporaries_of_the_living_are_left_alone(tmp_path):
    path = tmp_path / "f"
    command = [sys.executable, "-c", HOLDING, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"written\n"
        replace(path)
        assert len(names(tmp_path)) == 2
        process.stdin.close()
        assert process.wait() == 0
    assert path.read_bytes() == b"of another process"
    assert names(tmp_path) == ["f"]


def test_only_temporaries_of_the_same_file_and_machine_are_removed(tmp_path):
    with temporary(tmp_path / "f") as (_, path):
        pass
    prefix = path.name[:-8]  # up to the random part
    others = [
        f"{prefix}0000.tmp.txt", f"{prefix}00000.tmp", f"{prefix}zzzz.tmp",
        f"{prefix[:-4]}{'0000' if prefix[-4:] != '0000' else '1111'}0000.tmp", ".g.00000000.tmp",
    ]  # fmt: skip
    for name in (*others, f"{prefix}0000.tmp"):
        (tmp_path / name).touch()
    replace(tmp_path / "f")
    assert names(tmp_path) == sorted(["f", *others])
    # The machine may be gone for good, as a container is.
    for name in others:
        os.utime(tmp_path / name, (0, 0))
    replace(tmp_path / "f")
    assert names(tmp_path) == sorted(["f", *others[:3], others[4]])


@pytest.mark.parametrize("append", [False, True])
def test_what_replaces_a_private_file_is_private_all_the_time(tmp_path, append):
    path = tmp_path / "f"
    path.write_bytes(b"secret")
    path.chmod(0o600)
    before = os.umask(0)
    try:
        with atomic_write(path, append=append) as file:
            file.write(b"another secret")
            (hidden,) = [name for name in names(tmp_path) if name != "f"]
            assert mode(tmp_path / hidden) == 0o600
        replace(tmp_path / "g", private=True)
    finally:
        os.umask(before)
    assert mode(path) == mode(tmp_path / "g") == 0o600


def test_a_group_that_cannot_be_kept_gets_no_more_than_all_others(tmp_path, monkeypatch):
    path = tmp_path / "f"
    path.write_bytes(b"old")
    path.chmod(0o664)

    def refuse(*_arguments):
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refuse)
    replace(path)
    assert mode(path) == 0o644
    path.chmod(0o640)
    replace(path)
    assert mode(path) == 0o600
