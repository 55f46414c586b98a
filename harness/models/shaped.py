"""Answers that can only become what a JSON schema allows: which token may follow, told by the text that it makes.

The schema is followed by ``llguidance``, byte by byte of the decoded text and not by the tokens themselves, so that it
holds for every tokenizer, those that write or drop spaces of their own too. Knows nothing of models.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from harness.models.sampling import Sampling, nucleus
from harness.models.transcript import UNFINISHED, Decode

if TYPE_CHECKING:
    from llguidance import LLMatcher, LLTokenizer

_SEPARATED = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}  # as json.dumps writes
_SOME_LETTER = "é"  # stands for a character whose bytes are not all there yet
_BYTES = 256


class Shape:
    """What one answer may still become. Raises ValueError for a schema that is none or asks too much."""

    def __init__(self, schema: str, decode: Decode) -> None:
        self._matcher = _matcher(schema)
        self._decode = decode
        self._ids: list[int] = []
        self._text = ""  # that is certain: a space at the end is dropped by some decoders when a letter follows
        self._seen = ""

    @property
    def complete(self) -> bool:
        """Nothing can follow."""
        return self._matcher.is_stopped()

    def choose(self, scores: Tensor, ends: Set[int]) -> int:
        """The token with the highest score that fits, and one step further with it; the end where none does."""
        for token in scores.argsort(descending=True).tolist():
            if token in ends:
                if self._matcher.is_accepting():
                    return int(token)
            elif self._takes(token):
                return int(token)
        return min(ends)

    def _takes(self, token: int) -> bool:
        text = self._decode([*self._ids, token])
        solid = text.rstrip(UNFINISHED)
        new = solid[len(self._text) :]
        begun = len(text) - len(solid)  # characters whose bytes are not all there yet
        if not solid.startswith(self._text) or UNFINISHED in new or begun > 1:
            return False
        if text == self._seen and not (begun and self._decode([token])):  # a special token, which is no text
            return False
        tried = new + _SOME_LETTER if begun else new
        if self._matcher.validate_tokens(list(tried.encode())) < len(tried.encode()):
            return False
        certain = solid.rstrip(" ")
        self._matcher.consume_tokens(list(certain[len(self._text) :].encode()))
        self._ids.append(token)
        self._text, self._seen = certain, text
        return True


def schema_of(form: Mapping[str, Any]) -> str:
    """The JSON schema of OpenAI's ``response_format``, "" for plain text. Raises ValueError for any other."""
    kind, told = form.get("type"), form.get("json_schema")
    if kind == "text":
        return ""
    if kind == "json_object":
        return json.dumps({"type": "object"})
    if kind == "json_schema" and isinstance(told, Mapping) and isinstance(told.get("schema"), Mapping):
        return json.dumps(told["schema"])
    raise ValueError(
        "response_format is one of {'type': 'text'}, {'type': 'json_object'} and "
        "{'type': 'json_schema', 'json_schema': {'name': ..., 'schema': {...}}}"
    )


def scores(logits: Tensor, sampling: Sampling, seed: int) -> Tensor:
    """Such that the highest of any set of tokens is a draw from that set. [V]

    With noise of Gumbel's law added to the logits the maximum is a draw by their softmax, whatever is left out later.
    """
    if not sampling.temperature:
        return logits
    scaled = logits.double() / sampling.temperature
    source = torch.Generator().manual_seed(seed)
    uniform = torch.rand(len(scaled), generator=source, dtype=torch.float64).clamp_min(torch.finfo(torch.float64).tiny)
    noisy: Tensor = scaled - torch.log(-torch.log(uniform))
    if sampling.top_p < 1:
        kept = nucleus(torch.softmax(scaled, -1)[None], torch.tensor([sampling.top_p], dtype=torch.float64))[0] > 0
        noisy = noisy + kept * (noisy.max() - noisy.min() + 1)  # where none of these fits, the others are next
    return noisy


def _matcher(schema: str) -> LLMatcher:
    try:
        from llguidance import LLMatcher
    except ImportError as error:
        raise ValueError(
            f"an answer in the form of a schema needs more ({error}): pip install 'langgraph-harness[structured]'"
        ) from error
    grammar = LLMatcher.grammar_from_json_schema(schema, overrides=_SEPARATED)  # type: ignore[arg-type]
    if wrong := LLMatcher.validate_grammar(grammar, _bytewise()):
        raise ValueError(f"this JSON schema cannot be followed: {wrong.splitlines()[0]}")
    return LLMatcher(_bytewise(), grammar, log_level=0)


class _Bytes:
    """A tokenizer whose tokens are the bytes."""

    eos_token_id, bos_token_id = _BYTES, None
    tokens: Sequence[bytes] = (*(bytes([one]) for one in range(_BYTES)), b"<end>")
    special_token_ids = (_BYTES,)

    def __call__(self, text: bytes | str) -> list[int]:
        return list(text if isinstance(text, bytes) else text.encode())


@cache
def _bytewise() -> LLTokenizer:
    from llguidance import LLTokenizer, TokenizerWrapper

    return LLTokenizer(TokenizerWrapper(_Bytes()))
