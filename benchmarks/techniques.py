"""Each built-in technique alone on the sample app: what a run with nothing else claims, and what is true.

    python -m benchmarks.techniques [--only few_shot,rules] [--runs 3] [--seed 1] [--fresh-cases 500]

Every row is a fresh clone tuned with ``harness run --proposer NAME``, then measured on fresh cases that nobody has
seen. Techniques that propose nothing or gain nothing have their row too.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.seeds import accuracy, as_found, run_in
from harness.types import Settings


@dataclass(frozen=True, slots=True)
class Row:
    """One technique."""

    technique: str  # NAME of its proposer
    ends: str  # where its candidates ended: "2 futile, 1 kept"
    claimed: float | None  # holdout gain of the whole run; None when nothing was kept
    low: float | None  # its 95 % interval
    high: float | None
    before: float  # accuracy on fresh cases, as found
    after: float  # and on the branch
    calls: int  # model calls made by the run
    seconds: float


def measured(name: str, folder: Path, fresh: Path, before: float, arguments: tuple[str, ...]) -> Row:
    """Clone, tune with one technique, measure the branch on fresh cases."""
    tree = folder / name
    _, result, seconds = run_in(tree, "--proposer", name, *arguments)
    claimed = (result["claimed"] or {}) if result["kept"] else {}
    stages = Counter(trial["stage"] for trial in result["trials"])
    return Row(
        technique=name,
        ends=", ".join(f"{count} {stage}" for stage, count in stages.items()) or "nothing proposed",
        claimed=claimed.get("gain"),
        low=claimed.get("low"),
        high=claimed.get("high"),
        before=before,
        after=accuracy(tree, fresh) if result["kept"] else before,
        calls=result["spend"]["calls"],
        seconds=seconds,
    )


def line(row: Row) -> str:
    """One row of the table."""
    span = "-" if row.claimed is None else f"{row.claimed:+.3f} ({row.low:+.3f} to {row.high:+.3f})"
    true = f"{row.before:.3f} | {row.after:.3f} | {row.after - row.before:+.3f}"
    return f"| {row.technique} | {row.ends} | {span} | {true} | {row.calls} | {row.seconds:.0f} |"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(Settings().proposers), help="names of techniques")
    parser.add_argument("--runs", type=int, default=3, help="runs per case")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fresh-cases", type=int, default=500)
    parser.add_argument("--json", type=Path, help="also write the rows here")
    arguments = parser.parse_args()
    rows: list[Row] = []
    print("| technique | candidates | claimed (95 %) | true before | true after | true gain | calls | s |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="techniques-") as name:
        folder = Path(name)
        fresh, before = as_found(folder, arguments.fresh_cases)
        for technique in arguments.only.split(","):
            chosen = ("--runs", str(arguments.runs), "--seed", str(arguments.seed))
            rows.append(measured(technique, folder, fresh, before, chosen))
            print(line(rows[-1]), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
