"""Whatever the app does to its process, each job yields one run, and the right one is blamed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.app import AppOptions, session
from harness.app.client import Pool
from tests.app.helpers import job, odd, only, runs_of


@pytest.fixture(scope="module", params=[1, 2], ids=["one process", "two"])
def app(request: pytest.FixtureRequest) -> Iterator[Pool]:
    with odd("graph", concurrency=4, workers=request.param, timeout=6.0, backoff=0.01, recursion_limit=12) as app:
        yield app


@pytest.fixture(scope="module", params=[1, 2], ids=["one process", "two"])
def impatient(request: pytest.FixtureRequest) -> Iterator[Pool]:
    """For what is waited for: as patient as a busy machine needs."""
    with pytest.MonkeyPatch.context() as patch, odd("graph", concurrency=4, workers=request.param, timeout=3.0) as app:
        patch.setattr(session, "GRACE", 1.0)
        yield app


def test_an_exception_is_a_fault_with_the_apps_own_frames(app: Pool) -> None:
    run, _ = only(app, "raise")
    assert run.fault is not None and run.output is None
    assert (run.fault.kind, run.fault.type, run.fault.message) == ("app", "ValueError", "no such ticket")
    assert 'File "odd.py", line' in run.fault.traceback and "in refuse" in run.fault.traceback
    assert "site-packages" not in run.fault.traceback
    assert [call.node for call in run.calls] == ["first"]


def test_an_endless_graph_is_a_recursion_fault(app: Pool) -> None:
    run, _ = only(app, "forever")
    assert run.fault is not None and run.fault.kind == "recursion"
    assert len(run.calls) > 5


def test_sys_exit_ends_the_run_only(app: Pool) -> None:
    runs, _ = runs_of(app, [job("exit"), job("fine"), job("good")])
    fault = runs["exit"].fault
    assert fault is not None and (fault.kind, fault.type) == ("exit", "SystemExit")
    assert runs["fine"].fault is None and runs["good"].fault is None


@pytest.mark.parametrize("deed, words", [("os_exit", "exit code 3"), ("crash", "SIGSEGV")])
def test_the_end_of_the_process_is_blamed_on_its_cause(app: Pool, deed: str, words: str) -> None:
    runs, calls = runs_of(app, [job(deed), *(job(f"fine {n}") for n in range(6))])
    fault = runs[deed].fault
    assert fault is not None and fault.kind == "exit" and words in fault.message
    assert all(run.fault is None for do, run in runs.items() if do != deed)
    made = [call.key for call in calls]
    assert len(made) - len(set(made)) <= 4, "only calls in flight are made twice"


def test_a_crash_says_where(app: Pool) -> None:
    run, _ = only(app, "crash")
    assert run.fault is not None and "in crash" in run.fault.traceback


def test_a_hang_is_a_timeout_and_others_go_on(impatient: Pool) -> None:
    deeds = ("hang", "spin")
    runs, _ = runs_of(impatient, [*map(job, deeds), *(job(f"fine {n}") for n in range(6))])
    for deed in deeds:
        fault = runs[deed].fault
        assert fault is not None and fault.kind == "timeout"
        assert "'act'" in fault.message and "odd.py" in fault.traceback
    spinning, hanging = runs["spin"].fault, runs["hang"].fault
    assert spinning and hanging and "in spin" in spinning.traceback and "in spin" not in hanging.traceback
    assert all(run.fault is None for do, run in runs.items() if do not in deeds)


def test_many_hangs_get_a_new_process(impatient: Pool) -> None:
    jobs = [job("hang", k=k) for k in range(6)]
    runs = list(impatient.run([*jobs, job("fine")], lambda *_: None))
    kinds = [run.fault.kind if run.fault else "" for run in runs]
    assert sorted(kinds) == ["", *["timeout"] * 6]


def test_a_frozen_interpreter_is_a_timeout_of_its_cause(impatient: Pool) -> None:
    runs, _ = runs_of(impatient, [job("frozen"), job("fine"), job("good")])
    fault = runs["frozen"].fault
    assert fault is not None and fault.kind == "timeout"
    assert runs["fine"].fault is None and runs["good"].fault is None


def test_prints_logs_and_closed_streams_do_no_harm(app: Pool) -> None:
    runs, _ = runs_of(app, [job("shout"), job("fine")])
    assert runs["shout"].output["said"] == "said" and runs["fine"].fault is None


def test_a_rate_limit_is_waited_out(app: Pool) -> None:
    run, calls = only(app, "limit")
    assert run.fault is None and run.output["said"].startswith("echo: fail 2 limit")
    assert [bool(call.error) for call in calls if call.node == "act"] == [True, True, False]
    assert [call.retries for call in run.calls if call.node == "act"] == [2]
    assert sum(call.node == "first" for call in calls) == 1, "calls of earlier tries are not paid again"
    assert not any(call.replayed for call in run.calls)


@pytest.mark.parametrize("deed", ["down", "hide"])
def test_a_network_that_stays_down_is_infrastructure_even_where_the_app_hides_it(app: Pool, deed: str) -> None:
    run, calls = only(app, deed)
    assert run.fault is not None and run.fault.kind == "infrastructure"
    assert sum(bool(call.error) for call in calls) == AppOptions().attempts


def test_a_key_that_is_refused_is_no_fault_of_the_app_and_not_tried_again(app: Pool) -> None:
    run, calls = only(app, "key")
    assert run.fault is not None and (run.fault.kind, run.fault.type) == ("infrastructure", "AuthenticationError")
    assert sum(bool(call.error) for call in calls) == 1


def test_async_hangs_and_exits() -> None:
    with odd("agraph", concurrency=4, timeout=2.0) as app:
        runs, _ = runs_of(app, [job(do) for do in ("sleep", "hang", "exit", "fine", "good")])
    kinds = {do: run.fault.kind if run.fault else "" for do, run in runs.items()}
    assert kinds == {"sleep": "timeout", "hang": "timeout", "exit": "exit", "fine": "", "good": ""}
