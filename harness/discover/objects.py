"""Attributes: of objects and classes of the repository, of modules, of foreign names."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from dataclasses import dataclass

from harness.discover.paths import attribute as path_attribute
from harness.discover.values import (
    NOTHING,
    Atom,
    Class,
    Data,
    External,
    FilePath,
    Function,
    Instance,
    Method,
    Module,
    Record,
    Scope,
    Table,
    Text,
    Value,
    join,
)


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call: its place and its arguments."""

    where: str  # "file:line"
    source: str  # code of the function called, shortened
    node: ast.expr
    scope: Scope
    args: tuple[Value, ...]
    kwargs: dict[str, Value]

    def argument(self, index: int, *names: str) -> Value:
        """The argument at a position or under one of its names; nothing when it is not given."""
        for name in names:
            if name in self.kwargs:
                return self.kwargs[name]
        return self.args[index] if 0 <= index < len(self.args) else NOTHING


def lineage(of: Class) -> list[Atom]:
    """A class and everything that it derives from, each once, in the order in which names are looked up."""
    found: list[Atom] = []
    _descend(of, set(), found)
    return found[::-1]


def _descend(atom: Atom, seen: set[ast.AST], found: list[Atom]) -> None:
    if isinstance(atom, Class):
        if atom.node in seen:
            return
        seen.add(atom.node)
        for base in reversed([base for value in atom.bases for base in value]):
            _descend(base, seen, found)
    found.append(atom)


class Objects(ABC):
    """Looks attributes up; calling and importing are left to subclasses."""

    @abstractmethod
    def apply(self, callee: Atom, call: Invocation) -> Value:
        """The result of calling ``callee``."""

    @abstractmethod
    def resolve(self, scope: Scope, name: str) -> Value:
        """What a name of a scope holds; modules are read when a name of theirs is first needed."""

    @abstractmethod
    def member(self, module: Module, name: str) -> Value:
        """The value of a name of a module of the repository."""

    def attribute(self, atom: Atom, name: str, source: str) -> Value:
        """``atom.name``; ``source`` is the code of the atom, for messages."""
        if isinstance(atom, Instance):
            return self._of_instance(atom, name)
        if isinstance(atom, Class):
            return tuple(self._bound(found, atom, None) for found in self.in_class(atom, name)) or (Data(),)
        if isinstance(atom, Module):
            return self.member(atom, name)
        if isinstance(atom, External):
            return (External(f"{atom.path}.{name}"),)
        if isinstance(atom, FilePath):
            plain = path_attribute(atom, name)
            if plain is not None:
                return plain
        if isinstance(atom, Text) and name == "value":  # of an enumeration
            return (atom,)
        if isinstance(atom, Table) and name in atom.entries:  # a namespace made of it
            return atom.entries[name]
        if isinstance(atom, Record):
            return atom.attributes.get(name, (Data(),))
        return (Method(atom, name, source),)

    def _of_instance(self, instance: Instance, name: str) -> Value:
        own = instance.attributes.get(name, NOTHING)
        shared = tuple(self._bound(found, instance.of, instance) for found in self.in_class(instance.of, name))
        known = own if own and not all(isinstance(a, Data) for a in own) else join((own, shared))
        value: list[Value] = []
        for atom in known:
            if isinstance(atom, Function) and atom.tag == "property":
                call = Invocation("", name, atom.node, atom.scope, (), {})  # type: ignore[arg-type]
                value.append(self.apply(atom, call))
            else:
                value.append((atom,))
        return join(value) or (Data(),)

    def in_class(self, of: Class, name: str) -> Value:
        """A name of a class or of the first base of the repository that has it."""
        if value := of.body.names.get(name):
            return value
        holders = (base for base in lineage(of) if isinstance(base, Class))
        return next((base.body.names[name] for base in holders if base.body.names.get(name)), NOTHING)

    def above(self, instance: Instance, method: ast.AST) -> Record:
        """What ``super()`` gives in a method of an object: what the bases of the method's class have."""
        line = [of for of in lineage(instance.of) if isinstance(of, Class)]
        own = next((index for index, of in enumerate(line) if _defines(of, method)), 0)
        found: dict[str, Value] = {"__init__": (Method(instance, "__init__", "super()"),)}
        for of in reversed(line[own + 1 :]):
            for name, value in of.body.names.items():
                found[name] = tuple(self._bound(atom, instance.of, instance) for atom in value)
        return Record(found)

    def _bound(self, atom: Atom, of: Class, instance: Instance | None) -> Atom:
        if not isinstance(atom, Function) or atom.args or atom.tag == "staticmethod":
            return atom
        if atom.tag == "classmethod":
            return Function(atom.node, atom.scope, ((of,),), atom.kwargs, atom.tag)
        return Function(atom.node, atom.scope, ((instance,),), atom.kwargs, atom.tag) if instance else atom


def _defines(of: Class, method: ast.AST) -> bool:
    return any(isinstance(atom, Function) and atom.node is method for value in of.body.names.values() for atom in value)
