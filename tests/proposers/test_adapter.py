"""An adapter is proposed where it can be trained and used, from dev cases and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.proposers.adapter import AdapterProposer, Learnt, Lesson, base_of, lessons
from harness.types import Brief, ModelUse, Observation, Span
from tests import toys

BRIEF = toys.BRIEFS["labels, human template"]
PLACE = Span("models.py", 20, 30, 3, 3)


def seen(number: int, *, wanted: str | None, answer: str, score: float | None = None) -> Observation:
    messages = ({"role": "system", "content": "Sort."}, {"role": "human", "content": f"ticket {number}"})
    return Observation(f"case{number}", "", messages, {}, answer, wanted, None, {}, score)


def brief(written: str = "embedded", provider: str = "embedded", **more: object) -> Brief:
    """Twelve cases, of which four are answered wrongly."""
    use = ModelUse(provider, written.rpartition(":")[2], {}, "models.py:3", {"model": PLACE}, None, written)
    shown = [seen(n, wanted="ab"[n % 2], answer="a" if n < 8 else "x") for n in range(12)]
    node = replace(BRIEF.node, models=(use,))
    return replace(BRIEF, node=node, observations=tuple(shown), direction="higher", tried=(), **more)


class Teacher:
    """Remembers what it was asked to learn."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[Lesson]]] = []

    def __call__(self, base: str, found: Sequence[Lesson], seed: int) -> Learnt:
        self.asked.append((base, list(found)))
        return Learnt("/somewhere/lora-12ab", "lora on 12 answers, trained in 3 s")


@pytest.mark.parametrize(
    ("written", "provider", "base", "new"),
    [
        ("embedded", "embedded", "embedded", "embedded:adapters/lora-12ab"),
        ("embedded", "", "embedded", ""),  # nothing says that it is ours
        ("embedded:models/m", "embedded", "models/m", "embedded:adapters/lora-12ab"),
        ("local:models/m", "", "models/m", "local:adapters/lora-12ab"),
        ("models/m", "local", "models/m", "adapters/lora-12ab"),
        ("openai:gpt-4o-mini", "openai", "", ""),
    ],
)
def test_it_is_for_models_that_run_here(written: str, provider: str, base: str, new: str) -> None:
    teacher = Teacher()
    found = AdapterProposer(teacher).propose(brief(written, provider))
    if not new:
        found = [p for p in found if p.parts != ("embedded:adapters/lora-12ab",)]
        assert not found
        return
    assert [(p.parts, p.parameter, p.place, p.brings) for p in found] == [
        ((new,), "model", PLACE, "/somewhere/lora-12ab")
    ]
    assert "trained in 3 s" in found[0].why
    assert teacher.asked[0][0] == base == base_of(brief(written, provider).node.models[0])


def test_what_is_learnt() -> None:
    """Wanted answers; at other nodes of the model also their own, where the run came out right; each call once."""
    other = [
        seen(1, wanted=None, answer="queue 1", score=1.0),
        seen(2, wanted=None, answer="queue 2", score=0.0),
        seen(2, wanted=None, answer="queue 2", score=0.0),
        seen(3, wanted="queue 9", answer="queue 3", score=0.0),
    ]
    found = lessons(brief(beside=tuple(other)))
    assert len(found) == 12 + 2
    assert [lesson.answer for lesson in found[12:]] == ["queue 1", "queue 9"]
    assert found[0].messages == ({"role": "system", "content": "Sort."}, {"role": "user", "content": "ticket 0"})
    assert lessons(brief(beside=brief().observations)) == lessons(brief())


def test_none_where_it_would_be_no_help() -> None:
    def made(of: Brief) -> int:
        return len(AdapterProposer(Teacher()).propose(of))

    whole = brief()
    assert made(whole) == 1
    assert made(replace(whole, observations=whole.observations[:9])) == 0  # too few
    assert made(replace(whole, observations=tuple(replace(o, answer=o.wanted or "") for o in whole.observations))) == 0
    assert made(replace(whole, direction="lower")) == 0
    assert made(replace(whole, observations=tuple(replace(o, wanted="a") for o in whole.observations))) == 0
    images = ({"role": "human", "content": [{"type": "image_url"}]},)
    assert made(replace(whole, observations=tuple(replace(o, messages=images) for o in whole.observations))) == 0
