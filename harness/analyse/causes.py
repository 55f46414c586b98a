"""Failing runs -> the node that likely caused each: by its answer where the case says what it should have been, else by
what goes together with failure. A suspect whose answer other nodes read is proved by running it again corrected: that
is the loop's to do; here it is said what to run, and read what came of it.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.analyse.record import Record
from harness.analyse.replies import answered, reply
from harness.analyse.wanted import Task, tasks
from harness.answers import normal, parsed, same
from harness.types import Call, Case, Cause, Run

_WRONG = 0.5  # a run of a lower score fails
_LEAST = 5  # failing cases, and runs on either side, from which a correlation is told
_STRONG = 0.3  # phi from which it is told (Cohen 1988: medium)
_SHOWN = 5  # examples
_LABEL = 30  # characters of a reply that is told


@dataclass(frozen=True, slots=True)
class Suspect:
    """A wrong answer of a node in a failing run."""

    node: str
    run: Run
    score: float  # of the run
    last: bool  # no model was called after it: its answer is the app's
    calls: tuple[Call, ...]  # of the run, with its answer corrected


def suspects(record: Record) -> tuple[Suspect, ...]:
    """For each failing dev case the first node whose answer was wrong, in the first run that fails; by case.

    Failing: a score below one half, of a share of which more is better. Cases whose nodes all answered as expected, or
    do not say what is expected, have none.
    """
    known = tasks(record)
    cases = {case.id: case for case in record.cases}
    found = []
    for run, score in failing(record):
        hit = _first_wrong(cases[run.case], run, known)
        if hit is not None:
            node, call = hit
            last = not any(other.step > call.step for other in run.calls)
            corrected = _corrected(call, known[node], cases[run.case])
            calls = tuple(corrected if other is call else other for other in run.calls)
            found.append(Suspect(node, run, score, last, calls))
    return tuple(found)


def failing(record: Record) -> list[tuple[Run, float]]:
    """The first failing run of each dev case that fails in most of its runs, with its score."""
    scores = {(s.case, s.k): s.value for s in record.scores if s.value is not None}
    found: dict[str, list[tuple[Run, float]]] = {}
    for run in sorted(record.runs, key=lambda r: r.k):
        value = scores.get((run.case, run.k))
        if value is not None and not run.lost:
            found.setdefault(run.case, []).append((run, value))
    wrong = {case: [(run, v) for run, v in rows if v < _WRONG] for case, rows in found.items()}
    return [rows[0] for case, rows in wrong.items() if 2 * len(rows) > len(found[case])]


def causes(record: Record, blamed: Sequence[Suspect], again: Mapping[str, float]) -> tuple[Cause, ...]:
    """The nodes that likely caused the failures, the most cases first.

    ``again``: case -> score of the run that was made again with the suspect's answer corrected.
    """
    wrong = failing(record)
    found = [*_by_answer(blamed, len(wrong)), *_by_trial(blamed, again, len(wrong))]
    named = {suspect.run.case for suspect in blamed}
    rest = [run for run, _ in wrong if run.case not in named]
    if len(rest) >= _LEAST:
        found += _correlated(record, rest, len(wrong), set(tasks(record)))
    return tuple(sorted(found, key=lambda cause: (-cause.cases, cause.node)))


def _by_answer(blamed: Sequence[Suspect], total: int) -> Iterator[Cause]:
    """Nodes whose wrong answer is that of the app."""
    for node in dict.fromkeys(suspect.node for suspect in blamed if suspect.last):
        cases = [suspect.run.case for suspect in blamed if suspect.last and suspect.node == node]
        words = f"it answers wrongly in {len(cases)} of {total} failing cases, and no model is called after it"
        yield Cause(node, "its answer", len(cases), total, words, tuple(cases[:_SHOWN]))


def _by_trial(blamed: Sequence[Suspect], again: Mapping[str, float], total: int) -> Iterator[Cause]:
    """Nodes that others read: proved where the corrected run is better, else told as what they are, the first wrong."""
    for node in dict.fromkeys(suspect.node for suspect in blamed if not suspect.last):
        own = [suspect for suspect in blamed if not suspect.last and suspect.node == node]
        tried = [suspect for suspect in own if suspect.run.case in again]
        mended = [s.run.case for s in tried if again[s.run.case] > s.score]
        if tried:
            share = len(mended) / len(tried)
            words = (
                f"its answer is the first wrong one in {len(own)} of {total} failing cases; corrected in {len(tried)} "
                f"of them and run on, {len(mended)} came out better"
            )
            yield Cause(node, "run again", round(share * len(own)), total, words, tuple(mended[:_SHOWN]))
        else:
            words = f"its answer is the first wrong one in {len(own)} of {total} failing cases; not run again"
            yield Cause(node, "its answer", len(own), total, words, tuple(s.run.case for s in own[:_SHOWN]))


def _first_wrong(case: Case, run: Run, known: Mapping[str, Task]) -> tuple[str, Call] | None:
    last = {call.node: call for call in run.calls if call.node in known and answered(call)}
    for node, call in sorted(last.items(), key=lambda item: item[1].step):
        wanted = known[node].wanted(case)
        if wanted is not None and not same(wanted, known[node].answer(call)):
            return node, call
    return None


def _corrected(call: Call, task: Task, case: Case) -> Call:
    """The call with the expected answer in place of its own, in the shape in which it replied."""
    values = {key: case.expected[name] for name, key in task.keys.items() if name in case.expected}
    said = parsed(reply(call))
    text = task.wanted(case) or ""
    if values and isinstance(said, dict):
        text = json.dumps({**said, **values}, ensure_ascii=False)
    response = copy.deepcopy(dict(call.response))
    for generation in response.get("generations") or []:
        data = generation.get("message", {}).get("data", {})
        if isinstance(generation.get("text"), str):
            generation["text"] = text
        for tool in (data.get("tool_calls") or [])[:1]:
            tool["args"] = {**(tool.get("args") or {}), **values}
        if call.text.strip():
            data["content"] = text
    return replace(call, text=text if call.text.strip() else call.text, response=response)


def _correlated(record: Record, rest: Sequence[Run], total: int, known: set[str]) -> Iterator[Cause]:
    """What a node does that goes together with failing, of nodes whose right answer no case says."""
    bad = {run.case for run in rest}
    counted = [run for run in record.runs if not run.lost and (run.case in bad or _is_right(record, run))]
    signs = {id(run): set(_signs(run, known)) for run in counted}
    best: dict[str, tuple[float, str, list[Run]]] = {}
    for sign in {sign for found in signs.values() for sign in found}:
        node, words = sign
        having = [run for run in counted if sign in signs[id(run)]]
        lacking = [run for run in counted if sign not in signs[id(run)]]
        if min(len(having), len(lacking)) < _LEAST:
            continue
        share, other = (sum(run.case in bad for run in side) / len(side) for side in (having, lacking))
        phi = _phi(having, lacking, bad)
        if share > other and phi >= _STRONG and phi > best.get(node, (0.0, "", []))[0]:
            told = f"{words}: then {share:.0%} of the runs fail, else {other:.0%}; a correlation, not a proof"
            best[node] = (phi, told, having)
    for node, (_, told, runs) in best.items():
        cases = list(dict.fromkeys(run.case for run in runs if run.case in bad))
        yield Cause(node, "correlation", len(cases), total, told, tuple(cases[:_SHOWN]))


def _is_right(record: Record, run: Run) -> bool:
    return any(s.case == run.case and s.k == run.k and (s.value or 0.0) >= _WRONG for s in record.scores)


def _phi(having: Sequence[Run], lacking: Sequence[Run], bad: set[str]) -> float:
    """Phi coefficient of a sign with failing (Yule 1912)."""
    a, c = (sum(run.case in bad for run in side) for side in (having, lacking))
    b, d = len(having) - a, len(lacking) - c
    spread = math.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    return (a * d - b * c) / spread if spread else 0.0


def _signs(run: Run, known: set[str]) -> Iterator[tuple[str, str]]:
    """(node, what it did) of one run, where no case says what it should have replied."""
    for node, calls in _by_node(run, known).items():
        yield node, "it is called"
        text = reply(calls[-1]).strip()
        if any(call.error for call in calls):
            yield node, "a model call of it fails"
        if any(call.finish_reason == "length" for call in calls):
            yield node, "its reply is cut off at max_tokens"
        if not text:
            yield node, "it replies nothing"
        elif len(text) <= _LABEL:
            yield node, f"it replies {normal(text)!r}"


def _by_node(run: Run, known: set[str]) -> dict[str, list[Call]]:
    found: dict[str, list[Call]] = {}
    for call in run.calls:
        if call.node and call.node not in known:
            found.setdefault(call.node, []).append(call)
    return found
