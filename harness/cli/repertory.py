"""``techniques``: what can be tried, what is expected of it, and what came of it here."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from harness import figures, repertoire, settings
from harness.changes import SAMPLES
from harness.cli.shell import say_json
from harness.cli.tables import grid
from harness.repertoire import Entry, Repertoire, Tally
from harness.repo import Repo


def techniques(root: Path, *, as_json: bool) -> None:
    """Every technique with its record in this repo."""
    repo = Repo.open(root)
    chosen = settings.load(repo.root, {})
    found = repertoire.read(repo.home / "state.sqlite", repo.home / "lock", chosen.proposers)
    if as_json:
        say_json({**asdict(found), "entries": [{**asdict(e), "win_rate": win_rate(e.here)} for e in found.entries]})
    else:
        print(page(found))


def win_rate(here: Tally) -> float | None:
    """Share of the tried candidates that were kept, 0-1; None before one was tried."""
    return here.kept / here.tried if here.tried else None


def page(found: Repertoire) -> str:
    """All of it as text."""
    columns = ["Technique", "When to try it, what is expected, and why", "Here"]
    runs = figures.count(found.runs, "recorded run")
    parts = [grid("Techniques", columns, map(row, found.entries))]
    if found.others:
        rows = [[name, record(here)] for name, here in found.others.items()]
        parts.append(grid("From proposers that are not built in", ["Technique", "Here"], rows))
    parts.append(
        f"here: candidates of {runs} in this repo; tried = measured on dev, through = passed the screen on dev,\n"
        "kept = confirmed and committed to the branch of its run"
    )
    return "\n".join(parts)


def row(entry: Entry) -> list[str]:
    """One technique."""
    known = entry.technique
    changes = "code" if known.parameter == SAMPLES else "parameter" if known.parameter else "prompt"
    asked = "" if entry.heard else "\nleft out by settings"
    said = f"When: {known.symptom}\nExpected: {known.effect}\nWhy: {known.reason}"
    return [f"{'★' * known.stars}\n{known.name}\n{entry.proposer}, {changes}{asked}", said, record(entry.here)]


def record(here: Tally) -> str:
    """What became of the candidates, in words."""
    if not here.proposed:
        return figures.NONE
    if not here.tried:
        return f"{here.proposed} refused"
    return f"{here.tried} tried\n{here.screened} through\n{here.kept} kept, {figures.share(win_rate(here))}"
