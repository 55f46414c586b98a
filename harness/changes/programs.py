"""Two programs that differ in one expression. Knows nothing of what the expression holds."""

from __future__ import annotations

import ast

from harness.sources import Source, UnreadableError
from harness.types import Span


def without(source: Source, span: Span) -> str:
    """The syntax tree with the expression at ``span`` taken out. Raises UnreadableError when none is exactly there."""
    taken = _Taken(source, span)
    tree = taken.visit(source.tree())
    if taken.count != 1:
        raise UnreadableError(f"no single expression at line {span.line}")
    return ast.dump(tree)


class _Taken(ast.NodeTransformer):
    """Replaces the expression at a span by ``None``."""

    def __init__(self, source: Source, span: Span) -> None:
        self._source, self._span, self.count = source, span, 0

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp) and node.lineno == self._span.line:
            place = self._source.span(self._span.file, node)
            if (place.start, place.end) == (self._span.start, self._span.end):
                self.count += 1
                return ast.Constant(None)
        visited: ast.AST = self.generic_visit(node) if not isinstance(node, ast.JoinedStr) else node
        return visited
