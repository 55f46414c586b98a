"""The stand-in for a provider, asked by real clients: its protocols, and that a better prompt is answered better."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from tests.providers.rules import Skill, ruled
from tests.providers.server import Provider, listening

SORT = Skill(
    asked="Sort",
    case=r"Mail: (.*)",
    labels={"repair": "wheel", "order": "parcel"},
    own={"repair": "workshop", "order": "sales"},
    key="topic",
    loose="I would say {label}.",
    slip=0.0,
)
MORE = "\n\nPossible labels: repair, order.\n- order: when is the helmet coming\n\nInput: my chain\nAnswer: repair"


class Topic(BaseModel):
    """Where the mail goes."""

    why: str
    topic: Literal["repair", "order"]


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with listening(ruled([SORT])) as running:
        yield running


@pytest.fixture
def model(server: Provider) -> ChatOpenAI:
    return ChatOpenAI(model="toy", base_url=server.url, api_key="none", temperature=0)


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_a_form_is_filled_in(model: ChatOpenAI, method: Literal["json_schema", "function_calling"]) -> None:
    form = model.with_structured_output(Topic, method=method)
    assert form.invoke("Sort.\nMail: the parcel") == Topic(why="as asked", topic="order")


def test_texts_and_tools_are_streamed(model: ChatOpenAI) -> None:
    pieces = [str(piece.content) for piece in model.stream("Sort.\nMail: the parcel")]
    assert "".join(pieces) == "I would say sales." and len([piece for piece in pieces if piece]) == 2
    whole = None
    for chunk in model.bind_tools([Topic], tool_choice="any").stream("Sort.\nMail: the parcel"):
        whole = chunk if whole is None else whole + chunk
    assert [call["args"]["topic"] for call in whole.tool_calls] == ["order"]


@pytest.mark.parametrize("mail, weak, strong", [("a helmet", "workshop", "order"), ("my chain", "workshop", "repair")])
def test_what_the_prompt_tells_is_known(model: ChatOpenAI, mail: str, weak: str, strong: str) -> None:
    assert model.invoke(f"Sort.\nMail: {mail}").content == f"I would say {weak}."
    assert model.invoke(f"Sort.{MORE}\nMail: {mail}").content == strong


def test_draws_vary_with_a_temperature_only() -> None:
    blind = Skill(**{**SORT.__dict__, "slip": 1.0, "loose": ""})
    with listening(ruled([blind], seed=1)) as server:
        said = {}
        for temperature in (0.0, 1.0):
            model = ChatOpenAI(model="toy", base_url=server.url, api_key="none", temperature=temperature)
            said[temperature] = {str(model.invoke(f"Sort.{MORE}\nMail: x").content) for _ in range(12)}
    assert len(said[0.0]) == 1 and said[1.0] == {"repair", "order"}
