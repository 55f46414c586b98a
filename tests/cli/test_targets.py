"""`harness targets`: static without a run, measured where a run of the same texts is recorded, never a model call."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Recorded
from tests.conftest import git
from tests.e2e.conftest import harness


@pytest.fixture
def copied(recorded: Recorded, tmp_path: Path) -> Path:
    """The recorded repo, to be written to."""
    return Path(shutil.copytree(recorded.tree, tmp_path / "classify", symlinks=True))


def test_without_a_run_it_says_so_and_leaves_nothing(toy_repo: Callable[[str], Path]) -> None:
    tree = toy_repo("classify")
    said = harness(tree, "targets", "--json")
    assert said.code == 0, said.err
    assert (said.data["run"], said.data["metric"]) == ("", "")
    assert "no run of this graph is recorded here" in said.data["basis"]
    assert "harness baseline" in said.data["basis"]
    first = said.data["targets"][0]
    assert first["reasons"][0] == "not measured yet"
    assert first["prompt"]["proof"] == "likely"
    assert not (tree / ".harness").exists()
    assert git(tree, "status", "--porcelain") == ""


def test_the_newest_run_of_the_same_texts_gives_the_numbers(recorded: Recorded) -> None:
    said = harness(recorded.tree, "targets", "--json")
    assert said.code == 0, said.err
    assert (said.data["run"], said.data["metric"]) == (recorded.run, "accuracy")
    assert f"{len(recorded.dev)} dev cases" in said.data["basis"]
    rows = {row["node"]: row for row in said.data["targets"]}
    worst = rows["classify"]
    assert (
        worst["total"]
        == worst["impact"] + worst["feasibility"] + worst["cheapness"]
        == max(r["total"] for r in rows.values())
    )
    wrong, rest = worst["reasons"][0].split(" of ", 1)
    assert 0 < int(wrong) <= len(recorded.dev)
    assert rest.startswith(f"{len(recorded.dev)} dev replies wrong")
    assert worst["prompt"]["proof"] == "proved"
    weak = {one["issue"]: one for one in worst["weaknesses"]}
    assert weak["no label list"]["technique"] == "label list"
    assert 1 <= weak["no label list"]["stars"] <= 5
    assert weak["no label list"]["where"].startswith("app/prompts.py:")
    assert not set(recorded.holdout) & {case for pattern in said.data["failures"] for case in pattern["cases"]}


def test_the_page_is_as_wide_as_the_terminal_and_holds_all_of_it(recorded: Recorded) -> None:
    data = harness(recorded.tree, "targets", "--json").data
    for columns in ("60", "200"):
        page = harness(recorded.tree, "targets", env={"COLUMNS": columns}).out
        plain = [line.rstrip() for line in page.splitlines() if line[:1] not in "┏┃┡│└ "]
        assert max(map(len, plain)) <= min(int(columns), 110)
        words = " ".join(page.split())
        for row in data["targets"]:
            assert f"== {row['node']}: {row['role']} ({row['total']} of 15)" in words
        for weak in data["targets"][0]["weaknesses"]:
            assert weak["issue"] in words
            assert weak["shown"] in words


def test_one_node_alone_and_one_that_is_none(recorded: Recorded) -> None:
    said = harness(recorded.tree, "targets", "--node", "classify", "--json")
    assert {row["node"] for row in said.data["targets"]} == {"classify"}
    refused = harness(recorded.tree, "targets", "--node", "clasify")
    assert refused.code == 2
    assert "did you mean 'classify'" in refused.err
    refused = harness(recorded.tree, "targets", "20200101-000000")
    assert refused.code == 2
    assert "harness runs" in refused.err


def test_a_changed_text_is_not_measured_and_its_run_can_still_be_named(recorded: Recorded, copied: Path) -> None:
    prompts = copied / "app/prompts.py"
    prompts.write_text(prompts.read_text("utf-8").replace("You sort", "You carefully sort"), "utf-8")
    said = harness(copied, "targets", "--json")
    assert said.data["run"] == ""
    assert f"1 text changed since run {recorded.run} (app/prompts.py:CLASSIFY)" in said.data["basis"]
    then = harness(copied, "targets", recorded.run, "--json")
    assert then.code == 0, then.err
    assert "1 text changed" in then.data["basis"]
    assert "carefully" not in then.data["targets"][0]["prompt"]["text"]


def test_lines_that_move_change_nothing_and_a_merged_change_is_measured_as_kept(
    recorded: Recorded, copied: Path
) -> None:
    prompts = copied / "app/prompts.py"
    git(copied, "merge", "-q", "--ff-only", f"harness/{recorded.run}")
    prompts.write_text(f"# a comment above\n\n{prompts.read_text('utf-8')}", "utf-8")
    said = harness(copied, "targets", "--json")
    assert said.code == 0, said.err
    assert said.data["run"] == recorded.run
    assert f"after {recorded.told['trials'][0]['id'][:1]}" in said.data["basis"]
    row = next(row for row in said.data["targets"] if row["node"] == "classify")
    line = row["prompt"]["line"]
    assert "CLASSIFY" in (prompts.read_text("utf-8").splitlines()[line - 1])
