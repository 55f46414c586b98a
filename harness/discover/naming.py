"""String literals of a file by readable names: what each is assigned to, or its place among those of its function."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_BARE = (ast.Name, ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)  # hold nothing


@dataclass
class Met:
    """What one walk over a file comes upon, in the order of the code."""

    literals: list[tuple[ast.expr, str, tuple[int, int] | None]] = field(default_factory=list)  # with owner and loop
    assignments: list[ast.Assign | ast.AnnAssign] = field(default_factory=list)

    def walk(self, node: ast.AST, owner: str, loop: tuple[int, int] | None) -> None:
        """Literals with the function or class they stand in, and the lines of the innermost loop over items."""
        for name in node._fields:
            value = getattr(node, name, None)
            for child in value if isinstance(value, list) else (value,):
                if isinstance(child, ast.AST) and not isinstance(child, _BARE):
                    self._visit(child, owner, loop)

    def _visit(self, child: ast.AST, owner: str, loop: tuple[int, int] | None) -> None:
        if isinstance(child, ast.expr) and purely_literal(child):
            self.literals.append((child, owner, loop))
            if not isinstance(child, ast.BinOp):
                return
        elif isinstance(child, ast.Assign | ast.AnnAssign):
            self.assignments.append(child)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            owner = f"{owner}.{child.name}" if owner else child.name
            loop = loop if isinstance(child, ast.ClassDef) else None
        elif isinstance(child, ast.For | ast.AsyncFor | ast.ListComp | ast.GeneratorExp):
            loop = (child.lineno, child.end_lineno or child.lineno)
        self.walk(child, owner, loop)


def names(file: str, met: Met) -> dict[int, tuple[str, str]]:
    """Readable ids of every literal by ``id(node)``, and the words of its first hop where it has a name."""
    found: dict[int, tuple[str, str]] = {}
    taken: set[str] = set()
    counts: dict[str, int] = {}
    named = {id(literal): target for literal, target in _assigned(met.assignments)}
    for literal, owner, _ in met.literals:
        target = named.get(id(literal), "")
        counts[owner] = counts.get(owner, 0) + 1
        inline = f"{owner or 'module'}:{_ordinal(counts[owner])} literal"
        name = f"{file}:{'.'.join(filter(None, (owner, target)))}" if target else f"{file}:{inline}"
        name = f"{name}:{literal.lineno}" if name in taken else name
        taken.add(name)
        found[id(literal)] = (name, f"assigned to {target}" if target else "")
    return found


def _assigned(assignments: Iterable[ast.Assign | ast.AnnAssign]) -> Iterator[tuple[ast.expr, str]]:
    for node in assignments:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if len(targets) == 1 and isinstance(targets[0], ast.Name) and node.value is not None:
            literal = _only_literal(node.value)
            pieces = [literal] if literal is not None else list(_pieces(node.value))
            for number, piece in enumerate(pieces if literal is not None or len(pieces) > 1 else [], 1):
                yield piece, f"{targets[0].id}:{_ordinal(number)} piece" if number > 1 else targets[0].id


def _pieces(node: ast.expr) -> Iterator[ast.expr]:
    """The literals of a sum of literals and other expressions, in order."""
    if purely_literal(node):
        yield node
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _pieces(node.left)
        yield from _pieces(node.right)


def _only_literal(node: ast.expr) -> ast.expr | None:
    """The literal that an assigned expression is, or wraps: ``dedent("...")``, ``"...".strip()``."""
    if purely_literal(node):
        return node
    if isinstance(node, ast.Call):
        inner = [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
        found = [literal for literal in map(_only_literal, inner) if literal is not None]
        return found[0] if len(found) == 1 else None
    return None


def _ordinal(number: int) -> str:
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def purely_literal(node: ast.expr) -> bool:
    """Whether the expression is one string literal, or literals joined by ``+``."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and purely_literal(node.left) and purely_literal(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
