"""What is known of a repository from before: its discovery while its files stay, and what recorded runs proved."""

from harness.seen.cache import home_of, keep, kept
from harness.seen.proofs import Proven, recall

__all__ = ["Proven", "home_of", "keep", "kept", "recall"]
