"""Run a client's program, on gensim or on fastw2v, and say what Word2Vec took of its time.

    python -m benchmarks.clients.timed gensim|fastw2v|deferred PROGRAM [ARGUMENTS...]

The last line of output is JSON: CPU seconds in the constructor, `build_vocab` and `train` of
`gensim.models.Word2Vec`, whoever that is; and whether it was fastw2v's.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Callable
from typing import Any


class Clock:
    """Adds up the processor time of methods, a method in a method once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.depth = 0

    def around(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return the method, timed."""

        @functools.wraps(method)
        def timed(*arguments: Any, **named: Any) -> Any:
            began = time.process_time()
            self.depth += 1
            try:
                return method(*arguments, **named)
            finally:
                self.depth -= 1
                if self.depth == 0:
                    self.seconds += time.process_time() - began

        return timed


def main(backend: str, program: str, *arguments: str) -> int:
    """Run a program, and print the time."""
    from fastw2v import compat
    from fastw2v.compat.running import run_script, set_path

    set_path(program)
    if backend != "gensim":
        try:
            compat.install()
        except ImportError:
            compat.install_stub(defer=backend == "deferred")

    import gensim.models

    word2vec = gensim.models.Word2Vec
    clock = Clock()
    for name in ("__init__", "build_vocab", "train"):
        setattr(word2vec, name, clock.around(getattr(word2vec, name)))
    if code := run_script(program, arguments):
        return code
    ours = word2vec.__module__.startswith("fastw2v")
    print(json.dumps({"word2vec_seconds": clock.seconds, "fastw2v": ours}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
