"""A low-rank adapter added to the weights of its base, by PEFT, and saved as a model of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM

from harness.models.folders import NotAModelError


def merge(base: Path, adapter: Path, folder: Path) -> None:
    """In float32: a base in 16 bits would round the update away that training has found.

    Raises NotAModelError for an adapter that does not fit or cannot be read.
    """
    whole: Any = AutoModelForCausalLM.from_pretrained(
        base, dtype=torch.float32, use_safetensors=True, local_files_only=True, trust_remote_code=False
    )
    try:
        beside = PeftModel.from_pretrained(whole, adapter)
    except (SafetensorError, RuntimeError) as error:
        said = str(error).strip().splitlines()[0]
        raise NotAModelError(f"the adapter {adapter} is damaged or made for another base: {said}") from error
    beside.merge_and_unload().save_pretrained(folder)
