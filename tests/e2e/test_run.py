"""`harness run` on a real repo with a real child process: what it leaves, and what it does not touch."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.bench import user_state
from tests.conftest import git
from tests.e2e.conftest import Ended, harness

FAST = ("--runs", "2", "--seed", "7")


def test_a_run_ends_with_a_branch_a_report_and_an_untouched_tree(ended: Ended) -> None:
    assert ended.said.code == 0, ended.said.err
    tree, result = ended.tree, ended.said.data
    assert ended.after == ended.before
    assert git(tree, "status", "--porcelain") == ""
    assert result["kept"]
    assert {goal["state"] for goal in result["goals"]} <= {"met", "reached"}
    assert result["claimed"]["gain"] > 0

    branch, folder = result["branch"], f"reports/{result['run']}"
    subjects = git(tree, "log", "--format=%s", f"main..{branch}").splitlines()
    assert len(subjects) == len(result["kept"]) + 1
    assert subjects[0].startswith("docs(reports)")
    assert all(subject.startswith("feat(") for subject in subjects[1:])
    changed = git(tree, "diff", "--name-only", f"main..{branch}").split()
    pictures = ("progress.svg", "gains.svg", "frontier.svg", "cases.svg", "nodes.svg")
    written = ["report.md", "run.jsonl", "settings.json", *pictures]
    assert sorted(changed) == sorted(["app/prompts.py", *(f"{folder}/{name}" for name in written)])
    shown = harness(tree, "report")
    assert shown.code == 0
    assert shown.out.strip() == git(tree, "show", f"{branch}:{folder}/report.md").strip()


def test_the_holdout_stays_sealed_in_everything_that_is_committed(ended: Ended) -> None:
    tree, said = ended.tree, ended.said
    checked = harness(tree, "check", "--json").data
    branch, folder = said.data["branch"], f"reports/{said.data['run']}"
    files = git(tree, "ls-tree", "--name-only", branch, f"{folder}/").split()
    published = git(tree, "show", *(f"{branch}:{name}" for name in files))
    ids = {f"t{number:03d}" for number in range(96)}
    named = {name for name in ids if name in published}
    assert len(named) <= checked["dev"] < 96


def test_apply_merges_the_branch_into_a_clean_checkout(small_repo: Path) -> None:
    said = harness(small_repo, "run", *FAST, "--apply", "--json")
    assert said.code == 0, said.err
    assert git(small_repo, "rev-parse", "HEAD") == git(small_repo, "rev-parse", said.data["branch"])
    assert (small_repo / "reports" / said.data["run"] / "report.md").is_file()
    assert git(small_repo, "status", "--porcelain") == ""


def test_goals_that_are_met_already_cost_the_baseline_only(small_repo: Path) -> None:
    said = harness(small_repo, "run", *FAST, "--goal", "accuracy to 20 %", "--json")
    assert said.code == 0, said.err
    assert said.data["trials"] == []
    assert "met or reached" in said.data["stopped"]
    assert said.data["spend"]["calls"] == 96 * 2 * 2


def test_uncommitted_changes_are_refused_or_tuned_as_a_snapshot(small_repo: Path) -> None:
    prompts = small_repo / "app/prompts.py"
    prompts.write_text(prompts.read_text("utf-8") + "\n# a thought\n", "utf-8")
    refused = harness(small_repo, "baseline", *FAST)
    assert refused.code == 2
    assert "app/prompts.py" in refused.err
    assert "git commit" in refused.err
    before = user_state(small_repo)
    taken = harness(small_repo, "baseline", *FAST, "--snapshot", "--json")
    assert taken.code == 0, taken.err
    assert user_state(small_repo) == before


def test_a_dry_run_makes_no_call_and_no_branch(small_repo: Path, tmp_path: Path) -> None:
    log = tmp_path / "calls.log"
    said = harness(small_repo, "run", "--dry-run", *FAST, "--json", env={"TOY_CALL_LOG": str(log)})
    assert said.code == 0, said.err
    assert not log.exists()
    assert "harness/" not in git(small_repo, "branch", "--list", "harness/*")
    assert said.data["baseline_calls"] == 96 * 2 * 2
    assert said.data["confirmations_left"] == 5
    assert said.data["seconds"] == said.data["usd"] == {"baseline": None, "most": None}  # nothing recorded tells
    assert not (small_repo / ".harness").exists()
    assert {row[0] for row in said.data["targets"]} == {"classify", "respond"}


def test_a_proposer_of_the_user_is_heard_and_judged(small_repo: Path) -> None:
    (small_repo / "ideas.py").write_text(
        "from harness.types import Proposal\n\n\n"
        "def propose(brief):\n"
        "    return [Proposal('harm', (*brief.prompt.parts, '\\nBe creative and guess.'), 'to see it rejected')]\n",
        "utf-8",
    )
    said = harness(small_repo, "run", *FAST, "--proposer", "ideas.py:propose", "--apply", "--json")
    assert said.code == 1, said.err
    assert git(small_repo, "status", "--porcelain") == "?? ideas.py\n"  # it need not be committed, and stands alone
    assert said.data["kept"] == []
    assert {trial["technique"] for trial in said.data["trials"]} == {"harm"}
    assert "nothing left to try" in said.data["stopped"]
    assert "--proposer file.py:function" in said.data["stopped"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("run", "--budget-calls", "50"), 4, "baseline alone needs about"),
        (("run", "--budget-usd", "1"), 2, "price"),
        (("run", "--goal", "happiness to 90 %"), 2, "happiness"),
        (("run", "--graph", "app/graph.py:nothing"), 2, "nothing"),
        (("run", "--until", "tired"), 2, "until"),
        (("run", "--proposer", "nobody"), 2, "nobody"),
        (("resume",), 2, "no interrupted run"),
        (("report",), 2, "no finished run"),
    ],
)
def test_what_cannot_be_is_said_before_a_call_is_spent(
    small_repo: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    log = tmp_path / "calls.log"
    said = harness(small_repo, *arguments, env={"TOY_CALL_LOG": str(log)})
    assert said.code == code, said.err
    assert words in said.err
    assert "Traceback" not in said.err
    assert not log.exists()


def test_what_the_machine_refuses_is_said_in_words(small_repo: Path) -> None:
    (small_repo / ".harness").mkdir()
    (small_repo / ".harness/runs").write_text("in the way", "utf-8")
    said = harness(small_repo, "run", *FAST)
    assert said.code == 3
    assert ".harness" in said.err
    assert "harness resume" in said.err
    assert "Traceback" not in said.err


def test_a_budget_that_ends_the_run_leaves_a_report_and_exit_4(small_repo: Path) -> None:
    said = harness(small_repo, "run", *FAST, "--budget-calls", "500", "--json")
    assert said.code == 4, said.err
    assert "budget of 500 model calls" in said.data["stopped"]
    holdout = harness(small_repo, "check", "--json").data["holdout"]
    assert f"the next confirmation takes up to {2 * 2 * 2 * holdout} more model calls" in said.data["stopped"]
    assert 500 <= said.data["spend"]["calls"] <= 500 + 2 * 8
    assert harness(small_repo, "report").code == 0
