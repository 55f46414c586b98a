"""Foreign text -> safe Markdown, and the few shapes of Markdown that a report uses. Knows nothing of what they hold.

Whatever the user's repo, its cases or a model wrote may hold pipes, backticks, HTML, links or new lines; none of it may
change the structure of the document. Functions return ``Markup`` ("this is Markdown already"); the template engine
escapes every other string as HTML, so that a forgotten call is ugly and never harmful.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from harness.figures import one_line

LONG = 40  # lines after which a block is folded
EMPTY = "(empty)"  # an empty list item or cell would change how its neighbours are read
CLIP = 400  # characters of foreign text in running text
_SPECIAL = re.compile(r"[\\`*_\[\]~$]")
# The word joiner behind an @ keeps GitHub from telling people that they were mentioned.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "@": "&#64;&#8288;"}
_LEADING = re.compile(r"^(\d{1,9})([.)])(?=\s|$)|^([-+=#])")


def markdown(text: str) -> Markup:
    """Says that ``text`` is Markdown already: made by the helpers below, or by us without foreign text."""
    return Markup(text)  # noqa: S704


def line(text: str, clip: int = CLIP) -> str:
    """One line without control characters or marks that reorder text, at most ``clip`` characters."""
    flat = one_line(text)
    return flat if len(flat) <= clip else flat[: clip - 3].rstrip() + "..."


def inline(text: str, clip: int = CLIP) -> Markup:
    """Running text that reads as it was written, also at the start of a line."""
    return markdown(_LEADING.sub(r"\1\\\2\3", _escaped(line(text, clip))) or EMPTY)


def code(text: str, clip: int = CLIP) -> Markup:
    """A name, path or label in a code span; entities where a span could not hold it, as in the cell of a table."""
    flat = line(text, clip)
    if not flat:
        return markdown(EMPTY)
    if re.search(r"[`|\\]", flat):
        return markdown(f"<code>{''.join(c if c.isalnum() or c == ' ' else f'&#{ord(c)};' for c in flat)}</code>")
    return markdown(f"`{flat}`")


def fenced(text: str, language: str = "") -> Markup:
    """A code block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    body = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd").rstrip("\n")
    return markdown(f"{fence}{language}\n{body}\n{fence}")


def table(columns: Sequence[str], rows: Iterable[Sequence[Markup | str]], right: str = "") -> Markup:
    """A table. Cells that are plain strings are escaped; ``right`` holds one letter per column: r is right-aligned."""
    marks = [":--" if mark != "r" else "--:" for mark in right.ljust(len(columns), "l")]
    lines = [columns, marks, *([_cell(cell) for cell in row] for row in rows)]
    return markdown("\n".join(f"| {' | '.join(cells)} |" for cells in lines))


def folded(title: str, body: str, lines: int = LONG) -> Markup:
    """``body`` behind a click when it is longer than ``lines`` lines, else as it is."""
    if body.count("\n") < lines:
        return markdown(body)
    head = Markup("<summary>{}</summary>").format(line(title))
    return markdown(f"<details>{head}\n\n{body}\n\n</details>")


def image(alternative: str, file: str) -> Markup:
    """A picture that lies beside the document; both texts are ours, so nothing in them is escaped."""
    return markdown(f"![{alternative}]({file})")


def listed(items: Iterable[Markup]) -> Markup:
    """A bullet list."""
    return markdown("\n".join(f"- {item}" for item in items))


def text_diff(old: str, new: str) -> str:
    """What changed between two texts, line by line, with two lines of context."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=2, lineterm="")
    return "\n".join(list(lines)[2:])  # without the two lines that name files


def split_diff(diff: str) -> list[tuple[str, str]]:
    """A unified diff of git by file: (path, its part)."""
    parts = re.split(r"^(?=diff --git )", diff, flags=re.MULTILINE)
    return [(_path(part), part.rstrip("\n")) for part in parts if part.strip()]


def _path(part: str) -> str:
    head = part.split("\n@@ ", 1)[0].splitlines()
    named = {text[:4]: text[6:] for text in head if text.startswith(("+++ b/", "--- a/"))}
    return named.get("+++ ") or named.get("--- ") or head[0].rsplit(" b/", 1)[-1]


def _cell(cell: Markup | str) -> str:
    return str(cell) if isinstance(cell, Markup) else _escaped(line(cell))


def _escaped(text: str) -> str:
    return "".join(_ENTITIES.get(c) or (f"\\{c}" if _SPECIAL.match(c) else c) for c in text)
