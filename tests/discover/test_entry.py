"""Which graph is the app."""

import pytest

from harness.discover import discover, find_entry
from harness.errors import UserError
from tests.discover.conftest import HEAD, TAIL, Writer

WORK = "def work(s): return llm.invoke('Say hello to the user.')"
APP = f"{HEAD}{WORK}\n{TAIL}"
FACTORY = (
    f"{HEAD}{WORK}\ndef build(debug=False):\n    b = StateGraph(dict)\n    b.add_node(work)\n    return b.compile()\n"
)


def test_what_the_user_names_wins(write: Writer) -> None:
    root = write({"a.py": APP, "b.py": FACTORY, "langgraph.json": '{"graphs": {"x": "./a.py:graph"}}'})
    assert find_entry(root, "b.py:build") == "b.py:build"
    assert find_entry(root, "./b.py:build") == "b.py:build"
    configured = {"c.py": FACTORY.replace("debug=False", "config, *, debug=False")}
    assert find_entry(write(configured), "c.py:build") == "c.py:build"  # one argument is LangGraph's config


@pytest.mark.parametrize(
    "value", ['"./src/app/graph.py:graph"', '{"path": "src/app/graph.py:graph"}', '"src.app.graph:graph"']
)
def test_langgraph_json_is_next(write: Writer, value: str) -> None:
    root = write({"src/app/graph.py": APP, "other.py": APP, "langgraph.json": f'{{"graphs": {{"x": {value}}}}}'})
    assert find_entry(root, "") == "src/app/graph.py:graph"


def test_the_only_compiled_graph_is_last(write: Writer) -> None:
    user = "from a import graph\nprint(graph)\n"
    root = write({"a.py": APP, "main.py": user, "tests/test_a.py": APP, ".venv/lib/x.py": APP, "notes.py": "x = 1"})
    assert find_entry(root, "") == "a.py:graph"


def test_a_factory_counts_where_no_graph_is_compiled_at_module_level(write: Writer) -> None:
    assert find_entry(write({"b.py": FACTORY}), "") == "b.py:build"


def test_a_graph_made_by_an_imported_function_counts_where_there_is_no_other(write: Writer) -> None:
    user = "from b import build\napp = build({})\n"
    needy = {"b.py": FACTORY.replace("debug=False", "model"), "main.py": user.format("'small'")}
    assert find_entry(write(needy), "") == "main.py:app"


def test_a_subgraph_is_no_candidate(write: Writer) -> None:
    outer = "\ntop = StateGraph(dict)\ntop.add_node('inner', graph)\nmain = top.compile()\n"
    root = write({"a.py": APP + outer})
    assert find_entry(root, "") == "a.py:main"
    assert [n.name for n in discover(root, "a.py:main").nodes] == ["inner", "work"]


@pytest.mark.parametrize(
    ("files", "graph", "message", "fix"),
    [
        ({"a.py": "x = 1"}, "", "no graph found: no langgraph.json, and in 1 Python files", "--graph"),
        (
            {"a.py": APP, "b.py": APP},
            "",
            "several compiled graphs were found: a.py:graph, b.py:graph",
            "--graph a.py:graph",
        ),
        (
            {"a.py": APP, "langgraph.json": '{"graphs": {"x": "a.py:graph", "y": "t.py:tune"}}'},
            "",
            "langgraph.json names several graphs: a.py:graph, t.py:tune",
            "--graph a.py:graph",
        ),
        ({"a.py": APP}, "b.py:graph", "the graph's file 'b.py' does not exist", "path.py:name"),
        ({"a.py": APP}, "a.py:grpah", "a.py has no name 'grpah'", 'did you mean "a.py:graph"?'),
        ({"a.py": APP}, "a.py", "'a.py' does not name a graph", "path.py:name"),
        ({"a.py": "y = 1\nx = ("}, "a.py:x", "a.py:2: not Python: '(' was never closed", "mend this line"),
        ({"a.py": f"{APP}x = ("}, "", "these cannot be read: a.py (line ", "--graph"),
        ({"a.py": APP, "b.py": "graph = 3"}, "b.py:graph", "b.py:graph holds a plain value", "found: a.py:graph"),
        ({"a.py": APP}, "b.py:graph", "does not exist", "graphs found: a.py:graph"),
        (
            {"b.py": FACTORY.replace("debug=False", "model, speed")},
            "b.py:build",
            "b.py:7: the factory build needs arguments (model, speed)",
            "give them defaults",
        ),
        (
            {"b.py": FACTORY.replace("debug=False", "model_name: str")},
            "b.py:build",
            "b.py:7: the factory build needs arguments (model_name)",
            "give them defaults",
        ),
        (
            {"b.py": FACTORY.replace("debug=False", "config, *, speed")},
            "b.py:build",
            "needs arguments (config, speed)",
            "give them defaults",
        ),
        (
            {"b.py": FACTORY.replace("debug=False", "model, speed")},
            "",
            "these need arguments: b.py:7 build(model, speed)",
            "give the arguments defaults",
        ),
        ({"langgraph.json": "{\n,"}, "", "langgraph.json:2: not JSON", "mend the file"),
    ],
)
def test_what_is_missing_or_ambiguous_is_said(
    write: Writer, files: dict[str, str], graph: str, message: str, fix: str
) -> None:
    with pytest.raises(UserError) as caught:
        find_entry(write(files), graph)
    assert message in str(caught.value)
    assert fix in caught.value.fix
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "argument", ["config", "runtime", "c: RunnableConfig", "options: dict[str, str]", "r: Runtime"]
)
def test_a_factory_may_ask_for_what_langgraph_gives(write: Writer, argument: str) -> None:
    assert find_entry(write({"b.py": FACTORY.replace("debug=False", argument)}), "b.py:build") == "b.py:build"


def test_a_graph_that_cannot_be_followed_gives_a_note(write: Writer) -> None:
    found = discover(write({"a.py": "import registry\ngraph = registry.load('app')\n"}), "a.py:graph")
    assert found.nodes == ()
    assert "cannot be followed" in found.notes[0]
