"""Should changes be put together on dev before they are confirmed? ``--compose`` beside one change at a time.

Both ways get the same 20 ideas in random order in the worlds of ``tests/worlds.py``, go through the same statistics and
hear every idea once; what passed and was not kept is heard again on the new version. One at a time: all ideas in one
round. Composed: rounds of 6, each on the best of dev so far, a first run that begins with a quarter and half of the
cases. Changes add up: an idea that is no better draws all skills anew at the accuracy of what it is built on, a good
one gains .10 over that, a harmful one loses as much. A keep is false when what is kept is truly no better than before.

    python -m benchmarks.composing [--runs 4000] [--seed 1] [--processes 2] [--json] [--world NAME]
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import cache, partial

import numpy as np
from scipy import special

from benchmarks.false_keeps import FEWER, WORLDS, arguments
from benchmarks.power import candidates
from harness import levels, stats
from harness.loop.ahead import better_part
from harness.loop.compose import BUILT_UPON
from harness.stats import false_rate_interval
from harness.types import Comparison
from tests.worlds import ACCURACY, BROKEN, GAIN, Floats, Kind, Play, Policy, Rng, World, glanced

Idea = tuple[int, Kind]  # its number, what it does
NOTHING: tuple[Kind, ...] = ("nothing",) * 20
MIXES = {"nothing helps": NOTHING, "2 mend": candidates("mends"), "2 lift": candidates("lifts")}
SMALL_STEPS: tuple[Kind, ...] = (*("lifts",) * 8, *("harm",) * 2, *("nothing",) * 10)


@dataclass(frozen=True, slots=True)
class Way:
    """How candidates are found."""

    name: str
    rounds: int  # further rounds on the best of dev, as in ``Settings.compose``
    size: int  # candidates of a round
    gain: float = GAIN  # of a good idea


ALONE, COMPOSED = Way("one at a time", 0, 20), Way("composed", 9, 6)


@cache
def turned(world: World, accuracy: float, mended: int, gain: float) -> tuple[float, float]:
    """Share of weak cases that the next mending turns, and what that gains when ``BROKEN`` of the strong ones turn too.

    Enough of them for ``gain``, all where they are too few. The skills were drawn at ``accuracy`` and mended so many
    times since, in the same way.
    """
    x = world.skill(accuracy) + world.spread * special.ndtri((np.arange(20_000) + 0.5) / 20_000)
    size = np.abs(np.sign(x) if world.steady else special.ndtr(x / world.noise) - special.ndtr(-x / world.noise))
    drawn = np.ones_like(x)  # chance that the skill has the sign it was drawn with
    for left in range(mended, -1, -1):
        weak = float((np.where(x < 0, drawn, 1 - drawn) * size).mean())  # what turning all of them gains
        lost = BROKEN * float((np.where(x < 0, 1 - drawn, drawn) * size).mean())
        share = min(1.0, (gain + lost) / weak)
        if left:
            leave, come = np.where(x < 0, share, BROKEN), np.where(x < 0, BROKEN, share)
            drawn = drawn * (1 - leave) + (1 - drawn) * come
    return share, share * weak - lost


@dataclass(frozen=True, slots=True)
class Built:
    """A version: its ideas, its true accuracy, and the skills of the cases under it."""

    ideas: tuple[Idea, ...]
    accuracy: float
    dev: Floats
    sealed: Floats
    drawn: float = ACCURACY  # at which all skills were drawn last
    mended: int = 0  # times since

    def with_idea(self, world: World, idea: Idea, gain: float, rng: Rng) -> Built:
        """The version with one more idea."""
        ideas, kind = (*self.ideas, idea), idea[1]
        if kind == "lifts":
            accuracy = min(0.97, self.accuracy + gain)
            by = world.skill(accuracy) - world.skill(self.accuracy)
            return replace(self, ideas=ideas, accuracy=accuracy, dev=self.dev + by, sealed=self.sealed + by)
        if kind == "mends":
            share, gained = turned(world, round(self.drawn, 3), self.mended, gain)
            dev, sealed = (turn(skills, share, rng) for skills in (self.dev, self.sealed))
            return Built(ideas, self.accuracy + gained, dev, sealed, self.drawn, self.mended + 1)
        accuracy = self.accuracy - gain * (kind == "harm")
        dev, sealed = (world.skills(rng, skills.size, accuracy) for skills in (self.dev, self.sealed))
        return Built(ideas, accuracy, dev, sealed, accuracy)


def turn(skills: Floats, share: float, rng: Rng) -> Floats:
    """Other signs for a share of the weak and ``BROKEN`` of the strong."""
    return np.where(rng.random(skills.size) < np.where(skills < 0, share, BROKEN), -skills, skills)


@dataclass(slots=True)
class Building(Play):
    """``Play`` with versions that build on one another."""

    way: Way = ALONE
    kinds: Sequence[Kind] = ()
    unheard: list[Idea] = field(init=False)
    best: Built = field(init=False)
    united: Built | None = None  # the two best of a round in one, still to be measured

    def play(self) -> tuple[Built, int]:
        """The version at the end, and how many keeps were false."""
        world, rng, false = self.world, self.rng, 0
        self.unheard = list(enumerate(self.kinds))
        self.best = Built((), ACCURACY, world.skills(rng, world.dev), world.skills(rng, world.holdout))
        self.rebase(world.runs)
        pool: list[tuple[float, Built]] = []
        while self.end.confirmations < self.policy.confirmations and (pool or self.unheard):
            if not pool:
                pool = self.climb()
                continue
            _, built = pool.pop(0)
            if self.confirm(built.sealed).verdict != "keep":
                pool = self.with_both(pool)
                continue
            false += built.accuracy <= self.best.accuracy + 1e-9
            versions = [b for _, b in pool if self.way.rounds or len(b.ideas) == 1]
            again = [b.ideas[-1] for b in versions if b.ideas[-1] not in built.ideas]
            self.unheard, pool, self.best = again + self.unheard, [], replace(built, ideas=())
            self.united = None
            self.rebase(min(3, world.runs))
        return self.best, false

    def rebase(self, runs: int) -> None:
        """Measure the best version so far."""
        self.dev, self.sealed = self.best.dev, self.best.sealed
        self.measure_baseline(runs)

    def climb(self) -> list[tuple[float, Built]]:
        """What passed the screen in all rounds, best first; a round builds on the best so far, passed or not."""
        seen: list[tuple[float, Built, bool]] = []
        for _ in range(1 + self.way.rounds):
            if not self.unheard:
                break
            stem = seen[0][1] if seen else self.best
            seen = sorted(seen + self.heard(stem), key=lambda entry: entry[0])
            if not seen:
                break
        passed = [(rank, built) for rank, built, shown in seen if shown]
        if self.way.rounds:
            return passed
        passed = passed[: self.policy.left]
        if len(passed) > 1:
            self.united = passed[0][1].with_idea(self.world, passed[1][1].ideas[-1], self.way.gain, self.rng)
        return passed if passed and -passed[0][0] >= levels.CLEAR else self.with_both(passed)

    def with_both(self, pool: list[tuple[float, Built]]) -> list[tuple[float, Built]]:
        """The pool with both of a round in one, as ``Play.with_pair`` has it."""
        both, self.united = self.united, None
        found = [] if both is None else [(rank, built) for rank, built, shown in self.measured([both]) if shown]
        return sorted(pool + found, key=lambda entry: entry[0])

    def heard(self, stem: Built) -> list[tuple[float, Built, bool]]:
        """One round on ``stem``: what can be built upon, its place in the order, and whether it passes the screen."""
        size = self.way.size
        batch, self.unheard = self.unheard[:size], self.unheard[size:]
        return self.measured([stem.with_idea(self.world, idea, self.way.gain, self.rng) for idea in batch])

    def measured(self, built: Sequence[Built]) -> list[tuple[float, Built, bool]]:
        """The same of versions at hand."""
        world, rng = self.world, self.rng
        gift = world.skill(ACCURACY + world.overfit) - world.skill(ACCURACY) + world.moved(self.end.evaluations)
        runs = 1 if world.steady else min(3, world.runs)
        arms = [world.draw(b.dev + gift, self.upstream[:, :runs], rng) for b in built]
        standing, paid = dict.fromkeys(range(len(built)), 0.0), 0
        plan = self.stages(runs)
        for cases, k in plan:
            last = (cases, k) == plan[-1]
            self.pay(len(standing) * (cases * k - paid))
            paid = cases * k
            seen = {i: glanced(self.before[:cases, :k], arms[i][:cases, :k], world.cluster) for i in standing}
            kept = {i: self.order(s) for i, s in seen.items() if not stats.futile(s, last=last)}
            standing = dict(sorted(kept.items(), key=lambda entry: entry[1]))
            if not last:
                standing = dict(list(standing.items())[: better_part(len(standing))])
        return [(rank, built[i], self.shown(seen[i])) for i, rank in standing.items() if -rank >= BUILT_UPON]

    def stages(self, runs: int) -> list[tuple[int, int]]:
        """(cases, runs) of each stage, as ``harness.loop.compose.stages`` has them."""
        whole = [(self.world.dev, k) for k in range(1, runs + 1)]
        return [(self.world.dev // 4, 1), (self.world.dev // 2, 1), *whole] if self.way.rounds else whole

    def shown(self, found: Comparison) -> bool:
        """Whether dev lets the holdout be asked."""
        return stats.screen(found, share=True)


@dataclass(frozen=True, slots=True)
class Setting:
    """One row."""

    world: str
    mix: str
    way: Way
    ideas: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One setting played many times."""

    world: str
    mix: str
    way: str
    runs: int
    false: float  # share of runs with a false keep
    upper: float  # one-sided upper 95 % bound
    found: float  # share of runs that end truly better
    gain: float  # true gain at the end, mean
    confirmations: float
    evaluations: float


STEPS = "8 of +.04"
SETTINGS = tuple(
    Setting(world, mix, way, ideas)
    for world in WORLDS
    for mix, ideas in {**MIXES, STEPS: SMALL_STEPS}.items()
    for way in (ALONE, COMPOSED)
)


def once(setting: Setting, rng: Rng) -> tuple[bool, float, int, int]:
    """One run: any false keep, true gain, confirmations, evaluations."""
    ideas = list(setting.ideas)
    rng.shuffle(ideas)
    way = replace(setting.way, gain=0.04) if setting.mix == STEPS else setting.way
    game = Building(WORLDS[setting.world], Policy(), rng, [], way=way, kinds=ideas)
    best, false = game.play()
    return false > 0, best.accuracy - ACCURACY, game.end.confirmations, game.end.evaluations


def play(setting: Setting, runs: int, seed: int) -> Row:
    """The setting played ``runs`` times; run i has a random stream of its own."""
    ends = [once(setting, np.random.default_rng([seed, i])) for i in range(runs)]
    false, gains, confirmations, evaluations = (np.array(column) for column in zip(*ends, strict=True))
    return Row(
        setting.world,
        setting.mix,
        setting.way.name,
        runs,
        float(false.mean()),
        false_rate_interval(int(false.sum()), runs, level=0.90)[1],
        float((gains > 1e-9).mean()),
        float(gains.mean()),
        float(confirmations.mean()),
        float(evaluations.mean()),
    )


def as_table(rows: Sequence[Row]) -> str:
    """A Markdown table."""
    lines = [
        "| world | ideas | way | runs | false keeps | bound | better at the end | true gain | confirmations "
        "| case evaluations |",
        "|---|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {r.world} | {r.mix} | {r.way} | {r.runs:,} | {r.false:.2%} | {r.upper:.2%} | {r.found:.1%} | {r.gain:+.3f} "
        f"| {r.confirmations:.1f} | {r.evaluations:,.0f} |"
        for r in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the table, or with --json the same as one object."""
    args = arguments(__doc__, world="")
    settings = [setting for setting in SETTINGS if args.world in ("", setting.world)]
    counts = [args.runs if setting.ideas == NOTHING else max(1, round(args.runs * FEWER)) for setting in settings]
    with ProcessPoolExecutor(args.processes) as pool:
        rows = list(pool.map(partial(play, seed=args.seed), settings, counts))
    print(json.dumps({"seed": args.seed, "rows": [*map(asdict, rows)]}) if args.json else as_table(rows))


if __name__ == "__main__":
    main()
