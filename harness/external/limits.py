"""What cannot be shown where a command evaluates, in sentences for the report. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.external.app import UNASKED
from harness.external.found import PROVED_BY
from harness.external.learn import is_unknown
from harness.figures import count
from harness.types import Case, Discovery, Goals, Run

_SHOWN = 5  # prompts named


def told_limits(found: Discovery, goals: Goals, cases: Sequence[Case], runs: Sequence[Run]) -> Iterator[str]:
    """Of the texts, of the cases, of the answers, of what was evaluated beside, and of seconds; ``cases`` are dev."""
    names = [prompt.id for prompt in found.prompts if prompt.proof == "proved"]
    if names:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield f"{', '.join(names[:_SHOWN])}{more}: {PROVED_BY}. That a new text is read shows in other results alone"
    if any(map(is_unknown, cases)):
        yield (
            "the cases are known by their ids alone: techniques that need what a case asks and expects do not apply "
            "(few_shot, label_list, definitions, rules, output_format, edge_cases); a case file with these ids mends it"
        )
    elif not any(call.text for run in runs for call in run.calls):
        yield (
            "the results tell no answers: techniques that read replies do not apply (output_format, rules); an "
            "`answer` in each row mends it"
        )
    beside = sum(call.error == UNASKED for run in runs for call in run.calls)
    if beside:
        yield (
            f"the command evaluates more cases than HARNESS_CASES names: {count(beside, 'evaluation')} that nobody "
            "asked for count in what was spent, and are used where a later step of the same version asks for them"
        )
    if any(goal.metric == "latency" for goal in goals.goals):
        yield (
            "seconds are those that the results tell; all cases of a batch are timed together, so a machine that is "
            "busy during one batch makes each of its cases slow: measure seconds on a quiet machine"
        )
