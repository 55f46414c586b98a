"""Cases -> dev and a sealed holdout, by hash. Knows ids and clusters only, so that no score can move a case."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.answers import normal
from harness.cases.reader import load
from harness.errors import Problems, UserError
from harness.types import Case, Json

TWO_STAGES = 90  # cases in all from which screening and confirming have sets of their own
HOLDOUT = 60  # cases that a sealed holdout has at least
_DEV_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class Split:
    """Which cases proposers see and which ones decide."""

    dev: tuple[Case, ...]
    holdout: tuple[Case, ...]  # () = one stage: the dev cases decide too
    digest: str  # sha-256, hex, of the cases that decide
    two_stage: bool


def split(cases: Sequence[Case], sealed: Path | None = None) -> Split:
    """Divide ``cases`` about 1 : 2 into dev and holdout; ``sealed`` names a file that is the holdout instead.

    A case's side depends on the hash of its cluster (of its id where it has none), not on the order of the file: adding
    cases moves the others only where the holdout would fall below 60. Clusters stay whole. Fewer than 90 cases, or
    clusters that cannot be divided: one stage. Raises Problems when the sealed file is broken, has fewer than 60 cases,
    or shares an id or an input (capitals and white space aside) with ``cases``.
    """
    if sealed is not None:
        holdout = load(sealed)
        _check_sealed(cases, holdout, sealed)
        return Split(tuple(cases), holdout, digest(holdout), two_stage=True)
    chosen = _dev_units(cases) if len(cases) >= TWO_STAGES else set[str]()
    if not chosen:
        return Split(tuple(cases), (), digest(cases), two_stage=False)
    dev = tuple(case for case in cases if _unit(case) in chosen)
    holdout = tuple(case for case in cases if _unit(case) not in chosen)
    return Split(dev, holdout, digest(holdout), two_stage=True)


def digest(cases: Iterable[Case]) -> str:
    """sha-256, hex, over ids, inputs and expectations, whatever their order."""
    rows = sorted(
        json.dumps([case.id, case.inputs, case.expected], sort_keys=True, ensure_ascii=False) for case in cases
    )
    return hashlib.sha256("\n".join(rows).encode(errors="surrogatepass")).hexdigest()


def _unit(case: Case) -> str:
    return f"cluster {case.cluster}" if case.cluster else f"case {case.id}"


def _place(unit: str) -> float:
    """Where a unit lies between 0 and 1, the same on every machine and day."""
    return (
        int.from_bytes(hashlib.sha256(f"harness split {unit}".encode(errors="surrogatepass")).digest()[:8], "big")
        / 2**64
    )


def _dev_units(cases: Sequence[Case]) -> set[str]:
    """Units of the dev set: those placed in the first third, fewer where the holdout would be too small.

    Where whole clusters leave dev nearly empty, the next ones join as long as the holdout stays large enough.
    Empty when no cut leaves both sides with cases enough.
    """
    sizes: dict[str, int] = {}
    for case in cases:
        sizes[_unit(case)] = sizes.get(_unit(case), 0) + 1
    ranked = sorted(sizes, key=_place)
    cut = sum(_place(unit) < _DEV_SHARE for unit in ranked)
    dev = sum(sizes[unit] for unit in ranked[:cut])
    while cut and len(cases) - dev < HOLDOUT:
        cut -= 1
        dev -= sizes[ranked[cut]]
    enough = len(cases) * _DEV_SHARE / 2
    while cut < len(ranked) and dev < enough and len(cases) - dev - sizes[ranked[cut]] >= HOLDOUT:
        dev += sizes[ranked[cut]]
        cut += 1
    return set(ranked[:cut])


def _check_sealed(cases: Sequence[Case], holdout: Sequence[Case], sealed: Path) -> None:
    lines = {case.id: case.line for case in cases}
    findings = [
        UserError(
            f"id {case.id!r} is a dev case too (line {lines[case.id]} of the case file)",
            where=f"{sealed}:{case.line}",
            fix="a holdout case is in the holdout file only: take it out of one of the two",
        )
        for case in holdout
        if case.id in lines
    ]
    known = {_worded(case): case for case in cases}
    findings += [
        UserError(
            f"its input is that of dev case {same.id!r}: proposers have seen it, so it can seal nothing",
            where=f"{sealed}:{case.line}",
            fix="take the case out of one of the two files",
        )
        for case in holdout
        if case.id not in lines and (same := known.get(_worded(case))) is not None
    ]
    if len(holdout) < HOLDOUT:
        fix = f"add cases, or drop `holdout` so that {TWO_STAGES} or more cases are split by hash"
        findings.append(
            UserError(f"{len(holdout)} holdout cases, at least {HOLDOUT} are needed", where=str(sealed), fix=fix)
        )
    if findings:
        raise Problems(list(findings))


def _worded(case: Case) -> str:
    """What a case asks, as one text that is equal where only capitals and white space differ."""

    def plain(value: Json) -> Json:
        if isinstance(value, str):
            return normal(value)
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        return [plain(item) for item in value] if isinstance(value, list | tuple) else value

    return json.dumps(plain(case.inputs), sort_keys=True, ensure_ascii=False)
