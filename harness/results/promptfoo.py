"""promptfoo: ``promptfoo eval --output results.json``, of which ``results.results`` has one entry per test and column.

A test is known by its variables, because its number changes with every test that is added before it; tests that are
repeated (``--repeat``) stand there once per repetition. A column is a provider with a prompt: one variant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.errors import UserError
from harness.results.opened import Opened
from harness.results.rows import Content, Row, canonical, scored

NAME = "promptfoo JSON"
HINT = "results.results[] with promptIdx and testIdx"
_ERROR = 2  # ResultFailureReason.ERROR: the provider failed, so that nothing was judged


def recognises(file: Opened) -> bool:
    """See ``Format``."""
    entries = _entries(file)
    return bool(entries) and isinstance(entries[0], dict) and {"promptIdx", "testIdx"} <= entries[0].keys()


def read(file: Opened) -> Content:
    """See ``Format``. Entries whose provider failed are unscored."""
    entries = _entries(file)
    titles = _titles(entries)
    graded: dict[str, list[str]] = {}  # by variables: the assertions of each test that has them
    rows: list[Row] = []
    for index, entry in enumerate(entries):
        where = f"results.results[{index}]"
        if not isinstance(entry, dict) or not {"score", "success", "promptIdx"} <= entry.keys():
            raise UserError("no score, success or promptIdx in this entry", where=f"{file.name}: {where}")
        case, asserts = _case(entry), canonical((entry.get("testCase") or {}).get("assert") or "")
        known = graded.setdefault(case, [])
        if asserts not in known:
            known.append(asserts)
        number = known.index(asserts)
        row = Row(
            f"{case} #{number + 1}" if number else case, "", None, where, "", None, titles[_column(entry)], asserts
        )
        rows += _values(file.name, entry, row)
    return Content(rows)


def _entries(file: Opened) -> Sequence[Any]:
    found = file.data.get("results") if isinstance(file.data, dict) else None
    found = found.get("results") if isinstance(found, dict) else found
    return found if isinstance(found, list) else []


def _case(entry: Mapping[str, Any]) -> str:
    test = entry.get("testCase") or {}
    variables = test.get("vars") or entry.get("vars")
    if variables:
        return canonical(variables)
    return str(test.get("description") or f"test {entry['testIdx']}")


def _values(name: str, entry: Mapping[str, Any], row: Row) -> Iterator[Row]:
    failed = entry.get("failureReason") == _ERROR
    quality = {"score": entry["score"], "pass": entry["success"], **(entry.get("namedScores") or {})}
    for metric, value in quality.items():
        plain = Row(row.case, metric, None, row.where, str(entry.get("error") or "error"), None, row.variant, row.asks)
        yield plain if failed else scored(value, name, plain)
    costs = {"cost": entry.get("cost"), "tokens": (entry.get("tokenUsage") or {}).get("total")}
    costs["latency"] = None if entry.get("latencyMs") is None else float(entry["latencyMs"]) / 1000
    for metric, value in costs.items():
        if value is not None and not failed:
            yield scored(value, name, Row(row.case, metric, None, row.where, "", None, row.variant, row.asks))


def _column(entry: Mapping[str, Any]) -> tuple[str, str]:
    provider, prompt = entry.get("provider") or {}, entry.get("prompt") or {}
    label = provider if isinstance(provider, str) else str(provider.get("label") or provider.get("id") or "")
    return label, str(prompt.get("label") or prompt.get("raw") or "")


def _titles(entries: Sequence[Any]) -> dict[tuple[str, str], str]:
    """A name for each column: its provider, its prompt, or both, as far as they tell columns apart."""
    columns = list(dict.fromkeys(_column(entry) for entry in entries if isinstance(entry, dict)))
    one_prompt = len({prompt for _, prompt in columns}) == 1
    one_provider = len({provider for provider, _ in columns}) == 1
    if one_prompt:
        return {column: column[0] for column in columns}
    return {column: column[1] if one_provider else " · ".join(column) for column in columns}
