"""A trained folder -> a model folder that needs no adapter, where the method allows it."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.errors import UserError
from harness.training import bases, manifest
from harness.training.bases import Base
from harness.training.methods import METHODS, full

_SUMS = ("lora", "qlora")  # methods whose update can be added to the weights


def merge(result: Path, folder: Path) -> None:
    """Write the base with the update of ``result`` added to its weights, as a whole model folder.

    Raises UserError for prefix and adapter, which are no sums of weights, and for a base that is no longer as trained.
    """
    told = manifest.read(result)
    if told.method == full.NAME:
        shutil.copytree(result, folder, dirs_exist_ok=True)
        return
    if told.method not in _SUMS:
        said = f"{told.method} cannot be merged: it adds {'to the context' if told.method == 'prefix' else 'layers'}"
        raise UserError(said, fix="export it without --merged and load it beside its base")
    base = base_of(told)
    folder.mkdir(parents=True, exist_ok=True)
    model = METHODS[told.method].load(base.folder, result)
    full.save(model.merge_and_unload(), base, folder)
    manifest.write(folder, told)


def base_of(told: manifest.Manifest) -> Base:
    """The base that a folder was trained on, by its path, else by name. Raises UserError where it has changed."""
    base = bases.find(told.base if told.base == "embedded" or not Path(told.base_path).is_dir() else told.base_path)
    if bases.digest(base.folder) != told.base_digest:
        said = f"the base {told.base} is not the one that it was trained on: its weights have changed"
        raise UserError(said, where=str(base.folder), fix="train again on this base, or get the former one back")
    return base
