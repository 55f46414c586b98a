"""Cap on the length of a reply: three times the longest wanted answer. Knows no tokenizer, so lengths are estimates."""

from __future__ import annotations

import math

from harness.proposers.evidence import wanted_answers
from harness.proposers.parameters import Setting, settings
from harness.proposers.place import fresh
from harness.types import Brief, Proposal, Technique

NAME = "max_tokens"
VERSION = "1"
TECHNIQUE = Technique(
    name="max_tokens",
    symptom="replies run on far beyond the wanted answers, or a cap cuts these off",
    accuracy="±0, up where a cap cut answers off",
    latency="down",
    cost="down",
    stars=2,
    reason="a sure bound for the worst case; the reply that it cuts is wrong either way",
    parameter="max_tokens",
)

_NAMES = ("max_tokens", "max_completion_tokens", "max_output_tokens", "num_predict")
_OF_PROVIDER = {"ollama": "num_predict"}  # of those whose models do not take the first name
_TIMES = 3  # the longest wanted answer
_LEAST = 16  # tokens
_FEWEST = 3  # wanted answers that show a length
_BYTES = 3  # UTF-8 bytes of a token, on the low side: a cap must not cut what is wanted


def propose(brief: Brief) -> list[Proposal]:
    """A cap for each model of the node: where replies are longer than it, or where its own cuts wanted answers off."""
    wanted = wanted_answers(brief.observations)
    if len(wanted) < _FEWEST:
        return []
    longest = max(map(_tokens, wanted))
    cap = max(_LEAST, _TIMES * longest)
    over = sum(_tokens(o.answer) > cap for o in brief.observations)
    found = []
    for setting in settings(brief.node, _NAMES, _OF_PROVIDER):
        if why := _reason(setting, cap, longest, over):
            found.append(Proposal(TECHNIQUE.name, (str(cap),), why, setting.name, setting.place))
    return fresh(brief, found)


def _reason(setting: Setting, cap: int, longest: int, over: int) -> str:
    if setting.value is not None and setting.value < longest:
        return f"the cap of {setting.value:g} tokens is below the longest wanted answer, about {longest}"
    if over and (setting.value is None or setting.value > cap):
        return f"{over} replies on dev are longer than {cap} tokens, three times the longest wanted answer"
    return ""


def _tokens(text: str) -> int:
    return math.ceil(len(text.encode()) / _BYTES)
