"""The tuning loop itself, for LangGraph tools: ``langgraph.json`` names it, and its picture can be drawn.

    python -c "from graphs.tune import graph; print(graph().get_graph().draw_mermaid())"
"""

from langgraph.graph.state import CompiledStateGraph

from harness import loop


def graph() -> CompiledStateGraph[loop.State, loop.Wiring, loop.State, loop.State]:
    """The loop without live things: a run hands them over as ``context``, see ``harness.session``."""
    return loop.build()
