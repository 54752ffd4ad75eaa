"""What other modules have imported from gensim already.

`from gensim.models import Word2Vec` leaves a name in the module that says it. Such names, and only
they, are replaced: not those inside functions, classes and their bases, default values and
collections, which a module made from the class when it was imported.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from fastw2v.compat.names import INSIDERS


@dataclass(frozen=True)
class Binding:
    """A name in a module that was given another value."""

    module: ModuleType
    name: str
    before: Any
    after: Any

    def undo(self) -> None:
        """Give it back its old value, unless the program has given it a third one."""
        if vars(self.module).get(self.name) is self.after:
            vars(self.module)[self.name] = self.before


def rebind(replacements: dict[int, tuple[Any, Any]]) -> list[Binding]:
    """Replace objects in the names of all modules but gensim's and ours.

    Parameters
    ----------
    replacements : dict of int to (object, object)
        What to replace and what by, under the id of the former.

    Returns
    -------
    list of Binding
        What was done.
    """
    done = []
    for name, module in list(sys.modules.items()):
        if not isinstance(module, ModuleType) or name.partition(".")[0] in INSIDERS:
            continue
        # Only the dictionary is read: some modules import on attribute access.
        for attribute, value in list(vars(module).items()):
            found = replacements.get(id(value))
            if found is not None and found[0] is value:
                vars(module)[attribute] = found[1]
                done.append(Binding(module, attribute, *found))
    return done
