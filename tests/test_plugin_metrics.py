"""Metrics under another name, their options, and those of the repo's own evals/, run in a process of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import plugins
from harness.errors import AppError, HarnessError, PluginError, UserError
from harness.measure import score
from harness.protocols import Metric
from harness.types import Goal, Goals, Settings
from tests import makers

OWN = (
    'NAME, VERSION, DIRECTION, UNIT = "own", "1", "higher", "points"\n\n\ndef score(case, run, options):\n    {body}\n'
)
CASE = makers.case(expected_intent="billing")
RUN = makers.run({"intent": "billing"}, makers.call("classify"), seconds=2.0)
Load = Callable[..., Metric]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Load]:
    """``own(body)``: the metric of evals/own.py with that body, its process ended afterwards."""
    loaded: list[dict[str, Metric]] = []

    def load(body: str, head: str = "", unit: str = "points", **changes: object) -> Metric:
        (tmp_path / "evals").mkdir(exist_ok=True)
        text = OWN.format(body=body).replace('"points"', repr(unit))
        (tmp_path / "evals/own.py").write_text(head + text, "utf-8")
        found = dict(plugins.metrics(Settings(**changes), tmp_path))
        loaded.append(found)
        return found["own"]

    yield load
    for found in loaded:
        plugins.release(found)


def test_a_file_of_the_repo_is_a_metric(own: Load) -> None:
    metric = own("return 2 * run.seconds + len(run.calls[0].node) + (case.expected['expected_intent'] == 'billing')")
    assert (metric.NAME, metric.DIRECTION, metric.UNIT) == ("own", "higher", "points")
    assert metric.score(CASE, RUN, {}) == 2 * 2.0 + len("classify") + 1


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("return True", 1.0),
        ("return 'nothing to score here'", "nothing to score here"),
        ("import numpy; return numpy.float32(0.5)", 0.5),
        ("print('noise'); import os; os.write(1, b'more'); return options['weight']", 3.0),
        ("return float(run.fault is None and not run.lost)", 1.0),
    ],
)
def test_what_a_metric_may_answer(own: Load, body: str, value: float | str) -> None:
    assert own(body).score(CASE, RUN, {"weight": 3}) == value


@pytest.mark.parametrize(
    ("body", "says", "line"),
    [
        ("return 1 / 0", "ZeroDivisionError", 5),
        ("return None", "answered None", 4),
        ("return [1]", r"answered \[1\]", 4),
        ("return float('nan')", "answered nan", 4),
        ("import sys; sys.exit(3)", "SystemExit", 5),
        ("import os; os._exit(3)", "ended its process", 4),
        ("import no_such_module_anywhere", "no_such_module_anywhere", 5),
    ],
)
def test_what_breaks_the_contract_is_an_error_with_its_line(own: Load, body: str, says: str, line: int) -> None:
    metric = own(body)
    for _ in range(2):  # a second time as the first: a process that was ended is started again
        with pytest.raises(PluginError, match=says) as caught:
            metric.score(CASE, RUN, {})
        assert caught.value.where == f"evals/own.py:{line}"


def test_an_exception_says_what_to_do(own: Load) -> None:
    with pytest.raises(PluginError) as caught:
        own("return case.expected['expected_price']").score(CASE, RUN, {})
    assert "mend evals/own.py:5" in caught.value.fix
    assert "case.expected.get(" in caught.value.fix


def test_a_share_lies_between_0_and_1(own: Load) -> None:
    share = own("return options['value']", unit="")
    assert share.score(CASE, RUN, {"value": 1 + 1e-12}) == 1.0
    for value in (99.034, -0.5):
        with pytest.raises(PluginError, match=f"answered {value} for case c1") as caught:
            share.score(CASE, RUN, {"value": value})
        assert caught.value.where == "evals/own.py:4"
        assert "UNIT" in caught.value.fix


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "import time; time.sleep(10**6)",
        "import re; return bool(re.match('(a|a)*$', 'a' * 99 + 'b'))",  # Python itself does not answer here
        "try:\n        while True: pass\n    except BaseException:\n        while True: pass",
    ],
)
def test_a_metric_that_hangs_is_ended_and_named(own: Load, body: str) -> None:
    with pytest.raises(PluginError, match=r"no answer within 0\.2 s for case c1") as caught:
        own(body, timeout=0.2).score(CASE, RUN, {})
    assert caught.value.where.startswith("evals/own.py:")
    assert "timeout" in caught.value.fix


def test_the_text_that_was_found_is_run_whatever_the_file_holds_by_then(own: Load, tmp_path: Path) -> None:
    metric = own("return 1")
    (tmp_path / "evals/own.py").write_text(OWN.format(body="return 2"), "utf-8")
    assert metric.score(CASE, RUN, {}) == 1.0


def test_a_metric_may_import_from_its_repo(own: Load, tmp_path: Path) -> None:
    (tmp_path / "weights.py").write_text("W = 7\n", "utf-8")
    metric = own("return W", head="from weights import W\n")
    assert metric.score(CASE, RUN, {}) == 7.0


def test_an_interpreter_that_is_none_is_said(own: Load) -> None:
    with pytest.raises(AppError, match="cannot be started"):
        own("return 1", python="/nowhere/python").score(CASE, RUN, {})


def test_the_apps_interpreter_runs_it(own: Load) -> None:
    assert own("import sys; return sys.executable", python=sys.executable).score(CASE, RUN, {}) == sys.executable


def survey(root: Path, name: str, text: str) -> tuple[list[str], list[HarnessError]]:
    """Names that are not built in, and what is wrong, with one file in evals/."""
    (root / "evals").mkdir(exist_ok=True)
    (root / "evals" / name).write_text(text, "utf-8")
    built_in = plugins.survey(Settings(), root / "nowhere")[0]
    found, findings = plugins.survey(Settings(), root)
    return [metric for metric in found if metric not in built_in], findings


@pytest.mark.parametrize(
    "text",
    [
        "import sys\nsys.exit('run by nobody')\n",
        "def score(predicted, wanted):\n    return predicted == wanted\n",
        "class Suite:\n    NAME = 'x'\n    def score(self, case, run, options): ...\n",
        "print 'of another age'\n",
    ],
)
def test_other_files_of_the_folder_are_left_alone(tmp_path: Path, text: str) -> None:
    assert survey(tmp_path, "other.py", text) == ([], [])


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("NAME = 'x'\ndef score(case, run, options): ...\n", 2, "VERSION, DIRECTION, UNIT"),
        ("NAME = VERSION = UNIT = 'x'\nDIRECTION = 'up'\ndef score(c, r, o): ...\n", 2, "'up'"),
        ("NAME = VERSION = UNIT = 'x'\nDIRECTION: str = high()\ndef score(c, r, o): ...\n", 2, "high()"),
        ("NAME = VERSION = UNIT = 'x'\nDIRECTION = 'lower'\ndef score(case, run): ...\n", 3, "case, run"),
        ("NAME = 'x'\ndef score(case, run, options)\n    return 1\n", 2, "not Python"),
    ],
)
def test_a_metric_that_is_not_complete_is_told_at_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    names, (finding,) = survey(tmp_path, "own.py", text)
    assert not names
    assert finding.where == f"evals/own.py:{line}"
    assert says in finding.message
    assert finding.fix


def test_a_digest_is_that_of_the_text(own: Load, tmp_path: Path) -> None:
    own("return 1")
    first = plugins.digests(tmp_path)
    own("return 2")
    assert set(first) == set(plugins.digests(tmp_path)) == {"evals/own.py"}
    assert first != plugins.digests(tmp_path)


def test_a_built_in_metric_takes_another_name_with_options_of_its_own(tmp_path: Path) -> None:
    chosen = Settings(
        metrics={"polite": {"kind": "regex", "pattern": "Dear"}, "slow": {"kind": "latency", "node": "a"}}
    )
    found = plugins.metrics(chosen, tmp_path)
    letter = makers.run({"reply": "Dear Emma"})
    assert found["polite"].score(makers.case(), letter, plugins.options(chosen, "polite")) == 1.0
    assert (found["slow"].UNIT, found["slow"].DIRECTION) == ("s", "lower")


@pytest.mark.parametrize(
    ("metrics", "says"),
    [
        ({"cost": {"kind": "latency"}}, "is a metric already"),
        ({"my metric": {"kind": "latency"}}, "no name for a metric"),
        ({"mine": {"kind": "nothing"}}, "unknown metric 'nothing'"),
        ({"numeric": {"tolerance": -1}}, "tolerance = -1"),
        ({"within": {"limit": 0}}, "limit = 0"),
        ({"contains": {"only": "intent"}}, "only = 'intent'"),
        ({"error_rate": {"node": "a"}}, "no option 'node'"),
    ],
)
def test_options_that_cannot_be_are_refused(tmp_path: Path, metrics: dict[str, dict[str, object]], says: str) -> None:
    with pytest.raises((UserError, PluginError), match=says):
        plugins.metrics(Settings(metrics=metrics), tmp_path)


def test_what_nobody_named_is_not_measured(tmp_path: Path) -> None:
    chosen = Settings(metrics={"regex": {"pattern": "x"}})
    found = plugins.metrics(chosen, tmp_path)
    names = plugins.measured(found, chosen, Goals((Goal("exact", "higher", 0.9),)))
    assert {"accuracy", "retries", "regex", "exact"} <= set(names)
    assert not {"numeric", "json_field", "within"} & set(names)


def test_goals_are_told_what_they_cannot_rest_on(tmp_path: Path) -> None:
    found = plugins.metrics(Settings(), tmp_path)
    known = plugins.measures(found, Settings())
    assert "pattern" in known["regex"].refusal
    assert "follows from the mean latency" in known["throughput"].refusal
    assert not known["latency_p95"].refusal
    assert not known["f1"].refusal
    assert not known["accuracy"].refusal
    assert not plugins.measures(found, Settings(metrics={"regex": {"pattern": "x"}}))["regex"].refusal


def test_percentiles_are_those_of_the_latency_and_take_its_options(tmp_path: Path) -> None:
    found = plugins.metrics(Settings(metrics={"slow": {"kind": "latency_p99"}}), tmp_path)
    case, run = makers.case(), makers.run({"intent": "billing"})
    scores = {name: score(found[name], {case.id: case}, [run], {}) for name in ("latency", "latency_p95", "slow")}
    assert [scores[name][0].statistic for name in scores] == ["", "p95", "p99"]
    assert len({(scores[name][0].value, scores[name][0].unit) for name in scores}) == 1
    with pytest.raises(HarnessError, match="no option 'nodes'"):
        plugins.metrics(Settings(metrics={"latency_p95": {"nodes": "x"}}), tmp_path)


def test_counts_travel_with_the_scores_under_another_name_too(tmp_path: Path) -> None:
    found = plugins.metrics(Settings(metrics={"intents": {"kind": "f1", "only": ["expected_intent"]}}), tmp_path)
    case, run = makers.case(expected_intent="Billing", expected_note="a note"), makers.run({"intent": "other"})
    (one,) = score(found["intents"], {case.id: case}, [run], {"only": ["expected_intent"]})
    assert (one.value, one.statistic) == (0.0, "weighted_f1")
    assert dict(one.record) == {"wanted:intent=billing": 1.0, "said:intent=other": 1.0}


def test_the_repos_own_metric_may_be_a_percentile(tmp_path: Path) -> None:
    own = tmp_path / "evals/tail.py"
    own.parent.mkdir()
    text = 'NAME, VERSION, DIRECTION, UNIT = "tail", "1", "lower", "s"\nSTATISTIC = "p95"\n'
    body = "def score(case, run, options):\n    return run.seconds\n"
    own.write_text(text + body, "utf-8")
    assert plugins.metrics(Settings(), tmp_path)["tail"].STATISTIC == "p95"  # type: ignore[attr-defined]
    own.write_text(text.replace("p95", "weighted_f1") + body, "utf-8")
    with pytest.raises(HarnessError, match="STATISTIC is 'weighted_f1'") as caught:
        plugins.metrics(Settings(), tmp_path)
    assert caught.value.where == "evals/tail.py:2"


def test_places_of_fields_are_known_whichever_metric_is_told_them() -> None:
    told = {"contains": {"fields": {"expected_a": "x", "expected_b": "y"}}, "accuracy": {"fields": {"expected_a": "z"}}}
    assert plugins.places(Settings(metrics=told)) == {"expected_a": "z", "expected_b": "y"}
