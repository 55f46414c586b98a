"""What a name may stand for in the reading of a program: alternatives, nothing executed.

A Value holds alternative Atoms; the empty one says that nothing is known. Containers, instances and graphs are
identified by the place that made them: ``messages.append`` is seen through every name. This module knows no library.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from harness.types import EdgeKind, Json, Parts, Repeat, Span, TemplateKind


@dataclass(frozen=True, slots=True)
class Fragment:
    """One authored text on its way to a model."""

    id: str
    span: Span
    kind: str  # constant, fstring, file
    template: TemplateKind
    parts: Parts
    hops: tuple[str, ...] = ()
    role: str = ""
    problem: str = ""  # why its way or its form is not certain
    loop: tuple[int, int] | None = None  # first and last line of the loop that it is written in
    filled: bool = False  # it reaches the model inside another text

    def hop(self, step: str) -> Fragment:
        """The same text one step further."""
        return self if step in self.hops or len(self.hops) >= 12 else replace(self, hops=(*self.hops, step))


class Nested:
    """Holds others of its kind, maybe the same ones many times over: so its hash is made once."""

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(vars(self).values()))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class Text:
    """A string: the authored texts in it, and its exact value where that is static."""

    fragments: tuple[Fragment, ...] = ()
    static: str | None = None
    embedded: tuple[Fragment, ...] = ()  # authored texts that are filled into the fragments
    variable: str = ""  # of the environment, which wins over it; of a text with fragments their hops say it too


@dataclass(frozen=True, slots=True)
class Const:
    """A number, bool or None."""

    static: Json
    span: Span | None = None  # of a number as written
    variable: str = ""  # of the environment, which wins over it where it is set


@dataclass(frozen=True, slots=True)
class Data:
    """What comes at run time: state, inputs, replies."""

    what: str = ""
    variable: str = ""  # of the environment that it is read from


@dataclass(frozen=True, slots=True)
class Opaque:
    """A result of foreign code that this reading cannot follow."""

    what: str  # the code, shortened
    where: str  # "file:line"


@dataclass(frozen=True, slots=True)
class External:
    """A name of an installed package, dotted; ``()`` marks an instance."""

    path: str


@dataclass(frozen=True, slots=True)
class Model:
    """A chat model as constructed, however wrapped since."""

    provider: str
    id: str
    parameters: tuple[tuple[str, Json], ...]
    where: str  # "file:line" of the constructor
    literals: tuple[tuple[str, Span], ...] = ()  # parameters whose value is one number, the id one text; the places
    room: Span | None = None  # where the constructor call takes a further keyword
    written: str = ""  # the id as it stands in the source
    overrides: tuple[tuple[str, str], ...] = ()  # parameters, "model" the id, with the environment variable that wins
    steers: Value = field(default=(), compare=False)  # its tools and the form of its reply
    rule: Value = ()  # the system text that it is made with


@dataclass(frozen=True)
class Message(Nested):
    """One chat message or message template."""

    role: str
    content: Value

    __hash__ = Nested.__hash__


@dataclass(eq=False, slots=True)
class Seq:
    """A list or tuple; ``items`` in order while ``exact``, else alternatives of any item."""

    items: list[Value] = field(default_factory=list)
    exact: bool = True

    def __post_init__(self) -> None:
        if not self.exact or len(self.items) > _LONGEST:  # lists that grow in loops would grow without end
            self.items, self.exact = list(dict.fromkeys(self.items))[:_LONGEST], False

    def add(self, item: Value) -> None:
        """Put one more item at the end."""
        if len(self.items) < _LONGEST:
            self.items.append(item)
        else:
            self.exact = False

    def any(self) -> Value:
        """Every value that an item may have."""
        return join(self.items)


@dataclass(eq=False, slots=True)
class Table:
    """A dict with the keys that are static, and the values under unknown keys."""

    entries: dict[str, Value] = field(default_factory=dict)
    rest: Value = ()


@dataclass(eq=False, slots=True)
class Scope:
    """Names of a module, class body or call, with the scope around it."""

    file: str
    name: str  # "", "function" or "Class.method"
    names: dict[str, Value] = field(default_factory=dict)
    outer: Scope | None = None
    outside: frozenset[str] = frozenset()  # declared global
    options: dict[str, Value] = field(default_factory=dict)  # parameters left at their default, which says yes or no
    is_class: bool = False

    def module(self) -> Scope:
        """The outermost scope."""
        return self.outer.module() if self.outer else self


@dataclass(frozen=True)
class Function(Nested):
    """A function, method or lambda of the repository with what is already bound to it."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope  # where it was defined
    args: tuple[Value, ...] = ()  # bound: self, or by partial
    kwargs: tuple[tuple[str, Value], ...] = ()
    tag: str = ""  # "task", "tool", "property", ... by decorator

    @property
    def name(self) -> str:
        """Its name, ``lambda`` for one without."""
        return "lambda" if isinstance(self.node, ast.Lambda) else self.node.name

    __hash__ = Nested.__hash__


@dataclass(frozen=True)
class Class:
    """A class of the repository."""

    node: ast.ClassDef
    body: Scope
    bases: tuple[Value, ...]


@dataclass(eq=False, slots=True)
class Instance:
    """An object of a class of the repository."""

    of: Class
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Record:
    """An object of foreign code of which some attributes are known."""

    attributes: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the repository; a path that ends in a slash is a package without an ``__init__``."""

    file: str


@dataclass(frozen=True, slots=True)
class Pending:
    """An imported name that was not needed yet."""

    file: str
    name: str
    hop: str


@dataclass(frozen=True)
class Chain(Nested):
    """``a | b | c``, or a prompt template alone."""

    steps: tuple[Value, ...]

    __hash__ = Nested.__hash__


@dataclass(frozen=True)
class Added:
    """One node as added to a graph."""

    name: str
    file: str
    line: int
    action: Value
    source: str  # code of the action, for messages
    graph: str = ""  # where its graph is made, "file:line"


@dataclass(frozen=True)
class Wire:
    """One edge as added to a graph, or the choice of one."""

    source: str  # name of a node
    targets: Value  # names; of a choice what its map holds, () without one
    where: str  # "file:line"
    kind: EdgeKind = "plain"
    chooser: Value = ()  # what a choice is made by
    source_code: str = ""  # of the choice, for messages


@dataclass(eq=False, slots=True)
class Graph:
    """A graph under construction or compiled; both share the lists of nodes and wires."""

    where: str  # "file:line"
    nodes: list[Added] = field(default_factory=list)
    compiled: bool = False
    wires: list[Wire] = field(default_factory=list)


@dataclass(frozen=True)
class Agent:
    """A prebuilt agent: one graph whose model node speaks with the given prompt."""

    name: str  # of its model node as LangGraph reports it
    file: str
    line: int
    end_line: int
    what: str  # the function that built it
    event: CallEvent


@dataclass(frozen=True)
class CallEvent:
    """One place that calls a model, with the texts that it sends."""

    where: str  # "file:line"
    what: str  # the code of the call's function
    models: tuple[Model, ...]
    fragments: tuple[Fragment, ...]
    unknown: tuple[str, ...] = ()  # arguments whose authored text could not be read, in words
    span: Span | None = None  # of the call
    steers: Value = field(default=(), compare=False)  # tools and forms that are sent with it
    repeat: Repeat | None = field(default=None, compare=False)  # of a call, not of an agent


@dataclass(eq=False, slots=True)
class Template:
    """A prompt template object: the messages that it will make, and what is filled in beforehand."""

    messages: list[Message]
    filling: list[Value] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.add([])

    def add(self, messages: Iterable[Message], filling: Iterable[Value] = ()) -> None:
        """Put further messages at the end, as many as a template may have."""
        self.messages = [*self.messages, *messages][:_LONGEST]
        self.filling = [*self.filling, *filling][:_LONGEST]


@dataclass(frozen=True, slots=True)
class FilePath:
    """A path, as written or relative to the root of the repository."""

    path: str


@dataclass(frozen=True, slots=True)
class Opened:
    """An open file."""

    path: str


@dataclass(frozen=True, slots=True)
class Method:
    """A method of an atom that is no object of the repository, not called yet."""

    of: Atom
    name: str
    source: str  # code of the receiver


Atom = (
    Text | Const | Data | Opaque | External | Model | Message | Seq | Table | Template | Method | FilePath | Opened
    | Function | Class | Instance | Record | Module | Pending | Chain | Graph | Agent
)  # fmt: skip
Value = tuple[Atom, ...]  # without repeats, in the order met

NOTHING: Value = ()
_LONGEST = 200  # items of a list kept
_WIDEST = 40  # alternatives kept; more are the sign of a table, not of a prompt


def join(values: Iterable[Value]) -> Value:
    """Every alternative of every value."""
    found = [value for value in values if value]
    if not found or all(value is found[0] for value in found):  # without a hash of each: most values are alone
        return found[0] if found else NOTHING
    return tuple(dict.fromkeys(atom for value in found for atom in value))[:_WIDEST]


def merge_names(branches: Iterable[Mapping[str, Value]]) -> dict[str, Value]:
    """Names after several branches of which one was taken."""
    merged: dict[str, Value] = {}
    for names in branches:
        for name, value in names.items():
            known = merged.get(name)
            if known is not value:
                merged[name] = join((known, value)) if known else value
    return merged


def tells(value: Value) -> bool:
    """Whether the value holds more than numbers and what comes at run time."""
    return not all(isinstance(atom, Data | Opaque | Const) for atom in value)


def strings(value: Value) -> Iterator[str]:
    """The static strings among the alternatives."""
    for atom in value:
        if isinstance(atom, Text) and atom.static is not None:
            yield atom.static


def one_string(value: Value) -> str | None:
    """The only static string, or None."""
    found = set(strings(value))
    return found.pop() if len(found) == 1 else None
