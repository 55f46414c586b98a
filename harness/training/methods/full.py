"""Full: every weight moves. The result is a whole model folder like the base. Base rate: see ``rates``."""

from __future__ import annotations

import json
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
    seen: dict[int, str] = {}  # a matrix that two names share is written once
    whole = model.state_dict(keep_vars=True)
    for name, one in whole.items():
        seen.setdefault(id(one), name)
    state = {name: one.detach().to(kind) for name, one in whole.items() if seen[id(one)] == name}
    model.save_pretrained(folder, state_dict=state)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    told = {**config, "dtype": str(kind).removeprefix("torch.")}  # of the file, not of the network in memory
    (folder / "config.json").write_text(json.dumps(told, indent=2) + "\n", "utf-8")


def load(base: Path, folder: Path) -> Any:
    """The trained folder; the base is not needed."""
    return network(folder, frozen=False).eval()


def _kind_of(folder: Path) -> dtype:
    """The number format of the first matrix of a folder."""
    with safe_open(next(iter(sorted(folder.glob("*.safetensors")))), "pt") as file:
        kind: dtype = file.get_tensor(next(iter(file.keys()))).dtype
        return kind
