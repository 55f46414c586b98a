"""Which files a repository lacks before its first run, and writing those. Knows where rooms look for theirs."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness import discover, goals
from harness.errors import MachineError
from harness.repo import Repo
from harness.starter import texts
from harness.starter.texts import Wishes
from harness.types import Settings

_GOALS = "fine-tune.md"
_CASES = "evals/cases.jsonl"
_ENOUGH = 90  # cases from which a holdout can be sealed


@dataclass(frozen=True, slots=True)
class Draft:
    """One file: what is to be written, or why it is left as it is."""

    path: str  # relative to the root of the repository
    words: str
    text: str | None = None  # None = nothing is written
    appended: bool = False  # to a file that stands


def drafts(repo: Repo, chosen: Settings, entry: str, wishes: Wishes) -> tuple[Draft, ...]:
    """Goals, cases, reports and settings for the graph ``entry``; ``chosen`` are the settings that stand."""
    return (
        _goals(repo, chosen, wishes),
        _cases(repo.root, chosen, entry),
        _reports(repo.root),
        _settings(repo, entry),
    )


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


def _goals(repo: Repo, chosen: Settings, wishes: Wishes) -> Draft:
    found = goals.find(repo.root)
    if found is not None:
        return Draft(found.relative_to(repo.root).as_posix(), "stands already")
    if chosen.goals:
        return Draft(_GOALS, "not needed: the settings hold goals")
    text = texts.goals(repo.root.name, chosen.cases or _CASES, wishes)
    return Draft(_GOALS, "the goals: change the numbers to yours", text)


def _cases(root: Path, chosen: Settings, entry: str) -> Draft:
    named = chosen.cases or goals.named_cases(root)[0] or _CASES
    path = root / named
    if path.exists():
        return Draft(named, "stands already")
    if not Path(os.path.normpath(path)).is_relative_to(root):
        return Draft(named, "is named as the case file and missing; it lies outside the repository")
    words = f"{texts.EXAMPLES} examples: put your own in their place; a sealed holdout needs {_ENOUGH} or more"
    return Draft(named, words, texts.cases(discover.keys(root, entry), as_lines=path.suffix != ".json"))


def _reports(root: Path) -> Draft:
    if (root / "reports").exists():
        return Draft("reports/", "stands already")
    return Draft("reports/.gitkeep", "the folder for the reports of runs", "")


def _settings(repo: Repo, entry: str) -> Draft:
    pyproject, own = repo.root / "pyproject.toml", repo.root / "harness.toml"
    if own.exists():
        return Draft(own.name, "stands already")
    table = texts.settings(entry, tuple(_links(repo)))
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
