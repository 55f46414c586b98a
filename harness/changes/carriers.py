"""What a span holds and how a text is written there: a Python literal, one value of a document, or a whole file.

Knows nothing of proposals and writes no file.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Protocol

from harness import documents
from harness.changes.identities import MODEL
from harness.changes.numbers import Number, as_number, new_number
from harness.changes.programs import without
from harness.changes.voting import SAMPLES, Vote
from harness.documents import DocumentError
from harness.literals import LiteralError, normal, parse_literal, parse_text, render_literal, render_text
from harness.sources import Source
from harness.types import Change, Parts, Span, TemplateKind, text_of


class Carrier(Protocol):
    """One way to hold what a change replaces.

    All raise LiteralError or UnreadableError where the file is not as it should be.
    """

    def holds(self, source: Source, change: Change) -> bool:
        """Whether ``change.old`` stands at the change's span."""
        ...

    def code(self, source: Source, change: Change) -> str:
        """What is to stand at the change's span, with the line endings of the file."""
        ...

    def is_only(self, source: Source, written: Source, span: Span, change: Change) -> bool:
        """Whether ``written`` holds ``change.new`` at ``span`` and means the same as ``source`` elsewhere."""
        ...


def carrier(change: Change) -> Carrier:
    """The carrier of what a change replaces."""
    if change.parameter == SAMPLES:
        return Vote()
    if change.parameter and change.parameter != MODEL:
        kind = documents.SUFFIXES.get(PurePosixPath(change.span.file).suffix)
        return _DocumentNumber(kind) if kind else Number()
    if change.kind in documents.KINDS:
        return _Document(change.kind)
    return _Python() if is_literal(change.kind, change.span) else _Whole()


def is_literal(kind: str, span: Span) -> bool:
    """Whether a text of this kind at this place is a string literal of a program."""
    return kind not in documents.KINDS and span.file.endswith((".py", ".pyi"))


def is_text_file(kind: str, span: Span) -> bool:
    """Whether a text of this kind at this place is all that its file holds."""
    return kind not in documents.KINDS and not is_literal(kind, span)


class _Python:
    """A string literal of a program."""

    def holds(self, source: Source, change: Change) -> bool:
        return _literal(source, change.span, change.template) == normal(change.old)

    def code(self, source: Source, change: Change) -> str:
        text = render_literal(change.new, change.template, source.slice(change.span), source.encoding)
        return text.replace("\n", source.newline)

    def is_only(self, source: Source, written: Source, span: Span, change: Change) -> bool:
        same = _literal(written, span, change.template) == normal(change.new)
        return same and without(source, change.span) == without(written, span)


class _Whole:
    """All the text of a file."""

    def holds(self, source: Source, change: Change) -> bool:
        return parse_text(source.slice(change.span), change.template) == normal(change.old)

    def code(self, source: Source, change: Change) -> str:
        return render_text(change.new, change.template).replace("\n", source.newline)

    def is_only(self, source: Source, written: Source, span: Span, change: Change) -> bool:
        return parse_text(written.slice(span), change.template) == normal(change.new)


class _Document:
    """One text value of a YAML, TOML or JSON file."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def holds(self, source: Source, change: Change) -> bool:
        return self._value(source, change.span, change.template) == normal(change.old)

    def code(self, source: Source, change: Change) -> str:
        text = render_text(change.new, change.template)
        try:
            return documents.rewritten(self._kind, source.text, source.index(change.span.start), text, source.newline)
        except DocumentError as error:
            raise LiteralError(str(error)) from error

    def is_only(self, source: Source, written: Source, span: Span, change: Change) -> bool:
        """The other values were compared by ``documents.rewritten``, which made the code."""
        return self._value(written, span, change.template) == normal(change.new)

    def _value(self, source: Source, span: Span, template: TemplateKind) -> Parts:
        try:
            leaf = documents.leaf_at(documents.read(self._kind, source.text), source.index(span.start))
        except DocumentError as error:
            raise LiteralError(str(error)) from error
        if source.place(leaf.end) != span.end:
            raise LiteralError("the value ends elsewhere")
        return parse_text(leaf.value, template)


class _DocumentNumber:
    """One number of a YAML, TOML or JSON file."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def holds(self, source: Source, change: Change) -> bool:
        return self._value(source, change.span) == as_number(text_of(change.old))

    def code(self, source: Source, change: Change) -> str:
        return text_of(change.new)

    def is_only(self, source: Source, written: Source, span: Span, change: Change) -> bool:
        value = self._value(written, span)
        before, after = (documents.read(self._kind, one.text) for one in (source, written))
        return value == new_number(change) and documents.same(before, after, source.index(span.start))

    def _value(self, source: Source, span: Span) -> float:
        try:
            value, end = documents.number_at(documents.read(self._kind, source.text), source.index(span.start))
        except DocumentError as error:
            raise LiteralError(str(error)) from error
        if source.place(end) != span.end:
            raise LiteralError("the number ends elsewhere")
        return value


def _literal(source: Source, span: Span, template: TemplateKind) -> Parts:
    return parse_literal(source.slice(span), template)
