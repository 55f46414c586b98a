"""Which label was said for which, run by run of the dev cases; and which node takes the most, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.analyse.classes import pair_of
from harness.analyse.record import Record
from harness.answers import as_text, closed_labels
from harness.figures import amount, number, share
from harness.types import Confusion, NodeCost

OTHER = "other"


def confusions(record: Record) -> tuple[Confusion, ...]:
    """One table for each expected field that is a closed list of labels and that some run answers."""
    by_id = {case.id: case for case in record.cases}
    found = []
    for field in record.fields:
        if not closed_labels(as_text(case.expected[field]) for case in record.cases if field in case.expected):
            continue
        runs = [run for run in record.runs if not run.lost and run.case in by_id and field in by_id[run.case].expected]
        pairs = Counter(pair_of(by_id[run.case], run, field, record.paths.get(field, "")) for run in runs)
        if any(said for _, said in pairs):
            found.append(_table(field, pairs))
    return tuple(found)


def _table(field: str, pairs: Counter[tuple[str, str]]) -> Confusion:
    labels = tuple(sorted({wanted for wanted, _ in pairs}))
    others = {said for _, said in pairs if said not in labels}
    rows = [
        (*(pairs[wanted, said] for said in labels), *([sum(pairs[wanted, said] for said in others)] if others else []))
        for wanted in labels
    ]
    return Confusion(field, labels, (*labels, *([OTHER] if others else [])), tuple(rows))


def spenders(costs: Sequence[NodeCost]) -> tuple[str, ...]:
    """The slowest node and the dearest, where there are several; by tokens where no price is known."""
    known = [cost for cost in costs if cost.node]
    if len(known) < 2:
        return ()
    slow = max(known, key=lambda cost: cost.seconds)
    priced = all(cost.usd is not None for cost in known)
    total = sum((cost.usd or 0.0) if priced else cost.tokens for cost in known)
    dear = max(known, key=lambda cost: (cost.usd or 0.0) if priced else cost.tokens)
    part = (dear.usd or 0.0) if priced else dear.tokens
    said = amount(part, "USD") if priced else f"{number(part)} tokens"
    words = [f"slowest: {slow.node}, {amount(slow.seconds, 's')} a case, {share(slow.share)} of all nodes"]
    return (*words, *([f"dearest: {dear.node}, {said} a case, {share(part / total)} of all nodes"] if total else []))


def mistakes(table: Confusion, most: int) -> list[str]:
    """The commonest mistakes of a table in words."""
    rows = [
        (n, f"{table.field}: {wanted!r} wanted and {said!r} said in {n} of {sum(counts)} runs")
        for wanted, counts in zip(table.labels, table.counts, strict=True)
        for said, n in zip(table.said, counts, strict=True)
        if n and said != wanted
    ]
    return [words for _, words in sorted(rows, key=lambda row: (-row[0], row[1]))[:most]]
