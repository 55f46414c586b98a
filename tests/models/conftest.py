"""A tiny model folder in the shape of the shipped one, with random weights: tests of the engine need no training."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import Lfm2Config, Lfm2ForCausalLM

from harness.models.engine import Engine

TEMPLATE = """\
{{- bos_token -}}
{%- for message in messages -%}
{{ '<|im_start|>' + message['role'] + ' ' + message['content'] + '<|im_end|>' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|im_start|>assistant' }}{%- endif -%}
"""
SPECIAL = ["<|pad|>", "<|bos|>", "<|im_end|>", "<|im_start|>"]
CORPUS = ["You sort tickets of a shop. Answer with billing, refund or shipping only.", "My parcel is late, naïve café."]


def tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.Sequence([decoders.ByteLevel(), decoders.Strip(content=" ", left=1, right=0)])
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def make_folder(folder: Path, *, spread: float = 0.2, context: int = 512) -> Path:
    """``spread`` is the deviation of the random weights: large enough that logits differ and answers vary."""
    folder.mkdir(parents=True)
    words = tokenizer()
    words.save(str(folder / "tokenizer.json"))
    names = {"bos_token": "<|bos|>", "eos_token": "<|im_end|>", "pad_token": "<|pad|>"}
    config = {"tokenizer_class": "PreTrainedTokenizerFast", **names}
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "chat_template.jinja").write_text(TEMPLATE, encoding="utf-8")
    shape = Lfm2Config(
        vocab_size=words.get_vocab_size(),
        hidden_size=48,
        intermediate_size=64,
        num_hidden_layers=4,
        num_attention_heads=6,
        num_key_value_heads=3,
        conv_L_cache=3,
        block_auto_adjust_ff_dim=False,
        layer_types=["conv", "full_attention", "conv", "full_attention"],
        max_position_embeddings=context,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        initializer_range=spread,
    )
    torch.manual_seed(7)
    model = Lfm2ForCausalLM(shape)
    for name, weight in model.named_parameters():
        if "norm" in name:  # ones after initialisation: a norm that was mixed up would go unseen
            torch.nn.init.uniform_(weight, 0.5, 1.5)
    model.to(torch.bfloat16).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_folder(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def reference(folder: Path) -> Lfm2ForCausalLM:
    """The same folder in transformers, in float32 as the engine computes."""
    return Lfm2ForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


@pytest.fixture
def engine(folder: Path) -> Iterator[Engine]:
    engine = Engine(folder)
    yield engine
    engine.close()
