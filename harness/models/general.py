"""Any causal language model that transformers can load, as what one forward pass of a cohort needs of it.

Adapters lie beside the base, which is loaded once: those of PEFT that change weights are switched on for a pass, a
prefix is written into the cache before the prompt. Knows nothing of requests, text or threads.
"""

from __future__ import annotations

import inspect
import os
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor
from transformers import AutoModelForCausalLM, DynamicCache
from transformers.utils import logging

from harness.models.bottlenecks import Bottleneck, read_bottlenecks
from harness.models.folders import BOTTLENECK, NotAModelError, method_of
from harness.models.prefixes import read_prefix

_SMALL = 20_000_000  # parameters up to which barriers between threads cost more than they save
_CONTEXT = 2048  # positions where the config names none


class General:
    """A base in memory, on the GPU where there is one. Not thread-safe: the engine's thread owns it."""

    def __init__(self, folder: Path, eos_id: int | None = None) -> None:
        """``eos_id`` is the tokenizer's, which ends an answer beside those that the config names."""
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = _load(folder, self.device)
        config = self.model.config.get_text_config()
        self.context = int(getattr(config, "max_position_embeddings", None) or _CONTEXT)
        self.eos_ids = _eos_ids(self.model) | frozenset([] if eos_id is None else [eos_id])
        small = sum(p.numel() for p in self.model.parameters()) < _SMALL
        self.threads = 1 if small or self.device.type == "cuda" else max((os.cpu_count() or 1), 1)
        self._takes = set(inspect.signature(self.model.forward).parameters)
        if "past_key_values" not in self._takes:
            raise NotAModelError(
                f"{folder} is a {config.model_type} model, which keeps no keys and values to go on from"
            )
        self._peft: Any = None  # PEFT's own wrapper, made with the first adapter that changes weights
        self._names: dict[Path, str] = {}  # adapter -> its name within PEFT
        self._prefixes: dict[Path, Tensor] = {}
        self._bottlenecks: dict[Path, tuple[Bottleneck, ...]] = {}
        self._after: tuple[Bottleneck, ...] = ()  # of the adapter that is switched on

    def cache(self, rows: int, adapter: Path | None) -> Any:
        """An empty cache for so many rows, with the adapter's prefix in it where that is one."""
        cache = DynamicCache(config=self.model.config)
        if (prefix := self._prefix(adapter)) is not None:
            layers = [layer for layer in range(len(cache.layers)) if hasattr(cache.layers[layer], "keys")]
            for place, layer in enumerate(layers):
                # A prefix of PEFT counts all layers, one made for a mixed architecture those with attention.
                keys, values = prefix[layer if len(prefix) == len(cache.layers) else place]
                cache.update(*(part.expand(rows, -1, -1, -1).contiguous() for part in (keys, values)), layer)
        return cache

    def prefixed(self, adapter: Path | None) -> int:
        """Positions that stand before the prompt."""
        prefix = self._prefix(adapter)
        return 0 if prefix is None else prefix.shape[4]

    @torch.inference_mode()
    def forward(self, ids: Tensor, mask: Tensor, cache: Any, adapter: Path | None) -> Tensor:
        """Logits [R, V] in float32 on the CPU of each row's next token; ``cache`` takes what was fed.

        ``ids`` [R, N] are padded on the left; ``mask`` [R, T + N] is 1 for every position of the cache and of ``ids``
        that is no padding.
        """
        self._switch(adapter)
        given: dict[str, Any] = {"input_ids": ids, "attention_mask": mask, "past_key_values": cache, "use_cache": True}
        if "position_ids" in self._takes:
            given["position_ids"] = (mask.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        if "logits_to_keep" in self._takes:
            given["logits_to_keep"] = 1
        found = self.model(**{name: self._here(value) for name, value in given.items()})
        logits: Tensor = found.logits[:, -1].float().cpu()
        return logits

    def _here(self, value: Any) -> Any:
        return value.to(self.device) if isinstance(value, Tensor) else value

    def _prefix(self, adapter: Path | None) -> Tensor | None:
        if adapter is None or method_of(adapter) != "prefix":
            return None
        if adapter not in self._prefixes:
            self._prefixes[adapter] = read_prefix(adapter).to(self.device, self.model.dtype)
        return self._prefixes[adapter]

    def _switch(self, adapter: Path | None) -> None:
        """Let the next pass go through this adapter's weights and no others."""
        method = "" if adapter is None else method_of(adapter)
        self._after = self._behind(adapter) if adapter is not None and method == BOTTLENECK else ()
        if adapter is None or method in ("prefix", BOTTLENECK):
            if self._peft is not None:
                self._peft.base_model.disable_adapter_layers()
            return
        if adapter not in self._names:
            self._attach(adapter)
        self._peft.base_model.enable_adapter_layers()
        self._peft.set_adapter(self._names[adapter])

    def _behind(self, adapter: Path) -> tuple[Bottleneck, ...]:
        """What follows each layer, with hooks that look there once one is known."""
        if adapter not in self._bottlenecks:
            layers = _layers(self.model)
            read = read_bottlenecks(adapter, len(layers), self.model.config.get_text_config().hidden_size)
            for at, layer in enumerate(layers if not self._bottlenecks else ()):
                layer.register_forward_hook(partial(self._follow, at))
            self._bottlenecks[adapter] = tuple(one.to(self.device) for one in read)
        return self._bottlenecks[adapter]

    def _follow(self, at: int, _layer: Any, _given: Any, output: Any) -> Any:
        if not self._after:
            return output
        after = self._after[at].after
        return (after(output[0]), *output[1:]) if isinstance(output, tuple) else after(output)

    def _attach(self, adapter: Path) -> None:
        from peft import PeftModel  # seconds, and only where an adapter is used

        if not (adapter / "adapter_model.safetensors").is_file():
            raise NotAModelError(f"{adapter} has no adapter_model.safetensors; pickled weights are not read")
        name = f"adapter{len(self._names)}"
        if self._peft is None:
            self._peft = PeftModel.from_pretrained(self.model, adapter, adapter_name=name).eval()
        else:
            self._peft.load_adapter(adapter, adapter_name=name)
            self._peft.eval()
        self._names[adapter] = name


def _load(folder: Path, device: torch.device) -> Any:
    if not any(folder.glob("*.safetensors")):
        pickled = any(folder.glob("*.bin")) or any(folder.glob("*.pt"))
        what = "holds pickled weights, which can run code when they are read" if pickled else "holds no weights"
        raise NotAModelError(f"{folder} {what}; save it with save_pretrained, which writes safetensors")
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    quiet: Any = logging.disable_progress_bar
    quiet()
    try:
        model: Any = AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, use_safetensors=True, local_files_only=True, trust_remote_code=False
        )
    except (SafetensorError, ValueError, OSError, KeyError) as error:
        raise NotAModelError(f"{folder} cannot be loaded: {str(error).strip().partition(chr(10))[0]}") from error
    return model.eval().requires_grad_(False).to(device)


def _layers(model: Any) -> list[Any]:
    """The decoder layers: the list of modules that is as long as the config says."""
    wanted = model.config.get_text_config().num_hidden_layers
    lists = [one for one in model.modules() if isinstance(one, torch.nn.ModuleList) and len(one) == wanted]
    if not lists:
        raise NotAModelError(f"no list of {wanted} layers is found in {type(model).__name__}")
    return list(lists[0])


def _eos_ids(model: Any) -> frozenset[int]:
    """Tokens that end an answer: what generation_config.json says, else the config."""
    found: set[int] = set()
    for config in (model.generation_config, model.config.get_text_config()):
        ids = getattr(config, "eos_token_id", None)
        found |= {ids} if isinstance(ids, int) else set(ids or ())
    return frozenset(found)
