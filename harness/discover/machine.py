"""Reads the code of a repository without running it: calls, imports and objects. Everything else is inherited."""

from __future__ import annotations

import ast

from harness.discover.containers import seq_method, table_method, text_method
from harness.discover.expressions import Invocation
from harness.discover.files import Files
from harness.discover.library import filled, foreign, is_chat_model, model, parameters, provider_of, record, steps
from harness.discover.messages import messages
from harness.discover.paths import opened_method, path_method
from harness.discover.statements import Executor
from harness.discover.values import (
    NOTHING,
    Added,
    Agent,
    Atom,
    Chain,
    Class,
    Const,
    Data,
    External,
    FilePath,
    Function,
    Graph,
    Instance,
    Method,
    Model,
    Module,
    Opaque,
    Opened,
    Record,
    Scope,
    Seq,
    Table,
    Template,
    Text,
    Value,
    join,
    one_string,
)

INVOKES = {
    "invoke", "ainvoke", "stream", "astream", "batch", "abatch", "astream_events", "generate", "agenerate", "predict",
    "apredict", "run", "arun", "transform", "astream_log", "__call__",
}  # fmt: skip
_FILLS = {"format", "aformat", "format_messages", "aformat_messages", "format_prompt", "aformat_prompt"}
_DEEPEST = 16  # calls of the repository's own functions inside one another


class Machine(Executor):
    """One reading of a repository. ``graphs`` holds every graph met, in the order met."""

    def __init__(self, files: Files) -> None:
        super().__init__(files)
        self.graphs: list[Graph] = []
        self.agents: list[Agent] = []
        self.reached: list[Graph | Agent] = []  # run by the code being read
        self._modules: dict[str, Scope] = {}
        self._stack: list[ast.AST] = []
        self._returns = []

    def begin(self) -> None:
        """Forget the calls noted and the steps taken; what modules hold stays."""
        self.events, self.subgraphs, self.reached = [], [], []
        self._steps = 0
        self._stack, self._inside_fstring = [], 0

    def scopes(self) -> list[Scope]:
        """The modules read so far."""
        return list(self._modules.values())

    # ---- modules ----

    def module(self, file: str) -> Scope:
        """The names of a file, read on first use; those read so far when files import each other."""
        if file not in self._modules:
            scope = Scope(file, "", {"__file__": (FilePath(file),), "__name__": (Text((), "__module__"),)})
            self._modules[file] = scope
            found = self.files.get(file)
            if found:
                outer, self._returns = self._returns, []
                self.execute(found.tree.body, scope)
                self._returns = outer
        return self._modules[file]

    def member(self, module: Module, name: str) -> Value:
        """A name of a module, or the submodule of that name."""
        if not module.file.endswith("/"):
            names = self.module(module.file).names
            if name in names:
                return names[name]
        folder = module.file.removesuffix("__init__.py")
        if folder.endswith("/") or not folder:
            inner = self.files.module(name, 1, f"{folder}__init__.py")
            if inner:
                return (Module(inner),)
        return NOTHING

    def import_names(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        """Bind what an import brings in: modules of the repository, else dotted foreign names."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                dotted = alias.name if alias.asname else alias.name.partition(".")[0]
                file = self.files.module(dotted, 0, scope.file)
                scope.names[alias.asname or dotted] = (Module(file),) if file else (External(dotted),)
            return
        file = self.files.module(node.module or "", node.level, scope.file)
        for alias in node.names:
            if file is None:
                scope.names[alias.asname or alias.name] = (External(f"{node.module}.{alias.name}"),)
            elif alias.name == "*":
                names = self.module(file).names if not file.endswith("/") else {}
                scope.names.update({k: v for k, v in names.items() if not k.startswith("_")})
            else:
                hop = f"{scope.file}:{node.lineno} imported"
                scope.names[alias.asname or alias.name] = _hopped(self.member(Module(file), alias.name), hop)

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
            return self._method(callee.of, callee.name, call, callee.source)
        if isinstance(callee, Instance):
            called = self.attribute(callee, "__call__", call.source)
            return join(self.apply(a, call) for a in called if isinstance(a, Function)) or (Data(),)
        if isinstance(callee, Model):
            return self._method(callee, "invoke", call, call.source)
        return (Opaque(call.source, call.where),) if isinstance(callee, Opaque) else (Data(),)

    def _foreign(self, callee: External, call: Invocation) -> Value:
        value = foreign(self, callee.path, call)
        self.graphs += [a for a in value if isinstance(a, Graph)]
        self.agents += [a for a in value if isinstance(a, Agent)]
        return value

    def _call_function(self, function: Function, call: Invocation) -> Value:
        if function.tag in {"tool", "task", "entrypoint"}:
            self.subgraphs.append(f"{function.tag} {function.name} at {call.where}")
            return (Data(),)
        return self.run(function, call.args, call.kwargs)

    def run(self, function: Function, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        """Read the body of a function with these arguments; Data where it is too deep or calls itself."""
        if len(self._stack) >= _DEEPEST or function.node in self._stack:
            return (Data(),)
        scope = Scope(function.scope.file, function.name, outer=function.scope)
        self._bind_arguments(function, args, kwargs, scope)
        self._stack.append(function.node)
        outer, self._returns = self._returns, []
        try:
            if isinstance(function.node, ast.Lambda):
                return self.evaluate(function.node.body, scope)
            self.execute(function.node.body, scope)
            hop = f"{scope.file}:{function.node.lineno} returned by {function.name}()"
            return _hopped(join(self._returns), hop) or (Data(),)
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
            if not value or value == (Data("state"),):
                value = self._by_annotation(parameter.annotation, function.scope) or value
            if not value and parameter.arg in defaults:
                value = self.evaluate(defaults[parameter.arg], function.scope)
            scope.names[parameter.arg] = value or (Data(),)
        if spec.vararg:
            scope.names[spec.vararg.arg] = (Seq(list(given[len(positional) :])),)
        if spec.kwarg:
            scope.names[spec.kwarg.arg] = (Table(named),)

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
            return (model(call, provider_of(of.node.name)),)
        made = Instance(of)
        starters = [a for a in self.in_class(of, "__init__") if isinstance(a, Function)]
        for starter in starters:
            self.run(Function(starter.node, starter.scope, ((made,),)), call.args, call.kwargs)
        if not starters:
            fields = [
                s.target.id for s in of.node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
            ]
            made.attributes.update(dict(zip(fields, call.args, strict=False)) | call.kwargs)
        return (made,)

    def _is_model(self, of: Class) -> bool:
        bases = [atom for value in of.bases for atom in value]
        return any(
            is_chat_model(b.path) if isinstance(b, External) else isinstance(b, Class) and self._is_model(b)
            for b in bases
        )

    # ---- methods of what is no object of the repository ----

    def _method(self, of: Atom, name: str, call: Invocation, source: str) -> Value:
        if isinstance(of, Text):
            return text_method(of, name, call)
        if isinstance(of, Seq):
            return seq_method(of, name, call)
        if isinstance(of, Table):
            return table_method(of, name, call)
        if isinstance(of, FilePath):
            return path_method(of, name, call.args, call.where, self.literals)
        if isinstance(of, Opened):
            return opened_method(of, name, call.where, self.literals)
        if isinstance(of, Graph | Agent):
            return self._graph_method(of, name, call)
        if isinstance(of, Model | Chain | Template | Function) and name == "pipe":
            return (Chain(((of,), *call.args)),)
        if isinstance(of, Model):
            return self._model_method(of, name, call)
        if isinstance(of, Template):
            fills = name in INVOKES or name in _FILLS
            return filled(self, of, call) if fills else (of,)
        if isinstance(of, Chain):
            return self._run_chain(of, call) if name in INVOKES else (of,)
        if isinstance(of, Function):
            return self.apply(of, call) if name in INVOKES else (of,)
        return self._unknown_method(of, name, call, source)

    def _model_method(self, of: Model, name: str, call: Invocation) -> Value:
        if name in INVOKES:
            record(self, call, (of,), join(call.args[:1]) or call.argument(-1, "input", "messages", "prompt"))
            return (Data(),)
        if name == "bind":
            return (
                Model(of.provider, of.id, tuple({**dict(of.parameters), **dict(parameters(call))}.items()), of.where),
            )
        if name == "with_fallbacks":
            return (of, *(a for arg in call.args for a in arg if isinstance(a, Seq) for a in a.any()))
        return (of,) if name.startswith(("with_", "bind", "configurable", "as_")) else (Data(),)

    def _run_chain(self, chain: Chain, call: Invocation) -> Value:
        """Pass the input through the steps; whatever was gathered reaches the first model met."""
        pending: Value = join(call.args[:1])
        for step in steps(chain):
            models = tuple(a for a in step if isinstance(a, Model))
            if models:
                record(self, call, models, pending)
                pending = (Data(),)
                continue
            pending = join([self._chain_step(atom, pending, call) for atom in step])
        return pending

    def _chain_step(self, atom: Atom, pending: Value, call: Invocation) -> Value:
        passed = Invocation(call.where, call.source, call.node, call.scope, (pending,), {})
        if isinstance(atom, Template):
            return filled(self, atom, passed)
        if isinstance(atom, Function | Class | Method | Instance):
            return self.apply(atom, passed)
        if isinstance(atom, Table):
            inner = (a for value in atom.entries.values() for a in value if isinstance(a, Chain | Function))
            results = [self._method(a, "invoke", passed, call.source) for a in inner]
            return join((pending, *results))
        if isinstance(atom, Agent):
            return self._graph_method(atom, "invoke", passed)
        return (atom,) if isinstance(atom, Opaque) else pending

    def _graph_method(self, of: Graph | Agent, name: str, call: Invocation) -> Value:
        what = f"the {of.what} of {of.file}:{of.line}" if isinstance(of, Agent) else f"the graph of {of.where}"
        if name in INVOKES:
            self.subgraphs.append(f"{what} at {call.where}")
            self.reached.append(of)
            return (Data(),)
        if isinstance(of, Agent):
            return (of,)
        if name == "add_node":
            self._add_node(of, call.argument(0, "node"), call.argument(1, "action"), call)
        elif name == "add_sequence":
            for item in (item for atom in call.argument(0) if isinstance(atom, Seq) for item in atom.items):
                pairs = [a.items for a in item if isinstance(a, Seq) and len(a.items) == 2]
                first, second = pairs[0] if pairs else (item, NOTHING)
                self._add_node(of, first, second, call)
        elif name == "compile":
            return (Graph(of.where, of.nodes, compiled=True),)
        return (of,)

    def _add_node(self, graph: Graph, first: Value, second: Value, call: Invocation) -> None:
        name = one_string(first)
        action = second if name is not None or second else first
        if name is None:
            names = [a.name for a in action if isinstance(a, Function)] or [_class_name(a) for a in action]
            name = names[0] if names else ast.unparse(call.node)[:40]
        arguments = call.node.args if isinstance(call.node, ast.Call) else []
        source = ast.unparse(arguments[-1])[:60] if arguments else call.source
        graph.nodes.append(Added(name, call.scope.file, int(call.where.rpartition(":")[2]), action, source))

    def _unknown_method(self, of: Atom, name: str, call: Invocation, source: str) -> Value:
        """Something we know nothing of is invoked: a model when its name or what it is given says so."""
        if name in INVOKES and isinstance(of, Data | Opaque | Record | Const):
            authored = any(message.role == "system" for arg in call.args for message in messages(arg))
            last = source.rpartition(".")[2].lower()
            if authored or any(word in last for word in ("llm", "chat_model", "chatmodel")) or last == "model":
                record(self, call, (), join(call.args[:1]))
        return (Opaque(call.source, call.where),) if isinstance(of, Opaque) else (Data(),)


def _hopped(value: Value, hop: str) -> Value:
    return tuple(
        Text(tuple(f.hop(hop) for f in a.fragments), a.static, a.embedded) if isinstance(a, Text) and a.fragments else a
        for a in value
    )


def _class_name(atom: Atom) -> str:
    if isinstance(atom, External):
        return {"ToolNode()": "tools"}.get(atom.path.rpartition(".")[2], atom.path)
    if isinstance(atom, Instance):
        return atom.of.node.name
    return atom.name if isinstance(atom, Method | Agent) else "LangGraph"
