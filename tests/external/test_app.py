"""What becomes of a command's results, and of one that gives none: real processes, real scripts."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from harness.errors import AppError
from tests.external.scripts import ALL, GOOD, HEAD, app, host, jobs, runs_of, tree

PATIENCE = 60  # seconds until a wait is given up; not a speed that is asserted


def test_one_run_of_the_command_answers_all_cases_of_a_run_index(tmp_path: Path) -> None:
    script = GOOD + "pathlib.Path('log').open('a').write(' '.join(ids) + os.environ['HARNESS_RUN'] + '\\n')\n"
    runs, calls = runs_of(app(tmp_path, script), jobs("q0", "q1", ks=2))
    assert (tmp_path / "log").read_text("utf-8") == "q0 q11\nq0 q12\n"
    one = runs["q1", 1]
    assert one.output == {"accuracy": 1.0, "latency": 0.5, "cost": 0.01, "answer": "is q1", "unscored": {}}
    assert (one.seconds, one.version, one.fault) == (0.5, "v1", None)
    assert [(call.usd, call.tokens_in) for call in calls] == [(0.01, None)] * 4


def test_cases_that_nobody_asked_for_count_once_and_are_used_when_they_are_asked(tmp_path: Path) -> None:
    command = app(tmp_path, ALL + "pathlib.Path('log').open('a').write('x')\n")
    first, counted = runs_of(command, jobs("q0", "q1"))
    assert len(counted) == 6
    beside = [call for call in first["q0", 0].calls if call.error]
    assert len(beside) == 4
    assert not any(call.text or call.messages for call in beside)  # they may be sealed
    later, more = runs_of(command, jobs("q2", "q3"))
    assert not more
    assert all(call.replayed for run in later.values() for call in run.calls)
    assert (tmp_path / "log").read_text("utf-8") == "x"
    _, again = runs_of(command, jobs("q0"))  # asked a second time, it is drawn a second time
    assert len(again) == 6


def test_a_first_run_names_the_cases_and_is_the_first_run_of_that_version(tmp_path: Path) -> None:
    place, made = tree(tmp_path, GOOD + "pathlib.Path('log').open('a').write('x')\n"), host()
    assert made.cases(place, "v1") == tuple(f"q{n}" for n in range(6))
    with_nothing = made.open(place, "v1")
    with_nothing.close()
    _, counted = runs_of(made.open(place, "v1"), jobs(*(f"q{n}" for n in range(6))))
    assert len(counted) == 6
    assert (place / "log").read_text("utf-8") == "x"
    runs_of(made.open(place, "v2"), jobs("q0"))
    assert (place / "log").read_text("utf-8") == "xx"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("import sys; print('no key'); sys.exit(3)", ("left with exit code 3 and wrote no results", "no key")),
        ("print('done')", ("left with exit code 0 and wrote no results", "--output r.json")),
        (GOOD + "sys.exit(2)", ("left with exit code 2", "leave with 0")),
        (HEAD + "out.write_text('{\"case_results\": [')", ("cannot be read: run_1.json: this file is not JSON",)),
        (HEAD + "out.write_text('')", ("run_1.json: this file is empty",)),
        (HEAD + "write([])", ("there is no result in this file",)),
        (HEAD + "write([{'case_id': 'z', 'correct': True}])", ("'q0' is asked, 'z' is told", "ids of the case file")),
        (HEAD + "write([{'case_id': 'q0', 'correct': 1}] * 2)", ("case_results[1]", "one row per case")),
        (HEAD + "write([{'case_id': 'q0', 'correct': float('nan')}])", ("case_results[0] (accuracy of q0 is nan)",)),
        (HEAD + "write([{'case_id': 'q0', 'correct': 'yes'}])", ("case_results[0]: correct of case 'q0' is 'yes'",)),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", ("wrote no results",)),
        ("import nothing_like_this", ("ModuleNotFoundError",)),
    ],
)
def test_a_command_that_never_worked_is_an_error_with_its_fix(
    script: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    with pytest.raises(AppError) as refused:
        runs_of(app(tmp_path, script), jobs("q0"))
    for word in words:
        assert word in str(refused.value)
    assert refused.value.fix
    assert "evaluate.py" in refused.value.where


def test_a_script_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AppError, match=r"evaluate\.sh"):
        runs_of(host("./evaluate.sh").open(tmp_path, "v1"), jobs("q0"))


def test_a_command_that_worked_before_loses_its_runs_and_is_tried_twice(tmp_path: Path) -> None:
    script = GOOD.replace(
        "write([",
        "log = pathlib.Path('log'); log.open('a').write('x')\nif len(log.read_text()) > 1: sys.exit(7)\nwrite([",
    )
    command = app(tmp_path, script)
    runs, calls = runs_of(command, jobs("q0", "q1", ks=2))
    assert runs["q0", 0].fault is None
    assert {(runs[case, 1].lost, runs[case, 1].fault.type) for case in ("q0", "q1")} == {(True, "NoResults")}  # type: ignore[union-attr]
    assert len(calls) == 2
    assert (tmp_path / "log").read_text("utf-8") == "xxx"


def test_a_failure_that_passes_costs_nothing_but_a_second_try(tmp_path: Path) -> None:
    script = GOOD.replace(
        "write([",
        "log = pathlib.Path('log'); log.open('a').write('x')\nif len(log.read_text()) == 1: sys.exit(7)\nwrite([",
    )
    runs, calls = runs_of(app(tmp_path, script), jobs("q0"))
    assert runs["q0", 0].fault is None
    assert len(calls) == 1


def test_a_case_without_a_row_is_lost_and_one_with_an_error_is_a_failure(tmp_path: Path) -> None:
    script = HEAD + "write([{'case_id': 'q0', 'correct': False, 'error': 'quota'}, {'case_id': 'q1', 'correct': None}])"
    runs, _ = runs_of(app(tmp_path, script), jobs("q0", "q1", "q2"))
    failed, unjudged, missing = (runs[f"q{n}", 0] for n in range(3))
    assert (failed.fault.kind, failed.fault.message, failed.output) == ("app", "quota", None)  # type: ignore[union-attr]
    assert unjudged.output["unscored"] == {"accuracy": "the row has no correct"}
    assert missing.lost
    assert missing.calls == ()


def test_a_command_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    script = HEAD + (
        "import subprocess\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "pathlib.Path('pid').write_text(str(child.pid))\n"
        "import signal; signal.pause()\n"
    )
    with pytest.raises(AppError, match=r"no results within \d+ s \(1 case at the timeout of 2 s each\)"):
        runs_of(app(tmp_path, script, timeout=2.0), jobs("q0"))
    assert gone(int((tmp_path / "pid").read_text("utf-8")))


def test_what_a_command_leaves_running_is_ended(tmp_path: Path) -> None:
    script = GOOD + (
        "import subprocess\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "pathlib.Path('pid').write_text(str(child.pid))\n"
    )
    runs_of(app(tmp_path, script), jobs("q0"))
    assert gone(int((tmp_path / "pid").read_text("utf-8")))


def gone(pid: int) -> bool:
    """Whether such a process ends; a dead one that nobody has reaped counts as gone."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] in "ZX":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
    return False


def test_seeds_are_the_same_for_arms_that_are_compared_and_fresh_where_a_salt_asks_for_it(tmp_path: Path) -> None:
    script = HEAD + "write([{'case_id': i, 'correct': 1, 'seed': int(os.environ['HARNESS_SEED'])} for i in ids])"
    command, other = app(tmp_path, script), app(tmp_path, script)

    def seeds(one: object, salt: str) -> list[float]:
        runs, _ = runs_of(one, jobs("q0", ks=3, salt=salt))  # type: ignore[arg-type]
        return [runs["q0", k].output["seed"] for k in range(3)]

    assert seeds(command, "") == seeds(other, "") == [42, 43, 44]
    assert seeds(command, "a") == seeds(other, "a")
    assert len({*seeds(command, "a"), *seeds(command, "b"), 42, 43, 44}) == 9


def test_a_command_may_say_where_its_results_go_and_write_a_folder_of_them(tmp_path: Path) -> None:
    script = (
        "import json, pathlib, sys\nfolder = pathlib.Path(sys.argv[2])\nfolder.mkdir()\n"
        "row = {'case_id': 'q0', 'correct': 1, 's': int(sys.argv[1])}\n"
        "(folder / 'log.json').write_text(json.dumps({'case_results': [row]}))\n"
    )
    command = host(f"{sys.executable} evaluate.py {{seed}} {{output}} && true", seed=7)
    runs, _ = runs_of(command.open(tree(tmp_path, script), "v1"), jobs("q0"))
    assert runs["q0", 0].output["s"] == 7


def test_the_interpreter_of_the_app_comes_first_on_the_path(tmp_path: Path) -> None:
    folder = tmp_path / "venv/bin"
    folder.mkdir(parents=True)
    (folder / "python").write_text(f'#!/bin/sh\nMARK=own exec {sys.executable} "$@"\n', "utf-8")
    (folder / "python").chmod(0o755)
    script = HEAD + "write([{'case_id': 'q0', 'correct': os.environ.get('MARK') == 'own'}])"
    command = host("python evaluate.py", python=str(folder / "python"))
    runs, _ = runs_of(command.open(tree(tmp_path / "repo", script), "v1"), jobs("q0"))
    assert runs["q0", 0].output["accuracy"] == 1.0


def test_a_secret_is_in_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_API_KEY", "very-secret-key")
    with pytest.raises(AppError) as refused:
        runs_of(app(tmp_path, "import os, sys; print(os.environ['ACME_API_KEY']); sys.exit(1)"), jobs("q0"))
    assert "very-secret-key" not in str(refused.value)
    assert "<ACME_API_KEY>" in str(refused.value)


def test_it_runs_in_the_tree_and_leaves_no_file_of_ours_there(tmp_path: Path) -> None:
    runs_of(app(tmp_path, GOOD + "assert pathlib.Path.cwd() == pathlib.Path(__file__).resolve().parent"), jobs("q0"))
    assert [path.name for path in tmp_path.iterdir()] == ["evaluate.py"]
