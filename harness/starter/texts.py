"""The words of the files that a repository starts with: goals, worked examples of cases, settings. Writes no file."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from harness.discover import Keys
from harness.types import Json

EXAMPLES = 3  # cases that show the form; far too few to decide on
_LITERAL = re.compile(r"(?:\w+\.)?Literal\[(.*)\]", re.DOTALL)
_PLAIN: Mapping[str, Json] = {"int": 1, "float": 1.0, "bool": True, "list": [], "dict": {}}
_KINDS = (("typical", "easy"), ("typical", "medium"), ("edge_case", "hard"))  # category and difficulty of the examples


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the goals file is to say."""

    accuracy: float = 90.0  # percent
    seconds: float | None = None  # that a case may take; None = no such goal
    usd: float | None = None  # that a case may cost; None = no such goal


def goals(project: str, cases: str, wishes: Wishes) -> str:
    """A goals file that ``harness check`` accepts as it stands."""
    wanted = list(_wanted(wishes))
    objectives = "\n".join(f"- **{name}**: {aim}" for name, aim, _, _ in wanted)
    metrics = "\n\n".join(
        f"### {name}\n\n- Calculation method: {how}\n- Target value: {target}" for name, _, how, target in wanted
    )
    return f"""# Fine-Tuning Goals: {project}

<!-- The first goal that is not met is worked on, the others must not get worse. Further ones have the same form:
     Token usage (900 tokens or less), Latency (2.0 seconds or less), Cost ($0.01 or less), Error rate (1% or less). -->

## Optimization Objectives

{objectives}

## Evaluation Methods

- **Test Cases**: {cases}

## Evaluation Metrics

{metrics}

## Passing Criteria

Every metric reaches its target value.
"""


def _wanted(wishes: Wishes) -> Iterator[tuple[str, str, str, str]]:
    """(metric, aim, calculation, target) of each goal."""
    how = "cases whose expected_* fields all equal what the app answers / all cases"
    yield "Accuracy", "answer as the case expects", how, f"{_plain(wishes.accuracy)}% or higher"
    if wishes.seconds is not None:
        how = "seconds from the input to the end of the graph, averaged over cases"
        yield "Latency", "answer while somebody waits", how, f"{_plain(wishes.seconds)} seconds or less"
    if wishes.usd is not None:
        how = "tokens at the price table of the settings, averaged over cases"
        yield "Cost", "stay cheap enough for every case", how, f"${_plain(wishes.usd)} or less"


def _plain(value: float) -> str:
    """All digits of a number, never with an exponent: 90, 0.0005."""
    return format(Decimal(repr(value)).normalize(), "f")


def cases(keys: Keys, *, as_lines: bool) -> str:
    """Worked examples that show the form of a case, as JSONL or as a JSON object."""
    rows = [_case(keys, index, category, difficulty) for index, (category, difficulty) in enumerate(_KINDS[:EXAMPLES])]
    if as_lines:
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return json.dumps({"test_cases": rows}, ensure_ascii=False, indent=2) + "\n"


def _case(keys: Keys, index: int, category: str, difficulty: str) -> dict[str, Json]:
    given = {name: kind for name, kind in keys.given.items() if kind != "messages"}
    bare = f"Write here what a user would send, example {index + 1}."
    inputs = {name: _example(kind, f"Write here a {name}, example {index + 1}.", index) for name, kind in given.items()}
    answers = dict(list(keys.answered.items())[:1]) or {"answer": "str"}
    wanted = {f"expected_{name}": _example(kind, f"the {name} that is right", index) for name, kind in answers.items()}
    row = {"id": f"example-{index + 1}", "category": category, "difficulty": difficulty}
    return {**row, "input": inputs or bare, **wanted}


def _example(kind: str, text: str, index: int) -> Json:
    """A value of a type as written: one of its choices, a number, an empty list, or else ``text``."""
    choices = _LITERAL.search(kind)
    if choices:
        found = ast.literal_eval(f"[{choices[1]}]")
        return found[index % len(found)]
    word = re.match(r"\w*", kind)
    return _PLAIN.get(word[0] if word else "", text)


def settings(graph: str, link: tuple[str, ...]) -> str:
    """Keys of the settings table, without its header."""
    lines = [f"graph = {json.dumps(graph)}"]
    if link:
        lines.append(f"link = {json.dumps(list(link))}  # ignored files that the app needs, linked into private trees")
    return "\n".join([*lines, "# runs = 5  # runs per case when a change is decided on", ""])
