"""Bottleneck adapters as ``harness.training`` saves them: after every layer, states + up(relu(down(states))).

Knows nothing of the layers that they follow.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from harness.models.folders import NotAModelError


@dataclass(frozen=True)
class Bottleneck:
    """What follows one layer of width H, S wide in the middle."""

    down: Tensor  # [H, S]
    down_bias: Tensor  # [S]
    up: Tensor  # [S, H]
    up_bias: Tensor  # [H]

    def after(self, states: Tensor) -> Tensor:
        """[..., H] -> [..., H]"""
        middle = torch.relu(states.to(self.down.dtype) @ self.down + self.down_bias)
        return states + (middle @ self.up + self.up_bias).to(states.dtype)

    def to(self, device: torch.device) -> Bottleneck:
        """The same on another device."""
        return Bottleneck(*(part.to(device) for part in (self.down, self.down_bias, self.up, self.up_bias)))


def read_bottlenecks(adapter: Path, layers: int, hidden: int) -> tuple[Bottleneck, ...]:
    """One per layer. Raises NotAModelError for a broken folder, or one for a model of another size."""
    try:
        kind = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8")).get("activation")
        weights = load_file(adapter / "adapter_model.safetensors")
        found = tuple(_one(weights, at) for at in range(len(weights) // 4))
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise NotAModelError(f"the adapter {adapter} cannot be read: {error!r}") from error
    if len(found) != layers or any(len(one.down) != hidden for one in found) or kind != "relu":
        raise NotAModelError(
            f"the adapter {adapter} was made for another model than one of {layers} layers, {hidden} wide"
        )
    return found


def _one(weights: dict[str, Tensor], at: int) -> Bottleneck:
    down, up = (weights[f"{at}.{name}.weight"].float().T.contiguous() for name in ("down", "up"))
    return Bottleneck(down, weights[f"{at}.down.bias"].float(), up, weights[f"{at}.up.bias"].float())
