"""The proposer: one chat model, asked for ideas in the form that ``telling`` gives and ``reading`` takes."""

from __future__ import annotations

from dataclasses import dataclass

from harness.proposers.llm.speaking import Speaker, speaker
from harness.proposers.llm.thinking import build
from harness.types import Brief, Call, Proposal

NAME = "llm"
VERSION = "1"


@dataclass(slots=True, eq=False)
class LlmProposer:
    """Implements ``protocols.Proposer`` and ``protocols.Spender``."""

    speaker: Speaker
    NAME: str = NAME  # "llm:openai:gpt-x" of one made by ``named``: several models may be heard in one run
    VERSION: str = VERSION

    def propose(self, brief: Brief) -> list[Proposal]:
        """Ideas for the prompt; none once the model may not be asked again. What the model raises passes through."""
        good: list[Proposal] = build(self.speaker.ask).invoke({"brief": brief})["good"]
        return good

    def drain(self) -> list[Call]:
        """The calls made since this was last asked."""
        return self.speaker.drain()


def named(title: str) -> LlmProposer:
    """The proposer of "PROVIDER:MODEL". Raises UserError as ``speaker`` does."""
    return LlmProposer(speaker(title, NAME), NAME=f"{NAME}:{title}")
