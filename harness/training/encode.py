"""Examples -> token ids with the weight of each token in the loss, by the model's own chat template and tokenizer.

A token that an assistant wrote, its end token included, weighs 1, every other ``prompt_loss_weight``. Knows no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateError

from harness.errors import UserError
from harness.training.examples import Example


@dataclass(frozen=True, slots=True)
class Encoded:
    """One example as the model reads it."""

    ids: tuple[int, ...]
    weights: tuple[float, ...]  # of each token as something to be predicted; the first is never predicted

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Read:
    """A set of examples by the tokenizer."""

    kept: tuple[Encoded, ...]
    too_long: int  # examples with more tokens than fit, left out
    answers_too_long: int  # of those, by the answer alone
    longest: int  # tokens of the longest that is kept

    @property
    def tokens(self) -> int:
        """Of all that are kept."""
        return sum(map(len, self.kept))


def encode(tokenizer: Any, examples: Sequence[Example], prompt_weight: float, limit: int) -> Read:
    """Every example; those of more than ``limit`` tokens are counted and left out.

    Raises UserError with the line of an example that the chat template refuses or does not render in order.
    """
    kept: list[Encoded] = []
    long = answers = 0
    for one in examples:
        made = _encoded(tokenizer, one, prompt_weight)
        if len(made) <= limit:
            kept.append(made)
            continue
        long += 1
        answers += len(tokenizer(one.answer, add_special_tokens=False)["input_ids"]) > limit
    return Read(tuple(kept), long, answers, max(map(len, kept), default=0))


def _encoded(tokenizer: Any, one: Example, prompt_weight: float) -> Encoded:
    try:
        whole, spans = _rendered(tokenizer, one)
    except TemplateError as error:
        fix = "mend the messages, or the model's chat template"
        raise UserError(f"the chat template refuses the example: {error}", where=_place(one), fix=fix) from error
    read = tokenizer(whole, add_special_tokens=False, return_offsets_mapping=True)
    weights = [
        1.0 if any(start < end_of and start_of < end for start_of, end_of in spans) else prompt_weight
        for start, end in read["offset_mapping"]
    ]
    return Encoded(tuple(read["input_ids"]), tuple(weights))


def _rendered(tokenizer: Any, one: Example) -> tuple[str, list[tuple[int, int]]]:
    """The conversation as text, and where in it the assistant speaks."""
    messages = [dict(message) for message in one.messages]
    whole = _render(tokenizer, messages, asks=False)
    spans = []
    for number, message in enumerate(messages):
        if message["role"] == "assistant":
            before = _render(tokenizer, messages[:number], asks=True)
            until = _render(tokenizer, messages[: number + 1], asks=False)
            if whole.startswith(before) and whole.startswith(until.rstrip()):
                spans.append((len(before), len(until.rstrip())))
    if not spans or spans[-1][1] < len(whole.rstrip()):
        said = "the chat template renders an answer otherwise than it asks for it: its tokens cannot be told"
        raise UserError(
            said, where=_place(one), fix="mend the model's chat template, or take a plain one: --template plain"
        )
    return whole, spans


def _render(tokenizer: Any, messages: list[dict[str, str]], *, asks: bool) -> str:
    text: str = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=asks)
    return text


def _place(one: Example) -> str:
    return f"line {one.line}" if one.line else ""
