"""What config.json of an Lfm2 folder says and the weights cannot. Knows no tensors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DEFAULT_THETA = 1_000_000.0  # transformers' value for an Lfm2 config that names none


@dataclass(frozen=True)
class Shape:
    """What config.json says and the weights cannot."""

    layer_types: tuple[str, ...]  # "conv" or "full_attention", one per layer
    heads: int  # query heads
    kv_heads: int
    head_dim: int
    eps: float  # of every RMS norm
    theta: float  # base of the rotary angles
    context: int  # positions the model was made for
    eos_ids: frozenset[int]  # tokens that end an answer


def read_shape(folder: Path) -> Shape:
    """config.json as far as the forward pass needs it. Raises ValueError naming what is not supported."""
    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if config.get("model_type") != "lfm2":
        raise ValueError(f"{folder} holds a model of type {config.get('model_type')!r}; this engine runs 'lfm2' only")
    rope = config.get("rope_parameters") or {}
    if rope.get("rope_type", "default") != "default":
        raise ValueError(f"{folder} asks for rope_type {rope['rope_type']!r}; this engine runs 'default' only")
    eos = config.get("eos_token_id")
    heads = config["num_attention_heads"]
    return Shape(
        layer_types=tuple(config["layer_types"]),
        heads=heads,
        kv_heads=config["num_key_value_heads"],
        head_dim=config.get("head_dim") or config["hidden_size"] // heads,
        eps=config["norm_eps"],
        theta=float(rope.get("rope_theta") or config.get("rope_theta") or _DEFAULT_THETA),
        context=config["max_position_embeddings"],
        eos_ids=frozenset([eos] if isinstance(eos, int) else eos or []),
    )
