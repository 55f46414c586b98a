"""Streamed pieces always add up to the answer, whatever stop strings and unfinished characters do."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.models.transcript import Transcript


def decode(ids: Sequence[int]) -> str:
    """One token per byte, so that characters come in parts."""
    return bytes(ids).decode("utf-8", errors="replace")


def play(text: str, stop: tuple[str, ...], *, live: bool = True) -> tuple[list[str], Transcript]:
    transcript = Transcript(decode, stop, live=live)
    pieces = []
    for token in text.encode():
        pieces.append(transcript.add(token))
        if transcript.stopped:
            break
    return [*pieces, transcript.close()], transcript


def cut(text: str, stop: tuple[str, ...]) -> str:
    """The specification: up to the stop string that is complete first, at the earliest place one begins then."""
    for end in range(len(text) + 1):
        places = [at for s in stop if (at := text[:end].find(s)) >= 0]
        if places:
            return text[: min(places)]
    return text


@given(st.text("abé€🙂"), st.lists(st.text("abé", min_size=1, max_size=3), max_size=2).map(tuple))
def test_pieces_are_the_answer(text: str, stop: tuple[str, ...]) -> None:
    pieces, transcript = play(text, stop)
    assert "".join(pieces) == transcript.text == cut(text, stop)
    assert transcript.stopped == any(s in text for s in stop)
    assert not any("\ufffd" in piece for piece in pieces)
    _, unheard = play(text, stop, live=False)
    assert unheard.text == transcript.text


@pytest.mark.parametrize(("text", "pieces"), [("a\n\nb", ["a"]), ("a\nb", ["a", "\nb"])])
def test_the_beginning_of_a_stop_string_is_held_back(text: str, pieces: list[str]) -> None:
    given_out, _ = play(text, ("\n\n",))
    assert [piece for piece in given_out if piece] == pieces
