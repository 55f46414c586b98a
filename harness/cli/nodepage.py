"""The nodes of a graph as text: the table of all, and one node opened."""

from __future__ import annotations

from collections.abc import Iterator

from harness.cli.tables import grid
from harness.figures import one_line
from harness.seen import Proven
from harness.types import Discovery, Edge, ModelUse, Node, Prompt, Span

_COLUMNS = ["Node", "Function", "LLM", "Model, or why not", "Prompt", "Proof"]
_CUT = 90  # characters of a text that stands in a table
_ENDS = {"__start__": "start", "__end__": "end"}


def table(known: Proven) -> Iterator[str]:
    """Nodes and prompts, what calls models beside the nodes, what steers them beside the prompts, and the notes."""
    found = known.found
    yield grid(found.graph, _COLUMNS, _rows(found))
    if found.asides:
        rows = [[f"{a.kind} {a.name}", a.where, ", ".join(a.nodes) or "-", ", ".join(a.calls)] for a in found.asides]
        yield grid("Model calls beside the nodes, never edited", ["Function", "Place", "Of node", "Calls"], rows)
    if found.steers:
        rows = [[s.name, s.where, ", ".join(s.nodes) or "-", _cut(s.text)] for s in found.steers]
        yield grid("Also steers the model, never edited", ["What", "Place", "Of node", "Text"], rows)
    if known.run and known.same:
        yield f"proof: run {known.run} recorded what reached the models; no file that was read has changed since"
    yield from (f"note: {note}" for note in found.notes)


def opened(found: Discovery, node: Node) -> str:
    """One node: its function, calls, models with the place of each parameter, ways, and each text with its hops."""
    lines = [
        f"{node.name}  (added at {node.graph_file}:{node.line})",
        f"function  {_place(node)}",
        f"LLM       {'yes' if node.is_llm else 'no'}: {node.why}",
        *(f"call      {call}" for call in node.calls),
        *(line for lines in dict.fromkeys(tuple(_model(use)) for use in node.models) for line in lines),
        *(f"runs      the graph of {place}" for place in node.runs),
        *(f"way       {_way(edge)}" for edge in found.edges if _touches(edge, node)),
        *(f"steers    {s.name} at {s.where}: {_cut(s.text)}" for s in found.steers if node.name in s.nodes),
    ]
    by_id = {prompt.id: prompt for prompt in found.prompts}
    for name in node.prompts:
        if name in by_id:
            lines += ["", *_prompt(by_id[name], node)]
    return "\n".join(lines)


def _rows(found: Discovery) -> Iterator[list[str]]:
    """One row per prompt of each node; nodes without any have one row too."""
    by_id = {p.id: p for p in found.prompts}
    for node in found.nodes:
        prompts = [by_id[key] for key in node.prompts if key in by_id]
        uses = "; ".join(dict.fromkeys(filter(None, map(_identity, node.models))))
        first = [node.name, _place(node), _calls(node), uses or node.why]
        if not prompts:
            yield [*first, "-", "-"]
        for index, prompt in enumerate(prompts):
            yield [*(first if index == 0 else [""] * 4), _prompt_cell(prompt, node), _proof_cell(prompt)]


def _place(node: Node) -> str:
    """Function and where it stands."""
    return f"{node.function or '?'} ({node.file}:{node.first_line}-{node.last_line})" if node.file else node.function


def _calls(node: Node) -> str:
    """Whether a node calls a model, and where first."""
    if not node.is_llm:
        return "no"
    file, _, line = node.calls[0].rpartition(":") if node.calls else ("", "", "")
    return f"yes, line {line}" if file == node.file else f"yes, {node.calls[0]}" if node.calls else "yes"


def _identity(use: ModelUse) -> str:
    """A model with its parameters."""
    identity = ":".join(p for p in (use.provider, use.id) if p) + _or_variable(use, "model")
    known = "".join(f" {k}={v}{_or_variable(use, k)}" for k, v in use.parameters.items())
    unknown = (f" {k}=${v}" for k, v in use.overrides.items() if k not in (*use.parameters, "model"))
    return identity + known + "".join(unknown)


def _or_variable(use: ModelUse, name: str) -> str:
    return f" or ${use.overrides[name]}" if name in use.overrides else ""


def _model(use: ModelUse) -> Iterator[str]:
    yield f"model     {':'.join(p for p in (use.provider, use.id) if p) or 'not known'}, made at {use.where}"
    for name, value in use.parameters.items():
        span = use.literals.get(name)
        place = f"at {span.file}:{span.line}" if span else "" if name in use.overrides else "by what is not one number"
        yield f"          {name}={value}{f', set {place}' if place else ''}{_override(use, name)}"
    for name in sorted(use.overrides.keys() - use.parameters.keys()):
        yield f"          {name}{_override(use, name)}"


def _override(use: ModelUse, name: str) -> str:
    variable = use.overrides.get(name)
    return f", the environment variable {variable} wins where it is set" if variable else ""


def _prompt_cell(prompt: Prompt, node: Node) -> str:
    """Where a prompt stands, its role and kind, its variables, and which other nodes it feeds."""
    role = f"{prompt.role} " if prompt.role else ""
    variables = f" with {', '.join(dict.fromkeys(prompt.variables))}" if prompt.variables else ""
    others = [name for name in prompt.nodes if name != node.name]
    shared = f", shared with {', '.join(others)}" if others else ""
    return f"{_lines(prompt.span)} {role}{prompt.kind}{variables}{shared}"


def _proof_cell(prompt: Prompt) -> str:
    """How sure it is that the text reaches the model, and why not."""
    return prompt.proof + (f": {prompt.reason}" if prompt.reason and prompt.proof != "proved" else "")


def _prompt(prompt: Prompt, node: Node) -> Iterator[str]:
    yield f"prompt    {prompt.id}"
    yield f"          {_prompt_cell(prompt, node)}; written as {prompt.template} text"
    yield f"          {_proof_cell(prompt)}"
    yield from (f"  {'from' if number == 0 else 'then'}    {hop}" for number, hop in enumerate(prompt.hops))
    yield from (f"  | {line}" for line in prompt.text.splitlines())


def _lines(span: Span) -> str:
    return f"{span.file}:{span.line}" + (f"-{span.end_line}" if span.end_line != span.line else "")


def _touches(edge: Edge, node: Node) -> bool:
    return edge.graph == node.graph and node.name in (edge.source, edge.target)


def _way(edge: Edge) -> str:
    ends = " -> ".join(_ENDS.get(name, name) for name in (edge.source, edge.target))
    label = f" on {edge.label!r}" if edge.label else ""
    return f"{ends}{f' ({edge.kind})' if edge.kind != 'plain' else ''}{label} at {edge.where}"


def _cut(text: str) -> str:
    flat = one_line(text)
    return flat if len(flat) <= _CUT else f"{flat[: _CUT - 1].rstrip()}…"
