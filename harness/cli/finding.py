"""``harness nodes``: the nodes of a repository's graph as a table, one of them opened, or the graph as a picture.

Where a reading was kept, nothing that reads is loaded: that would take longer than all the rest.
"""

from __future__ import annotations

import difflib
import gc
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness import seen
from harness.cli import nodepage
from harness.cli.shell import say_json
from harness.errors import RepoError, UserError
from harness.types import Discovery, Node

if TYPE_CHECKING:
    from harness.discover import Files

_OBJECTS = 1_000_000  # made before garbage is looked for; syntax trees stay anyway, and to look takes a third longer


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be shown."""

    graph: str  # as the user names it, "" = the one that is meant
    show: str  # name of a node, "" = all
    mermaid: bool
    svg: Path | None
    labels: bool
    as_json: bool


def nodes(root: Path, ask: Ask) -> None:
    """The nodes of the app's graph, the settings' one where none is named, and the text that reaches each model."""
    if not root.is_dir():
        what = "is a file, not a folder" if root.exists() else "does not exist"
        raise UserError(f"{root} {what}", fix="give the path of a checkout")
    home = seen.home_of(root)
    known = seen.recall(home, _discovery(root, ask.graph, home))
    found = known.found
    if ask.labels:
        from harness import discover

        say_json(discover.export_labels(found))
    elif ask.mermaid or ask.svg is not None:
        _draw(found, ask.svg, as_json=ask.as_json)
    elif ask.as_json:
        chosen = {"nodes": [asdict(node) for node in _named(found, ask.show)]} if ask.show else {}
        say_json({**asdict(found), **chosen, "run": known.run, "same": known.same})
    elif ask.show:
        print("\n\n".join(nodepage.opened(found, node) for node in _named(found, ask.show)))
    else:
        print("\n".join(nodepage.table(known)))


def _discovery(root: Path, graph: str, home: Path | None) -> Discovery:
    """What was kept of the repository, else what is read now."""
    kept = seen.kept(root, graph, home) if home else None
    if kept is not None:
        return kept
    from harness import discover, settings

    chosen = settings.read(root, {})[0]
    if chosen.external and not graph:
        from harness import check, external

        return external.discovery(root, check.settled(root, chosen))
    gc.set_threshold(_OBJECTS)
    files = discover.Files(root.resolve())
    found = _read(root, graph or chosen.graph, files)
    if home is not None and (home.exists() or Path.cwd().resolve().is_relative_to(home.parent)):
        _keep(root, graph, found, {**dict.fromkeys(files.python(), ""), **files.read})
    return found


def _read(root: Path, graph: str, files: Files) -> Discovery:
    """The graph that is named or meant; every graph of the repository where none is named and no one alone is meant."""
    from harness import discover

    try:
        return discover.discover(root, discover.find_entry(root, graph, files), files)
    except UserError as error:
        found = None if graph else discover.discover(root, "", files)
        if found is None or not found.nodes:
            raise
        note = f"{error.message}; every graph of the repository is read here, --graph path.py:name reads one"
        return replace(found, notes=(note, *found.notes))


def _keep(root: Path, graph: str, found: Discovery, read: Mapping[str, str]) -> None:
    """Only a repository that harness works in, or that the user stands in, is written to."""
    from harness.repo import Repo

    try:
        seen.keep(root, graph, found, read, Repo.open(root).home)
    except (RepoError, OSError):  # no repository that harness may write to: the next time it is read again
        return


def _named(found: Discovery, name: str) -> list[Node]:
    chosen = [node for node in found.nodes if node.name == name]
    if not chosen:
        names = list(dict.fromkeys(node.name for node in found.nodes))
        near = difflib.get_close_matches(name, names, 1)
        fix = f"did you mean {near[0]!r}?" if near else f"its nodes: {', '.join(names) or 'none'}"
        raise UserError(f"{found.graph} has no node {name!r}", fix=fix)
    return chosen


def _draw(found: Discovery, file: Path | None, *, as_json: bool) -> None:
    """Into the file, or as Mermaid text where none is named."""
    from harness import picture

    if file is None:
        text = picture.mermaid(found)
        if as_json:
            say_json({"mermaid": text})
        else:
            print(text, end="")
        return
    try:
        file.write_text(picture.draw(found), encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"cannot be written: {error.strerror}", where=str(file), fix="name a file that can be"
        ) from error
    if as_json:
        say_json({"svg": str(file)})
    else:
        print(f"drawn: {file}")
