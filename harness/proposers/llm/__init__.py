"""Ideas of a language model for one prompt, as proposals: ``--proposer llm:PROVIDER:MODEL``.

The model sees dev cases only, and what it writes is judged like every other idea. Loaded only where it is named: it
brings LangGraph and the model's own package.
"""

from harness.proposers.llm.proposer import NAME, VERSION, LlmProposer, named

__all__ = ["NAME", "VERSION", "LlmProposer", "named"]
