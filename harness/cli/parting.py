"""``diff --split``: a text that several nodes share, with a copy of its own for one of them, as a diff.

The edit is read again before it is shown: the copy must feed that node alone, and the first text all the others.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from harness import changes, discover, sources
from harness.cli.given import of_text
from harness.cli.shell import say_json
from harness.cli.showing import say_diff
from harness.errors import UserError
from harness.types import Discovery, Prompt


def diff(root: Path, found: Discovery, prompt: Prompt, name: str, text: Path | None, *, as_json: bool) -> None:
    """Print the diff that gives the node ``name`` a copy of the prompt, with the text of a file where one is named.

    Raises UserError for a node that the prompt does not feed, Refused where the copy cannot be made or proved.
    """
    edits = _split(root, found, prompt, name)
    copy = _proved(root, found, prompt, name, edits)
    if text is not None:
        edits = _with_text(root, edits, copy, name, text, found)
    patch = "".join(_unified(root, file, raw) for file, raw in sorted(edits.items()))
    kept = tuple(node for node in prompt.nodes if node != name)
    if as_json:
        facts = {"prompt": prompt.id, "nodes": kept, "copy": copy.id, "node": name}
        say_json({**facts, "files": sorted(edits), "diff": patch})
        return
    print(f"splits {prompt.id}: {copy.id} for {name}, the first one stays for {', '.join(kept)}")
    say_diff(patch)


def _split(root: Path, found: Discovery, prompt: Prompt, name: str) -> Mapping[str, bytes]:
    if name not in prompt.nodes:
        raise UserError(f"{prompt.id} does not feed a node {name!r}", fix=f"it feeds {', '.join(prompt.nodes)}")
    if len(set(prompt.nodes)) == 1:
        raise UserError(f"{prompt.id} feeds {name} alone: there is nothing to split", fix="leave --split out")
    nodes = [node for node in found.nodes if node.name == name and prompt.id in node.prompts]
    if len(nodes) != 1:
        raise UserError(f"{len(nodes)} nodes that send {prompt.id} are called {name}", fix=changes.BY_HAND)
    return changes.split(root, prompt.span, nodes[0])


def _proved(root: Path, found: Discovery, prompt: Prompt, name: str, edits: Mapping[str, bytes]) -> Prompt:
    """The copy, as a reading of the edited files finds it. Raises Refused where anything else would change."""
    after = discover.discover(root, found.graph, discover.Files(root.resolve(), edits))
    kept = frozenset(prompt.nodes) - {name}
    wanted = _texts(found) - Counter([_text(prompt)])
    wanted += Counter([(*_text(prompt)[:2], kept), (*_text(prompt)[:2], frozenset({name}))])
    fresh = [p for p in after.prompts if _text(p) == (*_text(prompt)[:2], frozenset({name}))]
    if _texts(after) != wanted or len(fresh) != 1:
        raise changes.Refused(
            f"read again with its copy, it is not {name} alone that the copy feeds and the others that the text does",
            where=f"{prompt.span.file}:{prompt.span.line}",
            fix=changes.BY_HAND,
        )
    return fresh[0]


def _texts(found: Discovery) -> Counter[tuple[object, ...]]:
    return Counter(map(_text, found.prompts))


def _text(prompt: Prompt) -> tuple[object, ...]:
    return prompt.span.file, prompt.parts, frozenset(prompt.nodes)


def _with_text(
    root: Path, edits: Mapping[str, bytes], copy: Prompt, name: str, text: Path, found: Discovery
) -> Mapping[str, bytes]:
    """The edited files with the given text in the copy."""
    change = of_text(root, text, copy, next(node for node in found.nodes if node.name == name))
    with tempfile.TemporaryDirectory(prefix="harness-split-") as folder:
        file = Path(folder, copy.span.file)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(edits[copy.span.file])
        changes.apply(Path(folder), change)
        return {**edits, copy.span.file: file.read_bytes()}


def _unified(root: Path, file: str, raw: bytes) -> str:
    encoding = sources.Source.read(root / file).encoding
    return changes.unified(file, (root / file).read_bytes().decode(encoding), raw.decode(encoding))
