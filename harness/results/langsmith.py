"""LangSmith: an experiment as CSV, downloaded from its page or written by ``ExperimentResults.to_pandas().to_csv()``.

The first has the columns id, inputs, outputs and one per feedback key; the second has inputs.x, outputs.x, feedback.x
and example_id. A case is an example; repetitions are rows of the same one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.results.opened import Opened
from harness.results.rows import Content, Row, canonical, number, scored

NAME = "LangSmith CSV"
HINT = "columns example_id or id, inputs, outputs, and one per feedback key"
_COSTS = {
    "execution_time": "latency", "latency": "latency", "total_tokens": "tokens", "prompt_tokens": "tokens_in",
    "completion_tokens": "tokens_out", "total_cost": "cost",
}  # fmt: skip
_NO_SCORE = {
    "id", "example_id", "run_id", "trace_id", "session_id", "session_name", "inputs", "outputs", "reference_outputs",
    "reference", "error", "status", "name", "start_time", "end_time", "created_at", "modified_at", "first_token_time",
    "metadata", "tags", "notes", "feedback", "attachments", "prompt_cost", "completion_cost", "",
}  # fmt: skip
_PREFIX = "feedback."


def recognises(file: Opened) -> bool:
    """See ``Format``."""
    parts = {name.partition(".")[0] for name in file.columns}
    return {"inputs", "outputs"} <= parts and not {"example_id", "id"}.isdisjoint(file.columns)


def read(file: Opened) -> Content:
    """See ``Format``. An empty cell is unscored; a column of feedback without any number is left out with a note."""
    named = {name: name.removeprefix(_PREFIX) for name in file.columns if _is_feedback(name, file.columns)}
    told = {name for name in named if any(number(cells[name]) is not None for _, cells in file.table)}
    rows = [
        row
        for line, cells in file.table
        for row in _values(file.name, line, cells, {n: named[n] for n in sorted(told)})
    ]
    mute = sorted(named[name] for name in named.keys() - told if any(cells[name] for _, cells in file.table))
    return Content(rows, [f"columns of {file.name} without a number: {', '.join(mute)}"] if mute else [])


def _is_feedback(name: str, columns: frozenset[str]) -> bool:
    """With prefixes where there are any, else every column that is not known to be something else."""
    if any(column.startswith(_PREFIX) for column in columns):
        return name.startswith(_PREFIX)
    head = name.partition(".")[0]
    return name not in _COSTS and head not in _NO_SCORE and not name.lower().startswith("unnamed")


def _values(name: str, line: int, cells: Mapping[str, str], named: Mapping[str, str]) -> Iterator[Row]:
    case = cells.get("example_id") or cells.get("id") or ""
    asked = {key: value for key, value in cells.items() if key.partition(".")[0] in ("inputs", "reference")}
    where, asks = f"line {line}", canonical(asked)
    for column, metric in named.items():
        row = Row(case, metric, None, where, cells.get("error") or "no feedback", None, "", asks)
        yield scored(cells[column], name, row) if cells[column].strip() else row
    for column, metric in _COSTS.items():
        if number(cells.get(column, "")) is not None:
            yield scored(cells[column], name, Row(case, metric, None, where, "", None, "", asks))
