"""Whatever a model would rather say, its answer is in the form of the schema: greedy, drawn, streamed, in a batch."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import jsonschema
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from langchain_core.exceptions import OutputParserException
from pydantic import BaseModel, Field
from tokenizers import Tokenizer

from harness.models import LocalChatModel, init_chat_model
from harness.models.engine import Engine, Sampling
from harness.models.folders import EMBEDDED
from harness.models.shaped import Shape, schema_of, scores
from harness.service.chat import Wish
from tests.models.conftest import tokenizer
from tests.models.test_general import bases  # noqa: F401 - a fixture

OWN, BYTES = Tokenizer.from_file(str(EMBEDDED / "tokenizer.json")), tokenizer()
TICKET = {
    "type": "object",
    "properties": {
        "queue": {"enum": ["finance", "claims"]},
        "days": {"type": "integer", "minimum": 0, "maximum": 9},
    },
    "required": ["queue", "days"],
    "additionalProperties": False,
}


class Ticket(BaseModel):
    """Where a ticket goes."""

    queue: Literal["finance", "claims"]
    days: int = Field(ge=1, le=7)


@pytest.fixture(scope="module")
def embedded() -> LocalChatModel:
    model = init_chat_model("embedded", temperature=0, max_tokens=64)
    assert isinstance(model, LocalChatModel)
    return model


def sampled(schema: Any, seed: int | None) -> Sampling:
    return Sampling(0 if seed is None else 1.5, 0.9 if seed else 1.0, 96, (), seed, json.dumps(schema))


@pytest.mark.parametrize("seed", [None, 0, 1, 2])
def test_the_embedded_engine_keeps_to_the_schema(seed: int | None) -> None:
    engine = Engine(EMBEDDED)
    prompts = [engine.format.prompt([{"role": "user", "content": text}]) for text in ("Hello!", "Where is my parcel?")]
    shaped = [engine.submit(prompt, sampled(TICKET, seed)) for prompt in prompts]
    free = engine.submit(prompts[0], Sampling(0, max_tokens=8))
    for future in shaped:
        done = future.result()
        jsonschema.validate(json.loads(done.text), TICKET)
        assert done.finish_reason == "stop"
    assert free.result().text == engine.generate(prompts[0], Sampling(0, max_tokens=8)).text
    engine.close()


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_so_does_what_transformers_runs(bases: dict[str, Path], seed: int | None) -> None:  # noqa: F811
    model = LocalChatModel(model=str(bases["llama"]), max_tokens=99, temperature=1 if seed else 0, seed=seed)
    asked = model.with_structured_output(TICKET)
    for answer in asked.batch(["Hello!", "Where is my parcel?"]):
        jsonschema.validate(answer, TICKET)


def test_a_class_gives_objects_and_raw_gives_all(embedded: LocalChatModel) -> None:
    found = embedded.with_structured_output(Ticket).invoke("I was charged twice.")
    assert isinstance(found, Ticket)
    told: Any = embedded.with_structured_output(Ticket, include_raw=True).invoke("I was charged twice.")
    assert (told["parsed"], told["parsing_error"]) == (found, None)
    assert Ticket.model_validate_json(told["raw"].text) == found
    form = {"type": "json_schema", "json_schema": {"name": "ticket", "schema": Ticket.model_json_schema()}}
    pieces = list(embedded.stream("I was charged twice.", response_format=form))
    assert "".join(piece.text for piece in pieces) == told["raw"].text


def test_an_answer_that_was_cut_is_no_answer(embedded: LocalChatModel) -> None:
    short = embedded.model_copy(update={"max_tokens": 3})
    with pytest.raises(OutputParserException, match="cut off at max_tokens"):
        short.with_structured_output(Ticket).invoke("Hello!")
    told: Any = short.with_structured_output(TICKET, include_raw=True).invoke("Hello!")
    assert told["parsed"] is None
    assert "cut off" in str(told["parsing_error"])


def test_what_cannot_be_followed_is_said(embedded: LocalChatModel, monkeypatch: pytest.MonkeyPatch) -> None:
    for schema, said in [({"type": "nonsense"}, "cannot be followed"), ({"not": {"type": "string"}}, "cannot be")]:
        form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
        with pytest.raises(ValueError, match=said):
            embedded.invoke("Hello!", response_format=form)
    with monkeypatch.context() as without, pytest.raises(ValueError, match=r"harness\[structured\]"):
        without.setitem(sys.modules, "llguidance", None)
        embedded.invoke("Hello!", response_format={"type": "json_object"})
    with pytest.raises(ValueError, match="response_format is one of"):
        schema_of({"type": "yaml"})
    with pytest.raises(ValueError, match="method='json_schema'"):
        embedded.with_structured_output(Ticket, method="function_calling")
    wish = Wish(model="m", messages=[{"role": "user", "content": "x"}], response_format={"type": "json_object"})
    assert json.loads(wish.sampling(99, 0).schema) == {"type": "object"}


PRINTED = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=9)
VALUES = st.integers(0, 9) | st.booleans() | st.lists(st.integers(0, 9), max_size=2)


def follows(words: Any, text: str, vocabulary: int) -> None:
    """Every token of the text is taken where the model wants it."""
    ids = words.encode(text, add_special_tokens=False).ids
    assume(words.decode(ids) == text)
    shape = Shape(json.dumps({"type": "object"}), words.decode)
    for token in ids:
        wanted = torch.zeros(vocabulary)
        wanted[token] = 1
        assert shape.choose(wanted, {2}) == token


@given(st.dictionaries(st.sampled_from("abc"), PRINTED | VALUES, max_size=3))
def test_a_tokenizer_that_writes_spaces_of_its_own_is_followed(value: dict[str, Any]) -> None:
    follows(OWN, json.dumps(value), 2560)


@given(st.dictionaries(st.sampled_from("abc"), st.text(max_size=6) | VALUES, max_size=3))
def test_characters_come_in_pieces(value: dict[str, Any]) -> None:
    # DEL stands in JSON as it is or escaped; llguidance knows the escape alone.
    follows(BYTES, json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f"), 320)


def test_the_highest_score_is_a_draw() -> None:
    """Of the tokens that are left, in proportion to their probabilities."""
    logits = torch.log(torch.tensor([0.5, 0.3, 0.2]))
    count = Counter(int(scores(logits, Sampling(1.0), seed)[1:].argmax()) for seed in range(4000))
    assert abs(count[0] / 4000 - 0.6) < 0.03  # 4 standard errors
    kept = Counter(int(scores(logits, Sampling(1.0, 0.5), seed).argmax()) for seed in range(50))
    assert set(kept) == {0}
