"""Where the loop goes from a step, by what stands in its state."""

from __future__ import annotations

from typing import cast

from langgraph.runtime import Runtime

from harness.loop import State, Wiring, after_screen


def test_a_run_that_an_older_version_left_before_its_screen_goes_on() -> None:
    """Its checkpoint says nothing of pairs: where candidates build on one another the screen puts none there."""
    state: State = {"stopped": "", "climbs": 0, "pool": ["c01"], "candidates": []}
    assert after_screen(state, cast(Runtime[Wiring], None)) == "confirm"
