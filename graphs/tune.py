"""The tuning loop for LangGraph's own tools: drawn without a run, it starts one of this repo when it is invoked."""

from pathlib import Path

from langgraph.graph.state import CompiledStateGraph

from harness import loop, session
from harness.cli.console import Plain


def graph() -> CompiledStateGraph[loop.State, loop.Wiring, loop.State, loop.State]:
    """The loop, wired at its first step."""
    return loop.build(opening=session.opening(Path.cwd(), Plain()))
