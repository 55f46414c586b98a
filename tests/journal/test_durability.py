"""kill -9 at seeded moments: nothing that was acknowledged is lost, nothing is there twice, the rest can be added."""

from __future__ import annotations

import random
import subprocess
import sys
from contextlib import closing

import pytest

from harness.journal import Calls, Journal, Ledger
from tests import makers

WORK = """
import sys
from pathlib import Path
from harness.journal import Calls, Journal, Ledger
from tests import makers
path, total = Path(sys.argv[1]), int(sys.argv[2])
journal, calls, ledger = Journal(path, "r1"), Calls(path), Ledger(path, path.parent / "reports")
for i in range(total):
    if str(i) not in sys.argv[3:]:
        calls.record("c1", i, "", makers.call())
        print("call", i, flush=True)
        journal.save_runs("g0", [makers.run({"n": i}, makers.call(), k=i)])
        print("run", i, flush=True)
        journal.append("step", str(i), {"n": i})
        print("event", i, flush=True)
        ledger.spend("digest", f"r1:{i}", 0.01)
        print("confirmation", i, flush=True)
"""
TOTAL = 25


def start(path):
    command = [sys.executable, "-c", WORK, str(path), str(TOTAL)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def kept(path):
    """What stands in the file, by the words that the child acknowledges with."""
    with (
        closing(Journal(path, "r1")) as journal,
        closing(Calls(path)) as calls,
        closing(Ledger(path, path.parent / "reports")) as ledger,
    ):
        called = calls.recorded_many([("c1", i) for i in range(TOTAL)], [""])
        return {
            "call": [i for (_, i), found in called.items() if found],
            "run": [run.k for run in journal.load_runs("g0")],
            "event": [event.data["n"] for event in journal.read()],
            "confirmation": list(range(ledger.spent("digest"))),
        }


@pytest.mark.parametrize("seed", range(5))
def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path, seed):
    path = tmp_path / "state.sqlite"
    deadline = random.Random(seed).randrange(1, 4 * TOTAL)
    acknowledged = {"call": 0, "run": 0, "event": 0, "confirmation": 0}
    with start(path) as child:
        for count, line in enumerate(child.stdout, 1):
            acknowledged[line.split()[0]] += 1
            if count == deadline:
                child.kill()  # what it printed between this line and its end is read by the loop
    first = kept(path)
    for kind, found in first.items():
        assert found == list(range(len(found)))
        assert acknowledged[kind] <= len(found) <= acknowledged[kind] + 1
    with start(path) as child:
        child.communicate()
    assert kept(path) == {kind: list(range(TOTAL)) for kind in acknowledged}


def test_a_reader_beside_the_writer_sees_whole_steps(tmp_path):
    path = tmp_path / "state.sqlite"
    Journal(path, "r1").close()
    with start(path) as child:
        for line in child.stdout:
            kind, number = line.split()
            if kind == "run" and int(number) % 10 == 0:
                assert makers.run({"n": int(number)}, makers.call(), k=int(number)) in Journal(path, "r1").load_runs(
                    "g0"
                )
    assert child.returncode == 0
