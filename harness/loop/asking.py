"""Asks a proposer, whose code may be anybody's and may never answer. Knows nothing of what is proposed."""

from __future__ import annotations

import queue
import sys
import threading
from contextlib import redirect_stdout

from harness.errors import BudgetError, HarnessError, PluginError, boundary
from harness.protocols import Proposer
from harness.types import Brief, Proposal

LONGEST = 3600.0  # seconds that a proposer may take where no budget says less


def asked(proposer: Proposer, brief: Brief, left: float | None) -> list[Proposal]:
    """What ``proposer`` says; what it prints goes to stderr. ``left`` is what the run's budget has left, in seconds.

    Raises PluginError when it raises or does not answer within an hour, BudgetError when it outlasts the budget. It
    then goes on in a thread that nobody waits for and that ends with this process: Python cannot stop one from outside.
    """
    answers: queue.SimpleQueue[list[Proposal] | HarnessError] = queue.SimpleQueue()
    patience = LONGEST if left is None else min(left, LONGEST)
    with redirect_stdout(sys.stderr):
        threading.Thread(target=_answer, args=(proposer, brief, answers), name="harness-proposer", daemon=True).start()
        try:
            answer = answers.get(timeout=max(patience, 0.0))
        except queue.Empty:
            raise _late(proposer.NAME, patience, spent=left is not None and left <= LONGEST) from None
    if isinstance(answer, HarnessError):
        raise answer
    return answer


def _answer(proposer: Proposer, brief: Brief, answers: queue.SimpleQueue[list[Proposal] | HarnessError]) -> None:
    try:
        with boundary(f"proposer {proposer.NAME}"):
            answers.put(list(proposer.propose(brief)))
    except HarnessError as error:
        answers.put(error)


def _late(name: str, patience: float, *, spent: bool) -> HarnessError:
    if spent:
        return BudgetError(
            f"the budget of time is used up: the proposer {name} had not answered within the {patience:.0f} s left",
            fix="raise the budget and continue with `harness resume`, or leave that proposer out",
        )
    return PluginError(
        f"proposer {name} did not answer within {patience:.0f} s", fix="give its requests a timeout, or leave it out"
    )
