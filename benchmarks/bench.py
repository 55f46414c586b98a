"""What the long benchmarks share: a toy repo under git, a run of the command line in it, and what it decided."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parent.parent
TOYS = ROOT / "tests" / "toyapps"
HARNESS = (sys.executable, "-m", "harness")


def git(tree: Path, *arguments: str) -> str:
    """Run git in ``tree`` as somebody and give what it prints."""
    identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, "-C", str(tree), *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def toy(name: str, target: Path, cases: int | None = None) -> Path:
    """A copy of a toy app as a repository with one commit; ``cases`` keeps only the first ones."""
    shutil.copytree(TOYS / name, target, ignore=shutil.ignore_patterns("__pycache__"))
    file = target / "evals/cases.jsonl"
    file.write_text("".join(file.read_text("utf-8").splitlines(keepends=True)[:cases]), "utf-8")
    git(target, "init", "-q")
    git(target, "add", "-A")
    git(target, "commit", "-qm", "toy")
    return target


class Process(Protocol):
    """A command at work."""

    pid: int
    returncode: int | None

    def communicate(self) -> tuple[str, str]:
        """Stdout and stderr, once it has ended."""
        ...


Begin = Callable[[Path, Sequence[str], Mapping[str, str]], Process]


def heeds_sigint() -> None:
    """For a child: in the background of a script it would inherit that SIGINT is ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def start(tree: Path, arguments: Sequence[str], env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """``harness`` with arguments, in ``tree``; it leads a process group of its own and heeds Ctrl-C."""
    return subprocess.Popen(
        [*HARNESS, *arguments],
        cwd=tree,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
        preexec_fn=heeds_sigint,
    )


def finish(process: Process) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    out, err = process.communicate()
    return process.returncode or 0, out, err


def decisions(out: str) -> list[tuple[object, ...]]:
    """The decision table of a run's ``--json``: what was tried, where it ended, with which gain and p."""
    trials = json.loads(out)["trials"]
    return [(t["id"], t["node"], t["technique"], t["stage"], t["gain"], t["p"]) for t in trials]


def branch_tree(tree: Path, branch: str) -> str:
    """Digest of the files on a branch outside reports/."""
    listed = git(tree, "ls-tree", "-r", branch).splitlines()
    return hashlib.sha256("\n".join(line for line in listed if "\treports/" not in line).encode()).hexdigest()


def user_state(tree: Path) -> dict[str, str]:
    """Digests of every file of the user's tree and of the index; .git but the index and .harness left out."""
    files = [p for p in sorted(tree.rglob("*")) if p.is_file() and not {".git", ".harness"} & set(p.parts)]
    files = [p for p in files if "__pycache__" not in p.parts]
    return {str(p.relative_to(tree)): hashlib.sha256(p.read_bytes()).hexdigest() for p in [*files, tree / ".git/index"]}
