"""The bad-input table, row by row through the command line: exit code, place, words, and nothing left half-written.

| row | where its cells are |
|---|---|
| kinds of repository | ``REPOS`` here, one each; in depth in tests/repo/test_odd_repositories.py |
| goals | ``GOALS`` |
| cases | ``CASES`` |
| graph | ``GRAPHS`` |
| import and environment | ``STARTS`` |
| an app that misbehaves | ``test_an_app_that_misbehaves...``; every kind of fault in tests/app/test_faults.py |
| met, cannot be met, too few, too dear | ``test_four_different_sentences``; met already in tests/e2e/test_run.py |
| interrupts, disk, a second run | tests/e2e/test_interrupted.py |
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from benchmarks.bench import toy, user_state
from harness import cases
from harness.cli import app
from tests.conftest import git

CASES_KEPT = 24  # of the toy: one stage, and quick where cases are run
OBJECTIVES = "# Goals\n\n## Optimization Objectives\n"
ELSEWHERE = ".langgraph-master/fine-tune.md"
JSONL = "evals/cases.jsonl"
GRAPH = "app/graph.py"


@dataclass(frozen=True)
class Told:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def findings(self) -> list[dict[str, str]]:
        """The errors that ``--json`` gave."""
        error: dict[str, Any] = json.loads(self.out)["error"]
        return error["findings"] or [error]


class Desk:
    """A user's repository that is in order until a test spoils it."""

    def __init__(self, root: Path) -> None:
        self.root = toy("classify", root, CASES_KEPT)

    def write(self, name: str, content: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text("utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def commit(self) -> None:
        git(self.root, "add", "-A")
        git(self.root, "commit", "-q", "--allow-empty", "-m", "as it is")

    def harness(self, *arguments: str) -> Told:
        """In this process, which has loaded everything already."""
        said = CliRunner().invoke(app, list(arguments))
        return Told(said.exit_code, said.stdout, said.stderr)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk(tmp_path / "desk")
    monkeypatch.chdir(made.root)
    yield made
    assert git(made.root, "branch", "--list", "harness/*") == ""
    assert not list((made.root / ".harness").glob("runs/*"))
    assert not list((made.root / ".harness").glob("worktrees/*"))
    assert not (made.root / "reports").exists()


Spoil = Callable[[Desk], object]
Row = tuple[str, Spoil, str, str, str]  # cell, what is spoilt, where, what is said, what mends it


def refused(desk: Desk, row: Row, code: int, *command: str) -> None:
    _, spoil, where, says, fix = row
    spoil(desk)
    before = user_state(desk.root)
    said = desk.harness(*command, "--json")
    assert said.code == code, said.err
    (found,) = said.findings
    assert found["where"] == where
    assert says in found["message"]
    assert fix in found["fix"]
    assert "Traceback" not in said.err
    assert user_state(desk.root) == before


def table(rows: list[Row]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=[row[0] for row in rows])


# ---- repositories --------------------------------------------------------------------------------------------------


def test_no_repository(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    hidden = (desk.root / ".git").rename(tmp_path / "git")
    said = desk.harness("run", "--json")
    hidden.rename(desk.root / ".git")
    assert said.code == 2
    assert "not a git repository" in said.err
    assert "git init" in said.err


def test_a_dirty_tree(desk: Desk) -> None:
    desk.replace(GRAPH, "friendly", "warm")
    before = user_state(desk.root)
    said = desk.harness("run")
    assert said.code == 2
    assert "app has uncommitted changes: app/graph.py" in said.err
    assert "git commit" in said.err
    assert user_state(desk.root) == before


def test_a_detached_head(desk: Desk) -> None:
    git(desk.root, "switch", "-q", "--detach")
    assert desk.harness("check").code == 0
    refusal = desk.harness("run", "--apply")
    assert refusal.code == 2
    assert "git switch -c" in refusal.err


def test_a_bare_repository(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(desk.root), "bare.git")
    monkeypatch.chdir(tmp_path / "bare.git")
    said = desk.harness("run")
    assert said.code == 2
    assert "bare repository" in said.err
    assert "git clone" in said.err


# ---- goals ---------------------------------------------------------------------------------------------------------


def goals(*bullets: str) -> Spoil:
    return lambda desk: desk.write("fine-tune.md", OBJECTIVES + "".join(f"- {bullet}\n" for bullet in bullets))


TWO_TARGETS = "**Latency**: 2 s or less\n\n## Evaluation Metrics\n### Latency\n- Target value: 3 s or less"
GOALS: list[Row] = [
    ("no file", lambda desk: (desk.root / "fine-tune.md").unlink(), "", "fine-tune.md is missing", "--goal"),
    ("unknown metric", goals("**Acuracy**: 90%"), "fine-tune.md:4", "unknown metric 'Acuracy'", "write 'accuracy'"),
    ("target and sentence disagree", goals(TWO_TARGETS), "fine-tune.md:8", "has two targets", "fine-tune.md:4 and"),
    ("no unit", goals("**Latency**: 2 or less"), "fine-tune.md:4", "2 of what?", "write '2 s' or '2 ms'"),
    ("money without unit", goals("**Cost**: 0.01"), "fine-tune.md:4", "0.01 of what?", "'$0.01' or '0.01 cents'"),
    (
        "two files",
        lambda desk: desk.write(ELSEWHERE, f"{OBJECTIVES}- **Accuracy**: 80%\n"),
        f"{ELSEWHERE}:1",
        "goals stand in two files",
        f"git rm {ELSEWHERE}",
    ),
    (
        "not UTF-8",
        lambda desk: desk.write("fine-tune.md", f"{OBJECTIVES}- **Accuracy**: 80% é\n".encode("latin-1")),
        "fine-tune.md:4",
        "not UTF-8: the byte 0xe9 at column 21",
        "iconv",
    ),
]


@table(GOALS)
def test_goals(desk: Desk, row: Row) -> None:
    refused(desk, row, 2, "check")


# ---- cases ---------------------------------------------------------------------------------------------------------


def line(number: int, ticket: str = "My card", **more: str) -> str:
    fields = {"id": f"n{number}", "input": {"ticket": ticket}, "expected_intent": "billing", **more}
    return json.dumps(fields, ensure_ascii=False) + "\n"


def sparse(desk: Desk) -> None:
    with (desk.root / JSONL).open("r+b") as file:
        file.truncate(100_000_000)


CASES: list[Row] = [
    ("missing", lambda desk: (desk.root / JSONL).unlink(), "fine-tune.md:8", "cases.jsonl is missing", "--cases"),
    ("empty", lambda desk: desk.write(JSONL, ""), JSONL, "no test case", "one object per line"),
    ("bad JSON", lambda desk: desk.write(JSONL, line(1) + "{'id'\n"), f"{JSONL}:2", "not valid JSON", "per line"),
    ("duplicate id", lambda desk: desk.write(JSONL, line(1) * 2), f"{JSONL}:2", "'n1' stands at", "of its own"),
    (
        "not UTF-8",
        lambda desk: desk.write(JSONL, (line(1) + line(2) + line(3, "Café closed")).encode("latin-1")),
        f"{JSONL}:3",
        "not UTF-8: the byte 0xe9 at column",
        f"iconv -f latin1 -t utf-8 {JSONL}",
    ),
    ("100 MB", sparse, JSONL, "has 100 MB, more than the 50 MB", "fewer cases"),
]


@table(CASES)
def test_cases(desk: Desk, row: Row) -> None:
    refused(desk, row, 2, "check")


def test_a_huge_file_is_not_read_to_be_refused(desk: Desk) -> None:
    sparse(desk)
    tracemalloc.start()
    try:
        assert desk.harness("check").code == 2
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_other_keys_of_a_case_are_kept(desk: Desk) -> None:
    desk.write(JSONL, "".join(line(number, reviewer="kim") for number in range(20)))
    assert desk.harness("check").code == 0
    assert cases.load(desk.root / JSONL)[0].metadata == {"reviewer": "kim"}


# ---- graph ---------------------------------------------------------------------------------------------------------

COMPILED = "graph = builder.compile()"


def compiled(instead: str) -> Spoil:
    return lambda desk: desk.replace(GRAPH, COMPILED, instead)


def unnamed(desk: Desk) -> None:
    (desk.root / "langgraph.json").unlink()


FACTORY = "def {}(model, *, speed):\n    return builder.compile()\n"
GRAPHS: list[Row] = [
    (
        "not found",
        lambda desk: desk.write("langgraph.json", '{"graphs": {"x": "app/other.py:graph"}}'),
        "langgraph.json",
        "'app/other.py' does not exist",
        "graphs found: app/graph.py:graph",
    ),
    (
        "several",
        lambda desk: (unnamed(desk), compiled(f"{COMPILED}\nsecond = builder.compile()")(desk)),
        "",
        "several compiled graphs were found: app/graph.py:graph, app/graph.py:second",
        "--graph app/graph.py:graph",
    ),
    (
        "needs arguments",
        compiled(FACTORY.format("graph") + "other = builder.compile()"),
        "app/graph.py:45",
        "the factory graph needs arguments (model, speed)",
        "give them defaults; graphs found: app/graph.py:other",
    ),
    (
        "needs arguments, unnamed",
        lambda desk: (unnamed(desk), compiled(FACTORY.format("make"))(desk)),
        "",
        "these need arguments: app/graph.py:45 make(model, speed)",
        "give the arguments defaults",
    ),
    ("no graph", compiled("graph = 3"), "langgraph.json", "holds a plain value, no graph", "name the compiled graph"),
    ("broken", compiled("graph = ("), "app/graph.py:45", "not Python: '(' was never closed", "mend this line"),
    (
        "broken behind an import",
        lambda desk: desk.write("app/prompts.py", "REPLY = 1\nCLASSIFY == = 2\n"),
        "app/prompts.py:2",
        "not Python: invalid syntax",
        "the app imports the file",
    ),
]


@table(GRAPHS)
def test_graph(desk: Desk, row: Row) -> None:
    refused(desk, row, 2, "check")


# ---- start ---------------------------------------------------------------------------------------------------------


def in_model(text: str) -> Spoil:
    return lambda desk: (desk.replace("app/model.py", "REDRAW_MEAN = 0.6", f"REDRAW_MEAN = 0.6\n{text}"), desk.commit())


STARTS: list[Row] = [
    ("import fails", in_model("LABELS[9]"), "app/model.py:24", "IndexError: list index out of range", "work first"),
    (
        "variable missing",
        in_model('os.environ["DESK_KEY"]'),
        "app/model.py:24",
        "KeyError: 'DESK_KEY'",
        "set the variable DESK_KEY",
    ),
]


@table(STARTS)
def test_start(desk: Desk, row: Row) -> None:
    """The traceback has the app's own frames and no other."""
    refused(desk, row, 3, "run")
    (run,) = json.loads(desk.harness("runs", "--json").out)
    assert run["status"] == "failed"
    assert row[3] in run["end"]
    frames = [text.strip() for text in run["end"].splitlines() if text.strip().startswith("File ")]
    assert frames == ['File "app/graph.py", line 5, in <module>', 'File "app/model.py", line 24, in <module>']


# ---- an app that misbehaves ----------------------------------------------------------------------------------------


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose runs may leave their record."""
    made = Desk(tmp_path / "desk")
    monkeypatch.chdir(made.root)
    return made


def misbehaving(desk: Desk, first_line: str) -> None:
    desk.replace(GRAPH, '    return {"clean"', f'    {first_line}\n    return {{"clean"')
    desk.replace(GRAPH, "from typing", "import os\nimport time\nfrom typing")
    desk.commit()


def test_an_app_that_fails_on_every_case_gets_a_verdict_and_no_score(measured: Desk) -> None:
    misbehaving(measured, 'raise ValueError("no luck today")')
    before = user_state(measured.root)
    said = measured.harness("run", "--json")
    assert said.code == 3
    (found,) = said.findings
    assert "all 8 runs failed, so nothing can be measured; 8 of them with ValueError (app): no luck" in found["message"]
    assert 'File "app/graph.py"' in found["message"]
    assert '"accuracy"' not in said.out
    assert user_state(measured.root) == before


MISBEHAVIOURS = [
    ("times out on some", 'time.sleep(60 * ("card" in state["ticket"]))', "{} of 24 runs of the app as found failed"),
    ("forks", "os.fork() or os._exit(0)", ""),
    ("forks and goes on twice", "os.fork()", ""),
    ("prints 1 MB", 'print("x" * 1_000_000)', ""),
]


@pytest.mark.parametrize(("line", "says"), [row[1:] for row in MISBEHAVIOURS], ids=[row[0] for row in MISBEHAVIOURS])
def test_an_app_that_misbehaves_gets_a_verdict_in_words(measured: Desk, line: str, says: str) -> None:
    slow = sum("card" in case.inputs["ticket"] for case in cases.load(measured.root / JSONL))
    measured.write("harness.toml", "timeout = 2.0\nruns = 1\n")
    misbehaving(measured, line)
    said = measured.harness("baseline")
    assert said.code == 0, said.err
    assert says.format(slow) in said.err
    assert ("Timeout (timeout)" in said.err) == ("failed" in said.err) == bool(says)
    assert ("Errors by type" in said.out) == bool(says)
    assert f"over {CASES_KEPT} runs" in said.out


# ---- four sentences ------------------------------------------------------------------------------------------------


def test_four_different_sentences_before_money_is_spent(measured: Desk, tmp_path: Path) -> None:
    """That goals are met already is known after the baseline: tests/e2e/test_run.py."""
    log = tmp_path / "calls.log"
    dear = measured.harness("run", "--budget-calls", "10")
    assert dear.code == 4
    assert "the baseline alone needs about 240 model calls (24 cases x 5 runs x 2 LLM nodes)" in dear.err
    beyond = measured.harness("run", "--goal", "accuracy to 120 %")
    assert beyond.code == 2
    assert "accuracy cannot be above 100 %, so 120% cannot be met" in beyond.err
    measured.write(JSONL, "".join(line(number) for number in range(8)))
    few = measured.harness("run", "--dry-run")
    assert few.code == 0
    assert "8 cases, fewer than 12: the run ends in a report without a claim" in few.out
    assert not log.exists()
    assert git(measured.root, "branch", "--list", "harness/*") == ""


def test_a_relative_goal_that_cannot_be_met_is_told_as_soon_as_the_baseline_is_known(measured: Desk) -> None:
    said = measured.harness("baseline", "--runs", "1", "--goal", "accuracy +300 %")
    assert said.code == 0, said.err
    assert "it never exceeds 1: the goal cannot be met" in said.err
