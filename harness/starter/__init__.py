"""What a repository needs before its first run, drafted where it lacks and never over anything. Prints nothing."""

from harness.starter.drafts import Draft, drafts, write
from harness.starter.texts import Wishes

__all__ = ["Draft", "Wishes", "drafts", "write"]
