"""Nothing outlives the client, however it ends; and a closed host ends its children."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from harness.app import AppHost, AppOptions
from harness.errors import AppError
from tests.app.helpers import ODD, odd, only, sharing

CLIENT = """
import sys
from pathlib import Path
from harness.app import AppHost, AppOptions
from harness.types import Case, Job
host = AppHost(sys.executable, "odd.py:graph", AppOptions(timeout=600.0))
app = host.open(Path(sys.argv[1]), "v1")
jobs = [Job(Case(do, {"do": do}, {}), 0, seed=1) for do in ("hang", "spin")]
list(app.run(jobs, lambda *_: print("going", flush=True)))
"""
PATIENCE_MS = 60_000  # of a test that fails, not of one that passes

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")


def marked(mark: str) -> list[int]:
    """Process ids whose environment holds ``mark``."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def outlive(handles: list[int]) -> int:
    """How many of the processes behind these pidfds do not end."""
    poll = select.poll()
    for handle in handles:
        poll.register(handle, select.POLLIN)
    left = len(handles)
    while left and (ended := poll.poll(PATIENCE_MS)):
        for handle, _ in ended:
            poll.unregister(handle)
            os.close(handle)
            left -= 1
    return left


def test_a_killed_client_leaves_no_process() -> None:
    mark = uuid.uuid4().hex
    command = [sys.executable, "-c", CLIENT, str(ODD)]
    client = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "MARK": mark})
    assert client.stdout is not None and client.stdout.readline() == b"going\n"
    handles = [os.pidfd_open(pid) for pid in marked(mark) if pid != client.pid]
    assert len(handles) == 2, "the host and its child"
    client.send_signal(signal.SIGKILL)
    client.wait()
    client.stdout.close()
    assert outlive(handles) == 0


def test_the_terminals_interrupt_does_not_reach_the_app() -> None:
    mark = uuid.uuid4().hex
    host = AppHost(sys.executable, "odd.py:graph", AppOptions(env={"MARK": mark}))
    app = host.open(ODD, "v1")
    pids = marked(mark)
    assert len(pids) == 2 and all(os.getsid(pid) != os.getsid(0) for pid in pids)
    assert only(app, "fine")[0].fault is None
    handles = [os.pidfd_open(pid) for pid in pids]
    host.close()
    host.close()
    assert outlive(handles) == 0
    app.close()


def test_an_import_that_never_ends_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(3600)\n")
    with odd("graph"), pytest.raises(AppError) as caught:  # the shared process is there: only the import is timed
        sharing("slow.py:graph", AppOptions(start_timeout=1.0)).open(tmp_path, "v1")
    assert "took more than 1 s" in caught.value.message and caught.value.exit_code == 3
