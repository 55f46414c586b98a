"""Phase 1, preparation: steps 1-4. Nothing is spent here."""

from __future__ import annotations

from langgraph.runtime import Runtime

from harness import analyse, discover, external, goals, levels, plugins
from harness.check import misfits
from harness.errors import BudgetError, Problems, UserError
from harness.loop.baseline import all_cases
from harness.loop.further import beyond_holdout
from harness.loop.state import State, Wiring


def read_goals(state: State, runtime: Runtime[Wiring]) -> State:
    """Step 1: goals and cases, as copied when the run started."""
    ctx = runtime.context
    known = plugins.measures(ctx.metrics, ctx.settings)
    ctx.notes.put("goals", "read", goals.load(ctx.places.inputs, ctx.settings, known))
    return {}


def find_nodes(state: State, runtime: Runtime[Wiring]) -> State:
    """Step 2: the LLM nodes and prompts of the best version so far, read statically."""
    ctx = runtime.context
    generation, tree = state["generation"], ctx.worktree.path
    found = external.discovery(tree, ctx.settings) if ctx.settings.external else discover.discover(tree, ctx.entry)
    ctx.notes.put("found", str(generation), found)
    return {}


def list_targets(state: State, runtime: Runtime[Wiring]) -> State:
    """Step 3: what could be tuned, before anything is measured."""
    ctx = runtime.context
    found = ctx.notes.discovery(state["generation"])
    ctx.notes.put("targets", "static", analyse.targets(found, {}, (), tuple(plugins.techniques().values())))
    return {}


def check_environment(state: State, runtime: Runtime[Wiring]) -> State:
    """Step 4: the app starts, the ledger has confirmations left and the budget covers the baseline.

    Raises AppError, UserError or BudgetError before a model call is made.
    """
    ctx = runtime.context
    if not confirmations_left(ctx):
        raise UserError(
            f"the error level of this holdout is spent: {ctx.ledger.spent(ctx.split.digest)} confirmations so far",
            where=ctx.settings.cases,
            fix=f"rotate the holdout, so that a claim rests on cases that no run has asked{beyond_holdout(ctx)}",
        )
    found = ctx.notes.discovery(state["generation"])
    check_baseline_budget(ctx, sum(node.is_llm for node in found.nodes))
    with ctx.current(state["best"]) as app:
        wrong = misfits(app.describe(), all_cases(ctx), plugins.places(ctx.settings), ctx.settings.cases)
    if wrong:
        raise Problems(wrong)
    return {}


def confirmations_left(ctx: Wiring) -> bool:
    """Whether one more confirmation keeps the sum of levels within alpha and their number within its cap."""
    digest = ctx.split.digest
    spent, used = ctx.ledger.spent(digest), ctx.ledger.level(digest)
    return levels.left(ctx.settings, two_stage=ctx.split.two_stage, spent=spent, used=used) > 0


def check_baseline_budget(ctx: Wiring, llm_nodes: int) -> None:
    """Raise BudgetError when the baseline alone costs more calls than the budget has."""
    limit = ctx.settings.budget.calls
    cases = len(ctx.split.dev) + len(ctx.split.holdout)
    needed = cases * ctx.settings.runs * max(llm_nodes, 1)
    if limit is not None and needed > limit:
        by_node = "" if ctx.settings.external else f" x {llm_nodes} LLM nodes"
        raise BudgetError(
            f"the baseline alone needs about {needed} {ctx.settings.spends} ({cases} cases x {ctx.settings.runs} runs"
            f"{by_node}), the budget is {limit}",
            fix=f"--budget-calls {needed * 3} or more, or fewer --runs",
        )
