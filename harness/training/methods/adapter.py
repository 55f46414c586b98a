"""Adapter: a bottleneck after every layer, h + up(relu(down(h))), after Houlsby et al. 2019 and Pfeiffer et al. 2021.

The library of those authors needs an old transformers, so this is a module of our own; it needs nothing of the layer
that it follows, and begins as the identity. One folder holds one task, the base stays as it is. Base rate: ``rates``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from harness.errors import UserError
from harness.training.bases import Base
from harness.training.parameters import Adapter
from harness.training.weights import freeze, network

NAME = "adapter"
WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"


class Bottleneck(nn.Module):
    """What is added to the output of one layer. [..., hidden] -> [..., hidden]"""

    def __init__(self, hidden: int, size: int) -> None:
        super().__init__()
        self.down, self.up = nn.Linear(hidden, size), nn.Linear(size, hidden)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, states: Tensor) -> Tensor:
        """states + what the bottleneck adds."""
        added: Tensor = self.up(torch.relu(self.down(states.to(self.down.weight.dtype))))
        return states + added.to(states.dtype)


def build(base: Base, parameters: Adapter) -> Any:
    """The frozen base with bottlenecks that change nothing yet."""
    return attached(network(base.folder, frozen=True), parameters.adapter_size)


def attached(model: Any, size: int) -> Any:
    """The same network, frozen, with new bottlenecks as its ``bottlenecks``."""
    freeze(model)
    layers = _layers(model)
    model.bottlenecks = nn.ModuleList(Bottleneck(model.config.hidden_size, size) for _ in layers).to(model.device)
    for layer, one in zip(layers, model.bottlenecks, strict=True):
        layer.register_forward_hook(_hook(one))
    return model


def save(model: Any, base: Base, folder: Path) -> None:
    """Weights and config under the names that peft uses, told apart by ``peft_type``."""
    save_file(
        {name: one.detach().cpu().contiguous() for name, one in model.bottlenecks.state_dict().items()},
        folder / WEIGHTS,
    )
    first = model.bottlenecks[0].down
    config = {
        "peft_type": "BOTTLENECK",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": str(base.folder),
        "adapter_size": first.out_features,
        "hidden_size": first.in_features,
        "num_layers": len(model.bottlenecks),
        "activation": "relu",
        "placement": "after every layer, added to its output",
    }
    (folder / CONFIG).write_text(json.dumps(config, indent=2) + "\n", "utf-8")


def load(base: Path, folder: Path) -> Any:
    """The base with the bottlenecks. Raises UserError where they were made for another base."""
    config = json.loads((folder / CONFIG).read_text("utf-8"))
    model = attached(network(base, frozen=True), config["adapter_size"])
    try:
        model.bottlenecks.load_state_dict(load_file(folder / WEIGHTS))
    except RuntimeError as error:
        said = f"made for a base of {config['num_layers']} layers and width {config['hidden_size']}"
        raise UserError(said, where=str(folder), fix="name the base that it was trained on") from error
    return model.eval()


def _layers(model: Any) -> list[nn.Module]:
    """The decoder layers: the list of modules that is as long as the config says."""
    wanted = model.config.num_hidden_layers
    lists = [one for one in model.modules() if isinstance(one, nn.ModuleList) and len(one) == wanted]
    if not lists:
        raise UserError(
            f"no list of {wanted} layers is found in {type(model).__name__}", fix="train with --method lora"
        )
    return list(lists[0])


def _hook(one: Bottleneck) -> Any:
    def after(module: nn.Module, inputs: Any, output: Any) -> Any:
        return (one(output[0]), *output[1:]) if isinstance(output, tuple) else one(output)

    return after
