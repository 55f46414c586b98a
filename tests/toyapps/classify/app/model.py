"""A chat model without a network: how often it is right depends on the prompt, its luck on seed and ticket.

TOY_MODE=redraw: every new prompt redraws every ticket's outcome with the same mean, so that no prompt is better.
"""

import hashlib
import os
import re
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

MARKS = {
    "billing": ("invoice", "charged", "refund", "card"),
    "technical": ("crash", "error", "freezes", "screen"),
    "account": ("password", "login", "username", "profile"),
    "shipping": ("parcel", "courier", "delivery", "address"),
}
LABELS = list(MARKS)
REDRAW_MEAN = 0.6


def share(*parts: object) -> float:
    """A number in [0, 1) drawn from ``parts``."""
    data = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(data[:8], "big") / 2**64


def noted(*parts: object) -> None:
    """TOY_CALL_LOG=file: one line per call that was really made, the same line for the same draw."""
    path = os.environ.get("TOY_CALL_LOG")
    if path:
        with Path(path).open("a") as file:
            file.write(f"{share(*parts)}\n")


def skill(prompt: str) -> float:
    """Share of tickets that this prompt gets right: more with a label list, definitions, examples, an output line."""
    counts = [len(re.findall(rf"\b{label}\b", prompt, re.IGNORECASE)) for label in LABELS]
    value = 0.45 + 0.32 * (min(counts) >= 1) + 0.08 * (min(counts) >= 2) + 0.08 * (min(counts) >= 3)
    value += 0.08 * bool(re.search(r"\bonly\b", prompt, re.IGNORECASE))
    return value - 0.3 * bool(re.search(r"\b(creative|guess)\b", prompt, re.IGNORECASE))


class ScriptedChat(BaseChatModel):
    """Reads harness_seed from the metadata of its run, as every model that can be seeded does."""

    model: str = "scripted-1"
    temperature: float = 0.2
    max_tokens: int = 64

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        metadata = getattr(run_manager, "metadata", None) or {}
        luck = [metadata.get(name, "") for name in ("harness_seed", "harness_salt", "harness_position")]
        system, text = str(messages[0].content), str(messages[-1].content)
        noted(system, text, self.temperature, self.max_tokens, *luck)
        thanks = f"Thank you, we look into it ({len(text)})."
        reply = thanks if "sentence" in text else self._label(system, text, luck)
        sent = sum(len(str(m.content).split()) for m in messages)
        got = len(reply.split())
        usage = {"input_tokens": sent, "output_tokens": got, "total_tokens": sent + got}
        message = AIMessage(reply, usage_metadata=usage, response_metadata={"finish_reason": "stop"})
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _label(self, prompt: str, text: str, luck: list[Any]) -> str:
        right = max(LABELS, key=lambda label: sum(mark in text for mark in MARKS[label]))
        if os.environ.get("TOY_MODE") == "redraw":
            hit = share(prompt, text, *luck) < REDRAW_MEAN
        else:
            ease = 0.5 * (share("ease", text) - 0.5)
            hit = share("luck", text, *luck) < skill(prompt) + ease
        others = [label for label in LABELS if label != right]
        return right if hit else others[int(share("miss", text, *luck) * len(others))]
