"""An adapter is trained once for the same data, in a process of its own, and names no path of this machine."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness import adapting
from harness.adapting import train
from harness.errors import MachineError, UserError
from harness.proposers.adapter import Lesson
from harness.training import examples
from harness.training.jobs import CANCELLED, DATA, ENDED, QUEUED, SUCCEEDED, Jobs, turn
from harness.training.spec import Spec

QUICK = {"epochs": 1, "lora_rank": 2}


def lessons(count: int = 12) -> list[Lesson]:
    messages = [({"role": "user", "content": f"ticket {n}"},) for n in range(count)]
    return [Lesson(told, "yes" if n % 2 else "no", f"case{n}") for n, told in enumerate(messages)]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One epoch: that it learns is shown elsewhere."""
    monkeypatch.setattr(adapting, "PARAMETERS", QUICK)


def test_trained_once_and_fit_to_be_committed(tmp_path: Path, quick: None) -> None:
    learnt = train(tmp_path, "embedded", lessons(), 3)
    folder = Path(learnt.folder)
    assert folder.parent == tmp_path / ".harness" / "adapters"
    assert sorted(path.name for path in folder.iterdir()) == [
        "adapter_config.json", "adapter_model.safetensors", "harness-training.json",
    ]  # fmt: skip
    texts = [path.read_text("utf-8") for path in folder.glob("*.json")]
    assert not any(str(tmp_path) in text or sys.prefix in text or str(Path.cwd()) in text for text in texts)
    assert json.loads((folder / "harness-training.json").read_text("utf-8"))["parameters"]["seed"] == 3
    assert "lora on 12 answers of 12 dev cases" in learnt.words
    assert "tokens" in learnt.words
    jobs = sorted((tmp_path / ".harness" / "training").glob("2*"))
    assert train(tmp_path, "embedded", lessons(), 3) == learnt
    assert sorted((tmp_path / ".harness" / "training").glob("2*")) == jobs


RUN = """
import sys
from pathlib import Path
from harness import adapting
from tests.test_adapting import QUICK, lessons
adapting.PARAMETERS = QUICK
adapting.train(Path(sys.argv[1]), "embedded", lessons(), 3)
"""


def test_a_run_that_is_killed_takes_its_training_along_and_goes_on_with_it(tmp_path: Path, quick: None) -> None:
    jobs = Jobs(tmp_path / ".harness" / "training")
    jobs.folder.mkdir(parents=True)
    with turn(jobs.folder / "nobody"):  # as if another one trained: both wait in line
        run = subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path)], cwd=Path(__file__).parents[1])
        while not (known := jobs.all()) or known[0].state != QUEUED:
            assert run.poll() is None
            time.sleep(0.05)  # of another process nothing but its files can be waited for
        own = jobs.start(Spec("lora", "embedded", "the user's own", dict(QUICK)), examples.load(known[0].folder / DATA))
        run.kill()
        run.wait()
        assert jobs.wait(known[0].id).state == CANCELLED
        assert jobs.get(own.id).state not in ENDED  # nobody bound it
        assert jobs.cancel(own.id).state == CANCELLED
    train(tmp_path, "embedded", lessons(), 3)
    assert {job.id: job.state for job in jobs.all()} == {known[0].id: SUCCEEDED, own.id: CANCELLED}


def test_what_cannot_be_trained_is_said(tmp_path: Path, quick: None) -> None:
    with pytest.raises(UserError, match="nothing/here"):
        train(tmp_path, "nothing/here", lessons(), 1)
    same = [Lesson(one.messages, "yes", one.case) for one in lessons()]
    with pytest.raises((MachineError, UserError)):
        train(tmp_path, "embedded", same[:3], 1)
    assert not (tmp_path / ".harness" / "adapters").exists()
