"""What proposers and analysis may see where only a command's results are known: cases, answers if told, and scores.

Knows recorded runs and cases; hand in dev cases only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from harness.answers import NOT_COMPARED, TEXT_FIELDS, as_text
from harness.external.learn import is_unknown, question
from harness.types import Case, FailurePattern, Json, Observation, Prompt, Run, Score

_WHY = "reason"  # text of a row that says why a case is wrong
_SHOWN = 60  # characters of it
_WRONG = "wrong by the word of the command"
_TIMED = ("latency",)


def observations(
    prompt: Prompt, cases: Sequence[Case], runs: Sequence[Run], scores: Sequence[Score]
) -> tuple[Observation, ...]:
    """One observation for each case with a result; ``scores`` are those of one metric.

    The answer is the commonest one that rows tell. What a case wants is wanted of every text: nobody knows which of
    several texts answers it.
    """
    means, by_case = _means(scores), _by_case(runs)
    return tuple(_observed(prompt, case, by_case[case.id], means.get(case.id)) for case in cases if case.id in by_case)


def failures(cases: Sequence[Case], runs: Sequence[Run], scores: Sequence[Score]) -> tuple[FailurePattern, ...]:
    """The cases that the command calls wrong more often than right, by the reason that their rows tell."""
    means, by_case = _means(scores), _by_case(runs)
    groups: dict[str, list[str]] = {}
    for case in cases:
        if means.get(case.id, 1.0) < 0.5:
            told = (run.output.get(_WHY) for run in by_case.get(case.id, ()) if isinstance(run.output, dict))
            why = Counter(text[:_SHOWN] for text in told if isinstance(text, str) and text).most_common(1)
            groups.setdefault(f"told: {why[0][0]}" if why else _WRONG, []).append(case.id)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return tuple(FailurePattern(name, len(ids), tuple(ids)) for name, ids in ordered)


def same_results(before: Sequence[Run], after: Sequence[Run], *, timed: bool) -> bool:
    """Whether every row says the same in both, so that nothing shows that the command has read another text.

    ``timed``: seconds count too.
    """
    old = {(run.case, run.k): _told(run, timed) for run in before}
    pairs = [(old[run.case, run.k], _told(run, timed)) for run in after if (run.case, run.k) in old and not run.lost]
    return bool(pairs) and all(one == other for one, other in pairs)


def _told(run: Run, timed: bool) -> Json:
    output = run.output if isinstance(run.output, dict) else {}
    left = {key: value for key, value in output.items() if timed or key not in _TIMED}
    return [left, run.fault.message if run.fault else ""]


def _observed(prompt: Prompt, case: Case, runs: Sequence[Run], score: float | None) -> Observation:
    said = Counter(call.text for run in runs for call in run.calls if call.text and not call.error).most_common(1)
    text = question(case)
    return Observation(
        case=case.id,
        category=case.category,
        messages=({"role": "human", "content": text},) if text else (),
        filled=dict(_filled(prompt, case)),
        answer=said[0][0] if said else "",
        wanted=_wanted(case),
        output=runs[0].output,
        expected=case.expected,
        score=score,
        inputs={} if is_unknown(case) else case.inputs,
        heard=bool(said),
    )


def _filled(prompt: Prompt, case: Case) -> Iterator[tuple[str, str]]:
    """(variable, text) where the input has a text of that name, or where there is one of each."""
    if is_unknown(case):
        return
    names = tuple(dict.fromkeys(prompt.variables))
    if len(names) == 1 and len(case.inputs) == 1:
        yield names[0], as_text(next(iter(case.inputs.values())))
        return
    yield from ((name, as_text(case.inputs[name])) for name in names if name in case.inputs)


def _wanted(case: Case) -> str | None:
    """The one expectation that a case has; of several the answer."""
    fields = [field for field in case.expected if field not in NOT_COMPARED]
    named = [field for field in TEXT_FIELDS if field in fields] or (fields if len(fields) == 1 else [])
    return as_text(case.expected[named[0]]) if named else None


def _by_case(runs: Sequence[Run]) -> Mapping[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: run.k):
        if not run.lost:
            found.setdefault(run.case, []).append(run)
    return found


def _means(scores: Sequence[Score]) -> Mapping[str, float]:
    values: dict[str, list[float]] = {}
    for score in scores:
        if score.value is not None:
            values.setdefault(score.case, []).append(score.value)
    return {case: sum(found) / len(found) for case, found in values.items()}
