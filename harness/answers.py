"""What counts as an answer: when two are equal, where the app keeps one, and when answers are labels of a closed list.

Metrics, analysis and proposers must agree on these, so they live on the ground floor. This module knows nothing of
models, prompts or scores.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.types import Json

TEXT_FIELDS = ("expected_answer", "expected_output")  # fields that the app's last message may answer
NOT_COMPARED = ("expected_answer_semantic", "expected_tool_calls")  # no values of the output: metrics of their own
ABSENT = object()  # the app's output holds nothing for a field; None is a value
MAX_LABELS = 20  # more distinct answers than this are not a list that a prompt would spell out
_LABEL_CHARS = 40
_LABEL_WORDS = 5


def normal(text: str) -> str:
    """``text`` as it is compared: Unicode-composed, casefolded, trimmed, runs of white space as one space."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def parsed(value: Json) -> Json:
    """``value``, or what it says when it is a text of strict JSON; other texts come back unchanged."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return value


def objects(text: str) -> Iterator[dict[str, Json]]:
    """Every JSON object that stands in a text, between other words or in a code fence; outermost ones, in order."""
    reader, at = json.JSONDecoder(strict=False), text.find("{")
    while at >= 0:
        try:
            value, end = reader.raw_decode(text, at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1)
            continue
        yield value
        at = text.find("{", end)


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")


def same(one: Json, other: Json) -> bool:
    """Whether two answers are equal: as normalised text, or as JSON where both are JSON.

    Texts inside JSON are compared normalised too; numbers by value, and never equal to a boolean.
    """
    if isinstance(one, str) and isinstance(other, str) and normal(one) == normal(other):
        return True
    return _equal(parsed(one), parsed(other))


def _equal(one: Json, other: Json) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return normal(one) == normal(other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_equal(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def mentions(text: str, label: str) -> bool:
    """Whether ``label`` stands in ``text`` as words of its own, "_" and "-" read as they are; "" never does."""
    words = normal(label)
    return words != "" and re.search(rf"(?<![\w-]){re.escape(words)}(?![\w-])", normal(text)) is not None


def as_text(value: Json) -> str:
    """An expected value the way a model would write it: texts as they are, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def short_name(field: str) -> str:
    """ "intent" of "expected_intent"."""
    return field.removeprefix("expected_")


def app_value(field: str, inputs: Mapping[str, Json], output: Json, path: str = "") -> Json:
    """What the app's final state holds for an ``expected_*`` field, or ABSENT.

    In this order: the dotted ``path`` where one is given, the key named like the field without "expected_", and for
    a field of TEXT_FIELDS the text of the last message, or the only text that is not one of the ``inputs``.
    """
    if path:
        return at(output, path.split("."))
    if isinstance(output, Mapping) and short_name(field) in output:
        return output[short_name(field)]
    return _last_text(inputs, output) if field in TEXT_FIELDS else ABSENT


def at(value: Json, steps: Sequence[str]) -> Json:
    """What stands at a place in JSON data, named key by key or index by index, or ABSENT."""
    for step in steps:
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list | tuple) and step.lstrip("-").isdigit() and -len(value) <= int(step) < len(value):
            value = value[int(step)]
        else:
            return ABSENT
    return value


def _last_text(inputs: Mapping[str, Json], output: Json) -> Json:
    if isinstance(output, str):
        return output
    if not isinstance(output, Mapping):
        return ABSENT
    messages = output.get("messages")
    if isinstance(messages, list | tuple) and messages:
        return content_text(messages[-1])
    texts = [v for k, v in output.items() if isinstance(v, str) and inputs.get(k) != v]
    return texts[0] if len(texts) == 1 else ABSENT


def content_text(message: Json) -> str:
    """The text of a message: its content, or the text blocks of a content that is a list."""
    content = message.get("content", "") if isinstance(message, Mapping) else message
    if isinstance(content, list | tuple):
        return "".join(map(_block_text, content))
    return content if isinstance(content, str) else ""


def _block_text(block: Json) -> str:
    if isinstance(block, Mapping):
        return str(block.get("text", ""))
    return block if isinstance(block, str) else ""


def recurring(answers: Iterable[str]) -> bool:
    """Whether the answers come from a short list: 2 to MAX_LABELS different ones that recur.

    Each is met three times on the mean, and at most one in four only once.
    """
    counts = Counter(normal(a) for a in answers)
    once = sum(1 for n in counts.values() if n == 1)
    return 2 <= len(counts) <= MAX_LABELS and counts.total() >= 3 * len(counts) and 4 * once <= len(counts)


def closed_labels(wanted: Iterable[str]) -> tuple[str, ...]:
    """The labels, sorted, when the wanted answers are ``recurring``, short and neither numbers nor JSON; else ()."""
    answers = list(wanted)
    if not recurring(answers) or not all(map(label_like, answers)):
        return ()
    spelling = {normal(a): a.strip() for a in answers}
    return tuple(spelling[key] for key in sorted(spelling))


def label_like(text: str) -> bool:
    """Whether an answer could be a label: a few words that are neither a number nor JSON."""
    short = 0 < len(text.strip()) <= _LABEL_CHARS and len(text.split()) <= _LABEL_WORDS
    return short and isinstance(parsed(text), str | bool)


def fixed_keys(wanted: Iterable[str]) -> Mapping[str, str]:
    """Key -> JSON type, in the order first seen, when the wanted answers are JSON objects that share their keys.

    Types are those of a reader: "text", "number", "true or false", "list", "object", or "text or number" when they
    vary. Empty when one answer is no object or their keys differ.
    """
    objects = [parsed(w) for w in wanted]
    if not objects or not all(isinstance(o, dict) and o.keys() == objects[0].keys() for o in objects):
        return {}
    return {key: " or ".join(sorted({_kind(o[key]) for o in objects})) for key in objects[0]}


def _kind(value: Json) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text"
    if value is None:
        return "null"
    return "list" if isinstance(value, list) else "object"
