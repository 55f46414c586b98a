"""A full disk and Ctrl-C at many moments of a run; every one must say what to do, and resume as if undisturbed.

    python -m benchmarks.stops [--full 20] [--interrupts 20] [--seed 1]

The disk: a small tmpfs (needs root) on which only a share of what an undisturbed run writes at most is free. The run
must leave with 3, say that the disk is full and how to go on; then the room is given back. Ctrl-C: SIGINT to the
process alone or to its whole group, a quarter of them within the first second (what comes before Python has begun with
our first line is answered by Python, with a traceback of its own). The run must leave with 130 and no
traceback, and say how to go on where a run has begun; seconds until it is gone are printed. Each row is compared with
an undisturbed run: the same decision table and tree on the branch, the user's tree and index byte-identical, git and
the record sound, and the report whole.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from benchmarks.bench import finish, git, start, toy, user_state
from benchmarks.forked import Begun, forked
from benchmarks.kills import Undisturbed, log, resumed, undisturbed
from harness import journal

RUN = (
    *("run", "--seed", "7", "--runs", "1", "--max-iterations", "1", "--goal", "accuracy to 70 %", "--json"),
    *("--proposer", "label_list", "--proposer", "definitions"),
)
CASES = 24  # one stage: quick
SIZE = 256 << 20  # bytes of the small disk
GROUP, ALONE = "group", "alone"


@dataclass(frozen=True, slots=True)
class Stop:
    """One stopped and resumed run."""

    how: str
    verdict: str  # "ok", or what is wrong
    said: str  # the last sentence of the stopped run
    seconds: float  # from the stop, or from the start where the disk stopped it, until the process was gone


# ---- a full disk ---------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(at: Path) -> Iterator[Path]:
    """A file system of its own; raises CalledProcessError where this user may not mount one."""
    at.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", at], check=True, capture_output=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", at], check=True)


def room(disk: Path) -> int:
    """Bytes free."""
    return shutil.disk_usage(disk).free


def fill(disk: Path, left: int) -> Path:
    """Take all but ``left`` bytes; deleting the file that is returned gives them back."""
    filler = disk / "filler"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, room(disk) - left))
    return filler


def needed(folder: Path) -> int:
    """The most bytes that an undisturbed run has on the disk at any moment, beyond what lay there before."""
    with small_disk(folder / "measured") as disk:
        (disk / "tmp").mkdir()
        tree = toy("classify", disk / "app", CASES)
        free = least = room(disk)
        process = start(tree, RUN, {"TMPDIR": str(disk / "tmp")})
        while process.poll() is None:
            least = min(least, room(disk))
            time.sleep(0.01)
        finish(process)
    return free - least


def needed_in(tree: Path) -> int:
    """Bytes that the records of a run in ``tree`` take when it has ended: less than at its peak."""
    return sum(path.stat().st_size for path in (tree / ".harness").rglob("*") if path.is_file())


def filled(folder: Path, number: int, left: int, wanted: Undisturbed) -> Stop:
    """A run that finds only ``left`` bytes, then all the room it wants."""
    with small_disk(folder / f"disk{number}") as disk:
        (disk / "tmp").mkdir()
        tree, calls = toy("classify", disk / "app", CASES), folder / f"disk{number}.log"
        before, filler, begun = user_state(tree), fill(disk, left), time.monotonic()
        code, _, err = forked(tree, RUN, {**log(calls), "TMPDIR": str(disk / "tmp")})
        seconds = time.monotonic() - begun
        wrong = [] if code == 3 else [f"exit {code}"]
        wrong += [] if "the disk is full" in err and "harness resume" in err else ["it does not say what to do"]
        wrong += left_behind(tree, before, err)
        filler.unlink()
        verdict, _ = resumed(tree, RUN, calls, wanted, Begun)
        wrong += [verdict] if verdict != "ok" else []
        wrong += half_written(tree, before)
    return Stop(f"{left / 1e6:.2f} MB free", "; ".join(wrong) or "ok", last_line(err), seconds)


# ---- Ctrl-C --------------------------------------------------------------------------------------------------------


def interrupted(folder: Path, number: int, after: float, whom: str, wanted: Undisturbed) -> Stop:
    """A run that is interrupted after some seconds."""
    tree, calls = toy("classify", folder / f"stop{number}", CASES), folder / f"stop{number}.log"
    before, process = user_state(tree), start(tree, RUN, log(calls))
    time.sleep(after)
    over, begun = process.poll() is not None, time.monotonic()
    if not over:
        (os.killpg if whom == GROUP else os.kill)(process.pid, signal.SIGINT)
    code, _, err = finish(process)
    seconds = time.monotonic() - begun
    wrong = [] if code == 130 or over else [f"exit {code}"]
    wrong += [] if "harness resume" in err or over or not recorded(tree) else ["it does not say how to go on"]
    wrong += left_behind(tree, before, err)
    verdict, _ = resumed(tree, RUN, calls, wanted)
    wrong += [verdict] if verdict != "ok" else []
    wrong += half_written(tree, before)
    shutil.rmtree(tree)
    return Stop(
        f"after {after:.2f} s, {whom}{', had ended' if over else ''}", "; ".join(wrong) or "ok", last_line(err), seconds
    )


# ---- what both come to ---------------------------------------------------------------------------------------------


def recorded(tree: Path) -> bool:
    """Whether a run is on record."""
    return bool(journal.runs(tree / ".harness/state.sqlite", tree / ".harness/lock"))


def left_behind(tree: Path, before: dict[str, str], err: str) -> Iterator[str]:
    """What is wrong with the repository just after the stop."""
    if "Traceback" in err:
        yield "a traceback"
    if user_state(tree) != before:
        yield "the user's tree or index changed"


def half_written(tree: Path, before: dict[str, str]) -> Iterator[str]:
    """What is wrong once the run has been resumed to its end."""
    if user_state(tree) != before:
        yield "the user's tree or index changed"
    if journal.damage(tree / ".harness/state.sqlite"):
        yield "the record is damaged"
    if subprocess.run(["git", "-C", tree, "fsck", "--no-dangling"], capture_output=True, check=False).returncode:
        yield "git fsck complains"
    for branch in git(tree, "for-each-ref", "--format=%(refname:short)", "refs/heads/harness/").split():
        names = git(tree, "ls-tree", "-r", "--name-only", branch, "reports/").split()
        if not any(name.endswith("/report.md") for name in names):
            yield f"{branch} has no report"
        for name in names:
            text = git(tree, "show", f"{branch}:{name}")
            if name.endswith(".jsonl"):
                [json.loads(line) for line in text.splitlines()]
            elif not text.strip():
                yield f"{name} is empty"


def last_line(err: str) -> str:
    """The last sentence on stderr, without a fix and paths."""
    lines = [line for line in err.splitlines() if line.strip() and not line.startswith("  fix: ")]
    return lines[-1].rpartition("/")[2][:100] if lines else ""


def moments(count: int, seconds: float, rng: random.Random) -> list[float]:
    """A quarter in the first second, the others over the length of a run."""
    early = [rng.uniform(0.1, 1.0) for _ in range(count // 4)]
    return early + [rng.uniform(1.0, 0.95 * seconds) for _ in range(count - len(early))]


def full_disks(count: int, folder: Path, wanted: Undisturbed) -> Iterator[Stop]:
    """Rows at equal steps of what a run needs."""
    most = needed(folder) if count else 0
    return (filled(folder, n, most * (2 * n + 1) // (2 * count), wanted) for n in range(count))


def interrupts(count: int, seed: int, folder: Path, wanted: Undisturbed) -> Iterator[Stop]:
    """Rows at drawn moments, by turns to the process and to its group."""
    drawn = sorted(moments(count, wanted.seconds, random.Random(seed)))
    return (interrupted(folder, n, after, (GROUP, ALONE)[n % 2], wanted) for n, after in enumerate(drawn))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", type=int, default=20)
    parser.add_argument("--interrupts", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(prefix="stops-") as name:
        folder = Path(name)
        wanted = undisturbed(folder, RUN, CASES)
        print(f"undisturbed: {wanted.seconds:.1f} s, {len(wanted.table)} trials\n")
        print("| stopped | result | it said | seconds |\n|---|---|---|---|", flush=True)
        stopped = interrupts(arguments.interrupts, arguments.seed, folder, wanted)
        for row in chain(stopped, full_disks(arguments.full, folder, wanted)):
            print(f"| {row.how} | {row.verdict} | {row.said} | {row.seconds:.1f} |", flush=True)
            rows.append(row)
    good = sum(row.verdict == "ok" for row in rows)
    print(f"\n{good} of {len(rows)} left as they should and finished as the undisturbed run")
    raise SystemExit(0 if good == len(rows) else 1)


if __name__ == "__main__":
    main()
