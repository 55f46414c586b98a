"""Goals: fine-tune.md and goals in words -> Goals, and how measured values stand against them.

Does not know which metrics exist (they are handed in with their direction), nor how anything is measured.
"""

from harness.goals.reader import find, load, named_cases
from harness.goals.standing import State, achievement, clears, resolve, state, unmet, unreachable
from harness.goals.unknown import named_command, unknown

__all__ = [
    "State", "achievement", "clears", "find", "load", "named_cases", "named_command", "resolve", "state", "unknown",
    "unmet", "unreachable",
]  # fmt: skip
