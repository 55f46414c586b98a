"""Authored texts: from string literals and files to Fragments, and what string operations do to them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from harness import documents
from harness.discover.files import Files
from harness.discover.naming import Met, names
from harness.discover.values import Const, Data, Fragment, Scope, Text, Value, one_string
from harness.documents import DocumentError, Item, Leaf, Other
from harness.literals import LiteralError, parse_literal, parse_text
from harness.sources import Source, UnreadableError
from harness.types import Parts, TemplateKind

SENTENCE = 6  # words from which a text says something by itself
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{2}|(?:(?![\u3040-\u30ff\u3400-\u9fff])[^\W\d_]){2,}")
_LARGEST = 200_000  # bytes or characters; beyond it a document or a text is data, not prompts


@dataclass
class Literals:
    """Makes one Fragment for each literal of the repository and names it."""

    files: Files
    _made: dict[int, tuple[Fragment, ...]] = field(default_factory=dict)
    _names: dict[str, dict[int, tuple[str, str]]] = field(default_factory=dict)
    _loops: dict[str, dict[int, tuple[int, int]]] = field(default_factory=dict)
    _documents: dict[str, tuple[Source, Item]] = field(default_factory=dict)

    def fragments(self, node: ast.expr, scope: Scope) -> tuple[Fragment, ...]:
        """The authored text of a literal expression as a tuple of one; empty when it holds no words."""
        if id(node) not in self._made:
            self._made[id(node)] = self._make(node, scope)
        return self._made[id(node)]

    def whole_file(self, file: str, hop: str) -> tuple[Fragment, ...]:
        """The text of a prompt file; empty when it cannot be read as UTF-8."""
        try:
            source = Source.of(self.files.content(file), python=False)
        except (UnreadableError, OSError):
            return ()
        span = source.whole(file)
        parts = parse_text(source.slice(span), "plain")
        return (Fragment(file, span, "file", "plain", parts, (f"{file}:1 read whole", hop)),)

    def document(self, file: str, kind: str) -> Item:
        """The values of a document of the repository. Raises DocumentError, UnreadableError, OSError."""
        if file not in self._documents:
            path = self.files.root / file
            if path.stat().st_size > _LARGEST:
                raise DocumentError(f"larger than {_LARGEST:,} bytes")
            source = Source.of(self.files.content(file), python=False)
            self._documents[file] = (source, documents.read(kind, source.text))
        return self._documents[file][1]

    def entry(self, file: str, kind: str, leaf: Leaf, keys: tuple[str, ...], hop: str) -> tuple[Fragment, ...]:
        """One text of a document that was read, named by the keys that lead to it; empty when it holds no words."""
        parts = parse_text(leaf.value, "plain")
        if not has_words(parts):
            return ()
        span = self._documents[file][0].between(file, leaf.start, leaf.end)
        name = ".".join(keys)
        return (Fragment(f"{file}:{name}", span, kind, "plain", parts, (f"{file}:{span.line} {name}", hop)),)

    def number(self, file: str, found: Other) -> Const:
        """A number of a document that was read, with its place."""
        return Const(found.value, self._documents[file][0].between(file, found.start, found.end))

    def _make(self, node: ast.expr, scope: Scope) -> tuple[Fragment, ...]:
        found = self.files.get(scope.file)
        if found is None or not hasattr(node, "lineno"):
            return ()
        span = found.source.span(scope.file, node)
        formatted = any(isinstance(n, ast.JoinedStr) for n in ast.walk(node))
        template: TemplateKind = "fstring" if formatted else "plain"
        problem = ""
        try:
            parts = parse_literal(found.source.slice(span), template)
        except (LiteralError, UnreadableError) as error:
            parts, problem = (), str(error)
        if not problem and not has_words(parts):
            return ()
        problem = problem if found.is_editable else "stands in a notebook, which is read and not edited"
        name, hop = self._name(scope.file, node, found.tree)
        kind = "fstring" if formatted else ("constant" if hop else "message")
        hops = (f"{scope.file}:{node.lineno} {hop or 'written here'}",)
        loop = self._loops[scope.file].get(id(node))
        return (Fragment(name, span, kind, template, parts, hops, problem=problem, loop=loop),)

    def _name(self, file: str, node: ast.expr, tree: ast.Module) -> tuple[str, str]:
        if file not in self._names:
            met = Met()
            met.walk(tree)
            self._names[file] = names(file, met)
            self._loops[file] = {id(literal): loop for literal, _, loop in met.literals if loop}
        return self._names[file].get(id(node), (f"{file}:{node.lineno}", ""))


def has_words(parts: Parts, least: int = 1) -> bool:
    """Whether the literal text holds at least so many words of two letters or more; of Chinese, two characters."""
    text = " ".join(p for p in parts if isinstance(p, str))
    return len(_WORD.findall(text)) >= least


def has_text(value: Value) -> bool:
    """Whether a string is among the alternatives."""
    return any(isinstance(atom, Text) for atom in value)


def concatenated(values: Iterable[Value], hop: str | None) -> Text:
    """One text that holds the authored texts of all values."""
    values = list(values)
    texts = [atom for value in values for atom in value if isinstance(atom, Text)]
    static = exact(one_string(value) for value in values)
    steps = [hop] if hop and hop != "+" else []
    fragments = (step_all(text.fragments, steps) for text in texts)
    merged = dict.fromkeys(f for group in fragments for f in group)
    return Text(tuple(merged), static, tuple(dict.fromkeys(f for text in texts for f in text.embedded)))


def exact(pieces: Iterable[str | None]) -> str | None:
    """The text that the pieces make, where each is known and there are not more than a prompt may have."""
    found, size = [], 0
    for piece in pieces:
        if piece is None or (size := size + len(piece)) > _LARGEST:
            return None
        found.append(piece)
    return "".join(found)


def step_all(fragments: Iterable[Fragment], hops: Iterable[str]) -> tuple[Fragment, ...]:
    """The fragments after these further hops."""
    hops = list(hops)
    moved = []
    for fragment in fragments:
        for hop in hops:
            fragment = fragment.hop(hop)
        moved.append(fragment)
    return tuple(moved)


def embed(text: Text, values: Iterable[Value]) -> Text:
    """``text`` with the authored texts of ``values`` filled in."""
    return replace(text, static=None, embedded=tuple(dict.fromkeys((*text.embedded, *filling(values)))))


def filling(values: Iterable[Value]) -> tuple[Fragment, ...]:
    """The authored texts of values that are filled into another text; a short heading belongs to the loop below it, and
    a short text that only stands in for what comes at run time is none.
    """
    found: dict[Fragment, None] = {}
    for value in values:
        texts = [atom for atom in value if isinstance(atom, Text)]
        loops = [f.loop for text in texts for f in text.fragments if f.loop]
        stands_in = any(isinstance(atom, Data | Const) for atom in value)
        for fragment in (f for text in texts for f in (*text.fragments, *text.embedded)):
            if stands_in and not has_words(fragment.parts, SENTENCE):
                continue
            heads = loops and not fragment.loop and not has_words(fragment.parts, SENTENCE)
            found[replace(fragment, filled=True, loop=loops[0] if heads else fragment.loop)] = None
    return tuple(found)


def templated(fragment: Fragment, template: TemplateKind, hop: str) -> Fragment:
    """The fragment as it reads when its text is a template of this kind."""
    fragment = fragment.hop(hop)
    if fragment.template == template and fragment.template != "plain":
        return fragment
    if fragment.template != "plain":
        return replace(fragment, problem=f"{fragment.template} text is used as a {template} template too")
    try:
        parts = parse_text("".join(map(str, fragment.parts)), template)
    except LiteralError as error:
        return replace(fragment, template=template, problem=fragment.problem or str(error))
    kind = "format" if fragment.kind == "constant" else fragment.kind
    return replace(fragment, template=template, parts=parts, kind=kind)


def unresolved(fragment: Fragment, reason: str) -> Fragment:
    """The fragment with a reason why it is not edited."""
    return replace(fragment, problem=fragment.problem or reason)


def percent(left: Value, right: Value, hop: str) -> Value:
    """``text % values``."""
    filled: list[Text] = []
    for atom in left:
        if isinstance(atom, Text):
            fragments = tuple(templated(f, "percent", hop) for f in atom.fragments)
            filled.append(embed(replace(atom, fragments=fragments), [right]))
    return tuple(filled)


def hopped(value: Value, hop: str) -> Value:
    """The value with a further hop on each of its texts."""
    return tuple(
        Text(step_all(a.fragments, [hop]), a.static, a.embedded) if isinstance(a, Text) and a.fragments else a
        for a in value
    )


_VARIABLE = re.compile(r" the environment variable (\S+) wins where it is set$")


def overridden(variable: str) -> str:
    """The hop of a text that is a default."""
    return f"the environment variable {variable} wins where it is set"


def variable_of(value: Value) -> str:
    """The environment variable that the value comes from, or that wins over it; "" for none."""
    for atom in value:
        if isinstance(atom, Text | Const | Data) and atom.variable:
            return atom.variable
        hops = [hop for text in atom.fragments for hop in text.hops] if isinstance(atom, Text) else []
        if found := next((match for hop in hops if (match := _VARIABLE.search(hop))), None):
            return found[1]
    return ""
