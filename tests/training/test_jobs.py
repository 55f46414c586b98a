"""Jobs are processes of their own: they queue, are cancelled, and a killed one is never told as running."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file

from harness.errors import UserError
from harness.training import bases, events, examples, loop, manifest, preparing, sitting, spec
from harness.training.jobs import CANCELLED, ENDED, FAILED, QUEUED, RUNNING, SUCCEEDED, Job, Jobs, turn
from harness.training.loss import of_job
from harness.training.parameters import read
from harness.training.spec import Spec
from tests.training.conftest import lesson, pair

LONG = {"epochs": 30, "min_improvement": 0, "patience": 50}


def asked(base: Path, **given: object) -> Spec:
    return Spec("adapter", str(base), "a test", {**LONG, **given}, threads=1)  # type: ignore[dict-item]


def until(jobs: Jobs, job: str, holds: Callable[[Job], bool]) -> Job:
    """The job once it is so, or once it has ended: whatever comes first."""
    while not holds(found := jobs.get(job)) and found.state not in ENDED:
        time.sleep(0.01)  # of another process nothing but its files can be waited for
    return found


def kill(job: Job) -> None:
    os.kill(int((job.folder / "pid").read_text("utf-8")), signal.SIGKILL)


def undisturbed(base: Path, folder: Path) -> Path:
    """The result of the same job, trained in this process."""
    folder.mkdir()
    wanted = asked(base)
    chosen = read(wanted.method, wanted.parameters)
    sitting.train(folder, wanted, preparing.prepare(wanted, bases.find(str(base)), chosen, lesson()))
    return folder / "result"


def test_two_queue_and_one_killed_goes_on_to_the_same_weights(mixed: Path, tmp_path: Path) -> None:
    jobs = Jobs(tmp_path / "training")
    (tmp_path / "training").mkdir()
    with turn(tmp_path / "training" / "nobody"):  # a third that trains
        both = [jobs.start(asked(mixed), lesson()).id for _ in range(2)]
        for name in both:
            assert until(jobs, name, lambda job: job.state == QUEUED).state == QUEUED
    while not (running := [name for name in both if of_job(jobs.get(name).folder)]):
        time.sleep(0.01)
    (first,) = running
    (second,) = set(both) - set(running)
    assert (jobs.get(first).state, jobs.get(second).state) == (RUNNING, QUEUED)
    kill(jobs.get(first))
    dead = jobs.wait(first)
    assert (dead.state, dead.exit_code) == (FAILED, 3)
    assert "killed" in dead.reason
    assert not dead.result.exists()
    assert until(jobs, second, lambda job: job.state == RUNNING).state == RUNNING
    assert jobs.cancel(second).state == CANCELLED
    assert jobs.resume(first).state not in ENDED
    done = jobs.wait(first)
    assert done.state == SUCCEEDED, done.reason
    expected = load_file(undisturbed(mixed, tmp_path / "whole") / "adapter_model.safetensors")
    found = load_file(done.result / "adapter_model.safetensors")
    assert all(bool((found[name] == one).all()) for name, one in expected.items())
    told = manifest.read(done.result)
    assert (told.method, told.data_digest) == ("adapter", examples.digest(lesson()))
    assert told.base_digest == bases.digest(mixed)
    assert {path.name for path in done.folder.iterdir()} & {loop.CHECKPOINT, loop.BEST, "result.new"} == set()
    for name in both:
        with pytest.raises(UserError, match="cannot be cancelled"):
            jobs.cancel(name)
    with pytest.raises(UserError, match="nothing to resume"):
        jobs.resume(first)
    assert {job.id for job in jobs.all()} == set(both)


def test_cancelled_before_it_has_begun(mixed: Path, tmp_path: Path) -> None:
    jobs = Jobs(tmp_path / "training")
    job = jobs.start(asked(mixed), lesson())
    assert jobs.cancel(job.id).state == CANCELLED
    assert not job.result.exists()
    assert not (job.folder / "reserve").exists()


def test_what_is_wrong_with_a_job_ends_it_in_words(mixed: Path, tmp_path: Path) -> None:
    jobs = Jobs(tmp_path / "training")
    long = [pair(f"{number} " + "word " * 300, f"{number}") for number in range(20)]
    job = jobs.wait(jobs.start(asked(mixed, max_length=64), long).id)
    assert (job.state, job.exit_code) == (FAILED, 2)
    assert "0 examples fit into 64 tokens" in job.reason


def test_a_job_whose_process_never_was_is_not_pending_for_ever(mixed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "training" / "20260101-000000"
    folder.mkdir(parents=True)
    spec.write(folder, asked(mixed))
    jobs = Jobs(tmp_path / "training")
    assert jobs.get("").state == FAILED
    for name in ("20269999-000000", "../20260101-000000", "x"):
        with pytest.raises(UserError, match="there is no training job"):
            jobs.get(name)


def test_a_line_cut_off_by_a_crash_is_passed_over(tmp_path: Path) -> None:
    events.tell(tmp_path, "warning", message="one")
    with (tmp_path / events.NAME).open("a", encoding="utf-8") as file:
        file.write('{"at": "2026')
    assert [one.data["message"] for one in events.read(tmp_path)] == ["one"]
