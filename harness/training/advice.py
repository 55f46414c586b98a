"""Which method to take: the rule of thumb, and one advice with its reason for a base and a machine. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harness.training.bases import Base
from harness.training.estimate import memory
from harness.training.parameters import read

# For a base of about 7 billion parameters on one GPU.
THUMB = (
    ("80 GB and more, a new domain, cost no concern", "full"),
    ("24 GB and more, a first job, unsure", "lora with lora_rank=8"),
    ("16 GB or less", "qlora"),
    ("8 GB, a minor change of behaviour", "prefix"),
    ("many tasks or tenants on one base", "adapter, or lora"),
)
USES = {
    "full": "a new domain; leaves a whole model",
    "lora": "the first to try; merges into the base",
    "qlora": "as lora, where memory is short",
    "prefix": "small changes; cannot be merged",
    "adapter": "many tasks on one base; cannot be merged",
}
_ORDER = ("lora", "qlora", "prefix")  # the first that fits is advised


@dataclass(frozen=True, slots=True)
class Advice:
    """One method with its reason."""

    method: str  # "" = none fits
    reason: str


def advise(base: Base, room: float) -> Advice:
    """The method for a first job on a base in ``room`` bytes of memory."""
    needs = {name: memory(base, name, read(name, {})) for name in (*_ORDER, "full")}
    told = {name: f"{taken / 1e9:.1f} GB" for name, taken in needs.items()}
    if needs["lora"] <= room:
        also = f"full needs about {told['full']}" + (
            ", which fits too" if needs["full"] <= room else ", which does not fit"
        )
        said = f"needs about {told['lora']} of {room / 1e9:.1f} GB; a first job learns most from it; {also}"
        return Advice("lora", said)
    for name in _ORDER[1:]:
        if needs[name] <= room:
            return Advice(name, f"lora needs about {told['lora']} of {room / 1e9:.1f} GB, {name} about {told[name]}")
    return Advice(
        "", f"the least is qlora with about {told['qlora']}, and there are {room / 1e9:.1f} GB: take a smaller base"
    )
