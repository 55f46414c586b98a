"""Runs of dev cases as proposers see them, and their failures grouped by what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from harness.analyse.record import Record
from harness.analyse.replies import answered
from harness.analyse.wanted import Task, misled, tasks
from harness.answers import ABSENT, as_text, closed_labels, normal, same, short_name
from harness.types import Call, Case, FailurePattern, Json, Node, Observation, Prompt, Run, Score

Messages = Sequence[Mapping[str, Json]]
Fill = Callable[[Prompt, Messages], Mapping[str, str] | None]  # texts of the variables; None = the prompt is not in it
_SHOWN = 40  # characters of a value in the name of a pattern


def observe(node: Node, prompt: Prompt, record: Record, fill: Fill) -> tuple[Observation, ...]:
    """One observation per case in which the prompt reached a model at the node, in the order of the cases.

    Of several runs the commonest answer stands for the case, the earliest run of it for its messages. Runs in which an
    earlier node had gone wrong already do not count; where there are no others, nothing is wanted of the node and the
    case has no score.
    """
    known = tasks(record)
    task = known.get(node.name, Task())
    by_case = _by_case(record.runs)
    means = _means(record.scores)
    seen = []
    for case in record.cases:
        found = [hit for run in by_case.get(case.id, ()) if (hit := _reached(node, prompt, run, fill))]
        if not found:
            continue
        sound = [hit for hit in found if not misled(node.name, case, hit[0], record, known)]
        found = sound or found
        common, _ = Counter(normal(task.answer(call)) for _, call, _ in found).most_common(1)[0]
        run, call, filled = next(hit for hit in found if normal(task.answer(hit[1])) == common)
        seen.append(
            Observation(
                case=case.id,
                category=case.category,
                messages=call.messages,
                filled=filled,
                answer=task.answer(call),
                wanted=task.wanted(case) if sound else None,
                output=run.output,
                expected=case.expected,
                score=means.get(case.id) if sound else None,
                inputs=case.inputs,
            )
        )
    return tuple(seen)


def _by_case(runs: Sequence[Run]) -> Mapping[str, list[Run]]:
    grouped: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda r: r.k):
        grouped.setdefault(run.case, []).append(run)
    return grouped


def _reached(node: Node, prompt: Prompt, run: Run, fill: Fill) -> tuple[Run, Call, Mapping[str, str]] | None:
    """The node's last call that carried the prompt, with the texts of its variables."""
    for call in reversed(run.calls):
        if call.node == node.name and answered(call):
            filled = fill(prompt, call.messages)
            if filled is not None:
                return run, call, filled
    return None


def _means(scores: Sequence[Score]) -> Mapping[str, float]:
    values: dict[str, list[float]] = {}
    for score in scores:
        if score.value is not None:
            values.setdefault(score.case, []).append(score.value)
    return {case: sum(found) / len(found) for case, found in values.items()}


def failures(record: Record) -> tuple[FailurePattern, ...]:
    """Cases that go wrong alike, the largest group first.

    A case belongs to the pattern that most of its failing runs show, when at least half of its runs fail. Cases whose
    scores are all missing form patterns of their own, named by the reason.
    """
    labels = {
        name: closed_labels(as_text(c.expected[name]) for c in record.cases if name in c.expected)
        for name in record.fields
    }
    by_case = _by_case(record.runs)
    reasons = _unscored(record.scores)
    groups: dict[str, list[str]] = {}
    for case in record.cases:
        ran = by_case.get(case.id, [])
        names = Counter(name for run in ran if (name := _went_wrong(record, case, run, labels)))
        if names and 2 * names.total() >= len(ran):
            groups.setdefault(names.most_common(1)[0][0], []).append(case.id)
        elif case.id in reasons:
            groups.setdefault(f"not scored: {reasons[case.id]}", []).append(case.id)
    ordered = sorted(groups.items(), key=lambda g: (-len(g[1]), g[0]))
    return tuple(FailurePattern(name, len(ids), tuple(ids)) for name, ids in ordered)


def _went_wrong(record: Record, case: Case, run: Run, labels: Mapping[str, Sequence[str]]) -> str:
    """The name of what is wrong with a run, or ""."""
    if run.fault is not None:
        return "" if run.lost else f"the app failed: {run.fault.type}"
    for field, known in labels.items():
        value = record.value(case, run, field) if field in case.expected else ABSENT
        if value is not ABSENT and not same(case.expected[field], value):
            return f"{short_name(field)}: {_difference(case.expected[field], value, known)}"
    return ""


def _difference(expected: Json, value: Json, labels: Sequence[str]) -> str:
    got, want = as_text(value), as_text(expected)
    if not labels:
        return "another value than wanted"
    if normal(got) in map(normal, labels):
        return f"got {got.strip()!r}, wanted {want!r}"
    return f"none of the {len(labels)} labels" if got.strip() else "no value"


def _unscored(scores: Sequence[Score]) -> Mapping[str, str]:
    """Reason by case, for the cases without a single value."""
    scored = {s.case for s in scores if s.value is not None}
    return {s.case: s.reason[:_SHOWN] for s in reversed(scores) if s.case not in scored}
