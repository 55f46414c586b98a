"""Labels of people against a judge, over the real protocol: what is asked, what is told, what a report makes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from harness.calibrating import _material
from harness.cli import app
from harness.errors import UserError
from harness.judge import Label, judges, labelled
from harness.judge.forms import Form
from tests import makers
from tests.conftest import git
from tests.providers.asked import Asked, Said
from tests.providers.server import Provider, listening

YES_NO = Form("yes/no")
RUBRIC = "---\njudge: openai:toy\nscale: {scale}\n---\nThe reply says sorry.\n"


def fond(asked: Asked) -> Said:
    """Says yes to what is sorry and to whatever is long; of a pair it prefers the first, but for one that is sorry."""
    texts = [text for _, text in re.findall(r"<(data-\w+)>\n(.*?)\n</\1>", asked.prompt, re.DOTALL)]
    if "compare two replies" in asked.prompt:
        first, second = texts[-2:]
        return Said(json.dumps({"verdict": "second" if "sorry" in second and "sorry" not in first else "first"}))
    return Said(json.dumps({"verdict": "yes" if "sorry" in texts[-1] or len(texts[-1]) > 150 else "no"}))


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Provider]]:
    (tmp_path / "evals").mkdir()
    (tmp_path / "evals/polite.md").write_text(RUBRIC.format(scale="yes/no"), "utf-8")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "start")
    with listening(fond) as served:
        monkeypatch.setenv("OPENAI_BASE_URL", served.url)
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        monkeypatch.chdir(tmp_path)
        yield tmp_path, served


def calibrate(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["judge", "calibrate", *arguments])


def test_labels_are_held_against_the_judge_and_asked_about_once(repo: tuple[Path, Provider]) -> None:
    tree, served = repo
    texts = [("yes", f"so sorry {n}") if n % 2 else ("no", f"no {n}") for n in range(20)]
    rows = [{"input": f"q{n}", "output": text, "label": label} for n, (label, text) in enumerate(texts)]
    rows += [{"output": f"no {'word ' * 40}{n}", "label": "no"} for n in range(5)]
    (tree / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    said = calibrate("labels.jsonl", "--json")
    assert said.exit_code == 0, said.output
    told = json.loads(said.stdout)
    assert (told["n"], told["unscored"], told["spend"]["calls"]) == (25, 0, 25)
    assert told["agreement"]["value"] == 0.8
    assert told["verdicts"] | {"good": 10, "good_found": 10, "bad": 15, "bad_found": 10} == told["verdicts"]
    assert told["length"]["low"] > 0
    assert any("likes long replies" in note for note in told["notes"])
    again = calibrate("labels.jsonl")
    assert "0 model calls made" in again.stdout
    assert "kappa" in again.stdout
    assert len(served.asked) == 25
    kept = json.loads((tree / ".harness/judge/polite.json").read_text("utf-8"))
    assert kept["model"] == "openai:toy"


def test_a_pair_tells_the_bias_of_position(repo: tuple[Path, Provider]) -> None:
    tree, served = repo
    (tree / "evals/better.md").write_text(RUBRIC.format(scale="pairwise"), "utf-8")
    lines = ["output_a,output_b,label"]
    lines += [f"so sorry {n},no {n},first" for n in range(8)] + [f"yes {n},no {n},tie" for n in range(8)]
    (tree / "labels.csv").write_text("\n".join(lines), "utf-8")
    assert "there are 2 judges" in calibrate("labels.csv").output
    said = calibrate("labels.csv", "--metric", "better", "--json")
    told = json.loads(said.stdout)
    assert (told["n"], told["agreement"]["value"]) == (16, 1.0)
    assert told["turned"]["value"] == 0.5
    assert told["first"]["value"] == 1.0
    assert any("stands first" in note for note in told["notes"])
    assert len(served.asked) == 32


def test_the_budget_holds_and_verdicts_of_the_file_cost_nothing(repo: tuple[Path, Provider]) -> None:
    tree, served = repo
    rows = [{"output": f"no {n}", "label": "no", **({"judge": "yes"} if n < 5 else {})} for n in range(12)]
    (tree / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert calibrate("labels.jsonl", "--budget-calls", "3").exit_code == 4
    assert len(served.asked) == 3
    told = json.loads(calibrate("labels.jsonl", "--json").stdout)
    assert (told["agreement"]["value"], len(served.asked)) == (7 / 12, 7)


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ('{"output": "x", "label": "yes"}\n{"output": "y"}', "labels.jsonl:2", "no label"),
        ('{"output": "x", "label": "perhaps"}', "labels.jsonl:1", "'perhaps' is not"),
        ('{"label": "yes"}', "labels.jsonl:1", "which reply"),
        ("nonsense", "labels.jsonl:1", "not JSON"),
        ("[]", "labels.jsonl:1", "no JSON object"),
        ("", "labels.jsonl", "at least 2"),
    ],
)
def test_a_wrong_row_is_told_with_its_line(text: str, where: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(UserError) as caught:
        labelled(path, YES_NO)
    assert caught.value.where == where
    assert words in str(caught.value)


def test_a_missing_file_is_told(repo: tuple[Path, Provider]) -> None:
    assert calibrate("none.csv").exit_code == 2
    assert repo[1].asked == []


def test_a_label_by_case_takes_the_recorded_reply_and_what_it_rests_on() -> None:
    faithful = judges()[1].named("true", {"model": "openai:toy", "context": "documents", "path": "answer"}, "")
    case = makers.case("c7", {"question": "when?"})
    run = makers.run({"documents": ["Open from 9"], "answer": "It opens at 9", "note": "x"}, case="c7")
    label = Label(1.0, "labels.csv:2", (), "c7")
    assert _material(faithful, label, {("c7", 0): (case, run)}) == (case, ("It opens at 9",), '["Open from 9"]')
    with pytest.raises(UserError, match="no reply is recorded"):
        _material(faithful, label, {("c7", 0): (case, makers.run(None, case="c7", fault=makers.fault("app")))})
    with pytest.raises(UserError, match="no case or recorded run"):
        _material(faithful, label, {})
