"""Simulated worlds: what a run would meet if the truth were known. The decision rule is proved on them, with no model.

The case law. A case has a skill x = mu + s z, z standard normal; a run of it is right when x + e > 0. The noise e of a
run is standard normal, half of its variance upstream of the prompt (shared by paired arms through replay) and half
downstream (drawn afresh by every arm); a deterministic app has none. mu makes the mean accuracy .60.

What a candidate does to the skills:
- "nothing": draws every skill anew from the same law, as a new prompt that is no better really behaves;
- "same": leaves them; "harm": draws them anew from a law with a mean of .50;
- "mends": turns the sign of the skill of a share of the weak cases (x < 0) and of 4 % of the strong ones; the share is
  the one that gains .10; "lifts": moves every skill up by what gains .10.

What two ideas do that were joined in one text: what redraws comes first (two of them: the mean of both draws, scaled to
the same law), what mends or lifts is done to that, with the draws that each has alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from harness import levels, stats
from harness.loop.ahead import better_part
from harness.stats import Paired
from harness.stats.signflip import p_value
from harness.types import Comparison, Decision, Settings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Rng = np.random.Generator
Kind = Literal["nothing", "same", "harm", "mends", "lifts"]

ACCURACY, GAIN, BROKEN = 0.60, 0.10, 0.04
GOOD: tuple[Kind, ...] = ("mends", "lifts")
REDRAWN: tuple[Kind, ...] = ("nothing", "harm")
DRIFT_OVER = 5_000  # case evaluations in which a drifting endpoint moves by ``World.drift``


@dataclass(frozen=True, slots=True)
class World:
    """One app with its cases."""

    spread: float = 1.0  # s: how far the skills of cases lie apart
    noise: float = 1.0  # 0 = deterministic
    cluster: int = 1  # cases of one document; half of the variance of z is the document's
    overfit: float = 0.0  # what every candidate gains on dev only
    drift: float = 0.0  # what the endpoint gains in ``DRIFT_OVER`` evaluations, whatever the prompt
    dev: int = 60  # cases
    holdout: int = 120
    runs: int = 5  # draws per case

    @property
    def steady(self) -> bool:
        """Whether the baseline shows that one run of a case says it all."""
        return self.noise == 0.0

    def skill(self, accuracy: float) -> float:
        """mu of a mean accuracy."""
        return float(special.ndtri(accuracy)) * math.hypot(self.spread, self.noise)

    def skills(self, rng: Rng, n: int, accuracy: float = ACCURACY) -> Floats:
        """Skills of ``n`` fresh cases."""
        z = rng.standard_normal(n)
        if self.cluster > 1:
            documents = rng.standard_normal(-(-n // self.cluster)).repeat(self.cluster)[:n]
            z = (z + documents) * math.sqrt(0.5)
        return self.skill(accuracy) + self.spread * z

    def changed(self, kind: Kind, skills: Floats, rng: Rng) -> Floats:
        """Skills under a candidate."""
        if kind == "same":
            return skills
        if kind == "lifts":
            return skills + self.skill(ACCURACY + GAIN) - self.skill(ACCURACY)
        if kind == "mends":
            lot = rng.random(skills.size)
            return np.where(lot < np.where(skills < 0, mended(self.spread, self.noise), BROKEN), -skills, skills)
        return self.skills(rng, skills.size, ACCURACY if kind == "nothing" else ACCURACY - GAIN)

    def draw(self, skills: Floats, upstream: Floats, rng: Rng) -> Bools:
        """Outcomes of shape (cases, runs); ``upstream``: the shared half of the noise, of that shape, standard."""
        if self.steady:
            return np.repeat(skills[:, None] > 0, upstream.shape[1], axis=1)
        noise = (upstream + rng.standard_normal(upstream.shape)) * (math.sqrt(0.5) * self.noise)
        return np.asarray(skills[:, None] + noise > 0)

    def moved(self, evaluations: float) -> float:
        """What drift has added to every skill after so many evaluations."""
        return self.skill(ACCURACY + self.drift * evaluations / DRIFT_OVER) - self.skill(ACCURACY)


@cache
def mended(spread: float, noise: float) -> float:
    """Share of weak cases to be turned for a gain of ``GAIN`` when ``BROKEN`` of the strong ones are."""
    world = World(spread, noise)
    z = special.ndtri((np.arange(400_000) + 0.5) / 400_000)
    x = world.skill(ACCURACY) + spread * z
    turned = np.sign(-x) if noise == 0.0 else special.ndtr(-x / noise) - special.ndtr(x / noise)
    return float((GAIN - BROKEN * np.where(x < 0, 0.0, turned).mean()) / np.where(x < 0, turned, 0.0).mean())


@dataclass(frozen=True, slots=True)
class Idea:
    """A candidate: one idea or two that were joined, each with the number that its draws hang on."""

    parts: tuple[tuple[int, Kind], ...]

    @property
    def good(self) -> bool:
        """Whether it is truly better than what it changes."""
        kinds = {kind for _, kind in self.parts}
        return bool(kinds & {*GOOD}) and "harm" not in kinds

    def skills(self, world: World, skills: Floats, lots: Sequence[int]) -> Floats:
        """Skills under it, the same whenever asked with the same ``lots``."""
        draws = [(kind, np.random.default_rng([*lots, number])) for number, kind in self.parts]
        redrawn = [world.changed(kind, skills, rng) for kind, rng in draws if kind in REDRAWN]
        if len(redrawn) > 1:
            means = [world.skill(ACCURACY - GAIN * (kind == "harm")) for kind, _ in draws]
            apart = [drawn - mean for drawn, mean in zip(redrawn, means, strict=True)]
            lower = ACCURACY - GAIN * sum(kind == "harm" for kind, _ in draws)
            return np.asarray(world.skill(lower) + np.sum(apart, axis=0) / math.sqrt(len(apart)))
        skills = redrawn[0] if redrawn else skills
        for kind, rng in draws:
            if kind not in REDRAWN:
                skills = world.changed(kind, skills, rng)
        return skills


Ranked = tuple[float, Idea]  # minus its promise, what it is


@dataclass(frozen=True, slots=True)
class Ending:
    """How one simulated run ended."""

    false_keeps: int = 0
    good_keeps: int = 0
    good_ideas: int = 0  # in what was kept
    idle_ideas: int = 0  # that make no difference, kept beside one that does
    confirmations: int = 0
    looks: int = 0
    evaluations: int = 0  # cases run once, both arms of every confirmation counted


@dataclass(frozen=True, slots=True)
class Policy:
    """What the loop may do otherwise; the defaults are the product's."""

    alpha: float = 0.05
    confirmations: int = 5  # m
    per_round: int = 20  # candidates screened together
    looks: int = 3
    join: bool = True  # the two best of a round are tried together where the best is not clear, or was not shown
    left: int = levels.LEFT  # candidates of a round that the screen leaves
    screened: bool = True  # False: every candidate is confirmed, dev is not asked
    plain: bool = False  # screened at p <= .10 after 5 runs, alpha / m for each confirmation, one look
    interleaved: bool = True  # False: the baseline's recorded draws are the control of every confirmation

    def level(self, left: float, done: int) -> float:
        """Error level offered to the next confirmation."""
        if self.plain:
            return self.alpha / self.confirmations
        settings = Settings(alpha=self.alpha, max_iterations=self.confirmations)
        return levels.level(settings, two_stage=True, spent=done, used=self.alpha - left)


def paired(before: Bools, after: Bools, cluster: int = 1) -> Paired:
    """Two arms of outcomes as the statistics take them; equals ``stats.pair`` on the same scores."""
    old, new = (arm.sum(axis=1, dtype=np.int64).reshape(-1, cluster).sum(axis=1) for arm in (before, after))
    runs = before.shape[1] * cluster
    return Paired(old / runs, new / runs, 0, new - old, True, units(old.size))


@cache
def units(n: int) -> tuple[str, ...]:
    """Ids of n units."""
    return tuple(f"u{i:04}" for i in range(n))


def compared(before: Bools, after: Bools, cluster: int = 1) -> Comparison:
    """The comparison that the loop would make."""
    return stats.contrast("accuracy", "higher", paired(before, after, cluster), seed=0)


def glanced(before: Bools, after: Bools, cluster: int = 1) -> Comparison:
    """Gain and p of ``compared``, without what a screen does not read."""
    steps = paired(before, after, cluster).lattice
    assert steps is not None
    p, method = p_value(steps.astype(np.float64), steps, 0)
    runs, n = before.shape[1] * cluster, int(steps.size)
    gain, spread = float(steps.mean()) / runs, float(steps.std(ddof=1)) / runs
    old, new = float(before.mean()), float(after.mean())
    return Comparison("accuracy", n, 0, old, new, gain, None, None, p, None, 0, 0, 0, method, spread)


@dataclass(slots=True)
class Play:
    """One run by our rule: a round screened on dev, the best confirmed on the holdout in looks, m times at most."""

    world: World
    policy: Policy
    rng: Rng
    waiting: list[Idea]
    end: Ending = field(default_factory=Ending)
    spent: float = 0.0  # of alpha
    generation: int = 0
    pair: Idea | None = None  # the two best of this round, not yet put together
    lot: int = field(init=False)  # of this run: what its ideas do hangs on it
    dev: Floats = field(init=False)  # skills under the best version so far
    sealed: Floats = field(init=False)
    upstream: Floats = field(init=False)  # half of the noise of its baseline, shape (cases, runs)
    sealed_upstream: Floats = field(init=False)
    before: Bools = field(init=False)  # its outcomes on dev
    recorded: Bools = field(init=False)  # and on the holdout

    def run(self) -> Ending:
        """Play it to its end."""
        world, rng = self.world, self.rng
        self.lot = int(rng.integers(2**63))
        self.dev, self.sealed = world.skills(rng, world.dev), world.skills(rng, world.holdout)
        self.measure_baseline(world.runs)
        pool: list[Ranked] = []
        while self.end.confirmations < self.policy.confirmations and (pool or self.waiting):
            if not pool:
                pool = self.round()
                continue
            _, idea = pool.pop(0)
            skills = self.under(idea, dev=False)
            if self.confirm(skills).verdict != "keep":
                pool = self.with_pair(pool)
                continue
            self.note_keep(idea)
            # to be screened against the new best, each alone
            again = [i for _, i in pool if len(i.parts) == 1 and i.parts[0] not in idea.parts]
            self.waiting, pool, self.pair = again + self.waiting, [], None
            self.dev, self.sealed = self.under(idea, dev=True), skills
            self.generation += 1
            self.measure_baseline(world.runs if self.policy.plain else min(3, world.runs))
        return self.end

    def under(self, idea: Idea, *, dev: bool) -> Floats:
        """Skills of the dev or of the sealed cases when the best version so far has the idea."""
        return idea.skills(self.world, self.dev if dev else self.sealed, (self.lot, self.generation, int(dev)))

    def note_keep(self, idea: Idea) -> None:
        """Count what was kept."""
        kinds, good = [kind for _, kind in idea.parts], idea.good
        self.end = replace(
            self.end,
            good_keeps=self.end.good_keeps + good,
            false_keeps=self.end.false_keeps + (not good),
            good_ideas=self.end.good_ideas + sum(kind in GOOD for kind in kinds),
            idle_ideas=self.end.idle_ideas + (sum(kind not in GOOD for kind in kinds) if good else 0),
        )

    def pay(self, evaluations: int) -> None:
        """Count cases run once."""
        self.end = replace(self.end, evaluations=self.end.evaluations + evaluations)

    def measure_baseline(self, runs: int) -> None:
        """The best version so far on every case; the upstream half of its noise is what later arms replay."""
        world, rng = self.world, self.rng
        self.upstream = rng.standard_normal((world.dev, world.runs))
        self.sealed_upstream = rng.standard_normal((world.holdout, world.runs))
        drift = world.moved(self.end.evaluations)
        self.before = world.draw(self.dev + drift, self.upstream, rng)
        self.recorded = world.draw(self.sealed + drift, self.sealed_upstream, rng)
        self.pay((world.dev + world.holdout) * runs)

    def round(self) -> list[Ranked]:
        """The next candidates: those that the screen leaves, best first."""
        size = self.policy.per_round
        batch, self.waiting = self.waiting[:size], self.waiting[size:]
        screened, joins = self.policy.screened, self.policy.join and not self.policy.plain
        passed = self.screened(batch)[: self.policy.left] if screened else [(0.0, idea) for idea in batch]
        if not joins or len(passed) < 2:
            return passed
        self.pair = Idea(passed[0][1].parts + passed[1][1].parts)
        return passed if not screened or -passed[0][0] >= levels.CLEAR else self.with_pair(passed)

    def with_pair(self, pool: list[Ranked]) -> list[Ranked]:
        """The pool with both of the round in one text, once; as it was where dev does not let it be asked."""
        pair, self.pair = self.pair, None
        if pair is None:
            return pool
        found = self.screened([pair]) if self.policy.screened else [(-1.0, pair)]
        return sorted(pool + found, key=lambda entry: entry[0])

    def screened(self, batch: Sequence[Idea]) -> list[Ranked]:
        """What passes the screen with its place in the order, best first."""
        world, rng = self.world, self.rng
        gift = world.skill(ACCURACY + world.overfit) - world.skill(ACCURACY) + world.moved(self.end.evaluations)
        runs = world.runs if self.policy.plain else 1 if world.steady else min(3, world.runs)
        arms = [world.draw(self.under(idea, dev=True) + gift, self.upstream[:, :runs], rng) for idea in batch]
        stages = sorted({1, min(2, runs), runs})
        standing, done = dict.fromkeys(range(len(batch)), 0.0), 0
        for stage in stages:
            self.pay(len(standing) * world.dev * (stage - done))
            done, last = stage, stage == stages[-1]
            seen = {i: glanced(self.before[:, :stage], arms[i][:, :stage], world.cluster) for i in standing}
            kept = {i: self.order(s) for i, s in seen.items() if not stats.futile(s, last=last or self.policy.plain)}
            standing = dict(sorted(kept.items(), key=lambda entry: entry[1]))
            if not last:
                standing = dict(list(standing.items())[: self.stays(len(standing))])
        return [(rank, batch[i]) for i, rank in standing.items() if self.passes(seen[i])]

    def stays(self, standing: int) -> int:
        """How many of those a stage leaves in the race."""
        return min(standing, max(2, (standing + 1) // 2)) if self.policy.plain else better_part(standing)

    def order(self, found: Comparison) -> float:
        """Sort key, the best first."""
        return (found.p or 0.0) if self.policy.plain else -stats.promise(found, share=True)

    def passes(self, found: Comparison) -> bool:
        """Whether dev lets the holdout be asked."""
        return (found.p or 0.0) <= 0.10 if self.policy.plain else stats.screen(found, share=True)

    def confirm(self, skills: Floats) -> Decision:
        """Both arms look by look, then what ``judge`` says; the looks' levels are settled as the ledger does."""
        world, policy = self.world, self.policy
        runs = 1 if world.steady and not policy.plain else world.runs
        alpha = policy.level(policy.alpha - self.spent, self.end.confirmations)
        size = world.holdout // world.cluster
        looks = 1 if world.steady or policy.plain else policy.looks
        course = stats.plan({unit: unit for unit in units(size)}, alpha, looks, seed=0)
        before, after = self.both(skills, runs)
        whole = paired(before, after, world.cluster)
        for look in range(1, len(course.blocks) + 1):
            self.pay((1 + policy.interleaved) * runs * world.cluster * len(course.blocks[look - 1]))
            seen = stats.sight("accuracy", "higher", whole.only(course.seen(look)), course, look, seed=0)
            decision = stats.judge(seen, course, (), 0.0)
            if decision is not None:
                break
        assert decision is not None
        self.spent += alpha if decision.spent is None or policy.plain else decision.spent
        self.end = replace(self.end, confirmations=self.end.confirmations + 1, looks=self.end.looks + look)
        return decision

    def both(self, skills: Floats, runs: int) -> tuple[Bools, Bools]:
        """Outcomes of the control and of the candidate on the whole holdout.

        Interleaved arms are half a window of 32 cases apart: that much of the drift is left between them.
        """
        world, rng, shared = self.world, self.rng, self.sealed_upstream[:, :runs]
        now = self.end.evaluations
        after = world.draw(skills + world.moved(now + 16 * runs), shared, rng)
        if not self.policy.interleaved:
            return self.recorded[:, :runs], after
        return world.draw(self.sealed + world.moved(now), shared, rng), after


def tuned(world: World, candidates: Sequence[Kind], rng: Rng, policy: Policy) -> Ending:
    """A whole run by our rule."""
    return Play(world, policy, rng, [Idea(((number, kind),)) for number, kind in enumerate(candidates)]).run()


Accepts = Callable[[Bools, Bools], bool]  # outcomes of the best so far and of the candidate -> take it?


def mean_went_up(before: Bools, after: Bools) -> bool:
    """The rule of popular optimizers."""
    return bool(after.mean() > before.mean())


def greedy(world: World, candidates: Sequence[Kind], rng: Rng, accepts: Accepts) -> Ending:
    """A control: candidates one by one on dev alone, the winner's own score is the next to beat."""
    skills, end = world.skills(rng, world.dev), Ending(evaluations=world.dev * world.runs)
    upstream = rng.standard_normal((world.dev, world.runs))
    before = world.draw(skills, upstream, rng)
    for kind in candidates:
        changed = world.changed(kind, skills, rng)
        after = world.draw(changed, upstream, rng)
        end = replace(end, evaluations=end.evaluations + world.dev * world.runs)
        if accepts(before, after):
            skills, before = changed, after
            good = kind in GOOD
            end = replace(end, good_keeps=end.good_keeps + good, false_keeps=end.false_keeps + (not good))
    return end
