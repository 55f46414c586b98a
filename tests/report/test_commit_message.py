"""The message of a kept change."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from harness.report import commit_message
from tests.report.outcomes import change, outcome

PATH = "reports/20260101/report.md"


def test_a_kept_change() -> None:
    lines = commit_message(outcome().trials[0], PATH).splitlines()
    assert lines[0] == "feat(classify): few-shot examples"
    assert lines[1] == ""
    assert "accuracy 0.61 -> 0.73" in lines
    assert lines[-1] == f"Report: {PATH}"


@given(st.text(max_size=200), st.text(max_size=200))
def test_subject_is_one_short_line(node: str, technique: str) -> None:
    trial = replace(outcome().trials[0], change=replace(change(), node=node, technique=technique))
    subject, blank, *_ = commit_message(trial, PATH).split("\n")
    assert subject.startswith("feat(") and len(subject) <= 72
    assert blank == ""


@given(st.text(max_size=300))
def test_foreign_text_adds_no_lines_of_its_own(why: str) -> None:
    """No trailer such as "Signed-off-by" can be smuggled in at the start of a paragraph's own line by a line break."""
    trial = replace(outcome().trials[0], change=replace(change(), why=f"x {why}"))
    plain = replace(outcome().trials[0], change=replace(change(), why="x"))
    paragraphs = [len(commit_message(t, PATH).split("\n\n")) for t in (trial, plain)]
    assert paragraphs[0] == paragraphs[1]


def test_a_shared_text_names_every_node_that_it_changes() -> None:
    shared = replace(change(), nodes=("classify", "draft", "close"))
    message = commit_message(replace(outcome().trials[0], change=shared), PATH)
    assert "this changes classify, draft and close." in " ".join(message.split())
    assert "this changes" not in commit_message(outcome().trials[0], PATH)
