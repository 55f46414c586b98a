"""The repo's own metric in a whole run: measured, guarded against a change in between, and asked again afterwards."""

from __future__ import annotations

import signal
from pathlib import Path

from harness import cases
from tests.e2e.conftest import harness
from tests.e2e.test_interrupted import PATIENCE, begun

HALF = """\
from app.prompts import CLASSIFY

NAME, VERSION, DIRECTION, UNIT = "half", "1", "higher", "points"


def score(case, run, options):
    print(CLASSIFY)
    right = run.fault is None and run.output["intent"] == case.expected["expected_intent"]
    return options.get("base", 0.5) + 0.5 * right
"""


def test_recorded_runs_are_scored_again_without_a_call(small_repo: Path, tmp_path: Path) -> None:
    log = {"TOY_CALL_LOG": str(tmp_path / "calls.log")}
    first = harness(small_repo, "baseline", "--runs", "2", "--json", env=log)
    assert first.code == 0, first.err
    calls = (tmp_path / "calls.log").read_text("utf-8")
    accuracy = next(s["mean"] for s in first.data["summaries"] if s["metric"] == "accuracy")
    (classes,) = first.data["profile"]["classes"]
    assert sum(row["support"] for row in classes["rows"]) < classes["n"] == 96 * 2  # rows of dev, a total of all
    (small_repo / "evals/half.py").write_text(HALF, "utf-8")
    said = harness(small_repo, "report", "--rescore", "half,accuracy,f1", "--json", env=log)
    assert said.code == 0, said.err
    half, again, f1 = said.data["rows"]
    assert (f1["metric"], f1["deciding"]["n"]) == ("f1", half["deciding"]["n"])
    weights = [
        (row["deciding"]["mean"], row["deciding"]["n"], row["dev"]["mean"], row["dev"]["n"]) for row in (half, again)
    ]
    means = [(a * n + b * m) / (n + m) for a, n, b, m in weights]
    assert abs(means[1] - accuracy) < 1e-9
    assert abs(means[0] - (0.5 + 0.5 * accuracy)) < 1e-9
    assert said.data["profiles"]["as found"] == first.data["profile"]
    assert (tmp_path / "calls.log").read_text("utf-8") == calls
    unknown = harness(small_repo, "report", "--rescore", "haalf")
    assert (unknown.code, "'half'" in unknown.err) == (2, True)


def test_a_metric_that_changed_in_between_is_refused(small_repo: Path, tmp_path: Path) -> None:
    own, log = small_repo / "evals/half.py", tmp_path / "calls.log"
    own.write_text(HALF, "utf-8")
    process = begun(small_repo, log, 10)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    own.write_text(HALF + "# another thought\n", "utf-8")
    refused = harness(small_repo, "resume")
    assert refused.code == 2
    assert "evals/half.py: this file was changed" in refused.err
    own.unlink()
    gone = harness(small_repo, "resume")
    assert gone.code == 2
    assert "evals/half.py" in gone.err


def test_a_metric_that_breaks_stops_the_run_with_its_line(small_repo: Path, tmp_path: Path) -> None:
    (small_repo / "evals/half.py").write_text(HALF.replace("print(CLASSIFY)", "print(1 / 0)"), "utf-8")
    log = tmp_path / "calls.log"
    said = harness(small_repo, "baseline", "--runs", "1", env={"TOY_CALL_LOG": str(log)})
    assert said.code == 2
    assert "evals/half.py:7: metric half raised ZeroDivisionError" in said.err
    assert "fix: mend evals/half.py:7, then start again" in said.err
    assert "Traceback" not in said.err
    assert len(log.read_text("utf-8").splitlines()) < 24  # of 96 cases: the first ones are scored at once


def test_a_metric_that_fails_on_a_sealed_case_does_not_name_it(small_repo: Path) -> None:
    split = cases.split(cases.load(small_repo / "evals/cases.jsonl"))
    hidden = split.holdout[3]
    lines = (
        'NAME, VERSION, DIRECTION, UNIT = "own", "1", "higher", ""',
        "def score(case, run, options):",
        f"    if case.id == {hidden.id!r}:",
        "        raise ValueError(f'{case.id} cannot be read: {case.inputs}')",
        "    return 1.0",
    )
    (small_repo / "evals/own.py").write_text("\n".join(lines) + "\n", "utf-8")
    said = harness(small_repo, "baseline", "--runs", "1", "--json")
    assert said.code == 2
    assert "a sealed case" in said.err
    told = said.out + said.err
    assert hidden.id not in told
    assert hidden.inputs["ticket"] not in told
