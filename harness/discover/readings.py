"""What came of reading a function, so that one that many places call is not read again and again.

Knows nothing of how functions are read.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable

from harness.discover.values import Const, Data, Function, Opaque, Seq, Table, Text, Value

_OFTEN = 4  # readings of one function after which what came of them counts
_MOST = 40  # readings of one function


class Readings:
    """The readings of functions made for one node."""

    def __init__(self) -> None:
        self._counts: Counter[ast.AST] = Counter()
        self._known: dict[object, Value] = {}
        self._latest: dict[ast.AST, Value] = {}
        self._fruitful: set[ast.AST] = set()  # read to some effect

    def read(self, function: Function, key: object, now: Callable[[], Value], effects: Callable[[], int]) -> Value:
        """What ``now`` gives, or what came of earlier readings where another one would tell nothing new.

        ``key`` stands for the arguments; ``effects`` counts what readings have noted elsewhere.
        """
        node = function.node
        self._counts[node] += 1
        if self._counts[node] > _OFTEN:
            if (node, key) in self._known:
                return self._known[node, key]
            if node not in self._fruitful or self._counts[node] > _MOST:
                return self._latest.get(node, (Data(),))
        before = effects()
        result = now()
        if effects() > before or _worth(result) or function.name == "__init__":  # each fills another object
            self._fruitful.add(node)
        self._known[node, key] = self._latest[node] = result
        return result


def _worth(value: Value, depth: int = 3) -> bool:
    """Whether other arguments may give another text, model or object."""
    for atom in value:
        if isinstance(atom, Seq | Table):
            inner = atom.items if isinstance(atom, Seq) else [*atom.entries.values(), atom.rest]
            if depth and any(_worth(item, depth - 1) for item in inner):
                return True
        elif isinstance(atom, Text):
            if atom.fragments or atom.embedded:
                return True
        elif not isinstance(atom, Data | Opaque | Const):
            return True
    return False
