"""What an expression may stand for. Follows names, containers and text; leaves calls and imports to its subclasses."""

from __future__ import annotations

import ast
from typing import Any

from harness.discover.containers import tables_joined
from harness.discover.files import Files
from harness.discover.items import added, item_of, iterated, one_by_one, put
from harness.discover.naming import purely_literal
from harness.discover.objects import Invocation, Objects
from harness.discover.paths import joined
from harness.discover.steps import Steps
from harness.discover.texts import Literals, concatenated, exact, filling, has_text, percent
from harness.discover.values import (
    NOTHING,
    Agent,
    Atom,
    CallEvent,
    Chain,
    Const,
    Data,
    External,
    FilePath,
    Function,
    Message,
    Opaque,
    Scope,
    Seq,
    Table,
    Template,
    Text,
    Value,
    join,
    one_string,
    tells,
)
from harness.types import EdgeKind


class Evaluator(Objects):
    """Evaluates expressions. ``events`` collects the model calls met on the way."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.literals = Literals(files)
        self.events: list[CallEvent] = []
        self.subgraphs: list[str] = []  # graphs and tools run by the code being read, in words
        self.agents: list[Agent] = []  # every prebuilt agent met
        self.changes = 0  # of lists, dicts and objects in place, so far
        self.gotos: list[tuple[EdgeKind, Value, str]] = []  # ways chosen by the code being read: kind, names, place
        self.tools: list[Value] = []  # run by a node, whoever asks for them
        self.running = False  # what a node does is read, not how graphs are made
        self.steps = Steps(files)
        self._inside_fstring = 0
        self._ways: dict[type, Any] = {}  # methods by the kind of their node
        self._sources: dict[ast.AST, str] = {}
        self._numbers: dict[ast.AST, Const] = {}

    def code(self, node: ast.expr) -> str:
        """The code of an expression, shortened."""
        if node not in self._sources:
            self._sources[node] = ast.unparse(node)[:60]
        return self._sources[node]

    def evaluate(self, node: ast.expr | None, scope: Scope) -> Value:
        """Everything that the expression may stand for. Raises TooComplexError."""
        if node is None:
            return NOTHING
        self.steps.step()
        kind = type(node)
        if kind not in self._ways:
            self._ways[kind] = getattr(self, f"_on_{kind.__name__.lower()}", None)
        handler = self._ways[kind]
        if handler:
            value: Value = handler(node, scope)
            return value
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.evaluate(child, scope)
        return (Data(),)

    # ---- text ----

    def _on_constant(self, node: ast.Constant, scope: Scope) -> Value:
        if not isinstance(node.value, str):
            if node not in self._numbers or self._inside_fstring:
                self._numbers[node] = self._constant(node, scope)
            return (self._numbers[node],)
        if self._inside_fstring:  # before Python 3.12 such a literal has no reliable place
            return (Text((), node.value),)
        return (Text(self.literals.fragments(node, scope), node.value),)

    def _constant(self, node: ast.Constant, scope: Scope) -> Const:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            return Const(node.value if isinstance(node.value, bool) else None)
        found = self.files.get(scope.file) if hasattr(node, "lineno") and not self._inside_fstring else None
        return Const(node.value, found.source.span(scope.file, node) if found and found.is_editable else None)

    def _on_joinedstr(self, node: ast.JoinedStr, scope: Scope) -> Value:
        self._inside_fstring += 1
        pieces = [
            self.evaluate(part.value if isinstance(part, ast.FormattedValue) else part, scope) for part in node.values
        ]
        self._inside_fstring -= 1
        static = exact(one_string(piece) for piece in pieces)
        inner = concatenated(pieces, None)
        if self._inside_fstring:
            return (Text(inner.fragments, static, inner.embedded),)
        own = self.literals.fragments(node, scope)
        if not own:
            return (Text(inner.fragments, static, inner.embedded),)
        hop = f"{scope.file}:{node.lineno} filled into an f-string"
        return (Text(own, static, tuple(f.hop(hop) for f in filling(pieces))),)

    def _on_binop(self, node: ast.BinOp, scope: Scope) -> Value:
        if isinstance(node.op, ast.Add) and purely_literal(node) and not self._inside_fstring:
            pieces = [self.evaluate(leaf, scope) for leaf in (node.left, node.right)]
            whole = concatenated(pieces, None)
            return (Text(self.literals.fragments(node, scope), whole.static, whole.embedded),)
        left, right = self.evaluate(node.left, scope), self.evaluate(node.right, scope)
        if isinstance(node.op, ast.BitOr):
            return tables_joined(left, right) or (Chain((left, right)),)
        if isinstance(node.op, ast.Div):
            return join(joined(a.path, right) for a in left if isinstance(a, FilePath)) or (Data(),)
        if isinstance(node.op, ast.Add):
            mixed = any(isinstance(atom, Template | Message) for atom in (*left, *right))
            return self.add_templates(left, right, node, scope) if mixed else added(left, right)
        if isinstance(node.op, ast.Mod) and has_text(left):
            return percent(left, right, f"{scope.file}:{node.lineno} %")
        return (Data(),)

    # ---- names ----

    def _on_name(self, node: ast.Name, scope: Scope) -> Value:
        found: Scope | None = scope
        while found is not None:
            if node.id in found.names and node.id not in found.outside:
                return self.resolve(found, node.id)
            found = found.outer
        return (External(f"builtins.{node.id}"),)

    def _on_attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        base = self.evaluate(node.value, scope)
        source = self.code(node.value)
        if not base:
            base = (Opaque(source, f"{scope.file}:{node.lineno}"),)
        return join(self.attribute(atom, node.attr, source) for atom in base)

    # ---- containers ----

    def _on_list(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Value:
        items: list[Value] = []
        exact = True
        for element in node.elts:
            value = self.evaluate(element.value if isinstance(element, ast.Starred) else element, scope)
            if isinstance(element, ast.Starred):
                exact = exact and all(isinstance(a, Seq) and a.exact for a in value) and len(value) == 1
                items += [item for a in value if isinstance(a, Seq) for item in a.items]
                items += [(a,) for a in value if not isinstance(a, Seq)]
            else:
                items.append(value)
        return (Seq(items, exact),)

    _on_tuple = _on_set = _on_list

    def _on_dict(self, node: ast.Dict, scope: Scope) -> Value:
        table = Table()
        for key, item in zip(node.keys, node.values, strict=True):
            value = self.evaluate(item, scope)
            name = one_string(self.evaluate(key, scope)) if key else None
            if key is None:
                for atom in value:
                    if isinstance(atom, Table):
                        table.entries.update(atom.entries)
                        table.rest = join((table.rest, atom.rest))
            elif name is not None:
                table.entries[name] = value
            else:
                table.rest = join((table.rest, value))
        return (table,)

    def _on_subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        base = self.evaluate(node.value, scope)
        key = self.evaluate(node.slice, scope) if not isinstance(node.slice, ast.Slice) else NOTHING
        name = one_string(key)
        if name and any(isinstance(atom, External) and atom.path == "os.environ" for atom in base):
            return (Data(variable=name),)
        return join(item_of(atom, node.slice, key) for atom in base)

    def _on_listcomp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scope: Scope) -> Value:
        inner = Scope(scope.file, scope.name, outer=scope)
        first = node.generators[0]
        table = one_by_one(self.evaluate(first.iter, inner)) if len(node.generators) == 1 and not first.ifs else []
        if table:
            return (Seq([self._bound_to(item, first.target, node.elt, inner) for item in table]),)
        for generator in node.generators:
            items = join(iterated(self.evaluate(generator.iter, inner)))
            self.bind(generator.target, items, inner)
            for condition in generator.ifs:
                self.evaluate(condition, inner)
        return (Seq([self.evaluate(node.elt, inner)], exact=False),)

    def _bound_to(self, item: Value, target: ast.expr, result: ast.expr, scope: Scope) -> Value:
        self.bind(target, item, scope)
        return self.evaluate(result, scope)

    _on_setcomp = _on_generatorexp = _on_listcomp

    def _on_dictcomp(self, node: ast.DictComp, scope: Scope) -> Value:
        inner = Scope(scope.file, scope.name, outer=scope)
        for generator in node.generators:
            self.bind(generator.target, join(iterated(self.evaluate(generator.iter, inner))), inner)
        self.evaluate(node.key, inner)
        return (Table(rest=self.evaluate(node.value, inner)),)

    # ---- the rest ----

    def _on_ifexp(self, node: ast.IfExp, scope: Scope) -> Value:
        self.evaluate(node.test, scope)
        on = self.switch(node.test, scope)
        taken = [branch for branch, way in ((node.body, True), (node.orelse, False)) if on in (None, way)]
        return join([self.evaluate(branch, scope) for branch in taken])

    def switch(self, test: ast.expr, scope: Scope) -> bool | None:
        """What a test comes to that asks for nothing but a parameter of the call being read; None where it is open."""
        inner = test.operand if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) else test
        if not isinstance(inner, ast.Name) or inner.id not in scope.options:
            return None
        value = scope.options[inner.id]
        if scope.names.get(inner.id) is not value:  # assigned since
            return None
        return any(isinstance(a, Const) and bool(a.static) for a in value) is (inner is test)

    def _on_boolop(self, node: ast.BoolOp, scope: Scope) -> Value:
        return join([self.evaluate(value, scope) for value in node.values])

    def _on_await(self, node: ast.Await | ast.Starred, scope: Scope) -> Value:
        return self.evaluate(node.value, scope)

    _on_starred = _on_await

    def _on_namedexpr(self, node: ast.NamedExpr, scope: Scope) -> Value:
        value = self.evaluate(node.value, scope)
        self.bind(node.target, value, scope)
        return value

    def _on_lambda(self, node: ast.Lambda, scope: Scope) -> Value:
        return (Function(node, scope),)

    def _on_call(self, node: ast.Call, scope: Scope) -> Value:
        callees = self.evaluate(node.func, scope)
        args: list[Value] = []
        for arg in node.args:
            value = self.evaluate(arg, scope)
            if isinstance(arg, ast.Starred):
                args += [item for atom in value if isinstance(atom, Seq) for item in atom.items]
            else:
                args.append(value)
        kwargs: dict[str, Value] = {}
        for keyword in node.keywords:
            value = self.evaluate(keyword.value, scope)
            if keyword.arg:
                kwargs[keyword.arg] = value
            else:
                for atom in value:
                    kwargs.update(atom.entries if isinstance(atom, Table) else {})
        source = self.code(node.func)
        line = node.func.end_lineno if isinstance(node.func, ast.Attribute) else node.lineno  # of the name in a chain
        call = Invocation(f"{scope.file}:{line}", source, node, scope, tuple(args), kwargs)
        if not callees:
            return (Opaque(source, call.where),)
        return join([self.apply(callee, call) for callee in callees])

    def set_attribute(self, atom: Atom, name: str, value: Value) -> None:
        """``atom.name = value``."""
        raise NotImplementedError

    def add_templates(self, left: Value, right: Value, node: ast.expr, scope: Scope) -> Value:
        """``left + right`` where a prompt template or a message is among them."""
        raise NotImplementedError

    def bind(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Assign to a name, attribute, item or pattern of names."""
        if isinstance(target, ast.Name):
            home = scope.module() if target.id in scope.outside else scope
            home.names[target.id] = value
        elif isinstance(target, ast.Attribute):
            self.changes += tells(value)
            for atom in self.evaluate(target.value, scope):
                self.set_attribute(atom, target.attr, value)
        elif isinstance(target, ast.Subscript):
            key = one_string(self.evaluate(target.slice, scope))
            self.changes += tells(value)
            for atom in self.evaluate(target.value, scope):
                if isinstance(atom, Table):
                    put(atom, key, value)
        elif isinstance(target, ast.Tuple | ast.List):
            for index, element in enumerate(target.elts):
                items = join(item_of(atom, ast.Constant(index), NOTHING) for atom in value)
                self.bind(element, items or (Data(),), scope)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, value, scope)
