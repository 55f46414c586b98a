"""Settings: where they come from, what is refused, and the way to JSON and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import settings
from harness.errors import Problems, UserError
from harness.types import Budget, Settings


def write(root: Path, text: str, name: str = "pyproject.toml") -> Path:
    (root / name).write_text(text, encoding="utf-8")
    return root


def test_nothing_written_gives_the_defaults(tmp_path: Path) -> None:
    assert settings.load(tmp_path, {}) == Settings()


def test_a_pyproject_without_our_table_gives_the_defaults(tmp_path: Path) -> None:
    assert settings.load(write(tmp_path, "[project]\nname = 'x'\nruns = 9\n"), {}) == Settings()


@pytest.mark.parametrize(("name", "table"), [("pyproject.toml", "tool.harness"), ("harness.toml", "")])
def test_both_files_hold_the_same_keys(tmp_path: Path, name: str, table: str) -> None:
    def header(tail: str) -> str:
        return f"[{'.'.join(part for part in (table, tail) if part)}]\n" if table or tail else ""

    text = (
        f'{header("")}graph = "app.py:graph"\nruns = 3\nlink = [".env"]\nmargin = 0\n'
        f"{header('budget')}calls = 100\nusd = 1\n"
        f'{header("metrics.accuracy")}field = "intent"\n'
        f'{header("prices")}"gpt-x.1" = [0.5, 1]\n'
    )
    got = settings.load(write(tmp_path, text, name), {})
    assert got.graph == "app.py:graph"
    assert (got.runs, got.link, got.margin) == (3, (".env",), 0)
    assert got.budget == Budget(calls=100, usd=1)
    assert got.metrics == {"accuracy": {"field": "intent"}}
    assert got.prices == {"gpt-x.1": (0.5, 1.0)}


def test_flags_win_key_by_key_and_none_means_not_given(tmp_path: Path) -> None:
    write(tmp_path, "[tool.harness]\nruns = 3\nseed = 7\nbudget = {calls = 10, usd = 2.0}\n")
    got = settings.load(tmp_path, {"runs": 9, "seed": None, "budget": {"calls": 20, "usd": None}})
    assert (got.runs, got.seed, got.budget.calls, got.budget.usd) == (9, 7, 20, 2.0)


def test_two_files_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "[project]\nname = 'x'\n\n[tool.harness]\nruns = 3\n")
    write(tmp_path, "runs = 4\n", "harness.toml")
    with pytest.raises(UserError) as caught:
        settings.load(tmp_path, {})
    assert "pyproject.toml:4" in str(caught.value)
    assert "harness.toml" in str(caught.value)


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    write(tmp_path, "[tool.harness]\nruns = 3\nseed = = 4\n")
    with pytest.raises(UserError, match=r"pyproject\.toml:3: not valid TOML"):
        settings.load(tmp_path, {})


@pytest.mark.parametrize(
    ("line", "says", "fix"),
    [
        ("runns = 3", "unknown setting 'runns'", "'runs'"),
        ('runs = "5"', "runs = '5' has the wrong type", "integer"),
        ("runs = true", "runs = True has the wrong type", "integer"),
        ("runs = 0", "runs = 0 is out of range", "from 1 to 100"),
        ("alpha = 0.0", "alpha = 0.0 is out of range", "greater than 0 and at most 0.5"),
        ("alpha = nan", "alpha = nan is out of range", "0.5"),
        ("margin = inf", "margin = inf is out of range", "from 0 to 1"),
        ('until = "perfect"', "until = 'perfect' has the wrong type", "'reached' or 'met'"),
        ("cases = 2026-01-01", "cases = datetime.date(2026, 1, 1) has the wrong type", "date"),
        ('link = ".env"', "link = '.env' has the wrong type", "array"),
        ("budget = 3", "budget = 3 has the wrong type", "object"),
        ("budget = {cals = 3}", "unknown setting 'budget.cals'", "'budget.calls'"),
        ("budget.calls = -1", "budget.calls = -1 is out of range", "from 1"),
        ('prices = {"m" = [1]}', "has the wrong type", ""),
        ('prices = {"m" = [1, -2]}', "prices.m = [1.0, -2.0] is out of range", "at least 0"),
    ],
)
def test_a_wrong_line_is_named_with_key_value_and_fix(tmp_path: Path, line: str, says: str, fix: str) -> None:
    write(tmp_path, f"[other]\nruns = 1\n\n[tool.harness]\nseed = 1\n{line}\n")
    with pytest.raises(Problems) as caught:
        settings.load(tmp_path, {})
    (finding,) = caught.value.findings
    assert finding.where == "pyproject.toml:6"
    assert says.replace("1.0, -2.0", "1, -2") in finding.message
    assert fix in finding.fix
    assert caught.value.exit_code == 2


def test_every_wrong_key_is_found_at_once_each_at_its_line(tmp_path: Path) -> None:
    write(tmp_path, '[tool.harness]\nruns = 0\nsed = 1\n\n[tool.harness.budget]\ncalls = "many"\n')
    with pytest.raises(Problems) as caught:
        settings.load(tmp_path, {"concurrency": 0, "budget": {"seconds": -1}})
    assert [f.where for f in caught.value.findings] == [
        "pyproject.toml:2",
        "pyproject.toml:3",
        "pyproject.toml:6",
        "--concurrency",
        "--budget-time",
    ]


def test_read_keeps_what_is_right(tmp_path: Path) -> None:
    write(tmp_path, '[tool.harness]\nruns = 0\ngraph = "a.py:g"\n')
    got, findings = settings.read(tmp_path, {})
    assert (got.graph, got.runs, len(findings)) == ("a.py:g", 5, 1)


def test_where_a_key_was_set(tmp_path: Path) -> None:
    write(tmp_path, '[tool.harness]\nenv = ["A"]\nbudget.usd = 1.0\n[tool.harness.prices]\n"m" = [1, 1]\n')
    assert settings.where(tmp_path, {}, "env") == "pyproject.toml:2"
    assert settings.where(tmp_path, {}, "budget.usd") == "pyproject.toml:3"
    assert settings.where(tmp_path, {}, "prices") == "pyproject.toml:4"
    assert settings.where(tmp_path, {"budget": {"usd": 2.0}}, "budget.usd") == "--budget-usd"
    assert settings.where(tmp_path, {}, "runs") == ""


_TEXT = st.text(max_size=8)
_SETTINGS = st.builds(
    Settings,
    graph=_TEXT,
    goals=st.lists(_TEXT, max_size=3).map(tuple),
    metrics=st.dictionaries(_TEXT, st.dictionaries(_TEXT, st.none() | st.booleans() | st.integers() | _TEXT)),
    prices=st.dictionaries(_TEXT, st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), max_size=3),
    pinned=st.none() | st.booleans(),
    seed=st.integers(0, 2**32 - 1),
    alpha=st.floats(1e-9, 0.5),
    until=st.sampled_from(["reached", "met"]),
    budget=st.builds(Budget, calls=st.none() | st.integers(1, 10**9), usd=st.none() | st.floats(0.01, 1e6)),
    replay=st.booleans(),
)


@given(_SETTINGS)
def test_dump_and_loads_are_inverse(value: Settings) -> None:
    assert settings.loads(settings.dump(value)) == value


def test_loads_refuses_what_dump_did_not_write() -> None:
    with pytest.raises(UserError, match="cannot be read"):
        settings.loads('{"runs": "five"}')
