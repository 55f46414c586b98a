"""Where a parameter of a node's models can be set. Knows places, not what a good value is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.types import Node, Span


@dataclass(frozen=True, slots=True)
class Setting:
    """One parameter of one model: its place, and its value where it has one."""

    name: str
    value: float | None  # None = not given yet
    place: Span


def settings(node: Node, names: Sequence[str], provider_names: Mapping[str, str] | None = None) -> Iterator[Setting]:
    """The parameter of each model of the node, under the one of ``names`` that the code uses.

    Where none is given it can be added under the first, or the one that ``provider_names`` has for the provider. A
    value that comes from elsewhere than a number in the repository cannot be set.
    """
    for use in node.models:
        given = [name for name in names if name in use.parameters]
        if given and given[0] in use.literals:
            yield Setting(given[0], float(use.parameters[given[0]]), use.literals[given[0]])
        elif not given and use.room is not None:
            yield Setting((provider_names or {}).get(use.provider, names[0]), None, use.room)
