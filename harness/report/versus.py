"""A comparison of two versions -> Markdown. Pure: knows no files and nothing of single sealed cases."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from harness.figures import NONE, amount, between, chance, count, difference, share
from harness.report.text import code, folded, image, inline, listed, markdown, table
from harness.types import Judged, Versus

COLUMNS = (
    "Metric",
    "Before",
    "After",
    "Change (95 % interval)",
    "p better",
    "p worse",
    "Better, same, worse",
    "Finding",
)
NAMED = 40  # cases that moved, named in a report


def page(told: Versus, picture: str = "") -> str:
    """The whole comparison as GitHub Markdown; ``picture`` names the file of its chart beside it."""
    rows = [[code(row.found.metric), *map(inline, cells(row)[1:])] for row in told.rows]
    parts = [
        markdown(f"# {told.ruling.capitalize()}"),
        Markup("{} against {}, {}.").format(code(told.after), code(told.before), basis(told)),
        inline(told.words, clip=4000),
        table(COLUMNS, rows, "lrrrrrrl"),
        Markup("The rule: {}.").format(inline(told.rule, clip=1000)),
    ]
    parts += [image("Gain of each metric with its 95 % interval", picture)] if picture else []
    parts += [listed(inline(note, clip=1000) for note in told.notes)] if told.notes else []
    parts += list(_moved(told))
    return "\n\n".join(parts) + "\n"


def basis(told: Versus) -> str:
    """What the ruling rests on, in words."""
    sealed = " of the sealed holdout" if told.sealed == told.cases else f", {told.sealed:,} of them sealed"
    return f"paired on {count(told.cases, 'case')}{sealed if told.sealed else ''}, {count(told.runs, 'run')} of each"


def cells(row: Judged) -> list[str]:
    """One metric as the cells of ``COLUMNS``. The change is after minus before, whichever way is better."""
    found, unit = row.found, row.unit
    sign = 1 if row.direction == "higher" else -1
    ends = [None if end is None else sign * end for end in (found.low, found.high)][::sign]
    change = (
        NONE if found.gain is None else f"{difference(sign * found.gain, unit)} ({between(ends[0], ends[1], unit)})"
    )
    ps = [NONE if p is None else chance(p).removeprefix("p ").removeprefix("= ") for p in (found.p, row.p_worse)]
    moved = f"{found.improved}, {found.kept}, {found.worse}"
    held = row.tolerance and row.finding == "no difference shown" and (found.gain or 0.0) < 0
    finding = f"not shown to be over {share(row.tolerance)} worse" if held else row.finding
    finding += "" if row.counts else " (told only)"
    return [found.metric, amount(found.before, unit), amount(found.after, unit), change, *ps, moved, finding]


def _moved(told: Versus) -> Iterator[Markup]:
    """The cases that may be named."""
    if not told.moved:
        return
    first = told.rows[0]
    rows = [
        [code(one.case), amount(one.before, first.unit), amount(one.after, first.unit)] for one in told.moved[:NAMED]
    ]
    more = f", the first {NAMED}" if len(told.moved) > NAMED else ""
    yield Markup("## Cases that moved in {}{}, worst first").format(code(first.found.metric), more)
    yield folded("The cases", table(("Case", "Before", "After"), rows, "lrr"))
