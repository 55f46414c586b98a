"""dspy's proposals: the instructions of MIPROv2's grounded proposer, and demonstrations as MIPROv2 chooses them.

The program that dspy is told of is one prediction from the text of a case. Nothing of it is run: replies that were
measured stand for those that dspy would bootstrap. Its requests go through the model that the user named and are
counted; dspy's own client is not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from types import SimpleNamespace
from typing import Any

import dspy
from dspy.propose import GroundedProposer
from dspy.propose.grounded_proposer import TIPS
from dspy.teleprompt import LabeledFewShot

from harness.proposers.llm.speaking import Speaker, speaker
from harness.proposers.optimizers.instruction import Seen, failing, instruction, proposals, seen
from harness.proposers.place import case_variables, field_names, fresh, insert
from harness.types import Brief, Call, Proposal

NAME = "dspy"
VERSION = "1"
IDEAS = 4  # instructions asked for at a time
DEMOS = 4  # in a set: MIPROv2's default
BATCH = 20  # cases that dspy describes in one request
LONGEST = 800  # characters of one demonstration


class SpentError(Exception):
    """The model may not be asked again."""


class Client(dspy.BaseLM):  # type: ignore[misc]
    """A ``Speaker`` as dspy takes it."""

    def __init__(self, speaker: Speaker) -> None:
        super().__init__(speaker.title, temperature=1.0, max_tokens=None, cache=False)
        self.speaker = speaker

    def copy(self, **_: Any) -> Client:
        """Another one at work for the same speaker: what it may spend is shared."""
        return Client(self.speaker)

    def forward(self, prompt: str | None = None, messages: list[dict[str, Any]] | None = None, **_: Any) -> Any:
        """One reply in OpenAI's shape."""
        asked = messages or [{"role": "user", "content": prompt or ""}]
        text = self.speaker.ask([(str(m["role"]), str(m["content"])) for m in asked])
        if text is None:
            raise SpentError(f"{self.speaker.title} was asked {self.speaker.most} times")
        message = SimpleNamespace(content=text, tool_calls=None, role="assistant", reasoning_content=None)
        choice = SimpleNamespace(message=message, finish_reason="stop", index=0, logprobs=None)
        return SimpleNamespace(choices=[choice], usage={}, model=self.speaker.title)


@dataclass(slots=True, eq=False)
class DspyProposer:
    """Implements ``protocols.Proposer`` and ``protocols.Spender``."""

    speaker: Speaker
    NAME: str = NAME
    VERSION: str = VERSION

    def propose(self, brief: Brief) -> list[Proposal]:
        """Instructions first, then sets of demonstrations; none where nothing is answered wrongly."""
        cases = seen(brief)
        known = [case for case in cases if case.wanted and len(case.case) + len(case.wanted) <= LONGEST]
        if not failing(cases) or len(known) < DEMOS:
            return []
        sets = demo_sets(known, f"{brief.seed}/{len(brief.past)}")
        why = f"{failing(cases)} of {len(cases)} dev cases are answered wrongly"
        texts = self._written(brief, known, sets)
        return [*proposals(brief, "dspy instruction", why, texts), *shown(brief, sets, why)]

    def drain(self) -> list[Call]:
        """The calls made since this was last asked."""
        return self.speaker.drain()

    def _written(self, brief: Brief, known: Sequence[Seen], sets: Sequence[Sequence[Any]]) -> list[str]:
        """New instructions, as many as the model could be asked for."""
        client, program = Client(self.speaker), predictor(instruction(brief)[0])
        lots = Random(f"{brief.seed}/{len(brief.past)}")
        found: list[str] = []
        with dspy.context(lm=client):
            maker = GroundedProposer(
                prompt_model=client, program=program, trainset=examples(known), view_data_batch_size=BATCH, rng=lots,
                program_aware=False,  # what it would describe is this file, not the app
            )  # fmt: skip
            for number in range(IDEAS):
                try:
                    text = maker.propose_instruction_for_predictor(
                        program=program, predictor=program, pred_i=0, demo_candidates={0: [[], *sets]},
                        demo_set_i=number, trial_logs={}, tip=lots.choice(list(TIPS.values())),
                    )  # fmt: skip
                except SpentError:
                    break
                found.append(text)
        return found


def predictor(text: str) -> Any:
    """The program that dspy is told of."""
    return dspy.Predict(dspy.Signature("case -> answer", text))


def examples(cases: Sequence[Seen]) -> list[Any]:
    """Solved cases as dspy has them."""
    return [dspy.Example(case=c.case, answer=c.wanted, augmented=True).with_inputs("case") for c in cases]


def demo_sets(known: Sequence[Seen], seed: str) -> list[list[Any]]:
    """Sets of demonstrations: labelled cases as dspy draws them, then those that were answered rightly."""
    drawn = LabeledFewShot(k=DEMOS).compile(predictor(""), trainset=examples(known)).demos
    good = [case for case in known if case.good] or list(known)
    lots = Random(seed)
    sets = [examples(lots.sample(good, min(DEMOS, len(good)))) for _ in range(IDEAS - 1)]
    return [list(drawn), *sets]


def shown(brief: Brief, sets: Sequence[Sequence[Any]], why: str) -> list[Proposal]:
    """The sets as blocks of solved cases in the prompt."""
    variables = case_variables(brief.prompt, brief.observations)
    given, reply = field_names(brief.prompt, variables)
    blocks = ["\n\n".join(f"{given}{d.case}\n{reply}{d.answer}" for d in demos) for demos in sets]
    return fresh(brief, (Proposal("dspy demos", insert(brief.prompt, block, variables), why) for block in blocks))


def named(title: str) -> DspyProposer:
    """The proposer that asks "PROVIDER:MODEL". Raises UserError as ``speaker`` does."""
    return DspyProposer(speaker(title, NAME), NAME=f"{NAME}:{title}")
