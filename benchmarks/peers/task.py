"""A labelling task in which the true accuracy of every prompt is known, and a language model that only simulates one.

Standard library alone: the optimizers of others import it in an environment of their own, and the app that ours tunes
holds a copy. The law: a prompt is right on the share ``accuracy`` of all cases; which ones is drawn anew for every
prompt, as a hash of it and the case, so that the same request always has the same answer (temperature 0).
"""

from __future__ import annotations

import hashlib
import random
import re

LABELS = ("billing", "technical", "account", "shipping")
BASE = "Sort the message of a customer. Name its topic."
DEFINITIONS = "Billing is about money, technical about faults, account about access, shipping about parcels."
FORMAT = "Reply with the topic alone, in lower case."
CREATIVE = "Be creative."
EXAMPLES = (
    'Example: "The invoice is wrong." is billing.',
    'Example: "The screen stays black." is technical.',
    'Example: "My password is refused." is account.',
    'Example: "The parcel is late." is shipping.',
)
IDLE = ("Take your time.", "Read it twice.", "Stay calm.", "You are an expert.", "Think of the customer.")
POOL = (DEFINITIONS, FORMAT, CREATIVE, *EXAMPLES, *IDLE)
ACCURACY = 0.60
MOST = 4  # edits of one rewriting, at least 1
CASES, DEV = 150, 50  # labelled cases that a user has; the others ask for more than they are proposed with
ASKED = re.compile(r"^\[case (\d+)\]", re.MULTILINE)


def share(*parts: object) -> float:
    """A number in [0, 1) drawn from ``parts``."""
    data = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(data[:8], "big") / 2**64


def text_of(case: int) -> str:
    """What the customer writes."""
    return f"[case {case}] Message {case} of a customer."


def label_of(case: int) -> str:
    """The right answer."""
    return LABELS[case % len(LABELS)]


def accuracy(prompt: str, demos: int = 0, *, null: bool = False) -> float:
    """True accuracy of a prompt with so many solved examples beside it; in the ``null`` task no prompt is better."""
    if null:
        return ACCURACY
    examples = min(4, demos + sum(example in prompt for example in EXAMPLES))
    gains = 0.10 * (DEFINITIONS in prompt) + 0.08 * (FORMAT in prompt) + 0.02 * examples
    return ACCURACY + gains - 0.10 * (CREATIVE in prompt)


def answer(seed: int, sent: str, case: int, chance: float) -> str:
    """The label that the model gives when ``sent``, the whole request, is right on the share ``chance`` of cases."""
    right = label_of(case)
    if share(seed, sent, case) < chance:
        return right
    others = [label for label in LABELS if label != right]
    return others[int(share("miss", seed, sent, case) * len(others))]


class Rewriter:
    """The model that is asked to improve an instruction: the n-th request of a seed gets the n-th list of edits.

    Good, useless and harmful edits are drawn alike, ``MOST`` at most in one reply. Who asks about an instruction that
    has some of them gets the rest added; who would get nothing new gets the next list.
    """

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(f"edits {seed}")

    def rewrite(self, instruction: str) -> str:
        """The instruction with a line for each edit."""
        while True:
            edits = self._rng.sample(POOL, self._rng.randint(1, MOST))
            new = [edit for edit in edits if edit not in instruction]
            if new or all(edit in instruction for edit in POOL):
                return "\n".join([instruction, *new])
