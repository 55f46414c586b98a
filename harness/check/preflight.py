"""One pass over goals, cases, settings, app and environment that reports every finding. Only calls rooms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from rapidfuzz import process

from harness import cases, discover, external, goals, plugins, settings
from harness.cases import Coverage, Split
from harness.check import advice, commanded, environment, judges, money
from harness.check.environment import Where
from harness.errors import HarnessError, Problems, UserError
from harness.repo import HOME, Repo
from harness.types import Case, Discovery, Goals, Settings

P = ParamSpec("P")
T = TypeVar("T")
OWN = ("fine-tune.md", ".langgraph-architect", ".langgraph-master", "harness.toml", "evals", "reports")  # not the app
_CASES = "evals/cases.jsonl"
_EXAMPLE = '{"id": "1", "input": "...", "expected_answer": "..."}'


@dataclass(frozen=True, slots=True)
class Checked:
    """A setup in which nothing was found wrong."""

    root: Path
    settings: Settings
    goals: Goals
    cases_path: Path
    cases: tuple[Case, ...]
    split: Split
    coverage: Coverage
    entry: str  # "path.py:name"
    discovery: Discovery
    python: Path  # interpreter of the app
    warnings: tuple[str, ...]  # what limits the run without stopping it
    uncommitted: tuple[str, ...]  # changed files of the app, which a run tunes only as a snapshot


class _Findings(list[HarnessError]):
    """Collects what the rooms complain about, so that one wrong thing does not hide the next."""

    def attempt(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """The result of ``work``, or None with its errors noted."""
        try:
            return work(*args, **kwargs)
        except Problems as problems:
            self.extend(problems.findings)
        except HarnessError as error:
            self.append(error)
        return None


def check(root: Path, flags: Mapping[str, object]) -> Checked:
    """Check the setup of the repo that holds ``root``; no code of the user is imported and no model is called.

    ``flags`` override the settings by name. Raises Problems with all findings: exit 2 while goals, cases, settings,
    metrics or the repository are wrong, else 3 when the environment is.
    """
    found = _Findings()
    repo = found.attempt(Repo.open, root)
    root = repo.root if repo else root
    if repo:
        found.attempt(repo.refuse_taken)
        found.extend(environment.records(root))
    chosen, wrong = settings.read(root, flags)
    found.extend(wrong)
    chosen = commanded.settled(root, chosen)
    where = partial(settings.where, root, flags)
    metrics, wrong = plugins.survey(chosen, root)
    found.extend(wrong)
    if (root / "reports").exists() and not (root / "reports").is_dir():
        found.append(
            UserError("reports is a file, and a run writes its report below it", where="reports", fix="move it")
        )
    aims = found.attempt(goals.load, root, chosen, plugins.measures(metrics, chosen))
    found.extend(judges.findings(metrics, chosen, aims) if aims else ())
    path, tested = _cases(root, chosen, where, found)
    sealed = root / chosen.holdout if chosen.holdout else None
    parts = None if tested is None else found.attempt(cases.split, tested, sealed)
    python = environment.interpreter(root, chosen)
    if chosen.external and repo:
        found.extend(commanded.findings(repo, chosen, python, where))
    entry = chosen.command if chosen.external else found.attempt(_entry, root, chosen, where)
    survey = found.attempt(_survey, root, entry, chosen) if entry else None
    found.extend(_unknown_nodes(chosen, survey, where) if survey else ())
    found.extend(environment.variables(chosen, where))
    found.extend(environment.links(root, chosen, where))
    found.extend(environment.imports(root, entry, python, where) if entry and not chosen.external else ())
    found.extend(money.unpriced(chosen, survey, where) if survey else ())
    if found or repo is None or aims is None or tested is None or parts is None or not entry or survey is None:
        raise Problems(list(found))
    coverage, changed = cases.coverage(tested), _uncommitted(repo, path, chosen)
    limits = commanded.limits(chosen, survey, len(tested)) if chosen.external else advice.on_prompts(survey)
    warnings = (
        *(advice.on_cases(coverage, parts) if tested else ()),
        *advice.on_goals(aims, survey, chosen),
        *limits,
        *advice.on_budget(chosen, parts),
        *advice.on_seal(root, sealed),
        *advice.on_tree(changed),
        *advice.on_filters(repo.filtered(), chosen),
    )
    return Checked(root, chosen, aims, path, tested, parts, coverage, entry, survey, python, warnings, changed)


def _uncommitted(repo: Repo, cases_path: Path, chosen: Settings) -> tuple[str, ...]:
    """Changes of the app itself: goals, cases, reports and the user's own plug-ins are read as they stand."""
    return repo.dirty(exclude=(*OWN, shown(cases_path, repo.root), *plugins.files(chosen.proposers)))


def shown(path: Path, root: Path) -> str:
    """The path as git names it, or as it is when it lies outside the repo."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _cases(root: Path, chosen: Settings, where: Where, found: _Findings) -> tuple[Path, tuple[Case, ...] | None]:
    """Path of the case file and its cases. That a file is missing is said of the line which names it."""
    in_goals, goals_where = goals.named_cases(root)
    named = chosen.cases or in_goals
    path = root / (named or _CASES)
    foreign = chosen.external and not chosen.cases and path.suffix not in (".json", ".jsonl")  # the command reads it
    if path.is_file() and not foreign:
        return path, found.attempt(cases.load, path, named or _CASES)
    if chosen.external and (foreign or not named):
        return _known(root, chosen, found)
    place = where("cases") or goals_where or _CASES
    fix = f"write it, one case per line: {_EXAMPLE}; or name another by --cases"
    said = f"the case file {named or _CASES} is {'a folder' if path.is_dir() else 'missing'}"
    found.append(UserError(said, where=place, fix=fix))
    return path, None


def _known(root: Path, chosen: Settings, found: _Findings) -> tuple[Path, tuple[Case, ...] | None]:
    """Where a run writes the cases that its command names, and those of the newest run of it, for planning."""
    repo = found.attempt(Repo.open, root)
    known = external.known_ids(repo, chosen.command) if repo else None
    return root / HOME / external.FILE, found.attempt(cases.load, known, known.name) if known else ()


def _survey(root: Path, entry: str, chosen: Settings) -> Discovery:
    return external.discovery(root, chosen) if chosen.external else discover.discover(root, entry)


def _entry(root: Path, chosen: Settings, where: Where) -> str:
    """The app's graph. A complaint about a graph that the settings name is made at the line that names it."""
    try:
        return discover.find_entry(root, chosen.graph)
    except UserError as error:
        if error.where not in ("", "--graph"):
            raise
        raise UserError(error.message, where=where("graph") or error.where, fix=error.fix) from error


def _unknown_nodes(chosen: Settings, survey: Discovery, where: Where) -> Iterator[HarnessError]:
    """Nodes that the settings name, as targets or for a metric, and the graph does not have."""
    known = [node.name for node in survey.nodes]
    asked = [("nodes", name) for name in chosen.nodes]
    asked += [
        (f"metrics.{name}.node", options["node"]) for name, options in chosen.metrics.items() if "node" in options
    ]
    for key, name in asked:
        if name not in known:
            near = process.extractOne(str(name), known)
            fix = f"write {near[0]!r}, the nearest known one; known: {', '.join(known)}" if near else "none is known"
            yield UserError(f"{key} names {name!r}, which is none", where=where(key), fix=fix)
