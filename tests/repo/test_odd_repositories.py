"""Repositories that are not as in the book: refused in words with the way out, or worked in all the same."""

from __future__ import annotations

import subprocess

import pytest

from harness.errors import RepoError
from harness.repo import Repo
from tests.repo.conftest import Box


def refusal(path) -> RepoError:
    with pytest.raises(RepoError) as caught:
        Repo.open(path)
    assert caught.value.exit_code == 2
    assert caught.value.where
    assert caught.value.fix
    return caught.value


def test_no_repository(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "plain"
    folder.mkdir()
    error = refusal(folder)
    assert "not a git repository" in str(error)
    assert "git init && git add -A && git commit" in error.fix


def test_no_folder(tmp_path):
    assert "no such folder" in str(refusal(tmp_path / "missing"))


def test_no_commit_yet_and_the_fix_works(empty):
    empty.write("app.py", "x")
    error = refusal(empty.root)
    assert "no commit yet" in str(error)
    subprocess.run(error.fix, shell=True, check=True, capture_output=True)
    assert Repo.open(empty.root).dirty() == ()


def test_bare(tmp_path):
    Box(tmp_path).git("init", "-q", "--bare", "bare.git")
    assert "bare" in str(refusal(tmp_path / "bare.git"))


def test_inside_of_git(box):
    assert "no working tree" in str(refusal(box.root / ".git" / "refs"))


def test_linked_worktree_names_the_main_checkout(box, tmp_path):
    box.git("worktree", "add", "-q", str(tmp_path / "linked"))
    error = refusal(tmp_path / "linked")
    assert "linked worktree" in str(error)
    assert str(box.root) in error.fix
    box.open()


def test_worktree_inside_the_checkout(box):
    box.git("worktree", "add", "-q", "inner")
    assert "inner" in str(refusal(box.root))


def test_submodule_and_its_parent(box, tmp_path):
    parent = Box(tmp_path / "parent")
    parent.git("init", "-q")
    parent.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(box.root), "lib")
    parent.commit()
    assert "lib is a submodule" in str(refusal(parent.root))
    assert "a submodule of" in str(refusal(parent.root / "lib"))


def test_tracked_harness_folder(box):
    box.write(".harness/state", "x")
    box.git("add", "-f", ".harness/state")
    assert "git rm -r --cached .harness" in refusal(box.root).fix


def test_a_branch_named_harness_stands_in_the_way(box):
    box.git("branch", "harness")
    with pytest.raises(RepoError, match="stands in the way") as caught:
        box.open().start_branch("r1", "HEAD")
    subprocess.run(caught.value.fix, shell=True, check=True)
    box.open().start_branch("r1", "HEAD")


def test_another_owner_is_said_with_the_way_out(box, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert "safe.directory" in refusal(box.root).fix


def work(box) -> str:
    """A change on a run's branch; gives its sha."""
    tree = box.open().start_branch("r1", "HEAD", link=("data",))
    path = tree.candidate("c01") / "app.py"
    path.write_bytes(path.read_bytes().replace(b"one", b"two"))
    changed = tree.tree(path.parent)
    (tree.path / "app.py").write_bytes(path.read_bytes())
    sha = tree.commit("feat(app): two", ["app.py"])
    assert tree.tree_of(sha) == changed == tree.tree()
    tree.remove()
    return sha


def test_hooks_that_fail_are_not_run(box):
    for name in ("pre-commit", "commit-msg", "post-checkout", "post-commit", "reference-transaction", "post-merge"):
        hook = box.write(f".git/hooks/{name}", "#!/bin/sh\ntouch hook-ran\nexit 1\n")
        hook.chmod(0o755)
    work(box)
    box.open().apply_ff("harness/r1")
    assert not list(box.root.rglob("hook-ran"))


def test_signing_is_not_asked_for(box):
    box.git("config", "commit.gpgSign", "true")
    box.git("config", "gpg.program", "false")
    assert "gpgsig" not in box.git("cat-file", "commit", work(box))


def test_the_user_signs_his_name(box):
    assert box.git("show", "-s", "--format=%an <%ae>", work(box)) == "Ada <ada@example.org>"


@pytest.mark.parametrize("config", ["", "[user]\nuseConfigOnly = true\n", "[user]\nname = Ada\n"])
def test_a_missing_identity_is_filled_in(box, plain_git, config):
    plain_git.write_text(config)
    name = "Ada" if "Ada" in config else "harness"
    assert box.git("show", "-s", "--format=%an <%ae>", work(box)) == f"{name} <harness@localhost>"


def test_detached_head(box):
    box.git("checkout", "-q", "--detach")
    assert box.git("rev-parse", f"{work(box)}^") == box.git("rev-parse", "HEAD")


def test_crlf_files_keep_their_line_ends(box):
    box.git("config", "core.autocrlf", "true")
    box.git("config", "core.safecrlf", "true")
    box.write("app.py", b"A = 'one'\r\nB = 'three'\r\n")
    box.git("add", "app.py")
    box.git("commit", "-q", "-m", "crlf")
    tree = box.open().start_branch("r1", "HEAD")
    assert (tree.path / "app.py").read_bytes() == b"A = 'one'\r\nB = 'three'\r\n"
    sha = work(box)
    assert box.git("diff", "--numstat", "HEAD", sha) == "1\t1\tapp.py"
    box.open().apply_ff("harness/r1")
    assert (box.root / "app.py").read_bytes() == b"A = 'two'\r\nB = 'three'\r\n"
    assert box.open().dirty() == ()


def test_unicode_spaces_and_pathspec_characters_in_paths(tmp_path):
    box = Box(tmp_path / "my äpp [1]")
    box.git("init", "-q")
    names = ("graph mit Leerzeichen.py", "prompts/ünï*code?.txt", ":(top)odd.py", "-dash.py", "a\nnewline.py")
    for name in names:
        box.write(name, "one")
    box.commit()
    repo = box.open()
    tree = repo.start_branch("r1", "HEAD")
    for name in names:
        (tree.path / name).write_text("two")
        (box.root / name).write_text("mine")
    assert repo.dirty() == tuple(sorted(names))
    sha = tree.commit("feat: two", names)
    assert set(box.git("diff", "--name-only", "-z", "HEAD", sha).split("\0")) - {""} == set(names)


def test_file_modes_and_symlinks_are_kept(box):
    box.write("run.sh", "#!/bin/sh\n").chmod(0o755)
    (box.root / "alias.py").symlink_to("app.py")
    box.commit()
    tree = box.open().start_branch("r1", "HEAD")
    for place in (tree.path, tree.candidate("c01")):
        assert (place / "run.sh").stat().st_mode & 0o111
        assert (place / "alias.py").is_symlink()


def test_lfs_files_stay_pointers_in_private_trees_and_no_filter_runs(box):
    box.write(".gitattributes", "*.bin filter=lfs\n")
    box.write("model.bin", "version https://git-lfs.github.com/spec/v1\n")
    box.commit()
    box.git("config", "filter.lfs.smudge", "false")
    box.git("config", "filter.lfs.clean", "false")
    box.git("config", "filter.lfs.required", "true")
    tree = box.open().start_branch("r1", "HEAD")
    for place in (tree.path, tree.candidate("c01")):
        assert (place / "model.bin").read_text().startswith("version https://git-lfs")
    work(box)


def test_files_of_lfs_that_the_app_reads_are_linked_in(box):
    box.write(".gitattributes", "*.bin filter=lfs\n")
    box.write("weights/model.bin", "pointer")
    box.write("weights/notes.txt", "no filter")
    box.commit()
    for key, value in {"smudge": "false", "clean": "false", "required": "true"}.items():
        box.git("config", f"filter.lfs.{key}", value)
    (box.root / "weights/model.bin").write_text("content")
    repo = box.open()
    assert repo.filtered() == ("weights/model.bin",)
    with pytest.raises(RepoError, match="tracked by git"):
        repo.start_branch("r1", "HEAD", link=("weights/",))
    for _ in range(2):  # made, and reset as by a resumed run
        tree = repo.start_branch("r1", "HEAD", link=("weights/model.bin",))
        for place in (tree.path, tree.candidate("c01")):
            assert (place / "weights/model.bin").read_text() == "content"
            assert tree.tree(None if place == tree.path else place) == tree.tree_of("HEAD")
    (tree.path / "app.py").write_text("changed")
    assert box.git("diff", "--name-only", "HEAD", tree.commit("feat", ["app.py"])) == "app.py"


@pytest.mark.parametrize("mark", ["assume-unchanged", "skip-worktree"])
def test_a_change_that_git_was_told_not_to_see_is_seen(box, mark):
    box.git("update-index", f"--{mark}", "app.py", "prompts/reply.txt")
    assert box.open().dirty() == ()
    box.write("app.py", "PROMPT = 'mine'\n")
    assert box.git("status", "--porcelain") == ""
    repo = box.open()
    assert repo.dirty() == ("app.py",)
    assert box.git("show", f"{repo.snapshot('as it is')}:app.py") == "PROMPT = 'mine'"
    assert len([line for line in box.git("ls-files", "-v").splitlines() if line[0] in "hS"]) == 2


def test_no_filter_of_any_name_runs_in_private_trees(box, tmp_path):
    box.write(".git/info/attributes", "*.py filter=my.own\n")
    for way in ("clean", "smudge", "process"):
        box.git("config", f"filter.my.own.{way}", f"touch {tmp_path}/ran; cat")
    box.git("config", "filter.my.own.required", "true")
    work(box)
    assert not (tmp_path / "ran").exists()


def test_what_an_app_does_with_git_in_its_tree_is_gone_with_it(box):
    tree = box.open().start_branch("r1", "HEAD")
    before = box.git("for-each-ref"), box.git("log", "--all", "--reflog", "--format=%H")
    path = tree.candidate("c01")
    assert subprocess.run(["git", "status", "--porcelain"], cwd=path, capture_output=True, text=True).stdout == ""
    for words in ("log -1", "commit -q --allow-empty -m mine", "tag mine", "checkout -q -b mine", "clean -fdxq"):
        subprocess.run(["git", *words.split()], cwd=path, check=True, capture_output=True)
    top = subprocess.run(["git", "rev-parse", "--show-toplevel"], cwd=path, capture_output=True, text=True).stdout
    assert top.strip() == str(path)
    tree.drop("c01")
    assert (box.git("for-each-ref"), box.git("log", "--all", "--reflog", "--format=%H")) == before


def test_prompts_behind_a_symlink_are_committed_where_they_are(box):
    box.write("texts/v1.py", "PROMPT = 1\n")
    (box.root / "linked.py").symlink_to("texts/v1.py")
    box.commit()
    tree = box.open().start_branch("r1", "HEAD")
    (tree.path / "texts/v1.py").write_text("PROMPT = 2\n")
    assert box.git("diff", "--name-only", "HEAD", tree.commit("feat", ["linked.py"])) == "texts/v1.py"


def test_a_sparse_checkout_is_whole_in_private_trees(box):
    box.git("sparse-checkout", "set", "--no-cone", "/app.py", "/.gitignore")
    assert not (box.root / "prompts").exists()
    repo = box.open()
    assert repo.dirty() == ()
    tree = repo.start_branch("r1", "HEAD")
    for place in (tree.path, tree.candidate("c01")):
        assert (place / "prompts" / "reply.txt").exists()
    assert not (box.root / "prompts").exists()
