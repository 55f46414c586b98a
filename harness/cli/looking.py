"""Commands that look and spend nothing: ``check``, ``runs``, ``report``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from harness import figures, outlook
from harness.check import Checked
from harness.check import check as examine
from harness.cli import reading
from harness.cli.shell import say_json
from harness.cli.tables import grid
from harness.cli.text import allowance
from harness.errors import UserError
from harness.journal import FAILED, FINISHED, Journal, RunInfo
from harness.repo import Repo
from harness.runs import every, folder_of, newest
from harness.types import Facts


def check(root: Path, flags: Mapping[str, object], *, start: bool, as_json: bool) -> None:
    """Everything that is wrong, or what a run would work with."""
    checked = examine(root, flags)
    if start and checked.settings.external:
        words = "`--import` starts a graph, and a command would evaluate every case"
        raise UserError(words, where="--import", fix="leave it out; `harness baseline` runs the command")
    facts = started(checked) if start else None
    warnings = (*checked.warnings, *spent(checked))
    if as_json:
        say_json(
            {
                "graph": checked.entry,
                "goals": [asdict(goal) for goal in checked.goals.goals],
                "cases": len(checked.cases),
                "dev": len(checked.split.dev),
                "holdout": len(checked.split.holdout),
                "coverage": asdict(checked.coverage),
                "nodes": [node.name for node in checked.discovery.nodes if node.is_llm],
                "warnings": warnings,
                "app": None if facts is None else asdict(facts),
            }
        )
        return
    split = checked.split
    sets = f"{len(split.dev)} dev, {len(split.holdout)} sealed holdout" if split.two_stage else "one stage"
    print(app_line(checked))
    print(f"cases   {len(checked.cases)} ({sets})" if checked.cases else "cases   named by the command, not known yet")
    for goal in checked.goals.goals:
        print(f"goal    {goal.metric}: {goal.text}  ({goal.where})")
    if facts is not None:
        print(f"app     starts: nodes {', '.join(facts.nodes)}")
    for warning in warnings:
        print(f"warning {warning}")
    print("nothing is wrong; no model was called")


def spent(checked: Checked) -> Iterator[str]:
    """The deciding cases may not be asked again: `run` and `try` would refuse to begin."""
    chosen, split = checked.settings, checked.split
    left = outlook.confirmations_left(Repo.open(checked.root), chosen, split)
    if not left:
        name = "sealed holdout" if split.two_stage else "cases"
        yield f"{name}: {allowance(left, chosen.max_iterations)}; until then nothing can be confirmed"


def app_line(checked: Checked) -> str:
    """What a run would work with: a graph with its LLM nodes, or a command with the texts named for it."""
    if checked.settings.external:
        return f"command {checked.entry}: {figures.count(len(checked.discovery.prompts), 'text')} named"
    return f"graph   {checked.entry}: {figures.count(sum(n.is_llm for n in checked.discovery.nodes), 'LLM node')}"


def started(checked: Checked) -> Facts:
    """The app started once; loads langgraph, which a static check does without."""
    from harness import session

    return session.start_once(checked)


def runs(root: Path, *, as_json: bool) -> None:
    """The runs of this repo, oldest first."""
    repo = Repo.open(root)
    known = [(run, ending(repo, run)) for run in every(repo)]
    if as_json:
        say_json([{**asdict(run), "end": end} for run, end in known])
        return
    rows = [[run.id, run.started[:19], run.status, end.partition("\n")[0]] for run, end in known]
    print(grid("Runs", ["Run", "Started (UTC)", "Status", "End"], rows) if rows else "no run yet: `harness run`")


def ending(repo: Repo, run: RunInfo) -> str:
    """Why a run ended or failed, "" where neither is the last that is known of it."""
    kind = {"finished": FINISHED, "failed": FAILED}.get(run.status)
    if kind is None:
        return ""
    with closing(Journal(repo.home / "state.sqlite", run.id)) as record:
        return str(record.read(kind)[-1].data["stopped"])


def report(root: Path, run_id: str, *, raw: bool, as_json: bool) -> None:
    """The report of a run, as committed on its branch: laid out on a terminal, as Markdown elsewhere."""
    repo = Repo.open(root)
    chosen = run_id or newest(repo, "finished")
    path = f"reports/{chosen}/report.md"
    text = repo.read(f"harness/{chosen}", path)
    if text is None and (repo.root / path).is_file():  # its branch was merged and deleted
        text = (repo.root / path).read_text(encoding="utf-8")
    own = folder_of(repo, chosen) / "report.md"
    if text is None and own.is_file():  # of a comparison, which leaves no branch
        text = own.read_text(encoding="utf-8")
    if text is None:
        state = "is not finished: `harness resume`" if folder_of(repo, chosen).exists() else "is not known here"
        raise UserError(f"run {chosen} has no report: it {state}", fix="`harness runs` lists the runs")
    if as_json:
        say_json({"run": chosen, "branch": f"harness/{chosen}", "path": path, "markdown": text})
    elif raw or not sys.stdout.isatty():
        print(text)
    else:
        reading.show(text)
