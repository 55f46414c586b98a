"""fine-tune.md as met in the wild, and every way in which it can be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import goals
from harness.errors import Problems, UserError
from harness.types import Goal, Goals, Measure, Settings

KNOWN: dict[str, Measure] = {
    "accuracy": Measure("higher", ""),
    "latency": Measure("lower", "s"),
    "tokens": Measure("lower", "tokens"),
    "cost": Measure("lower", "USD"),
    "error_rate": Measure("lower", ""),
    "politeness": Measure("higher", "points"),
}

FLAT = """\
# Fine-Tuning Goals

## Optimization Objectives
- **Accuracy**: Improve user intent classification accuracy to 90% or higher
- **Latency**: Reduce response time to 2.0 seconds or less
- **Cost**: Reduce cost per request to $0.010 or less

## Evaluation Methods
- **Test Cases**: tests/evaluation/test_cases.json (20 cases)
- **Execution Command**: uv run python -m src.evaluate
- **Evaluation Script**: tests/evaluation/evaluator.py

## Evaluation Metrics

### Accuracy
- Calculation method: (Correct count / Total cases) × 100
- Target value: 90% or higher

### Latency
- Calculation method: Average time per execution
- Target value: 2.0 seconds or less

### Cost
- Calculation method: Total API cost / Total requests
- Target value: $0.010 or less

## Passing Criteria
All evaluation metrics must achieve their target values
"""

NESTED = """\
# Fine-Tuning Goals

## Optimization Objectives

- **Accuracy**: Improve user intent classification accuracy to 90% or higher
- **Latency**: Reduce response time to 2.0 seconds or less
- **Cost**: Reduce cost per request to $0.010 or less

## Evaluation Method

### Test Cases

- **Dataset**: tests/evaluation/test_cases.json (20 cases)
- **Execution Command**: uv run python -m src.evaluate
- **Evaluation Script**: tests/evaluation/evaluator.py

### Evaluation Metrics

#### Accuracy (Correctness Rate)

- **Calculation Method**: (Number of correct answers / Total cases) × 100
- **Target Value**: 90% or higher

#### Latency (Response Time)

- **Calculation Method**: Average time of each execution
- **Target Value**: 2.0 seconds or less

#### Cost

- **Calculation Method**: Total API cost / Total number of requests
- **Target Value**: $0.010 or less

## Pass Criteria

All evaluation metrics must achieve their target values.
"""


def read(root: Path, text: str, *told: str, place: str = "fine-tune.md") -> Goals:
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return goals.load(root, Settings(goals=told), KNOWN)


def objectives(*bullets: str) -> str:
    return "# Goals\n\n## Optimization Objectives\n" + "".join(f"- {b}\n" for b in bullets)


def refused(root: Path, text: str, *told: str) -> list[tuple[str, str, str]]:
    with pytest.raises(Problems) as caught:
        read(root, text, *told)
    assert caught.value.exit_code == 2
    return [(f.where, f.message, f.fix) for f in caught.value.findings]


def essence(goal: Goal) -> tuple[str, str, float | None, str]:
    return goal.metric, goal.direction, goal.target, goal.unit


@pytest.mark.parametrize(("text", "lines"), [(FLAT, (17, 21, 25)), (NESTED, (22, 27, 32))], ids=["H2+H3", "H3+H4"])
def test_both_layouts_say_the_same(tmp_path: Path, text: str, lines: tuple[int, ...]) -> None:
    got = read(tmp_path, text)
    assert [essence(goal) for goal in got.goals] == [
        ("accuracy", "higher", 0.9, "%"),
        ("latency", "lower", 2.0, "s"),
        ("cost", "lower", 0.01, "$"),
    ]
    assert [goal.where for goal in got.goals] == [f"fine-tune.md:{line}" for line in lines]
    assert got.cases_path == "tests/evaluation/test_cases.json"
    assert got.command == "uv run python -m src.evaluate"
    assert got.title == "Fine-Tuning Goals"
    assert [c.rstrip(".") for c in got.criteria] == ["All evaluation metrics must achieve their target values"]


def test_the_line_of_the_cases_is_known(tmp_path: Path) -> None:
    assert read(tmp_path, NESTED).cases_where == "fine-tune.md:13"


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    plain = read(tmp_path, FLAT)
    (tmp_path / "fine-tune.md").write_bytes(b"\xef\xbb\xbf" + FLAT.replace("\n", "\r\n").encode())
    assert goals.load(tmp_path, Settings(), KNOWN) == plain


@pytest.mark.parametrize("place", [".langgraph-architect/fine-tune.md", ".langgraph-master/fine-tune.md"])
def test_the_other_places_are_read(tmp_path: Path, place: str) -> None:
    got = read(tmp_path, FLAT, place=place)
    assert got.where == place
    assert got.goals[0].where == f"{place}:17"


def test_two_files_of_goals_are_refused(tmp_path: Path) -> None:
    read(tmp_path, FLAT, place=".langgraph-master/fine-tune.md")
    ((where, message, fix),) = refused(tmp_path, objectives("**Tokens**: 350 tokens or less"))
    assert where == ".langgraph-master/fine-tune.md:1"
    assert message.startswith("goals stand in two files, fine-tune.md and .langgraph-master/fine-tune.md")
    assert "git rm .langgraph-master/fine-tune.md" in fix


def test_the_sentence_counts_where_no_target_value_stands(tmp_path: Path) -> None:
    text = FLAT.replace("- Target value: 2.0 seconds or less\n", "")
    assert [goal.where for goal in read(tmp_path, text).goals] == [f"fine-tune.md:{n}" for n in (17, 5, 24)]


def test_a_target_value_in_another_unit_agrees(tmp_path: Path) -> None:
    got = read(tmp_path, FLAT.replace("Target value: 2.0 seconds", "Target value: 2000 ms"))
    assert essence(got.goals[1]) == ("latency", "lower", 2.0, "s")


def test_an_objective_without_number_keeps_its_rank(tmp_path: Path) -> None:
    text = FLAT.replace(" to 2.0 seconds or less\n- **Cost**", " as far as you can\n- **Cost**")
    assert [goal.metric for goal in read(tmp_path, text).goals] == ["accuracy", "latency", "cost"]


def test_a_wrapped_bullet_and_a_nested_target_are_read(tmp_path: Path) -> None:
    text = objectives(
        "**Accuracy**: better than now,\n  which is to say 90%\n  or higher", "**Latency**\n  - Target: 2 s or less"
    )
    assert [essence(g)[2] for g in read(tmp_path, text).goals] == [0.9, 2.0]


def test_a_number_that_is_no_value_leaves_the_target_alone(tmp_path: Path) -> None:
    text = FLAT.replace("accuracy to 90% or higher", "accuracy over all 7 intents")
    assert read(tmp_path, text).goals[0].target == 0.9


def test_numbered_headings_are_read(tmp_path: Path) -> None:
    text = FLAT.replace("## Optim", "## 1. Optim").replace("### Accuracy", "### 3.1 **Accuracy**").replace("90%", "91%")
    got = read(tmp_path, text).goals[0]
    assert (got.metric, got.target, got.where) == ("accuracy", 0.91, "fine-tune.md:17")


def test_a_bullet_without_a_key_is_read_as_words(tmp_path: Path) -> None:
    assert essence(read(tmp_path, objectives("accuracy >= 90 %")).goals[0]) == ("accuracy", "higher", 0.9, "%")


def test_code_and_comments_are_no_goals(tmp_path: Path) -> None:
    text = (
        objectives("**Accuracy**: 90% or higher")
        + "\n```\n- **Latency**: 2 s or less\n```\n<!-- **Cost**: $1 or less -->\n"
    )
    assert [goal.metric for goal in read(tmp_path, text).goals] == ["accuracy"]


def test_told_goals_win_and_come_first(tmp_path: Path) -> None:
    got = read(tmp_path, FLAT, "cost -40 %", "tokens at most 300")
    assert [(g.metric, g.target, g.relative) for g in got.goals] == [
        ("cost", None, -0.4),
        ("tokens", 300.0, None),
        ("accuracy", 0.9, None),
        ("latency", 2.0, None),
    ]
    assert got.goals[0].where == "--goal 'cost -40 %'"


def test_told_goals_need_no_file(tmp_path: Path) -> None:
    got = goals.load(tmp_path, Settings(goals=("accuracy to 95 %",)), KNOWN)
    assert (got.goals[0].target, got.where, got.cases_path) == (0.95, "", "")


# ---- what is refused: file:line, words, fix ------------------------------------------------------------------------


def test_no_goals_at_all(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        goals.load(tmp_path, Settings(), KNOWN)
    assert "fine-tune.md is missing" in caught.value.message
    assert "--goal" in caught.value.fix
    assert "## Optimization Objectives" in caught.value.fix
    assert caught.value.exit_code == 2


def test_a_file_without_goals(tmp_path: Path) -> None:
    ((where, message, fix),) = refused(tmp_path, "# Fine-Tuning Goals\n\nTo be written.\n")
    assert (where, message) == ("fine-tune.md", "no goal in the file")
    assert "**Accuracy**" in fix


def test_unknown_metric_names_the_nearest(tmp_path: Path) -> None:
    ((where, message, fix),) = refused(tmp_path, objectives("**Accurracy**: 90% or higher"))
    assert (where, message) == ("fine-tune.md:4", "unknown metric 'Accurracy'")
    assert "write 'accuracy'" in fix


def test_target_and_sentence_that_disagree_name_both_lines(tmp_path: Path) -> None:
    ((where, message, fix),) = refused(tmp_path, FLAT.replace("Target value: 90%", "Target value: 85%"))
    assert where == "fine-tune.md:17"
    assert "'85% or higher'" in message
    assert "fine-tune.md:4" in message
    assert "fine-tune.md:4 and fine-tune.md:17" in fix


def test_a_direction_that_makes_things_worse(tmp_path: Path) -> None:
    ((where, message, fix),) = refused(tmp_path, objectives("**Accuracy**: 90% or less"))
    assert where == "fine-tune.md:4"
    assert "asks for accuracy to be lower" in message
    assert "or more" in fix


def test_every_finding_comes_at_once(tmp_path: Path) -> None:
    text = objectives("**Acuracy**: 90%", "**Latency**: soon", "**Cost**: 2 s or less", "**Tokens**: 100-200")
    assert [where for where, _, _ in refused(tmp_path, text, "errors to 1 hour")] == [
        "--goal 'errors to 1 hour'",
        *(f"fine-tune.md:{line}" for line in (4, 5, 6, 7)),
    ]


def test_two_told_goals_for_one_metric(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="another goal for accuracy"):
        goals.load(tmp_path, Settings(goals=("accuracy to 90 %", "accuracy to 95 %")), KNOWN)


def test_a_percentile_is_not_the_mean(tmp_path: Path) -> None:
    told = Settings(goals=("latency p95 under 2 s",))
    with pytest.raises(Problems, match="unknown metric"):
        goals.load(tmp_path, told, KNOWN)
    got = goals.load(tmp_path, told, {**KNOWN, "latency_p95": Measure("lower", "s")})
    assert essence(got.goals[0]) == ("latency_p95", "lower", 2.0, "s")


def test_a_metric_that_no_goal_can_be_set_on_says_why_and_what_instead(tmp_path: Path) -> None:
    refused = {**KNOWN, "latency_p95": Measure("lower", "s", "is a statistic of the whole set", "aim at the mean")}
    with pytest.raises(Problems, match="whole set") as caught:
        goals.load(tmp_path, Settings(goals=("latency p95 under 2 s",)), refused)
    assert caught.value.findings[0].fix == "aim at the mean"
    with pytest.raises(Problems) as caught:
        goals.load(tmp_path, Settings(goals=("latency_p96 under 2 s",)), refused)
    assert "latency_p95" not in caught.value.findings[0].fix


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "fine-tune.md").write_bytes(b"\xef\xbb\xbf# Goals\n\xc3\xa9 \xe9\xe8")
    with pytest.raises(Problems, match="not UTF-8: the byte 0xe9 at column 3") as caught:
        goals.load(tmp_path, Settings(), KNOWN)
    assert caught.value.findings[0].where == "fine-tune.md:2"


@given(st.lists(st.sampled_from(FLAT.splitlines() + NESTED.splitlines()) | st.text(max_size=30), max_size=25))
def test_any_file_gives_goals_or_findings_with_lines(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    try:
        got = read(tmp_path_factory.mktemp("any"), "\n".join(lines))
    except Problems as problems:
        assert all(finding.where.startswith("fine-tune.md") and finding.fix for finding in problems.findings)
    else:
        assert got.goals
        assert len({goal.metric for goal in got.goals}) == len(got.goals)


def test_the_sample_of_this_repository_is_read() -> None:
    got = goals.load(Path(__file__).parents[2], Settings(), KNOWN)
    assert got.goals[0].metric == "accuracy"
    assert {"latency", "cost"} <= {goal.metric for goal in got.goals}
    assert got.cases_path == "evals/cases.jsonl"
