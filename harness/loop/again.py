"""The unchanged app measured again through the worker: against itself, and with part of its calls frozen.

Every call goes through the meter, so that budget, record and replay hold as in a run; nothing is kept or committed.
Calls are kept by seed: the same question asked again, or after an interruption, pays only for what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness import analyse, goals, plugins, stats
from harness.loop.baseline import base_of, baseline_arm, deciding_cases, scores_of
from harness.loop.confirm import judged, level
from harness.loop.state import Wiring
from harness.loop.trial import clusters
from harness.loop.windows import windows
from harness.measure import Arm
from harness.protocols import App
from harness.types import Case, Decision, Run


def prepare(ctx: Wiring) -> None:
    """Read the goals, which the guardrails of a comparison are taken from."""
    known = plugins.measures(ctx.metrics, ctx.settings)
    ctx.notes.put("goals", "read", goals.load(ctx.places.inputs, ctx.settings, known))


def against_itself(ctx: Wiring, base: str, metric: str, draws: int) -> Iterator[Decision]:
    """``draws`` confirmations of the app at commit ``base`` against itself: every call of both arms is drawn afresh.

    The ledger is not charged: no claim about a change can come of it, and which cases changed is told to nobody.
    Raises BudgetError as any measurement does.
    """
    cases = deciding_cases(ctx)
    course = stats.plan(clusters(cases), level(ctx), 1, ctx.settings.seed)  # one look: every case is drawn anyway
    with ctx.current(base) as app:
        for number in range(draws):
            before, after = _both(ctx, app, number, cases)
            _, decision = judged(ctx, metric, course, 1, (before, after))
            if decision is not None:
                yield decision


def by_replay(ctx: Wiring, base: str, metric: str) -> stats.NodeNoise | None:
    """The variance of ``metric`` between runs of a dev case by node: part of the calls is frozen, the rest drawn anew.

    None where no run differs. The arm with every call as recorded costs nothing; it shows what varies outside of them.
    """
    dev, ks = ctx.split.dev, range(ctx.settings.runs)
    with ctx.current(base) as app:
        recorded = ctx.meter.measure(app, baseline_arm(ctx, 0), dev, ks)
        nodes = analyse.order(recorded)
        arms = [_arm(ctx, f"frozen up to {node}", nodes[place + 1 :]) for place, node in enumerate(nodes)]
        frozen = [ctx.meter.measure(app, arm, dev, ks) for arm in arms]
    scores = [scores_of(ctx, metric, dev, runs) for runs in (recorded, *frozen)]
    return stats.by_replay(metric, scores[0], scores[1:], nodes, ctx.settings.seed)


def _both(ctx: Wiring, app: App, number: int, cases: Sequence[Case]) -> tuple[list[Run], list[Run]]:
    """Both arms of one comparison, window by window, so that a drifting endpoint hits both alike."""
    before: list[Run] = []
    after: list[Run] = []
    for window, ks in windows(ctx.settings, cases, range(ctx.settings.runs)):
        for side, runs in (("one", before), ("other", after)):
            arm = _arm(ctx, f"draw {number + 1}, {side} arm", ("*",))
            runs += ctx.meter.measure(app, arm, window, ks)
    return before, after


def _arm(ctx: Wiring, title: str, changed: Sequence[str]) -> Arm:
    """An arm whose calls at ``changed`` and after them are its own."""
    owner = f"{ctx.run_id}:" if ctx.settings.fresh else ""
    name = f"{owner}aa:{ctx.settings.seed}:{title}"
    salt = name if changed else ""
    return Arm(title=title, label=name, base=base_of(ctx, 0), draw=name, shelf=name, salt=salt, changed=tuple(changed))
