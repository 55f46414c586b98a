"""Evaluators of other tools as metrics: stand-ins for each published way of being called, in the app's process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import plugins
from harness.errors import HarnessError, PluginError
from harness.protocols import Metric
from harness.types import Settings
from tests import makers
from tests.judge.desks import Desk

FILE = '''
"""Evaluators as their tools' users write them."""
import asyncio
from types import SimpleNamespace


def exact_match(*, inputs=None, outputs, reference_outputs, **kwargs):  # openevals
    return {"key": "exact_match", "score": outputs["answer"] == reference_outputs["answer"], "comment": None}


async def async_match(outputs, reference_outputs):
    await asyncio.sleep(0)
    return outputs["answer"] == reference_outputs["answer"]


def of_run(run, example):  # LangSmith
    return {"score": float(run.outputs["answer"] == example.outputs["answer"])}


class Traced:  # a RunEvaluator of LangSmith
    def evaluate_run(self, run, example=None):
        right = run.outputs["answer"] == example.outputs["answer"] and run.inputs["ticket"] == example.inputs["ticket"]
        return SimpleNamespace(key="right", score=int(right), comment="")


class Measured:  # a BaseMetric of deepeval
    def __init__(self, threshold=0.5):
        self.threshold, self.score, self.reason = threshold, None, None

    def measure(self, test_case):
        self.score = 1.0 if test_case.actual_output == test_case.expected_output else self.threshold
        return self.score


class Sampled:  # a metric of ragas
    async def single_turn_ascore(self, sample, callbacks=None):
        return 1.0 if sample.response == sample.reference and sample.retrieved_contexts in (None, ["a fact"]) else 0.0


class Collected:  # a metric of ragas.metrics.collections
    async def ascore(self, user_input, response, reference):
        return SimpleNamespace(value=float(response == reference), reason="")


traced, sampled, collected = Traced(), Sampled(), Collected()


def several(outputs):
    return [{"key": "a", "score": 0.25}, {"key": "b", "score": 0.5}]


def batch(outputs):
    return {"results": [{"key": "a", "score": 0.75}]}


def nothing(outputs):
    return {"key": "x", "score": None, "comment": "too short to say"}


def word(outputs):
    return {"key": "x", "value": "polite"}


def text(inputs, outputs, reference_outputs):
    return float(outputs == "billing" and reference_outputs == "billing" and inputs.startswith("Where"))


def broken(outputs):
    raise ValueError("no such luck")


def big(outputs):
    return 7


def strange(question, reply):
    return 1.0


def counted(outputs):
    with open("count.txt", "a") as file:
        file.write("x")
    return 1.0
'''
CASE = makers.case(expected_answer="billing")
RIGHT, WRONG = (makers.run({"answer": text, "ticket": CASE.inputs["ticket"]}) for text in ("billing", "no"))
Load = Callable[..., Metric]


@pytest.fixture
def adapt(tmp_path: Path) -> Iterator[Load]:
    """``adapt("exact_match", key="a")``: that evaluator as the metric "own"."""
    (tmp_path / "checks.py").write_text(FILE, "utf-8")
    loaded = []

    def load(name: str, **options: object) -> Metric:
        own = {"kind": name if ":" in name else f"checks:{name}", **options}
        found = plugins.metrics(Settings(metrics={"own": own}), tmp_path)
        loaded.append(found)
        return found["own"]

    yield load
    for found in loaded:
        plugins.release(found)


@pytest.mark.parametrize("name", ["exact_match", "async_match", "of_run", "Traced", "traced", "sampled", "collected"])
def test_each_way_of_being_called_is_known(adapt: Load, name: str) -> None:
    metric = adapt(name)
    assert [metric.score(CASE, run, {}) for run in (RIGHT, WRONG)] == [1.0, 0.0]
    assert (metric.NAME, metric.DIRECTION, metric.UNIT) == ("own", "higher", "")


def test_a_class_is_made_with_the_arguments_of_the_table(adapt: Load) -> None:
    metric = adapt("Measured", arguments={"threshold": 0.25})
    assert [metric.score(CASE, run, {}) for run in (RIGHT, WRONG)] == [1.0, 0.25]


def test_places_of_the_table_say_what_the_evaluator_is_shown(adapt: Load) -> None:
    metric = adapt("text", output="answer", reference="expected_answer", input="ticket")
    assert metric.score(CASE, RIGHT, {}) == 1.0
    run = makers.run({"answer": "billing", "facts": "a fact"})
    assert adapt("sampled", output="answer", context="facts").score(CASE, run, {}) == 1.0


@pytest.mark.parametrize(
    ("name", "options", "value"),
    [
        ("several", {"key": "b"}, 0.5),
        ("several", {}, "name one with the option `key`"),
        ("batch", {}, 0.75),
        ("nothing", {}, "too short to say"),
        ("word", {}, "polite"),
        ("big", {"unit": "points"}, 7.0),
    ],
)
def test_answers_of_every_form_are_numbers_or_sentences(
    adapt: Load, name: str, options: dict[str, str], value: float | str
) -> None:
    found = adapt(name, **options).score(CASE, RIGHT, {})
    assert value in found if isinstance(value, str) else found == value


def test_a_failure_of_the_app_is_0_and_a_lost_run_unscored(adapt: Load) -> None:
    failed, lost = (makers.run(None, fault=makers.fault(kind)) for kind in ("app", "infrastructure"))
    assert adapt("exact_match").score(CASE, failed, {}) == 0.0
    assert isinstance(adapt("exact_match").score(CASE, lost, {}), str)
    assert isinstance(adapt("exact_match", direction="lower").score(CASE, failed, {}), str)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("broken", "no such luck"),
        ("big", "a share from 0 to 1"),
        ("strange", "none of inputs, outputs"),
        ("missing", "missing"),
        ("nowhere.module:x", "nowhere"),
    ],
)
def test_what_goes_wrong_is_told_with_the_evaluator(adapt: Load, name: str, words: str) -> None:
    with pytest.raises(PluginError) as caught:
        adapt(name).score(CASE, RIGHT, {})
    assert words in str(caught.value)


def test_a_wrong_option_is_told_before_anything_runs(adapt: Load) -> None:
    with pytest.raises(HarnessError) as caught:
        adapt("exact_match", direction="up")
    assert "higher" in str(caught.value)


def test_an_answer_on_record_is_not_asked_for_again(adapt: Load, tmp_path: Path) -> None:
    desk = Desk()
    for _ in range(2):
        metric = adapt("counted")
        metric.serve(desk)
        assert metric.score(CASE, RIGHT, {}) == metric.score(CASE, RIGHT, {}) == 1.0
    assert (tmp_path / "count.txt").read_text("utf-8") == "x"
    metric.score(CASE, WRONG, {})
    assert (tmp_path / "count.txt").read_text("utf-8") == "xx"
