"""How often a whole run finds a good change, at which cost, and how often it keeps a false one meanwhile.

20 candidates in random order: 2 gain .10, 4 harm, 14 make no difference; dev 60, holdout 120, 5 runs. Simulated worlds
and the laws of the candidates: ``tests/worlds.py``. "plain" is the rule that came before: rounds of 8 screened over 1,
2 and 5 runs at p <= .10, alpha / 5 for each confirmation, all cases at once. Both arms of every confirmation count.

    python -m benchmarks.power [--runs 4000] [--seed 1] [--processes 2] [--json]
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from benchmarks.false_keeps import ALONE, FEWER, PLAIN, WORLDS, Row, Setting, arguments, played
from tests.worlds import GOOD, Kind, Policy

TOLD = "told"
RULES = {
    "ours": (Policy(), 1.0),
    "never joined": (ALONE, FEWER),
    "one look": (Policy(looks=1), FEWER),
    "plain": (PLAIN, FEWER),
    TOLD: (Policy(screened=False, join=False), FEWER),
}
WORDS = {"mends": "mends weak cases, breaks 4 % of strong ones", "lifts": "helps all a little"}


def candidates(good: Kind) -> tuple[Kind, ...]:
    """The mix of every row."""
    return (good, good, *("harm",) * 4, *("nothing",) * 14)


SETTINGS = tuple(
    Setting(f"{rule}: {name}, {WORDS[good]}", world, policy, (good, good) if rule == TOLD else candidates(good), part)
    for rule, (policy, part) in RULES.items()
    for good in GOOD
    for name, world in WORLDS.items()
)


def as_table(rows: Sequence[Row]) -> str:
    """A Markdown table."""
    lines = [
        "| rule, world, good change | runs | found | false keeps | bound | good ideas kept | idle ones beside them "
        "| looks | case evaluations |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {r.name} | {r.runs:,} | {r.found:.1%} | {r.false_rate:.2%} | {r.false_upper:.2%} | {r.ideas:.2f} "
        f"| {r.idle:.2f} | {r.looks:.1f} | {r.evaluations:,.0f} |"
        for r in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the table, or with --json the same as one object."""
    args = arguments(__doc__)
    rows = played(SETTINGS, args.runs, args.seed, args.processes)
    print(json.dumps({"seed": args.seed, "rows": [*map(asdict, rows)]}) if args.json else as_table(rows))


if __name__ == "__main__":
    main()
