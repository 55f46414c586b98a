"""A chat model whose replies are a rule of the app: the same prompt, text and draw give the same reply."""

import hashlib
from collections.abc import Callable
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult


def share(*parts: object) -> float:
    """A number in [0, 1) drawn from ``parts``."""
    data = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(data[:8], "big") / 2**64


def names_all(prompt: str, labels: list[str]) -> bool:
    """Whether a prompt tells the labels that there are."""
    return all(label in prompt for label in labels)


class Scripted(BaseChatModel):
    """Asks ``rule(system prompt, text, luck of this draw)`` for its reply."""

    rule: Callable[[str, str, float], str]

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        metadata = getattr(run_manager, "metadata", None) or {}
        system, text = str(messages[0].content), str(messages[-1].content)
        drawn = [metadata.get(name, "") for name in ("harness_seed", "harness_salt", "harness_position")]
        reply = self.rule(system, text, share(system, text, *drawn))
        sent, got = sum(len(str(m.content).split()) for m in messages), len(reply.split())
        usage = {"input_tokens": sent, "output_tokens": got, "total_tokens": sent + got}
        message = AIMessage(reply, usage_metadata=usage, response_metadata={"finish_reason": "stop"})
        return ChatResult(generations=[ChatGeneration(message=message)])
