"""Two sides -> what changed, and whether the later one is worse. Knows the rule and its words; nothing of where the
scores come from.

A regression must be shown: by default no difference passes, however few the cases, and the report says what the cases
could not have seen. ``Yardstick.strict`` turns the burden round, as guardrails of a run do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness import stats
from harness.figures import amount, between, chance, count, difference, evidence, number, share, size, wanted
from harness.types import Comparison, Finding, Goal, Judged, Marks, Moved, Ruling, Score, Side, Versus, Yardstick
from harness.versus.pairing import COSTS, Pair, paired


def compare(before: Side, after: Side, yardstick: Yardstick) -> Versus:
    """``after`` against ``before``, paired by case and run. Raises Problems when the two may not be compared."""
    pair = paired(before, after, yardstick)
    measured = [_measured(pair, name, yardstick) for name in pair.metrics]
    better, worse = _adjusted(measured, [one.found.p for one in measured]), _adjusted(measured, _harms(measured))
    rows = tuple(
        _judged(one, pair, yardstick, gain, harm) for one, gain, harm in zip(measured, better, worse, strict=True)
    )
    ruling, words = _ruling([row for row in rows if row.counts])
    drawn = {(s.case, s.k) for name in pair.counting for s in pair.before.marks[name].scores if s.case in pair.cases}
    return Versus(
        before=before.title,
        after=after.title,
        ruling=ruling,
        words=words,
        rule=_rule(yardstick, len(pair.counting)),
        rows=rows,
        cases=len(pair.cases),
        sealed=len(pair.cases & (before.sealed | after.sealed)),
        runs=max(Counter(case for case, _ in drawn).values(), default=0),
        moved=tuple(_moved(pair, pair.counting[0])),
        notes=tuple(dict.fromkeys((*before.notes, *after.notes, *pair.notes))),
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    """One metric before anything is adjusted for the others."""

    marks: Marks  # of the earlier side
    found: Comparison
    counts: bool
    tolerance: float
    p_worse: float | None
    blocked: str  # why there is no verdict on it; "" = there is one
    bound_breaks: str  # why it is not shown to be good enough; "" = it is
    held: str  # goal on time, tokens or money that the later side meets, in words; "" = none


def _measured(pair: Pair, name: str, yardstick: Yardstick) -> _Measured:
    marks = pair.before.marks[name]
    old, new = (
        [score for score in side.marks[name].scores if score.case in pair.cases] for side in (pair.before, pair.after)
    )
    clusters = {**pair.before.clusters, **pair.after.clusters}
    arms = stats.pair(old, new, clusters)
    found = stats.contrast(name, marks.direction, arms, yardstick.seed)
    tolerance = yardstick.margin if marks.unit in COSTS else 0.0
    harm = stats.p_worse(name, marks.direction, arms, tolerance, yardstick.seed) if found.n else None
    blocked = _blocked(found, old, new)
    broken = "" if blocked else _broken(marks, (old, new), yardstick, clusters)
    held = _held(pair.after.ceilings, marks, new) if tolerance else ""
    return _Measured(marks, found, name in pair.counting, tolerance, harm, blocked, broken, held)


def _held(ceilings: Sequence[Goal], marks: Marks, scores: Sequence[Score]) -> str:
    """The goal that allows a metric to be dearer: as for the guardrails of a run, its 90 % bound must clear it."""
    goal = next((goal for goal in ceilings if goal.metric == marks.metric), None)
    reached = None if goal is None else stats.bound(scores, marks.direction)
    if goal is None or goal.target is None or reached is None or not stats.clears(reached, goal, goal.target):
        return ""
    return wanted(goal, marks.unit)


def _blocked(found: Comparison, old: Sequence[Score], new: Sequence[Score]) -> str:
    """Why no verdict can be given, in words."""
    values = [{(s.case, s.k) for s in scores if s.value is not None} for scores in (old, new)]
    one_sided = len(values[0] ^ values[1]) / max(len(values[0] | values[1]), 1)
    if found.n == 0:
        return "no case has a value in both"
    if one_sided > stats.MISSING:
        return (
            f"{share(one_sided)} of the runs have a value in one of the two alone, more than {share(stats.MISSING)}: "
            f"{len(values[0] - values[1])} only before, {len(values[1] - values[0])} only after"
        )
    if found.n < stats.FEWEST:
        return f"{count(found.n, 'case')} {'is' if found.n == 1 else 'are'} fewer than the {stats.FEWEST} of a claim"
    return ""


def _broken(
    marks: Marks, arms: tuple[Sequence[Score], Sequence[Score]], yardstick: Yardstick, clusters: Mapping[str, str]
) -> str:
    if not yardstick.strict:
        return ""
    held = stats.guard(Goal(marks.metric, marks.direction, None), *arms, yardstick.margin, clusters)
    bound = "too few cases to tell" if held.bound is None else f"90 % bound {share(held.bound)}"
    return "" if held.holds else f"it is not shown to be {held.rule} ({bound})"


def _harms(measured: Sequence[_Measured]) -> list[float | None]:
    return [one.p_worse for one in measured]


def _adjusted(measured: Sequence[_Measured], ps: Sequence[float | None]) -> list[float | None]:
    """p values adjusted for all metrics that count; those that do not are told as they are."""
    counting = [i for i, one in enumerate(measured) if one.counts and not one.blocked and ps[i] is not None]
    adjusted = dict(zip(counting, stats.holm([p for i in counting if (p := ps[i]) is not None]), strict=True))
    return [adjusted.get(i, p) for i, p in enumerate(ps)]


def _judged(one: _Measured, pair: Pair, yardstick: Yardstick, gain: float | None, harm: float | None) -> Judged:
    finding = _finding(one, yardstick, gain, harm)
    unit = one.marks.unit if one.marks.unit is not None else pair.after.marks[one.marks.metric].unit
    words = _words(one, unit, finding)
    return Judged(one.found, unit, one.marks.direction, one.counts, one.tolerance, one.p_worse, finding, words)


def _finding(one: _Measured, yardstick: Yardstick, gain: float | None, harm: float | None) -> Finding:
    if one.blocked:
        return "no verdict"
    if one.bound_breaks or (harm is not None and harm <= yardstick.alpha):
        return "holds its goal" if one.held else "worse"
    if not one.found.improved and not one.found.worse and not one.found.gain:
        return "the same"
    return "better" if gain is not None and gain <= yardstick.alpha else "no difference shown"


def _words(one: _Measured, unit: str | None, finding: Finding) -> str:
    """The finding on one metric in a sentence without its full stop."""
    found, name = one.found, one.found.metric
    if finding == "no verdict":
        return f"{name}: no verdict, {one.blocked}"
    ends = f"{amount(found.before, unit)} to {amount(found.after, unit)}"
    if finding == "the same":
        return f"{name} is the same in every case ({amount(found.before, unit)})"
    change = _change(one, unit)
    moved = f"of {count(found.n, 'case')} {found.improved} improved, {found.kept} unchanged, {found.worse} worse"
    p = one.p_worse if finding == "worse" else found.p
    told = f"{chance(p)}, {evidence(p)}" if p is not None else "nothing to test"
    if finding == "no difference shown":
        return f"{name} shows no difference that could not be chance: {ends}, {change}; {moved}"
    if finding == "holds its goal":
        return f"{name} holds its goal, {one.held}: {ends}, {change}; {moved}"
    if finding == "better":
        return f"{name} is better: {ends}, {change}, {told}, {size(found.effect)}; {moved}"
    beyond = f" by more than {share(one.tolerance)}" if one.tolerance else ""
    reason = one.bound_breaks or f"{told}, {size(found.effect)}"
    return f"{name} is worse{'' if one.bound_breaks else beyond}: {ends}, {change}, {reason}; {moved}"


def _change(one: _Measured, unit: str | None) -> str:
    """The change as it is read off the two means, with its interval."""
    found = one.found
    if found.gain is None:
        return "-"
    sign = 1 if one.marks.direction == "higher" else -1
    ends = sorted(sign * end for end in (found.low, found.high) if end is not None)
    within = f" (95 % interval {between(ends[0], ends[1], unit)})" if ends else ""
    return f"{difference(sign * found.gain, unit)}{within}"


def _ruling(rows: Sequence[Judged]) -> tuple[Ruling, str]:
    """One ruling over all metrics that count: what is shown to be worse comes before what cannot be judged."""
    worse = [row for row in rows if row.finding == "worse"]
    silent = [row for row in rows if row.finding == "no verdict"]
    if worse:
        return "regression", f"Regression: {'; '.join(row.words for row in worse)}."
    if silent:
        return "no verdict", f"No verdict: {'; '.join(row.words for row in silent)}."
    return "no regression", f"No regression: {'; '.join(row.words for row in rows)}."


def _rule(yardstick: Yardstick, metrics: int) -> str:
    shared = f", shared by {count(metrics, 'metric')} (Holm)" if metrics > 1 else ""
    costs = (
        f"time, tokens and money count as worse when they are so by more than {share(yardstick.margin)} and no goal of "
        "the later side allows it"
    )
    if yardstick.strict:
        return (
            f"a regression is a metric that counts and is not shown, by a one-sided 90 % bound, to be at most "
            f"{share(yardstick.margin)} worse, or is shown to be worse at level {number(yardstick.alpha)}{shared}; "
            f"{costs}"
        )
    return (
        "a regression is a metric that counts and is shown to be worse by a one-sided paired test (signs flipped, of a "
        f"statistic of all cases the arms swapped) at level {number(yardstick.alpha)}{shared}; {costs}"
    )


def _moved(pair: Pair, metric: str) -> Iterator[Moved]:
    """Cases that may be named and whose mean over the runs changed, the worst first."""
    hidden = pair.before.sealed | pair.after.sealed
    means = [_means(side.marks[metric].scores) for side in (pair.before, pair.after)]
    sign = 1 if pair.before.marks[metric].direction == "higher" else -1
    found = [
        Moved(case, means[0][case], means[1][case])
        for case in means[0].keys() & means[1].keys()
        if case not in hidden and means[0][case] != means[1][case]
    ]
    yield from sorted(found, key=lambda one: (sign * (one.after - one.before), one.case))


def _means(scores: Sequence[Score]) -> dict[str, float]:
    values: dict[str, list[float]] = {}
    for score in scores:
        if score.value is not None:
            values.setdefault(score.case, []).append(score.value)
    return {case: sum(own) / len(own) for case, own in values.items()}
