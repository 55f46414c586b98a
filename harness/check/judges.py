"""Whether the models that judge can be made at all, before anything is spent. Imports none of their packages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec

from harness import plugins
from harness.errors import HarnessError, UserError
from harness.judge import Judge
from harness.protocols import Metric
from harness.types import Goals, Settings

_OWN = ("openai", "anthropic", "ollama", "mistralai", "groq", "cohere", "deepseek", "google_genai", "huggingface")


def findings(metrics: Mapping[str, Metric], chosen: Settings, aims: Goals) -> Iterator[HarnessError]:
    """A package that a judge of this run needs and that is not installed beside harness."""
    for name in plugins.measured(metrics, chosen, aims):
        metric = metrics[name]
        rubric = metric.rubric if isinstance(metric, Judge) else None
        if rubric is None:
            continue
        provider = rubric.model.partition(":")[0]
        needed = ("langchain", *([f"langchain_{provider}"] if provider in _OWN else ()))
        lacking = [package.replace("_", "-") for package in needed if find_spec(package) is None]
        if lacking:
            words = f"the judge {rubric.model} needs {' and '.join(lacking)}, not installed beside harness"
            yield UserError(words, where=rubric.where, fix=f"pip install {' '.join(lacking)}")
