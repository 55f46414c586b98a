"""Judge and proposer over the protocols of three providers, each through its own LangChain package."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from harness.errors import BudgetError, UserError
from harness.judge import Judge
from harness.proposers.llm import named
from tests import makers
from tests.judge.desks import Desk
from tests.judge.test_judge import judge, pairs_of, sorry
from tests.proposers.test_llm import GOOD, brief, reply
from tests.providers.asked import Answer, Asked, Said, tokens
from tests.providers.server import Provider

MODELS = ("openai:toy", "anthropic:toy", "ollama:toy")
SECRET = "sk-secret-of-a-test"


@pytest.fixture
def serving(serve: Callable[[Answer], Provider], monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], Provider]:
    """A server that every provider's client is led to."""

    def start(answer: Answer) -> Provider:
        served = serve(answer)
        for name, value in {
            "ANTHROPIC_BASE_URL": served.root,
            "ANTHROPIC_API_URL": served.root,
            "ANTHROPIC_API_KEY": SECRET,
            "OLLAMA_HOST": served.root,
        }.items():
            monkeypatch.setenv(name, value)
        return served

    return start


def of(desk: Desk, model: str) -> Judge:
    """The judge by that model; Ollama's client knows no retries of its own."""
    return judge(desk, model=model, parameters={} if model.startswith("ollama") else {"max_retries": 0})


@pytest.mark.parametrize("model", MODELS)
def test_verdicts_are_read_and_every_token_is_counted(model: str, serving: Callable[[Answer], Provider]) -> None:
    served, desk = serving(sorry), Desk(concurrency=1)
    own = of(desk, model)
    pairs = [*pairs_of(2), (makers.case("c9"), makers.run({"reply": "no"}, case="c9"))]
    own.ahead(pairs)
    assert [own.score(case, run, {}) for case, run in pairs] == [1.0, 1.0, 0.0]
    assert len(served.asked) == 3
    assert all(asked.messages[0][0] == "system" and asked.model == "toy" for asked in served.asked)
    told = [(call.tokens_in, call.tokens_out) for call in desk.kept]
    assert told == [tokens(asked, sorry(asked)) for asked in served.asked]


@pytest.mark.parametrize("model", MODELS)
def test_a_rate_limit_is_waited_for_and_counted(model: str, serving: Callable[[Answer], Provider]) -> None:
    refusals = iter((429, 500, 429))
    served = serving(lambda asked: Said(status=status) if (status := next(refusals, 200)) != 200 else sorry(asked))
    desk = Desk()
    assert of(desk, model).score(*pairs_of(1)[0], {}) == 1.0
    (call,) = desk.kept
    assert (call.retries, len(served.asked)) == (3, 4)
    assert (call.tokens_in, call.tokens_out) == tokens(served.asked[-1], sorry(served.asked[-1]))


@pytest.mark.parametrize("model", MODELS)
def test_a_refusal_ends_with_words_and_the_budget_holds_to_one_call(
    model: str, serving: Callable[[Answer], Provider]
) -> None:
    refused = [False]
    served, desk = serving(lambda asked: Said(status=401) if refused[0] else sorry(asked)), Desk(most=3)
    with pytest.raises(BudgetError):
        of(desk, model).ahead(pairs_of(5))
    assert len(served.asked) == len(desk.kept) == 3
    refused[0] = True
    with pytest.raises(UserError) as caught:
        of(Desk(), model).ahead(pairs_of(1))
    assert f"the judge {model} refused the request" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert len(served.asked) == 4


@pytest.mark.parametrize("model", MODELS)
def test_a_proposer_speaks_each_protocol_and_pays_each_call(model: str, serving: Callable[[Answer], Provider]) -> None:
    def improves(asked: Asked) -> Said:
        return Said(reply("Sort it.", GOOD) if len(served.asked) == 1 else "no more")

    served = serving(improves)
    proposer = named(model)
    (idea,) = proposer.propose(brief())
    assert str(idea.parts[0]).startswith("Sort this ticket by what is asked for.")
    calls = proposer.drain()
    assert [call.model for call in calls] == [model] * 2
    assert [call.tokens_in for call in calls] == [tokens(asked, Said())[0] for asked in served.asked]
    assert json.loads(calls[0].text)["ideas"]
