"""The ledger: looks at a holdout are counted once, survive a clone, and an unreadable report stops the count."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from harness.errors import RepoError
from harness.journal import Journal, Ledger


@pytest.fixture
def reports(tmp_path):
    return tmp_path / "reports"


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".harness" / "state.sqlite"


@pytest.fixture
def ledger(path, reports):
    with closing(Ledger(path, reports)) as opened:
        yield opened


def commit(reports, run_id, *lines):
    folder = reports / run_id
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "run.jsonl"
    file.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines), "utf-8")
    return file


def confirmation(name, digest="d"):
    return {"kind": "confirmation", "id": name, "digest": digest, "alpha": 0.01}


def test_nothing_is_spent_at_first(ledger):
    assert ledger.spent("d") == 0


def test_a_confirmation_counts_once_and_for_its_own_holdout(ledger, path, reports):
    for name in ("r1:c01", "r1:c02", "r1:c01"):
        ledger.spend("d", name, 0.01)
    ledger.spend("other", "r2:c01", 0.01)
    assert (ledger.spent("d"), ledger.spent("other"), ledger.spent("none")) == (2, 1, 0)
    with closing(Ledger(path, reports)) as again:
        assert again.spent("d") == 2


def test_local_state_and_reports_are_one_set(ledger, reports):
    ledger.spend("d", "r1:c01", 0.01)
    ledger.spend("d", "r2:c01", 0.01)
    commit(reports, "r1", {"kind": "run", "id": "r1"}, confirmation("r1:c01"), confirmation("r1:c05"), "")
    commit(reports, "r0", confirmation("r0:c01"), confirmation("r0:c02", "other"), {"kind": "trial"})
    assert ledger.spent("d") == 4


def test_a_fresh_clone_counts_what_an_exported_run_says(ledger, path, reports, tmp_path):
    ledger.spend("d", "r1:c01", 0.01)
    ledger.spend("d", "r1:c02", 0.01)
    ledger.spend("d", "r10:c01", 0.01)
    with closing(Journal(path, "r1")) as journal:
        journal.export_jsonl(reports / "r1" / "run.jsonl")
    with closing(Ledger(tmp_path / "clone" / "state.sqlite", reports)) as clone:
        assert clone.spent("d") == 2


def test_what_is_released_is_free_again_and_no_confirmation_less(ledger, path, reports, tmp_path):
    assert ledger.spend("d", "r1:c01", 0.03) == 0.03
    assert ledger.spend("d", "r1:c01", 0.01) == 0.03  # an interrupted confirmation goes on at its own level
    ledger.spend("d", "r1:c02", 0.01)
    for _ in range(2):
        ledger.release("d", "r1:c01", 0.03)
        ledger.release("d", "r1:c02", 0.0)
    assert ledger.spent("d") == 2
    assert ledger.level("d") == pytest.approx(0.01)
    with closing(Journal(path, "r1")) as journal:
        journal.export_jsonl(reports / "r1" / "run.jsonl")
    with closing(Ledger(tmp_path / "clone" / "state.sqlite", reports)) as clone:
        assert (clone.spent("d"), clone.level("d")) == (2, pytest.approx(0.01))


def test_no_release_gives_more_than_was_spent(ledger):
    ledger.spend("d", "r1:c01", 0.01)
    ledger.release("d", "r1:c01", 0.05)
    ledger.release("d", "r9:c09", 0.05)
    assert ledger.level("d") == 0.0


def test_one_confirmation_looks_at_one_holdout(ledger):
    ledger.spend("d", "r1:c01", 0.01)
    with pytest.raises(RepoError, match="the holdout changed"):
        ledger.spend("other", "r1:c01", 0.01)


def test_an_id_without_its_run_is_a_mistake_of_ours(ledger):
    with pytest.raises(ValueError, match="run id"):
        ledger.spend("d", "c01", 0.01)


@pytest.mark.parametrize(
    "line",
    ["<<<<<<< HEAD", '{"kind": "confirmation", "id": 1, "digest": "d"}', '{"kind": "confirmation"}', "[1]", "\ufeff{}"],
)
def test_a_report_that_cannot_be_read_stops_with_its_line(ledger, reports, line):
    file = commit(reports, "r1", confirmation("r1:c01"), line)
    with pytest.raises(RepoError) as caught:
        ledger.spent("d")
    assert caught.value.where == f"{file}:2"
    assert "git checkout" in caught.value.fix


def test_a_report_that_is_not_text_stops(ledger, reports):
    commit(reports, "r1").write_bytes(b"\xff\xfe")
    with pytest.raises(RepoError, match="cannot be counted"):
        ledger.spent("d")


@pytest.mark.parametrize(
    "edited",
    [
        lambda lines: [line.replace("0.03", "0.0003") for line in lines],
        lambda lines: [line for line in lines if "r1:c02" not in line],
        lambda lines: [*lines, json.dumps(confirmation("r1:c03"))],
        lambda lines: [line.replace('"digest": "d"', '"digest": "e"') for line in lines],
    ],
    ids=["a level", "a line taken out", "a line added", "another holdout"],
)
def test_a_ledger_edited_by_hand_stops_with_its_rows(ledger, path, reports, tmp_path, edited):
    ledger.spend("d", "r1:c01", 0.03)
    ledger.spend("d", "r1:c02", 0.01)
    ledger.release("d", "r1:c02", 0.002)
    file = reports / "r1" / "run.jsonl"
    with closing(Journal(path, "r1")) as journal:
        journal.export_jsonl(file)
    with closing(Ledger(tmp_path / "clone.sqlite", reports)) as clone:
        assert clone.level("d") == pytest.approx(0.038)
        file.write_text("\n".join(edited(file.read_text("utf-8").splitlines())) + "\n", "utf-8")
        with pytest.raises(RepoError, match=r"not those that the run wrote.*r1:c01 at level") as caught:
            clone.spent("d")
    assert caught.value.where == f"{file}:1"
    assert "git checkout" in caught.value.fix
