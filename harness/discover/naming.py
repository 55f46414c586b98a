"""String literals of a file by readable names: what each is assigned to, or its place among those of its function."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_Lines = tuple[int, int]  # the first and the last
_BARE = (ast.Name, ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)  # hold nothing
_DEEPEST = 8  # calls that are looked into for the text that they wrap


@dataclass
class Met:
    """What one walk over a file comes upon, in the order of the code."""

    literals: list[tuple[ast.expr, str, _Lines | None]] = field(default_factory=list)  # with owner and loop
    assignments: list[ast.Assign | ast.AnnAssign] = field(default_factory=list)

    def walk(self, tree: ast.Module) -> None:
        """Literals with the function or class they stand in, and the lines of the innermost loop over items."""
        todo: list[tuple[ast.AST, str, _Lines | None]] = [(tree, "", None)]
        while todo:  # without recursion: code may be nested deeper than calls may be
            node, owner, loop = todo.pop()
            if isinstance(node, ast.expr):
                if purely_literal(node):
                    self.literals.append((node, owner, loop))
                    if not isinstance(node, ast.BinOp):
                        continue
                elif isinstance(node, ast.ListComp | ast.GeneratorExp):
                    loop = (node.lineno, node.end_lineno or node.lineno)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                self.assignments.append(node)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                owner = f"{owner}.{node.name}" if owner else node.name
                loop = loop if isinstance(node, ast.ClassDef) else None
            elif isinstance(node, ast.For | ast.AsyncFor):
                loop = (node.lineno, node.end_lineno or node.lineno)
            todo += [(child, owner, loop) for child in reversed(list(_inside(node)))]


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            yield from (child for child in value if isinstance(child, ast.AST) and not isinstance(child, _BARE))
        elif isinstance(value, ast.AST) and not isinstance(value, _BARE):
            yield value


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
    todo = [node]
    while todo:
        node = todo.pop()
        if purely_literal(node):
            yield node
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            todo += [node.right, node.left]


def _only_literal(node: ast.expr, deepest: int = _DEEPEST) -> ast.expr | None:
    """The literal that an assigned expression is, or wraps: ``dedent("...")``, ``"...".strip()``."""
    if purely_literal(node):
        return node
    if isinstance(node, ast.Call) and deepest:
        inner = [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
        found = [literal for call in inner if (literal := _only_literal(call, deepest - 1)) is not None]
        return found[0] if len(found) == 1 else None
    return None


def _ordinal(number: int) -> str:
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def purely_literal(node: ast.expr) -> bool:
    """Whether the expression is one string literal, or literals joined by ``+``."""
    while isinstance(node, ast.BinOp):  # a long sum leans to the left
        if not isinstance(node.op, ast.Add) or not purely_literal(node.right):
            return False
        node = node.left
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
