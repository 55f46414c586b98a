"""`harness show` and `harness diff` on a real finished run, and on the same run without its end."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from harness.journal import FAILED, Journal
from tests.cli.conftest import Recorded
from tests.conftest import git
from tests.e2e.conftest import harness


def test_a_run_is_opened_with_everything_it_decided(recorded: Recorded) -> None:
    said = harness(recorded.tree, "show")
    assert said.code == 0, said.err
    assert f"{recorded.run}: finished, {recorded.told['stopped']}" in said.out
    for trial in recorded.told["trials"]:
        assert re.search(rf"│ {trial['id']} +│ {trial['node']} +│", said.out)
    assert re.search(r"│ accuracy +│ at least 70\.0 % │", said.out)
    assert f"git merge --ff-only harness/{recorded.run}" in said.out
    data = harness(recorded.tree, "show", recorded.run, "--json").data
    assert [(c["id"], c["stage"]) for c in data["candidates"]] == [
        (trial["id"], trial["stage"]) for trial in recorded.told["trials"]
    ]
    assert [row["state"] for row in data["goals"]] == [goal["state"] for goal in recorded.told["goals"]]
    assert data["spend"] == recorded.told["spend"]


def test_diff_takes_the_newest_run_that_left_a_branch(recorded: Recorded, tmp_path: Path) -> None:
    tree = tmp_path / "copy"
    shutil.copytree(recorded.tree, tree, symlinks=True)
    with closing(Journal(tree / ".harness/state.sqlite", "20991231-000000")) as record:
        record.append(FAILED, "failed:0", {"stopped": "the error level of this holdout is spent"})
    assert harness(tree, "runs", "--json").data[-1]["id"] == "20991231-000000"
    assert harness(tree, "diff", "--json").data["run"] == recorded.run
    assert "there is no branch" in harness(tree, "diff", "20991231-000000").err


def test_a_candidate_is_opened_with_its_diff_and_its_numbers(recorded: Recorded) -> None:
    kept = recorded.told["kept"][0]
    said = harness(recorded.tree, "show", "--candidate", kept)
    assert said.code == 0, said.err
    assert f"{kept} of run {recorded.run}: kept" in said.out
    committed = git(recorded.tree, "diff", "HEAD", branch(recorded), "--", "app").splitlines()
    added = [line[1:].rstrip('"') for line in committed if line.startswith("+") and not line.startswith("+++")]
    assert added
    assert all(line in said.out for line in added)
    data = harness(recorded.tree, "show", "--candidate", kept, "--json").data
    assert data["decision"]["verdict"] == "keep"


def branch(recorded: Recorded) -> str:
    return f"harness/{recorded.run}"


def test_a_dev_case_shows_its_calls_before_and_after(recorded: Recorded) -> None:
    case = recorded.dev[0]
    data = harness(recorded.tree, "show", "--case", case, "--json").data
    assert [version["title"] for version in data["versions"]] == [
        "the app as found",
        f"with {recorded.told['kept'][0]}",
    ]
    systems = []
    for version in data["versions"]:
        assert [run["k"] for run in version["runs"]] == [0, 1]
        first = version["runs"][0]["calls"]
        assert [call["node"] for call in first] == ["classify", "respond"]
        assert all(call["tokens_in"] and call["seconds"] > 0 and call["text"] for call in first)
        systems.append(first[0]["messages"][0]["content"])
    assert systems[1].startswith(systems[0])
    assert len(systems[1]) > len(systems[0])
    said = harness(recorded.tree, "show", "--case", case)
    assert said.code == 0, said.err
    assert said.out.count("-- classify") == said.out.count("-- respond") == 2


def test_a_try_is_shown_on_a_case_with_what_was_replayed(recorded: Recorded) -> None:
    tried = next(trial["id"] for trial in recorded.told["trials"] if trial["stage"] != "kept")
    data = harness(recorded.tree, "show", "--case", recorded.dev[0], "--candidate", tried, "--json").data
    before, after = data["versions"]
    assert after["title"] == f"with {tried}"
    assert before["runs"][0]["calls"][0]["messages"] != after["runs"][0]["calls"][0]["messages"]


def test_the_holdout_stays_sealed(recorded: Recorded) -> None:
    sealed = recorded.holdout[0]
    for more in ([], ["--json"]):
        said = harness(recorded.tree, "show", "--case", sealed, *more)
        assert said.code == 2
        assert f"{sealed!r} belongs to the sealed holdout" in said.err
        assert "ticket" not in said.out + said.err
    every = [harness(recorded.tree, "show", "--json").out]
    every += [harness(recorded.tree, "show", "--candidate", kept, "--json").out for kept in recorded.told["kept"]]
    assert not [case for case in recorded.holdout for text in every if f'"{case}"' in text]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "nowhere"), "'nowhere' is not recorded here"),
        (("show", "--candidate", "c99"), "no candidate 'c99'"),
        (("show", "--case", "nobody"), "no case 'nobody'"),
        (("diff", "nowhere"), "no branch harness/nowhere"),
    ],
)
def test_what_is_not_there_is_said(recorded: Recorded, arguments: tuple[str, ...], words: str) -> None:
    said = harness(recorded.tree, *arguments)
    assert said.code == 2
    assert words in said.err
    assert "fix: " in said.err


def test_the_diff_is_that_of_the_branch_without_its_report(recorded: Recorded) -> None:
    base = git(recorded.tree, "rev-parse", "HEAD").strip()
    wanted = git(recorded.tree, "diff", base, branch(recorded), "--", "app")
    hunks = wanted[wanted.index("@@") :].strip()
    said = harness(recorded.tree, "diff")
    assert said.code == 0, said.err
    assert said.out[said.out.index("@@") :].strip() == hunks
    assert "report.md" not in said.out
    data = harness(recorded.tree, "diff", "--json").data
    added = sum(line.startswith("+") for line in hunks.splitlines())
    removed = sum(line.startswith("-") for line in hunks.splitlines())
    assert data["files"] == [{"path": "app/prompts.py", "added": added, "removed": removed}]
    assert data["base"] == base
    stat = harness(recorded.tree, "diff", "--stat").out
    assert f"+{added}" in stat
    assert "@@" not in stat


def test_a_clone_that_never_ran_shows_the_diff_of_a_branch(recorded: Recorded, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(recorded.tree), "clone")
    clone = tmp_path / "clone"
    git(clone, "branch", "-q", branch(recorded), f"origin/{branch(recorded)}")
    assert harness(clone, "diff", recorded.run).out == harness(recorded.tree, "diff", recorded.run).out
    assert harness(clone, "show").code == 2
    assert "there is no run here" in harness(clone, "diff").err


def test_a_run_that_was_killed_before_its_end_is_shown_as_far_as_it_came(recorded: Recorded, tmp_path: Path) -> None:
    tree = Path(shutil.copytree(recorded.tree, tmp_path / "killed"))
    with closing(sqlite3.connect(tree / ".harness/state.sqlite", isolation_level=None)) as record:
        record.execute("drop trigger events_delete")  # the record itself never forgets
        record.execute("delete from events where kind in ('finished', 'outcome')")
    git(tree, "worktree", "add", "-q", str(tree / ".harness/worktrees" / recorded.run), branch(recorded))
    data = harness(tree, "show", "--json").data
    assert (data["status"], data["stopped"]) == ("interrupted", "")
    assert [(c["id"], c["stage"]) for c in data["candidates"]] == [
        (t["id"], t["stage"]) for t in recorded.told["trials"]
    ]
    assert [row["now"]["mean"] for row in data["goals"]] == [goal["final"] for goal in recorded.told["goals"]]
    assert {row["state"] for row in data["goals"]} == {""}
    wanted = {name: value for name, value in recorded.told["spend"].items() if name != "seconds"}
    assert {name: data["spend"][name] for name in wanted} == wanted
    said = harness(tree, "show")
    assert f"harness resume {recorded.run}" in said.out
    found = harness(tree, "doctor", "--fix", "--json").data
    assert f"harness resume {recorded.run}" in [check["fix"] for check in found["checks"]]
    assert found["mended"] == []
    assert (tree / ".harness/worktrees" / recorded.run / "app/graph.py").is_file()
