"""The shape of a training episode: chat turns with the parts of each answer that carry its content."""

from typing import NamedTuple


class Turn(NamedTuple):
    """One message. Only assistant turns are learnt; `hot` are their substrings that must be right (label, queue)."""

    role: str  # system | user | assistant
    text: str
    hot: tuple[str, ...] = ()


class Episode(NamedTuple):
    """A chat and the kind of its source, by which accuracy is tracked and drills are gated."""

    kind: str
    turns: tuple[Turn, ...]
