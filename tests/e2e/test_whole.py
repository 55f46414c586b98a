"""Goals on statistics of the whole set, from the goals file to the decision: F1, p95 and BLEU on the toy app."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.aa_loop import Silent, decided_again
from harness import session
from harness.loop.noted import label_of
from harness.types import Decision, Outcome, Run, Trial
from tests.conftest import git
from tests.e2e.conftest import harness

GOALS = """# Goals

## Optimization Objectives
- **F1**: 70 % or higher
- **p95 latency**: 20 s or less
- **BLEU**: 30 or higher

## Evaluation Methods
- **Test Cases**: evals/cases.jsonl
"""


@pytest.fixture
def whole_repo(small_repo: Path) -> Path:
    """The small toy with expected answers and goals that are no means over cases."""
    cases = small_repo / "evals/cases.jsonl"
    rows = [json.loads(line) for line in cases.read_text("utf-8").splitlines()]
    for row in rows:
        row["expected_answer"] = f"Thank you, we look into it at once ({len(row['input']['ticket'])})."
    cases.write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    (small_repo / "fine-tune.md").write_text(GOALS, "utf-8")
    git(small_repo, "commit", "-qam", "goals on the whole set")
    return small_repo


def test_a_run_decides_on_f1_with_guardrails_on_p95_and_bleu(whole_repo: Path) -> None:
    flags: dict[str, object] = {"seed": 7, "runs": 2, "proposers": ["label_list", "definitions"]}
    with session.new(whole_repo, flags, session.Kit(Silent()), snapshot=False) as sitting:
        sitting.begin()
        ctx, outcome = sitting.wiring, sitting.outcome()
        decided = [trial for trial in outcome.trials if trial.decision]
        assert [decided_again(ctx, trial, decided_of(trial)) for trial in decided] == [t.decision for t in decided]
        (kept,) = (trial for trial in decided if trial.stage == "kept")
        arms = [ctx.journal.load_runs(f"{label_of(0, kept.change)}:{side}") for side in ("before", "after")]
        wanted = {case.id: str(case.expected["expected_intent"]) for case in ctx.split.holdout}
    found = decided_of(kept).comparison
    assert (found.metric, found.method) == ("f1", "swap of arms")
    assert [found.before, found.after] == [pytest.approx(f1(wanted, runs)) for runs in arms]
    guards = {guard.metric: guard for guard in decided_of(kept).guards}
    assert {name: guard.rule for name, guard in guards.items()} == {
        "latency_p95": "at most 20 s",
        "bleu": "at least 30.0 %",
    }
    assert all(guard.holds for guard in guards.values())
    assert {result.goal.metric: result.goal.target for result in outcome.results} == {
        "f1": 0.7,
        "latency_p95": 20.0,
        "bleu": 0.3,
    }
    assert {result.state for result in outcome.results} <= {"met", "reached"}
    told_elsewhere(whole_repo, outcome)


def told_elsewhere(tree: Path, outcome: Outcome) -> None:
    """The other commands take the statistic of the record as the run did."""
    end = next(result for result in outcome.results if result.goal.metric == "f1")
    baseline, kept = f"{outcome.run_id}:baseline", outcome.run_id
    versus = harness(tree, "compare", baseline, kept, "--json")
    assert versus.code == 0, versus.err
    rows = {row["found"]["metric"]: row for row in versus.data["rows"]}
    assert rows["f1"]["finding"] == "better"
    assert [rows["f1"]["found"][side] for side in ("before", "after")] == [end.initial.mean, end.final.mean]
    turned = harness(tree, "compare", kept, baseline, "--metric", "f1")
    assert (turned.code, "f1 is worse" in turned.out) == (1, True)
    again = harness(tree, "report", "--rescore", "f1,latency_p95", "--json").data["rows"]
    assert (again[0]["metric"], again[0]["deciding"]["mean"]) == ("f1", end.initial.mean)
    assert "`latency_p95`" in harness(tree, "report").out


def decided_of(trial: Trial) -> Decision:
    assert trial.decision is not None
    return trial.decision


def f1(wanted: dict[str, str], runs: list[Run]) -> float:
    """Weighted F1 by its definition, over the runs of the cases that are known."""
    pairs = [(wanted[run.case], run.output["intent"]) for run in runs if run.case in wanted]
    total = 0.0
    for label in {want for want, _ in pairs}:
        asked, said = sum(want == label for want, _ in pairs), sum(say == label for _, say in pairs)
        total += asked * 2 * sum(want == say == label for want, say in pairs) / (asked + said)
    return total / len(pairs)
