"""The tokenizer of any model folder, through transformers. Knows nothing of weights or sampling."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import TemplateError
from transformers import AutoTokenizer

from harness.models.folders import NotAModelError
from harness.models.template import Message


class HubFormat:
    """As ``template.ChatFormat``. Immutable after loading."""

    def __init__(self, folder: Path) -> None:
        try:
            self._words: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        except (ValueError, OSError, KeyError) as error:
            raise NotAModelError(f"the tokenizer of {folder} cannot be loaded: {error}") from error
        if not self._words.chat_template:
            raise NotAModelError(
                f"the tokenizer of {folder} has no chat template, so how messages become a prompt is unknown; "
                "put the one that the model was trained with into chat_template.jinja of that folder"
            )
        self.eos_id: int | None = self._words.eos_token_id

    def prompt(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """Token ids of a conversation up to where the answer begins. Raises ValueError when the template refuses it."""
        try:
            text = self._words.apply_chat_template(
                [dict(message) for message in messages], tokenize=False, add_generation_prompt=True
            )
        except TemplateError as error:
            raise ValueError(f"the model's chat template refuses these messages: {error}") from error
        return self.encode(text)

    def encode(self, text: str) -> tuple[int, ...]:
        """Token ids of plain text, nothing added."""
        return tuple(self._words(text, add_special_tokens=False)["input_ids"])

    def decode(self, ids: Sequence[int]) -> str:
        """Text of token ids, special tokens left out."""
        text: str = self._words.decode(list(ids), skip_special_tokens=True)
        return text
