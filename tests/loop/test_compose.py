"""How far candidates may build on one another: stages of their screen, size of a round, what they are called."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from harness.cases import Split, split
from harness.loop import Wiring, initial_state
from harness.loop.compose import added, composed, composes, size, stages, stem
from harness.types import Budget, Case, Change, Parts, Run, Settings, Span, Spend

CASES = [Case(f"c{i}", {}, {}) for i in range(180)]


def wiring(settings: Settings, parts: Split, spent: int = 0, changes: tuple[Change, ...] = ()) -> Wiring:
    """Only what is asked for; the recorded baseline made two calls a run."""
    run = Run("c0", 0, "", "v", None, None, (cast(object, None), cast(object, None)), 0.1)  # type: ignore[arg-type]
    found = SimpleNamespace(
        settings=settings,
        split=parts,
        journal=SimpleNamespace(load_runs=lambda label: [run, run]),
        meter=SimpleNamespace(spend=Spend(calls=spent)),
        notes=SimpleNamespace(change=lambda id: next(c for c in changes if c.id == id)),
    )
    return cast(Wiring, found)


def change(id: str, technique: str = "rules", parents: tuple[str, ...] = (), parameter: str = "") -> Change:
    old: Parts = ("old",)
    return Change(
        id, "n", technique, "p", Span("f.py", 0, 1, 1, 1), old, (id,), "why", "x", (), parents, "plain", parameter
    )


def test_the_screen_begins_with_parts_of_the_cases_only_where_candidates_build_on_one_another() -> None:
    parts = split(CASES)
    dev = len(parts.dev)
    assert added(stages(wiring(Settings(), parts), 3)) == [dev, dev, dev]
    found = stages(wiring(Settings(compose=1), parts), 3)
    assert [len(stage.cases) for stage in found] == [dev // 4, dev // 2, dev, dev, dev]
    first, second, whole = ({case.id for case in stage.cases} for stage in found[:3])
    assert first < second < whole
    assert sum(added(found)) == 3 * dev


def test_without_sealed_cases_nothing_is_built() -> None:
    assert not composes(wiring(Settings(compose=9), split(CASES[:60])))
    assert composes(wiring(Settings(compose=9), split(CASES)))


@pytest.mark.parametrize("spent", [0, 400, 800, 1190, 5000])
def test_a_further_round_leaves_room_for_what_must_follow(spent: int) -> None:
    settings = Settings(compose=9, budget=Budget(calls=2000))
    ctx = wiring(settings, split(CASES), spent)
    plan, state, reserve = stages(ctx, 1), initial_state("base"), 400
    found = size(ctx, {**state, "stem": "c01"}, plan, reserve)
    least = found * added(plan)[0]  # every candidate goes through the first stage
    assert 0 <= found <= settings.per_round
    assert found == 0 or spent + 2 * (least + reserve) <= 2000
    assert size(ctx, state, plan, reserve) == max(found, 1)
    assert size(wiring(Settings(compose=9), ctx.split, spent), state, plan, reserve) == settings.per_round
    assert size(wiring(Settings(), ctx.split, spent), state, plan, reserve) == Settings().max_candidates


def test_a_number_is_never_built_upon() -> None:
    known = (change("c01", parameter="temperature"), change("c02"))
    ctx = wiring(Settings(compose=1), split(CASES), changes=known)
    assert stem(ctx, ["c01", "c02"], "p") == "c02"
    assert stem(ctx, ["c01"], "p") == ""
    assert stem(ctx, ["c02"], "another") == ""


def test_a_composed_change_names_all_it_is_made_of_once() -> None:
    two = composed(change("c01", "rules"), change("c02", "examples"))
    three = composed(two, change("c03", "rules"))
    assert (two.technique, two.parents) == ("rules + examples", ("c01",))
    assert (three.technique, three.parents) == ("rules + examples", ("c01", "c02"))
    assert three.old == ("old",)
