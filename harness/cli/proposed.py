"""``diff --prompt`` and ``diff --node``: what one edit would do to the file, before anything is run or written."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from harness import changes, discover, settings
from harness.cli import parting
from harness.cli.given import of_text
from harness.cli.shell import say_json
from harness.cli.showing import say_diff
from harness.errors import UserError
from harness.types import Change, Discovery, Node, Prompt, Proposal, Span

_LIKELY = (
    "note: by reading alone {id} is {proof}; a run edits a text only after its baseline has shown that it reaches the "
    "model, and drops whatever no call of a first run shows"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One edit as the flags tell it: a text for a prompt, or one parameter for the model of a node."""

    prompt: str = ""
    text: Path | None = None
    node: str = ""
    set: str = ""  # "temperature=0", "model=gpt-x"
    graph: str = ""
    split: str = ""  # the node that is to have the prompt to itself


def diff(root: Path, wanted: Wanted, *, as_json: bool) -> None:
    """Print the edit as a unified diff. Raises UserError for what is not there, Refused for what a run would refuse."""
    files = discover.Files(root.resolve())
    found = discover.discover(
        root, discover.find_entry(root, wanted.graph or settings.read(root, {})[0].graph, files), files
    )
    if wanted.split:
        if not wanted.prompt or wanted.node or wanted.set:
            raise UserError(
                "--split takes a prompt and maybe a text", fix="give --prompt ID --split NODE [--text FILE]"
            )
        parting.diff(root, found, _named(found.prompts, wanted.prompt), wanted.split, wanted.text, as_json=as_json)
        return
    change = _of_text(root, found, wanted) if wanted.prompt else _of_parameter(found, wanted)
    text = changes.preview(root, change)
    proof = next((p.proof for p in found.prompts if p.id == change.prompt), "likely")
    if as_json:
        old, new = change.texts
        facts = {"prompt": change.prompt, "nodes": change.nodes, "file": change.span.file, "line": change.span.line}
        say_json({**facts, "proof": proof, "old": old, "new": new, "diff": text})
        return
    print(_LIKELY.format(id=change.prompt, proof=proof), file=sys.stderr)
    for variable in _winning(found, change):
        print(f"note: the environment variable {variable} wins over it where it is set", file=sys.stderr)
    print(f"changes {change.prompt} at {change.span.file}:{change.span.line} for {change.reach}")
    say_diff(text)


def _winning(found: Discovery, change: Change) -> Sequence[str]:
    """Environment variables that win over the parameter that is changed."""
    uses = [use for node in found.nodes for use in node.models if use.literals.get(change.parameter) == change.span]
    return sorted({use.overrides[change.parameter] for use in uses if change.parameter in use.overrides})


def _of_text(root: Path, found: Discovery, wanted: Wanted) -> Change:
    if wanted.text is None or wanted.node or wanted.set:
        raise UserError("--prompt takes a text and nothing else", fix="give --prompt ID --text FILE")
    prompt = _named(found.prompts, wanted.prompt)
    return of_text(root, wanted.text, prompt, next(node for node in found.nodes if node.name in prompt.nodes))


def _of_parameter(found: Discovery, wanted: Wanted) -> Change:
    name, _, value = wanted.set.partition("=")
    if not wanted.node or not name or not value or wanted.text is not None:
        raise UserError("an edit needs a place and a value", fix="give --node NODE --set temperature=0, or --prompt")
    node = _node(found.nodes, wanted.node)
    places = {use.literals.get(name) or (use.room if name != changes.MODEL else None) for use in node.models}
    if name == changes.SAMPLES:
        places = {repeat.place for repeat in node.repeats}
    known = sorted((place for place in places if place is not None), key=lambda place: (place.file, place.start))
    if len(known) > 1:
        where = ", ".join(f"{place.file}:{place.line}" for place in known)
        raise UserError(f"{node.name} uses several models, made at {where}", fix="edit the one that you mean by hand")
    place: Span | None = known[0] if known else None
    idea = Proposal("value given", (value,), "as given", name, place)
    return changes.bind_parameter(idea, node, found.nodes, id="c00", proposer="diff")


def _named(prompts: Sequence[Prompt], id: str) -> Prompt:
    known = {prompt.id: prompt for prompt in prompts}
    if id in known:
        return known[id]
    near = ", ".join(get_close_matches(id, known, 3, 0.0)) or "none"
    raise UserError(f"there is no prompt {id!r}", fix=f"`harness nodes` lists them; near to it: {near}")


def _node(nodes: Sequence[Node], name: str) -> Node:
    known = {node.name: node for node in nodes}
    if name in known:
        return known[name]
    raise UserError(f"there is no node {name!r}", fix=f"the nodes are {', '.join(known) or 'none'}")
