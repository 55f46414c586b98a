"""Odd repositories, each made with real git: a run works there or says what to do, and leaves them as they were."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.bench import toy
from benchmarks.forked import forked
from tests.e2e.conftest import Said
from tests.e2e.odd import repos
from tests.e2e.odd.place import IDEAS, Box, sound, state

CASES = 16  # few: an improvement of all of them is significant, and the run is over in seconds
FLAGS = ("--seed", "7", "--runs", "1", "--max-iterations", "1", "--goal", "accuracy to 70 %", "--json")
RUN = ("run", *FLAGS, "--proposer", "evals/ideas.py:propose")
SNAPSHOT = (*RUN, "--snapshot")
CHECK = ("check",)
START = ("check", "--import")


@dataclass(frozen=True)
class Row:
    """What a command comes to in an odd repository; a run that works must keep its change."""

    make: Callable[[Box], None]
    command: tuple[str, ...]
    code: int = 0
    words: tuple[str, ...] = ()


def both(one: Callable[[Box], None], other: Callable[[Box], None]) -> Callable[[Box], None]:
    """Two oddities that have nothing to do with each other, in one run for the time it saves."""

    def make(box: Box) -> None:
        one(box)
        other(box)

    make.__name__ = f"{one.__name__}+{other.__name__}"
    return make


ROWS = (
    Row(repos.plain, RUN),
    Row(repos.modified, RUN, 2, ("app/prompts.py", "git commit", "--snapshot")),
    Row(repos.modified, SNAPSHOT),
    Row(repos.staged, RUN, 2, ("app/prompts.py", "git commit", "--snapshot")),
    Row(repos.untracked, RUN, 2, ("app/more.py", "git add", "--snapshot")),
    Row(repos.untracked_and_not_shown, RUN, 2, ("app/more.py",)),
    Row(both(repos.detached, repos.signing), RUN),
    Row(both(repos.sparse, repos.lock_of_the_index), RUN),
    Row(repos.huge_gitignore, CHECK),
    Row(repos.twins, CHECK),
    Row(both(repos.names_of_every_kind, repos.worktree_beside), RUN),
    Row(repos.unicode_and_spaces, RUN),
    Row(both(repos.source_layout, repos.own_environment), RUN),
    Row(both(repos.linked_files, repos.symlink_to_the_repository), RUN),
    Row(both(repos.prompts_behind_a_symlink, repos.hooks), RUN),
    Row(repos.prompts_outside_behind_a_symlink, RUN, 1, ("outside",)),
    Row(repos.a_file_named_harness, CHECK, 2, (".harness", "fix: ")),
    Row(repos.read_only, CHECK, 3, ("write", "fix: ")),
    Row(repos.read_only, RUN, 3, ("write", "fix: ")),
    Row(repos.without_git, CHECK, 2, ("not a git repository", "git init")),
    Row(repos.without_commit, CHECK, 2, ("no commit yet", "git commit")),
    Row(repos.bare, CHECK, 2, ("bare", "git clone")),
    Row(repos.inside_git, CHECK, 2, ("no working tree",)),
    Row(repos.submodule, CHECK, 2, ("a submodule of", "git clone")),
    Row(repos.with_submodule, CHECK, 2, ("lib is a submodule",)),
    Row(repos.linked_worktree, CHECK, 2, ("linked worktree", "main checkout")),
    Row(repos.worktree_of_a_worktree, CHECK, 2, ("linked worktree", "main checkout")),
    Row(repos.worktree_inside, CHECK, 2, ("inside the checkout", "git worktree move")),
    Row(repos.shallow, RUN),
    Row(repos.borrowed_objects, RUN),
    Row(both(repos.git_folder_elsewhere, repos.watched), RUN),
    Row(both(repos.sha256, repos.programs), RUN),
    Row(repos.another_owner, CHECK, 2, ("another user owns it", "safe.directory")),
    Row(repos.branch_named_harness, CHECK, 2, ("'harness'", "git", "branch -m")),
    Row(repos.branch_named_harness, RUN, 2, ("'harness'", "git", "branch -m")),
    Row(both(repos.on_a_branch_of_a_run, repos.nobody), RUN),
    Row(both(repos.tag_named_as_the_branch, repos.hooks_path), RUN),
    Row(repos.filters, RUN),
    Row(repos.process_filter, RUN),
    Row(repos.large_files, RUN),
    Row(repos.crlf_committed, RUN),
    Row(repos.crlf_in_the_tree, RUN),
    Row(repos.crlf_input, RUN),
    Row(repos.crlf_by_attribute, RUN),
    Row(repos.run_from_a_hook, RUN),
    Row(repos.app_that_commits, RUN),
    Row(repos.environment_elsewhere, START),
    Row(repos.environment_without_packages, CHECK, 3, ("langgraph", "pip install")),
    Row(repos.environment_that_is_broken, CHECK, 3, (".venv/bin/python", "python")),
)


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository that every row takes a copy of."""
    tree = toy("classify", tmp_path_factory.mktemp("pattern") / "app", CASES)
    (tree / "evals/ideas.py").write_text(IDEAS, "utf-8")
    for command in (["add", "-A"], ["-c", "user.name=Ada", "-c", "user.email=a@b.example", "commit", "-qm", "ideas"]):
        subprocess.run(["git", "-C", tree, *command], check=True)
    subprocess.run(["git", "-C", tree, "branch", "-M", "main"], check=True)
    return tree


@pytest.fixture
def box(pattern: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    """A plain repository, cut off from the configuration of the machine."""
    made = Box(tmp_path, Path(shutil.copytree(pattern, tmp_path / "app", symlinks=True)))
    made.config.write_text("[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n", "utf-8")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(made.config))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    yield made
    made.tree.chmod(0o755) if os.geteuid() else subprocess.run(["umount", made.tree], capture_output=True, check=False)


def name_of(row: Row) -> str:
    return f"{row.make.__name__}-{row.command[0]}{'-snapshot' if '--snapshot' in row.command else ''}"


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_it_works_or_says_what_to_do_and_leaves_everything_as_it_was(row: Row, box: Box) -> None:
    row.make(box)
    box.marks.unlink(missing_ok=True)  # what building it has run
    others = [Path(box.notes[name]) for name in ("main", "other") if name in box.notes]
    before = [state(tree) for tree in (box.tree, *others)]
    outside = Path(box.notes["outside"]).read_bytes() if "outside" in box.notes else b""
    said = Said(*forked(box.folder or box.tree, row.command, box.env))
    assert said.code == row.code, said.err
    assert "Traceback" not in said.err
    for word in row.words:
        assert word in said.err + said.out
    assert [state(tree) for tree in (box.tree, *others)] == before
    assert box.marked() == ""
    assert [sound(tree) for tree in (box.tree, *others)] == [""] * (1 + len(others))
    if outside:
        assert Path(box.notes["outside"]).read_bytes() == outside
    if row.command[0] == "run" and row.code == 0:
        taken(box, said.data)


def taken(box: Box, result: dict[str, object]) -> None:
    """The branch of a run that worked: two commits of the user's, whose first changes lines of the prompts' file."""
    assert len(result["kept"]) == 1
    branch, edited = result["branch"], box.notes.get("edited", repos.PROMPTS)
    first, base = box.git("rev-parse", f"{branch}~1", f"{branch}~2").split()
    if "--snapshot" not in str(result):
        assert base == box.git("rev-parse", "HEAD^{commit}").strip() or box.git("diff", "--name-only", "HEAD", base)
    changed = box.git("diff", "--no-ext-diff", "--no-textconv", "--numstat", "-z", base, first).split("\0")
    assert [line.partition("\t")[2].partition("\t")[2] for line in changed if line] == [edited]
    added, removed, _ = changed[0].split("\t")
    assert (int(added), int(removed)) == (5, 1)
    for wanted in (b"Labels: billing", b"You sort messages"):
        assert (
            wanted
            in subprocess.run(
                ["git", "-C", box.tree, "show", f"{branch}:{edited}"], capture_output=True, check=True
            ).stdout
        )
