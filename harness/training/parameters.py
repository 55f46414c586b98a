"""What a training job can be told, by method: frozen, typed, each value with its range, meaning and unit.

Names are the house's; those of common training APIs (``nEpochs``, ``loraRank``, ``quantizationBits``) are accepted.
Knows no tensors.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, get_args, get_type_hints

from harness.errors import HarnessError, Problems, UserError
from harness.types import Json

_INF = float("inf")
_ALIASES = {"n_epochs": "epochs", "num_epochs": "epochs", "lora_target_modules": "target_modules"}


def ranged(default: Any, meaning: str, low: float = -_INF, high: float = _INF, *, above: bool = False) -> Any:
    """A field from ``low`` to ``high``; ``above`` = low itself is out."""
    return field(default=default, metadata={"meaning": meaning, "low": low, "high": high, "above": above})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What every method takes; all there is for full."""

    epochs: int | None = ranged(None, "passes over the data; left out = 3, more for small sets", 1, 50)
    batch_size: int = ranged(4, "examples of one forward pass", 1)
    learning_rate_multiplier: float = ranged(1.0, "factor on the method's base rate", 0.01, 10)
    prompt_loss_weight: float = ranged(0.01, "weight of a prompt token in the loss; an answer token has 1", 0, 1)
    validation_split: float = ranged(0.2, "share of the groups set aside for validation", 0, 0.5)
    warmup_ratio: float = ranged(0.1, "share of the steps until the full rate", 0, 0.5)
    weight_decay: float = ranged(0.01, "of AdamW, on matrices only", 0, 1)
    patience: int = ranged(3, "validations without improvement before it stops", 1, 50)
    min_improvement: float = ranged(0.01, "fall of the validation loss that counts, nats a token", 0, 1)
    gradient_accumulation: int = ranged(1, "forward passes of one step", 1, 1024)
    gradient_checkpointing: bool = ranged(False, "compute activations twice to save memory; not with prefix")
    max_length: int | None = ranged(None, "tokens of an example at most; left out = the base's context", 8)
    seed: int = ranged(42, "of every draw", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lora(Parameters):
    """Low-rank updates of linear layers."""

    lora_rank: int = ranged(8, "rank of the update; 8 to 64 is typical", 1, 256)
    lora_alpha: float = ranged(16.0, "scale of the update; left out = 2 x rank", 0, above=True)
    lora_dropout: float = ranged(0.1, "share of inputs dropped while training", 0, 1)
    target_modules: tuple[str, ...] = ranged((), "names of linear layers; none = all of them but the head")


@dataclass(frozen=True, slots=True, kw_only=True)
class QLora(Lora):
    """LoRA over a quantised base."""

    quantization_bits: int = ranged(4, "4 = NF4, 8 = int8", 4, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix(Parameters):
    """Trained keys and values in front of every attention layer's own."""

    prefix_length: int = ranged(20, "virtual tokens", 1, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter(Parameters):
    """A bottleneck after every layer."""

    adapter_size: int = ranged(64, "width of the bottleneck", 1, 4096)


KINDS: Mapping[str, type[Parameters]] = {
    "full": Parameters,
    "lora": Lora,
    "qlora": QLora,
    "prefix": Prefix,
    "adapter": Adapter,
}


def read(method: str, given: Mapping[str, Json]) -> Parameters:
    """The parameters of a method from raw values by name; texts such as "8" are read as what the field is.

    Raises UserError for an unknown method, Problems that name every parameter that is unknown, of another method, of
    another type or out of its range.
    """
    if method not in KINDS:
        raise UserError(f"there is no method {method!r}", fix=f"one of {', '.join(KINDS)}")
    kind = KINDS[method]
    known = {one.name: one for one in fields(kind)}
    findings: list[HarnessError] = []
    values: dict[str, Any] = {}
    for name, raw in ((canonical(name), raw) for name, raw in given.items()):
        try:
            values[name] = (
                _value(known[name], get_type_hints(kind)[name], raw) if name in known else _stray(name, method)
            )
        except UserError as error:
            findings.append(error)
    findings += _together(method, values)
    if findings:
        raise Problems(findings)
    if "lora_rank" in values and "lora_alpha" not in values:
        values["lora_alpha"] = 2.0 * values["lora_rank"]
    return kind(**values)


def canonical(name: str) -> str:
    """``loraRank`` and ``lora-rank`` as ``lora_rank``; other common names as ours."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip()).lower().replace("-", "_")
    return _ALIASES.get(snake, snake)


def told(method: str) -> Iterator[tuple[str, str, str, str]]:
    """(name, range, default, meaning) of each parameter of a method."""
    hints = get_type_hints(KINDS[method])
    for one in fields(KINDS[method]):
        default = "-" if one.default in (None, (), MISSING) else str(one.default)
        yield one.name, range_of(one, hints[one.name]), default, one.metadata["meaning"]


def range_of(one: Field[Any], hint: Any) -> str:
    """ "1 to 50", "1 or more", "above 0", "4 or 8", "true or false", "names, by commas"."""
    if one.name == "quantization_bits":
        return "4 or 8"
    if hint is bool:
        return "true or false"
    if hint == tuple[str, ...]:
        return "names, by commas"
    low, high = one.metadata["low"], one.metadata["high"]
    if high == _INF:
        return f"above {low:g}" if one.metadata["above"] else f"{low:g} or more"
    return f"{low:g} to {high:g}"


def _stray(name: str, method: str) -> Any:
    """Raises UserError: what the name is, if not a parameter of this method."""
    owners = [other for other, kind in KINDS.items() if name in {one.name for one in fields(kind)}]
    if owners:
        said = f"{name} is a parameter of {' and '.join(owners)}, not of {method}"
        raise UserError(said, fix=f"leave it out, or train with --method {owners[0]}")
    names = ", ".join(one.name for one in fields(KINDS[method]))
    raise UserError(f"{name} is no parameter of a training", fix=f"{method} takes {names}")


def _value(one: Field[Any], hint: Any, raw: Json) -> Any:
    """The value of one field. Raises UserError with its range."""
    kind = next((part for part in get_args(hint) if part is not type(None)), hint) if hint != tuple[str, ...] else tuple
    try:
        value = _as(kind, raw)
    except (TypeError, ValueError, OverflowError):  # no number, or an infinite one where a whole one is wanted
        value = None
    low, high, above = (one.metadata[key] for key in ("low", "high", "above"))
    fits = value is not None and (not isinstance(value, int | float) or (low <= value <= high and math.isfinite(value)))
    if not fits or (above and value == low) or (one.name == "quantization_bits" and value not in (4, 8)):
        words = "a whole number, " if kind is int else ""
        raise UserError(f"{one.name} is {raw!r}", fix=f"{words}{range_of(one, hint)}: {one.metadata['meaning']}")
    return value


def _as(kind: type, raw: Json) -> Any:
    if kind is tuple:
        parts = raw.split(",") if isinstance(raw, str) else raw
        if not isinstance(parts, list) or not all(isinstance(part, str) and part.strip() for part in parts):
            raise ValueError(raw)
        return tuple(str(part).strip() for part in parts)
    if kind is bool:
        return {"true": True, "false": False}[str(raw).lower()] if str(raw).lower() in ("true", "false") else None
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise TypeError(raw)
    if kind is int and isinstance(raw, float) and raw != int(raw):
        raise ValueError(raw)
    return kind(raw)


def _together(method: str, values: Mapping[str, Any]) -> Iterator[UserError]:
    if method == "prefix" and values.get("gradient_checkpointing"):
        said = "gradient_checkpointing cannot go with prefix: it drops the cache that the prefix lives in"
        yield UserError(said, fix="leave it out, or train with --method lora")
