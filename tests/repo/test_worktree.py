"""The private worktree: what is in it, what comes back after a kill, and that the user's tree never notices."""

from __future__ import annotations

import os
import shutil

import pytest

from harness.errors import RepoError
from tests.repo.conftest import Box

LINKS = (".env", "data/")


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def tree(box):
    return box.open().start_branch("r1", "HEAD", link=LINKS)


def test_it_holds_the_commit_and_the_links(box, tree):
    assert tree.path == box.root / ".harness" / "worktrees" / "r1"
    assert names_in(tree.path) == [".env", ".git", ".gitignore", "app.py", "data", "prompts"]
    assert (tree.path / "data" / "big.bin").read_bytes() == b"\0\1\2"
    assert box.git("rev-parse", "harness/r1") == tree.head() == box.git("rev-parse", "HEAD")


def test_uncommitted_work_of_the_user_is_not_in_it(box):
    box.write("app.py", "PROMPT = 'dirty'\n")
    assert (box.open().start_branch("r1", "HEAD").path / "app.py").read_text() == "PROMPT = 'one'\n"


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("missing", "does not exist"),
        ("../outside", "does not lie in"),
        ("/etc", "does not lie in"),
        ("app.py", "is tracked"),
        (".git", "does not lie in"),
    ],
)
def test_links_that_cannot_be(box, link, words):
    with pytest.raises(RepoError, match=words) as caught:
        box.open().start_branch("r1", "HEAD", link=(link,))
    assert caught.value.fix


def test_commit_takes_the_named_paths_only(box, tree):
    (tree.path / "app.py").write_text("PROMPT = 'two'\n")
    (tree.path / "prompts" / "reply.txt").unlink()
    (tree.path / "app.log").write_text("what the app leaves")
    (tree.path / "cache.db").write_text("what the app leaves")
    base = tree.head()
    sha = tree.commit("feat(classify): two", ["app.py"])
    assert box.git("diff", "--name-only", base, sha) == "app.py"
    assert box.git("show", "-s", "--format=%B", sha).strip() == "feat(classify): two"
    assert tree.head() == sha == box.git("rev-parse", "harness/r1")
    assert box.git("diff", "--name-only", base, tree.commit("more", ["prompts/reply.txt"])).split() == [
        "app.py",
        "prompts/reply.txt",
    ]


def test_commit_takes_reports_that_the_user_ignores(box):
    box.write(".gitignore", "reports/\n")
    box.commit()
    tree = box.open().start_branch("r1", "HEAD")
    (tree.path / "reports").mkdir()
    (tree.path / "reports" / "report.md").write_text("# Report\n")
    tree.commit("docs", ["reports/report.md"])
    assert "reports/report.md" in box.git("ls-tree", "-r", "--name-only", "harness/r1")


def test_the_same_commit_twice_is_one(tree):
    (tree.path / "app.py").write_text("PROMPT = 'two'\n")
    sha = tree.commit("feat", ["app.py"])
    assert tree.commit("feat", ["app.py"]) == sha


def test_commit_of_a_path_that_never_was_is_refused(tree):
    with pytest.raises(RepoError, match="did not match"):
        tree.commit("feat", ["nothing.py"])


def test_reset_takes_back_edits_commits_and_litter_but_not_what_links_lead_to(box, tree):
    base, clean = tree.head(), tree.tree()
    (tree.path / "app.py").write_text("PROMPT = 'two'\n")
    tree.commit("feat", ["app.py"])
    (tree.path / "app.py").write_text("half an edit")
    (tree.path / "left.log").write_text("ignored litter")
    (tree.path / "__pycache__").mkdir()
    tree.reset(base)
    assert names_in(tree.path) == [".env", ".git", ".gitignore", "app.py", "data", "prompts"]
    assert tree.tree() == clean
    assert box.git("rev-parse", "harness/r1") == base
    assert (box.root / "data" / "big.bin").exists()
    assert (box.root / ".env").exists()


def test_tree_is_by_content_and_leaves_out_links_and_litter(box, tree):
    clean = tree.tree()
    assert clean == box.git("rev-parse", "HEAD^{tree}")
    (tree.path / "cache.db").write_text("what the app leaves")
    assert tree.tree() == clean
    (tree.path / "app.py").write_text("PROMPT = 'two'\n")
    edited = tree.tree()
    assert edited != clean
    assert tree.tree_of(tree.commit("feat", ["app.py"])) == edited


def test_tree_stages_nothing(box, tree):
    (tree.path / "app.py").write_text("PROMPT = 'two'\n")
    tree.tree()
    (tree.path / "prompts" / "reply.txt").write_text("Be brief.\n")
    sha = tree.commit("feat", ["prompts/reply.txt"])
    assert box.git("diff", "--name-only", "HEAD", sha) == "prompts/reply.txt"


def test_diff_is_of_the_users_files(box, tree):
    base = tree.head()
    (tree.path / "app.py").write_text("PROMPT = 'two'\n")
    (tree.path / "reports").mkdir()
    (tree.path / "reports" / "report.md").write_text("# Report\n")
    tree.commit("feat", ["app.py", "reports/report.md"])
    box.git("config", "diff.noprefix", "true")
    box.git("config", "color.ui", "always")
    lines = tree.diff(base).splitlines()
    assert [line for line in lines if line.startswith("diff")] == ["diff --git a/app.py b/app.py"]
    assert lines[-2:] == ["-PROMPT = 'one'", "+PROMPT = 'two'"]


def test_candidates_are_apart_from_each_other_and_from_the_branch(tree):
    clean = tree.tree()
    one, two = tree.candidate("c01"), tree.candidate("c02")
    (one / "app.py").write_text("PROMPT = 'two'\n")
    assert tree.tree(one) != clean == tree.tree(two) == tree.tree()
    assert (one / "data" / "big.bin").read_bytes() == b"\0\1\2"
    tree.drop("c01")
    tree.drop("c01")
    assert not one.exists()
    assert two.exists()


def test_a_candidate_made_again_is_fresh_and_the_same_edit_has_the_same_hash(tree):
    hashes = set()
    for _ in range(2):
        path = tree.candidate("c01")
        assert (path / "app.py").read_text() == "PROMPT = 'one'\n"
        (path / "app.py").write_text("PROMPT = 'two'\n")
        (path / "left.txt").write_text("litter")
        hashes.add(tree.tree(path))
    assert len(hashes) == 1


def test_a_candidate_starts_from_what_was_kept(tree):
    (tree.path / "app.py").write_text("PROMPT = 'kept'\n")
    tree.commit("feat", ["app.py"])
    assert (tree.candidate("c02") / "app.py").read_text() == "PROMPT = 'kept'\n"


def test_remove_leaves_the_branch_free_and_nothing_else(box, tree):
    tree.candidate("c01")
    tree.remove()
    tree.remove()
    assert box.git("worktree", "list").count("\n") == 0
    assert not tree.path.exists()
    assert not tree.trees.exists()
    assert (box.root / "data" / "big.bin").exists()
    box.git("checkout", "-q", "harness/r1")


def spoil_git_file(tree):
    (tree.path / ".git").unlink()


def spoil_folder(tree):
    shutil.rmtree(tree.path)


def spoil_entry(tree):
    shutil.rmtree(tree.git.git_dir)


def spoil_index(tree):
    (tree.git.git_dir / "index").write_bytes(b"half an ind")


def spoil_locks(tree):
    for name in ("index.lock", "HEAD.lock", "../../refs/heads/harness/r1.lock"):
        (tree.git.git_dir / name).write_text("")


def spoil_head(tree):
    (tree.git.git_dir / "HEAD").write_text("ref: refs/heads/main\n")


def spoil_half_added(tree):
    (tree.git.git_dir / "locked").write_text("initializing")
    (tree.git.git_dir / "HEAD").unlink()


SPOILS = [value for name, value in sorted(globals().items()) if name.startswith("spoil_")]


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.__name__)
def test_whatever_a_kill_leaves_it_comes_back_at_the_commit_asked_for(box, tree, spoil):
    base = tree.head()
    (tree.path / "app.py").write_text("PROMPT = 'kept'\n")
    kept = tree.commit("feat", ["app.py"])
    (tree.path / "app.py").write_text("half an edit")
    box.write("app.py", "PROMPT = 'the user goes on'\n")
    spoil(tree)
    for _ in range(2):
        again = box.open().start_branch("r1", kept, link=LINKS)
        assert (again.path / "app.py").read_text() == "PROMPT = 'kept'\n"
        assert again.head() == kept == box.git("rev-parse", "harness/r1")
        assert again.tree() == again.tree_of(kept)
    assert (box.root / "app.py").read_text() == "PROMPT = 'the user goes on'\n"
    assert box.git("rev-parse", "main") == base
    assert box.git("worktree", "list").count("\n") == 1


@pytest.mark.parametrize("carry", [shutil.move, shutil.copytree], ids=["moved", "copied"])
def test_a_repository_that_was_moved_or_copied_resumes_in_its_new_place(box, tree, tmp_path, carry):
    (tree.path / "app.py").write_text("PROMPT = 'kept'\n")
    kept = tree.commit("feat", ["app.py"])
    new = tmp_path / "elsewhere"
    carry(box.root, new, **({"symlinks": True} if carry is shutil.copytree else {}))
    box.write("app.py", "PROMPT = 'old place'\n")
    again = Box(new).open().start_branch("r1", kept)
    assert again.path == new / ".harness" / "worktrees" / "r1"
    (again.path / "app.py").write_text("PROMPT = 'new'\n")
    again.commit("feat", ["app.py"])
    assert (box.root / "app.py").read_text() == "PROMPT = 'old place'\n"
    if carry is shutil.copytree:
        assert box.git("rev-parse", "harness/r1") == kept
        assert (tree.path / "app.py").read_text() == "PROMPT = 'kept'\n"


def test_a_worktree_that_lost_its_git_file_never_answers_with_the_users_repository(box, tree):
    box.write("app.py", "PROMPT = 'mine'\n")
    (tree.path / ".git").unlink()
    tree.reset("HEAD")
    assert (box.root / "app.py").read_text() == "PROMPT = 'mine'\n"


def test_a_folder_that_is_gone_is_an_error_not_the_users_folder(box, tree, monkeypatch):
    monkeypatch.chdir(box.root)
    box.write("app.py", "PROMPT = 'mine'\n")
    shutil.rmtree(tree.path)
    with pytest.raises(RepoError):
        tree.reset("HEAD")
    assert (box.root / "app.py").read_text() == "PROMPT = 'mine'\n"


def test_a_branch_that_a_person_has_checked_out_is_left_alone(box, tree):
    tree.remove()
    box.git("checkout", "-q", "harness/r1")
    with pytest.raises(RepoError, match="is checked out") as caught:
        box.open().start_branch("r1", "HEAD")
    assert str(box.root) in caught.value.fix


def test_other_worktrees_of_the_user_keep_their_entries(box, tree, tmp_path):
    box.git("worktree", "add", "-q", str(tmp_path / "usb"), "-b", "travel")
    shutil.rmtree(tmp_path / "usb")  # a disk that is not plugged in
    shutil.rmtree(tree.path)
    again = box.open().start_branch("r1", "HEAD")
    again.remove()
    assert "usb" in box.git("worktree", "list")


def fingerprint(root):
    """Everything of the user's that a run must leave alone, times of the files and of the index included."""
    ours = {".harness", "objects", "worktrees", "harness"}
    found = {}
    for path in root.rglob("*"):
        if path.is_file() and not ours & set(path.relative_to(root).parts):
            stat = path.lstat()
            found[path] = (path.read_bytes(), stat.st_mtime_ns, stat.st_mode, stat.st_ino)
    return found


def test_a_whole_run_leaves_tree_index_config_and_refs_of_the_user_as_they_were(box):
    box.write("app.py", "PROMPT = 'edited'\n")
    box.write("staged.py", "x = 1\n")
    box.git("add", "staged.py")
    box.write("staged.py", "x = 2\n")
    box.write("untracked.py", "y = 1\n")
    os.utime(box.root / "prompts" / "reply.txt")  # stat-dirty only: plain git status would rewrite the index for it
    _ = box.open().home
    before = fingerprint(box.root)
    repo = box.open()
    base = repo.snapshot("as it is")
    tree = repo.start_branch("r1", base, link=LINKS)
    for name in ("c01", "c02"):
        path = tree.candidate(name)
        (path / "app.py").write_text(f"PROMPT = '{name}'\n")
        tree.tree(path)
        tree.drop(name)
    (tree.path / "app.py").write_text("PROMPT = 'kept'\n")
    kept = tree.commit("feat", ["app.py"])
    tree = box.open().start_branch("r1", kept, link=LINKS)
    tree.diff(base)
    tree.remove()
    assert repo.dirty() == ("app.py", "staged.py", "untracked.py")
    assert repo.branches() == ("harness/r1",)
    assert fingerprint(box.root) == before


def test_commits_that_somebody_else_made_on_the_branch_are_named(box, tree):
    base = tree.head()
    (tree.path / "app.py").write_text("PROMPT = 'kept'\n")
    tree.commit("feat(classify): examples\n\nReport: reports/r1/report.md", ["app.py"])
    repo = box.open()
    assert repo.foreign("r1", base) == ()
    (tree.path / "app.py").write_text("PROMPT = 'mine'\n")
    sha = tree.commit("by hand", ["app.py"])
    assert repo.foreign("r1", base) == (f"{sha[:7]} by hand",)
    assert repo.foreign("r1", sha) == repo.foreign("r2", base) == ()


def test_a_name_that_is_set_to_nothing_does_not_stop_a_commit(box, tree):
    box.git("config", "user.name", "")
    (tree.path / "app.py").write_text("PROMPT = 'two'\n")
    assert tree.commit("change", ["app.py"]) == tree.head()


def test_a_candidate_commits_as_the_user_whatever_the_name_holds(box, tree):
    name = 'Ann "A; #1" \\ Ö'
    box.git("config", "user.name", name)
    path = tree.candidate("c01")
    other = Box(path)
    other.git("commit", "--allow-empty", "-qm", "by the app")
    assert other.git("log", "-1", "--format=%an") == name
