"""``train methods``: the methods side by side on one base, measured or foreseen, and which one to take."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.cli.shell import say_json
from harness.cli.tables import grid
from harness.errors import UserError
from harness.figures import NONE, number, share
from harness.repo import Repo
from harness.training import bases, estimate, examples, measuring, parameters
from harness.training.advice import THUMB, USES, advise
from harness.training.bases import Base
from harness.training.measuring import Measured
from harness.training.rates import RATES

_FILE = "measured.json"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the comparison is for."""

    base: str
    memory: float | None  # GB; None = what is free
    measure: bool


def methods(root: Path, method: str, asked: Asked, *, as_json: bool) -> None:
    """All of them, or the parameters of one."""
    if method:
        _one(method, as_json=as_json)
        return
    base = bases.find(asked.base)
    place = Repo.open(root).home / "training" / _FILE
    found = _measured(base, place) if asked.measure else _known(place, bases.digest(base.folder))
    room = asked.memory * 1e9 if asked.memory else estimate.available()
    advice = advise(base, room)
    if as_json:
        rows = [{**_facts(base, name), "measured": found.get(name)} for name in parameters.KINDS]
        say_json({"base": asked.base, "methods": rows, "advice": asdict(advice), "rule_of_thumb": dict(THUMB)})
        return
    columns = ["Method", "Trained", "Memory", "s/1,000 tokens", "Loss", "Right", "Good for"]
    print(grid(f"Methods on {asked.base}", columns, [_row(base, name, found.get(name)) for name in parameters.KINDS]))
    if not found:
        print("memory is foreseen from the shape; --measure trains each for a moment here")
    else:
        print("Right: of the held-back answers of a small task, after equal steps")
    print(f"advice: {advice.method or 'none'}: {advice.reason}")
    print(grid("Rule of thumb, for a base of about 7 billion parameters", ["Where", "Method"], THUMB))


def _one(method: str, *, as_json: bool) -> None:
    if method not in parameters.KINDS:
        raise UserError(f"there is no method {method!r}", fix=f"one of {', '.join(parameters.KINDS)}")
    rows = list(parameters.told(method))
    rate = RATES[method]
    if as_json:
        names = ("name", "range", "default", "meaning")
        listed = [dict(zip(names, row, strict=True)) for row in rows]
        say_json({"method": method, "parameters": listed, "rate": asdict(rate)})
        return
    print(grid(f"Parameters of {method}: --set NAME=VALUE", ["Name", "Range", "Default", "Meaning"], rows))
    scaled = f" at width {rate.width}, scaled to the base's" if rate.width else ""
    print(f"base learning rate {rate.value:g}{scaled}: {rate.source}")


def _facts(base: Base, method: str) -> dict[str, Any]:
    chosen = parameters.read(method, {})
    return {
        "method": method,
        "trained": estimate.trained(base, method, chosen),
        "memory_bytes": estimate.memory(base, method, chosen),
        "base_learning_rate": RATES[method].at(base.hidden),
        "source_of_rate": RATES[method].source,
        "good_for": USES[method],
    }


def _row(base: Base, method: str, found: Mapping[str, Any] | None) -> Sequence[str]:
    facts = _facts(base, method)
    if found is None:
        return [
            method,
            f"{facts['trained']:,}",
            f"about {facts['memory_bytes'] / 1e9:.2f} GB",
            NONE,
            NONE,
            NONE,
            USES[method],
        ]
    told = Measured(**found)
    loss = f"{number(told.loss_before)} -> {number(told.loss_after)}"
    pace, peak = number(told.seconds_per_1000_tokens), f"{told.peak_bytes / 1e9:.2f} GB"
    return [method, f"{told.trained:,}", peak, pace, loss, share(told.exact_after), USES[method]]


def _measured(base: Base, place: Path) -> dict[str, Any]:
    """Each method for a moment; kept for the next time."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "sample.jsonl"
        data.write_text(examples.rows(measuring.sample()), "utf-8")
        found = {name: asdict(measuring.measured(str(base.folder), name, data)) for name in parameters.KINDS}
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps({"base": bases.digest(base.folder), "methods": found}, indent=2) + "\n", "utf-8")
    return found


def _known(place: Path, digest: str) -> dict[str, Any]:
    """What was measured before on this base; {} for another."""
    try:
        raw = json.loads(place.read_text("utf-8"))
        return dict(raw["methods"]) if raw["base"] == digest else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
