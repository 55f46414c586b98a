"""Takes secrets out of texts before they leave: values of environment variables that hold keys, and keys by their look.

Knows names of variables and the shapes of common keys; nothing of where a text goes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

from harness.types import Json

ENDINGS = ("_API_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_ACCESS_KEY")
SHORTEST = 8  # characters; a shorter value would blank out ordinary words
SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:sk|rk|pk)[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9]{16,}"
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|hf_|lsv2_(?:pt|sk)_|pypi-|npm_)[A-Za-z0-9_-]{16,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bAIza[A-Za-z0-9_-]{30,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"
    r"|(?<=://)[^/\s:@]+:[^/\s:@]+(?=@)",
    re.DOTALL,
)
HIDDEN = "<secret>"


def holds(text: str) -> bool:
    """Whether a text holds a secret of this process's environment, or what looks like a key."""
    return Redactor.of({}, ()).text(text) != text


class Redactor:
    """Replaces each secret by the name of its variable, and what looks like a key by ``HIDDEN``."""

    def __init__(self, environment: Mapping[str, str], named: Iterable[str] = ()) -> None:
        names = {name for name in environment if name.upper().endswith(ENDINGS)} | set(named)
        found = {environment.get(name, ""): name for name in sorted(names)}
        known = {value: name for value, name in found.items() if len(value) >= SHORTEST}
        self._names = dict(sorted(known.items(), key=lambda item: -len(item[0])))  # one may hold another

    @classmethod
    def of(cls, extra: Mapping[str, str], named: Iterable[str]) -> Redactor:
        """For this process's environment with ``extra`` on top."""
        return cls({**os.environ, **extra}, named)

    def text(self, text: str) -> str:
        """``text`` with every secret replaced."""
        for value, name in self._names.items():
            text = text.replace(value, f"<{name}>")
        return SHAPES.sub(HIDDEN, text)

    def data(self, value: Json) -> Json:
        """JSON data with every secret in its strings replaced."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {name: self.data(item) for name, item in value.items()}
        return [self.data(item) for item in value] if isinstance(value, list) else value
