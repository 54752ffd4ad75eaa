"""An environment for a client: made once, made anew when what it should hold changes."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.clients.clients import GENSIM, Client
from benchmarks.measure import ROOT


class UnavailableError(Exception):
    """The client cannot be installed here; the message says why."""


def make(client: Client, *, with_gensim: bool, directory: Path) -> Path:
    """Make an environment.

    fastw2v is not installed but found in this working tree, which has to be built.

    Parameters
    ----------
    client : Client
        What to install.
    with_gensim : bool
        Whether to install gensim, too.
    directory : path
        Where environments are.

    Returns
    -------
    path
        Its python.

    Raises
    ------
    UnavailableError
        If something cannot be installed.
    """
    place = directory / f"{client.name}-{'with' if with_gensim else 'without'}-gensim"
    python = place / "bin" / "python"
    needs = [*client.needs, *(GENSIM if with_gensim else ())]
    holds = "\n".join([sys.version, str(ROOT), client.requirement, *needs])
    note = place / "holds.txt"
    if note.exists() and note.read_text(encoding="utf-8") == holds:
        return python
    if place.exists():
        shutil.rmtree(place)
    print(f"making {place}", flush=True)
    venv.create(place, with_pip=True)
    _install(python, *needs)
    _install(python, "--no-deps", client.requirement)
    packages = next((place / "lib").glob("python*")) / "site-packages"
    (packages / "fastw2v-working-tree.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    note.write_text(holds, encoding="utf-8")
    return python


def _install(python: Path, *what: str) -> None:
    done = subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["pip failed"]
        errors = [line for line in lines if line.startswith("ERROR")]
        raise UnavailableError((errors or lines)[-1])
