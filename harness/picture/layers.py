"""Layered layout of a directed graph: ranks by the longest way, few crossings, boxes apart. Knows no picture.

Long and backward ways pass through places of their own in the layers between, so that they run around boxes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Way = tuple[str, str]
Stop = str | tuple[int, int]  # a name, or (number of the way, layer) of a place that it passes through
SWEEPS = 12
THROUGH = 14.0  # width of a place that a way passes through
GAP = 22.0  # between neighbours of a layer


@dataclass(frozen=True, slots=True)
class Layout:
    """Middles of boxes on the level axis, layers from the top, and the stops of each way from its source on."""

    x: Mapping[Stop, float]
    layer: Mapping[Stop, int]
    stops: tuple[tuple[Stop, ...], ...]  # of each way; () for one from a name to itself
    back: tuple[bool, ...]  # of each way, whether it runs upwards


def layout(names: Sequence[str], ways: Sequence[Way], wide: Mapping[str, float]) -> Layout:
    """Places for ``names``, whose boxes are ``wide``. Every end of a way is among the names."""
    back = _backward(names, ways)
    down = [(b, a) if turned else (a, b) for (a, b), turned in zip(ways, back, strict=True)]
    rank = _ranks(names, [way for way in down if way[0] != way[1]])
    layer: dict[Stop, int] = {name: rank[name] for name in names}
    chains: list[tuple[Stop, ...]] = []
    for number, (upper, lower) in enumerate(down):
        between: list[Stop] = [(number, place) for place in range(rank[upper] + 1, rank[lower])]
        layer.update({stop: rank[upper] + 1 + index for index, stop in enumerate(between)})
        chains.append((upper, *between, lower) if upper != lower else ())
    rows = _ordered(layer, chains)
    x = _spread(rows, chains, lambda stop: wide[stop] if isinstance(stop, str) else THROUGH)
    stops = tuple(tuple(reversed(c)) if turned else c for c, turned in zip(chains, back, strict=True))
    return Layout(x, layer, stops, back)


def _backward(names: Sequence[str], ways: Sequence[Way]) -> tuple[bool, ...]:
    """Which ways lead back to a name that the search came from; without them there is no circle."""
    out: dict[str, list[int]] = {name: [] for name in names}
    for number, (source, target) in enumerate(ways):
        if source != target:
            out[source].append(number)
    state: dict[str, int] = dict.fromkeys(names, 0)  # 1 = on the way here, 2 = done
    found = [False] * len(ways)
    for name in names:
        stack = [(name, iter(out[name]))] if not state[name] else []
        state[name] = state[name] or 1
        while stack:
            here, rest = stack[-1]
            number = next(rest, -1)
            if number < 0:
                state[here] = 2
                stack.pop()
                continue
            target = ways[number][1]
            found[number] = state[target] == 1
            if not state[target]:
                state[target] = 1
                stack.append((target, iter(out[target])))
    return tuple(found)


def _ranks(names: Sequence[str], ways: Iterable[Way]) -> dict[str, int]:
    """Length of the longest way that leads to each name."""
    after: dict[str, set[str]] = {name: set() for name in names}
    for source, target in ways:
        after[source].add(target)
    waiting = dict.fromkeys(names, 0)
    for targets in after.values():
        for target in targets:
            waiting[target] += 1
    rank = dict.fromkeys(names, 0)
    ready = [name for name in names if not waiting[name]]
    while ready:
        name = ready.pop(0)
        for target in sorted(after[name], key=names.index):
            rank[target] = max(rank[target], rank[name] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return rank


def _ordered(layer: Mapping[Stop, int], chains: Iterable[tuple[Stop, ...]]) -> list[list[Stop]]:
    """The stops of each layer from left to right: each near the middle of its neighbours above, then below."""
    rows: list[list[Stop]] = [[] for _ in range(max(layer.values(), default=0) + 1)]
    for stop, number in layer.items():
        rows[number].append(stop)
    above, below = _neighbours(chains)
    for sweep in range(SWEEPS):
        near = below if sweep % 2 else above
        place = {stop: float(index) for row in rows for index, stop in enumerate(row)}
        for row in reversed(rows) if sweep % 2 else rows:
            row.sort(key=lambda stop: _mean([place[n] for n in near.get(stop, ())], place[stop]))
            place.update({stop: float(index) for index, stop in enumerate(row)})
    return rows


def _neighbours(chains: Iterable[tuple[Stop, ...]]) -> tuple[dict[Stop, list[Stop]], dict[Stop, list[Stop]]]:
    above: dict[Stop, list[Stop]] = {}
    below: dict[Stop, list[Stop]] = {}
    for chain in chains:
        for upper, lower in pairwise(chain):
            below.setdefault(upper, []).append(lower)
            above.setdefault(lower, []).append(upper)
    return above, below


def _spread(
    rows: list[list[Stop]], chains: Iterable[tuple[Stop, ...]], width: Callable[[Stop], float]
) -> dict[Stop, float]:
    """Middles: each stop as near to its neighbours' middle as the boxes beside it allow, in their order."""
    x: dict[Stop, float] = {}
    for row in rows:
        at = 0.0
        for stop in row:
            x[stop] = at + width(stop) / 2
            at += width(stop) + GAP
        for stop in row:
            x[stop] -= at / 2
    above, below = _neighbours(chains)
    for sweep in range(SWEEPS):
        near = below if sweep % 2 else above
        for row in reversed(rows) if sweep % 2 else rows:
            wanted = [_mean([x[n] for n in near.get(stop, ())], x[stop]) for stop in row]
            x.update(zip(row, _apart(wanted, [width(stop) for stop in row]), strict=True))
    return x


def _apart(wanted: list[float], widths: list[float]) -> list[float]:
    """The wanted middles moved apart: half way between what pushing to the right and to the left gives."""
    right, left = list(wanted), list(wanted)
    for index in range(1, len(wanted)):
        least = (widths[index - 1] + widths[index]) / 2 + GAP
        right[index] = max(right[index], right[index - 1] + least)
    for index in range(len(wanted) - 2, -1, -1):
        least = (widths[index] + widths[index + 1]) / 2 + GAP
        left[index] = min(left[index], left[index + 1] - least)
    return [(a + b) / 2 for a, b in zip(right, left, strict=True)]


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
