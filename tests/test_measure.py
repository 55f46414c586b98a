"""The meter: nothing paid twice, nothing past the budget, what the network lost is asked again by a later sitting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cli.console import Silent
from harness.errors import BudgetError, EndpointError
from harness.journal import Calls, Journal
from harness.measure import Arm, Meter, draw_seed
from harness.types import Budget, Call, Job, Run, Settings
from tests import makers

ARM = Arm(title="baseline", label="g0", base="seed 0", draw="g0", shelf="seed 0")
CASES = [makers.case(f"c{number}") for number in range(6)]


class Recorder:
    """An app of one call per job, down for the (case, k) in ``down``; remembers what it was asked."""

    version = "abc"

    def __init__(self, down: Iterable[tuple[str, int]] = ()) -> None:
        self.down, self.asked = set(down), list[tuple[str, int]]()

    def run(self, jobs: Iterable[Job], on_call: Callable[[Job, Call], None]) -> Iterator[Run]:
        """Every job at once."""
        for job in jobs:
            at = (job.case.id, job.k)
            self.asked.append(at)
            if at in self.down:
                yield makers.run(case=at[0], k=at[1], fault=makers.fault("infrastructure"))
                continue
            call = makers.call(key=f"{at}")
            on_call(job, call)
            yield makers.run("answer", call, case=at[0], k=at[1])

    def close(self) -> None:
        """Nothing is open."""


def meter(journal: Journal, calls: Calls, budget: Budget | None = None) -> Meter:
    """A sitting."""
    settings = replace(Settings(), budget=budget or Budget())
    return Meter(settings, calls, journal, Silent(), lambda: 0.0)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[tuple[Journal, Calls]]:
    """The durable record of one run."""
    path = tmp_path / "state.sqlite"
    with closing(Journal(path, "r1")) as journal, closing(Calls(path)) as calls:
        yield journal, calls


def test_what_is_on_record_is_not_made_again_by_any_sitting(record: tuple[Journal, Calls]) -> None:
    first, second = Recorder(), Recorder()
    meter(*record).measure(first, ARM, CASES[:4], range(1))
    runs = meter(*record).measure(second, ARM, CASES, range(2))
    assert {(run.case, run.k) for run in runs} == {(case.id, k) for case in CASES for k in range(2)}
    assert set(first.asked) & set(second.asked) == set()


def test_what_the_network_lost_is_asked_again_by_the_next_sitting_only(
    tmp_path: Path, record: tuple[Journal, Calls]
) -> None:
    lost = [("c5", 0), ("c2", 1)]
    app = Recorder(down=lost)
    sitting = meter(*record)
    for _ in range(2):  # a later stage of the same sitting reads the faults as they are
        runs = sitting.measure(app, ARM, CASES, range(2))
        assert sorted((run.case, run.k) for run in runs if run.lost) == sorted(lost)
    assert len(app.asked) == len(set(app.asked)) == 12
    back = Recorder()
    runs = meter(*record).measure(back, ARM, CASES, range(2))
    assert sorted(back.asked) == sorted(lost)
    assert not any(run.lost for run in runs)
    assert record[0].load_runs("g0") == Journal(tmp_path / "state.sqlite", "r1").load_runs("g0")
    assert len(record[0].load_runs("g0")) == 12


class Away(Recorder):
    """An app whose endpoint has gone."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def run(self, jobs: Iterable[Job], on_call: Callable[[Job, Call], None]) -> Iterator[Run]:
        """Every run is lost."""
        gone = replace(makers.fault("infrastructure"), type=self.kind, message="no route")
        for job in jobs:
            self.asked.append((job.case.id, job.k))
            yield makers.run(case=job.case.id, k=job.k, fault=gone)


@pytest.mark.parametrize("kind", ["APIConnectionError", "AuthenticationError", "RateLimitError"])
def test_an_endpoint_that_answered_and_is_gone_stops_the_run(record: tuple[Journal, Calls], kind: str) -> None:
    """Else every candidate after it would end as one that gained nothing."""
    candidate = replace(ARM, title="c01 on dev", label="g0:c01")
    sitting = meter(*record)
    sitting.measure(Recorder(), ARM, CASES, range(1))
    with pytest.raises(EndpointError, match=f"all 6 runs of c01 on dev were lost; {kind}: no route"):
        sitting.measure(Away(kind), candidate, CASES, range(1))
    resumed, back = meter(*record), Recorder()
    resumed.restore(record[0].all_runs(), 0.0)
    with pytest.raises(EndpointError):
        resumed.measure(Away(kind), candidate, CASES, range(1))
    assert not any(run.lost for run in meter(*record).measure(back, candidate, CASES, range(1)))
    assert len(back.asked) == 6


def test_what_a_prompt_may_be_the_reason_of_or_never_answered_stops_nothing(record: tuple[Journal, Calls]) -> None:
    sitting = meter(*record)
    assert all(run.lost for run in sitting.measure(Away("APIConnectionError"), ARM, CASES, range(1)))
    sitting.measure(Recorder(), replace(ARM, label="g1"), CASES, range(1))
    slow = replace(ARM, label="g1:c01")
    assert all(run.lost for run in sitting.measure(Away("APITimeoutError"), slow, CASES, range(1)))


def test_the_budget_stops_before_the_next_job_and_keeps_what_was_made(record: tuple[Journal, Calls]) -> None:
    app = Recorder()
    with pytest.raises(BudgetError, match="4 model calls is used up"):
        meter(*record, Budget(calls=4)).measure(app, ARM, CASES, range(1))
    assert len(app.asked) == len(record[0].load_runs("g0")) == 4


@given(st.integers(0, 2**32), st.text(max_size=5), st.integers(0, 9), st.text(max_size=5))
def test_draws_of_one_name_are_equal_and_of_another_are_not(seed: int, case: str, k: int, name: str) -> None:
    arm = replace(ARM, draw=name)
    own = draw_seed(seed, case, k, arm)
    assert 0 <= own < 2**63
    assert own == draw_seed(seed, case, k, replace(arm, title="other", label="other", shelf="other"))
    others = [(seed + 1, case, k, arm), (seed, case + "x", k, arm), (seed, case, k + 1, arm)]
    assert own not in [draw_seed(*other) for other in others] + [
        draw_seed(seed, case, k, replace(arm, draw=name + "x"))
    ]


def test_calls_that_only_one_arm_can_use_are_kept_apart(record: tuple[Journal, Calls]) -> None:
    at = makers.call().node
    for own, shelf in (((at,), "own"), (("elsewhere",), "seed 0"), ((), "own")):
        case = makers.case(f"c {own}")
        arm = replace(ARM, label=f"{own}", shelf="own", own=own)
        meter(*record).measure(Recorder(), arm, [case], range(1))
        found = {name for name in ("own", "seed 0") if record[1].recorded(case.id, 0, [name])}
        assert found == {shelf}
        assert record[1].recorded(case.id, 0, [arm.base, arm.shelf])
