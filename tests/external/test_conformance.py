"""A command keeps the contracts of App and Host as far as they are not about model calls, which it does not show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.external import CommandHost
from harness.protocols import App, Host
from harness.types import Case, Job
from tests.conformance.app import AppSuite, collect, replays
from tests.external.scripts import GOOD, host, tree


class TestCommand(AppSuite):
    cases = tuple(Case(f"q{n}", {"text": f"What is {n}?"}, {}) for n in range(3))

    @pytest.fixture
    def host(self) -> CommandHost:
        return host()

    @pytest.fixture
    def tree(self, tmp_path: Path) -> Path:
        return tree(tmp_path, GOOD)

    def test_calls_carry_node_messages_and_reply(self, app: App) -> None:
        """A call is the evaluation of a case: what it asks, what is answered, and no reply to be replayed."""
        _, calls = collect(app, self.jobs())
        for job, call in collect(app, self.jobs())[1]:
            assert (call.node, call.step, call.text) == ("command", 1, f"is {job.case.id}")
            assert [message["content"] for message in call.messages] == list(job.case.inputs.values())
            assert not call.response
        assert calls

    def test_a_recorded_run_is_replayed_without_a_call(self, app: App) -> None:
        """Never: there is nothing to replay it from."""
        _, calls = collect(app, self.jobs())
        known = replays(calls)
        _, made = collect(app, [replace(job, replay=known[job.case.id, job.k]) for job in self.jobs()])
        assert len(made) == len(self.jobs())

    def test_another_version_or_process_gives_calls_the_same_keys(self, host: Host, tree: Path, app: App) -> None:
        """It does not: no two versions share an evaluation."""
        other = host.open(tree, "v2")
        keys = [{call.key for _, call in collect(one, self.jobs())[1]} for one in (app, other)]
        assert not keys[0] & keys[1]

    def test_a_salt_moves_the_calls_of_a_changed_node_and_those_after_it(self, app: App) -> None:
        """Every arm evaluates afresh, whatever is changed."""
        self.test_a_star_salts_every_call(app)

    def test_jobs_are_taken_lazily(self, app: App) -> None:
        """Run index by run index: one is one run of the command."""
        taken: list[int] = []

        def jobs() -> Iterator[Job]:
            for job in sorted(self.jobs(), key=lambda job: job.k):
                taken.append(job.k)
                yield job

        runs = app.run(jobs(), lambda job, call: None)
        next(runs)
        assert taken == [0, 0, 0, 1]
        runs.close()
