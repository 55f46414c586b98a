"""Share of runs whose output is valid under a JSON schema of the settings. Needs nothing expected of a case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable

from harness.answers import ABSENT, app_value, parsed
from harness.metrics import options as rules
from harness.metrics.faults import missing
from harness.types import Case, Direction, Json, Run


def schema(value: Json) -> str:
    """A JSON schema (draft 2020-12), as a table or as JSON text."""
    found = parsed(value)
    if not isinstance(found, Mapping):
        return "a JSON schema, as a table or as JSON text"
    try:
        Draft202012Validator.check_schema(dict(found))
    except SchemaError as error:
        return f"a JSON schema: at {'.'.join(map(str, error.path)) or 'its top'}, {error.message}"
    return ""


NAME = "json_schema"
VERSION = "1"
DIRECTION: Direction = "higher"
UNIT = ""
OPTIONS = {"schema": schema, "path": rules.text}
REQUIRED = ("schema",)


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """1.0 when the output, or the JSON that its text says, is valid under ``options["schema"]``, else 0.0.

    ``path``: dotted place in the output; without it the last message, or the only text that the app added, or else the
    whole output. Nothing there scores 0, and so does a failure of the app. References to other documents are not
    fetched.
    """
    if run.fault is not None:
        return missing(run) or 0.0
    if "schema" not in options:
        return "no schema is set in [tool.harness.metrics.json_schema]"
    path = options.get("path", "")
    value = app_value("expected_answer", case.inputs, run.output, path)
    if value is ABSENT and path:
        return 0.0
    try:
        valid = _validator(json.dumps(parsed(options["schema"]))).is_valid(
            parsed(run.output if value is ABSENT else value)
        )
    except Unresolvable as error:
        return f"the schema refers to what it does not hold: {error.ref}"
    return float(valid)


@cache
def _validator(text: str) -> Any:
    return Draft202012Validator(json.loads(text), registry=Registry())
