"""The app room keeps the contracts of App and Host, for a sync and an async app, forked; and one spawned."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.app import AppHost, AppOptions
from harness.types import Case, Job
from tests.app.helpers import sharing, toy
from tests.conformance.app import AppSuite
from tests.conftest import TOYS


class TestClassify(AppSuite):
    cases = tuple(Case(text, {"ticket": text}, {}) for text in ("My card was charged.", "An error.", "My parcel?"))

    @pytest.fixture
    def host(self) -> AppHost:
        return sharing("app/graph.py:graph", AppOptions(concurrency=4))

    @pytest.fixture
    def tree(self) -> Path:
        return TOYS / "classify"


class TestAsync(AppSuite):
    cases = tuple(Case(f"c{i}", {"do": text}, {}) for i, text in enumerate(["one", "two", "three"]))

    @pytest.fixture
    def host(self) -> AppHost:
        return sharing("odd.py:agraph", AppOptions(concurrency=4))

    @pytest.fixture
    def tree(self) -> Path:
        return TOYS / "odd"


def test_a_spawned_app_runs_like_a_forked_one() -> None:
    runs = {}
    for fork in (True, False):
        with toy("classify", "app/graph.py:graph", fork=fork) as app:
            job = Job(Case("c", {"ticket": "An error."}, {}), 0, seed=1)
            (run,) = app.run([job], lambda *_: None)
            runs[fork] = (run.output, [call.key for call in run.calls])
    assert runs[True] == runs[False]
