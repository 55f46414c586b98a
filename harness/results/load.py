"""FILE or FILE#variant -> Side: finds the format, picks the variant, and refuses what cannot be compared."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from harness.errors import HarnessError, Problems, UserError
from harness.results import dspy, evaluation, inspect_logs, junit, langsmith, plain, promptfoo
from harness.results.opened import Opened
from harness.results.rows import Content, Format, Row, is_finite
from harness.types import Direction, Marks, Score, Side

KINDS: Mapping[str, Format] = {  # by what they are called in the settings, asked in this order
    "json": evaluation, "junit": junit, "promptfoo": promptfoo, "inspect": inspect_logs, "langsmith": langsmith,
    "dspy": dspy, "csv": plain,
}  # fmt: skip
FORMATS: tuple[Format, ...] = tuple(KINDS.values())
MOST = 8  # rows named in one message
_UNITS = {"latency": "s", "cost": "USD", "tokens": "tokens", "tokens_in": "tokens", "tokens_out": "tokens"}


def side(root: Path, spec: str, lower: Collection[str] = ()) -> Side:
    """The variant of a file as a side; every case decides. ``lower`` names metrics of which less is better.

    Raises UserError for a file of no known format, for one with several variants of which none is named, and for
    scores that are not finite or stand there twice, with the rows in question.
    """
    name, _, variant = spec.partition("#")
    content = contents(root / name, name, variant)
    rows = content.rows
    marks = {metric: _marks(metric, own, lower) for metric, own in _by_metric(rows).items()}
    digests = {row.case: hashlib.sha256(row.asks.encode()).hexdigest() for row in rows if row.asks}
    return Side(spec, marks, frozenset(row.case for row in rows), digests, notes=tuple(content.notes))


def contents(path: Path, name: str, variant: str = "", kind: str = "") -> Content:
    """The rows of one variant of the file at ``path``, which messages call ``name``; ``kind`` is a key of ``KINDS``.

    Raises UserError as ``side`` does, and for a file that is not of ``kind``.
    """
    file = Opened(path, name)
    forms = [KINDS[kind]] if kind else FORMATS
    form = next((one for one in forms if one.recognises(file)), None)
    if form is None:
        raise _unknown(file, forms)
    content = form.read(file)
    rows = _of_variant(name, content.rows, variant)
    findings = [*_not_finite(name, rows), *_twice(name, rows)]
    if findings:
        raise findings[0] if len(findings) == 1 else Problems(findings)
    return replace(content, rows=rows, kind=next(name for name, one in KINDS.items() if one is form))


def _unknown(file: Opened, forms: Sequence[Format]) -> UserError:
    known = "; ".join(f"{form.NAME} ({form.HINT})" for form in forms)
    other = "is of no format that is known here" if len(forms) > 1 else f"is no {forms[0].NAME}"
    said = "is empty" if not file.raw.strip() else file.broken or other
    return UserError(f"this file {said}", where=file.name, fix=f"known are: {known}")


def _of_variant(name: str, rows: Sequence[Row], wanted: str) -> list[Row]:
    """Rows of the variant that is named by its title, a part of it that only one has, or its number."""
    if not rows:
        raise UserError("there is no result in this file", where=name, fix="export it again")
    titles = list(dict.fromkeys(row.variant for row in rows))
    listed = "; ".join(f"#{number} {title}" for number, title in enumerate(titles, 1))
    if not wanted:
        if len(titles) > 1:
            raise UserError(
                f"{len(titles)} variants are in this file", where=name, fix=f"name one as {name}#1: {listed}"
            )
        return list(rows)
    near = [title for title in titles if wanted.lower() in title.lower()]
    numbered = titles[int(wanted) - 1 : int(wanted)] if wanted.isdecimal() and int(wanted) else []
    found = [title for title in titles if title == wanted] or (near if len(near) == 1 else numbered)
    if not found:
        raise UserError(f"no variant {wanted!r} in this file, or several", where=name, fix=f"name one of {listed}")
    return [row for row in rows if row.variant == found[0]]


def _not_finite(name: str, rows: Iterable[Row]) -> list[HarnessError]:
    bad = [f"{row.where} ({row.metric} of {row.case[:40]} is {row.value})" for row in rows if not is_finite(row)]
    return (
        [_finding(name, "scores are no finite numbers", bad, "mend the metric, or leave the cells empty")]
        if bad
        else []
    )


def _twice(name: str, rows: Iterable[Row]) -> list[HarnessError]:
    seen: dict[tuple[str, str, int], str] = {}
    bad = []
    for row in rows:
        if row.k is not None:
            first = seen.setdefault((row.metric, row.case, row.k), row.where)
            if first != row.where:
                bad.append(f"{row.where} ({row.metric} of {row.case[:40]}, run {row.k}, stands at {first} already)")
    return [_finding(name, "results stand there twice", bad, "keep one row per case, run and metric")] if bad else []


def _finding(name: str, what: str, rows: Sequence[str], fix: str) -> UserError:
    more = f" and {len(rows) - MOST} more" if len(rows) > MOST else ""
    return UserError(f"{len(rows)} {what}: {', '.join(rows[:MOST])}{more}", where=name, fix=fix)


def _by_metric(rows: Iterable[Row]) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.metric, []).append(row)
    return found


def _marks(metric: str, rows: Sequence[Row], lower: Collection[str]) -> Marks:
    """A metric whose values all lie between 0 and 1 is a share of 1; of another one the unit is not known."""
    inside = all(row.value is None or 0 <= row.value <= 1 for row in rows)
    unit = _UNITS.get(metric, "" if inside else None)
    taken: dict[str, int] = {}
    scores = []
    for row in rows:
        k = taken.get(row.case, 0) if row.k is None else row.k
        taken[row.case] = k + 1
        scores.append(Score(metric, row.case, k, row.value, "" if row.value is not None else row.reason, unit or ""))
    direction: Direction = "lower" if metric in lower or metric in _UNITS else "higher"
    return Marks(metric, direction, unit, tuple(scores), rows[0].version)
