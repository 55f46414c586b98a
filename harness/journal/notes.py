"""The steps of a run by noun: which payload stands under which name. Writes nothing that it was not handed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from harness.journal.codec import from_json, to_json
from harness.journal.events import Journal
from harness.types import Call, Change, Discovery, FailurePattern, Goals, Outcome, Summary, Target, Trial

T = TypeVar("T")
_SHORT = 16  # hex digits of a digest that tell the texts of one run apart


@dataclass(frozen=True, slots=True)
class Label:
    """Name under which measured runs are kept: the same text in the same generation is measured once."""

    generation: int  # 0 = the app as found; + 1 with every kept change
    text: str = ""  # digest of a candidate's new text; "" = the generation's own baseline

    def __str__(self) -> str:
        return f"g{self.generation}:{self.text[:_SHORT]}" if self.text else f"g{self.generation}"


@dataclass(frozen=True, slots=True)
class Notes:
    """The journal by noun: one step name per payload, written once."""

    journal: Journal

    def put(self, kind: str, step: str, value: object) -> None:
        """Write a payload; a step that stands already is left as it is."""
        self.journal.append(kind, f"{kind}:{step}", to_json(value))

    def get(self, kind: str, step: str, noun: type[T]) -> T:
        """Read a payload. Raises KeyError when the step was never written."""
        data = self.journal.get(f"{kind}:{step}")
        if data is None:
            raise KeyError(f"{kind}:{step}")
        return from_json(noun, data)

    def has(self, kind: str, step: str) -> bool:
        """Whether the step stands."""
        return self.journal.get(f"{kind}:{step}") is not None

    def goals(self) -> Goals:
        """The goals with relative ones resolved, or as read before the baseline stands."""
        return self.get("goals", "resolved" if self.has("goals", "resolved") else "read", Goals)

    def discovery(self, generation: int) -> Discovery:
        """What was found in a generation, confirmed by its recorded runs when they exist."""
        kind = "proved" if self.has("proved", str(generation)) else "found"
        return self.get(kind, str(generation), Discovery)

    def targets(self, generation: int) -> tuple[Target, ...]:
        """The target list of a generation, highest priority first."""
        return self.get("targets", str(generation), tuple[Target, ...])

    def failures(self, generation: int) -> tuple[FailurePattern, ...]:
        """Failure patterns of the dev cases."""
        return self.get("failures", str(generation), tuple[FailurePattern, ...])

    def summaries(self, part: str, generation: int) -> tuple[Summary, ...]:
        """Summaries by metric over "dev", "holdout" or "all"."""
        return self.get(f"summary-{part}", str(generation), tuple[Summary, ...])

    def change(self, change_id: str) -> Change:
        """One candidate change."""
        return self.get("change", change_id, Change)

    def trials(self) -> tuple[Trial, ...]:
        """Every trial, in the order of the change ids; the latest word on each."""
        found: dict[str, Trial] = {}
        for event in self.journal.read("trial"):
            trial = from_json(Trial, event.data)
            found[trial.change.id] = trial
        return tuple(found[key] for key in sorted(found, key=lambda name: (len(name), name)))

    def add_idea_call(self, call: Call, proposer: str) -> None:
        """Write down a model call that a proposer made; its NAME stands in the place of the node."""
        step = f"idea-call:{len(self.journal.read('idea-call'))}"
        self.journal.append("idea-call", step, to_json(replace(call, node=proposer)))

    def idea_calls(self) -> tuple[Call, ...]:
        """Every model call that proposers made, in order."""
        return tuple(from_json(Call, event.data) for event in self.journal.read("idea-call"))

    def add_judge_call(self, call: Call) -> None:
        """Write down what a call of a judge used; what it said is in the call store, for it may be of a sealed case."""
        bare = replace(call, messages=(), text="", response={}, error=call.error and "failed")
        self.journal.append("judge-call", f"judge-call:{call.key}:{call.error and 'failed'}", to_json(bare))

    def judge_calls(self) -> tuple[Call, ...]:
        """What the calls of judges used, in order."""
        return tuple(from_json(Call, event.data) for event in self.journal.read("judge-call"))

    def outcome(self) -> Outcome:
        """The end of the run."""
        return self.get("outcome", "end", Outcome)
