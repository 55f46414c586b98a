"""A trained folder -> a network that answers, whatever the method. For whoever serves it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.errors import UserError
from harness.training import bases, manifest
from harness.training.bases import Base
from harness.training.methods import METHODS


def load(folder: Path) -> Any:
    """The network on its base, in evaluation mode. Raises UserError where the base is gone or has changed."""
    told = manifest.read(folder)
    return METHODS[told.method].load(_base_of(told).folder, folder)


def _base_of(told: manifest.Manifest) -> Base:
    """The base that a folder was trained on, by its path, else by name. Raises UserError where it has changed."""
    base = bases.find(told.base if told.base == "embedded" or not Path(told.base_path).is_dir() else told.base_path)
    if bases.digest(base.folder) != told.base_digest:
        said = f"the base {told.base} is not the one that it was trained on: its weights have changed"
        raise UserError(said, where=str(base.folder), fix="train again on this base, or get the former one back")
    return base
