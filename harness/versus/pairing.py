"""May two sides be compared, and on what? Knows cases, runs and metrics; no statistics.

What one side has and the other lacks stops a comparison, because whoever leaves out a hard case looks better. Sealed
cases are counted in every message and never named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from harness.errors import HarnessError, Problems, UserError
from harness.figures import count
from harness.types import Marks, Score, Side, Yardstick

SHOWN = 8  # cases or rows named in one message
COSTS = ("s", "tokens", "USD")  # units of what an app uses: told, and judged only where somebody asks
_FIX = "measure both on the same, or --common compares what both have and says how much was left out"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides on the same cases and runs."""

    before: Side
    after: Side
    cases: frozenset[str]  # that the ruling rests on
    metrics: tuple[str, ...]  # in both, what counts first
    counting: tuple[str, ...]  # those that the ruling depends on
    notes: tuple[str, ...]  # what was left out


def paired(before: Side, after: Side, yardstick: Yardstick) -> Pair:
    """Both sides cut to what they share. Raises Problems with every reason why they may not be compared.

    Without ``yardstick.common`` nothing may be missing on either side: other cases, the same case with another text,
    another number of runs, other metrics that count or other versions of them. Metrics of time, tokens and money that
    only one side has are left out with a note either way.
    """
    shared = [name for name in before.marks if name in after.marks]
    findings = list(_metrics_asked(before, after, yardstick))
    if not shared and not findings:
        findings.append(_nothing("metric", before.marks, after.marks))
    counting = _counting(shared, before, after, yardstick)
    findings += _versions(before, after, counting)
    cases, told = _cases(before, after)
    told += _lacking_metrics(before, after)
    told += _lacking_runs(before, after, cases, counting or shared)
    if not yardstick.common:
        findings += [UserError(words, fix=_FIX) for words in told]
    if not cases and not told:
        findings.append(_nothing("case", before.deciding, after.deciding))
    if findings:
        raise Problems(findings)
    if not cases:
        raise UserError(f"{before.title} and {after.title} share no case", fix="compare results of the same cases")
    kept = _same_versions(before, after, shared)
    rest = [name for name in kept if name not in counting]
    notes = [*(f"left out: {words}" for words in told), *_dropped(before, after, kept)]
    cut = _cut(before, after, (*counting, *rest))
    return Pair(*cut, cases, (*counting, *rest), tuple(counting), tuple(notes))


def listed(names: Iterable[str], sealed: Collection[str] = ()) -> str:
    """ "t01, t02 and 3 more": at most ``SHOWN`` names, sealed ones only counted."""
    every = sorted(set(names))
    shown = [name if len(name) <= 60 else f"{name[:57]}..." for name in every if name not in sealed]
    parts = [", ".join(shown[:SHOWN])] if shown else []
    parts += [f"{len(shown) - SHOWN} more"] if len(shown) > SHOWN else []
    hidden = len(every) - len(shown)
    parts += [f"{count(hidden, 'sealed case')}"] if hidden else []
    return " and ".join(parts)


def _metrics_asked(before: Side, after: Side, yardstick: Yardstick) -> Iterator[HarnessError]:
    for name in yardstick.metrics:
        for side in (before, after):
            if name not in side.marks:
                yield UserError(
                    f"{side.title} has no metric {name!r}",
                    where="--metric",
                    fix=f"name one of both: {', '.join(side.marks) or 'it has none'}",
                )


def _nothing(noun: str, before: Iterable[str], after: Iterable[str]) -> HarnessError:
    words = f"the two share no {noun}: {listed(before) or 'none'} against {listed(after) or 'none'}"
    return UserError(words, fix=f"compare results with the same {noun}s")


def _counting(shared: Sequence[str], before: Side, after: Side, yardstick: Yardstick) -> tuple[str, ...]:
    """What the ruling depends on: as asked, else the goals of the later side, else all but time, tokens and money."""
    if yardstick.metrics:
        return tuple(name for name in yardstick.metrics if name in shared)
    named = tuple(name for name in dict.fromkeys((*after.goals, *before.goals)) if name in shared)
    return named or tuple(name for name in shared if before.marks[name].unit not in COSTS) or tuple(shared)


def _versions(before: Side, after: Side, names: Sequence[str]) -> Iterator[HarnessError]:
    for name in names:
        old, new = before.marks[name], after.marks[name]
        if old.version != new.version and old.version and new.version:
            words = f"metric {name!r} is not the same one: {old.version} in {before.title}, {new.version} in"
            fix = "score both by one version; --rescore does it for runs recorded here"
            yield UserError(f"{words} {after.title}", fix=fix)
        if (old.direction, old.unit) != (new.direction, new.unit) and None not in (old.unit, new.unit):
            words = f"metric {name!r} is {_nature(old)} in {before.title} and {_nature(new)} in {after.title}"
            yield UserError(words, fix="give one of the two another name")


def _nature(marks: Marks) -> str:
    return f"in {marks.unit or 'shares of 1'}, {marks.direction} is better"


def _same_versions(before: Side, after: Side, shared: Sequence[str]) -> list[str]:
    return [name for name in shared if not list(_versions(before, after, [name]))]


def _dropped(before: Side, after: Side, kept: Sequence[str]) -> Iterator[str]:
    """Metrics that are not compared, told but of no consequence."""
    other = [name for name in before.marks if name in after.marks and name not in kept]
    if other:
        yield f"not compared, because their versions or options differ: {', '.join(other)}"
    for side, partner in ((before, after), (after, before)):
        alone = [n for n, marks in side.marks.items() if n not in partner.marks and marks.unit in COSTS]
        if alone:
            yield f"not compared, because only {side.title} has them: {', '.join(alone)}"


def _cases(before: Side, after: Side) -> tuple[frozenset[str], list[str]]:
    """The cases that may decide in both, and what speaks against leaving it at those."""
    sealed = before.sealed | after.sealed
    told = []
    for side, partner in ((before, after), (after, before)):
        alone = side.deciding - partner.deciding
        if alone:
            words = f"{count(len(alone), 'case')} of {side.title} {'is' if len(alone) == 1 else 'are'} not in"
            told.append(f"{words} {partner.title}: {listed(alone, sealed)}")
    both = before.deciding & after.deciding
    other = {case for case in both if not _alike(before.contents, after.contents, case)}
    if other:
        words = f"{count(len(other), 'case')} of the same id ask or expect something else in {after.title}"
        told.append(f"{words}: {listed(other, sealed)}")
    return both - other, told


def _alike(before: Mapping[str, str], after: Mapping[str, str], case: str) -> bool:
    old, new = before.get(case, ""), after.get(case, "")
    return old == new or not old or not new


def _lacking_metrics(before: Side, after: Side) -> list[str]:
    told = []
    for side, partner in ((before, after), (after, before)):
        alone = [n for n, marks in side.marks.items() if n not in partner.marks and marks.unit not in COSTS]
        if alone:
            noun = "metric is" if len(alone) == 1 else "metrics are"
            told.append(f"{len(alone)} {noun} only in {side.title}: {listed(alone)}")
    return told


def _lacking_runs(before: Side, after: Side, cases: Collection[str], metrics: Sequence[str]) -> list[str]:
    """Where the two have other run indices of a case."""
    told: list[str] = []
    sealed = before.sealed | after.sealed
    ends = [_runs(side, cases, metrics) for side in (before, after)]
    most = [max(map(len, end.values()), default=0) for end in ends]
    if most[0] != most[1]:
        told.append(f"{before.title} has {count(most[0], 'run')} of a case, {after.title} has {most[1]}")
        return told
    other = sorted(case for case in cases if ends[0].get(case, set()) != ends[1].get(case, set()))
    if other:
        rows = [f"{case} ({_spelt(ends[0], case)} against {_spelt(ends[1], case)})" for case in other]
        hidden = {row for row, case in zip(rows, other, strict=True) if case in sealed}
        told.append(f"{count(len(other), 'case')} with other runs in the two: {listed(rows, hidden)}")
    return told


def _spelt(runs: Mapping[str, set[int]], case: str) -> str:
    return f"run {', '.join(str(k + 1) for k in sorted(runs.get(case, ())))}" if runs.get(case) else "no run"


def _runs(side: Side, cases: Collection[str], metrics: Sequence[str]) -> dict[str, set[int]]:
    """Run indices by case over the metrics, unscored runs included."""
    found: dict[str, set[int]] = {}
    for score in chain.from_iterable(side.marks[name].scores for name in metrics):
        if score.case in cases:
            found.setdefault(score.case, set()).add(score.k)
    return found


def _cut(before: Side, after: Side, names: Sequence[str]) -> tuple[Side, Side]:
    """Both sides with the runs that both have of a metric, other cases than the deciding ones included."""
    sides = []
    for side, partner in ((before, after), (after, before)):
        marks = {name: replace(m, scores=_both(m.scores, partner.marks[name].scores)) for name, m in _of(side, names)}
        sides.append(replace(side, marks=marks))
    return sides[0], sides[1]


def _of(side: Side, names: Sequence[str]) -> Iterator[tuple[str, Marks]]:
    return ((name, side.marks[name]) for name in names)


def _both(scores: Sequence[Score], others: Sequence[Score]) -> tuple[Score, ...]:
    known = {(score.case, score.k) for score in others}
    return tuple(score for score in scores if (score.case, score.k) in known)
