"""Methods of strings, lists and dicts: what they do to the authored texts inside."""

from __future__ import annotations

from harness.discover.items import iterated
from harness.discover.objects import Invocation
from harness.discover.texts import concatenated, embed, step_all, templated
from harness.discover.values import Data, Seq, Table, Text, Value, join, one_string

_SAME_TEXT = {"strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "expandtabs", "replace", "encode", "decode"}


def text_method(text: Text, name: str, call: Invocation) -> Value:
    """The result of a string method."""
    if name in {"format", "format_map", "safe_substitute"}:
        fragments = tuple(templated(f, "format", f"{call.where} .{name}()") for f in text.fragments)
        filled = [*call.args, *call.kwargs.values()]
        tables = [
            value for arg in call.args for atom in arg if isinstance(atom, Table) for value in atom.entries.values()
        ]
        return (embed(Text(fragments, None, text.embedded), [*filled, *tables]),)
    if name == "join":
        items = [item for arg in call.args for item in iterated(arg)]
        return (concatenated([(text,), *items], None),)
    if name in _SAME_TEXT:
        static = text.static.strip() if text.static is not None and name == "strip" and not call.args else None
        moved = Text(step_all(text.fragments, [f"{call.where} .{name}()"]), static, text.embedded)
        return (embed(moved, call.args[1:]) if name == "replace" else moved,)
    return (Data(),)


def seq_method(seq: Seq, name: str, call: Invocation) -> Value:
    """The result of a list method; the list is changed in place."""
    if name == "append" and call.args:
        seq.items.append(call.args[0])
    elif name == "insert" and len(call.args) > 1:
        seq.items.insert(0, call.args[1])
        seq.exact = False
    elif name == "extend" and call.args:
        seq.items += list(iterated(call.args[0]))
        seq.exact = seq.exact and all(isinstance(a, Seq) and a.exact for a in call.args[0])
    elif name == "copy":
        return (Seq(list(seq.items), seq.exact),)
    elif name == "pop":
        return seq.any()
    return (Data(),)


def table_method(table: Table, name: str, call: Invocation) -> Value:
    """The result of a dict method; the dict is changed in place."""
    everything = join((*table.entries.values(), table.rest))
    if name in {"get", "pop", "setdefault"} and call.args:
        key = one_string(call.args[0])
        found = table.entries.get(key, ()) if key is not None else everything
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
