"""Adapter: a small set of weights beside a model that runs here, trained on the dev cases of every node that shares it.

What is learnt from is decided here; how it is learnt is injected, so that a run without adapters loads no training.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.prices import LOCAL
from harness.proposers.evidence import right
from harness.proposers.place import fresh
from harness.types import Brief, ModelUse, Observation, Proposal, Technique

NAME = "adapter"
VERSION = "1"
TECHNIQUE = Technique(
    name="adapter",
    symptom="answers are wrong, many cases say what is wanted, and the model runs on this machine",
    accuracy="up",
    latency="±0",
    cost="±0, and training once",
    stars=4,
    reason="learns from every case, not from the few that fit into a prompt; with few cases it learns those by heart",
    parameter="model",
)
FEWEST = 10  # examples
ROOM = "adapters"  # folder of the repository that ``changes`` copies adapters into
_ROLES = {"human": "user", "user": "user", "ai": "assistant", "assistant": "assistant", "system": "system"}


@dataclass(frozen=True, slots=True)
class Lesson:
    """One call as it should have been answered."""

    messages: tuple[Mapping[str, str], ...]  # role and content, as they reached the model
    answer: str
    case: str  # of one case are never both trained on and validated with


@dataclass(frozen=True, slots=True)
class Learnt:
    """An adapter that is ready."""

    folder: str  # absolute; its name is the adapter's
    words: str  # what it was trained on, how long and at what cost


Learn = Callable[[str, Sequence[Lesson], int], Learnt]  # base as the app names it, examples, seed


class AdapterProposer:
    """Proposes the adapter that ``learn`` gives, at each local model of the node."""

    NAME, VERSION = NAME, VERSION

    def __init__(self, learn: Learn) -> None:
        self._learn = learn

    def propose(self, brief: Brief) -> list[Proposal]:
        """One adapter; none where nothing is answered wrongly, too few cases say what is wanted, or no model is local.

        An adapter may only make answers better, so none either where the goal is to spend less.
        """
        use = local_model(brief)
        failing = sum(right(seen, brief.direction) is False for seen in brief.observations)
        if use is None or not failing or brief.direction == "lower":
            return []
        taught = lessons(brief)
        if len(taught) < FEWEST or len({lesson.answer for lesson in taught}) < 2:
            return []
        learnt = self._learn(base_of(use), taught, brief.seed)
        why = f"{failing} of {len(brief.observations)} dev cases are answered wrongly; {learnt.words}"
        place = use.literals["model"]
        return fresh(brief, [Proposal(TECHNIQUE.name, (_id(use, learnt),), why, "model", place, brings=learnt.folder)])


def local_model(brief: Brief) -> ModelUse | None:
    """A model of the node that runs on this machine and whose id stands in the source."""
    for use in brief.node.models:
        known = use.provider in LOCAL or use.written.partition(":")[0] in LOCAL
        if known and "model" in use.literals:
            return use
    return None


def base_of(use: ModelUse) -> str:
    """What stands behind the provider: "embedded", or a folder."""
    provider, colon, rest = use.written.partition(":")
    return rest if colon and provider in LOCAL else use.written


def lessons(brief: Brief) -> list[Lesson]:
    """What each call of the model should have answered: at this node, and at the others that share its model.

    Where no case says what another node should answer, its own answers in runs that came out right are kept, so that
    the adapter leaves it as it is.
    """
    found = dict.fromkeys(_taught(brief.observations, brief))
    found |= dict.fromkeys(_taught(brief.beside, brief))
    return list(found)


def _taught(seen: Sequence[Observation], brief: Brief) -> Iterator[Lesson]:
    for one in seen:
        answer = one.answer if one.wanted is None and right(one, brief.direction) else one.wanted
        roles = [_ROLES.get(str(message.get("role")), "") for message in one.messages]
        texts = [message.get("content") for message in one.messages]
        if answer and roles and all(roles) and all(isinstance(text, str) for text in texts):
            pairs = zip(roles, texts, strict=True)
            yield Lesson(tuple(_Message(role=role, content=str(text)) for role, text in pairs), answer, one.case)


class _Message(dict[str, str]):
    """A message that can be counted once."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash((self["role"], self["content"]))


def _id(use: ModelUse, learnt: Learnt) -> str:
    """The id under which the app finds the adapter, once it lies in its repository."""
    provider, colon, _ = use.written.partition(":")
    named = provider if colon and provider in LOCAL else "embedded" if use.written == "embedded" else ""
    place = f"{ROOM}/{learnt.folder.rstrip('/').rpartition('/')[2]}"
    return f"{named}:{place}" if named else place
