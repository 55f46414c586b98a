"""Which goals fit an app: how the quality of its answers can be told, and which of its models cost money.

Read from the answers that were found, else from the types of the state and the prompts. Writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from harness.answers import as_text, closed_labels
from harness.check.money import without_price
from harness.discover import Keys
from harness.prices import LOCAL
from harness.starter.material import Found
from harness.types import Discovery, Json, Settings

_FREE = {*LOCAL, "ollama", "lmstudio", "llamacpp", "huggingface", "vllm", "fake", ""}  # providers that send no bill
_SENTENCE = 6  # words from which an answer is no longer one of a few that a model gives word for word
_CHOOSES = re.compile(r"(?i)\bclassif|\bcategor|\bintent\b|\broute\b|\bwhich (queue|team|kind|type|class)\b")
_LITERAL = re.compile(r"Literal\[(.*)\]", re.S)
_SHOWN = 120  # characters of a list of labels

Kind = Literal["labels", "fields", "text", "sentences", "short", "unknown"]


@dataclass(frozen=True, slots=True)
class Aims:
    """What the goals file is to ask for, each with its reason in words."""

    metric: str = "Accuracy"  # as it is written in the goals file
    kind: Kind = "unknown"  # of the answers
    why: str = ""
    paid: tuple[str, ...] = ()  # models that a provider charges for, "openai:gpt-4o"
    priced: bool = False  # all of them stand in the price table of the settings


def aims(examples: Iterable[Found], keys: Keys, found: Discovery | None, chosen: Settings) -> Aims:
    """The goals that fit; ``examples`` are those of the repository."""
    told = list(examples)
    kind, why = _of_answers(told) or _of_state(keys, found)
    metric = {"fields": "JSON fields", "text": "Contains", "sentences": "ROUGE"}.get(kind, "Accuracy")
    uses = {
        f"{use.provider}:{use.id}".removeprefix(":"): use
        for node in (found.nodes if found else ())
        for use in node.models
    }
    paid = tuple(sorted(name for name, use in uses.items() if use.id and use.provider.lower() not in _FREE))
    unpriced = {use.where for use in without_price(found, chosen)} if found else set()
    return Aims(metric, kind, why, paid, bool(paid) and not any(uses[name].where in unpriced for name in paid))


def _of_answers(told: Sequence[Found]) -> tuple[Kind, str] | None:
    """By the answers that the examples hold, None where there are none."""
    fields: dict[str, list[Json]] = {}
    for found in told:
        for name, item in found.expected.items():
            fields.setdefault(name, []).append(item)
    if not fields:
        words = sum(bool(found.holds) for found in told)
        return ("text", f"tests look for words in the answer, {words} of them") if words else None
    name = max(fields, key=lambda one: len(fields[one]))
    values = fields[name]
    if 2 * sum(isinstance(item, Mapping) for item in values) > len(values):
        return "fields", f"the {len(values)} answers found ({name}) are JSON objects, so each field counts by itself"
    texts = [as_text(item) for item in values]
    if labels := closed_labels(texts):
        return "labels", f"the {len(texts)} answers found ({name}) are {_listed(labels)}: equal or not says it all"
    length = median(len(text.split()) for text in texts)
    if length > _SENTENCE:
        return "sentences", f"the answers found ({name}) are sentences, {length:.0f} words long in the middle"
    return "short", f"the answers found ({name}) are short, so they can be compared word for word"


def _of_state(keys: Keys, found: Discovery | None) -> tuple[Kind, str]:
    """By the types of what models write, and by what the prompts ask for."""
    literal = {name: kind[1] for name, of in keys.answered.items() if (kind := _LITERAL.search(of))}
    if literal:
        name = next(iter(literal))
        return "labels", f"{name} is one of {literal[name]}: equal or not says it all"
    if "messages" in keys.fields:
        return "text", "the app answers in its messages, so its answers are taken for sentences"
    prompts = "\n".join(prompt.text for prompt in found.prompts) if found else ""
    nodes = " ".join(node.name.replace("_", " ") for node in found.nodes if node.is_llm) if found else ""
    if _CHOOSES.search(f"{nodes}\n{prompts}"):
        return "labels", "a prompt asks for a choice, so answers are taken for labels: equal or not says it all"
    return "unknown", "nothing says yet what an answer looks like"


def _listed(labels: Sequence[str]) -> str:
    text = ", ".join(labels)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."
