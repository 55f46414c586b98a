"""The whole check on real repositories: what tests/cli/test_bad_input.py does not show, and all of it at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.check import Checked, check
from harness.errors import HarnessError, Problems

APP = """\
from pathlib import Path
from typing import TypedDict

from langchain_core.messages import HumanMessage
from langchain.chat_models import init_chat_model
from langgraph.graph import END, START, StateGraph

Path(__file__).with_name("was-imported").touch()
PROMPT = "Name the intent of this ticket: {ticket}"
llm = init_chat_model("openai:gpt-x")


class State(TypedDict):
    ticket: str
    intent: str


def classify(state: State) -> dict[str, str]:
    reply = llm.invoke([HumanMessage(PROMPT.format(ticket=state["ticket"]))])
    return {"intent": reply.content}


builder = StateGraph(State)
builder.add_node("classify", classify)
builder.add_edge(START, "classify")
builder.add_edge("classify", END)
graph = builder.compile()
"""
GOALS = "# Goals\n\n## Optimization Objectives\n- **Accuracy**: 90% or higher\n- **Latency**: 2 s or less\n"


def case(number: int, **fields: object) -> str:
    return json.dumps({"id": f"t{number}", "input": {"ticket": f"x{number}"}, "expected_intent": "y"} | fields) + "\n"


class Desk:
    """A user's repository that is in order until a test spoils it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("app.py", APP)
        self.write("fine-tune.md", GOALS)
        self.write("evals/cases.jsonl", "".join(case(n) for n in range(100)))
        for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
            identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
            subprocess.run(["git", *identity, *command], cwd=root, check=True, capture_output=True)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def settings(self, text: str) -> None:
        self.write("pyproject.toml", f"[tool.harness]\n{text}\n")

    def check(self, **flags: object) -> Checked:
        return check(self.root, flags)

    def findings(self, exit_code: int, **flags: object) -> list[HarnessError]:
        with pytest.raises(Problems) as caught:
            self.check(**flags)
        assert caught.value.exit_code == exit_code
        return caught.value.findings


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_setup_in_order(desk: Desk) -> None:
    got = desk.check()
    assert (got.entry, got.root, got.cases_path) == ("app.py:graph", desk.root, desk.root / "evals/cases.jsonl")
    assert [goal.metric for goal in got.goals.goals] == ["accuracy", "latency"]
    assert got.split.two_stage
    assert len(got.split.dev) + len(got.split.holdout) == len(got.cases) == 100
    assert [(node.name, node.is_llm) for node in got.discovery.nodes] == [("classify", True)]
    assert got.python == Path(sys.executable)
    assert not any("overfitting" in warning or "no prompt" in warning for warning in got.warnings)


def test_nothing_of_the_user_is_imported(desk: Desk) -> None:
    desk.check()
    assert not (desk.root / "was-imported").exists()


def test_the_slow_libraries_stay_out(desk: Desk) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom harness.check import check\n"
        "check(Path(sys.argv[1]), {})\n"
        "slow = {'langgraph', 'langchain_core', 'torch', 'transformers', 'scipy', 'pandas'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    here = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script, str(desk.root)],
        env=os.environ | {"PYTHONPATH": str(here)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


# ---- the bad-input table -------------------------------------------------------------------------------------------

Spoil = Callable[[Desk], None]


def _write(name: str, text: str) -> Spoil:
    return lambda desk: desk.write(name, text)


def _settings(text: str) -> Spoil:
    return lambda desk: desk.settings(text)


TABLE: list[tuple[str, Spoil, int, str, str, str]] = [
    # name, what is spoilt, exit code, where, what is said, what mends it
    (
        "goal that cannot be met",
        _write("fine-tune.md", GOALS.replace("90%", "101%")),
        2,
        "fine-tune.md:4",
        "cannot be met",
        "90 %",
    ),
    (
        "cases missing where the goals name them",
        _write("fine-tune.md", GOALS + "\n## Evaluation Methods\n- **Test Cases**: tests/cases.json (20 cases)\n"),
        2,
        "fine-tune.md:8",
        "the case file tests/cases.json is missing",
        "--cases",
    ),
    (
        "cases missing where the settings name them",
        _settings('cases = "c.jsonl"'),
        2,
        "pyproject.toml:2",
        "c.jsonl",
        "write it",
    ),
    ("graph not found", _settings('graph = "app.py:grph"'), 2, "pyproject.toml:2", "grph", "graph"),
    ("unknown setting", _settings("max_iteration = 3"), 2, "pyproject.toml:2", "'max_iteration'", "'max_iterations'"),
    ("out of range", _settings("\nruns = 0"), 2, "pyproject.toml:3", "runs = 0 is out of range", "from 1 to 100"),
    ("unknown node", _settings('nodes = ["clasify"]'), 2, "pyproject.toml:2", "'clasify'", "'classify'"),
    (
        "options of an unknown metric",
        _settings('[tool.harness.metrics.acuracy]\nfield = "x"'),
        2,
        "pyproject.toml:2",
        "'acuracy'",
        "'accuracy'",
    ),
    (
        "unknown option of a metric",
        _settings('[tool.harness.metrics.accuracy]\nfeilds = {a = "b"}'),
        2,
        "pyproject.toml:3",
        "no option 'feilds'",
        "'fields'",
    ),
    (
        "a pattern that is none",
        _settings('[tool.harness.metrics.polite]\nkind = "regex"\npattern = "("'),
        2,
        "pyproject.toml:4",
        "metrics.polite.pattern = '('",
        "a regular expression: missing )",
    ),
    (
        "a metric without what it needs",
        _settings('[tool.harness.metrics.polite]\nkind = "regex"'),
        2,
        "pyproject.toml:2",
        "needs the option 'pattern'",
        "pattern = ...",
    ),
    (
        "a metric of an unknown kind",
        _settings('[tool.harness.metrics.polite]\nkind = "rejex"'),
        2,
        "pyproject.toml:3",
        "unknown metric 'rejex'",
        "'regex'",
    ),
    (
        "a metric of a node that is none",
        _settings('[tool.harness.metrics.latency]\nnode = "clasify"'),
        2,
        "pyproject.toml:3",
        "'clasify'",
        "'classify'",
    ),
    (
        "the repo's metric without its texts",
        lambda desk: desk.write("evals/own.py", "def score(case, run, options):\n    return 1\n"),
        2,
        "evals/own.py:1",
        "NAME, VERSION, DIRECTION, UNIT",
        "DIRECTION",
    ),
    (
        "the repo's metric has a name that is taken",
        lambda desk: desk.write(
            "evals/own.py",
            'NAME, VERSION, DIRECTION, UNIT = "cost", "1", "lower", ""\ndef score(c, r, o):\n    return 1\n',
        ),
        2,
        "evals/own.py:2",
        "'cost' exists already",
        "another NAME",
    ),
    ("link missing", _settings('link = [".env"]'), 2, "pyproject.toml:2", "link '.env' does not exist", "create .env"),
    ("link outside", _settings('link = ["../x"]'), 2, "pyproject.toml:2", "outside the repo", "of the repo only"),
    (
        "budget in USD without a price",
        _settings("budget.usd = 5.0"),
        2,
        "app.py:10",
        "the model 'gpt-x' has no price",
        "[tool.harness.prices]",
    ),
    (
        "variable missing",
        _settings('env = ["DESK_TOKEN_X"]'),
        3,
        "pyproject.toml:2",
        "DESK_TOKEN_X is not set",
        "export",
    ),
    ("reports is a file", _write("reports", "x"), 2, "reports", "reports is a file", "move it"),
    ("settings are no table", _write("pyproject.toml", "tool = {harness = 3}\n"), 2, "pyproject.toml", "3", "[tool."),
    ("graph outside", _settings('graph = "../app.py:graph"'), 2, "pyproject.toml:2", "lies outside", "path.py:name"),
    (
        "graphs no text",
        lambda desk: (desk.root / "langgraph.json").write_bytes(b"\xe9"),
        2,
        "langgraph.json",
        "UTF-8",
        "",
    ),
    (
        "nested without end",
        _write("evals/cases.jsonl", "[" * 100_000 + "]" * 100_000 + "\n"),
        2,
        "evals/cases.jsonl:1",
        "not valid JSON",
        "",
    ),
    ("interpreter missing", _settings('python = "no/python"'), 3, "pyproject.toml:2", "cannot be run", "set `python`"),
    (
        "package missing",
        _write("app.py", APP.replace("from langchain.chat", "from langchain_nowhere.chat")),
        3,
        "app.py:5",
        "no package 'langchain_nowhere'",
        "pip install langchain-nowhere",
    ),
]


@pytest.mark.parametrize(
    ("spoil", "exit_code", "where", "says", "fix"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_bad_input(desk: Desk, spoil: Spoil, exit_code: int, where: str, says: str, fix: str) -> None:
    spoil(desk)
    (finding,) = desk.findings(exit_code)
    assert finding.where == where
    assert says in finding.message
    assert fix in finding.fix


def test_a_folder_of_the_repo_stands_for_the_repo(desk: Desk) -> None:
    assert check(desk.root / "evals", {}) == desk.check()


def test_no_git_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path / "desk")
    (tmp_path / "desk" / ".git").rename(tmp_path / "elsewhere")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (finding,) = desk.findings(2)
    assert "not a git repository" in finding.message
    assert "git init" in finding.fix


def test_everything_that_is_wrong_is_said_at_once(desk: Desk) -> None:
    desk.settings('env = ["DESK_TOKEN_X"]\nrnus = 3\ngraph = "app.py:none"')
    desk.write("fine-tune.md", GOALS.replace("Accuracy", "Acuracy"))
    desk.write("evals/cases.jsonl", case(1) + case(1))
    assert [finding.where for finding in desk.findings(2)] == [
        "pyproject.toml:3",
        "fine-tune.md:4",
        "evals/cases.jsonl:2",
        "pyproject.toml:4",
        "pyproject.toml:2",
    ]


def test_wrong_goals_do_not_hide_the_cases_that_they_name(desk: Desk) -> None:
    (desk.root / "evals/cases.jsonl").rename(desk.root / "mine.jsonl")
    named = "\n## Evaluation Methods\n- **Test Cases**: mine.jsonl\n"
    desk.write("fine-tune.md", GOALS.replace("Accuracy", "Acuracy") + named)
    assert [finding.where for finding in desk.findings(2)] == ["fine-tune.md:4"]


def test_another_interpreter_is_asked_itself(desk: Desk) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(desk.root / ".venv")], check=True)
    own = desk.root / ".venv" / "bin" / "python"
    found = desk.findings(3)
    assert [finding.where for finding in found] == ["app.py:4", "app.py:5", "app.py:6"]
    assert "'langchain_core'" in found[0].message
    assert f"{own} -m pip install langgraph" in found[2].fix
    assert desk.check(python=sys.executable).python == Path(sys.executable)


# ---- what is only told ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (
            _write("evals/cases.jsonl", "".join(case(n) for n in range(40))),
            "overfitting to the cases is not controlled",
        ),
        (_write("evals/cases.jsonl", "".join(case(n) for n in range(11))), "a report without a claim"),
        (_settings("budget.calls = 10"), "smaller than the baseline: 100 cases x 5 runs make at least 500"),
        (_write("fine-tune.md", GOALS + "- **Cost**: $0.01 or less\n"), "app.py:10: the model 'gpt-x' has no price"),
        (
            _write("fine-tune.md", GOALS + "\n## Evaluation Methods\n- **Execution Command**: uv run evals\n"),
            "'uv run evals' is not run",
        ),
        (
            _write("evals/cases.jsonl", "".join(case(n, cluster=str(n % 30)) for n in range(120))),
            "clusters: decisions rest on",
        ),
        (_write("app.py", APP.replace("llm.invoke", "print")), "searched app.py"),
        (_write("notes.txt", "mine"), "uncommitted changes: notes.txt"),
    ],
)
def test_warnings(desk: Desk, spoil: Spoil, says: str) -> None:
    spoil(desk)
    assert any(says in warning for warning in desk.check().warnings)


def test_a_sealed_file_inside_the_repo_is_no_lock(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> None:
    text = "".join(case(n) for n in range(500, 560))
    desk.write("sealed.jsonl", text)
    inside = desk.check(holdout="sealed.jsonl")
    assert any("sealed by convention" in warning for warning in inside.warnings)
    outside = tmp_path_factory.mktemp("away") / "sealed.jsonl"
    outside.write_text(text, encoding="utf-8")
    got = desk.check(holdout=str(outside))
    assert (len(got.split.dev), len(got.split.holdout)) == (100, 60)
    assert not any("sealed by convention" in warning for warning in got.warnings)


def test_a_priced_or_local_model_may_have_a_budget(desk: Desk) -> None:
    desk.settings('budget.usd = 5.0\n[tool.harness.prices]\n"gpt-x" = [1, 2]')
    assert desk.check().settings.budget.usd == 5.0
