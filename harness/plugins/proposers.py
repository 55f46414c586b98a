"""Built-in proposers, installed ones and the user's own ``file.py:function``. Knows no technique."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.errors import PluginError, boundary
from harness.plugins.contract import PROPOSER, check, check_call, installed, opened, unknown
from harness.proposers import (
    adapter,
    caching,
    combination,
    conciseness,
    definitions,
    edge_cases,
    few_shot,
    label_list,
    max_tokens,
    model_choice,
    output_format,
    reasoning,
    role,
    rules,
    self_consistency,
    simplification,
    split,
    steps,
    style,
    temperature,
)
from harness.protocols import Proposer
from harness.types import Brief, Proposal, Technique, Variable

_TECHNIQUES = (
    few_shot, label_list, definitions, rules, output_format, temperature, edge_cases, conciseness, max_tokens, split,
    caching, reasoning, steps, style, role, model_choice, self_consistency, combination,
    simplification,
)  # fmt: skip
BUILTIN = "builtin"  # all of them together
# Those that ask a model, named before PROVIDER:MODEL, with the module that has them and the package that they need.
_MODELS: Mapping[str, tuple[str, str]] = {
    "llm": ("harness.proposers.llm", ""),
    "gepa": ("harness.proposers.optimizers.reflective", "gepa"),
    "dspy": ("harness.proposers.optimizers.grounded", "dspy"),
}
_ADAPTER = "adapter"  # or "adapter:FOLDER"; heard where Settings.allow names it
_PROPOSERS: Mapping[str, Proposer] = {module.NAME: module for module in _TECHNIQUES}


@dataclass(slots=True, eq=False)
class CheckedProposer:
    """A proposer of someone else whose every proposal is checked."""

    NAME: str
    VERSION: str
    answer: Callable[..., Any]
    where: str  # file it came from

    def propose(self, brief: Brief) -> list[Proposal]:
        """What the proposer says. Raises PluginError when it raises or answers anything but proposals."""
        with boundary(f"proposer {self.NAME}", where=self.where):
            proposals = list(self.answer(brief) or ())
        for proposal in proposals:
            if not _is_proposal(proposal):
                raise PluginError(
                    f"proposer {self.NAME} proposed {proposal!r:.200}",
                    where=self.where,
                    fix="return a list of harness.types.Proposal: technique and why a line of text, parts a tuple "
                    "of str and Variable",
                )
        return proposals


def _is_proposal(value: object) -> bool:
    return (
        isinstance(value, Proposal)
        and all(isinstance(text, str) and text.isprintable() for text in (value.technique, value.why))
        and isinstance(value.parts, tuple)
        and all(isinstance(part, str | Variable) for part in value.parts)
    )


def proposers(names: Sequence[str], root: Path) -> list[Proposer]:
    """The proposers of these names, in this order: built-in, installed, or "file.py:function" relative to ``root``.

    Raises PluginError for a name that is none of them, and for one that cannot be loaded or breaks the protocol.
    """
    entries = {entry.name: entry for entry in installed(PROPOSER)}
    found: list[Proposer] = []
    for name in expanded(names):
        if name in _PROPOSERS:
            found.append(_PROPOSERS[name])
        elif name.partition(":")[0] == _ADAPTER:
            found.append(_adapter(root, name.partition(":")[2]))
        elif name.partition(":")[0] in _MODELS:
            found.append(_of_model(name))
        elif name in entries:
            found.append(_proposer(*opened(entries[name])))
        elif ".py:" in name:
            found.append(_proposer(*_from_file(name, root)))
        else:
            asking = [f"{kind}:PROVIDER:MODEL" for kind in _MODELS]
            raise unknown(PROPOSER, name, [BUILTIN, *_PROPOSERS, *asking, _ADAPTER, *entries], "")
    return found


def expanded(names: Sequence[str]) -> tuple[str, ...]:
    """The names with "builtin" as the techniques that it stands for, each once."""
    rows = (tuple(_PROPOSERS) if name == BUILTIN else (name,) for name in names)
    return tuple(dict.fromkeys(name for row in rows for name in row))


def _of_model(name: str) -> Proposer:
    """One that asks a language model. Loaded here: it brings LangGraph, or an optimizer, which a check does without."""
    kind, _, title = name.partition(":")
    module, package = _MODELS[kind]
    if package and importlib.util.find_spec(package) is None:
        raise PluginError(
            f"{name} needs {package}, which is not installed beside harness", fix=f"pip install {package}"
        )
    proposer: Proposer = importlib.import_module(module).named(title)
    return proposer


def _adapter(root: Path, folder: str) -> Proposer:
    """Trained or given adapters. Loaded here: it brings training, which a run without adapters does without."""
    proposer: Proposer = importlib.import_module("harness.adapting").proposer(root, folder)
    return proposer


def techniques() -> Mapping[str, Technique]:
    """What the built-in techniques are for, with what is expected of each, by NAME of the proposer."""
    return {module.NAME: module.TECHNIQUE for module in (*_TECHNIQUES, adapter)}


def files(names: Sequence[str]) -> tuple[str, ...]:
    """Files of those plug-ins that are named "file.py:function", as written."""
    return tuple(name.rpartition(":")[0] for name in names if ".py:" in name)


def _from_file(name: str, root: Path) -> tuple[Any, str]:
    """The object of "file.py:attribute" and where its definition stands."""
    path_text, _, attribute = name.rpartition(":")
    path = root / path_text
    if not path.is_file():
        raise PluginError(f"no file {path_text!r} for proposer {name!r}", fix=f"paths are relative to {root}")
    module = _module(path, path_text)
    plugin = getattr(module, attribute, None)
    if plugin is None:
        offered = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
        raise PluginError(f"{path_text} has no {attribute!r}", where=path_text, fix=f"it has: {', '.join(offered)}")
    line = inspect.getsourcelines(plugin)[1] if inspect.isfunction(plugin) else 1
    return plugin, f"{path_text}:{line}"


def _module(path: Path, shown: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"_harness_plugin_{len(sys.modules)}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise PluginError(f"{shown} is not a Python file", fix="name it file.py:function")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickles of the file look themselves up there
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # the user's tree is not ours to write in
    try:
        with boundary(f"importing {shown}", where=shown), redirect_stdout(sys.stderr):
            spec.loader.exec_module(module)
    except PluginError as error:
        line = _line_in(path, error.__cause__)
        raise PluginError(error.message, where=f"{shown}:{line}" if line else shown) from error.__cause__
    finally:
        sys.dont_write_bytecode = writes
    return module


def _line_in(path: Path, error: BaseException | None) -> int:
    """Line of the file at which an error arose, the innermost one; 0 when it arose elsewhere."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or 0
    frames = traceback.extract_tb(error.__traceback__) if error is not None else []
    return next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == str(path)), 0)


def _proposer(plugin: Any, where: str) -> CheckedProposer:
    """A module or object with NAME, VERSION and propose; a bare function is taken as propose, NAMEd after itself."""
    if inspect.isfunction(plugin):
        check_call(PROPOSER, plugin, where)
        return CheckedProposer(plugin.__name__, "0", plugin, where)
    check(PROPOSER, plugin, where)
    return CheckedProposer(plugin.NAME, plugin.VERSION, plugin.propose, where)
