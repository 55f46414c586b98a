"""The lean forward pass gives the logits of transformers' own, however the rows are cut, batched or resumed."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import Lfm2ForCausalLM

from harness.models.lfm2 import Lfm2
from harness.models.shape import read_shape
from harness.models.slots import Slots
from harness.models.steps import Step

CLOSE = {"atol": 2e-4, "rtol": 2e-4}


@pytest.fixture(scope="module")
def model(folder: Path) -> Lfm2:
    return Lfm2.load(folder)


def prompts(*lengths: int) -> list[tuple[int, ...]]:
    source = random.Random(3)
    return [tuple(source.randrange(4, 260) for _ in range(length)) for length in lengths]


def expected(reference: Lfm2ForCausalLM, tokens: tuple[int, ...]) -> Tensor:
    """Logits after every token, [len(tokens), V]."""
    with torch.no_grad():
        return reference(torch.tensor([tokens])).logits[0]


def test_one_row_at_once_and_token_by_token(model: Lfm2, reference: Lfm2ForCausalLM) -> None:
    (tokens,) = prompts(40)
    wanted = expected(reference, tokens)
    whole = model.forward(Step.of([], [(0, 0, tokens)]), Slots(model.state, 1))
    torch.testing.assert_close(whole[0], wanted[-1], **CLOSE)
    slots = Slots(model.state, 1)
    for position, token in enumerate(tokens):
        logits = model.forward(Step.of([(0, position, token)], []), slots)
        torch.testing.assert_close(logits[0], wanted[position], **CLOSE)


def test_rows_of_different_lengths_share_steps(model: Lfm2, reference: Lfm2ForCausalLM) -> None:
    """Two rows decode in slots 0 and 3 while two others, of other lengths, are prefilled between and after them."""
    a, b, c, d = prompts(12, 37, 5, 60)
    slots = Slots(model.state, 6)
    model.forward(Step.of([], [(0, 0, a[:-1]), (3, 0, b[:-1])]), slots)
    step = Step.of([(3, len(b) - 1, b[-1]), (0, len(a) - 1, a[-1])], [(1, 0, c), (5, 0, d)])
    logits = model.forward(step, slots)
    for row, tokens in zip(logits, (b, a, c, d), strict=True):
        torch.testing.assert_close(row, expected(reference, tokens)[-1], **CLOSE)


@pytest.mark.parametrize("shared", [1, 2, 3, 25])
def test_a_state_handed_on_at_any_position(model: Lfm2, reference: Lfm2ForCausalLM, shared: int) -> None:
    """Also shorter than the convolution's reach; the slot it goes to was used before."""
    first, tail = prompts(30, 9)
    second = first[:shared] + tail
    slots = Slots(model.state, 2)
    model.forward(Step.of([], [(0, 0, first), (1, 0, tail)]), slots)
    slots.write(1, 0, slots.read(0, 0, shared))
    logits = model.forward(Step.of([], [(1, shared, tail)]), slots)
    torch.testing.assert_close(logits[0], expected(reference, second)[-1], **CLOSE)


def test_state_survives_growing(model: Lfm2, reference: Lfm2ForCausalLM) -> None:
    (tokens,) = prompts(300)
    slots = Slots(model.state, 2)
    model.forward(Step.of([], [(1, 0, tokens[:200])]), slots)
    slots.reserve(300)
    logits = model.forward(Step.of([], [(1, 200, tokens[200:])]), slots)
    torch.testing.assert_close(logits[0], expected(reference, tokens)[-1], **CLOSE)


@pytest.mark.parametrize(
    ("change", "word"), [({"model_type": "llama"}, "'llama'"), ({"rope_parameters": {"rope_type": "yarn"}}, "'yarn'")]
)
def test_another_architecture_is_refused(folder: Path, tmp_path: Path, change: dict[str, object], word: str) -> None:
    config = json.loads((folder / "config.json").read_text()) | change
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match=word):
        read_shape(tmp_path)
