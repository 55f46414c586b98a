"""A chat model by its name: how often it may be asked, and what its calls used. Knows nothing of ideas."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from langchain_core.language_models import BaseChatModel

from harness.chats import call_of, chat_model
from harness.types import Call

MOST = 40  # calls of one sitting of a run

Messages = Sequence[tuple[str, str]]  # role and text


@dataclass(slots=True, eq=False)
class Speaker:
    """One model at work for one proposer."""

    model: BaseChatModel
    title: str  # "openai:gpt-x", as calls name their model
    most: int = MOST
    clock: Callable[[], float] = time.monotonic
    _asked: int = 0
    _calls: list[Call] = field(default_factory=list)

    def ask(self, messages: Messages) -> str | None:
        """The reply; None once the model may not be asked again. What the model raises passes through."""
        if self._asked >= self.most:
            return None
        self._asked += 1
        begun = self.clock()
        reply = self.model.invoke(list(messages))
        self._calls.append(call_of(self.title, messages, reply, self.clock() - begun, self._asked))
        return str(reply.text)

    def drain(self) -> list[Call]:
        """The calls made since this was last asked."""
        made, self._calls = self._calls, []
        return made


def speaker(title: str, proposer: str) -> Speaker:
    """The model of "PROVIDER:MODEL"; ``proposer`` names its user. Raises UserError as ``chats.chat_model`` does."""
    return Speaker(
        chat_model(title, "--proposer", f"{proposer}:PROVIDER:MODEL, such as {proposer}:openai:gpt-5-mini"), title
    )
