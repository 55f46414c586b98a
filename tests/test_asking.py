"""A proposer is asked for a while, not for ever."""

from __future__ import annotations

import sys
import threading
from types import SimpleNamespace

import pytest

from harness.errors import BudgetError, PluginError
from harness.loop import asking
from harness.loop.asking import asked
from tests.toys import BRIEFS

BRIEF = BRIEFS["extraction"]


def proposer(answer):
    return SimpleNamespace(NAME="mine", VERSION="0", propose=answer)


def test_what_it_says_is_passed_on_and_what_it_prints_goes_to_stderr(capsys):
    def talks(brief):
        print("thinking aloud")  # noqa: T201
        return (brief,)

    assert asked(proposer(talks), BRIEF, 60.0) == [BRIEF]
    assert capsys.readouterr() == ("", "thinking aloud\n")


@pytest.mark.parametrize(("left", "kind"), [(0.01, BudgetError), (None, PluginError), (1e9, PluginError)])
def test_one_that_hangs_is_given_up_in_words(monkeypatch, left, kind):
    monkeypatch.setattr(asking, "LONGEST", 0.01)
    gate, out = threading.Event(), sys.stdout
    with pytest.raises(kind, match=r"mine .*answer"):
        asked(proposer(lambda brief: gate.wait()), BRIEF, left)
    assert sys.stdout is out
    gate.set()


@pytest.mark.parametrize("fault", [ValueError("broken"), SystemExit(3)])
def test_one_that_raises_is_blamed(fault):
    def raises(brief):
        raise fault

    with pytest.raises(PluginError, match="proposer mine raised"):
        asked(proposer(raises), BRIEF, None)
