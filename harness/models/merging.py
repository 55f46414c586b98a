"""A low-rank adapter added to the weights of its base, by PEFT, and saved as a model of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM


def merge(base: Path, adapter: Path, folder: Path) -> None:
    """In float32: a base in 16 bits would round the update away that training has found."""
    whole: Any = AutoModelForCausalLM.from_pretrained(
        base, dtype=torch.float32, use_safetensors=True, local_files_only=True, trust_remote_code=False
    )
    PeftModel.from_pretrained(whole, adapter).merge_and_unload().save_pretrained(folder)
