"""A trained prefix: keys and values that stand before every prompt, as PEFT stores them. Knows nothing of models."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from harness.models.folders import NotAModelError


def read_prefix(adapter: Path) -> Tensor:
    """Keys and values by layer, [layers, 2, 1, kv_heads, P, head_dim]. Raises NotAModelError for a broken folder."""
    try:
        config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
        flat = load_file(adapter / "adapter_model.safetensors")["prompt_embeddings"]  # [P, layers 2 kv_heads head_dim]
        positions, layers, heads = len(flat), int(config["num_layers"]), int(config["num_attention_heads"])
        return flat.view(positions, layers, 2, heads, -1).permute(1, 2, 3, 0, 4)[:, :, None]
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise NotAModelError(f"the prefix in {adapter} cannot be read: {error!r}") from error
