"""harness: tune a LangGraph app in its own repo, with evidence."""

__version__ = "0.1.0"
