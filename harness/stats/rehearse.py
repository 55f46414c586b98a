"""Whole runs rehearsed on recorded scores of one unchanged app: each candidate is the app itself, each keep is false.

Knows no app and no files; candidates are judged in ``path``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness import levels
from harness.stats.bank import Bank, banked, numbered
from harness.stats.pairing import LARGEST_DENOMINATOR, draws, is_share, statistic_of, valued
from harness.stats.path import Rules, confirmed, raised, screened
from harness.stats.promise import promise
from harness.stats.signflip import Floats, Ints
from harness.types import Score

Rng = np.random.Generator
_Waiting = tuple[float, int, tuple[Ints, Ints]]  # minus its promise, its number, the cases that it has


@dataclass(frozen=True, slots=True)
class Table:
    """Scores of one metric: unit by unit (a case, or its cluster), run by run."""

    values: Floats  # shape (units, runs), in the metric's unit; with a bank the numbers of its outcomes
    share: bool  # right or wrong, or other round steps of a share of 1
    left_out: int  # units without a value in every run
    denominator: int  # see Rules
    bank: Bank | None = None  # of a statistic of the whole set: what the numbers stand for


@dataclass(frozen=True, slots=True)
class Sets:
    """What a rehearsed run draws its cases from."""

    dev: Table
    holdout: Table | None  # None = the dev cases decide too


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One run in which nothing was better."""

    kept: bool  # our rule kept a candidate
    mean_kept: bool  # the rule "the mean on dev went up" kept one


def tabled(scores: Sequence[Score], clusters: Mapping[str, str]) -> Table:
    """Scores as a table of those units that have a value in every run; ``clusters`` as in ``compare``."""
    if statistic := statistic_of(scores):
        return _banked(statistic, scores, clusters)
    found = draws(scores)
    ks = sorted({k for runs in found.values() for k in runs})
    units: dict[str, list[list[float]]] = {}
    for case in sorted({score.case for score in scores}):
        runs = found.get(case, {})
        units.setdefault(clusters.get(case) or case, []).append([runs.get(k, np.nan) for k in ks])
    rows = np.array([np.mean(cases, axis=0) for cases in units.values()], dtype=np.float64).reshape(len(units), len(ks))
    whole = rows[~np.isnan(rows).any(axis=1)] if ks else rows[:0]
    values = np.array([value for runs in found.values() for value in runs.values()])
    denominator = math.lcm(*(len(cases) for cases in units.values())) * max(len(ks), 1)
    fits = denominator <= LARGEST_DENOMINATOR
    return Table(whole, is_share(scores, values), len(units) - len(whole), denominator if fits else 0)


def _banked(statistic: str, scores: Sequence[Score], clusters: Mapping[str, str]) -> Table:
    found = valued(scores)
    ks = sorted({k for _, k in found})
    units: dict[str, list[str]] = {}
    for case in sorted({score.case for score in scores}):
        units.setdefault(clusters.get(case) or case, []).append(case)
    whole = [cases for cases in units.values() if ks and all((case, k) in found for case in cases for k in ks)]
    bank = banked(statistic, [[[found[case, k] for case in cases] for k in ks] for cases in whole])
    share = is_share(scores, np.array([score.value for score in found.values()], dtype=np.float64))
    return Table(numbered(len(whole), len(ks)).astype(np.float64), share, len(units) - len(whole), 0, bank)


def rehearse(
    sets: Sets, rules: Rules, candidates: int, *, reshuffled: bool, seed: int, repeats: int
) -> Iterator[Rehearsed]:
    """``repeats`` rehearsed runs of ``candidates`` each, every run with a random stream of its own.

    Both arms are drawn from the recorded scores with replacement: cases first, then runs within a case. ``reshuffled``:
    each candidate has its own draw of cases, as a prompt that changes which cases are right and not how many; else the
    candidate has the cases of the baseline and only the runs differ. Within a case the resampled variance is
    (k - 1) / k of the recorded one, for k runs.
    """
    for number in range(repeats):
        yield _Run(sets, rules, reshuffled, np.random.default_rng([seed, number])).play(candidates)


@dataclass(slots=True)
class _Tests:
    """The confirmations of one run, up to the first keep, and what they used up."""

    rules: Rules
    spent: int = 0
    used: float = 0.0
    kept: bool = False

    def take(self, before: Floats, after: Floats) -> None:
        decision = confirmed(self.rules, before, after, self.rules.level(self.spent, self.used))
        self.spent, self.kept = self.spent + 1, decision.verdict == "keep"
        self.used += decision.alpha if decision.spent is None or not self.rules.two_stage else decision.spent


@dataclass(slots=True)
class _Run:
    sets: Sets
    rules: Rules
    reshuffled: bool
    rng: Rng

    def play(self, candidates: int) -> Rehearsed:
        base = self._cases()
        before = self._drawn(self.sets.dev, base[0])
        best, mean_kept, tests = before, False, _Tests(self.rules)
        waiting: list[_Waiting] = []
        for number in range(1, candidates + 1):
            cases = self._cases() if self.reshuffled else base
            after = self._drawn(self.sets.dev, cases[0])
            if self._better(after, best):
                best, mean_kept = after, True
            waiting += self._screened(number, before, after, cases)
            if number % self.rules.per_round == 0 or number == candidates:
                self._confirm(tests, sorted(waiting, key=lambda row: row[:2]), before, base)
                waiting = []
        return Rehearsed(tests.kept, mean_kept)

    def _screened(self, number: int, before: Floats, after: Floats, cases: tuple[Ints, Ints]) -> list[_Waiting]:
        found, _ = screened(self.rules, before, after)
        return [] if found is None else [(-promise(found, share=self.rules.share), number, cases)]

    def _confirm(self, tests: _Tests, passed: list[_Waiting], before: Floats, base: tuple[Ints, Ints]) -> None:
        """Ask the deciding cases about a round, best first; with a holdout about two candidates and both in one."""
        sealed, first = self.rules.two_stage, True
        waiting = passed[: levels.LEFT] if sealed else passed
        pair = sealed and self.rules.settings.join and len(waiting) == levels.LEFT
        while waiting and not tests.kept and tests.spent < self.rules.settings.max_iterations:
            if pair and (not first or -waiting[0][0] < levels.CLEAR):
                cases, pair = self._cases() if self.reshuffled else base, False
                waiting += self._screened(waiting[-1][1], before, self._drawn(self.sets.dev, cases[0]), cases)
                waiting.sort(key=lambda row: row[:2])
            (*_, chosen), first = waiting.pop(0), False
            table = self.sets.holdout or self.sets.dev
            tests.take(self._drawn(table, base[1]), self._drawn(table, chosen[1]))

    def _cases(self) -> tuple[Ints, Ints]:
        """Rows of dev and of the deciding cases; the same ones where dev decides."""
        dev = self.rng.integers(len(self.sets.dev.values), size=len(self.sets.dev.values))
        if self.sets.holdout is None:
            return dev, dev
        return dev, self.rng.integers(len(self.sets.holdout.values), size=len(self.sets.holdout.values))

    def _drawn(self, table: Table, cases: Ints) -> Floats:
        values = table.values[cases]
        return np.take_along_axis(values, self.rng.integers(values.shape[1], size=values.shape), axis=1)

    def _better(self, after: Floats, best: Floats) -> bool:
        gain = raised(self.rules, best, after) if self.rules.banks else float(after.mean()) - float(best.mean())
        return gain > 0 if self.rules.direction == "higher" else gain < 0
