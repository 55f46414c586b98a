"""A change becomes bytes, is read back, and can be taken back. Knows nothing of why a change is made."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness.changes.brought import bring
from harness.changes.carriers import carrier
from harness.changes.refusals import Refused, Stale, where_of
from harness.literals import LiteralError
from harness.sources import Source, UnreadableError
from harness.types import Change, Span

_LINE = re.compile(r"[^\n]*\n|[^\n]+")  # as git cuts lines


@dataclass(frozen=True, slots=True)
class Edit:
    """What ``apply`` did, enough to undo it."""

    file: str
    start: int  # byte offset
    before: bytes
    after: bytes


def apply(tree: Path, change: Change) -> Edit:
    """Write the change into its file below ``tree``, with the files that it brings, and nothing else.

    Raises Stale when the span does not hold ``change.old``, and Refused when the new text cannot be written there;
    then the file is untouched.
    """
    edit, raw = _edited(tree, change)
    bring(tree, change)
    _write(_inside(tree, edit.file), raw)
    return edit


def preview(tree: Path, change: Change) -> str:
    """The unified diff of what ``apply`` would do, as git applies it. Raises as ``apply``; writes nothing."""
    edit, raw = _edited(tree, change)
    source = _read(_inside(tree, edit.file), change.span)
    return unified(edit.file, *(data.decode(source.encoding) for data in (source.raw, raw)))


def unified(file: str, old: str, new: str) -> str:
    """The unified diff of two texts of a file, as git applies it."""
    lines = difflib.unified_diff(_LINE.findall(old), _LINE.findall(new), f"a/{file}", f"b/{file}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _edited(tree: Path, change: Change) -> tuple[Edit, bytes]:
    """The edit and all bytes of the file with it."""
    path = _inside(tree, change.span.file)
    source = _read(path, change.span)
    if not _holds(source, change):
        raise Stale("the text here is not the one that the change replaces", where=where_of(change.span))
    after = _rendered(source, change)
    raw = source.raw[: change.span.start] + after + source.raw[change.span.end :]
    _verify(source, raw, change, len(after))
    return Edit(change.span.file, change.span.start, source.raw[change.span.start : change.span.end], after), raw


def undo(tree: Path, edit: Edit) -> None:
    """Put back what ``apply`` replaced, byte for byte; files that a change brought stay.

    Raises Stale when the edit is not there any more.
    """
    path = _inside(tree, edit.file)
    raw = path.read_bytes()
    end = edit.start + len(edit.after)
    if raw[edit.start : end] != edit.after:
        raise Stale("the edit is not there any more", where=edit.file)
    _write(path, raw[: edit.start] + edit.before + raw[end:])


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
        raise Stale(f"the file cannot be read: {error}", where=where_of(span)) from error


def _holds(source: Source, change: Change) -> bool:
    try:
        return carrier(change).holds(source, change)
    except (LiteralError, UnreadableError) as error:
        raise Stale(f"the text here cannot be read: {error}", where=where_of(change.span)) from error


def _rendered(source: Source, change: Change) -> bytes:
    try:
        return carrier(change).code(source, change).encode(source.encoding)
    except (LiteralError, UnicodeEncodeError) as error:
        raise Refused(f"the text cannot be written here: {error}", where=where_of(change.span)) from error


def _verify(source: Source, raw: bytes, change: Change, length: int) -> None:
    """Read the new bytes back: the span must hold ``change.new`` and the rest must mean the same."""
    span = Span(change.span.file, change.span.start, change.span.start + length, change.span.line, change.span.end_line)
    try:
        written = Source.of(raw, python=source.python)
        same = carrier(change).is_only(source, written, span, change)
    except (UnreadableError, LiteralError) as error:
        raise Refused(f"the file would not be readable any more: {error}", where=where_of(span)) from error
    if not same:
        raise Refused("the edit would change more than its text", where=where_of(span))


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
