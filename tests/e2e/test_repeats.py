"""Where a model repeats itself, the baseline after a keep replays the kept candidate's record; nowhere else does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from benchmarks.peers import task
from benchmarks.peers.ours import GOAL, InProcess, Version, repo
from harness import session
from harness.cli.console import Silent
from harness.journal import Label
from harness.loop.trial import label_of
from harness.session import Session
from harness.types import Budget, Call, Job, Outcome, Run
from tests.conftest import git

BEST = "\n".join((task.BASE, task.DEFINITIONS, task.FORMAT, *task.EXAMPLES))  # .86 where the app as found is .60
GOOD = "\n".join((task.BASE, task.FORMAT, *task.EXAMPLES))
BETTER = f"{GOOD}\n{task.DEFINITIONS}"
IDEA = f"""
from harness.types import Brief, Proposal


def propose(brief: Brief) -> list[Proposal]:
    return [Proposal("rewriting", ({BEST!r},), "all at once")]
"""
SEED = 3
FLAGS = {"seed": SEED, "proposers": ["ideas.py:propose"], "holdout": "evals/sealed.jsonl", "goals": [GOAL]}
FLAGS |= {"runs": 1, "looks": 1, "max_iterations": 1, "pinned": True}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The task of docs/peers.md, and one idea that makes it as good as it can be."""
    monkeypatch.setenv("PEERS_SEED", str(SEED))
    monkeypatch.setenv("PEERS_NULL", "0")
    made = repo(tmp_path / "app")
    (made / "ideas.py").write_text(IDEA, "utf-8")
    git(made, "commit", "-qam", "one idea")
    return made


@dataclass(frozen=True, slots=True)
class Warm(Version):
    """A prompt that is not the one as found is asked at another temperature."""

    def _asked(self, message: str, key: str) -> Call:
        call = Version._asked(self, message, key)
        return call if self.prompt == task.BASE else replace(call, parameters={"temperature": 0.7})


@dataclass(frozen=True, slots=True)
class Torn(Version):
    """Ctrl-C in the middle of the baseline of the kept version, which has its commit for a name."""

    def run(self, jobs: Iterable[Job], on_call: Callable[[Job, Call], None]) -> Iterator[Run]:
        for done, run in enumerate(Version.run(self, jobs, on_call)):
            if done == 40 and self.prompt == BEST and ":" not in self.version:
                raise KeyboardInterrupt
            yield run


@dataclass(frozen=True, slots=True)
class Noisy(Version):
    """A model that is asked at a temperature: every run has a luck of its own."""

    luck: str = ""

    def run(self, jobs: Iterable[Job], on_call: Callable[[Job, Call], None]) -> Iterator[Run]:
        for job in jobs:
            yield from Version.run(replace(self, luck=f"{job.k}{job.salt}"), [job], on_call)

    def _asked(self, message: str, key: str) -> Call:
        call = replace(Version._asked(self, message, key), parameters={"temperature": 0.7})
        case, chance = int(task.ASKED.findall(message)[-1]), task.accuracy(self.prompt)
        return replace(call, text=task.answer(self.seed, self.prompt + self.luck, case, chance))


class Instead(InProcess):
    """Runs another kind of version."""

    kind: type[Version] = Warm

    def open(self, tree: Path, version: str) -> Version:
        found = InProcess.open(self, tree, version)
        return self.kind(found.seed, found.null, found.prompt, found.version)


class Tearing(Instead):
    kind = Torn


class Rolling(Instead):
    kind = Noisy


def on(sitting: Session, host: InProcess) -> Session:
    return replace(sitting, wiring=replace(sitting.wiring, host=host))


def ended(sitting: Session) -> tuple[Outcome, list[Run], list[Run]]:
    """The outcome, the baseline after the keep, and the candidate's runs on the sealed cases."""
    record, outcome = sitting.wiring.journal, sitting.outcome()
    (kept,) = (trial.change for trial in outcome.trials if trial.stage == "kept")
    return outcome, record.load_runs(str(Label(1))), record.load_runs(f"{label_of(0, kept)}:after")


def played(tree: Path, host: InProcess | None = None, **more: object) -> tuple[Outcome, list[Run], list[Run]]:
    with session.new(tree, {**FLAGS, **more}, session.Kit(Silent()), snapshot=False) as sitting:
        sitting = on(sitting, host) if host else sitting
        sitting.begin()
        return ended(sitting)


def test_what_the_kept_candidate_was_measured_by_is_not_paid_again(tree: Path) -> None:
    """In the app's own process, so that the addresses of calls are those of a user's run."""
    outcome, baseline, after = played(tree)
    assert len(baseline) == task.CASES
    assert all(call.replayed for run in baseline for call in run.calls)
    assert outcome.spend.calls == 2 * task.CASES  # as found, and the candidate, once each
    assert outcome.replayed
    told = {run.case: run.output for run in baseline}
    assert len(after) == task.CASES - task.DEV
    assert all(told[run.case] == run.output for run in after)


@pytest.mark.parametrize(
    "host, more",
    [
        (InProcess(SEED, False), {"pinned": False}),
        (InProcess(SEED, False), {"replay": False}),
        (InProcess(SEED, False), {"goals": [GOAL, "latency below 9 s"]}),
        (Instead(SEED, False), {}),
    ],
    ids=["may drift", "replay off", "a goal on time", "the candidate is warmer"],
)
def test_all_else_is_drawn_afresh(tree: Path, host: InProcess, more: dict[str, object]) -> None:
    outcome, baseline, _ = played(tree, host, **more)
    assert not outcome.replayed
    assert len(baseline) == task.CASES
    assert not any(call.replayed for run in baseline for call in run.calls)


def test_ctrl_c_in_the_baseline_after_a_keep_loses_nothing(tree: Path) -> None:
    begun = session.new(tree, FLAGS, session.Kit(Silent()), snapshot=False)
    with begun as sitting, pytest.raises(KeyboardInterrupt):
        on(sitting, Tearing(SEED, False)).begin()
    with session.reopened(tree, "", session.Kit(Silent()), Budget()) as sitting:
        on(sitting, InProcess(SEED, False)).go_on()
        outcome, baseline, _ = ended(sitting)
    assert outcome.spend.calls == 2 * task.CASES
    assert len(baseline) == task.CASES
    assert all(call.replayed for run in baseline for call in run.calls)


def test_a_confirmation_after_a_keep_has_as_many_runs_of_the_control_as_of_the_candidate(tree: Path) -> None:
    """A baseline after a keep takes fewer runs than a confirmation: of a model that cannot drift the rest is drawn."""
    step = IDEA.replace(repr(BEST), f"{BETTER!r} if {task.FORMAT!r} in str(brief.prompt.parts) else {GOOD!r}")
    (tree / "ideas.py").write_text(step, "utf-8")
    git(tree, "commit", "-qam", "one idea after the other")
    with session.new(tree, {**FLAGS, "runs": 4, "max_iterations": 2}, session.Kit(Silent()), snapshot=False) as sitting:
        on(sitting, Rolling(SEED, False)).begin()
        decided = [trial.decision for trial in sitting.outcome().trials if trial.decision]
        again = sitting.wiring.journal.load_runs(str(Label(1)))
    assert {run.k for run in again} == {0, 1, 2}
    assert len(decided) == 2
    assert [decision.verdict for decision in decided if decision.verdict == "no verdict"] == []
