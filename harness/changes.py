"""A proposal becomes a change of one span of one file, and the change becomes bytes.

Everything outside the span stays as it is, byte for byte; variables are preserved or the proposal is refused. Knows
nothing of how prompts are found or whether a change is any good.
"""

from __future__ import annotations

import ast
import os
import shutil
import tempfile
import textwrap
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from harness.errors import HarnessError
from harness.literals import LiteralError, normal, parse_literal, parse_text, render_literal, render_text
from harness.sources import Source, UnreadableError
from harness.types import Change, Node, Parts, Prompt, Proposal, Span, TemplateKind, Variable

_DEDENTS = ("dedent()", "cleandoc()")
LONGEST = 40_000  # characters of a prompt; beyond it a proposal is a mistake


class Refused(HarnessError):  # noqa: N818 - a decision, named as the loop speaks of it
    """The proposal cannot become a change; the message says why in words."""


class Stale(HarnessError):  # noqa: N818
    """The file is not what the change was made for."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What ``apply`` did, enough to undo it."""

    file: str
    start: int  # byte offset
    before: bytes
    after: bytes


def bind(proposal: Proposal, prompt: Prompt, node: Node, *, id: str, proposer: str) -> Change:
    """The proposal as a change of ``prompt``. Raises Refused where it may not or cannot be made.

    A text file keeps its last line ending; new lines of a literal that ``dedent`` reads get the margin of the others.
    """
    if prompt.proof != "proved":
        reason = f": {prompt.reason}" if prompt.reason else ""
        raise Refused(f"{prompt.id} is {prompt.proof}, not proved{reason}", where=_where(prompt.span))
    own = {part.source: part for part in prompt.parts if isinstance(part, Variable)}
    new = normal(tuple(p if isinstance(p, str) else own.get(p.source, p) for p in proposal.parts))
    old = normal(prompt.parts)
    if not _is_python(prompt.span) and _ends_line(old) and not _ends_line(new):
        new = normal((*new, "\n"))
    if any(hop.endswith(_DEDENTS) for hop in prompt.hops):
        new = _indented(new, _margin(old))
    _check_variables(old, new, prompt)
    if new == old:
        raise Refused("the text is unchanged", where=_where(prompt.span))
    length = sum(len(part if isinstance(part, str) else part.source) for part in new)
    if length > LONGEST:
        raise Refused(f"the text has {length:,} characters, over {LONGEST:,}", where=_where(prompt.span))
    _check_characters(new, prompt)
    return Change(
        id, node.name, proposal.technique, prompt.id, prompt.span, old, new, proposal.why, proposer, prompt.nodes,
        template=prompt.template,
    )  # fmt: skip


def apply(tree: Path, change: Change) -> Edit:
    """Write the change into its file below ``tree``, and nothing else.

    Raises Stale when the span does not hold ``change.old``, and Refused when the new text cannot be written there;
    then the file is untouched.
    """
    path = _inside(tree, change.span.file)
    source = _read(path, change.span)
    held = _parts(source.slice(change.span), change)
    if held != normal(change.old):
        raise Stale("the text here is not the one that the change replaces", where=_where(change.span))
    after = _rendered(source, change)
    raw = source.raw[: change.span.start] + after + source.raw[change.span.end :]
    _verify(source, raw, change, len(after))
    _write(path, raw)
    return Edit(change.span.file, change.span.start, source.raw[change.span.start : change.span.end], after)


def undo(tree: Path, edit: Edit) -> None:
    """Put back what ``apply`` replaced, byte for byte. Raises Stale when the edit is not there any more."""
    path = _inside(tree, edit.file)
    raw = path.read_bytes()
    end = edit.start + len(edit.after)
    if raw[edit.start : end] != edit.after:
        raise Stale("the edit is not there any more", where=edit.file)
    _write(path, raw[: edit.start] + edit.before + raw[end:])


# ---- may it be made --------------------------------------------------------------------------------------------------


def _check_variables(old: Parts, new: Parts, prompt: Prompt) -> None:
    before, after = (Counter(p.source for p in parts if isinstance(p, Variable)) for parts in (old, new))
    if before != after:
        lost, added = (", ".join((a - b).elements()) for a, b in ((before, after), (after, before)))
        words = "; ".join(filter(None, (f"lost {lost}" if lost else "", f"added {added}" if added else "")))
        raise Refused(f"the variables differ: {words}", where=_where(prompt.span))


def _check_characters(new: Parts, prompt: Prompt) -> None:
    text = "".join(part for part in new if isinstance(part, str))
    try:
        text.encode()
        if not _is_python(prompt.span) and "\r" in text:
            raise LiteralError("a text file cannot carry a carriage return of its own")
        if prompt.template != "fstring":
            render_text(new, prompt.template)
    except (UnicodeEncodeError, LiteralError) as error:
        raise Refused(f"the text cannot be written: {error}", where=_where(prompt.span)) from error


def _ends_line(parts: Parts) -> bool:
    return bool(parts) and isinstance(parts[-1], str) and parts[-1].endswith("\n")


def _margin(parts: Parts) -> str:
    """The indentation that all lines share, as ``textwrap.dedent`` removes it."""
    text = "".join(part if isinstance(part, str) else part.source for part in parts)
    kept = textwrap.dedent(text).splitlines()
    for line, bare in zip(text.splitlines(), kept, strict=True):
        if bare.strip():
            return line[: len(line) - len(bare)]
    return ""


def _indented(parts: Parts, margin: str) -> Parts:
    """The parts with the margin before each line that holds something and lacks it."""
    done: list[str | Variable] = []
    fresh = True  # at the start of a line
    for part in parts:
        if isinstance(part, Variable):
            done += [margin, part] if fresh else [part]
            fresh = False
            continue
        lines = part.split("\n")
        for index, line in enumerate(lines):
            begins = fresh if index == 0 else True
            lines[index] = margin + line if begins and line.strip() and not line.startswith(margin) else line
        fresh = (fresh or len(lines) > 1) and not lines[-1]
        done.append("\n".join(lines))
    return normal(tuple(done))


# ---- writing it ------------------------------------------------------------------------------------------------------


def _inside(tree: Path, file: str) -> Path:
    """The real path of a file of the tree; a link that leads out of it is refused, for others own what it points to."""
    path = (tree / file).resolve()
    if not path.is_relative_to(tree.resolve()):
        raise Refused("the file lies outside the tree", where=file, fix="keep prompts in files of the repository")
    return path


def _read(path: Path, span: Span) -> Source:
    try:
        return Source.read(path)
    except (OSError, UnreadableError) as error:
        raise Stale(f"the file cannot be read: {error}", where=_where(span)) from error


def _parts(text: str, change: Change) -> Parts:
    try:
        return _parse(text, change.span, change.template)
    except LiteralError as error:
        raise Stale(f"the text here cannot be read: {error}", where=_where(change.span)) from error


def _parse(text: str, span: Span, template: TemplateKind) -> Parts:
    return parse_literal(text, template) if _is_python(span) else parse_text(text, template)


def _rendered(source: Source, change: Change) -> bytes:
    try:
        if _is_python(change.span):
            text = render_literal(change.new, change.template, source.slice(change.span), source.encoding)
        else:
            text = render_text(change.new, change.template)
        return text.replace("\n", source.newline).encode(source.encoding)
    except (LiteralError, UnicodeEncodeError) as error:
        raise Refused(f"the text cannot be written here: {error}", where=_where(change.span)) from error


def _verify(source: Source, raw: bytes, change: Change, length: int) -> None:
    """Read the new bytes back: the span must hold ``change.new`` and the rest of the program must be the same."""
    span = Span(change.span.file, change.span.start, change.span.start + length, change.span.line, change.span.end_line)
    try:
        written = Source.of(raw, python=_is_python(span))
        same = _parse(written.slice(span), span, change.template) == normal(change.new)
        if same and _is_python(span):
            same = _without(source, change.span) == _without(written, span)
    except (UnreadableError, LiteralError) as error:
        raise Refused(f"the file would not be readable any more: {error}", where=_where(span)) from error
    if not same:
        raise Refused("the edit would change more than its text", where=_where(span))


def _without(source: Source, span: Span) -> str:
    """The syntax tree with the expression at ``span`` taken out. Raises UnreadableError when none is exactly there."""
    taken = _Taken(source, span)
    tree = taken.visit(source.tree())
    if taken.count != 1:
        raise UnreadableError(f"no single expression at line {span.line}")
    return ast.dump(tree)


class _Taken(ast.NodeTransformer):
    """Replaces the expression at a span by ``None``."""

    def __init__(self, source: Source, span: Span) -> None:
        self._source, self._span, self.count = source, span, 0

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp) and node.lineno == self._span.line:
            place = self._source.span(self._span.file, node)
            if (place.start, place.end) == (self._span.start, self._span.end):
                self.count += 1
                return ast.Constant(None)
        visited: ast.AST = self.generic_visit(node) if not isinstance(node, ast.JoinedStr) else node
        return visited


def _write(path: Path, raw: bytes) -> None:
    """Replace the file in one step, its mode kept."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
        shutil.copymode(path, name)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _is_python(span: Span) -> bool:
    return span.file.endswith((".py", ".pyi"))


def _where(span: Span) -> str:
    return f"{span.file}:{span.line}"
