"""Tiny bases with random weights, and a task that they can learn: a training of a few steps shows whether it learns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from harness.training.examples import Example
from tests.models.conftest import make_folder

ANSWERS = ("billing", "refund", "shipping")


def pair(asked: str, answer: str, group: str = "") -> Example:
    return Example(({"role": "user", "content": asked}, {"role": "assistant", "content": answer}), group)


def lesson(count: int = 30) -> tuple[Example, ...]:
    """The answer follows from the last letter asked."""
    return tuple(pair(f"ticket {number} {'abc'[number % 3]}", ANSWERS[number % 3]) for number in range(count))


def write(path: Path, data: Sequence[Example]) -> Path:
    path.write_text("".join(json.dumps({"messages": list(one.messages)}) + "\n" for one in data), "utf-8")
    return path


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Convolutions and attention, as the embedded model."""
    torch.set_num_threads(1)
    return make_folder(tmp_path_factory.mktemp("bases") / "mixed", spread=0.05)


@pytest.fixture(scope="session")
def plain(mixed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Attention alone, as most models; the tokenizer is that of ``mixed``."""
    folder = tmp_path_factory.mktemp("bases") / "plain"
    folder.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        (folder / name).write_bytes((mixed / name).read_bytes())
    vocabulary = json.loads((mixed / "config.json").read_text("utf-8"))["vocab_size"]
    shape = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    )
    torch.manual_seed(3)
    LlamaForCausalLM(shape).save_pretrained(folder)
    return folder
