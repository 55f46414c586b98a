"""Stopped by a full disk, or by Ctrl-C before anything has begun. At many moments: benchmarks/stops.py."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.bench import branch_tree, decisions, heeds_sigint, toy, user_state
from benchmarks.forked import forked
from benchmarks.stops import RUN, fill, half_written, left_behind, needed_in, recorded, room, small_disk
from tests.e2e.conftest import Said

CASES = 16


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk that a test can fill."""
    try:
        with small_disk(tmp_path / "disk") as at:
            yield at
    except (subprocess.CalledProcessError, FileNotFoundError):
        pytest.skip("this user may not mount a small disk")


def ended_as(tree: Path, command: tuple[str, ...]) -> Said:
    return Said(*forked(tree, command))


@pytest.mark.parametrize("share", [0.1, 0.6])
def test_a_full_disk_is_said_and_the_run_goes_on_when_there_is_room(disk: Path, share: float, tmp_path: Path) -> None:
    tree = toy("classify", disk / "app", CASES)
    usual = toy("classify", tmp_path / "usual", CASES)
    undisturbed = ended_as(usual, RUN)
    before, taken = user_state(tree), needed_in(usual)
    filler = fill(disk, int(share * taken))
    said = ended_as(tree, RUN)
    assert said.code == 3, said.err
    assert "the disk is full" in said.err
    assert "harness resume" in said.err
    assert list(left_behind(tree, before, said.err)) == []
    filler.unlink()
    assert room(disk) > taken
    ended = ended_as(tree, ("resume", "--json")) if recorded(tree) else ended_as(tree, RUN)
    assert ended.code == undisturbed.code, ended.err
    assert decisions(ended.out) == decisions(undisturbed.out)
    assert branch_tree(tree, ended.data["branch"]) == branch_tree(usual, undisturbed.data["branch"])
    assert list(half_written(tree, before)) == []


@pytest.mark.parametrize("module", ["typer", "langgraph.graph.state"])
def test_ctrl_c_while_it_loads_is_no_traceback(small_repo: Path, module: str) -> None:
    before = user_state(small_repo)
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "harness", *RUN],
        cwd=small_repo,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
        preexec_fn=heeds_sigint,
    )
    assert process.stderr is not None
    for line in process.stderr:  # one a module, once it is imported
        if line.rpartition("|")[2].strip() == module:
            break
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "interrupted\n" in err
    assert not (small_repo / ".harness").exists()
    assert user_state(small_repo) == before
