"""Where the record stands for a fresh draw, by what the recorded calls say."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from harness.cases import split
from harness.loop import Wiring
from harness.loop.control import answers_alike, repeats, reusable, to_measure
from harness.types import Call, Case, Json, Run, Settings

CASES = [Case(f"c{i}", {}, {}) for i in range(180)]
COLD: dict[str, Json] = {"temperature": 0}


def call(said: str = "yes", parameters: dict[str, Json] | None = None, *, over_http: bool = False) -> Call:
    told = COLD if parameters is None else parameters
    asked: tuple[dict[str, Json], ...] = ({"role": "human", "content": "well?"},)
    return Call("key", "n", 1, 0, "m", asked, told, said, {}, 1, 1, 0.1, over_http=over_http)


def asking(where: str) -> Call:
    """A call whose whole reply is a tool with its arguments, as that of a structured output is."""
    message = {"data": {"tool_calls": [{"name": "go", "args": {"to": where}, "id": where}]}}
    return replace(call(""), response={"generations": [{"message": message}]})


def wiring(*calls: Call, goals: tuple[str, ...] = ("accuracy",), off: str = "", **settings: object) -> Wiring:
    """The baseline made ``calls``, one a run; a candidate's runs hang on the label: "warm", "far" or else alike."""

    def run_of(one: Call, k: int = 0) -> Run:
        return Run("c0", k, "", "v", None, None, (one,), 0.1)

    runs = [run_of(one, k) for k, one in enumerate(calls)]
    others = {
        "warm": [run_of(call(parameters={"temperature": 0.2}))],
        "far": [run_of(replace(call(), model="openai:m"))],
    }
    notes = SimpleNamespace(
        goals=lambda: SimpleNamespace(goals=[SimpleNamespace(metric=name) for name in goals]),
        summaries=lambda *at: [],
        has=lambda *at: bool(off),
        get=lambda *at: off,
    )
    metrics = {"accuracy": SimpleNamespace(UNIT=""), "cost": SimpleNamespace(UNIT="USD")}
    found = SimpleNamespace(
        settings=Settings(**{"pinned": True, **settings}),  # type: ignore[arg-type]
        split=split(CASES),
        notes=notes,
        metrics={**metrics, "latency": SimpleNamespace(UNIT="s")},
        journal=SimpleNamespace(load_runs=lambda label: others.get(label, runs)),
    )
    return cast(Wiring, found)


@pytest.mark.parametrize(
    "ctx",
    [
        wiring(),
        wiring(call(), call(parameters={})),
        wiring(call(), call(parameters={"temperature": 0.1})),
        wiring(call(), call("no")),
        wiring(asking("north"), asking("south")),
        wiring(call(), call(over_http=True)),
        wiring(call(), pinned=None),
        wiring(call(), replay=False),
        wiring(call(), off="the clock decides"),
        wiring(call(), goals=("accuracy", "latency")),
    ],
    ids=[
        "no call",
        "no word",
        "warm",
        "two answers",
        "two forms",
        "over http",
        "a far model",
        "no replay",
        "replay off",
        "on time",
    ],
)
def test_an_app_repeats_itself_only_where_everything_says_so(ctx: Wiring) -> None:
    assert not repeats(ctx, 0)
    assert to_measure(ctx, 0, 3, 5) == 3 * len(CASES)


def test_where_it_does_any_number_of_goals_will_do_and_the_rest_alone_is_measured() -> None:
    ctx = wiring(call(), call(), goals=("accuracy", "cost"))
    assert repeats(ctx, 0)
    assert reusable(ctx, 0)
    assert not reusable(wiring(call(), call("no"), goals=("accuracy", "cost")), 0)
    assert to_measure(ctx, 0, 3, 5) == 0
    assert to_measure(ctx, 0, 3, 1) == 2 * len(ctx.split.holdout)
    assert to_measure(ctx, 0, 1, 3) == 2 * len(ctx.split.dev)


def test_a_candidate_has_to_repeat_itself_too() -> None:
    ctx = wiring(call(), call())
    assert answers_alike(ctx, 0, "cold")
    assert not answers_alike(ctx, 0, "warm")


def test_a_candidate_that_asks_a_far_model_is_drawn_afresh() -> None:
    ctx = wiring(replace(call(), model="local:m"), pinned=None)
    assert answers_alike(ctx, 0, "cold")
    assert not answers_alike(ctx, 0, "far")
