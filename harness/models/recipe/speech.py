"""A tiny grammar: `[a|b|c]` picks one branch (nesting allowed, branches may be empty), `<name>` is filled from a table.

One pattern with four groups of four branches is 256 wordings, so that a function of a prompt ("answer with the label
only") is learnt as a function and not as a phrase. Every expansion belongs to exactly one of two halves, decided by a
hash of its text before `<slots>` are filled: a `Speaker` for training never says a held-out wording and the other way
round. Combinations are held out, never single words.
"""

import random
import re
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TypeVar

HELD_OUT_SHARE = 5  # one wording in five is kept for measuring
T = TypeVar("T")
Node = str | list["Node"] | tuple["Node", ...]  # text | sequence | choice


def is_held_out(text: str) -> bool:
    """Whether this wording is kept out of training. Depends on nothing but the text (lower case, no outer spaces)."""
    return zlib.crc32(text.strip().lower().encode()) % HELD_OUT_SHARE == 0


@cache
def parse(pattern: str) -> Node:
    """Pattern -> tree: a list is said one after the other, of a tuple one branch is said."""
    stack: list[list[list[Node]]] = [[[]]]
    for piece in re.split(r"([\[\]|])", pattern):
        if piece == "[":
            stack.append([[]])
        elif piece == "|" and len(stack) > 1:
            stack[-1].append([])
        elif piece == "]":
            branches = stack.pop()
            stack[-1][-1].append(tuple(list(branch) for branch in branches))
        elif piece:
            stack[-1][-1].append(piece)
    if len(stack) != 1:
        raise ValueError(f"unbalanced brackets in {pattern!r}")
    return stack[0][0]


def _expand(node: Node, rng: random.Random) -> str:
    if isinstance(node, str):
        return node
    if isinstance(node, tuple):
        return _expand(node[int(rng.random() * len(node))], rng)
    return "".join(_expand(child, rng) for child in node)


class Speaker:
    """Says patterns from one half of their wordings. Owns the only source of randomness of a generator."""

    def __init__(self, rng: random.Random, held_out: bool = False) -> None:
        self.rng = rng
        self.held_out = held_out

    def say(self, patterns: str | Sequence[str]) -> str:
        """One wording of one of the patterns, from this speaker's half; `<slots>` are left as they are.

        Raises LookupError when 200 draws find none: the pattern has too few branches to be split.
        """
        for _ in range(200):
            pattern = patterns if isinstance(patterns, str) else self.pick(patterns)
            text = _expand(parse(pattern), self.rng).strip()
            if is_held_out(text) == self.held_out:
                return text
        raise LookupError(f"no {'held-out' if self.held_out else 'training'} wording of {patterns!r}")

    def free(self, pattern: str) -> str:
        """One wording of a pattern from either half: for noise that carries no meaning, such as greetings."""
        return _expand(parse(pattern), self.rng)

    def fill(self, text: str, table: Mapping[str, Sequence[str]]) -> str:
        """Replace each `<name>` by a random entry of the table (entries may be patterns)."""
        return re.sub(r"<(\w+)>", lambda m: self.free(self.pick(table[m[1]])) if m[1] in table else m[0], text)

    def pick(self, items: Sequence[T]) -> T:
        """A uniformly drawn item."""
        return items[int(self.rng.random() * len(items))]

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self.rng.random() < probability
