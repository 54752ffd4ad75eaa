"""Build the compiled modules: each is one .pyx file, and `_core` also holds the C kernels.

One build runs on every machine of an architecture: the kernels for all instruction sets are
compiled in, and `csrc/dispatch.c` chooses at run time. Two switches for developers:

FASTW2V_DEBUG=1     assertions on, no optimisation, symbols
FASTW2V_SANITIZE=1  address and undefined-behaviour sanitizers (see the Makefile)
"""

import os
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup

DEBUG = os.environ.get("FASTW2V_DEBUG") == "1"
SANITIZE = os.environ.get("FASTW2V_SANITIZE") == "1"

# Bit-identity between instruction sets rests on -ffp-contract=off: a multiplication and an
# addition are fused where the source says so, and nowhere else.
CFLAGS = ["-std=c11", "-ffp-contract=off", "-fno-math-errno", "-fno-strict-aliasing"]
CFLAGS += ["-O0", "-g", "-UNDEBUG"] if DEBUG else ["-O3", "-DNDEBUG"]
LDFLAGS = []
if SANITIZE:
    flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"]
    CFLAGS += flags
    LDFLAGS += flags

KERNELS = ["scalar", "avx2", "avx512", "neon"]


def extension(name, *c_sources):
    """One compiled module: `fastw2v.corpus._scan` is built from `fastw2v/corpus/_scan.pyx`."""
    return Extension(
        name,
        sources=[name.replace(".", "/") + ".pyx", *c_sources],
        include_dirs=["csrc", numpy.get_include()],
        depends=[str(path) for path in sorted(Path("csrc").glob("*.h"))],
        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_1_7_API_VERSION")],
        extra_compile_args=CFLAGS,
        extra_link_args=LDFLAGS,
    )


setup(
    ext_modules=cythonize(
        [
            extension(
                "fastw2v._core",
                "csrc/dispatch.c",
                "csrc/schedule.c",
                *(f"csrc/kernels_{isa}.c" for isa in KERNELS),
            ),
            extension("fastw2v._probe", "csrc/schedule.c"),
            extension("fastw2v._tables"),
            extension("fastw2v.corpus._scan", "csrc/scan.c"),
            extension("fastw2v.corpus._clean", "csrc/clean.c"),
            extension("fastw2v.corpus._ints", "csrc/ints.c"),
            extension("fastw2v.phrases._pairs", "csrc/phrases.c", "csrc/scan.c"),
            extension("fastw2v.formats._vecfile", "csrc/vecfile.c"),
            extension("fastw2v.keyedvectors._rows", "csrc/rows.c"),
        ],
        include_path=["fastw2v"],
        build_dir="build/cython",
        language_level=3,
        compiler_directives={
            "boundscheck": DEBUG,
            "wraparound": False,
            "cdivision": True,
            "initializedcheck": False,
            "embedsignature": True,
            "freethreading_compatible": True,
        },
    ),
)
