"""App x Cases x k -> Runs, and Runs x Metrics -> Scores, within a budget and with nothing paid twice.

The meter is the only way to the app during a run, so that a budget cannot be gone round. It knows nothing of git, of
prompts or of decisions: an ``Arm`` tells it which recorded calls may be replayed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.errors import BudgetError, EndpointError, boundary
from harness.prices import Prices, cost
from harness.protocols import App, Asking, CallStore, Counted, Metric, Progress, RunStore
from harness.types import Call, Case, Job, Json, Run, Score, Settings, Spend

_FEW = 4  # runs of which nothing is concluded
_AWAY = ("Connect", "Auth", "RateLimit")  # in the type of a fault that no prompt can be the reason of


@dataclass(frozen=True, slots=True)
class Arm:
    """One version of the app under one rule of replay."""

    title: str  # what a person is told: "baseline", "c05 on dev"
    label: str  # names its runs in the record
    base: str  # generation whose recorded calls are shared
    draw: str  # names its draws: arms of one name get equal seeds, so that only the change differs
    shelf: str  # where its calls are kept; read besides the base's
    own: tuple[str, ...] = ()  # nodes whose calls alone go there, those of others to the base's; () = all go there
    salt: str = ""  # of the calls that must be drawn afresh; "" = share every call that has the same content
    changed: tuple[str, ...] = ()  # nodes whose calls, and all after them, carry the salt


def draw_seed(seed: int, case: str, k: int, arm: Arm) -> int:
    """Seed of one run, 63 bits: independent across cases, run indices and draws, equal when asked again."""
    text = f"{seed}\x1f{case}\x1f{k}\x1f{arm.draw}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


class Meter:
    """Runs jobs, keeps what was spent, and stops at the budget."""

    def __init__(
        self,
        settings: Settings,
        calls: CallStore,
        runs: RunStore,
        progress: Progress,
        clock: Callable[[], float],
    ) -> None:
        self._settings, self._calls, self._runs = settings, calls, runs
        self._progress, self._clock = progress, clock
        self._spend = Spend()
        self._asked: set[tuple[str, str, int]] = set()  # (label, case, k) of this sitting
        self._mark = clock()
        self._out = 0  # jobs handed to the app whose runs have not come back
        self._replays = settings.replay
        self._answered = False  # whether the models ever did

    def stop_replaying(self) -> None:
        """Make every call afresh from now on."""
        self._replays = False

    @property
    def spend(self) -> Spend:
        """What was used up to now, earlier sittings of the same run included."""
        return replace(self._spend, seconds=self._spend.seconds + self._clock() - self._mark)

    def restore(self, runs: Iterable[Run], seconds: float) -> None:
        """Continue from what an interrupted sitting had used (see ``spent``)."""
        runs = list(runs)
        self._answered = any(run.fault is None for run in runs)
        self._spend, self._mark = replace(spent(runs, self._settings.prices), seconds=seconds), self._clock()

    def measure(self, app: App, arm: Arm, cases: Sequence[Case], ks: Sequence[int]) -> list[Run]:
        """Runs of ``cases`` x ``ks`` in that order of ks; what is on record is not made again.

        Runs that an earlier sitting lost to its network or endpoint are made again: they measured nothing.
        Raises BudgetError at the first job that the budget does not allow; everything finished is kept. Raises
        EndpointError when every run made was lost to an endpoint that answered before: that judges no version.
        """
        wanted = [(case, k) for k in ks for case in cases]
        ids = {(case.id, k) for case, k in wanted}
        done = {(r.case, r.k): r for r in self._runs.load_runs(arm.label) if (r.case, r.k) in ids}
        lost = [run for at, run in done.items() if run.lost and (arm.label, *at) not in self._asked]
        if lost:
            self._runs.forget_runs(arm.label, lost)
            done = {at: run for at, run in done.items() if run not in lost}
        todo = [(case, k) for case, k in wanted if (case.id, k) not in done]
        total, self._out, made = len(wanted), 0, list[Run]()
        for run in app.run(self._jobs(arm, todo), self._keep(arm)):
            self._runs.save_runs(arm.label, [run])
            self._asked.add((arm.label, run.case, run.k))
            done[run.case, run.k] = run
            made.append(run)
            self._out -= 1
            self._count(run)
            self._progress.work(arm.title, len(done), total)
            self._progress.spent(self.spend)
        self._refuse_if_away(arm, made)
        if len(done) < total:
            left = total - len(done)
            calls = sum(len(run.calls) for run in done.values()) / max(len(done), 1) * left
            self.check_budget(f"{left} of {total} runs of {arm.title} are left, about {calls:.0f} calls: ")
            return self.measure(app, arm, cases, ks)  # cases that were handed out cost less than was set aside for them
        return [done[case.id, k] for case, k in wanted]

    def _refuse_if_away(self, arm: Arm, made: Sequence[Run]) -> None:
        faults = [run.fault for run in made if run.fault is not None and run.lost]
        away = len(faults) == len(made) >= _FEW and all(any(part in f.type for part in _AWAY) for f in faults)
        if away and self._answered:
            first = f"{faults[0].type}: {faults[0].message}"
            raise EndpointError(f"the models answer no more: all {len(made)} runs of {arm.title} were lost; {first}")
        self._answered = self._answered or any(run.fault is None for run in made)

    def seconds_left(self) -> float | None:
        """Seconds that the budget has left, None where it does not limit them."""
        limit = self._settings.budget.seconds
        return None if limit is None else max(0.0, limit - self.spend.seconds)

    def lay(self, arm: Arm, case: str, k: int, calls: Iterable[Call]) -> None:
        """Put calls on the shelf of an arm, as if they had been made: its run of (case, k) replays them."""
        for call in calls:
            if not call.error and not call.over_http:
                self._calls.record(case, k, arm.shelf, replace(call, replayed=False))

    def calls_left(self) -> int | None:
        """Calls that the budget has left, 0 when it allows nothing more for another reason; None = any number."""
        if exceeded(self._settings, self.spend):
            return 0
        limit = self._settings.budget.calls
        return None if limit is None else limit - self._spend.calls

    def check_budget(self, left: str = "") -> None:
        """Raise BudgetError when nothing more may be spent; ``left`` says what it would take to go on."""
        reason = exceeded(self._settings, self.spend)
        if reason:
            raise BudgetError(reason, fix=f"{left}raise the budget and continue with `harness resume`")

    def _jobs(self, arm: Arm, todo: Sequence[tuple[Case, int]]) -> Iterator[Job]:
        shelves = tuple(dict.fromkeys((arm.base, arm.shelf)))
        for case, k in todo:
            if exceeded(self._settings, self._ahead()):
                return
            self._out += 1
            replay = self._calls.recorded(case.id, k, shelves) if self._replays else {}
            seed = draw_seed(self._settings.seed, case.id, k, arm)
            yield Job(case, k, seed, arm.salt, arm.changed, replay)

    def _ahead(self) -> Spend:
        """What is used; with a command that evaluates, a case that it was handed counts before its batch comes back."""
        return replace(self.spend, calls=self._spend.calls + (self._out if self._settings.external else 0))

    def _keep(self, arm: Arm) -> Callable[[Job, Call], None]:
        def on_call(job: Job, call: Call) -> None:
            shelf = arm.shelf if not arm.own or call.node in arm.own else arm.base
            self._calls.record(job.case.id, job.k, shelf, call)
            self.pay(call)

        return on_call

    def _count(self, run: Run) -> None:
        self._spend = replace(self._spend, replayed=self._spend.replayed + sum(c.replayed for c in run.calls))

    def pay(self, call: Call) -> None:
        """Count a call that was made."""
        self._spend = paid(self._spend, call, self._settings.prices)


def paid(spend: Spend, call: Call, prices: Prices) -> Spend:
    """What is used when one more call has been made."""
    usd = cost(call, prices)
    return replace(
        spend,
        calls=spend.calls + 1,
        tokens_in=spend.tokens_in + (call.tokens_in or 0),
        tokens_out=spend.tokens_out + (call.tokens_out or 0),
        usd=None if spend.usd is None or usd is None else spend.usd + usd,
    )


def spent(runs: Iterable[Run], prices: Prices) -> Spend:
    """What the recorded runs used; how long that took they do not say: 0 seconds.

    Calls that were in flight when a run was killed are on record but in no run: they are not counted.
    """
    total = Spend()
    for run in runs:
        made = [call for call in run.calls if not call.replayed]
        total = replace(total, replayed=total.replayed + len(run.calls) - len(made))
        for call in made:
            total = paid(total, call, prices)
    return total


def exceeded(settings: Settings, spend: Spend) -> str:
    """Why nothing more may be spent, in words; "" while there is room."""
    budget = settings.budget
    if budget.calls is not None and spend.calls >= budget.calls:
        return f"the budget of {budget.calls} {settings.spends} is used up ({spend.calls} made)"
    if budget.seconds is not None and spend.seconds >= budget.seconds:
        return f"the budget of {budget.seconds:.0f} s is used up ({spend.seconds:.0f} s taken)"
    if budget.usd is not None and (spend.usd is None or spend.usd >= budget.usd):
        used = "an unpriced call" if spend.usd is None else f"${spend.usd:.4f}"
        return f"the budget of ${budget.usd:.4f} is used up ({used})"
    return ""


def score(metric: Metric, cases: Mapping[str, Case], runs: Sequence[Run], options: Mapping[str, Json]) -> list[Score]:
    """One Score per run, in the order of the runs. A metric that raises is a PluginError that names it."""
    scores, statistic = [], getattr(metric, "STATISTIC", "")
    if isinstance(metric, Asking):
        metric.ahead((cases[run.case], run) for run in runs)
    for run in runs:
        with boundary(f"metric {metric.NAME}", where=f"case {run.case}"):
            value = metric.score(cases[run.case], run, options)
            record = metric.record(cases[run.case], run, options) if isinstance(metric, Counted) else {}
        number, reason = (None, value) if isinstance(value, str) else (float(value), "")
        counts = tuple(record.items()) if number is not None else ()
        scores.append(Score(metric.NAME, run.case, run.k, number, reason, metric.UNIT, statistic, counts))
    return scores
