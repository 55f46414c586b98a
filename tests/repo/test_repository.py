"""What is said of the user's repository, and the few things that are done in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.errors import RepoError
from harness.repo import Repo


def test_opens_from_a_folder_or_file_below_the_root(box):
    for place in (box.root, box.root / "prompts", box.root / "app.py"):
        assert Repo.open(place).root == box.root.resolve()


def test_head_and_branch(box):
    repo = box.open()
    assert repo.head() == box.git("rev-parse", "HEAD")
    assert repo.branch() == "main"
    box.git("checkout", "-q", "--detach")
    assert repo.branch() == ""


def test_opening_writes_nothing(box):
    before = sorted(box.root.rglob("*"))
    box.open().dirty()
    assert sorted(box.root.rglob("*")) == before


def test_home_is_hidden_from_git_once(box):
    exclude = box.root / ".git" / "info" / "exclude"
    exclude.write_bytes(b"*.bak")  # no newline at the end, as editors leave it
    for _ in range(3):
        box.write(".harness/file", "x") if box.open().home.exists() else None
    assert exclude.read_bytes() == b"*.bak\n/.harness/\n"
    assert box.git("status", "--porcelain") == ""


def test_home_is_hidden_where_git_has_no_info_folder(box):
    exclude = box.root / ".git" / "info" / "exclude"
    exclude.unlink()
    exclude.parent.rmdir()
    assert box.open().home.is_dir()
    assert exclude.read_text() == "/.harness/\n"


def test_dirty_lists_every_kind_of_change(box):
    assert box.open().dirty() == ()
    box.write("app.py", "PROMPT = 'two'\n")
    (box.root / "prompts" / "reply.txt").unlink()
    box.write("new file ü.py", "x")
    box.write("staged.py", "x")
    box.git("add", "staged.py")
    box.write("notes.log", "ignored")
    assert box.open().dirty() == ("app.py", "new file ü.py", "prompts/reply.txt", "staged.py")


def test_dirty_leaves_out_what_the_caller_copies_itself(box):
    for name in ("evals/cases.jsonl", "evals2/x.py", "fine-tune.md"):
        box.write(name, "x")
    assert box.open().dirty(exclude=("evals/", "fine-tune.md")) == ("evals2/x.py",)


def test_dirty_sees_a_change_of_equal_size_and_time(box):
    """Git trusts size and time, unless a file is as young as the index itself: the copy of it must keep its age."""
    path, index, moment = box.root / "app.py", box.root / ".git" / "index", (10**18, 10**18)
    box.git("config", "core.trustctime", "false")
    os.utime(path, ns=moment)
    box.git("update-index", "--refresh")
    os.utime(index, ns=moment)
    path.write_text("PROMPT = 'two'\n")
    os.utime(path, ns=moment)
    assert box.open().dirty() == ("app.py",)


def test_dirty_passes_over_a_repository_inside(box):
    box.write("vendor/lib/x.py", "x")
    box.git("init", "-q", "vendor/lib")
    assert box.open().dirty() == ()


def test_a_virtual_environment_that_nobody_ignores_is_no_change(box):
    box.write(".venv/pyvenv.cfg", "home = /usr/bin")
    box.write(".venv/lib/site.py", "x = 1")
    box.write("new.py", "x = 2")
    repo = box.open()
    assert repo.dirty() == ("new.py",)
    assert ".venv/pyvenv.cfg" not in box.git("ls-tree", "-r", "--name-only", repo.snapshot("s")).splitlines()


def test_snapshot_holds_the_tree_as_it_is_and_moves_no_ref(box):
    box.write("app.py", "PROMPT = 'dirty'\n")
    box.write("unträcked file.py", "x = 1\r\n")
    box.write("vendor/lib/x.py", "x")
    box.git("init", "-q", "vendor/lib")
    (box.root / "prompts" / "reply.txt").unlink()
    refs, head = box.git("for-each-ref"), box.git("rev-parse", "HEAD")
    sha = box.open().snapshot("as it is")
    assert box.git("-c", "core.quotepath=off", "ls-tree", "-r", "--name-only", sha).split("\n") == [
        ".gitignore",
        "app.py",
        "unträcked file.py",
    ]
    assert box.git("show", f"{sha}:app.py") == "PROMPT = 'dirty'"
    assert box.git("rev-parse", f"{sha}^") == head == box.git("rev-parse", "HEAD")
    assert box.git("for-each-ref") == refs


def test_branches_lists_runs_only(box):
    box.git("branch", "feature/harness")
    for run_id in ("r1", "r2"):
        box.git("branch", f"harness/{run_id}")
    assert set(box.open().branches()) == {"harness/r1", "harness/r2"}


@pytest.mark.parametrize("name", ["", "../x", "a/b", "-f", "a..b", "a.lock", "a b", "a.", "a\n", "HEAD~1", "x" * 101])
def test_names_that_git_or_a_folder_would_misread_are_refused(box, name):
    with pytest.raises(RepoError, match="cannot name"):
        box.open().start_branch(name, "HEAD")


@pytest.mark.parametrize("ref", ["nothing", "--all", "HEAD^9", ""])
def test_a_ref_that_names_no_commit_is_refused(box, ref):
    with pytest.raises(RepoError, match="not a commit"):
        box.open().resolve(ref)


def test_apply_moves_a_clean_checkout_forward(box):
    repo = box.open()
    tree = repo.start_branch("r1", "HEAD")
    (tree.path / "app.py").write_text("PROMPT = 'better'\n")
    sha = tree.commit("feat: better", ["app.py"])
    tree.remove()
    assert repo.apply_ff("harness/r1") == sha == box.git("rev-parse", "main")
    assert (box.root / "app.py").read_text() == "PROMPT = 'better'\n"
    assert box.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda box: box.write("app.py", "PROMPT = 'mine'\n"), "uncommitted changes in app.py"),
        (lambda box: box.git("checkout", "-q", "--detach"), "detached"),
        (lambda box: (box.write("other.py", "x"), box.commit()), "has moved on"),
    ],
)
def test_apply_refuses_with_the_command_to_do_by_hand(box, spoil, words):
    repo = box.open()
    tree = repo.start_branch("r1", "HEAD")
    (tree.path / "app.py").write_text("PROMPT = 'better'\n")
    tree.commit("feat: better", ["app.py"])
    spoil(box)
    head, content = repo.head(), (box.root / "app.py").read_text()
    with pytest.raises(RepoError, match=words) as caught:
        repo.apply_ff("harness/r1")
    assert "git -C" in caught.value.fix
    assert "merge harness/r1" in caught.value.fix
    assert (repo.head(), (box.root / "app.py").read_text()) == (head, content)


def test_apply_lets_uncommitted_goals_stay(box):
    repo = box.open()
    tree = repo.start_branch("r1", "HEAD")
    (tree.path / "app.py").write_text("PROMPT = 'better'\n")
    tree.commit("feat: better", ["app.py"])
    goals = box.write("fine-tune.md", "accuracy 90 %")
    repo.apply_ff("harness/r1", exclude=("fine-tune.md",))
    assert goals.read_text() == "accuracy 90 %"
    assert (box.root / "app.py").read_text() == "PROMPT = 'better'\n"


def test_apply_takes_branches_of_runs_only(box):
    box.git("branch", "feature")
    with pytest.raises(RepoError):
        box.open().apply_ff("feature")


def test_a_git_that_is_not_installed_is_said(box, monkeypatch, tmp_path):
    repo = box.open()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RepoError, match="git is not installed"):
        repo.head()


def test_started_from_a_hook_it_still_works_on_the_repository_named(box, monkeypatch, tmp_path):
    head = box.git("rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "elsewhere" / "index"))
    assert box.open().head() == head


def test_the_error_names_the_command(box):
    repo = box.open()
    Path(box.root / ".git" / "index").write_bytes(b"rubbish")
    with pytest.raises(RepoError, match="git ls-files") as caught:
        repo.dirty()
    assert f"git -C {box.root}" in caught.value.fix
