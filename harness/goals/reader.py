"""fine-tune.md and goals in words -> Goals, with every finding at once. Knows which file counts and which line wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from harness.errors import HarnessError, Problems, UserError
from harness.goals import document, names, words
from harness.goals.document import Document, Sentence
from harness.sources import utf8
from harness.statistic import listed
from harness.types import Goal, Goals, Measure, Settings

PLACES = ("fine-tune.md", ".langgraph-architect/fine-tune.md", ".langgraph-master/fine-tune.md")
_EXAMPLE = "'- **Accuracy**: 90% or higher' below '## Optimization Objectives'"


def find(root: Path) -> Path | None:
    """The goals file of the repo at ``root``, or None; the first of several, which ``load`` refuses."""
    return next(iter(_standing(root)), None)


def _standing(root: Path) -> list[Path]:
    return [path for name in PLACES if (path := root / name).is_file()]


def named_cases(root: Path) -> tuple[str, str]:
    """The case file that the goals file names, and the "file:line" where; two empty texts when it names none.

    Asked by itself, so that cases can be checked while the goals are still wrong.
    """
    path = find(root)
    if path is None:
        return "", ""
    name = path.relative_to(root).as_posix()
    try:
        named = document.read(utf8(path, name)).cases
    except UserError:  # said by ``load``
        return "", ""
    return (named.text, f"{name}:{named.line}") if named else ("", "")


def load(root: Path, settings: Settings, known: Mapping[str, Measure]) -> Goals:
    """Goals of the repo at ``root``: those of ``settings.goals`` first, then those of the file for other metrics.

    ``known`` holds every metric by its NAME. Targets are absolute in the metric's unit (shares
    of 1, seconds, tokens, USD) or relative to the baseline. Raises Problems with all findings, each with "file:line":
    an unknown metric, a value that cannot be read, a direction that would make things worse, two sentences that
    disagree, a second file of goals; UserError when there are no goals at all.
    """
    findings: list[HarnessError] = []
    told = _from_words(settings.goals, known, findings)
    path = find(root)
    if path is None and not settings.goals:
        raise UserError(
            f"no goals: {PLACES[0]} is missing (looked for {', '.join(PLACES)})",
            fix=f'write {PLACES[0]} with {_EXAMPLE}, or give --goal "accuracy to 90 %"',
        )
    goals = Goals(goals=told)
    if path is not None:
        name = path.relative_to(root).as_posix()
        for other in _standing(root)[1:]:
            second = other.relative_to(root).as_posix()
            said = f"goals stand in two files, {name} and {second}: which of them counts?"
            findings.append(UserError(said, where=f"{second}:1", fix=f"move what counts into {name}; git rm {second}"))
        goals = _merged(told, _from_file(path, name, known, findings))
        if not goals.goals and not findings:
            findings.append(UserError("no goal in the file", where=name, fix=f"write {_EXAMPLE}"))
    if findings:
        raise Problems(findings)
    return goals


def _merged(told: tuple[Goal, ...], written: Goals) -> Goals:
    """What is told on the command line wins over the line of the same metric, and is worked on first."""
    metrics = {goal.metric for goal in told}
    return replace(written, goals=told + tuple(goal for goal in written.goals if goal.metric not in metrics))


def _from_words(texts: tuple[str, ...], known: Mapping[str, Measure], findings: list[HarnessError]) -> tuple[Goal, ...]:
    goals: dict[str, Goal] = {}
    for text in texts:
        where = f"--goal {text!r}"
        goal = _goal(Sentence(words.metric_words(text), text, 0), where, known, findings)
        if goal is None:
            continue
        if goal.metric in goals and not _same(goals[goal.metric], goal):
            findings.append(
                UserError(f"another goal for {goal.metric}: {goals[goal.metric].text!r}", where=where, fix="keep one")
            )
        goals.setdefault(goal.metric, goal)
    return tuple(goals.values())


def _from_file(path: Path, name: str, known: Mapping[str, Measure], findings: list[HarnessError]) -> Goals:
    try:
        said = document.read(utf8(path, name))
    except UserError as error:
        findings.append(error)
        return Goals(())
    return Goals(
        goals=_written(said, name, known, findings),
        cases_path=said.cases.text if said.cases else "",
        cases_where=f"{name}:{said.cases.line}" if said.cases else "",
        command=said.command,
        criteria=tuple(said.criteria),
        title=said.title,
        where=name,
    )


def _written(said: Document, name: str, known: Mapping[str, Measure], findings: list[HarnessError]) -> tuple[Goal, ...]:
    """One goal for each metric, in the order first named."""
    by_metric: dict[str, list[Sentence]] = {}
    for sentence in said.objectives + said.targets:
        named = replace(sentence, name=sentence.name or words.metric_words(sentence.text))
        metric = _metric(named, f"{name}:{named.line}", known, findings)
        if metric is not None:
            by_metric.setdefault(metric, []).append(named)
    goals = (_one(metric, sentences, name, known, findings) for metric, sentences in by_metric.items())
    return tuple(goal for goal in goals if goal is not None)


def _one(
    metric: str, sentences: list[Sentence], name: str, known: Mapping[str, Measure], findings: list[HarnessError]
) -> Goal | None:
    """The goal that all sentences about a metric agree on; those that state no value do not count beside one."""
    valued = [s for s in sentences if words.says_value(s.text)] or sentences[-1:]
    found = [goal for s in valued if (goal := _goal(s, f"{name}:{s.line}", known, findings)) is not None]
    for other in found[1:]:
        if not _same(found[0], other):
            findings.append(
                UserError(
                    f"{metric} has two targets: {other.text!r} here, {found[0].text!r} at {found[0].where}",
                    where=other.where,
                    fix=f"make {found[0].where} and {other.where} agree, or take the number out of the objective",
                )
            )
    return found[-1] if found else None


def _metric(said: Sentence, where: str, known: Mapping[str, Measure], findings: list[HarnessError]) -> str | None:
    """NAME of the metric that a sentence is about; a finding and None when it is none of the known ones."""
    metric = names.canonical(said.name, known) if said.name else None
    measure = known.get(metric) if metric else None
    if measure is not None and not measure.refusal:
        return metric
    open_to_goals = [name for name, measure in known.items() if not measure.refusal]
    if measure is not None:
        findings.append(UserError(measure.refusal, where=where, fix=measure.fix))
    elif not said.name:
        told = listed(open_to_goals)
        findings.append(UserError(f"{said.text!r} names no metric", where=where, fix=f"known: {told}"))
    else:
        near = names.nearest(said.name, open_to_goals)
        findings.append(
            UserError(
                f"unknown metric {said.name!r}",
                where=where,
                fix=f"write {near!r}, the nearest known one; known: {listed(open_to_goals)}; or add evals/<name>.py",
            )
        )
    return None


def _goal(said: Sentence, where: str, known: Mapping[str, Measure], findings: list[HarnessError]) -> Goal | None:
    """The goal of one sentence; a finding and None when it cannot be read."""
    metric = _metric(said, where, known, findings)
    if metric is None:
        return None
    try:
        wanted = words.parse(said.text, metric, known[metric])
    except words.UnreadableError as error:
        findings.append(UserError(str(error), where=where, fix=error.fix))
        return None
    return Goal(
        metric=metric,
        direction=known[metric].direction,
        target=wanted.target,
        relative=wanted.relative,
        unit=wanted.unit,
        where=where,
        text=said.text,
    )


def _same(one: Goal, other: Goal) -> bool:
    """Whether two goals ask for the same: "1500 ms" and "1.5 seconds" do."""
    return (one.target, one.relative) == (other.target, other.relative)
