"""The methods by name: one file each, checked against ``Method``. They decide what is trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from harness.training.bases import Base
from harness.training.parameters import KINDS

__all__ = ["METHODS", "Method"]


class Method(Protocol):
    """A way of training: a module with a name and three functions."""

    NAME: str

    def build(self, base: Base, parameters: Any) -> Any:
        """The network of a base with what is to be trained in place, drawn from torch's generator, on the device.

        Exactly those of its parameters that are to be trained require a gradient. ``parameters`` are of the method's
        own kind. Raises UserError for values that do not fit this base.
        """

    def save(self, model: Any, base: Base, folder: Path) -> None:
        """Write what was trained into an empty folder, as safetensors, with what is needed to load it."""

    def load(self, base: Path, folder: Path) -> Any:
        """The network of a base with what ``save`` wrote, ready to answer."""


class _ByName(Mapping[str, Method]):
    """Loads a method when it is asked for: peft and bitsandbytes take seconds, and two of five do without."""

    def __getitem__(self, name: str) -> Method:
        if name not in KINDS:
            raise KeyError(name)
        return cast(Method, import_module(f"{__name__}.{name}"))

    def __iter__(self) -> Iterator[str]:
        return iter(KINDS)

    def __len__(self) -> int:
        return len(KINDS)


METHODS: Mapping[str, Method] = _ByName()

if TYPE_CHECKING:  # the promise of each file, kept by the type checker
    from harness.training.methods import adapter, full, lora, prefix, qlora

    _KEPT: tuple[Method, ...] = (adapter, full, lora, prefix, qlora)
