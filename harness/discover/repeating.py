"""Which model calls could be made several times over, with a helper in front of the definition that holds them.

Says where, or why not. Knows nothing of the helper; writes nothing.
"""

from __future__ import annotations

import ast

from harness.discover.expressions import Evaluator
from harness.discover.files import SourceFile
from harness.discover.objects import Invocation
from harness.discover.values import Data, Model, Opaque
from harness.types import Repeat, Span

_DECLARATIONS = 2  # lines at the top of a file whose comments may say how it is encoded


def repeat(reader: Evaluator, call: Invocation) -> Repeat:
    """The call, with the place from the definition that holds it to the end of the call; or why it stays as it is."""
    found, node = reader.files.get(call.scope.file), call.node
    if found is None or not found.is_editable or not isinstance(node, ast.Call):
        return Repeat(call.where, None, "it is not written in a Python file")
    why = _form(node) or _asked(reader, call, node)
    place = None if why else _place(found, node)
    return Repeat(call.where, place, why or ("" if place else "other code stands on the line of its definition"))


def _form(node: ast.Call) -> str:
    """Why the call as written cannot be handed to a helper, "" where it can."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in ("invoke", "ainvoke"):
        several = isinstance(node.func, ast.Attribute) and node.func.attr in ("batch", "abatch")
        return "it asks several times already" if several else "it is no plain invoke or ainvoke"
    if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
        return "it is given more than its messages"
    return ""


def _asked(reader: Evaluator, call: Invocation, node: ast.Call) -> str:
    """Why what is called cannot be asked several times for a text, "" where it can."""
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else node
    found = reader.evaluate(receiver, call.scope) if isinstance(receiver, ast.Name | ast.Attribute) else ()
    models = [atom for atom in found if isinstance(atom, Model)]
    if not models or not all(isinstance(atom, Model | Data | Opaque) for atom in found):
        return "what is called is not known to be a model alone"
    if any(model.steers for model in models):
        return "its reply is no text alone: the model has tools or a schema"
    if any(model.provider == "ollama" for model in models):
        return "Ollama's client takes its temperature where it is made, not at a call"
    return ""


def _place(found: SourceFile, node: ast.Call) -> Span | None:
    """From the line on which the outermost definition begins, its comments and decorators included, to the call's end.

    None where that line holds other code too.
    """
    end = found.source.span(found.file, node)
    outer = next((s for s in found.tree.body if s.lineno <= node.lineno <= (s.end_lineno or s.lineno)), None)
    if outer is None or outer.col_offset:
        return None
    line = min([outer.lineno, *(d.lineno for d in getattr(outer, "decorator_list", ()))])
    starts = found.source.starts
    while line > _DECLARATIONS + 1 and found.source.text.startswith("#", starts[line - 2]):
        line -= 1
    return Span(found.file, found.source.offset(line, 0), end.end, line, end.end_line)
