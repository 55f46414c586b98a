"""What every proposer must do on any prompt. A proposer's tests subclass ``ProposerSuite`` and name it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from harness.protocols import Proposer
from harness.types import Brief, Variable
from tests import toys
from tests.makers import words_of


class ProposerSuite:
    """Subclass it and set ``proposer``."""

    proposer: Proposer
    moves = False  # whether the technique moves text instead of adding some

    def test_names_itself(self) -> None:
        assert self.proposer.NAME.isidentifier()
        assert self.proposer.VERSION

    @pytest.mark.parametrize("brief", toys.BRIEFS.values(), ids=toys.BRIEFS)
    def test_variables_stay_and_every_text_is_new(self, brief: Brief) -> None:
        before = [p for p in brief.prompt.parts if isinstance(p, Variable)]
        proposals = self.proposer.propose(brief)
        for proposal in proposals:
            assert [p for p in proposal.parts if isinstance(p, Variable)] == before
            assert proposal.parts != brief.prompt.parts
            assert proposal.technique
            assert proposal.why
        assert len({p.parts for p in proposals}) == len(proposals)

    @pytest.mark.parametrize("brief", toys.BRIEFS.values(), ids=toys.BRIEFS)
    def test_every_authored_line_stays(self, brief: Brief) -> None:
        for proposal in self.proposer.propose(brief):
            if self.moves:
                assert not Counter(words_of(brief.prompt.parts).split()) - Counter(words_of(proposal.parts).split())
                continue
            after = iter(toys.lines(proposal.parts))
            assert all(line in after for line in toys.lines(brief.prompt.parts))

    @pytest.mark.parametrize("brief", toys.BRIEFS.values(), ids=toys.BRIEFS)
    def test_deterministic(self, brief: Brief) -> None:
        assert list(self.proposer.propose(brief)) == list(self.proposer.propose(brief))

    def test_nothing_from_nothing(self) -> None:
        assert not self.proposer.propose(replace(toys.BRIEFS["labels, human template"], observations=()))
