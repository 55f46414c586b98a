"""``judge calibrate``: a judge against the labels of people. Wires and prints."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from harness import calibrating, figures
from harness.calibrating import Calibrated
from harness.cli.shell import say_json
from harness.cli.tables import grid
from harness.cli.tuning import progress
from harness.errors import UserError
from harness.types import Between

DOES = "calibrate"


def judge(what: str, root: Path, labels: Path, metric: str, flags: Mapping[str, object], *, as_json: bool) -> None:
    """Calibrate, and print what came of it."""
    if what != DOES:
        raise UserError(f"a judge cannot {what}", where="harness judge", fix=f"harness judge {DOES} LABELS")
    with progress(as_json) as shown:
        kit = (shown, time.monotonic, datetime.now(UTC).isoformat(timespec="seconds"))
        told = calibrating.calibrate(root, labels, metric, flags, kit)
    if as_json:
        say_json({**asdict(told.found), "spend": asdict(told.spend), "unscored_by": told.reasons, "notes": told.notes})
    else:
        print(page(told))


def page(told: Calibrated) -> str:
    """All of it as text."""
    found = told.found
    rows = [
        ["agreement", _share(found.agreement), "verdicts that are the label"],
        ["kappa", _plain(found.kappa), "agreement beyond chance: 0 none, 1 full"],
        *([["weighted kappa", _plain(found.weighted), "near misses count in part"]] if found.weighted else []),
        ["judge less people", _points(found.bias), "above 0: too kind"],
        ["long less short", _points(found.length), "the same, longer against shorter half of the replies"],
    ]
    known = found.verdicts
    if found.form == "yes/no":
        rows += [
            ["good ones found", f"{known.good_found} of {known.good}", "sensitivity"],
            ["bad ones found", f"{known.bad_found} of {known.bad}", "specificity"],
        ]
    if found.turned is not None and found.first is not None:
        rows += [
            ["turned by order", _share(found.turned), "pairs whose verdict changes with the order"],
            ["first of these", _share(found.first), "fair is 50 %"],
        ]
    title = f"{found.metric}: {found.model} against {figures.count(found.n, 'label')} of {found.labels}"
    lines = [grid(title, ["What", "Value [95 % interval]", "Meaning"], rows)]
    lines += [f"without a verdict: {n} x {words}" for words, n in told.reasons.items()]
    lines += [
        *told.notes,
        f"{figures.count(told.spend.calls, 'model call')} made; reports correct for this from now on",
    ]
    return "\n".join(lines)


def _share(found: Between) -> str:
    return _with(found, lambda value: figures.amount(value, ""))


def _points(found: Between) -> str:
    return _with(found, lambda value: figures.difference(value, ""))


def _plain(found: Between) -> str:
    return _with(found, lambda value: figures.NONE if value is None else figures.number(value))


def _with(found: Between, write: Callable[[float | None], str]) -> str:
    ends = "" if found.low is None else f" [{write(found.low)}, {write(found.high)}]"
    return f"{write(found.value)}{ends}"
