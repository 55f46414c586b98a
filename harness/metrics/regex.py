"""Share of runs whose text matches a pattern of the settings, or does not where it must not: a rubric in one line.

Needs nothing expected of a case. The pattern runs in this process without a limit of time: one that backtracks without
end on some text would hold up a run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness.answers import ABSENT, app_value, as_text
from harness.metrics import options as rules
from harness.metrics.faults import missing
from harness.types import Case, Direction, Json, Run

NAME = "regex"
VERSION = "1"
DIRECTION: Direction = "higher"
UNIT = ""
OPTIONS = {"pattern": rules.pattern, "path": rules.text, "whole": rules.flag, "absent": rules.flag}
REQUIRED = ("pattern",)


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """1.0 when ``options["pattern"]`` is found in the app's text, else 0.0; a failure of the app scores 0.

    ``path``: dotted place of the text in the output; without it the last message, or the only text that the app added.
    ``whole``: the pattern must match all of the text. ``absent``: it must not be found. Nothing at ``path`` scores 0.
    """
    if run.fault is not None:
        return missing(run) or 0.0
    if "pattern" not in options:
        return "no pattern is set in [tool.harness.metrics.regex]"
    path = options.get("path", "")
    value = app_value("expected_answer", case.inputs, run.output, path)
    if value is ABSENT:
        return 0.0 if path else "the app's output holds several texts: name one with [tool.harness.metrics.regex] path"
    find = re.fullmatch if options.get("whole") else re.search
    found = find(options["pattern"], as_text(value)) is not None
    return float(found is not bool(options.get("absent")))
