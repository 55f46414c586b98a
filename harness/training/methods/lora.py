"""LoRA: low-rank updates of the linear layers, by peft (Hu et al. 2021). Base rate: see ``rates``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from peft import LoraConfig, PeftModel, get_peft_model
from torch import nn

from harness.errors import UserError
from harness.training.bases import Base
from harness.training.parameters import Lora
from harness.training.weights import network

NAME = "lora"


def build(base: Base, parameters: Lora) -> Any:
    """The frozen base with updates that begin at zero."""
    return wrapped(network(base.folder, frozen=True), parameters)


def wrapped(model: Any, parameters: Lora) -> Any:
    """Updates on a network at hand. Raises UserError for target modules that it has not."""
    linear = sorted({name.rpartition(".")[2] for name, one in model.named_modules() if isinstance(one, nn.Linear)})
    if unknown := [name for name in parameters.target_modules if name not in linear]:
        said = f"target_modules names {', '.join(unknown)}, which this base has not"
        raise UserError(said, fix=f"of {', '.join(linear)}")
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=parameters.lora_rank,
        lora_alpha=parameters.lora_alpha,  # type: ignore[arg-type]  # peft divides by the rank, any number will do
        lora_dropout=parameters.lora_dropout,
        target_modules=list(parameters.target_modules) or "all-linear",
    )
    return get_peft_model(model, config)


def save(model: Any, base: Base, folder: Path) -> None:
    """The PEFT layout."""
    model.save_pretrained(folder, safe_serialization=True)
    (folder / "README.md").unlink(missing_ok=True)  # peft's form to be filled in


def load(base: Path, folder: Path) -> Any:
    """The base with the updates beside its weights; ``merge_and_unload`` of it adds them up."""
    return PeftModel.from_pretrained(network(base, frozen=True), folder).eval()
