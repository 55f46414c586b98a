"""kill -9 at seeded moments of a training job: is it told as running, does it end with the undisturbed weights?

    python -m benchmarks.training_kills [--moments 20] [--method lora] [--epochs 3]

The job's process is forked from one that has loaded torch but never used it, so that a moment costs seconds: everything
else, lock, events, checkpoint and result, is the job's own. Moments are spread over the length of an undisturbed job.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.training import SEED, drawn, taught
from harness.training import examples, jobs, sitting, spec, worker  # noqa: F401 - loaded before the forks
from harness.training.jobs import ENDED, SUCCEEDED, Job, Jobs
from harness.training.spec import Spec

LONGEST = 600.0  # seconds after which a job hangs


def make(home: Path, name: str, asked: Spec) -> Path:
    """A job that nobody has begun."""
    folder = home / name
    folder.mkdir(parents=True)
    spec.write(folder, asked)
    (folder / jobs.DATA).write_text(examples.rows(taught(drawn(SEED, 40))), "utf-8")
    return folder


def begin(folder: Path) -> int:
    """Fork its process; it holds the lock as one that was spawned would. The process id."""
    child = os.fork()
    if child:
        return child
    with (folder / "lock").open("ab") as lock, (folder / "log").open("ab") as log:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        sys.argv = ["worker", str(folder)]
        os._exit(worker.main())


def weights(job: Job) -> bytes:
    """The trained file of its result, byte for byte."""
    return next(job.result.glob("*model.safetensors")).read_bytes()


def killed_at(home: Path, name: str, asked: Spec, moment: float) -> tuple[str, str]:
    """(state after the kill, "weights" or why there are none after going on)."""
    known = Jobs(home)
    folder = make(home, name, asked)
    child = begin(folder)
    time.sleep(moment)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    state = known.get(name).state
    while known.get(name).state != SUCCEEDED:
        os.waitpid(begin(folder), 0)
        if known.get(name).state in ENDED and known.get(name).state != SUCCEEDED:
            return state, f"then {known.get(name).state}: {known.get(name).reason}"
    return state, "weights"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--method", default="lora")
    parser.add_argument("--epochs", type=int, default=3)
    arguments = parser.parse_args()
    asked = Spec(arguments.method, "embedded", "tickets", {"epochs": arguments.epochs}, threads=1)
    draw, ends = random.Random(SEED), Counter[str]()
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        whole = make(home, "20260101-000000", asked)
        begun = time.monotonic()
        os.waitpid(begin(whole), 0)
        took = time.monotonic() - begun
        expected = weights(Jobs(home).get(whole.name))
        for number in range(arguments.moments):
            name, moment = f"20260101-{number + 1:06}", took * (number + draw.random()) / arguments.moments
            state, then = killed_at(home, name, asked, moment)
            same = (
                then if then != "weights" else "equal" if weights(Jobs(home).get(name)) == expected else "OTHER WEIGHTS"
            )
            ends[f"told as {state}, then {same}"] += 1
            print(f"{moment:6.1f} s of {took:.1f}: told as {state}, then {same}", flush=True)
    print("\n".join(f"{count} x {words}" for words, count in ends.items()))


if __name__ == "__main__":
    main()
