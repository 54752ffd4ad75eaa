"""csrc/ without Python: the same dump from every compiler, instruction set and processor."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fastw2v._core import instruction_sets

ROOT = Path(__file__).parents[1]
SOURCES = [*sorted((ROOT / "csrc").glob("*.c")), ROOT / "tests" / "csrc" / "dump.c"]
# The longest compilations first, so that they run side by side.
SOURCES.sort(key=lambda path: path.stem not in ("kernels_avx2", "kernels_avx512"))
FLAGS = ["-std=c11", "-ffp-contract=off", f"-I{ROOT / 'csrc'}"]
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
USABLE = [name for name, runs in instruction_sets().items() if runs]
IS_X86 = platform.machine() in ("x86_64", "AMD64")


def build(tmp_path: Path, compiler: str, *flags: str) -> Path:
    def compiled(source: Path) -> str:
        output = tmp_path / f"{source.stem}.o"
        run(compiler, *FLAGS, *flags, "-c", source, "-o", output)
        return str(output)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(compiled, SOURCES))
    program = tmp_path / "dump"
    run(compiler, *flags, *objects, "-lm", "-o", program)
    return program


def run(*command: str | Path) -> None:
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def dump(*command: str | Path) -> list[str]:
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr}"
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dump program from the machine's own compiler, without a warning if that is gcc."""
    strict = WARNINGS if "Free Software Foundation" in version("cc") else []
    return build(tmp_path_factory.mktemp("dump"), "cc", "-O2", *strict)


def version(compiler: str) -> str:
    return subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def expected(program: Path) -> list[str]:
    """The dump of the fastest kernels of this machine."""
    lines = dump(program, USABLE[0])
    assert len(lines) == 2 * 3 * 6 * 3
    # All differ, but that in skip-gram without noise a block of 32 is a block of 1.
    assert len({line.split("W=")[1] for line in lines}) == len(lines) - 6
    return lines


@pytest.mark.parametrize("isa", USABLE[1:])
def test_other_kernels_dump_the_same(program: Path, expected: list[str], isa: str) -> None:
    assert dump(program, isa) == expected


@pytest.mark.skipif(not shutil.which("clang"), reason="clang is not installed")
def test_clang_builds_dump_the_same(tmp_path: Path, expected: list[str]) -> None:
    program = build(tmp_path, "clang", "-O2")
    assert dump(program, dump(program, "list")[0]) == expected


@pytest.mark.skipif(not IS_X86, reason="AVX-512 is emulated on x86-64 only")
def test_avx512_kernels_dump_the_same(tmp_path: Path, expected: list[str]) -> None:
    """With the instructions spelled out in C, so that it runs on every x86-64 machine."""
    emulation = ["-DW2V_EMULATE_AVX512", f"-I{ROOT / 'tests' / 'csrc' / 'emulated'}"]
    program = build(tmp_path, "cc", "-O1", "-mavx2", "-mfma", *emulation)
    assert dump(program, "avx512") == expected


@pytest.mark.skipif(
    not (shutil.which("aarch64-linux-gnu-gcc") and shutil.which("qemu-aarch64")),
    reason="the aarch64 compiler or emulator is not installed",
)
def test_neon_kernels_dump_the_same(tmp_path: Path, expected: list[str]) -> None:
    program = build(tmp_path, "aarch64-linux-gnu-gcc", "-O2", "-static")
    assert dump("qemu-aarch64", program, "neon") == expected


def test_sanitizers_find_nothing(tmp_path: Path, expected: list[str]) -> None:
    checks = "-fsanitize=address,undefined,float-cast-overflow"
    checked = build(tmp_path, "cc", "-O0", "-g", checks, "-fno-sanitize-recover=all")
    for isa in USABLE:
        # Plain C takes minutes for long rows, and has no cases that short ones do not reach.
        limit = 17 if isa == "scalar" else 300
        assert dump(checked, isa, str(limit)) == [line for line in expected if dim(line) <= limit]


def dim(line: str) -> int:
    return int(line.split("dim=")[1].split()[0])
