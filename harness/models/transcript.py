"""The text of one answer as its tokens arrive: stop strings, and which part of it is certain enough to hand out.

This module knows nothing of models or threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Decode = Callable[[Sequence[int]], str]

UNFINISHED = "\ufffd"  # what a decoder writes for the first bytes of a character whose rest is still to come


class Transcript:
    """Collects the tokens of an answer; ``live`` when someone reads along, else text is made at the end only."""

    def __init__(self, decode: Decode, stop: tuple[str, ...], *, live: bool) -> None:
        self._decode, self._stop = decode, stop
        self._watch = live or bool(stop)
        self._ids: list[int] = []
        self._given = 0  # characters handed out
        self.text = ""
        self.stopped = False  # a stop string was met; the text ends before it

    def add(self, token: int) -> str:
        """Take the next token; returns the text that no later token can change, beyond what was returned before."""
        self._ids.append(token)
        if not self._watch:
            return ""
        self.text = self._decode(self._ids)
        ends = [at for stop in self._stop if (at := self.text.find(stop)) >= 0]
        if ends:
            self.text, self.stopped = self.text[: min(ends)], True
            return self._give(len(self.text))
        return self._give(self._certain())

    def close(self) -> str:
        """The answer is complete; returns what was held back."""
        if not self._watch:
            self.text = self._decode(self._ids)
        return self._give(len(self.text))

    def _give(self, end: int) -> str:
        piece = self.text[self._given : end]
        self._given = max(self._given, end)
        return piece

    def _certain(self) -> int:
        """Length of the text without an unfinished character and without what may become a stop string."""
        solid = self.text.rstrip(UNFINISHED)
        held = (len(part) for stop in self._stop for part in _beginnings(stop) if solid.endswith(part))
        return len(solid) - max(held, default=0)


def _beginnings(stop: str) -> list[str]:
    return [stop[:end] for end in range(1, len(stop))]
