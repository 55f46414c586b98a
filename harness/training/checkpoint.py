"""A checkpoint: one safetensors file, whole or not there, from which a training goes on as if nothing had happened.

Holds the trained weights, the optimizer, the random state and the place in the data. Knows nothing of losses.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from harness.types import Json

_STATE = "state"


def write(path: Path, tensors: Mapping[str, Tensor], state: Json) -> None:
    """Replace the file at once. Raises OSError where there is no room; then the one before still stands."""
    packed = save({name: one.detach().cpu().contiguous() for name, one in tensors.items()}, {_STATE: json.dumps(state)})
    new = path.with_name(f"{path.name}.new")
    try:
        with new.open("wb") as file:
            file.write(packed)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def read(path: Path) -> tuple[dict[str, Tensor], Json] | None:
    """What was written; None where there is none, or none that can be read."""
    try:
        with safe_open(path, "pt") as file:
            state = json.loads(file.metadata()[_STATE])
            return {name: file.get_tensor(name) for name in file.keys()}, state  # noqa: SIM118 - not a mapping
    except (FileNotFoundError, SafetensorError, ValueError, KeyError):
        return None


def of_optimizer(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Its state as tensors by name."""
    states = optimizer.state_dict()["state"]
    return {f"optimizer.{number}.{name}": one for number, state in states.items() for name, one in state.items()}


def into_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """The reverse of ``of_optimizer``."""
    whole = optimizer.state_dict()
    state: dict[int, dict[str, Tensor]] = {}
    for name, one in tensors.items():
        head, _, rest = name.partition(".")
        if head == "optimizer":
            number, _, key = rest.partition(".")
            state.setdefault(int(number), {})[key] = one
    optimizer.load_state_dict({**whole, "state": state})


def of_randomness() -> dict[str, Tensor]:
    """The state of torch's generators."""
    states = {"random.cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["random.cuda"] = torch.cuda.get_rng_state()
    return states


def into_randomness(tensors: Mapping[str, Tensor]) -> None:
    """The reverse of ``of_randomness``."""
    torch.set_rng_state(tensors["random.cpu"])
    if "random.cuda" in tensors and torch.cuda.is_available():
        torch.cuda.set_rng_state(tensors["random.cuda"])
