"""Frozen dataclasses to plain JSON values and back, strictly. Knows no database and no field by name.

Reading back: an unknown key, a missing one without a default, and a value of another type are refused with the path to
it. A missing key with a default is a record of an older version and takes the default. An int stands for a float.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from harness.types import Json

T = TypeVar("T")
Decode = Callable[[Any], Any]


class CodecError(ValueError):
    """A value that does not fit its type; the text begins with the path to it."""

    def __init__(self, what: str, path: str = "") -> None:
        super().__init__(f"{path.lstrip('.') or 'value'}: {what}")
        self.what, self.path = what, path

    def under(self, step: str) -> CodecError:
        """The same error seen from one level up."""
        return CodecError(self.what, step + self.path)


def to_json(value: object) -> Json:
    """Plain JSON value of a dataclass, a container or a scalar; tuples become lists. Raises CodecError for others."""
    if value is None or isinstance(value, str | int | float):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _inside(f".{f.name}", getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {_key(key): _inside(f".{key}", item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_inside(f"[{i}]", item) for i, item in enumerate(value)]
    raise CodecError(f"{type(value).__name__} has no JSON form")


def from_json(kind: type[T], data: Json) -> T:
    """The value of type ``kind`` (a dataclass, ``tuple[Score, ...]``, ``dict``, ...) that ``data`` stands for.

    ``data`` is what json.loads gives. Raises CodecError.
    """
    value: T = _decoder(cast(Hashable, kind))(data)
    return value


def _inside(step: str, value: object) -> Json:
    try:
        return to_json(value)
    except CodecError as error:
        raise error.under(step) from None


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise CodecError(f"key {key!r} is not a string")
    return key


@cache
def _decoder(kind: Any) -> Decode:
    """How to read ``kind``; built once per type, because thousands of runs are read back at a time."""
    origin, arguments = get_origin(kind) or kind, get_args(kind)
    if kind is Any or kind is object:
        return _as_it_is
    if origin is Literal:
        return _one_of(arguments)
    if origin is Union or origin is types.UnionType:
        return _any_of(tuple(_decoder(argument) for argument in arguments), kind)
    if dataclasses.is_dataclass(kind):
        return _fields_of(kind)
    if kind is float:
        return _float
    if origin in (tuple, list, Sequence):
        return _array(origin, arguments)
    if origin in (dict, Mapping):
        return _object(_decoder(arguments[1]) if arguments else _as_it_is)
    if kind in (str, int, bool, types.NoneType):
        return _scalar(kind)
    raise CodecError(f"{kind!r} cannot be read from JSON")


def _as_it_is(data: Any) -> Any:
    return data


def _wrong(data: Any, wanted: str) -> CodecError:
    shown = repr(data)
    return CodecError(f"{shown if len(shown) <= 60 else shown[:57] + '...'} is not {wanted}")


def _scalar(kind: type) -> Decode:
    def decode(data: Any) -> Any:
        if type(data) is not kind:  # exact: True is an int to isinstance
            raise _wrong(data, "null" if kind is types.NoneType else kind.__name__)
        return data

    return decode


def _float(data: Any) -> float:
    if type(data) not in (float, int):
        raise _wrong(data, "a number")
    return float(data)


def _one_of(choices: tuple[Any, ...]) -> Decode:
    def decode(data: Any) -> Any:
        if not any(type(data) is type(choice) and data == choice for choice in choices):
            raise _wrong(data, f"one of {', '.join(map(repr, choices))}")
        return data

    return decode


def _any_of(decoders: tuple[Decode, ...], kind: Any) -> Decode:
    def decode(data: Any) -> Any:
        nearest: CodecError | None = None
        for one in decoders:
            try:
                return one(data)
            except CodecError as error:
                nearest = max(nearest or error, error, key=lambda e: len(e.path))
        raise nearest if nearest is not None and nearest.path else _wrong(data, str(kind))

    return decode


def _array(origin: Any, arguments: tuple[Any, ...]) -> Decode:
    build = list if origin is list else tuple
    fixed = origin is tuple and arguments and arguments[-1] is not Ellipsis
    items = tuple(_decoder(argument) for argument in arguments if argument is not Ellipsis)
    every = items[0] if items else _as_it_is

    def decode(data: Any) -> Any:
        if type(data) is not list or (fixed and len(data) != len(items)):
            raise _wrong(data, f"a list of {len(items)}" if fixed else "a list")
        reads = items if fixed else (every,) * len(data)
        return build([_step(f"[{i}]", read, item) for i, (read, item) in enumerate(zip(reads, data, strict=True))])

    return decode


def _object(every: Decode) -> Decode:
    def decode(data: Any) -> dict[str, Any]:
        if type(data) is not dict:
            raise _wrong(data, "an object")
        return {key: _step(f".{key}", every, item) for key, item in data.items()}

    return decode


def _fields_of(kind: Any) -> Decode:
    hints = get_type_hints(kind)
    reads = {f.name: _decoder(hints[f.name]) for f in dataclasses.fields(kind)}
    missing = dataclasses.MISSING
    needed = {f.name for f in dataclasses.fields(kind) if f.default is missing and f.default_factory is missing}

    def decode(data: Any) -> Any:
        if type(data) is not dict:
            raise _wrong(data, f"an object ({kind.__name__})")
        if not (needed <= data.keys() <= reads.keys()):
            unknown, absent = sorted(data.keys() - reads.keys()), sorted(needed - data.keys())
            raise CodecError(f"{kind.__name__} has " + "; ".join(_keys(unknown, "no field") + _keys(absent, "to have")))
        return kind(**{key: _step(f".{key}", reads[key], item) for key, item in data.items()})

    return decode


def _keys(names: list[str], word: str) -> list[str]:
    return [f"{word} {', '.join(names)}"] if names else []


def _step(step: str, read: Decode, item: Any) -> Any:
    try:
        return read(item)
    except CodecError as error:
        raise error.under(step) from None
