"""The runs of ``ours`` and ``others`` -> one small result file, one table, one picture.

    python -m benchmarks.peers.page ROWS.jsonl ... [--results benchmarks/results/peers.json] [--svg docs/peers.svg]

Systems of which no row is given keep the place that they have in the result file. Prints the table of docs/peers.md.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, stdev

from benchmarks.peers.task import ACCURACY
from harness import canvas, stats

NAMES = {  # as the rows name it -> as people are told, and what that is
    "harness run --runs 1 --pinned True --compose 9 --budget-calls 1000": ("harness --compose 9", "budget 1,000 calls"),
    "harness run --runs 1 --pinned True --compose 9 --budget-calls 1900": ("harness --compose 9", "budget 1,900 calls"),
    "harness run --runs 1 --pinned True --budget-calls 1900": ("harness", "no --compose, budget 1,900"),
    "gepa 1,000": ("gepa 0.1.4", "budget 1,000 calls"),
    "gepa 1,900": ("gepa 0.1.4", "budget 1,900 calls"),
    "dspy.GEPA": ("dspy 3.4.1 GEPA", "auto light"),
    "MIPROv2": ("dspy 3.4.1 MIPROv2", "auto light"),
    "BootstrapRS": ("dspy 3.4.1 BootstrapRS", "random search over examples"),
}
LEFT, RIGHT, FROM, TO = 232.0, 470.0, 0.58, 0.90  # of the accuracies
SHARE, END = 520.0, 640.0  # of the false wins
ROW, HEAD, FOOT = 40.0, 26.0, 34.0


@dataclass(frozen=True, slots=True)
class Summary:
    """One system."""

    name: str
    told: str
    runs: int  # of the task in which prompts differ
    true: float  # mean true accuracy of what is returned
    error: float  # its standard error
    claimed: float
    calls: float
    null_runs: int  # of the task in which none is better
    false_wins: int
    null_claimed: float  # mean accuracy claimed there; the truth is .60
    upper: float  # one-sided upper 95 % bound of the share of false wins


def summaries(rows: Sequence[dict[str, object]]) -> Iterator[Summary]:
    """In the order of ``NAMES``; systems without rows of the task in which prompts differ are left out."""
    for system, (name, told) in NAMES.items():
        real, null = ([r for r in rows if r["system"] == system and r["null"] is flag] for flag in (False, True))
        if not real:
            continue
        true, false = [float(str(r["true"])) for r in real], sum(bool(r["false_win"]) for r in null)
        yield Summary(
            name=name,
            told=told,
            runs=len(real),
            true=round(fmean(true), 4),
            error=round(stdev(true) / math.sqrt(len(true)), 4),
            claimed=round(_mean(real, "claimed"), 4),
            calls=round(_mean(real, "calls")),
            null_runs=len(null),
            false_wins=false,
            null_claimed=round(_mean(null, "claimed"), 4) if null else 0.0,
            upper=round(stats.false_rate_interval(false, len(null), level=0.90)[1], 4) if null else 1.0,
        )


def read(file: Path) -> list[Summary]:
    """What the result file holds."""
    return [Summary(**row) for row in json.loads(file.read_text("utf-8"))] if file.is_file() else []


def _mean(rows: Sequence[dict[str, object]], key: str) -> float:
    return fmean(float(str(row[key])) for row in rows)


def table(found: Sequence[Summary]) -> str:
    """Markdown."""
    lines = [
        "| system | calls | true accuracy | claimed | too much | runs | false wins | 95 % bound | claims there |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {s.name}, {s.told} | {s.calls:,} | {s.true:.3f} ± {s.error:.3f} | {s.claimed:.3f} "
        f"| {s.claimed - s.true:+.3f} | {s.runs} | {_false(s)} |"
        for s in found
    ]
    return "\n".join(lines)


def _false(summary: Summary) -> str:
    """The last three cells."""
    if not summary.null_runs:
        return "not run | | "
    share = summary.false_wins / summary.null_runs
    counted = f"{summary.false_wins} of {summary.null_runs} ({share:.0%})"
    return f"{counted} | {summary.upper:.0%} | {summary.null_claimed:.3f}"


def picture(found: Sequence[Summary]) -> str:
    """True and claimed accuracy of each system, and how often it returns a "better" prompt where none is."""
    bottom = canvas.TOP + HEAD + ROW * len(found)
    body = [
        canvas.text(LEFT, canvas.TOP + 14, "accuracy: ● true, ○ claimed", RIGHT - LEFT, "mute"),
        canvas.text(SHARE, canvas.TOP + 14, "false wins where no prompt is better", canvas.EDGE - SHARE, "mute"),
    ]
    for value in (0.6, 0.7, 0.8, 0.9):
        body += _tick(_x(value), f"{value:.2f}", bottom)
    for share in (0.0, 0.5, 1.0):
        body += _tick(SHARE + share * (END - SHARE), f"{share:.0%}", bottom)
    for index, summary in enumerate(found):
        body += _row(summary, canvas.TOP + HEAD + ROW * index)
    told = "Simulated task, true accuracy known: .60 as found, .86 at best. The same proposals for all."
    return canvas.document("What comes back, and what is claimed for it", told, bottom + FOOT, body)


def _x(accuracy: float) -> float:
    return LEFT + (accuracy - FROM) / (TO - FROM) * (RIGHT - LEFT)


def _tick(x: float, name: str, bottom: float) -> Iterator[str]:
    yield canvas.line(x, canvas.TOP + HEAD, x, bottom, "grid")
    yield canvas.text(x, bottom + 16, name, 60, "mute", "middle")


def _row(summary: Summary, top: float) -> Iterator[str]:
    ours, middle = summary.name.startswith("harness"), top + 16
    kind = "good" if ours else "same"
    yield canvas.text(canvas.MARGIN, top + 14, summary.name, LEFT - canvas.MARGIN - 16, "strong")
    told = f"{summary.told}; {summary.calls:,.0f} used"
    yield canvas.text(canvas.MARGIN, top + 29, told, LEFT - canvas.MARGIN - 8, "mute")
    yield canvas.line(_x(ACCURACY), middle, _x(summary.true), middle, f"{kind} whisker")
    yield canvas.dot(_x(summary.true), middle, kind, 5)
    yield canvas.dot(_x(summary.claimed), middle, f"{'good' if ours else 'bad'} hollow", 5)
    if summary.false_wins:
        yield canvas.bar(SHARE, middle - 6, summary.false_wins / summary.null_runs * (END - SHARE), 12, "bad")
    counted = f"{summary.false_wins} of {summary.null_runs}" if summary.null_runs else "not run"
    yield canvas.text(END + 14, middle + 4, counted, canvas.EDGE - END - 14)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", type=Path)
    parser.add_argument("--results", type=Path, default=Path("benchmarks/results/peers.json"))
    parser.add_argument("--svg", type=Path, default=Path("docs/peers.svg"))
    arguments = parser.parse_args()
    if arguments.rows:
        rows = [json.loads(line) for path in arguments.rows for line in path.read_text("utf-8").splitlines()]
        known = {(s.name, s.told): s for s in (*read(arguments.results), *summaries(rows))}
        ordered = [asdict(known[key]) for key in NAMES.values() if key in known]
        arguments.results.write_text(json.dumps(ordered, indent=1) + "\n", "utf-8")
    found = read(arguments.results)
    arguments.svg.write_text(picture(found), "utf-8")
    print(table(found))


if __name__ == "__main__":
    main()
