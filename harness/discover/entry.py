"""Which graph is the app: what the user names, else langgraph.json, else the only compiled graph of the repository."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from harness.discover.files import Files
from harness.discover.machine import Machine
from harness.discover.startable import checked, lacking, needy
from harness.discover.starts import BUILDERS, graphs_in
from harness.discover.values import Agent, Function, Graph
from harness.errors import UserError
from harness.types import Json

_FORM = 'name the graph as "path.py:name" with --graph or as graph = "path.py:name" under [tool.harness]'


def find_entry(root: Path, graph: str = "", files: Files | None = None) -> str:
    """The app's graph as "path.py:name", relative to ``root``; ``graph`` is what the user named, or "".

    Raises UserError when it is missing, and when several graphs could be meant: then the candidates are listed.
    """
    machine = Machine(files or Files(root.resolve()))
    if graph:
        return _checked(machine, _normal(machine, graph), "--graph")
    named = _of_langgraph_json(machine)
    if len(named) == 1:
        return _checked(machine, named[0], "langgraph.json")
    if named:
        raise _ambiguous("langgraph.json names several graphs", named)
    found = _compiled(machine)
    if len(found) == 1:
        return found[0]
    if found:
        raise _ambiguous("several compiled graphs were found", found)
    searched, waiting = len(list(machine.files.python())), list(needy(machine))
    unread = [f"{file} ({reason})" for file, reason in machine.files.unreadable.items()]
    unread += [f"{file} (line {left[0].line}: {left[0].why})" for file, left in machine.files.left.items()]
    notebooks = machine.files.notebooks(BUILDERS)
    raise UserError(
        f"no graph found: no langgraph.json, and in {searched} Python files no name at module level that holds a "
        "compiled graph or a prebuilt agent, and no function without arguments that returns one"
        + (f"; these need arguments: {', '.join(waiting)}" if waiting else "")
        + (f"; these cannot be read: {', '.join(unread)}" if unread else "")
        + (f"; notebooks build graphs, --graph {notebooks[0]}:NAME reads one, none is tuned" if notebooks else ""),
        fix=f"give the arguments defaults, or {_FORM}" if waiting else _FORM,
    )


def entries(root: Path) -> tuple[str, ...]:
    """Every graph that could be the app's, as "path.py:name": those of langgraph.json, else what is compiled."""
    machine = Machine(Files(root.resolve()))
    return tuple(_of_langgraph_json(machine) or _compiled(machine))


def _ambiguous(message: str, candidates: list[str]) -> UserError:
    return UserError(f"{message}: {', '.join(candidates)}", fix=f"choose one, such as --graph {candidates[0]}")


def _normal(machine: Machine, written: str) -> str:
    path, colon, name = written.rpartition(":")
    if not colon or not path or not name:
        raise UserError(f"{written!r} does not name a graph", fix=_FORM)
    if not path.endswith(".py") and "/" not in path:
        path = machine.files.module(path, 0, "langgraph.json") or path
    place = (machine.files.root / path).resolve()
    if not place.is_relative_to(machine.files.root.resolve()):
        raise UserError(f"{written!r} lies outside {machine.files.root}", fix=_FORM)
    return f"{place.relative_to(machine.files.root.resolve()).as_posix()}:{name}"


def _checked(machine: Machine, entry: str, where: str) -> str:
    """The entry. A complaint about it names the graphs that there are."""
    try:
        return checked(machine, entry, where)
    except UserError as error:
        others = [found for found in _compiled(machine) if found != entry and found not in error.fix]
        fix = f"{error.fix}; graphs found: {', '.join(others)}" if others else error.fix
        raise UserError(error.message, where=error.where, fix=fix) from error


def _of_langgraph_json(machine: Machine) -> list[str]:
    path = machine.files.root / "langgraph.json"
    if not path.is_file():
        return []
    try:
        config: Json = json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise UserError(f"not UTF-8: {error}", where="langgraph.json", fix="save it as UTF-8") from error
    except json.JSONDecodeError as error:
        where = f"langgraph.json:{error.lineno}"
        raise UserError(
            f"not JSON: {error.msg}", where=where, fix="mend the file, or name the graph with --graph"
        ) from error
    graphs = config.get("graphs") if isinstance(config, dict) else None
    written = [g.get("path") if isinstance(g, dict) else g for g in graphs.values()] if isinstance(graphs, dict) else []
    return list(dict.fromkeys(_normal(machine, g) for g in written if isinstance(g, str)))


def _compiled(machine: Machine) -> list[str]:
    """Names at module level that hold a compiled graph and are no part of another; else factories without arguments.

    Where the files that build graphs hold neither, those that may import them are read: ``graph = build("shop")``.
    """
    builders = list(machine.files.containing(BUILDERS))
    compiled, factories = _held(machine, builders)
    if compiled or factories or not builders:
        return compiled or factories
    stems = tuple({PurePosixPath(file.removesuffix("/__init__.py")).stem for file in builders})
    users = [file for file in machine.files.containing(stems) if file not in builders]
    return _held(machine, users)[0]


def _held(machine: Machine, files: Iterable[str]) -> tuple[list[str], list[str]]:
    """The compiled graphs and entrypoints that names of the files hold, and factories of graphs without arguments."""
    names: dict[int, str] = {}
    entrypoints: list[str] = []
    factories: list[str] = []
    graphs: list[Graph | Agent] = []
    for file in files:
        machine.begin()
        imported = _imported(machine, file)
        for name, value in list(machine.module(file).names.items()):
            if name in imported or machine.files.mistake(file):
                continue
            own = [a for a in value if isinstance(a, Graph | Agent) and (isinstance(a, Agent) or a.compiled)]
            for atom in own:
                graphs.append(atom)
                names.setdefault(id(atom), f"{file}:{name}")
            functions = [a for a in value if isinstance(a, Function) and a.scope.file == file and not lacking(a)]
            if any(isinstance(a, Function) and a.tag == "entrypoint" for a in value):
                entrypoints.append(f"{file}:{name}")
            elif functions and graphs_in(machine, tuple(functions)):
                factories.append(f"{file}:{name}")
    parts = {id(a) for g in graphs if isinstance(g, Graph) for added in g.nodes for a in added.action}
    return [*(name for key, name in names.items() if key not in parts), *entrypoints], factories


def _imported(machine: Machine, file: str) -> set[str]:
    found = machine.files.get(file)
    imports = [n for n in ast.walk(found.tree) if isinstance(n, ast.Import | ast.ImportFrom)] if found else []
    return {alias.asname or alias.name for node in imports for alias in node.names}
