"""The user's graph: loads it from its entry, reads what it is, maps a case's inputs and its output. Makes no call."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import importlib
import importlib.util
import inspect
import sys
import typing
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import ModuleType
from typing import Any

from langgraph.graph import StateGraph
from langgraph.pregel import Pregel

from .imports import module_name

RunAsync = Callable[[Coroutine[Any, Any, Any]], Any]  # runs on the app's one event loop and waits


class Refused(Exception):  # noqa: N818 - a verdict, not a failure of ours
    """The graph cannot be run, in words for the user; ``fix`` says what to do."""

    def __init__(self, message: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(message)
        self.where, self.fix = where, fix


@dataclasses.dataclass(frozen=True)
class Graph:
    """A compiled graph with what a run must know of it."""

    compiled: Any
    is_async: bool  # some node has no synchronous form
    input_keys: tuple[str, ...]  # () = any
    text_key: str | None  # where a bare string goes; "" = the input itself, None = nowhere
    output_keys: tuple[str, ...]  # () = any
    checkpointer: str  # its class, "" without
    has_context: bool

    def facts(self) -> dict[str, Any]:
        """What ``describe`` tells, as plain data."""
        nodes = [name for name in self.compiled.nodes if not name.startswith("__")]
        names = ("is_async", "input_keys", "output_keys", "text_key", "checkpointer", "has_context")
        return {"nodes": nodes, **{name: getattr(self, name) for name in names}}

    def input(self, inputs: dict[str, Any]) -> Any:
        """What the graph is invoked with; a bare {"input": text} goes where the graph takes text."""
        text = inputs.get("input")
        if set(inputs) != {"input"} or not isinstance(text, str) or self.text_key in (None, "input"):
            return inputs
        if self.text_key == "messages":
            return {"messages": [{"role": "user", "content": text}]}
        return {self.text_key: text} if self.text_key else text


def load(tree: Path, entry: str, folders: list[Path]) -> Any:
    """The object that the entry "path.py:name" names. Raises Refused, or whatever the import raises."""
    path, _, name = entry.partition(":")
    file = tree / path
    if not file.is_file():
        raise Refused(f"{path} does not exist", where=entry, fix='name the graph as "path.py:name"')
    module = _import(file, folders)
    found = getattr(module, name, None)
    if found is None:
        kinds = (Pregel, StateGraph)  # what is compiled is what the user runs, so it is named first
        graphs = [key for kind in kinds for key, value in sorted(vars(module).items()) if isinstance(value, kind)]
        have = f"; it has {', '.join(graphs)}" if graphs else ""
        raise Refused(f"{path} has no {name!r}{have}", where=entry, fix=f"--graph {path}:{(graphs or ['NAME'])[0]}")
    return found


def build(found: Any, run: RunAsync, context: dict[str, Any]) -> Graph:
    """A graph ready to run, from a compiled graph, a StateGraph, or a factory of either. Raises Refused."""
    if not isinstance(found, Pregel | StateGraph) and callable(found):
        found = _called(found, run)
    compiled = found.compile() if isinstance(found, StateGraph) else found
    if not isinstance(compiled, Pregel):
        raise Refused(f"the entry is a {type(found).__name__}, not a LangGraph graph or a factory of one")
    _check_context(compiled, context)
    _check_breakpoints(compiled)
    saver = getattr(compiled, "checkpointer", None)
    saver_name = type(saver).__name__ if saver not in (None, False, True) else ""
    keys = _input_keys(compiled)
    return Graph(
        compiled=compiled,
        is_async=saver_name.startswith("Async") or only_async(compiled),
        input_keys=keys,
        text_key=_text_key(compiled, keys),
        output_keys=_output_keys(compiled),
        checkpointer=saver_name,
        has_context=_context_schema(compiled) is not None,
    )


def only_async(part: Any, depth: int = 0) -> bool:
    """Whether a runnable, or one that it is made of, can only be awaited."""
    if depth > 8:
        return False
    if getattr(part, "afunc", None) is not None and getattr(part, "func", None) is None:
        return True
    inner = [getattr(part, "bound", None), *getattr(part, "steps", ()), *getattr(part, "writers", ())]
    nodes = getattr(part, "nodes", None)
    inner += list(nodes.values()) if isinstance(nodes, dict) else []
    return any(only_async(item, depth + 1) for item in inner if item is not None)


def _import(file: Path, folders: list[Path]) -> ModuleType:
    name = module_name(file, folders)
    if name and _gives(name, file):
        return importlib.import_module(name)
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise Refused(f"{file.name} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def _gives(name: str, file: Path) -> bool:
    """Whether a dotted name leads to ``file``, and not to something of that name installed or loaded before."""
    package, dot, _ = name.partition(".")
    module = sys.modules.get(package)
    spec = module.__spec__ if module is not None else importlib.util.find_spec(package)
    if spec is None:
        return False
    if dot:
        return any(file.is_relative_to(place) for place in spec.submodule_search_locations or ())
    return spec.origin is not None and Path(spec.origin) == file


def _called(factory: Callable[..., Any], run: RunAsync) -> Any:
    """What a factory gives: called without arguments or with an empty config, awaited or entered where need be."""
    required = [
        item
        for item in inspect.signature(factory).parameters.values()
        if item.default is item.empty and item.kind in (item.POSITIONAL_ONLY, item.POSITIONAL_OR_KEYWORD)
    ]
    if len(required) > 1:
        names = ", ".join(item.name for item in required)
        raise Refused(f"the factory {factory.__name__} needs arguments ({names})", fix="give them defaults")
    made = factory(*[{} for _ in required])
    if inspect.isawaitable(made):
        made = run(_awaited(made))
    if isinstance(made, contextlib.AbstractAsyncContextManager) and not isinstance(made, Pregel):
        made = run(made.__aenter__())
    elif isinstance(made, contextlib.AbstractContextManager) and not isinstance(made, Pregel):
        made = made.__enter__()
    return made


async def _awaited(value: Any) -> Any:
    return await value


def _context_schema(compiled: Any) -> Any:
    return getattr(compiled, "context_schema", None) or getattr(compiled, "config_type", None)


def _check_context(compiled: Any, context: dict[str, Any]) -> None:
    """Refuse a graph whose context has fields that nobody gives."""
    schema = _context_schema(compiled)
    missing = [] if schema is None else [name for name in _required(schema) if name not in context]
    if missing:
        raise Refused(
            f"the graph's context ({schema.__name__}) needs {', '.join(missing)}, which a run here does not have",
            fix=f"give {'them' if len(missing) > 1 else 'it'} a default in {schema.__name__}",
        )


def _check_breakpoints(compiled: Any) -> None:
    """Refuse a graph that always stops for a person."""
    for option in ("interrupt_before", "interrupt_after"):
        nodes = getattr(compiled, f"{option}_nodes", None)
        if nodes:
            names = nodes if isinstance(nodes, str) else ", ".join(nodes)
            raise Refused(
                f"the graph is compiled with {option}={names!r}; runs without a person would stop there",
                fix=f"name an entry that is compiled without {option}",
            )


def _required(schema: Any) -> list[str]:
    """Names of the fields without a default, of a dataclass, a pydantic model or a TypedDict."""
    if dataclasses.is_dataclass(schema):
        fields = dataclasses.fields(schema)
        return [f.name for f in fields if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING]
    if hasattr(schema, "model_fields"):
        return [name for name, field in schema.model_fields.items() if field.is_required()]
    return sorted(getattr(schema, "__required_keys__", ()))


def _input_keys(compiled: Any) -> tuple[str, ...]:
    builder = getattr(compiled, "builder", None)
    if builder is None:
        return ()
    schema = getattr(builder, "input_schema", None) or getattr(builder, "input", None)
    return tuple(builder.schemas.get(schema, {}))


def _output_keys(compiled: Any) -> tuple[str, ...]:
    found = getattr(compiled, "output_channels", ())
    return () if isinstance(found, str) else tuple(found)


def _text_key(compiled: Any, keys: tuple[str, ...]) -> str | None:
    """Where a bare string goes: the state's messages, else its only text field; "" where the input is the text."""
    builder = getattr(compiled, "builder", None)
    if builder is None:
        schema = compiled.get_input_jsonschema()
        return "" if schema.get("type") == "string" else None
    if "input" in keys:
        return "input"
    if "messages" in keys:
        return "messages"
    schema = getattr(builder, "input_schema", None) or getattr(builder, "input", None)
    hints = typing.get_type_hints(schema)
    texts = [name for name in keys if hints.get(name) is str]
    return texts[0] if len(texts) == 1 else None


def on_loop(loop: asyncio.AbstractEventLoop) -> RunAsync:
    """A function that runs a coroutine on ``loop``, which another thread drives, and waits for it."""

    def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

    return run
