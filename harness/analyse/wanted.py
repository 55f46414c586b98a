"""Which expected field each LLM node answers, found by comparing what the nodes said with cases and final outputs.

Nothing is read from names of nodes: a node answers a field when its replies, or the values of its JSON replies, equal
the expected values or become the app's value of the field. This module knows nothing of prompts and scores.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.analyse.record import Record
from harness.analyse.replies import answered, reply, shaped
from harness.answers import ABSENT, as_text, mentions, parsed, same, short_name
from harness.types import Call, Case, Json, Run

_LEAST = 0.05  # fit below this is chance
_EXACT, _KEY, _BECOMES, _HOLDS = 1.0, 1.0, 0.5, 0.2  # what each kind of evidence adds, as a share of the runs
_FOLLOWS = 0.9  # share of the replies whose value under a key becomes the app's, from which it is that key


@dataclass(frozen=True, slots=True)
class Task:
    """What a node is asked for; where its replies are JSON, under which keys they have it."""

    fields: tuple[str, ...] = ()  # expected fields that the node answers, best fit first
    keys: Mapping[str, str] = field(default_factory=dict)  # field -> key of the replies; none = a reply is the answer
    shaped: bool = False  # the request fixes the shape of the replies, so that their values alone are to be judged

    def wanted(self, case: Case) -> str | None:
        """What the node should have replied, None where the case does not say."""
        if not self.fields or any(name not in case.expected for name in self.keys or self.fields[:1]):
            return None
        if not self.keys or self._bare:
            return as_text(case.expected[self.fields[0]])
        return json.dumps({key: case.expected[name] for name, key in self.keys.items()}, ensure_ascii=False)

    def answer(self, call: Call) -> str:
        """That part of a call's reply which ``wanted`` speaks of; all of it where it has no such part."""
        text = reply(call)
        data = parsed(text) if self.keys else None
        if not isinstance(data, dict) or any(key not in data for key in self.keys.values()):
            return text
        found = {key: data[key] for key in self.keys.values()}
        if self._bare:
            return as_text(next(iter(found.values())))
        return text if found.keys() == data.keys() else json.dumps(found, ensure_ascii=False)

    @property
    def _bare(self) -> bool:
        return self.shaped and len(self.keys) == 1


@dataclass(frozen=True, slots=True)
class _Reply:
    """What one node said last in one run."""

    case: Case
    run: Run
    call: Call
    text: str

    @property
    def data(self) -> Mapping[str, Json]:
        """The reply as a JSON object, empty where it is none."""
        value = parsed(self.text)
        return value if isinstance(value, dict) else {}


def tasks(record: Record) -> Mapping[str, Task]:
    """Node -> what it is asked for; nodes that answer no field are left out.

    Every field belongs to the node that it fits best, later nodes before earlier ones when they fit alike.
    """
    replies = _replies(record)
    owned: dict[str, dict[str, float]] = {}
    for name in record.fields:
        fits = {node: (_fit(record, name, said), max(r.call.step for r in said)) for node, said in replies.items()}
        best = max(fits, key=lambda node: fits[node], default="")
        if best and fits[best][0] >= _LEAST:
            owned.setdefault(best, {})[name] = fits[best][0]
    return {node: _task(record, replies[node], found) for node, found in owned.items()}


def misled(node: str, case: Case, run: Run, record: Record, found: Mapping[str, Task]) -> bool:
    """Whether an earlier node of this run had answered wrongly, so that ``node`` cannot be blamed for its reply.

    An earlier node answered rightly when the app holds the expected value of its field, or its reply gives it.
    """
    said = {call.node: call for call in run.calls if answered(call)}
    earlier = [name for name in found if name in said and node in said and 0 < said[name].step < said[node].step]
    return not all(
        _gave(record, case, run, name, reply(said[earlier_node]))
        for earlier_node in earlier
        for name in found[earlier_node].fields
        if name in case.expected
    )


def _gave(record: Record, case: Case, run: Run, name: str, said: str) -> bool:
    expected = case.expected[name]
    value = record.value(case, run, name)
    if value is not ABSENT:
        return same(expected, value)
    return same(expected, said) or mentions(said, as_text(expected))


def _replies(record: Record) -> dict[str, list[_Reply]]:
    by_id = {case.id: case for case in record.cases}
    replies: dict[str, list[_Reply]] = {}
    for run in record.runs:
        last = {call.node: call for call in run.calls if call.node and answered(call)}
        if run.case in by_id:
            for node, call in last.items():
                replies.setdefault(node, []).append(_Reply(by_id[run.case], run, call, reply(call)))
    return replies


def _fit(record: Record, name: str, replies: Sequence[_Reply]) -> float:
    seen = [r for r in replies if name in r.case.expected]
    return sum(_evidence(record, name, r) for r in seen) / len(seen) if seen else 0.0


def _evidence(record: Record, name: str, given: _Reply) -> float:
    expected = given.case.expected[name]
    value = record.value(given.case, given.run, name)
    data = given.data
    found = _EXACT * same(expected, given.text)
    found += _KEY * (short_name(name) in data)
    if value is not ABSENT and value not in (None, ""):
        found += _BECOMES * any(same(value, said) for said in (given.text, *data.values()))
        found += _HOLDS * mentions(given.text, as_text(value))
    return found + _HOLDS * mentions(given.text, as_text(expected))


def _task(record: Record, replies: Sequence[_Reply], fits: Mapping[str, float]) -> Task:
    fields = tuple(sorted(fits, key=lambda name: -fits[name]))
    pairs = [(name, _key(record, name, replies)) for name in fields]
    keys = {name: key for name, key in pairs if key}
    complete = keys if len(keys) == len(fields) else {}
    return Task(fields, complete, 2 * sum(shaped(r.call) for r in replies) > len(replies))


def _key(record: Record, name: str, replies: Sequence[_Reply]) -> str:
    """The key of JSON replies that holds a field: of its name, else the one whose values become the app's; else ""."""
    objects = [r for r in replies if r.data]
    if 2 * len(objects) <= len(replies):
        return ""
    if 2 * sum(short_name(name) in r.data for r in objects) > len(replies):
        return short_name(name)
    counts = Counter(key for r in objects for key in _followed(record, name, r))
    best, n = max(counts.items(), key=lambda item: item[1], default=("", 0))
    return best if n >= _FOLLOWS * len(objects) else ""


def _followed(record: Record, name: str, given: _Reply) -> Iterator[str]:
    value = record.value(given.case, given.run, name)
    return (key for key, said in given.data.items() if value is not ABSENT and same(value, said))
