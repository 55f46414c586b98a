"""The LangGraph state machine of a run: 13 steps in 4 phases.

A node reads State, calls one room with what ``Runtime.context`` hands it and returns the changed fields; choices live
in the routers below. The loop never touches the user's tree, and every step can be entered twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from harness.errors import BudgetError
from harness.loop.baseline import found_in_baseline, measure_baseline, open_goals, study
from harness.loop.confirm import confirm
from harness.loop.finish import commit_report, write_report
from harness.loop.further import beyond_budget, beyond_cap, beyond_holdout
from harness.loop.given import GIVEN, decided, offer
from harness.loop.join import join
from harness.loop.prepare import check_environment, confirmations_left, find_nodes, list_targets, read_goals
from harness.loop.propose import prioritise, propose
from harness.loop.ranking import clear
from harness.loop.state import Places, State, Wiring
from harness.loop.steady import obey
from harness.loop.trial import screen
from harness.loop.yields import EARLIER, earlier

__all__ = [
    "EARLIER",
    "GIVEN",
    "PHASES",
    "Opening",
    "Places",
    "State",
    "Wiring",
    "build",
    "earlier",
    "found_in_baseline",
    "initial_state",
    "obey",
]


class Node(Protocol):
    """A step of the loop."""

    def __call__(self, state: State, runtime: Runtime[Wiring]) -> State:
        """The changed fields."""
        ...


Opening = Callable[[], tuple[Wiring, State]]  # makes the live things and the state to begin with, once

PHASES: dict[str, tuple[str, Node]] = {
    "read_goals": ("preparation", read_goals),
    "find_nodes": ("preparation", find_nodes),
    "list_targets": ("preparation", list_targets),
    "check_environment": ("preparation", check_environment),
    "measure_baseline": ("baseline", measure_baseline),
    "study": ("baseline", study),
    "prioritise": ("iterate", prioritise),
    "propose": ("iterate", propose),
    "offer": ("iterate", offer),
    "screen": ("iterate", screen),
    "join": ("iterate", join),
    "confirm": ("iterate", confirm),
    "write_report": ("finish", write_report),
    "commit_report": ("finish", commit_report),
}

ORDER = tuple(dict.fromkeys(phase for phase, _ in PHASES.values()))  # phase 1 to 4
PHASES_1_2 = frozenset(name for name, (phase, _) in PHASES.items() if phase in ("preparation", "baseline"))


def initial_state(base: str, *, baseline_only: bool = False, given: bool = False) -> State:
    """Where a new run begins; ``base`` is the commit to tune."""
    return State(
        baseline_only=baseline_only,
        given=given,
        generation=0,
        best=base,
        iteration=0,
        rounds=0,
        counter=0,
        target="",
        exhausted=[],
        tried=[],
        candidates=[],
        pool=[],
        pair=[],
        stem="",
        climbs=0,
        kept=False,
        stopped="",
        exhausted_budget=False,
        phases={},
    )


def opened(node: Node, opening: Opening) -> Node:
    """The node under a door that has no context to hand over, such as LangGraph's tools: opened at the first step."""

    def step(state: State, runtime: Runtime[Wiring]) -> State:
        wiring, first = opening()
        return {**first, **state, **node({**first, **state}, runtime.override(context=wiring))}

    return step


def timed(name: str, phase: str, node: Node) -> Node:
    """The node with its seconds booked to its phase; a used-up budget ends the run instead of breaking it."""

    def step(state: State, runtime: Runtime[Wiring]) -> State:
        ctx = runtime.context
        ctx.progress.phase(f"phase {ORDER.index(phase) + 1} of {len(ORDER)}, {phase}: {name.replace('_', ' ')}")
        begun = ctx.clock()
        try:
            changed = node(state, runtime)
        except BudgetError as error:
            if name in PHASES_1_2 and not state["generation"]:
                raise  # without a baseline there is nothing to report
            words = error.message + beyond_budget(ctx, state["generation"])
            changed = {"stopped": words, "exhausted_budget": True}
        spent = state["phases"].get(phase, 0.0) + ctx.clock() - begun
        return {**changed, "phases": {**state["phases"], phase: spent}}

    return step


def enough(state: State, runtime: Runtime[Wiring]) -> State:
    """Step 11: whether to go on, with the reason when not."""
    ctx = runtime.context
    if state.get("given"):
        return decided(state, ctx)
    missed = open_goals(ctx, ctx.notes.goals(), state["generation"])
    left = ctx.settings.max_iterations - state["iteration"]
    if not missed:
        return {"stopped": f"all goals are {'met' if ctx.settings.until == 'met' else 'met or reached'}"}
    if left <= 0:
        words = f"the cap of {ctx.settings.max_iterations} iterations is reached"
        return {"stopped": words + beyond_cap(ctx, left=confirmations_left(ctx))}
    if not confirmations_left(ctx):
        return {"stopped": f"the confirmations of this holdout are spent{beyond_holdout(ctx)}"}
    return {}


def after_enough(state: State) -> Literal["prioritise", "offer", "join", "confirm", "write_report"]:
    """Stop, confirm what already passed the screen, or look for new candidates.

    The best of a round that was not shown alone is put together with the next.
    """
    if state["stopped"]:
        return "write_report"
    if state.get("given"):
        return "offer"
    if state.get("pair"):
        return "join"
    return "confirm" if state["pool"] else "prioritise"


def after_prioritise(state: State) -> Literal["propose", "write_report"]:
    """No target left ends the run."""
    return "write_report" if state["stopped"] else "propose"


def after_propose(state: State) -> Literal["screen", "confirm", "prioritise", "write_report"]:
    """Without new candidates what was built up is confirmed; where nothing was, the next target is taken."""
    if state["stopped"]:
        return "write_report"
    if state["candidates"]:
        return "screen"
    return "confirm" if state["pool"] else "prioritise"


def after_screen(
    state: State, runtime: Runtime[Wiring]
) -> Literal["propose", "join", "confirm", "prioritise", "enough", "write_report"]:
    """Build on the best so far, or confirm what passed; without any, ask for candidates, where there can be others."""
    if state["stopped"]:
        return "write_report"
    if state["climbs"]:
        return "propose"
    if state["pool"]:
        return "join" if state.get("pair") and not clear(runtime.context, state["pool"][0]) else "confirm"
    return "enough" if state.get("given") else "prioritise"


def after_join(state: State) -> Literal["screen", "confirm", "write_report"]:
    """What was put together is measured on dev like any other."""
    if state["stopped"]:
        return "write_report"
    return "screen" if state["candidates"] else "confirm"


def after_confirm(state: State) -> Literal["find_nodes", "enough", "write_report"]:
    """A kept change makes a new generation, which is found and measured afresh."""
    if state["stopped"]:
        return "write_report"
    return "find_nodes" if state["kept"] else "enough"


def after_find(state: State) -> Literal["list_targets", "measure_baseline"]:
    """The first time through, phase 1 goes on; later generations go straight to their baseline."""
    return "measure_baseline" if state["generation"] else "list_targets"


def after_baseline(state: State) -> Literal["study", "write_report"]:
    """A budget that ends during the baseline of a kept change ends the run."""
    return "write_report" if state["stopped"] else "study"


def after_study(state: State) -> Literal["enough", "__end__"]:
    """`harness baseline` ends here."""
    return "__end__" if state["baseline_only"] else "enough"


def build(
    checkpointer: BaseCheckpointSaver[str] | None = None, opening: Opening | None = None
) -> CompiledStateGraph[State, Wiring, State, State]:
    """The compiled loop. Its live things come as ``context`` at invoke, or from ``opening`` where a door has none."""
    graph = StateGraph(State, context_schema=Wiring)
    for name, (phase, node) in {**PHASES, "enough": ("iterate", enough)}.items():
        step = timed(name, phase, node)
        graph.add_node(name, opened(step, opening) if opening else step)
    graph.add_edge(START, "read_goals")
    graph.add_edge("read_goals", "find_nodes")
    graph.add_conditional_edges("find_nodes", after_find)
    graph.add_edge("list_targets", "check_environment")
    graph.add_edge("check_environment", "measure_baseline")
    graph.add_conditional_edges("measure_baseline", after_baseline)
    graph.add_conditional_edges("study", after_study)
    graph.add_conditional_edges("enough", after_enough)
    graph.add_conditional_edges("prioritise", after_prioritise)
    graph.add_conditional_edges("propose", after_propose)
    graph.add_edge("offer", "screen")
    graph.add_conditional_edges("screen", after_screen)
    graph.add_conditional_edges("join", after_join)
    graph.add_conditional_edges("confirm", after_confirm)
    graph.add_edge("write_report", "commit_report")
    graph.add_edge("commit_report", END)
    return graph.compile(checkpointer=checkpointer)
