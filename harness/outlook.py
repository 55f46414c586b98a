"""What a run would do and cost, as far as that can be known before a call is spent.

Starts nothing, writes nothing and imports neither langgraph nor scipy, so that it answers at once. What a case takes
and costs is read from the newest run recorded here; where there is none it is not known, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from harness import analyse, journal, levels
from harness.cases import Split
from harness.check import check
from harness.journal import Journal, Label, Ledger
from harness.prices import Prices, cost
from harness.repo import HOME, Repo
from harness.types import Run, Settings


@dataclass(frozen=True, slots=True)
class Pace:
    """What one case takes, on the mean over the baseline of one recorded run."""

    run: str  # id of that run
    seconds: float  # of one case
    usd: float | None  # at the prices of today; None = some call has no price


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do and cost, known without a model call."""

    entry: str
    goals: tuple[str, ...]
    dev: int  # cases
    holdout: int
    llm_nodes: int
    baseline_calls: int  # one call per LLM node assumed
    candidate_calls: int  # one candidate to its end: on dev, and both arms on the deciding cases
    most_calls: int  # every iteration used, every candidate measured to the end of the screen, nothing replayed
    baseline_runs: int  # cases x runs
    most_runs: int
    concurrency: int  # cases in flight
    confirmations: int  # that one set of deciding cases allows
    confirmations_left: int  # after those of earlier runs
    pace: Pace | None  # None = no run is recorded here
    targets: tuple[tuple[str, str, str, str], ...]  # node, prompt, issues, priority
    warnings: tuple[str, ...]
    spends: str = "model calls"  # what is counted as calls

    def seconds(self, runs: int) -> float | None:
        """Estimated wall time of that many runs of a case; None where no earlier run tells."""
        return None if self.pace is None else runs * self.pace.seconds / self.concurrency

    def usd(self, runs: int) -> float | None:
        """Estimated money, likewise; None also where a call had no price."""
        return None if self.pace is None or self.pace.usd is None else runs * self.pace.usd


def plan(root: Path, flags: Mapping[str, object]) -> Plan:
    """Everything that is known before a call is spent. Raises what ``check`` finds."""
    repo = Repo.open(root)
    checked = check(repo.root, flags)
    chosen, split = checked.settings, checked.split
    nodes = sum(node.is_llm for node in checked.discovery.nodes)
    deciding = len(split.holdout) or len(split.dev)
    baseline = (len(split.dev) + len(split.holdout)) * chosen.runs
    screened, confirmed = len(split.dev) * chosen.few_runs, 2 * deciding * chosen.runs
    most = baseline + chosen.max_iterations * (chosen.most_candidates * screened + confirmed + baseline)
    rows = tuple(
        (target.node, target.prompt, "; ".join(target.issues), str(target.total))
        for target in analyse.targets(checked.discovery, {}, ())
    )
    return Plan(
        entry=checked.entry,
        goals=tuple(f"{goal.metric}: {goal.text}" if goal.text else goal.metric for goal in checked.goals.goals),
        dev=len(split.dev),
        holdout=len(split.holdout),
        llm_nodes=nodes,
        baseline_calls=baseline * nodes,
        candidate_calls=(screened + confirmed) * nodes,
        most_calls=most * nodes,
        baseline_runs=baseline,
        most_runs=most,
        concurrency=chosen.concurrency,
        confirmations=chosen.max_iterations,
        confirmations_left=confirmations_left(repo, chosen, split),
        pace=pace(repo, checked.entry, chosen.prices),
        targets=rows,
        warnings=checked.warnings,
        spends=chosen.spends,
    )


def confirmations_left(repo: Repo, chosen: Settings, split: Split) -> int:
    """How often the deciding cases may still be asked, by the local state and the committed reports."""
    state = repo.root / HOME / "state.sqlite"
    with closing(Ledger(state if state.exists() else Path(":memory:"), repo.root / "reports")) as ledger:
        spent, used = ledger.spent(split.digest), ledger.level(split.digest)
    return levels.left(chosen, two_stage=split.two_stage, spent=spent, used=used)


def pace(repo: Repo, entry: str, prices: Prices) -> Pace | None:
    """The pace of the newest run of this graph that measured a baseline, None where there is none."""
    state = repo.root / HOME / "state.sqlite"
    for info in reversed(journal.runs(state, repo.root / HOME / "lock")):
        with closing(Journal(state, info.id)) as record:
            start = record.get("run:start") or {}
            runs = record.load_runs(str(Label(0))) if start.get("entry") == entry else []
        good = [run for run in runs if run.fault is None]
        if good:
            return Pace(info.id, sum(run.seconds for run in good) / len(good), _usd(good, prices))
    return None


def _usd(runs: list[Run], prices: Prices) -> float | None:
    costs = [cost(call, prices) for run in runs for call in run.calls]
    known = [one for one in costs if one is not None]
    return sum(known) / len(runs) if len(known) == len(costs) else None
