"""``targets``: by node and prompt what could be better, what shows it, and what to do first."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from rapidfuzz import process

from harness import targeting
from harness.cli.shell import say_json
from harness.cli.tables import grid
from harness.errors import UserError
from harness.figures import count
from harness.targeting import Listed
from harness.types import Discovery, Json, Node, Prompt, Target, Weakness

_WIDEST = 110  # columns of running text
_SHOWN = 300  # characters of a prompt


def targets(root: Path, run_id: str, *, graph: str, node: str, as_json: bool) -> None:
    """The target list and the priority matrix, of one node where it is named."""
    found = targeting.listed(root, run_id, graph)
    if node:
        found = only(found, node)
    if as_json:
        say_json(data(found))
    else:
        print("\n".join(page(found)))


def only(found: Listed, node: str) -> Listed:
    """What is said of one node. Raises UserError for one that calls no model."""
    known = {one.name: one for one in found.discovery.nodes}
    callers = [name for name, one in known.items() if one.is_llm]
    if node not in callers:
        near = process.extractOne(node, callers)
        why = f"node {node!r} calls no model: {known[node].why}" if node in known else f"there is no node {node!r}"
        fix = (
            f"did you mean {near[0]!r}? nodes that call a model: {', '.join(callers)}" if near else "none calls a model"
        )
        raise UserError(why, where=found.graph, fix=fix)
    return replace(
        found,
        targets=tuple(target for target in found.targets if target.node == node),
        others={name: why for name, why in found.others.items() if name == node},
    )


def data(found: Listed) -> dict[str, Json]:
    """All of it for another program, the prompts with their whole text."""
    prompts = {prompt.id: prompt for prompt in found.discovery.prompts}
    nodes = {node.name: node for node in found.discovery.nodes}
    rows = []
    for target in found.targets:
        prompt = prompts[target.prompt]
        about = {"text": prompt.text, "proof": prompt.proof, "kind": prompt.kind, "role": prompt.role}
        where = {"file": prompt.span.file, "line": prompt.span.line, "end_line": prompt.span.end_line}
        rows.append(
            {
                **asdict(target),
                "total": target.total,
                "function": place(nodes[target.node]),
                "prompt": {"id": prompt.id, **where, **about, "variables": prompt.variables, "nodes": prompt.nodes},
            }
        )
    return {
        "graph": found.graph,
        "run": found.run,
        "basis": found.basis,
        "metric": found.metric,
        "targets": rows,
        "others": dict(found.others),
        "costs": [asdict(cost) for cost in found.costs],
        "failures": [asdict(pattern) for pattern in found.failures],
    }


def page(found: Listed) -> Iterator[str]:
    """The matrix first, then each target with what shows its issues."""
    yield from wrapped("", f"graph {found.graph}")
    yield from wrapped("", found.basis)
    if found.targets:
        yield matrix(found.targets)
    for name, why in found.others.items():
        yield from wrapped("", f"{name} calls a model and is no target: {why}")
    if not found.targets and not found.others:
        yield from wrapped("", "no node was found that calls a model with a text of this repository: `harness nodes`")
    told: dict[str, tuple[Weakness, ...]] = {}
    for target in found.targets:
        yield from section(target, found.discovery)
        if target.weaknesses and told.get(target.node) == target.weaknesses:
            yield from wrapped("issues", f"as above: the texts of {target.node} are read together")
        else:
            yield from issues(target)
        told[target.node] = target.weaknesses


def matrix(rows: Sequence[Target]) -> str:
    """What to work on first: each mark of 5 with its reason."""
    columns = ["Node, prompt", "Impact", "Feasibility", "Cheapness", "Of 15"]
    return grid("What to work on first", columns, map(marks, rows))


def marks(target: Target) -> list[str]:
    """One row of the matrix."""
    given = (target.impact, target.feasibility, target.cheapness)
    cells = [f"{mark}: {why}" for mark, why in zip(given, target.reasons, strict=True)]
    return [f"{target.node}\n{target.prompt}", *cells, str(target.total)]


def section(target: Target, found: Discovery) -> Iterator[str]:
    """One target in full."""
    prompt = next(one for one in found.prompts if one.id == target.prompt)
    node = next(one for one in found.nodes if one.name == target.node)
    yield ""
    yield from wrapped("", f"== {target.node}: {target.role} ({target.total} of 15)")
    yield from wrapped("node", f"{place(node)}{_model(node)}")
    yield from wrapped("prompt", about(prompt))
    yield from wrapped("", shortened(prompt.text), indent=9)


def issues(target: Target) -> Iterator[str]:
    """What the text lacks, with what would mend it."""
    for issue in target.weaknesses:
        yield from weakness(issue)
    if not target.weaknesses:
        yield from wrapped("issues", "none is seen in its text")


def place(node: Node) -> str:
    """The function of a node and where it stands."""
    return f"{node.function or '?'} ({node.file}:{node.first_line}-{node.last_line})" if node.file else node.function


def _model(node: Node) -> str:
    """Its models with their parameters."""
    told = [
        ":".join(filter(None, (use.provider, use.id))) + "".join(f" {k}={v}" for k, v in use.parameters.items())
        for use in node.models
    ]
    return f", model {'; '.join(dict.fromkeys(filter(None, told)))}" if any(told) else ""


def about(prompt: Prompt) -> str:
    """Where a prompt stands, what it is, how sure it is that it reaches the model, and which other nodes it feeds."""
    span = prompt.span
    lines = f"{span.line}-{span.end_line}" if span.end_line > span.line else f"{span.line}"
    names = f" with {', '.join(dict.fromkeys(prompt.variables))}" if prompt.variables else ""
    proof = prompt.proof + (f": {prompt.reason}" if prompt.reason and prompt.proof != "proved" else "")
    shared = f"; also feeds {', '.join(prompt.nodes[1:])}" if prompt.nodes[1:] else ""
    return f"{span.file}:{lines} {prompt.role} {prompt.kind}{names}, {proof}{shared}".replace("  ", " ")


def weakness(issue: Weakness) -> Iterator[str]:
    """An issue with what shows it, what to do, and what is expected of it."""
    yield from wrapped("issue", f"{issue.issue} ({issue.where}: {issue.shown})")
    if not issue.technique:
        yield from wrapped("", f"do: {issue.idea}", indent=9)
        return
    yield from wrapped(
        "", f"do: {issue.idea} - {issue.technique} {'★' * issue.stars}{'☆' * (5 - issue.stars)}", indent=9
    )
    yield from wrapped("", f"accuracy {issue.accuracy}, latency {issue.latency}, cost {issue.cost}", indent=9)
    yield from wrapped("", f"{issue.stars} of 5: {issue.reason}", indent=9)


def shortened(text: str) -> str:
    """A prompt on a few lines, with what was left out counted."""
    plain = " ".join(text.split())
    left = len(plain) - _SHOWN
    return plain if left <= 0 else f"{plain[:_SHOWN]} ... ({count(left, 'more character')})"


def wrapped(title: str, text: str, indent: int = 0) -> Iterator[str]:
    """A text as wide as the terminal, behind its title where it has one; no word is cut."""
    width = min(shutil.get_terminal_size((_WIDEST, 1)).columns, _WIDEST)
    first = f"{title:<8} " if title else " " * indent
    rest = " " * (9 if title else indent)
    lines = textwrap.wrap(text, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    yield from (line.rstrip() for line in lines or [first])
