"""Model folders and trained folders -> networks and tokenizers. The only way that weights come into memory here.

Safetensors only, no code of a folder is run. On a CPU everything is computed in float32; on a GPU a frozen base is held
in bfloat16.
"""

from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.utils import logging as said_by_transformers

from harness.errors import UserError

# A plain template for tokenizers without one: roles by name, every message ended by the end token.
PLAIN_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] + ': ' + message['content'] | trim + eos_token + '\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}"
)
_REPACKS = "support_avx512bf16_for_cpu"  # of a matrix of bitsandbytes
TEMPLATES = {"": "", "plain": PLAIN_TEMPLATE}

said_by_transformers.set_verbosity_error()  # type: ignore[no-untyped-call]
said_by_transformers.disable_progress_bar()  # type: ignore[no-untyped-call]
logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # int8 on a CPU says at every product that it casts


def device() -> torch.device:
    """A GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def tokenizer(folder: Path, template: str = "") -> Any:
    """The folder's fast tokenizer, with the chat template of that name where the folder has none.

    Raises UserError for a tokenizer without chat template, without end token, or without the fast kind.
    """
    made = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    if template:
        made.chat_template = TEMPLATES[template]
    if not made.chat_template:
        said = "its tokenizer has no chat template: nothing says how messages become text"
        raise UserError(
            said, where=str(folder), fix="add its chat_template.jinja, or take a plain one: --template plain"
        )
    if not made.is_fast or made.eos_token_id is None:
        said = "its tokenizer has no end token, or is not of the fast kind that tells offsets"
        raise UserError(said, where=str(folder), fix="add its tokenizer.json and name its eos_token")
    if made.pad_token_id is None:
        made.pad_token = made.eos_token
    return made


def network(folder: Path, *, frozen: bool, bits: int = 0) -> Any:
    """The causal language model of a folder on the device at hand; ``bits`` 4 or 8 = quantised. Its cache is off."""
    kind = torch.bfloat16 if frozen and device().type == "cuda" else torch.float32
    how: dict[str, Any] = {"dtype": kind, "trust_remote_code": False, "use_safetensors": True}
    if bits:
        how |= {"quantization_config": _quantised(bits, kind), "device_map": {"": device()}}
    try:
        made: Any = AutoModelForCausalLM.from_pretrained(folder, **how)
    except (ValueError, KeyError, OSError, RuntimeError, ImportError) as error:
        said = f"it cannot be loaded as a causal language model: {str(error).strip().splitlines()[0]}"
        raise UserError(said, where=str(folder), fix="name another base, or install what it needs") from error
    made.config.use_cache = False
    _keep_unpacked(made)
    return made if bits else made.to(device())


def freeze(model: nn.Module) -> None:
    """Nothing of it is trained."""
    for parameter in model.parameters():
        parameter.requires_grad_(False)


def trained(model: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that training moves, by name."""
    return {name: one for name, one in model.named_parameters() if one.requires_grad}


def count(model: nn.Module) -> tuple[int, int]:
    """(numbers that are trained, numbers in all); a quantised matrix counts as what it stands for."""
    moved = sum(one.numel() for one in trained(model).values())
    return moved, sum(math.prod(getattr(one, "quant_state", one).shape) for one in model.parameters())


def _keep_unpacked(model: nn.Module) -> None:
    """Some CPUs: bitsandbytes repacks NF4 matrices at the first answer, only those of certain shapes, for good.

    A training goes to and fro between steps and validations, so matrices stay as they are.
    """
    for module in model.modules():
        if hasattr(module, _REPACKS):
            setattr(module, _REPACKS, False)


def _quantised(bits: int, kind: torch.dtype) -> BitsAndBytesConfig:
    in_4 = {
        "load_in_4bit": True,
        "bnb_4bit_quant_type": "nf4",
        "bnb_4bit_use_double_quant": True,
        "bnb_4bit_compute_dtype": kind,
    }
    return BitsAndBytesConfig(**(in_4 if bits == 4 else {"load_in_8bit": True}))  # type: ignore[no-untyped-call]
