"""The prefix cache hands back exactly what was stored for the same leading tokens, within its bound."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from harness.models.prefix import PrefixCache, Tokens, common
from harness.models.slots import Segment


def state(tokens: Tokens, first: int, end: int) -> Segment:
    """A state that names the tokens up to each position, as a real one depends on all of them."""
    marks = [float(hash(tokens[: i + 1]) % 9973) for i in range(first, end)]
    return Segment(torch.tensor(marks).view(1, -1, 1, 1, 1), torch.tensor(marks).view(1, -1, 1))


def add(cache: PrefixCache, tokens: Tokens) -> list[tuple[int, int]]:
    """Store a prompt; returns the ranges that had to be read from its slot."""
    asked: list[tuple[int, int]] = []

    def read(first: int, end: int) -> Segment:
        asked.append((first, end))
        return state(tokens, first, end)

    cache.add(tokens, read)
    return asked


def stored(cache: PrefixCache, tokens: Tokens) -> list[float]:
    return [mark for segment in cache.segments(tokens) for mark in segment.kv.flatten().tolist()]


prompts = st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=8).map(tuple), min_size=1, max_size=12)


@given(prompts)
def test_every_prompt_finds_its_longest_known_beginning(seen: list[Tokens]) -> None:
    cache = PrefixCache(limit=1 << 20)
    known: list[Tokens] = []
    for tokens in seen:
        longest = max((common(tokens, other) for other in known), default=0)
        assert cache.match(tokens) == longest
        assert stored(cache, tokens) == state(tokens, 0, longest).kv.flatten().tolist()
        assert add(cache, tokens) == ([(longest, len(tokens))] if longest < len(tokens) else [])
        known.append(tokens)


@given(prompts, st.integers(8, 80))
def test_the_bound_holds_and_what_is_left_is_right(seen: list[Tokens], limit: int) -> None:
    cache = PrefixCache(limit)
    for tokens in seen:
        add(cache, tokens)
        assert cache.nbytes <= limit
    for tokens in seen:
        assert stored(cache, tokens) == state(tokens, 0, cache.match(tokens)).kv.flatten().tolist()


def test_what_was_used_longest_ago_leaves_first() -> None:
    cache = PrefixCache(limit=8 * 12)  # twelve positions of two floats
    for tokens in ((1, 2, 3, 4), (1, 2, 5, 6), (7, 8, 9)):
        add(cache, tokens)
    list(cache.segments((1, 2, 3, 4)))
    add(cache, (0, 0, 0))
    add(cache, (4, 4, 4))
    assert cache.match((1, 2, 3, 4)) == 4
    assert cache.match((1, 2, 5, 6)) == 2


def test_common() -> None:
    assert [common((1, 2, 3), b) for b in ((), (1,), (2,), (1, 2, 4), (1, 2, 3, 4))] == [0, 1, 0, 2, 3]
