"""DSPy: ``dspy.Evaluate(..., save_as_json=...)``, a list with one object per example.

Each object has the example's fields, then the prediction's, then the score under the name of the metric; a field of
both is written as example_x and pred_x. Where the example ends is not written: it is known by the fields up to the last
example_x, or by its first one.
"""

from __future__ import annotations

from typing import Any

from harness.errors import UserError
from harness.results.opened import Opened
from harness.results.rows import Content, Row, canonical, number, scored

NAME = "DSPy evaluation JSON"
HINT = "a list of objects that end with the score of the metric"


def recognises(file: Opened) -> bool:
    """See ``Format``."""
    data = file.data
    if not isinstance(data, list) or not data or not all(isinstance(item, dict) and len(item) > 1 for item in data):
        return False
    last = list(data[0])[-1]
    return all(list(item)[-1] == last for item in data) and _score(data[0][last]) is not None


def read(file: Opened) -> Content:
    """See ``Format``. An example that stands there twice has two runs."""
    rows = []
    for index, item in enumerate(file.data):
        metric = list(item)[-1]
        row = Row(_case(item), metric, None, f"[{index}]", "no score")
        value = _score(item[metric])
        if value is None and item[metric] is not None:
            raise UserError(f"{metric} is {item[metric]!r:.60}, no number", where=f"{file.name}: [{index}]")
        rows.append(row if value is None else scored(value, file.name, row))
    return Content(rows)


def _case(item: dict[str, Any]) -> str:
    names = list(item)
    shared = [place for place, name in enumerate(names) if name.startswith("example_")]
    end = shared[-1] + 1 if shared else 1
    return canonical({name: item[name] for name in names[:end] if not name.startswith("pred_")})


def _score(value: Any) -> float | None:
    """A metric may answer a number, or an object with one under ``score``."""
    return number(value.get("score")) if isinstance(value, dict) else number(value)
