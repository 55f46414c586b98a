"""A trained folder -> a network that answers, whatever the method. For whoever serves it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.training import manifest
from harness.training.merging import base_of
from harness.training.methods import METHODS


def load(folder: Path) -> Any:
    """The network on its base, in evaluation mode. Raises UserError where the base is gone or has changed."""
    told = manifest.read(folder)
    return METHODS[told.method].load(base_of(told).folder, folder)
