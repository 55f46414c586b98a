"""The tokenizer and chat template of a model folder: messages to token ids, token ids to text.

Renders like transformers' ``apply_chat_template`` (a test compares them), without importing it. Like there, the name of
a special token written into a message is read as that token. This module knows nothing of weights or sampling.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

Message = Mapping[str, str]  # {"role": "system" | "user" | "assistant", "content": text}


class ChatFormat:
    """How one model reads and writes. Immutable after loading, so threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        environment.globals["raise_exception"] = _raise
        self._template = environment.from_string((folder / "chat_template.jinja").read_text(encoding="utf-8"))
        self._special = _special_tokens(folder / "tokenizer_config.json")

    def prompt(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """Token ids of a conversation up to where the answer begins. Raises ValueError when the template refuses it."""
        try:
            text = self._template.render(messages=messages, add_generation_prompt=True, **self._special)
        except TemplateError as error:
            raise ValueError(f"the model's chat template refuses these messages: {error}") from error
        return self.encode(text)

    def encode(self, text: str) -> tuple[int, ...]:
        """Token ids of plain text, nothing added."""
        return tuple(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: Sequence[int]) -> str:
        """Text of token ids, special tokens left out."""
        text: str = self._tokenizer.decode(list(ids), skip_special_tokens=True)
        return text


def _raise(message: str) -> None:
    raise TemplateError(message)


def _special_tokens(path: Path) -> dict[str, str]:
    """bos_token, eos_token and the like, which templates may name."""
    if not path.exists():
        return {}
    config = json.loads(path.read_text(encoding="utf-8"))
    return {name: value for name, value in config.items() if name.endswith("_token") and isinstance(value, str)}
