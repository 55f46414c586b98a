"""Events and runs of a run: written once, read back, and in words when the file fails."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import RepoError
from harness.journal import FINISHED, Journal, Lock, runs
from tests import makers


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".harness" / "state.sqlite"


@pytest.fixture
def journal(path):
    with closing(Journal(path, "r1")) as opened:
        yield opened


def test_events_come_back_in_order(journal):
    for kind, step, data in (("a", "1", {"x": [1, None]}), ("b", "2", None), ("a", "3", "ü\ud800")):
        journal.append(kind, step, data)
    assert [(e.kind, e.step, e.data) for e in journal.read()] == [
        ("a", "1", {"x": [1, None]}),
        ("b", "2", None),
        ("a", "3", "ü\ud800"),
    ]
    assert [event.step for event in journal.read("a")] == ["1", "3"]
    assert journal.get("1") == {"x": [1, None]}
    assert journal.get("4") is None


def test_a_step_is_written_once_and_keeps_its_first_data(journal):
    assert journal.append("decision", "c01", {"keep": True}) == {"keep": True}
    assert journal.append("decision", "c01", {"keep": False}) == {"keep": True}
    assert journal.get("c01") == {"keep": True}
    assert len(journal.read()) == 1


def test_runs_of_one_file_do_not_mix(path, journal):
    with closing(Journal(path, "r2")) as other:
        other.append("a", "1", "other")
        other.save_runs("g0", [makers.run()])
        assert journal.get("1") is None
        assert journal.append("a", "1", "mine") == "mine"
        assert journal.load_runs("g0") == []
        assert [event.data for event in other.read()] == ["other"]


@pytest.mark.parametrize(
    "statement",
    [
        "update events set data = '0'",
        "delete from events",
        "insert or replace into events (run, step, kind, data, at) values ('r1', '1', 'a', '0', '')",
        "update confirmations set digest = 'x'",
        "delete from confirmations",
    ],
)
def test_what_is_written_cannot_be_rewritten(path, journal, statement):
    journal.append("a", "1", {"x": 1})
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma recursive_triggers = on")
        connection.execute("insert into confirmations values ('r1:1', 'd', 0.01, '')")
        connection.commit()
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    assert journal.get("1") == {"x": 1}


def test_it_can_be_used_from_several_threads(journal):
    def work(thread):
        for i in range(20):
            journal.append("a", f"{thread}:{i}", i)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({event.step for event in journal.read()}) == 80


def test_a_block_that_raises_writes_nothing(journal):
    with pytest.raises(ValueError, match="no JSON form"):
        journal.save_runs("g0", [makers.run({"x": 1}), makers.run({"x": object()}, k=1)])
    assert journal.load_runs("g0") == []


def test_runs_are_saved_once_by_label_case_k_salt_and_version(path, journal):
    run = makers.run({"intent": "billing"}, makers.call(), makers.call(text="b"))
    others = [replace(run, case="c2"), replace(run, k=1), replace(run, salt="s"), replace(run, version="def")]
    journal.save_runs("g0", [run, *others])
    journal.save_runs("g0", [replace(run, output="a second draw")])
    journal.save_runs("g1", [replace(run, output="another label")])
    for source in (journal, Journal(path, "r1")):
        assert source.load_runs("g0") == [run, *others]
        assert source.load_runs("g0", version="def") == [others[-1]]
        assert source.load_runs("none") == []


def test_runs_taken_back_can_be_saved_anew(path, journal):
    first, second = makers.run(), makers.run(k=1, fault=makers.fault("infrastructure"))
    journal.save_runs("g0", [first, second])
    assert journal.load_runs("g0") == [first, second]
    journal.forget_runs("g0", [second, makers.run(k=7)])
    assert journal.load_runs("g0") == [first]
    better = makers.run("billing", k=1)  # gets the number of the row that went
    journal.save_runs("g0", [better])
    for source in (journal, Journal(path, "r1")):
        assert source.load_runs("g0") == [first, better]


def test_runs_with_faults_and_odd_outputs_come_back(journal):
    saved = [
        makers.run(fault=makers.fault("infrastructure")),
        makers.run({"text": "\ud800", "n": 2**70, "f": 1e-300}, k=1),
        makers.run([None, True, {}], k=2),
    ]
    journal.save_runs("g0", saved)
    assert journal.load_runs("g0") == saved


def test_a_list_of_runs_given_out_is_the_callers(journal):
    journal.save_runs("g0", [makers.run()])
    journal.load_runs("g0").clear()
    assert journal.load_runs("g0") == [makers.run()]


def test_list_of_runs_with_their_states(path, tmp_path):
    lock = tmp_path / ".harness" / "lock"
    assert runs(path, lock) == []
    assert not path.exists()
    for run_id in ("done", "working", "killed"):
        with closing(Journal(path, run_id)) as journal:
            journal.append("run", "start", {})
            if run_id == "done":
                journal.append(FINISHED, "end", {})
    with Lock(lock, "working"):
        assert [(run.id, run.status, run.events) for run in runs(path, lock)] == [
            ("done", "finished", 2),
            ("working", "running", 1),
            ("killed", "interrupted", 1),
        ]
    assert runs(path, lock)[1].status == "interrupted"


def test_a_newer_layout_is_refused_in_words_and_left_alone(path):
    Journal(path, "r1").close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma user_version = 99")
    content = path.read_bytes()
    with pytest.raises(RepoError, match="written by a newer harness") as caught:
        Journal(path, "r1")
    assert "upgrade" in caught.value.fix
    assert path.read_bytes() == content


@pytest.mark.parametrize("spoil", [lambda b: b"not a database at all" * 200, lambda b: b[:4096] + b"\xff" * 4096])
def test_a_damaged_file_is_said_with_the_way_out(path, spoil):
    with closing(Journal(path, "r1")) as journal:
        for i in range(200):
            journal.append("a", str(i), "x" * 100)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(RepoError, match="damaged") as caught, closing(Journal(path, "r1")) as journal:
        journal.read()
    assert f"mv {path}" in caught.value.fix


def test_a_record_that_does_not_fit_its_type_is_said(path, journal):
    journal.save_runs("g0", [makers.run()])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("update runs set data = x'00'")
        connection.commit()
    with pytest.raises(RepoError, match="a stored Run cannot be read"):
        Journal(path, "r1").load_runs("g0")


@pytest.fixture
def unprivileged():
    """A folder of root's, seen by somebody else; root himself may write anywhere."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        os.seteuid(0)
        shutil.rmtree(folder)


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_that_may_not_be_written(unprivileged, exists):
    path = unprivileged / "state.sqlite"
    if exists:
        Journal(path, "r1").close()
    os.seteuid(65534)
    with pytest.raises(RepoError, match="cannot be opened") as caught, closing(Journal(path, "r1")) as journal:
        journal.append("a", "1", {})
    assert str(unprivileged) in caught.value.fix


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RepoError, match="cannot be opened"):
        Journal(tmp_path / "file" / "state.sqlite", "r1")


FILL = """
import resource, sys
from pathlib import Path
from harness.errors import MachineError
from harness.journal import Journal
from tests import makers
journal = Journal(Path(sys.argv[1]), "r1")
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
try:
    for i in range(10_000):
        journal.append("a", str(i), "x" * 1000)
        print(i, flush=True)
        journal.save_runs("g0", [makers.run({"n": i}, k=2 * i), makers.run({"n": i}, k=2 * i + 1)])
except MachineError as error:
    print(error)
    sys.exit(error.exit_code)
"""


def test_a_full_disk_is_said_and_leaves_nothing_half_written(path):
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    done = subprocess.run([sys.executable, "-c", FILL, str(path)], capture_output=True, text=True, check=False)
    *acknowledged, said, fix = done.stdout.splitlines()
    assert done.returncode == 3, done.stderr
    assert "the record cannot be written" in said
    assert "harness resume" in fix
    with closing(Journal(path, "r1")) as journal:
        assert [event.step for event in journal.read()][: len(acknowledged)] == acknowledged
        pairs = [run.k for run in journal.load_runs("g0")]
        assert pairs == list(range(len(pairs)))
        assert len(pairs) % 2 == 0
        assert journal.append("a", "goes on", 1) == 1
