"""One run at a time, across processes, and free again however the holder ends."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest

from harness.errors import MachineError, RepoError
from harness.journal import Lock, abandoned, holder

HOLD = """
import sys
from pathlib import Path
from harness.journal import Lock
with Lock(Path(sys.argv[1]), "20261121-142203"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".harness" / "lock"


def hold(path):
    command = [sys.executable, "-c", HOLD, str(path)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "held\n"
    return child


def test_a_second_process_is_told_who_holds_it_and_gets_it_afterwards(path):
    with hold(path) as child:
        with pytest.raises(RepoError, match="run 20261121-142203 is at work") as caught, Lock(path, "r2"):
            pass
        assert f"kill {child.pid}" in caught.value.fix
        assert socket.gethostname() in caught.value.fix
        found = holder(path)
        assert (found.run_id, found.pid) == ("20261121-142203", child.pid)
        child.communicate()
    assert holder(path) is None
    with Lock(path, "r2"):
        assert holder(path).pid == os.getpid()


def test_a_killed_holder_lets_go(path):
    with hold(path) as child:
        child.kill()
    assert holder(path) is None
    with Lock(path, "r2"):
        pass


def test_who_holds_it_is_the_kernels_to_say_and_not_a_number_or_a_name(path):
    with Lock(path, "r1"):
        written = path.read_text("utf-8")
    for stale in (written, json.dumps({"run_id": "r1", "pid": os.getpid(), "host": "elsewhere", "started": "then"})):
        path.write_text(stale or json.dumps({"run_id": "r1", "pid": os.getpid(), "host": "h", "started": "then"}))
        assert holder(path) is None  # the process of that number lives, and holds nothing
        assert abandoned(path).run_id == "r1"


def test_two_in_one_process_exclude_each_other(path):
    with Lock(path, "r1"):
        with pytest.raises(RepoError, match="run r1"), Lock(path, "r2"):
            pass
        assert holder(path).run_id == "r1"


def test_a_program_that_was_started_under_the_lock_does_not_keep_it(path):
    with Lock(path, "r1"):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    with child, Lock(path, "r2"):
        child.communicate(b"\n")


def test_it_ends_with_an_error_too(path):
    with pytest.raises(KeyError), Lock(path, "r1"):
        raise KeyError
    with Lock(path, "r2"):
        pass


def test_a_lock_without_a_readable_holder_still_excludes(path):
    with Lock(path, "r1"):
        path.write_text("half a l")
        with pytest.raises(RepoError, match="another run is at work"), Lock(path, "r2"):
            pass


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="lock cannot be taken"), Lock(tmp_path / "file" / "lock", "r1"):
        pass
