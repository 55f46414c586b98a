"""Reads the code of a repository without running it: calls, imports and objects. Everything else is inherited."""

from __future__ import annotations

import ast

from harness.discover.chatmodels import is_chat_model, model, provider_of
from harness.discover.files import Files
from harness.discover.library import foreign
from harness.discover.objects import Invocation, lineage
from harness.discover.readings import Readings
from harness.discover.runnables import Runnables
from harness.discover.texts import hopped
from harness.discover.values import (
    NOTHING,
    Agent,
    Atom,
    Chain,
    Class,
    Const,
    Data,
    External,
    Function,
    Graph,
    Instance,
    Method,
    Model,
    Opaque,
    Record,
    Scope,
    Seq,
    Table,
    Text,
    Value,
    join,
)

_DICTS = {"TypedDict", "MessagesState", "AgentState", "dict"}  # classes whose objects are dicts
_DEEPEST = 16  # calls of the repository's own functions inside one another


class Machine(Runnables):
    """One reading of a repository. ``graphs`` holds every graph met, in the order met."""

    def __init__(self, files: Files) -> None:
        super().__init__(files)
        self.graphs: list[Graph] = []
        self.reached: list[Graph | Agent] = []  # run by the code being read
        self._stack: list[ast.AST] = []
        self._readings = Readings()

    def begin(self) -> None:
        """Forget the calls noted and the steps taken; what modules hold stays."""
        self.events, self.subgraphs, self.reached, self.gotos = [], [], [], []
        self.running = False
        self.steps.begin()
        self._readings = Readings()
        self._stack, self._inside_fstring = [], 0

    # ---- calls ----

    def apply(self, callee: Atom, call: Invocation) -> Value:
        """The result of a call; model calls are noted in ``events``."""
        if isinstance(callee, Function):
            return self._call_function(callee, call)
        if isinstance(callee, Class):
            return self._instance(callee, call)
        if isinstance(callee, External):
            return self._foreign(callee, call)
        if isinstance(callee, Method):
            return self.method(callee.of, callee.name, call, callee.source)
        if isinstance(callee, Instance):
            called = self.attribute(callee, "__call__", call.source)
            return join(self.apply(a, call) for a in called if isinstance(a, Function)) or (Data(),)
        if isinstance(callee, Model | Chain):
            return self.method(callee, "invoke", call, call.source)
        return (Opaque(call.source, call.where),) if isinstance(callee, Opaque) else (Data(),)

    def _foreign(self, callee: External, call: Invocation) -> Value:
        if callee.path == "builtins.super":
            return self._super(call)
        value = foreign(self, callee.path, call)
        self.graphs += [a for a in value if isinstance(a, Graph)]
        self.agents += [a for a in value if isinstance(a, Agent)]
        return value

    def _call_function(self, function: Function, call: Invocation) -> Value:
        if function.tag in {"tool", "task", "entrypoint"}:
            self.subgraphs.append(f"{function.tag} {function.name} at {call.where}")
            if function.tag == "tool":
                self.tools.append((function,))
            else:
                self.gotos.append(("calls", (Text((), function.name),), call.where))
            return (Data(),)
        return self.run(function, call.args, call.kwargs, _spread(call.node))

    def run(self, function: Function, args: tuple[Value, ...], kwargs: dict[str, Value], more: bool = False) -> Value:
        """Read the body of a function with these arguments, and maybe ``more``; Data where it is too deep or calls
        itself.
        """
        if len(self._stack) >= _DEEPEST or function.node in self._stack:
            return (Data(),)
        key = (function, args, tuple(kwargs.items()), more)
        return self._readings.read(function, key, lambda: self._read(function, args, kwargs, more), self._effects)

    def _super(self, call: Invocation) -> Value:
        """``super()`` in the method being read."""
        node = self._stack[-1] if self._stack else None
        own = node.args.args[:1] if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else []
        holders = self.evaluate(ast.Name(own[0].arg), call.scope) if own else NOTHING
        return tuple(self.above(a, node) for a in holders if isinstance(a, Instance) and node) or (Data(),)

    def _effects(self) -> int:
        noted = len(self.events) + len(self.subgraphs) + len(self.gotos) + len(self.tools)
        added = sum(len(graph.nodes) + len(graph.wires) for graph in self.graphs)
        return noted + added + len(self.graphs) + len(self.agents)

    def _read(self, function: Function, args: tuple[Value, ...], kwargs: dict[str, Value], more: bool) -> Value:
        scope = Scope(function.scope.file, function.name, outer=function.scope)
        self._bind_arguments(function, args, kwargs, scope)
        if more or not self.running or not self._stack:  # LangGraph and callers unknown may give what is left out
            scope.options = {}
        self._stack.append(function.node)
        outer, self._returns = self._returns, []
        try:
            if isinstance(function.node, ast.Lambda):
                return self.evaluate(function.node.body, scope)
            self.execute(function.node.body, scope)
            result = join(self._returns)
            if all(isinstance(atom, Data | Opaque | Const) for atom in result):
                promised = self._by_annotation(function.node.returns, function.scope)
                result = promised if any(isinstance(atom, Model) for atom in promised) else result
            hop = f"{scope.file}:{function.node.lineno} returned by {function.name}()"
            return hopped(result, hop) or (Data(),)
        finally:
            self._returns = outer
            self._stack.pop()

    def _bind_arguments(
        self, function: Function, args: tuple[Value, ...], kwargs: dict[str, Value], scope: Scope
    ) -> None:
        spec = function.node.args
        named = {**dict(function.kwargs), **kwargs}
        positional = [*spec.posonlyargs, *spec.args]
        given = [*function.args, *args]
        defaults = dict(zip([a.arg for a in positional][::-1], spec.defaults[::-1], strict=False))
        defaults |= {a.arg: d for a, d in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if d is not None}
        for index, parameter in enumerate([*positional, *spec.kwonlyargs]):
            value = given[index] if index < min(len(given), len(positional)) else named.pop(parameter.arg, NOTHING)
            if not value and parameter.arg in defaults:
                value = self.evaluate(defaults[parameter.arg], function.scope)
                scope.options |= {parameter.arg: value} if _is_switch(value) else {}
            if all(isinstance(atom, Data | Opaque | Const | Table) for atom in value):
                value = self._typed(value, self._by_annotation(parameter.annotation, function.scope))
            scope.names[parameter.arg] = value or (Data(),)
        if spec.vararg:
            scope.names[spec.vararg.arg] = (Seq(list(given[len(positional) :])),)
        if spec.kwarg:
            scope.names[spec.kwarg.arg] = (Table(named),)

    def _typed(self, value: Value, promised: Value) -> Value:
        """A value of which little is known, in the light of its type; a dict given for an object fills it."""
        tables = [atom for atom in value if isinstance(atom, Table)]
        if not tables:
            return promised or value
        objects = [atom for atom in promised if isinstance(atom, Instance) and not self._is_dict(atom.of)]
        for made in objects:
            made.attributes.update(tables[0].entries)
        return tuple(objects) or value

    def _is_dict(self, of: Class) -> bool:
        names = {b.path.rpartition(".")[2] for b in lineage(of) if isinstance(b, External)}
        return bool(names & _DICTS)

    def _by_annotation(self, annotation: ast.expr | None, scope: Scope) -> Value:
        """What a parameter of this type offers: an object with the defaults of its class, a model, a runtime."""
        if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value).endswith("Runtime"):
            return (Record({"context": self._by_annotation(annotation.slice, scope) or (Data(),)}),)
        if not isinstance(annotation, ast.Name | ast.Attribute):
            return NOTHING
        for atom in self.evaluate(annotation, scope):
            if isinstance(atom, Class):
                return (Instance(atom),)
            if isinstance(atom, External) and is_chat_model(atom.path):
                return (Model("", "", (), ""),)
        return NOTHING

    def _instance(self, of: Class, call: Invocation) -> Value:
        if self._is_model(of):
            return (model(self, of.node.name, call, provider_of(of.node.name)),)
        made = Instance(of)
        starters = [a for a in self.in_class(of, "__init__") if isinstance(a, Function)]
        for starter in starters:
            self.run(Function(starter.node, starter.scope, ((made,),)), call.args, call.kwargs, _spread(call.node))
        if not starters:
            fields = [
                s.target.id for s in of.node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
            ]
            made.attributes.update(dict(zip(fields, call.args, strict=False)) | call.kwargs)
        return (made,)

    def _is_model(self, of: Class) -> bool:
        return any(isinstance(b, External) and is_chat_model(b.path) for b in lineage(of))


def _is_switch(value: Value) -> bool:
    return len(value) == 1 and isinstance(value[0], Const) and (value[0].static is None or value[0].static in (0, 1))


def _spread(call: ast.expr) -> bool:
    """Whether a call passes on arguments that are not written in it."""
    if not isinstance(call, ast.Call):
        return False
    return any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords)
