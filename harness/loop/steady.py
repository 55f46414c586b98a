"""Whether the app's outcome rests on its model calls alone, which replay takes for granted. Asked once, for free.

The first dev runs are made again with every call replayed. Where another outcome comes out, or a call that was never
made before, something beside the models decides it: the clock, the network, randomness without a seed. Replay is then
switched off for the whole run, because arms would share calls that no longer belong together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness import answers, plugins
from harness.journal import Label
from harness.loop.state import Wiring
from harness.measure import Arm
from harness.protocols import App
from harness.types import Case, Run

_STEP = "replay"  # journal step; holds why replay is off, "" = it is on


def settle_replay(ctx: Wiring, app: App, arm: Arm, runs: Sequence[Run]) -> None:
    """Make ``runs`` (recorded under ``arm``, dev cases only) again by replay, and write down whether that may go on."""
    if not ctx.notes.has(_STEP, "off"):
        ctx.notes.put(_STEP, "off", _why_off(ctx, app, arm, runs))
    obey(ctx)


def obey(ctx: Wiring) -> None:
    """Do as an earlier sitting found."""
    if why_off(ctx):
        ctx.meter.stop_replaying()


def why_off(ctx: Wiring) -> str:
    """Why replay is switched off, in words; "" where it is not, or nobody has looked yet."""
    return ctx.notes.get(_STEP, "off", str) if ctx.notes.has(_STEP, "off") else ""


def _why_off(ctx: Wiring, app: App, arm: Arm, runs: Sequence[Run]) -> str:
    sound = {run.case: run for run in runs if run.fault is None and not any(call.over_http for call in run.calls)}
    cases = [case for case in ctx.split.dev if case.id in sound]
    if not ctx.settings.replay or not cases:
        return ""
    label = f"{Label(0)}:replayed"
    replayed = Arm(f"{arm.title}, replay check", label, base=arm.base, draw=arm.draw, shelf=f"{ctx.run_id}:{label}")
    again = {run.case: run for run in ctx.meter.measure(app, replayed, cases, range(1))}
    paths = plugins.places(ctx.settings)
    found = {case.id: _difference(case, sound[case.id], again[case.id], paths) for case in cases}
    moved = {case: words for case, words in found.items() if words}
    if not moved:
        return ""
    first = next(iter(moved))
    return (
        f"replay is switched off: with all model calls replayed, {len(moved)} of {len(cases)} cases went another way "
        f"({first}: {moved[first]}). Something beside the models decides the outcome: the clock, the network, or "
        "randomness without a seed. Every call is made afresh from here on"
    )


def _difference(case: Case, before: Run, after: Run, paths: Mapping[str, str]) -> str:
    """What went another way in a replay, "" for nothing."""
    if after.fault is not None:
        return f"it failed with {after.fault.type}"
    if any(not call.replayed for call in after.calls):
        node = next(call.node for call in after.calls if not call.replayed)
        return f"node {node or 'outside the graph'} asked its model something else"
    moved = [field for field, one, other in _values(case, before, after, paths) if not answers.same(one, other)]
    return f"another {answers.short_name(moved[0])}" if moved else ""


def _values(case: Case, before: Run, after: Run, paths: Mapping[str, str]) -> Iterator[tuple[str, object, object]]:
    """What the case's expectations are held against, in both runs: the rest of an output may well hold a time."""
    for field in case.expected:
        path = paths.get(field, "")
        one, other = (answers.app_value(field, case.inputs, run.output, path) for run in (before, after))
        if one is not answers.ABSENT and other is not answers.ABSENT:
            yield field, one, other
