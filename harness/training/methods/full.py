"""Full: every weight moves. The result is a whole model folder like the base. Base rate: see ``rates``."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from safetensors import safe_open
from torch import dtype

from harness.training.bases import Base
from harness.training.parameters import Parameters
from harness.training.weights import network

NAME = "full"
_KEPT = ("*.json", "*.jinja", "*.txt", "tokenizer.model")  # of the base, beside its weights


def build(base: Base, parameters: Parameters) -> Any:
    """The base itself, in float32."""
    return network(base.folder, frozen=False)


def save(model: Any, base: Base, folder: Path) -> None:
    """A model folder in the number format of the base."""
    for path in (path for pattern in _KEPT for path in base.folder.glob(pattern)):
        if not path.name.endswith(".index.json"):
            shutil.copyfile(path, folder / path.name)
    kind = _kind_of(base.folder)
    state = {name: one.detach().to(kind) for name, one in model.state_dict().items()}
    model.config.dtype = kind
    model.save_pretrained(folder, state_dict=state)


def load(base: Path, folder: Path) -> Any:
    """The trained folder; the base is not needed."""
    return network(folder, frozen=False).eval()


def _kind_of(folder: Path) -> dtype:
    """The number format of the first matrix of a folder."""
    with safe_open(next(iter(sorted(folder.glob("*.safetensors")))), "pt") as file:
        kind: dtype = file.get_tensor(next(iter(file.keys()))).dtype
        return kind
