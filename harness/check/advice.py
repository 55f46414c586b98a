"""What limits a run without stopping it, in plain sentences. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from harness.cases import Coverage, Split
from harness.check import money
from harness.figures import count
from harness.types import Discovery, Goals, Settings

_CLAIM = 12  # cases below which a report claims nothing


def on_cases(coverage: Coverage, split: Split) -> Iterator[str]:
    """Too few cases, too few clusters, and an uneven spread."""
    if coverage.total < _CLAIM:
        yield f"{coverage.total} cases, fewer than {_CLAIM}: the run ends in a report without a claim"
    elif not split.two_stage:
        yield f"{coverage.total} cases in one set: overfitting to the cases is not controlled; 90 allow a holdout"
    deciding = split.holdout or split.dev
    units = {case.cluster or f"case {case.id}" for case in deciding}
    if len(units) < len(deciding):
        yield f"the {len(deciding)} deciding cases form {len(units)} clusters: decisions rest on {len(units)} units"
    yield from coverage.advice


def on_goals(goals: Goals, survey: Discovery, settings: Settings) -> Iterator[str]:
    """An evaluation command that is not run, and a cost that cannot be known."""
    if goals.command and not settings.external:
        yield (
            f"{goals.where}: the execution command {goals.command!r} is not run: the graph itself is run on the cases; "
            "name the texts that the command's app reads in `prompts`, and it is run instead"
        )
    if any(goal.metric == "cost" for goal in goals.goals):
        for use in money.without_price(survey, settings):
            yield f"{use.where}: the model {use.id!r} has no price, so the goal for cost stays unknown"


def on_prompts(survey: Discovery) -> Iterator[str]:
    """No text to tune, with what was searched."""
    if any(prompt.proof != "unresolved" for prompt in survey.prompts):
        return
    files = sorted({node.file for node in survey.nodes if node.file} | {survey.graph.rpartition(":")[0]})
    callers = [node.name for node in survey.nodes if node.is_llm]
    yield (
        f"no prompt that reaches a model was found, so nothing can be tuned: searched {', '.join(files)}; "
        f"nodes that call a model: {', '.join(callers) or 'none'}; {'; '.join(survey.notes) or 'no further notes'}"
    )


def on_budget(settings: Settings, split: Split) -> Iterator[str]:
    """A budget of calls that a baseline without earlier records is sure to exceed."""
    cases = len(split.dev) + len(split.holdout)
    least = cases * settings.runs
    if settings.budget.calls is not None and settings.budget.calls < least:
        replayed = "" if settings.external else ", unless earlier records are replayed"
        yield (
            f"the budget of {settings.budget.calls} {settings.spends} is smaller than the baseline: "
            f"{cases} cases x {settings.runs} runs make at least {least}{replayed}"
        )


def on_seal(root: Path, sealed: Path | None) -> Iterator[str]:
    """A holdout file that whoever edits the repo can read."""
    if sealed is not None and sealed.resolve().is_relative_to(root.resolve()):
        yield "the holdout file lies inside the repo: it is sealed by convention, not by a lock"


def on_tree(changed: Sequence[str]) -> Iterator[str]:
    """What a run refuses without ``--snapshot``."""
    if changed:
        yield f"the app has uncommitted changes: {', '.join(changed[:5])}{', ...' if len(changed) > 5 else ''}"


def on_filters(filtered: Sequence[str], settings: Settings) -> Iterator[str]:
    """Files that the app would read as git stores them, LFS pointers above all."""
    linked = [PurePosixPath(name) for name in settings.link]
    left = [name for name in filtered if not any(PurePosixPath(name).is_relative_to(place) for place in linked)]
    if left:
        yield (
            f"{count(len(left), 'file')} under a git filter (LFS or another), such as {left[0]}: a run sees them as "
            f'git stores them; if the app reads their content, name them: link = ["{left[0]}"]'
        )
