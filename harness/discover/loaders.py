"""Files that a library reads for the app: YAML, TOML and JSON values, Jinja templates, package resources."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from harness import documents
from harness.discover.expressions import Evaluator
from harness.discover.objects import Invocation
from harness.discover.paths import CHOSEN, as_path, found_file, found_files, joined, read
from harness.discover.templates import as_template, string_template, template_kind
from harness.discover.texts import unresolved
from harness.discover.values import (
    NOTHING,
    Atom,
    Const,
    Data,
    FilePath,
    Message,
    Module,
    Opaque,
    Opened,
    Seq,
    Table,
    Template,
    Text,
    Value,
    join,
    one_string,
)
from harness.documents import DocumentError, Item, Leaf
from harness.sources import UnreadableError
from harness.types import TemplateKind

_LOADS = {
    "load", "loads", "safe_load", "safe_load_all", "full_load", "unsafe_load", "load_all", "load_yaml", "parse",
}  # fmt: skip
_LIBRARIES = {
    "yaml": "yaml", "ruamel": "yaml", "omegaconf": "yaml", "tomllib": "toml", "tomli": "toml", "toml": "toml",
    "tomlkit": "toml", "json": "json", "orjson": "json", "ujson": "json", "simplejson": "json",
}  # fmt: skip


def is_loader(path: str) -> bool:
    """Whether the dotted name is a function that reads a document."""
    return path.partition(".")[0] in _LIBRARIES and path.rpartition(".")[2] in _LOADS


def load(reader: Evaluator, path: str, call: Invocation) -> Value:
    """The values of the document that a loader reads; Data where it is no file of the repository."""
    kind = _LIBRARIES[path.partition(".")[0]]
    files = dict.fromkeys(file for atom in join(call.args[:1]) for file in _files(reader, atom, call))
    problem = CHOSEN if len(files) > 1 else ""
    return join(document(reader, file, kind, call, problem) for file in files) or (Data(),)


def _files(reader: Evaluator, atom: Atom, call: Invocation) -> list[str]:
    """The files behind an open handle, a path, or a text that was read whole."""
    if isinstance(atom, Text) and [f.kind for f in atom.fragments] == ["file"]:
        return [atom.fragments[0].span.file]
    path = atom.path if isinstance(atom, Opened) else as_path((atom,))
    return found_files(path, call.where, reader.literals) if path else []


def document(reader: Evaluator, file: str, kind: str, call: Invocation, problem: str = "") -> Value:
    """The values of a document as dicts, lists and texts; with the reason for a value when it cannot be read.

    ``problem`` says why it is not certain that this document is read.
    """
    try:
        item = reader.literals.document(file, kind)
    except (DocumentError, UnreadableError, OSError) as error:
        return (Table(rest=(Opaque(f"the file {file} ({error})", call.where),)),)
    return _Values(reader, file, kind, f"{call.where} {call.source}()", problem).of(item, ())


class _Values:
    """The values of one document. Shared ones are made once: an alias is the same object."""

    def __init__(self, reader: Evaluator, file: str, kind: str, hop: str, problem: str) -> None:
        self._literals, self._file, self._kind, self._hop, self._problem = reader.literals, file, kind, hop, problem
        self._made: dict[int, Value] = {}

    def of(self, item: Item, keys: tuple[str, ...]) -> Value:
        if id(item) in self._made:
            return self._made[id(item)]
        if isinstance(item, Leaf):
            fragments = self._literals.entry(self._file, self._kind, item, keys, self._hop)
            fragments = tuple(unresolved(f, self._problem) for f in fragments) if self._problem else fragments
            self._made[id(item)] = (Text(fragments, item.value),)
        elif isinstance(item, dict):
            table = Table()
            self._made[id(item)] = (table,)
            table.entries.update({key: self.of(value, (*keys, key)) for key, value in item.items()})
        elif isinstance(item, list):
            seq = Seq()
            self._made[id(item)] = (seq,)
            seq.items += [self.of(value, (*keys, str(index))) for index, value in enumerate(item)]
        elif isinstance(item.value, int | float) and not isinstance(item.value, bool) and item.start >= 0:
            self._made[id(item)] = (self._literals.number(self._file, item),)
        else:
            self._made[id(item)] = (Const(item.value if isinstance(item.value, bool) else None),)
        return self._made[id(item)]


def prompt_from_file(reader: Evaluator, call: Invocation) -> Value:
    """``PromptTemplate.from_file`` and ``from_template_file``."""
    path = as_path(call.argument(0, "template_file"))
    text = read(path, call.where, reader.literals) if path else (Data(),)
    return (string_template(text, template_kind(call), call),)


def load_prompt(reader: Evaluator, call: Invocation) -> Value:
    """LangChain's ``load_prompt``: a YAML or JSON file that describes a template."""
    path = as_path(call.argument(0, "path"))
    file = found_file(path, call.where, reader.literals) if path else None
    kind = documents.SUFFIXES.get(posixpath.splitext(file or "")[1], "")
    tables = [a for a in document(reader, file, kind, call) if isinstance(a, Table)] if file and kind else []
    if not tables or "template" not in tables[0].entries:
        return (Opaque(call.source, call.where),)
    named = one_string(tables[0].entries.get("template_format", NOTHING)) == "jinja2"
    kinds: TemplateKind = "jinja" if named else "format"
    return (Template([as_template(Message("", tables[0].entries["template"]), kinds, call)]),)


def jinja(reader: Evaluator, call: Invocation) -> Value:
    """``jinja2.Template`` and ``Environment.from_string``."""
    return as_template(Message("", call.argument(0, "source")), "jinja", call).content or (Data(),)


def string_module(reader: Evaluator, call: Invocation) -> Value:
    """``string.Template``."""
    return as_template(Message("", call.argument(0, "template")), "dollar", call).content or (Data(),)


def environment(reader: Evaluator, call: Invocation) -> Value:
    """A Jinja environment stands for the folders, or the dict, that its loader reads."""
    return call.argument(-1, "loader") or (FilePath(""),)


def folder_loader(reader: Evaluator, call: Invocation) -> Value:
    """``FileSystemLoader``: its folders as paths."""
    given = call.argument(0, "searchpath")
    folders = [item for atom in given for item in (atom.items if isinstance(atom, Seq) else [(atom,)])]
    return join(joined("", folder) for folder in folders) or (Data(),)


def package_loader(reader: Evaluator, call: Invocation) -> Value:
    """``PackageLoader``: the folder of templates inside a package."""
    folder = call.argument(1, "package_path") or (Text((), "templates"),)
    return join(joined(a.path, folder) for a in package(reader, call) if isinstance(a, FilePath)) or (Data(),)


def package(reader: Evaluator, call: Invocation) -> Value:
    """``importlib.resources.files``: the folder of a package named by its name, its module or ``__package__``."""
    found: list[Value] = []
    for atom in call.argument(0, "anchor", "package", "package_name"):
        if isinstance(atom, FilePath):
            found.append((atom,))
        name = atom.static if isinstance(atom, Text) else None
        file = reader.files.module(name, 0, call.scope.file) if name else None
        file = atom.file if isinstance(atom, Module) else file
        if file:
            found.append((FilePath(posixpath.dirname(file)),))
    return join(found) or (Data(),)


def resource(reader: Evaluator, call: Invocation) -> Value:
    """``importlib.resources.read_text`` and ``pkgutil.get_data``."""
    paths = [a for p in package(reader, call) if isinstance(p, FilePath) for a in joined(p.path, *call.args[1:2])]
    found = [read(a.path, call.where, reader.literals) for a in paths if isinstance(a, FilePath)]
    return join(found) or (Data(),)


def from_environment(reader: Evaluator, of: Table | FilePath, name: str, call: Invocation) -> Value:
    """``get_template`` of an environment with this loader; its text as a Jinja template."""
    if name == "from_string":
        return jinja(reader, call)
    wanted = one_string(call.argument(0, "name"))
    if wanted is None:
        return (Opaque(call.source, call.where),)
    if isinstance(of, Table):
        text = of.entries.get(wanted, of.rest)
    else:
        text = read(posixpath.join(of.path, wanted), call.where, reader.literals)
    return as_template(Message("", text), "jinja", call).content


def _mapping(reader: Evaluator, call: Invocation) -> Value:
    return call.argument(0, "mapping")


HANDLERS: dict[str, Callable[[Evaluator, Invocation], Value]] = {
    "PromptTemplate.from_file": prompt_from_file, "from_template_file": prompt_from_file, "load_prompt": load_prompt,
    "string.Template": string_module, "Template": jinja, "from_string": jinja,
    "Environment": environment, "SandboxedEnvironment": environment, "NativeEnvironment": environment,
    "FileSystemLoader": folder_loader, "PackageLoader": package_loader, "DictLoader": _mapping,
    "resources.files": package, "resources.read_text": resource, "pkgutil.get_data": resource,
}  # fmt: skip
