"""QLoRA: LoRA over a base in 4 bits (NF4, Dettmers et al. 2023) or 8 (int8), by bitsandbytes. Base rate: see ``rates``.

What is saved is a plain LoRA folder; it is loaded over the base as it is, not quantised.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.training.bases import Base
from harness.training.methods import lora
from harness.training.parameters import QLora
from harness.training.weights import freeze, network

NAME = "qlora"


def build(base: Base, parameters: QLora) -> Any:
    """The frozen, quantised base with updates that begin at zero."""
    model = network(base.folder, frozen=True, bits=parameters.quantization_bits)
    freeze(model)
    return lora.wrapped(model, parameters)


def save(model: Any, base: Base, folder: Path) -> None:
    """As LoRA."""
    lora.save(model, base, folder)


def load(base: Path, folder: Path) -> Any:
    """As LoRA."""
    return lora.load(base, folder)
