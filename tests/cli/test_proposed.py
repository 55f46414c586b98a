"""`harness diff` before anything is run: one edit as a diff, or the reason why a run would refuse it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.e2e.conftest import harness


def test_a_text_is_shown_as_a_diff_and_nothing_is_written(toy_repo: Callable[[str], Path]) -> None:
    tree = toy_repo("classify")
    found = harness(tree, "nodes", "--json").data["prompts"]
    prompt = next(p for p in found if p["proof"] == "likely")
    file = tree / prompt["span"]["file"]
    before = file.read_bytes()
    sources = [part if isinstance(part, str) else part["source"] for part in prompt["parts"]]
    (tree / "new.txt").write_text("".join(sources) + " Say {why}.\n")
    said = harness(tree, "diff", "--prompt", prompt["id"], "--text", "new.txt", "--json")
    assert said.code == 0 and said.data["nodes"] == prompt["nodes"]
    assert f"+++ b/{prompt['span']['file']}" in said.data["diff"] and "why" in said.data["diff"]
    shown = harness(tree, "diff", "--prompt", prompt["id"], "--text", "new.txt")
    assert shown.out.startswith(f"changes {prompt['id']} at ") and said.data["diff"].strip() in shown.out
    assert "likely" in shown.err and file.read_bytes() == before


def test_what_a_run_would_refuse_is_refused_with_the_reason(toy_repo: Callable[[str], Path]) -> None:
    tree = toy_repo("classify")
    for prompt in harness(tree, "nodes", "--json").data["prompts"]:
        (tree / "new.txt").write_text("".join(p if isinstance(p, str) else p["source"] for p in prompt["parts"]))
        said = harness(tree, "diff", "--prompt", prompt["id"], "--text", "new.txt")
        assert said.code == 2 and "unchanged" in said.err
    said = harness(tree, "diff", "--prompt", "nowhere.py:P", "--text", "new.txt", "--json")
    assert said.code == 2 and "there is no prompt" in json.dumps(said.data)
    assert harness(tree, "diff", "--prompt", prompt["id"]).code == 2
    assert harness(tree, "diff", "--prompt", prompt["id"], "--text", "nothing.txt").code == 2
