"""A model that writes prompts by a script: the one that it is shown with a further line, whoever asks.

It reads the forms in which a proposer of ours, gepa and dspy ask for a new prompt, and answers in the form that each of
them reads. Any other question of dspy, such as for a summary, gets plain words.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from itertools import count

from tests.providers.asked import Answer, Asked, Said

Write = Callable[[str, int], str]  # the prompt as shown, how many were written before -> a new one

_OURS = re.compile(r"The prompt as it is:\n<(data-\w+)>\n(.*?)\n</\1>", re.DOTALL)
_GEPA = re.compile(r"perform a task for me:\n```\n(.*?)\n```\n", re.DOTALL)
_DSPY = re.compile(r"\[\[ ## basic_instruction ## \]\]\n(.*?)\n\n(?:\[\[ ## |Respond with)", re.DOTALL)
_FIELD = re.compile(r"\[\[ ## (\w+) ## \]\]")
_IDEAS = 4  # in one reply to a proposer of ours


def writer(write: Write) -> Answer:
    """A model that writes so."""
    numbers, lock = count(), threading.Lock()

    def new(shown: str) -> str:
        with lock:
            return write(shown, next(numbers))

    def answer(asked: Asked) -> Said:
        if found := _OURS.search(asked.prompt):
            rows = [{"technique": "rewriting", "why": "by script", "prompt": new(found[2])} for _ in range(_IDEAS)]
            return Said(json.dumps({"diagnosis": "by script", "ideas": rows}))
        if found := _GEPA.search(asked.prompt):
            return Said(f"Here it is:\n```\n{new(found[1])}\n```")
        if found := _DSPY.search(asked.messages[-1][1]):
            return Said(fields({"proposed_instruction": new(found[1])}, asked))
        names = dict.fromkeys(_FIELD.findall(asked.messages[0][1]))
        return Said(
            fields({name: "Short texts, each with its answer." for name in names if name != "completed"}, asked)
        )

    return answer


def fields(values: dict[str, str], asked: Asked) -> str:
    """Values as dspy's adapters read them."""
    if "JSON object" in asked.messages[0][1]:
        return json.dumps(values)
    return "\n\n".join(f"[[ ## {name} ## ]]\n{value}" for name, value in {**values, "completed": ""}.items())
