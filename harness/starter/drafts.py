"""Which files a repository lacks before its first run, and writing those. Knows where rooms look for theirs."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness import goals
from harness.discover import Keys
from harness.errors import MachineError
from harness.figures import count
from harness.repo import Repo
from harness.starter import texts
from harness.starter.aims import Aims
from harness.starter.material import Source
from harness.starter.texts import Wishes
from harness.types import Json, Settings

_GOALS = "fine-tune.md"
_CASES = "evals/cases.jsonl"
_ENOUGH = 90  # cases from which a holdout can be sealed


@dataclass(frozen=True, slots=True)
class Known:
    """What was found out about the app."""

    entry: str  # the graph, "path.py:name"; "" = none was found
    keys: Keys
    aims: Aims
    rows: tuple[Mapping[str, Json], ...] = ()  # cases drafted from the repository
    sources: tuple[Source, ...] = ()  # where they are from
    notes: tuple[str, ...] = ()  # what was left out, in words

    @property
    def silent(self) -> int:
        """Drafted cases that say nothing of what is expected."""
        return sum(not any(key.startswith("expected_") for key in row) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Draft:
    """One file: what is to be written, or why it is left as it is."""

    path: str  # relative to the root of the repository
    words: str
    text: str | None = None  # None = nothing is written
    appended: bool = False  # to a file that stands
    cases: bool = False  # it holds cases, drafted from the repository or examples of the form


def drafts(repo: Repo, chosen: Settings, known: Known, wishes: Wishes) -> tuple[Draft, ...]:
    """Goals, cases, reports and settings for the app that is ``known``; ``chosen`` are the settings that stand."""
    return (
        _goals(repo, chosen, known, wishes),
        _cases(repo.root, chosen, known),
        _reports(repo.root),
        _settings(repo, known),
    )


def case_file(root: Path, chosen: Settings) -> str:
    """The case file that a run would read, as it is named."""
    return chosen.cases or goals.named_cases(root)[0] or _CASES


def write(root: Path, drafted: tuple[Draft, ...]) -> None:
    """Write what is drafted. A file that has come to stand meanwhile is not touched: MachineError says which."""
    for draft in drafted:
        if draft.text is None:
            continue
        path = root / draft.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab" if draft.appended else "xb") as file:
                file.write(draft.text.encode("utf-8"))
        except OSError as error:
            fix = "see that it may be written, then `harness init` again: what stands by then is left as it is"
            raise MachineError(f"cannot be written: {error.strerror}", where=draft.path, fix=fix) from error


def _goals(repo: Repo, chosen: Settings, known: Known, wishes: Wishes) -> Draft:
    found = goals.find(repo.root)
    if found is not None:
        return Draft(found.relative_to(repo.root).as_posix(), "stands already")
    if chosen.goals:
        return Draft(_GOALS, "not needed: the settings hold goals")
    text = texts.goals(repo.root.name, chosen.cases or _CASES, wishes, known.aims)
    return Draft(_GOALS, f"the goals, {known.aims.metric} first: change the numbers to yours", text)


def _cases(root: Path, chosen: Settings, known: Known) -> Draft:
    named = case_file(root, chosen)
    path = root / named
    if path.exists():
        return Draft(named, "stands already")
    if not Path(os.path.normpath(path)).is_relative_to(root):
        return Draft(named, "is named as the case file and missing; it lies outside the repository")
    as_lines = path.suffix != ".json"
    if known.rows:
        lacking = f", {known.silent} without an expectation" if known.silent else ""
        todo = "complete them" if known.silent else "look them through"
        words = f"{count(len(known.rows), 'draft')} from what the repository has{lacking}: {todo}"
        return Draft(named, words, texts.written(known.rows, as_lines=as_lines), cases=True)
    words = f"{texts.EXAMPLES} examples: put your own in their place; a sealed holdout needs {_ENOUGH} or more"
    return Draft(named, words, texts.cases(known.keys, as_lines=as_lines), cases=True)


def _reports(root: Path) -> Draft:
    if (root / "reports").exists():
        return Draft("reports/", "stands already")
    return Draft("reports/.gitkeep", "the folder for the reports of runs", "")


def _settings(repo: Repo, known: Known) -> Draft:
    pyproject, own = repo.root / "pyproject.toml", repo.root / "harness.toml"
    if own.exists():
        return Draft(own.name, "stands already")
    unpriced = () if known.aims.priced else known.aims.paid
    table = texts.settings(known.entry, tuple(_links(repo)), unpriced)
    if pyproject.is_file():
        stands = pyproject.read_bytes().decode("utf-8")
        if "harness" in tomllib.loads(stands).get("tool", {}):
            return Draft(pyproject.name, "[tool.harness] stands already")
        end = "\r\n" if "\r\n" in stands else "\n"
        gap = "" if not stands or stands.endswith("\n") else end
        more = gap + f"\n[tool.harness]\n{table}".replace("\n", end)
        if _is_toml(stands + more):
            return Draft(pyproject.name, "[tool.harness] at its end, the rest as it was", more, appended=True)
    return Draft(own.name, "the settings", table)


def _is_toml(text: str) -> bool:
    """Whether a table can stand at the end: not where ``tool`` is written as an inline table."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _links(repo: Repo) -> Iterator[str]:
    """Files with secrets that the app may read and git does not have: private trees lack them otherwise."""
    if (repo.root / ".env").is_file() and repo.read("HEAD", ".env") is None:
        yield ".env"
