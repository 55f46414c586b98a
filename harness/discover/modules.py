"""Modules of the repository and what imports bring in."""

from __future__ import annotations

import ast
import posixpath

from harness.discover.files import Files
from harness.discover.statements import Executor
from harness.discover.texts import hopped
from harness.discover.values import (
    NOTHING,
    Atom,
    Class,
    External,
    FilePath,
    Instance,
    Module,
    Opaque,
    Pending,
    Scope,
    Text,
    Value,
    join,
)


class Modules(Executor):
    """Reads each module once, when it is first needed."""

    def __init__(self, files: Files) -> None:
        super().__init__(files)
        self._modules: dict[str, Scope] = {}
        self._returns = []

    def scopes(self) -> list[Scope]:
        """The modules read so far."""
        return list(self._modules.values())

    def module(self, file: str) -> Scope:
        """The names of a file, read on first use; those read so far when files import each other."""
        if file not in self._modules:
            scope = Scope(
                file,
                "",
                {
                    "__file__": (FilePath(file),),
                    "__package__": (FilePath(posixpath.dirname(file)),),
                    "__name__": (Text((), "__module__"),),
                },
            )
            self._modules[file] = scope
            found = self.files.get(file)
            if found:
                self._read_module(found.tree.body, scope)
        return self._modules[file]

    def _read_module(self, body: list[ast.stmt], scope: Scope) -> None:
        """Read statement by statement: what cannot be followed to its end does not keep the rest from being read."""
        outer, inside = self._returns, self._inside_fstring
        self._returns, self._inside_fstring = [], 0
        for statement in body:
            alive = True
            with self.steps.apart(), self.steps.guarded(f"{scope.file}:{statement.lineno}"):
                alive = self.execute([statement], scope)
            if not alive:
                break
        self._returns, self._inside_fstring = outer, inside

    def member(self, module: Module, name: str) -> Value:
        """A name of a module, or the submodule of that name."""
        if not module.file.endswith("/"):
            scope = self.module(module.file)
            if name in scope.names:
                return self.resolve(scope, name)
        folder = module.file.removesuffix("__init__.py")
        if folder.endswith("/") or not folder:
            inner = self.files.module(name, 1, f"{folder}__init__.py")
            if inner:
                return (Module(inner),)
        return NOTHING

    def set_attribute(self, atom: Atom, name: str, value: Value) -> None:
        """``atom.name = value``: one more thing that the name may hold, for when it is set is not followed."""
        if isinstance(atom, Instance):
            atom.attributes[name] = join((atom.attributes.get(name, NOTHING), value))
        elif isinstance(atom, Module) and not atom.file.endswith("/"):
            self.module(atom.file).names[name] = join((self.member(atom, name), value))
        elif isinstance(atom, Class):
            atom.body.names[name] = join((self.in_class(atom, name), value))

    def resolve(self, scope: Scope, name: str) -> Value:
        """What a name of a scope holds, imported now if need be."""
        value = scope.names[name]
        if Pending in map(type, value):
            scope.names[name] = NOTHING  # modules that import each other end here
            value = join(self._imported(atom) if isinstance(atom, Pending) else (atom,) for atom in value)
            scope.names[name] = value
        return value

    def _imported(self, pending: Pending) -> Value:
        value = hopped(self.member(Module(pending.file), pending.name), pending.hop)
        return value or (Opaque(f"{pending.name} of {pending.file}", pending.hop.partition(" ")[0]),)

    def import_names(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        """Bind what an import brings in: modules of the repository, else dotted foreign names."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                dotted = alias.name if alias.asname else alias.name.partition(".")[0]
                file = self.files.module(dotted, 0, scope.file)
                scope.names[alias.asname or dotted] = (Module(file),) if file else (External(dotted),)
            return
        file = self.files.module(node.module or "", node.level, scope.file)
        for alias in node.names:
            if file is None:
                scope.names[alias.asname or alias.name] = (External(f"{node.module}.{alias.name}"),)
            elif alias.name == "*":
                names = self.module(file).names if not file.endswith("/") else {}
                scope.names.update({k: v for k, v in names.items() if not k.startswith("_")})
            else:
                hop = f"{scope.file}:{node.lineno} imported"
                scope.names[alias.asname or alias.name] = (Pending(file, alias.name, hop),)
