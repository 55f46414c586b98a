"""What the app is: places in files, prompts, models, nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.types.base import AsideKind, EdgeKind, Json, Proof, SteerKind, TemplateKind


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a file. Offsets count bytes from the start of the file, end exclusive."""

    file: str  # relative to the repo root, with forward slashes
    start: int
    end: int
    line: int  # 1-based line of start
    end_line: int


@dataclass(frozen=True, slots=True)
class Variable:
    """A place in a prompt that the app fills in."""

    name: str  # what it is called: "ticket", "state['ticket']"
    source: str  # exactly as written with its braces: "{ticket}", "{state['x']!r:>10}", "{{ ticket }}"


Parts = tuple[str | Variable, ...]  # a prompt as literal text (unescaped) and variables, in order


def text_of(parts: Parts) -> str:
    """A prompt as a person reads it: literals unescaped, variables as written in the source."""
    return "".join(part if isinstance(part, str) else part.source for part in parts)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One authored text that reaches a model."""

    id: str  # stable within a version: "graphs/x/prompts.py:CLASSIFY" or "file:line"
    span: Span  # of the literal with its quotes, of the value in a document, or of the whole text file
    kind: str  # constant, fstring, format, message, file, argument; yaml, toml or json: one value of such a file
    template: TemplateKind  # how its variables are written
    role: str  # system, human, ai or "" when unknown
    parts: Parts
    nodes: tuple[str, ...]  # every node that it feeds
    proof: Proof
    hops: tuple[str, ...] = ()  # how the text travels to the call, "file:line what"
    reason: str = ""  # why it is not proved, in words
    runs_on: bool = False  # in the messages that were sent, other text stands behind it on its last line
    twin: str = ""  # "file:line" of a place that is not followed and holds the same text
    seen: bool = False  # of a likely one: its text was sent, and may have been read from another place that holds it

    @property
    def is_editable(self) -> bool:
        """Whether its text was seen in a message: an edit of it can be tried, and counts where a call shows it."""
        return self.proof == "proved" or self.seen

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the variables in order, repeats kept."""
        return tuple(p.name for p in self.parts if isinstance(p, Variable))

    @property
    def text(self) -> str:
        """The text as a person reads it: literals unescaped, variables as written in the source."""
        return text_of(self.parts)


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A model as constructed in the source."""

    provider: str  # "openai", "embedded", or "" when unknown
    id: str  # model id, or "" when it is not static
    parameters: Mapping[str, Json]  # temperature, max_tokens, ... as far as static
    where: str  # "file:line" of the constructor
    literals: Mapping[str, Span] = field(
        default_factory=dict
    )  # parameter -> the one number, or of "model" the one text, that gives it its value
    room: Span | None = None  # empty: where the constructor call takes a further keyword; None = none can be added
    written: str = ""  # the text at literals["model"]: the id, with its provider where that stands in it
    overrides: Mapping[str, str] = field(default_factory=dict)  # parameter or "model" -> environment variable that wins


@dataclass(frozen=True, slots=True)
class Repeat:
    """A model call as written, which a helper in its file could make several times."""

    where: str  # "file:line" of the call
    place: Span | None  # from the definition that holds it, where a helper may stand, to the end of the call
    reason: str = ""  # why there is no place, in words


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the app's graph."""

    name: str
    graph_file: str  # file with the add_node
    line: int  # of the add_node
    function: str  # name of the node's function, "" when unresolved
    file: str  # file of the function
    first_line: int
    last_line: int
    is_llm: bool
    why: str  # "calls llm.invoke at nodes.py:14", or why not
    calls: tuple[str, ...] = ()  # "file:line" of each model call
    models: tuple[ModelUse, ...] = ()
    prompts: tuple[str, ...] = ()  # ids of its prompts
    graph: str = ""  # "file:line" where its graph is made, "" for a task or an entrypoint
    runs: tuple[str, ...] = ()  # "file:line" of each graph and prebuilt agent that it runs
    repeats: tuple[Repeat, ...] = ()  # of its model calls


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from one node to the next, as written."""

    graph: str  # "file:line" where the graph is made
    source: str  # name of a node, or "__start__"
    target: str  # name of a node, or "__end__"
    kind: EdgeKind
    label: str = ""  # what chooses this way, where it is not the name of the target
    where: str = ""  # "file:line"


@dataclass(frozen=True, slots=True)
class Aside:
    """A function beside the nodes that calls a model: a condition between nodes, or a tool. Listed, never edited."""

    kind: AsideKind
    name: str  # of the function
    where: str  # "file:line" of the function
    nodes: tuple[str, ...]  # that it chooses a way for, or whose model may call it; () = not known
    calls: tuple[str, ...]  # "file:line" of each model call
    models: tuple[ModelUse, ...]
    texts: tuple[str, ...]  # "file:line" of each authored text that it sends


@dataclass(frozen=True, slots=True)
class Steer:
    """A text that is no prompt and reaches the model: of a tool, or of a form for its reply. Never edited."""

    kind: SteerKind
    name: str  # "search", "search(query)", "Review", "Review.score"
    where: str  # "file:line"
    text: str
    nodes: tuple[str, ...]  # whose model is sent it


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found in a tree."""

    graph: str  # "path.py:name", the entry
    nodes: tuple[Node, ...]
    prompts: tuple[Prompt, ...]
    notes: tuple[str, ...] = ()  # what could not be resolved, in words
    edges: tuple[Edge, ...] = ()
    asides: tuple[Aside, ...] = ()
    steers: tuple[Steer, ...] = ()
    digest: str = ""  # of the content of every file that this was read from, "" in records of older versions


@dataclass(frozen=True, slots=True)
class Facts:
    """What a started app is, known without a model call."""

    nodes: tuple[str, ...]
    input_keys: tuple[str, ...]  # of the graph's input, () = any
    output_keys: tuple[str, ...]  # of its final state, () = any
    text_key: str | None  # where a bare text goes; "" = it is the input itself, None = nowhere
    is_async: bool  # some node can only be awaited
    checkpointer: str  # class name, "" without
    has_context: bool  # a context schema, all of whose fields are given
