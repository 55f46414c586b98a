"""gepa's reflective proposals: its instruction proposer on small samples of dev cases with feedback.

dspy.GEPA proposes by the same function, so that this stands for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from gepa.strategies.instruction_proposal import InstructionProposalSignature

from harness.proposers.llm.speaking import Speaker, speaker
from harness.proposers.optimizers.instruction import Seen, failing, instruction, proposals, seen
from harness.types import Brief, Call, Proposal

NAME = "gepa"
VERSION = "1"
IDEAS = 4  # asked for at a time, each from a sample of its own
SAMPLE = 3  # cases of a sample: gepa's default


@dataclass(slots=True, eq=False)
class GepaProposer:
    """Implements ``protocols.Proposer`` and ``protocols.Spender``."""

    speaker: Speaker
    NAME: str = NAME
    VERSION: str = VERSION

    def propose(self, brief: Brief) -> list[Proposal]:
        """New instructions; none where nothing is answered wrongly or once the model may not be asked again."""
        cases = seen(brief)
        if not failing(cases):
            return []
        why = f"reflection on {failing(cases)} of {len(cases)} dev cases that are answered wrongly"
        lots = Random(f"{brief.seed}/{len(brief.past)}")
        texts = [self._written(instruction(brief)[0], sample) for sample in samples(cases, lots)]
        return proposals(brief, "gepa reflection", why, (text for text in texts if text))

    def drain(self) -> list[Call]:
        """The calls made since this was last asked."""
        return self.speaker.drain()

    def _written(self, now: str, sample: list[Seen]) -> str:
        """One new instruction; "" where the model may not be asked again."""
        records = [{"Inputs": s.case, "Generated Outputs": s.reply, "Feedback": s.feedback} for s in sample]
        given = {"current_instruction_doc": now, "dataset_with_feedback": records, "prompt_template": None}
        return InstructionProposalSignature.run(lm=self._heard, input_dict=given)["new_instruction"]

    def _heard(self, prompt: str | list[dict[str, Any]]) -> str:
        return self.speaker.ask([("user", str(prompt))]) or ""


def samples(cases: list[Seen], lots: Random) -> list[list[Seen]]:
    """Samples in which something is wrong, as gepa passes over those in which nothing is."""
    order: list[Seen] = []
    found: list[list[Seen]] = []
    while len(found) < IDEAS:
        if len(order) < SAMPLE:
            order = lots.sample(cases, len(cases))
        sample, order = order[:SAMPLE], order[SAMPLE:]
        if failing(sample):
            found.append(sample)
    return found


def named(title: str) -> GepaProposer:
    """The proposer that asks "PROVIDER:MODEL". Raises UserError as ``speaker`` does."""
    return GepaProposer(speaker(title, NAME), NAME=f"{NAME}:{title}")
