"""Build the compiled modules: each is one .pyx file, linked with the C code that it calls.

One build runs on every machine of an architecture: the kernels for all instruction sets are
compiled in, and `csrc/dispatch.c` chooses at run time. Two switches for developers:

FASTW2V_DEBUG=1     assertions on, no optimisation, symbols
FASTW2V_SANITIZE=1  address and undefined-behaviour sanitizers (see the Makefile)
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

DEBUG = os.environ.get("FASTW2V_DEBUG") == "1"
SANITIZE = os.environ.get("FASTW2V_SANITIZE") == "1"

KERNELS = ["kernels_scalar", "kernels_avx2", "kernels_avx512", "kernels_neon"]
MODULES = {
    "_core": [*KERNELS, "dispatch", "schedule", "tables", "weights"],
    "_probe": ["schedule"],
    "corpus._clean": ["clean"],
    "corpus._ints": ["ints"],
    "corpus._scan": ["scan"],
    "formats._vecfile": ["vecfile"],
    "keyedvectors._rows": ["rows"],
    "phrases._pairs": ["phrases", "scan"],
}
"""Modules of fastw2v, and the files of csrc/ that each is linked with."""

SHARED = "fastw2v._cyutility"
"""Cython's helper code, which all modules import: in each of them it would be a megabyte."""

# Bit-identity between instruction sets rests on -ffp-contract=off: a multiplication and an
# addition are fused where the source says so, and nowhere else.
CFLAGS = ["-std=c11", "-ffp-contract=off", "-fno-math-errno", "-fno-strict-aliasing"]
CFLAGS += ["-g", "-UNDEBUG"] if DEBUG else ["-g0", "-DNDEBUG"]
LDFLAGS = []
if SANITIZE:
    flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"]
    CFLAGS += flags
    LDFLAGS += flags
# Of two such options the last one counts. What Cython writes gains nothing from -O3.
OURS, GENERATED = (["-O0"], ["-O0"]) if DEBUG else (["-O3"], ["-O2"])

HEADERS = sorted(map(str, Path("csrc").glob("*.h")))


class Build(build_ext):
    """Compiles each C file once, and as many files at a time as there are cores.

    `build_ext --parallel` would not do: of a C file in two modules it writes one object file twice,
    perhaps at the same time.
    """

    def build_extensions(self):
        """Compile and link."""
        names = dict.fromkeys(name for used in MODULES.values() for name in used)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            objects = dict(zip(names, pool.map(self.compiled, names), strict=True))
            for extension in self.extensions:
                used = MODULES.get(extension.name.partition(".")[2], [])
                extension.extra_objects = [objects[name] for name in used]
                extension.depends += extension.extra_objects
            list(pool.map(self.build_extension, self.extensions))

    def compiled(self, name):
        """Return the object of a C file, compiled unless it is newer than that and all headers."""
        source = f"csrc/{name}.c"
        (target,) = self.compiler.object_filenames([source], output_dir=self.build_temp)
        changed = max(Path(file).stat().st_mtime for file in (source, "setup.py", *HEADERS))
        if self.force or not Path(target).exists() or Path(target).stat().st_mtime < changed:
            arguments = CFLAGS + OURS
            self.compiler.compile([source], self.build_temp, extra_postargs=arguments)
        return target


def extension(name, source):
    """Return a compiled module."""
    return Extension(
        name,
        [source],
        include_dirs=["csrc"],
        depends=[*HEADERS],
        extra_compile_args=CFLAGS + GENERATED,
        extra_link_args=LDFLAGS,
    )


setup(
    cmdclass={"build_ext": Build},
    ext_modules=cythonize(
        [
            *(
                extension(f"fastw2v.{name}", f"fastw2v/{name.replace('.', '/')}.pyx")
                for name in MODULES
            ),
            extension(SHARED, f"{SHARED.replace('.', '/')}.c"),
        ],
        shared_utility_qualified_name=SHARED,
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
