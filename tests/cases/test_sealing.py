"""What an error may say that came up over a sealed case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cases import sealing
from harness.cases.sealing import SEALED, without
from harness.errors import PluginError
from harness.types import Case

HIDDEN = Case("t-7", {"ticket": "Where is the blue bell?"}, {"expected_answer": ["It is on the way", "no"]})
OPEN = Case("t-70", {"ticket": "The invoice of Sunday is wrong."}, {})


def test_neither_id_nor_text_of_a_sealed_case_is_raised_through() -> None:
    with pytest.raises(PluginError) as caught, sealing([HIDDEN]):
        words = "metric own raised KeyError: 'Where is the blue bell?' for case t-7, not t-70: It is on the way"
        raise PluginError(words, where="case t-7", fix="look at t-7")
    told = str(caught.value)
    assert told == (
        f"{SEALED}: metric own raised KeyError: '{SEALED}' for {SEALED}, not t-70: {SEALED}\n  fix: look at {SEALED}"
    )
    assert str(caught.value.args[0]) == caught.value.message


def test_other_errors_pass_as_they_are() -> None:
    with pytest.raises(PluginError) as caught, sealing([HIDDEN]):
        raise PluginError("metric own raised: no such case", where="case t-70")
    assert str(caught.value) == "case t-70: metric own raised: no such case"


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_stands_around_it_the_id_is_gone(before: str, after: str) -> None:
    told = without(f"{before} t-7 {after}", [HIDDEN])
    assert " t-7 " not in told
