"""Which expected field each LLM node answers, found by comparing what the nodes said with cases and final outputs.

Nothing is read from names of nodes: a node answers a field when its replies equal the expected values, become the
app's value of the field, or are JSON with that key. This module knows nothing of prompts and scores.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.answers import ABSENT, NOT_COMPARED, app_value, as_text, mentions, parsed, same, short_name
from harness.types import Call, Case, Run

_LEAST = 0.05  # fit below this is chance
_EXACT, _KEY, _BECOMES, _HOLDS = 1.0, 1.0, 0.5, 0.2  # what each kind of evidence adds, as a share of the runs


@dataclass(frozen=True, slots=True)
class _Reply:
    """What one node said last in one run."""

    case: Case
    run: Run
    text: str
    step: int


def owners(cases: Sequence[Case], runs: Sequence[Run]) -> Mapping[str, tuple[str, ...]]:
    """Node -> the expected fields that it answers, best fit first; nodes that answer none are left out.

    Every field belongs to the node that it fits best, later nodes before earlier ones when they fit alike.
    """
    replies = _replies(cases, runs)
    fields = dict.fromkeys(f for case in cases for f in case.expected if f not in NOT_COMPARED)
    owned: dict[str, dict[str, float]] = {}
    for field in fields:
        fits = {name: (_fit(field, said), max(r.step for r in said)) for name, said in replies.items()}
        best = max(fits, key=lambda n: fits[n], default="")
        if best and fits[best][0] >= _LEAST:
            owned.setdefault(best, {})[field] = fits[best][0]
    return {name: tuple(sorted(found, key=lambda f: -found[f])) for name, found in owned.items()}


def wanted(node: str, cases: Sequence[Case], runs: Sequence[Run]) -> Mapping[str, str]:
    """Case id -> what the node should have replied, for the cases that say so; empty when no field fits the node.

    A node that replies with JSON whose keys are its fields is wanted to give all of them as one JSON object.
    """
    fields = owners(cases, runs).get(node, ())
    if not fields:
        return {}
    if _speaks_json(_replies(cases, runs)[node], fields):
        whole = [c for c in cases if all(f in c.expected for f in fields)]
        return {c.id: json.dumps({short_name(f): c.expected[f] for f in fields}, ensure_ascii=False) for c in whole}
    return {c.id: as_text(c.expected[fields[0]]) for c in cases if fields[0] in c.expected}


def misled(node: str, case: Case, run: Run, owned: Mapping[str, Sequence[str]]) -> bool:
    """Whether an earlier node of this run had answered wrongly, so that ``node`` cannot be blamed for its reply.

    An earlier node answered rightly when the app holds the expected value of its field, or its reply gives it.
    """
    steps = {call.node: call.step for call in run.calls if answered(call)}
    earlier = {n: fields for n, fields in owned.items() if steps.get(n, 0) and steps[n] < steps.get(node, 0)}
    said = {call.node: reply(call) for call in run.calls if answered(call)}
    return not all(
        _gave(case, run, field, said[name])
        for name, fields in earlier.items()
        for field in fields
        if field in case.expected
    )


def _gave(case: Case, run: Run, field: str, said: str) -> bool:
    expected = case.expected[field]
    value = app_value(field, case.inputs, run.output)
    if value is not ABSENT:
        return same(expected, value)
    return same(expected, said) or mentions(said, as_text(expected))


def reply(call: Call) -> str:
    """What a call gave: its text, else the name of the tool that it asks for, the names joined where it asks several.

    An asked tool is an answer as a label is: the app acts on the name, and a case can say which one is right.
    """
    generations = call.response.get("generations") or [{}]
    tools = generations[0].get("message", {}).get("data", {}).get("tool_calls") or []
    return call.text if call.text.strip() else ", ".join(str(tool.get("name")) for tool in tools) or call.text


def answered(call: Call) -> bool:
    """Whether the call brought a reply."""
    return not call.error


def _replies(cases: Sequence[Case], runs: Sequence[Run]) -> dict[str, list[_Reply]]:
    by_id = {case.id: case for case in cases}
    replies: dict[str, list[_Reply]] = {}
    for run in runs:
        last = {call.node: call for call in run.calls if call.node and answered(call)}
        if run.case in by_id:
            for node, call in last.items():
                replies.setdefault(node, []).append(_Reply(by_id[run.case], run, reply(call), call.step))
    return replies


def _fit(field: str, replies: Sequence[_Reply]) -> float:
    seen = [r for r in replies if field in r.case.expected]
    return sum(_evidence(field, r) for r in seen) / len(seen) if seen else 0.0


def _evidence(field: str, given: _Reply) -> float:
    expected = given.case.expected[field]
    value = app_value(field, given.case.inputs, given.run.output)
    data = parsed(given.text)
    found = _EXACT * same(expected, given.text)
    found += _KEY * (isinstance(data, dict) and short_name(field) in data)
    if value is not ABSENT and value not in (None, ""):
        found += _BECOMES * same(value, given.text)
        found += _HOLDS * mentions(given.text, as_text(value))
    return found + _HOLDS * mentions(given.text, as_text(expected))


def _speaks_json(replies: Sequence[_Reply], fields: Sequence[str]) -> bool:
    """Whether most replies are JSON objects with a key for each of the fields."""
    keys = {short_name(f) for f in fields}
    objects = sum(1 for r in replies if isinstance(data := parsed(r.text), dict) and keys <= data.keys())
    return 2 * objects > len(replies)
