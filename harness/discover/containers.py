"""Methods of strings, lists and dicts: what they do to the authored texts inside."""

from __future__ import annotations

from harness.discover.items import iterated
from harness.discover.objects import Invocation
from harness.discover.texts import concatenated, embed, step_all, templated, unresolved
from harness.discover.values import Const, Data, Seq, Table, Text, Value, join, one_string

_SAME_TEXT = {"strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "expandtabs", "replace", "encode", "decode"}
_FILLS = {"format", "format_map", "substitute", "safe_substitute", "render", "render_async"}


def container_method(of: Text | Seq | Table, name: str, call: Invocation) -> Value:
    """The result of a method of a string, list or dict."""
    if isinstance(of, Text):
        return _text_method(of, name, call)
    return _seq_method(of, name, call) if isinstance(of, Seq) else _table_method(of, name, call)


def _text_method(text: Text, name: str, call: Invocation) -> Value:
    """The result of a string method."""
    if name in _FILLS:
        hop = f"{call.where} .{name}()"
        formats = name.startswith("format")
        fragments = tuple(templated(f, "format", hop) if formats else f.hop(hop) for f in text.fragments)
        filled = [*call.args, *call.kwargs.values()]
        tables = [
            value for arg in call.args for atom in arg if isinstance(atom, Table) for value in atom.entries.values()
        ]
        return (embed(Text(fragments, None, text.embedded), [*filled, *tables]),)
    if name == "join":
        items = [item for arg in call.args for item in iterated(arg)]
        return (concatenated([(text,), *items], None),)
    if name == "replace" and call.args and _is_filled(text, *call.args[:2]):
        fragments = tuple(unresolved(f, "filled by .replace(), which is not edited") for f in text.fragments)
        return (embed(Text(fragments, None, text.embedded), call.args[1:]),)
    if name in _SAME_TEXT:
        static = text.static.strip() if text.static is not None and name == "strip" and not call.args else None
        moved = Text(step_all(text.fragments, [f"{call.where} .{name}()"]), static, text.embedded)
        return (embed(moved, call.args[1:]) if name == "replace" else moved,)
    return (Data(),)


def _is_filled(text: Text, marker: Value, *values: Value) -> bool:
    """Whether ``replace`` puts something of run time where a marker stands in the text."""
    mark = one_string(marker)
    literal = "".join(part for f in text.fragments for part in f.parts if isinstance(part, str))
    return bool(mark and mark.strip() and mark in literal) and all(one_string(value) is None for value in values)


def _seq_method(seq: Seq, name: str, call: Invocation) -> Value:
    """The result of a list method; the list is changed in place."""
    if name == "append" and call.args:
        seq.add(call.args[0])
    elif name == "insert" and len(call.args) > 1:
        whole = Seq([call.args[1], *seq.items], exact=False)
        seq.items[:], seq.exact = whole.items, False
    elif name == "extend" and call.args:
        whole = Seq([*seq.items, *iterated(call.args[0])], seq.exact and _all_exact(call.args[0]))
        seq.items[:], seq.exact = whole.items, whole.exact
    elif name == "copy":
        return (Seq(list(seq.items), seq.exact),)
    elif name == "pop":
        return seq.any()
    return (seq,) if name in ("to_messages", "to_string") else (Data(),)


def _all_exact(value: Value) -> bool:
    return all(isinstance(atom, Seq) and atom.exact for atom in value)


def _table_method(table: Table, name: str, call: Invocation) -> Value:
    """The result of a dict method; the dict is changed in place."""
    everything = join((*table.entries.values(), table.rest))
    if name in {"get", "pop", "setdefault"} and call.args:
        key = one_string(call.args[0])
        found = table.entries.get(key, ()) if key is not None else everything
        if key is not None and found and not table.rest and all(isinstance(atom, Const) for atom in found):
            return found  # a setting that is there: its default counts for nothing
        return join((found, table.rest, *call.args[1:])) or (Data(),)
    if name == "update":
        for arg in (atom for value in call.args for atom in value if isinstance(atom, Table)):
            table.entries.update(arg.entries)
        table.entries.update(call.kwargs)
    elif name == "items":
        pairs: list[Value] = [(Seq([(Text((), key),), value]),) for key, value in table.entries.items()]
        return (Seq(pairs, exact=not table.rest),)
    elif name == "values":
        return (Seq([*table.entries.values(), *([table.rest] if table.rest else [])], exact=not table.rest),)
    elif name == "copy":
        return (Table(dict(table.entries), table.rest),)
    return (Data(),)


def tables_joined(left: Value, right: Value) -> Value:
    """``left | right`` where both can be nothing but dicts; else nothing."""
    if not left or not right or not all(isinstance(atom, Table) for atom in (*left, *right)):
        return ()
    pairs = [(a, b) for a in left for b in right if isinstance(a, Table) and isinstance(b, Table)]
    return tuple(Table({**a.entries, **b.entries}, join((a.rest, b.rest))) for a, b in pairs)
