"""Repos that no graph drives: their own script evaluates, and texts that the settings name are tuned. Real scripts."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from benchmarks.bench import finish, start, user_state
from harness.check import check
from harness.errors import HarnessError
from tests.conftest import git
from tests.e2e.conftest import Said, harness

PATH = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}  # `python` is the one of the tests
PATIENCE = 300  # seconds until a wait is given up; not a speed that is asserted
FAST = ("--runs", "2", "--proposer", "definitions")
SHELL = """#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" = --output ] && out=$2; shift; done
rows=""
for n in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do
  if [ -z "$HARNESS_CASES" ] || grep -qx "q$n" "$HARNESS_CASES"; then
    right=false
    grep -q please prompt.txt && right=true
    [ $((n % 5)) -eq 0 ] && right=true
    rows="$rows${rows:+,}{\\"case_id\\": \\"q$n\\", \\"correct\\": $right, \\"tone\\": $((n % 3))}"
  fi
done
printf '{"case_results": [%s]}' "$rows" > "$out"
"""
IDEAS = """from harness.types import Proposal


def propose(brief):
    return [Proposal("courtesy", (*brief.prompt.parts, "Say please."), "to see whether it helps")]
"""
GOALS = "# Fine-Tuning Goals\n\n## Optimization Objectives\n- **Accuracy**: 90% or higher\n"
MINE = ("--runs", "2", "--proposer", "ideas.py:propose")


def run(tree: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Said:
    return harness(tree, *arguments, env={**PATH, **(env or {})})


def made(tree: Path, files: Mapping[str, str]) -> Path:
    """A repository of these files with a proposer of the user's beside them."""
    tree.mkdir(exist_ok=True)
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text, "utf-8")
        if name.endswith(".sh"):
            (tree / name).chmod(0o755)
    git(tree, "init", "-q")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "an app in no framework")
    return tree


@pytest.fixture
def shell_repo(tmp_path: Path) -> Path:
    """No Python, no case file: a script of the shell knows its cases."""
    settings = 'command = "./evaluate.sh"\nprompts = ["prompt.txt"]\n'
    files = {"evaluate.sh": SHELL, "prompt.txt": "Answer the question.\n", "fine-tune.md": GOALS, "ideas.py": IDEAS}
    return made(tmp_path / "shop", {**files, "harness.toml": settings})


def test_a_script_that_nobody_wrote_for_us_is_tuned_to_a_branch(
    toy_repo: Callable[[str], Path], tmp_path: Path
) -> None:
    tree, log = toy_repo("scripted"), tmp_path / "log"
    before = user_state(tree)
    said = run(tree, "run", *FAST, "--json", env={"TOY_CALL_LOG": str(log)})
    assert said.code == 0, said.err
    assert user_state(tree) == before
    branch, folder = said.data["branch"], f"reports/{said.data['run']}"
    changed = [
        name for name in git(tree, "diff", "--name-only", f"main..{branch}").split() if not name.startswith(folder)
    ]
    assert changed == ["prompts/classify.md"]
    text = git(tree, "show", f"{branch}:prompts/classify.md")
    assert "{ticket}" in text
    assert text.endswith("\n")
    assert said.data["claimed"]["gain"] > 0.3
    evaluated = sum(int(line.split()[0]) for line in log.read_text("utf-8").splitlines())
    assert said.data["spend"]["calls"] == evaluated
    assert said.data["spend"]["usd"] == pytest.approx(evaluated * 0.001)
    report = git(tree, "show", f"{branch}:{folder}/report.md")
    assert "prompts/classify.md: named in the settings; not proved by a recorded call" in report
    assert f"{evaluated:,} by the command; its model calls are not seen" in report
    assert "| Evaluation command | `python evaluate.py` |" in report
    batches = [tuple(line.split()[1:]) for line in log.read_text("utf-8").splitlines()]
    assert batches[:2] == [("1", "42"), ("2", "43")]  # run index and seed, all cases at a time


def test_cases_that_only_the_command_knows_are_named_by_a_first_run(shell_repo: Path) -> None:
    checked = run(shell_repo, "check")
    assert checked.code == 0, checked.err
    assert "named by the command, not known yet" in checked.out
    based = run(shell_repo, "baseline", "--runs", "2", "--json")
    assert based.code == 0, based.err
    assert based.data["spend"]["calls"] == 40  # the run that names them is the first of the baseline
    assert any("known by their ids alone" in note for note in based.data["notes"])
    accuracy = next(row for row in based.data["summaries"] if row["metric"] == "accuracy")
    assert (accuracy["n"], accuracy["mean"]) == (20, 0.2)
    planned = run(shell_repo, "run", "--dry-run", "--runs", "2", "--json")
    assert planned.data["baseline_calls"] == 40
    said = run(shell_repo, "run", *MINE, "--json")
    assert said.code == 0, said.err
    assert git(shell_repo, "show", f"{said.data['branch']}:prompt.txt") == "Answer the question.\nSay please.\n"


def test_a_number_that_a_goal_names_is_read_from_the_rows_and_another_is_refused(shell_repo: Path) -> None:
    said = run(shell_repo, "baseline", "--runs", "1", "--goal", "tone to at least 1.5 points", "--json")
    assert said.code == 0, said.err
    assert next(row["mean"] for row in said.data["summaries"] if row["metric"] == "tone") == pytest.approx(0.95)
    refused = run(shell_repo, "baseline", "--runs", "1", "--goal", "humour to at least 3 points")
    assert refused.code == 2
    assert "the results tell no humour: they tell accuracy, tone" in refused.err


def test_try_keeps_a_change_of_ones_own_and_refuses_one_of_the_judge(shell_repo: Path) -> None:
    (shell_repo / "prompt.txt").write_text("Answer the question, please.\n", "utf-8")
    said = run(shell_repo, "try", "--runs", "2", "--json")
    assert said.code == 0, said.err
    assert said.data["kept"] == ["c01"]
    git(shell_repo, "checkout", "-q", "prompt.txt")
    (shell_repo / "evaluate.sh").write_text(SHELL.replace("right=false", "right=true"), "utf-8")
    refused = run(shell_repo, "try")
    assert refused.code == 2
    assert "evaluate.sh" in refused.err


def test_two_revisions_are_compared_and_a_worse_one_is_a_regression(shell_repo: Path) -> None:
    git(shell_repo, "checkout", "-qb", "kinder")
    (shell_repo / "prompt.txt").write_text("Answer the question, please.\n", "utf-8")
    git(shell_repo, "commit", "-qam", "kinder")
    assert run(shell_repo, "compare", "--ref", "kinder..main", "--runs", "2", "--json").data["ruling"] == "regression"
    said = run(shell_repo, "compare", "--ref", "main..kinder", "--runs", "2", "--json")
    assert said.data["ruling"] == "no regression", said.err
    assert said.data["rows"][0]["finding"] == "better"


def test_tests_are_cases_and_a_kept_change_makes_more_of_them_pass(tmp_path: Path) -> None:
    tests = (
        "import pathlib, pytest\n\nPROMPT = pathlib.Path('prompt.txt').read_text('utf-8')\n\n\n"
        "@pytest.mark.parametrize('n', range(20))\ndef test_reply(n):\n    assert n % 5 == 0 or 'please' in PROMPT\n"
    )
    command = f"{sys.executable} -m pytest -q -p no:cacheprovider --junitxml={{output}}"
    settings = f'command = {json.dumps(command)}\nprompts = ["prompt.txt"]\n'
    files = {"test_reply.py": tests, "prompt.txt": "Answer.\n", "fine-tune.md": GOALS, "ideas.py": IDEAS}
    tree = made(tmp_path / "tested", {**files, "harness.toml": settings})
    said = run(tree, "run", *MINE, "--json", env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})  # which load for a second
    assert said.code == 0, said.err
    assert git(tree, "show", f"{said.data['branch']}:prompt.txt") == "Answer.\nSay please.\n"
    report = git(tree, "show", f"{said.data['branch']}:reports/{said.data['run']}/report.md")
    assert "test_reply::test_reply[3]" in report


def test_what_a_command_writes_into_its_tree_lands_nowhere(shell_repo: Path) -> None:
    commit = "git add -A && git -c user.name=x -c user.email=x@y commit -qm mischief\n"
    dirty = f"echo junk > junk.txt\necho junk >> fine-tune.md\n{commit}"
    (shell_repo / "evaluate.sh").write_text(SHELL + dirty, "utf-8")
    git(shell_repo, "commit", "-qam", "a script that leaves things about")
    before = user_state(shell_repo)
    said = run(shell_repo, "run", *MINE, "--json")
    assert said.code == 0, said.err
    assert user_state(shell_repo) == before
    touched = git(shell_repo, "diff", "--name-only", f"main..{said.data['branch']}").split()
    assert {name for name in touched if not name.startswith("reports/")} == {"prompt.txt"}
    assert "mischief" not in git(shell_repo, "log", "--format=%s", said.data["branch"])


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ('prompts = ["prompt.txt"]', 2, "no command says how they are evaluated"),
        ('command = "./evaluate.sh"\nprompts = ["promt.txt"]', 2, "did you mean 'prompt.txt'?"),
        ('command = "./evaluate.sh"\nprompts = ["ideas.py"]', 2, "move the text into a file"),
        ('command = "./evaluate.sh"\nprompts = ["late.md"]', 2, "late.md: no commit holds this prompt"),
        ('command = "./evaluate.sh"\nprompts = ["odd.md"]', 2, "odd.md: cannot be read as text"),
        (
            'command = "./evaluate.sh"\nprompts = ["prompt.txt"]\ntemplates = {"x.md" = "jinja"}',
            2,
            "'x.md', which is no",
        ),
        ('command = "./evaluate.sh"\nprompts = ["prompt.txt"]\ntemplates = {"prompt.txt" = "fish"}', 2, "templates"),
        ('command = "nowhere-to-be-found x"\nprompts = ["prompt.txt"]', 3, "'nowhere-to-be-found'"),
        ('command = "sh missing.sh"\nprompts = ["prompt.txt"]', 2, "missing.sh, which is not there"),
        ('command = "sh late.sh"\nprompts = ["prompt.txt"]', 2, "no commit holds late.sh"),
        ('command = "./evaluate.sh"\nformat = "xml"', 2, "format"),
    ],
)
def test_a_wrong_setup_is_said_before_anything_runs(shell_repo: Path, settings: str, code: int, words: str) -> None:
    (shell_repo / "odd.md").write_bytes(b"caf\xe9")
    (shell_repo / "harness.toml").write_text(f"{settings}\n", "utf-8")
    git(shell_repo, "add", "-A")
    git(shell_repo, "commit", "-qm", "spoilt")
    (shell_repo / "late.md").write_text("Later.", "utf-8")
    (shell_repo / "late.sh").write_text("true", "utf-8")
    with pytest.raises(HarnessError) as refused:
        check(shell_repo, {})
    assert refused.value.exit_code == code
    assert words in str(refused.value)
    assert "fix:" in str(refused.value)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("#!/bin/sh\necho no key; exit 3\n", "left with exit code 3 and wrote no results"),
        (SHELL.replace("$right,", "NaN,"), "case_results[0] (accuracy of q0 is nan)"),
    ],
)
def test_a_command_without_results_is_told_and_leaves_nothing(shell_repo: Path, script: str, words: str) -> None:
    (shell_repo / "evaluate.sh").write_text(script, "utf-8")
    git(shell_repo, "commit", "-qam", "spoilt")
    said = run(shell_repo, "run", *MINE)
    assert said.code == 3, said.err
    assert words in said.err
    assert "fix:" in said.err
    assert "Traceback" not in said.err
    assert git(shell_repo, "branch", "--list", "harness/*") == ""
    assert [row["status"] for row in run(shell_repo, "runs", "--json").data] == ["failed"]
    assert not list((shell_repo / ".harness/runs").iterdir())


def test_a_budget_counts_cases_and_is_not_passed(shell_repo: Path) -> None:
    refused = run(shell_repo, "run", *MINE, "--budget-calls", "30")
    assert refused.code == 4
    assert "about 40 case evaluations" in refused.err
    said = run(shell_repo, "run", *MINE, "--budget-calls", "70", "--json")
    assert said.code == 4, said.err
    assert said.data["spend"]["calls"] == 70


def test_what_makes_no_sense_for_a_command_says_so(shell_repo: Path) -> None:
    started = run(shell_repo, "check", "--import")
    assert (started.code, "`harness baseline` runs the command" in started.err) == (2, True)
    assert run(shell_repo, "baseline", "--runs", "2").code == 0
    replayed = run(shell_repo, "aa", "--by-replay", "--repeats", "2")
    assert (replayed.code, "no model call is seen" in replayed.err) == (2, True)
    assert run(shell_repo, "aa", "--repeats", "20", "--draws", "1", "--json").code == 0
    assert "evaluated by './evaluate.sh'" in run(shell_repo, "doctor").out
    listed = run(shell_repo, "nodes", "--json")
    assert [prompt["id"] for prompt in listed.data["prompts"]] == ["prompt.txt"]
    assert run(shell_repo, "plan", "--json").code == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_whatever_ends_us_ends_the_script_and_resume_goes_on(shell_repo: Path, tmp_path: Path, number: int) -> None:
    gate, script = tmp_path / "gate", shell_repo / "evaluate.sh"
    os.mkfifo(gate)
    waits = f'#!/bin/sh\n[ "$HARNESS_RUN" = 2 ] && [ -p {gate} ] && cat {gate}\n'
    script.write_text(SHELL.replace("#!/bin/sh\n", waits), "utf-8")
    git(shell_repo, "commit", "-qam", "waits in its second run")
    process = start(shell_repo, ("run", *MINE), PATH)
    held = os.open(gate, os.O_WRONLY)  # returns once the script reads
    process.send_signal(number)
    code, _, err = finish(process)
    assert code == (130 if number == signal.SIGINT else -number)
    assert ("harness resume" in err) is (number == signal.SIGINT)
    reading = select.poll()
    reading.register(held, 0)
    assert reading.poll(), "the script still reads: it was not ended"
    os.close(held)
    gate.unlink()
    resumed = run(shell_repo, "resume", "--json")
    assert resumed.code == 0, resumed.err
    assert resumed.data["kept"]
