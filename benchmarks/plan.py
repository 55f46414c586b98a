"""Does `harness plan` state the power that there is? Its smallest lift in 12 settings, played again with another seed.

    python -m benchmarks.plan [--repeats 1000] [--json]

Right or wrong at .60, five runs: deterministic apps, stochastic ones (two thirds of the variance between runs) and
stochastic ones whose cases come in clusters of four; 90 to 720 cases. The plan states a lift that is kept with 80 %
chance; candidates of that lift go through the screen and the confirmation of ``harness.stats``. No model is called.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass

from harness import planning, stats
from harness.planning import Assumed
from harness.types import Settings

WORLDS = (("deterministic", 0.0, 1), ("stochastic", 0.67, 1), ("clusters of 4", 0.67, 4))
CASES = (90, 180, 360, 720)
STATED = 0.80


@dataclass(frozen=True, slots=True)
class Row:
    """One setting."""

    world: str
    cases: int
    lift: float | None  # stated; None = no single change is kept with 80 % chance
    power: float | None  # simulated at that lift
    off: float | None  # simulated minus stated


def measured(world: str, noise: float, cluster: int, cases: int, repeats: int) -> Row:
    """The plan and its check."""
    basis = planning.assumed(Assumed(0.60, cases, 5, noise, None, cluster), Settings())
    lift = planning.plan(basis, seed=1).smallest
    if lift is None:
        return Row(world, cases, None, None, None)
    found = stats.power(planning.rules_of(basis), basis.law, basis.units, lift, seed=2, repeats=repeats)
    return Row(world, cases, lift, found, found - STATED)


def main() -> None:
    """Print a table, or with --json one object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows = [measured(*world, cases, args.repeats) for world in WORLDS for cases in CASES]
    offs = [abs(row.off) for row in rows if row.off is not None]
    if args.json:
        print(json.dumps({"rows": [asdict(row) for row in rows], "worst": max(offs), "stated": len(offs)}))
        return
    print("| world | cases | smallest lift stated | power stated | power simulated |\n|---|--:|--:|--:|--:|")
    for row in rows:
        told = "none" if row.lift is None or row.power is None else f"{row.lift:.3f} | 80 % | {row.power:.1%}"
        print(f"| {row.world} | {row.cases} | {told} |")
    print(f"\nfarthest from what was stated: {100 * max(offs):.1f} points in {len(offs)} of {len(rows)} settings")


if __name__ == "__main__":
    main()
