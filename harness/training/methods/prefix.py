"""Prefix tuning: trained keys and values before every attention layer's own (Li & Liang 2021), by peft.

peft hands the prefix over as a cache of attention layers only, which a base that mixes attention with convolutions
(Lfm2, the embedded model) does not read; ``Mixed`` hands over the kind of cache that such a base has. The folder is
peft's own layout either way; of a mixed base it is loaded here and not by plain peft. A prefix cannot be merged.
Base rate: see ``rates``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import (
    PeftConfig,
    PeftModelForCausalLM,
    PrefixTuningConfig,
    load_peft_weights,
    set_peft_model_state_dict,
)
from transformers import DynamicCache

from harness.training.bases import ATTENDING, Base
from harness.training.parameters import Prefix
from harness.training.weights import freeze, network

NAME = "prefix"


class Mixed(PeftModelForCausalLM):
    """A prefix on the attention layers of a base that has others too."""

    def get_prompt(self, batch_size: int, task_ids: Any = None, max_cache_len: Any = None) -> Any:
        """The prefix as a cache of the base's own kind: the n-th part belongs to the n-th attention layer."""
        given: Any = super().get_prompt(batch_size, task_ids, max_cache_len)
        config: Any = self.get_base_model().config
        cache = DynamicCache(config=config)
        for layer, part in zip(_attending(config), given.layers, strict=True):
            cache.update(part.keys, part.values, layer)
        return cache


def build(base: Base, parameters: Prefix) -> Any:
    """The frozen base with a prefix that begins as the keys and values of plain text, which it knows how to read."""
    model = network(base.folder, frozen=True)
    config = model.config
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    wanted = PrefixTuningConfig(
        task_type="CAUSAL_LM",
        num_virtual_tokens=parameters.prefix_length,
        num_layers=len(_attending(config)),
        num_attention_heads=heads,
        token_dim=heads * width,
    )
    freeze(model)
    made = _kind(config)(model, wanted)
    _begin(made, model, parameters.prefix_length)
    return made


def save(model: Any, base: Base, folder: Path) -> None:
    """The PEFT layout."""
    model.save_pretrained(folder, safe_serialization=True)
    (folder / "README.md").unlink(missing_ok=True)


def load(base: Path, folder: Path) -> Any:
    """The base behind the prefix."""
    model = network(base, frozen=True)
    freeze(model)
    made = _kind(model.config)(model, PeftConfig.from_pretrained(str(folder)))
    set_peft_model_state_dict(made, load_peft_weights(str(folder), device=str(model.device)))
    return made.eval()


def _attending(config: Any) -> list[int]:
    """Numbers of the layers that attend."""
    kinds = getattr(config, "layer_types", None) or ["full_attention"] * config.num_hidden_layers
    return [number for number, kind in enumerate(kinds) if kind in ATTENDING]


def _kind(config: Any) -> Any:
    return PeftModelForCausalLM if len(_attending(config)) == config.num_hidden_layers else Mixed


@torch.no_grad()
def _begin(made: Any, model: Any, length: int) -> None:
    """Keys and values of drawn tokens: from noise, which is what peft draws, small models do not come back."""
    cache = DynamicCache(config=model.config)
    ids = torch.randint(model.config.vocab_size, (1, length), device=model.device)
    model(input_ids=ids, past_key_values=cache, use_cache=True)
    layers: Any = cache.layers
    parts = [torch.stack((layers[at].keys[0], layers[at].values[0])) for at in _attending(model.config)]
    # As peft takes it apart again: [tokens, layer and key or value, head, width].
    flat = torch.cat(parts).permute(2, 0, 1, 3).reshape(length, -1)
    weight = made.prompt_encoder["default"].embedding.weight
    weight.copy_(flat.to(weight.dtype))
