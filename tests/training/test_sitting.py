"""What a user is told of a training: notes, estimate, want of memory, a full disk, a curve."""

from __future__ import annotations

import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks.stops import fill, small_disk
from harness.errors import UserError
from harness.training import (
    bases,
    curve,
    estimate,
    examples,
    jobs,
    loop,
    manifest,
    preparing,
    sitting,
    spec,
    weights,
    worker,
)
from harness.training.estimate import is_want_of_memory, memory, what_fits
from harness.training.loss import Loss
from harness.training.methods import METHODS
from harness.training.parameters import KINDS, read
from harness.training.spec import Spec
from tests.training.conftest import lesson, pair


def ready(
    base: Path, method: str = "lora", data: tuple[examples.Example, ...] = lesson(), **given: Any
) -> preparing.Ready:
    chosen = read(method, {"epochs": 1, **given})
    return preparing.prepare(asked(base, method), bases.find(str(base)), chosen, data)


def asked(base: Path, method: str = "lora") -> Spec:
    return Spec(method, str(base), "a test", threads=1)


def test_no_validation_is_said(mixed: Path) -> None:
    found = ready(mixed, validation_split=0)
    assert not found.validation.kept
    assert any("does not stop early" in note for note in found.notes)


def test_what_is_too_long_is_said(mixed: Path) -> None:
    data = (*lesson(), pair("x", "word " * 300))
    notes = " ".join(ready(mixed, data=data, max_length=64).notes)
    assert "1 examples are longer than 64 tokens" in notes
    assert "of 1 the answer alone is longer" in notes


@pytest.mark.parametrize("method", KINDS)
def test_the_numbers_that_move_are_foreseen(mixed: Path, plain: Path, method: str) -> None:
    for folder in (mixed, plain):
        base, chosen = bases.find(str(folder)), read(method, {})
        model = METHODS[method].build(base, chosen)
        assert weights.count(model)[0] == estimate.trained(base, method, chosen)


def test_measuring_the_pace_changes_nothing(mixed: Path, tmp_path: Path) -> None:
    found, job = ready(mixed), asked(mixed)
    torch.manual_seed(1)
    model = METHODS["lora"].build(found.base, found.parameters)
    before = {name: one.detach().clone() for name, one in weights.trained(model).items()}
    state = torch.get_rng_state()
    foreseen = sitting.paced(model, sitting.course_of(tmp_path, job, found), job, found)
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(one, before[name]) and one.grad is None for name, one in weights.trained(model).items())
    assert foreseen.seconds is not None
    assert foreseen.seconds > 0


def test_torch_saying_that_memory_is_out_is_understood_and_answered() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60)
    assert is_want_of_memory(caught.value)
    assert not is_want_of_memory(RuntimeError("shapes do not fit"))
    base, chosen = bases.find("embedded"), read("lora", {"batch_size": 64})
    room = memory(base, "lora", replace(chosen, batch_size=8), 2048) * 1.01
    assert "--set batch_size=8 --set gradient_accumulation=8" in what_fits(base, "lora", chosen, 2048, room)
    assert "a smaller base" in what_fits(base, "lora", chosen, 2048, 1.0)


def test_a_smaller_setting_is_foreseen_smaller() -> None:
    base = bases.find("embedded")
    full, lora, qlora = (memory(base, name, read(name, {})) for name in ("full", "lora", "qlora"))
    assert full > lora > qlora
    spared = memory(base, "lora", read("lora", {"gradient_checkpointing": True}))
    assert spared < lora


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk that a test can fill."""
    try:
        with small_disk(tmp_path / "disk") as at:
            yield at
    except (subprocess.CalledProcessError, FileNotFoundError):
        pytest.skip("this user may not mount a small disk")


def test_a_disk_that_fills_in_the_middle_of_a_checkpoint(
    mixed: Path, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = disk / "training" / "20260101-000000"
    folder.mkdir(parents=True)
    spec.write(folder, replace(asked(mixed), parameters={"epochs": 1, "lora_rank": 64}))
    (folder / jobs.DATA).write_text(examples.rows(lesson()), "utf-8")
    filler = fill(disk, 1_000_000)  # the best weights find room, a checkpoint is three times as long
    monkeypatch.setattr(sys, "argv", ["worker", str(folder)])
    handler = signal.getsignal(signal.SIGTERM)
    try:
        assert worker.main() == 3
        job = jobs.Jobs(folder.parent).get("")
        assert (job.state, "the disk is full" in job.reason, "harness train resume" in job.reason) == (
            "failed",
            True,
            True,
        )
        assert (folder / loop.BEST).exists()
        assert not [path for path in folder.iterdir() if ".new" in path.name or path.name == jobs.RESULT]
        filler.unlink()
        assert worker.main() == 0
    finally:
        signal.signal(signal.SIGTERM, handler)
    assert jobs.Jobs(folder.parent).get("").state == "succeeded"
    assert manifest.read(folder / jobs.RESULT).method == "lora"


def test_a_folder_that_no_training_left_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not a folder that a training left"):
        manifest.read(tmp_path)


def test_the_curve_is_sound_xml_and_marks_the_best() -> None:
    losses = [Loss(1, 3.0, 2.5), Loss(2, 2.0, 2.0), Loss(3, 1.0, 2.2)]
    drawn = curve.drawn('a "job" & <more>', losses)
    ElementTree.fromstring(drawn)
    assert "best epoch 2" in drawn
    ElementTree.fromstring(curve.drawn("none", []))
    assert [line.split()[0] for line in curve.lines(losses)] == ["training", "validation"]
    assert list(curve.lines([Loss(1, 1.0, None)])) == ["training    ▁  1 -> 1, lowest 1"]
