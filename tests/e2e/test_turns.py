"""Several proposers in one run take turns by their record, with which a killed run and the next run go on."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.bench import decisions
from harness.journal import Journal
from tests.conftest import git
from tests.e2e.conftest import harness
from tests.e2e.test_interrupted import begun
from tests.e2e.test_llm import well_meaning
from tests.providers.server import listening

IDEAS = """
from harness.types import Brief, Proposal

def nonsense(brief: Brief) -> list[Proposal]:
    lines = [f"\\nThe moon is {n} cheeses away." for n in range(9)]
    return [Proposal("nonsense", (*brief.prompt.parts, line), "why not") for line in lines]
"""
NAMES = ("builtin", "llm:openai:toy", "ideas.py:nonsense")
RUN = ("run", "--runs", "2", "--seed", "7", *(word for name in NAMES for word in ("--proposer", name)))


def test_turns_are_taken_by_record_and_a_killed_run_goes_on_with_the_same(
    small_repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (small_repo / "ideas.py").write_text(IDEAS, "utf-8")
    (small_repo / "harness.toml").write_text("max_candidates = 6\n", "utf-8")
    git(small_repo, "add", "harness.toml", "ideas.py")
    git(small_repo, "commit", "-qm", "fewer candidates")
    twin = tmp_path / "twin"
    git(small_repo.parent, "clone", "--quiet", str(small_repo), str(twin))
    with listening(well_meaning) as served:
        monkeypatch.setenv("OPENAI_BASE_URL", served.url)
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        said = harness(small_repo, *RUN, "--json")
        assert said.code in (0, 1), said.err
        asked = len(served.asked)
        process = begun(twin, tmp_path / "calls.log", 450, command=RUN)  # its baseline takes 384
        os.kill(process.pid, 9)
        process.communicate()
        resumed = harness(twin, "resume", "--json")
        assert decisions(resumed.out) == decisions(said.out)
        assert len(served.asked) == 2 * asked, "a proposer that calls a model is asked once, whatever is interrupted"

    yields = {row["proposer"]: row for row in said.data["yields"]}
    names = ("builtin", "llm:openai:toy", "nonsense")
    assert set(yields) == set(names)
    trials = said.data["trials"]
    assert sum(row["tried"] + row["refused"] for row in yields.values()) == len(trials)
    assert sum(row["kept"] for row in yields.values()) == len(said.data["kept"]) > 0
    assert yields["llm:openai:toy"]["asked"] == asked
    assert yields["nonsense"]["kept"] == 0
    report = git(small_repo, "show", f"{said.data['branch']}:reports/{said.data['run']}/report.md")
    assert all(f"| `{name}` |" in report for name in names)

    with closing(Journal(small_repo / ".harness/state.sqlite", said.data["run"])) as first:
        assert first.get("run:start")["yields"] == {}
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    again = harness(small_repo, "baseline", "--runs", "2", "--seed", "7", "--json")
    with closing(Journal(small_repo / ".harness/state.sqlite", again.data["run"])) as second:
        assert second.get("run:start")["yields"] == yields
