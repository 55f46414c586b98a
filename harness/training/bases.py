"""The model folder that a training starts from: found, checked and measured without loading it.

Safetensors only, and no code of the folder is run: weights in pickle could run any. Knows no tensors.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import models
from harness.errors import UserError

ATTENDING = ("full_attention", "sliding_attention", "chunked_attention")  # kinds of layers with keys and values
_EMBEDDED = Path(models.__file__).parent / "embedded"
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt")
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")
_EMBEDDING = re.compile(r"embed|wte|wpe|lm_head")  # no linear layer of a block
_HEADER = 8  # bytes that give the length of a safetensors header
_CONTEXT = 2048  # tokens, where a config names none


@dataclass(frozen=True, slots=True)
class Base:
    """A checked model folder."""

    name: str  # as the user named it
    folder: Path
    parameters: int  # numbers in its weights
    hidden: int  # width
    layers: int
    vocabulary: int
    cached: int  # numbers that attention keeps of one token: keys and values of every layer that attends
    context: int  # tokens
    has_template: bool  # whether its tokenizer has a chat template
    linear: Mapping[str, tuple[int, int]]  # by name of a linear layer: numbers of all of that name, and of their edges


def find(name: str) -> Base:
    """The base called "embedded", or in a folder, or at the hub (from its cache where there is no network).

    Raises UserError for one that is unknown, incomplete, damaged, or has its weights in pickle.
    """
    return examined(name, _folder(name))


def examined(name: str, folder: Path) -> Base:
    """The folder's facts. Raises UserError with what stands in the way."""
    config = _config(folder)
    if not any((folder / one).is_file() for one in _TOKENIZERS):
        raise UserError("there is no tokenizer in the folder", where=str(folder), fix="add its tokenizer.json")
    shapes = {name: shape for path in _weights(folder) for name, shape in _shapes(path).items()}
    text = config.get("text_config", config)
    return Base(
        name=name,
        folder=folder,
        parameters=sum(map(math.prod, shapes.values())),
        hidden=int(text.get("hidden_size") or text.get("n_embd") or text.get("d_model") or 0) or 1,
        layers=int(text.get("num_hidden_layers") or text.get("n_layer") or 1),
        vocabulary=int(text.get("vocab_size") or 1),
        cached=_cached(text),
        context=int(text.get("max_position_embeddings") or text.get("n_positions") or _CONTEXT),
        has_template=_has_template(folder),
        linear=_linear(shapes),
    )


def digest(folder: Path) -> str:
    """sha-256, hex, over the folder's safetensors files in the order of their names."""
    told = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            told.update(hashlib.file_digest(file, "sha256").digest())
    return told.hexdigest()


def _folder(name: str) -> Path:
    if name == "embedded":
        return _EMBEDDED
    path = Path(name).expanduser()
    if path.is_dir():
        return path.resolve()
    fix = "`embedded`, a folder with config.json and *.safetensors, or a name as the hub has it, ORGANISATION/MODEL"
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        raise UserError(f"there is no base {name!r}", fix=fix)
    return _from_hub(name, fix)


def _from_hub(name: str, fix: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
    except ImportError as error:
        raise UserError(
            f"a base of the hub needs more ({error})", fix="pip install 'langgraph-harness[train]'"
        ) from error
    wanted = ["*.safetensors", "*.json", "*.jinja", "tokenizer.model"]
    try:
        return Path(snapshot_download(name, allow_patterns=wanted))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        said = str(error).strip().splitlines()[0]
        raise UserError(f"the base {name!r} is neither here nor at the hub: {said}", fix=fix) from error


def _config(folder: Path) -> Mapping[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        fix = "name the folder of a causal language model"
        raise UserError(f"its config.json cannot be read: {error}", where=str(folder), fix=fix) from error
    if not isinstance(config, dict):
        raise UserError("its config.json is no object", where=str(folder), fix="name the folder of a language model")
    return config


def _weights(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.safetensors"))
    if found:
        return found
    pickled = [path.name for pattern in _PICKLES for path in sorted(folder.glob(pattern))]
    if pickled:
        said = f"its weights are pickle ({pickled[0]}), which can run any code when read: refused"
        fix = "save the model again with safetensors: model.save_pretrained(folder, safe_serialization=True)"
        raise UserError(said, where=str(folder), fix=fix)
    raise UserError("there are no weights in the folder", where=str(folder), fix="add its *.safetensors")


def _shapes(path: Path) -> dict[str, list[int]]:
    """Shape by name of a safetensors file. Raises UserError where header and file do not fit together."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(_HEADER), "little")
            if length > path.stat().st_size:
                raise ValueError("its header is longer than the file")
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        if max(one["data_offsets"][1] for one in header.values()) + _HEADER + length != path.stat().st_size:
            raise ValueError("it is shorter or longer than its header says")
        return {name: one["shape"] for name, one in header.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        fix = "get the file again: it was damaged or cut off on its way"
        raise UserError(f"not a sound safetensors file: {error}", where=str(path), fix=fix) from error


def _cached(text: Mapping[str, Any]) -> int:
    heads = int(text.get("num_attention_heads") or text.get("n_head") or 1)
    width = int(text.get("head_dim") or (text.get("hidden_size") or text.get("n_embd") or heads) // heads)
    kinds = text.get("layer_types") or [ATTENDING[0]] * int(text.get("num_hidden_layers") or text.get("n_layer") or 1)
    return sum(kind in ATTENDING for kind in kinds) * 2 * int(text.get("num_key_value_heads") or heads) * width


def _linear(shapes: Mapping[str, list[int]]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for path, shape in shapes.items():
        name = path.removesuffix(".weight").rpartition(".")[2]
        if path.endswith(".weight") and len(shape) == 2 and not _EMBEDDING.search(path):
            numbers, edges = found.get(name, (0, 0))
            found[name] = numbers + math.prod(shape), edges + sum(shape)
    return found


def _has_template(folder: Path) -> bool:
    if (folder / "chat_template.jinja").is_file():
        return True
    try:
        return bool(json.loads((folder / "tokenizer_config.json").read_text("utf-8")).get("chat_template"))
    except (OSError, ValueError, AttributeError):
        return False
