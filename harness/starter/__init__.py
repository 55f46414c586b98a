"""What a repository needs before its first run, drafted where it lacks and never over anything. Prints nothing."""

from harness.starter.agents import agents
from harness.starter.apps import Candidate, candidates, proposed
from harness.starter.drafts import Draft, Known, drafts, write
from harness.starter.study import study
from harness.starter.texts import Wishes

__all__ = ["Candidate", "Draft", "Known", "Wishes", "agents", "candidates", "drafts", "proposed", "study", "write"]
