"""The proposer: a chat model by its name, how often it may be asked, and what its calls used."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage

from harness.chats import call_of, chat_model
from harness.proposers.llm.thinking import Messages, build
from harness.types import Brief, Call, Proposal

NAME = "llm"
VERSION = "1"
MOST = 40  # calls of one sitting of a run


@dataclass(slots=True, eq=False)
class LlmProposer:
    """Implements ``protocols.Proposer`` and ``protocols.Spender``."""

    model: BaseChatModel
    title: str  # "openai:gpt-x", as calls name their model
    most: int = MOST
    clock: Callable[[], float] = time.monotonic
    NAME: str = NAME
    VERSION: str = VERSION
    _asked: int = 0
    _calls: list[Call] = field(default_factory=list)

    def propose(self, brief: Brief) -> list[Proposal]:
        """Ideas for the prompt; none once the model may not be asked again. What the model raises passes through."""
        good: list[Proposal] = build(self._ask).invoke({"brief": brief})["good"]
        return good

    def drain(self) -> list[Call]:
        """The calls made since this was last asked."""
        made, self._calls = self._calls, []
        return made

    def _ask(self, messages: Messages) -> str | None:
        if self._asked >= self.most:
            return None
        self._asked += 1
        begun = self.clock()
        reply = self.model.invoke(list(messages))
        self._calls.append(self._call(messages, reply, self.clock() - begun))
        return str(reply.text)

    def _call(self, messages: Messages, reply: AIMessage, seconds: float) -> Call:
        return call_of(self.title, messages, reply, seconds, self._asked)


def named(title: str) -> LlmProposer:
    """The proposer of "PROVIDER:MODEL", made by ``langchain.chat_models.init_chat_model``.

    Raises UserError with what to install where a package is missing, and for a name that says no provider.
    """
    return LlmProposer(chat_model(title, "--proposer", "llm:PROVIDER:MODEL, such as llm:openai:gpt-5-mini"), title)
