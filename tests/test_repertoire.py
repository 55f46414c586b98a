"""Techniques and what came of them: counted from real journals, run by run."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from harness import plugins, repertoire
from harness.journal import Journal, Notes
from harness.repertoire import Tally
from harness.types import Settings, Trial
from tests.report.outcomes import change, comparison, decision, trials


def put(folder: Path, run: str, ended: tuple[Trial, ...], passed: tuple[str, ...]) -> None:
    """Record the ends of a run's candidates, and which of them passed the screen."""
    with closing(Journal(folder / "state.sqlite", run)) as record:
        notes = Notes(record)
        for change_id in passed:
            notes.put("screened", change_id, comparison())
        for trial in ended:
            notes.put("trial", f"{trial.change.id}:{trial.stage}", trial)


def read(folder: Path, heard: tuple[str, ...] = Settings().proposers) -> repertoire.Repertoire:
    return repertoire.read(folder / "state.sqlite", folder / "lock", heard)


def test_without_a_record_every_technique_stands_with_nothing_behind_it(tmp_path: Path) -> None:
    found = read(tmp_path, ("rules",))
    assert {entry.proposer: entry.technique for entry in found.entries} == plugins.techniques()
    assert [entry.proposer for entry in found.entries if entry.heard] == ["rules"]
    stars = [entry.technique.stars for entry in found.entries]
    assert stars == sorted(stars, reverse=True)
    assert {entry.here for entry in found.entries} == {Tally()}
    assert not list(tmp_path.iterdir())


def test_candidates_are_counted_over_runs_at_every_stage_they_came_to(tmp_path: Path) -> None:
    first = tuple(replace(t, change=replace(t.change, technique="class definitions")) for t in trials())
    put(tmp_path, "one", first, ("c01", "c03"))
    lost = replace(first[0], stage="confirmed", decision=decision("reject"))
    refused = Trial(1, replace(change(2), technique="my own"), None, "refused", "it would drop {ticket}")
    put(tmp_path, "two", (lost, refused), ("c01",))
    put(tmp_path, "three", (), ())
    found = read(tmp_path)
    here = {entry.technique.name: entry.here for entry in found.entries}
    assert here["class definitions"] == Tally(runs=2, proposed=4, tried=4, screened=3, confirmed=3, kept=1)
    assert found.others == {"my own": Tally(runs=1, proposed=1)}
    assert set(here.values()) == {Tally(), here["class definitions"]}


def test_a_combination_counts_for_the_technique_that_made_it(tmp_path: Path) -> None:
    joined = replace(change(1, "few-shot examples + rules"), proposer="combination", parents=("c01", "c02"))
    built = replace(change(2, "few-shot examples + class definitions"), proposer="definitions", parents=("c01",))
    put(tmp_path, "one", tuple(Trial(1, one, None, "kept", "kept") for one in (joined, built)), ())
    found = read(tmp_path)
    assert {e.proposer: e.here.kept for e in found.entries if e.here.tried} == {"combination": 1}
    assert set(found.others) == {"few-shot examples + class definitions"}
