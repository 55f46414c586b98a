"""Outcome -> why dev cases fail: the node that likely caused it, the confusion of labels, who takes the most."""

from __future__ import annotations

from markupsafe import Markup

from harness.figures import NONE
from harness.report.text import code, inline, listed, table
from harness.types import Cause, Confusion, Outcome

_MOST = 12  # labels of a table that can be read
_HEAD = 24  # characters of a label at the head of a column


def parts(outcome: Outcome) -> list[Markup]:
    """Tables and sentences in reading order; none where nothing fails and one node does all."""
    found = outcome.analysis
    columns = ["Node", "Failing dev cases", "How that is known", "Dev cases"]
    head = Markup("### Which node likely caused it")
    causes = [head, table(columns, map(_cause, found.causes), "lrll")] if found.causes else []
    tables = [part for one in found.confusions for part in _confusion(one)]
    return [*causes, *tables, *([listed(map(inline, found.spends))] if found.spends else [])]


def _cause(one: Cause) -> list[Markup | str]:
    examples = Markup(", ").join(map(code, one.examples)) if one.examples else inline(NONE)
    return [code(one.node), f"{one.cases} of {one.of}", inline(f"{one.how}: {one.words}"), examples]


def _confusion(one: Confusion) -> list[Markup]:
    if len(one.labels) > _MOST:
        return []
    rows = [
        [code(label), *(str(n) if n else NONE for n in counts)]
        for label, counts in zip(one.labels, one.counts, strict=True)
    ]
    head = Markup("Wanted (row) and said (column) of {}, in runs of dev cases:").format(code(one.field))
    return [head, table(["Wanted", *(inline(said, _HEAD) for said in one.said)], rows, "l" + "r" * len(one.said))]
