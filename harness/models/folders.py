"""Which folders a model's name stands for: a base, and perhaps an adapter to be loaded beside it.

A name is "embedded", the path of a model folder or of an adapter folder, or a hub name whose files lie in the local
cache; nothing is fetched. An adapter folder names its base itself. Reads JSON only: no weights, no torch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

EMBEDDED = Path(__file__).parent / "embedded"
RECORD = "harness-training.json"  # what an adapter says of itself beside PEFT's own file
BOTTLENECK = "adapter"  # the method's name here and in ``harness.training``; "BOTTLENECK" in its folder
_PEFT = "adapter_config.json"
_DIGITS = 16  # of a digest


class NotAModelError(ValueError):
    """A name that stands for nothing that can be loaded, with what would help."""


@dataclass(frozen=True)
class Place:
    """Where the parts of a model lie."""

    base: Path  # resolved folder with config.json and the weights
    adapter: Path | None = None  # resolved folder loaded beside it
    method: str = ""  # of the adapter: "lora", "prefix", "adapter", ...

    @property
    def digest(self) -> str:
        """Of all weights: trained anew under the same name it is another model."""
        own = weights_digest(self.base)
        return own if self.adapter is None else f"{own}+{weights_digest(self.adapter)}"


def place_of(model: str) -> Place:
    """The folders behind a name, a provider of ours before it or not.

    Raises NotAModelError, or FileNotFoundError for a path where nothing is.
    """
    for provider in ("embedded:", "local:"):
        model = model.removeprefix(provider)
    if model == "embedded":
        return Place(EMBEDDED)
    folder = Path(model).expanduser()
    if not folder.is_dir():
        return Place(_cached(model))
    folder = folder.resolve()
    if is_adapter(folder):
        base = _base(folder)
        _check_base(folder, base)
        return Place(base, folder, method_of(folder))
    if not (folder / "config.json").is_file():
        raise NotAModelError(
            f"{folder} is no model folder (config.json is missing) and no adapter ({_PEFT} is missing)"
        )
    return Place(folder)


def is_adapter(folder: Path) -> bool:
    """Whether a folder holds an adapter and not a whole model."""
    marked = (folder / _PEFT).is_file() or bool(record_of(folder))
    return marked and not (folder / "config.json").is_file()


def record_of(folder: Path) -> dict[str, Any]:
    """What training wrote down about an adapter, {} for one from elsewhere."""
    return _json(folder / RECORD)


def method_of(folder: Path) -> str:
    """How an adapter was made, in our words: PEFT's "LORA" is "lora", its "PREFIX_TUNING" is "prefix"."""
    kind = str(record_of(folder).get("method") or _json(folder / _PEFT).get("peft_type", "")).lower()
    return BOTTLENECK if kind == "bottleneck" else kind.removesuffix("_tuning")


@cache
def weights_digest(folder: Path) -> str:
    """Of the safetensors files of a folder, in the order of their names; "" when it has none."""
    files = sorted(folder.glob("*.safetensors"))
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:_DIGITS] if files else ""


def _base(adapter: Path) -> Path:
    """The base that an adapter was trained on, wherever it lies now."""
    named = list(dict.fromkeys(filter(None, _names(adapter))))
    for name in named:
        if name == "embedded":
            return EMBEDDED
        for path in (adapter / name, Path(name).expanduser()):
            if (path / "config.json").is_file():
                return path.resolve()
    for name in named:
        try:
            return _cached(name)
        except FileNotFoundError:
            continue
    raise NotAModelError(
        f"the base of the adapter {adapter} is not here: it names {', '.join(named) or 'none'}; "
        f"put that folder back, or write where it lies now as base_model_name_or_path into {adapter / _PEFT}"
    )


def _check_base(adapter: Path, base: Path) -> None:
    """Raise NotAModelError for a base that has changed since: an adapter fits one set of weights."""
    wanted = str(record_of(adapter).get("base_digest") or "")
    if wanted and wanted[:_DIGITS] != weights_digest(base):
        raise NotAModelError(
            f"the adapter {adapter} was trained on other weights than those of {base}; "
            "put the base back as it was, or train again"
        )


def _names(adapter: Path) -> Iterator[str]:
    record = record_of(adapter)
    yield str(record.get("base") or "")
    yield str(record.get("base_path") or "")
    yield str(_json(adapter / _PEFT).get("base_model_name_or_path") or "")


def _cached(name: str) -> Path:
    """The folder of a hub name in the local cache."""
    missing = FileNotFoundError(f"{name} is no folder here, and no model of that name lies in the local hub cache")
    if name.startswith(("/", ".", "~")) or name.count("/") > 1:
        raise missing
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise missing from None
    try:
        return Path(snapshot_download(name, local_files_only=True)).resolve()
    except (OSError, ValueError):  # not in the cache, or no name that a hub could know
        raise missing from None


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise NotAModelError(f"{file} cannot be read: {error}") from error
    return found if isinstance(found, dict) else {}
