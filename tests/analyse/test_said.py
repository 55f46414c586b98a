"""What nodes said, as marks: the same reply is the same mark, whatever its ids."""

from __future__ import annotations

from dataclasses import replace

from harness.analyse import order, said
from harness.types import Call, Run

CALL = Call("k", "draft", 1, 0, "m", (), {}, "hello", {}, 1, 1, 0.1)


def run(*calls: Call, k: int = 0) -> Run:
    return Run("c", k, "", "v", None, None, calls, 0.1)


def tool(id: str, args: dict[str, int]) -> dict[str, object]:
    asked = [{"id": id, "name": "look", "args": args}]
    return {"generations": [{"message": {"data": {"tool_calls": asked}}}]}


def test_nodes_stand_in_the_order_of_the_graph() -> None:
    late, early = replace(CALL, node="judge", step=3), replace(CALL, node="b", step=1)
    assert order([run(late, CALL), run(early)]) == ("b", "draft", "judge")


def test_marks_tell_texts_tools_and_errors_apart_and_no_ids() -> None:
    calls = [
        CALL,
        replace(CALL, key="other", seconds=9.0, replayed=True, response=tool("1", {"x": 1})),
        replace(CALL, response=tool("2", {"x": 1})),
        replace(CALL, response=tool("2", {"x": 2})),
        replace(CALL, text="bye"),
        replace(CALL, error="Boom"),
    ]
    marks = said([run(call, k=k) for k, call in enumerate(calls)], ["draft", "judge"])
    drafts = [marks["c", k][0] for k in range(len(calls))]
    assert drafts[1] == drafts[2]
    assert len(set(drafts)) == len(drafts) - 1
    assert len({marks["c", k][1] for k in range(len(calls))}) == 1  # a node that made no call said the same
