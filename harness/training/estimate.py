"""What a training will take: memory from the shape of base and method, time from a measured pace. Arithmetic only.

The memory of activations is counted as in Korthikanti et al. 2022, 34 bytes a token, layer and unit of width in half
precision, twice that in float32.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from harness.training.bases import Base
from harness.training.parameters import Adapter, Lora, Parameters, Prefix, QLora

_FLOOR = 530e6  # bytes of a process that has loaded torch, transformers and peft and nothing else (benchmarks.training)
_FLOAT = 4
_ACTIVATION = 68  # bytes a token, layer and unit of width, float32
_LOGIT = 4 * _FLOAT  # bytes a token and entry of the vocabulary: logits, their logarithms, both gradients
_TRAINED = 3 * _FLOAT  # bytes a trained number beside its own: gradient and AdamW's two means
_QUANTISED = {4: 0.56, 8: 1.06}  # bytes a number, its scale included
_USUAL = 256  # tokens of a long example, where no data has been read
_WANT = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate memory", "std::bad_alloc")


@dataclass(frozen=True, slots=True)
class Estimate:
    """Before the start."""

    memory: float  # bytes at the peak, the process itself included
    available: float  # bytes that are free now
    trained: int  # numbers that move
    tokens: int  # to be trained on, should it not stop early
    seconds: float | None = None  # None = no pace is known yet
    usd: float | None = None  # None = no price or no time is known


def memory(base: Base, method: str, chosen: Parameters, longest: int = _USUAL) -> float:
    """Bytes at the peak. ``longest`` = tokens of the longest example."""
    moved = trained(base, method, chosen)
    added = 0 if method == "full" else moved * _FLOAT
    return _FLOOR + _weights(base, chosen) + added + moved * _TRAINED + _activations(base, chosen, longest)


def trained(base: Base, method: str, chosen: Parameters) -> int:
    """Numbers that the method moves."""
    if isinstance(chosen, Lora):
        names = chosen.target_modules or tuple(base.linear)
        return chosen.lora_rank * sum(base.linear[name][1] for name in names if name in base.linear)
    if isinstance(chosen, Prefix):
        return chosen.prefix_length * base.cached
    if isinstance(chosen, Adapter):
        return base.layers * (2 * base.hidden * chosen.adapter_size + base.hidden + chosen.adapter_size)
    return base.parameters


def available() -> float:
    """Bytes that are free, on Linux as the kernel reckons; elsewhere all that are built in."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:  # noqa: PTH123 - no file that has a size
            found = next(line for line in file if line.startswith("MemAvailable:"))
        return 1024.0 * int(found.split()[1])
    except (OSError, StopIteration, ValueError):
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


def what_fits(base: Base, method: str, chosen: Parameters, longest: int = _USUAL, room: float = 0.0) -> str:
    """The mildest change of settings that fits into ``room`` bytes (what is free now), as words of a command."""
    room = room or available()
    kept, words = chosen, "start it again"
    while kept.batch_size > 1:
        kept = replace(
            kept, batch_size=max(kept.batch_size // 2, 1), gradient_accumulation=kept.gradient_accumulation * 2
        )
        words = f"--set batch_size={kept.batch_size} --set gradient_accumulation={kept.gradient_accumulation}"
        if memory(base, method, kept, longest) < room:
            return f"{words}: the same steps in less memory, about {memory(base, method, kept, longest) / 1e9:.1f} GB"
    if method != "prefix":
        kept = replace(kept, gradient_checkpointing=True)
        words += " --set gradient_checkpointing=true"
        if memory(base, method, kept, longest) < room:
            return words
    if method != "qlora" and memory(base, "qlora", QLora(batch_size=1), longest) < room:
        return "--method qlora --set batch_size=1"
    return "a smaller base, shorter examples (--set max_length=...), or a machine with more memory"


def is_want_of_memory(error: BaseException) -> bool:
    """Whether an error is torch's or Python's way of saying that memory has run out."""
    return isinstance(error, MemoryError) or any(words in str(error).lower() for words in _WANT)


def _weights(base: Base, chosen: Parameters) -> float:
    """Bytes of the base in memory; of a quantised one only the linear layers are small."""
    if not isinstance(chosen, QLora):
        return float(base.parameters * _FLOAT)
    linear = sum(numbers for numbers, _ in base.linear.values())
    return (base.parameters - linear) * _FLOAT + linear * _QUANTISED[chosen.quantization_bits]


def _activations(base: Base, chosen: Parameters, longest: int) -> float:
    tokens = chosen.batch_size * min(longest, chosen.max_length or longest, base.context)
    layers = 1 + base.layers * _FLOAT / _ACTIVATION if chosen.gradient_checkpointing else base.layers
    return tokens * (layers * base.hidden * _ACTIVATION + base.vocabulary * _LOGIT)
