"""Ten seeds of the main job on the sample app, fixed in advance: goals met how often, what was claimed, what is true.

    python -m benchmarks.seeds [--seeds 1,2,...,10] [--fresh-cases 500]

Each seed tunes a fresh clone of this repository with ``harness run``, then measures the app as found and the run's
branch on fresh cases of the same desk (``evals/make_cases.py --seed 1001``) that nobody has seen, one run each.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.bench import ROOT, finish, git, start

SEEDS = tuple(range(1, 11))


@dataclass(frozen=True, slots=True)
class Row:
    """One seed."""

    seed: int
    exit: int
    goals: str  # "accuracy reached, tokens met"
    kept: int
    claimed: float | None  # holdout gain of the whole run
    low: float | None  # its 95 % interval
    high: float | None
    before: float  # accuracy on fresh cases, as found
    after: float  # and on the branch
    seconds: float  # of the tuning
    calls: int


def run_in(tree: Path, *arguments: str) -> tuple[int, dict[str, Any], float]:
    """``harness run`` in a fresh clone at ``tree``, left on the run's branch: exit code, what it says, seconds."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(tree)], check=True)
    begun = time.monotonic()
    code, out, err = finish(start(tree, ("run", *arguments, "--json")))
    seconds = time.monotonic() - begun
    if code not in (0, 1):
        raise SystemExit(f"{tree.name} ended with {code}: {err}")
    result: dict[str, Any] = json.loads(out)
    git(tree, "checkout", "-q", "-f", "--detach", result["branch"])
    return code, result, seconds


def tuned(seed: int, folder: Path, fresh: Path, before: float) -> Row:
    """Clone, tune, measure the branch on fresh cases."""
    tree = folder / f"seed{seed}"
    code, result, seconds = run_in(tree, "--seed", str(seed))
    claimed = result["claimed"] or {}
    return Row(
        seed=seed,
        exit=code,
        goals=", ".join(f"{goal['metric']} {goal['state']}" for goal in result["goals"]),
        kept=len(result["kept"]),
        claimed=claimed.get("gain"),
        low=claimed.get("low"),
        high=claimed.get("high"),
        before=before,
        after=accuracy(tree, fresh),
        seconds=seconds,
        calls=result["spend"]["calls"],
    )


def accuracy(tree: Path, fresh: Path) -> float:
    """Accuracy of the app in ``tree`` on the fresh cases, by ``harness baseline``."""
    arguments = ("baseline", "--cases", str(fresh), "--runs", "1", "--fresh", "--snapshot", "--json")
    code, out, err = finish(start(tree, arguments))
    if code:
        raise SystemExit(f"baseline on fresh cases ended with {code}: {err}")
    return float(next(row["mean"] for row in json.loads(out)["summaries"] if row["metric"] == "accuracy"))


def fresh_cases(folder: Path, count: int) -> Path:
    """Cases of the desk that no run has seen."""
    path = folder / "fresh.jsonl"
    command = [sys.executable, str(ROOT / "evals/make_cases.py"), "--seed", "1001", "--n", str(count)]
    path.write_text(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout, "utf-8")
    return path


def as_found(folder: Path, count: int) -> tuple[Path, float]:
    """Fresh cases, and the accuracy on them of this repository as it stands."""
    fresh = fresh_cases(folder, count)
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder / "as-found")], check=True)
    return fresh, accuracy(folder / "as-found", fresh)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    parser.add_argument("--fresh-cases", type=int, default=500)
    parser.add_argument("--json", type=Path, help="also write the rows here")
    arguments = parser.parse_args()
    rows: list[Row] = []
    print("| seed | exit | goals | kept | claimed (95 %) | true before | true after | true gain | s | calls |")
    print("|---|---|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="seeds-") as name:
        folder = Path(name)
        fresh, before = as_found(folder, arguments.fresh_cases)
        for seed in map(int, arguments.seeds.split(",")):
            row = tuned(seed, folder, fresh, before)
            rows.append(row)
            print(line(row), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", "utf-8")


def line(row: Row) -> str:
    """One row of the table."""
    span = "-" if row.claimed is None else f"{row.claimed:+.3f} ({row.low:+.3f} to {row.high:+.3f})"
    true = f"{row.before:.3f} | {row.after:.3f} | {row.after - row.before:+.3f}"
    return f"| {row.seed} | {row.exit} | {row.goals} | {row.kept} | {span} | {true} | {row.seconds:.0f} | {row.calls} |"


if __name__ == "__main__":
    main()
