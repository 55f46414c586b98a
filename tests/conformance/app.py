"""What every Host and App must do. A test module subclasses ``AppSuite`` and gives a host, a tree and cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.protocols import App, Host
from harness.types import Call, Case, Job, Run


def collect(app: App, jobs: list[Job]) -> tuple[list[Run], list[tuple[Job, Call]]]:
    """All runs in the order yielded, and the calls really made."""
    calls: list[tuple[Job, Call]] = []
    return list(app.run(jobs, lambda job, call: calls.append((job, call)))), calls


def replays(calls: list[tuple[Job, Call]]) -> dict[tuple[str, int], dict[str, Call]]:
    """Recorded calls by (case, k), as a journal would hand them back."""
    found: dict[tuple[str, int], dict[str, Call]] = {}
    for job, call in calls:
        found.setdefault((job.case.id, job.k), {})[call.key] = call
    return found


class AppSuite:
    """Subclass it and override the fixtures ``host`` and ``tree``, and ``cases``: at least three, each making calls."""

    cases: tuple[Case, ...]

    @pytest.fixture
    def app(self, host: Host, tree: Path) -> Iterator[App]:
        app = host.open(tree, "v1")
        yield app
        app.close()

    def jobs(self, **options: object) -> list[Job]:
        return [replace(Job(case, k, seed=k + 1), **options) for case in self.cases for k in range(2)]

    def test_every_job_yields_one_run_of_its_version(self, app: App) -> None:
        runs, _ = collect(app, self.jobs())
        assert sorted((run.case, run.k) for run in runs) == sorted((job.case.id, job.k) for job in self.jobs())
        assert {run.version for run in runs} == {"v1"}
        assert all(run.fault is None and run.output is not None and run.seconds > 0 for run in runs)

    def test_calls_come_before_their_run_and_are_those_of_the_run(self, app: App) -> None:
        seen: dict[tuple[str, int], list[str]] = {}
        for run in app.run(self.jobs(), lambda job, call: seen.setdefault((job.case.id, job.k), []).append(call.key)):
            assert sorted(seen[run.case, run.k]) == sorted(call.key for call in run.calls)
        assert len({key for keys in seen.values() for key in keys}) == sum(map(len, seen.values()))

    def test_calls_carry_node_messages_and_reply(self, app: App) -> None:
        _, calls = collect(app, self.jobs())
        for _, call in calls:
            assert call.node and call.step > 0 and call.model and call.text and call.response
            assert all({"role", "content"} <= set(message) for message in call.messages)
            assert not call.error and not call.replayed and call.seconds >= 0

    def test_a_recorded_run_is_replayed_without_a_call(self, app: App) -> None:
        first, calls = collect(app, self.jobs())
        known = replays(calls)
        again, made = collect(app, [replace(job, replay=known[job.case.id, job.k]) for job in self.jobs()])
        assert not made
        assert {(r.case, r.k): r.output for r in first} == {(r.case, r.k): r.output for r in again}
        assert all(call.replayed for run in again for call in run.calls)

    def test_another_version_or_process_gives_calls_the_same_keys(self, host: Host, tree: Path, app: App) -> None:
        other = host.open(tree, "v2")
        try:
            keys = [{call.key for _, call in collect(one, self.jobs())[1]} for one in (app, other)]
        finally:
            other.close()
        assert keys[0] == keys[1]

    def test_a_salt_moves_the_calls_of_a_changed_node_and_those_after_it(self, app: App) -> None:
        _, calls = collect(app, self.jobs())
        known = replays(calls)
        for changed in sorted({call.node for _, call in calls}):
            first = min(call.step for _, call in calls if call.node == changed)
            jobs = [replace(j, salt="s", changed=(changed,), replay=known[j.case.id, j.k]) for j in self.jobs()]
            runs, made = collect(app, jobs)
            assert made
            assert all(call.node == changed or call.step > first for _, call in made)
            assert all(call.step <= first for run in runs for call in run.calls if call.replayed)

    def test_a_star_salts_every_call(self, app: App) -> None:
        _, calls = collect(app, self.jobs())
        jobs = [replace(j, salt="s", changed=("*",), replay=replays(calls)[j.case.id, j.k]) for j in self.jobs()]
        runs, made = collect(app, jobs)
        assert not any(call.replayed for run in runs for call in run.calls)
        assert not {call.key for _, call in made} & {call.key for _, call in calls}

    def test_jobs_are_taken_lazily(self, app: App) -> None:
        taken: list[Job] = []

        def jobs() -> Iterator[Job]:
            for n in range(1000):
                taken.append(Job(replace(self.cases[0], id=f"lazy{n}"), 0, seed=1))
                yield taken[-1]

        runs = app.run(jobs(), lambda job, call: None)
        next(runs)
        assert len(taken) < 100
        runs.close()

    def test_runs_again_after_an_abandoned_iterator(self, app: App) -> None:
        runs = app.run(self.jobs(), lambda job, call: None)
        next(runs)
        runs.close()
        assert len(collect(app, self.jobs())[0]) == len(self.jobs())

    def test_an_exception_in_on_call_reaches_the_caller(self, app: App) -> None:
        def broken(job: Job, call: Call) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            list(app.run(self.jobs(), broken))

    def test_closing_twice_is_harmless(self, host: Host, tree: Path) -> None:
        app = host.open(tree, "v3")
        app.close()
        app.close()
