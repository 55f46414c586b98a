"""Takes secrets out of texts before they leave the room: values of environment variables that hold keys."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from harness.types import Json

ENDINGS = ("_API_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_ACCESS_KEY")
SHORTEST = 8  # characters; a shorter value would blank out ordinary words


class Redactor:
    """Replaces each secret by the name of its variable."""

    def __init__(self, environment: Mapping[str, str], named: Iterable[str] = ()) -> None:
        names = {name for name in environment if name.upper().endswith(ENDINGS)} | set(named)
        found = {environment.get(name, ""): name for name in sorted(names)}
        self._names = {value: name for value, name in found.items() if len(value) >= SHORTEST}

    @classmethod
    def of(cls, extra: Mapping[str, str], named: Iterable[str]) -> Redactor:
        """For this process's environment with ``extra`` on top."""
        return cls({**os.environ, **extra}, named)

    def text(self, text: str) -> str:
        """``text`` with every secret replaced."""
        for value, name in self._names.items():
            text = text.replace(value, f"<{name}>")
        return text

    def data(self, value: Json) -> Json:
        """JSON data with every secret in its strings replaced."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {name: self.data(item) for name, item in value.items()}
        return [self.data(item) for item in value] if isinstance(value, list) else value
