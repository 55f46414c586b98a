"""Proof by a recorded run: which authored texts really reached a model, and what their variables held.

A contradiction between the recording and the static reading is settled for the recording.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.discover.align import Match, content_text, locate
from harness.discover.messages import ROLES
from harness.discover.texts import has_words
from harness.types import Call, Discovery, Json, Node, Parts, Prompt

_SAME_PARAMETER = (
    frozenset({"max_tokens", "max_completion_tokens", "max_output_tokens", "max_tokens_to_sample", "num_predict"}),
)
_WEAK = 2  # words: a text with fewer must be the whole message to be recognised


@dataclass
class _Evidence:
    """What the recording says of one prompt."""

    roles: Counter[str] = field(default_factory=Counter)
    nodes: dict[str, None] = field(default_factory=dict)  # that sent it while no other prompt explains the message
    twin: str = ""  # "file:line" of a prompt that explains a message as well
    runs_on: bool = False  # some message goes on behind the text, on its last line


def confirm(discovery: Discovery, calls: Iterable[Call]) -> Discovery:
    """The discovery with each likely prompt proved, or unresolved with the reason, by the messages of ``calls``.

    A prompt whose node made no call stays likely, and so does one that was sent while its text stands at another place
    that may be the one that is read: it is marked as seen. Prompts unresolved before stay so.
    """
    sent = _distinct(calls)
    evidence = {prompt.id: _Evidence() for prompt in discovery.prompts}
    judged = {p.id for p in discovery.prompts if p.proof != "unresolved"}
    candidates = [p for p in discovery.prompts if p.id in judged and has_words(p.parts)]
    notes: dict[str, None] = dict.fromkeys(discovery.notes)
    for node, role, text in sent:
        matches = {p.id: m for p in candidates if (m := _recognised(p.parts, text)) is not None}
        for group in _explanations(candidates, matches, node):
            _weigh(group, node, role, evidence)
            for prompt in group:
                evidence[prompt.id].runs_on |= _runs_on(prompt.parts, matches[prompt.id], text)
        if role == "system" and not matches:
            notes[f"node {node}: no text found explains a system message that it sent"] = None
    active = {node for node, _, _ in sent}
    prompts = tuple(_judged(p, evidence[p.id], active) if p.id in judged else p for p in discovery.prompts)
    nodes = tuple(_with_evidence(node, prompts, active) for node in discovery.nodes)
    return replace(discovery, nodes=nodes, prompts=prompts, notes=tuple(notes))


def fill(prompt: Prompt, messages: Sequence[Mapping[str, Json]]) -> Mapping[str, str] | None:
    """The text that each variable of the prompt held in the message that it matches best; None when it matches none."""
    best: Match | None = None
    for message in messages:
        match = locate(prompt.parts, content_text(message))
        if match and (best is None or (match.whole and not best.whole)):
            best = match
    if best is None:
        return None
    held: dict[str, str] = {}
    for variable, text in best.values:
        held.setdefault(variable.name, text)
    return held


def reached(parts: Parts, calls: Iterable[Call], node: str) -> bool:
    """Whether the text shows in a message that ``node`` sent.

    When no call bears that name (a prebuilt agent speaks under the name of its inner node), any call counts.
    """
    sent = _distinct(calls)
    own = [text for name, _, text in sent if name == node]
    return any(_recognised(parts, text) for text in (own or [text for _, _, text in sent]))


def invoked(parameter: str, value: float, calls: Iterable[Call], nodes: Sequence[str]) -> bool:
    """Whether a call of one of ``nodes`` was made with the value, under this name or one that means the same.

    When no call bears such a name, any call counts, as in ``reached``.
    """
    known = list(calls)
    names = next((group for group in _SAME_PARAMETER if parameter in group), frozenset({parameter}))
    own = [call for call in known if call.node in nodes] or known
    found = [call.parameters.get(name) for call in own for name in names]
    return any(isinstance(v, int | float) and not isinstance(v, bool) and v == value for v in found)


def answered(model: str, calls: Iterable[Call], nodes: Sequence[str]) -> bool:
    """Whether a call of one of ``nodes`` went to the model, its provider left aside.

    When no call bears such a name, any call counts, as in ``reached``.
    """
    known = list(calls)
    own = [call for call in known if call.node in nodes] or known
    names = {model, re.split("[:/]", model, maxsplit=1)[-1]}  # "provider:id" is how some constructors are told
    return any(call.model.partition(":")[2] in names or f":{call.model}".endswith(f":{model}") for call in own)


def repeated(times: int, runs: Iterable[Sequence[Call]], nodes: Sequence[str]) -> bool:
    """Whether one of ``nodes`` asked the same thing so many times, or oftener, in one of the runs.

    When no call of the run bears such a name, any call counts, as in ``reached``.
    """
    for calls in runs:
        own = [call for call in calls if call.node in nodes] or calls
        asked = Counter(json.dumps([call.model, call.messages], sort_keys=True, default=str) for call in own)
        if max(asked.values(), default=0) >= times:
            return True
    return False


def _distinct(calls: Iterable[Call]) -> list[tuple[str, str, str]]:
    """(node, role, text) of every message sent, each once; roles in our words."""
    found: dict[tuple[str, str, str], None] = {}
    for call in calls:
        for message in call.messages:
            role = str(message.get("role", ""))
            found[call.node, ROLES.get(role, role), content_text(message)] = None
    return list(found)


def _recognised(parts: Parts, text: str) -> Match | None:
    match = locate(parts, text)
    return match if match and (match.whole or has_words(parts, _WEAK)) else None


def _explanations(candidates: list[Prompt], matches: Mapping[str, Match], node: str) -> Iterable[list[Prompt]]:
    """Prompts that explain one message, equal texts grouped; texts that only repeat a piece of another left out."""
    groups: dict[tuple[str, ...], list[Prompt]] = {}
    for prompt in candidates:
        if prompt.id in matches and not _is_inside(prompt.id, matches):
            groups.setdefault(tuple(p for p in prompt.parts if isinstance(p, str)), []).append(prompt)
    for group in groups.values():
        own = [prompt for prompt in group if node in prompt.nodes]
        yield own or group


def _runs_on(parts: Parts, match: Match, text: str) -> bool:
    if match.whole or not isinstance(parts[-1], str) or parts[-1].endswith("\n"):
        return False
    return bool(text[match.regions[-1][1] :].partition("\n")[0].strip())


def _is_inside(prompt: str, matches: Mapping[str, Match]) -> bool:
    """Whether every literal region lies within a larger literal region of another prompt."""
    own = matches[prompt].regions
    for other, match in matches.items():
        covered = all(any(a <= start and end <= b for a, b in match.regions) for start, end in own)
        if other != prompt and covered and match.regions != own:
            return True
    return False


def _weigh(group: list[Prompt], node: str, role: str, evidence: Mapping[str, _Evidence]) -> None:
    for prompt in group:
        found = evidence[prompt.id]
        found.roles[role] += 1
        if len(group) == 1:
            found.nodes[node] = None
        else:
            other = next(p.span for p in group if p is not prompt)
            found.twin = found.twin or f"{other.file}:{other.line}"


def _judged(prompt: Prompt, found: _Evidence, active: set[str]) -> Prompt:
    if found.roles:
        return _sent(prompt, found)
    if not has_words(prompt.parts):
        return replace(prompt, proof="unresolved", reason="holds no words of its own to be recognised by")
    if active & set(prompt.nodes):
        return replace(prompt, proof="unresolved", reason="did not reach the model in the recorded run")
    return replace(prompt, proof="likely", reason="its node made no model call in the recorded run")


def _sent(prompt: Prompt, found: _Evidence) -> Prompt:
    """A prompt whose text was sent: proved where only its place can have given it."""
    nodes, role = tuple(dict.fromkeys((*prompt.nodes, *found.nodes))), found.roles.most_common(1)[0][0]
    known = replace(prompt, role=role, nodes=nodes, runs_on=found.runs_on)
    other = prompt.twin or ("" if found.nodes else found.twin)
    if not other:
        return replace(known, proof="proved", reason="", seen=False)
    reason = f"the same text stands at {other}; the run cannot tell which one is read"
    return replace(known, proof="likely", reason=reason, seen=True)


def _with_evidence(node: Node, prompts: Iterable[Prompt], active: set[str]) -> Node:
    own = tuple(dict.fromkeys((*node.prompts, *(p.id for p in prompts if node.name in p.nodes))))
    if node.name in active and not node.is_llm:
        return replace(node, prompts=own, is_llm=True, why="called a model in the recorded run")
    return replace(node, prompts=own)
