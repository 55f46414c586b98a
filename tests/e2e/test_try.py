"""`harness try`: one change of the user's own goes through the real loop, and is kept on a branch or rejected."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from benchmarks.bench import user_state
from tests.conftest import git
from tests.e2e.conftest import harness
from tests.e2e.test_interrupted import PATIENCE, begun

TRY = ("try", "--runs", "2", "--seed", "7")
LABELS = "Say what the message is about: billing, technical, account, shipping."


def edited(tree: Path, new: str) -> str:
    """The prompt with another second line, and the diff of everything that is uncommitted."""
    prompts = tree / "app/prompts.py"
    prompts.write_text(prompts.read_text("utf-8").replace("Say what the message is about.", new), "utf-8")
    return git(tree, "diff")


def test_what_is_uncommitted_is_tried_kept_on_a_branch_and_left_uncommitted(small_repo: Path, tmp_path: Path) -> None:
    diff, log = edited(small_repo, LABELS), tmp_path / "calls.log"
    state = user_state(small_repo)
    plan = harness(small_repo, *TRY, "--dry-run", "--json", env={"TOY_CALL_LOG": str(log)})
    assert (plan.code, plan.data["files"], log.exists()) == (0, ["app/prompts.py"], False)
    process = begun(small_repo, log, 100, command=TRY)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    said = harness(small_repo, "resume", "--json", env={"TOY_CALL_LOG": str(log)})
    assert said.code == 0, said.err
    assert said.data["kept"] == ["c01"]
    assert said.data["stopped"] == "the change that was given is kept"
    assert user_state(small_repo) == state
    changed = git(small_repo, "diff", "main", said.data["branch"], "--", "app")
    assert changed.split("@@")[1:] == diff.split("@@")[1:]
    subjects = git(small_repo, "log", "--format=%s", f"main..{said.data['branch']}").splitlines()
    assert [subject.partition(":")[0] for subject in subjects] == ["docs(reports)", "feat(app)"]
    report = harness(small_repo, "report").out
    assert "account, shipping." in report
    assert harness(small_repo, "show", "--candidate", "c01").code == 0


def test_a_patch_of_several_files_that_harms_is_rejected_with_its_reason(small_repo: Path, tmp_path: Path) -> None:
    graph = small_repo / "app/graph.py"
    graph.write_text(graph.read_text("utf-8") + "\nNAME = 'toy'\n", "utf-8")
    (tmp_path / "harm.diff").write_text(edited(small_repo, "Be creative and guess."), "utf-8")
    git(small_repo, "checkout", "-q", "--", ".")
    said = harness(small_repo, *TRY, "--patch", str(tmp_path / "harm.diff"), "--json")
    assert said.code == 1, said.err
    (trial,) = said.data["trials"]
    assert (trial["stage"], said.data["kept"]) == ("futile", [])
    assert said.data["stopped"] == "the change that was given is not kept"
    assert git(small_repo, "diff", "--name-only", "main", said.data["branch"], "--", "app") == ""
    assert git(small_repo, "status", "--porcelain") == ""


def test_a_branch_that_fell_behind_is_tried_as_its_own_change(small_repo: Path) -> None:
    git(small_repo, "switch", "-qc", "idea")
    edited(small_repo, LABELS)
    git(small_repo, "commit", "-qam", "labels")
    git(small_repo, "switch", "-q", "main")
    (small_repo / "NOTES.md").write_text("later work\n", "utf-8")
    git(small_repo, "add", "-A")
    git(small_repo, "commit", "-qm", "notes")
    found = harness(small_repo, *TRY, "--ref", "idea", "--dry-run", "--json")
    assert (found.code, found.data["files"], found.data["title"]) == (0, ["app/prompts.py"], "branch idea")


@pytest.mark.parametrize(
    ("patch", "more", "words"),
    [
        (None, (), "there is no change to try"),
        ("", ("--patch", "p.diff"), "there is no change to try"),
        ("nonsense\n", ("--patch", "p.diff"), "the patch does not apply"),
        (None, ("--patch", "gone.diff"), "there is no such file"),
        (None, ("--patch", "a.diff", "--ref", "main"), "exclude each other"),
        ("--- a/{0}\n+++ b/{0}\n@@ -1 +1 @@\n-x\n+y\n", ("--patch", "p.diff"), "the patch does not apply"),
        (
            "--- /dev/null\n+++ b/evals/new.py\n@@ -0,0 +1 @@\n+x = 1\n",
            ("--patch", "p.diff"),
            "judged by: evals/new.py",
        ),
        ("--- /dev/null\n+++ b/.harness/x\n@@ -0,0 +1 @@\n+x\n", ("--patch", "p.diff"), "judged by: .harness/x"),
    ],
)
def test_what_cannot_be_tried_is_said(small_repo: Path, patch: str | None, more: tuple[str, ...], words: str) -> None:
    if patch is not None:
        (small_repo / ".git/info/exclude").write_text("p.diff\n", "utf-8")
        (small_repo / "p.diff").write_text(patch.format("app/prompts.py"), "utf-8")
    said = harness(small_repo, *TRY, *more)
    assert said.code == 2, said.err
    assert words in said.err
    assert "fix: " in said.err
    assert git(small_repo, "branch", "--list", "harness/*") == ""
