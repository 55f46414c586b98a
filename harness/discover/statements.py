"""What names stand for after a statement: branches are joined, tables unrolled, loops read again where a first reading
changed what a second begins with.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from harness.discover.expressions import Evaluator
from harness.discover.items import iterated, one_by_one
from harness.discover.values import Class, Data, External, Function, Scope, Seq, Value, join, merge_names, tells


class Executor(Evaluator):
    """Reads statements in order. ``_returns`` collects what the function being read gives back."""

    _returns: list[Value]

    def execute(self, body: list[ast.stmt], scope: Scope) -> bool:
        """Read a block; False when no path leaves it at its end."""
        for statement in body:
            self.steps.at = (scope.file, statement.lineno)
            kind = type(statement)
            if kind not in self._ways:
                self._ways[kind] = getattr(self, f"_do_{kind.__name__.lower()}", None)
            handler = self._ways[kind]
            if handler and handler(statement, scope) is False:
                return False
        return True

    def import_names(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        """Bind what an import statement brings in."""
        raise NotImplementedError

    # ---- plain statements ----

    def _do_import(self, node: ast.Import, scope: Scope) -> None:
        self.import_names(node, scope)

    def _do_importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        self.import_names(node, scope)

    def _do_expr(self, node: ast.Expr, scope: Scope) -> None:
        if isinstance(node.value, ast.Yield):
            self._returns.append((Seq([self.evaluate(node.value.value, scope)], exact=False),))
        elif not isinstance(node.value, ast.Constant):
            self.evaluate(node.value, scope)

    def _do_assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.evaluate(node.value, scope)
        for target in node.targets:
            self.bind(target, value, scope)

    def _do_annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.bind(node.target, self.evaluate(node.value, scope), scope)

    def _do_augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        value = self.evaluate(ast.copy_location(ast.BinOp(node.target, node.op, node.value), node), scope)
        self.bind(node.target, value, scope)

    def _do_return(self, node: ast.Return, scope: Scope) -> bool:
        self._returns.append(self.evaluate(node.value, scope))
        return False

    def _do_raise(self, node: ast.Raise, scope: Scope) -> bool:
        self.evaluate(node.exc, scope)
        return False

    def _do_continue(self, node: ast.Continue, scope: Scope) -> bool:
        return False

    def _do_break(self, node: ast.Break, scope: Scope) -> bool:
        return False

    def _do_global(self, node: ast.Global, scope: Scope) -> None:
        scope.outside |= frozenset(node.names)

    # ---- blocks ----

    def _do_if(self, node: ast.If, scope: Scope) -> bool:
        if not scope.outer and "__main__" in ast.unparse(node.test):
            return True
        self.evaluate(node.test, scope)
        on = self.switch(node.test, scope)
        return self._branches([node.body, node.orelse] if on is None else [node.body if on else node.orelse], scope)

    def _do_match(self, node: ast.Match, scope: Scope) -> bool:
        subject = self.evaluate(node.subject, scope)
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "name", None)
                if name:
                    scope.names[name] = subject
        return self._branches([*(case.body for case in node.cases), []], scope)

    def _branches(self, bodies: list[list[ast.stmt]], scope: Scope) -> bool:
        before, ends = dict(scope.names), []
        for body in bodies:
            scope.names = dict(before)
            if self.execute(body, scope):
                ends.append(scope.names)
        scope.names = merge_names(ends) if ends else before
        return bool(ends)

    def _do_for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
        value = self.evaluate(node.iter, scope)
        before = dict(scope.names)
        items = one_by_one(value)
        for item in items or [join(iterated(value))] * 2:
            changes = self.changes
            self.bind(node.target, item or (Data(),), scope)
            self.execute(node.body, scope)
            merged = merge_names([before, scope.names])
            same, scope.names = changes == self.changes and not _told(before, merged), merged
            if same and not items:
                break
        self.execute(node.orelse, scope)

    _do_asyncfor = _do_for

    def _do_while(self, node: ast.While, scope: Scope) -> None:
        for _ in range(2):
            before, changes = dict(scope.names), self.changes
            self.evaluate(node.test, scope)
            self.execute(node.body, scope)
            scope.names = merge_names([before, scope.names])
            if changes == self.changes and not _told(before, scope.names):
                break
        self.execute(node.orelse, scope)

    def _do_try(self, node: ast.Try, scope: Scope) -> bool:
        before = dict(scope.names)
        alive = self.execute([*node.body, *node.orelse], scope)
        ends = [scope.names] if alive else []
        between = merge_names([before, scope.names])
        for handler in node.handlers:
            scope.names = dict(between)
            if handler.name:
                scope.names[handler.name] = (Data(),)
            if self.execute(handler.body, scope):
                ends.append(scope.names)
        scope.names = merge_names(ends) if ends else between
        return self.execute(node.finalbody, scope) and bool(ends)

    _do_trystar = _do_try

    def _do_with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> bool:
        for item in node.items:
            value = self.evaluate(item.context_expr, scope)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value, scope)
        return self.execute(node.body, scope)

    _do_asyncwith = _do_with

    # ---- definitions ----

    def _do_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        home = scope
        while home.outer is not None and home.is_class:  # methods do not see the names of their class
            home = home.outer
        tag = ""
        for decorator in node.decorator_list:
            tag = tag or _tag(self.evaluate(decorator.func if isinstance(decorator, ast.Call) else decorator, scope))
        scope.names[node.name] = (Function(node, home, (), (), tag),)

    _do_asyncfunctiondef = _do_functiondef

    def _do_classdef(self, node: ast.ClassDef, scope: Scope) -> None:
        body = Scope(scope.file, node.name, outer=scope, is_class=True)
        bases = tuple(self.evaluate(base, scope) for base in node.bases)
        made = Class(node, body, bases)
        self.execute(node.body, body)
        scope.names[node.name] = (made,)


def _told(before: Mapping[str, Value], after: Mapping[str, Value]) -> bool:
    """Whether a name that was there before may now hold something that a further reading could follow."""
    return any(
        value is not after[name] and tells(tuple(atom for atom in after[name] if atom not in value))
        for name, value in before.items()
    )


def _tag(decorator: Value) -> str:
    for atom in decorator:
        if isinstance(atom, External):
            name = atom.path.rsplit(".", 1)[-1]
            if name in {"property", "cached_property"}:
                return "property"
            if name in {"tool", "task", "entrypoint", "staticmethod", "classmethod", "dynamic_prompt"}:
                return name
    return ""
