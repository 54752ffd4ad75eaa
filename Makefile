# Thin names for the real commands. `make demo` and `make test` set everything up by themselves.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SYSTEM := python3-venv python3-dev gcc
# The suite uses these where they are there; see README.md.
EXTRA  := gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user g++
# For the benchmarks: TEXT=file EVALUATION=directory RIVALS="--rival koan=path" ARGUMENTS="--seeds 1"
BENCH  = $(BIN)/python -m benchmarks $(if $(TEXT),--text $(TEXT)) \
         $(if $(EVALUATION),--evaluation $(EVALUATION)) $(RIVALS) $(ARGUMENTS)

.PHONY: demo test gensim-tests bench bench-full bench-clients build lint format sanitize fuzz \
        fuzz-files clean system

demo: build
	$(BIN)/fastw2v demo -d build/demo

test: $(BIN)/.tools
	$(BIN)/python -m pytest

# gensim's own tests against fastw2v; those that depend on chance five times.
gensim-tests: $(BIN)/.tools
	$(BIN)/python -m tests.gensim_suite --rounds 5 $(ARGUMENTS)

bench: $(BIN)/.bench
	$(BENCH)

bench-full: $(BIN)/.bench
	$(BENCH) --full

# Libraries that use gensim, run on fastw2v; see benchmarks/clients/README.md.
bench-clients: build
	$(BIN)/python -m benchmarks.clients

build: $(BIN)/.built

# Rebuilt when a source of the compiled modules or the list of dependencies changes.
$(BIN)/.built: setup.py pyproject.toml $(wildcard csrc/* fastw2v/*.p[xy][xd] fastw2v/*/*.p[xy][xd])
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

# What the suite needs: pytest, linters, and libraries to compare with.
$(BIN)/.tools: $(BIN)/.built
	$(BIN)/python -m pip install --quiet --group test
	touch $@

# fastText comes as source in C++; without a compiler for it the other rivals are still measured.
$(BIN)/.bench: $(BIN)/.built
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python -m pip install --quiet --group bench-fasttext || \
	  echo "fastText could not be built (it needs g++): its rows will be missing"
	touch $@

lint: $(BIN)/.tools
	$(BIN)/python -m pytest tests/test_repo.py

format: $(BIN)/.tools
	$(BIN)/ruff format fastw2v tests benchmarks examples setup.py
	$(BIN)/clang-format -i csrc/*.[ch] tests/csrc/*.c tests/fuzz/*.c

# The C code alone, under the address and undefined-behaviour sanitizers (also part of the suite).
sanitize: $(BIN)/.tools
	$(BIN)/python -m pytest tests/test_csrc.py -k sanitizers

# Damaged files first; then the tokeniser against Python's own splitting, for SECONDS; needs clang
# with libFuzzer.
fuzz: fuzz-files
	PYTHON=$(BIN)/python tests/fuzz/run.sh $(or $(SECONDS),60)

# Damaged files of every format, for SECONDS; what it finds is a line for tests/fuzz/files.jsonl.
fuzz-files: $(BIN)/.tools
	$(BIN)/python -m tests.fuzz.hunt $(or $(SECONDS),60)

clean:
	rm -rf build $(VENV) *.egg-info fastw2v/*.so fastw2v/*/*.so

# System packages, for a Debian or Ubuntu machine that lacks them.
system:
	apt-get update -q
	apt-get install -q -y $(SYSTEM) $(EXTRA)
