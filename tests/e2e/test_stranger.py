"""A stranger's repo, tuned as its README tells: src layout, two graphs, forms, tools, nodes side by side, ChatOpenAI.

The provider is a server on loopback that answers by rules; the app is told of it by its environment alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from harness.cli import app
from tests.conftest import git
from tests.providers.rules import Skill, ruled
from tests.providers.server import Provider, listening

GRAPH = "src/clinic/graph.py:graph"
PROMPTS = "src/clinic/prompts.py"
SAID = {
    "teeth": (["My molar", "A filling", "My gum", "One crown"], ["aches", "bleeds at night", "broke", "feels loose"]),
    "eyes": (["My left lid", "The lens", "My sight", "The iris"], ["is blurred", "stings", "is swollen", "got worse"]),
    "paper": (
        ["The invoice", "My form", "A certificate", "The receipt"],
        ["is missing", "is wrong", "came twice", "got lost"],
    ),
}
OTHERS = ["since Monday", "again"]
SKILLS = [
    Skill(
        asked="which desk it is for",
        case="patient wants.*\n\n(.*)",
        labels={"teeth": "filling crown", "eyes": "sight", "paper": "invoice form"},
        own={"teeth": "dentist", "eyes": "eye clinic", "paper": "office"},
        key="desk",
        gives={"reason": "By the words."},
        slip=0.02,
    ),
    Skill(asked="can wait until tomorrow", gives={"level": "later"}),
    Skill(asked="carry out what was decided", case=r"Desk: ([^.]*)", tool="book", gives={"desk": "{case}"}),
]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with listening(ruled(SKILLS)) as running:
        yield running


@pytest.fixture
def tree(toy_repo: Callable[[str], Path], provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repo as it was cloned; patients wrote 96 messages."""
    monkeypatch.setenv("OPENAI_BASE_URL", provider.url)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    cloned = toy_repo("stranger")
    monkeypatch.chdir(cloned)
    return cloned


def harness(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def data(*arguments: str) -> Any:
    """What a command that ends well says as JSON."""
    said = harness(*arguments, "--json")
    assert said.exit_code == 0, said.stderr
    return json.loads(said.stdout)


def write_goals_and_cases(tree: Path) -> int:
    """What a person would put in the place of the drafts."""
    goals = "# Goals\n\n## Optimization Objectives\n\n- **Accuracy**: 60% or higher\n"
    (tree / "fine-tune.md").write_text(goals, "utf-8")
    rows = [
        {"id": f"m{n}", "input": {"message": " ".join(words)}, "expected_desk": desk, "category": desk}
        for n, (desk, words) in enumerate(
            (desk, words) for desk, parts in SAID.items() for words in product(*parts, OTHERS)
        )
    ]
    (tree / "evals/cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return len(rows)


def test_from_a_clone_to_a_merged_improvement(tree: Path, provider: Provider) -> None:
    assert "names several graphs" in harness("nodes").stdout
    assert harness("init", "--yes", "--graph", GRAPH).exit_code == 0
    count = write_goals_and_cases(tree)
    with (tree / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write('runs = 1\nproposers = ["label_list", "definitions"]\nenv = ["OPENAI_API_KEY"]\n')
    data("check")
    found = {node["name"]: node for node in data("nodes")["nodes"]}
    assert {name for name, node in found.items() if node["is_llm"]} == {"sort", "weigh", "act"}
    assert {f"{PROMPTS}:HOUSE", f"{PROMPTS}:SORT"} <= set(found["sort"]["prompts"])
    assert f"{PROMPTS}:ACT" in found["act"]["prompts"]
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "Goals and cases")
    assert "nothing was called" in harness("run", "--dry-run").stdout
    assert provider.asked == []

    told = data("run")
    assert [(t["node"], t["technique"]) for t in told["trials"] if t["stage"] == "kept"] == [
        ("sort", "class definitions")
    ]
    assert told["claimed"]["low"] > 0
    assert told["goals"][0]["initial"] < 0.5 < 0.6 <= told["goals"][0]["final"]
    assert told["spend"]["replayed"] > count, "what runs beside the change is not asked again"

    changed = git(tree, "diff", "--name-only", f"main..{told['branch']}", "--", ":!reports").split()
    assert changed == [PROMPTS]
    diff = harness("diff").stdout
    removed = [line for line in diff.splitlines() if line.startswith("-") and not line.startswith("---")]
    assert removed == [], "what stood there still stands there"
    assert "\n+    - teeth: " in diff, "the block has the margin of the text that is dedented"
    assert "**1 of 1 goals met or reached" in harness("report", "--raw").stdout
    git(tree, "merge", "-q", "--ff-only", told["branch"])
    assert (tree / told["report"]).is_file()
