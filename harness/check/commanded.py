"""What is wrong, and what is limited, where a command of the repo evaluates instead of a graph. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from harness import external, goals, plugins
from harness.check.environment import Where
from harness.errors import AppError, HarnessError, UserError
from harness.repo import Repo
from harness.types import Discovery, Json, Settings

_EXAMPLE = 'command = "python evaluate.py"'


def settled(root: Path, chosen: Settings) -> Settings:
    """The settings as a run with a command takes them, others as they are.

    The command is the goals file's where the settings name none; numbers that goals name and nobody knows are read from
    its results; nothing is replayed, because no model call is seen, and cases are not run side by side from here.
    """
    if not chosen.external:
        return chosen
    known, _ = plugins.survey(chosen, root)
    named = goals.unknown(root, chosen, plugins.measures(known, chosen))
    told: Mapping[str, Mapping[str, Json]] = {
        name: {"kind": "told", "field": name, "direction": direction, "unit": unit}
        for name, (direction, unit) in named.items()
    }
    return replace(
        chosen,
        command=chosen.command or goals.named_command(root),
        metrics={**told, **chosen.metrics},
        replay=False,
        concurrency=1,
        workers=1,
    )


def findings(repo: Repo, chosen: Settings, python: Path, where: Where) -> Iterator[HarnessError]:
    """No command, one that cannot be started, scripts that no commit holds, and everything about the named texts."""
    if not chosen.command:
        words = "`prompts` names texts, and no command says how they are evaluated"
        fix = f"write {_EXAMPLE}, or an Execution Command into the goals file"
        yield UserError(words, where=where("prompts"), fix=fix)
        return
    place = where("command") or "Execution Command"
    program = external.missing_program(chosen.command, repo.root, python)
    if program:
        fix = f"install it, or correct the command {chosen.command!r}"
        yield AppError(f"the command begins with {program!r}, and there is no such program", where=place, fix=fix)
    changed = repo.dirty()
    for script in external.scripts(chosen.command):
        if not (repo.root / script).exists() and "/" not in script and "cd " in chosen.command:
            continue  # it stands below the folder that the command goes to
        if not (repo.root / script).exists():
            fix = f"correct the command {chosen.command!r}"
            yield UserError(f"the command names {script}, which is not there", where=place, fix=fix)
        elif repo.read("HEAD", script) is None:
            fix = f"git add {script} && git commit: a run works in a tree of the commit"
            yield UserError(f"no commit holds {script}, which the command names", where=place, fix=fix)
        elif script in changed:
            fix = f"git commit {script}: a run works in a tree of the commit"
            yield UserError(f"{script}, which the command names, has uncommitted changes", where=place, fix=fix)
    yield from external.problems(repo, chosen, where)


def limits(chosen: Settings, survey: Discovery, cases: int) -> Iterator[str]:
    """What a run can do less, in sentences."""
    if not survey.prompts:
        yield (
            "no text is named in `prompts`, so no proposer has anything to change: `harness baseline`, `try` and "
            "`compare --ref` work"
        )
    yield from survey.notes
    if chosen.graph:
        yield f"the command evaluates, and the graph {chosen.graph} is not run"
    if not cases:
        yield (
            "no case file: the command is run once on all its cases, and its results name them; how many there are is "
            "known after `harness baseline`"
        )
    if chosen.budget.usd is not None:
        yield "money is what the results tell as `cost`; a budget in USD ends the run where a row tells none"
