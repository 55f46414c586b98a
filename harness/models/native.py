"""Adapters of the embedded architecture, for our own engine: low-rank updates are added to the weights when they are
loaded, a prefix becomes the state of the positions before every prompt, a bottleneck follows its layer. All without
transformers, whose import costs
seconds. What PEFT can do beyond that (DoRA, whole modules) is left to it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from harness.models.bottlenecks import read_bottlenecks
from harness.models.folders import BOTTLENECK, NotAModelError, Place
from harness.models.lfm2 import Lfm2, read_weights
from harness.models.prefixes import read_prefix
from harness.models.shape import read_shape
from harness.models.slots import Segment

FILES = ("config.json", "tokenizer.json", "chat_template.jinja", "model.safetensors")
_LOW_RANK = re.compile(r"base_model\.model\.(?P<module>.+)\.lora_A\.weight")
_BEYOND = ("use_dora", "modules_to_save", "fan_in_fan_out", "lora_bias", "layer_replication", "trainable_token_indices")


def runs(place: Place) -> bool:
    """Whether our own engine can run this base with this adapter."""
    if any(not (place.base / name).is_file() for name in FILES):
        return False
    try:
        read_shape(place.base)
    except (ValueError, KeyError):
        return False
    if place.adapter is None or place.method in ("prefix", BOTTLENECK):
        return True
    return place.method in ("lora", "qlora") and _plain(_config(place.adapter))


def load(place: Place) -> tuple[Lfm2, Segment | None]:
    """The model with its adapter in it, and the state that stands before every prompt where the adapter is a prefix."""
    if place.adapter is None:
        return Lfm2.load(place.base), None
    if place.method == "prefix":
        model = Lfm2.load(place.base)
        return model, _head(model, place.adapter)
    shape, weights = read_shape(place.base), read_weights(place.base)
    if place.method == BOTTLENECK:
        hidden = weights["model.embed_tokens.weight"].shape[1]
        return Lfm2(shape, weights, read_bottlenecks(place.adapter, len(shape.layer_types), hidden)), None
    return Lfm2(shape, merged(weights, place.adapter)), None


def merged(weights: Mapping[str, Tensor], adapter: Path) -> dict[str, Tensor]:
    """``weights`` with the low-rank updates of the adapter added. Raises NotAModelError when they do not fit."""
    config = _config(adapter)
    try:
        updates = load_file(adapter / "adapter_model.safetensors")
    except (OSError, SafetensorError) as error:
        raise NotAModelError(f"the adapter {adapter} cannot be read: {error}") from error
    found = dict(weights)
    for name, down in updates.items():
        if (match := _LOW_RANK.fullmatch(name)) is None:
            continue
        module, up = match["module"], updates[name.replace(".lora_A.", ".lora_B.")]
        key = f"{module}.weight"
        if key not in found or found[key].shape != (up.shape[0], down.shape[1]):
            raise NotAModelError(f"the adapter {adapter} changes {module}, which its base does not have in that size")
        found[key] = found[key] + (up.float() @ down.float()) * _scale(config, module, len(down))
    return found


def _scale(config: Mapping[str, Any], module: str, rank: int) -> float:
    alphas = config.get("alpha_pattern") or {}
    own = next((alpha for name, alpha in alphas.items() if module == name or module.endswith(f".{name}")), None)
    alpha = float(config["lora_alpha"] if own is None else own)
    return alpha / (math.sqrt(rank) if config.get("use_rslora") else rank)


def _plain(config: Mapping[str, Any]) -> bool:
    return not any(config.get(name) for name in _BEYOND) and config.get("bias", "none") == "none"


def _head(model: Lfm2, adapter: Path) -> Segment:
    prefix = read_prefix(adapter).float()  # [layers, 2, 1, kv_heads, P, head_dim]
    if len(prefix) == len(model.shape.layer_types):
        prefix = prefix[[kind == "full_attention" for kind in model.shape.layer_types]]
    state = model.state
    if (len(prefix), prefix.shape[3], prefix.shape[5]) != (state.attention, state.kv_heads, state.head_dim):
        raise NotAModelError(f"the prefix in {adapter} was made for a model of another size")
    kv = prefix[:, :, 0].permute(0, 3, 1, 2, 4).contiguous()  # [attention, P, 2, kv_heads, head_dim]
    return Segment(kv, torch.zeros(state.convolutions, kv.shape[1], state.hidden))


def _config(adapter: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotAModelError(f"the adapter {adapter} cannot be read: {error}") from error
    return found
