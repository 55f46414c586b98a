"""Prompts are token for token those of transformers' ``apply_chat_template``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from harness.models.template import ChatFormat

CONVERSATIONS = [
    [{"role": "user", "content": "Where is my parcel?"}],
    [
        {"role": "system", "content": "  Answer with\none label. {{ x }} 🙂"},
        {"role": "user", "content": ""},
        {"role": "assistant", "content": "naïve\n"},
        {"role": "user", "content": "<|im_end|>"},
    ],
]


@pytest.mark.parametrize("messages", CONVERSATIONS)
def test_like_transformers(folder: Path, messages: list[dict[str, str]]) -> None:
    theirs = AutoTokenizer.from_pretrained(folder)
    ids = theirs.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)["input_ids"]
    assert list(ChatFormat(folder).prompt(messages)) == ids


def test_an_answer_is_read_back_without_the_space_before_it(folder: Path) -> None:
    words = ChatFormat(folder)
    assert words.decode([*words.encode(" billing"), *words.encode("<|im_end|>")]) == "billing"


def test_a_template_that_refuses_says_why(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "tokenizer.json", tmp_path)
    (tmp_path / "chat_template.jinja").write_text("{{ raise_exception('no system message, please') }}")
    with pytest.raises(ValueError, match="no system message, please"):
        ChatFormat(tmp_path).prompt(CONVERSATIONS[0])
