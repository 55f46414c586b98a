"""The prefix cache: a radix tree from token ids to the state computed for them, bounded in bytes.

Prompts that begin alike share the nodes of what they have in common; a prompt may reuse any number of leading tokens
that an earlier one had, not whole blocks only. What was used longest ago leaves first, leaves of the tree before their
stems. This module knows nothing of models; not thread-safe, the engine's thread owns it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count

from harness.models.slots import Segment

Tokens = tuple[int, ...]


def common(a: Sequence[int], b: Sequence[int]) -> int:
    """How many leading items are equal."""
    low, high = 0, min(len(a), len(b))
    while low < high:  # slices compare in C: bisection beats a loop over items
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


class _Node:
    """An edge of the tree with what hangs below it. ``state`` holds one position per token."""

    def __init__(self, tokens: Tokens, state: Segment, parent: _Node | None) -> None:
        self.tokens, self.state, self.parent = tokens, state, parent
        self.children: dict[int, _Node] = {}  # by first token
        self.used = 0  # tick of the last use


class PrefixCache:
    """States of prompts seen, at most ``limit`` bytes of them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._roots: dict[int, _Node] = {}
        self._clock = count(1)
        self.nbytes = 0

    def match(self, tokens: Tokens) -> int:
        """How many leading tokens have a state here."""
        return sum(shared for _, shared in self._path(tokens))

    def segments(self, tokens: Tokens) -> Iterator[Segment]:
        """The states of the leading ``match(tokens)`` tokens, in order; counts as a use."""
        tick = next(self._clock)
        for node, shared in self._path(tokens):
            node.used = tick
            yield node.state if shared == len(node.tokens) else node.state.cut(0, shared)

    def add(self, tokens: Tokens, read: Callable[[int, int], Segment]) -> None:
        """Store the state of a prompt; ``read(start, end)`` supplies a copy of the positions that are missing here."""
        parent, done, tick = None, 0, next(self._clock)
        for node, shared in self._path(tokens):
            parent = self._split(node, shared) if shared < len(node.tokens) else node
            parent.used = tick
            done += shared
        if done == len(tokens):
            return
        leaf = _Node(tokens[done:], read(done, len(tokens)), parent)
        leaf.used = tick
        self._below(parent)[tokens[done]] = leaf
        self.nbytes += leaf.state.nbytes
        self._shrink()

    def _path(self, tokens: Tokens) -> list[tuple[_Node, int]]:
        """The nodes along ``tokens``, each with how many of its own tokens agree; the last may agree in part."""
        path: list[tuple[_Node, int]] = []
        level, done = self._roots, 0
        while done < len(tokens) and (node := level.get(tokens[done])) is not None:
            shared = common(node.tokens, tokens[done : done + len(node.tokens)])
            path.append((node, shared))
            if shared < len(node.tokens):
                break
            level, done = node.children, done + shared
        return path

    def _split(self, node: _Node, at: int) -> _Node:
        """Cut an edge in two; returns the upper half. Both halves are copies, so that either frees its own memory."""
        upper = _Node(node.tokens[:at], node.state.cut(0, at), node.parent)
        self._below(node.parent)[node.tokens[0]] = upper
        upper.children[node.tokens[at]] = node
        node.state = node.state.cut(at, len(node.tokens))
        node.tokens, node.parent = node.tokens[at:], upper
        return upper

    def _below(self, node: _Node | None) -> dict[int, _Node]:
        return self._roots if node is None else node.children

    def _shrink(self) -> None:
        """When the bound is passed, drop leaves, least recently used first, until a tenth of it is free."""
        goal = self._limit - self._limit // 10  # one walk of the tree pays for many additions
        while self.nbytes > self._limit:
            for leaf in sorted(self._leaves(self._roots), key=lambda node: node.used):
                self.nbytes -= leaf.state.nbytes
                del self._below(leaf.parent)[leaf.tokens[0]]
                if self.nbytes <= goal:
                    break

    def _leaves(self, level: dict[int, _Node]) -> Iterator[_Node]:
        for node in level.values():
            if node.children:
                yield from self._leaves(node.children)
            else:
                yield node
