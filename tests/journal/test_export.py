"""run.jsonl: what people may read, whole or not at all, and nothing of a sealed case."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from harness.errors import RepoError
from harness.journal import Journal, Ledger


@pytest.fixture
def journal(tmp_path):
    with closing(Journal(tmp_path / "state.sqlite", "r1")) as opened:
        yield opened


@pytest.fixture
def dest(tmp_path):
    return tmp_path / "reports" / "r1" / "run.jsonl"


def lines(dest):
    return [json.loads(line) for line in dest.read_text("utf-8").splitlines()]


def test_public_kinds_are_written_and_no_others(journal, dest, tmp_path):
    journal.append("summary-holdout", "summary-holdout:0", {"mean": 0.5})
    journal.append("trial", "trial:c01", {"words": "kept ü"})
    for kind in ("run", "observation", "scores", "failures", "trials", "finished"):
        journal.append(kind, f"{kind}:1", {"secret": kind})
    with closing(Ledger(tmp_path / "state.sqlite", tmp_path / "reports")) as ledger:
        ledger.spend("d", "r1:c01", 0.01)
        ledger.spend("d", "r2:c01", 0.01)
    journal.export_jsonl(dest)
    first, second, *rest = lines(dest)
    assert (first["kind"], first["id"], len(first["seal"])) == ("run", "r1", 64)
    assert (second["kind"], second["id"], second["digest"], second["alpha"]) == ("confirmation", "r1:c01", "d", 0.01)
    assert [(line["kind"], line["step"], line["data"]) for line in rest] == [
        ("summary-holdout", "summary-holdout:0", {"mean": 0.5}),
        ("trial", "trial:c01", {"words": "kept ü"}),
    ]


@pytest.mark.parametrize("data", ["h7", {"worst": ["h7"]}, {"h7": 1.0}, [{"text": "My parcel is late"}]])
def test_a_sealed_case_is_never_published(journal, dest, data):
    journal.append("trial", "trial:c01", data)
    with pytest.raises(RepoError, match="sealed case"):
        journal.export_jsonl(dest, sealed=("h7", "h8", "My parcel is late"))
    assert not dest.exists()


def test_numbers_and_texts_that_json_lacks(journal, dest):
    journal.append("trial", "1", {"p": float("nan"), "low": [float("-inf")], "text": "\ud800"})
    journal.export_jsonl(dest)
    assert lines(dest)[1]["data"] == {"p": None, "low": [None], "text": "\ud800"}


def test_written_again_it_is_the_same_and_nothing_is_left_beside_it(journal, dest):
    journal.append("trial", "1", {})
    journal.export_jsonl(dest)
    content = dest.read_bytes()
    journal.export_jsonl(dest)
    assert dest.read_bytes() == content
    assert list(dest.parent.iterdir()) == [dest]


def test_a_place_that_cannot_be_written(journal, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RepoError, match="cannot be written"):
        journal.export_jsonl(tmp_path / "file" / "run.jsonl")
