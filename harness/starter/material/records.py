"""One row of somebody's data -> an example: which column is asked, which is the answer. Knows usual names only.

Read are rows of our own form, of LangSmith exports (``inputs``, ``outputs``, ``inputs.question``), of Inspect
(``input``, ``target``), of OpenAI evals and chat files (``messages``, ``ideal``), and plain ones (``question``,
``answer``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from harness.answers import parsed
from harness.discover import Keys
from harness.starter.material.found import Found
from harness.types import Json

ASKED = (
    "input", "inputs", "question", "query", "prompt", "user_input", "user_query", "user_message", "message", "messages",
    "request", "instruction", "utterance", "text", "ticket", "email", "topic", "task", "vars",
)  # fmt: skip
_ANSWERS = (
    "expected", "expected_output", "expected_outputs", "expected_answer", "reference", "reference_output",
    "reference_outputs", "reference_answer", "references", "ground_truth", "groundtruth", "gold", "gold_answer",
    "ideal", "target", "answer", "label", "intent", "category", "class", "response", "completion", "output", "outputs",
)  # fmt: skip
_SAID = {"output", "outputs", "response", "completion", "answer"}  # in the record of a run: what the app said
_RUNS = {"run_type", "trace_id", "start_time", "end_time", "latency", "execution_time", "parent_run_id", "score"}
_GIVEN_HEADS, _WANTED_HEADS = ("inputs.", "input."), ("reference_outputs.", "reference.", "expected.", "outputs.")
_DIFFICULTIES = ("easy", "medium", "hard")
_ABOUT = ("id", "case_id", "example_id", "uuid")


def example(record: Mapping[str, Json], keys: Keys, where: str) -> Found | None:
    """What the row asks and expects, None where it asks nothing. ``keys`` are those of the graph: a column that is
    named like one of its inputs is given under that name, one like a field that its nodes write is expected."""
    told = {_plain(name): _opened(item) for name, item in record.items() if not _empty(item)}
    given, expected = _split(told, keys)
    if _empty(given):
        return None
    if isinstance(given, dict) and set(given) == {"messages"} and not expected:
        given, expected = _chat(given)
    about = next((str(told[name]) for name in _ABOUT if isinstance(told.get(name), str | int)), "")
    category = told.get("category", "")
    difficulty = str(told.get("difficulty", "")).lower()
    return Found(
        given=given,
        where=where,
        expected=expected,
        id=about,
        category=category if isinstance(category, str) and "category" not in expected else "",
        difficulty=difficulty if difficulty in _DIFFICULTIES else "",
    )


def _plain(name: str) -> str:
    return name.strip().lstrip("\ufeff").replace(" ", "_")


def _empty(item: Json) -> bool:
    return item is None or item == "" or item == {} or item == [] or (isinstance(item, str) and not item.strip())


def _opened(item: Json) -> Json:
    """The object or list that a cell of a table holds as JSON, anything else as it is."""
    found = parsed(item) if isinstance(item, str) and item.lstrip()[:1] in ("{", "[") else item
    return found if isinstance(found, dict | list) else item


def _split(told: Mapping[str, Json], keys: Keys) -> tuple[Json, Mapping[str, Json]]:
    """What is given and what is expected."""
    own = {name: item for name, item in told.items() if name in keys.given}
    dotted = _below(told, _GIVEN_HEADS)
    name = next((name for name in ASKED if name in told), "")
    if own and "inputs" not in told:
        written = {n: item for n, item in told.items() if n in keys.fields and n not in own}
        return own, written or _expected(told, set(own))
    if dotted:
        return dotted, _expected(told, set())
    return (told[name], _expected(told, {name})) if name else (None, {})


def _expected(told: Mapping[str, Json], used: set[str]) -> Mapping[str, Json]:
    ours = {n.removeprefix("expected_"): item for n, item in told.items() if n.startswith("expected_")}
    if ours and not {"output", "outputs"} & set(ours):
        return ours
    is_run = bool(_RUNS & told.keys()) or any(name.startswith("feedback") for name in told)
    for head in _WANTED_HEADS:
        below = _below(told, (head,))
        if below and not (head == "outputs." and is_run):
            return below
    for name in _ANSWERS:
        if name in told and name not in used and not (is_run and name in _SAID):
            item = told[name]
            return item if isinstance(item, dict) and _named(item) else {_short(name): item}
    return {}


def _below(told: Mapping[str, Json], heads: tuple[str, ...]) -> dict[str, Json]:
    """Columns such as ``inputs.question``, by what stands behind the dot."""
    return {
        name[len(head) :]: item
        for head in heads
        for name, item in told.items()
        if name.startswith(head) and name[len(head) :]
    }


def _named(item: Mapping[str, Json]) -> bool:
    return bool(item) and all(isinstance(name, str) and name for name in item)


def _short(name: str) -> str:
    """ "intent" and "label" are fields of their own, every other name says that it is the answer."""
    return name if name in ("intent", "label", "category", "class") else "answer"


def _chat(given: Mapping[str, Json]) -> tuple[Json, Mapping[str, Json]]:
    """A conversation whose last word is the assistant's asks everything before it and expects that."""
    said = given["messages"]
    last = said[-1] if isinstance(said, list) and len(said) > 1 else None
    if isinstance(last, dict) and last.get("role") in ("assistant", "ai") and isinstance(last.get("content"), str):
        return {"messages": said[:-1]}, {"answer": last["content"]}
    return given, {}


def canonical(value: Json) -> str:
    """The same text for the same value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, default=str)
