"""A judge whose package is missing is told before anything is spent."""

from __future__ import annotations

from pathlib import Path

from harness import plugins
from harness.check.judges import findings
from harness.types import Goal, Goals, Settings

RUBRIC = "---\njudge: {model}\n---\nIt says sorry.\n"


def told(root: Path, model: str, goal: str = "polite") -> list[str]:
    (root / "evals").mkdir(exist_ok=True)
    (root / "evals/polite.md").write_text(RUBRIC.format(model=model), "utf-8")
    metrics = plugins.metrics(Settings(), root)
    return [str(found) for found in findings(metrics, Settings(), Goals((Goal(goal, "higher", 0.9),)))]


def test_only_what_is_missing_for_a_judge_of_this_run_is_told(tmp_path: Path) -> None:
    (found,) = told(tmp_path, "groq:llama")
    assert found.startswith("evals/polite.md: ")
    assert "pip install langchain-groq" in found
    assert told(tmp_path, "openai:gpt-x") == []
    assert told(tmp_path, "groq:llama", goal="accuracy") == []
    assert told(tmp_path, "somebody:else") == []
