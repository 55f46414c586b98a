"""A field whose expected values are labels: precision, recall and F1 by label, and the F1 weighted by support.

Knows which answers are labels from ``answers``; nothing of metrics or decisions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from harness.answers import ABSENT, app_value, as_text, closed_labels, normal
from harness.types import Case, Classes, ClassRow, Run

Pair = tuple[str, str]  # label wanted, label said; "" for a run that failed


def classes(
    cases: Sequence[Case], runs: Sequence[Run], dev: Collection[str], fields: Mapping[str, str]
) -> tuple[Classes, ...]:
    """One table for each expected field that is a closed list of labels and that the output of some run answers.

    The weighted F1 is over all ``runs``, the rows are of the cases in ``dev``. ``fields`` maps a field to its dotted
    path in the output.
    """
    by_id = {case.id: case for case in cases}
    found = []
    for field in dict.fromkeys(name for case in cases for name in case.expected):
        if not closed_labels(as_text(case.expected[field]) for case in cases if field in case.expected):
            continue
        answered = [run for run in runs if run.case in by_id and field in by_id[run.case].expected]
        pairs = [(run.case, pair_of(by_id[run.case], run, field, fields.get(field, ""))) for run in answered]
        if any(said for _, (_, said) in pairs):
            shown = rows([pair for case, pair in pairs if case in dev])
            found.append(Classes(field, weighted_f1(rows([pair for _, pair in pairs])), len(pairs), shown))
    return tuple(found)


def rows(pairs: Sequence[Pair]) -> tuple[ClassRow, ...]:
    """One row for each label that was wanted, by label. What was said outside these labels is wrong and has no row.

    precision = tp / (tp + fp), recall = tp / (tp + fn), F1 = 2 tp / (2 tp + fp + fn) (van Rijsbergen 1979).
    """
    wanted, said = Counter(want for want, _ in pairs), Counter(say for _, say in pairs)
    right = Counter(want for want, say in pairs if want == say)
    return tuple(
        ClassRow(
            label=label,
            precision=right[label] / said[label] if said[label] else None,
            recall=right[label] / wanted[label],
            f1=2 * right[label] / (said[label] + wanted[label]),
            support=wanted[label],
        )
        for label in sorted(wanted)
    )


def weighted_f1(table: Sequence[ClassRow]) -> float:
    """Mean of the F1 of the labels, each with the weight of its support, 0-1; 0 for an empty table.

    The same as scikit-learn's ``f1_score(average="weighted", zero_division=0)``.
    """
    support = sum(row.support for row in table)
    return sum(row.f1 * row.support for row in table) / support if support else 0.0


def pair_of(case: Case, run: Run, field: str, path: str) -> Pair:
    value = ABSENT if run.fault else app_value(field, case.inputs, run.output, path)
    return normal(as_text(case.expected[field])), "" if value is ABSENT else normal(as_text(value))
