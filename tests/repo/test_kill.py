"""kill -9 while git is at work: the run's tree comes back whole, the user's is never touched."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading

import pytest

WORK = """
import sys
from pathlib import Path
from harness.repo import Repo
repo = Repo.open(Path(sys.argv[1]))
for i in range(100):
    tree = repo.start_branch("r1", "main")
    print("started", flush=True)
    path = tree.candidate("c01")
    (path / "app.py").write_text(f"PROMPT = {i}")
    print("candidate", tree.tree(path), flush=True)
    (tree.path / "app.py").write_text(f"PROMPT = {i}")
    tree.commit("feat", ["app.py"])
    print("committed", flush=True)
    tree.drop("c01")
    if i % 3 == 0:
        tree.remove()
"""


def start(box, program):
    command = [sys.executable, "-c", program, str(box.root)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("seed", range(4))
def test_a_run_that_was_killed_starts_again(box, seed):
    box.write("app.py", "PROMPT = 'mine'\n")
    index = (box.root / ".git" / "index").read_bytes()
    with start(box, WORK) as child:
        for _ in range(random.Random(seed).randrange(1, 25)):
            child.stdout.readline()
        child.kill()
    tree = box.open().start_branch("r1", "main")
    assert (tree.path / "app.py").read_text() == "PROMPT = 'one'\n"
    assert tree.tree() == tree.tree_of("main")
    (tree.path / "app.py").write_text("PROMPT = 'kept'\n")
    assert box.git("rev-parse", "harness/r1") != tree.commit("feat", ["app.py"]) == box.git("rev-parse", "harness/r1")
    assert box.git("worktree", "list").count("\n") == 1
    assert (box.root / "app.py").read_text() == "PROMPT = 'mine'\n"
    assert (box.root / ".git" / "index").read_bytes() == index


def test_a_git_that_outlives_its_harness_is_waited_for(box, tmp_path, monkeypatch):
    """Else it would go on to write old files into the tree that the resumed run has just made."""
    box.write("late.py", "old")
    box.write("later.py", "old")
    old = box.commit()
    (box.root / "late.py").unlink()
    box.write("later.py", "new")
    new = box.commit()
    gate, slow, real = tmp_path / "gate", tmp_path / "bin" / "git", shutil.which("git")
    os.mkfifo(gate)
    slow.parent.mkdir()
    slow.write_text(f"""#!/bin/sh\ncase "$*" in *"reset --hard"*) cat '{gate}';; esac\nexec '{real}' "$@"\n""")
    slow.chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", f"{slow.parent}{os.pathsep}{os.environ['PATH']}")
        with start(box, WORK.replace('"main"', f'"{old}"')) as child:
            opened = gate.open("w")  # returns once git is about to write the old files
            child.kill()
    resumed = threading.Thread(target=lambda: box.open().start_branch("r1", new))
    resumed.start()
    opened.close()
    resumed.join()
    tree = box.root / ".harness" / "worktrees" / "r1"
    assert (tree / "later.py").read_text() == "new"
    assert not (tree / "late.py").exists()
