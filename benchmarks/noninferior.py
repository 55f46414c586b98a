"""How often a change that betters no goal, such as a simplification, is kept although it truly loses.

    python -m benchmarks.noninferior [--runs 1000] [--seed 1] [--json FILE]

Such a change has to show fewer tokens, which it always does here, and that every goal holds against the baseline with
half of the margin (``loop/confirm.py:guardrails``). Played is the confirmation alone, by ``harness.stats``, the worst
case: the screen on dev, which drops what loses there, comes on top. Each case is answered rightly with a chance of its
own; the candidate has this share of it. "no loss" is the power. No model is called.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from harness import stats
from harness.types import Goal, Score

CASES, RUNS, MARGIN, LEVEL = 120, 5, 0.10, 0.01  # LEVEL: alpha .05 over 5 confirmations
LOSSES = {"no loss": 0.0, "half of the margin": MARGIN / 2, "the margin": MARGIN}
SKILLS = {"skill .6, noisy": (3.0, 2.0), "skill .9, noisy": (9.0, 1.0), "skill .8, nearly fixed": (0.4, 0.1)}  # of beta
LOOKS = (1, 3)


@dataclass(frozen=True, slots=True)
class Rate:
    """One row."""

    app: str
    loss: str
    looks: int
    runs: int
    kept: int
    high: float  # 95 % bound of the rate


def scored(values: np.ndarray, metric: str, seen: frozenset[str]) -> list[Score]:
    """Scores of the cases seen, by case (row) and run (column)."""
    unit = "" if metric == "accuracy" else metric
    named = ((f"c{case}", row) for case, row in enumerate(values))
    return [
        Score(metric, case, k, float(v), "", unit) for case, row in named if case in seen for k, v in enumerate(row)
    ]


def kept(rng: np.random.Generator, skill: tuple[float, float], loss: float, looks: int) -> bool:
    """One confirmation, look by look."""
    chance = rng.beta(*skill, size=(CASES, 1))
    before, after = (rng.random((CASES, RUNS)) < chance * share for share in (1.0, 1.0 - loss))
    tokens = rng.integers(80, 120, size=(CASES, 1)) * np.ones((1, RUNS))
    units = {f"c{case}": f"c{case}" for case in range(CASES)}
    course = stats.plan(units, LEVEL, looks, 0)
    for look in range(1, len(course.blocks) + 1):
        seen = course.seen(look)
        arms = stats.pair(scored(tokens, "tokens", seen), scored(tokens * 0.8, "tokens", seen), units)
        sighted = stats.sight("tokens", "lower", arms, course, look, 0)
        old, new = scored(before, "accuracy", seen), scored(after, "accuracy", seen)
        held = stats.guard(Goal("accuracy", "higher", None), old, new, MARGIN / 2, units)
        decision = stats.judge(sighted, course, (held,), 0.0)
        if decision is not None:
            return decision.verdict == "keep"
    return False


def rates(runs: int, seed: int) -> list[Rate]:
    """Every app, loss and number of looks."""
    rows = []
    for app, skill in SKILLS.items():
        for loss, size in LOSSES.items():
            for looks in LOOKS:
                rng = np.random.default_rng([seed, looks, len(app), round(1000 * size)])
                hits = sum(kept(rng, skill, size, looks) for _ in range(runs))
                rows.append(Rate(app, loss, looks, runs, hits, stats.false_rate_interval(hits, runs, 0.90)[1]))
                print(f"| {app} | {loss} | {looks} | {hits / runs:.1%} | {rows[-1].high:.1%} |", flush=True)
    return rows


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="also write the rows here")
    arguments = parser.parse_args()
    print("| app | true loss | looks | kept | at most, by a 95 % bound |\n|---|---|---|---|---|")
    rows = rates(arguments.runs, arguments.seed)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
