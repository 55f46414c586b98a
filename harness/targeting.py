"""The target list of a repository as it stands: what its prompts show, and what a run of the same texts measured.

Reads code and records; starts nothing, scores nothing and calls no model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from harness import analyse, discover, figures, goals, plugins, recorded, settings
from harness.errors import UserError
from harness.journal import Journal, Notes
from harness.recorded import Record
from harness.repo import HOME, Repo
from harness.runs import every
from harness.types import Discovery, FailurePattern, NodeCost, Observation, Target

_NAMED = 3  # texts that a sentence names


@dataclass(frozen=True, slots=True)
class Listed:
    """The target list, and what it rests on."""

    graph: str  # "path.py:name"
    run: str  # whose measurements are used; "" = none
    basis: str  # where the numbers are from, or why there are none and how to get them
    metric: str  # that the impact is about; "" = nothing is measured
    discovery: Discovery
    targets: tuple[Target, ...]  # highest priority first
    others: Mapping[str, str]  # nodes that call a model and are no target, with the reason
    costs: tuple[NodeCost, ...] = ()
    failures: tuple[FailurePattern, ...] = ()  # of dev cases


@dataclass(frozen=True, slots=True)
class _Measured:
    """One version of the app as a run measured it."""

    run: str
    generation: int  # 0 = the app as found
    found: Discovery  # as it was then, proved by the run


def listed(root: Path, run_id: str = "", graph: str = "") -> Listed:
    """The targets of the app as it stands, with the measurements of the newest run whose texts and models are the same;
    or those of one run as it was. Raises UserError for an unknown run or graph."""
    repo = Repo.open(root)
    chosen = settings.load(repo.root, {})
    entry = discover.find_entry(repo.root, graph or chosen.graph)
    now = discover.discover(repo.root, entry)
    known = list(_measured(repo, entry)) if (repo.root / HOME / "state.sqlite").is_file() else []
    if run_id:
        return _of_run(repo, run_id, now, known)
    same = next((version for version in known if _content(version.found) == _content(now)), None)
    if same is not None:
        return _with(repo, same, now, "")
    measure = "`harness baseline` measures it (that calls the models)"
    if not known:
        return _plain(now, f"not measured: no run of this graph is recorded here; {measure}")
    return _plain(now, f"not measured as it stands: {_since(known[0], now)}; {measure}")


def _of_run(repo: Repo, run_id: str, now: Discovery, known: Sequence[_Measured]) -> Listed:
    chosen = next((version for version in known if version.run == run_id), None)
    if chosen is None:
        recorded.read(repo, run_id, today=False)  # says what is wrong with the run
        raise UserError(f"run {run_id} measured another graph than {now.graph}", fix="name its graph with --graph")
    is_same = _content(chosen.found) == _content(now)
    return _with(repo, chosen, now if is_same else chosen.found, "" if is_same else f"; {_since(chosen, now)}")


def _measured(repo: Repo, entry: str) -> Iterator[_Measured]:
    """Every version of the graph that runs measured to its end, the newest run first, its last version first."""
    for info in reversed(every(repo)):
        with closing(Journal(repo.home / "state.sqlite", info.id)) as record:
            notes = Notes(record)
            if (record.get("run:start") or {}).get("entry") != entry:
                continue
            last = 0
            while notes.has("summary-all", str(last)) and notes.has("found", str(last)):
                last += 1
            for generation in reversed(range(last)):
                yield _Measured(info.id, generation, notes.discovery(generation))


def _content(found: Discovery) -> tuple[frozenset[object], frozenset[object]]:
    """What a measurement rests on: the texts, and which model each node calls; wherever their lines are."""
    texts = frozenset((prompt.span.file, prompt.parts) for prompt in found.prompts)
    models = frozenset(
        (node.name, use.provider, use.id, repr(sorted(use.parameters.items())))
        for node in found.nodes
        for use in node.models
    )
    return texts, models


def _since(then: _Measured, now: Discovery) -> str:
    """What is not as the run measured it."""
    before, _ = _content(then.found)
    changed = [prompt.id for prompt in now.prompts if (prompt.span.file, prompt.parts) not in before]
    named = ", ".join(changed[:_NAMED]) + (", ..." if changed[_NAMED:] else "")
    what = f"{figures.count(len(changed), 'text')} changed since run {then.run} ({named})" if changed else ""
    return what or f"texts were dropped or models changed since run {then.run}"


def _plain(now: Discovery, basis: str) -> Listed:
    rows = analyse.targets(now, {}, (), tuple(plugins.techniques().values()))
    return Listed(now.graph, "", basis, "", now, rows, _others(now, rows))


def _with(repo: Repo, version: _Measured, app: Discovery, more: str) -> Listed:
    """The targets of ``app`` with what the run measured; dev cases only."""
    record = recorded.read(repo, version.run, today=False)
    runs = list(record.versions.values())[version.generation]
    found = discover.confirm(app, (call for run in runs for call in run.calls))
    dev = {case.id for case in record.split.dev}
    seen = [run for run in runs if run.case in dev]
    told = analyse.Record(record.split.dev, seen, (), plugins.places(record.settings))
    metric, words = _aim(repo, record, version.generation)
    known, _ = plugins.survey(record.settings, repo.root)
    unit = known[metric].UNIT if metric in known else ""
    costs = analyse.node_costs(seen, record.settings.prices)
    rows = analyse.targets(found, _observations(found, told), costs, tuple(plugins.techniques().values()), unit)
    title = list(record.versions)[version.generation]
    basis = f"measured by run {version.run}, {title}: {figures.count(len(dev), 'dev case')}, {words}{more}"
    return Listed(
        found.graph, version.run, basis, metric, found, rows, _others(found, rows), costs, analyse.failures(told)
    )


def _observations(found: Discovery, told: analyse.Record) -> Mapping[str, tuple[Observation, ...]]:
    nodes = {node.name: node for node in found.nodes}
    return {
        prompt.id: analyse.observe(nodes[prompt.nodes[0]], prompt, told, discover.fill)
        for prompt in found.prompts
        if prompt.is_editable and prompt.nodes and prompt.nodes[0] in nodes
    }


def _aim(repo: Repo, record: Record, generation: int) -> tuple[str, str]:
    """The metric that a run would work on next, the first goal's where all are met; and how it stands, in words."""
    with closing(Journal(repo.home / "state.sqlite", record.run_id)) as journal:
        means = {row.metric: row.mean for row in Notes(journal).summaries("dev", generation)}
    wanted = record.goals.goals
    missed = [g for g in wanted if (mean := means.get(g.metric)) is not None and not goals.clears(g, mean)]
    goal = (*missed, *wanted)[0]
    known, _ = plugins.survey(record.settings, repo.root)
    unit = known[goal.metric].UNIT if goal.metric in known else None
    return goal.metric, f"{goal.metric} {figures.amount(means.get(goal.metric), unit)} on them"


def _others(found: Discovery, rows: Sequence[Target]) -> Mapping[str, str]:
    """Nodes that call a model and have no row of their own."""
    prompts = {prompt.id: prompt for prompt in found.prompts}
    named = {row.node for row in rows}
    told = {}
    for node in found.nodes:
        if node.is_llm and node.name not in named:
            own = [prompts[key] for key in node.prompts if key in prompts]
            shared = [prompt.nodes[0] for prompt in own if prompt.nodes and prompt.nodes[0] in named]
            reasons = [prompt.reason for prompt in own if prompt.reason]
            told[node.name] = (
                f"its text is that of {shared[0]}" if shared else "; ".join(reasons) or "no text of its own was found"
            )
    return told
