"""What is said of a pair whose parts meet."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from harness.loop import State, Wiring
from harness.loop.join import proposed

OLD = "Sort it.\nName its topic.\n"


@pytest.mark.parametrize(
    "second, dropped",
    [("Sort it.\nName its topic.\nBe brief.\n", False), ("Route it.\nName its topic.\nBe brief.\n", True)],
    ids=["apart", "the same line"],
)
def test_a_pair_says_whose_lines_stand_where_both_changed_the_same(second: str, dropped: bool) -> None:
    texts = {"c01": "Rank it.\nName its topic.\n", "c02": second}
    changes = {
        key: SimpleNamespace(id=key, prompt="p", new=(text,), technique="rewriting") for key, text in texts.items()
    }
    found = SimpleNamespace(prompts=[SimpleNamespace(id="p", parts=(OLD,))])
    ctx = SimpleNamespace(notes=SimpleNamespace(change=changes.__getitem__, discovery=lambda at: found))
    state: State = {"pair": ["c01", "c02"], "generation": 0}
    pair = proposed(cast(Wiring, ctx), state)
    assert pair is not None
    assert pair.parts == ("Rank it.\nName its topic.\nBe brief.\n",)
    assert ("those of one stand" in pair.why) is dropped
