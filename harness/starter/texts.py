"""The words of the files that a repository starts with: goals, worked examples of cases, settings. Writes no file."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from harness.discover import Keys
from harness.starter.aims import Aims
from harness.types import Json

EXAMPLES = 3  # cases that show the form; far too few to decide on
_LITERAL = re.compile(r"(?:\w+\.)?Literal\[(.*)\]", re.DOTALL)
_PLAIN: Mapping[str, Json] = {"int": 1, "float": 1.0, "bool": True, "list": [], "dict": {}}
_KINDS = (("typical", "easy"), ("typical", "medium"), ("edge_case", "hard"))  # category and difficulty of the examples


_HOW = {  # goal on the answers -> its calculation, what it is for, and what a person must know of it
    "Accuracy": (
        "answer as the case expects",
        "cases whose expected_* fields all equal what the app answers / all cases",
        "Accuracy compares without regard to case and white space. Where the answers are sentences that no app gives "
        "word for word, ask for Contains instead: the words that a right answer must hold.",
    ),
    "JSON fields": (
        "fill in the fields as the case expects",
        "fields of the expected JSON that the app gets right / all of them, averaged over cases",
        "Accuracy, which is measured too, is only right where every field is.",
    ),
    "ROUGE": (
        "say it as the expected answers do",
        "ROUGE-L of the app's answer and the expected one, averaged over cases",
        "ROUGE counts the words that two texts share in their order; no app gives a sentence word for word, so the aim "
        "is set against the app as found. Where a few words make an answer right, ask for Contains instead, which is "
        "the stricter question.",
    ),
    "Contains": (
        "say what a right answer must say",
        "cases whose answer holds every expected text / all cases",
        "Write into expected_answer the words that a right answer must hold, or several of them as a list into "
        "expected_output: a whole sentence is hardly ever given word for word, which is why Accuracy, measured too, "
        "is no goal here.",
    ),
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the goals file is to say."""

    accuracy: float = 90.0  # percent of the answers that are to be right
    seconds: float | None = None  # that a case may take; None = no such goal
    usd: float | None = None  # that a case may cost; None = no such goal


def goals(project: str, cases: str, wishes: Wishes, aims: Aims = Aims()) -> str:  # noqa: B008 - frozen
    """A goals file that ``harness check`` accepts as it stands."""
    wanted = list(_wanted(wishes, aims))
    objectives = "\n".join(f"- **{name}**: {aim}" for name, aim, _, _ in wanted)
    metrics = "\n\n".join(
        f"### {name}\n\n- Calculation method: {how}\n- Target value: {target}" for name, _, how, target in wanted
    )
    return f"""# Fine-Tuning Goals: {project}

<!-- The first goal that is not met is worked on, the others must not get worse. Further ones have the same form:
     Token usage (900 tokens or less), Latency (2.0 seconds or less), Cost ($0.01 or less), Error rate (1% or less). -->

## Optimization Objectives

<!-- {_remarks(wishes, aims)} -->

{objectives}

## Evaluation Methods

- **Test Cases**: {cases}

## Evaluation Metrics

{metrics}

## Passing Criteria

Every metric reaches its target value.
"""


def _remarks(wishes: Wishes, aims: Aims) -> str:
    """Why these goals, as the inside of a comment: nothing that was found can end it."""
    said = [f"{aims.metric}: {aims.why}." if aims.why else "", _HOW[aims.metric][2]]
    if aims.paid and wishes.usd is None and not aims.priced:
        said.append(
            f"The app calls {', '.join(aims.paid)}: with {'its price' if len(aims.paid) == 1 else 'their prices'} in "
            "the settings, a goal such as Cost ($0.01 or less) holds what a case may cost."
        )
    text = re.sub(r"[<>`\s]+", " ", " ".join(filter(None, said)))
    return "\n     ".join(textwrap.wrap(re.sub(r"-(?=-)", "- ", text), 110, break_on_hyphens=False))


def _wanted(wishes: Wishes, aims: Aims) -> Iterator[tuple[str, str, str, str]]:
    """(metric, aim, calculation, target) of each goal."""
    aim, how, _ = _HOW[aims.metric]
    yield aims.metric, aim, how, "10% more" if aims.metric == "ROUGE" else f"{_plain(wishes.accuracy)}% or higher"
    if wishes.seconds is not None:
        how = "seconds from the input to the end of the graph, averaged over cases"
        yield "Latency", "answer while somebody waits", how, f"{_plain(wishes.seconds)} seconds or less"
    if wishes.usd is not None:
        how = "tokens at the price table of the settings, averaged over cases"
        yield "Cost", "stay cheap enough for every case", how, f"${_plain(wishes.usd)} or less"
    elif aims.priced:
        how = "tokens at the price table of the settings, averaged over cases, against the app as found"
        yield "Cost", "pay less for a case than today", how, "10% less"


def _plain(value: float) -> str:
    """All digits of a number, never with an exponent: 90, 0.0005."""
    return format(Decimal(repr(value)).normalize(), "f")


def cases(keys: Keys, *, as_lines: bool) -> str:
    """Worked examples that show the form of a case, as JSONL or as a JSON object."""
    rows = [_case(keys, index, category, difficulty) for index, (category, difficulty) in enumerate(_KINDS[:EXAMPLES])]
    return written(rows, as_lines=as_lines)


def written(rows: Sequence[Mapping[str, Json]], *, as_lines: bool) -> str:
    """The text of a case file with these rows, as JSONL or as a JSON object."""
    if as_lines:
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return json.dumps({"test_cases": rows}, ensure_ascii=False, indent=2) + "\n"


def _case(keys: Keys, index: int, category: str, difficulty: str) -> dict[str, Json]:
    given = {name: kind for name, kind in keys.given.items() if kind != "messages"}
    bare = f"Write here what a user would send, example {index + 1}."
    inputs = {name: _example(kind, f"Write here a {name}, example {index + 1}.", index) for name, kind in given.items()}
    if keys.given and not given and "messages" not in keys.given:
        inputs = {name: [{"role": "user", "content": bare}] for name in list(keys.given)[:1]}
    answers = dict(list(keys.answered.items())[:1]) or {"answer": "str"}
    wanted = {f"expected_{name}": _example(kind, f"the {name} that is right", index) for name, kind in answers.items()}
    row = {"id": f"example-{index + 1}", "category": category, "difficulty": difficulty}
    return {**row, "input": inputs or bare, **wanted, "metadata": {"source": "harness init", "draft": True}}


def _example(kind: str, text: str, index: int) -> Json:
    """A value of a type as written: one of its choices, a number, an empty list, or else ``text``."""
    choices = _LITERAL.search(kind)
    if choices:
        found = ast.literal_eval(f"[{choices[1]}]")
        return found[index % len(found)]
    word = re.match(r"\w*", kind)
    return _PLAIN.get(word[0] if word else "", text)


def settings(graph: str, link: tuple[str, ...], unpriced: Sequence[str] = ()) -> str:
    """Keys of the settings table, without its header; ``unpriced`` are paid models without a price."""
    lines = [f"graph = {json.dumps(graph)}" if graph else '# graph = "path.py:name"  # none was found']
    if unpriced:
        prices = ", ".join(f"{json.dumps(name)} = [0.0, 0.0]" for name in unpriced)
        lines.append(f"# prices = {{ {prices} }}  # USD per 1M tokens in, out: write yours, and cost is measured")
    if link:
        lines.append(f"link = {json.dumps(list(link))}  # ignored files that the app needs, linked into private trees")
    return "\n".join([*lines, "# runs = 5  # runs per case when a change is decided on", ""])
