"""Step 6, last part: which node likely caused the failures. Suspects that others read are run again, corrected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from harness import analyse
from harness.analyse import Suspect
from harness.figures import count
from harness.journal import Label
from harness.loop import steady
from harness.loop.state import Wiring
from harness.measure import Arm, score
from harness.plugins import options
from harness.types import Analysis, Case, Node, NodeCost, Score

MOST = 8  # failing cases of a node that are run again
_PART = 20  # of the calls that the budget has left, one in so many may be spent on it
_PAIRS = 5  # mistakes that a proposer is told


def analysed(ctx: Wiring, again: str, record: analyse.Record, costs: Sequence[NodeCost], metric: str) -> Analysis:
    """What the failing dev cases of a version say; suspects are run again on the commit ``again``, "" = none is.

    Only a share of which more is better has failing cases. Nothing is run again where the budget is short, where calls
    are not replayed, and where a command evaluates.
    """
    graded = ctx.metrics[metric]
    if graded.UNIT != "" or graded.DIRECTION != "higher" or ctx.settings.external:
        return Analysis((), analyse.confusions(record), analyse.spenders(costs))
    blamed = analyse.suspects(record)
    scores: dict[str, float] = {}
    if again and ctx.settings.replay and not steady.why_off(ctx):
        chosen = list(_chosen(ctx, blamed))
        scores = _again(ctx, again, record.cases, chosen, metric) if chosen else {}
    return Analysis(analyse.causes(record, blamed, scores), analyse.confusions(record), analyse.spenders(costs))


def told(ctx: Wiring, generation: int, node: Node) -> tuple[str, ...]:
    """What a proposer is told of a node beside its observations; of dev cases alone, and no id of any."""
    if not ctx.notes.has("analysis", str(generation)):
        return ()
    found = ctx.notes.get("analysis", str(generation), Analysis)
    causes = [
        f"{'this node' if cause.node == node.name else f'the node {cause.node!r}'} likely causes {cause.cases} of "
        f"{count(cause.of, 'failing case')}: {cause.words}"
        for cause in found.causes
    ]
    return (*causes, *(line for table in found.confusions for line in analyse.mistakes(table, _PAIRS)))


def _chosen(ctx: Wiring, blamed: Sequence[Suspect]) -> Iterator[Suspect]:
    """Suspects that others read, a few of each node, as far as a small part of the budget goes."""
    left = ctx.meter.calls_left()
    room = None if left is None else left // _PART
    taken: dict[str, int] = {}
    for suspect in blamed:
        if suspect.last or taken.get(suspect.node, 0) >= MOST:
            continue
        calls = len(suspect.run.calls)
        if room is not None and calls > room:
            return
        room = None if room is None else room - calls
        taken[suspect.node] = taken.get(suspect.node, 0) + 1
        yield suspect


def _again(ctx: Wiring, best: str, cases: Sequence[Case], chosen: Sequence[Suspect], metric: str) -> dict[str, float]:
    """Case -> score of its failing run, made again with the suspect's answer corrected and what follows drawn anew."""
    by_id = {case.id: case for case in cases}
    scores: list[Score] = []
    with ctx.current(best) as app:
        order = sorted(chosen, key=lambda suspect: (suspect.node, suspect.run.k))
        for (node, k), group in groupby(order, key=lambda suspect: (suspect.node, suspect.run.k)):
            own = list(group)
            shelf = f"{ctx.run_id}:cause:{node}"
            arm = Arm(f"{node} corrected", f"cause:{node}", shelf, str(Label(0)), shelf)
            for suspect in own:
                ctx.meter.lay(arm, suspect.run.case, k, suspect.calls)
            runs = ctx.meter.measure(app, arm, [by_id[suspect.run.case] for suspect in own], [k])
            scores += score(ctx.metrics[metric], by_id, runs, options(ctx.settings, metric))
    return {found.case: found.value for found in scores if found.value is not None}
