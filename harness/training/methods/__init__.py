"""The methods by name: one file each, checked against ``Method``. They decide what is trained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from harness.training.bases import Base
from harness.training.methods import adapter, full, lora, prefix, qlora

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


METHODS: Mapping[str, Method] = {one.NAME: one for one in (full, lora, qlora, prefix, adapter)}
