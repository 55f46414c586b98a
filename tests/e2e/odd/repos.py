"""The odd repositories, one function each: it is handed a plain one and makes it odd."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tests.conftest import git
from tests.e2e.odd.place import Box

HOOKS = (
    *("applypatch-msg", "commit-msg", "post-checkout", "post-commit", "post-index-change", "post-merge"),
    *("post-rewrite", "pre-auto-gc", "pre-commit", "pre-merge-commit", "pre-rebase", "prepare-commit-msg"),
    *("pre-push", "reference-transaction"),
)
PROMPTS = "app/prompts.py"


def plain(box: Box) -> None:
    """No pyproject, no settings: the app, its goals and its cases."""


# ---- the tree ------------------------------------------------------------------------------------------------------


def modified(box: Box) -> None:
    (box.tree / PROMPTS).write_text((box.tree / PROMPTS).read_text("utf-8") + "# mine\n", "utf-8")


def staged(box: Box) -> None:
    modified(box)
    box.git("add", PROMPTS)


def untracked(box: Box) -> None:
    box.write("app/more.py", "MORE = 1\n")


def untracked_and_not_shown(box: Box) -> None:
    box.configure(status__showUntrackedFiles="no")
    untracked(box)


def detached(box: Box) -> None:
    box.git("checkout", "-q", "--detach")


def sparse(box: Box) -> None:
    box.write("docs/long.md", "long")
    box.commit()
    box.git("sparse-checkout", "set", "app", "evals")


def lock_of_the_index(box: Box) -> None:
    box.write(".git/index.lock", "")


def huge_gitignore(box: Box) -> None:
    box.write(".gitignore", "".join(f"/build-{n}/**/*.o\n!keep-{n}\n" for n in range(10_000)))
    box.commit()


def twins(box: Box) -> None:
    box.write("app/Prompts.py", "OTHER = 'case alone tells it from the real one'\n")
    box.commit()


def names_of_every_kind(box: Box) -> None:
    for name in ("app/new\nline.py", "app/it's.py", 'app/"quoted".py', "app/-dash.py", "app/tab\t.py", "app/*.txt"):
        box.write(name, "X = 1\n")
    box.commit()


def unicode_and_spaces(box: Box) -> None:
    tree = box.root / "my äpp 'n [1] 文"
    box.tree.rename(tree)
    box.tree = tree
    (tree / PROMPTS).rename(tree / "app/prömpts.py")
    for name in ("app/graph.py", "app/prompts.py"):
        path = tree / name
        if path.exists():
            path.write_text(path.read_text("utf-8").replace("app.prompts", "app.prömpts"), "utf-8")
    box.notes["edited"] = "app/prömpts.py"
    box.commit()


def source_layout(box: Box) -> None:
    (box.tree / "src").mkdir()
    (box.tree / "app").rename(box.tree / "src/app")
    box.write("langgraph.json", '{"graphs": {"classify": "./src/app/graph.py:graph"}}')
    box.notes["edited"] = "src/app/prompts.py"
    box.commit()


def linked_files(box: Box) -> None:
    box.write("data/style.txt", "Labels of our own:")
    box.write(".gitignore", "data/\n")
    box.write("harness.toml", 'link = ["data/"]\n')
    path = box.tree / "app/graph.py"
    read = 'from pathlib import Path\n\nSTYLE = Path("data/style.txt").read_text()\n'
    path.write_text(read + path.read_text("utf-8"), "utf-8")
    box.commit()


def symlink_to_the_repository(box: Box) -> None:
    box.folder = box.root / "shortcut"
    box.folder.symlink_to(box.tree, target_is_directory=True)


def prompts_behind_a_symlink(box: Box) -> None:
    (box.tree / "texts").mkdir()
    (box.tree / PROMPTS).rename(box.tree / "texts/v1.py")
    (box.tree / PROMPTS).symlink_to("../texts/v1.py")
    box.notes["edited"] = "texts/v1.py"
    box.commit()


def prompts_outside_behind_a_symlink(box: Box) -> None:
    (box.root / "shared").mkdir()
    shutil.move(box.tree / PROMPTS, box.root / "shared/prompts.py")
    (box.tree / PROMPTS).symlink_to(box.root / "shared/prompts.py")
    box.commit()
    box.notes["outside"] = str(box.root / "shared/prompts.py")


def a_file_named_harness(box: Box) -> None:
    box.write(".harness", "mine")
    box.write(".gitignore", ".harness\n")
    box.commit()


def read_only(box: Box) -> None:
    """Root may write in any folder: there the file system itself is made read-only."""
    if os.geteuid():
        box.tree.chmod(0o555)
    else:
        subprocess.run(["mount", "--bind", box.tree, box.tree], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", box.tree], check=True)


# ---- kinds of repository -------------------------------------------------------------------------------------------


def without_git(box: Box) -> None:
    shutil.rmtree(box.tree / ".git")


def without_commit(box: Box) -> None:
    without_git(box)
    box.git("init", "-q")


def bare(box: Box) -> None:
    box.git("clone", "-q", "--bare", ".", "../bare.git")
    box.tree = box.root / "bare.git"


def inside_git(box: Box) -> None:
    box.folder = box.tree / ".git/refs"


def _parent(box: Box) -> Path:
    parent = box.root / "parent"
    parent.mkdir()
    git(parent, "init", "-q")
    git(parent, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(box.tree), "lib")
    git(parent, "commit", "-qm", "with a submodule")
    return parent


def submodule(box: Box) -> None:
    box.tree = _parent(box) / "lib"


def with_submodule(box: Box) -> None:
    box.tree = _parent(box)


def linked_worktree(box: Box) -> None:
    box.git("worktree", "add", "-q", "../linked")
    box.notes["main"] = str(box.tree)
    box.tree = box.root / "linked"


def worktree_of_a_worktree(box: Box) -> None:
    linked_worktree(box)
    box.git("worktree", "add", "-q", "../further")
    box.tree = box.root / "further"


def worktree_inside(box: Box) -> None:
    box.git("worktree", "add", "-q", "inner")


def worktree_beside(box: Box) -> None:
    box.git("worktree", "add", "-q", "../beside")


def shallow(box: Box) -> None:
    box.write("README.md", "one")
    box.commit()
    box.git("clone", "-q", "--depth=1", f"file://{box.tree}", "../shallow")
    box.tree = box.root / "shallow"


def borrowed_objects(box: Box) -> None:
    box.git("clone", "-q", "--shared", ".", "../shared")
    box.tree = box.root / "shared"


def git_folder_elsewhere(box: Box) -> None:
    box.git("init", "-q", "--separate-git-dir", "../elsewhere.git")


def sha256(box: Box) -> None:
    without_git(box)
    box.git("init", "-q", "--object-format=sha256")
    box.commit()


def another_owner(box: Box) -> None:
    box.env["GIT_TEST_ASSUME_DIFFERENT_OWNER"] = "1"


def branch_named_harness(box: Box) -> None:
    box.git("branch", "harness")


def on_a_branch_of_a_run(box: Box) -> None:
    box.git("checkout", "-q", "-b", "harness/mine")


def tag_named_as_the_branch(box: Box) -> None:
    box.git("tag", "main")
    box.git("tag", "HEAD")
    box.git("commit", "-q", "--allow-empty", "-m", "further than the tags")


# ---- habits of a user's git ----------------------------------------------------------------------------------------


def hooks(box: Box) -> None:
    for name in HOOKS:
        box.program(f"app/.git/hooks/{name}")


def hooks_path(box: Box) -> None:
    for name in HOOKS:
        box.program(f"hooks/{name}")
    box.config.write_text(box.config.read_text("utf-8") + f"[core]\nhooksPath = {box.root / 'hooks'}\n", "utf-8")


def signing(box: Box) -> None:
    box.configure(commit__gpgSign="true", tag__gpgSign="true", gpg__program=str(box.program("gpg")))


def nobody(box: Box) -> None:
    box.config.write_text("[user]\nuseConfigOnly = true\n", "utf-8")


def filters(box: Box) -> None:
    """The file with the prompts goes through programs on its way in and out."""
    box.git("add", "-A")  # the index knows every file by its time: nobody need look into one
    box.write(".git/info/attributes", "*.py filter=seal\n*.md filter=seal\n")
    for way in ("clean", "smudge"):
        box.git("config", f"filter.seal.{way}", str(box.program(way, then="cat")))
    box.configure(filter__seal__required="true")


def process_filter(box: Box) -> None:
    box.write(".gitattributes", "*.py filter=long\n")
    box.commit()
    box.configure(filter__long__process=str(box.program("process")), filter__long__required="true")


def large_files(box: Box) -> None:
    """A pointer in git, its content in the tree, and no git-lfs on this machine: the app reads the content."""
    pointer = "version https://git-lfs.github.com/spec/v1"
    box.configure(filter__lfs__clean=f"echo {pointer}", filter__lfs__smudge="echo content")
    box.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    content = box.write("weights/model.bin", "content\n")
    os.utime(content, (10**9, 10**9))  # else git would look into a file as young as its index
    box.write("harness.toml", 'link = ["weights/"]\n')
    path = box.tree / "app/graph.py"
    read = (
        'from pathlib import Path\n\nif Path("weights/model.bin").read_text() != "content\\n":\n    raise ValueError\n'
    )
    path.write_text(read + path.read_text("utf-8"), "utf-8")
    box.commit()
    assert box.git("show", "HEAD:weights/model.bin").strip() == pointer
    for way in ("clean", "smudge", "process"):
        box.git("config", f"filter.lfs.{way}", str(box.program(f"lfs-{way}")))
    box.configure(filter__lfs__required="true")


def _carriage_returns(box: Box) -> None:
    for path in (box.tree / "app").glob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def crlf_committed(box: Box) -> None:
    _carriage_returns(box)
    box.commit()
    box.configure(core__autocrlf="true", core__safecrlf="true")


def crlf_in_the_tree(box: Box) -> None:
    box.configure(core__autocrlf="true")
    _carriage_returns(box)
    box.git("add", "-A")


def crlf_input(box: Box) -> None:
    _carriage_returns(box)
    box.commit()
    box.configure(core__autocrlf="input", core__safecrlf="true")


def crlf_by_attribute(box: Box) -> None:
    box.write(".gitattributes", "*.py text eol=crlf\n")
    _carriage_returns(box)
    box.commit()


def programs(box: Box) -> None:
    """Everything that git may call on its way."""
    mark = str(box.program("program"))
    box.write(".gitattributes", "*.py diff=shown merge=own\n*.md diff=shown\n")
    box.commit()
    box.configure(
        core__editor=mark, core__pager=mark, core__sshCommand=mark, core__askPass=mark, sequence__editor=mark,
        diff__external=mark, diff__shown__textconv=mark, diff__shown__command=mark, merge__own__driver=mark,
        credential__helper=f"!{mark}", interactive__diffFilter=mark, alias__status=f"!{mark}", alias__st=f"!{mark}",
        pager__diff=mark, pager__log=mark, uploadpack__packObjectsHook=mark,
    )  # fmt: skip


def watched(box: Box) -> None:
    """Background work that git would start, and the program that it would ask what has changed."""
    mark = str(box.program("watcher"))
    box.configure(
        core__fsmonitor=mark, core__untrackedCache="true", core__splitIndex="true", gc__auto="1",
        gc__autoPackLimit="1", maintenance__auto="true", feature__manyFiles="true", gc__autoDetach="false",
    )  # fmt: skip


def run_from_a_hook(box: Box) -> None:
    """As when git starts us: the variables name another repository, which must stay as it is."""
    other = box.root / "other"
    shutil.copytree(box.tree, other)
    box.env.update(GIT_DIR=str(other / ".git"), GIT_WORK_TREE=str(other), GIT_INDEX_FILE=str(other / ".git/index"))
    box.notes["other"] = str(other)


def app_that_commits(box: Box) -> None:
    """Its node uses git in its own folder, as agents that write code do."""
    path = box.tree / "app/graph.py"
    work = """Path(f"note-{os.getpid()}-{threading.get_ident()}").write_text(state["ticket"])
    for words in ("add -A", "commit -qm work", "tag -f mark", "checkout -qB aside", "stash -u", "clean -fdx"):
        subprocess.run(["git", *words.split()], capture_output=True)
    return {"clean\""""
    text = path.read_text("utf-8").replace('return {"clean"', work)
    path.write_text("import os\nimport subprocess\nimport threading\nfrom pathlib import Path\n\n" + text, "utf-8")
    box.commit()


# ---- interpreters --------------------------------------------------------------------------------------------------


def _environment(folder: Path) -> None:
    """A virtual environment that has our packages, however this Python has come by them."""
    venv.create(folder, symlinks=True, with_pip=False)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (folder / "lib" / version / "site-packages/ours.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", "utf-8")


def own_environment(box: Box) -> None:
    """As uv and poetry make it inside a project."""
    _environment(box.tree / ".venv")
    box.write(".gitignore", ".venv\n")
    box.commit()


def environment_elsewhere(box: Box) -> None:
    """As poetry and conda keep it outside."""
    _environment(box.root / "envs/app-1a2b-py3")
    box.write("harness.toml", f'python = "{box.root}/envs/app-1a2b-py3/bin/python"\n')


def environment_without_packages(box: Box) -> None:
    venv.create(box.tree / ".venv", symlinks=True, with_pip=False)
    box.write(".gitignore", ".venv\n")
    box.commit()


def environment_that_is_broken(box: Box) -> None:
    box.write(".venv/bin/python", "#!/nowhere/python\n").chmod(0o755)
    box.write(".gitignore", ".venv\n")
    box.commit()
