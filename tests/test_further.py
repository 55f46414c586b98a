"""What a run would have needed to go on, for ways of stopping that a small run does not come to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.cases import split
from harness.loop import Wiring
from harness.loop.further import beyond_cap, beyond_holdout, beyond_ideas
from harness.loop.propose import nothing_left, without_ideas
from harness.metrics import accuracy
from harness.types import Case, Change, Comparison, Settings, Span, Trial

CHANGE = Change("c03", "node", "rules", "p", Span("f.py", 0, 1, 1, 1), (), ("x",), "why", "rules")


def wiring(cases: int, trials: tuple[Trial, ...] = (), **settings: Any) -> Wiring:
    """Only what the clauses ask for."""
    parts = split([Case(f"c{i}", {}, {}) for i in range(cases)])
    notes = SimpleNamespace(trials=lambda: trials)
    found = SimpleNamespace(split=parts, settings=Settings(**settings), notes=notes, metrics={"accuracy": accuracy})
    return cast(Wiring, found)


def tried(stage: str, gain: float, p: float) -> Trial:
    found = Comparison("accuracy", 60, 0, 0.5, 0.5 + gain, gain, None, None, p, None, 10, 45, 5, "exact sign-flip", 0.7)
    return Trial(1, CHANGE, found, stage, "words")


def test_a_spent_holdout_names_the_cases_that_renew_it() -> None:
    ctx = wiring(300)
    sealed = len(ctx.split.holdout)
    assert f"{sealed} for the same power" in beyond_holdout(ctx)
    assert beyond_holdout(ctx) in beyond_cap(ctx, left=False)
    assert "error level left" in beyond_cap(ctx, left=True)
    assert "30 fresh cases" in beyond_holdout(wiring(30))


def test_the_nearest_idea_tells_how_many_dev_cases_it_lacked() -> None:
    far, near = tried("screened out", 0.02, 0.48), tried("screened out", 0.05, 0.45)
    words = beyond_ideas(wiring(300, (far, near, tried("futile", -0.1, 0.9))))
    assert "c03 (+5.0 points on dev)" in words
    needed = int(words.split("on about ")[1].split(" ")[0])
    assert needed > 60
    assert "nearest" not in beyond_ideas(wiring(300))


@pytest.mark.parametrize("stage", ["kept", "confirmed", "not chosen"])
def test_only_what_was_screened_out_lacked_cases(stage: str) -> None:
    assert "nearest" not in beyond_ideas(wiring(300, (tried(stage, 0.05, 0.2),)))


def test_prompts_that_got_no_idea_are_named_with_the_reason() -> None:
    """An idea for one node says nothing of another."""
    said = "the cases do not say what this node should reply"
    rows = [
        SimpleNamespace(node=node, prompt=f"{node}.py:P", why=f"{said}; prompt proved")
        for node in ("node", "route", "guess")
    ]
    prompts = [SimpleNamespace(id=row.prompt, is_editable=row.node != "guess") for row in rows]
    ctx: Any = wiring(300, (tried("screened out", 0.05, 0.45),))
    ctx.notes.targets = lambda generation: rows
    ctx.notes.discovery = lambda generation: SimpleNamespace(prompts=prompts)
    silent = without_ideas(ctx, 0)
    assert silent == [f"route (route.py:P): {said}"]
    assert nothing_left({"route.py:P"}, silent).endswith(f"none had an idea for route (route.py:P): {said}")
    assert "none had" not in nothing_left({"node.py:P"}, [])


def test_several_silent_prompts_of_a_node_are_counted() -> None:
    rows = [SimpleNamespace(node="write", prompt=f"p.py:{n}", why="not said; prompt proved") for n in range(3)]
    ctx: Any = wiring(300, ())
    ctx.notes.targets = lambda generation: rows
    found = SimpleNamespace(prompts=[SimpleNamespace(id=row.prompt, is_editable=True) for row in rows])
    ctx.notes.discovery = lambda generation: found
    assert without_ideas(ctx, 0) == ["write (3 prompts): not said"]
