"""Texts that the settings name: which files, which variables, and what is handed on to proposers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.external import failures, observations, same_results
from harness.external.found import discovery, files, guessed
from harness.literals import parse_text, render_text
from harness.types import Case, Score, Settings, text_of
from tests.makers import call, run


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Sort {ticket} into {labels}.", "format"),
        ("Sort {ticket}. Reply with {{\"label\": ...}}", "format"),
        ("Sort {{ ticket }}.", "jinja"),
        ("{% for x in cases %}{{ x.text|upper }}{% endfor %}", "jinja"),
        ("Sort $ticket for ${shop}.", "dollar"),
        ("Pay $5 for {ticket}.", "format"),
        ("Reply with {\"label\": 1} for {ticket}.", "plain"),
        ("Sort the ticket.", "plain"),
        ("It costs $5.", "plain"),
        ("a { b", "plain"),
    ],
)  # fmt: skip
def test_the_kind_of_a_template_is_told_by_its_variables(text: str, kind: str) -> None:
    assert guessed(text) == kind


@given(st.text(alphabet="ab {}$%#\n\"'x1", max_size=30))
def test_a_guess_can_be_read_and_written_back(text: str) -> None:
    kind = guessed(text)
    parts = parse_text(text, kind)
    assert parse_text(render_text(parts, kind), kind) == parts
    assert kind != "plain" or text_of(parts) == text


def test_files_are_named_once_and_none_outside(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    for name in ("prompts/b.md", "prompts/a.md", "src/p.txt", ".git/x.md"):
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text("Say {x}.", "utf-8")
    (tmp_path / "outside.md").write_text("mine", "utf-8")
    patterns = ("prompts/*.md", "src/p.txt", "prompts/a.md", "../outside.md", "/etc/hostname", ".git/*.md", "")
    assert files(repo, patterns) == ("prompts/a.md", "prompts/b.md", "src/p.txt")


def test_a_named_text_counts_as_proved_by_the_users_word(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("\ufeffSay {x}.\r\n", "utf-8")
    (tmp_path / "empty.md").write_text(" {x} \n", "utf-8")
    found = discovery(tmp_path, Settings(command="make evals", prompts=("*.md",), templates={"e*.md": "format"}))
    said, empty = found.prompts
    assert (said.proof, said.kind, said.variables, said.text) == ("proved", "file", ("x",), "Say {x}.\n")
    assert said.reason == "named in the settings; not proved by a recorded call"
    assert (empty.proof, empty.reason) == ("unresolved", "holds no words of its own")
    assert found.nodes[0].prompts == ("a.md", "empty.md")


def test_proposers_see_what_is_known_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Sort {ticket}.", "utf-8")
    (prompt,) = discovery(tmp_path, Settings(command="x", prompts=("a.md",))).prompts
    cases = [
        Case("c1", {"ticket": "Where is it?"}, {"expected_intent": "delivery"}),
        Case("c2", {"case_id": "c2"}, {}),
        Case("c3", {"ticket": "Late."}, {"expected_intent": "delivery"}),
    ]
    runs = [
        run({"accuracy": 0.0, "reason": "wrong queue"}, call("command", "billing"), case="c1"),
        run({"accuracy": 1.0}, call("command", ""), case="c2"),
    ]
    scores = [Score("accuracy", "c1", 0, 0.0), Score("accuracy", "c2", 0, 1.0)]
    first, second = observations(prompt, cases, runs, scores)
    assert (first.filled, first.answer, first.wanted, first.heard) == (
        {"ticket": "Where is it?"},
        "billing",
        "delivery",
        True,
    )
    assert (second.filled, second.messages, second.wanted, second.heard, second.score) == ({}, (), None, False, 1.0)
    (pattern,) = failures(cases, runs, scores)
    assert (pattern.name, pattern.cases) == ("told: wrong queue", ("c1",))


def test_the_same_result_for_every_case_shows_no_effect() -> None:
    before = [run({"accuracy": 1.0, "latency": 1.0}, case="c1"), run({"accuracy": 0.0, "latency": 1.0}, case="c2")]
    slower = [run({"accuracy": 1.0, "latency": 2.0}, case="c1"), run({"accuracy": 0.0, "latency": 1.0}, case="c2")]
    better = [run({"accuracy": 1.0, "latency": 1.0}, case="c1"), run({"accuracy": 1.0, "latency": 1.0}, case="c2")]
    assert same_results(before, slower, timed=False)
    assert not same_results(before, slower, timed=True)
    assert not same_results(before, better, timed=False)
    assert not same_results(before, [], timed=False)
