#!/bin/sh
# Build the fuzzer with clang and run it: tests/fuzz/run.sh [SECONDS] [CORPUS]
# New inputs go to build/fuzz/corpus, or the directory given; tests/fuzz/corpus is only read.
set -e
cd "$(dirname "$0")/../.."
seconds=${1:-60}
found=${2:-build/fuzz/corpus}
python=${PYTHON:-python3}
mkdir -p "$found" build/fuzz
include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
library=$("$python" -c 'import sysconfig; print(sysconfig.get_config_var("LIBDIR"))')
name=$("$python" -c 'import sysconfig; print(sysconfig.get_config_var("LDVERSION"))')
${CLANG:-clang} -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
    -I csrc -I "$include" tests/fuzz/fuzz_text.c csrc/scan.c csrc/clean.c \
    -L "$library" -Wl,-rpath,"$library" -lpython"$name" -o build/fuzz/fuzz_text
# Python keeps memory to the end, which is no leak.
PYTHONPATH=$("$python" -c 'import sys; print(":".join(["."] + [p for p in sys.path if p]))') \
ASAN_OPTIONS=detect_leaks=0 exec build/fuzz/fuzz_text \
    -max_total_time="$seconds" -max_len=512 -artifact_prefix=build/fuzz/ -print_final_stats=1 "$found" tests/fuzz/corpus
