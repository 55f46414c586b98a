"""Texts and numbers in YAML, TOML and JSON files: where each one stands, and how to write another in its place.

Every reading comes from the format's own parser; a rewriting is read back before it is returned. Knows nothing of
prompts, of Python or of what an app does with a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harness.documents import jsons, tomls, yamls
from harness.documents.items import DocumentError, Item, Leaf, Other, leaves, same, scalars

__all__ = [
    "KINDS", "SUFFIXES", "DocumentError", "Item", "Leaf", "Other", "leaf_at", "leaves", "number_at", "read",
    "rewritten", "same",
]  # fmt: skip

SUFFIXES = {".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".json": "json"}
KINDS = frozenset(SUFFIXES.values())
_READERS: dict[str, Callable[[str], Item]] = {"yaml": yamls.read, "toml": tomls.read, "json": jsons.read}
_WRITERS: dict[str, Callable[[str, Leaf, str], Iterator[str]]] = {
    "yaml": yamls.candidates,
    "toml": tomls.candidates,
    "json": jsons.candidates,
}


def read(kind: str, text: str) -> Item:
    """The values of a document of a kind in ``KINDS``; texts as leaves. Raises DocumentError."""
    return _READERS[kind](text)


def leaf_at(item: Item, start: int) -> Leaf:
    """The text whose code begins at this character. Raises DocumentError when none does."""
    for leaf in leaves(item):
        if leaf.start == start:
            return leaf
    raise DocumentError("no text begins here")


def number_at(item: Item, start: int) -> tuple[float, int]:
    """The number whose code begins at this character, and where that ends. Raises DocumentError when none does."""
    for found in scalars(item):
        if isinstance(found, Other) and found.start == start and type(found.value) in (int, float):
            return found.value, found.end
    raise DocumentError("no number begins here")


def rewritten(kind: str, text: str, start: int, new: str, newline: str = "\n") -> str:
    """Code that makes the text at ``start`` hold ``new``, in the style that stands there as far as it can.

    It replaces the characters from the leaf's start to its end; every other value of the document reads the same
    afterwards. Raises DocumentError when no code does that.
    """
    before = read(kind, text)
    leaf = leaf_at(before, start)
    for candidate in _WRITERS[kind](text, leaf, new):
        code = candidate.replace("\n", newline)
        try:
            after = read(kind, text[:start] + code + text[leaf.end :])
            written = leaf_at(after, start)
        except DocumentError:
            continue
        if (written.value, written.end) == (new, start + len(code)) and same(before, after, start):
            return code
    raise DocumentError(f"no {kind} text can carry this here")
