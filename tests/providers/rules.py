"""A model that follows rules: it knows a few words, and beyond them what its prompt tells it.

What it has to decide between is a list of labels. A case gets the label whose words it holds most of; those words are
the ones that the model knows itself, and those of the lines and examples of its prompt that name the label. So a
prompt with definitions or examples is answered better, as with a real model, and nothing is known of any technique.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.providers.asked import Answer, Asked, Json, Said

_WORD = re.compile(r"[a-z][a-z'-]{3,}")


@dataclass(frozen=True)
class Skill:
    """One thing that the model can be asked for."""

    asked: str  # pattern of a prompt that asks for it
    case: str = ""  # pattern whose first group is the case; "" = nothing is decided
    last: str = ""  # role of the last message; "" = any
    labels: Mapping[str, str] = field(default_factory=dict)  # label -> words that the model connects with it anyway
    own: Mapping[str, str] = field(default_factory=dict)  # label -> what it is called as long as nobody names it
    key: str = ""  # JSON key, or argument of a tool, that gets the label; "" = the label is the reply or the tool
    gives: Json = field(default_factory=dict)  # other values; "{label}" and "{case}" in texts are filled in
    says: str = "{label}"  # a reply in words, once the prompt shows how an answer looks
    loose: str = ""  # a reply in words before that; "" = as ``says``
    talks: str = ""  # what it adds one to four times to a reply in words as long as nobody asks it to be brief
    tool: str = ""  # the tool to be called; "" = the only one, or the one that the label names
    slip: float = 0.05  # share of replies that are drawn blindly


@dataclass
class RuledModel:
    """Answers by the first of its skills that a prompt asks for; 400 where none is. Equal draws with equal ``seed``."""

    skills: Sequence[Skill]
    seed: int = 0
    _asked: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, asked: Asked) -> Said:
        """The reply to one request."""
        for skill in self.skills:
            if skill.last in ("", asked.messages[-1][0]) and re.search(skill.asked, asked.prompt):
                return _said(skill, asked, self._luck(asked))
        return Said(status=400)

    def _luck(self, asked: Asked) -> Random:
        """Drawn by what is asked; by how often it was asked before, too, where the temperature lets replies vary."""
        content = hashlib.sha256(repr((asked.messages, sorted(asked.tools), asked.schema)).encode()).hexdigest()
        with self._lock:
            self._asked[content] += 1
            n = self._asked[content] if asked.temperature > 0 else 0
        return Random(f"{self.seed}/{n}/{content}")


def ruled(skills: Sequence[Skill], seed: int = 0) -> Answer:
    """A model with these skills."""
    return RuledModel(skills, seed)


def _said(skill: Skill, asked: Asked, luck: Random) -> Said:
    found = re.findall(skill.case, asked.prompt, re.DOTALL) if skill.case else []
    case = str(found[-1]).strip() if found else ""
    told = asked.prompt.replace(case, "") if case else asked.prompt
    label = decide(skill, told, case, luck)
    spelled = label if _named(label, told, asked) else skill.own.get(label, label)
    values = {key: _filled(value, spelled, case) for key, value in skill.gives.items()}
    if skill.key:
        values[skill.key] = spelled
    if asked.tools and (asked.must_call or skill.tool or spelled in asked.tools):
        name = skill.tool or (spelled if spelled in asked.tools else next(iter(asked.tools)))
        return Said(calls=((name, fill(asked.tools[name], values)),))
    if asked.schema is not None:
        return Said(json.dumps(fill(asked.schema, values)))
    words = skill.says if not skill.loose or _shown(skill, told) else skill.loose
    return Said(_of_length(_filled(words, spelled, case), skill.talks, told, luck))


def decide(skill: Skill, told: str, case: str, luck: Random) -> str:
    """The label of a case for a model that was told this; "" where there is none to choose."""
    labels = list(skill.labels)
    if not labels:
        return ""
    if luck.random() < skill.slip:
        return luck.choice(labels)
    known = {label: set(_WORD.findall(skill.labels[label].lower())) | hints(label, labels, told) for label in labels}
    common = Counter(word for words in known.values() for word in words)
    seen = set(_WORD.findall(case.lower()))
    return max(labels, key=lambda label: sum(word in seen for word in known[label] if common[word] == 1))


def hints(label: str, labels: Sequence[str], told: str) -> set[str]:
    """Words that a prompt connects with a label: of a line that names it alone, or of the example above such a line."""
    found: set[str] = set()
    lines = told.splitlines()
    for n, line in enumerate(lines):
        if [name for name in labels if mentions(line, name)] != [label]:
            continue
        words = set(_WORD.findall(line.lower())) - {label}
        found |= words if len(words) > 2 else {w for above in _above(lines[:n]) for w in _WORD.findall(above.lower())}
    return found


def _above(lines: Sequence[str]) -> list[str]:
    """The lines of the same paragraph, up to the one that ends ``lines``."""
    block: list[str] = []
    for line in reversed(lines):
        if not line.strip():
            break
        block.append(line)
    return block


def mentions(text: str, label: str) -> bool:
    """Whether a text names a label."""
    return re.search(rf"(?<![\w-]){re.escape(label)}(?![\w-])", text, re.IGNORECASE) is not None


def _named(label: str, told: str, asked: Asked) -> bool:
    """Whether the model was told this spelling: in words, or by a schema or the name of a tool."""
    return mentions(told, label) or f'"{label}"' in json.dumps([asked.schema, dict(asked.tools), [*asked.tools]])


def _shown(skill: Skill, told: str) -> bool:
    """Whether the prompt shows or says that an answer is nothing but a label."""
    alone = any(line.partition(":")[2].strip() in skill.labels for line in told.splitlines())
    return alone or re.search(r"\b(only|nothing else|exactly one|possible labels)\b", told, re.IGNORECASE) is not None


def _of_length(reply: str, talks: str, told: str, luck: Random) -> str:
    """The reply with what is talked beside it, unless the prompt limits it."""
    if talks and not re.search(r"\b(brief|at most \d+ words)\b", told, re.IGNORECASE):
        reply = " ".join([reply, *[talks] * luck.randint(1, 4)])
    limit = re.search(r"at most (\d+) words", told)
    return " ".join(reply.split()[: int(limit.group(1))]) if limit else reply


def _filled(value: Any, label: str, case: str) -> Any:
    if isinstance(value, list):
        return [_filled(item, label, case) for item in value]
    return value.replace("{label}", label).replace("{case}", case) if isinstance(value, str) else value


def fill(schema: Json, values: Json) -> Json:
    """An object of a JSON schema: ``values`` where they are given, else the plainest value of the type."""
    properties = schema.get("properties")
    if properties is None:
        return values
    wanted = {name: values.get(name, _plainest(part)) for name, part in properties.items()}
    return {name: value for name, value in wanted.items() if name in values or name in schema.get("required", [])}


def _plainest(schema: Json) -> Any:
    if schema.get("enum"):
        return schema["enum"][0]
    kinds: dict[str, Any] = {"integer": 0, "number": 0, "boolean": True, "array": [], "object": {}, "null": None}
    return kinds.get(str(schema.get("type", "string")), "as asked")
