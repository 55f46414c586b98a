"""kill -9 at seeded moments of a run of a fast toy app; every one must finish by ``harness resume`` as if undisturbed.

    python -m benchmarks.kills [--kills 50] [--seed 1]

Each row is compared with one undisturbed run: the same decision table, the same tree outside reports/ on the branch,
the user's tree and index byte-identical, and at most one model call per case in flight made twice.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Begin, branch_tree, decisions, finish, start, toy, user_state

CONCURRENCY = 8  # the default: at most that many cases are in flight
RUN = ("run", "--seed", "7", "--runs", "2", "--goal", "accuracy to 70 %", "--json")
CASES = 96  # enough for a sealed holdout, and quick


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What every killed run must come to."""

    table: list[tuple[object, ...]]
    tree: str
    seconds: float
    alike: int = 0  # calls that an undisturbed run makes twice too: the study asks what a candidate asks later


@dataclass(frozen=True, slots=True)
class Kill:
    """One killed and resumed run."""

    after: float  # seconds until the kill
    verdict: str  # "ok", or what differs
    repeated: int  # calls made twice because of the kill


def undisturbed(folder: Path, command: tuple[str, ...] = RUN, cases: int = CASES, begin: Begin = start) -> Undisturbed:
    """One run to the end."""
    tree = toy("classify", folder / "undisturbed", cases)
    before, begun = user_state(tree), time.monotonic()
    code, out, err = finish(begin(tree, command, log(folder / "undisturbed.log")))
    if code not in (0, 1) or user_state(tree) != before:
        raise SystemExit(f"the undisturbed run ended with {code}: {err}")
    result = json.loads(out)
    seconds = time.monotonic() - begun
    return Undisturbed(
        decisions(out), branch_tree(tree, result["branch"]), seconds, twice(made(folder / "undisturbed.log"))
    )


def made(calls: Path) -> Counter[str]:
    """How often each call was really made."""
    return Counter(calls.read_text("utf-8").splitlines() if calls.exists() else [])


def twice(calls: Mapping[str, int]) -> int:
    """Calls made beyond the first of their kind."""
    return sum(count - 1 for count in calls.values())


def log(path: Path) -> dict[str, str]:
    """Environment under which the toy model writes a line for every call that is really made."""
    return {"TOY_CALL_LOG": str(path)}


def killed(folder: Path, number: int, after: float, wanted: Undisturbed, begin: Begin) -> Kill:
    """Start, kill -9 after some seconds, resume to the end, compare."""
    tree, calls = toy("classify", folder / f"kill{number}", CASES), folder / f"kill{number}.log"
    before = user_state(tree)
    process = begin(tree, RUN, log(calls))
    time.sleep(after)
    os.kill(process.pid, signal.SIGKILL)
    finish(process)
    verdict, counted = resumed(tree, RUN, calls, wanted, begin)
    if user_state(tree) != before:
        verdict += ", and the user's tree or index changed"
    shutil.rmtree(tree)
    return Kill(after, verdict, max(0, twice(counted) - wanted.alike))


def resumed(
    tree: Path, command: Sequence[str], calls: Path, wanted: Undisturbed, begin: Begin = start
) -> tuple[str, Counter[str]]:
    """``harness resume`` to the end: what differs from the undisturbed run, and the calls made in all."""
    code, out, err = finish(begin(tree, ("resume", "--json"), log(calls)))
    counted = made(calls)
    if code == 2 and ("no interrupted run" in err or "before it began" in err):
        # Nothing was lost: it had not begun, or had ended. Another run draws again what it must not share.
        code, out, err = finish(begin(tree, command, log(calls)))
    return judged(tree, code, out, err, wanted), counted


def judged(tree: Path, code: int, out: str, err: str, wanted: Undisturbed) -> str:
    """What differs from the undisturbed run."""
    if code not in (0, 1):
        return f"exit {code}: {err.strip()[-300:]}"
    result = json.loads(out)
    found = []
    if decisions(out) != wanted.table:
        found.append("another decision table")
    if branch_tree(tree, result["branch"]) != wanted.tree:
        found.append("another tree")
    return ", ".join(found) or "ok"


def campaign(kills: int, seed: int, folder: Path, begin: Begin = start) -> tuple[Undisturbed, list[Kill]]:
    """The undisturbed run, then every kill at a moment drawn over its length."""
    wanted = undisturbed(folder, begin=begin)
    rng = random.Random(seed)
    moments = [rng.uniform(0.02, 0.98) * wanted.seconds for _ in range(kills)]
    return wanted, [killed(folder, number, after, wanted, begin) for number, after in enumerate(moments)]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        wanted, rows = campaign(arguments.kills, arguments.seed, Path(folder))
    good = sum(row.verdict == "ok" and row.repeated <= CONCURRENCY for row in rows)
    print(f"undisturbed: {wanted.seconds:.1f} s, {len(wanted.table)} trials")
    print("| killed after | result | calls made twice |\n|---|---|---|")
    for row in sorted(rows, key=lambda r: r.after):
        print(f"| {row.after:.2f} s | {row.verdict} | {row.repeated} |")
    print(f"\n{good} of {len(rows)} finished as the undisturbed run, with at most {CONCURRENCY} calls made twice")
    raise SystemExit(0 if good == len(rows) else 1)


if __name__ == "__main__":
    main()
