"""`python -m fastw2v.compat SCRIPT [ARGUMENTS...]`: run a program that uses gensim on fastw2v."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence

from fastw2v.compat.running import NothingToRunError, run_module, run_script, set_path

USAGE = """\
usage: python -m fastw2v.compat [--legacy] [--stub] [--defer] SCRIPT [ARGUMENTS...]
       python -m fastw2v.compat [--legacy] [--stub] [--defer] -m MODULE [ARGUMENTS...]

Run a program as python does, with gensim's Word2Vec, KeyedVectors and Phrases being fastw2v's.
Where gensim is not installed, a stand-in answers `import gensim`.

  --legacy  also the names of gensim 3: size=, iter=, wv.vocab, model["word"], ...
  --stub    the stand-in although gensim is installed
  --defer   let the program import what the stand-in lacks; it fails when it is used
  -h        this text
"""
OPTIONS = ("--legacy", "--stub", "--defer")


def main(argv: Sequence[str]) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str
        Arguments without the program's name.

    Returns
    -------
    int
        The exit code: the program's own, or 2 if there is none to run.
    """
    rest = list(argv)
    chosen = set()
    while rest and rest[0] in OPTIONS:
        chosen.add(rest.pop(0))
    if rest and rest[0] in ("-h", "--help"):
        print(USAGE, end="")
        return 0
    module = rest[:1] == ["-m"]
    rest = rest[module:]
    if not rest or (not module and rest[0].startswith("-")):
        print(USAGE, end="", file=sys.stderr)
        return 2
    try:
        if not module:
            set_path(rest[0])
        _install("--stub" in chosen, "--legacy" in chosen, "--defer" in chosen)
        return (run_module if module else run_script)(rest[0], rest[1:])
    except NothingToRunError as error:
        print(f"python -m fastw2v.compat: {error}", file=sys.stderr)
        return 2


def _install(stub: bool, legacy: bool, defer: bool) -> None:
    from fastw2v.compat import install, install_stub

    if not stub:
        with contextlib.suppress(ImportError):
            install(legacy=legacy)
            return
    # Forced, for a gensim that is there but does not work with what else is installed.
    install_stub(legacy=legacy, defer=defer, force=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
