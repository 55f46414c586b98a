"""The techniques that can be heard, with what is expected of each and what came of it in the recorded runs of a repo.

Expectations are those that the techniques state; results are counted from the journal and never estimated. Knows no
technique by name, starts nothing, and reads no case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from harness import journal, plugins
from harness.journal import Journal, Notes
from harness.types import Change, Technique, Trial


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the candidates of one technique. A candidate is counted at every stage that it came to."""

    runs: int = 0  # recorded runs that proposed it
    proposed: int = 0  # candidates that came to an end
    tried: int = 0  # of these measured on dev; the rest broke a rule and was refused
    screened: int = 0  # of these better on dev with p <= .10
    confirmed: int = 0  # of these put to the deciding cases
    kept: int = 0  # of these on the branch of a run


@dataclass(frozen=True, slots=True)
class Entry:
    """One built-in technique."""

    proposer: str  # NAME, as after ``--proposer``
    technique: Technique
    heard: bool  # whether a run asks it, as the settings stand
    here: Tally


@dataclass(frozen=True, slots=True)
class Repertoire:
    """Every technique that is built in, and those of others that were tried here."""

    runs: int  # recorded runs that the tallies rest on
    entries: tuple[Entry, ...]  # most stars first, then in the order heard by default
    others: Mapping[str, Tally]  # of the user's own or installed proposers, by name of the technique


def read(record: Path, lock: Path, heard: Iterable[str]) -> Repertoire:
    """The repertoire of a repo whose runs are in the record; ``heard`` names the proposers of its settings.

    Without a record every tally is empty. Raises RepoError when the record cannot be read.
    """
    known, asked = plugins.techniques(), frozenset(plugins.expanded(tuple(heard)))
    past = [_run(record, info.id) for info in journal.runs(record, lock)]
    names = dict.fromkeys(_name(trial.change, known) for trials, _ in past for trial in trials)
    tallies = {name: _tally(name, past, known) for name in names}
    entries = [Entry(name, one, name in asked, tallies.get(one.name, Tally())) for name, one in known.items()]
    entries.sort(key=lambda entry: -entry.technique.stars)
    own = {one.name for one in known.values()}
    return Repertoire(len(past), tuple(entries), {name: found for name, found in tallies.items() if name not in own})


_Past = tuple[tuple[Trial, ...], frozenset[str]]  # trials of a run, and the ids of those that passed its screen


def _run(record: Path, run_id: str) -> _Past:
    with closing(Journal(record, run_id)) as opened:
        passed = frozenset(event.step.partition(":")[2] for event in opened.read("screened"))
        return Notes(opened).trials(), passed


def _name(change: Change, known: Mapping[str, Technique]) -> str:
    """The technique that a change counts for: of a combination the one that made it, else what it is called."""
    own = known.get(change.proposer)
    joined = own is not None and change.parents and own.name not in change.technique.split(" + ")
    return own.name if own and joined else change.technique


def _tally(name: str, past: Iterable[_Past], known: Mapping[str, Technique]) -> Tally:
    """Sums over all runs."""
    found = [([trial for trial in trials if _name(trial.change, known) == name], passed) for trials, passed in past]
    ended = [(trial, trial.change.id in passed) for trials, passed in found for trial in trials]
    return Tally(
        runs=sum(bool(trials) for trials, _ in found),
        proposed=len(ended),
        tried=sum(trial.stage != "refused" for trial, _ in ended),
        screened=sum(passed for _, passed in ended),
        confirmed=sum(trial.decision is not None for trial, _ in ended),
        kept=sum(trial.stage == "kept" for trial, _ in ended),
    )
