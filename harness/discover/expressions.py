"""What an expression may stand for. Follows names, containers and text; leaves calls and imports to its subclasses."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from harness.discover.files import Files
from harness.discover.paths import attribute as path_attribute
from harness.discover.paths import joined
from harness.discover.texts import Literals, concatenated, has_text, percent, purely_literal
from harness.discover.values import (
    NOTHING,
    Atom,
    CallEvent,
    Chain,
    Class,
    Const,
    Data,
    External,
    FilePath,
    Function,
    Instance,
    Method,
    Module,
    Opaque,
    Record,
    Scope,
    Seq,
    Table,
    Text,
    Value,
    join,
    one_string,
)

_MOST_STEPS = 400_000  # expressions evaluated for one entry; a small repository takes some thousands


class TooComplexError(Exception):
    """The reading took more steps than any app should need."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call: its place and its arguments."""

    where: str  # "file:line"
    source: str  # code of the function called, shortened
    node: ast.expr
    scope: Scope
    args: tuple[Value, ...]
    kwargs: dict[str, Value]

    def argument(self, index: int, *names: str) -> Value:
        """The argument at a position or under one of its names; nothing when it is not given."""
        for name in names:
            if name in self.kwargs:
                return self.kwargs[name]
        return self.args[index] if 0 <= index < len(self.args) else NOTHING


class Evaluator(ABC):
    """Evaluates expressions. ``events`` collects the model calls met on the way."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.literals = Literals(files)
        self.events: list[CallEvent] = []
        self.subgraphs: list[str] = []  # graphs and tools run by the code being read, in words
        self._steps = 0
        self._inside_fstring = 0

    @abstractmethod
    def apply(self, callee: Atom, call: Invocation) -> Value:
        """The result of calling ``callee``."""

    @abstractmethod
    def member(self, module: Module, name: str) -> Value:
        """The value of a name of a module of the repository."""

    def evaluate(self, node: ast.expr | None, scope: Scope) -> Value:
        """Everything that the expression may stand for. Raises TooComplexError."""
        if node is None:
            return NOTHING
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise TooComplexError
        handler = getattr(self, f"_on_{type(node).__name__.lower()}", None)
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
            return (Const(node.value if isinstance(node.value, bool | int | float) else None),)
        if self._inside_fstring:  # before Python 3.12 such a literal has no reliable place
            return (Text((), node.value),)
        return (Text(self.literals.fragments(node, scope), node.value),)

    def _on_joinedstr(self, node: ast.JoinedStr, scope: Scope) -> Value:
        self._inside_fstring += 1
        pieces = [
            self.evaluate(part.value if isinstance(part, ast.FormattedValue) else part, scope) for part in node.values
        ]
        self._inside_fstring -= 1
        known = [one_string(piece) for piece in pieces]
        static = "".join(map(str, known)) if None not in known else None
        inner = concatenated(pieces, None)
        if self._inside_fstring:
            return (Text(inner.fragments, static, inner.embedded),)
        own = self.literals.fragments(node, scope)
        if not own:
            return (Text(inner.fragments, static, inner.embedded),)
        hop = f"{scope.file}:{node.lineno} filled into an f-string"
        return (Text(own, static, tuple(f.hop(hop) for f in (*inner.fragments, *inner.embedded))),)

    def _on_binop(self, node: ast.BinOp, scope: Scope) -> Value:
        if isinstance(node.op, ast.Add) and purely_literal(node) and not self._inside_fstring:
            pieces = [self.evaluate(leaf, scope) for leaf in (node.left, node.right)]
            whole = concatenated(pieces, None)
            return (Text(self.literals.fragments(node, scope), whole.static, whole.embedded),)
        left, right = self.evaluate(node.left, scope), self.evaluate(node.right, scope)
        if isinstance(node.op, ast.BitOr):
            return (Chain((left, right)),)
        if isinstance(node.op, ast.Div):
            return join(joined(a.path, right) for a in left if isinstance(a, FilePath)) or (Data(),)
        if isinstance(node.op, ast.Add):
            return _added(left, right)
        if isinstance(node.op, ast.Mod) and has_text(left):
            return percent(left, right)
        return (Data(),)

    # ---- names ----

    def _on_name(self, node: ast.Name, scope: Scope) -> Value:
        found: Scope | None = scope
        while found is not None:
            if node.id in found.names and node.id not in found.outside:
                return found.names[node.id]
            found = found.outer
        return (External(f"builtins.{node.id}"),)

    def _on_attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        base = self.evaluate(node.value, scope)
        source = ast.unparse(node.value)[:60]
        if not base:
            base = (Opaque(source, f"{scope.file}:{node.lineno}"),)
        return join(self.attribute(atom, node.attr, source) for atom in base)

    def attribute(self, atom: Atom, name: str, source: str) -> Value:
        """``atom.name``; ``source`` is the code of the atom, for messages."""
        if isinstance(atom, Instance):
            return self._of_instance(atom, name)
        if isinstance(atom, Class):
            return tuple(self._bound(found, atom, None) for found in self.in_class(atom, name)) or (Data(),)
        if isinstance(atom, Module):
            return self.member(atom, name)
        if isinstance(atom, External):
            return (External(f"{atom.path}.{name}"),)
        if isinstance(atom, FilePath):
            plain = path_attribute(atom, name)
            if plain is not None:
                return plain
        if isinstance(atom, Record):
            return atom.attributes.get(name, (Data(),))
        return (Method(atom, name, source),)

    def _of_instance(self, instance: Instance, name: str) -> Value:
        own = instance.attributes.get(name, NOTHING)
        shared = tuple(self._bound(found, instance.of, instance) for found in self.in_class(instance.of, name))
        known = own if own and not all(isinstance(a, Data) for a in own) else join((own, shared))
        value: list[Value] = []
        for atom in known:
            if isinstance(atom, Function) and atom.tag == "property":
                call = Invocation("", name, atom.node, atom.scope, (), {})  # type: ignore[arg-type]
                value.append(self.apply(atom, call))
            else:
                value.append((atom,))
        return join(value) or (Data(),)

    def in_class(self, of: Class, name: str) -> Value:
        """A name of a class or of the first base of the repository that has it."""
        if name in of.body.names:
            return of.body.names[name]
        for base in (atom for value in of.bases for atom in value):
            if isinstance(base, Class) and base is not of:
                found = self.in_class(base, name)
                if found:
                    return found
        return NOTHING

    def _bound(self, atom: Atom, of: Class, instance: Instance | None) -> Atom:
        if not isinstance(atom, Function) or atom.args or atom.tag == "staticmethod":
            return atom
        if atom.tag == "classmethod":
            return Function(atom.node, atom.scope, ((of,),), atom.kwargs, atom.tag)
        return Function(atom.node, atom.scope, ((instance,),), atom.kwargs, atom.tag) if instance else atom

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
        return join(_item(atom, node.slice, key) for atom in base)

    def _on_listcomp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scope: Scope) -> Value:
        inner = Scope(scope.file, scope.name, outer=scope)
        for generator in node.generators:
            items = join(iterated(self.evaluate(generator.iter, inner)))
            self.bind(generator.target, items, inner)
            for condition in generator.ifs:
                self.evaluate(condition, inner)
        return (Seq([self.evaluate(node.elt, inner)], exact=False),)

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
        return join((self.evaluate(node.body, scope), self.evaluate(node.orelse, scope)))

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
        source = ast.unparse(node.func)[:60]
        line = node.func.end_lineno if isinstance(node.func, ast.Attribute) else node.lineno  # of the name in a chain
        call = Invocation(f"{scope.file}:{line}", source, node, scope, tuple(args), kwargs)
        if not callees:
            return (Opaque(source, call.where),)
        return join([self.apply(callee, call) for callee in callees])

    def bind(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Assign to a name, attribute, item or pattern of names."""
        if isinstance(target, ast.Name):
            home = scope.module() if target.id in scope.outside else scope
            home.names[target.id] = value
        elif isinstance(target, ast.Attribute):
            for atom in self.evaluate(target.value, scope):
                if isinstance(atom, Instance):
                    atom.attributes[target.attr] = join((atom.attributes.get(target.attr, NOTHING), value))
        elif isinstance(target, ast.Subscript):
            key = one_string(self.evaluate(target.slice, scope))
            for atom in self.evaluate(target.value, scope):
                if isinstance(atom, Table):
                    _put(atom, key, value)
        elif isinstance(target, ast.Tuple | ast.List):
            for index, element in enumerate(target.elts):
                items = join(_item(atom, ast.Constant(index), NOTHING) for atom in value)
                self.bind(element, items or (Data(),), scope)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, value, scope)


def _put(table: Table, key: str | None, value: Value) -> None:
    if key is None:
        table.rest = join((table.rest, value))
    else:
        table.entries[key] = join((table.entries.get(key, NOTHING), value))


def _added(left: Value, right: Value) -> Value:
    lists = [atom for atom in (*left, *right) if isinstance(atom, Seq)]
    if lists:
        others: list[Value] = [(a,) for a in (*left, *right) if not isinstance(a, Seq | Const)]
        exact = len(left) == len(right) == 1 and len(lists) == 2 and all(s.exact for s in lists)
        return (Seq([item for s in lists for item in s.items] + others, exact),)
    return (concatenated([left, right], "+"),) if has_text((*left, *right)) else (Data(),)


def _item(atom: Atom, index: ast.expr, key: Value) -> Value:
    if isinstance(atom, Seq):
        if isinstance(index, ast.Slice):
            return (Seq(list(atom.items), exact=False),)
        place = _position(index)
        if atom.exact and place is not None:
            return atom.items[place] if -len(atom.items) <= place < len(atom.items) else NOTHING
        return atom.any()
    if isinstance(atom, Table):
        name = one_string(key)
        if name is not None:
            return join((atom.entries.get(name, NOTHING), atom.rest))
        return join((*atom.entries.values(), atom.rest))
    if isinstance(atom, External | Class):
        return (atom,)
    return (Data(),)


def _position(index: ast.expr) -> int | None:
    try:
        value = ast.literal_eval(index)
    except ValueError:
        return None
    return value if isinstance(value, int) else None


def iterated(value: Value) -> Iterator[Value]:
    """The value of each item in turn when iterating, one after another for exact sequences."""
    for atom in value:
        if isinstance(atom, Seq):
            yield from atom.items
        elif isinstance(atom, Table):
            yield from ((Text((), key),) for key in atom.entries)
            if atom.rest:
                yield (Data(),)
        else:
            yield (Data(),)
