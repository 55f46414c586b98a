"""Share of runs that asked for the expected tools: `expected_tool_calls`, a list of {"name", "args"}.

The modes are those of trajectory matching as agentevals names them. Knows nothing of what a tool answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.answers import same
from harness.metrics.faults import missing
from harness.metrics.options import flag, one_of, texts
from harness.types import Case, Direction, Json, Run

NAME = "tool_calls"
VERSION = "1"
DIRECTION: Direction = "higher"
UNIT = ""
OPTIONS = {"mode": one_of("strict", "unordered", "subset", "superset"), "names_only": flag, "nodes": texts}

_FIELD = "expected_tool_calls"


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """1.0 when the tools that the app's models asked for match ``expected_tool_calls``, else 0.0.

    ``options["mode"]``: strict (the same calls in the same order, those of one reply in any; the default), unordered
    (the same calls), subset (nothing beyond the expected), superset (all of the expected). An expected call without
    ``args`` matches any; ``names_only`` passes over all of them. ``nodes``: only what models of these nodes asked for.
    An empty list expects no call. A failure of the app scores 0.
    """
    if run.fault is not None:
        return missing(run) or 0.0
    expected = case.expected.get(_FIELD)
    if not isinstance(expected, list | tuple) or not all(isinstance(c, Mapping) and "name" in c for c in expected):
        return f'the case has no {_FIELD}, a list such as [{{"name": "search", "args": {{"query": "x"}}}}]'
    wanted = [_bare(call) if options.get("names_only") else call for call in expected]
    nodes = options.get("nodes")
    replies = [list(_asked(made.response)) for made in run.calls if nodes is None or made.node in nodes]
    return float(_match(options.get("mode", "strict"), wanted, replies))


def _bare(call: Mapping[str, Json]) -> Mapping[str, Json]:
    return {"name": call["name"]}


def _asked(response: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """Tools that one reply of a model asks for, in order."""
    for generation in response.get("generations") or []:
        yield from generation.get("message", {}).get("data", {}).get("tool_calls") or []


def _match(mode: str, wanted: Sequence[Mapping[str, Json]], replies: Sequence[Sequence[Mapping[str, Json]]]) -> bool:
    asked = [call for reply in replies for call in reply]
    if mode == "strict":
        return len(wanted) == len(asked) and _in_order(wanted, replies)
    paired = _paired(wanted, asked)
    return (mode == "subset" or paired == len(wanted)) and (mode == "superset" or paired == len(asked))


def _in_order(wanted: Sequence[Mapping[str, Json]], replies: Sequence[Sequence[Mapping[str, Json]]]) -> bool:
    """Whether each reply asks for the next of the expected calls: those of one reply are made at once."""
    begin = 0
    for reply in replies:
        if _paired(wanted[begin : begin + len(reply)], reply) < len(reply):
            return False
        begin += len(reply)
    return True


def _fits(wanted: Mapping[str, Json], asked: Mapping[str, Json]) -> bool:
    return wanted["name"] == asked.get("name") and ("args" not in wanted or same(wanted["args"], asked.get("args")))


def _paired(wanted: Sequence[Mapping[str, Json]], asked: Sequence[Mapping[str, Json]]) -> int:
    """Most expected calls that can each have an asked call of its own (augmenting paths: calls without ``args`` fit
    several, and the first that fits may be the only one of another)."""
    owner: dict[int, int] = {}

    def settle(i: int, seen: set[int]) -> bool:
        for j, call in enumerate(asked):
            if j not in seen and _fits(wanted[i], call):
                seen.add(j)
                if j not in owner or settle(owner[j], seen):
                    owner[j] = i
                    return True
        return False

    return sum(settle(i, set()) for i in range(len(wanted)))
