"""The form that hand labels are scored in."""

from harness.discover import discover, export_labels
from tests.discover.conftest import HEAD, TAIL, Writer


def test_places_are_files_and_lines(write: Writer) -> None:
    body = "P = 'Sort the ticket.'\ndef work(s):\n    return llm.invoke(P)\n"
    exported = export_labels(discover(write({"app.py": f"{HEAD}{body}{TAIL}"})))
    lines = f"{HEAD}{body}{TAIL}".splitlines()
    assert exported == [
        {
            "graph_file": "app.py",
            "node": "work",
            "add_line": lines.index('builder.add_node("work", work)') + 1,
            "is_llm": True,
            "llm_calls": [{"file": "app.py", "line": lines.index("    return llm.invoke(P)") + 1}],
            "models": [{"file": "app.py", "line": 5, "model_id": "gpt-4o-mini"}],
            "prompts": [{"file": "app.py", "line": lines.index("P = 'Sort the ticket.'") + 1, "proof": "likely"}],
        }
    ]


def test_tasks_of_the_functional_api_are_nodes(write: Writer) -> None:
    body = """
from langgraph.func import entrypoint, task
from litellm import completion
import litellm
@task
def ask(x):
    return litellm.completion(model="gpt-4o", messages=[{"role": "user", "content": f"Tell me of {x} now."}])
@entrypoint()
def flow(x):
    return ask(x).result()
"""
    found = discover(write({"app.py": body}))
    assert [(n.name, n.is_llm) for n in found.nodes] == [("ask", True), ("flow", False)]
    assert found.nodes[0].models[0].id == "gpt-4o"
