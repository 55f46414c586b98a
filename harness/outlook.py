"""What a run would do and cost, as far as that can be known before a call is spent.

Starts nothing and imports neither langgraph nor scipy, so that it answers at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness import analyse
from harness.check import check
from harness.repo import Repo


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do and cost, known without a model call."""

    entry: str
    goals: tuple[str, ...]
    dev: int  # cases
    holdout: int
    llm_nodes: int
    baseline_calls: int  # one call per LLM node assumed
    candidate_calls: int  # one candidate measured to the end, on dev and on the deciding cases
    most_calls: int  # every iteration used, every candidate measured to the end of the screen, nothing replayed
    targets: tuple[tuple[str, str, str, str], ...]  # node, prompt, issues, priority
    warnings: tuple[str, ...]


def plan(root: Path, flags: Mapping[str, object]) -> Plan:
    """Everything that is known before a call is spent. Raises what ``check`` finds."""
    checked = check(Repo.open(root).root, flags)
    chosen, split = checked.settings, checked.split
    nodes = sum(node.is_llm for node in checked.discovery.nodes)
    deciding = len(split.holdout) or len(split.dev)
    baseline = (len(split.dev) + len(split.holdout)) * chosen.runs * nodes
    screened, confirmed = len(split.dev) * chosen.runs * nodes, deciding * chosen.runs * nodes
    rows = tuple(
        (target.node, target.prompt, "; ".join(target.issues), str(target.total))
        for target in analyse.targets(checked.discovery, {}, ())
    )
    return Plan(
        entry=checked.entry,
        goals=tuple(f"{goal.metric}: {goal.text}" if goal.text else goal.metric for goal in checked.goals.goals),
        dev=len(split.dev),
        holdout=len(split.holdout),
        llm_nodes=nodes,
        baseline_calls=baseline,
        candidate_calls=screened + confirmed,
        most_calls=baseline + chosen.max_iterations * (chosen.max_candidates * screened + confirmed + baseline),
        targets=rows,
        warnings=checked.warnings,
    )
