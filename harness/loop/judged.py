"""The judges that goals rest on, held against people where that was done. Asks no judge."""

from __future__ import annotations

from collections.abc import Iterator

from harness import plugins, stats
from harness.judge import Judge
from harness.loop.state import Wiring
from harness.repo import HOME
from harness.types import Between, Calibration, Correction, Result, Summary


def calibrations(ctx: Wiring) -> tuple[Calibration, ...]:
    """Of the judges that goals name, as they are now: one of another rubric or model does not count."""
    judges = {goal.metric: ctx.metrics[goal.metric] for goal in ctx.notes.goals().goals}
    home = ctx.places.root / HOME
    known = (plugins.known(home, metric) for metric in judges.values() if isinstance(metric, Judge))
    return tuple(found for found in known if found is not None)


def corrections(results: tuple[Result, ...], known: tuple[Calibration, ...]) -> tuple[Correction, ...]:
    """The means of judged goals at both ends of the run, without the judge's errors."""
    by_name = {found.metric: found for found in known}
    return tuple(
        _corrected(title, seen, by_name[result.goal.metric])
        for result in results
        if result.goal.metric in by_name
        for title, seen in (("as found", result.initial), ("in the end", result.final))
    )


def uncalibrated(ctx: Wiring) -> Iterator[str]:
    """A sentence for each judge that a goal rests on and nobody held against people."""
    known = {found.metric for found in calibrations(ctx)}
    for goal in ctx.notes.goals().goals:
        if isinstance(ctx.metrics[goal.metric], Judge) and goal.metric not in known:
            yield (
                f"{goal.metric} is what a model says, and nobody knows how far people agree: "
                f"`harness judge calibrate LABELS --metric {goal.metric}`"
            )


def _corrected(title: str, seen: Summary, known: Calibration) -> Correction:
    raw = Between(seen.mean, seen.low, seen.high)
    if known.form == "yes/no":
        return Correction(known.metric, title, raw, stats.rogan_gladen(seen, known.verdicts), "Rogan-Gladen")
    found = stats.prediction_powered(seen, known.verdicts, known.n)
    return Correction(known.metric, title, raw, found, "prediction-powered")
